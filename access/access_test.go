package access

import (
	"context"
	"encoding/json"
	"errors"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"bonafide/kyc"
)

// memory is a store double that keeps copies and compares revisions.
type memory struct {
	mu     sync.Mutex
	orgs   map[kyc.ID]kyc.Org
	users  map[kyc.ID]kyc.User
	keys   map[kyc.ID]kyc.APIKey
	events []kyc.Event
	used   int
	fail   error
}

func newMemory() *memory {
	return &memory{orgs: map[kyc.ID]kyc.Org{}, users: map[kyc.ID]kyc.User{}, keys: map[kyc.ID]kyc.APIKey{}}
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
			m.users[o.ID] = *o
		case *kyc.APIKey:
			if m.keys[o.ID].Rev != o.Rev-1 {
				return kyc.Stale("the key")
			}
			m.keys[o.ID] = *o
		}
	}
	m.events = append(m.events, c.Events...)
	return nil
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

func TestKeysAreShownOnceAndStoredHashed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	key, text := b.key(t, nil)
	parts := strings.Split(text, "_")
	if len(parts) != 5 || parts[0] != "bf" || parts[1] != "live" || len(parts[2]) != 8 || len(parts[3]) < 32 || key.Prefix != strings.Join(parts[:3], "_") {
		t.Fatalf("format of %q", text)
	}
	raw, err := json.Marshal(key)
	if err != nil || strings.Contains(string(raw), parts[3]) {
		t.Errorf("the stored key holds its secret: %s", raw)
	}
	events, _ := json.Marshal(b.store.events)
	if strings.Contains(string(events), parts[3]) {
		t.Error("the audit chain holds the secret")
	}
	who, err := b.gate.Authenticate(t.Context(), text, netip.Addr{})
	if err != nil || who.Tenant != b.tenant(kyc.Live) || who.KeyID != key.ID || who.Actor.Kind != kyc.ActorKey || who.Sandbox() {
		t.Errorf("%+v %v", who, err)
	}
	_, other := b.key(t, nil)
	if other == text {
		t.Error("two keys are the same")
	}
}

func TestEachCharacterOfAKeyMatters(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, text := b.key(t, nil)
	for i := range len(text) {
		for _, c := range []byte{'a', 'Z', '0', '_', ' '} {
			if text[i] == c {
				continue
			}
			changed := text[:i] + string(c) + text[i+1:]
			if _, err := b.gate.Authenticate(t.Context(), changed, netip.Addr{}); !kyc.IsCode(err, "credential_invalid") {
				t.Fatalf("position %d: %v", i, err)
			}
		}
	}
	for _, bad := range []string{text + "x", text[1:], text[:len(text)-1], strings.ToUpper(text), "bf_live__x_y", strings.Repeat("_", 4)} {
		if _, err := b.gate.Authenticate(t.Context(), bad, netip.Addr{}); !kyc.IsCode(err, "credential_invalid") {
			t.Errorf("%.20q: %v", bad, err)
		}
	}
	// A right checksum over a wrong secret is refused by the hash.
	parsed, _ := parseKey(text)
	body := parsed.prefix + "_" + strings.Repeat("A", secretLength)
	if _, err := b.gate.Authenticate(t.Context(), body+"_"+checksum(body), netip.Addr{}); !kyc.IsCode(err, "credential_invalid") {
		t.Errorf("wrong secret: %v", err)
	}
	// So is the right secret under the other environment's name.
	body = strings.Replace(parsed.prefix, "live", "sandbox", 1) + "_" + parsed.secret
	if _, err := b.gate.Authenticate(t.Context(), body+"_"+checksum(body), netip.Addr{}); !kyc.IsCode(err, "credential_invalid") {
		t.Errorf("other environment: %v", err)
	}
}

