package check

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"bonafide/kyc"
)

type riskConfig struct {
	ReviewFrom        float64            `json:"review_from"`
	FailFrom          float64            `json:"fail_from"`
	HighRiskCountries []string           `json:"high_risk_countries"`
	CountryPoints     float64            `json:"country_points"`
	Weights           map[string]float64 `json:"weights"`
}

// failWeights are the points of a failed check; half of them count for one
// that asks for review, and errorPoints for one that could not answer.
var failWeights = map[string]float64{
	"document_ocr": 45, "nfc_chip_auth": 45, "face_match": 45, "liveness": 45, "watchlist_screening": 60, "aml_pep": 35,
	"adverse_media": 25, "identity_crossref": 35, "duplicate_detection": 35, "check_against_list": 45, "document_expiration": 25,
	"id_document_filter": 20, "age_check": 20, "proof_of_address_check": 20, "email_risk": 15, "phone_risk": 15, "ip_risk": 15, "http": 25, "consent": 10,
	"document_set": 45, "cross_validation": 35, "wallet_screening": 60, "face_dedup": 35, "related_parties": 25, "kyc_verification": 35, "matchlist_screening": 45, "name_validation": 20,
	"document_fraud": 45, "age_estimation": 20, "additional_ids": 35,
}

// identifying are the checks whose Spec.Identity is set (a test compares).
var identifying = []string{"document_ocr", "face_match", "nfc_chip_auth", "identity_crossref", "cross_validation", "watchlist_screening", "kyc_verification"}

const (
	otherWeight   = 20.0 // a failed check without a line of its own
	errorPoints   = 30.0
	warningPoints = 4.0
	warningsAtMax = 5 // so many warnings count
	noIdentity    = 55.0
	countryDiffer = 8.0
)

func riskAssessment() Check {
	s := spec("risk_assessment", "Risk",
		"Adds named points for everything that speaks against the session so far, cut to 0-100: low to 20, medium to 50, high to 80, critical above.", 0)
	s.Provides = []string{"score", "details.level", "details.signals", "risk.score"}
	s.ConfigSchema = schema(`
"review_from":{"type":"number","minimum":0,"maximum":101,"default":51,"description":"Score from which a person must look; 101: never."},
"fail_from":{"type":"number","minimum":0,"maximum":101,"default":81,"description":"Score from which the check fails; 101: never."},
"high_risk_countries":{"type":"array","uniqueItems":true,"maxItems":300,"items":{"type":"string","pattern":"^[A-Za-z]{2}$"},"description":"ISO 3166-1 alpha-2 codes that add country_points once."},
"country_points":{"type":"number","minimum":0,"maximum":100,"default":25,"description":"Points for a high-risk country."},
"weights":{"type":"object","additionalProperties":{"type":"number","minimum":0,"maximum":100},"description":"Points of a failed check by its name, in place of the built-in ones."}`, "")
	return Check{Spec: s, Run: func(_ context.Context, r kyc.CheckRequest) kyc.Answer {
		c := riskConfig{ReviewFrom: 51, FailFrom: 81, CountryPoints: 25}
		if err := decode(r.Config, &c); err != nil {
			return broken("config_invalid", "the check's config cannot be read")
		}
		if c.FailFrom < c.ReviewFrom {
			return broken("config_invalid", "fail_from is below review_from")
		}
		signals := riskSignals(r, c)
		a := judgeRisk(signals, c)
		if len(r.Checks) == 0 {
			// Nothing was looked at: a low score would only say that.
			a.Verdict = worse(a.Verdict, kyc.VerdictReview)
			a.Reasons = append(a.Reasons, reason(warning, "nothing_to_assess", "no other check has answered yet"))
		}
		return a
	}}
}

// RiskLevel names a score of 0-100 (api.md 6.9).
func RiskLevel(score float64) string {
	switch {
	case score <= 20:
		return "low"
	case score <= 50:
		return "medium"
	case score <= 80:
		return "high"
	}
	return "critical"
}

// riskSignals lists everything that adds points, in a fixed order.
func riskSignals(r kyc.CheckRequest, c riskConfig) []kyc.Reason {
	var out []kyc.Reason
	add := func(code string, points float64, message string) {
		if points > 0 {
			severity := warning
			if points >= 25 {
				severity = critical
			}
			out = append(out, kyc.Reason{Code: code, Message: message, Severity: severity, Points: number(round4(points))})
		}
	}
	identified, warned := false, 0
	for _, policy := range slices.Sorted(maps.Keys(r.Checks)) {
		if policy == "risk_assessment" || policy == "automation_rules" || policy == "procedure_decision" {
			continue
		}
		f := r.Checks[policy]
		weight, known := c.Weights[policy]
		if !known {
			if weight, known = failWeights[policy]; !known {
				weight = otherWeight
			}
		}
		switch f.Status {
		case "passed":
			identified = identified || slices.Contains(identifying, policy)
		case "failed":
			add(policy+"_failed", weight, policy+" failed")
		case "review":
			add(policy+"_review", weight/2, policy+" asks for a person")
		case "skipped":
		default: // error, and whatever else is no answer
			add(policy+"_error", errorPoints, policy+" could not answer")
		}
		for _, reason := range f.Reasons {
			if f.Status == "passed" && (reason.Severity == warning || reason.Severity == critical) {
				warned++
			}
		}
	}
	if warned > 0 {
		add("warnings", warningPoints*float64(min(warned, warningsAtMax)), fmt.Sprintf("%d warnings of checks that passed", warned))
	}
	if !identified {
		add("no_identity_evidence", noIdentity, "no check that ties the applicant to an identity has passed")
	}
	paper, form := onPaper(r), onForm(r)
	countries := distinct(strings.ToUpper(r.Country), paper.nationality, paper.issuer, form.country, form.nationality)
	if slices.ContainsFunc(c.HighRiskCountries, func(h string) bool { return slices.Contains(countries, strings.ToUpper(h)) }) {
		add("high_risk_country", c.CountryPoints, "a country of the session is on the organisation's list of high risk")
	}
	if r.Country != "" && paper.issuer != "" && !strings.EqualFold(r.Country, paper.issuer) {
		add("country_differs", countryDiffer, "the session and the document name different countries")
	}
	return out
}

// judgeRisk adds the signals up. The points of the reasons add up to the
// score, except where it is cut at 100.
func judgeRisk(signals []kyc.Reason, c riskConfig) kyc.Answer {
	total := 0.0
	shown := []any{}
	for _, s := range signals {
		total += *s.Points
		shown = append(shown, map[string]any{"code": s.Code, "points": *s.Points})
	}
	score := round4(min(100, total))
	a := judged(kyc.Pass, signals...)
	switch {
	case score >= c.FailFrom:
		a.Verdict = kyc.Fail
	case score >= c.ReviewFrom:
		a.Verdict = kyc.VerdictReview
	}
	a.Score, a.Threshold = number(score), number(c.ReviewFrom)
	a.Details = map[string]any{"level": RiskLevel(score), "signals": shown}
	if len(signals) == 0 {
		a.Reasons = []kyc.Reason{reason(info, "no_risk_signals", "nothing speaks against the session")}
	}
	return a
}
