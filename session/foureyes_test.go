package session

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"bonafide/kyc"
)

// watched is a history in an organisation that asks for four eyes.
func watched(t *testing.T, versions int) (h *history, anna, ben kyc.Actor) {
	t.Helper()
	h = newHistory(t, versions)
	h.fourEyes(true)
	return h, kyc.Actor{Kind: kyc.ActorUser, ID: string(h.anna.ID)}, kyc.Actor{Kind: kyc.ActorUser, ID: string(h.ben.ID)}
}

func (h *history) fourEyes(on bool) {
	h.t.Helper()
	org, err := h.store.Org(h.t.Context(), h.live.Org)
	if err != nil {
		h.t.Fatal(err)
	}
	settings := kyc.DefaultSettings()
	settings.PublishFourEyes = on
	org.Settings = map[kyc.Env]kyc.Settings{kyc.Live: settings}
	org.Touch(*h.now)
	if err := h.store.Commit(h.t.Context(), &kyc.Change{Put: []kyc.Object{&org}}); err != nil {
		h.t.Fatal(err)
	}
}

// twoAgree publishes a version with two people.
func (h *history) twoAgree(number, share int, asks, agrees kyc.Actor) {
	h.t.Helper()
	if _, pending, err := h.workflows.Publish(h.t.Context(), h.live, asks, h.id, 0, Publication{Number: number, Percentage: &share}); err != nil || !pending {
		h.t.Fatal(pending, err)
	}
	if _, err := h.workflows.Approve(h.t.Context(), h.live, agrees, h.id, 0, ""); err != nil {
		h.t.Fatal(err)
	}
}

// did are the actions of the chain about the workflow, oldest first.
func (h *history) did() []string {
	var out []string
	for _, e := range h.store.Log {
		if e.ObjectID == h.id {
			out = append(out, strings.TrimPrefix(e.Action, "workflow."))
		}
	}
	return out
}

// Going back changes nothing until a second person agrees, and then does what was
// asked for.
func TestGoingBackWaitsForASecondPerson(t *testing.T) {
	t.Parallel()
	h, anna, ben := watched(t, 2)
	h.twoAgree(2, 100, anna, ben)
	before := h.workflow()
	st, err := h.workflows.Rollback(t.Context(), h.live, anna, h.id, 0, Return{From: 2, Note: "too strict"})
	if err != nil || !st.Waiting || st.Version.Number != 2 {
		t.Fatalf("%+v %v", st, err)
	}
	now := h.workflow()
	if now.Published != 2 || now.Latest != before.Latest || now.PendingPublish == nil || now.PendingPublish.What() != kyc.WishRollback || now.PendingPublish.Version != 1 || now.PendingPublish.From != 2 {
		t.Fatalf("%+v", now)
	}
	_, err = h.workflows.Approve(t.Context(), h.live, anna, h.id, 0, "ben@acme.example")
	wantCode(t, err, kyc.Forbidden, "four_eyes")
	if h.workflow().Published != 2 {
		t.Fatal("one person went back")
	}
	st, err = h.workflows.Approve(t.Context(), h.live, ben, h.id, 0, "")
	if err != nil || st.Waiting || st.Workflow.Published != 3 || st.Version.Restores != 1 || st.Version.ChangeNote != "too strict" || st.Workflow.PendingPublish != nil {
		t.Errorf("%+v %v", st, err)
	}
	if did := h.did(); !slices.Equal(did[len(did)-2:], []string{"request_rollback", "rollback"}) {
		t.Errorf("the chain says %v", did)
	}
	if heard := h.heard(h.id); heard[len(heard)-1] != "workflow.rolled_back" || slices.Contains(heard[:len(heard)-1], "workflow.rolled_back") {
		t.Errorf("customers hear %v", heard)
	}
	// What could not be done alone is refused as it is without four eyes.
	_, err = h.workflows.Rollback(t.Context(), h.live, anna, h.id, 0, Return{From: 2})
	wantCode(t, err, kyc.Conflict, "in_force_changed")
	_, err = h.workflows.Rollback(t.Context(), h.live, anna, h.id, 0, Return{Number: 1})
	wantCode(t, err, kyc.Conflict, "already_in_force")
}

