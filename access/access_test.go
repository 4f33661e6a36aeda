package access

import (
	"context"
	"encoding/json"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"bonafide/kyc"
)

type bundle struct {
	store  *memory
	office *Office
	gate   *Gate
	clocks *Clocks
	org    kyc.Org
	by     By

	mu  sync.Mutex
	now time.Time
}

func (b *bundle) Now() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *bundle) advance(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

func setup(t testing.TB) *bundle {
	t.Helper()
	b := &bundle{store: newMemory(), now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), by: kyc.SystemActor("test")}
	b.office = NewOffice(b.store, b)
	b.gate = NewGate(b.store, b, nil)
	b.clocks = NewClocks(b, b.store)
	org, err := b.office.CreateOrg(t.Context(), " Acme ", b.by)
	if err != nil {
		t.Fatal(err)
	}
	b.org = org
	return b
}

func (b *bundle) tenant(e kyc.Env) kyc.Tenant { return kyc.Tenant{Org: b.org.ID, Env: e} }

func (b *bundle) key(t testing.TB, change func(*KeyRequest)) (kyc.APIKey, string) {
	t.Helper()
	r := KeyRequest{Tenant: b.tenant(kyc.Live), Name: "k", Scopes: []string{"sessions:read"}, By: b.by}
	if change != nil {
		change(&r)
	}
	key, text, err := b.office.CreateKey(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return key, text
}

func TestScopes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		have []string
		want string
		ok   bool
	}{
		{[]string{"sessions:read"}, "sessions:read", true}, {[]string{"sessions:read"}, "sessions:write", false},
		{[]string{"sessions:*"}, "sessions:write", true}, {[]string{"sessions:*"}, "cases:write", false},
		{[]string{"*"}, "anything:else", true}, {nil, "sessions:read", false}, {[]string{"session:*"}, "sessions:read", false},
	} {
		if got := Grants(c.have, c.want); got != c.ok {
			t.Errorf("%v grants %s: %v", c.have, c.want, got)
		}
	}
	p := Principal{Scopes: []string{"a:b"}}
	err := p.Authorize("a:b", "c:d", "e:f", "c:d")
	if e := kyc.AsError(err); e.Kind != kyc.Forbidden || len(e.Problems) != 2 || !strings.Contains(e.Problems[1].Message, "e:f") {
		t.Errorf("%v", err)
	}
	if p.Authorize("a:b") != nil || p.Authorize() != nil {
		t.Error("what is granted is refused")
	}
	for _, r := range Roles() {
		if bad := CheckScopes("", r.Scopes); len(bad) > 0 {
			t.Errorf("role %s: %v", r.Name, bad)
		}
	}
	if RoleScopes("janitor") != nil {
		t.Error("an unknown role has scopes")
	}
	if !Grants(PrincipalOf(kyc.User{Role: "auditor"}, kyc.Live).Scopes, "audit:read") || Grants(RoleScopes("auditor"), "cases:write") {
		t.Error("the auditor's scopes are wrong")
	}
	officer := RoleScopes("compliance")
	for _, s := range append(RoleScopes("reviewer"), "workflows:write", "workflows:publish", "kyc:create", "lists:write", "reasons:write") {
		if !Grants(officer, s) {
			t.Errorf("a compliance officer lacks %s", s)
		}
	}
	for _, s := range []string{"users:read", "users:write", "keys:read", "keys:write", "webhooks:read", "webhooks:write", "settings:write", "data:redact"} {
		if Grants(officer, s) || Grants(RoleScopes("reviewer"), s) {
			t.Errorf("who is no admin has %s", s)
		}
	}
}

