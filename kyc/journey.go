package kyc

import "time"

// StepStatus is where one step of a journey stands (api.md 3.8).
type StepStatus string

// The states of a step.
const (
	StepPending         StepStatus = "pending"
	StepInProgress      StepStatus = "in_progress"
	StepCompleted       StepStatus = "completed"
	StepSkipped         StepStatus = "skipped"
	StepFailed          StepStatus = "failed" // every attempt is used up; the decision knows
	StepNeedsCorrection StepStatus = "needs_correction"
)

// Done reports whether the applicant has nothing more to do in the step.
func (s StepStatus) Done() bool {
	return s == StepCompleted || s == StepSkipped || s == StepFailed
}

// StepState is one step of one session.
type StepState struct {
	StepID      string     `json:"step_id"`
	Status      StepStatus `json:"status"`
	StartedAt   time.Time  `json:"started_at,omitzero"`
	CompletedAt time.Time  `json:"completed_at,omitzero"`
	// Attempts counts the finished tries of a liveness step.
	Attempts int `json:"attempts,omitempty"`
	// Hidden is true while the step's show_if does not hold; a hidden step is
	// not asked and does not keep the session open.
	Hidden bool `json:"hidden,omitempty"`
	// Reason says why a step failed, in snake_case.
	Reason string `json:"reason,omitempty"`
	// Unanswered says that the last attempt did not pass because a check could
	// not answer, which is nothing the applicant did (surface B).
	Unanswered bool `json:"unanswered,omitempty"`
	// Escalation is a further proof the step asks for (surface B).
	Escalation *StepEscalation `json:"escalation,omitempty"`
}

// StepEscalation is a further proof that a step asks for because the risk of its
// documents is high (seed 001).
type StepEscalation struct {
	Type      string    `json:"type"`       // nfc-passport
	RiskScore float64   `json:"risk_score"` // 0-100
	Threshold float64   `json:"threshold"`  // 0-100
	AskedAt   time.Time `json:"asked_at"`
	// DoneAt is zero until it was answered; Passed says how.
	DoneAt time.Time `json:"done_at,omitzero"`
	Passed bool      `json:"passed,omitempty"`
}

// LivenessTry is one liveness check of a step.
type LivenessTry struct {
	ID        ID        `json:"id"`
	StepID    string    `json:"step_id"`
	Challenge string    `json:"challenge"`
	CreatedAt time.Time `json:"created_at"`
	// Done is zero until the try was evaluated; ExamID is its record.
	Done       time.Time `json:"done,omitzero"`
	ExamID     ID        `json:"exam_id,omitempty"`
	Passed     bool      `json:"passed"`
	Confidence float64   `json:"confidence"` // 0-100
	Reason     string    `json:"reason,omitempty"`
	LivenessPlan
	// Frames are those that came for it, in the order of their time.
	Frames []LivenessFrame `json:"frames,omitempty"`
}

// CorrectionStatus is the state of one thing a reviewer asked for.
type CorrectionStatus string

// The states of a correction item.
const (
	CorrectionOpen      CorrectionStatus = "open"
	CorrectionSubmitted CorrectionStatus = "submitted"
	CorrectionAccepted  CorrectionStatus = "accepted"
)

// Correction is one item a reviewer asked the applicant to put right. Its
// message to the applicant is in JourneyData.Messages under the item's ID.
type Correction struct {
	ID            ID               `json:"id"`
	Round         int              `json:"round"` // 1, 2, … : items asked for together
	StepID        string           `json:"step_id"`
	FieldIDs      []string         `json:"field_ids,omitempty"`
	DocumentTypes []string         `json:"document_types,omitempty"`
	Code          string           `json:"code"`
	Status        CorrectionStatus `json:"status"`
	CreatedAt     time.Time        `json:"created_at"`
	SubmittedAt   time.Time        `json:"submitted_at,omitzero"`
	AcceptedAt    time.Time        `json:"accepted_at,omitzero"`
	By            Actor            `json:"by"`
}

// Consented is one consent an applicant gave: what was shown (by hash), when
// and from where (in JourneyData under the same ID).
type Consented struct {
	ID       ID        `json:"id"`
	Kind     string    `json:"kind"`
	Version  string    `json:"version,omitempty"`
	TextHash string    `json:"text_hash"` // SHA-256 in hex of the text shown
	At       time.Time `json:"at"`
	Given    bool      `json:"given"`
}

// Journey is an applicant's way through the ordered steps of an onboarding
// definition or of a checklist. There is one for each session of surfaces A
// and B; its ID is the session's ID, and the session row and the journey row
// change together.
type Journey struct {
	Meta
	SubjectID ID `json:"subject_id"`
	// ParentID is the session whose applicant asked for this one, ParentStep
	// the step it was asked in; empty for a session of its own.
	ParentID   ID     `json:"parent_id,omitempty"`
	ParentStep string `json:"parent_step,omitempty"`
	EntityRole string `json:"entity_role,omitempty"`
	Depth      int    `json:"depth,omitempty"` // 0 for a session of its own, at most 3
	// Steps are in the order of the definition.
	Steps       []StepState   `json:"steps"`
	Liveness    []LivenessTry `json:"liveness,omitempty"`
	Corrections []Correction  `json:"corrections,omitempty"`
	Consents    []Consented   `json:"consents,omitempty"`
	Language    string        `json:"language,omitempty"`
	// Before is the session's state before it expired, for its revival.
	Before SessionStatus `json:"before,omitempty"`
	// Archived hides the session from lists.
	ArchivedAt time.Time `json:"archived_at,omitzero"`
	// Remediated is true once corrections were asked for and all resolved.
	Remediated bool `json:"remediated,omitempty"`
	// ReviewOnly holds the decision of the next run for a reviewer, whatever
	// the rules say (post_reprocess_mode manual_review).
	ReviewOnly bool `json:"review_only,omitempty"`
	// Private is personal data: stored encrypted under the subject's key.
	Private JourneyData `json:"-"`
	// Damaged says that what is stored cannot be opened (Page.Damaged).
	Damaged bool `json:"-"`
}

