package console_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"bonafide/access"
	"bonafide/access/oidctest"
	"bonafide/access/signon"
	"bonafide/console"
	"bonafide/kyc"
)

// house is the other house, with the accounts of the hall.
type house struct {
	*signon.Provider
	h *hall
}

// SignIn lets in whom an open account exists for; access.Office has the rules.
func (o house) SignIn(ctx context.Context, x access.External) (kyc.User, error) {
	u, err := o.h.store.UserByEmail(ctx, x.Email)
	switch {
	case err != nil:
		return u, kyc.Errorf(kyc.Unauthenticated, "account_missing", "there is no account")
	case !x.Verified:
		return kyc.User{}, kyc.Errorf(kyc.Unauthenticated, "email_unverified", "not verified")
	case !u.DisabledAt.IsZero():
		return u, kyc.Errorf(kyc.Unauthenticated, "account_disabled", "locked out")
	}
	return u, nil
}

// withHouse opens a hall whose people may come by way of another house.
func withHouse(t *testing.T, alter func(*signon.Options, *console.Deps)) (*hall, *oidctest.Provider) {
	t.Helper()
	var op *oidctest.Provider
	h := openWith(t, func(h *hall, d *console.Deps) {
		op = oidctest.New(t, h.clock.Now)
		o := signon.Options{Issuer: op.URL, ClientID: oidctest.ClientID, ClientSecret: oidctest.ClientSecret, Name: "Acme", Clock: h.clock}
		if alter != nil {
			alter(&o, d)
		}
		p, err := signon.New(o)
		if err != nil {
			t.Fatal(err)
		}
		d.SignOn = house{p, h}
	})
	op.Is(map[string]any{"sub": "1", "email": "reviewer@acme.example", "email_verified": true})
	return h, op
}

// away follows the button to the other house and gives the address that it sends
// the browser back to.
func (b *browser) away(to string) string {
	b.h.t.Helper()
	code, header, body := b.do("GET", "/console/sign-in/oidc?to="+url.QueryEscape(to), nil)
	if code != http.StatusSeeOther {
		b.h.t.Fatalf("the button: %d %s", code, body)
	}
	req, err := http.NewRequestWithContext(b.h.t.Context(), http.MethodGet, header.Get("Location"), http.NoBody)
	if err != nil {
		b.h.t.Fatal(err)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		b.h.t.Fatal(err)
	}
	defer res.Body.Close()
	back, found := strings.CutPrefix(res.Header.Get("Location"), "http://console.test")
	if !found || res.StatusCode != http.StatusFound {
		b.h.t.Fatalf("the other house answers %d to %s", res.StatusCode, res.Header.Get("Location"))
	}
	return back
}

// back comes home as a browser does that another site sends.
func (b *browser) back(path string) (int, http.Header, string) {
	return b.do("GET", path, nil, "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate")
}

func TestAnotherHouseSaysWhoSomebodyIs(t *testing.T) {
	t.Parallel()
	h, _ := withHouse(t, nil)
	b := h.browser()
	_, _, page := b.do("GET", "/console/sign-in?to=%2Fconsole%2Fprobe%2Fcases%2Fread%3Fx%3D1", nil)
	if !strings.Contains(page, `href="/console/sign-in/oidc?to=%2fconsole%2fprobe%2fcases%2fread%3fx%3d1"`) || !strings.Contains(page, "Sign in with Acme") || !strings.Contains(page, `type="password"`) {
		t.Errorf("the way in: %s", page)
	}
	planted := strings.Repeat("A", 43)
	b.cookies["bf_console"] = planted
	code, header, _ := b.back(b.away("/console/probe/cases/read?x=1"))
	if code != http.StatusSeeOther || header.Get("Location") != "/console/probe/cases/read?x=1" {
		t.Fatalf("back: %d to %s", code, header.Get("Location"))
	}
	if b.cookies["bf_console"] == planted || b.cookies["bf_sign_on"] != "" || b.cookies["bf_device"] == "" {
		t.Errorf("cookies after it: %v", b.cookies)
	}
	if code, _, body := b.do("GET", "/console/probe/cases/read", nil); code != http.StatusOK || body != "live reviewer" {
		t.Errorf("after it: %d %s", code, body)
	}
	if got := h.store.actions(); got != "user.sign_in(sign_on)" {
		t.Errorf("audit: %s", got)
	}
	first := b.cookies["bf_console"]
	if code, header, _ := b.do("GET", "/console/sign-in/oidc?to=/console/account", nil); code != http.StatusSeeOther || header.Get("Location") != "/console/account" {
		t.Errorf("the button for who is signed in: %d to %s", code, header.Get("Location"))
	}
	if b.cookies["bf_console"] != first {
		t.Error("the session changed by a look at the button")
	}
	outside := h.browser()
	if _, header, _ := outside.back(outside.away("https://evil.example/console/")); header.Get("Location") != "/console/" {
		t.Errorf("led outside to %s", header.Get("Location"))
	}
}

