package rule

import (
	"slices"
	"testing"
)

// A passport that contradicts the form asks for a person: its country is under
// no check digit, so a denial could rest on one misread letter. With "all"
// every country known denies.
func TestACountryThatOnlyThePaperNamesIsReviewedAndNotDenied(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		applies, action string
		countries       []Country
		want            Action
	}{
		{"nationality", "auto_deny", []Country{{"IE", "nationality", "form"}, {"IR", "nationality", "document"}}, ManualReview},
		{"nationality", "auto_deny", []Country{{"IR", "nationality", "form"}, {"IE", "nationality", "document"}}, AutoDeny},
		{"nationality", "auto_deny", []Country{{"IR", "nationality", "form"}, {"IR", "nationality", "document"}}, AutoDeny},
		{"nationality", "auto_deny", []Country{{"IR", "nationality", "document"}}, AutoDeny},
		{"document_issuer", "auto_deny", []Country{{"IE", "nationality", "form"}, {"IR", "document_issuer", "document"}}, AutoDeny},
		{"all", "auto_deny", []Country{{"IE", "nationality", "form"}, {"IR", "nationality", "document"}}, AutoDeny},
		{"nationality", "manual_review", []Country{{"IE", "nationality", "form"}, {"IR", "nationality", "document"}}, ManualReview},
	} {
		r := must(t, `{"default_action":"auto_approve","country_rules":[{"country_code":"IR","applies_to":["`+c.applies+`"],"action":"`+c.action+`"}]}`)
		if d := r.Evaluate(with(func(f *Facts) { f.Countries = c.countries })); d.Outcome != c.want || len(d.Triggered) != 1 {
			t.Errorf("%s %s %v: %+v", c.applies, c.action, c.countries, d)
		}
	}
}

// What the definition lets an applicant leave out holds nothing back; the same
// check that is required, or that is not there at all, does.
func TestAStepThatWasNotAskedHoldsNothingBack(t *testing.T) {
	t.Parallel()
	for rules, skip := range map[string]func(*Facts){
		`"face_rules":[{"type":"liveness","below":90,"action":"auto_deny"}]`: func(f *Facts) { f.Liveness = &Measure{Status: Skipped}; f.set(CheckLiveness, Skipped) },
		`"document_rules":[{"condition":"expired","action":"auto_deny"}]`:    func(f *Facts) { f.Documents = nil; f.set(CheckDocuments, Skipped) },
		`"document_rules":[{"condition":"name_mismatch","action":"auto_deny"}]`: func(f *Facts) {
			f.CrossValidation = &CrossValidation{Status: Skipped}
			f.set(CheckCrossValidation, Skipped)
		},
		`"subsession_rules":[{"condition":"any_rejected","action":"manual_review"}]`: func(f *Facts) { f.Subsessions = &Subsessions{Status: Skipped}; f.set(CheckRelated, Skipped) },
		`"face_rules":[{"type":"face_match","below":0.5,"action":"manual_review"}]`:  func(f *Facts) { f.Face = &Measure{Status: Skipped}; f.set(CheckFaceMatch, Skipped) },
		`"list_match_rules":[{"list":"*","action":"auto_deny"}]`:                     func(f *Facts) { f.set(CheckLists, Skipped) },
		`"adverse_media_rules":[{"min_risk_score":50,"action":"manual_review"}]`:     func(f *Facts) { f.AdverseMedia = &AdverseMedia{Status: Skipped}; f.set(CheckAdverseMedia, Skipped) },
	} {
		r := must(t, `{"default_action":"auto_approve",`+rules+`}`)
		f := with(skip)
		for i := range f.Checks {
			f.Checks[i].Required = false
		}
		d := r.Evaluate(f)
		if d.Outcome != AutoApprove || len(d.Unjudged) != 1 || d.Unjudged[0].Holds {
			t.Errorf("%s, left out: %+v", rules, d)
		}
		for i := range f.Checks {
			f.Checks[i].Required = true
		}
		if d := r.Evaluate(f); d.Outcome != ManualReview {
			t.Errorf("%s, required: %+v", rules, d)
		}
		name := d.Unjudged[0].Check
		f.Checks = slices.DeleteFunc(f.Checks, func(c CheckState) bool { return c.Name == name })
		f.Face, f.Liveness, f.CrossValidation, f.AdverseMedia, f.Subsessions = nil, nil, nil, nil, nil
		if d := r.Evaluate(f); d.Outcome != ManualReview {
			t.Errorf("%s, unknown: %+v", rules, d)
		}
	}
}

// A rule excuses what it has seen and nothing beside it.
func TestNothingUnseenIsExcused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rules string
		facts func(*Facts, bool)
	}{
		"a validation": {`"document_rules":[{"condition":"expired","action":"flag"}]`, func(f *Facts, unnamed bool) {
			f.Documents[0].Status, f.Documents[0].ExpiresInDays, f.Documents[0].Unnamed = "invalid", days(-1), unnamed
			f.set(CheckDocuments, Failed)
		}},
		"an answer nobody compared": {`"document_rules":[{"condition":"name_mismatch","action":"flag"}]`, func(f *Facts, unnamed bool) {
			f.CrossValidation = &CrossValidation{Status: Failed, Mismatches: []Mismatch{{Condition: "name_mismatch"}}, Unnamed: unnamed}
			f.set(CheckCrossValidation, Failed)
		}},
		"a missing party": {`"subsession_rules":[{"condition":"any_expired","action":"flag"}]`, func(f *Facts, unnamed bool) {
			f.Subsessions = &Subsessions{Status: Failed, Total: 1, Expired: 1, Unseen: unnamed}
			f.set(CheckRelated, Failed)
			for i := range f.Checks {
				f.Checks[i].Required = true
			}
		}},
		"a reading that failed with its document": {`"document_rules":[{"condition":"tampering_suspected","action":"flag"}]`, func(f *Facts, unnamed bool) {
			f.Documents[0].Status, f.Documents[0].Findings, f.Documents[0].Unnamed = "invalid", []string{"tampering_suspected"}, unnamed
			f.set(CheckDocuments, Failed)
			f.Checks = append(f.Checks, CheckState{Name: "document_ocr", Required: true, Status: Failed})
		}},
	} {
		r := must(t, `{"default_action":"auto_approve",`+c.rules+`}`)
		for unnamed, want := range map[bool]Action{false: Flag, true: ManualReview} {
			if d := r.Evaluate(with(func(f *Facts) { c.facts(f, unnamed) })); d.Outcome != want {
				t.Errorf("%s (%t): %+v", name, unnamed, d)
			}
		}
	}
	// The reading alone is excused by nobody.
	d := must(t, `{"default_action":"auto_approve","document_rules":[{"condition":"tampering_suspected","action":"flag"}]}`).
		Evaluate(with(func(f *Facts) {
			f.Checks = append(f.Checks, CheckState{Name: "document_ocr", Required: true, Status: Failed})
		}))
	if d.Outcome != ManualReview {
		t.Errorf("%+v", d)
	}
}
