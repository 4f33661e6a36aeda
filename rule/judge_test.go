package rule

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"testing"
)

// TestEveryKindOfRule runs one rule of each kind, with its boundaries, over
// facts that make it apply or not. The default approves, so that an outcome of
// auto_approve proves that the rule did not apply and left nothing in doubt.
func TestEveryKindOfRule(t *testing.T) {
	t.Parallel()
	hit := func(list string, score float64, more ...func(*Hit)) func(*Facts) {
		return func(f *Facts) {
			h := Hit{List: list, EntityID: "1", Name: "SOMEBODY", Score: score, MatchStatus: "open"}
			for _, m := range more {
				m(&h)
			}
			f.Hits = append(f.Hits, h)
			f.Checks[10].Required = false
			f.set(CheckLists, Failed)
		}
	}
	kind := func(k string) func(*Hit) { return func(h *Hit) { h.Kind = k } }
	role := func(r string) func(*Hit) { return func(h *Hit) { h.Role = r } }
	status := func(s string) func(*Hit) { return func(h *Hit) { h.MatchStatus = s } }
	countries := func(cs ...Country) func(*Facts) { return func(f *Facts) { f.Countries = cs } }
	document := func(change func(*Document)) func(*Facts) {
		return func(f *Facts) { change(&f.Documents[0]) }
	}
	met := func(m DedupFace) func(*Facts) {
		return func(f *Facts) { f.Dedup.Matches = []DedupFace{m} }
	}
	same := func(*Facts) {}

	const yes, no = true, false
	for _, c := range []struct {
		section, rule string
		facts         func(*Facts)
		applies       bool
	}{
		// Countries.
		{"country_rules", `"country_code":"CH","applies_to":["nationality"]`, same, yes},
		{"country_rules", `"country_code":"ch"`, same, yes},
		{"country_rules", `"country_code":["KP","CH"]`, same, yes},
		{"country_rules", `"country_code":"KP"`, same, no},
		{"country_rules", `"country_code":"KP","applies_to":["nationality"]`, countries(Country{"KP", "residence", "form"}, Country{"CH", "nationality", "form"}), no},
		{"country_rules", `"country_code":"KP"`, countries(Country{"KP", "", "form"}), yes},
		{"country_rules", `"country_code":"KP"`, countries(Country{"KP", "ip", "ip"}), yes},
		{"country_rules", `"country_code":"KP","applies_to":["phone"]`, countries(Country{"KP", "phone", "phone"}), yes},
		{"country_rules", `"country_code":"KP","applies_to":["birth","document_issuer"]`, countries(Country{"KP", "document_issuer", "document"}, Country{"CH", "birth", "form"}), yes},
		{"country_rules", `"country_code":"@fatf_high_risk","applies_to":["nationality"]`, countries(Country{"MM", "nationality", "form"}, Country{"MM", "document_issuer", "document"}), yes},
		{"country_rules", `"country_code":["@fatf_increased_monitoring","KP"]`, countries(Country{"VG", "residence", "form"}), yes},
		{"country_rules", `"country_code":["@fatf_increased_monitoring"]`, countries(Country{"IR", "residence", "form"}), no},
		{"country_rules", `"country_code":"@eu_high_risk"`, countries(Country{"IR", "residence", "form"}), yes},
		// The passport tells what the form leaves out, and what it denies.
		{"country_rules", `"country_code":"KP","applies_to":["nationality"]`, countries(Country{"KP", "nationality", "document"}, Country{"CH", "residence", "form"}), yes},

		// Lists: both ends of the score range belong to it.
		{"list_match_rules", `"min_score":0.85,"max_score":0.95`, hit("un", 0.85), yes},
		{"list_match_rules", `"min_score":0.85,"max_score":0.95`, hit("un", 0.95), yes},
		{"list_match_rules", `"min_score":0.85,"max_score":0.95`, hit("un", 0.8499), no},
		{"list_match_rules", `"min_score":0.85,"max_score":0.95`, hit("un", 0.9501), no},
		{"list_match_rules", `"list":"ofac"`, hit("ofac_sdn", 0.9), yes},
		{"list_match_rules", `"list":"ofac"`, hit("ofac", 0.9), yes},
		{"list_match_rules", `"list":"ofac"`, hit("ofacx", 0.9), no},
		{"list_match_rules", `"list":"ofac_sdn"`, hit("ofac_consolidated", 0.9), no},
		{"list_match_rules", `"list":"pep"`, hit("everypolitician", 0.9, kind("pep")), yes},
		{"list_match_rules", `"list":"*","match_type":"pep"`, hit("un", 0.9, kind("sanction")), no},
		{"list_match_rules", `"match_type":"sanction"`, hit("un", 0.9), yes},
		{"list_match_rules", `"entity_roles":["ubo","director"]`, hit("un", 0.9, role("ubo")), yes},
		{"list_match_rules", `"entity_roles":["ubo"]`, hit("un", 0.9), no},
		{"list_match_rules", `"entity_roles":["individual"]`, hit("un", 0.9), yes},
		{"list_match_rules", `"list":"*"`, hit("un", 0.9, status("false_positive")), no},
		{"list_match_rules", `"list":"*"`, hit("un", 0.9, status("true_positive")), yes},
		{"list_match_rules", `"list":"*"`, hit("un", 0.9, status("")), yes},

		// Faces: strictly below.
		{"face_rules", `"type":"face_match","below":0.93`, same, no},
		{"face_rules", `"type":"face_match","below":0.9301`, same, yes},
		{"face_rules", `"type":"liveness","below":97.3`, same, no},
		{"face_rules", `"type":"liveness","below":97.4`, same, yes},

		// Faces met before: at least, at most.
		{"face_dedup_rules", `"min_similarity":0.92`, met(DedupFace{Similarity: 0.92, Of: "rejected", AgeDays: 365}), yes},
		{"face_dedup_rules", `"min_similarity":0.92`, met(DedupFace{Similarity: 0.9199, Of: "rejected"}), no},
		{"face_dedup_rules", `"lookback_days":30`, met(DedupFace{Similarity: 1, Of: "rejected", AgeDays: 31}), no},
		{"face_dedup_rules", `"lookback_days":30`, met(DedupFace{Similarity: 1, Of: "rejected", AgeDays: 30}), yes},
		{"face_dedup_rules", `"against":["blocklist"]`, met(DedupFace{Similarity: 1, Of: "approved"}), no},
		{"face_dedup_rules", `"against":["blocklist"]`, met(DedupFace{Similarity: 1, Of: "blocklist"}), yes},
		{"face_dedup_rules", `"scope":"workflow"`, met(DedupFace{Similarity: 1, Of: "approved"}), no},
		{"face_dedup_rules", `"scope":"workflow"`, met(DedupFace{Similarity: 1, Of: "approved", SameWorkflow: true}), yes},
		{"face_dedup_rules", `"scope":"tenant"`, met(DedupFace{Similarity: 1, Of: "approved", SameCustomer: true}), no},
		{"face_dedup_rules", `"exclude_same_customer":false`, met(DedupFace{Similarity: 1, Of: "approved", SameCustomer: true}), yes},

		// Documents.
		{"document_rules", `"condition":"expired"`, document(func(d *Document) { d.ExpiresInDays = days(0) }), no},
		{"document_rules", `"condition":"expired"`, document(func(d *Document) { d.ExpiresInDays = days(-1) }), yes},
		{"document_rules", `"condition":"expired","document_type":"proof_of_address"`, document(func(d *Document) { d.ExpiresInDays = days(-1) }), no},
		{"document_rules", `"condition":"expires_within_days","params":{"days":60}`, document(func(d *Document) { d.ExpiresInDays = days(60) }), yes},
		{"document_rules", `"condition":"expires_within_days","params":{"days":60}`, document(func(d *Document) { d.ExpiresInDays = days(61) }), no},
		{"document_rules", `"condition":"expires_within_days"`, document(func(d *Document) { d.ExpiresInDays = days(30) }), yes},
		{"document_rules", `"condition":"expires_within_days"`, document(func(d *Document) { d.ExpiresInDays = days(-5) }), yes},
		{"document_rules", `"condition":"older_than_days","params":{"days":90}`, document(func(d *Document) { d.AgeDays = days(90) }), no},
		{"document_rules", `"condition":"older_than_days"`, document(func(d *Document) { d.AgeDays = days(91) }), yes},
		{"document_rules", `"condition":"tampering_suspected","document_type":"passport"`, document(func(d *Document) { d.Findings = []string{"tampering_suspected"} }), yes},
		{"document_rules", `"condition":"tampering_suspected"`, same, no},
		{"document_rules", `"condition":"mrz_invalid","document_type":"id_document"`, document(func(d *Document) { d.Findings = []string{"mrz_invalid"} }), yes},
		{"document_rules", `"condition":"low_quality"`, document(func(d *Document) { d.Findings = []string{"low_quality"} }), yes},
		{"document_rules", `"condition":"type_mismatch"`, document(func(d *Document) { d.Findings = []string{"type_mismatch"} }), yes},
		{"document_rules", `"condition":"extraction_failed"`, document(func(d *Document) { d.Status = "unreadable" }), yes},
		{"document_rules", `"condition":"missing","document_type":"proof_of_address"`, func(f *Facts) { f.Missing = []Missing{{Type: "proof_of_address"}} }, yes},
		{"document_rules", `"condition":"missing","document_type":"id"`, func(f *Facts) { f.Missing = []Missing{{Type: "proof_of_address"}} }, no},
		{"document_rules", `"condition":"missing"`, func(f *Facts) { f.Missing = []Missing{{Type: "tax_certificate"}} }, yes},
		{"document_rules", `"condition":"name_mismatch"`, func(f *Facts) { f.CrossValidation.Mismatches = []Mismatch{{Condition: "name_mismatch"}} }, yes},
		{"document_rules", `"condition":"dob_mismatch"`, func(f *Facts) {
			f.CrossValidation.Mismatches = []Mismatch{{Condition: "dob_mismatch", Documents: []string{"doc_1"}}}
		}, yes},
		{"document_rules", `"condition":"dob_mismatch"`, func(f *Facts) {
			f.CrossValidation.Mismatches = []Mismatch{{Condition: "dob_mismatch", Documents: []string{"doc_2"}}}
		}, no},
		{"document_rules", `"condition":"country_mismatch"`, document(func(d *Document) { d.Findings = []string{"country_mismatch"} }), yes},
		{"document_rules", `"condition":"address_mismatch"`, same, no},

		// Form answers.
		{"form_field_rules", `"field_id":"pep_status","operator":"not_equals","value":"No"`, same, no},
		{"form_field_rules", `"field_id":"pep_status","operator":"equals","value":"No"`, same, yes},
		{"form_field_rules", `"field_id":"pep_status","operator":"equals","value":"no"`, same, no},
		{"form_field_rules", `"field_id":"pep_status","operator":"equals","value":"no","ignore_case":true`, same, yes},
		{"form_field_rules", `"field_id":"date_of_birth","operator":"age_below","value":36`, same, yes},
		{"form_field_rules", `"field_id":"date_of_birth","operator":"age_below","value":35`, same, no},
		{"form_field_rules", `"field_id":"turnover","operator":"greater_or_equal","value":50000`, same, yes},
		{"form_field_rules", `"field_id":"turnover","operator":"greater_than","value":50000`, same, no},
		{"form_field_rules", `"field_id":"turnover","operator":"between","value":[50000,60000]`, same, yes},
		{"form_field_rules", `"field_id":"nothing","operator":"is_empty"`, same, yes},

		// Adverse media: at least the score, one of the categories.
		{"adverse_media_rules", `"min_risk_score":70`, func(f *Facts) { f.AdverseMedia.Score = num(70) }, yes},
		{"adverse_media_rules", `"min_risk_score":70`, func(f *Facts) { f.AdverseMedia.Score = num(69.9) }, no},
		{"adverse_media_rules", `"min_risk_score":70,"categories":["financial_crime"]`, func(f *Facts) {
			f.AdverseMedia.Score, f.AdverseMedia.Categories = num(90), []string{"fraud", "financial_crime"}
		}, yes},
		{"adverse_media_rules", `"min_risk_score":70,"categories":["financial_crime"]`, func(f *Facts) {
			f.AdverseMedia.Score, f.AdverseMedia.Categories = num(90), []string{"fraud"}
		}, no},

		{"crypto_rules", `"condition":"sanctioned"`, func(f *Facts) { f.Crypto.Hits = 1 }, yes},
		{"crypto_rules", `"condition":"sanctioned"`, func(f *Facts) { f.Crypto.Invalid = 1 }, no},
		{"crypto_rules", `"condition":"invalid_address"`, func(f *Facts) { f.Crypto.Invalid = 1 }, yes},

		{"subsession_rules", `"condition":"any_rejected"`, func(f *Facts) { f.Subsessions.Rejected = 1 }, yes},
		{"subsession_rules", `"condition":"any_rejected"`, func(f *Facts) { f.Subsessions.Pending = 3 }, no},
		{"subsession_rules", `"condition":"any_flagged"`, func(f *Facts) { f.Subsessions.Flagged = 1 }, yes},
		{"subsession_rules", `"condition":"any_expired"`, func(f *Facts) { f.Subsessions.Expired = 1 }, yes},

		{"risk_rules", `"min_score":10`, same, yes},
		{"risk_rules", `"min_score":10.01`, same, no},
	} {
		name := c.section + " " + c.rule
		r := must(t, fmt.Sprintf(`{"default_action":"auto_approve","%s":[{%s,"action":"auto_deny","reason":"because"}]}`, c.section, c.rule))
		d := r.Evaluate(with(c.facts))
		want := AutoApprove
		if c.applies {
			want = AutoDeny
		}
		if d.Outcome != want {
			t.Errorf("%s: outcome %s, want %s; %+v", name, d.Outcome, want, d)
			continue
		}
		if !c.applies {
			continue
		}
		if len(d.Triggered) != 1 || d.Triggered[0].Rule != c.section+"[0]" || d.WinningRule != c.section+"[0]" || d.Triggered[0].Reason != "because" || len(d.Triggered[0].Facts) == 0 {
			t.Errorf("%s: triggered %+v, winner %s", name, d.Triggered, d.WinningRule)
		}
		if _, err := json.Marshal(d); err != nil {
			t.Errorf("%s: the decision is no JSON: %v", name, err)
		}
	}
}

