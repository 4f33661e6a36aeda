package onboarding

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/kyc"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func TestDefaultsAreWrittenOut(t *testing.T) {
	t.Parallel()
	d := parsed(t, json.RawMessage(`{"name":"  Smallest  ","steps":[
		{"step_id":"c","order":3,"name":"Related","type":"subsession_collection","required":false,"subsession_config":{"workflow_id":"w"}},
		{"step_id":"a","order":1,"name":"Docs","type":"document_upload","document_requirements":[{"document_type":"id_document","post_upload_validations":["not_expired","max_age_days"]}]},
		{"step_id":"b","order":2,"name":"Live","type":"liveness"},
		{"step_id":"e","order":4,"name":"Related","type":"subsession_collection","subsession_config":{"workflow_id":"w","max_subsessions":3}},
		{"step_id":"s","order":5,"name":"Selfie","type":"selfie"}]}`))
	if d.Name != "Smallest" || d.TemplateType != "custom" || d.SessionTTLDays != 7 || !slices.Equal(d.EntityTypes, []string{"individual"}) || d.Tags == nil || d.CustomTags == nil {
		t.Errorf("the head is %+v", d)
	}
	c := d.ValidationConfig
	if !c.RunLists || c.RunCrypto || c.RunAdverseMedia || c.AutoFaceMatch || c.FaceMatchThreshold != 0.8 || !c.CrossValidateDocuments ||
		c.CorrectionResolution != (CorrectionResolution{"manual_review", "manual_review"}) {
		t.Errorf("the validation config is %+v", c)
	}
	if r := c.AutomationRules; !r.Enabled || r.AutoProcess || r.DefaultAction != "manual_review" {
		t.Errorf("the rules are %+v", r)
	}
	docs, _ := d.Step("a")
	r := docs.DocumentRequirements[0]
	if r.DocumentType != "id" || r.DisplayName == "" || !r.Required || r.AutoExtract || r.AllowMultiple || r.EnableAutoClassification || r.ExtractionProfile != nil || !docs.Required {
		t.Errorf("the requirement is %+v", r)
	}
	if v := r.PostUploadValidations; len(v) != 2 || v[0].OnFail != "reject" || len(v[0].Params) != 0 || v[1].Params["days"] != 90 {
		t.Errorf("the validations are %+v", v)
	}
	live, _ := d.Step("b")
	if *live.LivenessConfig != (LivenessConfig{90, MovementChallenge, true, false, true, 3}) || live.LivenessConfig.Attempts() != 4 {
		t.Errorf("the liveness config is %+v", live.LivenessConfig)
	}
	optional, _ := d.Step("c")
	required, _ := d.Step("e")
	if optional.SubsessionConfig.MinSubsessions != 0 || required.SubsessionConfig.MinSubsessions != 1 || optional.SubsessionConfig.MaxSubsessions != 1 || required.SubsessionConfig.TTLDays != 0 {
		t.Errorf("the subsession configs are %+v and %+v", optional.SubsessionConfig, required.SubsessionConfig)
	}
	selfie, _ := d.Step("s")
	if *selfie.SelfieConfig != (SelfieConfig{true, true}) {
		t.Errorf("the selfie config is %+v", selfie.SelfieConfig)
	}
	for i, s := range d.Steps {
		if s.Order != i+1 {
			t.Errorf("step %s is in place %d", s.StepID, i+1)
		}
	}
	if got := d.SubsessionWorkflows(); !slices.Equal(got, []string{"w"}) {
		t.Errorf("the subsession workflows are %v", got)
	}
}

// Either spelling is taken for either property, and each keeps the seed's own.
func TestBothSpellingsOfAutoProcess(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"auto_process", "autoprocess"} {
		d := parsed(t, json.RawMessage(def(fmt.Sprintf(`"validation_config":{"correction_resolution":{"mode":%q,"post_reprocess_mode":%q}}`, mode, mode))))
		if d.ValidationConfig.CorrectionResolution != (CorrectionResolution{"auto_process", "autoprocess"}) {
			t.Errorf("%s became %+v", mode, d.ValidationConfig.CorrectionResolution)
		}
	}
}

func TestLimitsCountCodePoints(t *testing.T) {
	t.Parallel()
	wide := func(n int) string { return strings.Repeat("𝄞", n) } // four bytes, two UTF-16 units
	doc := `{"name":"` + wide(255) + `","description":"` + wide(2000) + `","change_note":"` + wide(500) + `","tags":["` + wide(64) + `"],
		"custom_tags":{"` + wide(50) + `":"` + wide(200) + `",` + manyTags(19) + `},"steps":[` + docStep + `]}`
	d := parsed(t, json.RawMessage(doc))
	if len(d.CustomTags) != 20 {
		t.Errorf("%d custom tags were kept", len(d.CustomTags))
	}
}

