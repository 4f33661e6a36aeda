package session

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"bonafide/kyc"
)

// A clock that is set wrong makes everything look overdue, and what a sweep
// destroys does not come back when the clock does. Each sweep therefore notes
// what the clock said. One that finds it much further on waits: the clock jumped,
// or nobody swept for a while, and from inside the two look the same. It goes on
// when the clock has gone on evenly for a day of running time, so that a server
// that was off for a month is not stuck and whoever watches has a day to notice;
// at once when the clock comes back, or when somebody confirms it.
const (
	// clockStep is how far the clock may be beyond the last sweep: no more can be
	// destroyed too early.
	clockStep = 24 * time.Hour
	// clockWait is how much running time is watched before a sweep goes on, and
	// clockLook the most that one look counts for, a little over the time between
	// two, so that only a program that runs gathers it.
	clockWait = 24 * time.Hour
	clockLook = 2 * time.Minute
	// clockNote is how old the note of a trusted clock may be before it is written
	// anew.
	clockNote = 30 * time.Second
	// clockAgrees is how far the time that somebody confirms may be from what the
	// clock says.
	clockAgrees = time.Hour
	// stateTries is how often a state is written that another process changed.
	stateTries = 10
)

// Actions of the audit chain about the clock.
const (
	actHold    = "retention.hold"
	actConfirm = "retention.confirm"
	actGoOn    = "retention.go_on"
)

// look brings a state up to what the clock says now; most is how far it may be
// beyond the last sweep. It answers whether the clock is trusted, and the action
// that is new for the audit chain, "" for none. Pure.
func look(s *kyc.RetentionState, now time.Time, most time.Duration) (trusted bool, news string) {
	step := now.Sub(s.SeenAt)
	s.SeenAt = now
	switch {
	case now.Sub(s.TrustedAt) <= most: // also when it went back: less is due than before
		if !s.HeldAt.IsZero() {
			news = actGoOn
		}
	case s.HeldAt.IsZero() || step > most || step < -most:
		s.HeldAt, s.Observed = now, 0
		return false, actHold
	default:
		if s.Observed += min(max(step, 0), clockLook); s.Observed < clockWait {
			return false, ""
		}
		news = actGoOn
	}
	s.TrustedAt, s.HeldAt, s.Observed = now, time.Time{}, 0
	return true, news
}

// trustClock reports whether a sweep of a tenant may follow the clock. The clock
// is the server's: an organisation may put that of its sandbox forward as it
// likes.
func (m *Sessions) trustClock(ctx context.Context, t kyc.Tenant, org *kyc.Org) (trusted bool, err error) {
	err = m.editState(ctx, t, org, func(s *kyc.RetentionState, now time.Time) *kyc.Event {
		was, noted := s.TrustedAt, now.Sub(s.TrustedAt)
		fresh := s.Rev > 0 && s.HeldAt.IsZero() && noted >= 0 && noted < clockNote
		var news string
		trusted, news = look(s, now, m.d.ClockStep)
		switch {
		case news == "" && fresh:
			return nil
		case news == "":
			return &kyc.Event{}
		case news == actHold:
			m.d.Log.Error("retention waits: the clock is far beyond the last sweep", "org", t.Org, "env", t.Env, "clock", now, "last", was)
		}
		e := event(ctx, t, byRetention(), now, news, "org", t.Org, "")
		e.Reason = clockWords(now, was)
		return &e
	})
	return trusted && err == nil, err
}

func clockWords(now, last time.Time) string {
	return fmt.Sprintf("the clock says %s, the last sweep was at %s", now.UTC().Format(time.RFC3339), last.UTC().Format(time.RFC3339))
}

// editState changes a tenant's state. change gives the entry of the audit chain,
// one without an action for none, and nil to leave the state as it is.
func (m *Sessions) editState(ctx context.Context, t kyc.Tenant, org *kyc.Org, change func(s *kyc.RetentionState, now time.Time) *kyc.Event) error {
	for try := 1; ; try++ {
		s, err := m.state(ctx, t, org)
		if err != nil {
			return err
		}
		now := m.d.Clock.Now()
		e := change(&s, now)
		if e == nil {
			return nil
		}
		s.Touch(now)
		c := kyc.Change{Put: []kyc.Object{&s}}
		if e.Action != "" {
			c.Events = []kyc.Event{*e}
		}
		if err = m.d.Store.Commit(ctx, &c); !kyc.IsCode(err, "concurrent_change") || try == stateTries {
			return err
		}
	}
}

