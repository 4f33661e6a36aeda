package rule

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/field"
)

func TestParseListsEveryProblemAtOnce(t *testing.T) {
	t.Parallel()
	known := form{"pep_status": {FieldID: "pep_status", FieldKey: "pep", Required: true}, "nick": {FieldID: "nick"}}
	r, problems, warnings := Parse(json.RawMessage(`{
		"enabled": "yes", "default_action": "approve", "auto_aprove": true,
		"country_rules": [
			{"country_code": "XX", "action": "deny", "applies_to": ["everything"]},
			{"country_code": ["KP", "@fatf", 7], "applies_to": [], "contry": 1, "action": "auto_deny"},
			{"country_code": [], "action": "auto_deny"}, {"action": "auto_deny"}, "KP"
		],
		"list_match_rules": [{"min_score": 0.9, "max_score": 0.8, "match_type": "crime", "entity_roles": ["owner"], "action": "flag"}, {"min_score": 1.5, "list": "", "action": "flag"}],
		"face_rules": [{"type": "face_match", "below": 85, "action": "flag"}, {"type": "face_dedup", "action": "flag"}],
		"face_dedup_rules": [{"scope": "world", "lookback_days": 0, "against": ["friends"], "min_similarity": "high", "action": "flag"}],
		"document_rules": [{"document_type": "licence", "condition": "old", "action": "flag"}, {"condition": "expired", "params": {"days": 3}, "action": "flag"}, {"condition": "older_than_days", "params": {"months": 3}, "action": "flag"}],
		"form_field_rules": [{"field_id": "gone", "operator": "is", "value": 1, "action": "flag"}, {"field_id": "pep", "operator": "matches", "value": "(", "action": "flag"}, {"field_id": "nick", "operator": "not_equals", "value": "x", "action": "flag"}, {"field_id": "nick", "operator": "is_empty", "action": "flag"}],
		"adverse_media_rules": [{"categories": "fraud", "action": "flag"}],
		"crypto_rules": [{"condition": "bad", "action": "flag"}, {"action": "flag"}],
		"subsession_rules": [{"condition": "all", "action": 1}],
		"risk_rules": [{"min_score": -1, "action": null}],
		"auto_approve_conditions": {"no_lists": true, "no_duplicates": 1}
	}`), at, known)
	want := map[string]string{
		"/enabled": "wrong_type", "/default_action": "action_invalid", "/auto_aprove": "unknown_field",
		"/country_rules/0/country_code": "country_code_invalid", "/country_rules/0/action": "action_invalid", "/country_rules/0/applies_to/0": "applies_to_invalid",
		"/country_rules/1/country_code/1": "country_code_invalid", "/country_rules/1/country_code/2": "country_code_invalid",
		"/country_rules/1/applies_to": "applies_to_invalid", "/country_rules/1/contry": "unknown_field",
		"/country_rules/2/country_code": "country_code_invalid", "/country_rules/3/country_code": "country_code_invalid", "/country_rules/4": "wrong_type",
		"/list_match_rules/0/min_score": "range_invalid", "/list_match_rules/0/match_type": "value_invalid", "/list_match_rules/0/entity_roles/0": "entity_role_invalid",
		"/list_match_rules/1/min_score": "range_invalid", "/list_match_rules/1/list": "value_invalid",
		"/face_rules/0/below": "range_invalid", "/face_rules/1/type": "value_invalid", "/face_rules/1/below": "value_required",
		"/face_dedup_rules/0/scope": "value_invalid", "/face_dedup_rules/0/lookback_days": "range_invalid", "/face_dedup_rules/0/against/0": "value_invalid", "/face_dedup_rules/0/min_similarity": "wrong_type",
		"/document_rules/0/document_type": "document_type_unknown", "/document_rules/0/condition": "condition_invalid",
		"/document_rules/1/params/days": "value_not_allowed", "/document_rules/2/params/months": "unknown_field",
		"/form_field_rules/0/field_id": "rule_field_not_found", "/form_field_rules/0/operator": "operator_invalid", "/form_field_rules/1/value": "pattern_invalid",
		"/adverse_media_rules/0/categories": "wrong_type", "/adverse_media_rules/0/min_risk_score": "value_required",
		"/crypto_rules/0/condition": "condition_invalid", "/crypto_rules/1/condition": "value_required",
		"/subsession_rules/0/condition": "condition_invalid", "/subsession_rules/0/action": "action_invalid",
		"/risk_rules/0/min_score": "range_invalid", "/risk_rules/0/action": "action_invalid",
		"/auto_approve_conditions/no_lists": "unknown_field", "/auto_approve_conditions/no_duplicates": "wrong_type",
	}
	got := map[string]string{}
	for _, p := range problems {
		path := strings.TrimPrefix(p.Path, at)
		if got[path] != "" {
			t.Errorf("%s has two problems, %s and %s", path, got[path], p.Code)
		}
		got[path] = p.Code
		if p.Message == "" {
			t.Errorf("%s has no message", path)
		}
	}
	for path, code := range want {
		if got[path] != code {
			t.Errorf("%s: %q, want %q", path, got[path], code)
		}
		delete(got, path)
	}
	if len(got) > 0 {
		t.Errorf("more than expected: %v", got)
	}
	w := codes(warnings)
	if w[at+"/form_field_rules/2/field_id"] != "rule_on_optional_field" || w[at+"/form_field_rules/3/field_id"] != "" || w[at+"/auto_approve_conditions"] != "auto_approve_conditions_empty" {
		t.Errorf("warnings %v", w)
	}
	// What cannot be read never approves.
	if r.DefaultAction != ManualReview || r.RiskRules[0].Action != ManualReview {
		t.Errorf("an unreadable action became %s, %s", r.DefaultAction, r.RiskRules[0].Action)
	}
}

