package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bonafide/kyc"
	"bonafide/media"
)

// newsDesks are a workflow of each surface that searches the news for people it
// is told the names of.
type newsDesks struct {
	srv                *server
	c                  *client
	steps, checks, aml string
}

func (s *server) newsDesks(t *testing.T, c *client) newsDesks {
	t.Helper()
	s.importList(t, "sanctions", "id,name,type,topics\n1,Zeno Wexelstrand,person,sanction\n")
	s.importList(t, "peps", "id,name,type,topics\n1,Zeno Felderholm,person,role.pep\n")
	d := newsDesks{srv: s, c: c, checks: c.checklist(t, `{"id":"ADVERSE_MEDIA"},{"id":"CONSENT"}`)}
	d.steps = c.must(t, http.StatusCreated, "POST", "/kyc/workflows", json.RawMessage(`{"name":"News","validation_config":{"run_adverse_media":true,
 "automation_rules":{"auto_process":true,"default_action":"auto_approve"}},"steps":[{"step_id":"who","order":1,"name":"Who","type":"form_fill",
 "custom_fields":[{"field_id":"full_name","name":"Name","type":"name","validate_lists":true,"required":true}]}]}`)).str("workflow_id")
	_, d.aml = c.entityWorkflow(t, "AML", "News", `{"name":"AML","type":"AML","configuration":{"adverseMedia":true}}`)
	return d
}

// ask puts Ada of a family through all surfaces and gives how each ended and what
// each says of the news.
func (d newsDesks) ask(t *testing.T, family string) map[string][2]string {
	t.Helper()
	out := map[string][2]string{}

	a := d.c.must(t, http.StatusCreated, "POST", "/kyc/sessions", map[string]any{"workflow_id": d.steps})
	run := &onboardingRun{srv: d.srv, c: d.c, vars: map[string]string{"session": a.str("session_id"), "token": a.str("access_token")}}
	if !run.move(t, move{Do: "complete", Step: "who", Form: json.RawMessage(`{"full_name":"Ada ` + family + `"}`)}) {
		t.Fatal("the form is not taken")
	}
	a = d.c.awaitOnboarding(t, run.vars["session"], "approved", "manual_review", "flagged", "rejected")
	out["A"] = [2]string{a.str("status"), a.at("processing_result.adverse_media.status")}

	session := d.c.checkSession(t, d.checks, family)
	d.c.submitCheck(t, session, "ADVERSE_MEDIA", map[string]any{"action": "start", "first_name": "Ada", "last_name": family, "date_of_birth": "1990-05-17", "country": "NL"})
	d.c.submitOver(t, session, "ADVERSE_MEDIA", map[string]any{"action": "complete"})
	d.c.submitCheck(t, session, "CONSENT", consent("Ada "+family))
	a = d.c.awaitCheck(t, session, func(a answer) bool {
		return a.at("session_record.status") == "VERIFIED" || a.at("session_record.case_id") != ""
	})
	out["B"] = [2]string{a.at("session_record.status"), a.at("session_record.analysis_data.adverse_media_data.status")}

	a = d.c.must(t, http.StatusOK, "POST", "/v2/individuals/new"+d.aml+"/execute", individual(family))
	result := a.at("workflowResult.result")
	if result == "" {
		result = a.at("workflowResult.workflowExecutionState")
	}
	out["C"] = [2]string{result, a.at("workflowResult.riskAssessment.riskFactors.factor=adverse_media.value")}
	return out
}

func (d newsDesks) expect(t *testing.T, when, family string, want map[string][2]string) {
	t.Helper()
	got := d.ask(t, family)
	for surface, w := range want {
		if got[surface] != w {
			t.Errorf("%s, surface %s says %v of %s, want %v", when, surface, got[surface], family, w)
		}
	}
}

// adaJailed is a feed in which one Ada was convicted and another opened a museum.
const adaJailed = `a1,https://news.example/a1,Banker jailed,2026-03-01,en,The Example,"Ada Karelli, 36, was jailed for eight years for money laundering."
a2,https://news.example/a2,Museum opens,2026-02-01,en,Daily Other,Ada Vantongeren opened a museum in Leeds.
`

// What each surface says of a party that is clear, of one that the news is about,
// and where nobody can tell.
func clearOfNews() map[string][2]string {
	return map[string][2]string{"A": {"approved", "clear"}, "B": {"VERIFIED", "passed"}, "C": {"PASS", "NONE"}}
}

func hitInNews() map[string][2]string {
	return map[string][2]string{"A": {"manual_review", "hit"}, "B": {"SUBMITTED", "failed"}, "C": {"REVIEW", "UNRESOLVED"}}
}

func noNews() map[string][2]string {
	return map[string][2]string{"A": {"manual_review", "error"}, "B": {"SUBMITTED", "error"}, "C": {"BLOCKED", "UNKNOWN"}}
}

