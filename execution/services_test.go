package execution

import (
	"encoding/json"
	"testing"
)

// Who somebody is holds for every service, and so does a refusal. That a person
// is accepted in spite of a hit holds for the service that took the risk.
func TestAnAcceptedHitIsAcceptedByOneService(t *testing.T) {
	t.Parallel()
	for word, want := range map[string][2]string{ // result of the same service, and of another one
		"FALSE_POSITIVE":       {"PASS", "PASS"},
		"TRUE_POSITIVE_ACCEPT": {"PASS", "REVIEW"},
		"UNKNOWN_ACCEPT":       {"PASS", "REVIEW"},
		"TRUE_POSITIVE_REJECT": {"FAIL", "FAIL"},
		"UNKNOWN":              {"REVIEW", "REVIEW"},
	} {
		b := newBench(t)
		b.houseWorkflow(t)
		for _, service := range []string{"Onboarding", "Lending"} {
			raw, err := json.Marshal(map[string]any{"serviceName": service, "workflowName": "No risk", "type": "test", "riskModel": map[string]any{"factors": []any{}},
				"steps": []any{step("AML", "AML", map[string]any{"pep": false})}})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := b.CreateWorkflow(b.ctx, b.live, b.by, raw, false); err != nil {
				t.Fatal(err)
			}
		}
		b.lists.become(map[string]string{"h-1": "Grabow, Anton"})
		who := b.somebody(t, b.live, "Ada", "Grabow")
		run := func(service string) Executed {
			t.Helper()
			b.advance(1e9)
			x, err := b.Execute(b.ctx, b.live, b.by, Order{SubjectID: who.ID, ServiceName: service, WorkflowName: "no risk"})
			if err != nil {
				t.Fatal(err)
			}
			return x
		}
		say := func(x Executed, word string) {
			t.Helper()
			b.advance(1e9)
			if _, err := b.Judge(b.ctx, b.live, b.by, who.ID, Judgement{Kind: "aml", Status: word, Results: ids(hitsOf(x))}); err != nil {
				t.Fatal(err)
			}
		}
		say(run("Onboarding"), word)
		for i, service := range []string{"onboarding", " Lending "} {
			if x := run(service); x.Execution.Result != want[i] {
				t.Errorf("%s, then %s: %s, want %s", word, service, x.Execution.Result, want[i])
			}
		}
		if word != "TRUE_POSITIVE_ACCEPT" {
			continue
		}
		say(run("Lending"), "UNKNOWN_ACCEPT") // the other one takes the risk, too
		for _, service := range []string{"Onboarding", "Lending"} {
			x := run(service)
			if x.Execution.Result != "PASS" {
				t.Errorf("both took the risk, and %s says %s", service, x.Execution.Result)
			}
		}
		say(run("Lending"), "TRUE_POSITIVE") // now it doubts
		if x := run("Onboarding"); x.Execution.Result != "REVIEW" {
			t.Errorf("a later doubt leaves %s", x.Execution.Result)
		}
	}
}
