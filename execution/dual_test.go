package execution

import (
	"testing"

	"bonafide/kyc"
	"bonafide/procedure"
	"bonafide/review"
)

// rules changes the settings of an environment.
func (b *bench) rules(t *testing.T, env kyc.Env, change func(s *kyc.Settings)) {
	t.Helper()
	org, err := b.db.Org(b.ctx, b.live.Org)
	if err != nil {
		t.Fatal(err)
	}
	settings := org.EnvSettings(env)
	change(&settings)
	org.Settings = map[kyc.Env]kyc.Settings{env: settings}
	b.put(t, &org)
}

func (b *bench) filed(t *testing.T, change func(s *kyc.Settings)) (kyc.Execution, kyc.Session) {
	t.Helper()
	b.rules(t, kyc.Sandbox, change)
	b.define(t, b.sandbox, "Five", "ONBOARDING", five()...)
	who := b.somebody(t, b.sandbox, "Ada", "Sanction")
	b.paper(t, who, "PASSPORT", "")
	e := b.execute(t, who, "Five").Execution
	s, err := b.db.Session(b.ctx, b.sandbox, e.ID)
	if err != nil || s.Status != kyc.SessionReview || s.CaseID == "" {
		t.Fatalf("session %s %v", s.Status, err)
	}
	return e, s
}

// Where two reviewers must decide, one person's override is no way around it:
// not at once, not by refusing first, not by taking an override back.
func TestAnOverrideDoesNotReplaceTheSecondReviewer(t *testing.T) {
	t.Parallel()
	for name, rule := range map[string]func(s *kyc.Settings){
		"everywhere":   func(s *kyc.Settings) { s.DualReview = true },
		"in its queue": func(s *kyc.Settings) { s.Queues = []kyc.ReviewQueue{{Name: review.DefaultQueue, FourEyes: true}} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			secondNeeded(t, rule)
		})
	}
}

func secondNeeded(t *testing.T, rule func(s *kyc.Settings)) {
	t.Helper()
	b := newBench(t)
	e, s := b.filed(t, rule)
	say := func(by kyc.Actor, status, operator string) error {
		_, err := b.Override(b.ctx, b.sandbox, by, Ref{ID: e.ID}, 0, Overruling{Status: status, Hand: Hand{Operator: operator, Comment: "why"}})
		return err
	}
	for _, status := range procedure.Statuses() {
		if to, _ := sessionOf(status); to == kyc.SessionReview {
			continue
		}
		has(t, say(b.by, status, "ann"), kyc.Conflict, "second_review_required")
	}
	if now, err := b.db.Session(b.ctx, b.sandbox, e.ID); err != nil || now.Rev != s.Rev {
		t.Fatalf("a refused override changed the session %v", err)
	}
	if err := say(b.by, "MONITOR", "ann"); err != nil {
		t.Fatalf("a status that asks for a person: %v", err)
	}
	if _, err := b.desk.Decide(b.ctx, b.sandbox, b.by, s.CaseID, 0, review.Word{ReviewerID: "ann@example.org", Outcome: kyc.Approved}); err != nil {
		t.Fatal(err)
	}
	has(t, say(b.by, "PASS", "Ann@example.org"), kyc.Conflict, "same_reviewer")
	has(t, say(b.by, "PASS", ""), kyc.Conflict, "same_reviewer")
	if err := say(b.by, "PASS", "bob@example.org"); err != nil {
		t.Fatalf("the second reviewer: %v", err)
	}
	if c, err := b.db.Case(b.ctx, b.sandbox, s.CaseID); err != nil || c.Status != kyc.CaseApproved {
		t.Errorf("the case is %s %v", c.Status, err)
	}
	if err := say(b.by, "FAIL", "ann@example.org"); err != nil {
		t.Fatalf("refusing needs nobody: %v", err)
	}
	has(t, say(b.by, "PASS", "ann@example.org"), kyc.Conflict, "second_review_required")
	if err := say(b.by, "UNCHECKED", "ann@example.org"); err != nil { // the machine's word asks for a person
		t.Fatal(err)
	}
	has(t, say(b.by, "APPROVED", "ann@example.org"), kyc.Conflict, "second_review_required")
}

