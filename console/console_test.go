package console_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"bonafide/access"
	"bonafide/console"
	"bonafide/kyc"
	"bonafide/ui"
)

const password = "a long enough password"

// hall is a console with people of every role.
type hall struct {
	t     *testing.T
	mux   *http.ServeMux
	table []console.Route
	store *memory
	clock *clock
	log   *strings.Builder
	asked []string // what came through to the API, with the person's scopes
}

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// probe is a section with one route for each scope there is.
func probe() console.Section {
	s := console.Section{Name: "probe"}
	for _, method := range []string{"GET", "POST"} {
		for _, scope := range access.Scopes() {
			s.Routes = append(s.Routes, console.Route{Pattern: method + " /console/probe/" + strings.ReplaceAll(scope.Name, ":", "/"), Scope: scope.Name,
				Do: func(v *console.Visit) error {
					_, err := fmt.Fprintf(v.W, "%s %s", v.Tenant().Env, v.User.Role)
					return err
				}})
		}
	}
	s.Routes = append(s.Routes, console.Route{Pattern: "GET /console/probe/poll", Scope: "cases:read", Unattended: true, Do: func(*console.Visit) error { return nil }})
	s.Links = []console.Link{{Href: "/console/probe/cases/read", Text: "Cases", Scope: "cases:read", Count: func(*console.Visit) int { return 7 }},
		{Href: "/console/probe/keys/write", Text: "Write keys", Scope: "keys:write"}}
	return s
}

func open(t *testing.T) *hall {
	t.Helper()
	h := &hall{t: t, mux: http.NewServeMux(), clock: &clock{at: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}, log: &strings.Builder{}}
	h.store = newMemory(t, h.clock)
	log := slog.New(slog.NewTextHandler(h.log, nil))
	kit, err := ui.New(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	h.table, err = console.Mount(console.Deps{Kit: kit, Clock: h.clock, Log: log, People: h.store, Store: h.store,
		Address: func(context.Context) string { return "192.0.2.7" }, Sections: []console.Section{probe()},
		API: func(who access.Principal, w http.ResponseWriter, r *http.Request) {
			h.asked = append(h.asked, fmt.Sprint(r.Method, " ", r.URL.RequestURI(), " ", who.Tenant.Env, " ", who.Actor.Kind, " ", r.Header.Get("Cookie")))
			w.WriteHeader(http.StatusTeapot)
		}}, h.mux.Handle)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// browser keeps cookies.
type browser struct {
	h       *hall
	cookies map[string]string
}

func (h *hall) browser() *browser { return &browser{h, map[string]string{}} }

// do sends a request as a page of ours would and gives the answer.
func (b *browser) do(method, path string, form url.Values, headers ...string) (int, http.Header, string) {
	b.h.t.Helper()
	r := httptest.NewRequest(method, "http://console.test"+path, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	b.h.mux.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
			continue
		}
		if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/console" {
			b.h.t.Errorf("the cookie %s is open: %v", c.Name, c)
		}
		b.cookies[c.Name] = c.Value
	}
	body, err := io.ReadAll(w.Result().Body)
	if err != nil {
		b.h.t.Fatal(err)
	}
	return w.Code, w.Header(), string(body)
}

// signIn signs in as a role.
func (b *browser) signIn(role string) {
	b.h.t.Helper()
	if code, _, body := b.do("POST", "/console/sign-in", url.Values{"email": {role + "@acme.example"}, "password": {password}}); code != http.StatusSeeOther {
		b.h.t.Fatalf("signing in as %s: %d %s", role, code, body)
	}
}

