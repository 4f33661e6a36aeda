package backtest

import (
	"context"
	"errors"
	"time"

	"bonafide/job"
	"bonafide/kyc"
)

// The jobs of this room.
const (
	// JobGoOn goes on with one backtest.
	JobGoOn = "backtest.go_on"
	// JobSweep looks for backtests whose process is gone.
	JobSweep = "backtest.sweep"
)

// Periodic are the jobs that come round.
func Periodic() []job.Periodic {
	return []job.Periodic{{Kind: JobSweep, Every: 15 * time.Second, AtStart: true}}
}

// Jobs handles the jobs of this room.
func (m *Machine) Jobs() map[string]job.Handler {
	return map[string]job.Handler{
		JobGoOn:  m.goOnJob,
		JobSweep: func(ctx context.Context, _ kyc.Job) error { _, err := m.Sweep(ctx); return err },
	}
}

func jobOf(b *kyc.Backtest) kyc.Job {
	return kyc.Job{Kind: JobGoOn, Tenant: b.Tenant, Object: b.ID, Key: string(b.ID)}
}

// Sweep leaves a job for each backtest that nobody goes on with, and answers
// for how many.
func (m *Machine) Sweep(ctx context.Context) (int, error) {
	due, err := m.d.Store.BacktestsDue(ctx, m.d.Clock.Now(), 100)
	if err != nil || len(due) == 0 {
		return 0, err
	}
	var c kyc.Change
	for i := range due {
		c.Jobs = append(c.Jobs, jobOf(&due[i]))
	}
	return len(due), m.d.Store.Commit(ctx, &c)
}

// goOnJob claims a backtest and completes it.
func (m *Machine) goOnJob(ctx context.Context, j kyc.Job) error {
	b, err := m.d.Store.Backtest(ctx, j.Tenant, j.Object)
	switch {
	case err != nil && kyc.KindOf(err) == kyc.NotFound:
		return nil //nolint:nilerr // it was removed; there is nothing to go on with
	case err != nil:
		return err
	case b.Status != kyc.BacktestRunning:
		return nil
	}
	now := m.d.Clock.Now()
	if wait := b.DueAt.Sub(now); wait > 0 && b.Owner != "" {
		return job.Snooze(wait) // somebody else does, or did; then their lease ends
	}
	b.Owner, b.DueAt = m.d.Owner, now.Add(lease)
	b.Touch(now)
	if err := m.d.Store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&b}}); err != nil {
		if kyc.IsCode(err, "concurrent_change") {
			return nil // another node took it
		}
		return err
	}
	_, err = m.goOn(ctx, b, time.Time{})
	return err
}

// goOn looks at page after page until all is done or the time is over (zero:
// none is set), and leaves a job for the rest. Each page is read without a
// transaction and written in one short commit; the revision keeps a page from
// being counted twice. When somebody else took or cancelled it, it stops quietly.
func (m *Machine) goOn(ctx context.Context, b kyc.Backtest, until time.Time) (kyc.Backtest, error) {
	p, err := m.plan(ctx, &b)
	if err != nil {
		if kyc.KindOf(err) == kyc.Unavailable || ctx.Err() != nil {
			return b, err
		}
		return m.failed(ctx, b, err)
	}
	for {
		next := b
		// Well before the lease ends there is a sign of life, however large the
		// records are.
		pause := m.d.Clock.Now().Add(lease / 4)
		if !until.IsZero() && until.Before(pause) {
			pause = until
		}
		if err := m.page(ctx, &next, p, pause); err != nil {
			return b, err
		}
		now := m.d.Clock.Now()
		next.DueAt = now.Add(lease)
		var c kyc.Change
		switch over := !until.IsZero() && !now.Before(until); {
		case next.Done == len(next.Cohort):
			next.End(kyc.BacktestCompleted, now)
		case over:
			next.Owner, next.DueAt = "", now
			c.Jobs = append(c.Jobs, jobOf(&next))
		}
		next.Touch(now)
		c.Put = []kyc.Object{&next}
		if err := m.d.Store.Commit(ctx, &c); err != nil {
			if kyc.IsCode(err, "concurrent_change") {
				return m.d.Store.Backtest(ctx, b.Tenant, b.ID)
			}
			return b, err
		}
		b = next
		if b.Owner == "" {
			return b, nil
		}
	}
}

// plan reads the graphs that were pinned.
func (m *Machine) plan(ctx context.Context, b *kyc.Backtest) (Plan, error) {
	p := Plan{Version: b.Version, ControlVersion: b.Control}
	var err error
	if p.Graph, err = m.d.Graphs.Graph(ctx, b.Tenant, b.Definition); err != nil {
		return p, err
	}
	if b.ControlDefinition != "" {
		p.Control, err = m.d.Graphs.Graph(ctx, b.Tenant, b.ControlDefinition)
	}
	return p, err
}

// failed ends a backtest that can never go on.
func (m *Machine) failed(ctx context.Context, b kyc.Backtest, cause error) (kyc.Backtest, error) {
	m.d.Log.Error("a backtest cannot go on", "backtest", b.ID, "error", cause)
	now := m.d.Clock.Now()
	b.End(kyc.BacktestFailed, now)
	b.Reason = kyc.AsError(cause).Code
	b.Touch(now)
	err := m.d.Store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&b}})
	if kyc.IsCode(err, "concurrent_change") {
		return m.d.Store.Backtest(ctx, b.Tenant, b.ID)
	}
	return b, err
}

// page tells the next sessions again, at most a page of them and not past the
// time (at least one, so that there is always some progress).
func (m *Machine) page(ctx context.Context, b *kyc.Backtest, p Plan, pause time.Time) error {
	b.Tally = clone(b.Tally)
	b.Items = b.Items[:len(b.Items):len(b.Items)]
	for n := 0; n < m.d.Page && b.Done < len(b.Cohort); n++ {
		if n > 0 && !m.d.Clock.Now().Before(pause) {
			return nil
		}
		one, err := m.teller.tell(ctx, b.Tenant, b.Cohort[b.Done], p)
		if err != nil {
			return errors.Join(err, ctx.Err())
		}
		b.Items = add(&b.Tally, b.Items, one)
		b.Done++
	}
	return nil
}

// Compare tells sessions again in memory and stores nothing: what a backtest
// of them would find. Each is told of after it was looked at; nil tells nobody.
func (t *Teller) Compare(ctx context.Context, tenant kyc.Tenant, cohort []kyc.ID, p Plan, each func(done int)) (kyc.BacktestTally, []kyc.BacktestItem, error) {
	var tally kyc.BacktestTally
	var items []kyc.BacktestItem
	for i, id := range cohort {
		one, err := t.tell(ctx, tenant, id, p)
		if err != nil {
			return tally, items, err
		}
		items = add(&tally, items, one)
		if each != nil {
			each(i + 1)
		}
	}
	return tally, items, nil
}
