package engine

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"bonafide/flow"
	"bonafide/kyc"
)

// Checks answers one attempt of a check (check.Menu).
type Checks interface {
	Run(ctx context.Context, r kyc.CheckRequest) kyc.Answer
}

// Store is what the engine needs from disk.
type Store interface {
	Commit(ctx context.Context, c *kyc.Change) error
	Org(ctx context.Context, id kyc.ID) (kyc.Org, error)
	Subject(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Subject, error)
	Session(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Session, error)
	Sessions(ctx context.Context, t kyc.Tenant, f kyc.SessionFilter, p kyc.Page) ([]kyc.Session, int, error)
	Run(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Run, error)
	Inputs(ctx context.Context, t kyc.Tenant, run kyc.ID) ([]kyc.Input, error)
	Definition(ctx context.Context, t kyc.Tenant, hash string) (kyc.Definition, error)
	ClaimRuns(ctx context.Context, owner string, now time.Time, lease time.Duration, limit int) ([]kyc.Lease, error)
	ExtendLeases(ctx context.Context, leases []kyc.Lease) error
	ReleaseLeases(ctx context.Context, leases []kyc.Lease) error
}

// Hooks let other machines add to the engine's own commits. A hook may change
// the session it is given (its Sequence, its CaseID) and answers what else
// shall be committed with it. It may read, and must not write: when a commit
// loses a race it is asked again with the session as it then is.
type Hooks struct {
	// Paused is asked when a run stops at a gate.
	Paused func(ctx context.Context, run kyc.Run, s *kyc.Session, g Opened) (kyc.Change, error)
	// Resumed is asked when a run leaves a gate and goes on.
	Resumed func(ctx context.Context, run kyc.Run, s *kyc.Session, g Gate) (kyc.Change, error)
	// Finished is asked when a run ends, however it ends.
	Finished func(ctx context.Context, run kyc.Run, s *kyc.Session, f Finished) (kyc.Change, error)
	// Stored is told after a commit of this process in which a run ended or
	// stopped at a gate. It must return quickly.
	Stored func(run kyc.Run)
	// Walked is told the way of a run that ended by a commit of this process, for
	// figures. It must return quickly.
	Walked func(w Walked)
}

// Walked is the way of a run that ended: what became of each node, once, and
// each move, in order.
type Walked struct {
	Run   kyc.Run
	Nodes []NodeEnd
	Moves []Edge
}

// NodeEnd is what became of a node: passed, failed … of a check, the decision
// of a gate, the outcome of a terminal. Took is zero where nobody was asked.
type NodeEnd struct {
	Node, Status string
	Took         time.Duration
}

// Opened is a gate that waits (api.md 6.13).
type Opened struct {
	Gate   string
	Node   string
	Until  time.Time // zero: without end
	Fields map[string]any
	At     time.Time
}

// Finished is how a run ended and what it found.
type Finished struct {
	Status     kyc.RunStatus
	Outcome    kyc.Outcome
	ReasonCode string
	Reason     string // of a failed or cancelled run
	Case       *flow.CaseSpec
	Node       string
	At         time.Time
	By         kyc.Actor // the system, or who cancelled
	State      State
}

// Deps are what an Engine is made from.
type Deps struct {
	Store  Store
	Checks Checks
	Clock  kyc.Clock
	Hooks  Hooks
	Log    *slog.Logger // nil: silent
	// Catalog tells how long an attempt of each check may take.
	Catalog map[string]kyc.CheckSpec
	// Lists are the watchlists as they stand, for the record of a beginning.
	Lists func() []kyc.ListVersion
	// Reviewed are the words of reviewers on hits that count for a session, for
	// the record of a beginning; nil: there are none.
	Reviewed func(ctx context.Context, s *kyc.Session) ([]kyc.ReviewedHit, error)
	// Owner names this process in leases; empty: a random name.
	Owner string
	// Slots is how many runs are worked on at the same time (default 64);
	// negative: none here (role api), begun runs are left to workers.
	Slots int
	// Backlog is how many runs may be here at all, working, queued or in a
	// short wait (default 4096); more are left to the sweep.
	Backlog int
	// Lease is how long a run stays ours without a sign of life (default 5 s).
	Lease time.Duration
	// SweepEvery is how often overdue runs are looked for (default 1 s, ±20 %).
	SweepEvery time.Duration
	// Random gives the jitter of waits, 0-1; nil: the machine's own.
	Random func() float64
	// After is a timer; nil: time.After.
	After func(d time.Duration) <-chan time.Time
}

// shortWait is how long a run may wait in memory; longer waits are jobs.
const shortWait = 30 * time.Second

// Engine performs what Step commands.
type Engine struct {
	d       Deps
	pool    *pool
	graphs  *lru.Cache[string, *flow.Compiled]
	known   *lru.Cache[known, struct{}] // definitions that are stored
	mu      sync.Mutex
	active  map[kyc.ID]*drive
	base    context.Context
	abort   context.CancelFunc
	stop    chan struct{}
	running bool
	drives  sync.WaitGroup
	loops   sync.WaitGroup
}

