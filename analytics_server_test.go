package main

import (
	"encoding/json"
	"net/http"
	"testing"
)

// The analytics of a workflow count each run that ended, by outcome, node and
// move, of its own tenant and environment alone, on both databases.
func TestAnalyticsOfAWorkflow(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database, unhurried)
		box, live := srv.newTenants(t)
		made := map[string]*client{}
		for _, c := range []*client{box, live} {
			w := c.must(t, http.StatusCreated, "POST", "/api/v1/workflows", map[string]any{"name": "age", "graph": json.RawMessage(ageGraph)}).str("id")
			c.must(t, http.StatusOK, "POST", "/api/v1/workflows/"+w+"/publish", nil)
			made[w] = c
		}
		for w, c := range made {
			want := `{"runs":2,"outcomes":[{"name":"needs_review","count":2}],"versions":[{"version":1,"runs":2,"outcomes":[{"name":"needs_review","count":2}]}]}`
			for _, ref := range []string{"one", "two"} {
				s := c.must(t, http.StatusCreated, "POST", "/api/v1/sessions", map[string]any{"workflow_id": w, "external_ref": ref, "country": "NL",
					"fields": map[string]any{"first_name": "Ada", "last_name": "REVIEW", "date_of_birth": "1987-03-14"}}).str("id")
				c.must(t, http.StatusAccepted, "POST", "/api/v1/sessions/"+s+"/submit", nil)
				c.await(t, s, "under_review")
			}
			var got, wanted any
			a := c.must(t, http.StatusOK, "GET", "/api/v1/workflows/"+w+"/analytics?days=1&version=1", nil)
			if err := json.Unmarshal(a.raw, &got); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal([]byte(want), &wanted); err != nil {
				t.Fatal(err)
			}
			if where := lacks(wanted, got, ""); where != "" {
				t.Errorf("the analytics differ at %s: %s", where, a.raw)
			}
			seen, moves := map[string]float64{}, 0.0
			for _, n := range got.(map[string]any)["nodes"].([]any) {
				node := n.(map[string]any)
				seen[node["node"].(string)] = node["count"].(float64)
			}
			for _, m := range got.(map[string]any)["moves"].([]any) {
				moves += m.(map[string]any)["count"].(float64)
			}
			if seen["start"] != 2 || len(seen) < 3 || moves < 4 {
				t.Errorf("nodes %v, %v moves: %s", seen, moves, a.raw)
			}
			for path, status := range map[string]int{"?days=0": 400, "?days=367": 400, "?version=7": 404} {
				if code := c.call(t, "GET", "/api/v1/workflows/"+w+"/analytics"+path, nil).status; code != status {
					t.Errorf("%s answers %d", path, code)
				}
			}
			for other, stranger := range made {
				if other != w {
					if code := stranger.call(t, "GET", "/api/v1/workflows/"+w+"/analytics", nil).status; code != http.StatusNotFound {
						t.Errorf("a stranger gets %d", code)
					}
				}
			}
		}
	})
}
