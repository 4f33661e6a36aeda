package engine

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"bonafide/kyc"
)

func TestAttemptThatTakesTooLong(t *testing.T) {
	t.Parallel()
	b := setup(t, kyc.Sandbox, func(d *Deps) {
		d.Catalog = map[string]kyc.CheckSpec{"first": {Timeout: 20 * time.Millisecond}}
	})
	never := make(chan struct{})
	t.Cleanup(func() { close(never) })
	b.checks.say(func(_ context.Context, r kyc.CheckRequest) kyc.Answer {
		if r.Policy == "first" && r.Attempt == 1 {
			<-never // a check that ignores its context
		}
		return verdictOf(kyc.Pass)
	})
	run, _ := b.begin(graphOf(t, sixNodes))
	if got := b.finished(run.ID); got.Outcome != kyc.Approved {
		t.Errorf("%+v", got)
	}
	v, _ := b.engine.RunView(t.Context(), b.tenant, run.ID)
	first := v.Attempts[0]
	if first.Status != RequiresRetry || first.Answer.Reasons[0].Code != "timeout" || v.Attempts[1].Status != Passed {
		t.Errorf("%+v", v.Attempts)
	}
	b.proven(run.ID)
}

func TestCheckThatPanics(t *testing.T) {
	t.Parallel()
	b := setup(t, kyc.Live)
	b.checks.say(func(context.Context, kyc.CheckRequest) kyc.Answer { panic("oh") })
	run, _ := b.begin(graphOf(t, sixNodes))
	if got := b.finished(run.ID); got.Outcome != kyc.NeedsReview {
		t.Errorf("%+v", got)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	b := setup(t, kyc.Live)
	inside := make(chan struct{}, 1)
	b.checks.say(func(ctx context.Context, _ kyc.CheckRequest) kyc.Answer {
		inside <- struct{}{}
		<-ctx.Done() // ends only because the run is called off
		return verdictOf(kyc.Pass)
	})
	run, s := b.begin(graphOf(t, sixNodes))
	<-inside
	by := kyc.Actor{Kind: kyc.ActorKey, ID: "k"}
	if err := b.engine.Cancel(t.Context(), b.tenant, run.ID, "a mistake", by); err != nil {
		t.Fatal(err)
	}
	got := b.finished(run.ID)
	end, _ := b.store.Session(t.Context(), b.tenant, s.ID)
	if got.Status != kyc.RunCancelled || got.Outcome != "" || end.Status != kyc.SessionCancelled {
		t.Errorf("%+v %+v", got, end)
	}
	if err := b.engine.Cancel(t.Context(), b.tenant, run.ID, "", by); !kyc.IsCode(err, "run_ended") {
		t.Errorf("again: %v", err)
	}
	v, _ := b.engine.RunView(t.Context(), b.tenant, run.ID)
	if v.Attempts[0].Status != Cancelled {
		t.Errorf("%+v", v.Attempts)
	}
	b.proven(run.ID)
	eventually(t, "the run is let go", func() bool { return b.engine.Active() == 0 })
}

func TestResumeFromANode(t *testing.T) {
	t.Parallel()
	b := setup(t, kyc.Live)
	g := graphOf(t, sixNodes)
	b.checks.say(func(_ context.Context, r kyc.CheckRequest) kyc.Answer {
		a := verdictOf(kyc.Pass)
		if r.Policy == "first" {
			a.Fields = []kyc.Field{{Name: "last_name", Value: "VERMEER", Confidence: 1}}
		}
		if r.Policy == "third" {
			a.Verdict = kyc.Fail
		}
		return a
	})
	run, s := b.begin(g)
	b.finished(run.ID)
	session, _ := b.store.Session(t.Context(), b.tenant, s.ID)
	if session.Status != kyc.SessionRejected {
		t.Fatalf("%+v", session)
	}
	b.checks.say(nil)
	before := b.checks.count()
	again, err := b.engine.Begin(t.Context(), BeginRequest{Session: &session, Graph: g, Version: 3, Arm: "reprocess", From: "c", Earlier: run.ID})
	if err != nil {
		t.Fatal(err)
	}
	if got := b.finished(again.ID); got.Outcome != kyc.Approved || again.ID == run.ID {
		t.Errorf("%+v", got)
	}
	if b.checks.count() != before+1 {
		t.Errorf("%d checks ran", b.checks.count()-before)
	}
	last := b.checks.calls[before]
	if last.Extracted["last_name"] != "VERMEER" || last.Checks["second"].Status != Passed || len(last.Checks) != 2 {
		t.Errorf("the earlier results are not there: %+v", last)
	}
	b.proven(again.ID)
	b.proven(run.ID)
	if _, err := b.engine.Begin(t.Context(), BeginRequest{Session: &session, Graph: g, From: "nowhere"}); !kyc.IsCode(err, "node_not_found") {
		t.Errorf("%v", err)
	}
}

func TestLongCallKeepsItsLease(t *testing.T) {
	t.Parallel()
	b := setup(t, kyc.Live, func(d *Deps) { d.Lease = 40 * time.Millisecond })
	other := b.node(func(d *Deps) { d.Lease, d.SweepEvery = 40*time.Millisecond, 2*time.Millisecond })
	other.Start(t.Context())
	t.Cleanup(func() { stopNow(other) })
	b.checks.say(func(ctx context.Context, r kyc.CheckRequest) kyc.Answer {
		if r.Policy == "first" {
			<-time.After(300 * time.Millisecond)
		}
		return verdictOf(kyc.Pass)
	})
	run, _ := b.begin(graphOf(t, sixNodes))
	if got := b.finished(run.ID); got.Outcome != kyc.Approved {
		t.Errorf("%+v", got)
	}
	if n := b.checks.count(); n != 3 {
		t.Logf("the lease was lost under load (%d calls); the history is right all the same", n)
	}
	b.proven(run.ID)
}

func TestPoolTakesTurns(t *testing.T) {
	t.Parallel()
	p := newPool(1)
	stop := make(chan struct{})
	if !p.acquire(t.Context(), stop, "x") {
		t.Fatal("no slot")
	}
	var mu sync.Mutex
	var order []kyc.ID
	var wg sync.WaitGroup
	queue := func(org kyc.ID) {
		before := p.waiting()
		wg.Go(func() {
			if p.acquire(t.Context(), stop, org) {
				mu.Lock()
				order = append(order, org)
				mu.Unlock()
				p.release()
			}
		})
		eventually(t, "it queues", func() bool { return p.waiting() > before })
	}
	for _, org := range []kyc.ID{"big", "big", "big", "big", "small", "big", "other"} {
		queue(org)
	}
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan bool)
	go func() { gone <- p.acquire(ctx, stop, "impatient") }()
	eventually(t, "it queues", func() bool { return p.waiting() == 8 })
	cancel()
	if <-gone {
		t.Error("a cancelled run got a slot")
	}
	p.release()
	wg.Wait()
	if got := fmt.Sprint(order); got != "[big small other big big big big]" {
		t.Errorf("order %s", got)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.free != 1 || len(p.queue) != 0 || len(p.turns) != 0 {
		t.Errorf("%d free, %v %v", p.free, p.queue, p.turns)
	}
}

// waiting counts the tickets.
func (p *pool) waiting() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, q := range p.queue {
		n += len(q)
	}
	return n
}

func TestBacklogIsLeftToTheSweep(t *testing.T) {
	t.Parallel()
	b := setup(t, kyc.Live, func(d *Deps) { d.Slots, d.Backlog = 1, 2 })
	block := make(chan struct{})
	b.checks.say(func(context.Context, kyc.CheckRequest) kyc.Answer { <-block; return verdictOf(kyc.Pass) })
	g := graphOf(t, sixNodes)
	var runs []kyc.Run
	for range 5 {
		r, _ := b.begin(g)
		runs = append(runs, r)
	}
	if n := b.engine.Active(); n != 2 {
		t.Errorf("%d runs here", n)
	}
	if jobs := b.store.takeJobs(); len(jobs) != 3 {
		t.Errorf("%d jobs", len(jobs))
	}
	close(block)
	for _, r := range runs {
		eventually(t, "the sweep has ended it", func() bool {
			if _, err := b.engine.Rescue(t.Context()); err != nil {
				t.Fatal(err)
			}
			got, _ := b.store.Run(t.Context(), b.tenant, r.ID)
			return !got.EndedAt.IsZero()
		})
		b.proven(r.ID)
	}
}
