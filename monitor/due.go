package monitor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"bonafide/job"
	"bonafide/kyc"
)

// The jobs of this room.
const (
	JobSweep     = "monitor.sweep"    // find the watchlists that are due
	JobRun       = "monitor.run"      // screen one watchlist
	JobNewcomers = "monitor.subjects" // screen parties that just came
	JobEnrol     = "monitor.enrol"    // watch the parties of an approved session
)

// sweepEvery is how late a watchlist can be begun.
const sweepEvery = time.Minute

// Periodic are the jobs that come back.
func Periodic() []job.Periodic {
	return []job.Periodic{{Kind: JobSweep, Every: sweepEvery, AtStart: true}}
}

// Jobs handles the jobs of this room.
func (m *Machine) Jobs() map[string]job.Handler {
	out := map[string]job.Handler{
		JobSweep:     func(ctx context.Context, _ kyc.Job) error { _, err := m.Sweep(ctx); return err },
		JobRun:       m.runJob,
		JobNewcomers: m.newcomersJob,
	}
	if m.d.Parties != nil {
		out[JobEnrol] = m.enrolJob
	}
	return out
}

type cause struct {
	Trigger string `json:"trigger"`
}

// newcomers are parties by their ids; a job holds no names.
type newcomers struct {
	Subjects []kyc.ID `json:"subjects"`
}

// Sweep leaves a job for each watchlist whose time has come, in the time of
// its own environment, and for each that waits for its lists and whose lists
// changed. Those whom the changes may mean are asked for before it returns. It
// answers how many it left; one that waits already is not left twice.
func (m *Machine) Sweep(ctx context.Context) (int, error) {
	m.prompt(ctx)
	var c kyc.Change
	leave := func(w kyc.Watch, trigger string) error {
		if slices.ContainsFunc(c.Jobs, func(j kyc.Job) bool { return j.Object == w.ID }) {
			return nil
		}
		args, err := json.Marshal(cause{trigger})
		if err != nil {
			return fmt.Errorf("writing a monitoring job: %w", err)
		}
		c.Jobs = append(c.Jobs, kyc.Job{Kind: JobRun, Tenant: w.Tenant, Object: w.ID, Key: string(w.ID), Args: args})
		return nil
	}
	due, err := m.d.Store.WatchesDue(ctx, m.d.Clock.Now(), pageSize)
	if err != nil {
		return 0, err
	}
	ahead, err := m.ahead(ctx)
	if err != nil {
		return 0, err
	}
	for _, w := range append(due, ahead...) {
		if err := leave(w, TriggerSchedule); err != nil {
			return 0, err
		}
	}
	current := m.d.Lists()
	var after kyc.ID
	for {
		waiting, err := m.d.Store.WatchesOnUpdate(ctx, after, pageSize)
		if err != nil {
			return 0, err
		}
		for _, w := range waiting {
			after = w.ID
			changed, err := m.listsChanged(ctx, w, current)
			if err != nil {
				return 0, err
			}
			if changed {
				if err := leave(w, TriggerUpdate); err != nil {
					return 0, err
				}
			}
		}
		if len(waiting) < pageSize {
			break
		}
	}
	if len(c.Jobs) == 0 {
		return 0, nil
	}
	return len(c.Jobs), m.d.Store.Commit(ctx, &c)
}

// ahead are the watchlists that are due in a sandbox whose clock was put
// forward; the store compares with the real time.
func (m *Machine) ahead(ctx context.Context) ([]kyc.Watch, error) {
	orgs, err := m.d.Store.Orgs(ctx)
	if err != nil {
		return nil, err
	}
	var out []kyc.Watch
	for _, org := range orgs {
		if org.SandboxOffset <= 0 {
			continue
		}
		t := kyc.Tenant{Org: org.ID, Env: kyc.Sandbox}
		now := org.Now(m.d.Clock, kyc.Sandbox)
		var after kyc.ID
		for {
			list, _, err := m.d.Store.Watches(ctx, t, kyc.WatchFilter{Status: kyc.WatchActive}, kyc.Page{Limit: pageSize, After: after})
			if err != nil {
				return nil, err
			}
			for _, w := range list {
				after = w.ID
				if due(&w, now) {
					out = append(out, w)
				}
			}
			if len(list) < pageSize {
				break
			}
		}
	}
	return out, nil
}

func due(w *kyc.Watch, now time.Time) bool {
	return w.Status == kyc.WatchActive && !w.NextAt.IsZero() && !w.NextAt.After(now)
}

