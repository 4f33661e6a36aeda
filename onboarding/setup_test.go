package onboarding

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bonafide/flow"
	"bonafide/kyc"
)

// fixture reads one of the seed's own snippets, exactly as the seed prints it.
func fixture(t testing.TB, name string) json.RawMessage {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "fixtures", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// workflowFixtures are the fixtures that are whole definitions.
func workflowFixtures() []string {
	return []string{"f7_secure_liveness", "f10_ubo_verification", "f11_company_with_ubos", "f12_complete_individual"}
}

// stepFixtures are the fixtures that are one step; the value is the order the
// seed gives it.
func stepFixtures() map[string]int {
	return map[string]int{
		"f1_document_step": 1, "f3_two_requirements": 1, "f4_form_step": 2, "f5_selfie_step": 3,
		"f6_liveness_step": 3, "f8_validation_step": 4, "f9_subsession_step": 4,
	}
}

// filler is a plain form step for the orders before a fixture's.
func filler(order int) string {
	n := string(rune('0' + order))
	return `{"step_id":"filler_` + n + `","order":` + n + `,"name":"Filler","type":"form_fill","custom_fields":[{"field_id":"filler_` + n + `","name":"Filler","type":"text"}]}`
}

// wrapped is a whole definition around a step fixture.
func wrapped(t testing.TB, name string) json.RawMessage {
	t.Helper()
	if name == "f2_ubo_requirement" {
		return json.RawMessage(`{"name":"F2","steps":[{"step_id":"owners","order":1,"name":"Owners","type":"document_upload","document_requirements":[` + string(fixture(t, name)) + `]}]}`)
	}
	var steps []string
	for i := 1; i < stepFixtures()[name]; i++ {
		steps = append(steps, filler(i))
	}
	steps = append(steps, string(fixture(t, name)))
	return json.RawMessage(`{"name":"` + name + `","steps":[` + strings.Join(steps, ",") + `]}`)
}

// everything is every definition the tests know: fixtures, templates and their
// companions.
func everything(t testing.TB) map[string]json.RawMessage {
	t.Helper()
	out := map[string]json.RawMessage{"f2_ubo_requirement": wrapped(t, "f2_ubo_requirement")}
	for name := range stepFixtures() {
		out[name] = wrapped(t, name)
	}
	for _, name := range workflowFixtures() {
		out[name] = fixture(t, name)
	}
	for _, name := range Templates() {
		raw, beside, ok := Template(name)
		if !ok {
			t.Fatalf("there is no template %s", name)
		}
		out["template "+name] = raw
		for slug, raw := range beside {
			out["companion "+slug] = raw
		}
	}
	return out
}

// parsed reads a definition that must be without errors.
func parsed(t testing.TB, raw json.RawMessage) *Definition {
	t.Helper()
	d, report := Parse(raw, ParseOptions{})
	if err := report.Err(); err != nil {
		t.Fatalf("parsing: %v", err)
	}
	return d
}

// catalog are stand-ins for the checks with the config schemas that doc.go
// promises, strict about every member. The real ones are held against the same
// definitions in the root's TestOnboardingCompilesAgainstTheChecks.
func catalog() map[string]kyc.CheckSpec {
	schema := func(properties string, required ...string) json.RawMessage {
		need, _ := json.Marshal(append([]string{}, required...))
		return json.RawMessage(`{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","additionalProperties":false,"properties":{` + properties + `},"required":` + string(need) + `}`)
	}
	object := func(properties, required string) string {
		return `{"type":"object","additionalProperties":false,"properties":{` + properties + `},"required":[` + required + `]}`
	}
	const logic = `{"type":"object","required":["action","match","conditions"],"properties":{"action":{"enum":["show","hide"]}}}`
	party := object(`"path":{"type":"string","pattern":"^[^/]"},"role":{"type":"string"},"company":{"type":"boolean"},"own":{"type":"boolean"},"date_of_birth":{"type":"string"},"nationality":{"type":"string"}`, `"path","role","company","own"`)
	parties := schema(`"parties":{"type":"array","items":`+party+`},"documents":{"type":"boolean"}`, "parties", "documents")
	rules := `"rules":{"type":"object"},"fields":{"type":"array"},"checks":{"type":"array","items":` +
		object(`"name":{"type":"string"},"required":{"type":"boolean"},"show_if":{"type":"array","minItems":1,"items":`+logic+`}`, `"name","required"`) +
		`},"steps":{"type":"array","minItems":1,"items":` + object(`"fields":{"type":"array"},"show_if":`+logic, `"fields","show_if"`) + `},"impact_parent_status":{"const":true},"incomplete":{"const":true}`
	all := []kyc.CheckSpec{
		{Name: "document_set", ConfigSchema: schema(`"requirements":{"type":"array","minItems":1,"items":`+
			object(`"step_id":{"type":"string"},"document_type":{"enum":["`+strings.Join(DocumentTypes(), `","`)+`"]},"role":{"type":"string"},"required":{"type":"boolean"},
			"allow_multiple":{"type":"boolean"},"auto_extract":{"type":"boolean"},"own":{"type":"boolean"},"show_if":`+logic+`,"validations":{"type":"array","minItems":1,"items":`+
				object(`"type":{"type":"string"},"params":{"type":"object"},"on_fail":{"enum":["reject","warn"]},"message":{"type":"string"}`, `"type","params","on_fail"`)+`}`,
				`"step_id","document_type","required","allow_multiple","auto_extract","own"`)+`},"fields":{"type":"object","additionalProperties":{"type":"array","minItems":1}}`, "requirements", "fields")},
		{Name: "document_ocr", Identity: true, ConfigSchema: schema(``)},
		{Name: "cross_validation", ConfigSchema: schema(`"name_min":{"const":0.85},"fields":{"type":"object","additionalProperties":{"type":"array","minItems":1,"items":{"type":"string"}},"propertyNames":{"enum":["name","date_of_birth","nationality","address"]}}`, "name_min", "fields")},
		{Name: "liveness", ConfigSchema: schema(`"threshold":{"type":"number","minimum":0,"maximum":100}`, "threshold")},
		{Name: "face_match", Identity: true, ConfigSchema: schema(`"threshold":{"type":"number","minimum":0,"maximum":1},"sources":{"type":"array","items":`+object(`"source":{"type":"string"},"step_id":{"type":"string"}`, `"source","step_id"`)+`}`, "threshold", "sources")},
		{Name: "face_dedup", ConfigSchema: schema(`"rules":{"type":"array","minItems":1,"items":`+
			object(`"min_similarity":{"type":"number"},"scope":{"enum":["tenant","workflow"]},"lookback_days":{"type":"integer"},"against":{"type":"array"},"exclude_same_customer":{"type":"boolean"}`,
				`"min_similarity","scope","lookback_days","against","exclude_same_customer"`)+`}`, "rules")},
		{Name: "duplicate_detection", ConfigSchema: schema(``)},
		{Name: "wallet_screening", ConfigSchema: schema(`"wallets":{"type":"array","items":`+object(`"path":{"type":"string"},"network":{"type":"string"}`, `"path","network"`)+`}`, "wallets")},
		{Name: "adverse_media", ConfigSchema: parties},
		{Name: "related_parties", ConfigSchema: schema(`"steps":{"type":"array","minItems":1,"items":`+
			object(`"step_id":{"type":"string"},"required":{"type":"boolean"},"require_completion_before_proceed":{"type":"boolean"},"impact_parent_status":{"type":"boolean"},"min_subsessions":{"type":"integer"},"max_subsessions":{"type":"integer"},"show_if":`+logic,
				`"step_id","required","require_completion_before_proceed","impact_parent_status","min_subsessions","max_subsessions"`)+`}`, "steps")},
		{Name: "risk_assessment", ConfigSchema: schema(`"review_from":{"const":101},"fail_from":{"const":101}`, "review_from", "fail_from")},
		{Name: "watchlist_screening", Identity: true, ConfigSchema: schema(`"parties":{"type":"array","items":`+party+`},"documents":{"type":"boolean"},"pep":{"const":true}`, "parties", "documents")},
		{Name: "automation_rules", ConfigSchema: schema(rules, "rules", "fields", "checks")},
	}
	out := map[string]kyc.CheckSpec{}
	for _, s := range all {
		out[s.Name] = s
	}
	return out
}

// linked compiles a definition to the end, as main does.
func linked(t testing.TB, d *Definition) *flow.Compiled {
	t.Helper()
	mandatory := kyc.DefaultSettings().MandatoryPolicies
	c, report := flow.Compile(Compile(d, CompileOptions{Mandatory: mandatory}), flow.Options{Catalog: catalog(), Mandatory: mandatory})
	if err := report.Err(); err != nil {
		t.Fatalf("the compiled graph: %v\n%s", err, Compile(d, CompileOptions{Mandatory: mandatory}))
	}
	return c
}

// codes are the distinct codes of problems, sorted.
func codes(problems []kyc.Problem) []string {
	var out []string
	for _, p := range problems {
		if !slices.Contains(out, p.Code) {
			out = append(out, p.Code)
		}
	}
	slices.Sort(out)
	return out
}
