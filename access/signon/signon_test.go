package signon_test

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"bonafide/access"
	"bonafide/access/oidctest"
	"bonafide/access/signon"
	"bonafide/kyc"
)

// watch is a clock that tests move.
type watch struct {
	mu sync.Mutex
	at time.Time
}

func (w *watch) Now() time.Time { w.mu.Lock(); defer w.mu.Unlock(); return w.at }

func (w *watch) pass(d time.Duration) { w.mu.Lock(); defer w.mu.Unlock(); w.at = w.at.Add(d) }

func flow() access.Flow {
	return access.Flow{State: "state-of-this-browser", Nonce: "nonce-of-this-sign-in", Verifier: strings.Repeat("verifier", 8),
		Redirect: "https://desk.example/console/sign-in/oidc/callback"}
}

// pair is a provider and a client of it.
func pair(t *testing.T, alter func(*signon.Options)) (*oidctest.Provider, *signon.Provider, *watch) {
	t.Helper()
	w := &watch{at: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
	op := oidctest.New(t, w.Now)
	op.Is(map[string]any{"sub": "248289761001", "email": "ada@acme.example", "email_verified": true, "name": "Ada"})
	o := signon.Options{Issuer: op.URL, ClientID: oidctest.ClientID, ClientSecret: oidctest.ClientSecret, Clock: w}
	if alter != nil {
		alter(&o)
	}
	p, err := signon.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return op, p, w
}

// visit goes to the provider as a browser does and gives what comes back.
func visit(t *testing.T, p *signon.Provider, f access.Flow) url.Values {
	t.Helper()
	address, err := p.Address(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	back, err := url.Parse(res.Header.Get("Location"))
	if err != nil || res.StatusCode != http.StatusFound || !strings.HasPrefix(back.String(), f.Redirect+"?") {
		t.Fatalf("the provider answers %d to %s (%v)", res.StatusCode, back, err)
	}
	return back.Query()
}

func TestThePersonIsWhoTheProviderNames(t *testing.T) {
	t.Parallel()
	for _, alg := range []string{"RS256", "ES256"} {
		op, p, _ := pair(t, func(o *signon.Options) {
			o.RoleClaim, o.Factors = "realm.roles", []string{"acr=phr", "amr=mfa"}
		})
		op.Do(oidctest.Wrong{Alg: alg, Claims: map[string]any{"realm": map[string]any{"roles": []string{"kyc", "staff"}}, "amr": []string{"pwd", "mfa"}}})
		x, err := p.Person(t.Context(), flow(), visit(t, p, flow()))
		want := access.External{Issuer: op.URL, Subject: "248289761001", Email: "ada@acme.example", Verified: true, Name: "Ada", Groups: []string{"kyc", "staff"}, Factor: true}
		if err != nil || !reflect.DeepEqual(x, want) {
			t.Errorf("%s: %+v, %v", alg, x, err)
		}
	}
}

// One factor at the provider is one factor here, too, unless its token says more
// in the words that were asked for.
func TestTwoFactorsAreSaidInTheTokenOrNot(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		wanted []string
		claims map[string]any
		want   bool
	}{
		"not asked for":  {nil, map[string]any{"amr": []string{"mfa"}, "acr": "phr"}, false},
		"said":           {[]string{"acr=phr"}, map[string]any{"acr": "phr"}, true},
		"said otherwise": {[]string{"acr=phr"}, map[string]any{"acr": "phr-not"}, false},
		"not said":       {[]string{"acr=phr", "amr=mfa"}, nil, false},
		"other kind":     {[]string{"amr=mfa"}, map[string]any{"amr": map[string]any{"mfa": true}}, false},
	} {
		op, p, _ := pair(t, func(o *signon.Options) { o.Factors = c.wanted })
		op.Do(oidctest.Wrong{Claims: c.claims})
		if x, err := p.Person(t.Context(), flow(), visit(t, p, flow())); err != nil || x.Factor != c.want {
			t.Errorf("%s: %v, %v", name, x.Factor, err)
		}
	}
	_, p, _ := pair(t, func(o *signon.Options) { o.Factors = []string{"acr=phr", "acr=phrh"} })
	address, err := p.Address(t.Context(), flow())
	if u, _ := url.Parse(address); err != nil || u.Query().Get("acr_values") != "phr phrh" {
		t.Errorf("asked for by %s, %v", address, err)
	}
}

func TestWhatIsNotGoodLetsNobodyIn(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	claim := func(name string, value any) oidctest.Wrong {
		return oidctest.Wrong{Claims: map[string]any{name: value}}
	}
	for name, c := range map[string]struct {
		wrong oidctest.Wrong
		alter func(url.Values)
		code  string
	}{
		"wrong nonce":           {claim("nonce", "another"), nil, "sign_on_token"},
		"no nonce":              {claim("nonce", nil), nil, "sign_on_token"},
		"wrong audience":        {claim("aud", "another client"), nil, "sign_on_token"},
		"many audiences":        {claim("aud", []string{oidctest.ClientID, "another"}), nil, "sign_on_token"},
		"another's azp":         {claim("azp", "another"), nil, "sign_on_token"},
		"wrong issuer":          {claim("iss", "https://login.example"), nil, "sign_on_token"},
		"expired":               {claim("exp", start.Add(-time.Second).Unix()), nil, "sign_on_token"},
		"no expiry":             {claim("exp", nil), nil, "sign_on_token"},
		"of the future":         {claim("iat", start.Add(time.Hour).Unix()), nil, "sign_on_token"},
		"not yet":               {claim("nbf", start.Add(time.Hour).Unix()), nil, "sign_on_token"},
		"no subject":            {claim("sub", ""), nil, "sign_on_token"},
		"endless subject":       {claim("sub", strings.Repeat("s", 256)), nil, "sign_on_token"},
		"another's access":      {claim("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"), nil, "sign_on_token"},
		"alg none":              {oidctest.Wrong{Alg: "none"}, nil, "sign_on_token"},
		"alg HS256":             {oidctest.Wrong{Alg: "HS256"}, nil, "sign_on_token"},
		"alg HS256, public key": {oidctest.Wrong{Alg: "HS256-key"}, nil, "sign_on_token"},
		"a stranger's key":      {oidctest.Wrong{Alg: "stranger"}, nil, "sign_on_token"},
		"wrong state":           {oidctest.Wrong{}, func(q url.Values) { q.Set("state", "another") }, "sign_on_foreign"},
		"no state":              {oidctest.Wrong{}, func(q url.Values) { q.Del("state") }, "sign_on_foreign"},
		"made-up code":          {oidctest.Wrong{}, func(q url.Values) { q.Set("code", "made-up") }, "sign_on_code"},
		"no code":               {oidctest.Wrong{}, func(q url.Values) { q.Del("code") }, "sign_on_declined"},
		"denied":                {oidctest.Wrong{Deny: true}, nil, "sign_on_declined"},
		"another's answer":      {oidctest.Wrong{Name: "https://login.example"}, nil, "sign_on_foreign"},
		"nobody's answer":       {oidctest.Wrong{}, func(q url.Values) { q.Del("iss") }, "sign_on_foreign"},
	} {
		op, p, _ := pair(t, nil)
		op.Do(c.wrong)
		answer := visit(t, p, flow())
		if c.alter != nil {
			c.alter(answer)
		}
		x, err := p.Person(t.Context(), flow(), answer)
		if e := kyc.AsError(err); err == nil || e.Code != c.code || e.Kind != kyc.Unauthenticated {
			t.Errorf("%s: %+v, %v", name, x, err)
		}
	}
}

// A code that was used, and one that another browser's verifier does not fit.
func TestACodeIsForOneSignIn(t *testing.T) {
	t.Parallel()
	op, p, _ := pair(t, nil)
	answer := visit(t, p, flow())
	stolen := flow()
	stolen.Verifier = strings.Repeat("stranger", 8)
	if _, err := p.Person(t.Context(), stolen, answer); kyc.AsError(err).Code != "sign_on_code" {
		t.Errorf("a stolen code: %v", err)
	}
	answer = visit(t, p, flow())
	if _, err := p.Person(t.Context(), flow(), answer); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Person(t.Context(), flow(), answer); kyc.AsError(err).Code != "sign_on_code" {
		t.Errorf("a used code: %v", err)
	}
	if n := op.Asked("/.well-known/openid-configuration"); n != 1 {
		t.Errorf("the provider was looked for %d times", n)
	}
}

func TestTheAddressIsVerifiedByTheProviderOrNot(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		claims, info map[string]any
		email        string
		verified     bool
	}{
		"not verified":          {map[string]any{"email_verified": false}, nil, "ada@acme.example", false},
		"nothing said":          {map[string]any{"email_verified": nil}, nil, "ada@acme.example", false},
		"said in text":          {map[string]any{"email_verified": "true"}, nil, "ada@acme.example", true},
		"said as a number":      {map[string]any{"email_verified": 1}, nil, "ada@acme.example", false},
		"no address":            {map[string]any{"email": nil}, nil, "", true},
		"at the userinfo":       {map[string]any{"email": nil, "email_verified": nil}, map[string]any{"sub": "248289761001", "email": "a@acme.example", "email_verified": true}, "a@acme.example", true},
		"not verified there":    {map[string]any{"email": nil}, map[string]any{"sub": "248289761001", "email": "a@acme.example"}, "a@acme.example", false},
		"of somebody else":      {map[string]any{"email": nil}, map[string]any{"sub": "another", "email": "a@acme.example", "email_verified": true}, "", false},
		"of nobody":             {map[string]any{"email": nil}, map[string]any{"email": "a@acme.example", "email_verified": true}, "", false},
		"the token's own first": {nil, map[string]any{"sub": "248289761001", "email": "root@acme.example", "email_verified": true}, "ada@acme.example", true},
	} {
		op, p, _ := pair(t, nil)
		op.Info(c.info)
		op.Do(oidctest.Wrong{Claims: c.claims})
		x, err := p.Person(t.Context(), flow(), visit(t, p, flow()))
		if (err != nil) != strings.HasPrefix(name, "of ") || x.Email != c.email || x.Verified != c.verified {
			t.Errorf("%s: %+v, %v", name, x, err)
		}
	}
}

