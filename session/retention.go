package session

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"bonafide/kyc"
)

// JobRetention sweeps the sessions whose time to be kept is over.
const JobRetention = "session.retention"

// retentionPage is how many sessions, or people, one look takes.
const retentionPage = 100

// lookEvery is how long a person is left alone who is still needed though all
// their sessions are gone.
const lookEvery = 24 * time.Hour

// byRetention is who the audit chain says did it.
func byRetention() kyc.Actor { return kyc.SystemActor("retention") }

// Kept counts the sessions whose time is over under some rules.
type Kept struct {
	Withhold int // the first pass would reach them
	Destroy  int // the second pass would
	Waiting  int // it would, if Retention.Auto were set
	Held     int // a legal hold keeps them from either
}

// Swept tells what one sweep did.
type Swept struct {
	Withheld  int
	Destroyed int
	People    int // erased after their last session
	Damaged   int // due and cannot be opened: they were left as they are
	Waiting   int // tenants whose sweep waits because of the clock
}

func (s *Swept) add(o Swept) {
	s.Withheld += o.Withheld
	s.Destroyed += o.Destroyed
	s.People += o.People
	s.Damaged += o.Damaged
	s.Waiting += o.Waiting
}

// broken reports whether something stored cannot be opened, which it will not be
// the next time either.
func broken(err error) bool { return kyc.IsCode(err, "sealed_broken") }

// sweep is one sweep of a tenant under way.
type sweep struct {
	t       kyc.Tenant
	rules   kyc.Retention
	now     time.Time // the tenant's own clock
	damaged []kyc.DamagedRow
	// people were looked at; the others are only looked at another day.
	people map[kyc.ID]bool
}

// leave notes what is due and cannot be opened: nobody knows what would be
// destroyed, so nothing is.
func (w *sweep) leave(kind string, id kyc.ID) {
	if !slices.ContainsFunc(w.damaged, func(d kyc.DamagedRow) bool { return d.Kind == kind && d.ID == id }) {
		w.damaged = append(w.damaged, kyc.DamagedRow{Kind: kind, ID: id})
	}
}

// withholds and destroys are what the two passes look for. Their filters leave
// out what a legal hold keeps.
func withholds(r kyc.Retention, now time.Time) []kyc.RetentionFilter {
	var out []kyc.RetentionFilter
	for _, c := range r.Classes() {
		for _, status := range c.Statuses {
			if c.Rule.SensitiveDays > 0 {
				out = append(out, kyc.RetentionFilter{Status: status, Until: before(now, c.Rule.SensitiveDays)})
			}
		}
	}
	return out
}

func destroys(r kyc.Retention, now time.Time) []kyc.RetentionFilter {
	var out []kyc.RetentionFilter
	for _, c := range r.Classes() {
		for _, status := range c.Statuses {
			if until := before(now, c.Rule.Days); c.Rule.Days > 0 {
				out = append(out, kyc.RetentionFilter{Status: status, Until: until}, kyc.RetentionFilter{Status: status, Until: until, Withheld: true})
			}
		}
	}
	return out
}

func before(now time.Time, days int) time.Time { return now.Add(-time.Duration(days) * 24 * time.Hour) }

// RetentionDue counts what rules would reach if they were in force now.
func (m *Sessions) RetentionDue(ctx context.Context, t kyc.Tenant, r kyc.Retention) (Kept, error) {
	var k Kept
	now, _, err := m.now(ctx, t)
	if err != nil {
		return k, err
	}
	count := func(into *int, all []kyc.RetentionFilter, held bool) {
		for _, f := range all {
			if err != nil {
				return
			}
			f.Held = held
			var n int
			n, err = m.d.Store.CountSessionsDue(ctx, t, f)
			*into += n
		}
	}
	ends := &k.Waiting
	if r.Auto {
		ends = &k.Destroy
	}
	count(&k.Withhold, withholds(r, now), false)
	count(ends, destroys(r, now), false)
	count(&k.Held, destroys(r, now), true)
	if k.Destroy > 0 { // what goes altogether is not withheld before
		var soon int
		for _, c := range r.Classes() {
			for _, status := range c.Statuses {
				if c.Rule.Days > 0 && c.Rule.SensitiveDays > 0 {
					count(&soon, []kyc.RetentionFilter{{Status: status, Until: before(now, c.Rule.Days)}}, false)
				}
			}
		}
		k.Withhold -= soon
	}
	return k, err
}