func TestSandboxClock(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := t.Context()
	sandbox, live := b.tenant(kyc.Sandbox), b.tenant(kyc.Live)
	var woken []kyc.Tenant
	b.clocks.OnAdvance(func(_ context.Context, t kyc.Tenant) { woken = append(woken, t) })
	clock := b.clocks.ClockFor(sandbox)
	start := b.Now()
	now, err := b.office.AdvanceSandbox(ctx, b.clocks, sandbox, 3600, b.by)
	if err != nil || !now.Equal(start.Add(time.Hour)) || !clock.Now().Equal(now) || !b.clocks.Now(live).Equal(start) || len(woken) != 1 || woken[0] != sandbox {
		t.Errorf("%v %v %v %v", now, err, clock.Now(), woken)
	}
	b.advance(time.Minute)
	if !clock.Now().Equal(start.Add(time.Hour + time.Minute)) {
		t.Error("the sandbox clock stands still")
	}
	for _, seconds := range []int64{0, -5, 1 << 62} {
		if _, err := b.office.AdvanceSandbox(ctx, b.clocks, sandbox, seconds, b.by); kyc.KindOf(err) != kyc.Invalid {
			t.Errorf("%d: %v", seconds, err)
		}
	}
	if _, err := b.office.AdvanceSandbox(ctx, b.clocks, live, 5, b.by); !kyc.IsCode(err, "sandbox_only") {
		t.Error(err)
	}
	// In a request nothing happens before the request is committed.
	inside, unit := kyc.WithUnit(ctx)
	if _, err := b.office.AdvanceSandbox(inside, b.clocks, sandbox, 60, b.by); err != nil {
		t.Fatal(err)
	}
	if b.clocks.Offset(sandbox) != time.Hour || len(woken) != 1 {
		t.Error("moved before the commit")
	}
	if err := b.store.Commit(ctx, &unit.Change); err != nil {
		t.Fatal(err)
	}
	for _, f := range unit.After {
		f()
	}
	if b.clocks.Offset(sandbox) != time.Hour+time.Minute || len(woken) != 2 {
		t.Error("not moved after the commit")
	}
	// Another node learns it from the store.
	elsewhere := NewClocks(b, b.store)
	if err := elsewhere.Refresh(ctx); err != nil || elsewhere.Offset(sandbox) != time.Hour+time.Minute {
		t.Error(err, elsewhere.Offset(sandbox))
	}
	if e := b.store.events[len(b.store.events)-1]; e.Action != "sandbox.advance" || e.Tenant != sandbox {
		t.Errorf("%+v", e)
	}
}

func TestDevSeedHasTheShapeOfRunningMD(t *testing.T) {
	t.Parallel()
	b := setup(t)
	dev, err := b.office.DevSeed(t.Context(), "http://127.0.0.1:8080")
	if err != nil || len(dev.Organizations) != 2 {
		t.Fatal(dev, err)
	}
	raw, _ := json.Marshal(dev)
	var shape struct {
		URL           string
		Organizations []struct {
			ID, Name         string
			LiveKey          string `json:"live_key"`
			SandboxKey       string `json:"sandbox_key"`
			ReadKey          string `json:"read_key"`
			User, SecondUser struct{ Email, Password, Role string }
			Second           struct{ Email, Password, Role string } `json:"second_user"`
		}
	}
	if err := json.Unmarshal(raw, &shape); err != nil {
		t.Fatal(err)
	}
	for _, o := range shape.Organizations {
		if !strings.HasPrefix(o.LiveKey, "bf_live_") || !strings.HasPrefix(o.SandboxKey, "bf_sandbox_") || !strings.HasPrefix(o.ReadKey, "bf_live_") || o.User.Role != "admin" || o.Second.Role != "reviewer" {
			t.Errorf("%+v", o)
		}
		who, err := b.gate.Authenticate(t.Context(), o.ReadKey, netip.Addr{})
		if err != nil || who.Authorize("kyc:read", "workflows:read", "sessions:read") != nil || who.Authorize("sessions:write") == nil || string(who.Tenant.Org) != o.ID {
			t.Errorf("%+v %v", who, err)
		}
		if who, err := b.gate.Authenticate(t.Context(), o.SandboxKey, netip.Addr{}); err != nil || !who.Sandbox() || who.Authorize("sessions:write") != nil {
			t.Errorf("%+v %v", who, err)
		}
		if u, err := b.office.SignIn(t.Context(), o.User.Email, o.User.Password); err != nil || string(u.Tenant.Org) != o.ID {
			t.Error(err)
		}
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := kyc.DefaultSettings()
	s.DualReview = true
	org, err := b.office.SetSettings(t.Context(), b.tenant(kyc.Sandbox), s, b.by)
	if err != nil || !org.EnvSettings(kyc.Sandbox).DualReview || org.EnvSettings(kyc.Live).DualReview {
		t.Errorf("%+v %v", org, err)
	}
	if b.org.Settings != nil {
		t.Error("the caller's copy changed")
	}
}
