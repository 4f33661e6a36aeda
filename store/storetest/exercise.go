package storetest

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"bonafide/kyc"
	"bonafide/store"
)

// Harness opens stores for the suite.
type Harness struct {
	// Open gives a new, empty store that is closed with the test. exec runs
	// SQL behind the store's back, as somebody who tampers would.
	Open func(t *testing.T, clock kyc.Clock) (db *store.DB, exec func(sql string))
	// Chain is the table that holds the places in the audit chain, and the
	// name of its column with the event's id.
	Chain, EventID string
}

// Exercise runs every promise, each on a store of its own.
func Exercise(t *testing.T, h Harness) {
	for name, promise := range map[string]func(*testing.T, *bench){
		"commit stores every kind of object":                everyKind,
		"commit is all or nothing":                          allOrNothing,
		"a change is added to the unit of its request":      unitGathers,
		"an object put twice through one pointer":           putTwice,
		"a compare-and-set that lost is stale":              compareAndSet,
		"a run's place is taken once":                       inputOnce,
		"unique values are conflicts":                       uniqueValues,
		"what an object is about never changes":             fixedColumns,
		"nothing of another tenant exists":                  tenants,
		"workflow lists":                                    workflowLists,
		"session lists":                                     sessionLists,
		"case lists":                                        caseLists,
		"console sessions are found by their token and end": consoleSessions,
		"a second factor is sealed and stands once":         secondFactors,
		"two admins do not remove each other":               peopleInCharge,
		"tries of a sign-in are counted one by one":         signInTries,
		"waiting cases are listed by urgency":               waitingCases,
		"cases drawn for a second look are found":           qualityCases,
		"list items":                                                listItems,
		"claimed cases lapse":                                       lapsedCases,
		"an idempotency key is won once":                            idempotencyRace,
		"an idempotency record lives its life":                      idempotencyLife,
		"answers of webhooks end with their subjects":               webhookAnswers,
		"stored answers end with their subjects":                    eraseAnswers,
		"a held key is reserved for its life":                       holdKeys,
		"answers of an earlier version end with any erasure":        formerAnswers,
		"texts that one database cannot keep":                       strangeTexts,
		"a lost reservation undoes its effect":                      idempotencyTakeover,
		"due runs are claimed once":                                 claimRuns,
		"leases are extended and released":                          leases,
		"erasing a subject destroys what is personal":               erase,
		"what is said about a case is sealed":                       caseWords,
		"files are encrypted and erased":                            blobs,
		"the master key rotates":                                    rotate,
		"blind indexes differ by tenant":                            traits,
		"looks of pictures are sealed and end with their subject":   pictures,
		"the audit chain verifies":                                  auditChain,
		"tampering with the audit chain shows":                      auditTampering,
		"days of the audit chain get roots":                         auditDays,
		"the outbox makes a delivery per wanting endpoint":          outbox,
		"due deliveries are claimed once":                           claimDeliveries,
		"key pairs of webhooks are one set, sealed":                 signatureKeys,
		"many writers at once":                                      manyWriters,
		"jobs are left with their change and done":                  jobs,
		"a job behind a running one is not lost":                    jobBehind,
		"a job is done behind any number of running ones":           jobBehindSuccessors,
		"a periodic job runs":                                       periodicJob,
		"the store answers after close with an error":               closed,
		"times are kept to the microsecond":                         times,
		"hooks run after commit":                                    hooks,
		"a subject's file may come before the subject's unit":       blobInUnit,
		"a journey changes with its session":                        journeys,
		"files on their way are swept":                              transfers,
		"exams and rulings are written once":                        evidence,
		"words on hits end with their subject":                      hitReviews,
		"erasing a subject empties its journey":                     eraseJourney,
		"session lists of the onboarding surface":                   stepsLists,
		"workflow lists by catalog":                                 catalogLists,
		"customers have a personal part":                            customers,
		"watchlists become due":                                     watches,
		"watched parties and their runs":                            watchedParties,
		"inquiries are kept, become due and end with their subject": inquiries,
		"backtests are kept and changed by one process":             backtests,
		"sessions of a rollout are counted once":                    trials,
		"face templates end with their time, session or subject":    faceTemplates,
		"what happens to face templates is told in its order":       faceChanges,
		"nobody sees a change of templates before those below it":   faceChangesAtOnce,
		"individuals are kept and listed":                           individuals,
		"papers of an individual":                                   papers,
		"an individual stands once with a service":                  profiles,
		"matchlists and their entries":                              matchlists,
		"an individual runs a workflow once at a time":              executions,
		"an individual has one open link for a workflow":            oneLink,
		"execution lists":                                           executionLists,
		"process results are kept":                                  processResults,
		"process result lists":                                      processLists,
		"lists of the entities surface go on where they were":       entityPages,
		"erasing a subject empties the entities surface":            eraseEntity,
		"what is personal of an entity is sealed":                   sealedEntity,
		"merged records are found by the one they went into":        mergedPeople,
		"a person of another house has one account":                 boundOnce,
		"tallies add up":                                            tallies,
		"people who share a mark are found":                         alike,
		"figures see every session of a period":                     facts,
		"outcomes are counted by workflow":                          outcomes,
		"sessions whose time is over are found":                     sessionsDue,
		"what is due and damaged comes marked, and the others":      damagedDue,
		"the state of retention is one row of a tenant":             retentionState,
		"nothing of a withheld session can be read":                 withheldSession,
		"a wiped session leaves the others of its person":           wipedSession,
		"people of surface B are withheld with their last session":  peopleWithheld,
		"people are looked at again":                                peopleLookedAt,
		"stored answers about a person can be taken back":           forgottenAnswers,
		"a session and its person's erasure exclude each other":     sessionOrErasure,
		"sessions and erasures at once leave nothing unreadable":    sessionsAndErasures,
		"nobody is erased as unneeded who is needed by then":        erasedUnneeded,
		"reports and erasures at once leave nothing unreadable":     reportsAndErasures,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			promise(t, newBench(t, h))
		})
	}
}

