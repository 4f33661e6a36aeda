package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"sync"
	"testing"
)

// at once sends the same request many times with one key and wants one effect:
// one fresh answer, else replays of it or 409 while it runs.
func (c *client) once(t *testing.T, method, path string, body any, status int, id string) answer {
	t.Helper()
	key := map[string]string{"Idempotency-Key": "once " + method + path}
	answers := make([]answer, 12)
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range answers {
		all.Go(func() {
			<-start
			answers[i] = c.callWith(t, method, path, body, key)
		})
	}
	close(start)
	all.Wait()
	ids, fresh := map[string]bool{}, 0
	for _, a := range answers {
		switch {
		case a.status == status:
			ids[a.at(id)] = true
			if a.header.Get("Idempotent-Replayed") != "true" {
				fresh++
			}
		case a.status == 409 && a.code() == "idempotency_in_progress" && a.header.Get("Retry-After") != "":
		default:
			t.Errorf("%s %s: %d %s", method, path, a.status, a.raw)
		}
	}
	if len(ids) != 1 || fresh != 1 || ids[""] {
		t.Errorf("%s %s: %v were answered, %d as new; want one of each", method, path, ids, fresh)
	}
	later := c.callWith(t, method, path, body, key)
	if later.status != status || later.header.Get("Idempotent-Replayed") != "true" || !ids[later.at(id)] {
		t.Errorf("%s %s is not replayed: %d %s", method, path, later.status, later.raw)
	}
	other := c.callWith(t, method, path, map[string]any{"nobody": "sent this"}, key)
	if other.status != 422 || other.code() != "idempotency_mismatch" {
		t.Errorf("%s %s with another body: %d %s", method, path, other.status, other.raw)
	}
	return later
}

func TestParallelRequestsOfTheTalkingSurfacesHappenOnce(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database, unhurried)
		sandbox, live := srv.newTenants(t)
		w := live.once(t, "POST", "/v1/workflows", json.RawMessage(`{"name":"Once","steps":[{"id":"CONSENT"},{"id":"PEP_SANCTIONS"}]}`), 201, "workflow.id").at("workflow.id")
		session := sandbox.once(t, "POST", "/v1/workflows/"+w+"/sessions", applicant("Sanction"), 201, "session_id").at("session_id")
		sandbox.once(t, "POST", "/v1/sessions", func() map[string]any { b := applicant("Approve"); b["workflow_id"] = w; return b }(), 201, "id")
		sandbox.once(t, "POST", "/v1/sessions/"+session+"/uploads", map[string]any{"name": "a", "content_type": "image/jpeg"}, 201, "upload_id")
		at := "/v1/sessions/" + session + "/steps/"
		sandbox.once(t, "POST", at+"CONSENT", consent("Anna"), 200, "step_status")
		if a := sandbox.must(t, 200, "GET", "/v1/sessions/"+session+"/workflow", nil); a.value("steps.0.attempts") != 1.0 || a.at("steps.0.status") != "COMPLETED" {
			t.Errorf("a repeated submission is not one attempt: %s", a.raw)
		}
		sandbox.once(t, "POST", at+"PEP_SANCTIONS", screened("Sanction"), 200, "step_status")
		sandbox.awaitCheck(t, session, checkEnded("SUBMITTED"))
		sandbox.once(t, "PATCH", "/v1/sessions/"+session+"/update-status", map[string]any{"new_status": "REJECTED", "reason": "listed"}, 200, "id")
		if a := sandbox.must(t, 200, "GET", "/v1/sessions/"+session, nil); a.value("session_record.decisions.#") != 2.0 { // the rule's and the reviewer's
			t.Errorf("a repeated decision was taken twice: %s", a.raw)
		}
		if a := sandbox.must(t, 200, "GET", "/v1/sessions?by_organization=true", nil); a.value("sessions.#") != 2.0 {
			t.Errorf("there are other sessions than two: %s", a.raw)
		}

		sandbox.once(t, "POST", "/v2/admin/workflows", json.RawMessage(`{"serviceName":"S","workflowName":"W","type":"t","lifecyclePhase":"ONBOARDING","steps":[{"type":"AML"}]}`), 201, "workflow.workflowId")
		subject := sandbox.once(t, "POST", "/v2/individuals", individual("Sanction"), 201, "individual.entityId").at("individual.entityId")
		person := "/v2/individuals/" + subject
		execution := sandbox.once(t, "POST", person+"/serviceprofiles/S/workflows/W/execute", map[string]any{"comment": map[string]any{"text": "first"}}, 200, "workflowExecutionId").at("workflowExecutionId")
		sandbox.once(t, "POST", "/v2/individuals/new/serviceprofiles/S/workflows/W/execute", individual("Other"), 200, "entityId")
		sandbox.once(t, "POST", person+"/documents", map[string]any{"type": "PASSPORT", "country": "AUS"}, 201, "document.documentId")
		override := sandbox.once(t, "PATCH", person+"/serviceprofiles/S/workflows/W/executions/"+execution, map[string]any{"status": "PASS", "comment": map[string]any{"text": "known"}}, 200, "workflowResult.workflowExecutionId")
		if override.value("workflowResult.statusOverrides.#") != 1.0 {
			t.Errorf("a repeated override counts twice: %s", override.raw)
		}
		for path, want := range map[string]float64{"/v2/individuals": 2, person + "/serviceprofiles/S/workflows/W/executions": 1} {
			if a := sandbox.must(t, 200, "GET", path, nil); a.value("total") != want {
				t.Errorf("GET %s: %v, want %v", path, a.value("total"), want)
			}
		}
	})
}

// A refusal is an answer like any other, and a spelling is no other body.
func TestRefusalsOfTheTalkingSurfacesAreStored(t *testing.T) {
	t.Parallel()
	srv := startServer(t, "", unhurried)
	sandbox, live := srv.newTenants(t)
	key := map[string]string{"Idempotency-Key": "refused"}
	for _, x := range []struct {
		c          *client
		path, body string
		spaced     string
		status     int
	}{
		{sandbox, "/v2/individuals/new/serviceprofiles/S/workflows/W/execute", `{"individual":{"name":{"familyName":"A"}}}`, `{ "individual" : {"name":{ "familyName":"A"}}}`, 404},
		{live, "/v1/workflows", `{"name":"A","steps":[{"id":"SHOE"}]}`, `{"steps":[{"id":"SHOE"}],  "name":"A"}`, 400},
	} {
		send := func(body string) answer {
			return x.c.send(t, "POST", x.path, "application/json", strings.NewReader(body), key)
		}
		first := send(x.body)
		again := send(x.spaced)
		if first.status != x.status || again.status != x.status || again.header.Get("Idempotent-Replayed") != "true" || !bytes.Equal(first.raw, again.raw) {
			t.Errorf("%s: %d %s\nagain %d %s", x.path, first.status, first.raw, again.status, again.raw)
		}
		if other := send(`{}`); other.status != 422 || other.code() != "idempotency_mismatch" {
			t.Errorf("%s with another body: %d %s", x.path, other.status, other.raw)
		}
		if bad := x.c.callWith(t, "POST", x.path, map[string]any{}, map[string]string{"Idempotency-Key": strings.Repeat("k", 256)}); bad.status != 400 || bad.code() != "idempotency_key_invalid" {
			t.Errorf("%s with a long key: %d %s", x.path, bad.status, bad.raw)
		}
	}
}
