package execution

import (
	"slices"
	"strings"
	"testing"

	"bonafide/kyc"
	"bonafide/procedure"
)

func TestManualKYCCarriesTheStepUntilItIsInvalidated(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.define(t, b.live, "KYC", "ONBOARDING", step("KYC", "KYC", map[string]any{"sources": []any{
		map[string]any{"name": "bureau", "url": "https://bureau.example/verify", "signingSecret": "webhook_x"}}}))
	b.say["watchlist_screening"] = b.screenHouse
	asked := func() int {
		b.mu.Lock()
		defer b.mu.Unlock()
		n := 0
		for _, r := range b.asked {
			if r.Policy == "kyc_verification" && r.Established[procedure.KeyManualKYC] == nil {
				n++
			}
		}
		return n
	}
	who := b.somebody(t, b.live, "Ada", "Manual")
	passport := b.paper(t, who, "PASSPORT", "2031-01-01")
	if x := b.execute(t, who, "KYC"); x.Execution.Result == "PASS" || asked() != 1 {
		t.Fatalf("without a source it ended %s, asked %d times", x.Execution.Result, asked())
	}
	b.advance(1e9)
	approve := func() ([]kyc.ProcessResult, error) {
		return b.ApproveManualKYC(b.ctx, b.live, b.by, who.ID, Approval{ApprovedBy: "OPERATOR123", Documents: []kyc.ID{passport.ID}, Hand: Hand{Comment: "seen in the branch", RequestID: "01MKYC"}})
	}
	got, err := approve()
	if err != nil || len(got) != 1 {
		t.Fatalf("%d results %v", len(got), err)
	}
	if r := got[0]; r.Result != "MANUAL" || r.Class != "KYC" || r.SystemStatus != "VALID" || r.ObjectID != passport.ID || r.ExecutionID != "" || r.RequestID != "01MKYC" ||
		r.Private.Notes["approvedBy"] != "OPERATOR123" || r.Private.Comments[0].Text != "seen in the branch" {
		t.Errorf("result %+v", r)
	}
	b.advance(1e9)
	x := b.execute(t, who, "KYC")
	if x.Execution.Result != "PASS" || !x.Execution.Manual || asked() != 1 {
		t.Errorf("with evidence it ended %s, manual %t, asked %d times; %+v", x.Execution.Result, x.Execution.Manual, asked(), x.Execution.Errors)
	}
	b.advance(1e9)
	undone, err := b.InvalidateManualKYC(b.ctx, b.live, b.by, who.ID, Hand{Comment: "forged"})
	if err != nil || len(undone) != 2 || undone[0].ID != got[0].ID || undone[1].ExecutionID != x.Execution.ID {
		t.Fatal(undone, err)
	}
	for _, r := range undone {
		if r.SystemStatus != "MARKED_INVALID" || r.Result != "MANUAL" {
			t.Errorf("undone %+v", r)
		}
	}
	if e, err := b.db.Execution(b.ctx, b.live, x.Execution.ID); err != nil || e.Result != "PASS" || e.Risk == nil || !e.Risk.IsOutdated {
		t.Errorf("the execution it carried is %s, risk %+v, %v", e.Result, e.Risk, err)
	}
	b.advance(1e9)
	if x := b.execute(t, who, "KYC"); x.Execution.Result == "PASS" || x.Execution.Manual || asked() != 2 {
		t.Errorf("after that it ended %s, manual %t, asked %d times", x.Execution.Result, x.Execution.Manual, asked())
	}
	_, err = b.InvalidateManualKYC(b.ctx, b.live, b.by, who.ID, Hand{})
	has(t, err, kyc.Conflict, "mkyc_not_present")
	if _, err := approve(); err != nil { // evidence may be given anew
		t.Error(err)
	}
}

