package webhook

import (
	"cmp"
	"context"
	"net/http/httptest"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"bonafide/kyc"
)

var (
	noon   = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	tenant = kyc.Tenant{Org: kyc.NewID(noon), Env: kyc.Live}
	actor  = kyc.Actor{Kind: kyc.ActorKey, ID: "key"}
)

// memory is a store that keeps the promises this room relies on.
type memory struct {
	mu         sync.Mutex
	endpoints  map[kyc.ID]kyc.Endpoint
	deliveries map[kyc.ID]kyc.Delivery
	keys       map[kyc.Tenant]kyc.SignatureKeys
	events     []kyc.Event
	jobs       []kyc.Job
	commits    chan struct{}
	hook       func(*kyc.Change)
}

func newMemory() *memory {
	return &memory{endpoints: map[kyc.ID]kyc.Endpoint{}, deliveries: map[kyc.ID]kyc.Delivery{}, keys: map[kyc.Tenant]kyc.SignatureKeys{}, commits: make(chan struct{}, 10_000)}
}

func (m *memory) Commit(_ context.Context, c *kyc.Change) error {
	m.mu.Lock()
	for _, o := range c.Put {
		rev := int64(0)
		switch v := o.(type) {
		case *kyc.Endpoint:
			rev = m.endpoints[v.ID].Rev
		case *kyc.Delivery:
			rev = m.deliveries[v.ID].Rev
		case *kyc.SignatureKeys:
			have, exists := m.keys[v.Tenant]
			if exists && have.ID != v.ID {
				m.mu.Unlock()
				return kyc.Stale("the set")
			}
			rev = have.Rev
		}
		if rev != o.Head().Rev-1 {
			m.mu.Unlock()
			return kyc.Stale("it")
		}
	}
	for _, o := range c.Put {
		switch v := o.(type) {
		case *kyc.Endpoint:
			m.endpoints[v.ID] = *v
		case *kyc.Delivery:
			m.deliveries[v.ID] = *v
		case *kyc.SignatureKeys:
			m.keys[v.Tenant] = *v
		}
	}
	for _, o := range c.Remove {
		delete(m.endpoints, o.Head().ID)
	}
	for _, e := range c.Events {
		m.events = append(m.events, e)
		if e.Webhook == "" {
			continue
		}
		for _, ep := range m.endpoints {
			if ep.Tenant == e.Tenant && ep.Status == "enabled" && wants(ep, e.Webhook) {
				d := kyc.Delivery{Meta: kyc.Meta{ID: kyc.NewID(e.At), Tenant: e.Tenant, Rev: 1}, EventID: e.ID, EndpointID: ep.ID,
					EventName: e.Webhook, State: kyc.DeliveryPending, DueAt: e.At}
				m.deliveries[d.ID] = d
			}
		}
	}
	m.jobs = append(m.jobs, c.Jobs...)
	hook := m.hook
	m.mu.Unlock()
	if hook != nil {
		hook(c)
	}
	m.commits <- struct{}{}
	return nil
}

func (m *memory) Endpoint(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.Endpoint, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e, ok := m.endpoints[id]; ok && e.Tenant == t {
		return e, nil
	}
	return kyc.Endpoint{}, kyc.Missing("endpoint", string(id))
}

