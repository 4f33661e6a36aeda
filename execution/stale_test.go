package execution

import (
	"testing"

	"bonafide/kyc"
	"bonafide/procedure"
)

// A hit is told of and kept although another list of the same screening was
// stale, and nothing passes.
func TestAHitBesideAStaleListIsKeptAndTold(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.define(t, b.live, "Watch", "MONITORING", step("AML", "AML", map[string]any{"pep": false, "required": false}), step("DUPLICATE", "DUPLICATE", nil))
	b.define(t, b.live, "Take on", "ONBOARDING", step("AML", "AML", map[string]any{"pep": false, "required": false}), step("DUPLICATE", "DUPLICATE", nil))
	b.say["watchlist_screening"] = func(kyc.CheckRequest) kyc.Answer {
		return kyc.Answer{Status: kyc.StatusStale, Hits: []kyc.Hit{{List: "un", EntryID: "7", Type: "sanction", Name: "Grabow"}},
			Lists:   []kyc.ListVersion{{List: "un", Version: "1", Status: kyc.StatusOK}, {List: "eu", Version: "1", Status: kyc.StatusStale}},
			Reasons: []kyc.Reason{{Code: "list_stale", Severity: "critical"}}}
	}
	b.say["duplicate_detection"] = func(kyc.CheckRequest) kyc.Answer { return kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Pass} }
	who := b.somebody(t, b.live, "Ada", "Grabow")
	for i, name := range []string{"Take on", "Watch"} {
		x := b.execute(t, who, name)
		found := hitsOf(x)
		if len(found) != 1 || found[0].Hit != procedure.HitKey("un", "7") || x.Execution.Result == "PASS" || x.Execution.Result == "CLEAR" {
			t.Errorf("%s: %s with %d hits", name, x.Execution.Result, len(found))
		}
		if n := len(b.told(NewsAlert)); n != 0 { // the first one told nobody, because it was asked for; the second one knew it
			t.Errorf("%s: %d alerts after %d", name, n, i)
		}
	}
}
