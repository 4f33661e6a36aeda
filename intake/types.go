package intake

import (
	"encoding/json"
	"time"

	"bonafide/checklist"
	"bonafide/kyc"
)

// WorkflowState is a workflow with the version in force.
type WorkflowState struct {
	Workflow kyc.Workflow
	Version  kyc.WorkflowVersion
	Def      *checklist.Definition
	// Warnings are told once, where the definition was sent
	// (default_maximum_age_applied, …).
	Warnings []kyc.Problem
}

// Archived reports whether the workflow takes no new sessions.
func (s WorkflowState) Archived() bool { return Archived(&s.Workflow) }

// Archived reports whether a workflow takes no new sessions.
func Archived(w *kyc.Workflow) bool { return w.Status == kyc.WorkflowInactive }

// WorkflowList is one page of workflows, newest first. What a list shows of a
// definition is in the workflow itself: its name, and the ids of its steps in
// order as the catalog's tags.
type WorkflowList struct {
	Items []kyc.Workflow
	// Next is where the next page begins after; empty at the end.
	Next kyc.ID
}

// Patch changes a workflow (B5). Nil leaves a part alone.
type Patch struct {
	Name   *string
	Status *string // active, archived
	// Steps are all step ids in a new order.
	Steps []string
}

// NewSession is a request for a session (B6, B7).
type NewSession struct {
	WorkflowID string
	// Hosted sessions have a link for the applicant (B7); the others are driven
	// by the customer's own program (B6).
	Hosted                            bool
	Email, FirstName, LastName, Phone string
	// ExternalID is the customer's own name of the session, at most 200 bytes.
	ExternalID  string
	RedirectURL string // https
	// ExpiresIn is from one hour to 8760 hours; 0 is seven days.
	ExpiresIn            time.Duration
	SendEmail, SendPhone bool
	Metadata             map[string]any
	// Problems are what the surface found already, to be told with the rest.
	Problems []kyc.Problem
}

// Created is a session with its fresh link: the token is shown once and stored
// as a hash. It is empty where the session is not hosted.
type Created struct {
	State
	Token string
	// Invited are the channels that a message went out by: email, sms.
	Invited []string
}

// State is where a session stands (B11).
type State struct {
	Session  kyc.Session
	Journey  kyc.Journey
	Workflow kyc.Workflow
	Version  kyc.WorkflowVersion
	Def      *checklist.Definition
	// Status is PENDING, SUBMITTED, VERIFIED, REJECTED or VOIDED, Progress is
	// PENDING, STARTED or COMPLETED.
	Status   string
	Progress string
	Steps    []Step
	// Current is the place of the step that may be submitted, from 0; -1 when
	// every step is over.
	Current int
	// AttemptsRemaining are those of the current step, 0 without one.
	AttemptsRemaining int
	// Hosted says that the applicant has a link of their own.
	Hosted bool
}

// Step is one step of a session.
type Step struct {
	ID                string
	Status            string // PENDING, IN_PROGRESS, COMPLETED, FAILED, SKIPPED
	Attempts          int    // used ones
	AttemptsRemaining int
	StartedAt         time.Time
	CompletedAt       time.Time
	FailureReason     string // snake_case; of a failed step, or of the last attempt
	// Requirements say what a submission must bring, in JSON's words: the
	// step's configuration, the names of uploads, an escalation.
	Requirements map[string]any
	// Checks are what the checks said of the last attempt, as the answer to it
	// told, oldest first. Machine.State, Start of a session that was begun, and
	// Session fill it; what was erased is left out.
	Checks []Checked
}

// Submission is what is handed in for a step (B13).
type Submission struct {
	// Body is the JSON object as it was sent. Unknown members are problems.
	Body json.RawMessage
	// Rev is the revision of If-Match, 0 for none.
	Rev int64
	// Address is where an applicant sent it from; it is kept with a consent,
	// encrypted, and empty where a program spoke for them.
	Address string
}

// Submitted is the answer to a submission.
type Submitted struct {
	State State
	Step  Step
	// Checks are what the step's checks said, in the order they were asked.
	Checks []Checked
	// Fraud is the synchronous fraud analysis; nil where there was none.
	Fraud *Fraud
	// Liveness is what a FACE_LIVENESS action led to; nil for other steps.
	Liveness *LivenessReply
}

// Checked is what one check said of a submission.
type Checked struct {
	Policy    string
	Status    string // passed, failed, review, error, skipped
	Score     *float64
	Threshold *float64
	Reasons   []kyc.Reason
	Hits      int
	ExamID    kyc.ID
}

// Fraud is a fraud analysis of the documents that were handed in.
type Fraud struct {
	Status    string // passed, failed, review, error
	RiskScore float64
	Reasons   []kyc.Reason
	Details   map[string]any
	ExamID    kyc.ID
	// Escalated says that the step now asks for a further proof.
	Escalated bool
}

// LivenessReply answers an action of FACE_LIVENESS.
type LivenessReply struct {
	Try       kyc.LivenessTry
	Threshold float64 // 0-100
	// Frames are where the frames of a try go, in order, and Clip where its video
	// goes; of upload-url only, Clip where one was wanted.
	Frames []Announced
	Clip   *Announced
}

// NewUpload announces a file (B14).
type NewUpload struct {
	Name        string // personal data, at most 1000 bytes
	ContentType string // as the sender thinks; what counts is in the bytes
}

// Announced is a file that may be sent now. The token is shown once, belongs
// into the address of the file, and is good for this file alone.
type Announced struct {
	Transfer kyc.Transfer
	Token    string
}

// NewStatus is a decision by hand (B10).
type NewStatus struct {
	Status string // VERIFIED, REJECTED
	// Reason is required where a decision is reversed; stored encrypted.
	Reason string
	// Checklist are the points of the checklist of its review's queue that the
	// decision confirms (kyc.ConfirmedFor).
	Checklist []string
	Rev       int64
}

// Query selects sessions (B8). Exactly one mode applies: ExternalID, else
// WorkflowID, else Organization, else those that the actor made.
type Query struct {
	ExternalID   string
	WorkflowID   string
	Organization bool
	From, To     time.Time // creation; from inclusive, to exclusive
}

// SessionList is one page of sessions, newest first.
type SessionList struct {
	Items []State
	// Next is where the next page begins after; empty at the end.
	Next kyc.ID
}

// Record is a session with everything that is known about it (B9).
type Record struct {
	State
	// Uploads are the files in force.
	Uploads []kyc.Upload
	// Exams are what the checks of the steps said, oldest first.
	Exams []kyc.Exam
	// Trace is what the checks of the newest run said; nil without one.
	Trace *Trace
	// Rulings are the decisions so far, oldest first.
	Rulings []kyc.Ruling
	// Sender is who made the session: the ID of a key or a person.
	Sender string
}

// Voided is the answer to B15.
type Voided struct {
	State State
	// Redacted says that the person's data was destroyed.
	Redacted bool
}