func TestParseShapes(t *testing.T) {
	t.Parallel()
	for text, code := range map[string]string{
		`[]`: "wrong_type", `"x"`: "wrong_type", `{`: "malformed_json",
		`{"enabled":true,"enabled":false}`:                      "malformed_json",
		`{"risk_rules":[{"min_score":1,"min_score":2}]}`:        "malformed_json",
		`{"country_rules":{}}`:                                  "wrong_type",
		`{"risk_rules":[` + strings.Repeat("{},", 500) + `{}]}`: "too_many",
		`{"risk_rules":[{"min_score":1e999,"action":"flag"}]}`:  "range_invalid",
		`{"crypto_rules":[{"condition":"sanctioned","action":"flag","reason":"` + strings.Repeat("é", 1001) + `"}]}`: "too_long",
	} {
		_, problems, _ := Parse(json.RawMessage(text), at, nil)
		if len(problems) == 0 || problems[0].Code != code {
			t.Errorf("%.60s: %+v, want %s", text, problems, code)
		}
	}
	for _, text := range []string{"", "null"} {
		r, problems, warnings := Parse(json.RawMessage(text), at, nil)
		if !reflect.DeepEqual(r, Defaults()) || len(problems)+len(warnings) > 0 {
			t.Errorf("%q: %+v %v %v", text, r, problems, warnings)
		}
	}
}

func TestParseWarnings(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		`{}`:                    {"no_path_to_approval"},
		`{"auto_process":true}`: {"auto_process_without_rules", "no_path_to_approval"},
		`{"auto_process":true,"default_action":"auto_approve"}`: nil,
		`{"auto_process":true,"enabled":false}`:                 {"auto_process_without_rules"},
		`{"default_action":"flag"}`:                             nil,
		`{"risk_rules":[{"min_score":1,"action":"auto_deny"}]}`: {"no_path_to_approval"},
		`{"risk_rules":[{"min_score":1,"action":"flag"}]}`:      nil,
		`{"auto_approve_conditions":{"no_duplicates":true}}`:    nil,
		`{"auto_approve_conditions":{}}`:                        {"auto_approve_conditions_empty", "no_path_to_approval"},
	} {
		_, problems, warnings := Parse(json.RawMessage(text), at, nil)
		var got []string
		for _, w := range warnings {
			got = append(got, w.Code)
		}
		if len(problems) > 0 || !slices.Equal(got, want) {
			t.Errorf("%s: problems %v, warnings %v, want %v", text, problems, got, want)
		}
	}
}

