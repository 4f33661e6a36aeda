package flow

import (
	"fmt"

	"bonafide/kyc"
)

// Names of the bounds of a rollout, as the surfaces call them.
const (
	MaxErrorRate          = "max_error_rate"
	MaxRejectionRate      = "max_rejection_rate"
	MaxReviewRate         = "max_review_rate"
	MaxErrorDeviation     = "max_error_deviation"
	MaxRejectionDeviation = "max_rejection_deviation"
	MaxReviewDeviation    = "max_review_deviation"
)

// Limits of guardrails.
const (
	DefaultMinSessions = 50
	maxMinSessions     = 1_000_000
	maxWindowHours     = 90 * 24
)

// GuardrailProblems says what keeps bounds from being used, each with its path
// under root (such as "/guardrails").
func GuardrailProblems(g kyc.Guardrails, root string) []kyc.Problem {
	var out []kyc.Problem
	add := func(path, code, message string) {
		out = append(out, kyc.Problem{Path: root + path, Code: code, Message: message})
	}
	named := false
	for _, b := range bounds(g) {
		if b.limit == nil {
			continue
		}
		named = true
		if *b.limit < 0 || *b.limit > kyc.Whole {
			add("/"+b.name, "out_of_range", "a share of 0 to 1")
		}
	}
	if !named {
		add("", "no_bound", "name at least one bound, such as "+MaxErrorRate)
	}
	if g.MinSessions < 1 || g.MinSessions > maxMinSessions {
		add("/min_sessions", "out_of_range", fmt.Sprintf("1 to %d", maxMinSessions))
	}
	if g.WindowHours < 0 || g.WindowHours > maxWindowHours {
		add("/window_hours", "out_of_range", fmt.Sprintf("1 to %d hours; leave it out for the whole rollout", maxWindowHours))
	}
	return out
}

// bound is one bound and what it looks at.
type bound struct {
	name  string
	limit *kyc.Share
	of    func(kyc.TrialTally) int
	// differs compares with the other version; both also below it.
	differs, both bool
}

func bounds(g kyc.Guardrails) []bound {
	errors := func(t kyc.TrialTally) int { return t.Errors }
	rejections := func(t kyc.TrialTally) int { return t.Rejections }
	reviews := func(t kyc.TrialTally) int { return t.Reviews }
	return []bound{
		{MaxErrorRate, g.MaxErrors, errors, false, false},
		{MaxRejectionRate, g.MaxRejections, rejections, false, false},
		{MaxReviewRate, g.MaxReviews, reviews, false, false},
		{MaxErrorDeviation, g.ErrorRise, errors, true, false},
		{MaxRejectionDeviation, g.RejectionDiff, rejections, true, true},
		{MaxReviewDeviation, g.ReviewDiff, reviews, true, true},
	}
}

// Breached finds the first bound that a rollout left: by simple shares, once
// the minimum of sessions has ended. A share that is exactly at its bound is
// within it. It computes with whole numbers only, so the same counts give the
// same answer everywhere and for ever. nil: all are kept, or too few ended.
func Breached(g kyc.Guardrails, fresh, rest kyc.TrialTally) *kyc.Breach {
	if fresh.Sessions < max(g.MinSessions, 1) {
		return nil
	}
	n, m := int64(fresh.Sessions), int64(rest.Sessions)
	for _, b := range bounds(g) {
		if b.limit == nil {
			continue
		}
		limit, got := int64(*b.limit), int64(b.of(fresh))
		left := got*int64(kyc.Whole) > limit*n
		if b.differs {
			if rest.Sessions < max(g.MinSessions, 1) {
				continue
			}
			// got/n − held/m against limit/10000, brought to one denominator.
			gap := got*m - int64(b.of(rest))*n
			if b.both && gap < 0 {
				gap = -gap
			}
			left = gap*int64(kyc.Whole) > limit*n*m
		}
		if left {
			return &kyc.Breach{Bound: b.name, Limit: *b.limit, Fresh: fresh, Rest: rest}
		}
	}
	return nil
}
