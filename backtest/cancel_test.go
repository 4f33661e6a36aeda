package backtest

import (
	"testing"
	"time"

	"bonafide/kyc"
)

// What was found before somebody cancelled a backtest stays, and is never taken
// for the whole.
func TestBacktestIsCancelled(t *testing.T) {
	t.Parallel()
	b := setup(t, listGraph, edited(`0.8`, `0.5`))
	var people []person
	for i := range 12 {
		people = append(people, person{float64(i) / 12, "passport", "NL"})
	}
	b.ran(t, people...)
	deps := b.deps
	deps.Patience, deps.Page = -time.Second, 5
	hasty := New(deps)
	begin := func() kyc.Backtest {
		t.Helper()
		got, err := hasty.Start(t.Context(), b.tenant, b.by, Request{Workflow: b.workflow, Version: 2})
		if err != nil || got.Status != kyc.BacktestRunning || got.Done == 0 {
			t.Fatalf("%+v (%v)", got, err)
		}
		return got
	}
	cancels := func() int {
		t.Helper()
		_, n, err := b.db.Events(t.Context(), b.tenant, kyc.EventFilter{Action: "workflow.backtest_cancel"}, kyc.Page{Limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	part := begin()
	for range 2 { // the second time is answered again and changes nothing
		got, err := b.machine.Cancel(t.Context(), b.tenant, b.by, b.workflow, part.ID)
		if err != nil || got.Status != kyc.BacktestCancelled || got.Done != part.Done || got.Tally.Sessions != part.Done || len(got.Items) != len(part.Items) ||
			got.EndedAt.IsZero() || !got.DueAt.IsZero() || got.Owner != "" || cancels() != 1 {
			t.Fatalf("%+v (%v)", got, err)
		}
	}
	if err := hasty.goOnJob(t.Context(), jobOf(&part)); err != nil {
		t.Error(err)
	}
	if got, err := b.machine.Read(t.Context(), b.tenant, b.workflow, part.ID); err != nil || got.Status != kyc.BacktestCancelled || got.Done != part.Done {
		t.Errorf("a job went on with it: %+v (%v)", got, err)
	}
	// Whoever is in the middle of a page when it is cancelled stops.
	middle := begin()
	if _, err := b.machine.Cancel(t.Context(), b.tenant, b.by, b.workflow, middle.ID); err != nil {
		t.Fatal(err)
	}
	if got, err := hasty.goOn(t.Context(), middle, time.Time{}); err != nil || got.Status != kyc.BacktestCancelled || got.Done != middle.Done {
		t.Errorf("in the middle: %+v (%v)", got, err)
	}
	// At the same time as pages are committed: it is one or the other, whole.
	for range 5 {
		deps.Page = 1
		x := begin()
		before := cancels()
		var refused error
		together(func() { _ = New(deps).goOnJob(t.Context(), jobOf(&x)) },
			func() { _, refused = b.machine.Cancel(t.Context(), b.tenant, b.by, b.workflow, x.ID) })
		got, err := b.machine.Read(t.Context(), b.tenant, b.workflow, x.ID)
		switch {
		case err != nil || got.Tally.Sessions != got.Done:
			t.Errorf("%+v (%v)", got, err)
		case refused == nil && (got.Status != kyc.BacktestCancelled || cancels() != before+1):
			t.Errorf("it was answered as cancelled and is %s", got.Status)
		case refused != nil && (!kyc.IsCode(refused, "backtest_over") || got.Status != kyc.BacktestCompleted || got.Done != 12 || cancels() != before):
			t.Errorf("%v: it is %s after %d", refused, got.Status, got.Done)
		}
	}
	whole, err := b.machine.Start(t.Context(), b.tenant, b.by, Request{Workflow: b.workflow, Version: 2})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.machine.Cancel(t.Context(), b.tenant, b.by, b.workflow, whole.ID); !kyc.IsCode(err, "backtest_over") {
		t.Errorf("one that is complete: %v", err)
	}
	for what, at := range map[string]struct {
		tenant       kyc.Tenant
		workflow, id kyc.ID
	}{"of another environment": {kyc.Tenant{Org: b.tenant.Org, Env: kyc.Sandbox}, b.workflow, part.ID}, "of another workflow": {b.tenant, part.ID, part.ID}, "unknown": {b.tenant, b.workflow, b.workflow}} {
		if _, err := b.machine.Cancel(t.Context(), at.tenant, b.by, at.workflow, at.id); kyc.KindOf(err) != kyc.NotFound {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// slow is a clock that puts itself forward with each look.
type slow struct {
	at   time.Time
	step time.Duration
}

func (s *slow) Now() time.Time {
	s.at = s.at.Add(s.step)
	return s.at
}

// Records that take long to read do not outlast the lease: what was done is
// committed well before it ends.
func TestBacktestShowsThatItLives(t *testing.T) {
	t.Parallel()
	b := setup(t, listGraph, edited(`0.8`, `0.5`))
	b.ran(t, person{0.1, "passport", "NL"}, person{0.6, "passport", "NL"}, person{0.7, "id_card", "DE"}, person{0.9, "id_card", ""})
	deps := b.deps
	deps.Clock, deps.Patience = &slow{clock.Now(), 2 * lease / 5}, time.Hour
	got, err := New(deps).Start(t.Context(), b.tenant, b.by, Request{Workflow: b.workflow, Version: 2})
	if err != nil || got.Status != kyc.BacktestCompleted || got.Tally.Sessions != 4 || got.Rev != 1+4 {
		t.Errorf("%d sessions in %d commits: %s (%v)", got.Tally.Sessions, got.Rev-1, got.Status, err)
	}
}
