package execution

import (
	"fmt"
	"slices"
	"testing"

	"bonafide/kyc"
	"bonafide/procedure"
)

// screened executes an AML workflow for somebody on the live list.
func (b *bench) houseWorkflow(t *testing.T) {
	t.Helper()
	b.mu.Lock()
	b.say["watchlist_screening"] = b.screenHouse
	b.mu.Unlock()
	b.define(t, b.live, "Take on", "ONBOARDING", step("AML", "AML", map[string]any{"pep": false}))
	b.define(t, b.live, "Watch", "MONITORING", step("AML", "AML", map[string]any{"pep": false}))
}

func hitsOf(x Executed) []kyc.ProcessResult {
	return slices.DeleteFunc(slices.Clone(x.Results), func(r kyc.ProcessResult) bool { return r.Hit == "" })
}

func ids(results []kyc.ProcessResult) []kyc.ID {
	out := make([]kyc.ID, len(results))
	for i := range results {
		out[i] = results[i].ID
	}
	return out
}

func TestEveryManualStatusOfAScreening(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.houseWorkflow(t)
	b.lists.become(map[string]string{"h-1": "Grabow, Anton", "h-2": "Grabow, Berta"})
	who := b.somebody(t, b.live, "Ada", "Grabow")
	x := b.execute(t, who, "Take on")
	found := hitsOf(x)
	if len(found) != 2 || x.Execution.Result == "PASS" {
		t.Fatalf("%d hits, result %s", len(found), x.Execution.Result)
	}
	b.advance(1e9)
	for i, status := range procedure.ManualStatuses("aml") {
		got, err := b.Judge(b.ctx, b.live, b.by, who.ID, Judgement{Kind: "aml", Results: ids(found), Status: status,
			Hand: Hand{Operator: "OPERATOR123", Comment: "word " + status, RequestID: "01JUDGE"}})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range got {
			if r.Manual == nil || r.Manual.Status != status || r.Manual.By != "OPERATOR123" || r.Manual.RequestID != "01JUDGE" || r.Result != "HIT" || len(r.Private.Comments) != i+1 {
				t.Errorf("%s: %+v", status, r)
			}
		}
		after, err := b.Execution(b.ctx, b.live, Ref{ID: x.Execution.ID})
		if err != nil {
			t.Fatal(err)
		}
		e := after.Execution
		if e.Result != x.Execution.Result || e.Status != x.Execution.Status || e.Risk == nil || !e.Risk.IsOutdated {
			t.Errorf("%s changed the execution to %s/%s, risk %+v", status, e.Result, e.Status, e.Risk)
		}
		aml := e.Steps[slices.IndexFunc(e.Steps, func(s kyc.StepResult) bool { return s.Name == "AML" })]
		want := procedure.StepHit
		switch {
		case !procedure.Resolves(status):
		case status == procedure.FalsePositive:
			want = procedure.StepCleared
		case procedure.Accepts(status):
			want = procedure.StepHitAccepted
		default:
			want = procedure.StepHitRejected
		}
		if aml.Result != want {
			t.Errorf("%s makes the step %s, not %s", status, aml.Result, want)
		}
		if cleared := slices.ContainsFunc(e.Issues, func(i kyc.EntityIssue) bool { return i.Category == "AML" && i.IsCleared }); cleared != procedure.Resolves(status) && procedure.Accepts(status) {
			t.Errorf("%s leaves the issues %+v", status, e.Issues)
		}
	}
}

func TestJudgeChangesAllOrNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.houseWorkflow(t)
	b.lists.become(map[string]string{"h-1": "Grabow, Anton", "h-2": "Grabow, Berta"})
	who, other := b.somebody(t, b.live, "Ada", "Grabow"), b.somebody(t, b.live, "Eve", "Grabow")
	found, foreign := hitsOf(b.execute(t, who, "Take on")), hitsOf(b.execute(t, other, "Take on"))
	invalid := found[1]
	invalid.SystemStatus = procedure.SystemInvalid
	b.put(t, &invalid)
	_, err := b.Judge(b.ctx, b.live, b.by, who.ID, Judgement{Kind: "aml", Status: "FALSE_POSITIVE",
		Results: []kyc.ID{found[0].ID, foreign[0].ID, invalid.ID, kyc.NewID(b.Now()), ""}, Unknown: map[int]string{4: "nonsense"}})
	e := has(t, err, kyc.Invalid, "process_results_invalid")
	var got []string
	for _, p := range e.Problems {
		got = append(got, p.Path+" "+p.Code)
	}
	if want := []string{"/processResults/1 process_result_unknown", "/processResults/2 process_result_invalid", "/processResults/3 process_result_unknown",
		"/processResults/4 process_result_unknown"}; !slices.Equal(got, want) {
		t.Errorf("problems %v", got)
	}
	for _, kind := range []string{"idv", "matchlist", "duplicate", "fraud", "kyc"} {
		status := procedure.ManualStatuses(kind)[0]
		_, err := b.Judge(b.ctx, b.live, b.by, who.ID, Judgement{Kind: kind, Status: status, Results: []kyc.ID{found[0].ID}})
		if e := has(t, err, kyc.Invalid, "process_results_invalid"); e.Problems[0].Code != "process_result_class" {
			t.Errorf("%s: %+v", kind, e.Problems)
		}
	}
	if r, err := b.db.ProcessResult(b.ctx, b.live, found[0].ID); err != nil || r.Manual != nil || r.Rev != found[0].Rev {
		t.Errorf("a refused judgement changed %+v %v", r, err)
	}
	for _, bad := range []Judgement{{Kind: "aml", Status: "FALSE_POSITIVE_ACCEPT", Results: ids(found[:1])}, {Kind: "idv", Status: "TRUE_POSITIVE", Results: ids(found[:1])}} {
		_, err := b.Judge(b.ctx, b.live, b.by, who.ID, bad)
		has(t, err, kyc.Malformed, "manual_status_invalid")
	}
	_, err = b.Judge(b.ctx, b.live, b.by, who.ID, Judgement{Kind: "aml", Status: "UNKNOWN"})
	has(t, err, kyc.Malformed, "required")
	_, err = b.Judge(b.ctx, b.live, b.by, kyc.NewID(b.Now()), Judgement{Kind: "aml", Status: "UNKNOWN", Results: ids(found[:1])})
	has(t, err, kyc.NotFound, "not_found")
	// The same id twice is one result.
	if all, err := b.Judge(b.ctx, b.live, b.by, who.ID, Judgement{Kind: "aml", Status: "UNKNOWN", Results: []kyc.ID{found[0].ID, found[0].ID}}); err != nil || len(all) != 1 {
		t.Errorf("%d results %v", len(all), err)
	}
}

// A hit that a person settled stays settled in later executions, until its
// entry says something else or somebody doubts the word.
func TestASettledHitStaysSettledUntilItsEntryChanges(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.houseWorkflow(t)
	b.lists.become(map[string]string{"h-1": "Grabow, Anton"})
	who := b.somebody(t, b.live, "Ada", "Grabow")
	first := hitsOf(b.execute(t, who, "Take on"))
	judge := func(r kyc.ProcessResult, status string) {
		t.Helper()
		b.advance(1e9)
		if _, err := b.Judge(b.ctx, b.live, b.by, who.ID, Judgement{Kind: "aml", Status: status, Results: []kyc.ID{r.ID}}); err != nil {
			t.Fatal(err)
		}
	}
	judge(first[0], "FALSE_POSITIVE")
	b.advance(1e9)
	x := b.execute(t, who, "Take on")
	second := hitsOf(x)
	if len(second) != 1 || second[0].ManualWord() != "FALSE_POSITIVE" || second[0].CarriedFrom != first[0].ID || x.Execution.Result != "PASS" {
		t.Fatalf("carried %+v, result %s", second, x.Execution.Result)
	}
	judge(second[0], "TRUE_POSITIVE") // a later doubt outweighs it
	if x = b.execute(t, who, "Take on"); hitsOf(x)[0].Manual != nil || x.Execution.Result == "PASS" {
		t.Errorf("a doubted word was carried: %+v", hitsOf(x)[0])
	}
	judge(hitsOf(x)[0], "FALSE_POSITIVE")
	b.lists.become(map[string]string{"h-1": "Grabow, Anton", "h-9": "Somebody, Else"})
	if x = b.execute(t, who, "Take on"); hitsOf(x)[0].ManualWord() != "FALSE_POSITIVE" {
		t.Errorf("another entry's change reopened the hit")
	}
	b.lists.become(map[string]string{"h-1": "Grabow, Anton, born 1984"})
	if x = b.execute(t, who, "Take on"); hitsOf(x)[0].Manual != nil || x.Execution.Result == "PASS" {
		t.Errorf("a changed entry stayed settled: %+v", hitsOf(x)[0])
	}
}

