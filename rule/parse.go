package rule

import (
	"encoding/json"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"bonafide/field"
	"bonafide/kyc"
)

// KnownFields finds a form field of the definition by field_id or field_key.
type KnownFields interface {
	Field(name string) (field.Field, bool)
}

// sections are the arrays of rules in the order of the documentation.
func sections() []string {
	return []string{
		"country_rules", "list_match_rules", "face_rules", "face_dedup_rules", "document_rules",
		"form_field_rules", "adverse_media_rules", "crypto_rules", "subsession_rules", "risk_rules",
	}
}

// Defaults are the rules of a definition that says nothing: every decision is
// left to a reviewer.
func Defaults() Rules {
	return Rules{
		Enabled: true, DefaultAction: ManualReview,
		CountryRules: []CountryRule{}, ListMatchRules: []ListMatchRule{}, FaceRules: []FaceRule{},
		FaceDedupRules: []FaceDedupRule{}, DocumentRules: []DocumentRule{}, FormFieldRules: []FormFieldRule{},
		AdverseMediaRules: []AdverseMediaRule{}, CryptoRules: []CryptoRule{}, SubsessionRules: []SubsessionRule{},
		RiskRules: []RiskRule{},
	}
}

// Parse reads automation_rules. at is the JSON Pointer of the object; raw that
// is empty or null gives the defaults. known may be nil: then nobody looks
// whether the fields of form rules exist.
//
// All problems are listed at once. What could be read is returned beside them;
// only rules without problems may be evaluated. Problem codes: malformed_json,
// wrong_type, unknown_field, too_many, too_long, value_required,
// value_not_allowed, value_invalid, range_invalid, action_invalid,
// country_code_invalid, applies_to_invalid, entity_role_invalid,
// document_type_unknown, condition_invalid, operator_invalid, pattern_invalid,
// rule_field_not_found. Warnings: rule_on_optional_field,
// auto_process_without_rules, no_path_to_approval, auto_approve_conditions_empty.
func Parse(raw json.RawMessage, at string, known KnownFields) (r Rules, problems, warnings []kyc.Problem) {
	r = Defaults()
	if absent(raw) {
		return r, nil, nil
	}
	d := &reader{}
	// Doubled names are refused here, for the whole object: two readers could
	// see different rules.
	if !jsontext.Value(raw).IsValid() {
		d.add(at, "malformed_json", "this is not valid JSON, or a name stands twice in one object")
		return r, d.problems, nil
	}
	m, ok := d.object(raw, at, append([]string{"enabled", "auto_process", "default_action", "auto_approve_conditions"}, sections()...)...)
	if !ok {
		return r, d.problems, nil
	}
	d.flag(m, at, "enabled", &r.Enabled)
	d.flag(m, at, "auto_process", &r.AutoProcess)
	d.action(m, at, "default_action", &r.DefaultAction)
	for _, name := range sections() {
		here := pointer(at, name)
		for i, one := range d.array(m[name], here, maxRules) {
			d.section(&r, name, one, here+"/"+strconv.Itoa(i), known)
		}
	}
	if c := m["auto_approve_conditions"]; !absent(c) {
		r.AutoApprove = d.approve(c, pointer(at, "auto_approve_conditions"))
	}
	d.paths(r, at)
	return r, d.problems, d.warnings
}