// An operator may vouch for the addresses of a provider that says nothing of them,
// and for nothing that it denies.
func TestAddressesThatAreTrustedWithoutAWord(t *testing.T) {
	t.Parallel()
	info := func(verified any) map[string]any {
		m := map[string]any{"sub": "248289761001", "email": "a@acme.example"}
		if verified != nil {
			m["email_verified"] = verified
		}
		return m
	}
	for name, c := range map[string]struct {
		claims, info map[string]any
		trust, want  bool
	}{
		"nothing said, untrusted":  {map[string]any{"email_verified": nil}, nil, false, false},
		"nothing said":             {map[string]any{"email_verified": nil}, nil, true, true},
		"denied":                   {map[string]any{"email_verified": false}, nil, true, false},
		"denied in text":           {map[string]any{"email_verified": "false"}, nil, true, false},
		"nonsense":                 {map[string]any{"email_verified": 1}, nil, true, false},
		"nothing said at userinfo": {map[string]any{"email": nil, "email_verified": nil}, info(nil), true, true},
		"denied at userinfo":       {map[string]any{"email": nil, "email_verified": nil}, info(false), true, false},
		"untrusted at userinfo":    {map[string]any{"email": nil}, info(nil), false, false},
	} {
		op, p, _ := pair(t, func(o *signon.Options) { o.TrustEmail = c.trust })
		op.Info(c.info)
		op.Do(oidctest.Wrong{Claims: c.claims})
		if x, err := p.Person(t.Context(), flow(), visit(t, p, flow())); err != nil || x.Email == "" || x.Verified != c.want {
			t.Errorf("%s: %+v, %v", name, x, err)
		}
	}
}

