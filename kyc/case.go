package kyc

import "time"

// CaseStatus is the state of a human review (surface D, 6.11).
type CaseStatus string

// Case states.
const (
	CaseOpen      CaseStatus = "open"
	CaseInReview  CaseStatus = "in_review"
	CaseEscalated CaseStatus = "escalated"
	CaseSecond    CaseStatus = "pending_second_review"
	CaseApproved  CaseStatus = "approved"
	CaseRejected  CaseStatus = "rejected"
)

// Decided reports whether the case is closed.
func (s CaseStatus) Decided() bool { return s == CaseApproved || s == CaseRejected }

// Case is one review by people.
type Case struct {
	Meta
	SessionID       ID         `json:"session_id,omitempty"`
	SubjectID       ID         `json:"subject_id,omitempty"`
	RunID           ID         `json:"run_id,omitempty"`
	Status          CaseStatus `json:"status"`
	Queue           string     `json:"queue"`
	Priority        int        `json:"priority"` // higher first
	SLAHours        float64    `json:"sla_hours,omitempty"`
	ReasonCode      string     `json:"reason_code,omitempty"`
	AssignedTo      string     `json:"assigned_to,omitempty"`
	ClaimedAt       time.Time  `json:"claimed_at,omitzero"`
	LastActivityAt  time.Time  `json:"last_activity_at,omitzero"` // claims lapse after idle time
	EnteredReviewAt time.Time  `json:"entered_review_at"`
	// First is the first reviewer's recommendation under dual review.
	First      *CaseDecision  `json:"first,omitempty"`
	Decision   *CaseDecision  `json:"decision,omitempty"`
	Escalation *Escalation    `json:"escalation,omitempty"`
	Metadata   map[string]any `json:"metadata,omitempty"`
	// Overrides are what reviewers said about single checks; the machine's
	// own results stay as they were.
	Overrides []CheckOverride `json:"overrides,omitempty"`
	CreatedBy Actor           `json:"created_by"`
	Demo      bool            `json:"demo,omitempty"`
	Sequence  int64           `json:"sequence"`
}

// CaseDecision is a reviewer's word.
type CaseDecision struct {
	Outcome    Outcome   `json:"outcome"` // approved or rejected
	ReviewerID string    `json:"reviewer_id"`
	Reason     string    `json:"reason,omitempty"`
	Notes      string    `json:"notes,omitempty"`
	At         time.Time `json:"at"`
	By         Actor     `json:"by"`
}

// Escalation hands a case to somebody more senior.
type Escalation struct {
	To     string    `json:"escalated_to"`
	From   string    `json:"from,omitempty"`
	Reason string    `json:"reason"`
	Notes  string    `json:"notes,omitempty"`
	At     time.Time `json:"at"`
}

// CheckOverride is a reviewer's correction of one check's result.
type CheckOverride struct {
	Policy string    `json:"policy"`
	Result string    `json:"result"` // passed, failed
	Reason string    `json:"reason"`
	By     Actor     `json:"by"`
	At     time.Time `json:"at"`
}

// Note is what a reviewer wrote on a case. Text is personal data and stored
// encrypted under the subject's key (or the organisation's when there is no
// subject).
type Note struct {
	Meta
	CaseID    ID     `json:"case_id"`
	SubjectID ID     `json:"subject_id,omitempty"`
	Author    string `json:"author"`
	Text      string `json:"-"`
}
