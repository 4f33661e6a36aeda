package crash

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bonafide/engine"
	"bonafide/kyc"
	"bonafide/store"
	"bonafide/store/postgres"
	"bonafide/store/storetest"
)

// slowly is a check that takes its time and counts.
type slowly struct {
	lasts time.Duration
	n     *atomic.Int64
}

func (s slowly) Run(ctx context.Context, r kyc.CheckRequest) kyc.Answer {
	s.n.Add(1)
	select {
	case <-time.After(s.lasts):
	case <-ctx.Done():
	}
	kind, _ := r.Metadata["kind"].(string)
	return say(kind, r.Policy, r.Attempt)
}

// TestStealing gives the drivers leases that are shorter than their checks, so
// that live work is taken over all the time. Calls are doubled as intended;
// histories and webhook events are not.
func TestStealing(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, dbs []*store.DB) {
		var calls atomic.Int64
		var nodes []*engine.Engine
		v := &victim{db: dbs[0], tenant: kyc.Tenant{Org: kyc.NewID(time.Now()), Env: kyc.Sandbox}, more: make(chan struct{}, 1)}
		for i := range 2 {
			e := engine.New(engine.Deps{Store: lazy{dbs[i%len(dbs)]}, Checks: slowly{40 * time.Millisecond, &calls}, Clock: kyc.SystemClock(), Lease: 30 * time.Millisecond,
				SweepEvery: 20 * time.Millisecond, Hooks: engine.Hooks{Finished: v.finished, Paused: v.paused}})
			e.Start(t.Context())
			nodes = append(nodes, e)
		}
		defer func() {
			for _, e := range nodes {
				ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
				e.Stop(ctx)
				cancel()
			}
		}()
		w, err := newWorkload()
		if err != nil {
			t.Fatal(err)
		}
		v.work = w
		if err := v.prepare(t.Context(), "https://example.com/hook"); err != nil {
			t.Fatal(err)
		}
		v.engine = nodes[0]
		var submitters sync.WaitGroup
		for i := range 40 {
			submitters.Go(func() {
				if _, err := v.begin(t.Context(), kinds[i%3]); err != nil { // plain, flaky, reject
					t.Error(err)
				}
			})
		}
		submitters.Wait()
		v.settle(t)
		want := map[string]engine.View{}
		attempts := 0
		eachSession(t, v.db, v.tenant, func(s kyc.Session) {
			if _, known := want[s.ExternalRef]; !known {
				want[s.ExternalRef] = undisturbed(t, w, s.ExternalRef)
			}
			run, err := v.db.Run(t.Context(), v.tenant, s.RunID)
			if err != nil {
				t.Fatal(err)
			}
			if end := want[s.ExternalRef].State; run.Outcome != end.Outcome || run.ReasonCode != end.ReasonCode {
				t.Errorf("%s ended %s %s", s.ExternalRef, run.Outcome, run.ReasonCode)
			}
			if r, err := nodes[0].Replay(t.Context(), v.tenant, run.ID); err != nil || r.Difference != nil {
				t.Errorf("replay: %v %v", r.Difference, err)
			}
			attempts += len(want[s.ExternalRef].Attempts)
			ends, _, err := v.db.Events(t.Context(), v.tenant, kyc.EventFilter{ObjectID: s.ID, Action: "session.end"}, kyc.Page{Limit: 10})
			if err != nil || len(ends) != 1 {
				t.Errorf("%d ends: %v", len(ends), err)
			}
		})
		if calls.Load() == int64(attempts) {
			t.Error("nothing was stolen; the test proves nothing")
		}
		t.Logf("%d calls for %d attempts: %d were doubled by theft", calls.Load(), attempts, calls.Load()-int64(attempts))
	})
}

