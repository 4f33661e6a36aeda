package procedure

import (
	"testing"

	"bonafide/kyc"
)

// A screening that gives no whole answer, because one list was stale or an
// alternate name cannot be asked for, still tells of the hits of the others,
// and they hold however little the step matters.
func TestHitsBesideAnErrorAreKept(t *testing.T) {
	t.Parallel()
	hits := []kyc.Hit{{List: "un", EntryID: "1", Type: "sanction", Name: "X"}}
	for name, fact := range map[string]kyc.CheckFact{
		"stale list":    {Status: "error", Hits: hits, Reasons: []kyc.Reason{{Code: "list_stale", Severity: "critical"}}},
		"nameless name": {Status: "error", Hits: hits, Reasons: []kyc.Reason{{Code: "party_name_missing", Severity: "critical"}}},
	} {
		for phase, want := range map[string]string{"ONBOARDING": Review, "MONITORING": Urgent} {
			d, v := judged(t, `{"type":"AML","configuration":{"pep":false,"required":false}},{"type":"KYC"}`, `"lifecyclePhase":"`+phase+`"`, func(f *Facts) {
				f.Checks["watchlist_screening"] = fact
			})
			if phase == "MONITORING" && fact.Reasons[0].Code == "list_stale" {
				want = Blocked // nobody is clear whom a list was not asked about
			}
			found := 0
			for _, p := range v.Process {
				if p.Result == "HIT" && p.Hit == "un|1" {
					found++
				}
			}
			if found != 1 || v.Result != want {
				t.Errorf("%s in %s: %d hits, %s %v", name, phase, found, v.Result, v.Reasons)
			}
			e := kyc.Execution{State: v.State, Status: v.Result, Result: v.Result, Steps: v.Steps, Issues: v.Issues, Risk: v.Risk}
			if got := Recompute(d, e, say(v.Process, KindAML, Unknown), true); got.Status != v.Result {
				t.Errorf("%s in %s: doubt makes %s of %s", name, phase, got.Status, v.Result)
			}
		}
	}
	// Hits alone, all of them cleared, are no answer of a check that failed.
	d, v := judged(t, `{"type":"AML","configuration":{"pep":false,"required":false}}`, "", func(f *Facts) {
		f.Checks["watchlist_screening"] = kyc.CheckFact{Status: "error", Hits: hits}
	})
	e := kyc.Execution{State: v.State, Status: v.Result, Result: v.Result, Steps: v.Steps, Issues: v.Issues, Risk: v.Risk}
	if got := Recompute(d, e, say(v.Process, KindAML, FalsePositive), true); got.Status != Incomplete {
		t.Errorf("nothing was asked to its end, and the status is %s", got.Status)
	}
}

// Each list has ids of its own: a person who is on two lists under one number
// is found twice, and clearing one of them clears no other.
func TestTheSameEntryOfTwoListsIsTwoHits(t *testing.T) {
	t.Parallel()
	clear := map[string]any{KeyClearedHits: []ClearedHit{{Hit: "un|7", Status: FalsePositive, ProcessResultID: "r"}}}
	_, v := judged(t, `{"type":"AML","configuration":{"pep":false}}`, `"riskModel":{"factors":[]}`, func(f *Facts) {
		f.Checks["watchlist_screening"] = kyc.CheckFact{Status: "failed", Hits: []kyc.Hit{
			{List: "un", EntryID: "7", Type: "sanction", Name: "Ivan Petrov"}, {List: "eu", EntryID: "7", Type: "sanction", Name: "Ivan Petrov"}}}
		f.Established[KeyClearedHits] = clear[KeyClearedHits]
	})
	if len(v.Process) != 2 || v.Result != Review {
		t.Errorf("%s with %+v", v.Result, v.Process)
	}
	// Two checks that ask the same list under two names find it once.
	_, v = judged(t, `{"type":"AML"}`, "", func(f *Facts) {
		f.Checks["watchlist_screening"] = kyc.CheckFact{Status: "failed", Hits: []kyc.Hit{{List: "pep", EntryID: "7", Type: "pep", Name: "Ivan Petrov"}}}
		f.Checks["aml_pep"] = kyc.CheckFact{Status: "failed", Hits: []kyc.Hit{{List: "peps", EntryID: "7", Type: "pep", Name: "Ivan Petrov"}}}
	})
	if len(v.Process) != 1 {
		t.Errorf("%+v", v.Process)
	}
}

func TestAHitOfAnExposedPersonNamesTheOffice(t *testing.T) {
	t.Parallel()
	h := kyc.Hit{List: "peps", EntryID: "7", Type: "pep", Name: "X", Topics: []string{"role.pep"}, Positions: []kyc.Position{{Title: "Minister of Tides", Country: "NZ", Level: "national"}}}
	entry := amlData(policyPEP, hitKind(policyPEP, h), h)["pepData"].([]any)[0].(map[string]any)
	position := entry["positions"].([]any)[0].(map[string]any)
	if position["title"] != "Minister of Tides" || position["country"] != "NZ" || position["level"] != "national" || entry["topics"].([]any)[0] != "role.pep" {
		t.Errorf("%+v", entry)
	}
	out := amlData(policyPEP, hitKind(policyPEP, h), h)
	addExposure(out, []any{map[string]any{"list": "other", "id": "7", "level": 4}, map[string]any{"list": "peps", "id": "7", "level": 1, "class": "pep", "position": "Minister of Tides", "status": "former", "former_since": "2020-05-01"}}, h)
	if entry = out["pepData"].([]any)[0].(map[string]any); entry["level"] != 1 || entry["position"] != "Minister of Tides" || entry["status"] != "FORMER" || entry["formerSince"] != "2020-05-01" {
		t.Errorf("%+v", entry)
	}
	addExposure(out, nil, h) // an answer of an earlier program has no rows
	if kind := hitKind(policyLists, kyc.Hit{Type: "crime"}); kind != factorWatchlist {
		t.Errorf("a crime is %s", kind)
	}
}
