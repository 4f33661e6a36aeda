package access

import (
	"encoding/json"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"bonafide/kyc"
)

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

func BenchmarkAuthenticate(b *testing.B) {
	s := setup(b)
	_, text := s.key(b, nil)
	for b.Loop() {
		if _, err := s.gate.Authenticate(b.Context(), text, netip.Addr{}); err != nil {
			b.Fatal(err)
		}
	}
}
