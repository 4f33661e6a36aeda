package console_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"bonafide/access"
	"bonafide/kyc"
)

// memory is a store of one organisation with one person of each role.
type memory struct {
	mu       sync.Mutex
	org      kyc.Org
	users    map[kyc.ID]kyc.User
	sessions map[string]kyc.ConsoleSession
	factors  map[kyc.ID]kyc.SecondFactor
	tries    map[string]kyc.SignInTries
	events   []kyc.Event
	looked   func() // a password was looked at
	broken   bool
}

func newMemory(t *testing.T, c kyc.Clock) *memory {
	t.Helper()
	m := &memory{users: map[kyc.ID]kyc.User{}, sessions: map[string]kyc.ConsoleSession{}, factors: map[kyc.ID]kyc.SecondFactor{}, tries: map[string]kyc.SignInTries{}, looked: func() {}}
	m.org = kyc.Org{Meta: kyc.Meta{ID: kyc.NewID(c.Now())}, Name: "Acme"}
	for _, r := range access.Roles() {
		u := kyc.User{Meta: kyc.Meta{ID: kyc.NewID(c.Now()), Tenant: kyc.Tenant{Org: m.org.ID}}, Email: r.Name + "@acme.example", Role: r.Name, PasswordHash: password}
		m.users[u.ID] = u
	}
	return m
}

func (m *memory) actions() string {
	var out []string
	for _, e := range m.events {
		if e.Reason != "" {
			e.Action += "(" + e.Reason + ")"
		}
		out = append(out, e.Action)
	}
	return strings.Join(out, " ")
}

func (m *memory) alter(email string, change func(*kyc.User)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, u := range m.users {
		if u.Email == email {
			change(&u)
			m.users[id] = u
		}
	}
}

func (m *memory) SignIn(_ context.Context, email, given string) (kyc.User, error) {
	m.looked()
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, u := range m.users {
		if u.Email == email && u.PasswordHash == given {
			return u, nil
		}
	}
	return kyc.User{}, kyc.Errorf(kyc.Unauthenticated, "sign_in_failed", "e-mail address or password is wrong")
}

func (m *memory) Commit(_ context.Context, c *kyc.Change) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, o := range c.Put {
		switch o := o.(type) {
		case *kyc.ConsoleSession:
			if old := m.sessions[o.TokenHash]; old.Rev != o.Rev-1 {
				return kyc.Stale("the console session")
			}
			m.sessions[o.TokenHash] = *o
		case *kyc.User:
			if old := m.users[o.ID]; old.Rev != o.Rev-1 {
				return kyc.Stale("the user")
			}
			m.users[o.ID] = *o
		case *kyc.SecondFactor:
			if old := m.factors[o.UserID]; old.Rev != o.Rev-1 {
				return kyc.Stale("the second factor")
			}
			m.factors[o.UserID] = *o
		}
	}
	for _, o := range c.Remove {
		switch o := o.(type) {
		case *kyc.ConsoleSession:
			delete(m.sessions, o.TokenHash)
		case *kyc.SecondFactor:
			delete(m.factors, o.UserID)
		}
	}
	m.events = append(m.events, c.Events...)
	return nil
}

func (m *memory) Org(context.Context, kyc.ID) (kyc.Org, error) { return m.org, nil }

func (m *memory) SetPassword(ctx context.Context, org, id kyc.ID, given string, by kyc.Actor) (kyc.User, error) {
	u, err := m.User(ctx, org, id)
	if err != nil {
		return u, err
	}
	if len(given) < 12 {
		return u, kyc.InvalidInput("password_too_short", "the password needs at least 12 characters", nil)
	}
	u.PasswordHash, u.MustChange = given, by.ID != string(id)
	u.Rev++
	return u, m.Commit(ctx, &kyc.Change{Put: []kyc.Object{&u}, Events: []kyc.Event{{Action: "user.password"}}})
}

func (m *memory) User(_ context.Context, org, id kyc.ID) (kyc.User, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if u, ok := m.users[id]; ok && org == m.org.ID {
		return u, nil
	}
	return kyc.User{}, kyc.Missing("user", string(id))
}

func (m *memory) UserByEmail(_ context.Context, email string) (kyc.User, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, u := range m.users {
		if strings.EqualFold(u.Email, email) {
			return u, nil
		}
	}
	return kyc.User{}, kyc.Missing("user", "with this address")
}

func (m *memory) ConsoleSession(_ context.Context, hash string) (kyc.ConsoleSession, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken {
		return kyc.ConsoleSession{}, errors.New("the disk is gone")
	}
	if s, ok := m.sessions[hash]; ok {
		return s, nil
	}
	return kyc.ConsoleSession{}, kyc.Missing("console session", "of this token")
}

func (m *memory) SetConsoleSeen(_ context.Context, id kyc.ID, at time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for hash, s := range m.sessions {
		if s.ID == id {
			s.SeenAt = at
			m.sessions[hash] = s
		}
	}
	return nil
}

func (m *memory) SecondFactorOf(_ context.Context, _, user kyc.ID) (kyc.SecondFactor, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if f, ok := m.factors[user]; ok {
		return f, nil
	}
	return kyc.SecondFactor{}, kyc.Missing("second factor", "of this user")
}

func (m *memory) TriesName(_ context.Context, kind, value string) (string, error) {
	return kind + " " + value, nil
}

func (m *memory) SignInTries(_ context.Context, name string) (kyc.SignInTries, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := m.tries[name]
	t.Name = name
	return t, nil
}

func (m *memory) CountSignIn(_ context.Context, was, now kyc.SignInTries) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	old := m.tries[was.Name]
	old.Name = was.Name
	if old != was {
		return kyc.Stale("the count of tries")
	}
	m.tries[now.Name] = now
	return nil
}