// TestDeadNode lets one of two nodes vanish in the middle of its work and
// measures how long the other takes to notice.
func TestDeadNode(t *testing.T) {
	t.Parallel()
	url := storetest.Postgres(t)
	dir := t.TempDir()
	quiet := slog.New(slog.DiscardHandler)
	var dbs []*store.DB
	for range 2 {
		db, err := postgres.Open(t.Context(), url, postgres.Options{Dir: dir, Log: quiet})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		dbs = append(dbs, db)
	}
	var calls atomic.Int64
	v := &victim{db: dbs[0], tenant: kyc.Tenant{Org: kyc.NewID(time.Now()), Env: kyc.Sandbox}, more: make(chan struct{}, 1)}
	// The dead node hangs in its checks and its store takes nothing any more.
	dying := &mortal{DB: dbs[0]}
	const lease = 2 * time.Second
	dead := engine.New(engine.Deps{Store: dying, Checks: slowly{time.Hour, &calls}, Clock: kyc.SystemClock(), Lease: lease, SweepEvery: time.Hour, Hooks: engine.Hooks{Finished: v.finished}})
	dead.Start(t.Context())
	w, err := newWorkload()
	if err != nil {
		t.Fatal(err)
	}
	v.work, v.engine = w, dead
	if err := v.prepare(t.Context(), "https://example.com/hook"); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if _, err := v.begin(t.Context(), "plain"); err != nil {
			t.Fatal(err)
		}
	}
	dying.dead.Store(true)
	died := time.Now()
	other := engine.New(engine.Deps{Store: dbs[1], Checks: slowly{time.Millisecond, &calls}, Clock: kyc.SystemClock(), Lease: lease, SweepEvery: 200 * time.Millisecond, Hooks: engine.Hooks{Finished: v.finished}})
	other.Start(t.Context())
	v.settle(t)
	t.Logf("20 runs of the dead node ended %s after its death (lease %s)", time.Since(died).Round(time.Millisecond), lease)
	for _, e := range []*engine.Engine{dead, other} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		e.Stop(ctx)
	}
	eachSession(t, v.db, v.tenant, func(s kyc.Session) {
		if s.Result != kyc.Approved {
			t.Errorf("ended %s", s.Status)
		}
	})
}

// lazy is a store that never extends a lease.
type lazy struct{ *store.DB }

func (lazy) ExtendLeases(context.Context, []kyc.Lease) error { return nil }

// mortal is a store that takes nothing once it is dead.
type mortal struct {
	*store.DB
	dead atomic.Bool
}

func (m *mortal) Commit(ctx context.Context, c *kyc.Change) error {
	if m.dead.Load() {
		return kyc.Errorf(kyc.Unavailable, "dead", "this node is dead")
	}
	return m.DB.Commit(ctx, c)
}

func (m *mortal) ExtendLeases(ctx context.Context, l []kyc.Lease) error {
	if m.dead.Load() {
		return kyc.Errorf(kyc.Unavailable, "dead", "this node is dead")
	}
	return m.DB.ExtendLeases(ctx, l)
}

func (m *mortal) ReleaseLeases(context.Context, []kyc.Lease) error { return nil }

// eachStore runs a test on SQLite with one handle and on PostgreSQL with two.
func eachStore(t *testing.T, f func(*testing.T, []*store.DB)) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		db, err := openStore(t.Context(), t.TempDir(), "")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		f(t, []*store.DB{db})
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		url, dir := storetest.Postgres(t), t.TempDir()
		var dbs []*store.DB
		for range 2 {
			db, err := openStore(t.Context(), dir, url)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = db.Close() }()
			dbs = append(dbs, db)
		}
		f(t, dbs)
	})
}

// settle waits until no session is under way.
func (v *victim) settle(t *testing.T) {
	t.Helper()
	deadline := time.After(3 * time.Minute)
	for {
		_, busy, err := v.db.Sessions(t.Context(), v.tenant, kyc.SessionFilter{Status: []kyc.SessionStatus{kyc.SessionCreated, kyc.SessionRunning, kyc.SessionPaused}}, kyc.Page{Limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		if busy == 0 {
			return
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-deadline:
			t.Fatalf("%d sessions do not end", busy)
		}
	}
}
