package execution

import (
	"strings"
	"testing"

	"bonafide/kyc"
)

func TestResultsOfAServiceInAnyCase(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.define(t, b.sandbox, "Take on", "ONBOARDING", step("AML", "AML", nil))
	who := b.somebody(t, b.sandbox, "Ada", "Lovelace")
	x := b.execute(t, who, "Take on")
	service := x.Execution.ServiceName
	for name, want := range map[string]int{"": len(x.Results), service: len(x.Results), strings.ToUpper(service): len(x.Results), strings.ToLower(service): len(x.Results), "other": 0} {
		_, total, err := b.Results(b.ctx, b.sandbox, kyc.ProcessFilter{SubjectID: who.ID, ServiceName: name}, kyc.Page{Limit: 10})
		if err != nil || total != want || want == 0 && name != "other" {
			t.Errorf("service %q has %d results, want %d: %v", name, total, want, err)
		}
	}
}
