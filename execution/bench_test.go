package execution

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"bonafide/check"
	"bonafide/engine"
	"bonafide/flow"
	"bonafide/kyc"
	"bonafide/procedure"
	"bonafide/review"
	"bonafide/store"
	"bonafide/store/sqlite"
)

// bench is the machine on a real SQLite store, with the real engine, the real
// menu of checks and the review desk. The lists of the live environment are
// the test's.
type bench struct {
	*Machine
	t       *testing.T
	ctx     context.Context
	db      *store.DB
	menu    *check.Menu
	engine  *engine.Engine
	desk    *review.Desk
	live    kyc.Tenant
	sandbox kyc.Tenant
	by      kyc.Actor

	mu     sync.Mutex
	now    time.Time
	events []kyc.Event
	jobs   []kyc.Job
	asked  []kyc.CheckRequest
	// say answers a check in place of the menu.
	say map[string]func(r kyc.CheckRequest) kyc.Answer
	// between, when set, runs before the next commit: somebody else's move.
	between func(c *kyc.Change)
	read    func(kyc.ProcessFilter) // after process results were read
	waiting map[kyc.ID]chan struct{}
	begun   []kyc.Run // whose ends settle has not seen
	lists   *listed
	probed  []Probe
	graphs  map[kyc.ID]*flow.Compiled
}

// told is one message to customers.
type told struct {
	What  string         `json:"what"`
	ID    kyc.ID         `json:"id"`
	Extra map[string]any `json:"extra"`
}

func (b *bench) Now() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *bench) advance(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

// inTheMiddle is the store with a look at what is committed.
type inTheMiddle struct {
	*store.DB
	b *bench
}

func (s inTheMiddle) Commit(ctx context.Context, c *kyc.Change) error {
	s.b.mu.Lock()
	between := s.b.between
	s.b.mu.Unlock()
	if between != nil {
		between(c)
	}
	return s.DB.Commit(ctx, c)
}

// ProcessResults tells the test what was asked, once it was read.
func (s inTheMiddle) ProcessResults(ctx context.Context, t kyc.Tenant, f kyc.ProcessFilter, p kyc.Page) ([]kyc.ProcessResult, int, error) {
	out, n, err := s.DB.ProcessResults(ctx, t, f, p)
	s.b.mu.Lock()
	read := s.b.read
	s.b.mu.Unlock()
	if read != nil {
		read(f)
	}
	return out, n, err
}

// Run answers a check for the engine: the test first, then the menu.
func (b *bench) Run(ctx context.Context, r kyc.CheckRequest) kyc.Answer {
	b.mu.Lock()
	b.asked = append(b.asked, r)
	say := b.say[r.Policy]
	b.mu.Unlock()
	if say != nil {
		return say(r)
	}
	return b.menu.Run(ctx, r)
}

func newBench(t testing.TB) *bench {
	t.Helper()
	b := &bench{ctx: t.Context(), now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), by: kyc.Actor{Kind: kyc.ActorKey, ID: "key"},
		say: map[string]func(kyc.CheckRequest) kyc.Answer{}, waiting: map[kyc.ID]chan struct{}{}, lists: newListed(), graphs: map[kyc.ID]*flow.Compiled{}}
	b.t, _ = t.(*testing.T)
	silent := slog.New(slog.DiscardHandler)
	var err error
	if b.db, err = sqlite.Open(b.ctx, sqlite.Options{Dir: t.TempDir(), Sync: "normal", Clock: b, Log: silent}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.db.Close() })
	b.db.OnCommit(func(c *kyc.Change) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.events, b.jobs = append(b.events, c.Events...), append(b.jobs, c.Jobs...)
	})
	org := &kyc.Org{Name: "Acme"}
	org.ID = kyc.NewID(b.now)
	org.Tenant = kyc.Tenant{Org: org.ID}
	b.live, b.sandbox = kyc.Tenant{Org: org.ID, Env: kyc.Live}, kyc.Tenant{Org: org.ID, Env: kyc.Sandbox}
	org.Touch(b.now)
	if err := b.db.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{org}}); err != nil {
		t.Fatal(err)
	}
	if b.menu, err = check.New(b, check.All(check.Deps{Clock: b, Blobs: b.db, Duplicates: b.db, Blinder: b.db, Lists: b.db, Matchlists: b.db}), check.NewSimulator()); err != nil {
		t.Fatal(err)
	}
	b.desk = review.New(b.db, b, nil)
	b.Machine = b.machine()
	b.engine = engine.New(engine.Deps{Store: b.db, Checks: b, Clock: b, Catalog: check.Catalog(), Log: silent,
		Lease: 8 * time.Hour, SweepEvery: 24 * time.Hour,
		After: func(d time.Duration) <-chan time.Time {
			if d > time.Minute { // a sweep, or the extension of a lease: no test waits for it
				return nil
			}
			b.advance(d)
			done := make(chan time.Time, 1)
			done <- b.Now()
			return done
		},
		Hooks: engine.Hooks{Finished: b.finished, Stored: b.stored}})
	b.engine.Start(b.ctx)
	t.Cleanup(func() { b.engine.Stop(context.Background()) })
	return b
}

