package onboarding

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"bonafide/kyc"
)

// The parts bad documents are made of. A definition is written as its members.
const (
	docStep  = `{"step_id":"docs","order":1,"name":"Docs","type":"document_upload","document_requirements":[{"document_type":"id"}]}`
	formStep = `{"step_id":"form","order":1,"name":"Form","type":"form_fill","custom_fields":[{"field_id":"a","name":"A","type":"text"}]}`
)

func def(members string) string {
	if !strings.Contains(members, `"name":`) || strings.HasPrefix(members, `"steps"`) {
		members = `"name":"W",` + members
	}
	if !strings.Contains(members, `"steps"`) {
		members += `,"steps":[` + docStep + `]`
	}
	return "{" + members + "}"
}

// step is a definition with one step of a type and the members given.
func oneStep(kind, members string) string {
	return def(`"steps":[{"step_id":"s","order":1,"name":"S","type":"` + kind + `"` + members + `}]`)
}

func rulesOf(rules string) string {
	return def(`"steps":[` + formStep + `],"validation_config":{"automation_rules":` + rules + `}`)
}

// minimal bad documents: one problem each, by code. A code may have several.
var bad = []struct{ code, path, doc string }{
	{"name_required", "/name", `{"steps":[` + docStep + `]}`},
	{"name_required", "/name", `{"name":" ","steps":[` + docStep + `]}`},
	{"name_required", "/steps/0/name", def(`"steps":[{"step_id":"s","order":1,"type":"selfie"}]`)},
	{"name_too_long", "/name", `{"name":"` + strings.Repeat("ä", 256) + `","steps":[` + docStep + `]}`},
	{"wrong_type", "/name", `{"name":5,"steps":[` + docStep + `]}`},
	{"unknown_field", "/run_list", def(`"run_list":true`)},
	{"unknown_field", "/validation_config/run_list", def(`"validation_config":{"run_list":true}`)},
	{"unknown_field", "/steps/0/selfie_config", oneStep("liveness", `,"selfie_config":{}`)},
	{"unknown_field", "/steps/0/liveness_config/minimal_confidence", oneStep("liveness", `,"liveness_config":{"minimal_confidence":50}`)},
	{"unknown_template_type", "/template_type", def(`"template_type":"basic"`)},
	{"entity_type_invalid", "/entity_types/1", def(`"entity_types":["individual","trust"]`)},
	{"custom_tags_too_many", "/custom_tags", def(`"custom_tags":{` + manyTags(21) + `}`)},
	{"custom_tags_key_too_long", "/custom_tags/" + strings.Repeat("é", 51), def(`"custom_tags":{"` + strings.Repeat("é", 51) + `":"x"}`)},
	{"custom_tags_value_too_long", "/custom_tags/k", def(`"custom_tags":{"k":"` + strings.Repeat("é", 201) + `"}`)},
	{"custom_tags_value_type", "/custom_tags/k", def(`"custom_tags":{"k":1}`)},
	{"custom_tags_value_type", "/custom_tags/k", def(`"custom_tags":{"k":null}`)},
	{"text_too_long", "/description", def(`"description":"` + strings.Repeat("x", 2001) + `"`)},
	{"text_too_long", "/change_note", def(`"change_note":"` + strings.Repeat("x", 501) + `"`)},
	{"text_invalid", "/description", def(`"description":"a\u0000b"`)},
	{"tags_too_many", "/tags", def(`"tags":["` + strings.Repeat(`x","`, 50) + `y"]`)},
	{"tag_too_long", "/tags/0", def(`"tags":["` + strings.Repeat("é", 65) + `"]`)},
	{"tag_required", "/tags/0", def(`"tags":[""]`)},
	{"slug_invalid", "/slug", def(`"slug":"-Bad"`)},
	{"slug_invalid", "/slug", def(`"slug":""`)},
	{"session_ttl_days_range", "/session_ttl_days", def(`"session_ttl_days":366`)},
	{"session_ttl_days_range", "/session_ttl_days", def(`"session_ttl_days":1.5`)},
	{"steps_required", "/steps", `{"name":"W"}`},
	{"steps_required", "/steps", `{"name":"W","steps":[]}`},
	{"steps_too_many", "/steps", `{"name":"W","steps":[` + strings.Repeat(docStep+",", 50) + docStep + `]}`},
	{"step_id_duplicate", "/steps/1/step_id", def(`"steps":[` + docStep + `,` + strings.Replace(docStep, `"order":1`, `"order":2`, 1) + `]`)},
	{"step_id_invalid", "/steps/0/step_id", def(`"steps":[{"step_id":"a b","order":1,"name":"S","type":"selfie"}]`)},
	{"step_id_invalid", "/steps/0/step_id", def(`"steps":[{"order":1,"name":"S","type":"selfie"}]`)},
	{"step_order_not_sequential", "/steps/0/order", def(`"steps":[{"step_id":"s","order":2,"name":"S","type":"selfie"}]`)},
	{"step_order_not_sequential", "/steps/0/order", def(`"steps":[{"step_id":"s","order":0,"name":"S","type":"selfie"}]`)},
	{"step_order_not_sequential", "/steps/0/order", def(`"steps":[{"step_id":"s","name":"S","type":"selfie"}]`)},
	{"step_order_not_sequential", "/steps/1/order", def(`"steps":[` + docStep + `,{"step_id":"s","order":1,"name":"S","type":"selfie"}]`)},
	{"step_type_unknown", "/steps/0/type", oneStep("signature", "")},
	{"language_invalid", "/steps/0/i18n/german language", oneStep("selfie", `,"i18n":{"german language":{"name":"x"}}`)},
	{"document_requirements_required", "/steps/0/document_requirements", oneStep("document_upload", "")},
	{"document_requirements_required", "/steps/0/document_requirements", oneStep("document_upload", `,"document_requirements":[]`)},
	{"document_type_unknown", "/steps/0/document_requirements/0/document_type", oneStep("document_upload", `,"document_requirements":[{"document_type":"visa"}]`)},
	{"document_type_duplicate", "/steps/0/document_requirements/1/document_type", oneStep("document_upload", `,"document_requirements":[{"document_type":"id"},{"document_type":"id_document"}]`)},
	{"display_name_required", "/steps/0/document_requirements/0/display_name", oneStep("document_upload", `,"document_requirements":[{"document_type":"custom"}]`)},
	{"entity_role_invalid", "/steps/0/document_requirements/0/entity_role", oneStep("document_upload", `,"document_requirements":[{"document_type":"id","entity_role":"owner"}]`)},
	{"post_upload_validation_invalid", "/steps/0/document_requirements/0/post_upload_validations/0", withValidation(`"fresh"`)},
	{"post_upload_validation_invalid", "/steps/0/document_requirements/0/post_upload_validations/0/params/days", withValidation(`"min_validity_days"`)},
	{"post_upload_validation_invalid", "/steps/0/document_requirements/0/post_upload_validations/0/params/countries/0", withValidation(`{"type":"country_in","params":{"countries":["XX"]}}`)},
	{"post_upload_validation_invalid", "/steps/0/document_requirements/0/post_upload_validations/0/on_fail", withValidation(`{"type":"not_expired","on_fail":"ignore"}`)},
	{"unknown_field", "/steps/0/document_requirements/0/post_upload_validations/0/params/days", withValidation(`{"type":"not_expired","params":{"days":3}}`)},
	{"rule_field_not_found", "/steps/0/document_requirements/0/post_upload_validations/0/params/field_id", withValidation(`{"type":"name_matches_field","params":{"field_id":"nobody"}}`)},
	{"custom_fields_required", "/steps/0/custom_fields", oneStep("form_fill", "")},
	{"custom_fields_required", "/steps/0/custom_fields", oneStep("form_fill", `,"custom_fields":[]`)},
	{"field_id_duplicate", "/steps/0/custom_fields/1/field_id", form(`{"field_id":"a","name":"A","type":"text"},{"field_id":"a","name":"B","type":"text"}`)},
	{"field_id_duplicate", "/steps/1/custom_fields/0/field_id", def(`"steps":[` + formStep + `,{"step_id":"s","order":2,"name":"S","type":"form_fill","custom_fields":[{"field_id":"a","name":"A","type":"text"}]}]`)},
	{"field_key_duplicate", "/steps/1/custom_fields/0/field_key", def(`"steps":[` + formStep + `,{"step_id":"s","order":2,"name":"S","type":"form_fill","custom_fields":[{"field_id":"b","field_key":"a","name":"A","type":"text"}]}]`)},
	{"field_type_unknown", "/steps/0/custom_fields/0/type", form(`{"field_id":"a","name":"A","type":"colour"}`)},
	{"select_options_required", "/steps/0/custom_fields/0/options", form(`{"field_id":"a","name":"A","type":"select"}`)},
	{"name_type_invalid", "/steps/0/custom_fields/0/name_type", form(`{"field_id":"a","name":"A","type":"name","name_type":"pet"}`)},
	{"country_type_invalid", "/steps/0/custom_fields/0/country_type", form(`{"field_id":"a","name":"A","type":"country","country_type":"holiday"}`)},
	{"condition_cycle", "/steps/0/custom_fields/0/conditional_logic", form(
		`{"field_id":"a","name":"A","type":"text","conditional_logic":{"conditions":[{"field_id":"b","operator":"is_not_empty"}]}},` +
			`{"field_id":"b","name":"B","type":"text","conditional_logic":{"conditions":[{"field_id":"a","operator":"is_not_empty"}]}}`)},
	{"show_if_field_unknown", "/steps/0/show_if/conditions/0/field_id", oneStep("selfie", `,"show_if":{"conditions":[{"field_id":"x","operator":"is_true"}]}`)},
	{"show_if_field_not_earlier", "/steps/0/show_if/conditions/0/field_id", form(`{"field_id":"a","name":"A","type":"text"}`, `,"show_if":{"conditions":[{"field_id":"a","operator":"is_empty"}]}`)},
	{"liveness_min_confidence_range", "/steps/0/liveness_config/min_confidence", oneStep("liveness", `,"liveness_config":{"min_confidence":100.5}`)},
	{"liveness_min_confidence_range", "/steps/0/liveness_config/min_confidence", oneStep("liveness", `,"liveness_config":{"min_confidence":-1}`)},
	{"liveness_challenge_unknown", "/steps/0/liveness_config/challenge_type", oneStep("liveness", `,"liveness_config":{"challenge_type":"Blink"}`)},
	{"liveness_max_retries_range", "/steps/0/liveness_config/max_retries", oneStep("liveness", `,"liveness_config":{"max_retries":0}`)},
	{"liveness_max_retries_range", "/steps/0/liveness_config/max_retries", oneStep("liveness", `,"liveness_config":{"max_retries":11}`)},
	{"validation_tasks_required", "/steps/0/validation_tasks", oneStep("validation", "")},
	{"validation_task_unknown", "/steps/0/validation_tasks/0", oneStep("validation", `,"validation_tasks":["run_everything"]`)},
	{"subsession_workflow_required", "/steps/0/subsession_config", oneStep("subsession_collection", "")},
	{"subsession_workflow_required", "/steps/0/subsession_config/workflow_id", oneStep("subsession_collection", `,"subsession_config":{}`)},
	{"max_subsessions_range", "/steps/0/subsession_config/max_subsessions", oneStep("subsession_collection", `,"subsession_config":{"workflow_id":"w","max_subsessions":101}`)},
	{"max_subsessions_range", "/steps/0/subsession_config/max_subsessions", oneStep("subsession_collection", `,"subsession_config":{"workflow_id":"w","max_subsessions":0}`)},
	{"min_subsessions_range", "/steps/0/subsession_config/min_subsessions", oneStep("subsession_collection", `,"subsession_config":{"workflow_id":"w","min_subsessions":2}`)},
	{"ttl_days_range", "/steps/0/subsession_config/ttl_days", oneStep("subsession_collection", `,"subsession_config":{"workflow_id":"w","ttl_days":0}`)},
	{"face_match_threshold_range", "/validation_config/face_match_threshold", def(`"validation_config":{"face_match_threshold":80}`)},
	{"wrong_type", "/validation_config/face_match_threshold", def(`"validation_config":{"face_match_threshold":"0.8"}`)},
	{"correction_mode_invalid", "/validation_config/correction_resolution/mode", def(`"validation_config":{"correction_resolution":{"mode":"later"}}`)},
	{"post_reprocess_mode_invalid", "/validation_config/correction_resolution/post_reprocess_mode", def(`"validation_config":{"correction_resolution":{"post_reprocess_mode":"completed"}}`)},
	{"action_invalid", "/validation_config/automation_rules/default_action", rulesOf(`{"default_action":"deny"}`)},
	{"country_code_invalid", "/validation_config/automation_rules/country_rules/0/country_code", rulesOf(`{"country_rules":[{"country_code":"XX","action":"auto_deny"}]}`)},
	{"applies_to_invalid", "/validation_config/automation_rules/country_rules/0/applies_to/0", rulesOf(`{"country_rules":[{"country_code":"KP","action":"auto_deny","applies_to":["holiday"]}]}`)},
	{"operator_invalid", "/validation_config/automation_rules/form_field_rules/0/operator", rulesOf(`{"form_field_rules":[{"field_id":"a","operator":"is","value":"x","action":"flag"}]}`)},
	{"rule_field_not_found", "/validation_config/automation_rules/form_field_rules/0/field_id", rulesOf(`{"form_field_rules":[{"field_id":"zz","operator":"equals","value":"x","action":"flag"}]}`)},
	{"duplicate_key", "/custom_tags/a", def(`"custom_tags":{"a":"1","a":"2"}`)},
	{"malformed_json", "", `{"name":`},
	{"malformed_json", "", ``},
	{"wrong_type", "", `[]`},
	{"wrong_type", "/steps", `{"name":"W","steps":{}}`},
	{"wrong_type", "/steps/0", `{"name":"W","steps":[1]}`},
}

