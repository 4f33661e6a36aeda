package session

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"bonafide/flow"
	"bonafide/kyc"
)

func bound(s kyc.Share) *kyc.Share { return &s }

// trial begins a rollout of version 2 with bounds.
func (h *history) trial(g *kyc.Guardrails) kyc.Workflow {
	h.t.Helper()
	share := 50
	st, _, err := h.workflows.Publish(h.t.Context(), h.live, h.key, h.id, 0, Publication{Number: 2, Percentage: &share, Guards: g})
	if err != nil {
		h.t.Fatal(err)
	}
	return st.Workflow
}

// ends stores the end of a run of a version, and does the jobs it left.
func (h *history) ends(session kyc.ID, version int, arm string, outcome kyc.Outcome, errored bool) {
	h.t.Helper()
	now := h.clock()
	run := kyc.Run{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: h.live}, SessionID: session, WorkflowID: h.id, Version: version, Arm: arm, Status: kyc.RunCompleted, Outcome: outcome, StartedAt: now}
	if outcome == "" {
		run.Status = kyc.RunFailed
	}
	c, err := h.workflows.Tried(h.t.Context(), &run, now, errored)
	if err != nil {
		h.t.Fatal(err)
	}
	if c.Empty() {
		return
	}
	if err := h.store.Commit(h.t.Context(), &c); err != nil {
		h.t.Fatal(err)
	}
	for _, j := range c.Jobs {
		if err := h.workflows.Jobs()[j.Kind](h.t.Context(), j); err != nil {
			h.t.Fatal(err)
		}
	}
}

func (h *history) clock() time.Time {
	*h.now = h.now.Add(time.Millisecond)
	return *h.now
}

func (h *history) workflow() kyc.Workflow {
	h.t.Helper()
	w, err := h.store.Workflow(h.t.Context(), h.live, h.id)
	if err != nil {
		h.t.Fatal(err)
	}
	return w
}

func (h *history) session(n int) kyc.ID { return kyc.ID(fmt.Sprintf("session-%d", n)) }

func TestARolloutThatLeavesItsBoundsIsSetBack(t *testing.T) {
	t.Parallel()
	h := newHistory(t, 2)
	h.trial(&kyc.Guardrails{MaxRejections: bound(4000), MinSessions: 4})
	for i, outcome := range []kyc.Outcome{kyc.Rejected, kyc.Rejected, kyc.Approved} {
		h.ends(h.session(i), 2, flow.ArmNew, outcome, false)
	}
	h.ends(h.session(0), 2, flow.ArmNew, kyc.Rejected, false)       // a session counts once
	h.ends(h.session(10), 1, flow.ArmPrevious, kyc.Rejected, false) // so does another version, elsewhere
	h.ends(h.session(11), 2, "reprocess", kyc.Rejected, false)      // not a trial
	if w := h.workflow(); w.Rollout == nil || w.SetBack != nil {
		t.Fatalf("three sessions set it back: %+v", w)
	}
	before := h.workflow()
	h.ends(h.session(3), 2, flow.ArmNew, kyc.Approved, false)
	w := h.workflow()
	if w.Rollout != nil || w.Published != 1 || w.Latest != before.Latest || w.Rev != before.Rev+1 {
		t.Fatalf("%+v", w)
	}
	want := kyc.Breach{Bound: "max_rejection_rate", Limit: 4000, Fresh: kyc.TrialTally{Sessions: 4, Rejections: 2}, Rest: kyc.TrialTally{Sessions: 1, Rejections: 1}}
	if s := w.SetBack; s == nil || s.Breach != want || s.Version != 2 || s.Restored != 1 || s.Percentage != 50 || s.At.IsZero() || s.Guards.MinSessions != 4 {
		t.Fatalf("%+v", w.SetBack)
	}
	last := h.store.Log[len(h.store.Log)-1]
	var said struct {
		Version   int `json:"version"`
		From      int `json:"from_version"`
		Guardrail struct {
			Bound string         `json:"bound"`
			Limit float64        `json:"limit"`
			New   kyc.TrialTally `json:"new"`
		} `json:"guardrail"`
	}
	if err := json.Unmarshal(last.Payload, &said); err != nil {
		t.Fatal(err)
	}
	if last.Action != "workflow.rollback" || last.Webhook != "workflow.rolled_back" || last.Actor != kyc.SystemActor("guardrail") || last.Reason != "max_rejection_rate" ||
		said.Version != 1 || said.From != 2 || said.Guardrail.Bound != want.Bound || said.Guardrail.Limit != 0.4 || said.Guardrail.New != want.Fresh {
		t.Errorf("%+v %s", last, last.Payload)
	}
	// What is decided again from the same record is decided alike.
	if b := flow.Breached(w.SetBack.Guards, w.SetBack.Breach.Fresh, w.SetBack.Breach.Rest); b == nil || *b != want {
		t.Errorf("decided again: %+v", b)
	}
	// A late end and a late job change nothing.
	h.ends(h.session(4), 2, flow.ArmNew, kyc.Rejected, false)
	if err := h.workflows.Guard(t.Context(), h.live, h.id); err != nil || h.workflow().Rev != w.Rev {
		t.Errorf("%v, revision %d", err, h.workflow().Rev)
	}
	// The next rollout begins anew, with counts of its own.
	if w := h.trial(&kyc.Guardrails{MaxRejections: bound(4000), MinSessions: 4}); w.SetBack != nil {
		t.Error("the notice outlives the next rollout")
	}
	w = h.workflow()
	if p, ok, err := h.workflows.Progress(t.Context(), &w); err != nil || !ok || p.Fresh.Sessions != 0 {
		t.Errorf("%+v %v %v", p, ok, err)
	}
}

