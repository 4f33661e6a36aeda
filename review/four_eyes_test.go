package review

import (
	"testing"

	"bonafide/kyc"
)

// pair makes two people decide each case, and gives the two.
func (b *bench) pair() (anna, ben kyc.Actor) {
	b.dual(true)
	return kyc.Actor{Kind: kyc.ActorUser, ID: string(b.anna.ID)}, kyc.Actor{Kind: kyc.ActorUser, ID: string(b.ben.ID)}
}

// A correction brings another run. The first word was about what the run before
// found, so it counts no more: two people look at what the case rests on now.
func TestANewRunTakesTheFirstWordBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	anna, ben := b.pair()
	c := b.waiting(t, kyc.Filing{})
	if _, err := b.desk.Decide(t.Context(), b.t, anna, c.ID, 0, Word{Outcome: kyc.Approved, Reason: "the first passport"}); err != nil {
		t.Fatal(err)
	}
	s := b.store.sessions[c.SessionID]
	s.RunID = kyc.NewID(b.desk.clock.Now())
	again, events, err := b.desk.Open(t.Context(), &s, b.desk.clock.Now(), kyc.Filing{ReasonCode: "run_again", By: kyc.SystemActor("engine")})
	if err != nil || again.ID != c.ID || again.First != nil || again.Private.First != "" || again.Status != kyc.CaseOpen || again.RunID != s.RunID {
		t.Fatalf("after another run: %+v %v", again, err)
	}
	if len(events) != 2 || events[1].Action != "case.recommendation_void" || events[1].Reason != "run_again" {
		t.Errorf("audit: %+v", events)
	}
	if err := b.store.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{again}, Events: events}); err != nil {
		t.Fatal(err)
	}
	got, err := b.desk.Decide(t.Context(), b.t, ben, c.ID, 0, Word{Outcome: kyc.Approved})
	if err != nil || got.Status != kyc.CaseSecond || b.store.sessions[c.SessionID].Status != kyc.SessionReview {
		t.Fatalf("the second person alone decides about what the first never saw: %s %v", got.Status, err)
	}
	if got, err = b.desk.Decide(t.Context(), b.t, anna, c.ID, 0, Word{Outcome: kyc.Approved}); err != nil || got.Status != kyc.CaseApproved {
		t.Errorf("two people about the new run: %s %v", got.Status, err)
	}
	// A case without a first word loses nothing, its reviewer neither.
	held := b.waiting(t, kyc.Filing{})
	if _, err := b.desk.Claim(t.Context(), b.t, ben, held.ID, 0, ""); err != nil {
		t.Fatal(err)
	}
	s = b.store.sessions[held.SessionID]
	again, events, err = b.desk.Open(t.Context(), &s, b.desk.clock.Now(), kyc.Filing{By: kyc.SystemActor("engine")})
	if err != nil || again.AssignedTo != string(b.ben.ID) || again.Status != kyc.CaseInReview || len(events) != 1 {
		t.Errorf("without a first word: %+v, %d events, %v", again, len(events), err)
	}
}

// What else can be done about a case decides nothing and makes nobody two people.
func TestNothingElseReplacesTheSecondPerson(t *testing.T) {
	t.Parallel()
	b := setup(t)
	anna, ben := b.pair()
	c := b.waiting(t, kyc.Filing{})
	undecided := func(what string) {
		t.Helper()
		if got := b.store.cases[c.ID]; got.Status.Decided() || b.store.sessions[c.SessionID].Status != kyc.SessionReview {
			t.Fatalf("%s decides: the case is %s, the session %s", what, got.Status, b.store.sessions[c.SessionID].Status)
		}
	}
	if _, err := b.desk.Override(t.Context(), b.t, anna, c.ID, 0, "document_fraud", "passed", "looks right"); err != nil {
		t.Fatal(err)
	}
	undecided("overriding a check")
	if got := b.store.cases[c.ID]; got.First != nil {
		t.Error("overriding a check counts as a word")
	}
	// Handed over before anybody said anything: still two words.
	if _, err := b.desk.Escalate(t.Context(), b.t, anna, c.ID, 0, Escalation{To: string(b.ben.ID), Reason: "please"}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.desk.Decide(t.Context(), b.t, ben, c.ID, 0, Word{Outcome: kyc.Approved}); err != nil {
		t.Fatal(err)
	}
	undecided("the word of whom it was escalated to")
	// Ben has said his: nobody brings the case back to him.
	_, err := b.desk.Escalate(t.Context(), b.t, anna, c.ID, 0, Escalation{To: string(b.ben.ID), Reason: "again"})
	wants(t, err, kyc.Conflict, "same_reviewer")
	_, err = b.desk.Assign(t.Context(), b.t, anna, c.ID, 0, string(b.ben.ID))
	wants(t, err, kyc.Conflict, "same_reviewer")
	_, err = b.desk.Claim(t.Context(), b.t, ben, c.ID, 0, "")
	wants(t, err, kyc.Conflict, "same_reviewer")
	if _, err := b.desk.Override(t.Context(), b.t, ben, c.ID, 0, "document_fraud", "failed", "or not"); err != nil {
		t.Fatal(err)
	}
	_, err = b.desk.Decide(t.Context(), b.t, ben, c.ID, 0, Word{Outcome: kyc.Approved})
	wants(t, err, kyc.Conflict, "same_reviewer")
	renamed := ben
	renamed.OnBehalfOf = "anna@acme.example"
	_, err = b.desk.Decide(t.Context(), b.t, renamed, c.ID, 0, Word{Outcome: kyc.Approved})
	wants(t, err, kyc.Conflict, "same_reviewer")
	_, err = b.desk.Decide(t.Context(), b.t, ben, c.ID, 0, Word{ReviewerID: string(b.anna.ID), Outcome: kyc.Approved})
	wants(t, err, kyc.Forbidden, "not_yourself")
	undecided("all of it")
	if got, err := b.desk.Decide(t.Context(), b.t, anna, c.ID, 0, Word{Outcome: kyc.Approved}); err != nil || got.Status != kyc.CaseApproved {
		t.Errorf("the second person: %s %v", got.Status, err)
	}
}
