package main

import (
	"net/http"
	"testing"
)

// The AML step of surface C asks for politically exposed persons unless it is
// told not to. It ends only where lists of both kinds are in force.
func TestTheAMLStepNeedsAListOfExposedPersons(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database)
		_, c := srv.newTenants(t)
		_, place := c.entityWorkflow(t, "AML", "Both", `{"name":"AML","type":"AML"}`)
		run := func(family string) (state string, a answer) {
			t.Helper()
			a = c.must(t, http.StatusOK, "POST", "/v2/individuals/new"+place+"/execute", individual(family))
			return a.at("workflowResult.workflowExecutionState"), a
		}
		put := func(list, csv string) {
			t.Helper()
			srv.importList(t, list, "id,name,type,topics,position\n"+csv)
		}
		blocked := func(when string) {
			t.Helper()
			if state, a := run("Brumwold"); state != "ERROR" {
				t.Errorf("%s the execution is %s: %.3000s", when, state, a.raw)
			}
		}
		blocked("without any list")
		put("sanctions", "1,Ada Wexelstrand,person,sanction,\n")
		blocked("with sanctions alone")
		put("peps", "1,Ada Felderholm,person,role.pep,Minister of Tides\n")
		for family, want := range map[string][3]string{ // result, factors pep and sanction
			"Brumwold": {"PASS", "NONE", "NONE"}, "Wexelstrand": {"REVIEW", "NONE", "UNRESOLVED"}, "Felderholm": {"REVIEW", "UNRESOLVED", "NONE"},
		} {
			state, a := run(family)
			got := [3]string{a.at("workflowResult.result"), a.at("workflowResult.riskAssessment.riskFactors.2.value"), a.at("workflowResult.riskAssessment.riskFactors.3.value")}
			if state != "COMPLETED" || got != want {
				t.Errorf("%s is %s with %v, want %v: %.3000s", family, state, got, want, a.raw)
			}
		}
	})
}