// Whose answer it is not, or whose was used, gets no session, whatever the other
// house would say.
func TestAnAnswerIsForOneBrowserOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]func(h *hall, b *browser, back string) (by *browser, path string){
		"another state": func(_ *hall, b *browser, back string) (*browser, string) {
			return b, strings.Replace(back, "state=", "state=0", 1)
		},
		"no state": func(_ *hall, b *browser, _ string) (*browser, string) {
			return b, "/console/sign-in/oidc/callback?code=x"
		},
		"no cookie": func(h *hall, _ *browser, back string) (*browser, string) { return h.browser(), back },
		"another cookie": func(h *hall, _ *browser, back string) (*browser, string) {
			w := h.browser()
			w.away("")
			return w, back
		},
		"a made-up cookie": func(h *hall, b *browser, back string) (*browser, string) {
			token, rest, _ := strings.Cut(b.cookies["bf_sign_on"], ".") // begun otherwise than it was
			_, rest, _ = strings.Cut(rest, ".")
			return &browser{h, map[string]string{"bf_sign_on": fmt.Sprintf("%s.%d.%s", token, h.clock.Now().Unix()-1, rest)}}, back
		},
		"too late": func(h *hall, b *browser, back string) (*browser, string) {
			h.clock.pass(11 * time.Minute)
			return b, back
		},
		"used": func(h *hall, b *browser, back string) (*browser, string) {
			again := &browser{h, map[string]string{"bf_sign_on": b.cookies["bf_sign_on"]}}
			if code, _, _ := b.back(back); code != http.StatusSeeOther {
				h.t.Errorf("the first time: %d", code)
			}
			return again, back
		},
	} {
		h, op := withHouse(t, nil)
		op.Do(oidctest.Wrong{Again: true}) // the other house would take a code again
		b := h.browser()
		by, path := c(h, b, b.away("/console/account"))
		code, _, page := by.back(path)
		if code != http.StatusUnprocessableEntity || by.cookies["bf_console"] != "" || !strings.Contains(page, "Please begin again") {
			t.Errorf("%s: %d, cookies %v", name, code, by.cookies)
		}
	}
}

func TestASecondFactorIsAskedAfterAnotherHouse(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		wanted []string
		amr    []string
		asked  bool
	}{
		"nothing configured":     {nil, []string{"mfa"}, true},
		"configured, not proved": {[]string{"amr=mfa"}, []string{"pwd"}, true},
		"configured and proved":  {[]string{"amr=mfa"}, []string{"pwd", "mfa"}, false},
	} {
		h, op := withHouse(t, func(o *signon.Options, _ *console.Deps) { o.Factors = c.wanted })
		first := h.browser()
		first.signIn("reviewer")
		secret, _ := first.enrol()
		op.Do(oidctest.Wrong{Claims: map[string]any{"amr": c.amr}})
		b := h.browser()
		_, header, _ := b.back(b.away("/console/probe/cases/read"))
		if asked := strings.HasPrefix(header.Get("Location"), "/console/code?to="); asked != c.asked {
			t.Errorf("%s: sent to %s", name, header.Get("Location"))
		}
		if code, _, _ := b.do("GET", "/console/probe/cases/read", nil); (code == http.StatusOK) == c.asked {
			t.Errorf("%s: the page answers %d", name, code)
		}
		if !c.asked {
			continue
		}
		h.clock.pass(time.Minute)
		b.do("POST", "/console/code", url.Values{"code": {appCode(secret, h.clock.Now())}})
		if code, _, _ := b.do("GET", "/console/probe/cases/read", nil); code != http.StatusOK {
			t.Errorf("%s: after the code %d", name, code)
		}
	}
}