// bench is what each promise gets: a store, a clock and a tenant.
type bench struct {
	*store.DB
	ctx    context.Context
	clock  *Clock
	tenant kyc.Tenant
	exec   func(sql string)
	Harness
}

func newBench(t *testing.T, h Harness) *bench {
	t.Helper()
	c := NewClock(time.Now())
	db, exec := h.Open(t, c)
	b := &bench{DB: db, ctx: t.Context(), clock: c, exec: exec, Harness: h}
	b.tenant = kyc.Tenant{Org: b.id(), Env: kyc.Live}
	return b
}

// Clock is a clock that only moves when told.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock starts a clock, cut to microseconds.
func NewClock(at time.Time) *Clock { return &Clock{now: at.UTC().Truncate(time.Microsecond)} }

// Now is the time it was set to.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves it.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func (b *bench) id() kyc.ID { return kyc.NewID(b.clock.Now()) }

// meta is the Meta of a new object of the bench's tenant.
func (b *bench) meta() kyc.Meta {
	m := kyc.Meta{ID: b.id(), Tenant: b.tenant}
	m.Touch(b.clock.Now())
	return m
}

func (b *bench) commit(t *testing.T, c kyc.Change) {
	t.Helper()
	if err := b.Commit(b.ctx, &c); err != nil {
		t.Fatalf("committing: %v", err)
	}
}

func (b *bench) put(t *testing.T, objects ...kyc.Object) {
	t.Helper()
	b.commit(t, kyc.Change{Put: objects})
}

// subject stores a new person.
func (b *bench) subject(t *testing.T) *kyc.Subject {
	t.Helper()
	s := &kyc.Subject{Meta: b.meta(), Kind: "individual", Status: kyc.SubjectPending}
	b.put(t, s)
	return s
}

// session is a new session of a person, not stored yet.
func (b *bench) session(subject kyc.ID) *kyc.Session {
	return &kyc.Session{Meta: b.meta(), Surface: kyc.SurfaceGraph, SubjectID: subject, WorkflowID: b.id(), Status: kyc.SessionCreated,
		Private: kyc.SessionData{Fields: map[string]any{"first_name": "Ada"}, Metadata: map[string]any{"order": "7"}}}
}

// run is a new run of a session, not stored yet.
func (b *bench) run(s *kyc.Session) *kyc.Run {
	return &kyc.Run{Meta: b.meta(), SessionID: s.ID, SubjectID: s.SubjectID, WorkflowID: s.WorkflowID, Version: 1, Status: kyc.RunRunning, StartedAt: b.clock.Now()}
}

func (b *bench) input(r *kyc.Run, seq int64) kyc.Input {
	return kyc.Input{Tenant: r.Tenant, RunID: r.ID, SubjectID: r.SubjectID, Seq: seq, Kind: "answer", Node: "ocr", Attempt: 1,
		At: b.clock.Now(), Data: json.RawMessage(fmt.Sprintf(`{"seq":%d,"name":"Ada"}`, seq)), StateHash: "sha256:0"}
}

func (b *bench) event(action string) kyc.Event {
	return kyc.Event{ID: b.id(), Tenant: b.tenant, At: b.clock.Now(), Actor: kyc.SystemActor("test"), Action: action, Object: "session", ObjectID: b.id()}
}

// want fails unless got is the error code.
func want(t *testing.T, err error, code string) {
	t.Helper()
	if !kyc.IsCode(err, code) {
		t.Fatalf("the error is %v, want code %s", err, code)
	}
}

// same fails unless both are equal as JSON.
func same(t *testing.T, what string, got, expected any) {
	t.Helper()
	g, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	e, err := json.Marshal(expected)
	if err != nil {
		t.Fatal(err)
	}
	if string(g) != string(e) {
		t.Errorf("%s\n got %s\nwant %s", what, g, e)
	}
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
