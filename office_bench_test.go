package main

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/access"
	"bonafide/backtest"
	"bonafide/insight"
	"bonafide/kyc"
	"bonafide/screen"
	"bonafide/store/sqlite"
)

// crowdedOffice is a wired program on SQLite with 100,000 sessions of 2,000
// people over 90 days, a third of them with steps, and 10,000 open cases. The
// answer is its handler with the cookie of an admin.
func crowdedOffice(b testing.TB, sessions, cases int) (*app, http.Handler, *http.Cookie, kyc.ID) {
	b.Helper()
	ctx, g := b.Context(), &Globals{Data: b.TempDir()}
	clock, log := kyc.SystemClock(), slog.New(slog.DiscardHandler)
	db, err := sqlite.Open(ctx, sqlite.Options{Dir: g.Data, Clock: clock, Log: log})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	lists, err := screen.Open(screen.Options{Dir: g.listsDir(), Clock: clock, Log: log})
	if err != nil {
		b.Fatal(err)
	}
	a, err := wire(db, lists, wiring{globals: g, role: "all", dev: true, log: log, limits: access.LimitOptions{NoAddressLimits: true}})
	if err != nil {
		b.Fatal(err)
	}
	org, err := a.access.CreateOrg(ctx, "Acme", kyc.SystemActor("test"))
	if err != nil {
		b.Fatal(err)
	}
	const password = "a long enough password"
	if _, err := a.access.CreateUser(ctx, access.UserRequest{Org: org.ID, Email: "ada@acme.example", Role: "admin", Password: password, By: kyc.SystemActor("test")}); err != nil {
		b.Fatal(err)
	}
	last := fillOffice(b, a, kyc.Tenant{Org: org.ID, Env: kyc.Live}, sessions, cases)
	h := a.porch.Handler()
	return a, h, signedIn(b, h, "ada@acme.example", password), last
}

// signedIn is the cookie of somebody who signed in.
func signedIn(b testing.TB, h http.Handler, email, password string) *http.Cookie {
	b.Helper()
	r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1/console/sign-in", strings.NewReader(url.Values{"email": {email}, "password": {password}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if c.Name == "bf_console" {
			return c
		}
	}
	b.Fatalf("no cookie: %d %s", w.Code, w.Body)
	return nil
}

// fillOffice stores the sessions and gives the last one's id.
func fillOffice(b testing.TB, a *app, t kyc.Tenant, sessions, cases int) (last kyc.ID) {
	b.Helper()
	begin := time.Now().UTC().Add(-89 * 24 * time.Hour)
	meta := func(at time.Time) kyc.Meta {
		m := kyc.Meta{ID: kyc.NewID(at), Tenant: t}
		m.Touch(at)
		return m
	}
	var people []kyc.ID
	var put []kyc.Object
	flush := func(c kyc.Change) {
		if err := a.db.Commit(b.Context(), &c); err != nil {
			b.Fatal(err)
		}
	}
	for range 2000 {
		p := &kyc.Subject{Meta: meta(begin), Kind: "individual", Status: kyc.SubjectPending}
		people, put = append(people, p.ID), append(put, p)
	}
	flush(kyc.Change{Put: put})
	workflow := kyc.NewID(begin)
	put = nil
	var events []kyc.Event
	for i := range sessions {
		at := begin.Add(89 * 24 * time.Hour / time.Duration(sessions) * time.Duration(i))
		s := &kyc.Session{Meta: meta(at), Surface: kyc.SurfaceGraph, SubjectID: people[i%len(people)], WorkflowID: workflow, Status: kyc.SessionApproved, Result: kyc.Approved,
			TokenUsedAt: at.Add(time.Minute), SubmittedAt: at.Add(5 * time.Minute), CompletedAt: at.Add(6 * time.Minute), Private: kyc.SessionData{Fields: map[string]any{"first_name": "Ada", "last_name": "Lovelace"}}}
		switch {
		case i%10 == 3:
			s.Status, s.Result, s.ReasonCode = kyc.SessionRejected, kyc.Rejected, "watchlist_hit"
		case i >= sessions-cases:
			s.Status, s.Result, s.CompletedAt = kyc.SessionReview, kyc.NeedsReview, time.Time{}
			c := &kyc.Case{Meta: meta(at), SessionID: s.ID, SubjectID: s.SubjectID, Status: kyc.CaseOpen, Queue: "default", EnteredReviewAt: at}
			s.CaseID = c.ID
			put = append(put, c)
		}
		put, last = append(put, s), s.ID
		if i%3 == 0 {
			s.Surface = kyc.SurfaceSteps
			put = append(put, &kyc.Journey{Meta: s.Meta, SubjectID: s.SubjectID, Steps: []kyc.StepState{{StepID: "id", Status: kyc.StepCompleted, StartedAt: at, CompletedAt: at.Add(time.Minute)}, {StepID: "selfie", Status: kyc.StepPending}}})
		}
		events = append(events, kyc.Event{ID: kyc.NewID(at), Tenant: t, At: at, Actor: kyc.SystemActor("test"), Action: "session.create", Object: "session", ObjectID: s.ID, SubjectID: s.SubjectID})
		if len(events) == 500 {
			flush(kyc.Change{Put: put, Events: events})
			put, events = nil, nil
		}
	}
	flush(kyc.Change{Put: put, Events: events})
	return last
}

