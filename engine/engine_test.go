package engine

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"bonafide/flow"
	"bonafide/kyc"
)

// script answers checks in tests. It notes every call.
type script struct {
	mu     sync.Mutex
	calls  []kyc.CheckRequest
	answer func(ctx context.Context, r kyc.CheckRequest) kyc.Answer
}

func (s *script) Run(ctx context.Context, r kyc.CheckRequest) kyc.Answer {
	s.mu.Lock()
	s.calls = append(s.calls, r)
	answer := s.answer
	s.mu.Unlock()
	if answer == nil {
		return verdictOf(kyc.Pass)
	}
	return answer(ctx, r)
}

// say changes what the checks answer from now on.
func (s *script) say(answer func(ctx context.Context, r kyc.CheckRequest) kyc.Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = answer
}

func (s *script) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.calls)
}

// bench is what a runner test works with.
type bundle struct {
	t      *testing.T
	store  *memory
	checks *script
	clock  *testClock
	engine *Engine
	ended  chan Finished
	paused chan Opened
	tenant kyc.Tenant
}

// testClock is the machine's clock, put forward by hand.
type testClock struct {
	mu    sync.Mutex
	ahead time.Duration
}

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().UTC().Add(c.ahead).Truncate(time.Microsecond)
}

func (c *testClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

func setup(t *testing.T, env kyc.Env, more ...func(*Deps)) *bundle {
	t.Helper()
	b := &bundle{t: t, store: newMemory(), checks: &script{}, clock: &testClock{}, ended: make(chan Finished, 4096), paused: make(chan Opened, 4096)}
	b.tenant = kyc.Tenant{Org: kyc.NewID(b.clock.Now()), Env: env}
	b.engine = b.node(more...)
	b.engine.Start(t.Context())
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		b.engine.Stop(ctx)
	})
	return b
}

// node is another engine on the same store.
func (b *bundle) node(more ...func(*Deps)) *Engine {
	d := Deps{Store: b.store, Checks: b.checks, Clock: b.clock, Lease: 10 * time.Second, SweepEvery: time.Hour, Random: func() float64 { return 0.5 },
		Hooks: Hooks{
			Finished: func(_ context.Context, run kyc.Run, s *kyc.Session, f Finished) (kyc.Change, error) {
				s.Sequence++
				return kyc.Change{Events: []kyc.Event{{ID: kyc.NewID(f.At), Tenant: run.Tenant, Action: "session.end", ObjectID: s.ID, Webhook: "end"}}}, nil
			},
			Paused: func(_ context.Context, run kyc.Run, s *kyc.Session, g Opened) (kyc.Change, error) {
				return kyc.Change{Events: []kyc.Event{{ID: kyc.NewID(g.At), Tenant: run.Tenant, Action: "session.pause", ObjectID: s.ID, Webhook: "session.awaiting_external"}}}, nil
			},
		}}
	for _, m := range more {
		m(&d)
	}
	return New(d)
}

// session makes a stored session and its subject.
func (b *bundle) session() *kyc.Session {
	now := b.clock.Now()
	subject := &kyc.Subject{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: b.tenant}, Kind: "individual", Status: kyc.SubjectPending}
	subject.Touch(now)
	s := &kyc.Session{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: b.tenant}, Surface: kyc.SurfaceGraph, SubjectID: subject.ID, Status: kyc.SessionCreated, Country: "NL"}
	s.Touch(now)
	if err := b.store.Commit(b.t.Context(), &kyc.Change{Put: []kyc.Object{subject, s}}); err != nil {
		b.t.Fatal(err)
	}
	return s
}

func (b *bundle) begin(g *flow.Compiled) (kyc.Run, *kyc.Session) {
	b.t.Helper()
	s := b.session()
	run, err := b.engine.Begin(b.t.Context(), BeginRequest{Session: s, Graph: g, Version: 3, Arm: "stable", Bucket: 42})
	if err != nil {
		b.t.Fatal(err)
	}
	return run, s
}

// eventually waits for something that other goroutines bring about.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(2 * time.Minute)
	for !ok() {
		select {
		case <-time.After(200 * time.Microsecond):
		case <-deadline:
			t.Fatalf("waited too long until %s", what)
		}
	}
}