// known names a definition of a tenant.
type known struct {
	tenant kyc.Tenant
	hash   string
}

// New makes an engine. It works on nothing before Start.
func New(d Deps) *Engine {
	if d.Owner == "" {
		d.Owner = string(kyc.NewID(d.Clock.Now()))
	}
	if d.Slots == 0 {
		d.Slots = 64
	}
	if d.Backlog <= 0 {
		d.Backlog = 4096
	}
	if d.Lease <= 0 {
		d.Lease = 5 * time.Second
	}
	if d.SweepEvery <= 0 {
		d.SweepEvery = time.Second
	}
	if d.Random == nil {
		d.Random = rand.Float64
	}
	if d.After == nil {
		d.After = time.After
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	graphs, _ := lru.New[string, *flow.Compiled](512) // fails only for a size below 1
	stored, _ := lru.New[known, struct{}](4096)
	return &Engine{d: d, pool: newPool(max(d.Slots, 1)), graphs: graphs, known: stored,
		active: map[kyc.ID]*drive{}, stop: make(chan struct{})}
}

// Start lets the engine work: begun runs go on here, overdue ones are looked
// for. The context carries values only; Stop ends the work.
func (e *Engine) Start(ctx context.Context) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.running || e.d.Slots < 0 {
		return
	}
	e.running = true
	e.base, e.abort = context.WithCancel(kyc.WithoutUnit(context.WithoutCancel(ctx)))
	e.loops.Go(func() { e.sweep(e.base) })
	e.loops.Go(func() { e.extend(e.base) })
}

// Stop ends the work: nothing new is begun, attempts in flight may finish
// until the context ends, and what is left is handed back, due at once for
// any other process. It answers how many runs were handed back.
func (e *Engine) Stop(ctx context.Context) int {
	e.mu.Lock()
	if !e.running {
		e.mu.Unlock()
		return 0
	}
	e.running = false
	close(e.stop)
	e.mu.Unlock()

	finished := make(chan struct{})
	go func() {
		e.drives.Wait()
		close(finished)
	}()
	select {
	case <-finished:
	case <-ctx.Done():
	}
	e.abort()
	<-finished
	e.loops.Wait()

	e.mu.Lock()
	var back []kyc.Lease
	for _, d := range e.active {
		back = append(back, d.lease(time.Time{}))
	}
	e.active = map[kyc.ID]*drive{}
	e.mu.Unlock()
	if len(back) > 0 {
		if err := e.d.Store.ReleaseLeases(context.WithoutCancel(kyc.WithoutUnit(ctx)), back); err != nil {
			e.d.Log.Warn("handing back runs", "error", err)
		}
	}
	return len(back)
}

// stopping reports whether nothing new may begin here.
func (e *Engine) stopping() bool {
	select {
	case <-e.stop:
		return true
	default:
		return false
	}
}

// room is how many more runs may be taken in; 0 when this process does no work.
func (e *Engine) room() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.running {
		return 0
	}
	return max(e.d.Backlog-len(e.active), 0)
}

// now is the tenant's time and how far it is ahead of the machine's clock.
func (e *Engine) now(ctx context.Context, t kyc.Tenant) (time.Time, time.Duration, error) {
	if t.Env != kyc.Sandbox {
		return e.d.Clock.Now(), 0, nil
	}
	org, err := e.d.Store.Org(ctx, t.Org)
	if err != nil {
		return time.Time{}, 0, err
	}
	return org.Now(e.d.Clock, t.Env), org.SandboxOffset, nil
}

// launch starts a drive in the pool. When the run is in other hands here (a
// drive that is just leaving, as after a gate that was decided at once), the
// new one follows it without a pause. It reports false when this process does
// no work.
func (e *Engine) launch(d *drive) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.running {
		return false
	}
	if d.key.RunID == "" {
		d.key = kyc.Lease{Tenant: d.run.Tenant, RunID: d.run.ID, Owner: e.d.Owner}
	}
	if here := e.active[d.key.RunID]; here != nil {
		here.next = d
		return true
	}
	e.work(d)
	return true
}

// work drives a run; the caller holds the lock.
func (e *Engine) work(d *drive) {
	e.active[d.key.RunID] = d
	ctx, cancel := context.WithCancel(e.base)
	d.cancel = cancel
	e.drives.Go(func() {
		defer cancel()
		over := d.work(ctx)
		e.mu.Lock()
		defer e.mu.Unlock()
		switch {
		case d.next != nil && e.running:
			e.work(d.next)
		case (over && d.next == nil) || !e.stopping():
			delete(e.active, d.key.RunID)
		} // otherwise Stop hands it back
	})
}

// Active is how many runs are in this process: working, queued or in a short
// wait.
func (e *Engine) Active() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.active)
}
