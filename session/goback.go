package session

import (
	"context"
	"fmt"
	"time"

	"bonafide/kyc"
)

// keptPast is how many versions that were in force a workflow remembers to go
// back to; older ones are named by their number.
const keptPast = 100

// steady is the version that new sessions outside a rollout take; 0: none yet.
func steady(w *kyc.Workflow) int {
	if w.Rollout != nil {
		return w.Rollout.Previous
	}
	return w.Published
}

// giveWay notes that a version was in force for all until now; 0 notes nothing.
func giveWay(w *kyc.Workflow, version int, now time.Time) {
	if version == 0 {
		return
	}
	from := max(0, len(w.Past)+1-keptPast)
	past := append([]kyc.PastVersion(nil), w.Past[from:]...)
	w.Past = append(past, kyc.PastVersion{Version: version, Until: now})
}

// Back is the version that going back leads to: during a rollout the one that
// the other sessions take (Until is zero, it is still in force), otherwise the
// one that was in force for all before. ok is false when there is none. A
// version that somebody went back from, or that was only tried on a share, is
// never it.
func Back(w *kyc.Workflow) (target kyc.PastVersion, ok bool) {
	switch {
	case w.Rollout != nil:
		return kyc.PastVersion{Version: w.Rollout.Previous}, true
	case w.Published == 0 || len(w.Past) == 0:
		return kyc.PastVersion{}, false
	}
	return w.Past[len(w.Past)-1], true
}

func noPrevious() error {
	return kyc.Errorf(kyc.Conflict, "no_previous_version", "the workflow has no earlier version that was in force for all")
}

// Return asks to go back to a version.
type Return struct {
	// Number of the version; 0 is what Back says.
	Number int
	// From is the version that the asker takes for published; 0 says nothing.
	From int
	// Note says why; by default which version the new one is the same as.
	Note string
}

// Rollback makes an old published version current again, as a new version, for
// all new sessions; a running rollout ends. Errors: 404 for an unknown version,
// 409 no_previous_version, never_published, already_in_force, being_rolled_out
// for the version on trial, in_force_changed when another version than r.From
// is published, 422 when the old version is no longer valid. With four eyes it
// only notes the wish (State.Waiting).
func (m *Workflows) Rollback(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, r Return) (State, error) {
	w, err := m.find(ctx, t, id, rev)
	if err != nil {
		return State{}, err
	}
	now, org, err := m.now(ctx, t)
	if err != nil {
		return State{}, err
	}
	return m.rollback(ctx, w, by, now, r, !org.EnvSettings(t.Env).PublishFourEyes)
}

// rollback goes back when somebody else has agreed or nobody needs to, and asks
// otherwise.
func (m *Workflows) rollback(ctx context.Context, w kyc.Workflow, by kyc.Actor, now time.Time, r Return, agreed bool) (State, error) {
	t, id := w.Tenant, w.ID
	back, err := m.goingBack(ctx, &w, r, now)
	if err != nil {
		return State{}, err
	}
	old := back.to
	doc, err := readDocument(&old, kyc.Settings{})
	if err != nil {
		return State{}, err
	}
	compiled, report, err := m.Check(ctx, t, id, doc, true)
	if err != nil {
		return State{}, err
	}
	if compiled == nil {
		return State{}, kyc.InvalidInput("invalid_workflow", "that version is no longer valid", report.Errors)
	}
	if !agreed {
		return m.askNewest(ctx, w, by, now, kyc.PendingPublish{Action: kyc.WishRollback, Version: old.Number, Percentage: 100, Note: r.Note})
	}
	doc.IsDefault, doc.Rollout = false, nil
	note := r.Note
	if note == "" {
		note = fmt.Sprintf("Same as version %d", origin(&old))
	}
	v := newVersion(&w, Draft{Document: doc, ChangeNote: note}, by, now)
	v.Name, v.Description, v.Hash, v.Valid, v.Warnings, v.Restores = old.Name, old.Description, old.Hash, true, report.Warnings, origin(&old)
	v.PublishedAt, v.PublishedBy = now, &by
	before, from := digest(&w), w.Published
	w.Past = back.past
	w.Name, w.Description = old.Name, old.Description
	w.Latest, w.Published, w.Status, w.Rollout, w.PendingPublish, w.SetBack = v.Number, v.Number, kyc.WorkflowPublished, nil, nil, nil
	w.Touch(now)
	e := event(ctx, t, by, now, "workflow.rollback", "workflow", w.ID, "")
	e.Before, e.After, e.Reason = before, digest(&w), note
	e = m.d.News.Tell(e, &w, map[string]any{"version": v.Number, "from_version": from, "restored_version": old.Number, "definition_hash": v.Hash}, "rolled_back")
	return State{Workflow: w, Version: v, Document: doc, Report: report}, m.d.Store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&w, &v}, Events: []kyc.Event{e}})
}

// way is from one version to an older one.
type way struct {
	to   kyc.WorkflowVersion
	past []kyc.PastVersion // what one can still go back to afterwards
}

// goingBack finds the version to go back to and refuses what would change
// nothing or put the version on trial into force for all.
func (m *Workflows) goingBack(ctx context.Context, w *kyc.Workflow, r Return, now time.Time) (way, error) {
	if r.From != 0 && r.From != w.Published {
		return way{}, inForceChanged(w, r.From)
	}
	if r.Number == 0 {
		target, ok := Back(w)
		if !ok {
			return way{}, noPrevious()
		}
		r.Number = target.Version
	}
	to, err := m.d.Store.Version(ctx, w.Tenant, w.ID, r.Number)
	if err != nil {
		return way{}, err
	}
	if to.PublishedAt.IsZero() {
		return way{}, kyc.Errorf(kyc.Conflict, "never_published", "version %d was never in force", r.Number)
	}
	if w.Rollout != nil && r.Number == w.Rollout.Version {
		return way{}, kyc.Errorf(kyc.Conflict, "being_rolled_out", "version %d is being rolled out; complete the rollout to put it into force for all", r.Number)
	}
	current, err := m.d.Store.Version(ctx, w.Tenant, w.ID, steady(w))
	if err != nil {
		return way{}, err
	}
	if w.Rollout == nil && w.Status == kyc.WorkflowPublished && origin(&current) == origin(&to) {
		return way{}, kyc.Errorf(kyc.Conflict, "already_in_force", "what version %d says is in force for all already, as version %d", r.Number, w.Published)
	}
	return way{to: to, past: pastAfter(w, &current, &to, now)}, nil
}

// origin is the number of the version that was written, of a copy.
func origin(v *kyc.WorkflowVersion) int {
	if v.Restores > 0 {
		return v.Restores
	}
	return v.Number
}

// pastAfter is what one can still go back to after going back to a version:
// what was in force before it. Who names a newer version than the one in force
// goes forward; what that replaces is remembered.
func pastAfter(w *kyc.Workflow, current, to *kyc.WorkflowVersion, now time.Time) []kyc.PastVersion {
	if origin(current) == origin(to) {
		return w.Past
	}
	for i := len(w.Past) - 1; i >= 0; i-- {
		if w.Past[i].Version == to.Number {
			return w.Past[:i]
		}
	}
	if origin(to) > origin(current) {
		ahead := *w
		giveWay(&ahead, current.Number, now)
		return ahead.Past
	}
	var older []kyc.PastVersion
	for _, p := range w.Past {
		if p.Version < to.Number {
			older = append(older, p)
		}
	}
	return older
}
