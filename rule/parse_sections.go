package rule

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"bonafide/field"
)

func (d *reader) country(raw json.RawMessage, at string) CountryRule {
	c := CountryRule{AppliesTo: []string{"all"}}
	m, ok := d.object(raw, at, "country_code", "action", "applies_to", "reason")
	if !ok {
		return c
	}
	c.CountryCode = d.codes(m["country_code"], at+"/country_code")
	d.action(m, at, "action", &c.Action)
	d.words(m, at, "applies_to", "applies_to_invalid", AppliesTo(), &c.AppliesTo)
	d.text(m, at, "reason", maxReason, &c.Reason)
	c.set = c.CountryCode.resolve()
	return c
}

// codes reads one country, an array of them or a named list. Lower case is
// accepted and stored in upper case.
func (d *reader) codes(raw json.RawMessage, at string) Codes {
	c := Codes{Values: []string{}}
	one := func(raw json.RawMessage, at string) {
		var s string
		if absent(raw) || json.Unmarshal(raw, &s) != nil {
			d.add(at, "country_code_invalid", "a country is a two-letter ISO 3166-1 code or a named list")
			return
		}
		if name, named := strings.CutPrefix(s, "@"); named {
			if _, found := countryList(name); !found {
				d.add(at, "country_code_invalid", "there is no named list %q; the lists are %s", s, listNames())
				return
			}
		} else if code, valid := field.CountryCode(s); valid {
			s = code
		} else {
			d.add(at, "country_code_invalid", "%.20q is no ISO 3166-1 alpha-2 code", s)
			return
		}
		c.Values = append(c.Values, s)
	}
	if jsontext.Value(raw).Kind() != '[' {
		one(raw, at)
		return c
	}
	c.Array = true
	list := d.array(raw, at, maxItems)
	if list != nil && len(list) == 0 {
		d.add(at, "country_code_invalid", "at least one country is needed")
	}
	for i, raw := range list {
		one(raw, at+"/"+strconv.Itoa(i))
	}
	return c
}

func listNames() string {
	var out []string
	for _, l := range CountryLists() {
		out = append(out, "@"+l.Name)
	}
	return strings.Join(out, ", ")
}

func (d *reader) listMatch(raw json.RawMessage, at string) ListMatchRule {
	c := ListMatchRule{List: "*", MaxScore: 1}
	m, ok := d.object(raw, at, "list", "min_score", "max_score", "match_type", "entity_roles", "action", "reason")
	if !ok {
		return c
	}
	d.text(m, at, "list", maxWord, &c.List)
	if c.List == "" {
		d.add(at+"/list", "value_invalid", "a list is named, or * stands for all")
	}
	before := len(d.problems)
	d.number(m, at, "min_score", 0, 1, false, &c.MinScore)
	d.number(m, at, "max_score", 0, 1, false, &c.MaxScore)
	if len(d.problems) == before && c.MinScore > c.MaxScore {
		d.add(at+"/min_score", "range_invalid", "min_score is above max_score, so no hit is between them")
	}
	if !absent(m["match_type"]) {
		d.word(m, at, "match_type", "value_invalid", MatchTypes(), &c.MatchType)
	}
	d.words(m, at, "entity_roles", "entity_role_invalid", EntityRoles(), &c.EntityRoles)
	d.action(m, at, "action", &c.Action)
	d.text(m, at, "reason", maxReason, &c.Reason)
	return c
}

func (d *reader) face(raw json.RawMessage, at string) FaceRule {
	c := FaceRule{}
	m, ok := d.object(raw, at, "type", "below", "action", "reason")
	if !ok {
		return c
	}
	d.word(m, at, "type", "value_invalid", []string{"face_match", "liveness"}, &c.Type)
	high := 1.0
	if c.Type == "liveness" {
		high = 100
	}
	d.number(m, at, "below", 0, high, true, &c.Below)
	d.action(m, at, "action", &c.Action)
	d.text(m, at, "reason", maxReason, &c.Reason)
	return c
}