// One person may lower a share and pause; a larger one waits.
func TestALargerShareWaitsAndASmallerOneDoesNot(t *testing.T) {
	t.Parallel()
	h, anna, ben := watched(t, 2)
	h.twoAgree(2, 25, anna, ben)
	share := func(by kyc.Actor, percentage int) State {
		t.Helper()
		st, err := h.workflows.SetRollout(t.Context(), h.live, by, h.id, 0, shareOf(percentage))
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
	if st := share(anna, 10); st.Waiting || st.Workflow.Rollout.Percentage != 10 {
		t.Errorf("a smaller share: %+v", st.Workflow)
	}
	for _, more := range []int{11, 100} {
		if st := share(anna, more); !st.Waiting || st.Workflow.Rollout.Percentage != 10 || st.Workflow.PendingPublish.Percentage != more {
			t.Errorf("a share of %d: %+v", more, st.Workflow)
		}
	}
	// A PATCH is no way around.
	all := 100
	_, err := h.workflows.Edit(t.Context(), h.live, anna, h.id, 0, Change{Rollout: &all, MayPublish: true})
	wantCode(t, err, kyc.Conflict, "second_person_needed")
	_, err = h.workflows.Edit(t.Context(), h.live, anna, h.id, 0, Change{Rollout: new(int)})
	wantCode(t, err, kyc.Forbidden, "scope_missing")
	yes := true
	_, err = h.workflows.Edit(t.Context(), h.live, anna, h.id, 0, Change{IsDefault: &yes})
	wantCode(t, err, kyc.Forbidden, "scope_missing")
	// To pause overtakes the wish for more.
	if st := share(anna, 0); st.Waiting || st.Workflow.Rollout.Percentage != 0 || st.Workflow.PendingPublish != nil {
		t.Errorf("a pause: %+v", st.Workflow)
	}
	share(anna, 100)
	st, err := h.workflows.Approve(t.Context(), h.live, ben, h.id, 0, "")
	if err != nil || st.Workflow.Rollout != nil || st.Workflow.Published != 2 || st.Workflow.PendingPublish != nil {
		t.Fatalf("%+v %v", st.Workflow, err)
	}
	// Without a rollout a share brings the version before back.
	if st := share(ben, 50); !st.Waiting || st.Workflow.Rollout != nil {
		t.Errorf("a share of 50: %+v", st.Workflow)
	}
	_, err = h.workflows.SetRollout(t.Context(), h.live, ben, h.id, 0, shareOf(101))
	wantCode(t, err, kyc.Invalid, "invalid_rollout")
	if st, err := h.workflows.Approve(t.Context(), h.live, anna, h.id, 0, ""); err != nil || st.Workflow.Rollout == nil || st.Workflow.Rollout.Previous != 1 || st.Workflow.Rollout.Percentage != 50 {
		t.Errorf("%+v %v", st.Workflow, err)
	}
	if did := h.did(); !slices.Equal(did[len(did)-4:], []string{"request_rollout", "rollout", "request_rollout", "rollout"}) {
		t.Errorf("the chain says %v", did)
	}
}

// What was asked for may be declined, and withdrawn by who asked.
func TestAWishIsDeclinedOrWithdrawn(t *testing.T) {
	t.Parallel()
	h, anna, ben := watched(t, 2)
	_, err := h.workflows.Decline(t.Context(), h.live, ben, h.id, 0, "")
	wantCode(t, err, kyc.Conflict, "nothing_pending")
	for _, c := range []struct {
		by     kyc.Actor
		action string
	}{{ben, "decline_publish"}, {anna, "withdraw_publish"}} {
		if _, pending, err := h.workflows.Publish(t.Context(), h.live, anna, h.id, 0, Publication{}); err != nil || !pending {
			t.Fatal(pending, err)
		}
		_, err := h.workflows.Decline(t.Context(), h.live, c.by, h.id, 0, strings.Repeat("x", maxNoteBytes+1))
		wantCode(t, err, kyc.Invalid, "invalid_note")
		st, err := h.workflows.Decline(t.Context(), h.live, c.by, h.id, 0, "not yet")
		if err != nil || st.Workflow.PendingPublish != nil || st.Workflow.Published != 1 {
			t.Fatalf("%+v %v", st.Workflow, err)
		}
		last := h.store.Log[len(h.store.Log)-1]
		if last.Action != "workflow."+c.action || last.Reason != "not yet" || last.Before == last.After {
			t.Errorf("%+v", last)
		}
		_, err = h.workflows.Approve(t.Context(), h.live, ben, h.id, 0, "")
		wantCode(t, err, kyc.Conflict, "nothing_pending")
	}
}

// A key is no second person for who made it, nor for itself, nor speaks it for
// somebody who is locked out.
func TestWhoMadeAKeyIsNotTheSecondPerson(t *testing.T) {
	t.Parallel()
	h, anna, ben := watched(t, 2)
	key := kyc.NewID(*h.now)
	made := kyc.Event{ID: kyc.NewID(*h.now), Tenant: h.live, At: *h.now, Actor: anna, Action: "key.create", Object: "api_key", ObjectID: key}
	if err := h.store.Commit(t.Context(), &kyc.Change{Events: []kyc.Event{made}}); err != nil {
		t.Fatal(err)
	}
	hers := kyc.Actor{Kind: kyc.ActorKey, ID: string(key)}
	for _, pair := range [][2]kyc.Actor{{anna, hers}, {hers, anna}, {hers, hers}} {
		if _, pending, err := h.workflows.Publish(t.Context(), h.live, pair[0], h.id, 0, Publication{}); err != nil || !pending {
			t.Fatal(pending, err)
		}
		_, err := h.workflows.Approve(t.Context(), h.live, pair[1], h.id, 0, "")
		wantCode(t, err, kyc.Forbidden, "four_eyes")
	}
	gone := h.ben
	gone.DisabledAt = *h.now
	gone.Touch(*h.now)
	if err := h.store.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{&gone}}); err != nil {
		t.Fatal(err)
	}
	_, err := h.workflows.Approve(t.Context(), h.live, h.key, h.id, 0, "ben@acme.example")
	wantCode(t, err, kyc.Forbidden, "person_disabled")
	if w := h.workflow(); w.Published != 1 {
		t.Errorf("version %d is in force", w.Published)
	}
	if st, err := h.workflows.Approve(t.Context(), h.live, ben, h.id, 0, ""); err != nil || st.Workflow.Published != 2 {
		t.Errorf("%+v %v", st.Workflow, err)
	}
}

