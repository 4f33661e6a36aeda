package rule

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// FuzzParse holds that no text breaks the reader, that what it accepts is
// written out and read back without a difference, and that it can be evaluated.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", "null", "{}", seedRules, everyCondition, `{"enabled":false,"x":1}`,
		`{"country_rules":[{"country_code":["@eu_high_risk","ch"],"action":"flag","applies_to":["ip"]}],"face_rules":[{"type":"liveness","below":1e2,"action":"auto_deny"}]}`,
		`{"document_rules":[{"condition":"older_than_days","params":{"days":3},"action":"flag"}],"face_dedup_rules":[{"action":"flag","lookback_days":9}]}`,
		`{"form_field_rules":[{"field_id":"a","operator":"between","value":[1,2.50],"action":"flag"}],"list_match_rules":[{"list":"un","min_score":0.1,"action":"flag"}]}`,
	} {
		f.Add(seed)
	}
	facts := good()
	f.Fuzz(func(t *testing.T, text string) {
		r, problems, _ := Parse(json.RawMessage(text), at, nil)
		for _, p := range problems {
			if p.Code == "" || p.Message == "" || !strings.HasPrefix(p.Path, at) {
				t.Errorf("%+v", p)
			}
		}
		if d := r.Evaluate(facts); d.FinalDecision == "" {
			t.Errorf("no decision: %+v", d)
		}
		if len(problems) > 0 {
			return
		}
		raw, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		again, problems, _ := Parse(raw, at, nil)
		if len(problems) > 0 {
			t.Fatalf("%s became %s: %+v", text, raw, problems)
		}
		if twice, _ := json.Marshal(again); string(twice) != string(raw) {
			t.Fatalf("%s\nis not\n%s", twice, raw)
		}
	})
}

// BenchmarkEvaluate200Rules decides over 20 rules of each kind. Hardly any
// applies, which is the common case, and every one has to be looked at.
func BenchmarkEvaluate200Rules(b *testing.B) {
	sections := map[string]string{
		"country_rules":       `"country_code":["KP","@fatf_increased_monitoring"],"applies_to":["nationality","residence"]`,
		"list_match_rules":    `"list":"ofac","min_score":0.9`,
		"face_rules":          `"type":"face_match","below":0.85`,
		"face_dedup_rules":    `"min_similarity":0.9`,
		"document_rules":      `"condition":"expired"`,
		"form_field_rules":    `"field_id":"pep_status","operator":"not_equals","value":"No"`,
		"adverse_media_rules": `"min_risk_score":70`,
		"crypto_rules":        `"condition":"sanctioned"`,
		"subsession_rules":    `"condition":"any_rejected"`,
		"risk_rules":          `"min_score":60`,
	}
	var parts []string
	for name, rule := range sections {
		var list []string
		for i := range 20 {
			list = append(list, fmt.Sprintf(`{%s,"action":"manual_review","reason":"rule %d"}`, rule, i))
		}
		parts = append(parts, `"`+name+`":[`+strings.Join(list, ",")+`]`)
	}
	r := must(b, `{"default_action":"auto_approve",`+strings.Join(parts, ",")+`}`)
	f := with(func(f *Facts) {
		f.Hits = []Hit{{List: "un", EntityID: "1", Name: "SOMEBODY", Score: 0.7}, {List: "ofac_sdn", EntityID: "2", Name: "SOMEBODY ELSE", Score: 0.95}}
		f.set(CheckLists, Failed)
	})
	if d := r.Evaluate(f); len(d.Triggered) != 20 || d.Outcome != ManualReview {
		b.Fatalf("%+v", d)
	}
	b.ReportAllocs()
	for b.Loop() {
		r.Evaluate(f)
	}
}
