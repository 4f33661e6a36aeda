package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"bonafide/kyc"
)

// memory is a store in memory with the promises the machine relies on:
// compare-and-set on Rev, tenants apart, rulings and exams written once. What
// was stored cannot be changed from outside, and jobs are kept in order.
type memory struct {
	mu      sync.Mutex
	objects map[string]kyc.Object
	events  []kyc.Event
	jobs    []kyc.Job
	commits int
	blobs   map[string][]byte
	// between, when set, runs before the next commit: somebody else's move.
	between func()
}

func newMemory() *memory {
	return &memory{objects: map[string]kyc.Object{}, blobs: map[string][]byte{}}
}

// place keeps a journey apart from the session whose ID it shares.
func place(o kyc.Object) string { return fmt.Sprintf("%T/%s", o, o.Head().ID) }

func clone(o kyc.Object) kyc.Object {
	switch o := o.(type) {
	case *kyc.Org:
		c := *o
		return &c
	case *kyc.Session:
		c := *o
		c.Tags = slices.Clone(c.Tags)
		c.Private = kyc.SessionData{}
		raw, err := json.Marshal(o.Private) // as a store gives it back
		if err == nil {
			err = json.Unmarshal(raw, &c.Private)
		}
		if err != nil {
			panic(err)
		}
		return &c
	case *kyc.Journey:
		c := *o
		c.Steps, c.Liveness, c.Corrections, c.Consents = slices.Clone(c.Steps), slices.Clone(c.Liveness), slices.Clone(c.Corrections), slices.Clone(c.Consents)
		c.Private.Messages, c.Private.Files, c.Private.Addresses = maps.Clone(c.Private.Messages), maps.Clone(c.Private.Files), maps.Clone(c.Private.Addresses)
		c.Private.Warnings, c.Private.Superseded = maps.Clone(c.Private.Warnings), slices.Clone(c.Private.Superseded)
		return &c
	case *kyc.Subject:
		c := *o
		return &c
	case *kyc.Workflow:
		c := *o
		return &c
	case *kyc.WorkflowVersion:
		c := *o
		return &c
	case *kyc.Upload:
		c := *o
		return &c
	case *kyc.Transfer:
		c := *o
		return &c
	case *kyc.Exam:
		c := *o
		return &c
	case *kyc.Ruling:
		c := *o
		return &c
	case *kyc.Run:
		c := *o
		return &c
	case *kyc.Case:
		c := *o
		c.Overrides = slices.Clone(c.Overrides)
		return &c
	}
	panic(fmt.Sprintf("unknown object %T", o))
}

func (m *memory) Events(_ context.Context, t kyc.Tenant, f kyc.EventFilter, _ kyc.Page) (out []kyc.Event, _ int, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range m.events {
		if e.Tenant == t && e.Object == f.Object && e.ObjectID == f.ObjectID && (f.Action == "" || f.Action == e.Action) {
			out = append(out, e)
		}
	}
	return out, len(out), nil
}

