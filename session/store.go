package session

import (
	"context"
	"time"

	"bonafide/kyc"
)

// Committer writes all of a change or nothing of it.
type Committer interface {
	Commit(ctx context.Context, c *kyc.Change) error
}

// Orgs reads organisations.
type Orgs interface {
	Org(ctx context.Context, id kyc.ID) (kyc.Org, error)
	Orgs(ctx context.Context) ([]kyc.Org, error)
}

// SessionStore reads sessions and what belongs to them.
type SessionStore interface {
	Session(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Session, error)
	SessionByToken(ctx context.Context, hash string) (kyc.Session, error)
	Sessions(ctx context.Context, t kyc.Tenant, f kyc.SessionFilter, p kyc.Page) ([]kyc.Session, int, error)
	Uploads(ctx context.Context, t kyc.Tenant, session kyc.ID) ([]kyc.Upload, error)
	Upload(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Upload, error)
	// Exams are the checks that were asked outside of a run, oldest first.
	Exams(ctx context.Context, t kyc.Tenant, session kyc.ID) ([]kyc.Exam, error)
	// Transfers are the files on their way to a session of ordered steps.
	Transfers(ctx context.Context, t kyc.Tenant, session kyc.ID) ([]kyc.Transfer, error)
	// FaceTemplates are the faces of sessions by ascending ID after that one,
	// FaceTemplatesDue those of all tenants whose time is over.
	FaceTemplates(ctx context.Context, t kyc.Tenant, f kyc.FaceFilter, after kyc.ID, limit int) ([]kyc.FaceTemplate, error)
	FaceTemplatesDue(ctx context.Context, now time.Time, limit int) ([]kyc.FaceTemplate, error)
}

// SubjectStore reads the people behind the sessions.
type SubjectStore interface {
	Subject(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Subject, error)
	SubjectByRef(ctx context.Context, t kyc.Tenant, ref string) (kyc.Subject, error)
}

// WorkflowStore reads workflows and their versions.
type WorkflowStore interface {
	Workflow(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Workflow, error)
	Workflows(ctx context.Context, t kyc.Tenant, f kyc.WorkflowFilter, p kyc.Page) ([]kyc.Workflow, int, error)
	DefaultWorkflow(ctx context.Context, t kyc.Tenant, s kyc.Surface) (kyc.Workflow, error)
	Version(ctx context.Context, t kyc.Tenant, workflow kyc.ID, number int) (kyc.WorkflowVersion, error)
	VersionByID(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.WorkflowVersion, error)
	Versions(ctx context.Context, t kyc.Tenant, workflow kyc.ID, p kyc.Page) ([]kyc.WorkflowVersion, int, error)
	// List reads a list that a graph names.
	List(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.List, error)
}

// BlobStore keeps files, encrypted under the subject's key.
type BlobStore interface {
	PutBlob(ctx context.Context, t kyc.Tenant, subject kyc.ID, key string, data []byte) error
	Blob(ctx context.Context, t kyc.Tenant, subject kyc.ID, key string) ([]byte, error)
	DeleteBlob(ctx context.Context, t kyc.Tenant, key string) error
}

// RetentionStore finds what is kept too long.
type RetentionStore interface {
	// RetentionState is what the sweeps of a tenant remember.
	RetentionState(ctx context.Context, t kyc.Tenant) (kyc.RetentionState, error)
	// SessionsDue ended by some time, the earliest first; those that cannot be
	// opened are among them, marked.
	SessionsDue(ctx context.Context, t kyc.Tenant, f kyc.RetentionFilter, limit int) ([]kyc.Session, error)
	CountSessionsDue(ctx context.Context, t kyc.Tenant, f kyc.RetentionFilter) (int, error)
	// PeopleToLookAt lost their last session; LookAgain notes the next look, zero
	// for none.
	PeopleToLookAt(ctx context.Context, t kyc.Tenant, now time.Time, limit int) ([]kyc.Subject, error)
	LookAgain(ctx context.Context, t kyc.Tenant, subject kyc.ID, at time.Time) error
	// ForgetAnswers takes back stored answers that speak of these people.
	ForgetAnswers(ctx context.Context, t kyc.Tenant, subjects []kyc.ID) error
}

// RunStore reads runs, their cases and the record of a session, for exports.
type RunStore interface {
	Run(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Run, error)
	Runs(ctx context.Context, t kyc.Tenant, session kyc.ID) ([]kyc.Run, error)
	Case(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Case, error)
	Notes(ctx context.Context, t kyc.Tenant, caseID kyc.ID) ([]kyc.Note, error)
	Events(ctx context.Context, t kyc.Tenant, f kyc.EventFilter, p kyc.Page) ([]kyc.Event, int, error)
}

// Store is what sessions need from disk.
type Store interface {
	Committer
	Orgs
	SessionStore
	SubjectStore
	WorkflowStore
	BlobStore
	RetentionStore
	RunStore
}
