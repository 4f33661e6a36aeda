package rule

import (
	"slices"
	"strings"
	"testing"
)

func TestPrecedenceOverEveryTriggeredRule(t *testing.T) {
	t.Parallel()
	rule := func(a Action) string {
		return `{"field_id":"pep_status","operator":"equals","value":"No","action":"` + string(a) + `"}`
	}
	all := Actions()
	for strong := range all {
		// Weakest first, so that the order cannot be what decides.
		var list []string
		for i := len(all) - 1; i >= strong; i-- {
			list = append(list, rule(all[i]))
		}
		r := must(t, `{"default_action":"auto_deny","form_field_rules":[`+strings.Join(list, ",")+`]}`)
		d := r.Evaluate(good())
		want := all[strong]
		if want == NoAction {
			want = AutoDeny // the default: nothing with an action was triggered
		}
		if d.Outcome != want || len(d.Triggered) != len(list) || d.DefaultUsed != (all[strong] == NoAction) {
			t.Errorf("strongest %s: %+v", all[strong], d)
		}
	}
}

func TestFlagSemantics(t *testing.T) {
	t.Parallel()
	flag := `"country_rules":[{"country_code":"KP","action":"no_action"},{"country_code":"CH","action":"flag","reason":"Swiss","applies_to":["nationality"]}]`
	d := must(t, `{`+flag+`}`).Evaluate(good())
	if d.Outcome != Flag || d.FinalDecision != "flagged" || d.WinningRule != "country_rules[1]" {
		t.Errorf("the winning flag approves with a mark: %+v", d)
	}
	if len(d.Flags) != 1 || d.Flags[0] != (FlagEntry{Code: "country_rule", Message: "Swiss", Rule: "country_rules[1]"}) {
		t.Errorf("flags %+v", d.Flags)
	}
	// Without a reason a sentence still says what happened.
	d = must(t, `{"risk_rules":[{"min_score":0,"action":"flag"}]}`).Evaluate(good())
	if len(d.Flags) != 1 || d.Flags[0].Code != "risk_rule" || d.Flags[0].Message == "" {
		t.Errorf("flags %+v", d.Flags)
	}
	// A stronger action wins; the flag stays recorded.
	d = must(t, `{`+flag+`,"risk_rules":[{"min_score":0,"action":"manual_review"}]}`).Evaluate(good())
	if d.Outcome != ManualReview || d.FinalDecision != "manual_review" || len(d.Flags) != 1 {
		t.Errorf("%+v", d)
	}
	// A flag by default says so.
	d = must(t, `{"default_action":"flag"}`).Evaluate(good())
	if d.FinalDecision != "flagged" || !d.DefaultUsed || len(d.Flags) != 1 || d.Flags[0].Code != "default_action" {
		t.Errorf("%+v", d)
	}
}

func TestDisabledAndDefaults(t *testing.T) {
	t.Parallel()
	d := must(t, `{"enabled":false,"default_action":"auto_approve","risk_rules":[{"min_score":0,"action":"auto_deny"}]}`).Evaluate(good())
	if d.Outcome != ManualReview || d.WinningRule != "enabled" || len(d.Triggered) != 0 || d.DefaultUsed {
		t.Errorf("disabled: %+v", d)
	}
	d = Defaults().Evaluate(good())
	if d.Outcome != ManualReview || !d.DefaultUsed || d.Floor != nil {
		t.Errorf("defaults: %+v", d)
	}
	if d = (Rules{}).Evaluate(Facts{}); d.Outcome != ManualReview {
		t.Errorf("zero values: %+v", d)
	}
	if d = (Rules{Enabled: true}).Evaluate(Facts{}); d.Outcome != ManualReview || d.FinalDecision != "manual_review" {
		t.Errorf("rules without a default: %+v", d)
	}
	if d = must(t, `{"default_action":"no_action"}`).Evaluate(good()); d.Outcome != ManualReview {
		t.Errorf("no_action by default leaves it to a person: %+v", d)
	}
}

const everyCondition = `{"auto_approve_conditions":{"no_list_matches":true,"face_match_passed":true,"liveness_passed":true,
	"documents_valid":true,"cross_validation_passed":true,"no_adverse_media":true,"no_crypto_hits":true,"no_duplicates":true}}`

