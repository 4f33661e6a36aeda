package kyc

import (
	"encoding/json"
	"time"
)

// Outcome is where a run ended.
type Outcome string

// The three terminals of a graph.
const (
	Approved    Outcome = "approved"
	Rejected    Outcome = "rejected"
	NeedsReview Outcome = "needs_review"
)

// RunStatus is the state of one walk through a graph.
type RunStatus string

// Run states.
const (
	RunPending   RunStatus = "pending"
	RunRunning   RunStatus = "running"
	RunPaused    RunStatus = "paused" // at a gate
	RunCompleted RunStatus = "completed"
	RunFailed    RunStatus = "failed"
	RunCancelled RunStatus = "cancelled"
)

// Run is one walk through one definition for one session. The row is the
// durable obligation: DueAt says from when anybody may pick it up (lease end,
// retry time or gate time-out) and is zero once the run is closed. The truth
// is in its Inputs; everything here can be computed from them.
type Run struct {
	Meta
	SessionID  ID        `json:"session_id"`
	SubjectID  ID        `json:"subject_id"`
	WorkflowID ID        `json:"workflow_id"`
	Version    int       `json:"version"`
	Definition string    `json:"definition"` // hash of the linked graph
	Arm        string    `json:"arm"`        // stable, new, previous or reprocess
	Bucket     int       `json:"bucket"`     // 0-9999, see flow.Bucket
	Status     RunStatus `json:"status"`
	Node       string    `json:"node,omitempty"`
	Gate       string    `json:"gate,omitempty"`
	GateNode   string    `json:"gate_node,omitempty"`
	GateUntil  time.Time `json:"gate_until,omitzero"`
	Outcome    Outcome   `json:"outcome,omitempty"`
	ReasonCode string    `json:"reason_code,omitempty"`
	Step       int64     `json:"step"` // number of recorded inputs
	StateHash  string    `json:"state_hash"`
	DueAt      time.Time `json:"due_at,omitzero"`
	LeaseOwner string    `json:"lease_owner,omitempty"`
	StartedAt  time.Time `json:"started_at"`
	EndedAt    time.Time `json:"ended_at,omitzero"`
}

// Input is one recorded fact a run acted on: the beginning, a check's answer,
// a gate's decision, a timer. (RunID, Seq) is unique: two drivers of one run
// cannot both record its next fact, and that is what makes effects happen
// once.
type Input struct {
	Tenant    Tenant          `json:"tenant"`
	RunID     ID              `json:"run_id"`
	SubjectID ID              `json:"subject_id"`
	Seq       int64           `json:"seq"` // 0, 1, 2 …
	Kind      string          `json:"kind"`
	Node      string          `json:"node,omitempty"`
	Attempt   int             `json:"attempt,omitempty"`
	At        time.Time       `json:"at"`
	Data      json.RawMessage `json:"data"` // encrypted at rest under the subject's key
	// StateHash is the hash of the engine's state after this input.
	StateHash string `json:"state_hash"`
}

// Lease is a claim on a run.
type Lease struct {
	Tenant Tenant
	RunID  ID
	Owner  string
	Until  time.Time
}
