package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bonafide/check"
	"bonafide/flow"
	"bonafide/kyc"
	"bonafide/onboarding"
)

func TestWorkflowCommandTakesOnboardings(t *testing.T) {
	t.Parallel()
	complete := "onboarding/testdata/fixtures/f12_complete_individual.json"
	if code, out, complaint := call(t, "workflow", "validate", complete); code != 0 || !strings.Contains(out, "is valid") || !strings.Contains(out, "no_path_to_approval") || complaint != "" {
		t.Errorf("validate gives %d %q %q", code, out, complaint)
	}
	for format, want := range map[string]string{"text": "watchlist_screening", "dot": "digraph", "json": `"automation_rules"`} {
		if code, out, _ := call(t, "workflow", "graph", "--format", format, complete); code != 0 || !strings.Contains(out, want) {
			t.Errorf("graph as %s gives %d %.200q", format, code, out)
		}
	}
	wrong := write(t, t.TempDir(), "w.json", []byte(`{"name":"W","steps":[{"step_id":"a b","order":2,"name":"S","type":"liveness","liveness_config":{"max_retries":99}}],"run_lists":true}`))
	code, out, _ := call(t, "workflow", "validate", "--json", wrong)
	var report struct {
		Valid  bool
		Errors []kyc.Problem
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil || code != exitError || report.Valid || len(report.Errors) != 4 {
		t.Errorf("a wrong one gives %d %s (%v)", code, out, err)
	}
}

// The room onboarding tests itself against stand-ins; here its graphs meet the
// checks of this build.
func TestOnboardingCompilesAgainstTheChecks(t *testing.T) {
	t.Parallel()
	sources := map[string]json.RawMessage{}
	for _, name := range onboarding.Templates() {
		raw, beside, _ := onboarding.Template(name)
		sources[name] = raw
		for slug, raw := range beside {
			sources[slug] = raw
		}
	}
	files, err := filepath.Glob("onboarding/testdata/fixtures/f*.json")
	if err != nil || len(files) != 12 {
		t.Fatalf("%d fixtures, %v", len(files), err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if isOnboarding(raw) {
			sources[file] = raw
		}
	}
	sources["everything"] = json.RawMessage(everyNode)
	mandatory := kyc.DefaultSettings().MandatoryPolicies
	for name, raw := range sources {
		d, report := onboarding.Parse(raw, onboarding.ParseOptions{})
		if d == nil {
			t.Errorf("%s: %v", name, report.Err())
			continue
		}
		graph := onboarding.Compile(d, onboarding.CompileOptions{Mandatory: mandatory})
		compiled, linking := flow.Compile(graph, flow.Options{Catalog: check.Catalog(), Mandatory: mandatory})
		if compiled == nil {
			t.Errorf("%s: %v", name, linking.Err())
			continue
		}
		for _, n := range compiled.Nodes {
			if n.Locked || n.Implicit {
				t.Errorf("%s: the compiler added %s", name, n.ID)
			}
		}
	}
}

// everyNode compiles to every check an onboarding knows, with every kind of
// config.
const everyNode = `{"name":"Every node","steps":[
	{"step_id":"form","order":1,"name":"Form","type":"form_fill","custom_fields":[
	 {"field_id":"n","field_key":"full_name","name":"Name","type":"name","validate_lists":true},
	 {"field_id":"nat","name":"Nationality","type":"country","country_type":"nationality"},
	 {"field_id":"dob","name":"Born","type":"date","min_age_years":18},
	 {"field_id":"home","name":"Home","type":"address","match_proof_of_address":true},
	 {"field_id":"w","name":"Wallet","type":"wallet","network":"BTC"},
	 {"field_id":"owners","name":"Owners","type":"entity_array","entity_role":"ubo","validate_lists":true,"item_fields":[{"field_id":"who","name":"Name","type":"name"}]}]},
	{"step_id":"docs","order":2,"name":"Docs","type":"document_upload","show_if":{"conditions":[{"field_id":"full_name","operator":"is_not_empty"}]},"document_requirements":[
	 {"document_type":"id","auto_extract":true,"post_upload_validations":["not_expired","mrz_checksum","both_sides",{"type":"min_validity_days","params":{"days":30}},
	  {"type":"country_in","params":{"countries":["de","fr"]}},{"type":"country_not_in","params":{"countries":["KP"]}},{"type":"document_type_in","params":{"types":["passport"]}},
	  {"type":"name_matches_field","params":{"field_id":"full_name"}},{"type":"min_resolution","params":{"px":600}},{"type":"max_file_size","params":{"bytes":1000000}},{"type":"mime_in","params":{"types":["image/jpeg"]}}]},
	 {"document_type":"proof_of_address","required":false,"entity_role":"individual","post_upload_validations":[{"type":"max_age_days","on_fail":"warn","message":"old"}]}]},
	{"step_id":"live","order":3,"name":"Live","type":"liveness"},
	{"step_id":"subs","order":4,"name":"Owners","type":"subsession_collection","required":false,"show_if":{"action":"require","conditions":[{"field_id":"n","operator":"is_not_empty"}]},"subsession_config":{"workflow_id":"w","impact_parent_status":true}}],
	"validation_config":{"run_crypto":true,"run_adverse_media":true,"auto_face_match":true,"automation_rules":{
	 "face_dedup_rules":[{"type":"face_dedup","action":"manual_review"}],"risk_rules":[{"min_score":60,"action":"manual_review"}],
	 "auto_approve_conditions":{"no_duplicates":true,"no_list_matches":true}}}}`

func TestWorkflowCommandTakesChecklistsAndProcedures(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, c := range map[string]struct{ text, check string }{
		"a checklist":          {`{"name":"W","steps":[{"id":"ID_VERIFICATION","config":{"escalation_type":"nfc-passport"}},{"id":"pep-sanctions"}]}`, "checklist_outcome"},
		"one step only":        {`{"name":"W","steps":[{"id":"FACE_LIVENESS"}]}`, "liveness"},
		"a procedure":          {`{"serviceName":"S","workflowName":"W","type":"kyc","steps":[{"name":"AML","type":"AML"}]}`, "procedure_decision"},
		"a list of surface D":  {`{"name":"W","steps":[{"policy":"document_ocr"}]}`, "document_ocr"},
		"an onboarding's step": {`{"name":"W","steps":[{"step_id":"s","order":1,"name":"S","type":"selfie"}]}`, "automation_rules"},
	} {
		file := write(t, dir, strings.ReplaceAll(name, " ", "_")+".json", []byte(c.text))
		if code, out, complaint := call(t, "workflow", "graph", file); code != 0 || !strings.Contains(out, c.check) {
			t.Errorf("%s: %d %.300q %q", name, code, out, complaint)
		}
	}
	wrong := write(t, dir, "wrong.json", []byte(`{"name":"","steps":[{"id":"ID_VERIFICATION","config":{"minimum_age":"x"}},{"id":"ID_VERIFICATION"},{"id":"HOROSCOPE"}]}`))
	code, out, _ := call(t, "workflow", "validate", "--json", wrong)
	for _, want := range []string{"name_required", "config_type", "duplicate_step", "step_id_unknown"} {
		if code != exitError || !strings.Contains(out, want) {
			t.Errorf("a wrong checklist gives %d %s, want %s", code, out, want)
		}
	}
	wrong = write(t, dir, "wrong2.json", []byte(`{"serviceName":"S","workflowName":"W","type":"kyc","steps":[{"name":"A","type":"AML","dependsOn":["B"]},{"name":"B","type":"HOROSCOPE","dependsOn":["A"]}]}`))
	if code, out, _ = call(t, "workflow", "validate", "--json", wrong); code != exitError || !strings.Contains(out, "/steps/1/type") {
		t.Errorf("a wrong procedure gives %d %s", code, out)
	}
}