// drawnCases adds 2,000 decided cases to a change, half of which wait for their second
// look and half of which had it, and gives the one that waits longest.
func drawnCases(c *kyc.Change, meta func() kyc.Meta, of []kyc.Session) (longest string) {
	const n = 2000
	for i := range n {
		s := &of[i%len(of)]
		one := &kyc.Case{Meta: meta(), SessionID: s.ID, SubjectID: s.SubjectID, Status: kyc.CaseApproved, Queue: "default", ReasonCode: "watchlist_hit"}
		one.EnteredReviewAt = one.CreatedAt
		one.Decision = &kyc.CaseDecision{Outcome: kyc.Approved, ReviewerID: "anna", At: one.CreatedAt, By: kyc.SystemActor("test")}
		one.Quality = &kyc.QualityCheck{State: kyc.QualityWaiting, Share: 10, At: one.CreatedAt.Add(-time.Duration(n-i) * time.Second)}
		if i%2 == 1 {
			one.Quality.State = kyc.QualityDone
			one.Quality.Verdict = &kyc.QualityVerdict{Outcome: kyc.Approved, ReviewerID: "ben", ReasonCodes: []string{"other"}, At: one.CreatedAt, Agrees: true}
		}
		c.Put = append(c.Put, one)
		if i == 0 {
			longest = kyc.Dress("case", one.ID)
			c.Events = append(c.Events, kyc.Event{ID: kyc.NewID(one.CreatedAt), Tenant: one.Tenant, At: one.CreatedAt, Actor: kyc.SystemActor("test"), Action: "case.approve", Object: "case", ObjectID: one.ID})
		}
	}
	return longest
}

// furnish gives every page of the console something to show and is their
// addresses, under /console/, in a fixed order.
func furnish(b testing.TB, a *app, h http.Handler, cookie *http.Cookie, t kyc.Tenant, last kyc.ID) []string {
	b.Helper()
	ctx, now := b.Context(), time.Now().UTC()
	meta := func() kyc.Meta {
		m := kyc.Meta{ID: kyc.NewID(now), Tenant: t}
		m.Touch(now)
		return m
	}
	event, _, err := a.db.Events(ctx, t, kyc.EventFilter{Object: "session", ObjectID: last}, kyc.Page{Limit: 1})
	if err != nil || len(event) == 0 {
		b.Fatalf("no event of the last session: %v", err)
	}
	s, err := a.db.Session(ctx, t, last)
	if err != nil {
		b.Fatal(err)
	}
	waiting, _, err := a.db.WaitingCases(ctx, t, kyc.WaitingFilter{}, kyc.Page{Limit: 3})
	if err != nil {
		b.Fatal(err)
	}
	var open kyc.ID // of a session of the graph; a journey of no workflow has no page
	for _, c := range waiting {
		if of, err := a.db.Session(ctx, t, c.SessionID); err == nil && of.Surface == kyc.SurfaceGraph {
			open = c.ID
		}
	}
	list := &kyc.List{Meta: meta(), Name: "Known fraud", Type: kyc.ListName, Mode: kyc.ModeBlock, Items: 200, Version: 1}
	watch := &kyc.Watch{Meta: meta(), Name: "Board", Frequency: kyc.WatchWeekly, Status: kyc.WatchActive}
	endpoint := &kyc.Endpoint{Meta: meta(), URL: "https://acme.example/hooks", Events: []string{"*"}, Status: "enabled", Secrets: []kyc.EndpointSecret{{Secret: "whsec_" + strings.Repeat("A", 43)}}}
	delivery := &kyc.Delivery{Meta: meta(), EventID: event[0].ID, EndpointID: endpoint.ID, EventName: "session.created", State: kyc.DeliveryDelivered, Attempt: 1, Attempts: []kyc.DeliveryTry{{At: now, Status: 200, DurationMS: 12}}}
	c := kyc.Change{Put: []kyc.Object{list, watch, endpoint, delivery}}
	for i := range list.Items {
		c.Put = append(c.Put, &kyc.ListItem{Meta: meta(), ListID: list.ID, Hash: fmt.Sprint(i), Value: kyc.ListValue{Value: fmt.Sprint("Mallory Example ", i)}})
	}
	for i := range 200 {
		c.Put = append(c.Put, &kyc.Watched{Meta: meta(), WatchID: watch.ID, LastCheckedAt: now, Private: kyc.WatchedData{FullName: fmt.Sprint("Jo Example ", i)}})
	}
	several, _, err := a.db.Sessions(ctx, t, kyc.SessionFilter{}, kyc.Page{Limit: 100, Uncounted: true})
	if err != nil {
		b.Fatal(err)
	}
	look := drawnCases(&c, meta, several)
	if err := a.db.Commit(ctx, &c); err != nil {
		b.Fatal(err)
	}
	form := func(path string, values url.Values) string {
		r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1/console/"+path, strings.NewReader(values.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.AddCookie(cookie)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusSeeOther {
			b.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
		return strings.TrimPrefix(w.Header().Get("Location"), "/console/")
	}
	workflow := form("workflows/new", url.Values{"name": {"Opening"}, "template": {"document-face-lists"}})
	form(workflow+"/publish", url.Values{"note": {"first"}, "share": {"100"}})
	tried := &kyc.Backtest{Meta: meta(), WorkflowID: kyc.ID(strings.TrimPrefix(workflow, "workflows/")), Version: 1, Status: kyc.BacktestCompleted, EndedAt: now, By: kyc.SystemActor("test")}
	for range backtest.MaxSessions { // as many rows as one can have
		tried.Cohort = append(tried.Cohort, last)
		tried.Items = append(tried.Items, kyc.BacktestItem{SessionID: last, Old: kyc.Approved, New: kyc.Rejected, Node: "lists", Policy: "watchlist_screening", OldPath: []string{"start", "lists", "approved"}, Path: []string{"start", "lists", "rejected"}})
	}
	n := len(tried.Cohort)
	tried.Done, tried.Tally = n, kyc.BacktestTally{Sessions: n, Replayed: n, Changed: n, Matrix: map[kyc.Outcome]map[kyc.Outcome]int{kyc.Approved: {kyc.Rejected: n}}}
	if err := a.db.Commit(ctx, &kyc.Change{Put: []kyc.Object{tried}}); err != nil {
		b.Fatal(err)
	}
	form("quality/"+look+"/take", nil)
	out := []string{"quality", "quality?page=40", "quality?state=done", "quality/" + look, "account", "queue", "queue?view=overdue", "queue?page=300", "queue/decided", "cases/" + kyc.Dress("case", open),
		"sessions", "sessions?status=review", "sessions?reason=watchlist_hit", "sessions?from=2020-01-01&to=2099-01-01", "sessions/" + kyc.Dress("session", last), "sessions/new",
		"subjects", "subjects/" + kyc.Dress("identity", s.SubjectID), "subjects/" + kyc.Dress("identity", s.SubjectID) + "/erase", "lists", "lists/" + kyc.Dress("list", list.ID), "screening",
		"monitoring", "monitoring/" + kyc.Dress("watchlist", watch.ID), "webhooks", "webhooks/" + kyc.Dress("webhook", endpoint.ID),
		"webhooks/" + kyc.Dress("webhook", endpoint.ID) + "/deliveries/" + kyc.Dress("delivery", delivery.ID), "api-keys", "team", "audit", "audit?object=session&action=session.create", "analytics?days=90", "settings",
		"workflows", "workflows/new", workflow, workflow + "/versions", workflow + "/compare?from=1&to=1", workflow + "/publish", workflow + "/backtest", workflow + "/backtest/" + string(tried.ID)}
	return out
}