func (m *memory) Commit(ctx context.Context, c *kyc.Change) error {
	if u := kyc.UnitFrom(ctx); u != nil {
		u.Change.Add(*c)
		return nil
	}
	m.mu.Lock()
	between := m.between
	m.between = nil
	m.mu.Unlock()
	if between != nil {
		between()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	seen := map[string]bool{}
	for _, o := range c.Put {
		h := o.Head()
		if seen[place(o)] {
			return kyc.Errorf(kyc.Internal, "double_put", "%s is put twice", place(o))
		}
		seen[place(o)] = true
		old, exists := m.objects[place(o)]
		if exists != (h.Rev > 1) || (exists && old.Head().Rev != h.Rev-1) {
			return kyc.Stale(fmt.Sprintf("%T", o))
		}
	}
	for _, o := range c.Put {
		m.objects[place(o)] = clone(o)
	}
	for _, o := range c.Remove {
		delete(m.objects, place(o))
	}
	m.events = append(m.events, c.Events...)
	m.jobs = append(m.jobs, c.Jobs...)
	m.commits++
	return nil
}

// get finds one object of a tenant.
func get[T any, P interface {
	*T
	kyc.Object
}](m *memory, t kyc.Tenant, id kyc.ID) (T, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var zero T
	o, ok := m.objects[fmt.Sprintf("%T/%s", &zero, id)].(P)
	if !ok || o.Head().Tenant != t {
		return zero, kyc.Missing(strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%T", zero), "kyc.")), string(id))
	}
	return *clone(o).(P), nil
}

// all finds every object of a tenant that keep accepts, newest first.
func all[T any, P interface {
	*T
	kyc.Object
}](m *memory, t kyc.Tenant, p kyc.Page, keep func(T) bool) ([]T, int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []T
	for _, o := range m.objects {
		if x, ok := o.(P); ok && (x.Head().Tenant == t || t == kyc.Tenant{}) && keep(*x) {
			out = append(out, *clone(x).(P))
		}
	}
	id := func(x *T) kyc.ID { return P(x).Head().ID }
	slices.SortFunc(out, func(a, b T) int { return strings.Compare(string(id(&b)), string(id(&a))) })
	total := len(out)
	if p.After != "" {
		out = slices.DeleteFunc(out, func(x T) bool { return id(&x) >= p.After })
	}
	out = out[min(p.Offset, len(out)):]
	if p.Limit > 0 {
		out = out[:min(p.Limit, len(out))]
	}
	return out, total
}

// first is the newest that keep accepts.
func first[T any, P interface {
	*T
	kyc.Object
}](m *memory, t kyc.Tenant, keep func(T) bool) (T, error) {
	out, _ := all[T, P](m, t, kyc.Page{}, keep)
	if len(out) == 0 {
		var zero T
		return zero, kyc.Missing(strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%T", zero), "kyc.")), "")
	}
	return out[0], nil
}

// oldest is all, oldest first.
func oldest[T any, P interface {
	*T
	kyc.Object
}](m *memory, t kyc.Tenant, keep func(T) bool) []T {
	out, _ := all[T, P](m, t, kyc.Page{}, keep)
	slices.Reverse(out)
	return out
}

func (m *memory) Org(_ context.Context, id kyc.ID) (kyc.Org, error) {
	return get[kyc.Org](m, kyc.Tenant{Org: id}, id)
}
func (m *memory) Session(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.Session, error) {
	return get[kyc.Session](m, t, id)
}
func (m *memory) SessionByToken(_ context.Context, hash string) (kyc.Session, error) {
	return first(m, kyc.Tenant{}, func(s kyc.Session) bool { return s.TokenHash == hash && hash != "" })
}
func (m *memory) Sessions(_ context.Context, t kyc.Tenant, f kyc.SessionFilter, p kyc.Page) ([]kyc.Session, int, error) {
	out, n := all(m, t, p, func(s kyc.Session) bool {
		return (f.ExternalRef == "" || s.ExternalRef == f.ExternalRef) && (f.Surface == "" || f.Surface == s.Surface) &&
			(f.WorkflowID == "" || f.WorkflowID == s.WorkflowID) && (f.Tag == "" || slices.Contains(s.Tags, f.Tag)) &&
			(f.From.IsZero() || !s.CreatedAt.Before(f.From)) && (f.To.IsZero() || s.CreatedAt.Before(f.To))
	})
	return out, n, nil
}
func (m *memory) Uploads(_ context.Context, t kyc.Tenant, session kyc.ID) ([]kyc.Upload, error) {
	return oldest(m, t, func(u kyc.Upload) bool { return u.SessionID == session }), nil
}
func (m *memory) Subject(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.Subject, error) {
	return get[kyc.Subject](m, t, id)
}
func (m *memory) Journey(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.Journey, error) {
	return get[kyc.Journey](m, t, id)
}
func (m *memory) JourneysOf(_ context.Context, t kyc.Tenant, sessions []kyc.ID) ([]kyc.Journey, error) {
	return oldest(m, t, func(j kyc.Journey) bool { return slices.Contains(sessions, j.ID) }), nil
}
func (m *memory) Transfer(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.Transfer, error) {
	return get[kyc.Transfer](m, t, id)
}
func (m *memory) Transfers(_ context.Context, t kyc.Tenant, session kyc.ID) ([]kyc.Transfer, error) {
	return oldest(m, t, func(x kyc.Transfer) bool { return x.SessionID == session }), nil
}
func (m *memory) Exams(_ context.Context, t kyc.Tenant, session kyc.ID) ([]kyc.Exam, error) {
	return oldest(m, t, func(x kyc.Exam) bool { return x.SessionID == session }), nil
}
func (m *memory) ExamByInput(_ context.Context, t kyc.Tenant, session kyc.ID, policy, hash string) (kyc.Exam, error) {
	return first(m, t, func(x kyc.Exam) bool { return x.SessionID == session && x.Policy == policy && x.InputHash == hash })
}
func (m *memory) Rulings(_ context.Context, t kyc.Tenant, session kyc.ID) ([]kyc.Ruling, error) {
	return oldest(m, t, func(x kyc.Ruling) bool { return x.SessionID == session }), nil
}
func (m *memory) Case(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.Case, error) {
	return get[kyc.Case](m, t, id)
}
func (m *memory) Workflow(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.Workflow, error) {
	return get[kyc.Workflow](m, t, id)
}
func (m *memory) Workflows(_ context.Context, t kyc.Tenant, f kyc.WorkflowFilter, p kyc.Page) ([]kyc.Workflow, int, error) {
	out, n := all(m, t, p, func(w kyc.Workflow) bool { return w.Surface == f.Surface && w.Status != kyc.WorkflowDeleted })
	return out, n, nil
}
func (m *memory) Version(_ context.Context, t kyc.Tenant, workflow kyc.ID, number int) (kyc.WorkflowVersion, error) {
	return first(m, t, func(v kyc.WorkflowVersion) bool { return v.WorkflowID == workflow && v.Number == number })
}
func (m *memory) PutBlob(_ context.Context, _ kyc.Tenant, _ kyc.ID, key string, data []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.blobs[key] = slices.Clone(data)
	return nil
}
func (m *memory) Blob(_ context.Context, _ kyc.Tenant, _ kyc.ID, key string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	b, ok := m.blobs[key]
	if !ok {
		return nil, kyc.Missing("file", "")
	}
	return b, nil
}
func (m *memory) DeleteBlob(_ context.Context, _ kyc.Tenant, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.blobs, key)
	return nil
}

func wantCode(t *testing.T, err error, kind kyc.Kind, code string) {
	t.Helper()
	if err == nil || kyc.KindOf(err) != kind || !kyc.IsCode(err, code) {
		t.Errorf("got %v, want %s", err, code)
	}
}
