package engine

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"bonafide/kyc"
)

func TestGateIsDecidedOnce(t *testing.T) {
	t.Parallel()
	b := setup(t, kyc.Live)
	ctx := t.Context()
	run, s := b.begin(graphOf(t, gateGraph))
	waiting := b.pausedAt(run.ID)
	if waiting.Gate != "bank" || waiting.GateNode != "gate" || !waiting.DueAt.Equal(waiting.GateUntil) || waiting.LeaseOwner != "" {
		t.Errorf("%+v", waiting)
	}
	if n := b.webhooks(s.ID, "session.awaiting_external"); n != 1 {
		t.Errorf("%d webhooks", n)
	}
	jobs := b.store.takeJobs()
	if len(jobs) != 1 || !jobs[0].At.Equal(waiting.GateUntil) {
		t.Errorf("jobs %+v", jobs)
	}
	yes := GateDecision{Gate: "bank", Decision: Continue, Metadata: map[string]any{"limit": 5, "a": "b"}, Actor: kyc.Actor{Kind: kyc.ActorKey, ID: "k"}}
	for want, g := range map[string]GateDecision{
		"gate_mismatch":    {Gate: "other", Decision: Continue},
		"invalid_decision": {Gate: "bank", Decision: "approve"},
	} {
		if _, err := b.engine.Resume(ctx, b.tenant, s.ID, g); !kyc.IsCode(err, want) {
			t.Errorf("%+v: %v", g, err)
		}
	}
	var wg sync.WaitGroup
	answers := make([]Resumed, 8)
	errs := make([]error, 8)
	for i := range answers {
		wg.Go(func() { answers[i], errs[i] = b.engine.Resume(ctx, b.tenant, s.ID, yes) })
	}
	wg.Wait()
	first := 0
	for i := range answers {
		if errs[i] != nil {
			t.Errorf("callback %d: %v", i, errs[i])
		} else if !answers[i].Repeat {
			first++
		}
	}
	if first != 1 {
		t.Errorf("%d decisions counted as the first", first)
	}
	if got := b.finished(run.ID); got.Outcome != kyc.Approved {
		t.Errorf("%+v", got)
	}
	again, err := b.engine.Resume(ctx, b.tenant, s.ID, yes)
	if err != nil || !again.Repeat {
		t.Errorf("the repeat: %+v %v", again, err)
	}
	yes.Gate = ""
	if again, err = b.engine.Resume(ctx, b.tenant, s.ID, yes); err != nil || !again.Repeat {
		t.Errorf("the repeat without a name: %+v %v", again, err)
	}
	yes.Decision = Reject
	if _, err := b.engine.Resume(ctx, b.tenant, s.ID, yes); !kyc.IsCode(err, "gate_already_decided") || kyc.KindOf(err) != kyc.Conflict {
		t.Errorf("another decision: %v", err)
	}
	decided, refused := 0, 0
	for _, e := range b.store.events {
		switch e.Action {
		case "session.external_decision":
			decided++
			if e.Actor.ID != "k" {
				t.Errorf("actor %+v", e.Actor)
			}
		case "session.external_decision_refused":
			refused++
		}
	}
	if decided != 1 || refused != 1 {
		t.Errorf("%d decisions and %d refusals in the audit", decided, refused)
	}
	b.proven(run.ID)
}

