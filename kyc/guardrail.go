package kyc

import "time"

// Share is a part of a whole in ten-thousandths: 0 is none, 500 is 5 %, 10000
// is all. Whole numbers compare the same on every machine.
type Share int

// Whole is the share that is all.
const Whole Share = 10_000

// Guardrails are the bounds that the version on trial must stay within during
// a rollout (api.md 6.6). A nil bound is not looked at. All shares are simple
// ones: sessions that ended so, of the sessions that ended.
type Guardrails struct {
	// At most this share of the sessions of the new version may end so.
	MaxErrors     *Share `json:"max_errors,omitempty"`
	MaxRejections *Share `json:"max_rejections,omitempty"`
	MaxReviews    *Share `json:"max_reviews,omitempty"`
	// At most so far may the share be from the one of the version that holds
	// the rest: above it for errors, to either side for the others.
	ErrorRise     *Share `json:"error_rise,omitempty"`
	RejectionDiff *Share `json:"rejection_diff,omitempty"`
	ReviewDiff    *Share `json:"review_diff,omitempty"`
	// MinSessions of the new version must have ended before a bound acts, and as
	// many of the other version before a difference does; 1 or more.
	MinSessions int `json:"min_sessions"`
	// WindowHours is how far back sessions count; 0: since the rollout began.
	WindowHours int `json:"window_hours,omitempty"`
}

// TrialResult is how a session of a rollout ended, for its guardrails.
type TrialResult string

// Results of trials. A session ends in error when its run failed or when a check
// had no answer after its last attempt, whatever the graph made of that.
const (
	TrialApproved TrialResult = "approved"
	TrialRejected TrialResult = "rejected"
	TrialReview   TrialResult = "needs_review"
	TrialError    TrialResult = "error"
)

// Trial is one session that ended during a rollout. A session counts once, as
// its first run ended. Nothing in it is personal.
type Trial struct {
	Tenant     Tenant
	WorkflowID ID
	Rollout    string // the rollout's salt
	SessionID  ID
	Version    int
	Result     TrialResult
	At         time.Time
}

// TrialTally counts the trials of one version.
type TrialTally struct {
	Sessions   int `json:"sessions"`
	Errors     int `json:"errors"`
	Rejections int `json:"rejections"`
	Reviews    int `json:"reviews"`
}

// Add counts n trials that ended so.
func (t *TrialTally) Add(r TrialResult, n int) {
	t.Sessions += n
	switch r {
	case TrialError:
		t.Errors += n
	case TrialRejected:
		t.Rejections += n
	case TrialReview:
		t.Reviews += n
	}
}

// Breach is a bound that was left, with everything the finding rests on.
type Breach struct {
	Bound string     `json:"bound"` // max_error_rate, max_review_deviation, …
	Limit Share      `json:"limit"`
	Fresh TrialTally `json:"fresh"` // of the version on trial
	Rest  TrialTally `json:"rest"`  // of the other one
}

// SetBack is a rollout that its guardrails ended.
type SetBack struct {
	Version    int        `json:"version"` // that was on trial
	Restored   int        `json:"restored"`
	Percentage int        `json:"percentage"`
	StartedAt  time.Time  `json:"started_at"`
	At         time.Time  `json:"at"`
	Guards     Guardrails `json:"guardrails"`
	Breach     Breach     `json:"breach"`
}
