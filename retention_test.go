package main

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"bonafide/kyc"
	"bonafide/session"
)

// After the first pass nothing personal of a session can be read on any
// surface, though ids, states and times can; after the second it is gone, its
// customers are told, and the audit chain stands.
func TestWhatIsKeptTooLongIsWithheldAndThenDestroyed(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database, unhurried)
		c := srv.newTenant(t)
		tenant := kyc.Tenant{Org: c.org, Env: kyc.Sandbox}
		got := receiver(t)
		c.must(t, 201, "POST", "/api/v1/webhooks/endpoints", map[string]any{"url": got.URL, "enabled_events": []string{"*"}})
		all := c.furnish(t)
		d := srv.document(t)
		var shown bytes.Buffer
		people := []keptPerson{c.endGraph(t, &shown), c.endSteps(t, &shown)}
		checks := c.tellChecks(t, &shown)
		for _, id := range checks {
			a := c.must(t, 200, "GET", "/v1/sessions/"+id, nil)
			stored, err := srv.app.db.Session(t.Context(), tenant, kyc.ID(id))
			if err != nil {
				t.Fatal(err)
			}
			own := belongings{"v1.sessions": id, "sessions": kyc.Dress("session", stored.ID), "identities": kyc.Dress("identity", stored.SubjectID), "customer_id": string(stored.SubjectID)}
			if review := a.at("session_record.case_id"); review != "" {
				own["cases"] = kyc.Dress("case", kyc.ID(review))
			}
			people = append(people, keptPerson{"checks", own, kyc.ID(id), []string{"Xaverion", "Quillfeather", "secretmail", "698765432", "metadata-of-xq", "note-of-a-reviewer", "reason-of-a-reviewer", "signed-by-xq"}})
		}
		c.must(t, 200, "DELETE", "/v2/matchlists/"+all["matchlistId"], nil) // the next one has its name
		person := c.tellEntities(t, &shown)
		run, results := c.executed(t, person)
		if run == "" || len(tellsOf(results)) == 0 {
			t.Fatalf("the execution %q told nothing: %.500s", run, results)
		}
		told := map[kyc.ID][]string{}
		for _, p := range people {
			if told[p.session] = tellers(c.answersOf(t, d, all, p.own), p.secrets); len(told[p.session]) < 2 {
				t.Errorf("of %s %s only %v tell something, so that this proves little", p.surface, p.session, told[p.session])
			}
		}
		files := map[kyc.ID][]kyc.Upload{}
		for _, p := range people {
			uploads, err := srv.app.db.Uploads(t.Context(), tenant, p.session)
			if err != nil {
				t.Fatal(err)
			}
			files[p.session] = uploads
			if pages := tellers(srv.consolePages(t, c.org, p.own), p.secrets); len(pages) == 0 && p.surface != "steps" { // whose form has no page
				t.Errorf("no page tells anything of %s, so that this proves nothing of them", p.surface)
			}
		}

		// Nothing happens by itself to whoever said nothing.
		c.days(t, 400)
		if kept, err := srv.app.sessions.RetentionDue(t.Context(), tenant, kyc.Retention{}); err != nil || kept.Withhold+kept.Destroy+kept.Waiting+kept.Held != 0 {
			t.Errorf("without rules %+v are due (%v)", kept, err)
		}
		if a := c.must(t, 200, "GET", "/api/v1/sessions/"+people[0].own["sessions"], nil); !strings.Contains(string(a.raw), keptWord) {
			t.Errorf("without rules the data is gone: %s", a.raw)
		}
		before := c.must(t, 200, "POST", "/api/v1/retention/preview", map[string]any{"data_retention_days": 900, "sensitive_data_retention_days": 300, "auto_redact_on_retention_expiry": true})
		if before.value("to_withhold").(float64) < 5 || before.value("to_destroy") != 0.0 {
			t.Errorf("the preview counts %s", before.raw)
		}

		c.retention(t, map[string]any{"data_retention_days": 900, "sensitive_data_retention_days": 300, "auto_redact_on_retention_expiry": true})
		c.days(t, 1)
		for _, p := range people {
			answers := c.answersOf(t, d, all, p.own)
			now := tellers(answers, p.secrets)
			if p.surface == "steps" { // whoever was approved is monitored, and monitoring has its own copy of the name
				now = slices.DeleteFunc(now, func(op string) bool { return strings.HasPrefix(op, "find-watchlist-subjects ") })
			}
			if len(now) > 0 {
				t.Errorf("after the first pass %s %s is told by %v", p.surface, p.session, now)
			}
			if pages := tellers(srv.consolePages(t, c.org, p.own), p.secrets); len(pages) > 0 {
				t.Errorf("after the first pass %s %s is told by %v", p.surface, p.session, pages)
			}
			for op, a := range answers {
				if (op == "get-session" || op == "get-onboarding-session" || op == "get-check-session") && a.status != 200 {
					t.Errorf("after the first pass %s answers %d %s", op, a.status, a.raw)
				}
			}
			s, err := srv.app.db.Session(t.Context(), tenant, p.session)
			if err != nil || s.Keeping() != kyc.KeptWithheld || !s.Status.Ended() || s.CompletedAt.IsZero() {
				t.Errorf("after the first pass %s is %+v (%v)", p.surface, s, err)
			}
			for _, u := range files[p.session] {
				if _, _, err := srv.app.sessions.File(t.Context(), tenant, kyc.SystemActor("test"), u.ID); kyc.KindOf(err) != kyc.NotFound {
					t.Errorf("a file of %s can be read (%v)", p.surface, err)
				}
			}
		}
		if _, results = c.executed(t, person); len(tellsOf(results)) > 0 || len(results) < 100 {
			t.Errorf("after the first pass the results tell %v: %.300s", tellsOf(results), results)
		}
		if a := c.must(t, 200, "GET", person+"/serviceprofiles/Everything/workflows/Whole/executions/"+run, nil); strings.Contains(string(a.raw), "comment-of-a-reviewer") {
			t.Errorf("after the first pass the execution tells a comment: %s", a.raw)
		}
		if a := c.must(t, 200, "GET", person, nil); a.at("individual.name.familyName") != "Quillfeather" {
			t.Errorf("the customer's own record is gone: %s", a.raw)
		}
		// Nothing works on it any more, except a hold.
		s0 := "/api/v1/sessions/" + people[0].own["sessions"]
		if a := c.call(t, "PATCH", s0, map[string]any{"metadata": map[string]any{"a": "b"}}); a.status != 409 || a.code() != "redacted" {
			t.Errorf("a withheld session is changed: %d %s", a.status, a.raw)
		}
		if a := c.call(t, "GET", s0+"/export", nil); a.status != 409 || a.code() != "redacted" {
			t.Errorf("a withheld session is exported: %d %s", a.status, a.raw)
		}
		shownNow := c.must(t, 200, "GET", s0, nil)
		if shownNow.at("retention.withheld_at") == "" || shownNow.at("retention.kept_until") == "" || shownNow.value("retention.destroyed_at") != nil {
			t.Errorf("the session says of itself %s", shownNow.raw)
		}
		c.must(t, 200, "PATCH", s0, map[string]any{"legal_hold": true})

		c.days(t, 600)
		for i, p := range people {
			s, err := srv.app.db.Session(t.Context(), tenant, p.session)
			want := kyc.KeptNot
			if i == 0 {
				want = kyc.KeptWithheld // held
			}
			if err != nil || s.Keeping() != want {
				t.Errorf("after the second pass %s is kept as %d, want %d (%v)", p.surface, s.Keeping(), want, err)
			}
			now := tellers(c.answersOf(t, d, all, p.own), p.secrets)
			if p.surface == "steps" { // monitored
				now = slices.DeleteFunc(now, func(op string) bool { return strings.HasPrefix(op, "find-watchlist-subjects ") })
			}
			if len(now) > 0 {
				t.Errorf("after the second pass %s is told by %v", p.surface, now)
			}
		}
		state := c.must(t, 200, "GET", "/api/v1/retention", nil)
		if state.value("counts.held") != 1.0 || state.at("sessions.0.session_id") != people[0].own["sessions"] {
			t.Errorf("what is held: %s", state.raw)
		}
		c.must(t, 200, "PATCH", s0, map[string]any{"legal_hold": false})
		// Whoever is monitored keeps their key until they are not.
		monitored, err := srv.app.db.Session(t.Context(), tenant, people[1].session)
		if err != nil {
			t.Fatal(err)
		}
		if who, err := srv.app.db.Subject(t.Context(), tenant, monitored.SubjectID); err != nil || who.Status == kyc.SubjectRedacted || who.LookAt.IsZero() {
			t.Errorf("somebody who is monitored is %+v (%v)", who, err)
		}
		watched := c.must(t, 200, "GET", "/kyc/watchlists/subjects?session_id="+people[1].own["session_id"], nil)
		c.must(t, 0, "DELETE", "/kyc/watchlists/"+watched.at("items.0.watchlist_id")+"/subjects/"+watched.at("items.0.subject_id"), nil)
		c.days(t, 2)
		got.wait(t, "session.retention-expired")
		got.wait(t, "kyc.session.redacted")
		for _, p := range people {
			s, err := srv.app.db.Session(t.Context(), tenant, p.session)
			if err != nil || s.Keeping() != kyc.KeptNot || s.ExternalRef != "" {
				t.Errorf("%s is %+v (%v)", p.surface, s, err)
			}
			who, err := srv.app.db.Subject(t.Context(), tenant, s.SubjectID)
			if err != nil || who.Status != kyc.SubjectRedacted || who.ExternalRef != "" {
				t.Errorf("the person of %s is %+v (%v)", p.surface, who, err)
			}
			for _, u := range files[p.session] {
				if err := srv.app.db.PutBlob(t.Context(), tenant, s.SubjectID, "x", []byte("x")); !kyc.IsCode(err, "erased") {
					t.Errorf("the key of %s is there (%v, %s)", p.surface, err, u.ID)
					break
				}
			}
		}
		if i, err := srv.app.db.Individual(t.Context(), tenant, kyc.ID(strings.TrimPrefix(person, "/v2/individuals/"))); err != nil || i.Private.Unreadable {
			t.Errorf("the customer's own individual is %+v (%v)", i, err)
		}
		for _, m := range got.heard() {
			if m.event == "session.retention-expired" && (!bytes.Contains(m.data, []byte(people[0].own["sessions"])) || bytes.Contains(m.data, []byte("kept-graph"))) {
				t.Errorf("the message is %s", m.data)
			}
		}
		report, err := srv.app.db.VerifyAudit(t.Context(), c.org)
		if err != nil || !report.OK() {
			t.Errorf("the audit chain is %+v (%v)", report, err)
		}
		// A second sweep finds nothing more.
		if swept, err := srv.app.sessions.SweepTenant(t.Context(), tenant); err != nil || swept != (session.Swept{}) {
			t.Errorf("a further sweep did %+v (%v)", swept, err)
		}
	})
}

