package review

import (
	"context"
	"testing"
	"time"

	"bonafide/kyc"
)

// A session of ordered steps keeps its own history: the desk asks its machine,
// commits what that adds, and lets it refuse.
func TestASessionsOwnMachineHasAWordInItsDecision(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		surface kyc.Surface
		refuse  bool
		asked   bool
	}{{kyc.SurfaceSteps, false, true}, {kyc.SurfaceSteps, true, true}, {kyc.SurfaceGraph, false, false}} {
		b := setup(t)
		c := b.waiting(t, kyc.Filing{})
		s := b.store.sessions[c.SessionID]
		s.Surface, s.TokenHash = x.surface, "hash"
		b.store.sessions[s.ID] = s
		asked := false
		b.desk.OnSettled(func(_ context.Context, s *kyc.Session, from kyc.SessionStatus, by kyc.Actor, _ time.Time, words kyc.RulingWords) (kyc.Change, error) {
			asked = from == kyc.SessionReview && s.Status == kyc.SessionRejected && by == b.key && words.Reason == "forged"
			if x.refuse {
				return kyc.Change{}, kyc.Errorf(kyc.Conflict, "not_like_this", "no")
			}
			return kyc.Change{Events: []kyc.Event{{Action: "history"}}}, nil
		})
		_, err := b.desk.Decide(t.Context(), c.Tenant, b.key, c.ID, 0, Word{ReviewerID: "anna", Outcome: kyc.Rejected, Reason: "forged"})
		if asked != x.asked || kyc.IsCode(err, "not_like_this") != x.refuse || (err != nil) != x.refuse {
			t.Errorf("%+v: asked %t, %v", x, asked, err)
		}
		s = b.store.sessions[c.SessionID]
		if x.refuse == (s.Status == kyc.SessionRejected) || (s.TokenHash != "") != (x.surface == kyc.SurfaceSteps) {
			t.Errorf("%+v: the session is %s, link %q", x, s.Status, s.TokenHash)
		}
		kept := false
		for _, e := range b.store.events {
			kept = kept || e.Action == "history"
		}
		if kept != (x.asked && !x.refuse) {
			t.Errorf("%+v: what the machine added was kept: %t", x, kept)
		}
	}
}

// Under dual review a decision of surface B is reversed by two people, whichever
// way the second one comes; one who disagrees leaves it as it is.
func TestTwoPeopleReverseADecision(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		surface kyc.Surface
		code    string
		first   kyc.Outcome
		word    kyc.Outcome
		want    kyc.SessionStatus
	}{
		"both reverse":      {kyc.SurfaceChecks, "second_review", kyc.Rejected, kyc.Rejected, kyc.SessionRejected},
		"the second keeps":  {kyc.SurfaceChecks, "second_review", kyc.Rejected, kyc.Approved, kyc.SessionApproved},
		"only one reverses": {kyc.SurfaceChecks, "second_review", kyc.Approved, kyc.Rejected, kyc.SessionApproved},
		"another case":      {kyc.SurfaceChecks, "fraud_signal", kyc.Rejected, kyc.Rejected, kyc.SessionApproved},
		"another surface":   {kyc.SurfaceGraph, "second_review", kyc.Rejected, kyc.Rejected, kyc.SessionApproved},
	} {
		b := setup(t)
		c := b.waiting(t, kyc.Filing{ReasonCode: x.code})
		s := b.store.sessions[c.SessionID]
		s.Surface, s.Status = x.surface, kyc.SessionApproved
		b.store.sessions[s.ID] = s
		c = b.store.cases[c.ID]
		c.First, c.Status = &kyc.CaseDecision{Outcome: x.first, ReviewerID: "ben", By: kyc.Actor{Kind: kyc.ActorKey, ID: "first"}}, kyc.CaseSecond
		b.store.cases[c.ID] = c
		from := kyc.SessionStatus("")
		b.desk.OnSettled(func(_ context.Context, _ *kyc.Session, was kyc.SessionStatus, _ kyc.Actor, _ time.Time, _ kyc.RulingWords) (kyc.Change, error) {
			from = was
			return kyc.Change{}, nil
		})
		if _, err := b.desk.Decide(t.Context(), c.Tenant, b.key, c.ID, 0, Word{ReviewerID: "anna", Outcome: x.word, Reason: "forged"}); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if s = b.store.sessions[c.SessionID]; s.Status != x.want || (from != "") != (x.want == kyc.SessionRejected) {
			t.Errorf("%s: the session is %s, its machine heard of %q", name, s.Status, from)
		}
	}
}