func TestKeysEnd(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := t.Context()
	home, away := netip.MustParseAddr("192.0.2.7"), netip.MustParseAddr("198.51.100.7")
	_, expiring := b.key(t, func(r *KeyRequest) { r.ExpiresAt = b.Now().Add(time.Hour) })
	_, fenced := b.key(t, func(r *KeyRequest) { r.AllowCIDR = []string{"192.0.2.9/24", "2001:db8::1"} })
	key, revoked := b.key(t, nil)
	for i, c := range []struct {
		text string
		from netip.Addr
		code string
	}{
		{expiring, home, ""}, {fenced, home, ""}, {fenced, netip.MustParseAddr("::ffff:192.0.2.7"), ""}, {fenced, netip.MustParseAddr("2001:db8::1"), ""},
		{fenced, away, "address_not_allowed"}, {fenced, netip.Addr{}, "address_not_allowed"}, {fenced, netip.MustParseAddr("2001:db8::2"), "address_not_allowed"}, {revoked, away, ""}, {"", home, "credential_missing"},
	} {
		if _, err := b.gate.Authenticate(ctx, c.text, c.from); c.code == "" && err != nil || c.code != "" && !kyc.IsCode(err, c.code) {
			t.Errorf("case %d: %v, want %q", i, err, c.code)
		}
	}
	if _, err := b.office.RevokeKey(ctx, b.tenant(kyc.Sandbox), key.ID, b.by); kyc.KindOf(err) != kyc.NotFound {
		t.Errorf("revoked through the other environment: %v", err)
	}
	for range 2 {
		if k, err := b.office.RevokeKey(ctx, b.tenant(kyc.Live), key.ID, b.by); err != nil || k.RevokedAt.IsZero() {
			t.Fatal(err)
		}
	}
	if _, err := b.gate.Authenticate(ctx, revoked, home); !kyc.IsCode(err, "credential_revoked") {
		t.Error(err)
	}
	b.advance(time.Hour)
	if _, err := b.gate.Authenticate(ctx, expiring, home); !kyc.IsCode(err, "credential_expired") {
		t.Error(err)
	}
	b.store.fail = errors.New("disk")
	_, unknown := newKey(KeyRequest{Tenant: b.tenant(kyc.Live)}, nil, b.Now())
	if _, err := b.gate.Authenticate(ctx, unknown, home); kyc.KindOf(err) != kyc.Internal {
		t.Errorf("a broken store says %v", err)
	}
}

func TestLastUseIsNotedLazily(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, text := b.key(t, nil)
	for range 10 {
		_, _ = b.gate.Authenticate(t.Context(), text, netip.Addr{})
	}
	if b.store.used != 1 {
		t.Errorf("%d writes in one moment", b.store.used)
	}
	b.advance(usedEvery)
	_, _ = b.gate.Authenticate(t.Context(), text, netip.Addr{})
	if b.store.used != 2 {
		t.Errorf("%d writes after a minute", b.store.used)
	}
}

func TestKeyRequestsAreJudgedWhole(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, _, err := b.office.CreateKey(t.Context(), KeyRequest{Tenant: kyc.Tenant{Org: b.org.ID, Env: "prod"}, Scopes: []string{"*", "sessions:*", "sessions:fly", "read"}, AllowCIDR: []string{"10.0.0.0/8", "home"}, RatePerSec: -1, ExpiresAt: b.Now()})
	var got []string
	for _, p := range kyc.AsError(err).Problems {
		got = append(got, p.Path+" "+p.Code)
	}
	want := "/name required, /environment not_allowed_value, /scopes/2 scope_unknown, /scopes/3 scope_unknown, /allow_cidr/1 format_invalid, /rate_per_sec out_of_range, /expires_at out_of_range"
	if strings.Join(got, ", ") != want {
		t.Errorf("got %s", strings.Join(got, ", "))
	}
	if _, _, err := b.office.CreateKey(t.Context(), KeyRequest{Tenant: kyc.Tenant{Org: "nobody", Env: kyc.Live}, Name: "k", Scopes: []string{"*"}}); kyc.KindOf(err) != kyc.NotFound {
		t.Errorf("key of no organisation: %v", err)
	}
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
}

