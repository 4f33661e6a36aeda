package execution

import (
	"slices"
	"testing"

	"bonafide/kyc"
	"bonafide/procedure"
)

// Every manual status of every kind is recorded beside the result.
func TestEveryManualStatusOfEveryKind(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.define(t, b.sandbox, "All", "ONBOARDING", append(five(), step("KYC", "KYC", nil))...)
	list := &kyc.Matchlist{Meta: kyc.Meta{ID: kyc.NewID(b.Now()), Tenant: b.sandbox}, Name: "Known", Action: "REVIEW", Entries: 1, Version: 1}
	entry := &kyc.MatchlistEntry{Meta: kyc.Meta{ID: kyc.NewID(b.Now()), Tenant: b.sandbox}, MatchlistID: list.ID, Hash: "h", Reasons: []string{"SEEN"},
		Private: kyc.MatchlistEntryData{Attributes: map[string]string{"EMAIL_ADDRESS": "someone@example.org"}}}
	b.put(t, list, entry)
	seen := map[string]bool{}
	for _, family := range []string{"Sanction", "Duplicate", "Highrisk", "Reject"} {
		who := b.somebody(t, b.sandbox, "Ada", family)
		b.paper(t, who, "PASSPORT", "")
		x := b.execute(t, who, "All")
		for _, kind := range procedure.Kinds() {
			at := slices.IndexFunc(x.Results, func(r kyc.ProcessResult) bool { return procedure.KindOf(&r) == kind })
			if at < 0 {
				continue
			}
			seen[kind] = true
			for _, status := range procedure.ManualStatuses(kind) {
				b.advance(1e9)
				got, err := b.Judge(b.ctx, b.sandbox, b.by, who.ID, Judgement{Kind: kind, Status: status, Results: []kyc.ID{x.Results[at].ID}, Hand: Hand{Comment: "why"}})
				if err != nil || got[0].ManualWord() != status || got[0].Result != x.Results[at].Result {
					t.Errorf("%s %s of %s: %+v %v", kind, status, family, got, err)
				}
			}
		}
		if e, err := b.db.Execution(b.ctx, b.sandbox, x.Execution.ID); err != nil || e.Result != x.Execution.Result || e.Status != x.Execution.Status {
			t.Errorf("%s became %s/%s %v", family, e.Result, e.Status, err)
		}
	}
	for _, kind := range procedure.Kinds() {
		if !seen[kind] {
			t.Errorf("no result of kind %s was judged", kind)
		}
	}
}

// A settled hit of the customer's own list stays settled until its entry
// changes.
func TestAMatchlistHitStaysSettledUntilItsEntryChanges(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.define(t, b.sandbox, "Own", "ONBOARDING", step("MATCHLIST", "MATCHLIST", nil))
	list := &kyc.Matchlist{Meta: kyc.Meta{ID: kyc.NewID(b.Now()), Tenant: b.sandbox}, Name: "Known", Action: "REVIEW", Entries: 1, Version: 1}
	entry := &kyc.MatchlistEntry{Meta: kyc.Meta{ID: kyc.NewID(b.Now()), Tenant: b.sandbox}, MatchlistID: list.ID, Hash: "h", Reasons: []string{"SEEN"},
		Private: kyc.MatchlistEntryData{Attributes: map[string]string{"EMAIL_ADDRESS": "someone@example.org"}}}
	b.put(t, list, entry)
	who := b.somebody(t, b.sandbox, "Ada", "Approve")
	first := hitsOf(b.execute(t, who, "Own"))
	if len(first) != 1 || first[0].Digest == "" {
		t.Fatalf("hits %+v", first)
	}
	b.advance(1e9)
	if _, err := b.Judge(b.ctx, b.sandbox, b.by, who.ID, Judgement{Kind: "matchlist", Status: "UNKNOWN_ACCEPT", Results: ids(first)}); err != nil {
		t.Fatal(err)
	}
	b.advance(1e9)
	if x := b.execute(t, who, "Own"); hitsOf(x)[0].ManualWord() != "UNKNOWN_ACCEPT" || x.Execution.Result != "PASS" {
		t.Errorf("%+v of %s", hitsOf(x)[0], x.Execution.Result)
	}
	for action, want := range map[string]string{"BLOCK": "BLOCKED", "ALERT": "REVIEW"} { // accepted of one that asks, not of these
		list.Action = action
		b.put(t, list)
		b.advance(1e9)
		if x := b.execute(t, who, "Own"); hitsOf(x)[0].Manual != nil || x.Execution.Result != want {
			t.Errorf("a list that says %s: %s, %+v", action, x.Execution.Result, hitsOf(x)[0])
		}
	}
	list.Action = "REVIEW"
	b.put(t, list)
	b.advance(1e9)
	if x := b.execute(t, who, "Own"); x.Execution.Result != "PASS" {
		t.Errorf("the list says what it said, and the hit is open again: %s", x.Execution.Result)
	}
	entry.Reasons = []string{"SEEN", "FRAUD"}
	b.put(t, entry)
	b.advance(1e9)
	if x := b.execute(t, who, "Own"); hitsOf(x)[0].Manual != nil || x.Execution.Result == "PASS" {
		t.Errorf("a changed entry stayed settled: %+v", hitsOf(x)[0])
	}
}

// BenchmarkExecute runs a workflow of five steps in the sandbox and waits for
// its end.
func BenchmarkExecute(b *testing.B) {
	x := newBench(b)
	x.define(b, x.sandbox, "Five", "ONBOARDING", five()...)
	people := make([]kyc.Individual, 50)
	for i := range people {
		people[i] = x.somebody(b, x.sandbox, "Ada", "Approve")
		x.paper(b, people[i], "PASSPORT", "")
	}
	i := 0
	for b.Loop() {
		x.execute(b, people[i%len(people)], "Five")
		i++
	}
}