// notPages are the patterns of GET that show no page of somebody who is signed in.
func notPages() []string {
	return []string{"/console", "/console/{$}", "/console/{rest...}", "/console/api/{path...}", "/console/sign-in", "/console/sign-in/oidc", "/console/sign-in/oidc/callback", "/console/sign-out/done", "/console/stay", "/console/code", "/console/queue/count", "/console/cases/{id}/files/{file}", "/console/sessions/{id}/files/{file}",
		"/console/audit/export", "/console/audit/roots", "/console/audit/proof/{id}", "/console/analytics/{table}", "/console/workflows/schema"}
}

// Server time of every page of the console, p50 and p99 of each, and once how long
// the figures of 90 days take to be made anew. The promise is under 30 ms a page
// (docs/guide/console.md).
func BenchmarkConsolePages(b *testing.B) {
	a, h, cookie, last := crowdedOffice(b, 100_000, 10_000)
	org, err := a.db.Orgs(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	t := kyc.Tenant{Org: org[0].ID, Env: kyc.Live}
	began := time.Now()
	if _, err := a.insight.Report(b.Context(), insight.Ask{Tenant: t, Days: 90}); err != nil {
		b.Fatal(err)
	}
	made := time.Since(began)
	seen := map[string]bool{}
	for _, path := range furnish(b, a, h, cookie, t, last) {
		b.Run(path, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1/console/"+path, http.NoBody)
				r.AddCookie(cookie)
				w := httptest.NewRecorder()
				t := time.Now()
				h.ServeHTTP(w, r)
				took = append(took, time.Since(t))
				if w.Code != http.StatusOK {
					b.Fatalf("%d %s", w.Code, w.Body)
				}
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
		})
		mux := http.NewServeMux()
		for _, route := range a.desk {
			mux.HandleFunc(route.Pattern, func(http.ResponseWriter, *http.Request) {})
		}
		_, pattern := mux.Handler(httptest.NewRequest(http.MethodGet, "http://127.0.0.1/console/"+path, http.NoBody))
		seen[pattern] = true
	}
	for _, route := range a.desk {
		path, get := strings.CutPrefix(route.Pattern, "GET ")
		if get && !seen[route.Pattern] && !slices.Contains(notPages(), path) {
			b.Errorf("the page %s was not measured", path)
		}
	}
	b.ReportMetric(float64(made.Milliseconds()), "figures-ms")
}