// state reads a tenant's state. Before the first sweep the last trace of the
// clock is what happened last: an entry of the audit chain, or the organisation's
// last change.
func (m *Sessions) state(ctx context.Context, t kyc.Tenant, org *kyc.Org) (kyc.RetentionState, error) {
	s, err := m.d.Store.RetentionState(ctx, t)
	if err == nil || kyc.KindOf(err) != kyc.NotFound {
		return s, err
	}
	s = kyc.RetentionState{Meta: kyc.Meta{ID: kyc.RetentionStateID(t), Tenant: t}, TrustedAt: org.UpdatedAt}
	last, _, err := m.d.Store.Events(ctx, t, kyc.EventFilter{}, kyc.Page{Limit: 1, Uncounted: true})
	if err != nil {
		return s, err
	}
	if len(last) > 0 && last[0].At.After(s.TrustedAt) {
		s.TrustedAt = last[0].At
	}
	s.SeenAt = s.TrustedAt
	return s, nil
}

// forgetState takes the state of a tenant without rules away, so that the time
// until it has rules again is not taken for a jump of the clock.
func (m *Sessions) forgetState(ctx context.Context, t kyc.Tenant) error {
	s, err := m.d.Store.RetentionState(ctx, t)
	if err == nil {
		err = m.d.Store.Commit(ctx, &kyc.Change{Remove: []kyc.Object{&s}})
	}
	if kyc.KindOf(err) == kyc.NotFound {
		return nil
	}
	return err
}

// noteDamaged keeps what a sweep could not open, and tells the log of what is new.
func (m *Sessions) noteDamaged(ctx context.Context, w *sweep) error {
	return m.editState(ctx, w.t, &kyc.Org{}, func(s *kyc.RetentionState, now time.Time) *kyc.Event {
		all := slices.DeleteFunc(slices.Clone(s.Damaged), func(d kyc.DamagedRow) bool {
			return d.Kind == "session" || w.people[d.ID]
		})
		for _, d := range w.damaged {
			d.Since = now
			if before := slices.IndexFunc(s.Damaged, func(x kyc.DamagedRow) bool { return x.Kind == d.Kind && x.ID == d.ID }); before >= 0 {
				d.Since = s.Damaged[before].Since
			} else {
				m.d.Log.Error("retention leaves what is due and cannot be opened", "kind", d.Kind, "id", d.ID, "org", w.t.Org, "env", w.t.Env)
			}
			all = append(all, d)
		}
		slices.SortFunc(all, func(a, b kyc.DamagedRow) int {
			return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
		})
		if slices.EqualFunc(all, s.Damaged, func(a, b kyc.DamagedRow) bool { return a.Kind == b.Kind && a.ID == b.ID && a.Since.Equal(b.Since) }) {
			return nil
		}
		s.Damaged = all
		return &kyc.Event{}
	})
}

// RetentionSweep tells how the sweeps of a tenant stand.
type RetentionSweep struct {
	// Clock is what the server's clock says; LastAt what it said at the last sweep
	// that was let through, zero before the first.
	Clock, LastAt time.Time
	// HeldAt is set while sweeps wait because the clock is not trusted, and Left
	// is how long it must still go on evenly.
	HeldAt time.Time
	Left   time.Duration
	// Damaged are due and cannot be opened; they stay until they are restored from
	// a backup or removed by hand.
	Damaged []kyc.DamagedRow
}

// RetentionSweep reads how the sweeps of a tenant stand.
func (m *Sessions) RetentionSweep(ctx context.Context, t kyc.Tenant) (RetentionSweep, error) {
	out := RetentionSweep{Clock: m.d.Clock.Now()}
	s, err := m.d.Store.RetentionState(ctx, t)
	switch {
	case err == nil:
	case kyc.KindOf(err) == kyc.NotFound:
		return out, nil
	default:
		return out, err
	}
	out.LastAt, out.HeldAt, out.Damaged = s.TrustedAt, s.HeldAt, s.Damaged
	if !s.HeldAt.IsZero() {
		out.Left = clockWait - s.Observed
	}
	return out, nil
}

// ConfirmClock lets sweeps go on that wait because of the clock: somebody says
// what time it is, and the clock must agree within an hour. Errors: 409 not_held
// where nothing waits, clock_differs.
func (m *Sessions) ConfirmClock(ctx context.Context, t kyc.Tenant, by kyc.Actor, is time.Time) error {
	var refused error
	err := m.editState(kyc.WithoutUnit(ctx), t, &kyc.Org{}, func(s *kyc.RetentionState, now time.Time) *kyc.Event {
		refused = nil
		switch far := now.Sub(is); {
		case s.Rev == 0 || s.HeldAt.IsZero():
			refused = kyc.Errorf(kyc.Conflict, "not_held", "no sweep waits because of the clock")
			return nil
		case far > clockAgrees || far < -clockAgrees:
			refused = kyc.Errorf(kyc.Conflict, "clock_differs", "the server's clock says %s; set it right first", now.UTC().Format(time.RFC3339))
			return nil
		}
		e := event(ctx, t, by, now, actConfirm, "org", t.Org, "")
		e.Reason = clockWords(now, s.TrustedAt)
		s.TrustedAt, s.SeenAt, s.HeldAt, s.Observed = now, now, time.Time{}, 0
		return &e
	})
	if err != nil {
		return err
	}
	return refused
}
