package checks

import (
	"time"

	"bonafide/intake"
	"bonafide/kyc"
)

type SessionPath struct {
	ID string `path:"id" doc:"The session's id." maxLength:"64" example:"0199a0b0-1111-7222-8333-444455556666"`
}

// Person is what a new session says about the applicant.
type Person struct {
	Email          string         `json:"email" doc:"The applicant's mail address." format:"email" maxLength:"320" example:"anna@example.org"`
	FirstName      string         `json:"first_name" doc:"Given names." minLength:"1" maxLength:"200" example:"Anna"`
	LastName       string         `json:"last_name" doc:"Family name. In the sandbox it decides what the checks say." minLength:"1" maxLength:"200" example:"Approve"`
	Phone          string         `json:"phone" doc:"Telephone number, E.164 with 10 to 15 digits." pattern:"^\\+?[0-9]{10,15}$" example:"+31612345678"`
	ExternalID     string         `json:"external_id,omitempty" doc:"Your own id of the session." maxLength:"200" example:"order-42"`
	ExpiresInHours int            `json:"expires_in_hours,omitempty" doc:"How long the session can be used." minimum:"1" maximum:"8760" default:"168"`
	Metadata       map[string]any `json:"metadata,omitempty" doc:"Anything of yours."`
}

func (p Person) request() intake.NewSession {
	return intake.NewSession{Email: p.Email, FirstName: p.FirstName, LastName: p.LastName, Phone: p.Phone, ExternalID: p.ExternalID,
		ExpiresIn: time.Duration(p.ExpiresInHours) * time.Hour, Metadata: p.Metadata}
}

// hostedSession is the body of B7. Its keys may be in camelCase.
type hostedSession struct {
	Person
	WorkflowID      string `json:"workflow_id" doc:"The workflow to run." minLength:"1" maxLength:"64"`
	RedirectURL     string `json:"redirect_url,omitempty" doc:"Where the applicant goes afterwards; https." pattern:"^https://" maxLength:"2048"`
	SendEmailInvite bool   `json:"send_email_invite,omitempty" doc:"Mail the link to the applicant, where this installation can." default:"false"`
	SendPhoneInvite bool   `json:"send_phone_invite,omitempty" doc:"Send the link as a text message, where this installation can." default:"false"`
}

type linkEntry struct {
	Rel         string `json:"rel" doc:"What it is." enum:"session,workflow,applicant"`
	Href        string `json:"href" doc:"The address."`
	Description string `json:"description" doc:"What it is for."`
}

// createdHosted is the answer to B7, with the names that its body has.
type createdHosted struct {
	ID         string      `json:"id" doc:"The session's id."`
	SessionURL string      `json:"session_url" doc:"Where the applicant goes. It is shown only here: whoever has it is taken for the applicant."`
	ExternalID *string     `json:"externalId" doc:"Your own id of the session; null when you gave none."`
	Status     string      `json:"status" doc:"Where it stands." enum:"PENDING,SUBMITTED,VERIFIED,REJECTED,VOIDED"`
	ExpiresAt  stamp       `json:"expires_at" doc:"When it ends."`
	Invited    []string    `json:"invited" doc:"Ways by which the link was sent: email, sms." nullable:"false"`
	Links      []linkEntry `json:"links" doc:"Where to go on." nullable:"false"`
}

// plannedStep is one step of a session that was just made.
type plannedStep struct {
	StepID       string         `json:"step_id" doc:"The step."`
	Status       string         `json:"status" doc:"Where it stands." enum:"PENDING,IN_PROGRESS,COMPLETED,FAILED,SKIPPED"`
	Requirements map[string]any `json:"requirements" doc:"What a submission must bring: the step's configuration, the names of its uploads, an escalation."`
}

// createdSession is the answer to B6.
type createdSession struct {
	SessionID   string        `json:"session_id" doc:"The session's id."`
	ExternalID  *string       `json:"external_id" doc:"Your own id of the session; null when you gave none."`
	ExpiresAt   stamp         `json:"expires_at" doc:"When it ends."`
	Steps       []plannedStep `json:"steps" doc:"What is to be done, in this order." nullable:"false"`
	CurrentStep *int          `json:"current_step" doc:"0-based place of the step to submit; null when all are done."`
}

// sessionStep is one step of a session.
type sessionStep struct {
	StepID            string         `json:"step_id" doc:"The step."`
	Status            string         `json:"status" doc:"Where it stands." enum:"PENDING,IN_PROGRESS,COMPLETED,FAILED,SKIPPED"`
	Attempts          int            `json:"attempts" doc:"Attempts used."`
	AttemptsRemaining int            `json:"attempts_remaining" doc:"Attempts left."`
	StartedAt         stamp          `json:"started_at" doc:"When it was begun; null before."`
	CompletedAt       stamp          `json:"completed_at" doc:"When it ended; null before."`
	FailureReason     *string        `json:"failure_reason" doc:"Why it failed, or why the last attempt did, as a word; null otherwise."`
	Requirements      map[string]any `json:"requirements" doc:"What a submission must bring: the step's configuration, the names of its uploads, and escalation while a further proof is asked for."`
	Advice            []advice       `json:"advice" doc:"What the applicant can do better than in the last attempt, as sentences to show them; as in the answer to the submission." nullable:"false"`
}

