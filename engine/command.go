package engine

import (
	"encoding/json"
	"time"

	"bonafide/flow"
	"bonafide/kyc"
)

// Command is something the runner shall do: RunCheck, OpenGate, Schedule or
// Finish. Commands are data; Step never does anything itself.
type Command interface {
	command()
}

// RunCheck asks for one attempt of a check.
type RunCheck struct {
	Node    string
	Attempt int // 1-5
	// CallKey is the idempotency key of the attempt; it is the same when the
	// attempt is sent again after a crash.
	CallKey string
	// Request shares maps with the state; nobody may change them.
	Request kyc.CheckRequest
	// Timeout of the attempt, 0: the check's own.
	Timeout time.Duration
}

// OpenGate says that the run waits for a decision from outside.
type OpenGate struct {
	Node  string
	Gate  string
	Until time.Time // zero: without end
	// Fields are the exposed facts by their path.
	Fields map[string]any
}

// Schedule asks for an input at a time: retry_due or gate_timeout of a node.
type Schedule struct {
	Node string
	At   time.Time
	Why  string
}

// Finish says that the run ended.
type Finish struct {
	Status     kyc.RunStatus // completed, failed or cancelled
	Outcome    kyc.Outcome   // only with completed
	ReasonCode string
	Case       *flow.CaseSpec // only with needs_review
	Node       string         // the terminal
}

func (RunCheck) command() {}
func (OpenGate) command() {}
func (Schedule) command() {}
func (Finish) command()   {}

// Edge is one move of a run through its graph.
type Edge struct {
	From string `json:"from"`
	To   string `json:"to"`
	Why  string `json:"why"` // next, pass, fail, review, error, skip, route 0, default, …
}

// mustJSON marshals our own plain structs, which cannot fail.
func mustJSON(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		return json.RawMessage("null")
	}
	return b
}
