package onboarding

import (
	"encoding/json"
	"testing"

	"bonafide/flow"
	"bonafide/kyc"
)

// largest is the largest fixture and the largest template: what a definition
// looks like in earnest.
func largest(b *testing.B) map[string]json.RawMessage {
	b.Helper()
	pep, _, _ := Template("pep-enhanced")
	return map[string]json.RawMessage{
		"complete_individual": fixture(b, "f12_complete_individual"),
		"company":             fixture(b, "f11_company_with_ubos"),
		"pep_enhanced":        pep,
	}
}

// BenchmarkCompileLargest reads, checks and compiles a definition to the graph
// a run walks: everything POST /kyc/workflows computes.
func BenchmarkCompileLargest(b *testing.B) {
	mandatory := kyc.DefaultSettings().MandatoryPolicies
	checks := catalog()
	schemas := &flow.Schemas{} // kept by the machine, as in the program
	for name, raw := range largest(b) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				d, report := Parse(raw, ParseOptions{})
				if d == nil {
					b.Fatal(report.Err())
				}
				c, linking := flow.Compile(Compile(d, CompileOptions{Mandatory: mandatory}), flow.Options{Catalog: checks, Mandatory: mandatory, Schemas: schemas})
				if c == nil {
					b.Fatal(linking.Err())
				}
			}
		})
		b.Run(name+"/parse", func(b *testing.B) {
			for b.Loop() {
				if d, report := Parse(raw, ParseOptions{}); d == nil {
					b.Fatal(report.Err())
				}
			}
		})
	}
}
