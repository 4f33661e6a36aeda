package main

import (
	"encoding/json"
	"fmt"
	"os"
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

func TestMagicTable(t *testing.T) {
	s := newSimulation(t)
	names := []string{}
	for _, m := range check.MagicTable() {
		names = append(names, m.Name)
	}
	defs := map[string]json.RawMessage{}
	for _, f := range []string{"f7_secure_liveness", "f10_ubo_verification", "f11_company_with_ubos", "f12_complete_individual"} {
		raw, err := os.ReadFile("onboarding/testdata/fixtures/" + f + ".json")
		if err != nil {
			t.Fatal(err)
		}
		defs[f] = raw
	}
	for _, name := range onboarding.Templates() {
		raw, more, _ := onboarding.Template(name)
		defs["t:"+name] = raw
		for k, v := range more {
			defs["t:"+k] = v
		}
	}
	for name, raw := range defs {
		d, g := s.compile(t, raw)
		s.related = nil
		for _, st := range d.Steps {
			if st.SubsessionConfig != nil {
				s.related = append(s.related, check.RelatedParty{SessionID: "x", StepID: st.StepID, Role: "ubo", Status: kyc.SessionApproved, Final: "approved"})
			}
		}
		for _, n := range names {
			v := s.decide(t, g, fullApplicant(d, n))
			det := v.Checks["automation_rules"].Details
			trig := []string{}
			for _, x := range asList(det["triggered_rules"]) {
				trig = append(trig, fmt.Sprint(x.(map[string]any)["rule"]))
			}
			fl := ""
			if f, ok := det["floor"].(map[string]any); ok {
				fl = fmt.Sprint(f["checks"])
			}
			conds := []string{}
			for _, x := range asList(det["conditions"]) {
				if m := x.(map[string]any); m["holds"] == false {
					conds = append(conds, fmt.Sprint(m["name"]))
				}
			}
			t.Logf("%-36s %-9s %-14s win=%-24v trig=%s floor=%s unmet=%s", name, n, finalOf(v), det["winning_rule"], strings.Join(trig, ","), fl, strings.Join(conds, ","))
		}
	}
}

func asList(v any) []any { l, _ := v.([]any); return l }
