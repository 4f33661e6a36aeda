package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"bonafide/kyc"
)

// namesakes are entries of the list `own` that all resemble Quintus Felderholm.
func namesakes(n int, address string) string {
	var csv strings.Builder
	csv.WriteString("id,name,type,addresses\n")
	for i := range n {
		fmt.Fprintf(&csv, "P-%d,Quintus Felderholm,person,%s\n", i, address)
	}
	return csv.String()
}

// screenAlone publishes a workflow that only screens, keeping ten hits.
func (c *client) screenAlone(t *testing.T, config string) string {
	t.Helper()
	id := c.must(t, 201, "POST", "/api/v1/workflows", map[string]any{"name": "screening", "graph": json.RawMessage(`{"entry":"start","nodes":{
 "start":{"type":"start","next":"lists"},
 "lists":{"type":"policy","policy":"watchlist_screening","config":` + config + `,"on_pass":"yes","on_fail":"look","on_error":"look"},
 "yes":{"type":"terminal","outcome":"approved"},
 "look":{"type":"terminal","outcome":"needs_review"}}}`)}).str("id")
	c.must(t, 200, "POST", "/api/v1/workflows/"+id+"/publish", nil)
	return id
}

// screenedRun is one screening of a person and what it found.
type screenedRun struct {
	session, status, caseID string
	raw                     []byte
	result                  struct {
		Hits    []kyc.Hit `json:"hits"`
		Status  string    `json:"status"`
		Details struct {
			HitCount int `json:"hit_count"`
			Cleared  []struct {
				ID string `json:"id"`
			} `json:"cleared"`
			Reopened []struct {
				ID  string `json:"id"`
				Why string `json:"why"`
			} `json:"reopened"`
		} `json:"details"`
	}
}

// screenPerson screens the person c-1 under a name in a session of its own.
func (c *client) screenPerson(t *testing.T, workflow, family string) screenedRun {
	t.Helper()
	s := c.must(t, 201, "POST", "/api/v1/sessions", map[string]any{"workflow_id": workflow, "external_ref": "c-1",
		"fields": map[string]any{"first_name": "Quintus", "last_name": family, "date_of_birth": "1981-04-02"}}).str("id")
	c.must(t, 202, "POST", "/api/v1/sessions/"+s+"/submit", nil)
	a := c.awaitAnswer(t, "/api/v1/sessions/"+s, func(a answer) bool { return a.str("status") == "completed" || a.str("status") == "under_review" })
	out := screenedRun{session: s, status: a.str("status"), caseID: a.str("case_id")}
	run := c.must(t, 200, "GET", "/api/v1/sessions/"+s+"/workflow-run", nil)
	var nodes map[string]struct {
		Result json.RawMessage `json:"result"`
	}
	run.get(t, "node_results", &nodes)
	if out.raw = nodes["lists"].Result; json.Unmarshal(out.raw, &out.result) != nil {
		t.Fatalf("%s", run.raw)
	}
	return out
}

// clear calls all hits of a screening false positives.
func (c *client) clear(t *testing.T, r screenedRun) {
	t.Helper()
	for _, h := range r.result.Hits {
		c.must(t, 201, "POST", "/api/v1/cases/"+r.caseID+"/hit-reviews", map[string]any{"list": h.List, "id": h.EntryID, "word": "false_positive", "reason": "Another Quintus."})
	}
}

// Reviewers' words meet real lists: they clear hits before the limit, hold until
// the entry changes, and never make up for a list that is not to be trusted.
func TestClearedHitsCrowdOutNothingAndComeBackWhenTheEntryChanges(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database)
		_, c := srv.newTenants(t)
		srv.importList(t, "own", namesakes(10, "first"))
		workflow := c.screenAlone(t, `{"lists":["own"],"limit":10}`)

		first := c.screenPerson(t, workflow, "Felderholm")
		if first.status != "under_review" || len(first.result.Hits) != 10 {
			t.Fatalf("%s", first.raw)
		}
		c.clear(t, first)
		again := c.screenPerson(t, workflow, "Felderholm")
		if d := again.result.Details; again.status != "completed" || len(again.result.Hits) != 0 || len(d.Cleared) != 10 || d.HitCount != 0 {
			t.Fatalf("after ten words: %s %s", again.status, again.raw)
		}

		// The eleventh scores no better than the ten, and is found.
		srv.importList(t, "own", namesakes(11, "first"))
		eleventh := c.screenPerson(t, workflow, "Felderholm")
		if eleventh.status != "under_review" || len(eleventh.result.Hits) != 1 || eleventh.result.Hits[0].EntryID != "P-10" || len(eleventh.result.Details.Cleared) != 10 {
			t.Fatalf("a new entry beside ten cleared ones: %s", eleventh.raw)
		}
		if strings.Contains(string(again.raw), "Felderholm") {
			t.Error("what was cleared names somebody")
		}
		c.clear(t, eleventh)

		// Another name of the same person is another question.
		if r := c.screenPerson(t, workflow, "Felderholmm"); r.status != "under_review" || len(r.result.Hits) != 10 || len(r.result.Details.Cleared) != 0 || r.result.Details.Reopened[0].Why != "subject_changed" {
			t.Errorf("under another name: %s", r.raw)
		}
		// A stale list is no pass, whatever was cleared.
		if r := c.screenPerson(t, c.screenAlone(t, `{"lists":["own"],"max_age_hours":0.0000001}`), "Felderholm"); r.status != "under_review" || r.result.Status != "stale" {
			t.Errorf("on a stale list: %s", r.raw)
		}
		// One entry says something else.
		srv.importList(t, "own", strings.Replace(namesakes(11, "first"), "P-3,Quintus Felderholm,person,first", "P-3,Quintus Felderholm,person,second", 1))
		changed := c.screenPerson(t, workflow, "Felderholm")
		if d := changed.result.Details; changed.status != "under_review" || len(changed.result.Hits) != 1 || changed.result.Hits[0].EntryID != "P-3" ||
			len(d.Cleared) != 10 || len(d.Reopened) != 1 || d.Reopened[0].ID != "P-3" || d.Reopened[0].Why != "entry_changed" {
			t.Errorf("after an entry changed: %s", changed.raw)
		}

		for _, r := range []screenedRun{first, again, eleventh, changed} { // from the record, whatever is known by now
			id, _ := kyc.Undress("session", r.session)
			srv.replayed(t, c, kyc.Live, r.session, id)
		}
		checkNothingInTheClear(t, srv.dir, []string{"Another Quintus"})
	})
}