// machine makes one node of the program on the bench's store.
func (b *bench) machine() *Machine {
	return New(Deps{Store: inTheMiddle{b.db, b}, Clock: b, Catalog: check.Catalog(), News: b.news, Begin: b.beginRun, Wait: b.wait,
		OpenCase: func(ctx context.Context, s *kyc.Session, at time.Time, f kyc.Filing) (*kyc.Case, []kyc.Event, error) {
			return b.desk.Open(ctx, s, at, f)
		},
		CloseCase: func(ctx context.Context, c *kyc.Case, at time.Time, end kyc.Closing) ([]kyc.Event, error) {
			return b.desk.Close(ctx, c, at, end)
		},
		Examine: b.Run, Entry: b.lists.entry, Lists: b.lists.versions, Delta: b.lists.delta, Probe: b.probe})
}

func (b *bench) news(o kyc.Object, what string, extra map[string]any) (string, json.RawMessage) {
	raw, err := json.Marshal(told{what, o.Head().ID, extra})
	if err != nil {
		panic(err)
	}
	return what, raw
}

// told are the messages of a kind, in their order.
func (b *bench) told(what string) []kyc.Event {
	// From the store and not from its hook, which runs a moment after a commit
	// can be seen.
	var out []kyc.Event
	for _, t := range []kyc.Tenant{b.live, b.sandbox} {
		list, _, err := b.db.Events(b.ctx, t, kyc.EventFilter{Webhook: true}, kyc.Page{Limit: 1000})
		if err != nil {
			panic(err)
		}
		for _, e := range slices.Backward(list) { // newest first
			if e.Webhook == what {
				out = append(out, e)
			}
		}
	}
	return out
}

// beginRun does what session.BeginPinned does.
func (b *bench) beginRun(ctx context.Context, s *kyc.Session, uploads []kyc.Upload, now time.Time, by kyc.Actor, with kyc.Change) (kyc.Run, error) {
	org, err := b.db.Org(ctx, s.Tenant.Org)
	if err != nil {
		return kyc.Run{}, err
	}
	v, err := b.db.Version(ctx, s.Tenant, s.WorkflowID, s.Version)
	if err != nil {
		return kyc.Run{}, err
	}
	graph, err := b.graph(&v, org.EnvSettings(s.Tenant.Env).MandatoryPolicies)
	if err != nil {
		return kyc.Run{}, err
	}
	b.mu.Lock()
	between := b.between
	b.mu.Unlock()
	if between != nil {
		between(&with)
	}
	run, err := b.engine.Begin(ctx, engine.BeginRequest{Session: s, Graph: graph, Version: s.Version, Arm: "stable", Uploads: uploads, Now: now, By: by, With: with})
	if err == nil {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.begun = append(b.begun, run)
	}
	return run, err
}

