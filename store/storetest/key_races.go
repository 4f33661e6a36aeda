package storetest

import (
	"slices"
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

// erasedUnneeded says that whoever is erased because nobody needs them is not
// when somebody does by the time that is committed; whoever is erased for another
// reason goes all the same.
func erasedUnneeded(t *testing.T, b *bench) {
	gone := func(id kyc.ID, unneeded ...kyc.ID) *kyc.Change {
		return &kyc.Change{Erase: []kyc.ID{id}, Unneeded: unneeded, Events: []kyc.Event{b.event("identity.redact")}}
	}
	active, paused := b.watch("active"), b.watch("paused")
	paused.Status = kyc.WatchPaused
	b.put(t, active, paused)
	for what, c := range map[string]struct {
		by     func(s *kyc.Subject) kyc.Object
		needed bool
	}{
		"a report":                           {func(s *kyc.Subject) kyc.Object { return b.inquiry(s) }, true},
		"a monitored party":                  {func(s *kyc.Subject) kyc.Object { return b.watched(active, s.ID) }, true},
		"a party of a watchlist that rests":  {func(s *kyc.Subject) kyc.Object { return b.watched(paused, s.ID) }, false},
		"an individual":                      {func(s *kyc.Subject) kyc.Object { return b.individual(s.ID) }, true},
		"an individual that was deleted":     {func(s *kyc.Subject) kyc.Object { i := b.individual(s.ID); i.State = kyc.EntityDeleted; return i }, false},
		"a record that was merged into them": {func(s *kyc.Subject) kyc.Object { m := b.other(s.ID); return m }, true},
		"a merged record that was erased":    {func(s *kyc.Subject) kyc.Object { m := b.other(s.ID); m.Status = kyc.SubjectRedacted; return m }, false},
		"somebody else's report":             {func(*kyc.Subject) kyc.Object { return b.inquiry(b.subject(t)) }, false},
	} {
		subject := b.subject(t)
		// Between the question and the commit.
		b.put(t, c.by(subject))
		err := b.Commit(b.ctx, gone(subject.ID, subject.ID))
		got := must[kyc.Subject](t)(b.Subject(b.ctx, b.tenant, subject.ID))
		switch {
		case c.needed && (!kyc.IsCode(err, "concurrent_change") || got.Private.Unreadable):
			t.Errorf("%s: %v, %+v", what, err, got.Private)
		case !c.needed && err != nil:
			t.Errorf("%s: %v", what, err)
		}
		if c.needed {
			b.commit(t, *gone(subject.ID))
		}
		if err := b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{b.inquiry(subject)}}); !kyc.IsCode(err, "concurrent_change") {
			t.Errorf("%s: a report about somebody whose key is gone: %v", what, err)
		}
	}
	for what, o := range map[string]func(s kyc.ID) kyc.Object{"party": func(s kyc.ID) kyc.Object { return b.watched(active, s) }, "individual": func(s kyc.ID) kyc.Object { return b.individual(s) }} {
		subject := b.subject(t)
		b.commit(t, *gone(subject.ID))
		if err := b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{o(subject.ID)}}); !kyc.IsCode(err, "concurrent_change") {
			t.Errorf("a %s of somebody whose key is gone: %v", what, err)
		}
	}
}

// other is somebody whose record was merged into another, not stored yet.
func (b *bench) other(into kyc.ID) *kyc.Subject {
	return &kyc.Subject{Meta: b.meta(), Kind: "individual", Status: kyc.SubjectPending, MergedInto: into}
}

// reportsAndErasures lets both run against each other: a report that was answered
// as stored can be read, and its person was not erased as unneeded.
func reportsAndErasures(t *testing.T, b *bench) {
	watch := b.watch("all")
	b.put(t, watch)
	for round := range 20 {
		subject := b.subject(t)
		var erased error
		stored := make([]error, 6)
		var wg sync.WaitGroup
		for i := range stored {
			var o kyc.Object = b.inquiry(subject)
			if i%2 == 1 {
				o = b.watched(watch, subject.ID)
			}
			wg.Go(func() { stored[i] = b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{o}}) })
		}
		wg.Go(func() {
			erased = b.Commit(b.ctx, &kyc.Change{Erase: []kyc.ID{subject.ID}, Unneeded: []kyc.ID{subject.ID}, Events: []kyc.Event{b.event("identity.redact")}})
		})
		wg.Wait()
		for _, err := range slices.Concat(stored, []error{erased}) {
			if err != nil && !kyc.IsCode(err, "concurrent_change") {
				t.Error(err)
			}
		}
		for i, err := range stored {
			if (err == nil) == (erased == nil) {
				t.Errorf("round %d: the erasure: %v; what needs the person, %d: %v", round, erased, i, err)
			}
		}
	}
}
