package store

import (
	"context"
	"time"

	"bonafide/audit"
	"bonafide/job"
	"bonafide/kyc"
)

// Store lists everything *DB does, in one place to look it up. Rooms ask for
// the few methods they need through interfaces of their own.
//
// Reads answer kyc.Missing for an object that does not exist for the tenant.
// Lists are ordered newest first and come with the total that matches the
// filter, unless the method says otherwise.
type Store interface {
	// Commit writes all of a change in one transaction or nothing of it. With
	// a kyc.Unit in the context it only adds the change to the unit.
	Commit(ctx context.Context, c *kyc.Change) error
	// OnCommit adds a hook that runs after each commit of this process.
	OnCommit(hook func(*kyc.Change))

	Org(ctx context.Context, id kyc.ID) (kyc.Org, error)
	Orgs(ctx context.Context) ([]kyc.Org, error) // oldest first
	User(ctx context.Context, org, id kyc.ID) (kyc.User, error)
	Users(ctx context.Context, org kyc.ID) ([]kyc.User, error) // oldest first
	UserByEmail(ctx context.Context, email string) (kyc.User, error)
	Key(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.APIKey, error)
	Keys(ctx context.Context, t kyc.Tenant) ([]kyc.APIKey, error)
	KeyByPrefix(ctx context.Context, prefix string) (*kyc.APIKey, error)
	SetKeyUsed(ctx context.Context, id kyc.ID, at time.Time) error

	// ConsoleSession finds who is signed in by the hash of their token; it
	// names the organisation, so it is asked without one.
	ConsoleSession(ctx context.Context, tokenHash string) (kyc.ConsoleSession, error)
	ConsoleSessionsOf(ctx context.Context, org, user kyc.ID) ([]kyc.ConsoleSession, error) // oldest first
	SetConsoleSeen(ctx context.Context, id kyc.ID, at time.Time) error
	SecondFactorOf(ctx context.Context, org, user kyc.ID) (kyc.SecondFactor, error)
	// SignInTries reads one count; CountSignIn writes it if it is still as it
	// was read. Both take a keyed hash for a name.
	SignInTries(ctx context.Context, name string) (kyc.SignInTries, error)
	CountSignIn(ctx context.Context, was, now kyc.SignInTries) error
	TriesName(ctx context.Context, kind, value string) (string, error)

	Workflow(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Workflow, error)
	WorkflowBySlug(ctx context.Context, t kyc.Tenant, s kyc.Surface, slug string) (kyc.Workflow, error)
	Workflows(ctx context.Context, t kyc.Tenant, f kyc.WorkflowFilter, p kyc.Page) ([]kyc.Workflow, int, error)
	DefaultWorkflow(ctx context.Context, t kyc.Tenant, s kyc.Surface) (kyc.Workflow, error)
	Version(ctx context.Context, t kyc.Tenant, workflow kyc.ID, number int) (kyc.WorkflowVersion, error)
	VersionByID(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.WorkflowVersion, error)
	Versions(ctx context.Context, t kyc.Tenant, workflow kyc.ID, p kyc.Page) ([]kyc.WorkflowVersion, int, error)
	Definition(ctx context.Context, t kyc.Tenant, hash string) (kyc.Definition, error)

	// Trials counts the sessions that ended during a rollout from a time on, by
	// version.
	Trials(ctx context.Context, t kyc.Tenant, workflow kyc.ID, rollout string, from time.Time) (map[int]kyc.TrialTally, error)

	Session(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Session, error)
	SessionByToken(ctx context.Context, tokenHash string) (kyc.Session, error)
	Sessions(ctx context.Context, t kyc.Tenant, f kyc.SessionFilter, p kyc.Page) ([]kyc.Session, int, error)
	Subject(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Subject, error)
	SubjectByRef(ctx context.Context, t kyc.Tenant, ref string) (kyc.Subject, error)
	Subjects(ctx context.Context, t kyc.Tenant, f kyc.SubjectFilter, p kyc.Page) ([]kyc.Subject, int, error)
	// SessionsDue ended by some time, the earliest first; CountSessionsDue counts.
	SessionsDue(ctx context.Context, t kyc.Tenant, f kyc.RetentionFilter, limit int) ([]kyc.Session, error)
	CountSessionsDue(ctx context.Context, t kyc.Tenant, f kyc.RetentionFilter) (int, error)
	// PeopleToLookAt have no session left; LookAgain notes when the next look is.
	PeopleToLookAt(ctx context.Context, t kyc.Tenant, now time.Time, limit int) ([]kyc.Subject, error)
	LookAgain(ctx context.Context, t kyc.Tenant, subject kyc.ID, at time.Time) error
	ForgetAnswers(ctx context.Context, t kyc.Tenant, subjects []kyc.ID) error
	Upload(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Upload, error)
	Uploads(ctx context.Context, t kyc.Tenant, session kyc.ID) ([]kyc.Upload, error) // oldest first

	Journey(ctx context.Context, t kyc.Tenant, session kyc.ID) (kyc.Journey, error)
	Journeys(ctx context.Context, t kyc.Tenant, parent kyc.ID) ([]kyc.Journey, error) // oldest first
	// JourneysOf reads those of these sessions that have one, oldest first.
	JourneysOf(ctx context.Context, t kyc.Tenant, sessions []kyc.ID) ([]kyc.Journey, error)
	Transfer(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Transfer, error)
	Transfers(ctx context.Context, t kyc.Tenant, session kyc.ID) ([]kyc.Transfer, error) // oldest first
	// TransfersDue are files of all tenants that never arrived.
	TransfersDue(ctx context.Context, before time.Time, limit int) ([]kyc.Transfer, error)
	Exam(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Exam, error)
	Exams(ctx context.Context, t kyc.Tenant, session kyc.ID) ([]kyc.Exam, error)                          // oldest first
	ExamByInput(ctx context.Context, t kyc.Tenant, session kyc.ID, policy, hash string) (kyc.Exam, error) // the newest
	Rulings(ctx context.Context, t kyc.Tenant, session kyc.ID) ([]kyc.Ruling, error)                      // oldest first
	// HitReviews are the words on hits of a subject, or of a session without
	// one, oldest first.
	HitReviews(ctx context.Context, t kyc.Tenant, about kyc.ID) ([]kyc.HitReview, error)
	// FaceTemplates are oldest first; FaceTemplatesDue are of all tenants.
	FaceTemplates(ctx context.Context, t kyc.Tenant, f kyc.FaceFilter, after kyc.ID, limit int) ([]kyc.FaceTemplate, error)
	FaceTemplatesDue(ctx context.Context, now time.Time, limit int) ([]kyc.FaceTemplate, error)
	FaceTemplatesOf(ctx context.Context, t kyc.Tenant, ids []kyc.ID) ([]kyc.FaceTemplate, error)
	CountFaces(ctx context.Context, t kyc.Tenant, model string, limit int) (int, error)
	FaceChanges(ctx context.Context, t kyc.Tenant, from int64, limit int) ([]kyc.FaceChange, error)
	LastFaceChange(ctx context.Context, t kyc.Tenant) (kyc.FaceChange, error)

	Watch(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Watch, error)
	Watches(ctx context.Context, t kyc.Tenant, f kyc.WatchFilter, p kyc.Page) ([]kyc.Watch, int, error)
	// WatchesDue and WatchesOnUpdate are of all tenants.
	WatchesDue(ctx context.Context, now time.Time, limit int) ([]kyc.Watch, error)
	WatchesOnUpdate(ctx context.Context, after kyc.ID, limit int) ([]kyc.Watch, error) // oldest first
	WatchedParty(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Watched, error)
	WatchedParties(ctx context.Context, t kyc.Tenant, f kyc.WatchedFilter, p kyc.Page) ([]kyc.Watched, int, error)
	WatchedAfter(ctx context.Context, t kyc.Tenant, watch, after kyc.ID, limit int) ([]kyc.Watched, error) // oldest first
	MonitorRun(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.MonitorRun, error)
	MonitorRuns(ctx context.Context, t kyc.Tenant, watch kyc.ID, p kyc.Page) ([]kyc.MonitorRun, int, error)
	WatchTags(ctx context.Context, t kyc.Tenant) ([]kyc.TagCount, error) // alphabetical

	Inquiry(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Inquiry, error)
	Inquiries(ctx context.Context, t kyc.Tenant, f kyc.InquiryFilter, p kyc.Page) ([]kyc.Inquiry, int, error)
	// InquiriesDue and InquiriesOnUpdate are of all tenants.
	InquiriesDue(ctx context.Context, now time.Time, limit int) ([]kyc.Inquiry, error)
	InquiriesOnUpdate(ctx context.Context, after kyc.ID, limit int) ([]kyc.Inquiry, error) // oldest first

	RetentionState(ctx context.Context, t kyc.Tenant) (kyc.RetentionState, error)

	Backtest(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Backtest, error)
	// Backtests and BacktestsDue are without their items; the latter are of all
	// tenants.
	Backtests(ctx context.Context, t kyc.Tenant, f kyc.BacktestFilter, p kyc.Page) ([]kyc.Backtest, int, error)
	BacktestsDue(ctx context.Context, now time.Time, limit int) ([]kyc.Backtest, error)

	Individual(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Individual, error)
	Individuals(ctx context.Context, t kyc.Tenant, f kyc.IndividualFilter, p kyc.Page) ([]kyc.Individual, int, error)
	EntityDocument(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.EntityDocument, error)
	EntityDocuments(ctx context.Context, t kyc.Tenant, subject kyc.ID, deleted bool) ([]kyc.EntityDocument, error) // oldest first
	ServiceProfile(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.ServiceProfile, error)
	ServiceProfileByName(ctx context.Context, t kyc.Tenant, subject kyc.ID, serviceName string) (kyc.ServiceProfile, error)
	ServiceProfiles(ctx context.Context, t kyc.Tenant, f kyc.ProfileFilter, p kyc.Page) ([]kyc.ServiceProfile, int, error)
	MonitoredProfiles(ctx context.Context, t kyc.Tenant, after kyc.ID, limit int) ([]kyc.ServiceProfile, error) // oldest first
	Execution(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Execution, error)
	Executions(ctx context.Context, t kyc.Tenant, f kyc.ExecutionFilter, p kyc.Page) ([]kyc.Execution, int, error)
	ExecutionOfRunning(ctx context.Context, t kyc.Tenant, subject, workflow kyc.ID) (kyc.Execution, error)
	ProcessResult(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.ProcessResult, error)
	ProcessResults(ctx context.Context, t kyc.Tenant, f kyc.ProcessFilter, p kyc.Page) ([]kyc.ProcessResult, int, error)
	Matchlist(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Matchlist, error)
	Matchlists(ctx context.Context, t kyc.Tenant, p kyc.Page) ([]kyc.Matchlist, int, error)
	MatchlistEntry(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.MatchlistEntry, error)
	MatchlistEntries(ctx context.Context, t kyc.Tenant, list kyc.ID, p kyc.Page) ([]kyc.MatchlistEntry, int, error)
	AllMatchlistEntries(ctx context.Context, t kyc.Tenant, lists []kyc.ID) ([]kyc.MatchlistEntry, error) // oldest first

	Run(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Run, error)
	Runs(ctx context.Context, t kyc.Tenant, session kyc.ID) ([]kyc.Run, error)
	Inputs(ctx context.Context, t kyc.Tenant, run kyc.ID) ([]kyc.Input, error) // in order
	// ClaimRuns takes due runs of all tenants and pushes them one lease ahead.
	ClaimRuns(ctx context.Context, owner string, now time.Time, lease time.Duration, limit int) ([]kyc.Lease, error)
	// ExtendLeases moves each lease to its Until while its owner holds it.
	ExtendLeases(ctx context.Context, leases []kyc.Lease) error
	// ReleaseLeases makes the runs due at once for anybody.
	ReleaseLeases(ctx context.Context, leases []kyc.Lease) error

	Case(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Case, error)
	CaseBySession(ctx context.Context, t kyc.Tenant, session kyc.ID) (kyc.Case, error) // the newest
	Cases(ctx context.Context, t kyc.Tenant, f kyc.CaseFilter, p kyc.Page) ([]kyc.Case, int, error)
	// NextCases are open and unassigned, of a queue ("": of all) and of none in
	// beyond, highest priority first, then oldest.
	NextCases(ctx context.Context, t kyc.Tenant, queue string, beyond []string, limit int) ([]kyc.Case, error)
	CaseCounts(ctx context.Context, t kyc.Tenant) (map[kyc.CaseStatus]int, error)
	// QualityCases were drawn for a second look; those that wait come oldest first,
	// others newest first. QualityCount is of those that wait, up to a number.
	QualityCases(ctx context.Context, t kyc.Tenant, f kyc.QualityFilter, p kyc.Page) ([]kyc.Case, int, error)
	QualityCount(ctx context.Context, t kyc.Tenant, upto int) (int, error)
	OpenCaseCount(ctx context.Context, t kyc.Tenant) (int, error)
	// WaitingCases are undecided, highest priority first, then oldest, with the
	// total; WaitingCount is the total alone.
	WaitingCases(ctx context.Context, t kyc.Tenant, f kyc.WaitingFilter, p kyc.Page) ([]kyc.Case, int, error)
	WaitingCount(ctx context.Context, t kyc.Tenant, f kyc.WaitingFilter) (int, error)
	// LapsedCases are in_review cases of all tenants whose claim has been idle
	// for longer than their organisation's ClaimLapse, the longest idle first.
	LapsedCases(ctx context.Context, now time.Time) ([]kyc.Case, error)
	Notes(ctx context.Context, t kyc.Tenant, caseID kyc.ID) ([]kyc.Note, error) // oldest first

	List(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.List, error)
	Lists(ctx context.Context, t kyc.Tenant, f kyc.ListFilter, p kyc.Page) ([]kyc.List, int, error)
	ListItem(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.ListItem, error)
	ListItems(ctx context.Context, t kyc.Tenant, list kyc.ID, p kyc.Page) ([]kyc.ListItem, int, error)
	ListItemsByHash(ctx context.Context, t kyc.Tenant, lists []kyc.ID, hashes []string) ([]kyc.ListItem, error)
	AllListItems(ctx context.Context, t kyc.Tenant, list kyc.ID) ([]kyc.ListItem, error)

	Endpoint(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Endpoint, error)
	Endpoints(ctx context.Context, t kyc.Tenant) ([]kyc.Endpoint, error) // oldest first
	Delivery(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Delivery, error)
	Deliveries(ctx context.Context, t kyc.Tenant, f kyc.DeliveryFilter, p kyc.Page) ([]kyc.Delivery, int, error)
	// SignatureKeys finds the key pairs of a tenant; Missing when it never had any.
	SignatureKeys(ctx context.Context, t kyc.Tenant) (kyc.SignatureKeys, error)
	// ClaimDeliveries takes due pending deliveries of all tenants and pushes
	// them one lease ahead.
	ClaimDeliveries(ctx context.Context, owner string, now time.Time, lease time.Duration, limit int) ([]kyc.Delivery, error)
	EventByID(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Event, error)
	Events(ctx context.Context, t kyc.Tenant, f kyc.EventFilter, p kyc.Page) ([]kyc.Event, int, error)
	// CloseAuditDays stores the Merkle roots of the days of an organisation's chain
	// that are over, and gives the new ones.
	CloseAuditDays(ctx context.Context, org kyc.ID, now time.Time) ([]audit.Day, error)
	// AuditDays are the roots that are stored, newest first.
	AuditDays(ctx context.Context, org kyc.ID, f kyc.DayFilter, limit int) ([]audit.Day, error)
	// AuditProof shows that an event is part of its day.
	AuditProof(ctx context.Context, t kyc.Tenant, event kyc.ID) (audit.Proof, error)
	VerifyAudit(ctx context.Context, org kyc.ID) (audit.Report, error)

	Traits(ctx context.Context, t kyc.Tenant, kind string, hashes []string) ([]kyc.Trait, error)
	// Pictures finds pictures by the blind indexes of their bands.
	Pictures(ctx context.Context, t kyc.Tenant, bands []string) ([]kyc.Picture, error)
	// Blind is the hex HMAC-SHA-256 of kind and value under the tenant's key.
	Blind(ctx context.Context, t kyc.Tenant, kind, value string) (string, error)

	// PutBlob, Blob and DeleteBlob keep files encrypted under the subject's
	// key (the tenant's when subject is empty). They never wait for a unit.
	PutBlob(ctx context.Context, t kyc.Tenant, subject kyc.ID, key string, data []byte) error
	Blob(ctx context.Context, t kyc.Tenant, subject kyc.ID, key string) ([]byte, error)
	DeleteBlob(ctx context.Context, t kyc.Tenant, key string) error

	// ReserveIdempotency is atomic: nil means the caller won and must close
	// the reservation with Change.Idempotency or ReleaseIdempotency; otherwise
	// the record of whoever has it, running or done. A running one whose lease
	// has passed, or a done one older than 24 h, is taken over. A stored
	// answer is Erased as soon as one subject is erased whose data passed the
	// store while it was made (kyc.Concerned).
	ReserveIdempotency(ctx context.Context, r kyc.Idempotency, lease time.Duration) (*kyc.Idempotency, error)
	ReleaseIdempotency(ctx context.Context, r kyc.Idempotency) error

	// RateBuckets are shared by the processes on a database, RateDays noted by
	// the only one; the other is nil.
	RateBuckets() RateBuckets
	RateDays() RateDays

	// Work runs the queue until the context ends; running jobs get a moment
	// to finish.
	Work(ctx context.Context, handlers map[string]job.Handler, o job.Options) error
	// Sweep deletes what has outlived its use: lapsed idempotency records
	// (which it counts) and idle buckets of rates.
	Sweep(ctx context.Context, now time.Time) (int, error)

	Ping(ctx context.Context) error
	// SchemaVersion is the migration the database is at.
	SchemaVersion(ctx context.Context) (int64, error)
	// Backup writes a consistent copy of the database to a new file (SQLite).
	Backup(ctx context.Context, path string) error
	// RotateMasterKey adds a new master key and wraps every data key with it.
	RotateMasterKey(ctx context.Context) (int, error)
	Close() error
}
