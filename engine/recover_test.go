package engine

import (
	"context"
	"maps"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bonafide/kyc"
)

func TestDeadProcessIsReplaced(t *testing.T) {
	t.Parallel()
	b := setup(t, kyc.Live)
	block := make(chan struct{})
	t.Cleanup(func() { close(block) })
	b.checks.say(func(ctx context.Context, r kyc.CheckRequest) kyc.Answer {
		if r.Policy == "second" {
			<-block // the process hangs, as good as dead
		}
		return verdictOf(kyc.Pass)
	})
	run, s := b.begin(graphOf(t, sixNodes))
	b.until(run.ID, "at the second check", func(r kyc.Run) bool { return r.Step == 2 })

	live := &script{}
	other := b.node(func(d *Deps) { d.Checks = live; d.Owner = "other" })
	other.Start(t.Context())
	t.Cleanup(func() { stopNow(other) })
	if n, err := other.Rescue(t.Context()); n != 0 || err != nil {
		t.Errorf("taken before the lease is over: %d %v", n, err)
	}
	b.clock.advance(11 * time.Second)
	if n, err := other.Rescue(t.Context()); n != 1 || err != nil {
		t.Fatalf("taken %d %v", n, err)
	}
	if got := b.finished(run.ID); got.Outcome != kyc.Approved {
		t.Errorf("%+v", got)
	}
	v, err := other.RunView(t.Context(), b.tenant, run.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(v.Attempts) != 4 || v.Attempts[1].Status != Interrupted || v.Attempts[2].Status != Passed || v.Attempts[1].Key != v.Attempts[2].Key || v.Attempts[2].Sent != 2 {
		t.Errorf("attempts %+v", v.Attempts)
	}
	if live.calls[0].CallKey != v.Attempts[1].Key {
		t.Error("the call was sent again under another key")
	}
	if n := b.webhooks(s.ID, "end"); n != 1 {
		t.Errorf("%d ends", n)
	}
	b.proven(run.ID)
}

func stopNow(e *Engine) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	e.Stop(ctx)
}

func TestStopHandsBack(t *testing.T) {
	t.Parallel()
	b := setup(t, kyc.Live)
	inside := make(chan struct{}, 1)
	block := make(chan struct{})
	b.checks.say(func(ctx context.Context, r kyc.CheckRequest) kyc.Answer {
		if r.Policy == "second" {
			inside <- struct{}{}
			<-block
		}
		return verdictOf(kyc.Pass)
	})
	run, _ := b.begin(graphOf(t, sixNodes))
	<-inside
	stopped := make(chan struct{})
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		b.engine.Stop(ctx)
		close(stopped)
	}()
	<-b.engine.stop
	close(block) // what was in flight may finish
	<-stopped
	r, err := b.store.Run(t.Context(), b.tenant, run.ID)
	if err != nil || r.Step != 3 || r.LeaseOwner != "" || r.DueAt.After(b.clock.Now().Add(time.Second)) {
		t.Fatalf("handed back: %+v %v", r, err)
	}
	if b.checks.count() != 2 {
		t.Errorf("%d calls; nothing new may begin", b.checks.count())
	}
	other := b.node()
	other.Start(t.Context())
	defer stopNow(other)
	if _, err := other.Rescue(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := b.finished(run.ID); got.Outcome != kyc.Approved {
		t.Errorf("%+v", got)
	}
	v, _ := other.RunView(t.Context(), b.tenant, run.ID)
	if len(v.Attempts) != 3 { // the third check was never sent by the first process
		t.Errorf("attempts %+v", v.Attempts)
	}
}

