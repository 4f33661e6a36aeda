package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"bonafide/access"
	"bonafide/kyc"
)

func TestOneCredentialInAnyHeader(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, h := range []string{"Authorization: Bearer " + b.live, "authorization: bearer " + b.live, "x-api-key: " + b.live, "X-API-Key: " + b.live, "api_key: " + b.live} {
		if a := b.call("GET", "/api/v1/widgets", "", "-", h); a.status != 200 {
			t.Errorf("%.20s: %d %s", h, a.status, a.body)
		}
	}
	if a := b.call("GET", "/api/v1/widgets", "", "Authorization: Bearer "+b.live); a.status != 200 {
		t.Errorf("the same key twice: %d", a.status)
	}
	for name, c := range map[string]struct {
		headers []string
		code    string
	}{
		"none":      {[]string{"-"}, "credential_missing"},
		"nonsense":  {[]string{"X-API-Key: nonsense"}, "credential_invalid"},
		"basic":     {[]string{"-", "Authorization: Basic YTpi"}, "credential_invalid"},
		"ambiguous": {[]string{"Authorization: Bearer " + b.other}, "credential_ambiguous"},
		"mistyped":  {[]string{"X-API-Key: " + b.live[:20] + "x" + b.live[21:]}, "credential_invalid"},
	} {
		a := b.call("GET", "/api/v1/widgets", "", c.headers...)
		if p := a.problem(t); a.status != 401 || p.Code != c.code || a.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: %d %s, WWW-Authenticate %q", name, a.status, p.Code, a.header.Get("WWW-Authenticate"))
		}
	}
}

func TestTenantComesFromTheCredentialOnly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.call("POST", "/api/v1/widgets", `{"name":"mine"}`)
	if a.status != 201 {
		t.Fatal(a.status, a.body)
	}
	var w widget
	if err := json.Unmarshal([]byte(a.body), &w); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		key    string
		status int
	}{"own": {b.live, 200}, "own reader": {b.reader, 200}, "sandbox": {b.sandbox, 404}, "other": {b.other, 404}} {
		if a := b.call("GET", "/api/v1/widgets/"+w.ID, "", "X-API-Key: "+c.key); a.status != c.status {
			t.Errorf("%s: %d, want %d", name, a.status, c.status)
		}
	}
	a = b.call("POST", "/api/v1/widgets", `{"name":"mine"}`, "X-API-Key: "+b.reader)
	if p := a.problem(t); a.status != 403 || p.Code != "scope_missing" || len(p.Errors) != 1 || !strings.Contains(p.Errors[0].Message, "lists:write") {
		t.Errorf("reader may write: %d %+v", a.status, p)
	}
	if a := b.call("POST", "/api/v1/sandbox/thing", ""); a.status != 403 || a.problem(t).Code != "sandbox_only" {
		t.Errorf("live key in the sandbox: %d", a.status)
	}
	if a := b.call("POST", "/api/v1/sandbox/thing", "", "X-API-Key: "+b.sandbox); a.status != 204 {
		t.Errorf("sandbox key in the sandbox: %d %s", a.status, a.body)
	}
}

func TestRateLimits(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var a answer
	for i := range 101 {
		a = b.call("GET", "/api/v1/widgets", "")
		if i == 0 && (a.header.Get("X-RateLimit-Limit") != "100" || a.header.Get("X-RateLimit-Remaining") != "99" || a.header.Get("X-RateLimit-Reset") == "") {
			t.Errorf("headers %v", a.header)
		}
	}
	if p := a.problem(t); a.status != 429 || p.Code != "rate_limited" || p.RetryAfter < 1 || a.header.Get("Retry-After") != "1" || a.header.Get("X-RateLimit-Remaining") != "0" {
		t.Errorf("%d %+v %v", a.status, p, a.header)
	}
	if a := b.call("GET", "/api/v1/widgets", "", "X-API-Key: "+b.reader); a.status != 200 {
		t.Errorf("another key suffers: %d", a.status)
	}
	b.advance(time.Second)
	if a := b.call("GET", "/api/v1/widgets", ""); a.status != 200 || a.header.Get("X-RateLimit-Remaining") != "49" {
		t.Errorf("after a second: %d %v", a.status, a.header)
	}
}

func TestAddressLimits(t *testing.T) {
	t.Parallel()
	small := access.LimitOptions{Address: access.Rate{PerSecond: 1, Burst: 3}}
	b := setup(t, func(c *Config) {
		c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	})
	b.porch.limiter = access.NewLimiter(b, small)
	guess := func(from, forwarded string) int {
		r := httptest.NewRequest("GET", "/api/v1/widgets", nil)
		r.RemoteAddr = from + ":1234"
		if forwarded != "" {
			r.Header.Set("X-Forwarded-For", forwarded)
		}
		return b.send(r).status
	}
	for range 3 {
		if s := guess("198.51.100.1", "203.0.113.9"); s != 401 {
			t.Fatal(s)
		}
	}
	if s := guess("198.51.100.1", "203.0.113.10"); s != 429 {
		t.Errorf("an untrusted peer chooses its address: %d", s)
	}
	if s := guess("192.0.2.1", "198.51.100.1"); s != 429 {
		t.Errorf("behind a trusted proxy: %d", s)
	}
	if s := guess("192.0.2.1", "198.51.100.1, 203.0.113.4"); s != 401 {
		t.Errorf("a forged first hop counts: %d", s)
	}
	if a := b.call("GET", "/api/v1/widgets", ""); a.status != 200 || a.header.Get("X-RateLimit-Limit") != "100" {
		t.Errorf("keys are limited by address on surface D: %d", a.status)
	}
	dev := setup(t)
	small.NoAddressLimits = true
	dev.porch.limiter = access.NewLimiter(dev, small)
	for range 10 {
		if a := dev.call("GET", "/api/v1/widgets", "", "-"); a.status != 401 {
			t.Fatalf("with --dev: %d", a.status)
		}
	}
}

// noBuckets is a place for shared buckets that cannot be reached.
type noBuckets struct{}

func (noBuckets) TakeToken(context.Context, string, kyc.Rate, time.Time) (kyc.Token, error) {
	return kyc.Token{}, errors.New("dial tcp 10.0.0.7: refused")
}

func TestSharedLimitsFailClosed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.porch.limiter = access.NewLimiter(b, access.LimitOptions{Shared: noBuckets{}})
	who := access.Principal{Actor: kyc.Actor{Kind: kyc.ActorKey, ID: "k"}}
	w := httptest.NewRecorder()
	err := b.porch.limitKey(t.Context(), &exchange{who: who, op: &Operation{Surface: kyc.SurfaceChecks}}, w)
	if StatusOf(err, kyc.SurfaceChecks) != 503 || w.Header().Get("X-RateLimit-Limit") != "" {
		t.Errorf("%v %v", err, w.Header())
	}
	if err := b.porch.limitKey(t.Context(), &exchange{who: who, op: &Operation{Surface: kyc.SurfaceEntities}}, w); err != nil || w.Header().Get("X-RateLimit-Limit") != "100" {
		t.Errorf("%v %v", err, w.Header())
	}
}
