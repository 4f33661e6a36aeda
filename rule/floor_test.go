package rule

import (
	"slices"
	"testing"
)

// The floor lowers every approving outcome, wherever it comes from, for every
// required check and every way not to pass.
func TestSafetyFloor(t *testing.T) {
	t.Parallel()
	for _, source := range []string{
		`{"default_action":"auto_approve"}`, `{"default_action":"flag"}`,
		`{"form_field_rules":[{"field_id":"pep_status","operator":"equals","value":"No","action":"auto_approve"}]}`,
		`{"form_field_rules":[{"field_id":"pep_status","operator":"equals","value":"No","action":"flag"}]}`,
	} {
		r := must(t, source)
		before := r.Evaluate(good())
		if !before.Outcome.Approves() || before.Floor != nil {
			t.Fatalf("%s: %+v", source, before)
		}
		for i, c := range good().Checks {
			for _, status := range []string{Failed, Errored, NotRun, Skipped, "", "review"} {
				d := r.Evaluate(with(func(f *Facts) { f.Checks[i].Status = status }))
				if !c.Required {
					if d.Outcome != before.Outcome {
						t.Errorf("%s: %s %q is not required, outcome %s", source, c.Name, status, d.Outcome)
					}
					continue
				}
				if d.Outcome != ManualReview || d.FinalDecision != "manual_review" || d.Floor == nil || d.Floor.From != before.Outcome || !slices.Equal(d.Floor.Checks, []string{c.Name}) || d.WinningRule != before.WinningRule {
					t.Errorf("%s: %s %q: %+v", source, c.Name, status, d)
				}
			}
		}
	}
	// A denial stays a denial.
	d := must(t, `{"default_action":"auto_deny"}`).Evaluate(with(func(f *Facts) { f.set(CheckLists, Errored) }))
	if d.Outcome != AutoDeny || d.Floor != nil {
		t.Errorf("%+v", d)
	}
	// Every check is named, sorted.
	d = must(t, `{"default_action":"flag"}`).Evaluate(with(func(f *Facts) {
		f.set(CheckLists, Errored)
		f.set(CheckFaceMatch, NotRun)
		f.Checks = append(f.Checks, CheckState{Name: "a_check_of_ones_own", Required: true, Status: Failed})
	}))
	if d.Floor == nil || !slices.Equal(d.Floor.Checks, []string{"a_check_of_ones_own", CheckFaceMatch, CheckLists}) {
		t.Errorf("%+v", d.Floor)
	}
}