// graph compiles a version once.
func (b *bench) graph(v *kyc.WorkflowVersion, mandatory []string) (*flow.Compiled, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if g := b.graphs[v.ID]; g != nil {
		return g, nil
	}
	def, err := procedure.Read(v.Source)
	if err != nil {
		return nil, err
	}
	g, report := flow.Compile(procedure.Compile(def, procedure.CompileOptions{Mandatory: mandatory}), flow.Options{Catalog: check.Catalog(), Mandatory: mandatory})
	if err := report.Err(); err != nil {
		return nil, err
	}
	b.graphs[v.ID] = g
	return g, nil
}

func (b *bench) finished(ctx context.Context, run kyc.Run, s *kyc.Session, f engine.Finished) (kyc.Change, error) {
	end := End{Status: f.Status, Filing: kyc.Filing{ReasonCode: f.ReasonCode}, Checks: f.State.Checks}
	end.Extracted, _ = f.State.Facts["extracted"].(map[string]any)
	for _, r := range f.State.Records {
		one := Attempt{Node: r.Node, Policy: r.Policy, Attempt: r.Attempt, Status: r.Status, At: r.At}
		if r.Answer != nil {
			one.Answer = *r.Answer
		}
		end.Attempts = append(end.Attempts, one)
	}
	return b.Machine.Finished(ctx, &run, s, f.At, end)
}

func (b *bench) channel(run kyc.ID) chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := b.waiting[run]
	if c == nil {
		c = make(chan struct{})
		b.waiting[run] = c
	}
	return c
}

func (b *bench) stored(run kyc.Run) { close(b.channel(run.ID)) }