// Whoever is signed in is one person, whatever operator a request names.
func TestAPersonInTwoNamesIsNoSecondReviewer(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	e, s := b.filed(t, func(s *kyc.Settings) { s.DualReview = true })
	ann := kyc.Actor{Kind: kyc.ActorUser, ID: string(kyc.NewID(b.now))}
	if _, err := b.desk.Decide(b.ctx, b.sandbox, ann, s.CaseID, 0, review.Word{Outcome: kyc.Approved}); err != nil {
		t.Fatal(err)
	}
	named := ann
	named.OnBehalfOf = "bob@example.org"
	for what, by := range map[string]kyc.Actor{"an operator": ann, "a header": named} {
		_, err := b.Override(b.ctx, b.sandbox, by, Ref{ID: e.ID}, 0, Overruling{Status: "PASS", Hand: Hand{Operator: "bob@example.org", Comment: "why"}})
		if !kyc.IsCode(err, "same_reviewer") {
			t.Errorf("%s: %v", what, err)
		}
	}
	bob := kyc.Actor{Kind: kyc.ActorUser, ID: string(kyc.NewID(b.now))}
	if _, err := b.Override(b.ctx, b.sandbox, bob, Ref{ID: e.ID}, 0, Overruling{Status: "PASS", Hand: Hand{Comment: "why"}}); err != nil {
		t.Errorf("another person: %v", err)
	}
}

func TestAnOverrideRespectsClaimsAndInterests(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	e, s := b.filed(t, func(*kyc.Settings) {})
	if _, err := b.desk.Claim(b.ctx, b.sandbox, b.by, s.CaseID, 0, "rita@example.org"); err != nil {
		t.Fatal(err)
	}
	say := func(by kyc.Actor, status, operator string) error {
		_, err := b.Override(b.ctx, b.sandbox, by, Ref{ID: e.ID}, 0, Overruling{Status: status, Hand: Hand{Operator: operator, Comment: "why"}})
		return err
	}
	has(t, say(b.by, "PASS", "bob@example.org"), kyc.Conflict, "not_claimable")
	has(t, say(b.by, "REJECTED", "bob@example.org"), kyc.Conflict, "not_claimable")
	self := kyc.Actor{Kind: kyc.ActorUser, ID: e.By}
	has(t, say(self, "PASS", ""), kyc.Forbidden, "conflict_of_interest")
	if err := say(b.by, "PASS", "rita@example.org"); err != nil {
		t.Errorf("who holds the review: %v", err)
	}
}

// What one person says of results recalculates no status that two must give.
func TestRecalculatingDoesNotReplaceTheSecondReviewer(t *testing.T) {
	t.Parallel()
	for name, rule := range map[string]func(s *kyc.Settings){
		"everywhere":   func(s *kyc.Settings) { s.DualReview = true },
		"in its queue": func(s *kyc.Settings) { s.Queues = []kyc.ReviewQueue{{Name: review.DefaultQueue, FourEyes: true}} },
		"skills of its queue": func(s *kyc.Settings) {
			s.Queues = []kyc.ReviewQueue{{Name: review.DefaultQueue, Skills: []string{"edd"}}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			notRecalculated(t, rule)
		})
	}
}

func notRecalculated(t *testing.T, rule func(s *kyc.Settings)) {
	t.Helper()
	b := newBench(t)
	b.houseWorkflow(t)
	b.rules(t, kyc.Live, func(s *kyc.Settings) { s.Entities.AutoRecalculate = true; rule(s) })
	b.lists.become(map[string]string{"h-1": "Grabow, Anton"})
	who := b.somebody(t, b.live, "Ada", "Grabow")
	x := b.execute(t, who, "Take on")
	b.advance(1e9)
	if _, err := b.Judge(b.ctx, b.live, b.by, who.ID, Judgement{Kind: "aml", Status: "FALSE_POSITIVE", Results: ids(hitsOf(x))}); err != nil {
		t.Fatal(err)
	}
	e, err := b.db.Execution(b.ctx, b.live, x.Execution.ID)
	if err != nil || e.Status != x.Execution.Status || !e.Risk.IsOutdated {
		t.Errorf("%s became %s %v", x.Execution.Status, e.Status, err)
	}
	s, err := b.db.Session(b.ctx, b.live, e.ID)
	if err != nil || s.Status == kyc.SessionApproved {
		t.Errorf("the session is %s %v", s.Status, err)
	}
}
