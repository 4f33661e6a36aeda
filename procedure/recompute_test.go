package procedure

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"

	"bonafide/kyc"
)

// finished is an execution with hits of every kind, as it was recorded.
func finished(t *testing.T, rest string) (*Definition, kyc.Execution, []kyc.ProcessResult) {
	t.Helper()
	d, v := judged(t, `{"type":"KYC"},{"type":"IDV","configuration":{"checks":["document_ocr"]}},{"type":"AML","configuration":{"pep":false}},{"type":"MATCHLIST"},{"type":"DUPLICATE"},{"type":"FRAUD","configuration":{"checks":["email_risk"]}}`, rest,
		func(f *Facts) {
			f.Checks["kyc_verification"] = kyc.CheckFact{Status: "review"}
			f.Checks["document_ocr"] = kyc.CheckFact{Status: "review"}
			f.Checks["watchlist_screening"] = kyc.CheckFact{Status: "failed", Hits: []kyc.Hit{{List: "un", EntryID: "1", Type: "sanction", Name: "X"}, {List: "un", EntryID: "2", Type: "pep", Name: "Y"}}}
			f.Checks["matchlist_screening"] = kyc.CheckFact{Status: "failed", Details: map[string]any{"hits": []any{map[string]any{"list": "l", "entry": "e", "action": "BLOCK"}}}}
			f.Checks["duplicate_detection"] = kyc.CheckFact{Status: "failed", Details: map[string]any{"entities": []any{map[string]any{"entity_id": "e-2"}}}}
			f.Checks["email_risk"] = kyc.CheckFact{Status: "review"}
		})
	e := kyc.Execution{State: v.State, Status: v.Result, Result: v.Result, Steps: v.Steps, Issues: v.Issues, Risk: v.Risk}
	if e.Result != Blocked || len(v.Process) != 7 {
		t.Fatalf("%s %+v", e.Result, v.Process)
	}
	return d, e, v.Process
}

// say gives every result of a kind a word.
func say(list []kyc.ProcessResult, kind, word string) []kyc.ProcessResult {
	out := slices.Clone(list)
	for i := range out {
		if KindOf(&out[i]) == kind {
			out[i].Manual = &kyc.ManualStatus{Status: word, By: "ann", At: at}
		}
	}
	return out
}

func stepOf(e kyc.Execution, name string) kyc.StepResult {
	return e.Steps[slices.IndexFunc(e.Steps, func(s kyc.StepResult) bool { return s.Name == name })]
}

// Every manual status of every kind: what the step becomes, what its issues do,
// and that the result of the machine stays.
func TestEveryManualStatus(t *testing.T) {
	t.Parallel()
	steps := map[string]string{KindAML: "AML", KindIDV: "IDV", KindMatchlist: "MATCHLIST", KindDuplicate: "DUPLICATE", KindFraud: "FRAUD", KindKYC: "KYC"}
	open := map[string]string{"AML": StepHit, "MATCHLIST": StepHit, "DUPLICATE": StepHit, "IDV": StepClearReview, "FRAUD": StepClearReview, "KYC": StepPartial}
	want := map[string]string{ // by kind and word, where it is not what it was
		"aml FALSE_POSITIVE": StepCleared, "aml TRUE_POSITIVE_ACCEPT": StepHitAccepted, "aml UNKNOWN_ACCEPT": StepHitAccepted, "aml TRUE_POSITIVE_REJECT": StepHitRejected, "aml UNKNOWN_REJECT": StepHitRejected,
		"matchlist FALSE_POSITIVE": StepCleared, "matchlist TRUE_POSITIVE_ACCEPT": StepHitAccepted, "matchlist UNKNOWN_ACCEPT": StepHitAccepted, "matchlist TRUE_POSITIVE_REJECT": StepHitRejected, "matchlist UNKNOWN_REJECT": StepHitRejected,
		"duplicate FALSE_POSITIVE": StepCleared, "duplicate TRUE_POSITIVE_ACCEPT": StepHitAccepted, "duplicate TRUE_POSITIVE_REJECT": StepHitRejected,
		"idv CLEAR": StepCleared, "idv REJECTED": StepFail, "kyc PASS": StepCleared, "kyc FAIL": StepFail, "fraud FALSE_POSITIVE": StepCleared, "fraud TRUE_POSITIVE": StepFail,
	}
	tried := 0
	for _, kind := range Kinds() {
		for _, word := range ManualStatuses(kind) {
			tried++
			d, e, results := finished(t, `"riskModel":{"factors":[]}`)
			before, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			got := Recompute(d, e, say(results, kind, word), true)
			if after, _ := json.Marshal(e); string(after) != string(before) {
				t.Fatal("what was given has changed")
			}
			expected := want[kind+" "+word]
			if expected == "" {
				expected = open[steps[kind]]
			}
			s := stepOf(got, steps[kind])
			if s.Result != expected || got.Result != Blocked || got.State != e.State || !got.Risk.IsOutdated || got.Risk.Score != e.Risk.Score {
				t.Errorf("%s %s: %s, want %s; %s", kind, word, s.Result, expected, got.Result)
			}
			for i, issue := range got.Issues {
				mine := issue.StepName == steps[kind]
				if mine && issue.IsCleared != (expected == StepCleared || expected == StepHitAccepted) || !mine && !reflect.DeepEqual(issue, e.Issues[i]) {
					t.Errorf("%s %s: %+v", kind, word, issue)
				}
			}
			switch {
			case Refuses(word) || kind == KindFraud && word == TruePositive:
				if got.Status != Fail {
					t.Errorf("%s %s: %s", kind, word, got.Status)
				}
			case kind == KindMatchlist && Accepts(word):
				if got.Status != Review {
					t.Errorf("%s %s: %s", kind, word, got.Status)
				}
			default:
				if got.Status != Blocked {
					t.Errorf("%s %s: %s", kind, word, got.Status)
				}
			}
		}
	}
	if tried != 7+2+7+4+3+2 {
		t.Errorf("%d words were tried", tried)
	}
	if ManualStatuses("weather") != nil || Resolves("FALSE_POSITIVE_ACCEPT") || Resolves(TruePositive) || Resolves(Unknown) {
		t.Error("words that are none")
	}
}