func (b *bench) wait(ctx context.Context, _ kyc.Tenant, run kyc.ID) error {
	select {
	case <-b.channel(run):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (b *bench) put(t testing.TB, objects ...kyc.Object) {
	t.Helper()
	for _, o := range objects {
		o.Head().Touch(b.Now())
	}
	if err := b.db.Commit(b.ctx, &kyc.Change{Put: objects}); err != nil {
		t.Fatal(err)
	}
}

// workflow stores a workflow of the service "Onboarding" with these steps.
func (b *bench) define(t testing.TB, tenant kyc.Tenant, name, phase string, steps ...map[string]any) WorkflowState {
	t.Helper()
	raw, err := json.Marshal(map[string]any{"serviceName": "Onboarding", "workflowName": name, "type": "test", "lifecyclePhase": phase, "steps": steps})
	if err != nil {
		t.Fatal(err)
	}
	st, err := b.CreateWorkflow(b.ctx, tenant, b.by, raw, false)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func step(name, kind string, configuration map[string]any) map[string]any {
	s := map[string]any{"name": name, "type": kind}
	if configuration != nil {
		s["configuration"] = configuration
	}
	return s
}

// five is a workflow of five steps that ask something.
func five() []map[string]any {
	return []map[string]any{step("MATCHLIST", "MATCHLIST", nil), step("DUPLICATE", "DUPLICATE", nil), step("IDV", "IDV", nil),
		step("AML", "AML", map[string]any{"pep": false}), step("FRAUD", "FRAUD", nil)}
}

// somebody stores an individual.
func (b *bench) somebody(t testing.TB, tenant kyc.Tenant, given, family string) kyc.Individual {
	t.Helper()
	s := &kyc.Subject{Meta: kyc.Meta{ID: kyc.NewID(b.Now()), Tenant: tenant}, Kind: "individual", Status: kyc.SubjectPending}
	i := &kyc.Individual{Meta: kyc.Meta{ID: s.ID, Tenant: tenant}, State: kyc.EntityActive, Private: kyc.IndividualData{
		Name:      kyc.PersonName{ID: kyc.NewID(b.Now()), Given: given, Family: family},
		BirthDate: kyc.BirthDate{ID: kyc.NewID(b.Now()), Year: 1984, Month: 5, Day: 6, Normalized: "1984-05-06"}, Nationality: "DE",
		Emails: []kyc.EmailAddress{{ID: kyc.NewID(b.Now()), Address: "someone@example.org"}},
		Phones: []kyc.PhoneNumber{{ID: kyc.NewID(b.Now()), Number: "+4930123456"}},
		Addresses: []kyc.PostalAddress{{ID: kyc.NewID(b.Now()), Type: "RESIDENTIAL_ADDRESS", Status: "CURRENT", StreetNumber: "5", StreetName: "Lindenweg",
			Locality: "Berlin", PostalCode: "10115", Country: "DE"}}}}
	b.put(t, s, i)
	return *i
}

// paper stores a document with a front.
func (b *bench) paper(t testing.TB, of kyc.Individual, kind, expiry string) kyc.EntityDocument {
	t.Helper()
	d := &kyc.EntityDocument{Meta: kyc.Meta{ID: kyc.NewID(b.Now()), Tenant: of.Tenant}, SubjectID: of.ID, Type: kind, Class: kyc.EntityDocumentClass(kind), Country: "DE",
		ExpiryDate: expiry, Attachments: []kyc.EntityAttachment{{ID: kyc.NewID(b.Now()), Side: "FRONT", Type: "PHOTO", ContentType: "image/png", Size: 3,
			SHA256: "aa", BlobKey: "entities/" + string(of.ID) + "/" + kind, Status: "NORMAL", CreatedAt: b.Now()}},
		Private: kyc.EntityDocumentData{PrimaryIdentifier: "C01X00T47"}}
	b.put(t, d)
	return *d
}

func (b *bench) execute(t testing.TB, who kyc.Individual, workflow string) Executed {
	t.Helper()
	x, err := b.Execute(b.ctx, who.Tenant, b.by, Order{SubjectID: who.ID, ServiceName: "Onboarding", WorkflowName: workflow, Hand: Hand{RequestID: "01REQUEST"}})
	if err != nil {
		t.Fatalf("executing %s: %v", workflow, err)
	}
	return x
}

// settle waits until no execution of a tenant runs any more, and all that hear of
// their ends have heard: that is a moment after these can be seen.
func (b *bench) settle(t testing.TB, tenant kyc.Tenant) {
	t.Helper()
	for {
		list, _, err := b.db.Executions(b.ctx, tenant, kyc.ExecutionFilter{States: []string{procedure.StateInProgress}}, kyc.Page{Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 0 {
			b.heard(t)
			return
		}
		for _, e := range list {
			s, err := b.db.Session(b.ctx, tenant, e.ID)
			if err != nil {
				t.Fatal(err)
			}
			if err := b.wait(b.ctx, tenant, s.RunID); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// heard waits for the news of each run that has ended.
func (b *bench) heard(t testing.TB) {
	t.Helper()
	b.mu.Lock()
	begun := b.begun
	b.begun = nil
	b.mu.Unlock()
	for _, run := range begun {
		now, err := b.db.Run(b.ctx, run.Tenant, run.ID)
		switch {
		case kyc.KindOf(err) == kyc.NotFound: // never committed, or erased
		case err != nil:
			t.Fatal(err)
		case now.EndedAt.IsZero():
			b.mu.Lock()
			b.begun = append(b.begun, run)
			b.mu.Unlock()
		default:
			if err := b.wait(b.ctx, run.Tenant, run.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func has(t *testing.T, err error, kind kyc.Kind, code string) *kyc.Error {
	t.Helper()
	if err == nil || kyc.KindOf(err) != kind || !kyc.IsCode(err, code) {
		t.Fatalf("error %v, want %s of kind %d", err, code, kind)
	}
	return kyc.AsError(err)
}