// A rule with flag or no_action that names a check excuses its failure, but
// only what the rule has seen, and never a check without an answer.
func TestNamedChecksAreExcusedAsFarAsTheRuleSaw(t *testing.T) {
	t.Parallel()
	failed := func(check string, change func(*Facts)) func(*Facts) {
		return func(f *Facts) {
			for i := range f.Checks {
				f.Checks[i].Required = true
			}
			f.set(check, Failed)
			change(f)
		}
	}
	for _, c := range []struct {
		name    string
		rules   string // with the action left out
		check   string
		facts   func(*Facts)
		excused bool
	}{
		{"a face below", `"face_rules":[{"type":"face_match","below":0.85,`, CheckFaceMatch, func(f *Facts) { f.Face = &Measure{Status: Failed, Value: num(0.8)} }, true},
		{"a face not below", `"face_rules":[{"type":"face_match","below":0.75,`, CheckFaceMatch, func(f *Facts) { f.Face = &Measure{Status: Failed, Value: num(0.8)} }, false},
		{"another check", `"face_rules":[{"type":"liveness","below":100,`, CheckFaceMatch, func(f *Facts) { f.Face = &Measure{Status: Failed, Value: num(0.8)} }, false},
		{"liveness below", `"face_rules":[{"type":"liveness","below":90,`, CheckLiveness, func(f *Facts) { f.Liveness = &Measure{Status: Failed, Value: num(80)} }, true},
		{"the only hit", `"list_match_rules":[{"list":"pep",`, CheckLists, func(f *Facts) { f.Hits = []Hit{{List: "x", Kind: "pep", Score: 0.9}} }, true},
		{"one of two hits", `"list_match_rules":[{"list":"pep",`, CheckLists, func(f *Facts) { f.Hits = []Hit{{List: "x", Kind: "pep", Score: 0.9}, {List: "un", Score: 0.9}} }, false},
		{"and a false positive", `"list_match_rules":[{"list":"pep",`, CheckLists, func(f *Facts) {
			f.Hits = []Hit{{List: "x", Kind: "pep", Score: 0.9}, {List: "un", Score: 0.9, MatchStatus: "false_positive"}}
		}, true},
		{"no hit at all", `"list_match_rules":[{"list":"pep",`, CheckLists, func(*Facts) {}, false},
		{"a low quality document", `"document_rules":[{"condition":"low_quality",`, CheckDocuments, func(f *Facts) {
			f.Documents[0].Status, f.Documents[0].Findings = "review", []string{"low_quality"}
		}, true},
		{"that is tampered with too", `"document_rules":[{"condition":"low_quality",`, CheckDocuments, func(f *Facts) {
			f.Documents[0].Status, f.Documents[0].Findings = "invalid", []string{"low_quality", "tampering_suspected"}
		}, false},
		{"that has expired too", `"document_rules":[{"condition":"low_quality",`, CheckDocuments, func(f *Facts) {
			f.Documents[0].Status, f.Documents[0].Findings, f.Documents[0].ExpiresInDays = "invalid", []string{"low_quality"}, days(-1)
		}, false},
		{"an expired document", `"document_rules":[{"condition":"expires_within_days",`, CheckDocuments, func(f *Facts) {
			f.Documents[0].Status, f.Documents[0].ExpiresInDays = "invalid", days(-1)
		}, true},
		{"a document whose fault nobody knows", `"document_rules":[{"condition":"low_quality",`, CheckDocuments, func(f *Facts) { f.Documents[0].Status = "invalid" }, false},
		{"a missing document", `"document_rules":[{"condition":"missing",`, CheckDocuments, func(f *Facts) { f.Missing = []Missing{{"proof_of_address", true}} }, true},
		{"another missing document", `"document_rules":[{"document_type":"proof_of_address","condition":"missing",`, CheckDocuments, func(f *Facts) { f.Missing = []Missing{{"proof_of_address", true}, {"id", true}} }, false},
		{"a name that differs", `"document_rules":[{"condition":"name_mismatch",`, CheckCrossValidation, func(f *Facts) {
			f.CrossValidation = &CrossValidation{Status: Failed, Mismatches: []Mismatch{{Condition: "name_mismatch"}}}
		}, true},
		{"and a birth date", `"document_rules":[{"condition":"name_mismatch",`, CheckCrossValidation, func(f *Facts) {
			f.CrossValidation = &CrossValidation{Status: Failed, Mismatches: []Mismatch{{Condition: "name_mismatch"}, {Condition: "dob_mismatch"}}}
		}, false},
		{"bad news", `"adverse_media_rules":[{"min_risk_score":50,`, CheckAdverseMedia, func(f *Facts) { f.AdverseMedia = &AdverseMedia{Status: Failed, Score: num(60)} }, true},
		{"bad news of one category", `"adverse_media_rules":[{"min_risk_score":50,"categories":["fraud"],`, CheckAdverseMedia, func(f *Facts) {
			f.AdverseMedia = &AdverseMedia{Status: Failed, Score: num(60), Categories: []string{"fraud"}}
		}, true},
		{"bad news of two categories", `"adverse_media_rules":[{"min_risk_score":50,"categories":["fraud"],`, CheckAdverseMedia, func(f *Facts) {
			f.AdverseMedia = &AdverseMedia{Status: Failed, Score: num(60), Categories: []string{"fraud", "terrorism"}}
		}, false},
		{"a wallet that is none", `"crypto_rules":[{"condition":"invalid_address",`, CheckWallets, func(f *Facts) { f.Crypto = &Crypto{Status: Failed, Invalid: 1} }, true},
		{"and one on a list", `"crypto_rules":[{"condition":"invalid_address",`, CheckWallets, func(f *Facts) { f.Crypto = &Crypto{Status: Failed, Invalid: 1, Hits: 1} }, false},
		{"a face met before", `"face_dedup_rules":[{"min_similarity":0.9,`, CheckFaceDedup, func(f *Facts) {
			f.Dedup = &Dedup{Status: Failed, Matches: []DedupFace{{Similarity: 0.95, Of: "approved"}}}
		}, true},
		{"and one of another kind", `"face_dedup_rules":[{"min_similarity":0.9,"against":["approved"],`, CheckFaceDedup, func(f *Facts) {
			f.Dedup = &Dedup{Status: Failed, Matches: []DedupFace{{Similarity: 0.95, Of: "approved"}, {Similarity: 0.95, Of: "blocklist"}}}
		}, false},
		{"an expired party", `"subsession_rules":[{"condition":"any_expired",`, CheckRelated, func(f *Facts) { f.Subsessions = &Subsessions{Status: Failed, Expired: 1} }, true},
		{"and a hit of a party", `"subsession_rules":[{"condition":"any_expired",`, CheckRelated, func(f *Facts) {
			f.Subsessions = &Subsessions{Status: Failed, Expired: 1}
			f.Hits = []Hit{{List: "ofac", EntityID: "1", Score: 0.9, Kind: "sanction", MatchStatus: "open"}}
		}, false},
		{"and a missing party", `"subsession_rules":[{"condition":"any_expired",`, CheckRelated, func(f *Facts) { f.Subsessions = &Subsessions{Status: Failed, Expired: 1, Unseen: true} }, false},
		{"a flagged party with a hit", `"subsession_rules":[{"condition":"any_flagged",`, CheckRelated, func(f *Facts) {
			f.Subsessions = &Subsessions{Status: Failed, Flagged: 1}
			f.Hits = []Hit{{List: "ofac", EntityID: "1", Score: 0.9, Kind: "sanction", MatchStatus: "open"}}
		}, false},
		{"and a rejected one", `"subsession_rules":[{"condition":"any_expired",`, CheckRelated, func(f *Facts) { f.Subsessions = &Subsessions{Status: Failed, Expired: 1, Rejected: 1} }, false},
		{"a risk", `"risk_rules":[{"min_score":60,`, CheckRisk, func(f *Facts) { f.Risk = &Risk{Status: Failed, Score: num(60)} }, true},
		{"duplicates, which no rule names", `"risk_rules":[{"min_score":0,`, CheckDuplicates, func(f *Facts) { f.Duplicates = &Duplicates{Status: Failed, Matches: 1} }, false},
	} {
		for _, action := range []Action{Flag, NoAction} {
			r := must(t, `{"default_action":"flag",`+c.rules+`"action":"`+string(action)+`"}]}`)
			facts := with(failed(c.check, c.facts))
			d := r.Evaluate(facts)
			if (d.Outcome == Flag) != c.excused {
				t.Errorf("%s, %s: outcome %s, floor %+v", c.name, action, d.Outcome, d.Floor)
			}
			if c.excused && !slices.Contains(r.NamedChecks(), c.check) {
				t.Errorf("%s: %s is excused but not named in %v", c.name, c.check, r.NamedChecks())
			}
			for _, status := range []string{Errored, NotRun, Skipped} {
				facts.set(c.check, status)
				if d := r.Evaluate(facts); d.Outcome != ManualReview {
					t.Errorf("%s, %s: a check that is %s was excused", c.name, action, status)
				}
			}
		}
		// An approving or restricting action names nothing.
		r := must(t, `{"default_action":"flag",`+c.rules+`"action":"auto_approve"}]}`)
		if d := r.Evaluate(with(failed(c.check, c.facts))); d.Outcome != ManualReview || len(r.NamedChecks()) != 0 {
			t.Errorf("%s: auto_approve excused the check", c.name)
		}
	}
}

