package backtest

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"bonafide/engine"
	"bonafide/flow"
	"bonafide/kyc"
)

// Store is what the machine needs from disk.
type Store interface {
	Reader
	Commit(ctx context.Context, c *kyc.Change) error
	Workflow(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Workflow, error)
	Version(ctx context.Context, t kyc.Tenant, workflow kyc.ID, number int) (kyc.WorkflowVersion, error)
	VersionByID(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.WorkflowVersion, error)
	Sessions(ctx context.Context, t kyc.Tenant, f kyc.SessionFilter, p kyc.Page) ([]kyc.Session, int, error)
	Backtest(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Backtest, error)
	Backtests(ctx context.Context, t kyc.Tenant, f kyc.BacktestFilter, p kyc.Page) ([]kyc.Backtest, int, error)
	// BacktestsDue are of all tenants.
	BacktestsDue(ctx context.Context, now time.Time, limit int) ([]kyc.Backtest, error)
}

// Deps are what the machine is made from.
type Deps struct {
	Store    Store
	Clock    kyc.Clock
	Graphs   Graphs
	Evidence engine.Evidence
	// Compile gives a stored version as the graph that a run would walk now
	// (session.Workflows.Compiled).
	Compile func(ctx context.Context, t kyc.Tenant, v kyc.WorkflowVersion) (*flow.Compiled, error)
	// Owner names this process in leases.
	Owner string
	// Patience is how long Start goes on itself before it leaves the rest to a
	// job (default 4 s).
	Patience time.Duration
	// Page is how many sessions are looked at between two commits (default 50).
	Page int
	Log  *slog.Logger // nil: silent
}

// Limits of backtests.
const (
	// MaxSessions is how many sessions one backtest looks at.
	MaxSessions = 1000
	// DefaultLast is how many are chosen where nobody says.
	DefaultLast = 100
	// MaxRunning is how many of a tenant may be under way at the same time, in
	// all processes together.
	MaxRunning = 2
	// Kept is how many of a workflow are kept; older ones are removed when a new
	// one begins.
	Kept = 20
	// atHand is how many callers of this process are waited for at the same
	// time; the others' backtests are left to jobs at once.
	atHand = 2
	// lease is how long a backtest stays with a process without a sign of life.
	lease = 20 * time.Second
)

// Machine is the machine of backtests. All methods take the tenant of the
// credential; an object of another tenant is kyc.Missing.
type Machine struct {
	d      Deps
	teller Teller
	slots  chan struct{}
}

