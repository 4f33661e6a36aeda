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
