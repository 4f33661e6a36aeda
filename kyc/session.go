package kyc

import "time"

// Surface is the API dialect an object was made through.
type Surface string

// The four dialects.
const (
	SurfaceSteps    Surface = "steps"    // A
	SurfaceChecks   Surface = "checks"   // B
	SurfaceEntities Surface = "entities" // C
	SurfaceGraph    Surface = "graph"    // D
)

// SessionStatus is the engine's own state of a session; each surface shows it
// in its own words (api.md section 2.3).
type SessionStatus string

// The states.
const (
	SessionCreated    SessionStatus = "created"
	SessionCapturing  SessionStatus = "capturing"
	SessionCaptured   SessionStatus = "captured" // every step is done; nobody has asked for the decision yet
	SessionRunning    SessionStatus = "running"  // submitted; the engine is at work
	SessionPaused     SessionStatus = "paused"   // at a gate
	SessionReview     SessionStatus = "review"   // a person must decide
	SessionCorrection SessionStatus = "correction"
	SessionApproved   SessionStatus = "approved"
	SessionRejected   SessionStatus = "rejected"
	SessionExpired    SessionStatus = "expired"
	SessionCancelled  SessionStatus = "cancelled"
	SessionFailed     SessionStatus = "failed" // the engine could not finish; never a decision
)

// sessionMoves are the legal moves. Decided sessions stay decided; a late or
// repeated message can never pull one back.
var sessionMoves = map[SessionStatus][]SessionStatus{
	SessionCreated:    {SessionCapturing, SessionCaptured, SessionRunning, SessionExpired, SessionCancelled, SessionApproved, SessionRejected, SessionReview},
	SessionCapturing:  {SessionCaptured, SessionRunning, SessionExpired, SessionCancelled, SessionApproved, SessionRejected, SessionReview},
	SessionCaptured:   {SessionRunning, SessionReview, SessionCorrection, SessionApproved, SessionRejected, SessionCancelled},
	SessionRunning:    {SessionPaused, SessionReview, SessionApproved, SessionRejected, SessionFailed, SessionCancelled, SessionExpired},
	SessionPaused:     {SessionRunning, SessionReview, SessionApproved, SessionRejected, SessionFailed, SessionCancelled, SessionExpired},
	SessionReview:     {SessionApproved, SessionRejected, SessionCorrection, SessionRunning, SessionCancelled},
	SessionCorrection: {SessionRunning, SessionCaptured, SessionReview, SessionExpired, SessionCancelled, SessionApproved, SessionRejected},
	// An expired session comes back to where it was, when the link is extended.
	SessionExpired: {SessionCreated, SessionCapturing, SessionCorrection},
	SessionFailed:  {SessionRunning},
	// Decided sessions move only when the customer deliberately reprocesses.
	SessionApproved: {SessionRunning},
	SessionRejected: {SessionRunning},
}

// CanBecome reports whether the move is legal.
func (s SessionStatus) CanBecome(next SessionStatus) bool {
	for _, to := range sessionMoves[s] {
		if to == next {
			return true
		}
	}
	return false
}

// Open reports whether the session can still receive data from the applicant.
func (s SessionStatus) Open() bool {
	return s == SessionCreated || s == SessionCapturing || s == SessionCorrection
}

// Ended reports whether nothing more will happen by itself.
func (s SessionStatus) Ended() bool {
	switch s {
	case SessionApproved, SessionRejected, SessionExpired, SessionCancelled, SessionFailed:
		return true
	}
	return false
}