// New makes the machine.
func New(d Deps) *Machine {
	if d.Patience == 0 {
		d.Patience = 4 * time.Second
	}
	if d.Page <= 0 {
		d.Page = 50
	}
	if d.Owner == "" {
		d.Owner = string(kyc.NewID(d.Clock.Now()))
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return &Machine{d: d, teller: Teller{Store: d.Store, Graphs: d.Graphs, Evidence: d.Evidence}, slots: make(chan struct{}, atHand)}
}

// Request says what is tried on which sessions: the candidate by Draft or by
// Version, and the sessions by name or by choice.
type Request struct {
	Workflow kyc.ID
	Version  int
	Draft    kyc.ID
	// Control is a version to compare with; 0: what really happened.
	Control  int
	Sessions []kyc.ID
	// Last chooses the newest sessions that came to a decision, 1-1000 (0: 100),
	// created From (inclusive) To (exclusive).
	Last     int
	From, To time.Time
}

func (r Request) check() error {
	var p []kyc.Problem
	add := func(path, code, message string) {
		p = append(p, kyc.Problem{Path: path, Code: code, Message: message})
	}
	if (r.Version != 0) == (r.Draft != "") {
		add("/version", "version_or_draft", "name either a version or a draft_id")
	}
	if r.Version < 0 {
		add("/version", "out_of_range", "versions count from 1")
	}
	if r.Control < 0 {
		add("/control_version", "out_of_range", "versions count from 1")
	}
	if len(r.Sessions) > MaxSessions {
		add("/sessions", "too_many", fmt.Sprintf("at most %d sessions", MaxSessions))
	}
	if len(r.Sessions) > 0 && (r.Last != 0 || !r.From.IsZero() || !r.To.IsZero()) {
		add("/sessions", "sessions_or_last", "name the sessions, or say how they are chosen, not both")
	}
	if r.Last < 0 || r.Last > MaxSessions {
		add("/last", "out_of_range", fmt.Sprintf("1 to %d", MaxSessions))
	}
	if !r.From.IsZero() && !r.To.IsZero() && !r.From.Before(r.To) {
		add("/to", "range_empty", "to must be later than from")
	}
	if len(p) > 0 {
		return kyc.InvalidInput("invalid_backtest", "the backtest cannot be made", p)
	}
	return nil
}

// Start makes a backtest and goes on with it for as long as a caller can wait.
// One that is not complete by then is running, and completes by a job. Errors:
// 404 for a workflow, version or draft that does not exist; 422 with every
// problem, also of a candidate that does not compile and of sessions that are
// none of this workflow; 409 too_many_backtests.
func (m *Machine) Start(ctx context.Context, t kyc.Tenant, by kyc.Actor, r Request) (kyc.Backtest, error) {
	// The answer holds ids, counts and names of nodes, nothing that is erased
	// with one of the people whose records are read; a stored one outlives them.
	ctx, _ = kyc.WithConcerned(kyc.WithoutUnit(ctx))
	b, definitions, err := m.prepare(ctx, t, by, r)
	if err != nil {
		return b, err
	}
	here := m.take()
	c := kyc.Change{Put: []kyc.Object{&b}, Definitions: definitions, Events: []kyc.Event{{ID: kyc.NewID(b.CreatedAt), Tenant: t, At: b.CreatedAt, Actor: by,
		Action: "workflow.backtest", Object: "workflow", ObjectID: b.WorkflowID, RequestID: kyc.RequestFrom(ctx).ID,
		Reason: fmt.Sprintf("version %d on %d sessions (%s)", b.Version, len(b.Cohort), kyc.Dress("backtest", b.ID))}}}
	if here {
		defer m.give()
		b.Owner, b.DueAt = m.d.Owner, b.CreatedAt.Add(lease)
	} else {
		c.Jobs = append(c.Jobs, jobOf(&b))
	}
	if err := m.store(ctx, &b, &c); err != nil {
		return b, err
	}
	if !here {
		return b, nil
	}
	// A caller who goes away changes nothing about what was begun.
	return m.goOn(context.WithoutCancel(ctx), b, m.d.Clock.Now().Add(m.d.Patience))
}

// store makes a backtest begin. The slot it takes is given out by the store in
// the same commit, so that callers at once, of this process or of others, do not
// count each other as not there yet.
func (m *Machine) store(ctx context.Context, b *kyc.Backtest, c *kyc.Change) error {
	done := kyc.Hold(ctx, c)
	for {
		if err := m.makeRoom(ctx, b, c); err != nil {
			return err
		}
		err := m.d.Store.Commit(ctx, c)
		if len(c.Remove) > 0 && kyc.KindOf(err) == kyc.NotFound {
			c.Remove = nil // another node removed the old ones at the same time
			err = m.d.Store.Commit(ctx, c)
		}
		switch {
		case err == nil:
			done()
			return nil
		case !kyc.IsCode(err, "slot_taken"):
			return err
		}
		// Somebody was quicker. They are there now, so this ends.
	}
}

// take asks for one of the places at hand.
func (m *Machine) take() bool {
	select {
	case m.slots <- struct{}{}:
		return true
	default:
		return false
	}
}

func (m *Machine) give() { <-m.slots }

// prepare makes the object: the candidate compiled, the sessions chosen.
func (m *Machine) prepare(ctx context.Context, t kyc.Tenant, by kyc.Actor, r Request) (kyc.Backtest, []kyc.Definition, error) {
	now := m.d.Clock.Now()
	b := kyc.Backtest{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: t}, WorkflowID: r.Workflow, Control: r.Control, Last: r.Last, From: r.From, To: r.To,
		Status: kyc.BacktestRunning, By: by, DueAt: now}
	if err := r.check(); err != nil {
		return b, nil, err
	}
	w, err := m.d.Store.Workflow(ctx, t, r.Workflow)
	if err != nil {
		return b, nil, err
	}
	if w.Status == kyc.WorkflowDeleted || w.Surface != kyc.SurfaceGraph {
		return b, nil, kyc.Missing("workflow", string(r.Workflow))
	}
	var v kyc.WorkflowVersion
	if r.Draft != "" {
		if v, err = m.d.Store.VersionByID(ctx, t, r.Draft); err == nil && v.WorkflowID != w.ID {
			err = kyc.Missing("draft", string(r.Draft))
		}
	} else {
		v, err = m.d.Store.Version(ctx, t, w.ID, r.Version)
	}
	if err != nil {
		return b, nil, err
	}
	var definitions []kyc.Definition
	pin := func(v kyc.WorkflowVersion) (string, error) {
		g, err := m.d.Compile(ctx, t, v)
		if err != nil {
			return "", err
		}
		definitions = append(definitions, kyc.Definition{Tenant: t, Hash: g.LinkedHash, Graph: g.Canonical()})
		return g.LinkedHash, nil
	}
	b.Version, b.Draft = v.Number, v.ID
	if b.Definition, err = pin(v); err != nil {
		return b, nil, err
	}
	if r.Control != 0 {
		control, err := m.d.Store.Version(ctx, t, w.ID, r.Control)
		if err != nil {
			return b, nil, err
		}
		if b.ControlDefinition, err = pin(control); err != nil {
			return b, nil, err
		}
	}
	if b.Cohort, err = m.cohort(ctx, t, r); err != nil {
		return b, nil, err
	}
	b.Touch(now)
	return b, definitions, nil
}

