package main

import (
	"encoding/json"
	"testing"
)

// Every template can be made on an empty environment, brings what it needs, and
// basic-kyc approves a
// good applicant.
func TestTemplatesAreReadyToUse(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database)
		for name, companions := range map[string]int{"basic-kyc": 0, "company-kyc": 1, "merchant-onboarding": 1, "pep-enhanced": 0} {
			c := srv.newTenant(t)
			a := c.must(t, 201, "POST", "/kyc/workflows/from-template/"+name, map[string]any{"custom_tags": map[string]string{"from": "template"}})
			within(t, name, json.RawMessage(`{"version":1,"status":"active","template_type":"`+name+`","custom_tags":{"from":"template"}}`), a.raw)
			var made []struct{ Slug string }
			if a.get(t, "companions", &made); len(made) != companions {
				t.Errorf("%s brings %v along, want %d", name, made, companions)
			}
			c.must(t, 201, "POST", "/kyc/sessions", map[string]any{"workflow_id": a.str("workflow_id")})
		}
		c := srv.newTenant(t)
		if a := c.call(t, "POST", "/kyc/workflows/from-template/simple-kyc", nil); a.status != 404 || a.str("code") != "template_not_found" {
			t.Errorf("an unknown template: %d %s", a.status, a.raw)
		}
		w := c.must(t, 201, "POST", "/kyc/workflows/from-template/basic-kyc", nil)
		r := &onboardingRun{srv: srv, c: c, vars: map[string]string{"workflow": w.str("workflow_id")}}
		r.open(t, nil)
		var steps []struct {
			StepID string `json:"step_id"`
			Fields []struct {
				FieldID string `json:"field_id"`
			} `json:"custom_fields"`
		}
		w.get(t, "steps", &steps)
		r.move(t, move{Do: "upload", Step: steps[0].StepID, Type: "id"})
		r.move(t, move{Do: "upload", Step: steps[0].StepID, Type: "proof_of_address"})
		r.move(t, move{Do: "complete", Step: steps[0].StepID})
		r.move(t, move{Do: "liveness"})
		r.move(t, move{Do: "complete", Step: steps[1].StepID})
		r.move(t, move{Do: "complete", Step: steps[2].StepID, Form: json.RawMessage(`{"full_name":"Ada Approve","date_of_birth":"1990-05-17","nationality":"NL","residence":"DE","email":"ada@example.com","phone":"+31612345678"}`)})
		c.awaitOnboarding(t, r.vars["session"], "approved")
	})
}
