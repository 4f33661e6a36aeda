package kyc

import "time"

// Execution is one run of a workflow of surface C for one individual. Its ID is
// that of the Session that carries the run; both change in one commit. Three
// things are kept apart and never mixed (seed 002): Result is what the machine
// said and never changes once the execution ended; Status is what holds now and
// may be overridden; what people said of single process results stands in
// those.
type Execution struct {
	Meta
	SubjectID        ID     `json:"subject_id"`
	ServiceName      string `json:"service_name"`
	ServiceProfileID ID     `json:"service_profile_id"`
	WorkflowID       ID     `json:"workflow_id"`
	WorkflowName     string `json:"workflow_name"`
	Version          int    `json:"version"`
	// State is IN_PROGRESS, COMPLETED, CANCELED, TERMINATED, ERROR or TIMEOUT.
	State string `json:"state"`
	// Status and Result are of the fourteen of seed 002.
	Status string `json:"status"`
	Result string `json:"result"`
	// Override is the one in force; Overrides are all, oldest first, those
	// that were cleared included.
	Override  *StatusOverride  `json:"override,omitempty"`
	Overrides []StatusOverride `json:"overrides,omitempty"`
	// Manual is true for an execution that manual KYC carried.
	Manual    bool            `json:"manual,omitempty"`
	Phase     string          `json:"phase"` // ONBOARDING, MONITORING, OTHER
	Monitors  []string        `json:"monitors,omitempty"`
	StartedAt time.Time       `json:"started_at"`
	EndedAt   time.Time       `json:"ended_at,omitzero"`
	RequestID string          `json:"request_id,omitempty"`
	Channel   string          `json:"channel,omitempty"` // X-Frankie-Channel
	By        string          `json:"by,omitempty"`      // the operator as the caller named them
	Steps     []StepResult    `json:"steps,omitempty"`
	Issues    []EntityIssue   `json:"issues,omitempty"`
	Risk      *RiskAssessment `json:"risk,omitempty"`
	Errors    []StepError     `json:"errors,omitempty"`
	// Trigger is request, list_update or schedule.
	Trigger string `json:"trigger,omitempty"`
	// Notify is true for one that runs in the background: its end is told.
	Notify bool `json:"notify,omitempty"`
	// Private is what people wrote: stored encrypted under the subject's key.
	Private ExecutionWords `json:"-"`
	// Damaged says that what is stored of the execution cannot be opened
	// (Page.Damaged); see Damage.
	Damaged bool `json:"-"`
}

// Damage marks an execution of which something that is stored cannot be opened.
// It has ended in an error and is to be looked at, whatever it says of itself.
func (e *Execution) Damage() {
	e.Damaged, e.State, e.Status, e.Result, e.Override = true, "ERROR", "REVIEW", "REVIEW", nil
	e.Steps, e.Issues, e.Risk, e.Private = nil, nil, nil, ExecutionWords{Unreadable: true}
}

// ExecutionWords are the written part of an execution.
type ExecutionWords struct {
	Comment string `json:"comment,omitempty"`
	// Overrides are the comments of the overrides, by override ID.
	Overrides map[ID]string `json:"overrides,omitempty"`
	// Issues are the comments of cleared issues, by issue ID.
	Issues map[ID]string `json:"issues,omitempty"`
	// Unreadable is set by the store when the subject's key was destroyed.
	Unreadable bool `json:"unreadable,omitempty"`
}

// StatusOverride is a person's word on the status of an execution.
type StatusOverride struct {
	ID        ID        `json:"id"`
	From      string    `json:"from"`
	Status    string    `json:"status"` // UNCHECKED: the override before was cleared
	At        time.Time `json:"at"`
	By        string    `json:"by"`
	Actor     Actor     `json:"actor"`
	RequestID string    `json:"request_id"`
}

