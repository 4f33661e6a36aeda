package engine

import (
	"time"

	"bonafide/flow"
	"bonafide/kyc"
)

// State is where a run stands. It is a pure function of the graph and the
// inputs so far, so it is never stored. A State is a value: Step never changes
// what an earlier State refers to.
type State struct {
	Seq     int64         `json:"seq"`  // inputs consumed
	Hash    string        `json:"hash"` // chain over inputs and what they led to, hex SHA-256
	Status  kyc.RunStatus `json:"status"`
	Begin   *Begin        `json:"begin,omitempty"`
	BeganAt time.Time     `json:"began_at"`
	// Tokens are the active positions in branch order.
	Tokens []Token `json:"tokens,omitempty"`
	Groups []Group `json:"groups,omitempty"` // parallel sections entered
	// Calls are the attempts in flight, in the order they were asked for; they
	// are answered in that order, whichever is back first.
	Calls      []Call                   `json:"calls,omitempty"`
	Waits      []Wait                   `json:"waits,omitempty"` // attempts that wait for their time
	Gate       *Gate                    `json:"gate,omitempty"`
	Gates      []Gate                   `json:"gates,omitempty"`  // decided or timed out
	Facts      map[string]any           `json:"facts,omitempty"`  // what conditions read
	Checks     map[string]kyc.CheckFact `json:"checks,omitempty"` // by policy
	Edges      []Edge                   `json:"edges,omitempty"`
	Records    []Record                 `json:"records,omitempty"` // every attempt, in order
	Visits     []Visit                  `json:"visits,omitempty"`
	Outcome    kyc.Outcome              `json:"outcome,omitempty"`
	ReasonCode string                   `json:"reason_code,omitempty"`
	Reason     string                   `json:"reason,omitempty"` // why a run failed or was cancelled
	EndNode    string                   `json:"end_node,omitempty"`
	Case       *flow.CaseSpec           `json:"case,omitempty"`
	EndedAt    time.Time                `json:"ended_at,omitzero"`
}

// Ended reports whether the run is over.
func (s State) Ended() bool {
	return s.Status == kyc.RunCompleted || s.Status == kyc.RunFailed || s.Status == kyc.RunCancelled
}

// Token is one active position: at a check, at a gate or at a join.
type Token struct {
	ID     int    `json:"id"`
	Node   string `json:"node"`
	Group  int    `json:"group"`  // index into Groups, -1 outside any
	Branch int    `json:"branch"` // within the group
}

// Group is one parallel section.
type Group struct {
	Node     string   `json:"node"`
	Join     string   `json:"join"`
	Mode     string   `json:"mode"`
	Group    int      `json:"group"` // the section it lies in, -1 for none
	Branch   int      `json:"branch"`
	Branches []Branch `json:"branches"`
	Done     bool     `json:"done"`
}

// Branch is one way through a parallel section.
type Branch struct {
	State    string `json:"state"`              // active, arrived, ended, cancelled
	Terminal string `json:"terminal,omitempty"` // where it ended
}

// States of a branch.
const (
	branchActive    = "active"
	branchArrived   = "arrived"
	branchEnded     = "ended"
	branchCancelled = "cancelled"
)

// Call is one attempt in flight.
type Call struct {
	Token   int       `json:"token"`
	Node    string    `json:"node"`
	Attempt int       `json:"attempt"` // 1-5
	Sent    int       `json:"sent"`    // how often it was sent; 0: not yet
	Key     string    `json:"key"`
	At      time.Time `json:"at"`

	// request is what is sent, the same each time.
	request *kyc.CheckRequest
}

// Wait is an attempt that waits for its time.
type Wait struct {
	Token   int       `json:"token"`
	Node    string    `json:"node"`
	Attempt int       `json:"attempt"` // the next one
	At      time.Time `json:"at"`
}

// Gate is a point where the run waits for somebody outside.
type Gate struct {
	Name     string    `json:"name"`
	Node     string    `json:"node"`
	Token    int       `json:"token"`
	OpenedAt time.Time `json:"opened_at"`
	Until    time.Time `json:"until,omitzero"`
	// Decision is continue, fail, reject or timeout once it is over.
	Decision  string         `json:"decision,omitempty"`
	Metadata  map[string]any `json:"metadata,omitempty"`
	By        kyc.Actor      `json:"by,omitzero"`
	DecidedAt time.Time      `json:"decided_at,omitzero"`
}

// Statuses of a recorded attempt (api.md 6.9) and of a check.
const (
	Passed        = "passed"
	Failed        = "failed"
	Review        = "review"
	Errored       = "error"
	Skipped       = "skipped"
	RequiresRetry = "requires_retry"
	// Interrupted is an attempt whose process ended before its answer was
	// recorded; the same attempt was sent again with the same key.
	Interrupted = "interrupted"
	// Cancelled is an attempt whose answer nobody waits for any more: the run
	// ended, or another branch was enough.
	Cancelled = "cancelled"
)

// Record is one attempt as it will always be told: never changed.
type Record struct {
	Seq     int64       `json:"seq"` // of the input
	Node    string      `json:"node"`
	Policy  string      `json:"policy"`
	Attempt int         `json:"attempt"`
	Sent    int         `json:"sent"`
	Key     string      `json:"key"`
	Status  string      `json:"status"`
	Next    string      `json:"next,omitempty"` // empty while it is repeated
	AskedAt time.Time   `json:"asked_at"`
	At      time.Time   `json:"at"`
	Answer  *kyc.Answer `json:"answer,omitempty"` // nil when interrupted
}

// Visit is the passing of a node that is no check.
type Visit struct {
	Node   string         `json:"node"`
	At     time.Time      `json:"at"`
	Status string         `json:"status"` // passed, or the outcome, or the decision
	Next   string         `json:"next,omitempty"`
	Result map[string]any `json:"result,omitempty"`
}