// A house that is down costs one question in five seconds; when it is back, it is
// found; its keys are looked at anew each hour.
func TestAHouseThatIsDown(t *testing.T) {
	t.Parallel()
	op, p, w := pair(t, nil)
	op.Do(oidctest.Wrong{Down: true})
	for range 5 {
		if _, err := p.Address(t.Context(), flow()); kyc.KindOf(err) != kyc.Unavailable {
			t.Fatalf("down: %v", err)
		}
	}
	const path = "/.well-known/openid-configuration"
	if n := op.Asked(path); n != 1 {
		t.Errorf("asked %d times while it is down", n)
	}
	op.Do(oidctest.Wrong{})
	w.pass(6 * time.Second)
	answer := visit(t, p, flow())
	op.Do(oidctest.Wrong{Down: true})
	if _, err := p.Person(t.Context(), flow(), answer); kyc.KindOf(err) != kyc.Unavailable {
		t.Errorf("down at the token endpoint: %v", err)
	}
	op.Do(oidctest.Wrong{})
	w.pass(59 * time.Minute)
	visit(t, p, flow())
	w.pass(2 * time.Minute)
	visit(t, p, flow())
	if n := op.Asked(path); n != 3 {
		t.Errorf("looked for %d times in an hour, want 3", n)
	}
}

func TestAHouseThatIsNotAsItShouldBe(t *testing.T) {
	t.Parallel()
	for name, wrong := range map[string]oidctest.Wrong{"another's name": {Issuer: "https://login.example"}, "a token endpoint without TLS": {Plain: true}, "a userinfo endpoint without TLS": {PlainInfo: true}} {
		op, p, _ := pair(t, nil)
		op.Do(wrong)
		if err := p.Reach(t.Context()); kyc.KindOf(err) != kyc.Unavailable {
			t.Errorf("%s: %v", name, err)
		}
	}
	op, p, _ := pair(t, func(o *signon.Options) { o.ClientSecret = "wrong" })
	if _, err := p.Person(t.Context(), flow(), visit(t, p, flow())); kyc.KindOf(err) != kyc.Unavailable || strings.Contains(err.Error(), "wrong") {
		t.Errorf("a wrong secret: %v", err)
	}
	_ = op
}

