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
)

// admin is a browser in the sandbox of an organisation, signed in as an admin.
func (s *server) admin(t *testing.T, org kyc.ID) func(method, path string, form url.Values) *httptest.ResponseRecorder {
	t.Helper()
	const password = "a long enough password"
	email := strings.ToLower(string(kyc.NewID(time.Now()))) + "@acme.example"
	if _, err := s.app.access.CreateUser(t.Context(), access.UserRequest{Org: org, Email: email, Role: "admin", Password: password, By: kyc.SystemActor("test")}); err != nil {
		t.Fatal(err)
	}
	h := s.app.porch.Handler()
	cookie := signedIn(t, h, email, password)
	ask := func(method, path string, form url.Values) *httptest.ResponseRecorder {
		t.Helper()
		r := httptest.NewRequest(method, "http://127.0.0.1"+path, strings.NewReader(form.Encode()))
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.AddCookie(cookie)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	if w := ask("POST", "/console/environment", url.Values{"to": {"sandbox"}}); w.Code != http.StatusSeeOther {
		t.Fatalf("the environment: %d %s", w.Code, w.Body)
	}
	return ask
}

// ended are sessions of the sandbox that were approved, newest last.
func (c *client) ended(t *testing.T, n int) []string {
	t.Helper()
	w := c.must(t, 201, "POST", "/api/v1/workflows", map[string]any{"name": "Kept", "graph": map[string]any{"entry": "start", "nodes": map[string]any{
		"start": map[string]any{"type": "start", "next": "look"}, "look": map[string]any{"type": "terminal", "outcome": "needs_review"}}}}).str("id")
	c.must(t, 200, "POST", "/api/v1/workflows/"+w+"/publish", nil)
	var out []string
	for range n {
		s := c.must(t, 201, "POST", "/api/v1/sessions", map[string]any{"workflow_id": w, "metadata": map[string]any{"name": "Wilhelmina"}}).str("id")
		c.must(t, 0, "POST", "/api/v1/sessions/"+s+"/simulate", map[string]any{"outcome": "approve"})
		out = append(out, s)
	}
	return out
}

// A session that a bad disk changed stays as it is and is named wherever somebody
// looks; the others are withheld and destroyed.
func TestSweepGoesOnBehindADamagedSession(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database, unhurried)
		c := srv.newTenant(t)
		all := c.ended(t, 3)
		id, _ := kyc.Undress("session", all[1])
		srv.behindTheBack(t, database, "UPDATE session SET secret = x'01ff00ff' WHERE id = '"+string(id)+"'", `UPDATE session SET secret = '\x01ff00ff'::bytea WHERE id = '`+string(id)+"'")
		c.retention(t, map[string]any{"data_retention_days": 60, "sensitive_data_retention_days": 30, "auto_redact_on_retention_expiry": true})
		for _, pass := range []string{"withheld_at", "destroyed_at"} {
			c.days(t, 31)
			for _, s := range []string{all[0], all[2]} {
				if a := c.must(t, 200, "GET", "/api/v1/sessions/"+s, nil); a.at("retention."+pass) == "" {
					t.Errorf("%s: %s", pass, a.raw)
				}
			}
			a := c.must(t, 200, "GET", "/api/v1/retention", nil)
			if a.at("damaged.0.id") != all[1] || a.at("damaged.0.kind") != "session" || a.at("damaged.0.since") == "" || a.at("damaged.1.id") != "" {
				t.Errorf("%s: %s", pass, a.raw)
			}
		}
		if w := srv.admin(t, c.org)("GET", "/console/settings", nil); !strings.Contains(w.Body.String(), "cannot be opened") || !strings.Contains(w.Body.String(), all[1]) {
			t.Errorf("the console does not say it: %s", w.Body)
		}
		said := srv.out.String()
		if !strings.Contains(said, "retention leaves") || !strings.Contains(said, string(id)) || strings.Contains(said, "Wilhelmina") {
			t.Error("the log does not say it, or says too much")
		}
		raw, err := srv.app.db.SessionsDue(t.Context(), kyc.Tenant{Org: c.org, Env: kyc.Sandbox}, kyc.RetentionFilter{Status: kyc.SessionApproved, Until: time.Now().AddDate(1, 0, 0)}, 10)
		if err != nil || len(raw) != 1 || raw[0].ID != id || !raw[0].Damaged {
			t.Errorf("it is not where it was: %+v, %v", raw, err)
		}
	})
}