func (m *memory) Endpoints(_ context.Context, t kyc.Tenant) ([]kyc.Endpoint, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []kyc.Endpoint
	for _, e := range m.endpoints {
		if e.Tenant == t {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(a, b kyc.Endpoint) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return out, nil
}

func (m *memory) SignatureKeys(_ context.Context, t kyc.Tenant) (kyc.SignatureKeys, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if k, ok := m.keys[t]; ok {
		return k, nil
	}
	return kyc.SignatureKeys{}, kyc.Missing("signature keys", "of the tenant")
}

func (m *memory) Delivery(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.Delivery, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if d, ok := m.deliveries[id]; ok && d.Tenant == t {
		return d, nil
	}
	return kyc.Delivery{}, kyc.Missing("delivery", string(id))
}

func (m *memory) Deliveries(_ context.Context, t kyc.Tenant, f kyc.DeliveryFilter, p kyc.Page) ([]kyc.Delivery, int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []kyc.Delivery
	for _, d := range m.deliveries {
		if d.Tenant == t && (f.EndpointID == "" || f.EndpointID == d.EndpointID) && (f.EventID == "" || f.EventID == d.EventID) && (f.State == "" || f.State == d.State) {
			out = append(out, d)
		}
	}
	return out[:min(len(out), p.Limit)], len(out), nil
}

func (m *memory) ClaimDeliveries(_ context.Context, _ string, now time.Time, lease time.Duration, limit int) ([]kyc.Delivery, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []kyc.Delivery
	for id, d := range m.deliveries {
		if len(out) < limit && d.State == kyc.DeliveryPending && !d.DueAt.IsZero() && !d.DueAt.After(now) {
			d.DueAt = now.Add(lease)
			m.deliveries[id] = d
			out = append(out, d)
		}
	}
	return out, nil
}

func (m *memory) EventByID(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.Event, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range m.events {
		if e.ID == id && e.Tenant == t {
			return e, nil
		}
	}
	return kyc.Event{}, kyc.Missing("event", string(id))
}

func (m *memory) Events(_ context.Context, t kyc.Tenant, f kyc.EventFilter, p kyc.Page) ([]kyc.Event, int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []kyc.Event
	for _, e := range m.events {
		if e.Tenant == t && (!f.Webhook || e.Webhook != "") && !e.At.Before(f.From) && e.At.Before(f.To) && (p.After == "" || e.ID < p.After) {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(a, b kyc.Event) int { return cmp.Compare(b.ID, a.ID) })
	return out[:min(len(out), p.Limit)], len(out), nil
}

// only gives the single delivery.
func (m *memory) only(t *testing.T) kyc.Delivery {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.deliveries) != 1 {
		t.Fatalf("%d deliveries, want 1", len(m.deliveries))
	}
	for _, d := range m.deliveries {
		return d
	}
	return kyc.Delivery{}
}

// hand is a clock moved by hand.
type hand struct {
	mu sync.Mutex
	at time.Time
}

func (h *hand) Now() time.Time { h.mu.Lock(); defer h.mu.Unlock(); return h.at }
func (h *hand) set(t time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = t
}

// bench is a desk and a sender on one memory.
type bundle struct {
	store  *memory
	clock  *hand
	desk   *Desk
	sender *Sender
	timers chan func()
}

func setup(t *testing.T) *bundle {
	t.Helper()
	b := &bundle{store: newMemory(), clock: &hand{at: noon}, timers: make(chan func(), 100)}
	guard := NewGuard([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, false)
	b.desk = NewDesk(Deps{Store: b.store, Clock: b.clock, Guard: guard, Known: []string{"session.approved", "session.declined"}})
	b.sender = NewSender(SenderDeps{Store: b.store, Clock: b.clock, Client: guard.Client(5 * time.Second), Owner: "test",
		Jitter: func() float64 { return 0.5 }, After: func(_ time.Duration, f func()) { b.timers <- f }})
	b.store.hook = b.sender.Committed
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { _ = b.sender.Run(ctx); close(done) }()
	t.Cleanup(func() { cancel(); <-done })
	return b
}

func (b *bundle) endpoint(t *testing.T, srv *httptest.Server, events ...string) kyc.Endpoint {
	t.Helper()
	e, err := b.desk.Create(t.Context(), tenant, actor, Spec{URL: srv.URL, Events: events})
	if err != nil {
		t.Fatal(err)
	}
	<-b.store.commits
	return e
}

// tell commits an event with a webhook.
func (b *bundle) tell(t *testing.T, env kyc.Env, name string) kyc.Event {
	t.Helper()
	now := b.clock.Now()
	e := kyc.Event{ID: kyc.NewID(now), Tenant: kyc.Tenant{Org: tenant.Org, Env: env}, At: now, Actor: actor, RequestID: "req-1", Action: "x", Object: "session",
		Webhook: name, Payload: []byte(`{"session_id":"session_1"}`)}
	if err := b.store.Commit(t.Context(), &kyc.Change{Events: []kyc.Event{e}}); err != nil {
		t.Fatal(err)
	}
	<-b.store.commits
	return e
}