func showStep(st intake.Step) sessionStep {
	return sessionStep{StepID: st.ID, Status: st.Status, Attempts: st.Attempts, AttemptsRemaining: st.AttemptsRemaining, StartedAt: at(st.StartedAt), CompletedAt: at(st.CompletedAt),
		FailureReason: text(st.FailureReason), Requirements: given(st.Requirements), Advice: adviceOf(st.Checks)}
}

// given never is null.
func given(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}

// execution is where a session stands (B11).
type execution struct {
	SessionID         string        `json:"session_id" doc:"The session's id."`
	WorkflowID        string        `json:"workflow_id" doc:"The workflow it runs."`
	Status            string        `json:"status" doc:"Where it stands." enum:"PENDING,SUBMITTED,VERIFIED,REJECTED,VOIDED"`
	SessionProgress   string        `json:"session_progress" doc:"How far the applicant is." enum:"PENDING,STARTED,COMPLETED"`
	Steps             []sessionStep `json:"steps" doc:"The steps in their order." nullable:"false"`
	CurrentStep       *int          `json:"current_step" doc:"0-based place of the step to submit; null when all are done."`
	AttemptsRemaining int           `json:"attempts_remaining" doc:"Attempts left in the current step; 0 when there is none."`
	ExpiresAt         stamp         `json:"expires_at" doc:"When the session ends."`
}

func current(st intake.State) *int {
	if st.Current < 0 {
		return nil
	}
	return &st.Current
}

func showExecution(st intake.State) execution {
	return execution{SessionID: string(st.Session.ID), WorkflowID: string(st.Session.WorkflowID), Status: st.Status, SessionProgress: st.Progress, Steps: shown(st.Steps, showStep),
		CurrentStep: current(st), AttemptsRemaining: st.AttemptsRemaining, ExpiresAt: at(st.Session.ExpiresAt)}
}

// SessionHead is what every answer about a session begins with.
type SessionHead struct {
	ID              string  `json:"id" doc:"The session's id." example:"0199a0b0-1111-7222-8333-444455556666"`
	OrganizationID  string  `json:"organization_id" doc:"Whose it is."`
	UserID          string  `json:"user_id" doc:"The applicant."`
	ExternalID      *string `json:"external_id" doc:"Your own id of the session; null when you gave none."`
	Status          string  `json:"status" doc:"PENDING: not submitted; SUBMITTED: the applicant is done and nobody decided; VERIFIED, REJECTED: decided by rule or reviewer; VOIDED: cancelled or expired." enum:"PENDING,SUBMITTED,VERIFIED,REJECTED,VOIDED"`
	Type            string  `json:"type" doc:"hosted: the applicant has a link; api: your own program drives it." enum:"hosted,api"`
	SessionProgress string  `json:"session_progress" doc:"How far the applicant is." enum:"PENDING,STARTED,COMPLETED"`
	WorkflowID      string  `json:"workflow_id" doc:"The workflow it runs."`
	IsSandbox       bool    `json:"is_sandbox" doc:"Whether it lives in the sandbox."`
	CreatedAt       stamp   `json:"created_at" doc:"When it was made."`
	UpdatedAt       stamp   `json:"updated_at" doc:"When it last changed."`
	SubmittedAt     stamp   `json:"submitted_at" doc:"When the applicant was done; null before."`
	ExpiresAt       stamp   `json:"expires_at" doc:"When it ends."`
	Damaged         bool    `json:"damaged,omitempty" doc:"True where what is stored of the session cannot be opened: its status is no decision. Only in lists; reading it fails with sealed_broken."`
}

func head(s *kyc.Session, hosted bool, status, progress string) SessionHead {
	kind := "api"
	if hosted {
		kind = "hosted"
	}
	return SessionHead{ID: string(s.ID), OrganizationID: string(s.Tenant.Org), UserID: string(s.SubjectID), ExternalID: text(s.ExternalRef), Status: status,
		Type: kind, SessionProgress: progress, WorkflowID: string(s.WorkflowID), IsSandbox: s.Tenant.Env == kyc.Sandbox, CreatedAt: at(s.CreatedAt), UpdatedAt: at(s.UpdatedAt),
		SubmittedAt: at(s.SubmittedAt), ExpiresAt: at(s.ExpiresAt), Damaged: s.Damaged}
}

func headOf(st intake.State) SessionHead { return head(&st.Session, st.Hosted, st.Status, st.Progress) }

type sessionList struct {
	Sessions  []SessionHead `json:"sessions" doc:"The sessions of this page, newest first." nullable:"false"`
	NextToken *string       `json:"next_token" doc:"Give it as next_token, with the same filters, for the next page; null at the end." nullable:"true"`
}

// decided is the answer to B10.
type decided struct {
	SessionHead
	DecidedAt stamp `json:"decided_at" doc:"When it was decided."`
}

// voided is the answer to B15.
type voided struct {
	SessionID  string `json:"session_id" doc:"The session's id."`
	Status     string `json:"status" doc:"Where it stands now." enum:"PENDING,SUBMITTED,VERIFIED,REJECTED,VOIDED"`
	Redacted   bool   `json:"redacted" doc:"Whether the applicant's data was erased."`
	RedactedAt stamp  `json:"redacted_at" doc:"When; null otherwise."`
}
