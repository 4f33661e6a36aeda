package intake

import (
	"context"
	"time"

	"bonafide/kyc"
)

// Committer writes all of a change or nothing of it.
type Committer interface {
	Commit(ctx context.Context, c *kyc.Change) error
}

// SessionStore reads sessions, their people and their files.
type SessionStore interface {
	Org(ctx context.Context, id kyc.ID) (kyc.Org, error)
	Session(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Session, error)
	SessionByToken(ctx context.Context, hash string) (kyc.Session, error)
	Sessions(ctx context.Context, t kyc.Tenant, f kyc.SessionFilter, p kyc.Page) ([]kyc.Session, int, error)
	Subject(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Subject, error)
	Uploads(ctx context.Context, t kyc.Tenant, session kyc.ID) ([]kyc.Upload, error)
	Journey(ctx context.Context, t kyc.Tenant, session kyc.ID) (kyc.Journey, error)
	// JourneysOf reads those of these sessions that have one.
	JourneysOf(ctx context.Context, t kyc.Tenant, sessions []kyc.ID) ([]kyc.Journey, error)
	Transfer(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Transfer, error)
	Transfers(ctx context.Context, t kyc.Tenant, session kyc.ID) ([]kyc.Transfer, error)
}

// RecordStore reads what was examined and decided, oldest first.
type RecordStore interface {
	Exams(ctx context.Context, t kyc.Tenant, session kyc.ID) ([]kyc.Exam, error)
	// ExamByInput is the newest exam of a policy on exactly that input.
	ExamByInput(ctx context.Context, t kyc.Tenant, session kyc.ID, policy, hash string) (kyc.Exam, error)
	Rulings(ctx context.Context, t kyc.Tenant, session kyc.ID) ([]kyc.Ruling, error)
	Case(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Case, error)
}

// WorkflowStore reads workflows and their versions.
type WorkflowStore interface {
	Workflow(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Workflow, error)
	Workflows(ctx context.Context, t kyc.Tenant, f kyc.WorkflowFilter, p kyc.Page) ([]kyc.Workflow, int, error)
	Version(ctx context.Context, t kyc.Tenant, workflow kyc.ID, number int) (kyc.WorkflowVersion, error)
}

// BlobStore keeps files, encrypted under the subject's key.
type BlobStore interface {
	PutBlob(ctx context.Context, t kyc.Tenant, subject kyc.ID, key string, data []byte) error
	Blob(ctx context.Context, t kyc.Tenant, subject kyc.ID, key string) ([]byte, error)
	DeleteBlob(ctx context.Context, t kyc.Tenant, key string) error
}

// Store is what the machine needs from disk.
type Store interface {
	Committer
	SessionStore
	RecordStore
	WorkflowStore
	BlobStore
	kyc.EventFinder
	kyc.UserReader
}

// Trace is what the checks of a run said, in the order they were recorded.
type Trace struct {
	Run      kyc.Run
	Attempts []Attempt
	// Checks are the last word of each policy.
	Checks    map[string]kyc.CheckFact
	Extracted map[string]any
	// Engine names the build that walked the graph.
	Engine string
}

// Attempt is one recorded answer of one check.
type Attempt struct {
	Node    string
	Policy  string
	Attempt int    // 1-5
	Status  string // passed, failed, review, error, skipped, requires_retry
	At      time.Time
	Answer  kyc.Answer
}

// Last is the last recorded answer of a policy; ok is false when it was never
// asked.
func (t Trace) Last(policy string) (a Attempt, ok bool) {
	for i := len(t.Attempts) - 1; i >= 0; i-- {
		if t.Attempts[i].Policy == policy {
			return t.Attempts[i], true
		}
	}
	return Attempt{}, false
}

// End is how a run of a session ended, as the engine tells it.
type End struct {
	Status kyc.RunStatus
	Filing kyc.Filing
	// Checks are the last word of each policy, and Extracted what was read.
	Checks    map[string]kyc.CheckFact
	Extracted map[string]any
}

// Invitation is a message to an applicant. The link is a secret of the
// applicant and appears in no log.
type Invitation struct {
	Tenant    kyc.Tenant
	SessionID kyc.ID
	Channel   string // email, sms
	To        string // an address or a number in E.164
	Workflow  string // its name
	Token     string // of the link
	Kind      string // invitation
	ExpiresAt time.Time
}
