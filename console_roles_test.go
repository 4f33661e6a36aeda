package main

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"bonafide/access"
	frontdesk "bonafide/console"
	"bonafide/kyc"
)

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
	parts := regexp.MustCompile(`\{[^}$]*\}`)
	tried := 0
	for _, route := range a.desk {
		method, path, _ := strings.Cut(route.Pattern, " ")
		path = parts.ReplaceAllString(strings.ReplaceAll(path, "{$}", ""), string(kyc.NewID(time.Now())))
		if strings.Contains(path, "/sign-") || strings.HasPrefix(path, "/console/api/") || strings.HasPrefix(path, "/console/code") {
			continue // the way in and out, and the public API, which has its own test
		}
		ask := func(cookie *http.Cookie) int {
			r := httptest.NewRequest(method, "http://127.0.0.1"+path, http.NoBody)
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			if cookie != nil {
				r.AddCookie(cookie)
			}
			w := httptest.NewRecorder()
			w.Body.Reset()
			h.ServeHTTP(w, r)
			return w.Code
		}
		if code := ask(nil); code != http.StatusSeeOther && code != http.StatusUnauthorized {
			t.Errorf("%s answers a stranger with %d", route.Pattern, code)
		}
		if route.Scope == frontdesk.SignedIn {
			continue
		}
		for _, role := range access.Roles() {
			may := access.Grants(role.Scopes, route.Scope)
			if may && strings.Contains(route.Pattern, "/events") {
				continue // a stream that has no end
			}
			if code := ask(cookies[role.Name]); (code == http.StatusForbidden) == may || code >= http.StatusInternalServerError {
				t.Errorf("%s as %s: %d, and the role has %s: %v", route.Pattern, role.Name, code, route.Scope, may)
			}
			tried++
		}
	}
	if tried < 150 {
		t.Errorf("only %d actions were tried", tried)
	}
}