func TestErrorsAreCountedWhateverTheGraphMadeOfThem(t *testing.T) {
	t.Parallel()
	h := newHistory(t, 2)
	h.trial(&kyc.Guardrails{MaxErrors: bound(0), MinSessions: 2})
	h.ends(h.session(1), 2, flow.ArmNew, kyc.Approved, false)
	h.ends(h.session(2), 2, flow.ArmNew, kyc.NeedsReview, true)
	if w := h.workflow(); w.SetBack == nil || w.SetBack.Breach.Fresh != (kyc.TrialTally{Sessions: 2, Errors: 1}) {
		t.Errorf("%+v", w.SetBack)
	}
	h.trial(&kyc.Guardrails{MaxErrors: bound(0), MinSessions: 1})
	h.ends(h.session(3), 2, flow.ArmNew, "", false)
	if w := h.workflow(); w.SetBack == nil || w.SetBack.Breach.Fresh.Errors != 1 {
		t.Errorf("a run that failed: %+v", w.SetBack)
	}
}

func TestAWindowForgetsWhatIsLongAgo(t *testing.T) {
	t.Parallel()
	h := newHistory(t, 2)
	h.trial(&kyc.Guardrails{MaxReviews: bound(5000), MinSessions: 2, WindowHours: 1})
	h.ends(h.session(1), 2, flow.ArmNew, kyc.NeedsReview, false)
	*h.now = h.now.Add(2 * time.Hour)
	h.ends(h.session(2), 2, flow.ArmNew, kyc.NeedsReview, false)
	w := h.workflow()
	if p, _, err := h.workflows.Progress(t.Context(), &w); err != nil || w.SetBack != nil || p.Fresh.Sessions != 1 {
		t.Fatalf("%+v %+v %v", p, w.SetBack, err)
	}
	h.ends(h.session(3), 2, flow.ArmNew, kyc.NeedsReview, false)
	if w := h.workflow(); w.SetBack == nil {
		t.Error("two of two in the window are not too many")
	}
}

// Bounds can be set while a rollout runs: what has ended already counts, and
// the job that looks is left with them.
func TestBoundsOfARunningRollout(t *testing.T) {
	t.Parallel()
	h := newHistory(t, 2)
	h.trial(nil)
	for i := range 3 {
		h.ends(h.session(i), 2, flow.ArmNew, kyc.Rejected, false)
	}
	if w := h.workflow(); w.SetBack != nil {
		t.Fatal("no bounds, and it was set back")
	}
	ctx := t.Context()
	set := func(r Rolling) (State, error) { return h.workflows.SetRollout(ctx, h.live, h.key, h.id, 0, r) }
	_, err := set(Rolling{Guarded: true, Guards: &kyc.Guardrails{}})
	wantCode(t, err, kyc.Invalid, "invalid_guardrails")
	_, err = set(Rolling{Percentage: shareOf(100).Percentage, Guarded: true, Guards: &kyc.Guardrails{MaxErrors: bound(1), MinSessions: 1}})
	wantCode(t, err, kyc.Invalid, "invalid_guardrails")
	st, err := set(Rolling{Guarded: true, Guards: &kyc.Guardrails{MaxRejections: bound(1), MinSessions: 4}})
	if err != nil || st.Workflow.Rollout.Percentage != 50 || st.Workflow.Rollout.Guards == nil {
		t.Fatalf("%+v %v", st.Workflow.Rollout, err)
	}
	if st, err = set(shareOf(60)); err != nil || st.Workflow.Rollout.Guards == nil {
		t.Fatalf("a new share takes the bounds away: %+v %v", st.Workflow.Rollout, err)
	}
	if st, err = set(Rolling{Guarded: true}); err != nil || st.Workflow.Rollout.Guards != nil {
		t.Fatalf("%+v %v", st.Workflow.Rollout, err)
	}
	jobs := len(h.store.Jobs)
	if _, err = set(Rolling{Guarded: true, Guards: &kyc.Guardrails{MaxRejections: bound(1), MinSessions: 3}}); err != nil || len(h.store.Jobs) != jobs+1 {
		t.Fatalf("%v, %d jobs", err, len(h.store.Jobs)-jobs)
	}
	// Somebody else's change in between makes it look again, not give up.
	h.store.Between = func() {
		if _, err := h.workflows.Edit(ctx, h.live, h.key, h.id, 0, Change{ChangeNote: "meanwhile"}); err != nil {
			t.Error(err)
		}
	}
	if err := h.workflows.Guard(ctx, h.live, h.id); err != nil {
		t.Fatal(err)
	}
	if w := h.workflow(); w.SetBack == nil || w.Latest != 3 || w.Published != 1 {
		t.Errorf("%+v", w)
	}
	for _, next := range []Rolling{shareOf(60), shareOf(100), {Guarded: true, Guards: &kyc.Guardrails{MaxErrors: bound(1), MinSessions: 1}}} {
		_, err = set(next) // whoever raises the share step by step does not begin another rollout
		wantCode(t, err, kyc.Conflict, "rollout_set_back")
	}
	if w := h.workflow(); w.Rollout != nil || w.Published != 1 || w.SetBack == nil {
		t.Errorf("%+v", w)
	}
}

