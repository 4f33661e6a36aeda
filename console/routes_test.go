package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"bonafide/access"
	"bonafide/console"
	"bonafide/kyc"
	"bonafide/ui"
)

// Every route is tried without a sign-in and as every role; what the role lacks
// is refused, whatever the page would have shown.
func TestEveryRouteAsEveryRole(t *testing.T) {
	t.Parallel()
	h := open(t)
	address := func(pattern string) (method, path string) {
		method, path, _ = strings.Cut(pattern, " ")
		return method, strings.NewReplacer("{$}", "", "{rest...}", "nowhere", "{path...}", "api/v1/cases", "{id}", string(kyc.NewID(time.Now()))).Replace(path)
	}
	openTo := map[string]bool{"GET /console/sign-in": true, "POST /console/sign-in": true, "GET /console/sign-in/oidc": true, "GET /console/sign-in/oidc/callback": true, "GET /console/sign-out/done": true}
	for _, route := range h.table {
		method, path := address(route.Pattern)
		var form url.Values
		if method != http.MethodGet {
			form = url.Values{"x": {"y"}}
		}
		code, header, _ := h.browser().do(method, path, form)
		if refused := code == http.StatusUnauthorized || code == http.StatusSeeOther && strings.HasPrefix(header.Get("Location"), "/console/sign-in"); refused == openTo[route.Pattern] {
			t.Errorf("%s without a sign-in: %d to %s", route.Pattern, code, header.Get("Location"))
		}
		for _, role := range access.Roles() {
			b := h.browser()
			b.signIn(role.Name)
			code, header, _ := b.do(method, path, form)
			if strings.HasPrefix(header.Get("Location"), "/console/sign-in") && route.Pattern != "POST /console/sign-out" {
				t.Errorf("%s as %s: sent to sign in", route.Pattern, role.Name)
			}
			may := route.Scope == console.SignedIn || openTo[route.Pattern] || access.Grants(role.Scopes, route.Scope)
			if (code == http.StatusForbidden) == may {
				t.Errorf("%s as %s: %d, allowed: %v", route.Pattern, role.Name, code, may)
			}
		}
		if method == http.MethodGet {
			continue
		}
		b := h.browser()
		b.signIn("admin")
		if code, _, _ := b.do(method, path, form, "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"); code != http.StatusForbidden {
			t.Errorf("%s sent by another site: %d", route.Pattern, code)
		}
	}
}

func TestARouteWithoutScopeIsAMistake(t *testing.T) {
	t.Parallel()
	kit, err := ui.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	do := func(*console.Visit) error { return nil }
	for name, r := range map[string]console.Route{
		"no scope":      {Pattern: "GET /console/x", Do: do},
		"unknown scope": {Pattern: "GET /console/x", Scope: "cases:burn", Do: do},
		"elsewhere":     {Pattern: "GET /api/v1/x", Scope: "cases:read", Do: do},
		"no method":     {Pattern: "/console/x", Scope: "cases:read", Do: do},
		"nothing":       {Pattern: "GET /console/x", Scope: "cases:read"},
	} {
		_, err := console.Mount(console.Deps{Kit: kit, Sections: []console.Section{{Name: "bad", Routes: []console.Route{r}}}}, http.NewServeMux().Handle)
		if err == nil || !strings.Contains(err.Error(), "bad") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheEnvironmentIsSwitched(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := h.browser()
	b.signIn("admin")
	code, header, _ := b.do("POST", "/console/environment", url.Values{"to": {"sandbox"}, "back": {"/console/probe/cases/read"}})
	if code != http.StatusSeeOther || header.Get("Location") != "/console/probe" {
		t.Errorf("switching: %d to %s", code, header.Get("Location"))
	}
	if _, _, body := b.do("GET", "/console/probe/cases/read", nil); body != "sandbox admin" {
		t.Errorf("looking at %s", body)
	}
	_, _, page := b.do("GET", "/console/nowhere", nil)
	if !strings.Contains(page, "env-sandbox") || !strings.Contains(page, "Switch to live") {
		t.Error("the environment is not shown")
	}
	if code, _, _ := b.do("POST", "/console/probe/cases/write", url.Values{"env": {"live"}}); code != http.StatusConflict {
		t.Errorf("a form of the other environment: %d", code)
	}
	if code, _, _ := b.do("POST", "/console/probe/cases/write", nil, "X-Bonafide-Env", "live"); code != http.StatusConflict {
		t.Errorf("a call of the other environment: %d", code)
	}
	if code, _, _ := b.do("POST", "/console/probe/cases/write", url.Values{"env": {"sandbox"}}); code != http.StatusOK {
		t.Errorf("a form of this environment: %d", code)
	}
	if code, _, _ := b.do("POST", "/console/environment", url.Values{"to": {"moon"}}); code != http.StatusUnprocessableEntity {
		t.Errorf("an unknown environment: %d", code)
	}
}

func TestTheWayBackStaysInside(t *testing.T) {
	t.Parallel()
	h := open(t)
	for to, want := range map[string]string{
		"/console/probe/cases/read?x=1": "/console/probe/cases/read?x=1",
		"https://evil.example/console/": "/console/", "//evil.example/console/": "/console/", "/\\evil.example": "/console/", "/capture/x": "/console/",
		"/console/sign-out": "/console/", "/console/\\evil": "/console/", "": "/console/", "/console/../capture/x": "/console/", "/console/%2e%2e/capture/x": "/console/",
	} {
		_, header, _ := h.browser().do("POST", "/console/sign-in", url.Values{"email": {"admin@acme.example"}, "password": {password}, "to": {to}})
		if got := header.Get("Location"); got != want {
			t.Errorf("%q leads to %q", to, got)
		}
	}
	_, header, _ := h.browser().do("GET", "/console/probe/cases/read?page=2", nil)
	if got := header.Get("Location"); got != "/console/sign-in?to=%2Fconsole%2Fprobe%2Fcases%2Fread%3Fpage%3D2" {
		t.Errorf("who is not signed in is sent to %q", got)
	}
}

func TestTheAPIIsReachedAsThePerson(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := h.browser()
	b.signIn("reviewer")
	if code, _, _ := b.do("GET", "/console/api/api/v1/cases?limit=3", nil); code != http.StatusTeapot || len(h.asked) != 1 {
		t.Fatalf("%d, %v", code, h.asked)
	}
	if h.asked[0] != "GET /api/v1/cases?limit=3 live user " {
		t.Errorf("asked %q", h.asked[0])
	}
	if code, _, body := h.browser().do("GET", "/console/api/api/v1/cases", nil); code != http.StatusUnauthorized || !strings.Contains(body, "not_signed_in") {
		t.Errorf("without a sign-in: %d %s", code, body)
	}
	if code, _, _ := b.do("POST", "/console/api/api/v1/cases", nil, "Sec-Fetch-Site", "cross-site"); code != http.StatusForbidden || len(h.asked) != 1 {
		t.Errorf("from another site: %d, %v", code, h.asked)
	}
}

func TestShortcutsAreSwitchedOff(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := h.browser()
	b.signIn("auditor")
	_, header, _ := b.do("POST", "/console/keys", url.Values{"keys": {"off"}, "back": {"/console/nowhere"}})
	if header.Get("Location") != "/console/nowhere" {
		t.Errorf("back to %q", header.Get("Location"))
	}
	_, _, page := b.do("GET", "/console/nowhere", nil)
	if strings.Contains(page, "<kbd>") || !strings.Contains(page, "Turn keyboard shortcuts on") {
		t.Error("the shortcuts are still on")
	}
}