func manyTags(n int) string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf(`"k%d":"v"`, i))
	}
	return strings.Join(out, ",")
}

func withValidation(v string) string {
	return oneStep("document_upload", `,"document_requirements":[{"document_type":"id","post_upload_validations":[`+v+`]}]`)
}

func form(fields string, more ...string) string {
	return oneStep("form_fill", `,"custom_fields":[`+fields+`]`+strings.Join(more, ""))
}

func TestEveryErrorCodeHasAMinimalBadDocument(t *testing.T) {
	t.Parallel()
	for _, c := range bad {
		t.Run(c.code+c.path, func(t *testing.T) {
			t.Parallel()
			d, report := Parse(json.RawMessage(c.doc), ParseOptions{})
			if d != nil {
				t.Fatal("a definition with errors came back")
			}
			if len(report.Errors) != 1 || report.Errors[0].Code != c.code || report.Errors[0].Path != c.path {
				t.Fatalf("got %+v\nfor %.300s", report.Errors, c.doc)
			}
			if report.Errors[0].Message == "" {
				t.Error("there is no sentence for a person")
			}
			if err := kyc.AsError(report.Err()); err.Kind != kyc.Invalid || len(err.Problems) != 1 {
				t.Errorf("the error is %+v", err)
			}
		})
	}
}

