package intake

import (
	"context"
	"encoding/json"
	"time"

	"bonafide/kyc"
)

// CreateWorkflow stores a new workflow (B1). lenient makes unknown members
// warnings. Errors: Invalid validation_failed with every problem; Forbidden
// sandbox_key_forbidden.
func (m *Machine) CreateWorkflow(ctx context.Context, t kyc.Tenant, by kyc.Actor, raw json.RawMessage, lenient bool) (WorkflowState, error) {
	panic("not yet")
}

// Workflow reads a workflow of the organisation (B3); a sandbox tenant reads
// the same ones. Warnings are those of its newest version.
func (m *Machine) Workflow(ctx context.Context, t kyc.Tenant, id kyc.ID) (WorkflowState, error) {
	panic("not yet")
}

// Workflows lists the organisation's workflows, newest first (B2).
func (m *Machine) Workflows(ctx context.Context, t kyc.Tenant, p kyc.Page) (WorkflowList, error) {
	panic("not yet")
}

// ConfigureStep changes one step's configuration (B4). rev is the revision of
// If-Match, 0 for none. Errors: Invalid validation_failed; 404
// workflow_step_not_found; 403 sandbox_key_forbidden; 412.
func (m *Machine) ConfigureStep(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, stepID string, config json.RawMessage, rev int64) (WorkflowState, error) {
	panic("not yet")
}

// PatchWorkflow renames, archives or reorders (B5).
func (m *Machine) PatchWorkflow(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, p Patch, rev int64) (WorkflowState, error) {
	panic("not yet")
}

// Create opens a session pinned to the workflow's version in force (B6, B7).
// Errors: Invalid invalid_session with all problems; 404 for an unknown
// workflow; 409 workflow_archived.
func (m *Machine) Create(ctx context.Context, t kyc.Tenant, by kyc.Actor, n NewSession) (Created, error) {
	panic("not yet")
}

// Session reads everything about a session (B9).
func (m *Machine) Session(ctx context.Context, t kyc.Tenant, id kyc.ID) (Record, error) {
	panic("not yet")
}

// Sessions lists sessions, newest first (B8). by is who asks: without another
// mode only their own are shown.
func (m *Machine) Sessions(ctx context.Context, t kyc.Tenant, by kyc.Actor, q Query, p kyc.Page) (SessionList, error) {
	panic("not yet")
}

// State is where a session stands (B11).
func (m *Machine) State(ctx context.Context, t kyc.Tenant, id kyc.ID) (State, error) {
	panic("not yet")
}

// Start begins or resumes a session (B12). It is safe to repeat. Errors: 409
// session_closed, 410 session_expired.
func (m *Machine) Start(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64) (State, error) {
	panic("not yet")
}

// Submit hands something in for the current step (B13). It never runs inside
// the request's unit of changes, because checks are asked in between. Errors:
// Invalid invalid_submission with all problems; 404 step_not_found; 409
// not_current_step, session_closed, upload_missing, upload_in_use,
// concurrent_change; 410 session_expired, upload_expired; 412; 415 and others
// of Sniff.
func (m *Machine) Submit(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, stepID string, s Submission) (Submitted, error) {
	panic("not yet")
}

// Upload announces a file (B14). Errors: Invalid invalid_upload; 409
// session_closed, too_many_files; 410 session_expired.
func (m *Machine) Upload(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, n NewUpload) (Announced, error) {
	panic("not yet")
}

// Receive takes the bytes of an announced file; the token is all the
// authority there is. Sent again, the same bytes are fine. Errors: 404
// upload_not_found; 400 file_empty; 413 file_too_large; 410 upload_expired;
// 409 upload_received for other bytes, session_closed; 415 unsupported_type.
func (m *Machine) Receive(ctx context.Context, token string, b []byte) (kyc.Transfer, error) {
	panic("not yet")
}

// SetStatus decides a submitted session by hand, or reverses a decision with a
// reason (B10). Errors: Invalid invalid_status; 409 invalid_transition,
// reason_required; 403 conflict_of_interest; 412.
func (m *Machine) SetStatus(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, n NewStatus) (State, error) {
	panic("not yet")
}

// Void ends a session that nobody decided; its run is cancelled (B15). A
// second call answers like the first. Errors: 409 invalid_transition for a
// decided session; 412.
func (m *Machine) Void(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64) (Voided, error) {
	panic("not yet")
}

// Redact destroys the personal data of a session's person (B15). Errors: those
// of the session room (409 legal_hold, session_active).
func (m *Machine) Redact(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID) (Voided, error) {
	panic("not yet")
}

// Expire ends an open session whose time is over.
func (m *Machine) Expire(ctx context.Context, s kyc.Session, by kyc.Actor, now time.Time) (kyc.Session, error) {
	panic("not yet")
}

// Link finds the session of an applicant's link, for the page behind it.
// Whatever is no link of this surface is 404 link_invalid.
func (m *Machine) Link(ctx context.Context, token string) (State, error) {
	panic("not yet")
}

// Applicant is the actor of somebody who holds a session's link.
func Applicant(s *kyc.Session) kyc.Actor {
	return kyc.Actor{Kind: kyc.ActorApplicant, ID: string(s.SubjectID)}
}

// Finished turns the end of a run into the session's story. The engine calls
// it while it prepares a commit.
func (m *Machine) Finished(ctx context.Context, run *kyc.Run, s *kyc.Session, at time.Time, end End) (kyc.Change, error) {
	panic("not yet")
}

// Settled adds to a reviewer's decision that the review desk made; from is the
// state before.
func (m *Machine) Settled(ctx context.Context, s *kyc.Session, from kyc.SessionStatus, by kyc.Actor, at time.Time, words kyc.RulingWords) (kyc.Change, error) {
	panic("not yet")
}

// Analyse does a JobAnalyse.
func (m *Machine) Analyse(ctx context.Context, j kyc.Job) error { panic("not yet") }
