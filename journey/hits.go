package journey

import "bonafide/kyc"

// What a reviewer says of the hits of a check.
const (
	MatchOpen     = "open"
	FalsePositive = "false_positive"
	TruePositive  = "true_positive"
)

// matchStatus is what the reviewer's last word on a check makes of its hits:
// a check overridden as passed has false positives, one confirmed as failed
// has true ones; without a word they are open.
func matchStatus(c *kyc.Case, policy string) string {
	status := MatchOpen
	if c == nil {
		return status
	}
	for _, o := range c.Overrides {
		switch {
		case o.Policy != policy:
		case o.Result == "passed":
			status = FalsePositive
		case o.Result == "failed":
			status = TruePositive
		}
	}
	return status
}

// The policies of the compiled graph (package onboarding).
const (
	policyDocuments = "document_set"
	policyCross     = "cross_validation"
	policyLiveness  = "liveness"
	policyFace      = "face_match"
	policyDedup     = "face_dedup"
	policyWallets   = "wallet_screening"
	policyMedia     = "adverse_media"
	policyRelated   = "related_parties"
	policyRisk      = "risk_assessment"
	policyLists     = "watchlist_screening"
	policyRules     = "automation_rules"
)
