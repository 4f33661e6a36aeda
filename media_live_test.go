package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// newsFile is a feed about invented people.
const newsFile = `id,url,title,published,language,source,text
n1,https://news.example/1,Banker jailed,2026-03-01,en,The Example,"Ivo Karelli, 52, was jailed for eight years for money laundering on Monday. Judge Ada Mirabel sentenced Karelli."
n2,https://news.example/2,Museum opens,2026-02-01,en,Daily Other,Nora Vantongeren opened a museum in Leeds.
`

// importNews puts a feed into force on a running server.
func (s *server) importNews(t *testing.T) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "news.csv")
	if err := os.WriteFile(file, []byte(newsFile), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.app.news.Import(t.Context(), "courts", "", []string{file}); err != nil {
		t.Fatal(err)
	}
}

// searched carries a live applicant through a workflow of one search in the
// news and gives where it ends.
func (c *client) searched(t *testing.T, config, first, last string) (session, result string) {
	t.Helper()
	workflow := c.must(t, 201, "POST", "/api/v1/workflows", map[string]any{"name": "news " + first + config, "graph": json.RawMessage(`{"entry":"s","nodes":{
 "s":{"type":"start","next":"news"},
 "news":{"type":"policy","policy":"adverse_media","config":` + config + `,"on_pass":"yes","on_fail":"no"},
 "yes":{"type":"terminal","outcome":"approved"},
 "no":{"type":"terminal","outcome":"rejected","reason_code":"policy"}}}`),
		"data_requirements": map[string]any{"user_info": map[string]any{"first_name": "required", "last_name": "required"}}}).str("id")
	c.must(t, 200, "POST", "/api/v1/workflows/"+workflow+"/publish", nil)
	session = c.must(t, 201, "POST", "/api/v1/sessions", map[string]any{"workflow_id": workflow, "fields": map[string]any{"first_name": first, "last_name": last}}).str("id")
	c.must(t, 202, "POST", "/api/v1/sessions/"+session+"/submit", nil)
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		a := c.must(t, 200, "GET", "/api/v1/sessions/"+session, nil)
		switch status := a.str("status"); status {
		case "completed", "failed", "under_review", "expired":
			if status == "under_review" {
				return session, status
			}
			return session, a.str("result")
		}
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("the session is still %s", a.str("status"))
		}
	}
}

func TestTheNewsIsSearchedForLiveApplicants(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database)
		_, c := srv.newTenants(t)
		const ask = "/kyc/adverse-media"
		srv.importList(t, "own", ownList) // every approval needs a watchlist, too

		// Without a feed nobody is clear, on either surface.
		if a := c.call(t, "POST", ask, map[string]any{"name": "Nora Vantongeren"}); a.status != 503 || !bytes.Contains(a.raw, []byte("adverse_media_not_configured")) {
			t.Errorf("no feed: %d %s", a.status, a.raw)
		}
		if session, result := c.searched(t, `{}`, "Nora", "Vantongeren"); result != "under_review" {
			t.Errorf("no feed: %s is %s", session, result)
		}

		srv.importNews(t)
		found := c.must(t, 200, "POST", ask, map[string]any{"name": "Karelli, Ivo", "entity_type": "person"})
		var said struct {
			Risk       float64  `json:"final_risk_score"`
			Decision   string   `json:"decision"`
			Summary    string   `json:"summary"`
			Categories []string `json:"categories"`
			Sources    []struct{ ID, Title, URL, Summary string }
		}
		if err := json.Unmarshal(found.raw, &said); err != nil {
			t.Fatal(err)
		}
		if said.Risk < 70 || said.Decision != "HIGH_RISK" || len(said.Sources) != 1 || said.Sources[0].URL != "https://news.example/1" || !strings.Contains(said.Summary, "laundering") || strings.Join(said.Categories, " ") != "laundering" {
			t.Errorf("%s", found.raw)
		}
		for _, harmless := range []string{"Ada Mirabel", "Nora Vantongeren"} {
			if a := c.must(t, 200, "POST", ask, map[string]any{"name": harmless}); a.str("decision") != "LOW_RISK" {
				t.Errorf("%s: %s", harmless, a.raw)
			}
		}

		session, result := c.searched(t, `{}`, "Ivo", "Karelli")
		run := c.must(t, 200, "GET", "/api/v1/sessions/"+session+"/workflow-run", nil)
		if result != "rejected" || !bytes.Contains(run.raw, []byte(`"media:courts"`)) || !bytes.Contains(run.raw, []byte("en.convicted.passive")) {
			t.Errorf("%s: %.3000s", result, run.raw)
		}
		if session, result := c.searched(t, `{}`, "Nora", "Vantongeren"); result != "approved" {
			t.Errorf("%s is %s: %.3000s", session, result, c.call(t, "GET", "/api/v1/sessions/"+session+"/workflow-run", nil).raw)
		}
		if session, result := c.searched(t, `{"max_age_hours":0.0000001}`, "Nora", "Vantongeren"); result != "under_review" {
			t.Errorf("a stale feed: %s is %s", session, result)
		}
		if session, result := c.searched(t, `{"feeds":["courts","absent"]}`, "Nora", "Vantongeren"); result != "under_review" {
			t.Errorf("a missing feed: %s is %s", session, result)
		}
	})
}