func TestSummariesCount(t *testing.T) {
	t.Parallel()
	d, e, results := finished(t, "")
	for i := range results {
		if results[i].Hit == "un|1" {
			results[i].Manual = &kyc.ManualStatus{Status: FalsePositive}
		}
	}
	s := stepOf(Recompute(d, e, results, false), "AML")
	for key, want := range map[string]int{"totalHits": 2, "falsePositives": 1, "truePositives": 0, "unresolved": 1, "unresolvedSanction": 0, "unresolvedPEP": 1} {
		if count(s.Summary, key) != want {
			t.Errorf("%s is %v, want %d", key, s.Summary[key], want)
		}
	}
	if s.Result != StepHit || s.Summary["machineResult"] != StepClear {
		t.Errorf("%+v", s)
	}
}

// Everything is accepted: the status follows when it may, and only then.
func TestTheStatusFollows(t *testing.T) {
	t.Parallel()
	accept := func(results []kyc.ProcessResult) []kyc.ProcessResult {
		for kind, word := range map[string]string{KindAML: FalsePositive, KindIDV: "CLEAR", KindMatchlist: FalsePositive, KindDuplicate: FalsePositive, KindFraud: FalsePositive, KindKYC: "PASS"} {
			results = say(results, kind, word)
		}
		return results
	}
	d, e, results := finished(t, "")
	results = accept(results)
	if got := Recompute(d, e, results, true); got.Status != Pass || got.Result != Blocked || got.Risk.Level != "UNACCEPTABLE" || !got.Risk.IsOutdated {
		t.Errorf("%s %s %+v", got.Status, got.Result, got.Risk)
	}
	if got := Recompute(d, e, results, false); got.Status != Blocked {
		t.Errorf("without autoRecalculate: %s", got.Status)
	}
	overridden := e
	overridden.Status, overridden.Override = Approved, &kyc.StatusOverride{Status: Approved}
	if got := Recompute(d, overridden, results, true); got.Status != Approved {
		t.Errorf("an override is overwritten: %s", got.Status)
	}
	broken := e
	broken.State = StateError
	if got := Recompute(d, broken, results, true); got.Status != Blocked || got.State != StateError {
		t.Errorf("an error becomes %s", got.Status)
	}
	byHand := e
	byHand.Issues = slices.Clone(e.Issues)
	byHand.Issues[0].IsCleared, byHand.Issues[0].ClearedByHand = true, true
	_, _, untouched := finished(t, "")
	if got := Recompute(d, byHand, untouched, true); !got.Issues[0].IsCleared || got.Issues[1].IsCleared {
		t.Errorf("%+v", got.Issues)
	}
}

// A step that gave no answer is not mended by judging what it found besides.
func TestWhatDidNotRunStaysSo(t *testing.T) {
	t.Parallel()
	d, v := judged(t, `{"type":"AML"},{"type":"VISA"}`, "", func(f *Facts) {
		f.Checks["watchlist_screening"] = kyc.CheckFact{Status: "failed", Hits: []kyc.Hit{{List: "un", EntryID: "1", Name: "X"}}}
		f.Checks["aml_pep"] = kyc.CheckFact{Status: "error"}
	})
	e := kyc.Execution{State: v.State, Status: v.Result, Result: v.Result, Steps: v.Steps, Issues: v.Issues, Risk: v.Risk}
	got := Recompute(d, e, say(v.Process, KindAML, FalsePositive), true)
	if s := stepOf(got, "AML"); s.Result != StepError || got.Status != Blocked {
		t.Errorf("%+v %s", s, got.Status)
	}
	for _, i := range got.Issues {
		if i.Category == "SYSTEM" && i.IsCleared {
			t.Errorf("%+v", i)
		}
	}
}

func TestListSteps(t *testing.T) {
	t.Parallel()
	var steps []kyc.StepResult
	for _, r := range StepResults() {
		steps = append(steps, kyc.StepResult{Name: r, Result: r})
	}
	l := ListSteps(steps)
	if len(l.Order) != len(steps) || len(l.Passed)+len(l.Failed)+len(l.Incomplete)+len(l.NotApplicable) != len(steps) {
		t.Errorf("%+v", l)
	}
	if !slices.Equal(l.Failed, []string{"FAIL", "NO_MATCH", "HIT", "EXPIRED", "HIT_REJECTED"}) || !slices.Contains(l.Incomplete, "ERROR") || !slices.Equal(l.NotApplicable, []string{"SKIPPED", "NOT_APPLICABLE"}) {
		t.Errorf("%+v", l)
	}
}