// section reads one rule of a section.
func (d *reader) section(r *Rules, name string, raw json.RawMessage, at string, known KnownFields) {
	switch name {
	case "country_rules":
		r.CountryRules = append(r.CountryRules, d.country(raw, at))
	case "list_match_rules":
		r.ListMatchRules = append(r.ListMatchRules, d.listMatch(raw, at))
	case "face_rules":
		r.FaceRules = append(r.FaceRules, d.face(raw, at))
	case "face_dedup_rules":
		r.FaceDedupRules = append(r.FaceDedupRules, d.faceDedup(raw, at))
	case "document_rules":
		r.DocumentRules = append(r.DocumentRules, d.document(raw, at))
	case "form_field_rules":
		r.FormFieldRules = append(r.FormFieldRules, d.formField(raw, at, known))
	case "adverse_media_rules":
		r.AdverseMediaRules = append(r.AdverseMediaRules, d.adverseMedia(raw, at))
	case "crypto_rules":
		c := CryptoRule{}
		if m, ok := d.object(raw, at, "condition", "action", "reason"); ok {
			d.word(m, at, "condition", "condition_invalid", CryptoConditions(), &c.Condition)
			d.action(m, at, "action", &c.Action)
			d.text(m, at, "reason", maxReason, &c.Reason)
		}
		r.CryptoRules = append(r.CryptoRules, c)
	case "subsession_rules":
		c := SubsessionRule{}
		if m, ok := d.object(raw, at, "condition", "action", "reason"); ok {
			d.word(m, at, "condition", "condition_invalid", SubsessionConditions(), &c.Condition)
			d.action(m, at, "action", &c.Action)
			d.text(m, at, "reason", maxReason, &c.Reason)
		}
		r.SubsessionRules = append(r.SubsessionRules, c)
	case "risk_rules":
		c := RiskRule{}
		if m, ok := d.object(raw, at, "min_score", "action", "reason"); ok {
			d.number(m, at, "min_score", 0, 100, true, &c.MinScore)
			d.action(m, at, "action", &c.Action)
			d.text(m, at, "reason", maxReason, &c.Reason)
		}
		r.RiskRules = append(r.RiskRules, c)
	}
}

func (d *reader) approve(raw json.RawMessage, at string) *Conditions {
	m, ok := d.object(raw, at, "no_list_matches", "face_match_passed", "liveness_passed", "documents_valid",
		"cross_validation_passed", "no_adverse_media", "no_crypto_hits", "no_duplicates")
	if !ok {
		return nil
	}
	c := &Conditions{}
	d.flag(m, at, "no_list_matches", &c.NoListMatches)
	d.flag(m, at, "face_match_passed", &c.FaceMatchPassed)
	d.flag(m, at, "liveness_passed", &c.LivenessPassed)
	d.flag(m, at, "documents_valid", &c.DocumentsValid)
	d.flag(m, at, "cross_validation_passed", &c.CrossValidationPassed)
	d.flag(m, at, "no_adverse_media", &c.NoAdverseMedia)
	d.flag(m, at, "no_crypto_hits", &c.NoCryptoHits)
	d.flag(m, at, "no_duplicates", &c.NoDuplicates)
	if *c == (Conditions{}) {
		d.warn(at, "auto_approve_conditions_empty", "no condition is demanded, so nothing is approved by them")
	}
	return c
}

// paths warns about rules that can never lead to what their author seems to
// expect.
func (d *reader) paths(r Rules, at string) {
	count, approves := 0, r.DefaultAction.Approves() || r.AutoApprove != nil && *r.AutoApprove != (Conditions{})
	for _, a := range r.actions() {
		count++
		approves = approves || a.Approves()
	}
	if r.AutoProcess && (!r.Enabled || count == 0 && r.AutoApprove == nil && r.DefaultAction == ManualReview) {
		d.warn(pointer(at, "auto_process"), "auto_process_without_rules", "sessions are processed by themselves, but there is no rule: each waits for a reviewer")
	}
	if r.Enabled && !approves {
		d.warn(at, "no_path_to_approval", "no rule, condition or default approves a session: a reviewer approves each")
	}
}

// actions are the actions of all rules.
func (r *Rules) actions() []Action {
	var out []Action
	for i := range r.CountryRules {
		out = append(out, r.CountryRules[i].Action)
	}
	for i := range r.ListMatchRules {
		out = append(out, r.ListMatchRules[i].Action)
	}
	for i := range r.FaceRules {
		out = append(out, r.FaceRules[i].Action)
	}
	for i := range r.FaceDedupRules {
		out = append(out, r.FaceDedupRules[i].Action)
	}
	for i := range r.DocumentRules {
		out = append(out, r.DocumentRules[i].Action)
	}
	for i := range r.FormFieldRules {
		out = append(out, r.FormFieldRules[i].Action)
	}
	for i := range r.AdverseMediaRules {
		out = append(out, r.AdverseMediaRules[i].Action)
	}
	for i := range r.CryptoRules {
		out = append(out, r.CryptoRules[i].Action)
	}
	for i := range r.SubsessionRules {
		out = append(out, r.SubsessionRules[i].Action)
	}
	for i := range r.RiskRules {
		out = append(out, r.RiskRules[i].Action)
	}
	return out
}