func TestNeedsAndNamedChecks(t *testing.T) {
	t.Parallel()
	for rules, want := range map[string][]string{
		`{}`: nil,
		`{"enabled":false,"face_dedup_rules":[{"action":"auto_deny"}]}`:                                                              nil,
		`{"country_rules":[{"country_code":"KP","action":"flag"}]}`:                                                                  nil,
		`{"face_dedup_rules":[{"action":"auto_deny"}]}`:                                                                              {CheckFaceDedup},
		`{"list_match_rules":[{"action":"auto_deny"}]}`:                                                                              {CheckLists},
		`{"face_rules":[{"type":"liveness","below":1,"action":"flag"}]}`:                                                             {CheckLiveness},
		`{"face_rules":[{"type":"face_match","below":1,"action":"flag"}]}`:                                                           {CheckFaceMatch},
		`{"document_rules":[{"condition":"name_mismatch","action":"flag"}]}`:                                                         {CheckCrossValidation, CheckDocuments},
		`{"document_rules":[{"condition":"missing","action":"flag"}]}`:                                                               {CheckDocuments},
		`{"adverse_media_rules":[{"min_risk_score":1,"action":"flag"}],"crypto_rules":[{"condition":"sanctioned","action":"flag"}]}`: {CheckAdverseMedia, CheckWallets},
		`{"subsession_rules":[{"condition":"any_expired","action":"flag"}],"risk_rules":[{"min_score":1,"action":"flag"}]}`:          {CheckRelated, CheckRisk},
		`{"auto_approve_conditions":{"no_duplicates":true}}`:                                                                         {CheckDuplicates},
		everyCondition: {CheckAdverseMedia, CheckCrossValidation, CheckDocuments, CheckDuplicates, CheckFaceMatch, CheckLiveness, CheckWallets, CheckLists},
	} {
		if got := must(t, rules).Needs().Checks(); !slices.Equal(got, want) {
			t.Errorf("%s needs %v, want %v", rules, got, want)
		}
	}
}
