package storetest

import (
	"testing"
	"time"

	"bonafide/kyc"
)

// peopleWithheld says that a person who was made for a session of surface B is
// withheld with the last one, and a customer is not.
func peopleWithheld(t *testing.T, b *bench) {
	for _, c := range []struct {
		surface kyc.Surface
		hidden  bool
	}{{kyc.SurfaceChecks, true}, {kyc.SurfaceSteps, false}} {
		p := &kyc.Subject{Meta: b.meta(), Kind: "individual", Status: kyc.SubjectPending, Private: kyc.SubjectData{Name: "Ada Lovelace"}}
		first, last := b.ended(p.ID, kyc.SessionApproved, b.clock.Now()), b.ended(p.ID, kyc.SessionApproved, b.clock.Now())
		first.Surface, last.Surface = c.surface, c.surface
		b.put(t, p, first, last)
		for i, s := range []*kyc.Session{first, last} {
			s.WithheldAt = b.clock.Now()
			s.Touch(b.clock.Now())
			b.put(t, s)
			got := must[kyc.Subject](t)(b.Subject(b.ctx, b.tenant, p.ID))
			if hidden := c.hidden && i == 1; got.Private.Unreadable != hidden || (got.Private.Name == "") != hidden {
				t.Errorf("%s, %d sessions withheld: %+v", c.surface, i+1, got.Private)
			}
		}
	}
}

// peopleLookedAt says that people are looked at when their time comes and that a
// look changes nothing anybody can see.
func peopleLookedAt(t *testing.T, b *bench) {
	now := b.clock.Now()
	p, never := b.subject(t), b.subject(t)
	p.LookAt = now.Add(time.Hour)
	p.Touch(now)
	b.put(t, p)
	due := func(at time.Time) (ids []kyc.ID) {
		t.Helper()
		for _, s := range must[[]kyc.Subject](t)(b.PeopleToLookAt(b.ctx, b.tenant, at, 10)) {
			ids = append(ids, s.ID)
		}
		return ids
	}
	same(t, "too early", due(now), nil)
	same(t, "in time", due(now.Add(time.Hour)), []kyc.ID{p.ID})
	for _, id := range []kyc.ID{p.ID, never.ID} {
		if err := b.LookAgain(b.ctx, b.tenant, id, now.Add(2*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	same(t, "put off", due(now.Add(time.Hour)), nil)
	same(t, "the next time", due(now.Add(2*time.Hour)), []kyc.ID{p.ID})
	if got := must[kyc.Subject](t)(b.Subject(b.ctx, b.tenant, p.ID)); got.Rev != 2 || !got.LookAt.Equal(now.Add(2*time.Hour)) {
		t.Errorf("the person is %+v", got)
	}
	if err := b.LookAgain(b.ctx, b.tenant, p.ID, time.Time{}); err != nil {
		t.Fatal(err)
	}
	same(t, "never again", due(now.Add(1000*time.Hour)), nil)
}

// forgottenAnswers says that stored answers about a person can be taken back
// while the person's key is still there.
func forgottenAnswers(t *testing.T, b *bench) {
	ada, eve := b.subject(t), b.subject(t)
	looks := map[*kyc.Subject]func() kyc.Idempotency{}
	for _, p := range []*kyc.Subject{ada, eve} {
		r, look := b.reserved(t, string(p.ID))
		p.Touch(b.clock.Now())
		b.commit(t, kyc.Change{Put: []kyc.Object{p}, Idempotency: closing(r, `{"name":"Ada"}`)})
		looks[p] = look
	}
	if err := b.ForgetAnswers(b.ctx, b.tenant, []kyc.ID{ada.ID}); err != nil {
		t.Fatal(err)
	}
	for p, look := range looks {
		if got := look(); got.Erased != (p == ada) || (len(got.Body) == 0) != (p == ada) {
			t.Errorf("the answer is %+v", got)
		}
	}
}
