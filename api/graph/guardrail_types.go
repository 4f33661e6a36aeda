package graph

import (
	"math"

	"bonafide/flow"
	"bonafide/kyc"
)

// guardrails are the bounds of a rollout; shares are 0 to 1, kept to four
// decimals.
type guardrails struct {
	MaxErrorRate          *float64 `json:"max_error_rate,omitempty" doc:"Highest share of sessions of the new version that may end with an error: a run that failed, or a check that had no answer after its last attempt, whatever the graph made of it." minimum:"0" maximum:"1" nullable:"true" example:"0.05"`
	MaxRejectionRate      *float64 `json:"max_rejection_rate,omitempty" doc:"Highest share that may be rejected." minimum:"0" maximum:"1" nullable:"true" example:"0.3"`
	MaxReviewRate         *float64 `json:"max_review_rate,omitempty" doc:"Highest share that may need a person." minimum:"0" maximum:"1" nullable:"true" example:"0.4"`
	MaxErrorDeviation     *float64 `json:"max_error_deviation,omitempty" doc:"How far the share of errors may lie above that of the version that takes the other sessions: 0.03 is three percentage points." minimum:"0" maximum:"1" nullable:"true" example:"0.03"`
	MaxRejectionDeviation *float64 `json:"max_rejection_deviation,omitempty" doc:"How far the share of rejections may lie from that of the other version, above or below it." minimum:"0" maximum:"1" nullable:"true" example:"0.1"`
	MaxReviewDeviation    *float64 `json:"max_review_deviation,omitempty" doc:"The same for reviews." minimum:"0" maximum:"1" nullable:"true" example:"0.1"`
	MinSessions           int      `json:"min_sessions,omitempty" doc:"Sessions of the new version that must have ended before a bound acts, 50 without it; of the other version as many before a deviation does." minimum:"1" maximum:"1000000"`
	WindowHours           int      `json:"window_hours,omitempty" doc:"Only sessions that ended in the last so many hours count; default: all since the rollout began." minimum:"1" maximum:"2160"`
}

// read gives the bounds in the words of the machine, nil for none or an empty
// object.
func (g *guardrails) read() (*kyc.Guardrails, error) {
	if g == nil || *g == (guardrails{}) {
		return nil, nil
	}
	out := kyc.Guardrails{MaxErrors: bound(g.MaxErrorRate), MaxRejections: bound(g.MaxRejectionRate), MaxReviews: bound(g.MaxReviewRate),
		ErrorRise: bound(g.MaxErrorDeviation), RejectionDiff: bound(g.MaxRejectionDeviation), ReviewDiff: bound(g.MaxReviewDeviation),
		MinSessions: g.MinSessions, WindowHours: g.WindowHours}
	if out.MinSessions == 0 {
		out.MinSessions = flow.DefaultMinSessions
	}
	if problems := flow.GuardrailProblems(out, "/guardrails"); len(problems) > 0 {
		return nil, kyc.InvalidInput("invalid_guardrails", "the guardrails cannot be used", problems)
	}
	return &out, nil
}

func bound(f *float64) *kyc.Share {
	if f == nil {
		return nil
	}
	s := kyc.Share(math.Round(*f * float64(kyc.Whole)))
	return &s
}

func fraction(s *kyc.Share) *float64 {
	if s == nil {
		return nil
	}
	f := float64(*s) / float64(kyc.Whole)
	return &f
}

func showGuardrails(g *kyc.Guardrails) *guardrails {
	if g == nil {
		return nil
	}
	return &guardrails{MaxErrorRate: fraction(g.MaxErrors), MaxRejectionRate: fraction(g.MaxRejections), MaxReviewRate: fraction(g.MaxReviews),
		MaxErrorDeviation: fraction(g.ErrorRise), MaxRejectionDeviation: fraction(g.RejectionDiff), MaxReviewDeviation: fraction(g.ReviewDiff),
		MinSessions: g.MinSessions, WindowHours: g.WindowHours}
}

func showRollout(r *kyc.Rollout) *rollout {
	if r == nil {
		return nil
	}
	return &rollout{Version: r.Version, PreviousVersion: r.Previous, Percentage: r.Percentage, StartedAt: at(r.StartedAt), Guardrails: showGuardrails(r.Guards)}
}

type trials struct {
	Sessions      int      `json:"sessions" doc:"Sessions that ended; one counts once, as its first run ended, and cancelled ones do not count."`
	Errors        int      `json:"errors" doc:"Of them, with an error."`
	Rejections    int      `json:"rejections" doc:"Of them, rejected."`
	Reviews       int      `json:"reviews" doc:"Of them, left to a person."`
	ErrorRate     *float64 `json:"error_rate" doc:"Share of errors; null before the first session ended."`
	RejectionRate *float64 `json:"rejection_rate" doc:"Share of rejections."`
	ReviewRate    *float64 `json:"review_rate" doc:"Share of reviews."`
}

func showTrials(t kyc.TrialTally) trials {
	part := func(n int) *float64 {
		if t.Sessions == 0 {
			return nil
		}
		f := math.Round(float64(n)/float64(t.Sessions)*float64(kyc.Whole)) / float64(kyc.Whole)
		return &f
	}
	return trials{Sessions: t.Sessions, Errors: t.Errors, Rejections: t.Rejections, Reviews: t.Reviews,
		ErrorRate: part(t.Errors), RejectionRate: part(t.Rejections), ReviewRate: part(t.Reviews)}
}

type setBack struct {
	Version         int        `json:"version" doc:"Version that was on trial."`
	PreviousVersion int        `json:"previous_version" doc:"Version that takes all new sessions again."`
	Percentage      int        `json:"percentage" doc:"The share it had."`
	StartedAt       stamp      `json:"started_at" doc:"When the rollout began."`
	At              stamp      `json:"at" doc:"When it was set back."`
	Bound           string     `json:"bound" doc:"The bound that was left." enum:"max_error_rate,max_rejection_rate,max_review_rate,max_error_deviation,max_rejection_deviation,max_review_deviation"`
	Limit           float64    `json:"limit" doc:"Its value."`
	Guardrails      guardrails `json:"guardrails" doc:"All bounds of the rollout."`
	New             trials     `json:"new" doc:"How the sessions of the new version had ended by then."`
	Previous        trials     `json:"previous" doc:"The same of the other version."`
}

func showSetBack(s *kyc.SetBack) *setBack {
	if s == nil {
		return nil
	}
	return &setBack{Version: s.Version, PreviousVersion: s.Restored, Percentage: s.Percentage, StartedAt: at(s.StartedAt), At: at(s.At),
		Bound: s.Breach.Bound, Limit: float64(s.Breach.Limit) / float64(kyc.Whole), Guardrails: *showGuardrails(&s.Guards), New: showTrials(s.Breach.Fresh), Previous: showTrials(s.Breach.Rest)}
}

type rolloutState struct {
	Rollout *rollout        `json:"rollout" doc:"The running rollout; null when all new sessions take one version."`
	Results *rolloutResults `json:"results" doc:"What it has shown so far; null without a rollout."`
	SetBack *setBack        `json:"set_back" doc:"The last rollout, when its guardrails ended it; null otherwise."`
}

type rolloutResults struct {
	Since    stamp  `json:"since" doc:"From when sessions count."`
	New      trials `json:"new" doc:"Sessions of the new version."`
	Previous trials `json:"previous" doc:"Sessions of the version that takes the others."`
}
