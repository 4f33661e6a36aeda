package kyc

import "time"

// BacktestStatus is where a backtest stands.
type BacktestStatus string

// The states.
const (
	BacktestRunning   BacktestStatus = "running"
	BacktestCompleted BacktestStatus = "completed"
	// BacktestFailed could not go on: a definition it walks is not readable.
	BacktestFailed BacktestStatus = "failed"
	// BacktestCancelled was ended by somebody before it was complete: what it
	// holds is about the first Done of its sessions.
	BacktestCancelled BacktestStatus = "cancelled"
)

// Outcomes of a backtest beside the terminals of a graph.
const (
	// NotKnown: the record does not say how the session would have ended.
	NotKnown Outcome = "not_known"
	// NoOutcome: the graph itself could not be walked to an end, as a run that
	// failed.
	NoOutcome Outcome = "failed"
)

// Backtest is a version of a workflow tried on what past sessions recorded
// (api.md 6.8, D13). No provider is asked and nothing of the sessions changes.
// What it found is in Tally; the sessions it found something about are in Items.
// Neither holds anything that a person said or showed.
type Backtest struct {
	Meta
	WorkflowID ID `json:"workflow_id"`
	// Version is the candidate's number and Draft its id; Definition is the hash
	// of the linked graph, so that each node walks the same.
	Version    int    `json:"version"`
	Draft      ID     `json:"draft"`
	Definition string `json:"definition"`
	// Control is the version it is compared with; 0: what really happened.
	Control           int    `json:"control,omitempty"`
	ControlDefinition string `json:"control_definition,omitempty"`
	// Last, From and To are how the sessions were chosen, where they were not
	// named.
	Last int       `json:"last,omitempty"`
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`
	// Cohort are the sessions, newest first or as they were named, and Done is
	// how many were looked at.
	Cohort  []ID           `json:"cohort"`
	Done    int            `json:"done"`
	Status  BacktestStatus `json:"status"`
	Reason  string         `json:"reason,omitempty"` // of one that failed
	By      Actor          `json:"by"`
	EndedAt time.Time      `json:"ended_at,omitzero"`
	// DueAt says from when anybody may go on with it and Owner who does until
	// then; zero once it is over.
	DueAt time.Time `json:"due_at,omitzero"`
	Owner string    `json:"owner,omitempty"`
	// Slot is which of the organisation's places it takes while it is running,
	// from 1; the store gives each out once. 0: none.
	Slot  int           `json:"slot,omitempty"`
	Tally BacktestTally `json:"tally"`
	// Items are encrypted at rest under the organisation's key.
	Items []BacktestItem `json:"-"`
}

// End says that nobody goes on with a backtest any more, and why.
func (b *Backtest) End(status BacktestStatus, at time.Time) {
	b.Status, b.EndedAt, b.DueAt, b.Owner, b.Slot = status, at, time.Time{}, "", 0
}

// BacktestItem is one session that ended otherwise, or of which it is not known
// how it would have ended, or whose record cannot be read.
type BacktestItem struct {
	SessionID ID      `json:"session_id"`
	Old       Outcome `json:"old,omitempty"` // empty: unreadable
	New       Outcome `json:"new,omitempty"` // empty: unreadable
	// Reason is why it is not known, or why the record cannot be read.
	Reason string `json:"reason,omitempty"`
	// Node is the first node where the paths part, or the one that could not be
	// answered, with its check.
	Node   string `json:"node,omitempty"`
	Policy string `json:"policy,omitempty"`
	// Reviewer is the final word of a person on the session: approved, rejected
	// or empty.
	Reviewer Outcome `json:"reviewer,omitempty"`
	// OldPath and Path are the nodes on both ways.
	OldPath []string `json:"old_path,omitempty"`
	Path    []string `json:"path,omitempty"`
}

// Unreadable reports that the session was counted and not walked.
func (i BacktestItem) Unreadable() bool { return i.New == "" }

// BacktestTally counts what a backtest found.
type BacktestTally struct {
	// Sessions are all; Replayed those whose record could be read. Same, Changed
	// and Unknown add up to Replayed, Rerouted are those of Same that took
	// another way to the same end.
	Sessions   int `json:"sessions"`
	Replayed   int `json:"replayed"`
	Same       int `json:"same"`
	Changed    int `json:"changed"`
	Unknown    int `json:"unknown"`
	Unreadable int `json:"unreadable"`
	Rerouted   int `json:"rerouted"`
	// Matrix counts by old and new outcome.
	Matrix map[Outcome]map[Outcome]int `json:"matrix,omitempty"`
	// Reviewed counts by the final word of a person and the candidate's outcome,
	// Before the same for what it is compared with.
	Reviewed map[Outcome]map[Outcome]int `json:"reviewed,omitempty"`
	Before   map[Outcome]map[Outcome]int `json:"before,omitempty"`
	// Segments count by a property of the session and its value.
	Segments map[string]map[string]BacktestSegment `json:"segments,omitempty"`
	// Why counts what is not known by reason, node and check, and what is
	// unreadable by reason.
	Why []BacktestWhy `json:"why,omitempty"`
}

// BacktestSegment is what a backtest found for one value of a property.
type BacktestSegment struct {
	Sessions int             `json:"sessions"`
	Changed  int             `json:"changed"`
	Unknown  int             `json:"unknown"`
	Old      map[Outcome]int `json:"old"`
	New      map[Outcome]int `json:"new"`
}

// BacktestWhy is one reason why something is not known, and how often.
type BacktestWhy struct {
	Reason   string `json:"reason"`
	Node     string `json:"node,omitempty"`
	Policy   string `json:"policy,omitempty"`
	Sessions int    `json:"sessions"`
}

// BacktestFilter selects backtests. An empty field does not filter.
type BacktestFilter struct {
	WorkflowID ID
	Status     BacktestStatus
}
