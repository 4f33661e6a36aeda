package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/access"
	"bonafide/access/oidctest"
	"bonafide/kyc"
)

// browserOf is a person's browser: cookies, redirects, forms of our own pages.
type browserOf struct {
	t *testing.T
	s *server
	c *http.Client
}

func (s *server) browser(t *testing.T) *browserOf {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browserOf{t, s, &http.Client{Jar: jar}}
}

// page fetches a page, over whatever it is redirected to; a form is sent when
// there is one.
func (b *browserOf) page(path string, form url.Values) (status int, at, body string) {
	b.t.Helper()
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.s.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := b.c.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return res.StatusCode, res.Request.URL.Path, string(raw)
}

// withProvider starts a server that knows an OpenID provider.
func withProvider(t *testing.T, database string, alter func(*oidcFlags)) (*server, *oidctest.Provider, kyc.Org) {
	t.Helper()
	op := oidctest.New(t, time.Now)
	s := startServer(t, database, func(c *serveCmd) {
		c.OIDC = oidcFlags{Issuer: op.URL, ClientID: oidctest.ClientID, ClientSecret: oidctest.ClientSecret}
		if alter != nil {
			alter(&c.OIDC)
		}
	})
	org, err := s.app.access.CreateOrg(t.Context(), "House of sign-on", kyc.SystemActor("test"))
	if err != nil {
		t.Fatal(err)
	}
	return s, op, org
}

// actionsOn are what the audit chain says was done to an account, oldest first.
func (s *server) actionsOn(t *testing.T, u kyc.User) []string {
	t.Helper()
	list, _, err := s.app.db.Events(t.Context(), kyc.Tenant{Org: u.Tenant.Org, Env: kyc.Live}, kyc.EventFilter{Object: "user", ObjectID: u.ID}, kyc.Page{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(list, func(a, b kyc.Event) int { return strings.Compare(string(a.ID), string(b.ID)) })
	var out []string
	for _, e := range list {
		text := e.Action
		if e.Reason != "" {
			text += "(" + e.Reason + ")"
		}
		out = append(out, text)
	}
	return out
}

// Over the wire: accounts that exist are opened and bound, nobody is made one
// unless a role for it is configured, and what locks an account locks it here.
func TestSignOnThroughTheWholeProgram(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		s, op, org := withProvider(t, database, nil)
		add := func(name, role string) kyc.User {
			u, err := s.app.access.CreateUser(t.Context(), access.UserRequest{Org: org.ID, Email: name + "@sign-on.example", Role: role, Password: "a long enough password", By: kyc.SystemActor("test")})
			if err != nil {
				t.Fatal(err)
			}
			return u
		}
		ada := add("ada", "reviewer")
		add("boss", "admin")
		is := func(subject, name string) {
			op.Is(map[string]any{"sub": subject, "email": name + "@sign-on.example", "email_verified": true})
		}
		const queue = "/console/queue"
		is("sub-1", "ada")
		b := s.browser(t)
		if code, at, _ := b.page("/console/sign-in/oidc?to="+queue, nil); code != http.StatusOK || at != queue {
			t.Fatalf("ada lands at %s with %d", at, code)
		}
		is("sub-2", "ada") // the address went to somebody else
		if code, at, page := s.browser(t).page("/console/sign-in/oidc", nil); code != http.StatusUnprocessableEntity || !strings.HasSuffix(at, "/callback") || !strings.Contains(page, "no account here is open to you") {
			t.Errorf("another person of the address lands at %s with %d", at, code)
		}
		is("sub-3", "nobody")
		if code, _, _ := s.browser(t).page("/console/sign-in/oidc", nil); code != http.StatusUnprocessableEntity {
			t.Errorf("somebody without an account: %d", code)
		}
		if list, err := s.app.access.Users(t.Context(), org.ID); err != nil || len(list) != 2 {
			t.Errorf("%d accounts, %v", len(list), err)
		}
		is("sub-1", "ada")
		if _, err := s.app.access.DismissUser(t.Context(), org.ID, ada.ID, kyc.SystemActor("test")); err != nil {
			t.Fatal(err)
		}
		if _, at, _ := b.page(queue, nil); at != "/console/sign-in" {
			t.Errorf("locked out, and at %s", at)
		}
		if code, _, _ := s.browser(t).page("/console/sign-in/oidc", nil); code != http.StatusUnprocessableEntity {
			t.Errorf("locked out, and the provider lets in: %d", code)
		}
		want := []string{"user.create", "user.sign_on_bound", "user.sign_in(sign_on)", "user.sign_in_refused(account_bound_elsewhere)", "user.disable", "user.sign_in_refused(account_disabled)"}
		if got := s.actionsOn(t, ada); !slices.Equal(got, want) {
			t.Errorf("audit: %v, want %v", got, want)
		}
		if said := s.out.String(); strings.Contains(said, "sign-on.example") || strings.Contains(said, "sub-1") || strings.Contains(said, "callback?") {
			t.Errorf("the log names somebody or holds a code: %s", said)
		}
		if r, err := s.app.db.VerifyAudit(t.Context(), org.ID); err != nil || !r.OK() {
			t.Errorf("the audit chain: %+v, %v", r, err)
		}
	})
}