// Surfaces A, B and C search the feeds of this installation without being told
// to: live applicants pass where nothing is said of them and every feed is fresh.
func TestTheOtherSurfacesSearchTheImportedNews(t *testing.T) {
	t.Parallel()
	srv := startServer(t, "")
	_, c := srv.newTenants(t)
	d := srv.newsDesks(t, c)
	d.expect(t, "without a feed", "Vantongeren", noNews())
	srv.importNewsText(t, adaJailed)
	d.expect(t, "with a feed", "Vantongeren", clearOfNews())
	d.expect(t, "with a feed", "Karelli", hitInNews())

	// A second feed was fetched a month ago.
	then := kyc.ClockFunc(func() time.Time { return time.Now().AddDate(0, -1, 0) })
	past := media.Open(media.Options{Dir: filepath.Join(srv.dir, "media"), Clock: then})
	defer func() { _ = past.Close() }()
	file := filepath.Join(t.TempDir(), "old.csv")
	if err := os.WriteFile(file, []byte(newsHead+"o1,https://news.example/o1,Fair,2026-06-01,en,The Example,The fair opens.\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := past.Import(t.Context(), "old", "", []string{file}); err != nil {
		t.Fatal(err)
	}
	d.expect(t, "with a stale feed", "Vantongeren", noNews())
}

// An organisation's provider answers for every surface; without the setting the
// imported feeds do.
func TestAnOrganisationsNewsProviderServesEverySurface(t *testing.T) {
	t.Parallel()
	srv := startServer(t, "")
	_, c := srv.newTenants(t)
	d := srv.newsDesks(t, c)
	var broken atomic.Bool
	var asked atomic.Int64
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		text := string(raw)
		switch {
		case r.URL.Path != "/news": // the endpoint's own messages
		case r.Header.Get("Webhook-Signature") == "":
			w.WriteHeader(http.StatusUnauthorized)
		case broken.Load():
			_, _ = io.WriteString(w, `{"articles":"none"}`)
		case strings.Contains(text, "Karelli"):
			asked.Add(1)
			_, _ = io.WriteString(w, `{"articles":[{"id":"p1","title":"Court","name":"Ada Karelli","score":0.97,"risk":80,"category":"fraud","role":"convicted"}]}`)
		default:
			asked.Add(1)
			_, _ = io.WriteString(w, `{"articles":[]}`)
		}
	}))
	t.Cleanup(provider.Close)
	hook := c.must(t, 201, "POST", "/api/v1/webhooks/endpoints", map[string]any{"url": provider.URL, "enabled_events": []string{"*"}}).str("id")
	set := func(news map[string]any) answer {
		return c.must(t, http.StatusOK, "PUT", "/api/v1/settings", map[string]any{"news": news})
	}
	if a := set(map[string]any{"url": provider.URL + "/news", "secret": hook}); a.at("news.secret") != hook {
		t.Errorf("%s", a.raw)
	}
	d.expect(t, "with a provider", "Vantongeren", clearOfNews())
	d.expect(t, "with a provider", "Karelli", hitInNews())
	if n := asked.Load(); n < 6 {
		t.Errorf("the provider was asked %d times by three surfaces about two people", n)
	}
	if a := c.must(t, http.StatusOK, "POST", "/kyc/adverse-media", map[string]any{"name": "Ada Karelli"}); a.str("decision") != "HIGH_RISK" {
		t.Errorf("a lone question: %s", a.raw)
	}
	session, result := c.searched(t, `{}`, "Ada", "Vantongeren")
	if result != "approved" {
		t.Errorf("surface D says %s of %s", result, session)
	}
	set(map[string]any{}) // there are no feeds either
	d.expect(t, "without a provider", "Vantongeren", noNews())
	// The run of before asks as it did: its record holds the setting.
	id, _ := kyc.Undress("session", session)
	srv.replayed(t, c, kyc.Live, session, id)
	set(map[string]any{"url": provider.URL + "/news", "secret": hook})
	broken.Store(true)
	d.expect(t, "with a broken provider", "Nobody", noNews())
}

// An article that a person settled on surface C stays settled until it says
// something else.
func TestASettledArticleOfAnIndividualIsOpenAgainWhenItChanges(t *testing.T) {
	t.Parallel()
	srv := startServer(t, "")
	_, c := srv.newTenants(t)
	d := srv.newsDesks(t, c)
	srv.importNewsText(t, adaJailed)
	person := c.adopt(t, "Karelli")
	ends := func(when, result, factor string) {
		t.Helper()
		a := c.must(t, http.StatusOK, "POST", person+d.aml+"/execute", nil)
		if a.at("workflowResult.result") != result || a.at("workflowResult.riskAssessment.riskFactors.factor=adverse_media.value") != factor {
			t.Errorf("%s: %.4000s", when, a.raw)
		}
	}
	ends("at first", "REVIEW", "UNRESOLVED")
	hits := c.must(t, http.StatusOK, "GET", person+"/results?results=HIT&manualStatuses=null", nil)
	id := hits.at("processResults.0.processResultId")
	c.must(t, http.StatusOK, "PATCH", person+"/results/aml", map[string]any{"processResults": []string{id}, "manualStatus": "FALSE_POSITIVE", "comment": map[string]any{"text": "another Ada"}})
	ends("settled", "PASS", "NONE")
	srv.importNewsText(t, strings.Replace(adaJailed, "eight years", "nine years", 1))
	ends("changed", "REVIEW", "UNRESOLVED")
}
