package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"bonafide/check"
	"bonafide/kyc"
	"bonafide/onboarding"
)

// fullApplicant gives everything that a definition asks for, under a family name.
func fullApplicant(d *onboarding.Definition, family string) applied {
	a := applied{fields: map[string]any{}}
	n := 0
	for i := range d.Steps {
		s := &d.Steps[i]
		for _, r := range s.DocumentRequirements {
			n++
			a.uploads = append(a.uploads, paperOf(fmt.Sprintf("doc-%d", n), s.StepID, r.DocumentType, r.EntityRole))
		}
		for _, f := range s.CustomFields {
			switch f.Type {
			case "name":
				a.fields[f.FieldID] = "Ada " + family
			case "date":
				a.fields[f.FieldID] = "1990-05-27"
			case "country":
				a.fields[f.FieldID] = "NL"
			case "email":
				a.fields[f.FieldID] = "ada@example.org"
			case "phone":
				a.fields[f.FieldID] = "+31612345678"
			case "select":
				a.fields[f.FieldID] = f.Options[0].Value
			case "number":
				a.fields[f.FieldID] = json.Number("30")
			case "domain":
				a.fields[f.FieldID] = "example.org"
			case "volume":
				a.fields[f.FieldID] = map[string]any{"amount": json.Number("1000"), "currency": "EUR", "period": "monthly"}
			case "address":
				a.fields[f.FieldID] = map[string]any{"line1": "Damrak 1", "city": "Amsterdam", "postal_code": "1012 LG", "country": "NL"}
			case "text":
				a.fields[f.FieldID] = "something"
			}
		}
		if s.Type == onboarding.Liveness {
			a.established = map[string]any{"liveness": map[string]any{"status": "passed", "confidence": 97.0, "threshold": s.LivenessConfig.MinConfidence, "attempts": 1}}
			if family == "SPOOF" {
				a.established = map[string]any{"liveness": map[string]any{"status": "failed", "confidence": 12.0, "threshold": s.LivenessConfig.MinConfidence, "attempts": 4}}
			}
		}
	}
	return a
}

// The table of the guide for compliance officers is what really happens, and an
// applicant whom nothing speaks against is approved wherever a template's rules
// can approve anybody.
func TestTheGuidesTableOfDecisions(t *testing.T) {
	t.Parallel()
	s := newSimulation(t)
	defs := map[string]json.RawMessage{}
	for name, file := range map[string]string{"F7": "f7_secure_liveness", "F10": "f10_ubo_verification", "F11": "f11_company_with_ubos", "F12": "f12_complete_individual"} {
		raw, err := os.ReadFile("onboarding/testdata/fixtures/" + file + ".json")
		if err != nil {
			t.Fatal(err)
		}
		defs[name] = raw
	}
	for _, name := range onboarding.Templates() {
		raw, more, _ := onboarding.Template(name)
		defs[name] = raw
		maps.Copy(defs, more)
	}
	names := slices.Sorted(maps.Keys(defs))
	table := "| family name | `" + strings.Join(names, "` | `") + "` |\n|" + strings.Repeat("---|", len(names)+1) + "\n"
	for _, m := range check.MagicTable() {
		table += "| `" + m.Name + "` |"
		for _, name := range names {
			d, g := s.compile(t, defs[name])
			s.related = nil
			for _, step := range d.Steps {
				if step.SubsessionConfig != nil {
					s.related = append(s.related, check.RelatedParty{SessionID: "x", StepID: step.StepID, Role: "ubo", Status: kyc.SessionApproved, Final: "approved"})
				}
			}
			v := s.decide(t, g, fullApplicant(d, m.Name))
			details := v.Checks["automation_rules"].Details
			why := fmt.Sprint(details["winning_rule"])
			var unmet []string
			for _, c := range asList(details["conditions"]) {
				if c, _ := c.(map[string]any); c["holds"] == false {
					unmet = append(unmet, fmt.Sprint(c["name"]))
				}
			}
			if why == "default_action" && len(unmet) > 0 {
				why = "not " + strings.Join(unmet, ", ")
			}
			final := finalOf(v)
			table += " " + final + " (" + why + ") |"
			if _, _, template := onboarding.Template(name); template && m.Name == "APPROVE" && (final == "approved") != (d.ValidationConfig.AutomationRules.AutoApprove != nil) {
				t.Errorf("%s: a good applicant is %s", name, final)
			}
		}
		table += "\n"
	}
	guide, err := os.ReadFile("docs/guide/decisions.md")
	if err != nil || !strings.Contains(string(guide), table) {
		t.Errorf("docs/guide/decisions.md does not hold the table as it is now (%v):\n%s", err, table)
	}
}

func asList(v any) []any { l, _ := v.([]any); return l } //nolint:errcheck // nil is no list