func TestSignOnMakesAccountsWhenConfigured(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		s, op, org := withProvider(t, database, func(f *oidcFlags) {
			f.Org, f.NewRole, f.RoleClaim, f.Roles, f.Only = "House of sign-on", "reviewer", "groups", []string{"cn=boss,ou=kyc=admin", "staff=auditor"}, true
		})
		come := func(subject string, groups ...string) (int, string) {
			op.Is(map[string]any{"sub": subject, "email": subject + "@sign-on.example", "email_verified": true, "name": "Somebody", "groups": groups})
			code, at, _ := s.browser(t).page("/console/sign-in/oidc?to=/console/account", nil)
			return code, at
		}
		if code, at := come("eve", "staff"); code != http.StatusOK || at != "/console/account" {
			t.Errorf("eve: %d at %s", code, at)
		}
		if code, at := come("bob", "staff", "cn=boss,ou=kyc"); code != http.StatusOK || at != "/console/account" {
			t.Errorf("bob: %d at %s", code, at)
		}
		if code, _ := come("tom", "guests"); code != http.StatusUnprocessableEntity {
			t.Errorf("tom, in no group: %d", code)
		}
		if code, _ := come("eve", "cn=boss,ou=kyc"); code != http.StatusOK {
			t.Errorf("eve, promoted: %d", code)
		}
		list, err := s.app.access.Users(t.Context(), org.ID)
		if err != nil || len(list) != 2 || list[0].Role != "admin" || list[1].Role != "admin" || list[0].Name != "Somebody" {
			t.Errorf("accounts: %+v, %v", list, err)
		}
		if code, _, _ := s.browser(t).page("/console/sign-in", url.Values{"email": {"eve@sign-on.example"}, "password": {"a long enough password"}}); code != http.StatusForbidden {
			t.Errorf("a password where none counts: %d", code)
		}
	})
}

// The server starts and people sign in with passwords while the provider is
// down; doctor says so.
func TestAProviderThatIsDown(t *testing.T) {
	t.Parallel()
	s, op, org := withProvider(t, "", nil)
	op.Do(oidctest.Wrong{Down: true})
	if _, err := s.app.access.CreateUser(t.Context(), access.UserRequest{Org: org.ID, Email: "ada@sign-on.example", Role: "reviewer", Password: "a long enough password", By: kyc.SystemActor("test")}); err != nil {
		t.Fatal(err)
	}
	b := s.browser(t)
	if code, _, page := b.page("/console/sign-in/oidc", nil); code != http.StatusServiceUnavailable || !strings.Contains(page, "cannot be reached now") {
		t.Errorf("the button: %d", code)
	}
	if code, at, _ := b.page("/console/sign-in", url.Values{"email": {"ada@sign-on.example"}, "password": {"a long enough password"}, "to": {"/console/queue"}}); code != http.StatusOK || at != "/console/queue" {
		t.Errorf("a password: %d at %s", code, at)
	}
	flags := []string{"doctor", "--data", t.TempDir(), "--oidc-issuer", op.URL, "--oidc-client-id", oidctest.ClientID}
	line := func(out string) string {
		for l := range strings.Lines(out) {
			if strings.HasPrefix(l, "console") {
				return l
			}
		}
		return ""
	}
	if _, out, _ := call(t, flags...); !strings.Contains(line(out), "missing") || !strings.Contains(line(out), "503") {
		t.Errorf("doctor of a house that is down: %q", line(out))
	}
	op.Do(oidctest.Wrong{})
	if _, out, _ := call(t, flags...); !strings.Contains(line(out), "ok") || !strings.Contains(line(out), op.URL) {
		t.Errorf("doctor of a house that is up: %q", line(out))
	}
	if _, out, _ := call(t, flags[:len(flags)-2]...); !strings.Contains(line(out), "--oidc-client-id") {
		t.Errorf("doctor of flags that cannot work: %q", line(out))
	}
	if _, out, _ := call(t, "doctor", "--data", t.TempDir()); line(out) != "" {
		t.Errorf("doctor without a provider: %q", line(out))
	}
}