func TestPasswords(t *testing.T) {
	t.Parallel()
	hash, err := HashPassword("correct horse battery")
	if err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatal(hash, err)
	}
	if ok, rehash := CheckPassword(hash, "correct horse battery"); !ok || rehash {
		t.Error(ok, rehash)
	}
	if ok, _ := CheckPassword(hash, "Correct horse battery"); ok {
		t.Error("another password fits")
	}
	// A hash by the reference implementation (argon2 -id -t 2 -m 8 -p 1, salt "somesalt").
	const weak = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	if ok, rehash := CheckPassword(weak, "password"); !ok || !rehash {
		t.Errorf("the test vector of the reference implementation: %v %v", ok, rehash)
	}
	for _, bad := range []string{"", "x", "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", "$argon2id$v=19$m=99999999,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", "$argon2id$v=19$m=256,t=0,p=0$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", "$argon2id$v=19$m=256,t=2,p=1$$"} {
		if ok, _ := CheckPassword(bad, "password"); ok {
			t.Errorf("%q fits", bad)
		}
	}
	for password, code := range map[string]string{"short": "password_too_short", strings.Repeat("x", 1025): "password_too_long"} {
		if _, err := HashPassword(password); !kyc.IsCode(err, code) {
			t.Errorf("%v, want %s", err, code)
		}
	}
}

