package main

import (
	"strings"
	"testing"
)

// Answers that are stored for an Idempotency-Key end with the person of whom
// they speak, on the surfaces B and C as on the others.
func TestErasedPeopleAreGoneFromStoredAnswersOfChecks(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		c := startServer(t, database, unhurried).newTenant(t)
		const name = "Stellengard"
		w := c.checklist(t, `{"id":"PEP_SANCTIONS"},{"id":"CONSENT"}`)
		body := applicant(name)
		body["workflow_id"], body["external_id"] = w, name
		made := c.stored(t, 201, "POST", "/v1/sessions", body)
		at := "/v1/sessions/" + made.first.at("id")
		screening := c.stored(t, 200, "POST", at+"/steps/PEP_SANCTIONS", screened(name))
		agreed := c.stored(t, 200, "POST", at+"/steps/CONSENT", map[string]any{"accepted": false, "legal_name": name})
		c.awaitCheck(t, made.first.at("id"), checkEnded("SUBMITTED"))
		decided := c.stored(t, 200, "PATCH", at+"/update-status", map[string]any{"new_status": "REJECTED", "reason": name + " refuses"})
		if !strings.Contains(string(made.first.raw)+string(screening.first.raw)+string(decided.first.raw), name) {
			t.Fatal("no answer tells the name, so that this test proves nothing")
		}
		other := applicant("Neighbour")
		other["workflow_id"] = w
		neighbour := c.stored(t, 201, "POST", "/v1/sessions", other)
		erased := c.stored(t, 200, "DELETE", at+"?redact=true", nil)
		for _, k := range []*keyed{made, screening, agreed, decided} {
			k.gone(t, c, name)
		}
		neighbour.same(t, c)
		erased.same(t, c)
		mismatch := *made
		mismatch.body = other
		if a := mismatch.again(t, c); a.status != 422 || a.code() != "idempotency_mismatch" {
			t.Errorf("another body under the key of an erased answer: %d %s", a.status, a.raw)
		}
		if a := c.must(t, 200, "GET", "/v1/sessions?by_organization=true", nil); a.value("sessions.#") != 2.0 || strings.Contains(string(a.raw), name) {
			t.Errorf("a repeat ran again, or the name is told: %s", a.raw)
		}
	})
}

func TestErasedPeopleAreGoneFromStoredAnswersOfEntities(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		c := startServer(t, database, unhurried).newTenant(t)
		const name = "Stellengard"
		because := map[string]any{"text": "spoke to " + name}
		_, place := c.entityWorkflow(t, "S", "W", `{"type":"AML"},{"type":"FRAUD"}`)
		made := c.stored(t, 201, "POST", "/v2/individuals", individual(name))
		person := "/v2/individuals/" + made.first.at("individual.entityId")
		paper := c.stored(t, 201, "POST", person+"/documents", map[string]any{"type": "PASSPORT", "country": "AUS", "primaryIdentifier": name})
		executed := c.stored(t, 200, "POST", person+place+"/execute", map[string]any{"comment": because})
		override := c.stored(t, 200, "PATCH", person+place+"/executions/"+executed.first.at("workflowExecutionId"), map[string]any{"status": "PASS", "comment": because})
		both := c.stored(t, 200, "POST", "/v2/individuals/new"+place+"/execute", individual("Second "+name))
		found := c.stored(t, 200, "POST", "/v2/search/serviceprofiles", map[string]any{"individual": map[string]any{"name": map[string]any{"givenName": "Ada", "familyName": name}}})
		neighbour := c.stored(t, 201, "POST", "/v2/individuals", individual("Neighbour"))
		for _, k := range []*keyed{made, paper, executed, override, both, found} {
			if !strings.Contains(string(k.first.raw), name) {
				t.Errorf("%s %s does not tell the name, so that it proves nothing: %s", k.method, k.path, k.first.raw)
			}
		}
		erased := c.stored(t, 200, "DELETE", person+"?erase=true", nil)
		for _, k := range []*keyed{made, paper, executed, override, found} {
			k.gone(t, c, name)
		}
		for _, k := range []*keyed{both, neighbour, erased} {
			k.same(t, c)
		}
		second := "/v2/individuals/" + both.first.at("entityId")
		if x := both.first.at("workflowExecutionId"); both.first.at("workflowResult.status") == "REVIEW" {
			c.must(t, 200, "PATCH", second+place+"/executions/"+x, map[string]any{"status": "PASS", "comment": because})
		}
		c.must(t, 200, "DELETE", second+"?erase=true", nil)
		both.gone(t, c, name)
		if a := c.must(t, 200, "GET", "/v2/individuals", nil); a.value("total") != 1.0 {
			t.Errorf("a repeat ran again: %s", a.raw)
		}
	})
}