func TestStopAtItsDeadline(t *testing.T) {
	t.Parallel()
	b := setup(t, kyc.Live)
	inside := make(chan struct{}, 1)
	b.checks.say(func(ctx context.Context, r kyc.CheckRequest) kyc.Answer {
		inside <- struct{}{}
		<-ctx.Done()
		return verdictOf(kyc.Pass) // called off; nobody may believe it
	})
	run, _ := b.begin(graphOf(t, sixNodes))
	<-inside
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if n := b.engine.Stop(ctx); n != 1 {
		t.Errorf("%d handed back", n)
	}
	r, _ := b.store.Run(t.Context(), b.tenant, run.ID)
	if r.Step != 1 || r.LeaseOwner != "" {
		t.Errorf("%+v", r)
	}
}

func TestRoleAPILeavesTheWork(t *testing.T) {
	t.Parallel()
	b := setup(t, kyc.Live)
	front := b.node(func(d *Deps) { d.Slots = -1 })
	front.Start(t.Context())
	s := b.session()
	run, err := front.Begin(t.Context(), BeginRequest{Session: s, Graph: graphOf(t, sixNodes), Version: 1})
	if err != nil {
		t.Fatal(err)
	}
	jobs := b.store.takeJobs()
	if len(jobs) != 1 || jobs[0].Object != run.ID || run.LeaseOwner != "" || run.DueAt.IsZero() {
		t.Fatalf("%+v %+v", run, jobs)
	}
	if err := b.engine.Jobs()[JobWake](t.Context(), jobs[0]); err != nil {
		t.Fatal(err)
	}
	if got := b.finished(run.ID); got.Outcome != kyc.Approved {
		t.Errorf("%+v", got)
	}
	v, err := front.RunView(t.Context(), b.tenant, run.ID)
	if err != nil || len(v.Attempts) != 3 {
		t.Errorf("%+v %v", v.Attempts, err)
	}
}

// TestEveryPrefixEndsTheSame kills the process behind every input of a record:
// whoever goes on from there with the same answers comes to the same end.
func TestEveryPrefixEndsTheSame(t *testing.T) {
	t.Parallel()
	for name, graph := range map[string]string{"chain": sixNodes, "gate": gateGraph, "parallel": parallelGraph} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answers := func(_ context.Context, r kyc.CheckRequest) kyc.Answer {
				if r.Attempt <= len(r.Policy)%3 {
					return transient()
				}
				return verdictOf(kyc.Pass)
			}
			drive := func(b *bundle, run kyc.ID, session kyc.ID) kyc.Run {
				return b.until(run, "finished", func(r kyc.Run) bool {
					if r.Status == kyc.RunPaused {
						_, _ = b.engine.Resume(t.Context(), b.tenant, session, GateDecision{Decision: Continue})
					}
					return !r.EndedAt.IsZero()
				})
			}
			b := setup(t, kyc.Sandbox)
			b.checks.say(answers)
			run, s := b.begin(graphOf(t, graph))
			whole := drive(b, run.ID, s.ID)
			record, _ := b.store.Inputs(t.Context(), b.tenant, run.ID)
			want := b.proven(run.ID)

			for n := 1; n <= len(record); n++ {
				cut := setup(t, kyc.Sandbox)
				cut.tenant = b.tenant
				cut.checks.say(answers)
				cut.store.mu.Lock()
				cut.store.defs = maps.Clone(b.store.defs)
				cut.store.mu.Unlock()
				state, err := fold(graphOf(t, graph), kyc.Run{Step: int64(n)}, record[:n])
				if err != nil {
					t.Fatal(err)
				}
				if state.Ended() {
					continue
				}
				// What the row looked like after the n-th input.
				d := &drive1{run: run}
				row := d.row(state, cut.clock.Now().Add(-time.Second))
				session := *s
				session.Status, session.Rev = kyc.SessionRunning, 7
				if state.Gate != nil {
					session.Status = kyc.SessionPaused
					row.DueAt = time.Time{}
				}
				cut.store.mu.Lock()
				cut.store.objects[row.ID], cut.store.revs[row.ID] = row, row.Rev
				cut.store.objects[s.ID], cut.store.revs[s.ID] = session, session.Rev
				cut.store.inputs[row.ID] = append([]kyc.Input(nil), record[:n]...)
				cut.store.mu.Unlock()
				if _, err := cut.engine.Rescue(t.Context()); err != nil {
					t.Fatal(err)
				}
				got := drive(cut, row.ID, s.ID)
				if got.Outcome != whole.Outcome || got.ReasonCode != whole.ReasonCode {
					t.Errorf("cut after %d: %s %s, want %s %s", n, got.Outcome, got.ReasonCode, whole.Outcome, whole.ReasonCode)
				}
				again := cut.proven(row.ID)
				if len(again.Path) != len(want.Path) {
					t.Errorf("cut after %d: path %v, want %v", n, again.Path, want.Path)
				}
				if cut.webhooks(s.ID, "end") != 1 {
					t.Errorf("cut after %d: %d ends", n, cut.webhooks(s.ID, "end"))
				}
			}
		})
	}
}

