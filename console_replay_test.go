package main

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"bonafide/access"
	"bonafide/kyc"
	"bonafide/webhook"
)

// The console sends a range of time again for whoever may change webhooks, on a
// page of its own, and for an endpoint of the environment that is looked at.
func TestTheConsoleSendsARangeOfTimeAgain(t *testing.T) {
	t.Parallel()
	a, h, cookie, _ := crowdedOffice(t, 1, 0)
	ctx := t.Context()
	orgs, err := a.db.Orgs(ctx)
	if err != nil || len(orgs) != 1 {
		t.Fatal(orgs, err)
	}
	org := orgs[0].ID
	long := time.Date(2021, 1, 10, 12, 0, 0, 0, time.UTC) // one message more than are sent at once
	var bulk kyc.Change
	for range 1001 {
		bulk.Events = append(bulk.Events, kyc.Event{ID: kyc.NewID(long), Tenant: kyc.Tenant{Org: org, Env: kyc.Live}, At: long, Actor: kyc.SystemActor("test"), Action: "session.decline", Object: "session",
			ObjectID: kyc.NewID(long), Webhook: "session.declined", Payload: []byte("{}")})
	}
	if err := a.db.Commit(ctx, &bulk); err != nil {
		t.Fatal(err)
	}
	endpoint := func(env kyc.Env) string {
		t.Helper()
		e, err := a.hooks.Create(ctx, kyc.Tenant{Org: org, Env: env}, kyc.SystemActor("test"), webhook.Spec{URL: "https://93.184.216.34/hook", Events: []string{"*"}})
		if err != nil {
			t.Fatal(err)
		}
		return "/console/webhooks/" + kyc.Dress("webhook", e.ID)
	}
	live, sandbox := endpoint(kyc.Live), endpoint(kyc.Sandbox)
	if _, err := a.access.CreateUser(ctx, access.UserRequest{Org: org, Email: "rob@acme.example", Role: "reviewer", Password: "another long password", By: kyc.SystemActor("test")}); err != nil {
		t.Fatal(err)
	}
	reviewer := signedIn(t, h, "rob@acme.example", "another long password")
	do := func(who *http.Cookie, site, path, from, to string, rest ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1"+path+"/replay", strings.NewReader(url.Values{"env": {"live"}, "from": {from}, "to": {to}, "rest": rest}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", site)
		r.AddCookie(who)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	const begin, end = "2022-01-01T00:00", "2099-01-01T00:00"
	replays := func() int {
		t.Helper()
		_, n, err := a.db.Events(ctx, kyc.Tenant{Org: org, Env: kyc.Live}, kyc.EventFilter{Action: "webhook_endpoint.replay"}, kyc.Page{Limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for name, c := range map[string]struct {
		who                  *http.Cookie
		site, path, from, to string
		want                 int
		says                 string
	}{
		"a reviewer":            {reviewer, "same-origin", live, begin, end, http.StatusForbidden, ""},
		"another site":          {cookie, "cross-site", live, begin, end, http.StatusForbidden, ""},
		"the other environment": {cookie, "same-origin", sandbox, begin, end, http.StatusNotFound, ""},
		"no endpoint":           {cookie, "same-origin", "/console/webhooks/webhook_00000000-0000-4000-8000-000000000000", begin, end, http.StatusNotFound, ""},
		"no times":              {cookie, "same-origin", live, "", "soon", http.StatusUnprocessableEntity, "say from when"},
		"backwards":             {cookie, "same-origin", live, end, begin, http.StatusUnprocessableEntity, "from must be before to"},
	} {
		if w := do(c.who, c.site, c.path, c.from, c.to); w.Code != c.want || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s: %d: %.600s", name, w.Code, w.Body)
		}
	}
	if n := replays(); n != 0 {
		t.Fatalf("%d replays", n)
	}
	if w := do(cookie, "same-origin", live, begin, end); w.Code != http.StatusSeeOther || w.Header().Get("Location") != live {
		t.Errorf("%d %v %.600s", w.Code, w.Header(), w.Body)
	}
	if n := replays(); n != 1 {
		t.Errorf("%d replays", n)
	}
	// Of a range that is too long the page says how far it came, and offers the rest.
	w := do(cookie, "same-origin", live, "2021-01-01T00:00", "2021-02-01T00:00")
	next, err := url.Parse(w.Header().Get("Location"))
	if w.Code != http.StatusSeeOther || err != nil || next.Query().Get("rest") == "" {
		t.Fatalf("a long range: %d %v", w.Code, w.Header())
	}
	page := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1"+next.String(), http.NoBody)
	r.AddCookie(cookie)
	h.ServeHTTP(page, r)
	for _, text := range []string{"newer than 10 Jan 2021, 12:00:00 UTC", "back to 1 Jan 2021, 00:00:00 UTC", "Send the next part", next.Query().Get("rest")} {
		if !strings.Contains(page.Body.String(), text) {
			t.Errorf("the page does not say %q: %.600s", text, page.Body)
		}
	}
	if w := do(cookie, "same-origin", live, "2021-01-01T00:00", "2021-02-01T00:00", "nonsense"); w.Code != http.StatusNotFound {
		t.Errorf("behind nothing: %d", w.Code)
	}
	if w := do(cookie, "same-origin", live, "2021-01-01T00:00", "2021-02-01T00:00", next.Query().Get("rest")); w.Code != http.StatusSeeOther || w.Header().Get("Location") != live {
		t.Errorf("the rest: %d %v", w.Code, w.Header())
	}
	_, sent, err := a.db.Deliveries(ctx, kyc.Tenant{Org: org, Env: kyc.Live}, kyc.DeliveryFilter{}, kyc.Page{Limit: 1})
	if err != nil || sent < 1001 {
		t.Errorf("%d messages are sent (%v)", sent, err)
	}
}