// makeRoom refuses a backtest where too many are under way, finds it a slot that
// is free and removes the oldest of the workflow.
func (m *Machine) makeRoom(ctx context.Context, b *kyc.Backtest, c *kyc.Change) error {
	running, _, err := m.d.Store.Backtests(ctx, b.Tenant, kyc.BacktestFilter{Status: kyc.BacktestRunning}, kyc.Page{Limit: MaxRunning, Uncounted: true})
	if err != nil {
		return err
	}
	if len(running) >= MaxRunning { // also those that an earlier version began without a slot
		e := kyc.Errorf(kyc.Conflict, "too_many_backtests", "at most %d backtests of an organisation run at the same time in each environment; begin another when one of these is complete or cancelled", MaxRunning)
		e.RetryAfter = 5 * time.Second
		return e
	}
	b.Slot = 1
	for slices.ContainsFunc(running, func(x kyc.Backtest) bool { return x.Slot == b.Slot }) {
		b.Slot++
	}
	c.Remove = nil
	old, _, err := m.d.Store.Backtests(ctx, b.Tenant, kyc.BacktestFilter{WorkflowID: b.WorkflowID}, kyc.Page{Offset: Kept - 1, Limit: Kept, Uncounted: true})
	if err != nil {
		return err
	}
	for i := range old {
		if old[i].Status != kyc.BacktestRunning {
			c.Remove = append(c.Remove, &old[i])
		}
	}
	return nil
}

// cancelTries is how often Cancel looks again after a page was committed just
// before it. Whoever goes on with a backtest commits every few moments.
const cancelTries = 50

// Cancel ends a backtest that is under way. What was counted so far is kept, as
// being about the first Done of its sessions; whoever goes on with it stops at
// their next commit, which is lost. One that was cancelled before is answered
// again. Errors: 404; 409 backtest_over for one that is complete or failed.
func (m *Machine) Cancel(ctx context.Context, t kyc.Tenant, by kyc.Actor, workflow, id kyc.ID) (kyc.Backtest, error) {
	// At once and not with the answer, so that a page that comes between is met
	// here and not by the caller. Cancelling twice does no harm.
	ctx = kyc.WithoutUnit(ctx)
	for try := 1; ; try++ {
		b, err := m.Read(ctx, t, workflow, id)
		switch {
		case err != nil || b.Status == kyc.BacktestCancelled:
			return b, err
		case b.Status != kyc.BacktestRunning:
			return b, kyc.Errorf(kyc.Conflict, "backtest_over", "the backtest is %s; there is nothing to cancel", b.Status)
		}
		now := m.d.Clock.Now()
		b.End(kyc.BacktestCancelled, now)
		b.Touch(now)
		err = m.d.Store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&b}, Events: []kyc.Event{{ID: kyc.NewID(now), Tenant: t, At: now, Actor: by,
			Action: "workflow.backtest_cancel", Object: "workflow", ObjectID: b.WorkflowID, RequestID: kyc.RequestFrom(ctx).ID,
			Reason: fmt.Sprintf("version %d after %d of %d sessions (%s)", b.Version, b.Done, len(b.Cohort), kyc.Dress("backtest", b.ID))}}})
		if !kyc.IsCode(err, "concurrent_change") || try == cancelTries {
			return b, err
		}
	}
}

// Read gives a backtest of a workflow. The items are all of them.
func (m *Machine) Read(ctx context.Context, t kyc.Tenant, workflow, id kyc.ID) (kyc.Backtest, error) {
	b, err := m.d.Store.Backtest(kyc.WithoutUnit(ctx), t, id)
	if err != nil {
		return b, err
	}
	if b.WorkflowID != workflow {
		return kyc.Backtest{}, kyc.Missing("backtest", string(id))
	}
	return b, nil
}

// List gives the backtests of a workflow, newest first.
func (m *Machine) List(ctx context.Context, t kyc.Tenant, workflow kyc.ID, p kyc.Page) ([]kyc.Backtest, int, error) {
	if _, err := m.d.Store.Workflow(ctx, t, workflow); err != nil {
		return nil, 0, err
	}
	return m.d.Store.Backtests(ctx, t, kyc.BacktestFilter{WorkflowID: workflow}, p)
}