// until waits until the store holds a run that fulfils the condition.
func (b *bundle) until(run kyc.ID, what string, ok func(kyc.Run) bool) kyc.Run {
	b.t.Helper()
	deadline := time.After(2 * time.Minute)
	for {
		r, err := b.store.Run(b.t.Context(), b.tenant, run)
		if err == nil && ok(r) {
			return r
		}
		select {
		case <-time.After(time.Millisecond):
		case <-deadline:
			b.t.Fatalf("the run is not %s: %+v", what, r)
		}
	}
}

func (b *bundle) finished(run kyc.ID) kyc.Run {
	b.t.Helper()
	return b.until(run, "finished", func(r kyc.Run) bool { return !r.EndedAt.IsZero() })
}

func (b *bundle) pausedAt(run kyc.ID) kyc.Run {
	b.t.Helper()
	return b.until(run, "paused", func(r kyc.Run) bool { return r.Status == kyc.RunPaused })
}

// webhooks counts the events of a session that customers are told.
func (b *bundle) webhooks(session kyc.ID, name string) int {
	b.store.mu.Lock()
	defer b.store.mu.Unlock()
	n := 0
	for _, e := range b.store.events {
		if e.ObjectID == session && e.Webhook == name {
			n++
		}
	}
	return n
}

// proven replays a finished run and fails on a difference.
func (b *bundle) proven(run kyc.ID) Replayed {
	b.t.Helper()
	r, err := b.engine.Replay(b.t.Context(), b.tenant, run)
	if err != nil {
		b.t.Fatal(err)
	}
	if r.Difference != nil {
		b.t.Fatalf("the replay differs: %s", r.Difference)
	}
	return r
}

func TestChainRunsToItsEnd(t *testing.T) {
	t.Parallel()
	b := setup(t, kyc.Live)
	run, s := b.begin(graphOf(t, sixNodes))
	if s.Status != kyc.SessionRunning || s.RunID != run.ID || s.Version != 3 || run.Status != kyc.RunRunning || run.DueAt.IsZero() {
		t.Errorf("begun: %+v %+v", s, run)
	}
	got := b.finished(run.ID)
	if got.Outcome != kyc.Approved || got.Status != kyc.RunCompleted || !got.DueAt.IsZero() || got.LeaseOwner != "" || got.Step != 4 {
		t.Errorf("finished: %+v", got)
	}
	end, err := b.store.Session(t.Context(), b.tenant, s.ID)
	if err != nil || end.Status != kyc.SessionApproved || end.Result != kyc.Approved || end.CompletedAt.IsZero() {
		t.Errorf("session: %+v %v", end, err)
	}
	if n := b.webhooks(s.ID, "end"); n != 1 {
		t.Errorf("%d webhooks", n)
	}
	if b.store.commits != 5 { // session, begin, and one for each check
		t.Errorf("%d commits", b.store.commits)
	}
	r := b.proven(run.ID)
	if want := fmt.Sprint([]string{"start", "a", "b", "c", "which", "yes"}); fmt.Sprint(r.Path) != want {
		t.Errorf("path %v", r.Path)
	}
	v, err := b.engine.RunView(t.Context(), b.tenant, run.ID)
	if err != nil {
		t.Fatal(err)
	}
	if v.NodeResults["b"].Status != Passed || v.NodeResults["b"].Next != "c" || v.NodeResults["which"].Next != "yes" || len(v.Attempts) != 3 || v.CurrentNode != "yes" {
		t.Errorf("view: %+v", v.NodeResults)
	}
	for i, c := range b.checks.calls {
		if c.CallKey == "" || c.Attempt != 1 || c.RunID != run.ID || c.SessionID != s.ID || c.Country != "NL" || c.Now.IsZero() {
			t.Errorf("call %d: %+v", i, c)
		}
	}
	if _, seen := b.checks.calls[2].Checks[b.checks.calls[0].Policy]; !seen {
		t.Error("a later check does not see the earlier ones")
	}
}