// An approving rule is not helped by a passport that says something else than
// the form.
func TestApprovingCountryRuleReadsTheFormFirst(t *testing.T) {
	t.Parallel()
	f := with(func(f *Facts) {
		f.Countries = []Country{{"KP", "nationality", "form"}, {"CH", "nationality", "document"}}
	})
	for _, action := range []string{"auto_approve", "flag", "no_action"} {
		r := must(t, `{"country_rules":[{"country_code":"CH","applies_to":["nationality"],"action":"`+action+`"}]}`)
		if d := r.Evaluate(f); len(d.Triggered) != 0 {
			t.Errorf("%s: %+v", action, d.Triggered)
		}
	}
}

// Whatever a rule cannot see is named, and a rule that denies or reviews holds
// an approval back.
func TestUnknownFactsHoldAnApprovalBack(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		section, rule string
		facts         func(*Facts)
		check         string
	}{
		{"country_rules", `"country_code":"KP"`, func(f *Facts) { f.Countries = nil }, CheckCountries},
		{"country_rules", `"country_code":"KP","applies_to":["residence"]`, func(f *Facts) { f.Countries = f.Countries[:1] }, CheckCountries},
		{"country_rules", `"country_code":"KP","applies_to":["birth"]`, func(f *Facts) { f.CountriesAsked = nil }, CheckCountries},
		{"list_match_rules", `"list":"*"`, func(f *Facts) { f.Checks = f.Checks[:10] }, CheckLists},
		{"list_match_rules", `"list":"pep"`, func(f *Facts) { f.Checks[10] = CheckState{Name: CheckLists, Status: Errored} }, CheckLists},
		{"face_rules", `"type":"face_match","below":0.5`, func(f *Facts) { f.Face, f.Checks[3].Required = nil, false }, CheckFaceMatch},
		{"face_rules", `"type":"face_match","below":0.5`, func(f *Facts) { f.Face.Value = nil }, CheckFaceMatch},
		{"face_rules", `"type":"liveness","below":50`, func(f *Facts) { f.Liveness.Status = NotRun }, CheckLiveness},
		{"face_dedup_rules", `"min_similarity":0.9`, func(f *Facts) { f.Dedup = nil }, CheckFaceDedup},
		{"document_rules", `"condition":"expired"`, func(f *Facts) { f.Documents[0].ExpiresInDays = nil }, CheckDocuments},
		{"document_rules", `"condition":"mrz_invalid"`, func(f *Facts) { f.Documents[0].Unknown = []string{"mrz_invalid"} }, CheckDocuments},
		{"document_rules", `"condition":"tampering_suspected"`, func(f *Facts) { f.Documents[0].Status = "unreadable" }, CheckDocuments},
		{"document_rules", `"condition":"missing"`, func(f *Facts) { f.Checks = f.Checks[1:] }, CheckDocuments},
		{"document_rules", `"condition":"name_mismatch"`, func(f *Facts) { f.CrossValidation = nil }, CheckCrossValidation},
		{"form_field_rules", `"field_id":"x","operator":"is_true"`, func(f *Facts) { f.Form = nil }, CheckForm},
		{"adverse_media_rules", `"min_risk_score":70`, func(f *Facts) { f.AdverseMedia = nil }, CheckAdverseMedia},
		{"adverse_media_rules", `"min_risk_score":70`, func(f *Facts) { f.AdverseMedia.Score = nil }, CheckAdverseMedia},
		{"adverse_media_rules", `"min_risk_score":70,"categories":["fraud"]`, func(f *Facts) { f.AdverseMedia.Score = num(80) }, CheckAdverseMedia},
		{"crypto_rules", `"condition":"sanctioned"`, func(f *Facts) { f.Crypto.Status = Errored }, CheckWallets},
		{"subsession_rules", `"condition":"any_rejected"`, func(f *Facts) { f.Subsessions, f.Checks = nil, slices.Delete(f.Checks, 8, 9) }, CheckRelated},
		{"risk_rules", `"min_score":50`, func(f *Facts) { f.Risk.Status = NotRun }, CheckRisk},
		{"risk_rules", `"min_score":1`, func(f *Facts) { f.Risk.Score = nil }, CheckRisk},
	} {
		for _, a := range Actions() {
			r := must(t, fmt.Sprintf(`{"default_action":"auto_approve","%s":[{%s,"action":"%s"}]}`, c.section, c.rule, a))
			f := with(c.facts)
			for i := range f.Checks {
				f.Checks[i].Required = false
			}
			d := r.Evaluate(f)
			if len(d.Triggered) != 0 || len(d.Unjudged) != 1 || d.Unjudged[0].Check != c.check || d.Unjudged[0].Reason == "" {
				t.Errorf("%s %s %s: %+v", c.section, c.rule, a, d)
				continue
			}
			held := a == AutoDeny || a == ManualReview
			if held != (d.Outcome == ManualReview) || held != (d.Floor != nil) || held != d.Unjudged[0].Holds {
				t.Errorf("%s %s %s: outcome %s, floor %+v", c.section, c.rule, a, d.Outcome, d.Floor)
			}
		}
	}
}

