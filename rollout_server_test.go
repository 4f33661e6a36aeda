package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"bonafide/kyc"
)

// heldGraph rejects by age; a session that says hold waits for a decision
// before.
const heldGraph = `{"entry":"start","nodes":{
 "start":{"type":"start","next":"hold"},
 "hold":{"type":"conditional","routes":[{"conditions":[{"field":"session.metadata.hold","operator":"==","value":true}],"next":"gate"}],"default":"age"},
 "gate":{"type":"wait","gate":"g","on_continue":"age","on_fail":"no","timeout_seconds":86400},
 "age":{"type":"policy","policy":"age_check","config":{"minimum_age":18},"on_pass":"yes","on_fail":"no"},
 "yes":{"type":"terminal","outcome":"approved"},
 "no":{"type":"terminal","outcome":"rejected","reason_code":"under_age"}}}`

// A rollout that rejects too many is set back by the running program: the
// session that waits in the new version ends in it, later ones take the one of
// before, and the event, the audit entry and the record agree and verify.
func TestGuardrailsSetARolloutBack(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database, unhurried)
		c := srv.newTenant(t)
		w := c.must(t, http.StatusCreated, "POST", "/api/v1/workflows", map[string]any{"name": "held", "graph": json.RawMessage(heldGraph)}).str("id")
		c.must(t, http.StatusOK, "POST", "/api/v1/workflows/"+w+"/publish", nil)
		c.must(t, http.StatusOK, "PATCH", "/api/v1/workflows/"+w, map[string]any{"graph": json.RawMessage(strings.Replace(heldGraph, "18", "60", 1))})
		c.must(t, http.StatusOK, "POST", "/api/v1/workflows/"+w+"/publish", map[string]any{"rollout_percentage": 50,
			"guardrails": map[string]any{"max_rejection_deviation": 0.5, "max_error_rate": 0, "min_sessions": 3}})
		begin := func(hold bool) (id string, version any) {
			t.Helper()
			id = c.must(t, http.StatusCreated, "POST", "/api/v1/sessions", map[string]any{"workflow_id": w, "metadata": map[string]any{"hold": hold},
				"fields": map[string]any{"last_name": "Hals", "date_of_birth": "1987-03-14"}}).str("id")
			c.must(t, http.StatusAccepted, "POST", "/api/v1/sessions/"+id+"/submit", nil)
			status := "completed"
			if hold {
				status = "awaiting_external"
			}
			return id, c.await(t, id, status).value("workflow_version")
		}
		held := ""
		for held == "" && t.Context().Err() == nil { // half of them take the new version
			if id, version := begin(true); version == 2.0 {
				held = id
			}
		}
		// Three of each version are needed; among 200 they are there but for a
		// chance of 1 in 10^56.
		ran := 0
		back := func() answer { return c.must(t, http.StatusOK, "GET", "/api/v1/workflows/"+w+"/rollout", nil) }
		for ; ran < 200 && back().value("set_back") == nil; ran++ {
			begin(false)
		}
		got := back()
		if got.value("rollout") != nil || got.value("set_back") == nil {
			t.Fatalf("after %d sessions: %s", ran, got.raw)
		}
		if got.at("set_back.bound") != "max_rejection_deviation" || got.value("set_back.new.rejection_rate") != 1.0 || got.value("set_back.previous.rejection_rate") != 0.0 {
			t.Errorf("%s", got.raw)
		}
		if _, version := begin(false); version != 1.0 {
			t.Errorf("a later session takes version %v", version)
		}
		c.must(t, http.StatusAccepted, "POST", "/api/v1/sessions/"+held+"/external-decision", map[string]any{"decision": "continue"})
		if end := c.await(t, held, "completed"); end.value("workflow_version") != 2.0 {
			t.Errorf("the session that waited moved: %s", end.raw)
		}
		tenant := kyc.Tenant{Org: c.org, Env: kyc.Sandbox}
		events, n, err := srv.app.db.Events(t.Context(), tenant, kyc.EventFilter{Action: "workflow.rollback"}, kyc.Page{})
		if err != nil || n != 1 || events[0].Webhook != "workflow.rolled_back" || events[0].Reason != "max_rejection_deviation" || events[0].Actor != kyc.SystemActor("guardrail") {
			t.Fatalf("%d events (%v): %+v", n, err, events)
		}
		if r, err := srv.app.db.VerifyAudit(t.Context(), c.org); err != nil || !r.OK() {
			t.Errorf("%+v %v", r, err)
		}
	})
}