// Defaults are written out, and what is written out reads back the same.
func TestRulesRoundTrip(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{}`: `{"enabled":true,"auto_process":false,"default_action":"manual_review","country_rules":[],"list_match_rules":[],"face_rules":[],"face_dedup_rules":[],"document_rules":[],"form_field_rules":[],"adverse_media_rules":[],"crypto_rules":[],"subsession_rules":[],"risk_rules":[]}`,
		`{"country_rules":[{"country_code":"kp","action":"auto_deny"}]}`:                                     `"country_rules":[{"country_code":"KP","action":"auto_deny","applies_to":["all"]}]`,
		`{"country_rules":[{"country_code":["KP"],"action":"auto_deny","applies_to":["ip","ip"]}]}`:          `"country_rules":[{"country_code":["KP"],"action":"auto_deny","applies_to":["ip"]}]`,
		`{"country_rules":[{"country_code":"@eu_high_risk","action":"flag","reason":"r"}]}`:                  `"country_rules":[{"country_code":"@eu_high_risk","action":"flag","applies_to":["all"],"reason":"r"}]`,
		`{"list_match_rules":[{"action":"flag"}]}`:                                                           `"list_match_rules":[{"list":"*","min_score":0,"max_score":1,"action":"flag"}]`,
		`{"face_dedup_rules":[{"action":"flag"}]}`:                                                           `"face_dedup_rules":[{"type":"face_dedup","min_similarity":0.92,"scope":"tenant","lookback_days":365,"against":["approved","rejected","blocklist"],"exclude_same_customer":true,"action":"flag"}]`,
		`{"document_rules":[{"document_type":"id_document","condition":"older_than_days","action":"flag"}]}`: `"document_rules":[{"document_type":"id","condition":"older_than_days","params":{"days":90},"action":"flag"}]`,
		`{"form_field_rules":[{"field_id":"a","operator":"in","value":["x",1],"action":"flag"}]}`:            `"form_field_rules":[{"field_id":"a","operator":"in","value":["x",1],"action":"flag"}]`,
		`{"auto_approve_conditions":{"no_duplicates":true}}`:                                                 `"auto_approve_conditions":{"no_list_matches":false,"face_match_passed":false,"liveness_passed":false,"documents_valid":false,"cross_validation_passed":false,"no_adverse_media":false,"no_crypto_hits":false,"no_duplicates":true}`,
	} {
		first := must(t, text)
		raw, err := json.Marshal(first)
		if err != nil || !strings.Contains(string(raw), strings.Trim(want, "{}")) {
			t.Errorf("%s became %s (%v)", text, raw, err)
		}
		again := must(t, string(raw))
		twice, _ := json.Marshal(again)
		if string(twice) != string(raw) {
			t.Errorf("%s is not stable: %s", raw, twice)
		}
		// Rules that did not come from Parse decide the same.
		var plain Rules
		if err := json.Unmarshal(raw, &plain); err != nil {
			t.Errorf("%s: %v", raw, err)
		}
		if a, b := first.Evaluate(good()), plain.Evaluate(good()); !reflect.DeepEqual(a, b) {
			t.Errorf("%s decides %+v and %+v", raw, a, b)
		}
	}
}

func TestCountryLists(t *testing.T) {
	t.Parallel()
	size := map[string]int{"fatf_high_risk": 3, "fatf_increased_monitoring": 22, "eu_high_risk": 29}
	for _, l := range CountryLists() {
		if len(l.Countries) != size[l.Name] || !slices.IsSorted(l.Countries) || len(slices.Compact(slices.Clone(l.Countries))) != len(l.Countries) {
			t.Errorf("%s: %d countries, or not sorted, or twice: %v", l.Name, len(l.Countries), l.Countries)
		}
		if _, err := time.Parse(time.DateOnly, l.Published); err != nil || l.Source == "" || l.Title == "" {
			t.Errorf("%s: %+v", l.Name, l)
		}
		for _, c := range l.Countries {
			if code, ok := field.CountryCode(c); !ok || code != c {
				t.Errorf("%s: %q is no country", l.Name, c)
			}
		}
	}
	// Callers get their own copy.
	CountryLists()[0].Countries[0] = "ZZ"
	if CountryLists()[0].Countries[0] == "ZZ" {
		t.Error("the list can be changed from outside")
	}
}
