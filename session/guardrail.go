package session

import (
	"context"
	"time"

	"bonafide/flow"
	"bonafide/job"
	"bonafide/kyc"
)

// JobGuard looks whether a rollout keeps within its guardrails. It is left in
// the commit of the session that ended (and of guardrails that were set), so
// that no end goes unseen, whichever process dies; jobs of one workflow that
// wait are one. A schedule would look later and mostly for nothing.
const JobGuard = "workflow.guard"

// Jobs are the handlers of this machine's jobs.
func (m *Workflows) Jobs() map[string]job.Handler {
	return map[string]job.Handler{
		JobGuard: func(ctx context.Context, j kyc.Job) error { return m.Guard(ctx, j.Tenant, j.Object) },
	}
}

func guardJob(w *kyc.Workflow) kyc.Job {
	return kyc.Job{Kind: JobGuard, Tenant: w.Tenant, Object: w.ID, Key: string(w.ID)}
}

// Tried notes how a run of a rollout ended, to be committed with its end. Runs
// outside a rollout, of one that is over, and those that were cancelled say
// nothing about a version and are not noted. errored: a check had no answer.
func (m *Workflows) Tried(ctx context.Context, run *kyc.Run, at time.Time, errored bool) (kyc.Change, error) {
	if run.Arm != flow.ArmNew && run.Arm != flow.ArmPrevious || run.Status == kyc.RunCancelled {
		return kyc.Change{}, nil
	}
	w, err := m.d.Store.Workflow(ctx, run.Tenant, run.WorkflowID)
	if kyc.KindOf(err) == kyc.NotFound {
		return kyc.Change{}, nil // nothing is on trial, and the run ends all the same
	}
	if err != nil {
		return kyc.Change{}, err
	}
	r := w.Rollout
	if r == nil || run.StartedAt.Before(r.StartedAt) || run.Version != r.Version && run.Version != r.Previous {
		return kyc.Change{}, nil
	}
	x := kyc.Trial{Tenant: run.Tenant, WorkflowID: w.ID, Rollout: r.Salt, SessionID: run.SessionID, Version: run.Version, At: at}
	switch {
	case errored, run.Status != kyc.RunCompleted:
		x.Result = kyc.TrialError
	case run.Outcome == kyc.Approved:
		x.Result = kyc.TrialApproved
	case run.Outcome == kyc.Rejected:
		x.Result = kyc.TrialRejected
	default:
		x.Result = kyc.TrialReview
	}
	c := kyc.Change{Trials: []kyc.Trial{x}}
	if r.Guards != nil {
		c.Jobs = []kyc.Job{guardJob(&w)}
	}
	return c, nil
}

// Progress is what a rollout has shown so far, over the window of its
// guardrails.
type Progress struct {
	Since       time.Time // from when sessions count
	Fresh, Rest kyc.TrialTally
}

// Progress counts the sessions of the running rollout; without one there is
// nothing to count and ok is false.
func (m *Workflows) Progress(ctx context.Context, w *kyc.Workflow) (p Progress, ok bool, err error) {
	if w.Rollout == nil {
		return Progress{}, false, nil
	}
	now, _, err := m.now(ctx, w.Tenant)
	if err != nil {
		return Progress{}, false, err
	}
	p.Since = w.Rollout.StartedAt
	if g := w.Rollout.Guards; g != nil && g.WindowHours > 0 {
		if from := now.Add(-time.Duration(g.WindowHours) * time.Hour); from.After(p.Since) {
			p.Since = from
		}
	}
	tallies, err := m.d.Store.Trials(ctx, w.Tenant, w.ID, w.Rollout.Salt, p.Since)
	if err != nil {
		return Progress{}, false, err
	}
	p.Fresh, p.Rest = tallies[w.Rollout.Version], tallies[w.Rollout.Previous]
	return p, true, nil
}

// guardTries is how often a set-back that lost against another change of the
// workflow is looked at anew before its job is tried again later.
const guardTries = 5

// Guard sets a rollout back that left its bounds: the version that holds the
// rest takes all new sessions again, in one commit with the audit entry, the
// message to the customer and the notice that the studio shows. Sessions that
// have begun keep their version; a wish about the version on trial lapses, so that
// nobody approves what was asked for before. It is decided by flow.Breached from the counts
// alone, which the event repeats. Nothing to do is no error.
func (m *Workflows) Guard(ctx context.Context, t kyc.Tenant, id kyc.ID) error {
	for try := 1; ; try++ {
		err := m.guard(ctx, t, id)
		if !kyc.IsCode(err, "concurrent_change") || try == guardTries {
			return err
		}
	}
}

func (m *Workflows) guard(ctx context.Context, t kyc.Tenant, id kyc.ID) error {
	w, err := m.d.Store.Workflow(ctx, t, id)
	if kyc.KindOf(err) == kyc.NotFound {
		return nil
	}
	if err != nil || w.Rollout == nil || w.Rollout.Guards == nil || w.Rollout.Previous == 0 {
		return err
	}
	p, _, err := m.Progress(ctx, &w)
	if err != nil {
		return err
	}
	breach := flow.Breached(*w.Rollout.Guards, p.Fresh, p.Rest)
	if breach == nil {
		return nil
	}
	now, _, err := m.now(ctx, t)
	if err != nil {
		return err
	}
	r := *w.Rollout
	restored, err := m.d.Store.Version(ctx, t, id, r.Previous)
	if err != nil {
		return err
	}
	before := digest(&w)
	w.Published, w.Rollout = r.Previous, nil
	if p := w.PendingPublish; p != nil && (p.What() != kyc.WishPublish || p.Version == r.Version) {
		w.PendingPublish = nil
	}
	w.SetBack = &kyc.SetBack{Version: r.Version, Restored: r.Previous, Percentage: r.Percentage, StartedAt: r.StartedAt, At: now, Guards: *r.Guards, Breach: *breach}
	w.Touch(now)
	e := event(ctx, t, kyc.SystemActor("guardrail"), now, "workflow.rollback", "workflow", w.ID, "")
	e.Before, e.After, e.Reason = before, digest(&w), breach.Bound
	e = m.d.News.Tell(e, &w, map[string]any{"version": r.Previous, "from_version": r.Version, "restored_version": r.Previous, "definition_hash": restored.Hash,
		"rollout_percentage": r.Percentage, "guardrail": breachWords(*breach)}, "rolled_back")
	return m.d.Store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&w}, Events: []kyc.Event{e}})
}

// breachWords is a finding in a message: shares of 0 to 1.
func breachWords(b kyc.Breach) map[string]any {
	return map[string]any{"bound": b.Bound, "limit": float64(b.Limit) / float64(kyc.Whole), "new": b.Fresh, "previous": b.Rest}
}

// guardable checks bounds that shall go with a share; nil bounds are fine.
func guardable(g *kyc.Guardrails, percentage int) error {
	if g == nil {
		return nil
	}
	problems := flow.GuardrailProblems(*g, "/guardrails")
	if percentage >= 100 {
		problems = append(problems, kyc.Problem{Path: "/guardrails", Code: "no_rollout", Message: "guardrails go with a share below 100: there is no other version to go back to"})
	}
	if len(problems) > 0 {
		return kyc.InvalidInput("invalid_guardrails", "the guardrails cannot be used", problems)
	}
	return nil
}