// Several sweeps at once, as of several nodes, destroy every session once: one
// entry in the audit chain and one message each. A sweep that is cut off is taken
// up by the next.
func TestSweepsAtOnceDestroyOnce(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database, unhurried)
		c := srv.newTenant(t)
		tenant := kyc.Tenant{Org: c.org, Env: kyc.Sandbox}
		w := c.published(t, reviewGraph)
		var ids []string
		for i := range 24 { // three of each person
			s := c.must(t, 201, "POST", "/api/v1/sessions", map[string]any{"workflow_id": w, "external_ref": fmt.Sprint("person-", i/3)}).str("id")
			c.must(t, 200, "POST", "/api/v1/sessions/"+s+"/simulate", map[string]any{"outcome": "approve"})
			ids = append(ids, s)
		}
		c.days(t, 20)
		org, err := srv.app.db.Org(t.Context(), c.org)
		if err != nil {
			t.Fatal(err)
		}
		settings := org.EnvSettings(kyc.Sandbox) // not by the API: nothing shall sweep before the test does
		settings.Retention = kyc.Retention{Days: 10, Auto: true}
		if _, err := srv.app.access.SetSettings(t.Context(), tenant, settings, kyc.SystemActor("test")); err != nil {
			t.Fatal(err)
		}
		cut, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := srv.app.sessions.SweepTenant(cut, tenant); err == nil {
			t.Error("a sweep that was cut off says nothing")
		}
		var wait sync.WaitGroup
		for range 4 {
			wait.Go(func() {
				if _, err := srv.app.sessions.SweepTenant(t.Context(), tenant); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		for range 3 { // who lost against another sweep is left to the next
			if _, err := srv.app.sessions.SweepTenant(t.Context(), tenant); err != nil {
				t.Error(err)
			}
		}
		for _, id := range ids {
			s := undress(t, "session", id)
			events, n, err := srv.app.db.Events(t.Context(), tenant, kyc.EventFilter{ObjectID: s, Action: "session.retention_expire"}, kyc.Page{})
			if err != nil || n != 1 || events[0].Webhook != "session.retention-expired" {
				t.Errorf("%s was destroyed %d times (%v)", id, n, err)
			}
			got, err := srv.app.db.Session(t.Context(), tenant, s)
			if err != nil || got.Keeping() != kyc.KeptNot {
				t.Errorf("%s is kept as %d (%v)", id, got.Keeping(), err)
			}
			person, err := srv.app.db.Subject(t.Context(), tenant, got.SubjectID)
			if err != nil || person.Status != kyc.SubjectRedacted {
				t.Errorf("the person of %s is %s (%v)", id, person.Status, err)
			}
			if _, n, err := srv.app.db.Events(t.Context(), tenant, kyc.EventFilter{ObjectID: got.SubjectID, Action: "identity.redact"}, kyc.Page{}); err != nil || n != 1 {
				t.Errorf("the person of %s was erased %d times (%v)", id, n, err)
			}
		}
	})
}