func TestWhomAnotherHouseDoesNotOpenTo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		wrong   oidctest.Wrong
		disable bool
		status  int
		says    string
		audit   string
	}{
		"no account":     {oidctest.Wrong{Claims: map[string]any{"email": "nobody@acme.example"}}, false, 422, "no account here is open to you", ""},
		"locked out":     {oidctest.Wrong{}, true, 422, "no account here is open to you", "user.sign_in_refused(account_disabled)"},
		"not verified":   {oidctest.Wrong{Claims: map[string]any{"email_verified": false}}, false, 422, "it has verified", ""},
		"declined":       {oidctest.Wrong{Deny: true}, false, 422, "let nobody in", ""},
		"a bad token":    {oidctest.Wrong{Alg: "none"}, false, 422, "cannot be trusted", ""},
		"another nonce":  {oidctest.Wrong{Claims: map[string]any{"nonce": "another"}}, false, 422, "cannot be trusted", ""},
		"another client": {oidctest.Wrong{Claims: map[string]any{"aud": "another"}}, false, 422, "cannot be trusted", ""},
	} {
		h, op := withHouse(t, nil)
		op.Do(c.wrong)
		if c.disable {
			h.store.alter("reviewer@acme.example", func(u *kyc.User) { u.DisabledAt = time.Unix(1, 0) })
		}
		b := h.browser()
		path := b.away("/console/account")
		code, _, page := b.back(path)
		if code != c.status || !strings.Contains(page, c.says) || b.cookies["bf_console"] != "" || strings.Contains(page, "alert(1)") || !strings.Contains(page, `value="/console/account"`) {
			t.Errorf("%s: %d %s", name, code, page)
		}
		if got := h.store.actions(); got != c.audit {
			t.Errorf("%s: audit %q, want %q", name, got, c.audit)
		}
		back, _ := url.Parse(path)
		for _, secret := range []string{"@acme.example", back.Query().Get("state"), oidctest.ClientSecret} {
			if strings.Contains(h.log.String(), secret) {
				t.Errorf("%s: the log holds %q", name, secret)
			}
		}
		if !strings.Contains(h.log.String(), "a single sign-on failed") {
			t.Errorf("%s: nothing was written down", name)
		}
	}
}

// A house that is down keeps nobody from a password, and a house that is all
// there is is said to be down.
func TestPasswordsGoOnWhileTheHouseIsDown(t *testing.T) {
	t.Parallel()
	h, op := withHouse(t, nil)
	op.Do(oidctest.Wrong{Down: true})
	b := h.browser()
	code, _, page := b.do("GET", "/console/sign-in/oidc", nil)
	if code != http.StatusServiceUnavailable || !strings.Contains(page, "Acme cannot be reached now") || !strings.Contains(page, `type="password"`) || strings.Contains(page, "down for repairs") {
		t.Errorf("down: %d %s", code, page)
	}
	b.signIn("reviewer")

	h, _ = withHouse(t, func(_ *signon.Options, d *console.Deps) { d.NoPasswords = true })
	w := h.browser()
	if _, _, page := w.do("GET", "/console/sign-in", nil); strings.Contains(page, `type="password"`) {
		t.Error("a password is asked for where none counts")
	}
	if code, _, _ := w.do("POST", "/console/sign-in", url.Values{"email": {"reviewer@acme.example"}, "password": {password}}); code != http.StatusForbidden || w.cookies["bf_console"] != "" {
		t.Errorf("a password where none counts: %d", code)
	}
	if code, _, _ := w.back(w.away("/console/account")); code != http.StatusSeeOther {
		t.Errorf("the house where no password counts: %d", code)
	}
	if code, _, _ := w.do("POST", "/console/account/password", url.Values{"password": {password}, "new": {password + "2"}, "again": {password + "2"}}); code != http.StatusConflict {
		t.Errorf("a new password where none counts: %d", code)
	}
	if _, err := console.Mount(console.Deps{NoPasswords: true}, http.NewServeMux().Handle); err == nil {
		t.Error("a console that nobody could sign in to was built")
	}
	none := open(t)
	for _, path := range []string{"/console/sign-in/oidc", "/console/sign-in/oidc/callback?code=x&state=y"} {
		if code, _, _ := none.browser().do("GET", path, nil); code != http.StatusNotFound {
			t.Errorf("%s without another house: %d", path, code)
		}
	}
}

// Each answer costs the other house a question, so bad ones are slowed down.
func TestBadAnswersAreSlowedDown(t *testing.T) {
	t.Parallel()
	h, op := withHouse(t, nil)
	op.Do(oidctest.Wrong{Alg: "none"})
	slowed, asked := 0, 0
	for range 53 {
		b := h.browser()
		if code, header, _ := b.back(b.away("")); code == http.StatusTooManyRequests && header.Get("Retry-After") != "" {
			slowed++
		}
		asked = op.Asked("/token")
	}
	if slowed != 3 || asked != 50 {
		t.Errorf("%d of 53 bad answers were slowed down, the other house was asked %d times", slowed, asked)
	}
}
