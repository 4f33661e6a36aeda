package main

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/access"
	frontdesk "bonafide/console"
	"bonafide/kyc"
)

// What needs no role is named here one by one, so that a new route of that kind
// fails the test until somebody has looked at it. All else is tried from the
// table.
var (
	forEverybody = []string{"GET /console/sign-in", "POST /console/sign-in", "GET /console/sign-in/oidc", "GET /console/sign-in/oidc/callback", "GET /console/sign-out/done"}
	forAnybodyIn = []string{"GET /console", "GET /console/{$}", "GET /console/{rest...}", "POST /console/sign-out", "GET /console/stay", "POST /console/stay", "POST /console/environment", "POST /console/keys",
		"GET /console/code", "POST /console/code", "GET /console/account", "POST /console/account/password", "POST /console/account/factor",
		"POST /console/account/factor/confirm", "POST /console/account/factor/off",
		// The public API, which checks the scopes of each of its own routes.
		"GET /console/api/{path...}", "POST /console/api/{path...}", "PUT /console/api/{path...}", "PATCH /console/api/{path...}", "DELETE /console/api/{path...}"}
)

var routeParts = regexp.MustCompile(`\{[^}$]*\}`)

// addressOf is a request line for a route: its parts are ids of nothing.
func addressOf(pattern string) (method, path string) {
	method, path, _ = strings.Cut(pattern, " ")
	return method, routeParts.ReplaceAllString(strings.ReplaceAll(path, "{$}", ""), string(kyc.NewID(time.Now())))
}

// askRoute tries a route; headers are pairs.
func askRoute(h http.Handler, pattern string, cookie *http.Cookie, headers ...string) *httptest.ResponseRecorder {
	method, path := addressOf(pattern)
	r := httptest.NewRequest(method, "http://127.0.0.1"+path, http.NoBody)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	if cookie != nil {
		r.AddCookie(cookie)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// toTheWayIn reports whether an answer shows nothing but the way in.
func toTheWayIn(w *httptest.ResponseRecorder, page string) bool {
	return w.Code == http.StatusUnauthorized || w.Code == http.StatusSeeOther && strings.HasPrefix(w.Header().Get("Location"), page)
}

// Every action of the whole console as every role and by a stranger: what the
// role lacks is refused (403) before anything is looked at, and nobody who is
// not signed in gets further than the way in.
func TestEveryConsoleActionAsEveryRole(t *testing.T) {
	t.Parallel()
	a, h, _, _ := crowdedOffice(t, 1, 0)
	orgs, err := a.access.Orgs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const password = "a long enough password"
	cookies := map[string]*http.Cookie{}
	for _, role := range access.Roles() {
		email := role.Name + "@roles.example"
		if _, err := a.access.CreateUser(t.Context(), access.UserRequest{Org: orgs[0].ID, Email: email, Role: role.Name, Password: password, By: kyc.SystemActor("test")}); err != nil {
			t.Fatal(err)
		}
		cookies[role.Name] = signedIn(t, h, email, password)
	}
	// Who has given the password and not yet the second factor.
	half := access.UserRequest{Org: orgs[0].ID, Email: "half@roles.example", Role: "admin", Password: password, By: kyc.SystemActor("test")}
	made, err := a.access.CreateUser(t.Context(), half)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	f := kyc.SecondFactor{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: kyc.Tenant{Org: orgs[0].ID, Env: kyc.Live}}, UserID: made.ID, ConfirmedAt: now, Secret: []byte("twenty bytes of secret")}
	f.Touch(now)
	if err := a.db.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{&f}}); err != nil {
		t.Fatal(err)
	}
	waiting := signedIn(t, h, half.Email, password)

	tried := 0
	var everybody, anybody []string
	for _, route := range a.desk {
		forgeable := !strings.HasPrefix(route.Pattern, "GET ")
		if forgeable {
			if w := askRoute(h, route.Pattern, cookies["admin"], "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"); w.Code != http.StatusForbidden {
				t.Errorf("%s sent by another site: %d", route.Pattern, w.Code)
			}
		}
		scoped := slices.ContainsFunc(access.Scopes(), func(s access.Scope) bool { return s.Name == route.Scope })
		if !scoped && route.Scope != frontdesk.SignedIn {
			everybody = append(everybody, route.Pattern)
			continue
		}
		if w := askRoute(h, route.Pattern, nil); !toTheWayIn(w, "/console/sign-in") {
			t.Errorf("%s answers a stranger with %d to %s", route.Pattern, w.Code, w.Header().Get("Location"))
		}
		if w := askRoute(h, route.Pattern, waiting); !strings.HasSuffix(route.Pattern, " /console/code") && !toTheWayIn(w, "/console/code") {
			t.Errorf("%s without the second factor: %d to %s", route.Pattern, w.Code, w.Header().Get("Location"))
		}
		if !scoped {
			anybody = append(anybody, route.Pattern)
			continue
		}
		for _, role := range access.Roles() {
			may := access.Grants(role.Scopes, route.Scope)
			if may && strings.Contains(route.Pattern, "/events") {
				continue // a stream that has no end
			}
			if code := askRoute(h, route.Pattern, cookies[role.Name]).Code; (code == http.StatusForbidden) == may || code >= http.StatusInternalServerError {
				t.Errorf("%s as %s: %d, and the role has %s: %v", route.Pattern, role.Name, code, route.Scope, may)
			}
			tried++
		}
	}
	for _, c := range []struct {
		what      string
		got, want []string
	}{{"no sign-in", everybody, forEverybody}, {"no role", anybody, forAnybodyIn}} {
		slices.Sort(c.got)
		want := slices.Sorted(slices.Values(c.want))
		if !slices.Equal(c.got, want) {
			t.Errorf("what needs %s:\n%v\nand what was looked at:\n%v", c.what, c.got, want)
		}
	}
	if tried < 150 {
		t.Errorf("only %d actions were tried", tried)
	}
}
