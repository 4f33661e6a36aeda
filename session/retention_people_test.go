package session

import (
	"context"
	"slices"
	"testing"
	"time"

	"bonafide/kyc"
	"bonafide/store/memory"
)

// A report that comes after the question whether anybody needs the person keeps
// them, until the next look.
func TestWhoIsNeededByThenIsNotErased(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.published(t, b.live, "KYC")
	s := b.over(t, w, "a", kyc.SessionApproved, 40)
	b.sessions.d.Needed = func(_ context.Context, p *kyc.Subject) (string, error) {
		b.store.needed = []kyc.ID{p.ID} // right after the answer
		return "", nil
	}
	b.rules(t, kyc.Retention{Days: 30, Auto: true})
	b.sweep(t, Swept{Destroyed: 1})
	if slices.Contains(b.store.Erased, s.SubjectID) {
		t.Error("they were erased all the same")
	}
	b.sessions.d.Needed, b.store.needed = nobody, nil
	b.sweep(t, Swept{}) // not before tomorrow
	*b.now = b.now.Add(25 * time.Hour)
	b.sweep(t, Swept{People: 1})
}

// A person who cannot be opened is looked at another day and told of until then.
func TestSweepPutsADamagedPersonOff(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	needed := "monitored"
	b.sessions.d.Needed = func(context.Context, *kyc.Subject) (string, error) { return needed, nil }
	w := b.published(t, b.live, "KYC")
	s, other := b.over(t, w, "a", kyc.SessionApproved, 40), b.over(t, w, "b", kyc.SessionApproved, 40)
	b.rules(t, kyc.Retention{Days: 30, Auto: true})
	b.sweep(t, Swept{Destroyed: 2})
	needed, b.store.damaged = "", []kyc.ID{s.SubjectID}
	*b.now = b.now.Add(25 * time.Hour)
	b.sweep(t, Swept{People: 1, Damaged: 1})
	if !slices.Contains(b.store.Erased, other.SubjectID) || slices.Contains(b.store.Erased, s.SubjectID) {
		t.Errorf("erased: %v", b.store.Erased)
	}
	b.sweep(t, Swept{}) // not looked at again today, and still told of
	how, err := b.sessions.RetentionSweep(t.Context(), b.live)
	if err != nil || len(how.Damaged) != 1 || how.Damaged[0].Kind != "person" || how.Damaged[0].ID != s.SubjectID {
		t.Errorf("%+v, %v", how, err)
	}
	b.store.damaged = nil
	*b.now = b.now.Add(25 * time.Hour)
	b.sweep(t, Swept{People: 1})
	if how, err := b.sessions.RetentionSweep(t.Context(), b.live); err != nil || len(how.Damaged) != 0 {
		t.Errorf("%+v, %v", how, err)
	}
}

func TestThePersonGoesWithTheLastSession(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	why := "monitored"
	var elsewhere bool
	b.sessions.d.Needed = func(context.Context, *kyc.Subject) (string, error) { return why, nil }
	b.sessions.d.EraseElsewhere = func(context.Context, *kyc.Subject, kyc.Actor) (bool, error) { return elsewhere, nil }
	w := b.published(t, b.live, "KYC")
	old, young := b.over(t, w, "u", kyc.SessionApproved, 100), b.over(t, w, "u", kyc.SessionApproved, 10)
	if old.SubjectID != young.SubjectID {
		t.Fatal("they are of two people")
	}
	b.rules(t, kyc.Retention{Days: 90, Auto: true})
	b.sweep(t, Swept{Destroyed: 1})
	if len(b.store.Erased) != 0 || len(b.store.Wiped) != 1 || b.store.Wiped[0].SessionID != old.ID {
		t.Errorf("erased %v, wiped %v", b.store.Erased, b.store.Wiped)
	}
	b.kept(t, "the other one", young, kyc.KeptReadable)
	*b.now = b.now.Add(85 * day)
	b.sweep(t, Swept{Destroyed: 1}) // and whoever is monitored stays
	if len(b.store.Erased) != 0 {
		t.Errorf("erased %v", b.store.Erased)
	}
	why = ""
	b.sweep(t, Swept{}) // not before tomorrow
	*b.now = b.now.Add(25 * time.Hour)
	b.sweep(t, Swept{People: 1})
	p, err := b.store.Subject(t.Context(), b.live, old.SubjectID)
	if err != nil || p.Status != kyc.SubjectRedacted || p.ExternalRef != "" || !p.LookAt.IsZero() || !slices.Contains(b.store.Erased, p.ID) {
		t.Errorf("the person is %+v (%v)", p, err)
	}
	*b.now = b.now.Add(25 * time.Hour)
	b.sweep(t, Swept{})

	// Whoever came back has another session, and is not looked at.
	again := b.over(t, w, "v", kyc.SessionRejected, 100)
	why = "monitored"
	b.sweep(t, Swept{Destroyed: 1})
	back := b.over(t, w, "", kyc.SessionApproved, 1)
	back.SubjectID = again.SubjectID
	memory.Edit(b.store.Store, back.ID, func(s *kyc.Session) { s.SubjectID = again.SubjectID })
	why = ""
	*b.now = b.now.Add(25 * time.Hour)
	b.sweep(t, Swept{})
	if p, err := b.store.Subject(t.Context(), b.live, again.SubjectID); err != nil || p.Status == kyc.SubjectRedacted || !p.LookAt.IsZero() {
		t.Errorf("whoever came back is %+v (%v)", p, err)
	}

	// Another machine erases whom it keeps.
	b.over(t, w, "w", kyc.SessionRejected, 100)
	elsewhere = true
	before := len(b.store.Erased)
	b.sweep(t, Swept{Destroyed: 1, People: 1})
	if len(b.store.Erased) != before {
		t.Errorf("erased twice: %v", b.store.Erased)
	}
}

// Somebody who is asked about comes back before the answer: the session they
// open has not ended, and is not destroyed with the person.
func TestWhoeverComesBackDuringTheLookStays(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.published(t, b.live, "KYC")
	old := b.over(t, w, "u", kyc.SessionApproved, 100)
	var fresh kyc.Session
	b.sessions.d.Needed = func(_ context.Context, p *kyc.Subject) (string, error) {
		link, err := b.sessions.Create(t.Context(), b.live, b.key, NewSession{WorkflowID: w.ID, Subject: p.ID})
		fresh = link.Session
		return "", err
	}
	b.rules(t, kyc.Retention{Days: 90, Auto: true})
	b.sweep(t, Swept{Destroyed: 1})
	b.kept(t, "the old one", old, kyc.KeptNot)
	if got := b.kept(t, "the new one", fresh, kyc.KeptReadable); got.Status != kyc.SessionCreated || len(b.store.Erased) != 0 {
		t.Errorf("the new one is %s, erased are %v", got.Status, b.store.Erased)
	}
}
