package session

import (
	"context"
	"reflect"
	"time"

	"bonafide/kyc"
)

// What an organisation that asks for four eyes lets nobody do alone: to put a
// version into force, to go back to one, and to give a version on trial more
// sessions, or to change or take away the bounds that a rollout has. Who asks
// leaves a wish with the workflow; somebody else approves or declines it. To pause
// a rollout, to lower its share, to give it its first bounds and to stop the use of
// a workflow stay one person's, so that harm can be ended at once.

// widens reports whether a share puts a version in front of more sessions: a
// larger one of a running rollout, or any below all, which brings the version
// before back.
func widens(w *kyc.Workflow, percentage int) bool {
	if w.Rollout == nil {
		return percentage < 100
	}
	return percentage > w.Rollout.Percentage
}

// loosens reports whether a change takes away or replaces the bounds that a
// running rollout has; the first ones only protect.
func loosens(running *kyc.Rollout, r Rolling) bool {
	if running == nil || running.Guards == nil || !r.Guarded {
		return false
	}
	return !reflect.DeepEqual(r.Guards, running.Guards)
}

// ask notes a wish that a second person must approve; an earlier one is replaced.
func (m *Workflows) ask(ctx context.Context, st State, by kyc.Actor, now time.Time, wish kyc.PendingPublish) (State, error) {
	w := st.Workflow
	before := digest(&w)
	wish.By, wish.At, wish.From = by, now, w.Published
	w.PendingPublish = &wish
	w.Touch(now)
	st.Workflow, st.Waiting = w, true
	asked, _, _ := wishEvents(wish.What())
	e := event(ctx, w.Tenant, by, now, asked, "workflow", w.ID, "")
	e.Before, e.After, e.Reason = before, digest(&w), wish.Note
	return st, m.d.Store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&w}, Events: []kyc.Event{e}})
}

// askNewest is ask for a wish that shows the newest version.
func (m *Workflows) askNewest(ctx context.Context, w kyc.Workflow, by kyc.Actor, now time.Time, wish kyc.PendingPublish) (State, error) {
	by, err := m.person(ctx, w.Tenant, by, "")
	if err != nil {
		return State{}, err
	}
	v, err := m.d.Store.Version(ctx, w.Tenant, w.ID, w.Latest)
	if err != nil {
		return State{}, err
	}
	st, err := m.state(ctx, w, v)
	if err != nil {
		return State{}, err
	}
	return m.ask(ctx, st, by, now, wish)
}

// Approve lets a second, different person bring about what waits for one.
// Errors: 409 nothing_pending, in_force_changed when another version is in force
// than when it was asked for; 403 four_eyes for the same person, be it by an API
// key of theirs, person_disabled; and what the wish itself would be refused with.
func (m *Workflows) Approve(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, person string) (State, error) {
	w, err := m.find(ctx, t, id, rev)
	if err != nil {
		return State{}, err
	}
	if w.PendingPublish == nil {
		return State{}, nothingPending()
	}
	wish := *w.PendingPublish
	if by, err = m.person(ctx, t, by, person); err != nil {
		return State{}, err
	}
	same, err := m.samePerson(ctx, t, wish.By, by)
	if err != nil {
		return State{}, err
	}
	if same {
		return State{}, kyc.Errorf(kyc.Forbidden, "four_eyes", "the publication needs the approval of a different person")
	}
	now, _, err := m.now(ctx, t)
	if err != nil {
		return State{}, err
	}
	switch wish.What() {
	case kyc.WishRollback:
		return m.rollback(ctx, w, by, now, Return{Number: wish.Version, From: wish.From, Note: wish.Note}, true)
	case kyc.WishRollout:
		if wish.From != w.Published {
			return State{}, inForceChanged(&w, wish.From)
		}
		return m.setRollout(ctx, w, by, Rolling{Percentage: &wish.Percentage, Guards: wish.Guards, Guarded: wish.Guarded}, true)
	}
	st, percentage, err := m.publishable(ctx, &w, Publication{Number: wish.Version, Percentage: &wish.Percentage, Guards: wish.Guards})
	if err != nil {
		return State{}, err
	}
	st.Document.IsDefault = st.Document.IsDefault || wish.Default
	return m.put(ctx, st, by, now, percentage, wish.Guards, wish.Note, "workflow.publish", "published")
}

// Decline takes away what waits for a second person; nothing else changes. Who
// asked for it may, too. note says why and may be empty. Errors: 409
// nothing_pending, 422 for a note that is too long.
func (m *Workflows) Decline(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, note string) (State, error) {
	w, err := m.find(ctx, t, id, rev)
	if err != nil {
		return State{}, err
	}
	if w.PendingPublish == nil {
		return State{}, nothingPending()
	}
	if len(note) > maxNoteBytes {
		return State{}, kyc.InvalidInput("invalid_note", "the note cannot be kept", []kyc.Problem{{Path: "/note", Code: "too_long", Message: "at most 2000 bytes"}})
	}
	if by, err = m.person(ctx, t, by, ""); err != nil {
		return State{}, err
	}
	same, err := m.samePerson(ctx, t, w.PendingPublish.By, by)
	if err != nil {
		return State{}, err
	}
	now, _, err := m.now(ctx, t)
	if err != nil {
		return State{}, err
	}
	v, err := m.d.Store.Version(ctx, t, id, w.Latest)
	if err != nil {
		return State{}, err
	}
	st, err := m.state(ctx, w, v)
	if err != nil {
		return State{}, err
	}
	_, action, withdrawn := wishEvents(w.PendingPublish.What())
	if same {
		action = withdrawn
	}
	e := event(ctx, t, by, now, action, "workflow", w.ID, "")
	e.Before, e.Reason = digest(&w), note
	w.PendingPublish = nil
	w.Touch(now)
	e.After = digest(&w)
	st.Workflow = w
	return st, m.d.Store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&w}, Events: []kyc.Event{e}})
}

// wishEvents are the actions of the audit chain about a wish.
func wishEvents(what string) (asked, declined, withdrawn string) {
	switch what {
	case kyc.WishRollback:
		return "workflow.request_rollback", "workflow.decline_rollback", "workflow.withdraw_rollback"
	case kyc.WishRollout:
		return "workflow.request_rollout", "workflow.decline_rollout", "workflow.withdraw_rollout"
	}
	return "workflow.request_publish", "workflow.decline_publish", "workflow.withdraw_publish"
}

// samePerson reports whether two actors are one person: by name, by credential,
// or once as themselves and once by a key they made.
func (m *Workflows) samePerson(ctx context.Context, t kyc.Tenant, first, second kyc.Actor) (bool, error) {
	if personOf(first) == personOf(second) {
		return true, nil
	}
	return kyc.OneHand(ctx, m.d.Store, t, first, second)
}

func nothingPending() error {
	return kyc.Errorf(kyc.Conflict, "nothing_pending", "no publication waits for approval")
}

func inForceChanged(w *kyc.Workflow, from int) error {
	return kyc.Errorf(kyc.Conflict, "in_force_changed", "version %d is published by now, not %d; look at the workflow again", w.Published, from)
}
