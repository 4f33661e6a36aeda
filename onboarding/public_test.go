package onboarding

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// secret is a word that stands in every internal text of the definition below.
const secret = "INTERNAL"

const internalDefinition = `{"name":"Shown","description":"INTERNAL","industry":"INTERNAL","tags":["INTERNAL"],"custom_tags":{"INTERNAL":"INTERNAL"},"change_note":"INTERNAL","steps":[
	{"step_id":"docs","order":1,"name":"Docs","type":"document_upload","description":"INTERNAL","instructions":"Do it","i18n":{"de":{"name":"Papiere","instructions":"Bitte"}},
	 "document_requirements":[{"document_type":"id","entity_role":"ubo","extraction_profile":"INTERNAL","enable_auto_classification":true,"post_upload_validations":[{"type":"not_expired","message":"INTERNAL"}]}]},
	{"step_id":"form","order":2,"name":"Form","type":"form_fill","custom_fields":[
	 {"field_id":"n","field_key":"n_key","name":"Name","type":"name","description":"INTERNAL","validate_lists":true,"validate_adverse_media":true,"entity_role":"director","i18n":{"de":{"name":"Name des Menschen"}}},
	 {"field_id":"b","name":"Fast track","type":"boolean"}]},
	{"step_id":"live","order":3,"name":"Live","type":"liveness","show_if":{"conditions":[{"field_id":"b","operator":"is_true"}]},"liveness_config":{"min_confidence":87.25,"save_audit_images":true,"max_retries":5}},
	{"step_id":"self","order":4,"name":"Selfie","type":"selfie"},
	{"step_id":"val","order":5,"name":"Validation","type":"validation","validation_tasks":["run_sanction_check"]},
	{"step_id":"subs","order":6,"name":"Owners","type":"subsession_collection","subsession_config":{"workflow_id":"INTERNAL","max_subsessions":4,"require_completion_before_proceed":true,"impact_parent_status":true,"ttl_days":9}}],
	"validation_config":{"face_match_threshold":0.8125,"automation_rules":{"country_rules":[{"country_code":"KP","action":"auto_deny","reason":"INTERNAL"}]}}}`

func TestPublicHoldsNothingInternal(t *testing.T) {
	t.Parallel()
	d := parsed(t, json.RawMessage(internalDefinition))
	raw, err := json.Marshal(d.Public(""))
	if err != nil {
		t.Fatal(err)
	}
	shown := string(raw)
	for _, word := range []string{
		secret, "description", "validation_config", "custom_tags", "entity_role", "validate_", "extraction_profile", "threshold", "min_confidence", "87.25", "0.8125",
		"auto_deny", "KP", "automation", "impact_parent", "workflow_id", "ttl_days", "show_if", "i18n", "industry", "change_note", "save_", "use_for",
		"post_upload", "validation_tasks", "run_sanction", "classification",
	} {
		if strings.Contains(shown, word) {
			t.Errorf("an applicant sees %q in %s", word, shown)
		}
	}
	for _, word := range []string{
		`"max_retries":5`, `"challenge_type":"FaceMovementChallenge"`, `"require_completion_before_proceed":true`, `"max_subsessions":4`,
		`"require_good_lighting":true`, `"instructions":"Do it"`, `"display_name":"Government-issued ID"`, `"total_steps":6`, `"type":"validation"`,
	} {
		if !strings.Contains(shown, word) {
			t.Errorf("an applicant's front end misses %s in %s", word, shown)
		}
	}
	if d.Steps[1].CustomFields[0].Description != secret {
		t.Error("the projection changed the definition")
	}
}

func TestPublicInALanguage(t *testing.T) {
	t.Parallel()
	d := parsed(t, json.RawMessage(internalDefinition))
	for lang, want := range map[string][3]string{
		"": {"Docs", "Do it", "Name"}, "de": {"Papiere", "Bitte", "Name des Menschen"}, "de-AT": {"Papiere", "Bitte", "Name des Menschen"}, "fr": {"Docs", "Do it", "Name"},
	} {
		p := d.Public(lang)
		if got := [3]string{p.Steps[0].Name, p.Steps[0].Instructions, p.Steps[1].CustomFields[0].Name}; got != want {
			t.Errorf("%q shows %v, wanted %v", lang, got, want)
		}
	}
	if got := d.Languages(); !slices.Equal(got, []string{"de"}) {
		t.Errorf("the languages are %v", got)
	}
}