// Sweeps that wait for the clock destroy nothing and say so; the API and the
// console let them go on when the clock agrees with whoever confirms it.
func TestSweepsWaitForTheClock(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database, unhurried)
		c := srv.newTenant(t)
		tenant := kyc.Tenant{Org: c.org, Env: kyc.Sandbox}
		all := c.ended(t, 2)
		c.retention(t, map[string]any{"data_retention_days": 60, "sensitive_data_retention_days": 30, "auto_redact_on_retention_expiry": true})
		jumped := func() {
			t.Helper()
			for { // the sweep of every minute may come between
				s, err := srv.app.db.RetentionState(t.Context(), tenant)
				if err != nil {
					t.Fatal(err)
				}
				s.TrustedAt = time.Now().AddDate(0, -2, 0)
				s.SeenAt = s.TrustedAt
				s.Touch(time.Now())
				err = srv.app.db.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{&s}})
				if err == nil {
					return
				}
				if !kyc.IsCode(err, "concurrent_change") {
					t.Fatal(err)
				}
			}
		}
		c.days(t, 1)
		jumped()
		c.days(t, 40)
		a := c.must(t, 200, "GET", "/api/v1/retention", nil)
		if waits, _ := a.value("sweep.waits").(bool); !waits || a.at("sweep.held_at") == "" || a.at("sweep.last_at") == "" {
			t.Errorf("%s", a.raw)
		}
		for _, s := range all {
			if a := c.must(t, 200, "GET", "/api/v1/sessions/"+s, nil); a.at("retention.withheld_at") != "" || !strings.Contains(string(a.raw), "Wilhelmina") {
				t.Errorf("a sweep that waits withheld: %s", a.raw)
			}
		}
		if a := c.call(t, "POST", "/api/v1/retention/confirm", map[string]any{"clock": time.Now().AddDate(0, -2, 0).UTC()}); a.status != http.StatusConflict || a.code() != "clock_differs" {
			t.Errorf("another time: %d %s", a.status, a.raw)
		}
		c.must(t, 200, "POST", "/api/v1/retention/confirm", map[string]any{"clock": time.Now().UTC()})
		if a := c.call(t, "POST", "/api/v1/retention/confirm", map[string]any{"clock": time.Now().UTC()}); a.status != http.StatusConflict || a.code() != "not_held" {
			t.Errorf("twice: %d %s", a.status, a.raw)
		}
		c.days(t, 1)
		if a := c.must(t, 200, "GET", "/api/v1/sessions/"+all[0], nil); a.at("retention.withheld_at") == "" {
			t.Errorf("after it was confirmed: %s", a.raw)
		}

		jumped()
		c.days(t, 40)
		ask := srv.admin(t, c.org)
		page := ask("GET", "/console/settings", nil).Body.String()
		if !strings.Contains(page, "Nothing is withheld or destroyed at present") || !strings.Contains(page, `action="/console/settings/retention/clock"`) {
			t.Fatalf("the console does not say it: %s", page)
		}
		if a := c.must(t, 200, "GET", "/api/v1/sessions/"+all[0], nil); a.at("retention.destroyed_at") != "" {
			t.Errorf("a sweep that waits destroyed: %s", a.raw)
		}
		confirm := func(clock string) int {
			return ask("POST", "/console/settings/retention/clock", url.Values{"env": {"sandbox"}, "clock": {clock}}).Code
		}
		for clock, want := range map[string]int{"": http.StatusUnprocessableEntity, "2020-01-01T00:00:00Z": http.StatusUnprocessableEntity} {
			if got := confirm(clock); got != want {
				t.Errorf("confirming %q answers %d, want %d", clock, got, want)
			}
		}
		if got := confirm(time.Now().UTC().Format(time.RFC3339)); got != http.StatusSeeOther {
			t.Errorf("confirming answers %d", got)
		}
		c.days(t, 1)
		for _, s := range all {
			if a := c.must(t, 200, "GET", "/api/v1/sessions/"+s, nil); a.at("retention.destroyed_at") == "" {
				t.Errorf("after it was confirmed: %s", a.raw)
			}
		}
		var actions []string
		for _, e := range lookUpAll(c.must(t, 200, "GET", "/api/v1/audit?limit=100", nil).value("data")) {
			if action, _ := lookUp(e, "action").(string); strings.HasPrefix(action, "retention.") {
				actions = append(actions, action)
			}
		}
		if got := strings.Join(actions, " "); got != "retention.confirm retention.hold retention.confirm retention.hold" {
			t.Errorf("the audit chain says %s", got)
		}
	})
}
