package console_test

import (
	"context"
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
	return openWith(t, nil)
}

// openWith opens a hall that is built otherwise.
func openWith(t *testing.T, alter func(*hall, *console.Deps)) *hall {
	t.Helper()
	h := &hall{t: t, mux: http.NewServeMux(), clock: &clock{at: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}, log: &strings.Builder{}}
	h.store = newMemory(t, h.clock)
	log := slog.New(slog.NewTextHandler(h.log, nil))
	kit, err := ui.New(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	d := console.Deps{Kit: kit, Clock: h.clock, Log: log, People: h.store, Store: h.store,
		Address: func(context.Context) string { return "192.0.2.7" }, Sections: []console.Section{probe()},
		API: func(who access.Principal, w http.ResponseWriter, r *http.Request) {
			h.asked = append(h.asked, fmt.Sprint(r.Method, " ", r.URL.RequestURI(), " ", who.Tenant.Env, " ", who.Actor.Kind, " ", r.Header.Get("Cookie")))
			w.WriteHeader(http.StatusTeapot)
		}}
	if alter != nil {
		alter(h, &d)
	}
	if h.table, err = console.Mount(d, h.mux.Handle); err != nil {
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
