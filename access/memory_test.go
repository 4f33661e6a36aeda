package access

import (
	"context"
	"sync"
	"time"

	"bonafide/kyc"
)

// memory is a store double that keeps copies and compares revisions.
type memory struct {
	mu     sync.Mutex
	orgs   map[kyc.ID]kyc.Org
	users  map[kyc.ID]kyc.User
	keys   map[kyc.ID]kyc.APIKey
	factor map[kyc.ID]kyc.SecondFactor
	events []kyc.Event
	used   int
	fail   error
}

func newMemory() *memory {
	return &memory{orgs: map[kyc.ID]kyc.Org{}, users: map[kyc.ID]kyc.User{}, keys: map[kyc.ID]kyc.APIKey{}, factor: map[kyc.ID]kyc.SecondFactor{}}
}

func (m *memory) Commit(ctx context.Context, c *kyc.Change) error {
	if u := kyc.UnitFrom(ctx); u != nil {
		u.Change.Add(*c)
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return m.fail
	}
	for _, o := range c.Put {
		switch o := o.(type) {
		case *kyc.Org:
			if m.orgs[o.ID].Rev != o.Rev-1 {
				return kyc.Stale("the organisation")
			}
			m.orgs[o.ID] = *o
		case *kyc.User:
			if m.users[o.ID].Rev != o.Rev-1 {
				return kyc.Stale("the user")
			}
			for _, u := range m.users { // as the unique indexes of accounts do
				if u.ID != o.ID && (u.Email == o.Email || u.Tenant.Org == o.Tenant.Org && u.External != nil && o.External != nil && *u.External == *o.External) {
					return kyc.Errorf(kyc.Conflict, "email_taken", "another user has this already")
				}
			}
			m.users[o.ID] = *o
		case *kyc.APIKey:
			if m.keys[o.ID].Rev != o.Rev-1 {
				return kyc.Stale("the key")
			}
			m.keys[o.ID] = *o
		}
	}
	for _, o := range c.Remove {
		if f, ok := o.(*kyc.SecondFactor); ok {
			delete(m.factor, f.UserID)
		}
	}
	m.events = append(m.events, c.Events...)
	return nil
}

func (m *memory) SecondFactorOf(_ context.Context, _, user kyc.ID) (kyc.SecondFactor, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if f, ok := m.factor[user]; ok {
		return f, nil
	}
	return kyc.SecondFactor{}, kyc.Missing("second factor", "of this user")
}

func (m *memory) Org(_ context.Context, id kyc.ID) (kyc.Org, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if o, ok := m.orgs[id]; ok {
		return o, nil
	}
	return kyc.Org{}, kyc.Missing("organisation", string(id))
}

func (m *memory) Orgs(context.Context) (out []kyc.Org, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, o := range m.orgs {
		out = append(out, o)
	}
	return out, m.fail
}

func (m *memory) User(_ context.Context, org, id kyc.ID) (kyc.User, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if u, ok := m.users[id]; ok && u.Tenant.Org == org {
		return u, nil
	}
	return kyc.User{}, kyc.Missing("user", string(id))
}

func (m *memory) Users(_ context.Context, org kyc.ID) (out []kyc.User, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, u := range m.users {
		if u.Tenant.Org == org {
			out = append(out, u)
		}
	}
	return out, nil
}

func (m *memory) UserByEmail(_ context.Context, email string) (kyc.User, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, u := range m.users {
		if u.Email == email {
			return u, nil
		}
	}
	return kyc.User{}, kyc.Missing("user", "")
}

func (m *memory) Key(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.APIKey, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if k, ok := m.keys[id]; ok && k.Tenant == t {
		return k, nil
	}
	return kyc.APIKey{}, kyc.Missing("key", string(id))
}

func (m *memory) Keys(_ context.Context, t kyc.Tenant) (out []kyc.APIKey, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, k := range m.keys {
		if k.Tenant == t {
			out = append(out, k)
		}
	}
	return out, nil
}

func (m *memory) KeyByPrefix(_ context.Context, prefix string) (*kyc.APIKey, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, k := range m.keys {
		if k.Prefix == prefix {
			return &k, nil
		}
	}
	if m.fail != nil {
		return nil, m.fail
	}
	return nil, kyc.Missing("key", prefix)
}

func (m *memory) SetKeyUsed(_ context.Context, id kyc.ID, at time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.used++
	return nil
}
