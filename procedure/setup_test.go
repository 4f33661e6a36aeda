package procedure

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"bonafide/kyc"
)

// problem is short for what Parse reports.
type problem = kyc.Problem

// at is the moment of every test.
var at = time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)

// ids gives ids in order.
func ids() func() kyc.ID {
	n := 0
	return func() kyc.ID {
		n++
		return kyc.ID(fmt.Sprintf("00000000-0000-7000-8000-%012d", n))
	}
}

// def is a definition with the given steps and further members.
func def(steps, rest string) json.RawMessage {
	if rest != "" {
		rest = "," + rest
	}
	return json.RawMessage(`{"serviceName":"AML Screening","workflowName":"PEP & Sanctions","type":"pep_media","steps":[` + steps + `]` + rest + `}`)
}

// parsed reads a definition that must be without errors.
func parsed(t testing.TB, raw json.RawMessage) *Definition {
	t.Helper()
	d, report := Parse(raw, ParseOptions{})
	if err := report.Err(); err != nil {
		t.Fatalf("parsing %s: %v", raw, err)
	}
	return d
}

// five is the workflow of the speed target: five steps of different kinds.
const five = `{"type":"KYC"},{"type":"AML"},{"type":"MATCHLIST"},{"type":"DUPLICATE"},{"type":"FRAUD"}`

// passing are facts with which every check of a definition passes.
func passing(d *Definition) Facts {
	f := Facts{Checks: map[string]kyc.CheckFact{}, Established: map[string]any{}}
	for _, p := range d.Plan() {
		for _, policy := range p.Policies {
			if policy != PolicyDecision {
				f.Checks[policy] = kyc.CheckFact{Status: "passed"}
			}
		}
	}
	return f
}