// Every route is tried without a sign-in and as every role; what the role lacks
// is refused, whatever the page would have shown.
func TestEveryRouteAsEveryRole(t *testing.T) {
	t.Parallel()
	h := open(t)
	address := func(pattern string) (method, path string) {
		method, path, _ = strings.Cut(pattern, " ")
		return method, strings.NewReplacer("{$}", "", "{rest...}", "nowhere", "{path...}", "api/v1/cases", "{id}", string(kyc.NewID(time.Now()))).Replace(path)
	}
	openTo := map[string]bool{"GET /console/sign-in": true, "POST /console/sign-in": true}
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

func TestSignInMakesAFreshSession(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := h.browser()
	// A token that somebody else planted is not taken over.
	b.cookies["bf_console"] = strings.Repeat("A", 43)
	if code, _, _ := b.do("GET", "/console/", nil); code != http.StatusSeeOther {
		t.Fatalf("a made-up token: %d", code)
	}
	b.signIn("reviewer")
	first := b.cookies["bf_console"]
	if first == strings.Repeat("A", 43) || len(first) != 43 {
		t.Fatalf("the token is %q", first)
	}
	if sum := sha256.Sum256([]byte(first)); h.store.sessions[hex.EncodeToString(sum[:])].ID == "" {
		t.Error("the store does not hold the hash of the token")
	}
	b.signIn("reviewer")
	if b.cookies["bf_console"] == first {
		t.Error("the token stayed the same over a sign-in")
	}
	old := &browser{h, map[string]string{"bf_console": first}}
	if code, _, _ := old.do("GET", "/console/probe/cases/read", nil); code != http.StatusSeeOther {
		t.Errorf("the former token still works: %d", code)
	}
	if code, _, body := b.do("GET", "/console/probe/cases/read", nil); code != http.StatusOK || body != "live reviewer" {
		t.Errorf("after a sign-in: %d %s", code, body)
	}
	before := b.cookies["bf_console"]
	b.do("POST", "/console/sign-out", url.Values{})
	gone := &browser{h, map[string]string{"bf_console": before}}
	if code, _, _ := gone.do("GET", "/console/probe/cases/read", nil); code != http.StatusSeeOther {
		t.Errorf("after the sign-out: %d", code)
	}
	if got := h.store.actions(); !strings.Contains(got, "user.sign_in") || !strings.Contains(got, "user.sign_out") {
		t.Errorf("audit: %s", got)
	}
}

func TestASessionEnds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		step  time.Duration
		steps int
		alive bool
	}{
		"idle":     {31 * time.Minute, 1, false},
		"busy":     {20 * time.Minute, 30, true},
		"absolute": {20 * time.Minute, 36, false},
	} {
		h := open(t)
		b := h.browser()
		b.signIn("reviewer")
		code := 0
		for range c.steps {
			h.clock.pass(c.step)
			code, _, _ = b.do("GET", "/console/probe/cases/read", nil)
		}
		if (code == http.StatusOK) != c.alive {
			t.Errorf("%s: %d", name, code)
		}
	}
}

func TestWhoIsDisabledOrHasANewPasswordIsOut(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*kyc.User){
		"disabled": func(u *kyc.User) { u.DisabledAt = time.Unix(1, 0) },
		"password": func(u *kyc.User) { u.PasswordHash = "another" },
	} {
		h := open(t)
		b := h.browser()
		b.signIn("reviewer")
		h.store.alter("reviewer@acme.example", change)
		if code, _, _ := b.do("GET", "/console/probe/cases/read", nil); code != http.StatusSeeOther {
			t.Errorf("%s: %d", name, code)
		}
	}
}

func TestGuessingIsLockedOut(t *testing.T) {
	t.Parallel()
	h := open(t)
	guess := func(email, with string) (int, http.Header, string) {
		return h.browser().do("POST", "/console/sign-in", url.Values{"email": {email}, "password": {with}})
	}
	for _, email := range []string{"reviewer@acme.example", "nobody@acme.example"} { // an unknown account looks the same
		for i := range 5 {
			if code, _, _ := guess(email, "wrong"); code != http.StatusUnprocessableEntity {
				t.Fatalf("%s, try %d: %d", email, i, code)
			}
		}
		code, header, body := guess(email, password)
		if code != http.StatusTooManyRequests || header.Get("Retry-After") != "30" || !strings.Contains(body, "wait 30 seconds") {
			t.Errorf("%s after five: %d, %s", email, code, header.Get("Retry-After"))
		}
	}
	h.clock.pass(31 * time.Second)
	if code, _, _ := guess("reviewer@acme.example", "wrong"); code != http.StatusUnprocessableEntity {
		t.Errorf("after the pause: %d", code)
	}
	if code, header, _ := guess("reviewer@acme.example", password); code != http.StatusTooManyRequests || header.Get("Retry-After") != "60" {
		t.Errorf("the pause has not doubled: %d, %s", code, header.Get("Retry-After"))
	}
	h.clock.pass(61 * time.Second)
	h.browser().signIn("reviewer")
	if code, _, _ := guess("reviewer@acme.example", "wrong"); code != http.StatusUnprocessableEntity {
		t.Errorf("a right password does not end the count: %d", code)
	}
	// One password on many accounts is stopped by the address.
	refused := false
	for i := range 60 {
		code, _, _ := guess(fmt.Sprintf("p%d@acme.example", i), "wrong")
		refused = refused || code == http.StatusTooManyRequests
	}
	if !refused {
		t.Error("sixty accounts were tried from one address")
	}
}