// RetentionWaits are up to limit sessions that the rules in force would destroy
// and do not, because nothing is destroyed by itself or a legal hold keeps them;
// the earliest end first.
func (m *Sessions) RetentionWaits(ctx context.Context, t kyc.Tenant, limit int) ([]kyc.Session, error) {
	now, org, err := m.now(ctx, t)
	if err != nil {
		return nil, err
	}
	r := org.EnvSettings(t.Env).Retention
	var out []kyc.Session
	for _, f := range destroys(r, now) {
		for _, held := range []bool{false, true} {
			if f.Held = held; r.Auto && !held {
				continue // the next sweep takes them
			}
			list, err := m.d.Store.SessionsDue(ctx, t, f, limit)
			if err != nil {
				return nil, err
			}
			out = append(out, list...)
		}
	}
	slices.SortStableFunc(out, func(a, b kyc.Session) int { return a.EndedAt().Compare(b.EndedAt()) })
	return out[:min(limit, len(out))], nil
}

// SweepRetention does both passes for every tenant that has rules. Each session
// is one commit with its audit entry and its webhook; a compare-and-set keeps
// two nodes from doing one twice, and a sweep that was cut off is taken up by
// the next. What fails for one session does not keep another.
func (m *Sessions) SweepRetention(ctx context.Context) (Swept, error) {
	orgs, err := m.d.Store.Orgs(ctx)
	if err != nil {
		return Swept{}, err
	}
	var out Swept
	var all []error
	for _, org := range orgs {
		for _, env := range []kyc.Env{kyc.Live, kyc.Sandbox} {
			one, err := m.SweepTenant(ctx, kyc.Tenant{Org: org.ID, Env: env})
			out.add(one)
			all = append(all, err)
		}
	}
	return out, errors.Join(all...)
}

// SweepTenant is SweepRetention for one tenant. While the clock is not trusted it
// does nothing (see retention_clock.go).
func (m *Sessions) SweepTenant(ctx context.Context, t kyc.Tenant) (Swept, error) {
	now, org, err := m.now(ctx, t)
	if err != nil {
		return Swept{}, err
	}
	w := &sweep{t: t, rules: org.EnvSettings(t.Env).Retention, now: now, people: map[kyc.ID]bool{}}
	if w.rules.Keeps() {
		return Swept{}, m.forgetState(ctx, t)
	}
	out := Swept{Waiting: 1}
	trusted, err := m.trustClock(ctx, t, &org)
	if trusted && err == nil {
		out, err = m.sweepTenant(ctx, w)
		err = errors.Join(err, m.noteDamaged(ctx, w))
		out.Damaged = len(w.damaged)
	}
	if err != nil {
		err = fmt.Errorf("sweeping what %s keeps in its %s environment: %w", t.Org, t.Env, err)
	}
	return out, err
}

func (m *Sessions) sweepTenant(ctx context.Context, w *sweep) (Swept, error) {
	var out Swept
	var all []error
	if w.rules.Auto {
		for _, f := range destroys(w.rules, w.now) {
			n, err := m.sweepDue(ctx, w, f, func(s *kyc.Session) error { return m.destroy(ctx, s, w.now) })
			out.Destroyed += n
			all = append(all, err)
		}
	}
	for _, f := range withholds(w.rules, w.now) {
		n, err := m.sweepDue(ctx, w, f, func(s *kyc.Session) error { return m.withhold(ctx, s, w.now) })
		out.Withheld += n
		all = append(all, err)
	}
	if w.rules.Auto {
		n, err := m.sweepPeople(ctx, w)
		out.People = n
		all = append(all, err)
	}
	return out, errors.Join(all...)
}