func TestManualKYCRefusesWhatIsNotEnough(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	who, other := b.somebody(t, b.live, "Ada", "Manual"), b.somebody(t, b.live, "Eve", "Manual")
	expired, visa, theirs := b.paper(t, who, "PASSPORT", "2020-01-01"), b.paper(t, who, "VISA", ""), b.paper(t, other, "PASSPORT", "")
	for name, docs := range map[string][]kyc.ID{"expired": {expired.ID}, "secondary alone": {visa.ID}, "of somebody else": {theirs.ID}, "unknown": {kyc.NewID(b.Now())}} {
		_, err := b.ApproveManualKYC(b.ctx, b.live, b.by, who.ID, Approval{ApprovedBy: "OPERATOR123", Documents: docs})
		if e := has(t, err, kyc.Invalid, "mkyc_insufficient_evidence"); len(e.Problems) == 0 || !strings.HasPrefix(e.Problems[0].Path, "/approvedDocuments") {
			t.Errorf("%s: %+v", name, e.Problems)
		}
	}
	_, err := b.ApproveManualKYC(b.ctx, b.live, b.by, who.ID, Approval{})
	if e := has(t, err, kyc.Malformed, "invalid_body"); len(e.Problems) != 2 {
		t.Errorf("problems %+v", e.Problems)
	}
	_, err = b.ApproveManualKYC(b.ctx, b.sandbox, b.by, who.ID, Approval{ApprovedBy: "x", Documents: []kyc.ID{visa.ID}})
	has(t, err, kyc.NotFound, "not_found")
	if found, err := b.manualResults(b.ctx, b.live, who.ID); err != nil || len(found) != 0 {
		t.Errorf("a refused approval left %+v %v", found, err)
	}
}

func TestIssuesAreClearedByHand(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.houseWorkflow(t)
	b.lists.become(map[string]string{"h-1": "Grabow, Anton"})
	who, other := b.somebody(t, b.live, "Ada", "Grabow"), b.somebody(t, b.live, "Eve", "Smith")
	x := b.execute(t, who, "Take on")
	if len(x.Execution.Issues) == 0 {
		t.Fatal("no issue")
	}
	issue := x.Execution.Issues[0]
	b.advance(1e9)
	clear := func(of kyc.ID, cleared bool, comment string) (kyc.EntityIssue, kyc.Execution, error) {
		return b.ClearIssue(b.ctx, b.live, b.by, of, issue.ID, Clearing{Cleared: cleared, Hand: Hand{Operator: "OPERATOR123", Comment: comment, RequestID: "01ISSUE"}})
	}
	got, e, err := clear(who.ID, true, "asked the bank")
	if err != nil || !got.IsCleared || !got.ClearedByHand || got.UpdatedBy != "OPERATOR123" || got.RequestID != "01ISSUE" || e.Private.Issues[issue.ID] != "asked the bank" ||
		e.Result != x.Execution.Result || !e.Risk.IsOutdated {
		t.Fatalf("%+v of %+v %v", got, e, err)
	}
	// It stays so when results are judged later.
	if _, err := b.Judge(b.ctx, b.live, b.by, who.ID, Judgement{Kind: "aml", Status: "TRUE_POSITIVE", Results: ids(hitsOf(x))}); err != nil {
		t.Fatal(err)
	}
	if e, err = b.db.Execution(b.ctx, b.live, e.ID); err != nil || !e.Issues[0].IsCleared {
		t.Errorf("reopened by a judgement: %+v %v", e.Issues[0], err)
	}
	if got, _, err = clear(who.ID, false, "looked again"); err != nil || got.IsCleared || got.ClearedByHand {
		t.Errorf("opened %+v %v", got, err)
	}
	_, _, err = clear(who.ID, true, "")
	has(t, err, kyc.Malformed, "comment_required")
	_, _, err = clear(other.ID, true, "why")
	has(t, err, kyc.NotFound, "not_found")
}