func TestAutoRecalculateLetsTheStatusFollow(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.houseWorkflow(t)
	org, err := b.db.Org(b.ctx, b.live.Org)
	if err != nil {
		t.Fatal(err)
	}
	settings := org.EnvSettings(kyc.Live)
	settings.Entities.AutoRecalculate = true
	org.Settings = map[kyc.Env]kyc.Settings{kyc.Live: settings}
	b.put(t, &org)
	b.lists.become(map[string]string{"h-1": "Grabow, Anton"})
	who := b.somebody(t, b.live, "Ada", "Grabow")
	x := b.execute(t, who, "Take on")
	b.advance(1e9)
	if _, err := b.Judge(b.ctx, b.live, b.by, who.ID, Judgement{Kind: "aml", Status: "FALSE_POSITIVE", Results: ids(hitsOf(x))}); err != nil {
		t.Fatal(err)
	}
	e, err := b.db.Execution(b.ctx, b.live, x.Execution.ID)
	if err != nil || e.Result != x.Execution.Result || e.Status != "PASS" {
		t.Fatalf("%s/%s %v", e.Result, e.Status, err)
	}
	s, err := b.db.Session(b.ctx, b.live, e.ID)
	if err != nil || s.Status != kyc.SessionApproved {
		t.Errorf("the session is %s %v", s.Status, err)
	}
	if c, err := b.db.Case(b.ctx, b.live, s.CaseID); err != nil || !c.Status.Decided() {
		t.Errorf("the case is %s %v", c.Status, err)
	}
}

func TestDuplicatesAreMarkedAsThePersonSays(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.define(t, b.live, "Twins", "ONBOARDING", step("DUPLICATE", "DUPLICATE", nil))
	b.say["watchlist_screening"] = b.screenHouse
	older, newer := b.somebody(t, b.live, "Ada", "Twin"), b.somebody(t, b.live, "Ada", "Twin")
	b.execute(t, older, "Twins")
	b.advance(1e9)
	x := b.execute(t, newer, "Twins")
	found := hitsOf(x)
	if len(found) != 1 || found[0].Hit != procedure.HitKey(procedure.DuplicateList, string(older.ID)) {
		t.Fatalf("found %+v", found)
	}
	cases := []struct{ status, mine, theirs, myState, theirState string }{
		{"TRUE_POSITIVE", "", "", "ACTIVE", "ACTIVE"},
		{"TRUE_POSITIVE_ACCEPT", "original", "duplicate", "ACTIVE", "DUPLICATE"},
		{"TRUE_POSITIVE_REJECT", "duplicate", "original", "DUPLICATE", "ACTIVE"},
		{"FALSE_POSITIVE", "keep", "keep", "ACTIVE", "ACTIVE"},
	}
	for _, c := range cases {
		b.advance(1e9)
		if _, err := b.Judge(b.ctx, b.live, b.by, newer.ID, Judgement{Kind: "duplicate", Status: c.status, Results: ids(found)}); err != nil {
			t.Fatalf("%s: %v", c.status, err)
		}
		look := func(id, other kyc.ID) string {
			i, err := b.db.Individual(b.ctx, b.live, id)
			if err != nil {
				t.Fatal(err)
			}
			p, _, err := b.profileOf(b.ctx, b.live, id, "Onboarding")
			if err != nil {
				t.Fatal(err)
			}
			role := ""
			for _, d := range i.Private.Duplicates {
				if d.SubjectID == other {
					role += d.Role
				}
			}
			return fmt.Sprint(role, " ", p.State)
		}
		if got := look(newer.ID, older.ID); got != c.mine+" "+c.myState {
			t.Errorf("%s: the newer one is %q", c.status, got)
		}
		if got := look(older.ID, newer.ID); got != c.theirs+" "+c.theirState {
			t.Errorf("%s: the older one is %q", c.status, got)
		}
	}
}
