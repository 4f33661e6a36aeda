package check

import "bonafide/kyc"

// Scores of document_fraud from which a person looks and from which it fails.
const (
	fraudReviewFrom = 60.0
	fraudFailFrom   = 85.0
)

type fraudConfig struct {
	ReviewFrom float64  `json:"review_from"`
	FailFrom   float64  `json:"fail_from"`
	Threshold  *float64 `json:"threshold"`
}

// documentFraud scores the risk that an identity document is forged.
func documentFraud(_ Deps) Check {
	s := spec("document_fraud", "Document fraud analysis",
		"Adds named points for every sign of forgery on the identity documents that were handed in, cut to 0-100: check digits, printed text against the zone, specimens, editing software, impossible dates and codes, repeated pictures, contradictions between the documents. A document that cannot be read asks for a person and never gets a low score.",
		fraudTimeout)
	s.Needs = []string{"document_front"}
	s.Provides = []string{"score", "details.risk_score", "details.threshold_reached", "details.signals", "details.documents"}
	s.ConfigSchema = schema(`
"review_from":{"type":"number","minimum":0,"maximum":100,"default":60,"description":"Risk score from which a person must look, 0-100."},
"fail_from":{"type":"number","minimum":0,"maximum":101,"default":85,"description":"Risk score from which the check fails; 101: never."},
"threshold":{"type":"number","minimum":0,"maximum":100,"description":"Risk score from which details.threshold_reached is true and a workflow may ask for more evidence, such as the chip; absent: review_from."}`, "")
	return Check{Spec: s}
}

// fraudVerdict decides by a risk score of 0-100.
func fraudVerdict(score float64, c fraudConfig) kyc.Verdict {
	switch {
	case score >= c.FailFrom:
		return kyc.Fail
	case score >= c.ReviewFrom:
		return kyc.VerdictReview
	}
	return kyc.Pass
}