// Whoever guesses without end keeps nobody out of a browser they have used
// before, and such a browser guesses no more than others.
func TestNobodyIsLockedOutByStrangers(t *testing.T) {
	t.Parallel()
	h := open(t)
	mine := h.browser()
	mine.signIn("reviewer")
	mine.do("POST", "/console/sign-out", url.Values{})
	try := func(b *browser, email, with string) int {
		code, _, _ := b.do("POST", "/console/sign-in", url.Values{"email": {email}, "password": {with}})
		return code
	}
	for range 200 { // from the account's and from the address's point of view
		try(h.browser(), "reviewer@acme.example", "wrong")
	}
	if code := try(h.browser(), "reviewer@acme.example", password); code != http.StatusTooManyRequests {
		t.Fatalf("a strange browser after 200 guesses: %d", code)
	}
	if code := try(mine, "reviewer@acme.example", password); code != http.StatusSeeOther {
		t.Errorf("the person's own browser: %d", code)
	}
	// A mark is for one account, and one that was altered is none.
	if code := try(mine, "admin@acme.example", password); code != http.StatusTooManyRequests {
		t.Errorf("the mark of another account: %d", code)
	}
	forged := &browser{h, map[string]string{"bf_device": "A" + mine.cookies["bf_device"][1:]}}
	if code := try(forged, "reviewer@acme.example", password); code != http.StatusTooManyRequests {
		t.Errorf("a forged mark: %d", code)
	}
	thief := &browser{h, map[string]string{"bf_device": mine.cookies["bf_device"]}}
	for range 5 {
		try(thief, "reviewer@acme.example", "wrong")
	}
	if code := try(thief, "reviewer@acme.example", password); code != http.StatusTooManyRequests {
		t.Errorf("a stolen mark after five guesses: %d", code)
	}
}

// A page that stands open and asks by itself keeps nobody signed in.
func TestAnOpenPageIsNobodyAtWork(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := h.browser()
	b.signIn("reviewer")
	code := 0
	for range 4 {
		h.clock.pass(10 * time.Minute)
		code, _, _ = b.do("GET", "/console/probe/poll", nil)
	}
	if code != http.StatusSeeOther {
		t.Errorf("forty minutes of polling: %d", code)
	}
}

// Many tries at the same time count as many.
func TestTriesAtOnceCountEach(t *testing.T) {
	t.Parallel()
	h := open(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	looked := 0
	h.store.looked = func() { mu.Lock(); looked++; mu.Unlock() }
	for range 40 {
		wg.Go(func() {
			h.browser().do("POST", "/console/sign-in", url.Values{"email": {"admin@acme.example"}, "password": {"wrong"}})
		})
	}
	wg.Wait()
	if looked > 5 {
		t.Errorf("%d passwords were looked at", looked)
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

func TestNothingPersonalIsLogged(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := h.browser()
	b.do("POST", "/console/sign-in", url.Values{"email": {"ada@private.example"}, "password": {"wrong-secret"}})
	b.signIn("reviewer")
	h.store.broken = true
	if code, _, _ := b.do("GET", "/console/probe/cases/read", nil); code != http.StatusInternalServerError {
		t.Errorf("a broken store: %d", code)
	}
	for _, secret := range []string{"ada@private.example", "wrong-secret", password, b.cookies["bf_console"], "reviewer@acme.example"} {
		if strings.Contains(h.log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
	if h.log.Len() == 0 {
		t.Error("a fault was not written down")
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