func TestARiskOverrideHoldsWhileTheFactorsStay(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.houseWorkflow(t)
	who := b.somebody(t, b.live, "Ada", "Smith")
	risk := func(level string, rev int64) (Executed, error) {
		return b.OverrideRisk(b.ctx, b.live, b.by, who.ID, "onboarding", rev, Risk{Level: level, Hand: Hand{Operator: "OPERATOR123", Comment: "lives abroad"}})
	}
	_, err := risk("HIGH", 0)
	has(t, err, kyc.NotFound, "not_found")
	first := b.execute(t, who, "Take on")
	b.advance(1e9)
	_, err = risk("SKY", 0)
	has(t, err, kyc.Malformed, "level_invalid")
	_, err = risk("HIGH", 99)
	has(t, err, kyc.PreconditionFailed, "etag_mismatch")
	x, err := risk("HIGH", 0)
	if err != nil || x.Execution.ID != first.Execution.ID || x.Execution.Risk.OverriddenLevel != "HIGH" || x.Execution.Risk.Level != first.Execution.Risk.Level ||
		x.Execution.Risk.UpdatedBy != "OPERATOR123" || x.Execution.Result != "PASS" || x.Profile.RiskOverride == nil {
		t.Fatalf("%+v %v", x.Execution.Risk, err)
	}
	b.advance(1e9)
	if x := b.execute(t, who, "Take on"); x.Execution.Risk.OverriddenLevel != "HIGH" || x.Execution.Result != "REVIEW" {
		t.Errorf("the level was not taken over: %+v, %s", x.Execution.Risk, x.Execution.Result)
	}
	// Another age is another factor.
	i, err := b.db.Individual(b.ctx, b.live, who.ID)
	if err != nil {
		t.Fatal(err)
	}
	i.Private.BirthDate = kyc.BirthDate{Year: 1950, Normalized: "1950-01-01"}
	b.put(t, &i)
	c, err := b.FactorsChanged(b.ctx, b.live, who.ID)
	if err != nil || len(c.Put) != 1 {
		t.Fatalf("%d outdated %v", len(c.Put), err)
	}
	if e, ok := c.Put[0].(*kyc.Execution); !ok || !e.Risk.IsOutdated || e.ID == first.Execution.ID {
		t.Errorf("outdated %+v", c.Put[0])
	}
	if err := b.db.Commit(b.ctx, &c); err != nil {
		t.Fatal(err)
	}
	if again, err := b.FactorsChanged(b.ctx, b.live, who.ID); err != nil || !again.Empty() {
		t.Errorf("outdated twice: %+v %v", again, err)
	}
	b.advance(1e9)
	if x := b.execute(t, who, "Take on"); x.Execution.Risk.OverriddenLevel != "" {
		t.Errorf("the level holds for other factors: %+v", x.Execution.Risk)
	}
}

func TestWorkflowsOfAService(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	first := b.define(t, b.live, "Five", "ONBOARDING", five()...)
	if first.Workflow.Slug != kyc.ServiceSlug("onboarding", "five") || first.Version.Format != Format || first.Workflow.Service.Phase != "ONBOARDING" {
		t.Errorf("stored %+v", first.Workflow)
	}
	_, err := b.CreateWorkflow(b.ctx, b.live, b.by, first.Version.Source, false)
	has(t, err, kyc.Conflict, "workflow_exists")
	_, err = b.CreateWorkflow(b.ctx, b.live, b.by, []byte(`{"serviceName":"","workflowName":"x","steps":[{"name":"A","type":"NONE"}]}`), false)
	if e := has(t, err, kyc.Invalid, "invalid_workflow"); len(e.Problems) < 2 {
		t.Errorf("problems %+v", e.Problems)
	}
	other := strings.Replace(string(first.Version.Source), `"Onboarding"`, `"Lending"`, 1)
	if _, err := b.CreateWorkflow(b.ctx, b.live, b.by, []byte(other), false); err != nil {
		t.Fatal(err)
	}
	if _, err := b.CreateWorkflow(b.ctx, b.sandbox, b.by, first.Version.Source, false); err != nil {
		t.Errorf("the sandbox has names of its own: %v", err)
	}
	list, n, err := b.Workflows(b.ctx, b.live, "", kyc.Page{Limit: 10})
	if err != nil || n != 2 || len(list) != 2 || list[0].Definition == nil {
		t.Errorf("%d of %d %v", len(list), n, err)
	}
	list, n, err = b.Workflows(b.ctx, b.live, "onboarding", kyc.Page{Limit: 10})
	if err != nil || n != 1 || list[0].Workflow.ID != first.Workflow.ID {
		t.Errorf("of one service: %d %v", n, err)
	}
	same, err := b.ReplaceWorkflow(b.ctx, b.live, b.by, first.Workflow.ID, first.Workflow.Rev, first.Version.Source, false)
	if err != nil || same.Changed || same.Version.Number != 1 {
		t.Errorf("an unchanged definition made version %d %v", same.Version.Number, err)
	}
	renamed := strings.Replace(string(first.Version.Source), `"Five"`, `"Five 2"`, 1)
	next, err := b.ReplaceWorkflow(b.ctx, b.live, b.by, first.Workflow.ID, 0, []byte(renamed), false)
	if err != nil || !next.Changed || next.Version.Number != 2 || next.Workflow.Name != "Five 2" {
		t.Fatalf("%+v %v", next.Workflow, err)
	}
	_, err = b.ReplaceWorkflow(b.ctx, b.live, b.by, first.Workflow.ID, first.Workflow.Rev, []byte(renamed), false)
	has(t, err, kyc.PreconditionFailed, "etag_mismatch")
	_, err = b.ReplaceWorkflow(b.ctx, b.live, b.by, first.Workflow.ID, 0, []byte(strings.Replace(other, "Lending", "lending", 1)), false)
	has(t, err, kyc.Conflict, "workflow_exists")
	if _, err := b.DeleteWorkflow(b.ctx, b.live, b.by, first.Workflow.ID, 0); err != nil {
		t.Fatal(err)
	}
	_, err = b.Workflow(b.ctx, b.live, first.Workflow.ID)
	has(t, err, kyc.NotFound, "not_found")
	_, err = b.DeleteWorkflow(b.ctx, b.live, b.by, first.Workflow.ID, 0)
	has(t, err, kyc.NotFound, "not_found")
	if _, err := b.CreateWorkflow(b.ctx, b.live, b.by, []byte(renamed), false); err != nil {
		t.Errorf("the names of a deleted workflow are not free: %v", err)
	}
	_, err = b.Workflow(b.ctx, b.sandbox, next.Workflow.ID)
	has(t, err, kyc.NotFound, "not_found")
}