func TestPeopleSignIn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := t.Context()
	const password = "correct horse battery"
	u, err := b.office.CreateUser(ctx, UserRequest{Org: b.org.ID, Email: "Ada@Example.com", Role: "admin", Password: password, By: b.by})
	if err != nil || u.Email != "ada@example.com" {
		t.Fatal(u, err)
	}
	if _, err := b.office.CreateUser(ctx, UserRequest{Org: b.org.ID, Email: "ada@example.com", Role: "admin", Password: password}); !kyc.IsCode(err, "email_taken") {
		t.Error(err)
	}
	_, err = b.office.CreateUser(ctx, UserRequest{Org: b.org.ID, Email: "Ada <ada@x>", Role: "king", Password: "x"})
	if n := len(kyc.AsError(err).Problems); n != 3 {
		t.Errorf("%d problems: %v", n, err)
	}
	if got, err := b.office.SignIn(ctx, " ADA@example.com", password); err != nil || got.ID != u.ID {
		t.Error(err)
	}
	for _, c := range [][2]string{{"ada@example.com", "wrong horse battery"}, {"nobody@example.com", password}, {"", ""}} {
		if _, err := b.office.SignIn(ctx, c[0], c[1]); !kyc.IsCode(err, "sign_in_failed") {
			t.Errorf("%v: %v", c, err)
		}
	}
	weak := b.store.users[u.ID]
	weak.PasswordHash = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	b.store.users[u.ID] = weak
	if _, err := b.office.SignIn(ctx, u.Email, "password"); err != nil {
		t.Error(err)
	}
	// "password" has fewer than 12 characters, so it stays as it is until it is changed.
	if u, err = b.office.SetPassword(ctx, b.org.ID, u.ID, "another good password", b.by); err != nil {
		t.Fatal(err)
	}
	if _, err := b.office.SignIn(ctx, u.Email, "another good password"); err != nil {
		t.Error(err)
	}
	if _, err := b.office.DisableUser(ctx, b.org.ID, u.ID, b.by); err != nil {
		t.Fatal(err)
	}
	if _, err := b.office.SignIn(ctx, u.Email, "another good password"); !kyc.IsCode(err, "sign_in_failed") {
		t.Errorf("a disabled person signs in: %v", err)
	}
	if _, err := b.office.SetPassword(ctx, "other", u.ID, "another good password", b.by); kyc.KindOf(err) != kyc.NotFound {
		t.Errorf("through another organisation: %v", err)
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

func TestLimiter(t *testing.T) {
	t.Parallel()
	b := setup(t)
	l := NewLimiter(b, LimitOptions{})
	who := Principal{Actor: kyc.Actor{ID: "k"}}
	run := func(n int, take func() Allowance) (granted int, last Allowance) {
		for range n {
			if last = take(); last.OK {
				granted++
			}
		}
		return granted, last
	}
	if n, last := run(200, func() Allowance { return l.Key(who, kyc.SurfaceGraph) }); n != 100 || last.Wait <= 0 || last.Wait > 20*time.Millisecond || last.Limit != 100 {
		t.Errorf("D: %d %+v", n, last)
	}
	if n, _ := run(200, func() Allowance { return l.Key(who, kyc.SurfaceChecks) }); n != 35 {
		t.Errorf("B: %d", n)
	}
	b.advance(time.Second)
	if n, _ := run(200, func() Allowance { return l.Key(who, kyc.SurfaceEntities) }); n != 50 {
		t.Errorf("C after a second: %d", n)
	}
	if n, _ := run(200, func() Allowance { return l.Key(who, kyc.SurfaceChecks) }); n != 25 {
		t.Errorf("B after a second: %d", n)
	}
	if n, last := run(1100, func() Allowance { return l.Address("192.0.2.1") }); n != 1000 || last.Limit != 1000 {
		t.Errorf("A: %d", n)
	}
	b.advance(5 * time.Minute)
	if n, _ := run(1100, func() Allowance { return l.Address("192.0.2.1") }); n != 1000 {
		t.Errorf("A after five minutes: %d", n)
	}
	slow := Principal{Actor: kyc.Actor{ID: "slow"}, Rate: 2}
	if n, last := run(20, func() Allowance { return l.Key(slow, kyc.SurfaceGraph) }); n != 4 || last.Wait > time.Second {
		t.Errorf("own rate: %d %+v", n, last)
	}
	// The day of surface B.
	day := Principal{Actor: kyc.Actor{ID: "day"}}
	granted := 0
	for range 500 {
		b.advance(2 * time.Second)
		n, _ := run(35, func() Allowance { return l.Key(day, kyc.SurfaceChecks) })
		granted += n
	}
	if granted != 10_000 {
		t.Errorf("B in a day: %d", granted)
	}
	if last := l.Key(day, kyc.SurfaceChecks); last.OK || last.Reset.Hour() != 0 || last.Limit != 10_000 {
		t.Errorf("%+v", last)
	}
	b.advance(24 * time.Hour)
	if last := l.Key(day, kyc.SurfaceChecks); !last.OK {
		t.Errorf("the next day: %+v", last)
	}
	b.advance(48 * time.Hour)
	l.Address("192.0.2.2")
	if n := len(l.buckets); n != 1 {
		t.Errorf("%d buckets are kept", n)
	}
	if a := NewLimiter(b, LimitOptions{NoAddressLimits: true}).Address("x"); !a.OK || !a.Off {
		t.Errorf("%+v", a)
	}
}

func FuzzParseKey(f *testing.F) {
	text, _ := newSecret(kyc.Live)
	f.Add(text)
	f.Add("bf_live_")
	f.Add("____")
	f.Fuzz(func(t *testing.T, s string) {
		k, ok := parseKey(s)
		if ok && (!strings.HasPrefix(s, k.prefix+"_"+k.secret+"_") || strings.Contains(k.String(), k.secret)) {
			t.Fatalf("%q read as %v", s, k)
		}
	})
}

func BenchmarkHashPassword(b *testing.B) {
	for b.Loop() {
		if _, err := HashPassword("correct horse battery"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAuthenticate(b *testing.B) {
	s := setup(b)
	_, text := s.key(b, nil)
	for b.Loop() {
		if _, err := s.gate.Authenticate(b.Context(), text, netip.Addr{}); err != nil {
			b.Fatal(err)
		}
	}
}
