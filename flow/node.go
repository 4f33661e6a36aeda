package flow

import (
	"encoding/json"
	"time"

	"bonafide/kyc"
)

// The node types an engine meets in a compiled graph. "http" exists only in
// submitted graphs (it becomes a policy node with policy "http"), and
// TypeSubworkflow only in graphs compiled without Options.Resolve.
const (
	TypeStart       = "start"
	TypePolicy      = "policy"
	TypeConditional = "conditional"
	TypeTerminal    = "terminal"
	TypeWait        = "wait"
	TypeParallel    = "parallel"
	TypeJoin        = "join"
	TypeSet         = "set"
	TypeScore       = "score"
	TypeSplit       = "split"
	TypeSubworkflow = "subworkflow"
	typeHTTP        = "http"
)

// Match and join modes.
const (
	MatchAll = "all"
	MatchAny = "any"
)

// Ids of the terminals that the compiler writes out for routes an author left
// to their default.
const (
	ImplicitReview   = "_needs_review"
	ImplicitRejected = "_rejected"
)

// Retry defaults of a policy node (api.md 6.9, seed 003: one attempt and at
// most four retries).
const (
	DefaultAttempts = 5
	DefaultBackoff  = 2 * time.Second
)

// Node is one node of a compiled graph. Which fields are set depends on Type;
// every route named here exists in Compiled.Nodes.
type Node struct {
	ID          string
	Type        string
	Name        string // the author's label
	Description string

	// Next follows start, set, score and join.
	Next string

	// Policy nodes.
	Policy string
	Config json.RawMessage // canonical JSON object, never nil on a policy node
	// Required false lets OnSkip default to OnPass.
	Required bool
	// OnPass, OnFail and so on follow a check's verdict. OnFail also follows a
	// gate's decision "fail" on a wait node.
	OnPass, OnFail, OnReview, OnError, OnSkip string
	// MaxAttempts counts the first try: 1-5.
	MaxAttempts int
	// Backoff before the second try; each later wait is four times longer.
	Backoff time.Duration
	// Timeout of one attempt of a policy node (0: the check's own), or of a
	// gate (0: it waits without end).
	Timeout        time.Duration
	AllowDuplicate bool
	// Locked marks a mandatory check that the compiler inserted; Implicit a
	// terminal that it wrote out.
	Locked, Implicit bool

	// Conditional nodes: first route whose conditions hold, else Default.
	Routes  []Route
	Default string

	// Terminal nodes.
	Outcome    kyc.Outcome
	ReasonCode string
	Case       *CaseSpec

	// Wait nodes. Expose lists fact paths shown to the customer's system.
	Gate                            string
	OnContinue, OnReject, OnTimeout string
	Expose                          []string

	// Parallel nodes: every branch starts at once; Join names the node where
	// they meet. A branch may end early in a rejected or needs_review
	// terminal, never in an approved one, and holds no wait node.
	Branches []string
	Join     string
	// Mode of a join: "all" needs every branch to arrive, otherwise the run
	// ends in the terminal that a branch reached (rejected before
	// needs_review, then branch order); "any" needs one arrival.
	Mode string

	// Set nodes; on a subworkflow node its input_map.
	Assign []Assign

	// Score nodes; see Score.
	Factors []Factor
	Base    json.Number // points before any factor, "0" by default

	// Split nodes; see ChooseArm.
	Arms []Arm

	// Subworkflow nodes that were not linked (Options.Resolve was nil).
	WorkflowID, WorkflowVersion           string
	OnApproved, OnRejected, OnNeedsReview string
}

// Route is one way out of a conditional node.
type Route struct {
	Conditions []Condition
	Match      string // all or any
	Next       string
}

// Condition compares one fact with a value.
type Condition struct {
	// Field is a dotted path into extracted, checks.<policy>.{status,score,
	// details}, session.{country,metadata,fields,tags}, subject, risk, lists,
	// gate and vars.
	Field    string
	Operator string
	// Value is a string, json.Number, bool, nil, []any or map[string]any.
	Value      any
	IgnoreCase bool
}

// CaseSpec says how the review case of a needs_review terminal is opened.
type CaseSpec struct {
	Queue    string  // empty: the default queue
	Priority int     // 0-100, higher first
	SLAHours float64 // 0: none
}

// Assign writes one fact under vars: a literal Value, or a copy of the fact
// at From (nothing is written when that fact is missing).
type Assign struct {
	To    string // vars.<name>[.<name>…]
	From  string // fact path; empty: use Value
	Value any
}

// Factor is one term of a risk score.
type Factor struct {
	Name   string
	Weight json.Number
	// Conditions, when present, must hold (by Match) for the factor to count.
	Conditions []Condition
	Match      string
	// Field, when present, multiplies Weight by the number at that path.
	Field string
	// IfMissing is what counts when Field has no number; by default the whole
	// Weight, because an unknown risk is not a small one.
	IfMissing json.Number
}

// Arm is one way out of a split node.
type Arm struct {
	Name   string
	Weight int // 1-10000, relative to the other arms
	Next   string
}
