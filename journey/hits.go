package journey

import (
	"context"
	"slices"

	"bonafide/kyc"
)

// What a reviewer says of the hits of a check.
const (
	MatchOpen     = "open"
	FalsePositive = "false_positive"
	TruePositive  = "true_positive"
)

// matchStatus is what a reviewer's last word makes of a hit that a check found in
// a run: false_positive, true_positive, or open without a word. A word that was
// said in an earlier case and that holds still is in the check's own answer.
func matchStatus(c *kyc.Case, run kyc.ID, policy string, f kyc.CheckFact) func(h kyc.Hit) string {
	confirmed := judgedHits(f.Details, "confirmed")
	return func(h kyc.Hit) string {
		switch c.WordOn(policy, run, h) {
		case kyc.HitFalse:
			return FalsePositive
		case kyc.HitTrue:
			return TruePositive
		}
		for _, known := range confirmed {
			if known.List == h.List && known.EntityID == h.EntryID && known.EntityRole == h.Role {
				return TruePositive
			}
		}
		return MatchOpen
	}
}

// sameHits are the hits of a related party's run without those that reviewers
// called false positives, in words that count (Deps.Reviewed).
func (m *Machine) sameHits(ctx context.Context, s *kyc.Session, t Trace, policy string) ([]kyc.Hit, error) {
	hits := t.Checks[policy].Hits
	last, asked := t.Last(policy)
	if !asked || len(hits) == 0 || m.d.Reviewed == nil {
		return hits, nil
	}
	words, err := m.d.Reviewed(ctx, s)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(hits), func(h kyc.Hit) bool {
		return slices.ContainsFunc(last.Answer.Marks, func(mark kyc.HitMark) bool {
			return mark.Of(h) && kyc.HeldWord(words, mark) == kyc.HitFalse
		})
	}), nil
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