// Whoever gives up waiting is let go at once, whatever the house does.
func TestAHouseThatHangs(t *testing.T) {
	t.Parallel()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0") // it takes connections and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	p, err := signon.New(signon.Options{Issuer: "http://" + l.Addr().String(), ClientID: "x", Clock: kyc.SystemClock()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Address(ctx, flow()); err == nil {
		t.Error("an address was given")
	}
}

func TestOptionsThatCannotWorkAreAllNamed(t *testing.T) {
	t.Parallel()
	_, err := signon.New(signon.Options{Issuer: "http://login.example", Scopes: []string{"profile"}, Factors: []string{"mfa"}, Clock: kyc.SystemClock()})
	got := map[string]int{}
	for _, p := range kyc.AsError(err).Problems {
		got[p.Path]++
	}
	if want := map[string]int{"/issuer": 1, "/client_id": 1, "/scopes": 2, "/factors/0": 1}; !reflect.DeepEqual(got, want) {
		t.Errorf("problems at %v, want %v", got, want)
	}
	for _, issuer := range []string{"", "login.example", "https://login.example/?a=b", "https://a:b@login.example", "ftp://localhost", "http://127.0.0.1.example"} {
		if err := (signon.Options{Issuer: issuer, ClientID: "x"}).Check(); err == nil {
			t.Errorf("the issuer %q is taken", issuer)
		}
	}
}

// A sign-out goes to the provider that let the person in, where it has a place for
// it, and names this client and the provider's session alone.
func TestASignOutGoesOnAtTheProvider(t *testing.T) {
	t.Parallel()
	leave := func(op *oidctest.Provider) access.Leave {
		return access.Leave{Issuer: op.URL, Session: "sid 1&x", Redirect: "https://desk.example/console/sign-out/done", State: "state/1"}
	}
	op, p, _ := pair(t, nil)
	op.Do(oidctest.Wrong{Claims: map[string]any{"sid": "sid 1&x"}})
	x, err := p.Person(t.Context(), flow(), visit(t, p, flow()))
	if err != nil || x.Session != "sid 1&x" {
		t.Fatalf("%+v %v", x, err)
	}
	address, err := p.Leave(t.Context(), leave(op))
	u, bad := url.Parse(address)
	if err != nil || bad != nil || !strings.HasPrefix(address, op.URL+"/leave?") {
		t.Fatal(address, err, bad)
	}
	want := url.Values{"tenant": {"acme"}, "client_id": {oidctest.ClientID}, "post_logout_redirect_uri": {"https://desk.example/console/sign-out/done"}, "state": {"state/1"}, "logout_hint": {"sid 1&x"}}
	if got := u.Query(); !reflect.DeepEqual(got, want) {
		t.Errorf("it is asked by %v, want %v", got, want)
	}
	nameless := leave(op)
	nameless.Session = ""
	if address, err := p.Leave(t.Context(), nameless); err != nil || strings.Contains(address, "logout_hint") {
		t.Errorf("without a session of the provider: %s %v", address, err)
	}
	other := leave(op)
	other.Issuer = "https://former.example"
	if address, err := p.Leave(t.Context(), other); err != nil || address != "" {
		t.Errorf("who came by another provider is sent to %s (%v)", address, err)
	}
	for name, c := range map[string]struct {
		stay  bool
		wrong oidctest.Wrong
		code  string
	}{
		"not to be asked": {stay: true},
		"no such place":   {wrong: oidctest.Wrong{Leave: "-"}},
		"in plain words":  {wrong: oidctest.Wrong{Leave: "http://login.example/leave"}},
		"a script":        {wrong: oidctest.Wrong{Leave: "javascript:alert(1)"}},
		"nonsense":        {wrong: oidctest.Wrong{Leave: "https://%zz"}},
		"down":            {wrong: oidctest.Wrong{Down: true}, code: "sign_on_unavailable"},
	} {
		op, p, _ := pair(t, func(o *signon.Options) { o.Stay = c.stay })
		op.Do(c.wrong)
		if address, err := p.Leave(t.Context(), leave(op)); address != "" || c.code == "" && err != nil || c.code != "" && !kyc.IsCode(err, c.code) {
			t.Errorf("%s: %s, %v", name, address, err)
		}
	}
	for name, sid := range map[string]any{"a number": 7, "a long text": strings.Repeat("x", 256), "a list": []string{"x"}} {
		op, p, _ := pair(t, nil)
		op.Do(oidctest.Wrong{Claims: map[string]any{"sid": sid}})
		if x, err := p.Person(t.Context(), flow(), visit(t, p, flow())); err != nil || x.Session != "" {
			t.Errorf("%s as a session's name: %q, %v", name, x.Session, err)
		}
	}
}