// JourneyData is the personal part of a journey.
type JourneyData struct {
	// Name and Email of the invited party of a subsession.
	Name  string `json:"name,omitempty"`
	Email string `json:"email,omitempty"`
	// Messages to the applicant, by correction ID.
	Messages map[ID]string `json:"messages,omitempty"`
	// Files are the names of uploaded files, by upload ID.
	Files map[ID]string `json:"files,omitempty"`
	// Superseded are form values that a correction replaced, oldest first.
	Superseded []OldValues `json:"superseded,omitempty"`
	// Warnings of the values in force, by step.
	Warnings map[string][]Problem `json:"warnings,omitempty"`
	// Addresses consents came from, by consent ID.
	Addresses map[ID]string `json:"addresses,omitempty"`
	// Unreadable is set by the store when the subject's key was destroyed.
	Unreadable bool `json:"unreadable,omitempty"`
}

// OldValues are form values that were replaced.
type OldValues struct {
	StepID string         `json:"step_id"`
	Values map[string]any `json:"values"`
	At     time.Time      `json:"at"`
}

// Step finds a step's state, or nil.
func (j *Journey) Step(id string) *StepState {
	for i := range j.Steps {
		if j.Steps[i].StepID == id {
			return &j.Steps[i]
		}
	}
	return nil
}

// Transfer is a file on its way: announced (init), received, and turned into
// an Upload (confirm). It is removed with its session's data.
type Transfer struct {
	Meta
	SessionID    ID     `json:"session_id"`
	SubjectID    ID     `json:"subject_id"`
	StepID       string `json:"step_id"`
	DocumentType string `json:"document_type,omitempty"` // of the definition
	FieldID      string `json:"field_id,omitempty"`
	Side         string `json:"side,omitempty"` // front, back
	ContentType  string `json:"content_type"`   // as announced
	Size         int64  `json:"size"`
	SHA256       string `json:"sha256"` // hex
	BlobKey      string `json:"blob_key"`
	// TokenHash is the SHA-256 in hex of the secret in the file's own address
	// (surface B); empty where the applicant's token opens the transfer.
	TokenHash string `json:"token_hash,omitempty"`
	// ReceivedAt is when bytes of that size and hash were stored.
	ReceivedAt time.Time `json:"received_at,omitzero"`
	// UploadID is the document it became.
	UploadID  ID        `json:"upload_id,omitempty"`
	ExpiresAt time.Time `json:"expires_at"`
	// FileName is personal data, stored encrypted under the subject's key.
	FileName string `json:"-"`
	// Unreadable is set by the store when the subject's key was destroyed.
	Unreadable bool `json:"-"`
}

// Exam is one check that was asked outside of a run: while documents were
// read on upload, by a validation step, a liveness step or POST …/validate.
// It is written once. A run that asks the same question of the same material
// takes its answer instead of asking again.
type Exam struct {
	Meta
	SessionID ID     `json:"session_id"`
	SubjectID ID     `json:"subject_id"`
	StepID    string `json:"step_id,omitempty"`
	UploadID  ID     `json:"upload_id,omitempty"`
	Policy    string `json:"policy"`
	// InputHash is the SHA-256 in hex of everything the answer depends on.
	InputHash string `json:"input_hash"`
	// ReusedFrom is the earlier exam whose answer this one repeats.
	ReusedFrom ID `json:"reused_from,omitempty"`
	// Answer is stored encrypted under the subject's key.
	Answer Answer `json:"-"`
	// Unreadable is set by the store when the subject's key was destroyed; the
	// answer is empty then and must not be used.
	Unreadable bool `json:"-"`
}

// Ruling is one entry of a session's decision history. It is written once and
// never changed: a later one supersedes it.
type Ruling struct {
	Meta
	SessionID ID            `json:"session_id"`
	SubjectID ID            `json:"subject_id"`
	RunID     ID            `json:"run_id,omitempty"`
	From      SessionStatus `json:"from"`
	To        SessionStatus `json:"to"`
	// Final is approved, flagged, rejected, manual_review or cancelled.
	Final      string `json:"final_decision"`
	Source     string `json:"source"` // automation, reviewer, api
	By         Actor  `json:"by"`
	ReasonCode string `json:"reason_code,omitempty"`
	Override   bool   `json:"override,omitempty"`
	Supersedes ID     `json:"supersedes,omitempty"`
	// Words are what the reviewer wrote, stored encrypted under the subject's
	// key.
	Words RulingWords `json:"-"`
}

// RulingWords are the written part of a ruling.
type RulingWords struct {
	Reason string `json:"reason,omitempty"`
	Notes  string `json:"notes,omitempty"`
	// Checklist are the points of a queue's checklist that were confirmed with it.
	Checklist []string `json:"checklist,omitempty"`
	// Unreadable is set by the store when the subject's key was destroyed.
	Unreadable bool `json:"unreadable,omitempty"`
}
