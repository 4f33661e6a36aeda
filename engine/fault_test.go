package engine

import (
	"context"
	"errors"
	"testing"
	"time"

	"bonafide/kyc"
)

func TestSessionChangedMeanwhile(t *testing.T) {
	t.Parallel()
	b := setup(t, kyc.Live)
	touch := func(id kyc.ID, change func(*kyc.Session)) {
		s, err := b.store.Session(t.Context(), b.tenant, id)
		if err != nil {
			t.Error(err)
			return
		}
		change(&s)
		s.Touch(b.clock.Now())
		if err := b.store.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{&s}}); err != nil {
			t.Error(err)
		}
	}
	b.checks.say(func(_ context.Context, r kyc.CheckRequest) kyc.Answer {
		if r.Policy == "third" {
			touch(r.SessionID, func(s *kyc.Session) { s.Tags = []string{"late"} })
		}
		return verdictOf(kyc.Pass)
	})
	run, s := b.begin(graphOf(t, sixNodes))
	b.finished(run.ID)
	end, _ := b.store.Session(t.Context(), b.tenant, s.ID)
	if end.Status != kyc.SessionApproved || len(end.Tags) != 1 {
		t.Errorf("%+v", end)
	}

	// Somebody decides the session while the run is under way.
	b.checks.say(func(_ context.Context, r kyc.CheckRequest) kyc.Answer {
		if r.Policy == "third" {
			touch(r.SessionID, func(s *kyc.Session) { _ = s.Move(kyc.SessionRejected, b.clock.Now()) })
		}
		return verdictOf(kyc.Pass)
	})
	run, s = b.begin(graphOf(t, sixNodes))
	got := b.finished(run.ID)
	end, _ = b.store.Session(t.Context(), b.tenant, s.ID)
	if got.Status != kyc.RunCancelled || got.ReasonCode != "session_moved" || end.Status != kyc.SessionRejected {
		t.Errorf("%+v %+v", got, end)
	}
	b.proven(run.ID)
}

func TestStoreFaults(t *testing.T) {
	t.Parallel()
	b := setup(t, kyc.Live)
	faults := 0
	b.store.mu.Lock()
	b.store.refuse = func(c *kyc.Change) error {
		if len(c.Inputs) > 0 && c.Inputs[0].Seq == 2 && faults < 2 {
			faults++
			return errors.New("disk trouble")
		}
		return nil
	}
	b.store.mu.Unlock()
	run, _ := b.begin(graphOf(t, sixNodes))
	if got := b.finished(run.ID); got.Outcome != kyc.Approved || faults != 2 || b.checks.count() != 3 {
		t.Errorf("%+v after %d faults and %d calls", got, faults, b.checks.count())
	}
}

func TestHookThatRefusesFailsTheRun(t *testing.T) {
	t.Parallel()
	b := setup(t, kyc.Live, func(d *Deps) {
		d.Hooks.Finished = func(_ context.Context, _ kyc.Run, s *kyc.Session, f Finished) (kyc.Change, error) {
			return kyc.Change{}, kyc.Errorf(kyc.Invalid, "no_case", "the case cannot be made")
		}
	})
	run, s := b.begin(graphOf(t, sixNodes))
	got := b.finished(run.ID)
	end, _ := b.store.Session(t.Context(), b.tenant, s.ID)
	if got.Status != kyc.RunFailed || got.Outcome != "" || got.ReasonCode != "no_case" || end.Status != kyc.SessionFailed {
		t.Errorf("%+v %+v", got, end)
	}
}

func TestBrokenRecordIsNeverDecided(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func([]kyc.Input) []kyc.Input{
		"a missing input": func(in []kyc.Input) []kyc.Input { return in[:len(in)-1] },
		"another verdict": func(in []kyc.Input) []kyc.Input {
			in[1].Data = []byte(`{"input":{"answer":{"status":"ok","verdict":"fail"}}}`)
			return in
		},
		"a broken payload": func(in []kyc.Input) []kyc.Input { in[1].Data = in[1].Data[:20]; return in },
		"another hash":     func(in []kyc.Input) []kyc.Input { in[0].StateHash = "00"; return in },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, kyc.Live)
			run, s := b.begin(graphOf(t, gateGraph))
			b.pausedAt(run.ID)
			b.store.mu.Lock()
			b.store.inputs[run.ID] = damage(b.store.inputs[run.ID])
			b.store.mu.Unlock()
			if _, err := b.engine.Resume(t.Context(), b.tenant, s.ID, GateDecision{Decision: Continue}); !kyc.IsCode(err, "bad_record") {
				t.Errorf("a decision over a broken record: %v", err)
			}
			b.clock.advance(2 * time.Hour)
			if _, err := b.engine.Rescue(t.Context()); err != nil {
				t.Fatal(err)
			}
			got := b.finished(run.ID)
			end, _ := b.store.Session(t.Context(), b.tenant, s.ID)
			if got.Status != kyc.RunFailed || got.Outcome != "" || end.Status != kyc.SessionFailed {
				t.Errorf("%+v %+v", got, end)
			}
			if r, err := b.engine.Replay(t.Context(), b.tenant, run.ID); err != nil || r.Difference == nil {
				t.Errorf("the replay of a broken record is silent: %+v %v", r, err)
			}
		})
	}
}