func TestShowIfLooksOnlyAtEarlierSteps(t *testing.T) {
	t.Parallel()
	doc := func(order string) json.RawMessage {
		o := strings.Split(order, "")
		return json.RawMessage(`{"name":"W","steps":[
		{"step_id":"ask","order":` + o[0] + `,"name":"Ask","type":"form_fill","custom_fields":[{"field_id":"pep","field_key":"is_pep","name":"PEP","type":"boolean"}]},
		{"step_id":"more","order":` + o[1] + `,"name":"More","type":"form_fill","show_if":{"conditions":[{"field_id":"is_pep","operator":"is_true"}]},"custom_fields":[{"field_id":"office","name":"Office","type":"text"}]},
		{"step_id":"proof","order":` + o[2] + `,"name":"Proof","type":"document_upload","required":false,"show_if":{"action":"require","conditions":[{"field_id":"office","operator":"is_not_empty"}]},"document_requirements":[{"document_type":"other"}]}]}`)
	}
	d := parsed(t, doc("123"))
	asked := func(answers map[string]any) string {
		var out []string
		for _, v := range d.Visible(answers, noon) {
			s := v.Step.StepID
			if v.Required {
				s += "!"
			}
			out = append(out, s)
		}
		return strings.Join(out, " ")
	}
	for _, c := range []struct {
		answers map[string]any
		want    string
	}{
		{nil, "ask! proof"},
		{map[string]any{"pep": false}, "ask! proof"},
		{map[string]any{"pep": true}, "ask! more! proof"},
		{map[string]any{"pep": true, "office": "mayor"}, "ask! more! proof!"},
		// An answer of a step that is hidden now does not count.
		{map[string]any{"pep": false, "office": "mayor"}, "ask! proof"},
	} {
		if got := asked(c.answers); got != c.want {
			t.Errorf("with %v the steps are %q, wanted %q", c.answers, got, c.want)
		}
	}
	if _, report := Parse(doc("213"), ParseOptions{}); !slices.Equal(codes(report.Errors), []string{"show_if_field_not_earlier"}) {
		t.Errorf("a condition over a later step: %v", report.Errors)
	}
	// The graph speaks of field_ids and tells when the paper is needed.
	set := configOf[documentSet](t, d, "document_set")
	if r := set.Requirements[0]; !r.Required || r.ShowIf == nil || r.ShowIf.Action != "show" || r.ShowIf.Conditions[0].FieldID != "office" {
		t.Errorf("the compiled requirement is %+v", r)
	}
	rules := configOf[automationRules](t, d, NodeRules)
	if n := rules.Checks[0]; n.Name != "document_set" || !n.Required || len(n.ShowIf) != 1 {
		t.Errorf("the need of the documents is %+v", n)
	}
}