func (d *reader) faceDedup(raw json.RawMessage, at string) FaceDedupRule {
	c := FaceDedupRule{
		Type: "face_dedup", MinSimilarity: 0.92, Scope: "tenant", LookbackDays: 365,
		Against: []string{"approved", "rejected", "blocklist"}, ExcludeSameCustomer: true,
	}
	m, ok := d.object(raw, at, "type", "min_similarity", "scope", "lookback_days", "against", "exclude_same_customer", "action", "reason")
	if !ok {
		return c
	}
	d.word(m, at, "type", "value_invalid", []string{"face_dedup"}, &c.Type)
	d.number(m, at, "min_similarity", 0, 1, false, &c.MinSimilarity)
	d.word(m, at, "scope", "value_invalid", []string{"tenant", "workflow"}, &c.Scope)
	d.whole(m, at, "lookback_days", 1, 3650, &c.LookbackDays)
	d.words(m, at, "against", "value_invalid", []string{"approved", "rejected", "blocklist"}, &c.Against)
	d.flag(m, at, "exclude_same_customer", &c.ExcludeSameCustomer)
	d.action(m, at, "action", &c.Action)
	d.text(m, at, "reason", maxReason, &c.Reason)
	return c
}

func (d *reader) document(raw json.RawMessage, at string) DocumentRule {
	c := DocumentRule{DocumentType: "*"}
	m, ok := d.object(raw, at, "document_type", "condition", "params", "action", "reason")
	if !ok {
		return c
	}
	d.word(m, at, "document_type", "document_type_unknown", DocumentTypes(), &c.DocumentType)
	if c.DocumentType == "id_document" { // an alias (3.4.1)
		c.DocumentType = "id"
	}
	d.word(m, at, "condition", "condition_invalid", DocumentConditions(), &c.Condition)
	timed := c.Condition == "expires_within_days" || c.Condition == "older_than_days"
	if p := m["params"]; !absent(p) {
		if params, ok := d.object(p, at+"/params", "days"); ok {
			days := 0
			if d.whole(params, at+"/params", "days", 0, 36500, &days) {
				if !timed && slices.Contains(DocumentConditions(), c.Condition) {
					d.add(at+"/params/days", "value_not_allowed", "the condition %s counts no days", c.Condition)
				} else {
					c.Params.Days = &days
				}
			}
		}
	}
	if timed && c.Params.Days == nil {
		days := c.days()
		c.Params.Days = &days
	}
	d.action(m, at, "action", &c.Action)
	d.text(m, at, "reason", maxReason, &c.Reason)
	return c
}

func (d *reader) formField(raw json.RawMessage, at string, known KnownFields) FormFieldRule {
	c := FormFieldRule{}
	m, ok := d.object(raw, at, "field_id", "operator", "value", "ignore_case", "action", "reason")
	if !ok {
		return c
	}
	d.text(m, at, "field_id", maxWord, &c.FieldID)
	d.text(m, at, "operator", maxWord, &c.Operator)
	d.flag(m, at, "ignore_case", &c.IgnoreCase)
	d.action(m, at, "action", &c.Action)
	d.text(m, at, "reason", maxReason, &c.Reason)
	if v := m["value"]; !absent(v) {
		c.Value = v
	}
	if op, bad := field.ParseOperator(c.Operator, c.Value, c.IgnoreCase); bad != nil {
		bad.Path = at + bad.Path
		d.problems = append(d.problems, *bad)
	} else {
		c.op = &op
	}
	switch {
	case c.FieldID == "":
		d.add(at+"/field_id", "rule_field_not_found", "a form rule names the field it looks at, by field_id or field_key")
	case known != nil:
		f, found := known.Field(c.FieldID)
		if !found {
			d.add(at+"/field_id", "rule_field_not_found", "no step asks for a field %q", c.FieldID)
		} else if !f.Required && c.Operator != "is_empty" {
			d.warn(at+"/field_id", "rule_on_optional_field", "the field %q is optional; a question left out meets only is_empty, so this rule does not apply to it", c.FieldID)
		}
	}
	return c
}

func (d *reader) adverseMedia(raw json.RawMessage, at string) AdverseMediaRule {
	c := AdverseMediaRule{}
	m, ok := d.object(raw, at, "min_risk_score", "categories", "action", "reason")
	if !ok {
		return c
	}
	d.number(m, at, "min_risk_score", 0, 100, true, &c.MinRiskScore)
	d.words(m, at, "categories", "value_invalid", nil, &c.Categories)
	d.action(m, at, "action", &c.Action)
	d.text(m, at, "reason", maxReason, &c.Reason)
	return c
}