// Session is one attempt of one subject to pass one workflow.
type Session struct {
	Meta
	Surface     Surface       `json:"surface"`
	SubjectID   ID            `json:"subject_id"`
	ExternalRef string        `json:"external_ref,omitempty"`
	WorkflowID  ID            `json:"workflow_id"`
	Version     int           `json:"version,omitempty"` // pinned; 0 before
	Status      SessionStatus `json:"status"`
	Result      Outcome       `json:"result,omitempty"`
	ReasonCode  string        `json:"reason_code,omitempty"`
	Country     string        `json:"country,omitempty"` // ISO 3166-1 alpha-2
	Tags        []string      `json:"tags,omitempty"`
	RedirectURL string        `json:"redirect_url,omitempty"`
	RunID       ID            `json:"run_id,omitempty"` // the newest run
	CaseID      ID            `json:"case_id,omitempty"`
	TokenHash   string        `json:"token_hash,omitempty"` // SHA-256 hex of the capture token
	TokenUsedAt time.Time     `json:"token_used_at,omitzero"`
	ExpiresAt   time.Time     `json:"expires_at,omitzero"` // of the capture link
	SubmittedAt time.Time     `json:"submitted_at,omitzero"`
	CompletedAt time.Time     `json:"completed_at,omitzero"`
	// WithheldAt is when the first pass of retention made its personal data
	// unreadable (Retention); RedactedAt when all of it was destroyed.
	WithheldAt time.Time `json:"withheld_at,omitzero"`
	RedactedAt time.Time `json:"redacted_at,omitzero"`
	LegalHold  bool      `json:"legal_hold,omitempty"`
	Sequence   int64     `json:"sequence"` // grows with each webhook of this session
	// Private is personal data: stored encrypted under the subject's key.
	Private SessionData `json:"-"`
	// Damaged says that what is stored of the session cannot be opened
	// (Page.Damaged); see Damage.
	Damaged bool `json:"-"`
}

// ReasonDamaged is the reason code of what is stored and cannot be opened.
const ReasonDamaged = "record_damaged"

// Damage marks a session of which something that is stored cannot be opened. It
// is shown as failed, whatever it says of itself: half a record is no proof of a
// decision.
func (s *Session) Damage() {
	s.Damaged, s.Status, s.Result, s.ReasonCode = true, SessionFailed, "", ReasonDamaged
	s.TokenHash, s.Private = "", SessionData{Unreadable: true}
}

// PolicyTenant is the tenant whose workflow the session runs. On surface B the
// organisation's workflows belong to the live environment alone, and sandbox
// sessions run them all the same; everything else of a session stays in its
// own environment.
func (s *Session) PolicyTenant() Tenant {
	if s.Surface == SurfaceChecks {
		return Tenant{Org: s.Tenant.Org, Env: Live}
	}
	return s.Tenant
}

// SessionData is the personal part of a session.
type SessionData struct {
	Fields   map[string]any `json:"fields,omitempty"`
	Metadata map[string]any `json:"metadata,omitempty"`
	// Established is what the capture machine saw happen and checks may rely
	// on, such as a liveness check the applicant passed; nil where there is
	// nothing of the kind. Keys are the names of checks.
	Established map[string]any `json:"established,omitempty"`
	// Corrected holds values a reviewer put right, by extracted name.
	Corrected map[string]string `json:"corrected,omitempty"`
	// LeftOut are the parts of capture that the applicant is through with.
	LeftOut []string `json:"left_out,omitempty"`
	// Unreadable is set by the store when the subject's key was destroyed or
	// the session is withheld.
	Unreadable bool `json:"unreadable,omitempty"`
}

// Move changes the status or answers a Conflict that names both states.
func (s *Session) Move(next SessionStatus, at time.Time) error {
	if !s.Status.CanBecome(next) {
		return Errorf(Conflict, "invalid_transition", "the session is %s and cannot become %s", s.Status, next)
	}
	s.Status = next
	switch next {
	case SessionApproved, SessionRejected, SessionFailed, SessionExpired, SessionCancelled:
		s.CompletedAt = at
	default:
		s.CompletedAt = time.Time{}
	}
	return nil
}

// SubjectStatus is the state of a person or company across sessions.
type SubjectStatus string

// Subject states (surface D, 6.12).
const (
	SubjectPending  SubjectStatus = "pending"
	SubjectApproved SubjectStatus = "approved"
	SubjectFailed   SubjectStatus = "failed"
	SubjectRejected SubjectStatus = "rejected"
	SubjectRedacted SubjectStatus = "redacted"
)

