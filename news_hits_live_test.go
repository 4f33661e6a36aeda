package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bonafide/kyc"
)

const (
	newsHead   = "id,url,title,published,language,source,text\n"
	newsOfHolm = "q1,https://news.example/q1,Trial,2026-03-01,en,The Example,Quintus Felderholm was jailed for eight years for fraud.\n"
)

// importNewsText puts articles into force in the feed courts of a running server.
func (s *server) importNewsText(t *testing.T, rows string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "news.csv")
	if err := os.WriteFile(file, []byte(newsHead+rows), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.app.news.Import(t.Context(), "courts", "", []string{file}); err != nil {
		t.Fatal(err)
	}
}

// newsAlone publishes a workflow that only searches the news.
func (c *client) newsAlone(t *testing.T, config string) string {
	t.Helper()
	id := c.must(t, 201, "POST", "/api/v1/workflows", map[string]any{"name": "news " + config, "graph": json.RawMessage(`{"entry":"start","nodes":{
 "start":{"type":"start","next":"lists"},
 "lists":{"type":"policy","policy":"adverse_media","config":` + config + `,"on_pass":"yes","on_fail":"look","on_review":"look","on_error":"look"},
 "yes":{"type":"terminal","outcome":"approved"},
 "look":{"type":"terminal","outcome":"needs_review"}}}`)}).str("id")
	c.must(t, 200, "POST", "/api/v1/workflows/"+id+"/publish", nil)
	return id
}

// What a reviewer says of an article holds for the person until the article or
// the person changes, and never makes up for a feed that is not to be trusted.
func TestAClearedArticleComesBackWhenItChanges(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database)
		_, c := srv.newTenants(t)
		srv.importList(t, "own", ownList)
		srv.importNewsText(t, newsOfHolm)
		workflow := c.newsAlone(t, `{}`)

		first := c.screenPerson(t, workflow, "Felderholm")
		if first.status != "under_review" || len(first.result.Hits) != 1 || first.result.Hits[0].List != "media:courts" {
			t.Fatalf("%s", first.raw)
		}
		c.clear(t, first)
		again := c.screenPerson(t, workflow, "Felderholm")
		if again.status != "completed" || len(again.result.Hits) != 0 || len(again.result.Details.Cleared) != 1 {
			t.Fatalf("after the word: %s %s", again.status, again.raw)
		}
		if strings.Contains(string(again.raw), "Felderholm was") {
			t.Error("the cleared article is shown")
		}
		if r := c.screenPerson(t, workflow, "Felderholmm"); r.status != "under_review" || len(r.result.Details.Reopened) != 1 || r.result.Details.Reopened[0].Why != "subject_changed" {
			t.Errorf("under another name: %s", r.raw)
		}
		for name, x := range map[string][2]string{"a stale feed": {`{"max_age_hours":0.0000001}`, "stale"}, "a missing one": {`{"feeds":["courts","gone"]}`, "not_configured"}} {
			if r := c.screenPerson(t, c.newsAlone(t, x[0]), "Felderholm"); r.status != "under_review" || r.result.Status != x[1] {
				t.Errorf("%s: %s", name, r.raw)
			}
		}
		srv.importNewsText(t, strings.Replace(newsOfHolm, "eight years", "nine years", 1))
		changed := c.screenPerson(t, workflow, "Felderholm")
		if d := changed.result.Details; changed.status != "under_review" || len(changed.result.Hits) != 1 || len(d.Reopened) != 1 || d.Reopened[0].Why != "entry_changed" {
			t.Errorf("after the article changed: %s", changed.raw)
		}
		for _, r := range []screenedRun{first, again, changed} { // from the record, whatever is known by now
			id, _ := kyc.Undress("session", r.session)
			srv.replayed(t, c, kyc.Live, r.session, id)
		}

		// Standalone checks keep to the same memory.
		ask := map[string]any{"check_type": "adverse_media", "name_first": "Quintus", "name_last": "Felderholm", "birthdate": "1981-04-02"}
		asked := c.must(t, http.StatusCreated, "POST", "/api/v1/checks", ask)
		if asked.str("result") != "hits" || asked.at("hits.0.list") != "media:courts" {
			t.Fatalf("a check of its own: %s", asked.raw)
		}
		check := "/api/v1/checks/" + asked.str("id")
		if a := c.must(t, http.StatusOK, "POST", check+"/hits/"+asked.at("hits.0.id")+"/dismiss", map[string]any{"reason": "born in another year"}); a.str("result") != "clear" {
			t.Errorf("dismissed: %s", a.raw)
		}
		if a := c.must(t, http.StatusOK, "POST", check+"/rerun", nil); a.str("result") != "clear" {
			t.Errorf("asked again: %s", a.raw)
		}
		srv.importNewsText(t, strings.Replace(newsOfHolm, "eight years", "ten years", 1))
		if a := c.must(t, http.StatusOK, "POST", check+"/rerun", nil); a.str("result") != "hits" || a.at("hits.0.status") != "open" {
			t.Errorf("after the article changed: %s", a.raw)
		}
	})
}
