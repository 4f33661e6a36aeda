package main

import (
	"encoding/json"
	"strings"
	"testing"

	"bonafide/kyc"
)

// listGraph asks a list about an applicant's face; nobody is approved, because that
// would ask the watchlists as well.
const listGraph = `{"entry": "start", "nodes": {
	"start": {"type": "start", "next": "lists"},
	"lists": {"type": "policy", "policy": "check_against_list", "config": {"list_ids": ["LIST"]}, "on_pass": "yes", "on_fail": "no"},
	"yes": {"type": "terminal", "outcome": "needs_review"},
	"no": {"type": "terminal", "outcome": "rejected"}}}`

// A face that the recogniser's network made stands on a list: other photographs of
// that person are met by it, others are not, a block list rejects, a flagging one only
// says so, and what is marked as a false positive meets nobody.
func TestFacesOnListsMeetTheirPeople(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv, files := faceServer(t, database)
		_, c := srv.newTenants(t)
		if _, end := c.shows(t, c.selfies(t), "known", files["ada"]); end.str("status") != "completed" {
			t.Fatalf("the known one: %s", end.raw)
		}
		known := srv.templates(t, kyc.Tenant{Org: c.org, Env: kyc.Live})
		if len(known) != 1 || len(known[0].Vector) < 64 {
			t.Fatalf("%d templates are kept", len(known))
		}
		for _, mode := range []string{"block", "flag"} {
			list := c.must(t, 201, "POST", "/api/v1/lists", map[string]any{"name": "faces to " + mode, "type": "face", "mode": mode}).str("id")
			item := c.must(t, 201, "POST", "/api/v1/lists/"+list+"/items", map[string]any{"vector": []float32(known[0].Vector), "extra": map[string]any{"model": known[0].Model}})
			made := c.must(t, 201, "POST", "/api/v1/workflows", map[string]any{"name": "faces to " + mode, "graph": json.RawMessage(strings.Replace(listGraph, "LIST", list, 1)), "data_requirements": map[string]any{"selfie": true}})
			workflow := made.str("id")
			c.must(t, 200, "POST", "/api/v1/workflows/"+workflow+"/publish", nil)
			meets := func(who, picture, result, code string) {
				t.Helper()
				session, end := c.shows(t, workflow, mode+" "+who, files[picture])
				run := c.must(t, 200, "GET", "/api/v1/sessions/"+session+"/workflow-run", nil)
				if end.str("result") != result || !strings.Contains(string(run.raw), `"`+code+`"`) {
					t.Errorf("%s, %s: %s, want %s by %s\n%.3000s", mode, who, end.raw, result, code, run.raw)
				}
			}
			result, code := "rejected", "list_blocked"
			if mode == "flag" {
				result, code = "needs_review", "list_flagged"
			}
			meets("the same", "adaAgain", result, code)
			meets("somebody else", "stranger", "needs_review", "no_list_match")
			c.must(t, 200, "POST", "/api/v1/lists/"+list+"/items/"+item.str("id")+"/false-positive", nil)
			meets("the same, after all", "adaAgain", "needs_review", "no_list_match")
		}
	})
}