// Subject is a person or company across sessions. Its data key encrypts
// everything personal about it; destroying the key erases the person.
type Subject struct {
	Meta
	ExternalRef string        `json:"external_ref,omitempty"`
	Kind        string        `json:"kind"` // individual, company
	Status      SubjectStatus `json:"status"`
	RedactedAt  time.Time     `json:"redacted_at,omitzero"`
	// DeactivatedAt is when a customer stopped being one (surface A); what was
	// recorded about them stays.
	DeactivatedAt time.Time `json:"deactivated_at,omitzero"`
	Tags          []string  `json:"tags,omitempty"`
	// MergedInto is the record that stands for this one and itself.
	MergedInto ID `json:"merged_into,omitempty"`
	// LookAt is when retention looks again whether the person, whose last
	// session was destroyed, may go; zero: there is nothing to look for.
	LookAt time.Time `json:"-"`
	// Private is personal data: stored encrypted under the subject's own key.
	Private SubjectData `json:"-"`
	// Damaged says that what is stored of the person cannot be opened: it is known
	// that they are there, and nothing of them can be written.
	Damaged bool `json:"-"`
}

// Judge carries an outcome over to a person and reports whether that changed
// anything; who stores the person touches it. An erased person stays erased, and
// needs_review decides nothing.
func (p *Subject) Judge(o Outcome) bool {
	next := map[Outcome]SubjectStatus{Approved: SubjectApproved, Rejected: SubjectRejected}[o]
	if next == "" || p.Status == SubjectRedacted || p.Status == next {
		return false
	}
	p.Status = next
	return true
}

// SubjectData is the personal part of a subject that was named as a customer.
type SubjectData struct {
	Name       string         `json:"name,omitempty"`
	Email      string         `json:"email,omitempty"`
	Phone      string         `json:"phone,omitempty"`
	Attributes map[string]any `json:"attributes,omitempty"` // the customer's own
	// Unreadable is set by the store when the subject's key was destroyed.
	Unreadable bool `json:"unreadable,omitempty"`
}

// Overrule is a reviewer's reversal of a decided session: from approved or
// rejected to the opposite, back to review, or (from rejected) to corrections.
// Every other move goes through Move.
func (s *Session) Overrule(next SessionStatus, at time.Time) error {
	decided := s.Status == SessionApproved || s.Status == SessionRejected
	legal := next == SessionApproved || next == SessionRejected || next == SessionReview || next == SessionCorrection && s.Status == SessionRejected
	if !decided || !legal || next == s.Status {
		return Errorf(Conflict, "invalid_transition", "the session is %s and cannot become %s", s.Status, next)
	}
	s.Status, s.CompletedAt = next, time.Time{}
	if next == SessionApproved || next == SessionRejected {
		s.CompletedAt = at
	}
	return nil
}

// Upload is one file an applicant or a machine sent for a session.
type Upload struct {
	Meta
	SessionID ID `json:"session_id"`
	SubjectID ID `json:"subject_id"`
	// Kind is the data requirement it serves: document_front, document_back,
	// selfie, liveness, nfc, proof_of_address or custom:<name>.
	Kind         string    `json:"kind"`
	DocumentType string    `json:"document_type,omitempty"` // passport, id_card, …
	ContentType  string    `json:"content_type"`            // as detected, not as claimed
	Size         int64     `json:"size"`
	SHA256       string    `json:"sha256"`   // hex, of the plain bytes
	BlobKey      string    `json:"blob_key"` // where the encrypted bytes lie
	Superseded   bool      `json:"superseded,omitempty"`
	RedactedAt   time.Time `json:"redacted_at,omitzero"`
	// Withheld is set by the store when nothing of the session can be read any
	// more (Retention).
	Withheld bool `json:"-"`
	// Where an ordered step asked for it (surface A): the step, the document
	// type of its requirement or the field it answers, the side (front, back)
	// and the role of the party it speaks of (ubo, director, …; empty: the
	// applicant).
	StepID     string `json:"step_id,omitempty"`
	Asked      string `json:"asked,omitempty"`
	FieldID    string `json:"field_id,omitempty"`
	Side       string `json:"side,omitempty"`
	EntityRole string `json:"entity_role,omitempty"`
}
