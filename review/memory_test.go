package review

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"bonafide/kyc"
)

// memory is a store in memory with compare-and-set on Rev.
type memory struct {
	mu       sync.Mutex
	org      kyc.Org
	users    []kyc.User
	cases    map[kyc.ID]kyc.Case
	sessions map[kyc.ID]kyc.Session
	subjects map[kyc.ID]kyc.Subject
	notes    []kyc.Note
	words    []kyc.HitReview
	events   []kyc.Event
	marks    map[string]string // of cases, for draws
	deaf     error             // of marks
}

func (m *memory) Commit(ctx context.Context, c *kyc.Change) error {
	if u := kyc.UnitFrom(ctx); u != nil {
		u.Change.Add(*c)
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, o := range c.Put {
		var rev int64
		switch o := o.(type) {
		case *kyc.Case:
			rev = m.cases[o.ID].Rev
		case *kyc.Session:
			rev = m.sessions[o.ID].Rev
		case *kyc.Subject:
			rev = m.subjects[o.ID].Rev
		}
		if o.Head().Rev != rev+1 {
			return kyc.Stale(fmt.Sprintf("%T", o))
		}
	}
	for _, o := range c.Put {
		switch o := o.(type) {
		case *kyc.Case:
			m.cases[o.ID] = *o
		case *kyc.Session:
			m.sessions[o.ID] = *o
		case *kyc.Subject:
			m.subjects[o.ID] = *o
		case *kyc.Note:
			m.notes = append(m.notes, *o)
		case *kyc.HitReview:
			m.words = append(m.words, *o)
		}
	}
	for _, e := range c.Events {
		e.Seq = int64(len(m.events) + 1)
		m.events = append(m.events, e)
	}
	return nil
}

func read[T any](m *memory, from map[kyc.ID]T, t kyc.Tenant, id kyc.ID, head func(T) kyc.Meta) (T, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	x, ok := from[id]
	if !ok || head(x).Tenant != t {
		var zero T
		return zero, kyc.Missing("object", string(id))
	}
	return x, nil
}

func (m *memory) Case(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.Case, error) {
	return read(m, m.cases, t, id, func(c kyc.Case) kyc.Meta { return c.Meta })
}

func (m *memory) Session(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.Session, error) {
	return read(m, m.sessions, t, id, func(s kyc.Session) kyc.Meta { return s.Meta })
}

func (m *memory) Subject(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.Subject, error) {
	return read(m, m.subjects, t, id, func(s kyc.Subject) kyc.Meta { return s.Meta })
}

func (m *memory) pick(keep func(kyc.Case) bool) []kyc.Case {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []kyc.Case
	for _, c := range m.cases {
		if keep(c) {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b kyc.Case) int {
		if a.Priority != b.Priority {
			return b.Priority - a.Priority
		}
		return strings.Compare(string(a.ID), string(b.ID))
	})
	return out
}

func (m *memory) Cases(_ context.Context, t kyc.Tenant, f kyc.CaseFilter, _ kyc.Page) ([]kyc.Case, int, error) {
	out := m.pick(func(c kyc.Case) bool {
		return c.Tenant == t && (len(f.Status) == 0 || slices.Contains(f.Status, c.Status)) && (f.Queue == "" || f.Queue == c.Queue) &&
			(f.AssignedTo == "" || f.AssignedTo == c.AssignedTo) && (f.SessionID == "" || f.SessionID == c.SessionID) && !c.EnteredReviewAt.Before(f.EnteredFrom) && (f.EnteredTo.IsZero() || c.EnteredReviewAt.Before(f.EnteredTo))
	})
	return out, len(out), nil
}

func (m *memory) NextCases(_ context.Context, t kyc.Tenant, queue string, beyond []string, limit int) ([]kyc.Case, error) {
	out := m.pick(func(c kyc.Case) bool {
		return c.Tenant == t && c.Status == kyc.CaseOpen && c.AssignedTo == "" && (queue == "" || queue == c.Queue) && !slices.Contains(beyond, c.Queue)
	})
	return out[:min(limit, len(out))], nil
}

func (m *memory) CaseCounts(context.Context, kyc.Tenant) (map[kyc.CaseStatus]int, error) {
	out := map[kyc.CaseStatus]int{}
	for _, c := range m.pick(func(kyc.Case) bool { return true }) {
		out[c.Status]++
	}
	return out, nil
}

func (m *memory) LapsedCases(_ context.Context, now time.Time) ([]kyc.Case, error) {
	return m.pick(func(c kyc.Case) bool {
		return c.Status == kyc.CaseInReview && !c.LastActivityAt.Add(30*time.Minute).After(now)
	}), nil
}

func (m *memory) Notes(_ context.Context, _ kyc.Tenant, id kyc.ID) ([]kyc.Note, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.notes), nil
}

func (m *memory) HitReviews(_ context.Context, t kyc.Tenant, about kyc.ID) ([]kyc.HitReview, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(m.words), func(w kyc.HitReview) bool { return w.Tenant != t || w.About() != about }), nil
}

func (m *memory) QualityCases(_ context.Context, t kyc.Tenant, f kyc.QualityFilter, p kyc.Page) ([]kyc.Case, int, error) {
	out := m.pick(func(c kyc.Case) bool {
		return c.Tenant == t && c.Quality != nil && c.Quality.State == f.State && (f.Queue == "" || f.Queue == c.Queue)
	})
	slices.SortFunc(out, func(a, b kyc.Case) int {
		return cmp.Or(a.Quality.At.Compare(b.Quality.At), strings.Compare(string(a.ID), string(b.ID)))
	})
	if at := slices.IndexFunc(out, func(c kyc.Case) bool { return c.ID == p.After }); at >= 0 {
		out = out[at+1:]
	}
	return out[:min(len(out), cmp.Or(p.Limit, len(out)))], len(out), nil
}

// Blind gives each case a place that tests can foresee: that of marks, else the
// first of all, so that every share draws it.
func (m *memory) Blind(_ context.Context, _ kyc.Tenant, kind, value string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if kind != markQuality {
		return "", fmt.Errorf("asked for a mark of kind %q", kind)
	}
	return cmp.Or(m.marks[value], "0000000000000000"), m.deaf
}

func (m *memory) Org(context.Context, kyc.ID) (kyc.Org, error) { return m.org, nil }

func (m *memory) Orgs(context.Context) ([]kyc.Org, error) { return []kyc.Org{m.org}, nil }

func (m *memory) Users(context.Context, kyc.ID) ([]kyc.User, error) { return m.users, nil }

func (m *memory) Events(_ context.Context, _ kyc.Tenant, f kyc.EventFilter, _ kyc.Page) ([]kyc.Event, int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []kyc.Event
	for _, e := range m.events {
		if (f.ObjectID == "" || e.ObjectID == f.ObjectID) && (f.SubjectID == "" || e.SubjectID == f.SubjectID) && (f.Action == "" || e.Action == f.Action) &&
			(len(f.Actions) == 0 || slices.Contains(f.Actions, e.Action)) && (f.Actor == "" || e.Actor.ID == f.Actor) {
			out = append(out, e)
		}
	}
	return out, len(out), nil
}
