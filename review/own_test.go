package review

import (
	"testing"

	"bonafide/kyc"
)

// Whoever invited applicants is given somebody else's case, however many of their
// own stand before it; a colleague is given those.
func TestNextLeavesOutWhatOnesOwnInvitationsLedTo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	anna, ben := kyc.Actor{Kind: kyc.ActorUser, ID: string(b.anna.ID)}, kyc.Actor{Kind: kyc.ActorUser, ID: string(b.ben.ID)}
	first := kyc.ID("")
	for range nextLimit + 5 {
		c := b.waiting(t, kyc.Filing{})
		b.store.events = append(b.store.events, kyc.Event{Action: "session.create", ObjectID: c.SessionID, Actor: anna})
		if first == "" {
			first = c.ID
		}
	}
	if c, ok, err := b.desk.Next(t.Context(), b.t, anna, "", ""); ok || err != nil {
		t.Errorf("with nothing but her own she gets %s %v", c.ID, err)
	}
	other := b.waiting(t, kyc.Filing{})
	if c, ok, err := b.desk.Next(t.Context(), b.t, anna, "", ""); !ok || err != nil || c.ID != other.ID {
		t.Errorf("she gets %s (%v, %v), not %s", c.ID, ok, err, other.ID)
	}
	if c, ok, err := b.desk.Next(t.Context(), b.t, ben, "", ""); !ok || err != nil || c.ID != first {
		t.Errorf("he gets %s (%v, %v), not %s", c.ID, ok, err, first)
	}
	if err := b.desk.Impartial(t.Context(), &other, anna.ID); err != nil {
		t.Error(err)
	}
	// A key has no hand in it, and claims in its own name.
	if c, ok, err := b.desk.Next(t.Context(), b.t, b.key, "", ""); !ok || err != nil || c.AssignedTo != b.key.ID {
		t.Errorf("the key gets %+v %v %v", c, ok, err)
	}
}
