package rule

import "slices"

func (e *evaluation) adverseMedia(r ref, c *AdverseMediaRule) {
	if e.f.AdverseMedia == nil {
		e.unjudged(r, c.Action, CheckAdverseMedia, why(e.states.media), true)
		return
	}
	m := e.f.AdverseMedia
	score, ok := known(m.Score)
	if !ok {
		e.unjudged(r, c.Action, CheckAdverseMedia, why(e.states.media), true)
		return
	}
	if score >= c.MinRiskScore {
		var common []string
		for _, one := range c.Categories {
			if slices.Contains(m.Categories, one) {
				common = append(common, one)
			}
		}
		if len(c.Categories) == 0 || len(common) > 0 {
			if c.Action.excuses() {
				e.excused.media(common, len(c.Categories) == 0)
			}
			facts := map[string]any{"risk_score": score, "categories": common}
			if len(c.Categories) == 0 {
				facts["categories"] = slices.Clone(m.Categories)
			}
			e.trigger(r, c.Action, c.Reason, facts)
			return
		}
		if len(m.Categories) == 0 {
			e.unjudged(r, c.Action, CheckAdverseMedia, "the categories of the findings are not known", true)
			return
		}
	}
	if !concluded(e.states.media) {
		e.unjudged(r, c.Action, CheckAdverseMedia, why(e.states.media), true)
	}
}

// CryptoConditions are the conditions of crypto rules.
func CryptoConditions() []string { return []string{"sanctioned", "invalid_address"} }

func (e *evaluation) crypto(r ref, c *CryptoRule) {
	count := 0
	if e.f.Crypto != nil {
		count = e.f.Crypto.Hits
		if c.Condition == "invalid_address" {
			count = e.f.Crypto.Invalid
		}
	}
	if count > 0 {
		if c.Action.excuses() {
			e.excused.crypto = append(e.excused.crypto, c.Condition)
		}
		e.trigger(r, c.Action, c.Reason, map[string]any{c.Condition: count})
		return
	}
	if !concluded(e.states.crypto) {
		e.unjudged(r, c.Action, CheckWallets, why(e.states.crypto), true)
	}
}

// SubsessionConditions are the conditions of subsession rules.
func SubsessionConditions() []string { return []string{"any_rejected", "any_flagged", "any_expired"} }

func (e *evaluation) subsession(r ref, c *SubsessionRule) {
	count := 0
	if s := e.f.Subsessions; s != nil {
		switch c.Condition {
		case "any_rejected":
			count = s.Rejected
		case "any_flagged":
			count = s.Flagged
		case "any_expired":
			count = s.Expired
		}
	}
	if count > 0 {
		if c.Action.excuses() {
			e.excused.related = append(e.excused.related, c.Condition)
		}
		e.trigger(r, c.Action, c.Reason, map[string]any{c.Condition: count, "total": e.f.Subsessions.Total})
		return
	}
	if !concluded(e.states.related) {
		e.unjudged(r, c.Action, CheckRelated, why(e.states.related), true)
	}
}

// impact is what impact_parent_status means (X19): one rejected related party
// sends the session to review, and never denies it. An author's own
// subsession_rules may say more; they cannot say less.
func (e *evaluation) impact() {
	s := e.f.Subsessions
	r := ref{"impact_parent_status", -1}
	if s == nil {
		// A workflow with related parties whose state nobody knows.
		if e.f.lists(CheckRelated) {
			e.unjudged(r, ManualReview, CheckRelated, "the state of the related parties is not known", true)
		}
		return
	}
	if !s.Impact {
		return
	}
	if s.Rejected > 0 {
		e.trigger(r, ManualReview, "a related party was rejected", map[string]any{"any_rejected": s.Rejected, "total": s.Total})
	} else if !concluded(e.states.related) {
		e.unjudged(r, ManualReview, CheckRelated, why(e.states.related), true)
	}
}

func (e *evaluation) risk(r ref, c *RiskRule) {
	var score float64
	ok := false
	if e.f.Risk != nil {
		score, ok = known(e.f.Risk.Score)
	}
	sure := ok && concluded(e.states.risk)
	if !sure && !(ok && score >= c.MinScore && c.Action.restricts()) {
		e.unjudged(r, c.Action, CheckRisk, why(e.states.risk), true)
		return
	}
	if score < c.MinScore {
		return
	}
	if c.Action.excuses() {
		e.excused.risk = true
	}
	e.trigger(r, c.Action, c.Reason, map[string]any{"risk_score": score, "min_score": c.MinScore})
}