func TestApprovalConditions(t *testing.T) {
	t.Parallel()
	r := must(t, everyCondition)
	d := r.Evaluate(good())
	if d.Outcome != AutoApprove || !d.AutoApproveUsed || d.WinningRule != "auto_approve_conditions" || len(d.Conditions) != 8 {
		t.Fatalf("%+v", d)
	}
	// Each condition is broken by exactly its own facts, in every way.
	for name, ways := range map[string][]func(*Facts){
		"no_list_matches": {
			func(f *Facts) { f.Hits = []Hit{{List: "un", Score: 0.1}} },
			func(f *Facts) { f.set(CheckLists, Errored) },
			func(f *Facts) { f.set(CheckLists, Failed) },
			func(f *Facts) { f.Checks = f.Checks[:10] },
		},
		"face_match_passed": {
			func(f *Facts) { f.Face = nil },
			func(f *Facts) { f.Face.Status = Failed },
			func(f *Facts) { f.Face.Status = "" },
			func(f *Facts) { f.Face.Value = num(0.84) },
			func(f *Facts) { f.set(CheckFaceMatch, Errored) },
		},
		"liveness_passed": {
			func(f *Facts) { f.Liveness = nil },
			func(f *Facts) { f.Liveness.Status = Skipped },
			func(f *Facts) { f.Liveness.Value = num(89.99) },
		},
		"documents_valid": {
			func(f *Facts) { f.Documents = nil },
			func(f *Facts) { f.Documents[0].Status = "review" },
			func(f *Facts) { f.Missing = []Missing{{"passport", true}} },
			func(f *Facts) { f.set(CheckDocuments, Failed) },
		},
		"cross_validation_passed": {
			func(f *Facts) { f.CrossValidation = nil },
			func(f *Facts) { f.CrossValidation.Status = NotRun },
			func(f *Facts) { f.CrossValidation.Mismatches = []Mismatch{{Condition: "document_number"}} },
		},
		"no_adverse_media": {
			func(f *Facts) { f.AdverseMedia = nil },
			func(f *Facts) { f.AdverseMedia.Status = Failed },
		},
		"no_crypto_hits": {
			func(f *Facts) { f.Crypto = nil },
			func(f *Facts) { f.Crypto.Status = Errored },
			func(f *Facts) { f.Crypto.Hits = 1 },
		},
		"no_duplicates": {
			func(f *Facts) { f.Duplicates = nil },
			func(f *Facts) { f.Duplicates.Matches = 1 },
			func(f *Facts) { f.Dedup.Matches = []DedupFace{{Similarity: 0.99, Of: "rejected"}} },
			func(f *Facts) { f.Dedup.Status = Errored },
		},
	} {
		for i, way := range ways {
			d := r.Evaluate(with(way))
			if d.Outcome != ManualReview || d.AutoApproveUsed || !d.DefaultUsed {
				t.Errorf("%s, way %d: outcome %s", name, i, d.Outcome)
			}
			for _, c := range d.Conditions {
				if c.Holds == (c.Name == name) || c.Why == "" {
					t.Errorf("%s, way %d: %+v", name, i, c)
				}
			}
			// Asked alone, a condition looks at nothing else.
			alone := must(t, `{"auto_approve_conditions":{"`+name+`":true}}`).Evaluate(with(func(f *Facts) {
				way(f)
				for j := range f.Checks {
					f.Checks[j].Required = false
				}
			}))
			if alone.Outcome != ManualReview {
				t.Errorf("%s alone, way %d: %s", name, i, alone.Outcome)
			}
		}
	}
	// A hit that a reviewer judged false no longer stands in the way.
	d = must(t, `{"auto_approve_conditions":{"no_list_matches":true}}`).Evaluate(with(func(f *Facts) {
		f.Hits = []Hit{{List: "un", Score: 1, MatchStatus: "false_positive"}}
		f.set(CheckLists, Failed)
		f.Checks[10].Required = false
	}))
	if d.Outcome != AutoApprove {
		t.Errorf("%+v", d)
	}
	// Nothing demanded is nothing approved.
	for _, empty := range []string{`{}`, `{"no_duplicates":false}`} {
		if d := must(t, `{"auto_approve_conditions":`+empty+`}`).Evaluate(good()); d.Outcome != ManualReview || !d.DefaultUsed {
			t.Errorf("%s: %+v", empty, d)
		}
	}
}

func TestSubsessionImpact(t *testing.T) {
	t.Parallel()
	related := func(impact bool) Facts {
		return with(func(f *Facts) {
			f.Subsessions = &Subsessions{Status: Passed, Total: 2, Approved: 1, Rejected: 1, Impact: impact}
		})
	}
	r := must(t, `{"default_action":"auto_approve"}`)
	if d := r.Evaluate(related(false)); d.Outcome != AutoApprove || len(d.Triggered) != 0 {
		t.Errorf("no impact: %+v", d)
	}
	d := r.Evaluate(related(true))
	if d.Outcome != ManualReview || d.WinningRule != "impact_parent_status" || d.Triggered[0].Facts["any_rejected"] != 1 {
		t.Errorf("impact: %+v", d)
	}
	// It reviews and never denies; a rule of the author's can deny, not soften.
	if d := must(t, `{"default_action":"auto_deny"}`).Evaluate(related(true)); d.Outcome != ManualReview {
		t.Errorf("%+v", d)
	}
	soft := must(t, `{"subsession_rules":[{"condition":"any_rejected","action":"flag"}]}`)
	if d := soft.Evaluate(related(true)); d.Outcome != ManualReview || len(d.Flags) != 1 {
		t.Errorf("%+v", d)
	}
	hard := must(t, `{"subsession_rules":[{"condition":"any_rejected","action":"auto_deny"}]}`)
	if d := hard.Evaluate(related(true)); d.Outcome != AutoDeny {
		t.Errorf("%+v", d)
	}
	// Related parties nobody could count hold an approval back.
	f := related(true)
	f.Subsessions.Rejected, f.Subsessions.Status = 0, Errored
	if d := r.Evaluate(f); d.Outcome != ManualReview || d.Floor == nil || !slices.Equal(d.Floor.Checks, []string{CheckRelated}) {
		t.Errorf("%+v", d)
	}
}

func TestFactsHash(t *testing.T) {
	t.Parallel()
	a, err := good().Hash()
	b, _ := good().Hash()
	if err != nil || a != b || !strings.HasPrefix(a, "sha256:") || len(a) != 7+64 {
		t.Fatalf("%q %q %v", a, b, err)
	}
	other, _ := with(func(f *Facts) { f.Risk.Score = num(11) }).Hash()
	if other == a {
		t.Error("other facts have the same hash")
	}
	if d := Defaults().Evaluate(good()); d.FactsHash != a {
		t.Errorf("the decision carries %q, want %q", d.FactsHash, a)
	}
	if d := must(t, `{"enabled":false}`).Evaluate(good()); d.FactsHash != a {
		t.Error("a decision without rules proves its facts too")
	}
}