// A kind of country the session does not ask for cannot hold it back, and a
// question left out holds nothing back, but both are visible.
func TestWhatIsNotAskedIsVisibleAndHoldsNothingBack(t *testing.T) {
	t.Parallel()
	r := must(t, `{"default_action":"auto_approve",
		"country_rules":[{"country_code":"KP","applies_to":["incorporation"],"action":"auto_deny"}],
		"form_field_rules":[{"field_id":"left_out","operator":"not_equals","value":"No","action":"auto_deny"}]}`)
	d := r.Evaluate(good())
	if d.Outcome != AutoApprove || len(d.Unjudged) != 2 || d.Unjudged[0].Check != CheckCountries || d.Unjudged[1].Check != CheckForm {
		t.Fatalf("%+v", d)
	}
}

// A bad value counts for a rule that restricts even when its check errored.
func TestABadValueOfAnErroredCheckCounts(t *testing.T) {
	t.Parallel()
	for _, rules := range []string{
		`"face_rules":[{"type":"face_match","below":0.95,"action":"%s"}]`,
		`"face_rules":[{"type":"liveness","below":99,"action":"%s"}]`,
		`"risk_rules":[{"min_score":5,"action":"%s"}]`,
	} {
		f := with(func(f *Facts) { f.Face.Status, f.Liveness.Status, f.Risk.Status = Errored, Errored, Errored })
		if d := must(t, fmt.Sprintf(`{"default_action":"auto_approve",`+rules+`}`, AutoDeny)).Evaluate(f); d.Outcome != AutoDeny {
			t.Errorf("%s: %+v", rules, d)
		}
		if d := must(t, fmt.Sprintf(`{`+rules+`}`, Flag)).Evaluate(f); d.Outcome != ManualReview || len(d.Unjudged) != 1 {
			t.Errorf("%s: a value nobody vouches for approves: %+v", rules, d)
		}
	}
}

// Numbers that are none never help: they cannot be hashed, so nothing is
// approved, and a rule that restricts takes them for the worst.
func TestNumbersThatAreNone(t *testing.T) {
	t.Parallel()
	r := must(t, `{"default_action":"auto_approve"}`)
	d := r.Evaluate(with(func(f *Facts) { f.Risk.Score = num(math.NaN()) }))
	if d.Outcome != ManualReview || d.FactsHash != "" || d.Floor == nil || d.Floor.Checks[0] != CheckFacts {
		t.Errorf("%+v", d)
	}
	r = must(t, `{"default_action":"auto_approve","list_match_rules":[{"min_score":0.8,"action":"auto_deny"}]}`)
	d = r.Evaluate(with(func(f *Facts) { f.Hits = []Hit{{List: "un", Score: math.NaN()}} }))
	if d.Outcome != AutoDeny {
		t.Errorf("%+v", d)
	}
	if _, err := json.Marshal(d); err != nil {
		t.Error(err)
	}
}