// configOf reads a node's config out of the compiled graph.
func configOf[T any](t testing.TB, d *Definition, id string) T {
	t.Helper()
	var out T
	n := linked(t, d).Nodes[id]
	if n == nil {
		t.Fatalf("there is no node %s", id)
	}
	if err := json.Unmarshal(n.Config, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestMerge(t *testing.T) {
	t.Parallel()
	d := parsed(t, fixture(t, "f12_complete_individual"))
	patched := func(patch string) *Definition {
		t.Helper()
		raw, err := Merge(d, json.RawMessage(patch))
		if err != nil {
			t.Fatal(err)
		}
		return parsed(t, raw)
	}
	if got := patched(`{}`); got.Hash() != d.Hash() || !bytes.Equal(got.Canonical(), d.Canonical()) {
		t.Error("an empty patch changes something")
	}
	if got := patched(`{"change_note":"why"}`); got.Hash() != d.Hash() || got.ChangeNote != "why" {
		t.Error("a change note is part of the policy")
	}
	if got := patched(`{"name":"New"}`); got.Hash() == d.Hash() || got.Name != "New" || got.Description != d.Description || len(got.Steps) != 3 {
		t.Errorf("a new name: %+v", got)
	}
	got := patched(`{"validation_config":{"face_match_threshold":null,"automation_rules":{"auto_process":null,"country_rules":[]}},"description":null}`)
	if c := got.ValidationConfig; c.FaceMatchThreshold != 0.8 || c.AutomationRules.AutoProcess || len(c.AutomationRules.CountryRules) != 0 ||
		len(c.AutomationRules.FormFieldRules) != 1 || !c.RunAdverseMedia || got.Description != "" {
		t.Errorf("null restores the default and the rest stays: %+v", c)
	}
	if got := patched(`{"steps":[` + docStep + `],"validation_config":null}`); len(got.Steps) != 1 || got.ValidationConfig.RunAdverseMedia {
		t.Errorf("lists replace: %+v", got)
	}
	if got := patched(`{"custom_tags":{"region":"eu"}}`); got.CustomTags["region"] != "eu" {
		t.Errorf("custom tags merge: %v", got.CustomTags)
	}
	for _, patch := range []string{`[]`, `null`, ``, `{"a":`, `"x"`, `{"a":1,"a":2}`} {
		if _, err := Merge(d, json.RawMessage(patch)); kyc.KindOf(err) != kyc.Malformed {
			t.Errorf("the patch %q gives %v", patch, err)
		}
	}
	noted := parsed(t, json.RawMessage(def(`"change_note":"first"`)))
	raw, err := Merge(noted, json.RawMessage(`{}`))
	if err != nil || parsed(t, raw).ChangeNote != "" {
		t.Errorf("the note of the version before is carried over: %s %v", raw, err)
	}
}

func TestRequirementLookup(t *testing.T) {
	t.Parallel()
	d := parsed(t, json.RawMessage(oneStep("document_upload", `,"document_requirements":[{"document_type":"id"},{"document_type":"passport","entity_role":"representative"},{"document_type":"proof_of_address"}]`)))
	s, _ := d.Step("s")
	for asked, want := range map[string]string{
		"id": "id", "id_document": "id", "id_card": "id", "driving_licence": "id", "national_id": "id", "passport": "passport",
		"proof_of_address": "proof_of_address", "selfie": "", "visa": "", "": "",
	} {
		r, ok := s.Requirement(asked)
		if ok != (want != "") || ok && r.DocumentType != want {
			t.Errorf("%q serves %+v, wanted %q", asked, r, want)
		}
	}
}

func TestWarningsOfTheDefinition(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ code, path, doc string }{
		{"face_match_without_id", "/validation_config/auto_face_match", def(`"steps":[{"step_id":"l","order":1,"name":"L","type":"liveness"}],"validation_config":{"auto_face_match":true}`)},
		{"face_match_without_face_source", "/validation_config/auto_face_match", def(`"validation_config":{"auto_face_match":true}`)},
		{"face_match_without_face_source", "/steps/1/validation_tasks/0", def(`"steps":[` + docStep + `,{"step_id":"v","order":2,"name":"V","type":"validation","validation_tasks":["run_face_match"]}]`)},
		{"selfie_without_liveness", "/steps/0/type", oneStep("selfie", "")},
		{"crypto_without_wallet", "/validation_config/run_crypto", def(`"validation_config":{"run_crypto":true}`)},
		{"crypto_without_wallet", "/steps/1/validation_tasks/0", def(`"steps":[` + docStep + `,{"step_id":"v","order":2,"name":"V","type":"validation","validation_tasks":["run_crypto_check"]}]`)},
		{"rule_on_optional_field", "/validation_config/automation_rules/form_field_rules/0/field_id", rulesOf(`{"form_field_rules":[{"field_id":"a","operator":"equals","value":"x","action":"auto_approve"}]}`)},
		{"auto_process_without_rules", "/validation_config/automation_rules/auto_process", rulesOf(`{"auto_process":true}`)},
		{"no_path_to_approval", "/validation_config/automation_rules", rulesOf(`{"country_rules":[{"country_code":"KP","action":"auto_deny"}]}`)},
		{"validation_field_later", "/steps/0/document_requirements/0/post_upload_validations/0/params/field_id", def(`"steps":[
			{"step_id":"d","order":1,"name":"D","type":"document_upload","document_requirements":[{"document_type":"id","post_upload_validations":[{"type":"name_matches_field","params":{"field_id":"n"}}]}]},
			{"step_id":"f","order":2,"name":"F","type":"form_fill","custom_fields":[{"field_id":"n","name":"N","type":"name"}]}]`)},
	} {
		d, report := Parse(json.RawMessage(c.doc), ParseOptions{})
		if d == nil || !slices.ContainsFunc(report.Warnings, func(p kyc.Problem) bool { return p.Code == c.code && p.Path == c.path }) {
			t.Errorf("%s at %s is missing: %+v\n%s", c.code, c.path, report, c.doc)
		}
	}
}