const sixNodes = `{"entry":"start","nodes":{
 "start":{"type":"start","next":"a"},
 "a":{"type":"policy","policy":"first","on_pass":"b","on_fail":"no"},
 "b":{"type":"policy","policy":"second","on_pass":"c","on_fail":"no"},
 "c":{"type":"policy","policy":"third","on_pass":"which","on_fail":"no"},
 "which":{"type":"conditional","routes":[{"conditions":[{"field":"session.country","operator":"==","value":"XX"}],"next":"no"}],"default":"yes"},
 "yes":{"type":"terminal","outcome":"approved"},
 "no":{"type":"terminal","outcome":"rejected"}}}`

func TestBeginInAUnitWaitsForItsCommit(t *testing.T) {
	t.Parallel()
	b := setup(t, kyc.Live)
	s := b.session()
	ctx, unit := kyc.WithUnit(t.Context())
	run, err := b.engine.Begin(ctx, BeginRequest{Session: s, Graph: graphOf(t, sixNodes), Version: 1})
	if err != nil {
		t.Fatal(err)
	}
	if b.checks.count() != 0 || b.engine.Active() != 0 {
		t.Fatal("the engine works before the unit is committed")
	}
	if err := b.store.Commit(kyc.WithoutUnit(ctx), &unit.Change); err != nil {
		t.Fatal(err)
	}
	for _, f := range unit.After {
		f()
	}
	if got := b.finished(run.ID); got.Outcome != kyc.Approved {
		t.Errorf("%+v", got)
	}
}

func TestRetriesInTheSandbox(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		failures int
		outcome  kyc.Outcome
		attempts int
	}{{"flaky", 2, kyc.Approved, 5}, {"for ever", 99, kyc.NeedsReview, 5}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, kyc.Sandbox)
			b.checks.say(func(_ context.Context, r kyc.CheckRequest) kyc.Answer {
				if r.Policy == "first" && r.Attempt <= tt.failures {
					return transient()
				}
				return verdictOf(kyc.Pass)
			})
			run, _ := b.begin(graphOf(t, sixNodes))
			got := b.finished(run.ID)
			if got.Outcome != tt.outcome || b.checks.count() != tt.attempts {
				t.Errorf("%s after %d calls", got.Outcome, b.checks.count())
			}
			b.proven(run.ID)
		})
	}
}

func TestLongWaitIsAJob(t *testing.T) {
	t.Parallel()
	b := setup(t, kyc.Live)
	g := graphOf(t, `{"entry":"start","nodes":{"start":{"type":"start","next":"a"},
	 "a":{"type":"policy","policy":"first","on_pass":"y","on_fail":"n","retry":{"max_attempts":3,"backoff_seconds":60}},
	 "y":{"type":"terminal","outcome":"approved"},"n":{"type":"terminal","outcome":"rejected"}}}`)
	b.checks.say(func(_ context.Context, r kyc.CheckRequest) kyc.Answer {
		if r.Attempt == 1 {
			return transient()
		}
		return verdictOf(kyc.Pass)
	})
	run, _ := b.begin(g)
	waiting := b.until(run.ID, "waiting", func(r kyc.Run) bool { return r.Step == 2 })
	if waiting.LeaseOwner != "" || waiting.DueAt.Sub(b.clock.Now()) < 50*time.Second {
		t.Errorf("%+v", waiting)
	}
	jobs := b.store.takeJobs()
	if len(jobs) != 1 || jobs[0].Kind != JobWake || jobs[0].Object != run.ID || !jobs[0].At.Equal(waiting.DueAt) {
		t.Fatalf("jobs %+v", jobs)
	}
	if err := b.engine.Wake(t.Context(), b.tenant, run.ID); err != nil || b.checks.count() != 1 {
		t.Errorf("woken too early: %v, %d calls", err, b.checks.count())
	}
	b.clock.advance(61 * time.Second)
	if err := b.engine.Jobs()[JobWake](t.Context(), jobs[0]); err != nil {
		t.Fatal(err)
	}
	if got := b.finished(run.ID); got.Outcome != kyc.Approved {
		t.Errorf("%+v", got)
	}
	b.proven(run.ID)
}
