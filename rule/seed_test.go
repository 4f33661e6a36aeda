package rule

import (
	"encoding/json"
	"reflect"
	"testing"

	"bonafide/field"
)

// seedRules are the automation rules of the complete individual workflow of
// seed 004 (F12 in section 3.14 of the specification).
const seedRules = `{
      "enabled": true,
      "auto_process": true,
      "country_rules": [
        {"country_code": "KP", "action": "auto_deny", "applies_to": ["all"]},
        {"country_code": "IR", "action": "manual_review", "applies_to": ["nationality", "residence"]}
      ],
      "form_field_rules": [
        {
          "field_id": "pep_status",
          "operator": "not_equals",
          "value": "No",
          "action": "manual_review",
          "reason": "User declared PEP status"
        }
      ],
      "default_action": "manual_review"
    }`

func TestTheCompleteIndividualWorkflowOfTheSeed(t *testing.T) {
	t.Parallel()
	known := form{"pep_status": field.Field{FieldID: "pep_status", Type: "select", Required: true}}
	r, problems, warnings := Parse(json.RawMessage(seedRules), at, known)
	if len(problems) > 0 || !reflect.DeepEqual(codes(warnings), map[string]string{at: "no_path_to_approval"}) {
		t.Fatalf("problems %v, warnings %v", problems, warnings)
	}
	country := func(typ, source, code string) Country { return Country{Code: code, Type: typ, Source: source} }
	person := func(nationality, residence, passport, pep string) Facts {
		return with(func(f *Facts) {
			f.Countries = []Country{
				country("nationality", "form", nationality), country("residence", "form", residence),
				country("nationality", "document", passport), country("document_issuer", "document", passport), country("phone", "phone", residence),
			}
			f.CountriesAsked = []string{"nationality", "residence", "document_issuer", "phone"}
			f.Form = map[string]any{"pep_status": pep, "nationality": nationality, "residence": residence}
		})
	}
	for _, c := range []struct {
		name      string
		facts     Facts
		outcome   Action
		final     string
		winner    string
		triggered []string
	}{
		{"nothing stands out: the default", person("CH", "CH", "CH", "No"), ManualReview, "manual_review", "default_action", nil},
		{"a North Korean", person("KP", "CH", "KP", "No"), AutoDeny, "rejected", "country_rules[0]", []string{"country_rules[0]"}},
		{"living in North Korea", person("CH", "KP", "CH", "No"), AutoDeny, "rejected", "country_rules[0]", []string{"country_rules[0]"}},
		{"a North Korean passport only", person("CH", "CH", "KP", "No"), AutoDeny, "rejected", "country_rules[0]", []string{"country_rules[0]"}},
		{"an Iranian", person("IR", "CH", "IR", "No"), ManualReview, "manual_review", "country_rules[1]", []string{"country_rules[1]"}},
		{"living in Iran", person("CH", "IR", "CH", "No"), ManualReview, "manual_review", "country_rules[1]", []string{"country_rules[1]"}},
		{"a PEP", person("CH", "CH", "CH", "Yes - Current PEP"), ManualReview, "manual_review", "form_field_rules[0]", []string{"form_field_rules[0]"}},
		{"a former PEP", person("CH", "CH", "CH", "Yes - Former PEP"), ManualReview, "manual_review", "form_field_rules[0]", []string{"form_field_rules[0]"}},
		{"of a PEP's family", person("CH", "CH", "CH", "Yes - Family member of PEP"), ManualReview, "manual_review", "form_field_rules[0]", []string{"form_field_rules[0]"}},
		{"an Iranian PEP in North Korea", person("IR", "KP", "IR", "Yes - Current PEP"), AutoDeny, "rejected", "country_rules[0]", []string{"country_rules[0]", "country_rules[1]", "form_field_rules[0]"}},
	} {
		d := r.Evaluate(c.facts)
		var triggered []string
		for _, x := range d.Triggered {
			triggered = append(triggered, x.Rule)
		}
		if d.Outcome != c.outcome || d.FinalDecision != c.final || d.WinningRule != c.winner || !reflect.DeepEqual(triggered, c.triggered) || d.DefaultUsed != (c.triggered == nil) {
			t.Errorf("%s: %+v", c.name, d)
		}
	}
	// What each rule saw is on record.
	d := r.Evaluate(person("IR", "KP", "IR", "Yes - Current PEP"))
	for i, want := range []map[string]any{
		{"residence": "KP", "phone": "KP"}, {"nationality": "IR"}, {"pep_status": "Yes - Current PEP"},
	} {
		if !reflect.DeepEqual(d.Triggered[i].Facts, want) {
			t.Errorf("%s saw %v, want %v", d.Triggered[i].Rule, d.Triggered[i].Facts, want)
		}
	}
	if d.Triggered[2].Reason != "User declared PEP status" {
		t.Errorf("reason %q", d.Triggered[2].Reason)
	}
}
