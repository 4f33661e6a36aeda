package main

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// Questions outside of sessions, through the whole program: asked, judged,
// monitored, told once, written as a file, walled off and erased.
func TestQuestionsOutsideOfSessions(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database)
		sandbox, c := srv.newTenants(t)
		_, stranger := srv.newTenants(t)
		h := receiver(t)
		c.must(t, http.StatusCreated, "POST", "/api/v1/webhooks/endpoints", map[string]any{"url": h.URL + "/in", "enabled_events": []string{"*"}})

		ask := func(path, family string, more map[string]any) answer {
			t.Helper()
			body := map[string]any{"name_first": "Oriana", "name_last": family, "birthdate": "1981-04-02"}
			for k, v := range more {
				body[k] = v
			}
			return c.must(t, http.StatusCreated, "POST", path, body)
		}
		sanction := map[string]any{"check_type": "sanction"}
		if a := ask("/api/v1/checks", "Brumwold", sanction); a.str("result") != "incomplete" || a.str("status") != "incomplete" {
			t.Fatalf("without any list: %s", a.raw)
		}
		list := func(rows string) {
			t.Helper()
			srv.importList(t, "own", "id,name,type,topics,programs\n"+rows)
		}
		list("1,Oriana Wexelstrand,person,sanction,TIDES\n")
		clear := ask("/api/v1/checks", "Brumwold", map[string]any{"check_type": "sanction", "monitoring": "on_update", "external_ref": "c-1"})
		if clear.str("result") != "clear" || clear.at("parts.0.lists.0.list") != "own" {
			t.Fatalf("nobody is meant: %s", clear.raw)
		}
		hit := ask("/api/v1/checks", "Wexelstrand", sanction)
		if hit.str("result") != "hits" || hit.at("hits.0.entry_id") != "1" || hit.at("hits.0.match.programs.0") != "TIDES" || hit.at("hits.0.status") != "open" {
			t.Fatalf("somebody is meant: %s", hit.raw)
		}
		if a := ask("/api/v1/checks/full", "Brumwold", nil); a.str("result") != "incomplete" { // no news, no exposed persons
			t.Errorf("all at once: %s", a.raw)
		}
		check := "/api/v1/checks/" + hit.str("id")
		file := c.must(t, http.StatusOK, "GET", check+"/report", nil)
		if !bytes.HasPrefix(file.raw, []byte("%PDF-")) || file.header.Get("Content-Type") != "application/pdf" || len(file.raw) < 5000 {
			t.Errorf("the report has %d bytes: %.40q", len(file.raw), file.raw)
		}
		a := c.must(t, http.StatusOK, "POST", check+"/hits/"+hit.at("hits.0.id")+"/dismiss", map[string]any{"reason": "born in another year"})
		if a.str("result") != "clear" || fmt.Sprint(a.value("cleared_hits")) != "1" || a.at("hits.0.reason") != "born in another year" {
			t.Errorf("dismissed: %s", a.raw)
		}
		if a := c.must(t, http.StatusOK, "POST", check+"/rerun", nil); a.str("result") != "clear" || fmt.Sprint(a.value("times_asked")) != "2" {
			t.Errorf("asked again: %s", a.raw)
		}
		// The word counts for whatever is asked about the person, until it is taken back.
		same := map[string]any{"check_type": "sanction", "identity_id": hit.str("identity_id")}
		if a := ask("/api/v1/checks", "Wexelstrand", same); a.str("result") != "clear" || a.at("hits.0.status") != "false_positive" || a.at("hits.0.reviewed_by") == "" {
			t.Errorf("asked elsewhere: %s", a.raw)
		}
		if a := c.must(t, http.StatusOK, "POST", check+"/hits/"+hit.at("hits.0.id")+"/reopen", map[string]any{"reason": "a colleague knows more"}); a.str("result") != "hits" {
			t.Errorf("taken back: %s", a.raw)
		}
		if a := ask("/api/v1/checks", "Wexelstrand", same); a.str("result") != "hits" {
			t.Errorf("asked elsewhere after the word was taken back: %s", a.raw)
		}
		if a := c.must(t, http.StatusOK, "GET", "/api/v1/checks?external_ref=c-1", nil); fmt.Sprint(a.value("pagination.total")) != "1" || a.at("data.0.id") != clear.str("id") {
			t.Errorf("of one person: %s", a.raw)
		}

		// A list that gains an entry asks again for the one it may mean, without
		// anybody calling for it.
		list("1,Oriana Wexelstrand,person,sanction,TIDES\n2,Oriana Brumwold,person,sanction,TIDES\n")
		h.wait(t, "check.monitoring.new_hits")
		if n := strings.Count(strings.Join(h.seen(), " "), "check.monitoring.new_hits"); n != 1 {
			t.Errorf("told %d times", n)
		}
		if a := c.must(t, http.StatusOK, "GET", "/api/v1/checks/"+clear.str("id"), nil); a.str("result") != "hits" || fmt.Sprint(a.value("times_asked")) != "2" {
			t.Errorf("after the update: %s", a.raw)
		}
		if a := c.must(t, http.StatusOK, "PATCH", "/api/v1/checks/"+clear.str("id"), map[string]any{"monitoring": "off"}); a.str("monitoring") != "off" {
			t.Errorf("no longer monitored: %s", a.raw)
		}

		for _, other := range []*client{sandbox, stranger} {
			for _, path := range []string{"", "/report"} {
				if a := other.call(t, "GET", check+path, nil); a.status != http.StatusNotFound {
					t.Errorf("%s of somebody else: %d", path, a.status)
				}
			}
			if a := other.call(t, "POST", check+"/rerun", nil); a.status != http.StatusNotFound {
				t.Errorf("asked again by somebody else: %d", a.status)
			}
			if a := other.must(t, http.StatusOK, "GET", "/api/v1/checks", nil); fmt.Sprint(a.value("pagination.total")) != "0" {
				t.Errorf("somebody else sees %s", a.raw)
			}
		}
		bad := c.call(t, "POST", "/api/v1/checks", map[string]any{"check_type": "email_risk", "birthdate": "2.4.1981"})
		if bad.status != http.StatusUnprocessableEntity || !bytes.Contains(bad.raw, []byte("/email")) || !bytes.Contains(bad.raw, []byte("/birthdate")) {
			t.Errorf("a bad question: %d %s", bad.status, bad.raw)
		}
	})
}