// listsChanged reports whether a list of the watchlist has another content
// than the last run asked, or answers again since. The lists of the sandbox
// are simulated and never change.
func (m *Machine) listsChanged(ctx context.Context, w kyc.Watch, current []kyc.ListVersion) (bool, error) {
	if w.Tenant.Env == kyc.Sandbox || w.LastRunID == "" { // the first run is due by its time
		return false, nil
	}
	run, err := m.d.Store.MonitorRun(ctx, w.Tenant, w.LastRunID)
	if err != nil {
		return false, err
	}
	if run.Checked+run.Failed == 0 { // it asked no list, because there was nobody to ask for
		_, total, err := m.d.Store.WatchedParties(ctx, w.Tenant, kyc.WatchedFilter{WatchID: w.ID}, kyc.Page{Limit: 1})
		return total > run.Unreadable, err
	}
	_, org, err := m.now(ctx, w.Tenant)
	if err != nil {
		return false, err
	}
	wanted := m.wanted(&w, &org)
	for _, l := range current {
		if l.Version == "" || len(wanted) > 0 && !slices.Contains(wanted, l.List) {
			continue
		}
		at := slices.IndexFunc(run.Lists, func(asked kyc.ListVersion) bool { return asked.List == l.List })
		switch {
		case at >= 0 && run.Lists[at].Status != kyc.StatusOK && l.Status == kyc.StatusOK:
			return true, nil
		case run.Loaded[l.List] == l.Version: // asked, or passed over as one that holds nothing for the question
		case run.Loaded != nil || at < 0 || run.Lists[at].Version != l.Version:
			return true, nil
		}
	}
	return false, nil
}

// runJob screens a watchlist, unless somebody did in the meantime.
func (m *Machine) runJob(ctx context.Context, j kyc.Job) error {
	var why cause
	if err := json.Unmarshal(j.Args, &why); err != nil {
		return job.Cancel(fmt.Errorf("reading a monitoring job: %w", err))
	}
	w, err := m.watch(ctx, j.Tenant, j.Object)
	if err != nil {
		return gone(err)
	}
	now, _, err := m.now(ctx, j.Tenant)
	if err != nil {
		return err
	}
	wanted := due(&w, now)
	if why.Trigger == TriggerUpdate && w.Status == kyc.WatchActive && !wanted {
		if wanted, err = m.listsChanged(ctx, w, m.d.Lists()); err != nil {
			return err
		}
	}
	if !wanted {
		return nil
	}
	_, err = m.Run(ctx, j.Tenant, kyc.SystemActor("monitor"), j.Object, why.Trigger)
	return gone(err)
}

// gone forgets the error that something does not exist any more.
func gone(err error) error {
	if err != nil && kyc.KindOf(err) == kyc.NotFound {
		return nil
	}
	return err
}

// newcomersJob screens parties that came, or changed, since the last run.
func (m *Machine) newcomersJob(ctx context.Context, j kyc.Job) error {
	var who newcomers
	if err := json.Unmarshal(j.Args, &who); err != nil {
		return job.Cancel(fmt.Errorf("reading a monitoring job: %w", err))
	}
	w, err := m.watch(ctx, j.Tenant, j.Object)
	if err != nil {
		return gone(err)
	}
	if w.Status != kyc.WatchActive {
		return nil // the end of the pause makes the whole watchlist due
	}
	var failed error
	later := false
	for _, id := range who.Subjects {
		if err := ctx.Err(); err != nil {
			return err
		}
		complete, err := m.single(ctx, w, id, false)
		later = later || !complete
		failed = errors.Join(failed, gone(err))
	}
	if failed == nil && later {
		return job.Snooze(again)
	}
	return failed
}

// single screens one party; one that was screened before only again. complete
// is false when a list could not be asked in a way that may pass.
func (m *Machine) single(ctx context.Context, w kyc.Watch, id kyc.ID, again bool) (complete bool, err error) {
	for range attempts {
		party, err := m.d.Store.WatchedParty(ctx, w.Tenant, id)
		if err != nil || !again && !party.LastCheckedAt.IsZero() || party.Private.Unreadable {
			return true, err
		}
		now, org, err := m.now(ctx, w.Tenant)
		if err != nil {
			return true, err
		}
		s := m.screenParty(ctx, w, org, now, party)
		if err := ctx.Err(); err != nil {
			return true, err
		}
		var c kyc.Change
		m.note(ctx, w, &s, "", kyc.SystemActor("monitor"), now, &c)
		if err = m.d.Store.Commit(ctx, &c); err == nil {
			return s.screening.Status == kyc.StatusOK || s.screening.unasked(), nil
		}
		if kyc.KindOf(err) != kyc.Conflict { // a conflict: somebody changed the party meanwhile
			return true, err
		}
	}
	return false, nil
}
