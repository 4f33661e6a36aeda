package api

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"time"

	"bonafide/kyc"
)

// memory is a store double: objects by id with compare-and-set, events in
// order, idempotency records with leases.
type memory struct {
	mu      sync.Mutex
	clock   kyc.Clock
	objects map[kyc.ID]kyc.Object
	keys    map[string]kyc.APIKey // by prefix
	events  []kyc.Event
	answers map[string]*kyc.Idempotency
	leases  map[string]time.Time
	commits int
	fail    error // what the next commits answer
}

func (m *memory) Commit(ctx context.Context, c *kyc.Change) error {
	if u := kyc.UnitFrom(ctx); u != nil {
		u.Change.Add(*c)
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return m.fail
	}
	for _, o := range c.Put {
		old, has := m.objects[o.Head().ID]
		if has != (o.Head().Rev > 1) || has && old.Head().Rev != o.Head().Rev-1 {
			return kyc.Stale("the object")
		}
	}
	for _, o := range c.Put {
		if k, ok := o.(*kyc.APIKey); ok {
			m.keys[k.Prefix] = *k
		}
		if s, ok := o.(*kyc.List); ok {
			copied := *s
			m.objects[s.ID] = &copied
		} else {
			m.objects[o.Head().ID] = o
		}
	}
	for _, o := range c.Remove {
		delete(m.objects, o.Head().ID)
	}
	m.events = append(m.events, c.Events...)
	if i := c.Idempotency; i != nil && i.Held {
		m.leases[answerKey(*i)] = i.ExpiresAt
	} else if i != nil {
		copied := *i
		copied.Body = bytes.Clone(i.Body)
		m.answers[answerKey(*i)] = &copied
	}
	m.commits++
	return nil
}

func answerKey(r kyc.Idempotency) string {
	return fmt.Sprint(r.Tenant, r.Method, r.Path, r.Key)
}

func (m *memory) ReserveIdempotency(_ context.Context, r kyc.Idempotency, lease time.Duration) (*kyc.Idempotency, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k, now := answerKey(r), m.clock.Now()
	if held, ok := m.answers[k]; ok && (held.Done && now.Before(held.ExpiresAt) || !held.Done && now.Before(m.leases[k])) {
		copied := *held
		return &copied, nil
	}
	m.answers[k] = &r
	m.leases[k] = now.Add(lease)
	return nil, nil
}

func (m *memory) ReleaseIdempotency(_ context.Context, r kyc.Idempotency) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.answers, answerKey(r))
	return nil
}

func (m *memory) find(match func(kyc.Object) bool) kyc.Object {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, o := range m.objects {
		if match(o) {
			return o
		}
	}
	return nil
}

func (m *memory) KeyByPrefix(_ context.Context, prefix string) (*kyc.APIKey, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k, ok := m.keys[prefix]
	if !ok {
		return nil, kyc.Missing("key", prefix)
	}
	return &k, nil
}

func (m *memory) SetKeyUsed(context.Context, kyc.ID, time.Time) error { return nil }

func (m *memory) Org(_ context.Context, id kyc.ID) (kyc.Org, error) {
	o := m.find(func(o kyc.Object) bool { g, ok := o.(*kyc.Org); return ok && g.ID == id })
	if o == nil {
		return kyc.Org{}, kyc.Missing("organisation", string(id))
	}
	return *o.(*kyc.Org), nil
}

func (m *memory) Orgs(context.Context) ([]kyc.Org, error) { return nil, nil }
func (m *memory) User(context.Context, kyc.ID, kyc.ID) (kyc.User, error) {
	return kyc.User{}, kyc.Missing("user", "")
}
func (m *memory) Users(context.Context, kyc.ID) ([]kyc.User, error) { return nil, nil }
func (m *memory) UserByEmail(context.Context, string) (kyc.User, error) {
	return kyc.User{}, kyc.Missing("user", "")
}
func (m *memory) SecondFactorOf(context.Context, kyc.ID, kyc.ID) (kyc.SecondFactor, error) {
	return kyc.SecondFactor{}, kyc.Missing("second factor", "")
}
func (m *memory) Key(context.Context, kyc.Tenant, kyc.ID) (kyc.APIKey, error) {
	return kyc.APIKey{}, kyc.Missing("key", "")
}
func (m *memory) Keys(context.Context, kyc.Tenant) ([]kyc.APIKey, error) { return nil, nil }

// list is the object the fake surface keeps, in the tenant of the caller.
func (m *memory) list(t kyc.Tenant, id string) (kyc.List, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	l, ok := m.objects[kyc.ID(id)].(*kyc.List)
	if !ok || l.Tenant != t {
		return kyc.List{}, kyc.Missing("widget", id)
	}
	return *l, nil
}

func (m *memory) lists() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for _, o := range m.objects {
		if _, ok := o.(*kyc.List); ok {
			n++
		}
	}
	return n
}