// specified are the codes of api.md 3.13 that a definition alone can have; the
// two others need to know the other workflows.
func specified() []string {
	return strings.Fields(`name_required name_too_long unknown_field unknown_template_type entity_type_invalid custom_tags_too_many
		custom_tags_key_too_long custom_tags_value_too_long custom_tags_value_type steps_required step_id_duplicate step_id_invalid
		step_order_not_sequential step_type_unknown document_requirements_required document_type_unknown entity_role_invalid
		custom_fields_required field_id_duplicate field_type_unknown select_options_required name_type_invalid country_type_invalid
		condition_cycle liveness_min_confidence_range liveness_challenge_unknown liveness_max_retries_range validation_tasks_required
		validation_task_unknown subsession_workflow_required max_subsessions_range face_match_threshold_range correction_mode_invalid
		post_reprocess_mode_invalid action_invalid country_code_invalid applies_to_invalid operator_invalid rule_field_not_found`)
}

func TestNoSpecifiedCodeIsForgotten(t *testing.T) {
	t.Parallel()
	for _, code := range specified() {
		if !slices.ContainsFunc(bad, func(c struct{ code, path, doc string }) bool { return c.code == code }) {
			t.Errorf("no bad document shows %s", code)
		}
	}
}

func TestAllProblemsAreReportedAtOnce(t *testing.T) {
	t.Parallel()
	doc := `{"name":"","template_type":"x","entity_types":["trust"],"custom_tags":{"k":1},"slug":"A","colour":1,"session_ttl_days":0,
	"steps":[
	 {"step_id":"a a","order":1,"name":"","type":"signature"},
	 {"step_id":"s","order":3,"name":"S","type":"liveness","liveness_config":{"min_confidence":101,"max_retries":99,"challenge_type":"x"}},
	 {"step_id":"d","order":4,"name":"D","type":"document_upload","document_requirements":[{"document_type":"visa","entity_role":"x"}]}],
	"validation_config":{"face_match_threshold":2,"correction_resolution":{"mode":"x","post_reprocess_mode":"x"},"automation_rules":{"default_action":"x"}}}`
	_, report := Parse(json.RawMessage(doc), ParseOptions{})
	want := []string{
		"/colour unknown_field", "/custom_tags/k custom_tags_value_type", "/entity_types/0 entity_type_invalid", "/name name_required",
		"/session_ttl_days session_ttl_days_range", "/slug slug_invalid", "/steps/0/name name_required", "/steps/0/step_id step_id_invalid",
		"/steps/0/type step_type_unknown", "/steps/1/liveness_config/challenge_type liveness_challenge_unknown",
		"/steps/1/liveness_config/max_retries liveness_max_retries_range", "/steps/1/liveness_config/min_confidence liveness_min_confidence_range",
		"/steps/1/order step_order_not_sequential", "/steps/2/document_requirements/0/document_type document_type_unknown",
		"/steps/2/document_requirements/0/entity_role entity_role_invalid", "/template_type unknown_template_type",
		"/validation_config/automation_rules/default_action action_invalid", "/validation_config/correction_resolution/mode correction_mode_invalid",
		"/validation_config/correction_resolution/post_reprocess_mode post_reprocess_mode_invalid",
		"/validation_config/face_match_threshold face_match_threshold_range",
	}
	var got []string
	for _, p := range report.Errors {
		got = append(got, p.Path+" "+p.Code)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestLeniencyTurnsUnknownFieldsIntoWarnings(t *testing.T) {
	t.Parallel()
	for _, c := range bad {
		d, report := Parse(json.RawMessage(c.doc), ParseOptions{Lenient: true})
		warned := slices.ContainsFunc(report.Warnings, func(p kyc.Problem) bool { return p.Code == "unknown_field" && p.Path == c.path })
		if lenient := c.code == "unknown_field"; lenient != (d != nil) || lenient != warned {
			t.Errorf("%s at %s: definition %v, warned %v", c.code, c.path, d != nil, warned)
		}
	}
	d, report := Parse(json.RawMessage(form(`{"field_id":"a","name":"A","type":"text","maxlength":3}`)), ParseOptions{Lenient: true})
	if d == nil || len(report.Warnings) != 1 || report.Warnings[0].Path != "/steps/0/custom_fields/0/maxlength" {
		t.Errorf("an unknown property of a field: %+v", report)
	}
}