// An execution keeps the version it began with.
func TestAnExecutionIsPinnedToItsVersion(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	st := b.define(t, b.sandbox, "Five", "ONBOARDING", five()...)
	who := b.somebody(t, b.sandbox, "Ada", "Approve")
	b.paper(t, who, "PASSPORT", "")
	x := b.execute(t, who, "Five")
	smaller := strings.Replace(string(st.Version.Source), `"type":"FRAUD"`, `"type":"NAME_VALIDATION"`, 1)
	smaller = strings.Replace(smaller, `"checks":["email_risk","phone_risk","risk_assessment"],`, ``, 1)
	if _, err := b.ReplaceWorkflow(b.ctx, b.sandbox, b.by, st.Workflow.ID, 0, []byte(smaller), false); err != nil {
		t.Fatal(err)
	}
	b.advance(1e9)
	next := b.execute(t, who, "Five")
	if x.Execution.Version != 1 || next.Execution.Version != 2 {
		t.Errorf("versions %d and %d", x.Execution.Version, next.Execution.Version)
	}
	list, n, err := b.Executions(b.ctx, b.sandbox, ExecutionQuery{SubjectID: who.ID, ServiceName: "Onboarding", WorkflowName: "Five"}, kyc.Page{Limit: 1})
	if err != nil || n != 2 || len(list) != 1 || list[0].Execution.ID != next.Execution.ID || len(list[0].Results) == 0 || list[0].Profile.ID == "" {
		t.Errorf("%d of %d %v", len(list), n, err)
	}
	if _, n, err = b.Executions(b.ctx, b.sandbox, ExecutionQuery{SubjectID: who.ID, Results: []string{"FAIL"}}, kyc.Page{Limit: 10}); err != nil || n != 0 {
		t.Errorf("%d failed %v", n, err)
	}
	_, _, err = b.Executions(b.ctx, b.sandbox, ExecutionQuery{SubjectID: who.ID, ServiceName: "Lending"}, kyc.Page{Limit: 10})
	has(t, err, kyc.NotFound, "not_found")
	results, n, err := b.Results(b.ctx, b.sandbox, kyc.ProcessFilter{SubjectID: who.ID, StepNames: []string{"AML"}}, kyc.Page{Limit: 100})
	if err != nil || n == 0 || slices.ContainsFunc(results, func(r kyc.ProcessResult) bool { return r.StepName != "AML" }) {
		t.Errorf("%d results %v", n, err)
	}
}