// sweepDue does something with every session that is due, and counts them. One
// that changed meanwhile is left to the next sweep, and so is all that is left
// when the rules are not those any more: somebody who takes a mistake back does
// not have to watch how it goes on. One that cannot be opened, or to which
// something belongs that cannot, is left as it is and noted.
func (m *Sessions) sweepDue(ctx context.Context, w *sweep, f kyc.RetentionFilter, do func(*kyc.Session) error) (int, error) {
	t, n := w.t, 0
	var all []error
	for {
		page, err := m.d.Store.SessionsDue(ctx, t, f, retentionPage)
		if err != nil || len(page) == 0 {
			return n, errors.Join(append(all, err)...)
		}
		if org, err := m.d.Store.Org(ctx, t.Org); err != nil || !reflect.DeepEqual(org.EnvSettings(t.Env).Retention, w.rules) {
			return n, errors.Join(append(all, err)...)
		}
		// Before the sessions: a sweep that is cut off between the two leaves no
		// answer behind that tells what cannot be read.
		about := make([]kyc.ID, 0, len(page))
		for i := range page {
			if !page[i].Damaged {
				about = append(about, page[i].SubjectID)
			}
		}
		if err := m.d.Store.ForgetAnswers(ctx, t, about); err != nil {
			return n, errors.Join(append(all, err)...)
		}
		for i := range page {
			s := &page[i]
			f.AfterEnd, f.AfterID = s.EndedAt(), s.ID
			if s.Damaged {
				w.leave("session", s.ID)
				continue
			}
			switch err := do(s); {
			case err == nil:
				n++
			case broken(err):
				w.leave("session", s.ID)
			case kyc.KindOf(err) == kyc.Conflict || kyc.KindOf(err) == kyc.NotFound:
			default:
				all = append(all, fmt.Errorf("session %s: %w", s.ID, err))
			}
			if err := ctx.Err(); err != nil {
				return n, errors.Join(append(all, err)...)
			}
		}
		if len(page) < retentionPage {
			return n, errors.Join(all...)
		}
	}
}

// withhold is the first pass: from here on the store opens nothing that belongs
// to the session. It still lies there, so a mistake in the rules destroys
// nothing yet. The applicant's link ends, because its page would have nothing
// to show.
func (m *Sessions) withhold(ctx context.Context, s *kyc.Session, now time.Time) error {
	was := digest(s)
	s.CompletedAt = s.EndedAt() // where an early version did not note it
	s.WithheldAt, s.TokenHash = now, ""
	s.Touch(now)
	e := m.sessionEvent(ctx, s, byRetention(), now, "session.withhold", "", nil)
	e.Before = was
	return m.d.Store.Commit(ctx, &kyc.Change{Put: []kyc.Object{s}, Events: []kyc.Event{e}})
}

// destroy is the second pass: everything personal of the session is overwritten
// and its files are dropped. The key belongs to the person, who may have other
// sessions; it goes with the last of them (sweepPeople). The person is written
// as well, so that of two sessions that end at the same time one sees the other.
func (m *Sessions) destroy(ctx context.Context, s *kyc.Session, now time.Time) error {
	t, what := s.Tenant, "redacted"
	if s.Surface == kyc.SurfaceGraph {
		what = "retention-expired"
	}
	person, err := m.d.Store.Subject(ctx, t, s.SubjectID)
	if err != nil {
		return err
	}
	left, _, err := m.d.Store.Sessions(ctx, t, kyc.SessionFilter{SubjectID: s.SubjectID, Left: true}, kyc.Page{Limit: 2, Uncounted: true})
	if err != nil {
		return err
	}
	if len(left) == 1 { // this one
		person.LookAt = now
	}
	c := kyc.Change{Wipe: []kyc.Wipe{{Tenant: t, SessionID: s.ID, SubjectID: s.SubjectID}}}
	if _, err := m.eraseSession(ctx, t, byRetention(), now, s, &c, "session.retention_expire", what); err != nil {
		return err
	}
	person.Touch(now)
	c.Put = append(c.Put, &person)
	return m.d.Store.Commit(ctx, &c)
}
