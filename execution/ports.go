package execution

import (
	"context"
	"time"

	"bonafide/kyc"
)

// Committer writes all of a change or nothing of it.
type Committer interface {
	Commit(ctx context.Context, c *kyc.Change) error
}

// Tenants reads organisations.
type Tenants interface {
	Org(ctx context.Context, id kyc.ID) (kyc.Org, error)
	Orgs(ctx context.Context) ([]kyc.Org, error)
}

// WorkflowStore reads workflows and their versions.
type WorkflowStore interface {
	Workflow(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Workflow, error)
	// WorkflowBySlug finds one that is not deleted.
	WorkflowBySlug(ctx context.Context, t kyc.Tenant, s kyc.Surface, slug string) (kyc.Workflow, error)
	Workflows(ctx context.Context, t kyc.Tenant, f kyc.WorkflowFilter, p kyc.Page) ([]kyc.Workflow, int, error)
	Version(ctx context.Context, t kyc.Tenant, workflow kyc.ID, number int) (kyc.WorkflowVersion, error)
}

// PeopleStore reads individuals, what is kept of them and the sessions and
// cases of their executions.
type PeopleStore interface {
	Individual(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Individual, error)
	// EntityDocuments are an individual's, oldest first, with the deleted ones
	// on demand.
	EntityDocuments(ctx context.Context, t kyc.Tenant, subject kyc.ID, deleted bool) ([]kyc.EntityDocument, error)
	// MonitoredProfiles are those with an enabled subscription, by ascending ID.
	MonitoredProfiles(ctx context.Context, t kyc.Tenant, after kyc.ID, limit int) ([]kyc.ServiceProfile, error)
	ServiceProfiles(ctx context.Context, t kyc.Tenant, f kyc.ProfileFilter, p kyc.Page) ([]kyc.ServiceProfile, int, error)
	Subject(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Subject, error)
	Session(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Session, error)
	Sessions(ctx context.Context, t kyc.Tenant, f kyc.SessionFilter, p kyc.Page) ([]kyc.Session, int, error)
	// SessionByToken finds the session of a link's hash in any tenant.
	SessionByToken(ctx context.Context, hash string) (kyc.Session, error)
	Case(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Case, error)
	Matchlist(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Matchlist, error)
	MatchlistEntry(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.MatchlistEntry, error)
}

// RecordStore reads executions and process results.
type RecordStore interface {
	Execution(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Execution, error)
	Executions(ctx context.Context, t kyc.Tenant, f kyc.ExecutionFilter, p kyc.Page) ([]kyc.Execution, int, error)
	// ExecutionOfRunning is the execution in progress of a workflow, which is of
	// one service, for an individual.
	ExecutionOfRunning(ctx context.Context, t kyc.Tenant, subject, workflow kyc.ID) (kyc.Execution, error)
	ProcessResults(ctx context.Context, t kyc.Tenant, f kyc.ProcessFilter, p kyc.Page) ([]kyc.ProcessResult, int, error)
}

// Store is what executions need from disk.
type Store interface {
	Committer
	Tenants
	WorkflowStore
	PeopleStore
	RecordStore
	kyc.EventFinder
	kyc.UserReader
}

// Invitation is a message to the person behind a hosted link. The link is a
// secret of that person and appears in no log.
type Invitation struct {
	Tenant    kyc.Tenant
	SessionID kyc.ID
	To        string // a number in E.164
	Workflow  string // its name
	Token     string // of the link
	ExpiresAt time.Time
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

// End is how a run of an execution ended, as the engine tells it.
type End struct {
	Status kyc.RunStatus
	Filing kyc.Filing
	// Attempts are all recorded answers, in the order they were recorded.
	Attempts []Attempt
	// Checks are the last word of each policy, and Extracted what was read.
	Checks    map[string]kyc.CheckFact
	Extracted map[string]any
}

// Probe asks some lists about one person, and only some of their entries.
type Probe struct {
	Tenant      kyc.Tenant
	Names       []string // every name the person has, the main one first
	BirthDate   string   // YYYY-MM-DD, YYYY-MM or YYYY
	BirthDates  []string // further ones
	Nationality string   // ISO 3166-1 alpha-2
	Identifiers []string // numbers of documents
	List        string
	Entries     []string // the source's own ids; nil: all
	Threshold   float64  // 0-1; 0: the matcher's own for onboarding
}

// Delta is what changed in a list between two of its versions, by the source's
// own ids of the entries.
type Delta struct {
	List     string
	From, To string // versions
	Changed  []string
	Removed  []string
}