func TestGateTimesOut(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"job", "sweep", "decision", "clock"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			env := kyc.Live
			if way == "clock" {
				env = kyc.Sandbox
			}
			b := setup(t, env)
			ctx := t.Context()
			run, s := b.begin(graphOf(t, gateGraph))
			waiting := b.pausedAt(run.ID)
			if err := b.engine.TimeOut(ctx, b.tenant, run.ID); err != nil {
				t.Fatal(err)
			}
			if n, err := b.engine.Rescue(ctx); n != 0 || err != nil {
				t.Errorf("rescued too early: %d %v", n, err)
			}
			switch way {
			case "clock":
				b.store.mu.Lock()
				b.store.orgs[b.tenant.Org] = kyc.Org{SandboxOffset: 2 * time.Hour}
				b.store.mu.Unlock()
				if n, err := b.engine.ClockMoved(ctx, b.tenant); n != 1 || err != nil {
					t.Errorf("%d %v", n, err)
				}
			case "job":
				b.clock.advance(time.Hour + time.Second)
				if err := b.engine.Wake(ctx, b.tenant, run.ID); err != nil {
					t.Fatal(err)
				}
			case "sweep":
				b.clock.advance(time.Hour + time.Second)
				if n, err := b.engine.Rescue(ctx); n != 1 || err != nil {
					t.Errorf("%d %v", n, err)
				}
			case "decision":
				b.clock.advance(time.Hour + time.Second)
				if _, err := b.engine.Resume(ctx, b.tenant, s.ID, GateDecision{Decision: Continue}); !kyc.IsCode(err, "gate_timed_out") {
					t.Errorf("a late decision: %v", err)
				}
			}
			got := b.finished(run.ID)
			if got.ReasonCode != "late" || got.Outcome != kyc.NeedsReview {
				t.Errorf("%+v (was %+v)", got, waiting)
			}
			if _, err := b.engine.Resume(ctx, b.tenant, s.ID, GateDecision{Decision: Continue}); !kyc.IsCode(err, "gate_timed_out") {
				t.Errorf("after the timeout: %v", err)
			}
			b.proven(run.ID)
		})
	}
}

func TestGateNeedsAWaitingSession(t *testing.T) {
	t.Parallel()
	b := setup(t, kyc.Live)
	s := b.session()
	if _, err := b.engine.Resume(t.Context(), b.tenant, s.ID, GateDecision{Decision: Continue}); !kyc.IsCode(err, "not_awaiting_external") {
		t.Errorf("a session without a run: %v", err)
	}
	run, s := b.begin(graphOf(t, sixNodes))
	b.finished(run.ID)
	if _, err := b.engine.Resume(t.Context(), b.tenant, s.ID, GateDecision{Decision: Continue}); !kyc.IsCode(err, "not_awaiting_external") {
		t.Errorf("a run without a gate: %v", err)
	}
	other := kyc.Tenant{Org: b.tenant.Org, Env: kyc.Sandbox}
	if _, err := b.engine.Resume(t.Context(), other, s.ID, GateDecision{Decision: Continue}); kyc.KindOf(err) != kyc.NotFound {
		t.Errorf("another environment: %v", err)
	}
}

// TestGateRace lets different decisions, time-outs and cancellations run at
// each other: one wins, and everybody is told the same story.
func TestGateRace(t *testing.T) {
	t.Parallel()
	for round := range 30 {
		b := setup(t, kyc.Live)
		run, s := b.begin(graphOf(t, gateGraph))
		b.pausedAt(run.ID)
		if round%3 == 0 {
			b.clock.advance(2 * time.Hour)
		}
		var wg sync.WaitGroup
		won := make(chan string, 8)
		for _, d := range []string{Continue, Fail, Reject} {
			wg.Go(func() {
				r, err := b.engine.Resume(t.Context(), b.tenant, s.ID, GateDecision{Decision: d})
				if err == nil && !r.Repeat {
					won <- d
				} else if err != nil && kyc.KindOf(err) != kyc.Conflict {
					t.Errorf("%s: %v", d, err)
				}
			})
		}
		wg.Go(func() {
			if err := b.engine.TimeOut(t.Context(), b.tenant, run.ID); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() {
			err := b.engine.Cancel(t.Context(), b.tenant, run.ID, "", kyc.SystemActor("test"))
			if err == nil {
				won <- "cancel"
			} else if !kyc.IsCode(err, "run_ended") {
				t.Error(err)
			}
		})
		wg.Wait()
		close(won)
		got := b.finished(run.ID)
		var winners []string
		for w := range won {
			winners = append(winners, w)
		}
		if len(winners) > 2 { // a cancellation may follow a decision
			t.Errorf("winners %v", winners)
		}
		if n := b.webhooks(s.ID, "end"); n != 1 {
			t.Errorf("round %d: ended %d times: %v %+v", round, n, winners, got)
		}
		want := map[string]string{Continue: "approved", Fail: "needs_review", Reject: "rejected", "cancel": ""}
		if len(winners) == 1 && fmt.Sprint(got.Outcome) != want[winners[0]] {
			t.Errorf("round %d: %v won and the outcome is %q", round, winners, got.Outcome)
		}
		b.proven(run.ID)
	}
}