// StepResult is what one step of an execution came to (api.md 5.5). It holds no
// personal data.
type StepResult struct {
	ID         ID             `json:"id"`
	Name       string         `json:"name"` // upper snake case, as the definition names it
	Type       string         `json:"type"` // KYC, AML, IDV, MATCHLIST, …
	ObjectType string         `json:"object_type,omitempty"`
	ObjectID   ID             `json:"object_id,omitempty"`
	Result     string         `json:"result"`
	StartedAt  time.Time      `json:"started_at,omitzero"`
	EndedAt    time.Time      `json:"ended_at,omitzero"`
	Providers  []StepProvider `json:"providers,omitempty"`
	Errors     []StepError    `json:"errors,omitempty"`
	Summary    map[string]any `json:"summary,omitempty"`
	Risk       *StepRisk      `json:"risk,omitempty"`
	// ProcessResults are those of the step, in order.
	ProcessResults []ID      `json:"process_results,omitempty"`
	UpdatedAt      time.Time `json:"updated_at,omitzero"`
	UpdatedBy      string    `json:"updated_by,omitempty"`
}

// StepProvider is one source that a step asked.
type StepProvider struct {
	Provider  string    `json:"provider"`
	Result    string    `json:"result"`
	Order     int       `json:"order"` // 1, 2, …
	StartedAt time.Time `json:"started_at,omitzero"`
	EndedAt   time.Time `json:"ended_at,omitzero"`
}

// StepError is something that went wrong: a snake_case code, a sentence, and
// where (the step's name).
type StepError struct {
	Code        string `json:"code"`
	Description string `json:"description"`
	Location    string `json:"location,omitempty"`
}

// StepRisk is what a step adds to the risk.
type StepRisk struct {
	Level       string       `json:"level"`
	Contributed float64      `json:"contributed_score"`
	Overall     float64      `json:"overall_score"`
	Factors     []RiskFactor `json:"factors,omitempty"`
}

// EntityIssue is something a person should know or must clear (api.md 5.6).
type EntityIssue struct {
	ID            ID        `json:"id"`
	Category      string    `json:"category"`
	Issue         string    `json:"issue"`
	Severity      string    `json:"severity"` // INFO, REVIEW, BLOCK, WARNING, CRITICAL, ERROR
	StepResultID  ID        `json:"step_result_id,omitempty"`
	StepName      string    `json:"step_name,omitempty"`
	IsCleared     bool      `json:"is_cleared"`
	ClearedByHand bool      `json:"cleared_by_hand,omitempty"` // stays so when results change
	CreatedAt     time.Time `json:"created_at"`
	CreatedBy     string    `json:"created_by,omitempty"`
	UpdatedAt     time.Time `json:"updated_at,omitzero"`
	UpdatedBy     string    `json:"updated_by,omitempty"`
	RequestID     string    `json:"request_id,omitempty"`
}

// RiskAssessment adds up what speaks for a higher risk (api.md 5.7).
type RiskAssessment struct {
	ID ID `json:"id"`
	// Score and Level are of all valid factors; OverriddenLevel is a person's.
	Score           float64      `json:"score"`
	Level           string       `json:"level"`
	OverriddenLevel string       `json:"overridden_level,omitempty"`
	IsOutdated      bool         `json:"is_outdated"`
	Factors         []RiskFactor `json:"factors,omitempty"`
	CreatedAt       time.Time    `json:"created_at"`
	UpdatedAt       time.Time    `json:"updated_at,omitzero"`
	UpdatedBy       string       `json:"updated_by,omitempty"`
	RequestID       string       `json:"request_id,omitempty"`
}

// RiskFactor is one addend of a risk. Value holds no personal data: a country,
// a band of age, a count.
type RiskFactor struct {
	ID          ID       `json:"id,omitempty"`
	Factor      string   `json:"factor"`
	Value       string   `json:"value,omitempty"`
	Score       float64  `json:"score"`
	Description string   `json:"description,omitempty"`
	Manual      *float64 `json:"manual_override_score,omitempty"`
	Status      string   `json:"status"` // VALID, STALE, OVERRIDDEN, DISCARDED
	StepName    string   `json:"step_name,omitempty"`
}

