package storetest

import (
	"sync"
	"testing"

	"bonafide/kyc"
)

// sessionOrErasure says that of a new session and the erasure of its person only
// one is committed when neither knew of the other, whichever comes first: what
// was answered as stored is never left behind under a key that is gone.
func sessionOrErasure(t *testing.T, b *bench) {
	gone := func(ids ...kyc.ID) *kyc.Change {
		return &kyc.Change{Erase: ids, Events: []kyc.Event{b.event("identity.redact")}}
	}
	ada, eve := b.subject(t), b.subject(t)
	b.commit(t, *gone(ada.ID))
	late, bare := b.session(ada.ID), b.session(ada.ID)
	bare.Private = kyc.SessionData{} // what is personal of it would come later
	for _, s := range []*kyc.Session{late, bare} {
		want(t, b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{s, b.run(s)}}), "concurrent_change")
		_, err := b.Session(b.ctx, b.tenant, s.ID)
		want(t, err, "not_found")
	}
	// Several at once, of two people, are one commit all the same.
	first, second, other := b.session(eve.ID), b.session(eve.ID), b.session(b.subject(t).ID)
	b.put(t, first, second, other)
	// The erasure was prepared before the second was there.
	first.RedactedAt = b.clock.Now()
	first.Touch(b.clock.Now())
	c := gone(eve.ID)
	c.Put = []kyc.Object{first}
	want(t, b.Commit(b.ctx, c), "concurrent_change")
	for _, s := range []*kyc.Session{first, second} {
		if got := must[kyc.Session](t)(b.Session(b.ctx, b.tenant, s.ID)); got.Private.Fields["first_name"] != "Ada" || got.Rev != 1 {
			t.Errorf("after an erasure that was refused: %+v", got)
		}
	}
	second.RedactedAt = b.clock.Now()
	second.Touch(b.clock.Now())
	c.Put = []kyc.Object{first, second}
	b.commit(t, *c)
	if got := must[kyc.Session](t)(b.Session(b.ctx, b.tenant, other.ID)); got.Private.Fields["first_name"] != "Ada" {
		t.Error("another person's session was erased too")
	}
}

// sessionsAndErasures lets both run against each other.
func sessionsAndErasures(t *testing.T, b *bench) {
	erase := func(subject kyc.ID) error {
		c, err := b.erasure(subject)
		if err != nil {
			return err
		}
		return b.Commit(b.ctx, &c)
	}
	for round := range 20 {
		subject := b.subject(t)
		stored := make([]kyc.ID, 8)
		var wg sync.WaitGroup
		for i := range stored {
			wg.Go(func() {
				s := b.session(subject.ID)
				switch err := b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{s, b.run(s)}}); {
				case err == nil:
					stored[i] = s.ID
				case !kyc.IsCode(err, "concurrent_change"):
					t.Error(err)
				}
			})
		}
		wg.Go(func() {
			for range 100 {
				if err := erase(subject.ID); err == nil {
					return
				} else if !kyc.IsCode(err, "concurrent_change") {
					t.Error(err)
				}
			}
			t.Error("nobody was erased in a hundred tries")
		})
		wg.Wait()
		for _, id := range stored {
			if id == "" {
				continue
			}
			if s := must[kyc.Session](t)(b.Session(b.ctx, b.tenant, id)); s.RedactedAt.IsZero() {
				t.Errorf("round %d: session %s was answered as stored and cannot be read", round, id)
			}
		}
	}
}