// drive1 rebuilds the run row as it was.
type drive1 struct{ run kyc.Run }

func (d *drive1) row(s State, due time.Time) kyc.Run {
	r := d.run
	r.Rev, r.Step, r.StateHash, r.Status, r.DueAt, r.LeaseOwner = 5, s.Seq, s.Hash, s.Status, due, "dead"
	if s.Gate != nil {
		r.Gate, r.GateNode, r.GateUntil = s.Gate.Name, s.Gate.Node, s.Gate.Until
	}
	return r
}

// TestManyDriversOneHistory lets four nodes with tiny leases steal each
// other's runs all the time.
func TestManyDriversOneHistory(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	// The very first check is not answered before somebody else asks it again: that
	// does happen, because nobody extends a lease.
	var first atomic.Value
	stolen := make(chan struct{})
	again := sync.OnceFunc(func() { close(stolen) })
	slow := func(ctx context.Context, r kyc.CheckRequest) kyc.Answer {
		calls.Add(1)
		switch {
		case first.CompareAndSwap(nil, r.CallKey):
			select {
			case <-stolen:
			case <-ctx.Done():
			}
			return verdictOf(kyc.Pass)
		case first.Load() == r.CallKey:
			again()
		}
		select {
		case <-time.After(15 * time.Millisecond):
		case <-ctx.Done():
		}
		return verdictOf(kyc.Pass)
	}
	quick := func(d *Deps) {
		d.Store = lazy{d.Store.(*memory)}
		d.Lease, d.SweepEvery = 10*time.Millisecond, 5*time.Millisecond
	}
	b := setup(t, kyc.Live, quick)
	b.checks.say(slow)
	for range 3 {
		n := b.node(quick)
		n.Start(t.Context())
		t.Cleanup(func() { stopNow(n) })
	}
	var wg sync.WaitGroup
	for range 40 {
		wg.Go(func() {
			run, s := b.begin(graphOf(t, sixNodes))
			if got := b.finished(run.ID); got.Outcome != kyc.Approved {
				t.Errorf("%+v", got)
			}
			if n := b.webhooks(s.ID, "end"); n != 1 {
				t.Errorf("%d ends", n)
			}
			b.proven(run.ID)
			v, err := b.engine.RunView(t.Context(), b.tenant, run.ID)
			if err != nil {
				t.Error(err)
			}
			final := map[string]int{}
			for _, a := range v.Attempts {
				if a.Status == Passed {
					final[a.Node]++
				}
			}
			if final["a"] != 1 || final["b"] != 1 || final["c"] != 1 {
				t.Errorf("results %v", final)
			}
		})
	}
	wg.Wait()
	if calls.Load() <= 120 {
		t.Errorf("nothing was stolen (%d calls); the test proves nothing", calls.Load())
	}
}

// lazy is a store that never extends a lease.
type lazy struct{ *memory }

func (lazy) ExtendLeases(context.Context, []kyc.Lease) error { return nil }
