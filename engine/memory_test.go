package engine

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"testing"
	"time"

	"bonafide/flow"
	"bonafide/kyc"
)

// memory is a store in memory with the promises the engine relies on:
// compare-and-set on revisions, one input per place, all or nothing.
type memory struct {
	mu       sync.Mutex
	orgs     map[kyc.ID]kyc.Org
	objects  map[kyc.ID]any
	revs     map[kyc.ID]int64
	inputs   map[kyc.ID][]kyc.Input
	defs     map[string]kyc.Definition
	events   []kyc.Event
	jobs     []kyc.Job
	traits   []kyc.Trait
	commits  int
	refuse   func(*kyc.Change) error // a fault to inject
	onCommit func(*kyc.Change)
}

func newMemory() *memory {
	return &memory{orgs: map[kyc.ID]kyc.Org{}, objects: map[kyc.ID]any{}, revs: map[kyc.ID]int64{},
		inputs: map[kyc.ID][]kyc.Input{}, defs: map[string]kyc.Definition{}}
}

func (m *memory) Commit(ctx context.Context, c *kyc.Change) error {
	if u := kyc.UnitFrom(ctx); u != nil {
		u.Change.Add(*c)
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.refuse != nil {
		if err := m.refuse(c); err != nil {
			return err
		}
	}
	for _, o := range c.Put {
		if h := o.Head(); m.revs[h.ID] != h.Rev-1 {
			return kyc.Stale("the object")
		}
	}
	next := map[kyc.ID]int64{}
	for _, in := range c.Inputs {
		at, ok := next[in.RunID]
		if !ok {
			at = int64(len(m.inputs[in.RunID]))
		}
		if in.Seq != at {
			return kyc.Stale("the run")
		}
		next[in.RunID] = at + 1
	}
	for _, o := range c.Put {
		h := o.Head()
		m.revs[h.ID] = h.Rev
		switch o := o.(type) {
		case *kyc.Run:
			m.objects[h.ID] = *o
		case *kyc.Session:
			m.objects[h.ID] = *o
		case *kyc.Subject:
			m.objects[h.ID] = *o
		default:
			m.objects[h.ID] = o
		}
	}
	for _, in := range c.Inputs {
		in.Data = slices.Clone(in.Data)
		m.inputs[in.RunID] = append(m.inputs[in.RunID], in)
	}
	for _, d := range c.Definitions {
		m.defs[d.Hash] = d
	}
	m.events = append(m.events, c.Events...)
	m.jobs = append(m.jobs, c.Jobs...)
	m.traits = append(m.traits, c.Traits...)
	m.commits++
	if m.onCommit != nil {
		m.onCommit(c)
	}
	return nil
}

func (m *memory) Org(_ context.Context, id kyc.ID) (kyc.Org, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	o := m.orgs[id]
	o.ID = id
	return o, nil
}

func get[T any](m *memory, what string, t kyc.Tenant, id kyc.ID, head func(*T) *kyc.Meta) (T, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.objects[id].(T)
	if !ok || head(&v).Tenant != t {
		var none T
		return none, kyc.Missing(what, string(id))
	}
	return v, nil
}

func (m *memory) Subject(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.Subject, error) {
	return get(m, "subject", t, id, (*kyc.Subject).Head)
}

func (m *memory) Session(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.Session, error) {
	return get(m, "session", t, id, (*kyc.Session).Head)
}

func (m *memory) Run(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.Run, error) {
	return get(m, "run", t, id, (*kyc.Run).Head)
}

func (m *memory) Sessions(_ context.Context, t kyc.Tenant, f kyc.SessionFilter, p kyc.Page) ([]kyc.Session, int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []kyc.Session
	for _, o := range m.objects {
		s, ok := o.(kyc.Session)
		if ok && s.Tenant == t && (len(f.Status) == 0 || slices.Contains(f.Status, s.Status)) && (p.After == "" || s.ID < p.After) {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b kyc.Session) int {
		if a.ID > b.ID {
			return -1
		}
		return 1
	})
	total := len(out)
	if p.Limit > 0 && len(out) > p.Limit {
		out = out[:p.Limit]
	}
	return out, total, nil
}

func (m *memory) Inputs(_ context.Context, t kyc.Tenant, run kyc.ID) ([]kyc.Input, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.inputs[run]), nil
}

func (m *memory) Definition(_ context.Context, t kyc.Tenant, hash string) (kyc.Definition, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	d, ok := m.defs[hash]
	if !ok {
		return d, kyc.Missing("definition", hash)
	}
	return d, nil
}

func (m *memory) ClaimRuns(_ context.Context, owner string, now time.Time, lease time.Duration, limit int) ([]kyc.Lease, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []kyc.Lease
	for id, o := range m.objects {
		r, ok := o.(kyc.Run)
		if !ok || r.DueAt.IsZero() || r.DueAt.After(now) || len(out) >= limit {
			continue
		}
		r.DueAt, r.LeaseOwner = now.Add(lease), owner
		m.objects[id] = r
		out = append(out, kyc.Lease{Tenant: r.Tenant, RunID: id, Owner: owner, Until: r.DueAt})
	}
	return out, nil
}

func (m *memory) setDue(leases []kyc.Lease, at func(kyc.Lease) time.Time, owner bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, l := range leases {
		r, ok := m.objects[l.RunID].(kyc.Run)
		if !ok || r.LeaseOwner != l.Owner || r.DueAt.IsZero() {
			continue
		}
		r.DueAt = at(l)
		if !owner {
			r.LeaseOwner = ""
		}
		m.objects[l.RunID] = r
	}
}

func (m *memory) ExtendLeases(_ context.Context, leases []kyc.Lease) error {
	m.setDue(leases, func(l kyc.Lease) time.Time { return l.Until }, true)
	return nil
}

func (m *memory) ReleaseLeases(_ context.Context, leases []kyc.Lease) error {
	m.setDue(leases, func(kyc.Lease) time.Time { return time.Now().UTC() }, false)
	return nil
}

// takeJobs empties the queue.
func (m *memory) takeJobs() []kyc.Job {
	m.mu.Lock()
	defer m.mu.Unlock()
	jobs := m.jobs
	m.jobs = nil
	return jobs
}

// graphOf compiles a graph or ends the test.
func graphOf(t testing.TB, graph string) *flow.Compiled {
	t.Helper()
	g, report := flow.Compile(json.RawMessage(graph), flow.Options{})
	if err := report.Err(); err != nil {
		t.Fatalf("the graph of the test is wrong: %v", err)
	}
	return g
}