// What is in force changes in between, while nobody asks for four eyes: an older
// wish does nothing to it.
func TestAnOvertakenWishIsRefused(t *testing.T) {
	t.Parallel()
	for what, ask := range map[string]func(h *history, by kyc.Actor) error{
		"back": func(h *history, by kyc.Actor) error {
			_, err := h.workflows.Rollback(h.t.Context(), h.live, by, h.id, 0, Return{})
			return err
		},
		"share": func(h *history, by kyc.Actor) error {
			_, err := h.workflows.SetRollout(h.t.Context(), h.live, by, h.id, 0, shareOf(40))
			return err
		},
	} {
		h, anna, ben := watched(t, 4)
		h.twoAgree(2, 100, anna, ben)
		if err := ask(h, anna); err != nil {
			t.Fatal(what, err)
		}
		wish := *h.workflow().PendingPublish
		h.fourEyes(false)
		h.publish(3, 100)
		w := h.workflow()
		if w.PendingPublish != nil {
			t.Fatalf("%s: a publication leaves the wish", what)
		}
		w.PendingPublish = &wish // as if the two had met
		w.Touch(*h.now)
		if err := h.store.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{&w}}); err != nil {
			t.Fatal(err)
		}
		_, err := h.workflows.Approve(t.Context(), h.live, ben, h.id, 0, "")
		wantCode(t, err, kyc.Conflict, "in_force_changed")
		if w := h.workflow(); w.Published != 3 || w.Rollout != nil {
			t.Errorf("%s: %+v", what, w)
		}
	}
}

// The wish to become the default waits with the publication.
func TestTheDefaultWaitsWithThePublication(t *testing.T) {
	t.Parallel()
	h, anna, ben := watched(t, 1)
	st, err := h.workflows.Create(t.Context(), h.live, anna, Draft{Name: "second", Document: Document{Graph: json.RawMessage(smallGraph)}})
	if err != nil {
		t.Fatal(err)
	}
	id := st.Workflow.ID
	if st, pending, err := h.workflows.Publish(t.Context(), h.live, anna, id, 0, Publication{Default: true}); err != nil || !pending || st.Workflow.IsDefault || !st.Workflow.PendingPublish.Default {
		t.Fatal(st.Workflow, pending, err)
	}
	if st, err := h.workflows.Approve(t.Context(), h.live, ben, id, 0, ""); err != nil || !st.Workflow.IsDefault {
		t.Errorf("%+v %v", st.Workflow, err)
	}
}

// The first bounds of a rollout protect at once; to change or take them away waits.
func TestBoundsAreNotLoosenedAlone(t *testing.T) {
	t.Parallel()
	h, anna, ben := watched(t, 2)
	h.twoAgree(2, 25, anna, ben)
	set := func(r Rolling) State {
		t.Helper()
		st, err := h.workflows.SetRollout(t.Context(), h.live, anna, h.id, 0, r)
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
	strict := &kyc.Guardrails{MaxRejections: bound(1000), MinSessions: 4}
	if st := set(Rolling{Guarded: true, Guards: strict}); st.Waiting || st.Workflow.Rollout.Guards == nil {
		t.Fatalf("the first bounds: %+v", st.Workflow)
	}
	if st := set(Rolling{Guarded: true, Guards: strict, Percentage: shareOf(10).Percentage}); st.Waiting || st.Workflow.Rollout.Percentage != 10 {
		t.Errorf("the same bounds and a smaller share: %+v", st.Workflow)
	}
	if st := set(Rolling{Guarded: true, Guards: strict, Percentage: shareOf(60).Percentage}); !st.Waiting || st.Workflow.PendingPublish.Guarded {
		t.Errorf("the same bounds and a larger share: %+v", st.Workflow.PendingPublish)
	}
	for _, next := range []*kyc.Guardrails{nil, {MaxRejections: bound(9000), MinSessions: 4}} {
		st := set(Rolling{Guarded: true, Guards: next, Percentage: shareOf(5).Percentage})
		if !st.Waiting || st.Workflow.Rollout.Percentage != 10 || st.Workflow.Rollout.Guards.MaxRejections == nil || *st.Workflow.Rollout.Guards.MaxRejections != *strict.MaxRejections {
			t.Errorf("other bounds: %+v", st.Workflow)
		}
	}
	st, err := h.workflows.Approve(t.Context(), h.live, ben, h.id, 0, "")
	if err != nil || *st.Workflow.Rollout.Guards.MaxRejections != *bound(9000) || st.Workflow.Rollout.Percentage != 5 {
		t.Errorf("%+v %v", st.Workflow.Rollout, err)
	}
}
