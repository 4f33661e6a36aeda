package execution

import (
	"slices"
	"testing"

	"bonafide/kyc"
)

func TestIdsOfOneMomentAreInOrder(t *testing.T) {
	t.Parallel()
	next := inOrder(newBench(t).Now())
	var last kyc.ID
	for i := range 10_000 {
		id := next()
		if _, ok := kyc.ParseID(string(id)); !ok || id <= last {
			t.Fatalf("id %d: %s after %s", i, id, last)
		}
		last = id
	}
}

// The results of an execution stand in the order of its steps and checks.
func TestResultsStandInTheOrderOfTheSteps(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.define(t, b.sandbox, "Five", "ONBOARDING", append(five(), step("KYC", "KYC", nil))...)
	who := b.somebody(t, b.sandbox, "Ada", "Approve")
	b.paper(t, who, "PASSPORT", "")
	x := b.execute(t, who, "Five")
	var wanted []kyc.ID
	for _, s := range x.Execution.Steps {
		wanted = append(wanted, s.ProcessResults...)
	}
	if len(wanted) < 10 || !slices.Equal(ids(x.Results), wanted) {
		t.Errorf("%v, want %v", ids(x.Results), wanted)
	}
	listed, _, err := b.Results(b.ctx, b.sandbox, kyc.ProcessFilter{SubjectID: who.ID}, kyc.Page{Limit: 100})
	slices.Reverse(wanted)
	if err != nil || !slices.Equal(ids(listed), wanted) {
		t.Errorf("newest first: %v, want %v, %v", ids(listed), wanted, err)
	}
	for _, r := range x.Results { // nothing is verified that the person does not have
		if data, _ := r.Private.Supplementary["matchData"].(map[string]any); r.StepType == "ELECTRONIC_VERIFICATION" && (r.ObjectID == "" || len(data) == 0) {
			t.Errorf("%v of nothing: %+v", r.Private.Supplementary["type"], r)
		}
	}
	var docs []kyc.ID
	for _, kind := range []string{"BIRTH_CERT", "CITIZENSHIP", "VISA"} {
		docs = append(docs, b.paper(t, who, kind, "").ID)
	}
	approved, err := b.ApproveManualKYC(b.ctx, b.sandbox, b.by, who.ID, Approval{ApprovedBy: "ann", Documents: docs})
	if err != nil || !slices.IsSortedFunc(approved, func(a, b kyc.ProcessResult) int {
		return slices.Compare([]string{string(a.ID)}, []string{string(b.ID)})
	}) {
		t.Errorf("evidence %v %v", ids(approved), err)
	}
}
