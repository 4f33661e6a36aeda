package monitor

import (
	"testing"

	"bonafide/kyc"
)

// Articles that name somebody and that nobody read are no low risk.
func TestUnreadNewsIsNoLowRisk(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{"language_not_read": "MEDIUM_RISK", "too_many_articles": "MEDIUM_RISK", "named_only": "LOW_RISK"} {
		a := kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.VerdictReview, Details: map[string]any{"risk_score": 0.0}, Reasons: []kyc.Reason{{Code: code}}}
		if got := mediaOf(a); got.Decision != want || got.RiskScore != 0 {
			t.Errorf("%s: %+v, want %s", code, got, want)
		}
	}
}
