package engine

import (
	"context"
	"strconv"
	"time"

	"bonafide/job"
	"bonafide/kyc"
)

// The engine's jobs.
const (
	// JobWake looks at one run: a long wait is over, a gate's time has come,
	// or it was begun where no work is done.
	JobWake = "engine.wake"
	// JobRescue looks for overdue runs; periodic.
	JobRescue = "engine.rescue"
)

// wakeJob asks somebody to look at a run at a time (zero: now).
func wakeJob(r kyc.Run, at time.Time) kyc.Job {
	return kyc.Job{Kind: JobWake, Tenant: r.Tenant, Object: r.ID, At: at,
		Key: string(r.ID) + ":" + strconv.FormatInt(r.Step, 10) + ":" + strconv.FormatInt(at.UnixMicro(), 10)}
}

// Jobs are the handlers of this room's kinds.
func (e *Engine) Jobs() map[string]job.Handler {
	return map[string]job.Handler{
		JobWake: func(ctx context.Context, j kyc.Job) error { return e.Wake(ctx, j.Tenant, j.Object) },
		JobRescue: func(ctx context.Context, _ kyc.Job) error {
			_, err := e.Rescue(ctx)
			return err
		},
	}
}

// Periodic are the jobs that one node leaves for all every so often.
func Periodic() []job.Periodic {
	return []job.Periodic{{Kind: JobRescue, Every: 15 * time.Second, AtStart: true}}
}

// Wake looks at a run and takes it over when it is due.
func (e *Engine) Wake(ctx context.Context, t kyc.Tenant, id kyc.ID) error {
	ctx = kyc.WithoutUnit(ctx)
	run, err := e.d.Store.Run(ctx, t, id)
	if kyc.KindOf(err) == kyc.NotFound && err != nil {
		return job.Cancel(err)
	}
	if err != nil {
		return err
	}
	now := e.d.Clock.Now()
	if run.DueAt.IsZero() || run.DueAt.After(now) {
		return nil // over, decided, or in somebody's hands
	}
	if e.room() == 0 {
		return job.Snooze(time.Second)
	}
	e.launch(&drive{e: e, key: kyc.Lease{Tenant: t, RunID: id, Owner: e.d.Owner}, pickup: true})
	return nil
}