// A provider of news is asked over the wire, signed with an endpoint's secret;
// when it answers something else, nobody passes.
func TestANewsProviderIsAskedOverTheWire(t *testing.T) {
	t.Parallel()
	srv := startServer(t, "")
	_, c := srv.newTenants(t)
	srv.importList(t, "own", ownList)
	asked := make(chan []byte, 10)
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		switch {
		case r.Header.Get("Webhook-Signature") == "" || r.Header.Get("Idempotency-Key") == "":
			w.WriteHeader(http.StatusUnauthorized)
		case r.URL.Path != "/news": // the endpoint's own messages
		case bytes.Contains(raw, []byte("Broken")):
			_, _ = io.WriteString(w, `{"articles":"none"}`)
		default:
			_, _ = io.WriteString(w, `{"reference":"p-1","articles":[]}`)
			asked <- raw
		}
	}))
	t.Cleanup(provider.Close)
	hook := c.must(t, 201, "POST", "/api/v1/webhooks/endpoints", map[string]any{"url": provider.URL, "enabled_events": []string{"*"}}).str("id")
	config := `{"url":"` + provider.URL + `/news","secret":"` + hook + `"}`
	if session, result := c.searched(t, config, "Nora", "Vantongeren"); result != "approved" {
		t.Errorf("%s is %s: %.3000s", session, result, c.call(t, "GET", "/api/v1/sessions/"+session+"/workflow-run", nil).raw)
	}
	if len(asked) == 0 {
		t.Fatal("the provider was not asked")
	}
	if raw := <-asked; !bytes.Contains(raw, []byte("adverse_media.requested")) || !bytes.Contains(raw, []byte("Vantongeren")) {
		t.Errorf("%s", raw)
	}
	if session, result := c.searched(t, config, "Ida", "Broken"); result != "under_review" {
		t.Errorf("with a broken provider %s is %s", session, result)
	}
}

func TestMediaCommands(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "news.csv")
	if err := os.WriteFile(file, []byte(newsFile), 0o600); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(dir, "data")
	for _, step := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"media", "search", "Ivo Karelli"}, 1, "not_configured"},
		{[]string{"media", "feed", "Bad Id", "--url", "ftp://x"}, exitUsage, "feed's id"},
		{[]string{"media", "import", "--feed", "courts", file}, 0, "2 articles"},
		{[]string{"media", "import", "--feed", "courts", file}, 0, "2 duplicates"},
		{[]string{"media", "import", "--feed", "courts", "--format", "odd", file}, exitUsage, "feed (RSS, Atom), jsonl and csv"},
		{[]string{"media", "status"}, 0, "courts"},
		{[]string{"media", "search", "Ivo Karelli"}, 0, "en.convicted.passive"},
		{[]string{"media", "search", "--json", "Ivo Karelli"}, 0, `"role":"convicted"`},
		{[]string{"media", "feed", "local", "--url", "http://127.0.0.1:1/feed"}, 0, "local: set"},
		{[]string{"media", "update"}, 1, "not updated"},
		{[]string{"media", "remove", "courts", "n1"}, 0, "1 articles removed"},
	} {
		code, out, complaint := call(t, append([]string{"--data", data}, step.args...)...)
		if code != step.code || !strings.Contains(out+complaint, step.want) {
			t.Errorf("%v: %d, want %d with %q\n%s%s", step.args, code, step.code, step.want, out, complaint)
		}
	}
}
