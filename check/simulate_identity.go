package check

import (
	"bonafide/kyc"
)

// simulateChip answers for a chip: the fields are those of the simulated
// document.
func simulateChip(a *kyc.Answer, m Magic, r kyc.CheckRequest) {
	authentic := a.Verdict == kyc.Pass
	groups := []any{}
	for _, u := range current(r.Uploads, "nfc") {
		if u.Side != "" && u.Side != "SOD" {
			groups = append(groups, u.Side)
		}
	}
	a.Details = map[string]any{"authentic": authentic, "chip_authenticity": "not_proven", "data_groups": groups, "mismatches": []any{}, "compared": []any{}, "expired": false}
	if authentic {
		simulateFields(a, m, r, "chip")
	}
}

// simulatedFraud is the simulated risk of a magic name; any other name has
// ordinaryRisk.
func simulatedFraud(m Magic) float64 {
	switch m.Name {
	case "HIGHRISK":
		return 80
	case "TAMPERED":
		return 95
	}
	return ordinaryRisk
}

// ordinaryRisk is the simulated risk of an applicant whom nothing speaks
// against, 0-100.
const ordinaryRisk = 12.0

// simulateFraud decides by the limits of the config, so that a magic name
// shows what such a score does in the author's workflow.
func simulateFraud(a *kyc.Answer, m Magic, r kyc.CheckRequest) {
	score := simulatedFraud(m)
	code := "simulated"
	if score > ordinaryRisk {
		code = m.code
	}
	c := fraudConfig{ReviewFrom: configNumber(r.Config, "review_from", fraudReviewFrom), FailFrom: configNumber(r.Config, "fail_from", fraudFailFrom)}
	threshold := configNumber(r.Config, "threshold", c.ReviewFrom)
	a.Verdict = kyc.Pass
	if score > ordinaryRisk { // any other name passes, whatever the limits
		a.Verdict = fraudVerdict(score, c)
	}
	for i := range a.Reasons {
		a.Reasons[i].Points = number(score)
	}
	a.Score, a.Threshold = number(score), number(threshold)
	documents := []any{}
	for _, which := range []string{idPrimary, idSecondary, idTertiary} {
		if len(idUploads(r.Uploads, which)) > 0 {
			documents = append(documents, map[string]any{"document": which, "readable": true})
		}
	}
	a.Details = map[string]any{"risk_score": score, "threshold_reached": score >= threshold, "documents": documents,
		"signals": []any{map[string]any{"code": code, "points": score, "document": idPrimary}}}
}

// simulateAge estimates the age of the simulated person. Only UNDERAGE is too
// young: where the person is, the estimate is the limit itself.
func simulateAge(a *kyc.Answer, touched bool, m Magic, r kyc.CheckRequest) {
	minimum := configNumber(r.Config, "minimum_age", estimationMinimum)
	estimate := max(float64(ageOn(simulatedPerson(m, r).born, today(r.Now))), minimum)
	if touched {
		estimate = min(16, minimum-1)
	}
	a.Score, a.Threshold = number(estimate), number(minimum)
	a.Details = map[string]any{"estimated_age": estimate, "minimum_age": minimum, "age_check_passed": !touched}
}

// simulateFurther pretends that every further document that was handed in is a
// good one of the same person. What is missing is really looked at.
func simulateFurther(a *kyc.Answer, r kyc.CheckRequest) {
	var c additionalIDsConfig
	if err := decode(r.Config, &c); err != nil {
		*a = broken("config_invalid", "the check's config cannot be read")
		return
	}
	documents, missing := []any{}, []any{}
	for _, which := range c.wanted() {
		if len(idUploads(r.Uploads, which)) == 0 {
			missing = append(missing, which)
			a.Verdict = worse(a.Verdict, kyc.Fail)
			a.Reasons = append(a.Reasons, missingID(which))
			continue
		}
		documents = append(documents, map[string]any{"document": which, "readable": true, "same_person": true, "distinct": true})
	}
	a.Details = map[string]any{"documents": documents, "missing": missing}
	if len(c.wanted()) == 0 {
		a.Reasons = []kyc.Reason{reason(info, "no_further_ids", "no further identity document is asked for")}
	}
}