// What was asked for before the bounds acted lapses with the version on trial; the
// wish to publish another version stays.
func TestAWishAboutAVersionThatWasSetBackLapses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ask   func(*history, kyc.Actor) error
		stays bool
	}{
		"share": {func(h *history, by kyc.Actor) error {
			_, err := h.workflows.SetRollout(h.t.Context(), h.live, by, h.id, 0, shareOf(80))
			return err
		}, false},
		"the same for all": {func(h *history, by kyc.Actor) error {
			_, _, err := h.workflows.Publish(h.t.Context(), h.live, by, h.id, 0, Publication{Number: 2, Percentage: shareOf(100).Percentage})
			return err
		}, false},
		"going back": {func(h *history, by kyc.Actor) error {
			_, err := h.workflows.Rollback(h.t.Context(), h.live, by, h.id, 0, Return{})
			return err
		}, false},
		"another version": {func(h *history, by kyc.Actor) error {
			_, _, err := h.workflows.Publish(h.t.Context(), h.live, by, h.id, 0, Publication{Number: 3, Percentage: shareOf(100).Percentage})
			return err
		}, true},
	} {
		h, anna, ben := watched(t, 3)
		h.twoAgree(2, 25, anna, ben)
		if _, err := h.workflows.SetRollout(t.Context(), h.live, anna, h.id, 0, Rolling{Guarded: true, Guards: &kyc.Guardrails{MaxRejections: bound(0), MinSessions: 1}}); err != nil {
			t.Fatal(name, err)
		}
		if err := c.ask(h, anna); err != nil || h.workflow().PendingPublish == nil {
			t.Fatalf("%s: %v, nothing waits", name, err)
		}
		h.ends(h.session(1), 2, flow.ArmNew, kyc.Rejected, false)
		w := h.workflow()
		if w.SetBack == nil || w.Published != 1 || (w.PendingPublish != nil) != c.stays {
			t.Errorf("%s: %+v", name, w)
		}
		_, err := h.workflows.Approve(t.Context(), h.live, ben, h.id, 0, "")
		if c.stays != (err == nil) || !c.stays && !kyc.IsCode(err, "nothing_pending") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A run whose workflow is gone ends, and counts for nothing.
func TestAnEndWithoutAWorkflowIsNoError(t *testing.T) {
	t.Parallel()
	h := newHistory(t, 2)
	run := kyc.Run{Meta: kyc.Meta{ID: kyc.NewID(*h.now), Tenant: h.live}, SessionID: "s", WorkflowID: kyc.NewID(*h.now), Version: 2, Arm: flow.ArmNew, Status: kyc.RunCompleted, StartedAt: *h.now}
	if c, err := h.workflows.Tried(t.Context(), &run, *h.now, false); err != nil || !c.Empty() {
		t.Errorf("%+v %v", c, err)
	}
}

func TestBoundsWaitWithAPublicationForTheSecondPerson(t *testing.T) {
	t.Parallel()
	h := newHistory(t, 2)
	ctx := t.Context()
	org, err := h.store.Org(ctx, h.live.Org)
	if err != nil {
		t.Fatal(err)
	}
	settings := kyc.DefaultSettings()
	settings.PublishFourEyes = true
	org.Settings = map[kyc.Env]kyc.Settings{kyc.Live: settings}
	org.Touch(h.clock())
	if err := h.store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&org}}); err != nil {
		t.Fatal(err)
	}
	share := 10
	st, pending, err := h.workflows.Publish(ctx, h.live, h.key, h.id, 0, Publication{Percentage: &share, Person: h.anna.Email, Guards: &kyc.Guardrails{MaxErrors: bound(300), MinSessions: 7}})
	if err != nil || !pending || st.Workflow.PendingPublish.Guards == nil {
		t.Fatalf("%+v %v", st.Workflow.PendingPublish, err)
	}
	st, err = h.workflows.Approve(ctx, h.live, h.key, h.id, 0, h.ben.Email)
	if err != nil || st.Workflow.Rollout == nil || st.Workflow.Rollout.Guards == nil || *st.Workflow.Rollout.Guards.MaxErrors != 300 || st.Workflow.Rollout.Guards.MinSessions != 7 {
		t.Fatalf("%+v %v", st.Workflow.Rollout, err)
	}
}
