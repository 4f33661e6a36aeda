package session

import (
	"context"
	"encoding/json"
	"time"

	"bonafide/flow"
	"bonafide/kyc"
)

// Engine walks graphs. The session machine only says when.
type Engine interface {
	// Begin starts a run: the run, its first input, the session's move to
	// running and the events of Start go into one change.
	Begin(ctx context.Context, s Start) (kyc.Run, error)
	// Cancel ends a run that has not ended; the session becomes cancelled.
	Cancel(ctx context.Context, t kyc.Tenant, run kyc.ID, reason string) error
}

// Start is everything a run depends on.
type Start struct {
	// Session as it will be stored, except for its status, which the engine
	// moves; its version is pinned already. Rev is not raised yet unless the
	// session is new (Rev 1, with its other objects in With).
	Session *kyc.Session
	Graph   *flow.Compiled
	Version int
	Arm     string // stable, new, previous or reprocess
	Bucket  int    // 0-9999
	Uploads []kyc.Upload
	// From begins at another node than the entry (resume-workflow); Earlier is
	// the run whose results it goes on from.
	From    string
	Earlier kyc.ID
	Now     time.Time
	By      kyc.Actor
	// With is committed together with the beginning.
	With kyc.Change
}

// Trace is what the checks of a run said, in the order they were recorded.
type Trace struct {
	Run       kyc.Run
	Attempts  []Attempt
	Extracted map[string]any
	// Checks are the last word of each policy.
	Checks map[string]kyc.CheckFact
	// From is the node the run began at when it was resumed, and Earlier the
	// run whose results it went on from; both empty for a run from the entry.
	From    string
	Earlier kyc.ID
}

// Attempt is one recorded answer of one check.
type Attempt struct {
	Node    string
	Policy  string
	Attempt int    // 1-5
	Status  string // passed, failed, review, error, skipped, requires_retry
	At      time.Time
	Answer  kyc.Answer
	// Next is the node the route led to; empty while the check is repeated.
	Next string
}

// Document is the part of a workflow that is versioned, as it was submitted.
type Document struct {
	Graph             json.RawMessage `json:"graph,omitempty"`
	Steps             json.RawMessage `json:"steps,omitempty"`
	DataRequirements  json.RawMessage `json:"data_requirements,omitempty"`
	ScreeningSettings json.RawMessage `json:"screening_settings,omitempty"`
	// GraphLayout holds positions on a screen; it is no part of the hash.
	GraphLayout json.RawMessage `json:"graph_layout,omitempty"`
	// IsDefault and Rollout are what the author wants once it is published.
	IsDefault bool `json:"is_default,omitempty"`
	Rollout   *int `json:"rollout_percentage,omitempty"`
}