// Effective is the score that counts.
func (f RiskFactor) Effective() float64 {
	if f.Status == "STALE" || f.Status == "DISCARDED" {
		return 0
	}
	if f.Manual != nil {
		return *f.Manual
	}
	return f.Score
}

// ProcessResult is one fact that a step established, about one object of an
// individual (api.md 5.9). Result is the machine's and never changes; what a
// person said stands beside it in Manual.
type ProcessResult struct {
	Meta
	SubjectID    ID     `json:"subject_id"`
	ExecutionID  ID     `json:"execution_id,omitempty"`
	StepResultID ID     `json:"step_result_id,omitempty"`
	WorkflowID   ID     `json:"workflow_id,omitempty"`
	ServiceName  string `json:"service_name,omitempty"`
	RequestID    string `json:"request_id,omitempty"`
	GroupID      ID     `json:"group_id,omitempty"`
	StepName     string `json:"step_name"`
	StepType     string `json:"step_type"`
	ObjectType   string `json:"object_type,omitempty"`
	ObjectID     ID     `json:"object_id,omitempty"`
	Class        string `json:"class"`
	Result       string `json:"result"`
	State        string `json:"state"` // IN_PROGRESS, COMPLETED, TIMEOUT, ERROR
	// SystemStatus is VALID, EXPIRED, STALE, MARKED_INVALID or MARKED_IGNORE.
	SystemStatus string          `json:"system_status"`
	Manual       *ManualStatus   `json:"manual,omitempty"`
	Provider     ProcessProvider `json:"provider,omitzero"`
	Factors      []RiskFactor    `json:"factors,omitempty"`
	Errors       []StepError     `json:"errors,omitempty"`
	// Hit names the list entry of a hit as "list|entry", and Digest is the
	// SHA-256 in hex of what the entry said: a hit that a person cleared stays
	// cleared while both are the same.
	Hit    string `json:"hit,omitempty"`
	Digest string `json:"digest,omitempty"`
	// CarriedFrom is the earlier result whose Manual this one repeats.
	CarriedFrom ID `json:"carried_from,omitempty"`
	// Private is personal data: stored encrypted under the subject's key.
	Private ProcessData `json:"-"`
}

// ManualStatus is what a person said of a process result.
type ManualStatus struct {
	Status    string    `json:"status"`
	By        string    `json:"by"`
	Actor     Actor     `json:"actor"`
	At        time.Time `json:"at"`
	RequestID string    `json:"request_id,omitempty"`
}

// ManualWord is the status a person gave, or "".
func (p *ProcessResult) ManualWord() string {
	if p.Manual == nil {
		return ""
	}
	return p.Manual.Status
}

// ProcessProvider says who gave the result.
type ProcessProvider struct {
	Name       string   `json:"name,omitempty"`
	Source     string   `json:"source,omitempty"`
	Reference  string   `json:"reference,omitempty"`
	Confidence *float64 `json:"confidence,omitempty"` // 0-100
	Fuzziness  *float64 `json:"fuzziness,omitempty"`
	RiskScore  *float64 `json:"risk_score,omitempty"` // 0-100
}

// ProcessData is the personal part of a process result.
type ProcessData struct {
	// Supplementary is supplementaryData as surface C shows it, with its type
	// and countries in alpha-2.
	Supplementary map[string]any `json:"supplementary,omitempty"`
	Notes         map[string]any `json:"notes,omitempty"`
	// Comments are what people wrote, oldest first.
	Comments []ProcessComment `json:"comments,omitempty"`
	// Identity is the SHA-256 in hex of whom a hit was found for: names, birth
	// dates, nationality, gender and numbers of documents, as the execution knew
	// them. A hit that a person cleared stays cleared while it is the same.
	Identity string `json:"identity,omitempty"`
	// Unreadable is set by the store when the subject's key was destroyed.
	Unreadable bool `json:"unreadable,omitempty"`
}

// ProcessComment is what a person wrote when they judged a result.
type ProcessComment struct {
	Text   string    `json:"text"`
	Status string    `json:"status,omitempty"`
	By     string    `json:"by"`
	At     time.Time `json:"at"`
}
