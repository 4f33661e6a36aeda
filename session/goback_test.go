package session

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"bonafide/kyc"
)

// history makes a workflow with versions that differ; the first is in force.
type history struct {
	*bench
	t  *testing.T
	id kyc.ID
}

// shareOf asks for a share.
func shareOf(percentage int) Rolling { return Rolling{Percentage: &percentage} }

func newHistory(t *testing.T, versions int) *history {
	t.Helper()
	b := newBench(t)
	h := &history{bench: b, t: t, id: b.published(t, b.live, "KYC").ID}
	for i := 2; i <= versions; i++ {
		changed := strings.Replace(smallGraph, `"on_fail":"review"},`, fmt.Sprintf(`"on_fail":"review","timeout_seconds":%d},`, i), 1)
		if _, err := b.workflows.Edit(t.Context(), b.live, b.key, h.id, 0, Change{Graph: json.RawMessage(changed)}); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

func (h *history) publish(number, share int) {
	h.t.Helper()
	if _, _, err := h.workflows.Publish(h.t.Context(), h.live, h.key, h.id, 0, Publication{Number: number, Percentage: &share}); err != nil {
		h.t.Fatal(err)
	}
}

// back goes back and expects all sessions to take a copy of a version.
func (h *history) back(r Return, number, copyOf int) kyc.Workflow {
	h.t.Helper()
	st, err := h.workflows.Rollback(h.t.Context(), h.live, h.key, h.id, 0, r)
	if err != nil {
		h.t.Fatal(err)
	}
	w := st.Workflow
	if w.Rollout != nil || w.Published != number || st.Version.Number != number || st.Version.Restores != copyOf || st.Version.ChangeNote != fmt.Sprintf("Same as version %d", copyOf) {
		h.t.Fatalf("%+v, version %d is a copy of %d: %q", w, st.Version.Number, st.Version.Restores, st.Version.ChangeNote)
	}
	old, err := h.store.Version(h.t.Context(), h.live, h.id, copyOf)
	if err != nil || old.Hash != st.Version.Hash {
		h.t.Fatalf("version %d says something else than version %d: %v", number, copyOf, err)
	}
	return w
}

func (h *history) refused(r Return, code string) {
	h.t.Helper()
	before, err := h.store.Workflow(h.t.Context(), h.live, h.id)
	if err != nil {
		h.t.Fatal(err)
	}
	_, err = h.workflows.Rollback(h.t.Context(), h.live, h.key, h.id, 0, r)
	wantCode(h.t, err, kyc.Conflict, code)
	after, err := h.store.Workflow(h.t.Context(), h.live, h.id)
	if err != nil || after.Rev != before.Rev || after.Published != before.Published {
		h.t.Fatalf("a refusal changed the workflow: %+v %v", after, err)
	}
}

// Going back during a rollout ends it; the version on trial does not come back
// by going back once more.
func TestGoingBackDuringARolloutNeverPutsTheTrialIntoForce(t *testing.T) {
	t.Parallel()
	h := newHistory(t, 7)
	h.publish(7, 25)
	w, _ := h.store.Workflow(t.Context(), h.live, h.id)
	if target, ok := Back(&w); !ok || target.Version != 1 || !target.Until.IsZero() {
		t.Fatalf("%+v %v", target, ok)
	}
	h.refused(Return{Number: 7}, "being_rolled_out")
	h.refused(Return{From: 1}, "in_force_changed") // somebody saw the workflow before the rollout began
	w = h.back(Return{From: 7}, 8, 1)
	if _, ok := Back(&w); ok {
		t.Errorf("there is something to go back to: %+v", w.Past)
	}
	h.refused(Return{}, "no_previous_version")
	h.refused(Return{From: 7}, "in_force_changed")
	h.refused(Return{Number: 1}, "already_in_force")
	// Nor does a share give it sessions again.
	_, err := h.workflows.SetRollout(t.Context(), h.live, h.key, h.id, 0, shareOf(50))
	wantCode(t, err, kyc.Conflict, "no_previous_version")
	// Who names it goes forward to it, and can come back.
	h.back(Return{Number: 7}, 9, 7)
	h.back(Return{}, 10, 1)
}

// Each step goes one further back and none leads to where one came from.
func TestGoingBackTwiceDoesNotAlternate(t *testing.T) {
	t.Parallel()
	h := newHistory(t, 3)
	h.publish(2, 100)
	h.publish(3, 25)
	if _, err := h.workflows.SetRollout(t.Context(), h.live, h.key, h.id, 0, shareOf(100)); err != nil {
		t.Fatal(err)
	}
	w, _ := h.store.Workflow(t.Context(), h.live, h.id)
	if target, _ := Back(&w); target.Version != 2 || target.Until.IsZero() {
		t.Fatalf("%+v", w.Past)
	}
	h.back(Return{}, 4, 2)
	h.back(Return{}, 5, 1)
	h.refused(Return{}, "no_previous_version")
	// A later version replaces the copy, and the copy is what one returns to.
	h.publish(3, 100)
	h.back(Return{}, 6, 1)
	h.refused(Return{}, "no_previous_version")
}

// A version that was tried and replaced by another was never in force for all.
func TestATrialThatWasReplacedIsNoWayBack(t *testing.T) {
	t.Parallel()
	h := newHistory(t, 3)
	h.publish(2, 10)
	h.publish(3, 100)
	h.back(Return{}, 4, 1)
	h.refused(Return{}, "no_previous_version")
}

// A version is skipped by naming an older one; what lies between is behind.
func TestGoingBackToANamedVersionLeavesWhatCameAfter(t *testing.T) {
	t.Parallel()
	h := newHistory(t, 4)
	for _, n := range []int{2, 3, 4} {
		h.publish(n, 100)
	}
	h.refused(Return{Number: 4}, "already_in_force")
	h.back(Return{Number: 2}, 5, 2)
	h.back(Return{}, 6, 1)
	h.refused(Return{}, "no_previous_version")
}

func TestNothingIsOfferedBeforeTheFirstPublication(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	st, err := b.workflows.Create(t.Context(), b.live, b.key, Draft{Name: "draft", Document: Document{Graph: json.RawMessage(smallGraph)}})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := Back(&st.Workflow); ok {
		t.Error("a draft has a version to go back to")
	}
	h := &history{bench: b, t: t, id: st.Workflow.ID}
	h.refused(Return{}, "no_previous_version")
	h.refused(Return{Number: 1}, "never_published")
	h.publish(1, 100)
	h.refused(Return{}, "no_previous_version")
}

// A workflow remembers a bounded number of versions to go back to.
func TestThePastIsBounded(t *testing.T) {
	t.Parallel()
	var w kyc.Workflow
	for i := range keptPast + 20 {
		giveWay(&w, i+1, *newBench(t).now)
	}
	if len(w.Past) != keptPast || w.Past[keptPast-1].Version != keptPast+20 {
		t.Errorf("%d are remembered, the last %+v", len(w.Past), w.Past[len(w.Past)-1])
	}
}
