package memory

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"bonafide/kyc"
)

// Store holds copies: what was stored cannot be changed from outside. The
// exported fields are what commits left, for a test to look at when nothing is
// running.
type Store struct {
	mu      sync.Mutex
	objects map[string]kyc.Object

	Log     []kyc.Event // of all commits, in their order
	Jobs    []kyc.Job
	Erased  []kyc.ID // subjects and sessions whose key was destroyed
	Wiped   []kyc.Wipe
	Tried   []kyc.Trial
	Files   map[string][]byte // by key
	Commits int               // how many succeeded

	// Between, when set, runs before the next commit: somebody else's move.
	Between func()
	// Refuse, when set, is what the next commit answers.
	Refuse error
	// Deaf, when above zero, counts files down to the one that cannot be stored.
	Deaf int
	// Kept, when set, is told of each change that was committed, before anybody
	// can read it.
	Kept func(*kyc.Change)
}

// New makes an empty store.
func New() *Store { return &Store{objects: map[string]kyc.Object{}, Files: map[string][]byte{}} }

// place tells objects apart: a journey shares its ID with its session.
func place(o kyc.Object) string { return fmt.Sprintf("%T/%s", o, o.Head().ID) }

// Commit stores a change whole or not at all, or puts it to the unit of work
// that the context carries.
func (m *Store) Commit(ctx context.Context, c *kyc.Change) error {
	if u := kyc.UnitFrom(ctx); u != nil {
		u.Change.Add(*c)
		return nil
	}
	m.mu.Lock()
	between := m.Between
	m.Between = nil
	m.mu.Unlock()
	if between != nil {
		between()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.Refuse; err != nil {
		m.Refuse = nil
		return err
	}
	if err := m.fits(c); err != nil {
		return err
	}
	for _, o := range c.Put {
		m.objects[place(o)] = Copy(o)
	}
	for _, o := range c.Remove {
		delete(m.objects, place(o))
	}
	m.Log = append(m.Log, c.Events...)
	m.Jobs = append(m.Jobs, c.Jobs...)
	m.Erased = append(m.Erased, c.Erase...)
	m.Wiped = append(m.Wiped, c.Wipe...)
	for _, x := range c.Trials {
		if !slices.ContainsFunc(m.Tried, func(y kyc.Trial) bool {
			return y.Tenant == x.Tenant && y.WorkflowID == x.WorkflowID && y.Rollout == x.Rollout && y.SessionID == x.SessionID
		}) {
			m.Tried = append(m.Tried, x)
		}
	}
	m.Commits++
	if m.Kept != nil {
		m.Kept(c)
	}
	return nil
}

// fits reports what keeps a change from being stored.
func (m *Store) fits(c *kyc.Change) error {
	seen := map[string]bool{}
	for _, o := range c.Put {
		h, at := o.Head(), place(o)
		if seen[at] {
			return kyc.Errorf(kyc.Internal, "double_put", "%s is put twice", at)
		}
		seen[at] = true
		old, exists := m.objects[at]
		if exists != (h.Rev > 1) || (exists && old.Head().Rev != h.Rev-1) {
			return kyc.Stale(fmt.Sprintf("%T", o))
		}
		if err := m.alone(o, exists); err != nil {
			return err
		}
	}
	for _, o := range c.Remove {
		if _, exists := m.objects[place(o)]; !exists {
			return kyc.Missing("object", string(o.Head().ID))
		}
	}
	return nil
}

// alone reports what an object may not share with another one.
func (m *Store) alone(o kyc.Object, exists bool) error {
	taken := func(same func(kyc.Object) bool) bool {
		for _, other := range m.objects {
			if other.Head().ID != o.Head().ID && other.Head().Tenant == o.Head().Tenant && same(other) {
				return true
			}
		}
		return false
	}
	switch o := o.(type) {
	case *kyc.Ruling:
		if exists {
			return kyc.Errorf(kyc.Internal, "immutable", "a ruling never changes")
		}
	case *kyc.Subject:
		if !exists && o.ExternalRef != "" && taken(func(x kyc.Object) bool { s, ok := x.(*kyc.Subject); return ok && s.ExternalRef == o.ExternalRef }) {
			return kyc.Stale("subject")
		}
	case *kyc.Workflow:
		if o.Slug != "" && o.Status != kyc.WorkflowDeleted && taken(func(x kyc.Object) bool {
			w, ok := x.(*kyc.Workflow)
			return ok && w.Slug == o.Slug && w.Status != kyc.WorkflowDeleted
		}) {
			return kyc.Errorf(kyc.Conflict, "slug_taken", "another workflow has this already")
		}
	case *kyc.MatchlistEntry:
		if taken(func(x kyc.Object) bool {
			e, ok := x.(*kyc.MatchlistEntry)
			return ok && e.MatchlistID == o.MatchlistID && e.Hash == o.Hash
		}) {
			return kyc.Errorf(kyc.Conflict, "entry_exists", "the list has this entry already")
		}
	}
	return nil
}

// Edit changes a stored object behind everybody's back: no revision, no event.
func Edit[T any, P object[T]](m *Store, id kyc.ID, change func(P)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var zero T
	change(m.objects[fmt.Sprintf("%T/%s", &zero, id)].(P))
}

// object is a pointer to a T that can be stored.
type object[T any] interface {
	*T
	kyc.Object
}

// Get finds one object of a tenant.
func Get[T any, P object[T]](m *Store, t kyc.Tenant, id kyc.ID) (T, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var zero T
	o, ok := m.objects[fmt.Sprintf("%T/%s", &zero, id)].(P)
	if !ok || o.Head().Tenant != t {
		return zero, kyc.Missing(what[T](), string(id))
	}
	return *Copy(o).(P), nil
}

// All finds every object of a tenant that keep accepts, newest first, and how
// many there are without the page. No tenant is every tenant.
func All[T any, P object[T]](m *Store, t kyc.Tenant, p kyc.Page, keep func(T) bool) ([]T, int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []T
	for _, o := range m.objects {
		if x, ok := o.(P); ok && (x.Head().Tenant == t || t == kyc.Tenant{}) && keep(*x) {
			out = append(out, *Copy(x).(P))
		}
	}
	id := func(x *T) kyc.ID { return P(x).Head().ID }
	slices.SortFunc(out, func(a, b T) int { return strings.Compare(string(id(&b)), string(id(&a))) })
	total := len(out)
	if p.After != "" {
		out = slices.DeleteFunc(out, func(x T) bool { return id(&x) >= p.After })
	}
	return Part(out, p), total
}

// Part is a page of a list by its offset and limit.
func Part[T any](all []T, p kyc.Page) []T {
	all = all[min(p.Offset, len(all)):]
	if p.Limit > 0 {
		all = all[:min(p.Limit, len(all))]
	}
	return all
}

// First is the newest object that keep accepts.
func First[T any, P object[T]](m *Store, t kyc.Tenant, keep func(T) bool) (T, error) {
	out, _ := All[T, P](m, t, kyc.Page{}, keep)
	if len(out) == 0 {
		var zero T
		return zero, kyc.Missing(what[T](), "")
	}
	return out[0], nil
}

// Oldest is All, oldest first.
func Oldest[T any, P object[T]](m *Store, t kyc.Tenant, keep func(T) bool) []T {
	out, _ := All[T, P](m, t, kyc.Page{}, keep)
	slices.Reverse(out)
	return out
}

// what is a kind of object as errors call it.
func what[T any]() string {
	var zero T
	return strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%T", zero), "kyc."))
}
