package session

import (
	"context"
	"reflect"
	"time"

	"bonafide/kyc"
)

// Rolling asks to change a rollout.
type Rolling struct {
	// Percentage of new sessions that take the newest published version; nil
	// leaves that of the running rollout.
	Percentage *int
	// Guards replace those of the rollout when Guarded is true; nil takes them
	// away.
	Guards  *kyc.Guardrails
	Guarded bool
}

// SetRollout changes the share of new sessions that take the newest published
// version: 0 pauses, 100 completes. A session keeps the version it was given;
// raising the share never moves one back. Without a running rollout a share
// below 100 starts one between the version in force and the one before it.
// With four eyes what widens is only noted as a wish (State.Waiting).
// Errors: 409 not_published, no_previous_version, rollout_set_back; 422 out of range,
// invalid_guardrails, no_rollout when a share is missing and none runs.
func (m *Workflows) SetRollout(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, r Rolling) (State, error) {
	w, err := m.find(ctx, t, id, rev)
	if err != nil {
		return State{}, err
	}
	if w.Published == 0 {
		return State{}, kyc.Errorf(kyc.Conflict, "not_published", "only a published workflow has a rollout")
	}
	return m.setRollout(ctx, w, by, r, false)
}

// setRollout is SetRollout of a workflow that was read; agreed says that a second
// person has.
func (m *Workflows) setRollout(ctx context.Context, w kyc.Workflow, by kyc.Actor, r Rolling, agreed bool) (State, error) {
	t, id := w.Tenant, w.ID
	now, org, err := m.now(ctx, t)
	if err != nil {
		return State{}, err
	}
	if w.Rollout == nil && w.SetBack != nil {
		// Who raises a share step by step means the version that did badly, not
		// the one of before against an older one.
		return State{}, kyc.Errorf(kyc.Conflict, "rollout_set_back", "the guardrails set the rollout of version %d back; publish a version to begin another", w.SetBack.Version)
	}
	if r.Percentage == nil && w.Rollout == nil {
		return State{}, kyc.InvalidInput("invalid_rollout", "name the share", []kyc.Problem{{Path: "/rollout_percentage", Code: "required", Message: "no rollout runs; name a share 0-100 to begin one"}})
	}
	var percentage int
	if r.Percentage != nil {
		percentage = *r.Percentage
	} else {
		percentage = w.Rollout.Percentage
	}
	if err := guardable(r.Guards, percentage); err != nil {
		return State{}, err
	}
	if r.Guarded && reflect.DeepEqual(r.Guards, boundsOf(w.Rollout)) {
		r.Guarded, r.Guards = false, nil // forms send what stands; nobody has to agree to that
	}
	asked := w
	before := digest(&w)
	if w.Rollout == nil && percentage < 100 {
		previous, ok := Back(&w)
		if !ok {
			return State{}, noPrevious()
		}
		w.Past = w.Past[:len(w.Past)-1]
		w.Rollout = &kyc.Rollout{Version: w.Published, Previous: previous.Version, Percentage: percentage, Salt: newSalt(), StartedAt: now}
	}
	if err := moveRollout(&w, percentage, now); err != nil {
		return State{}, err
	}
	var jobs []kyc.Job
	if w.Rollout != nil && r.Guarded {
		guarded := *w.Rollout
		guarded.Guards = r.Guards
		w.Rollout = &guarded
	}
	if !agreed && org.EnvSettings(t.Env).PublishFourEyes && (widens(&asked, percentage) || loosens(asked.Rollout, r)) {
		return m.askNewest(ctx, asked, by, now, kyc.PendingPublish{Action: kyc.WishRollout, Version: asked.Published, Percentage: percentage, Guards: r.Guards, Guarded: r.Guarded})
	}
	if w.Rollout != nil && w.Rollout.Guards != nil {
		jobs = append(jobs, guardJob(&w)) // what has ended already counts
	}
	if p := w.PendingPublish; p != nil && p.What() == kyc.WishRollout {
		w.PendingPublish = nil // brought about, or overtaken
	}
	w.Touch(now)
	v, err := m.d.Store.Version(ctx, t, id, w.Latest)
	if err != nil {
		return State{}, err
	}
	st, err := m.state(ctx, w, v)
	if err != nil {
		return State{}, err
	}
	e := event(ctx, t, by, now, "workflow.rollout", "workflow", w.ID, "")
	e.Before, e.After = before, digest(&w)
	return st, m.d.Store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&w}, Events: []kyc.Event{e}, Jobs: jobs})
}

// moveRollout sets the share of a running rollout and ends it at 100.
func moveRollout(w *kyc.Workflow, percentage int, now time.Time) error {
	if percentage < 0 || percentage > 100 {
		return kyc.InvalidInput("invalid_rollout", "a share of 0 to 100", []kyc.Problem{{Path: "/rollout_percentage", Code: "out_of_range", Message: "0 to 100"}})
	}
	if w.Rollout == nil {
		return nil
	}
	if percentage == 100 {
		giveWay(w, w.Rollout.Previous, now)
		w.Published, w.Rollout = w.Rollout.Version, nil
		return nil
	}
	r := *w.Rollout
	r.Percentage = percentage
	w.Rollout = &r
	return nil
}

// SetDefault makes a published workflow the default of its environment and
// unsets the old one in the same change. Errors: 409 not_published.
func (m *Workflows) SetDefault(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64) (State, error) {
	w, err := m.find(ctx, t, id, rev)
	if err != nil {
		return State{}, err
	}
	if w.Status != kyc.WorkflowPublished {
		return State{}, kyc.Errorf(kyc.Conflict, "not_published", "the workflow is %s; only a published one can be the default", w.Status)
	}
	v, err := m.d.Store.Version(ctx, t, id, w.Latest)
	if err != nil {
		return State{}, err
	}
	st, err := m.state(ctx, w, v)
	if err != nil || w.IsDefault {
		return st, err
	}
	now, org, err := m.now(ctx, t)
	if err != nil {
		return st, err
	}
	change, err := m.makeDefault(ctx, org, &w, by, now)
	if err != nil {
		return st, err
	}
	w.Touch(now)
	change.Put = append(change.Put, &w)
	st.Workflow = w
	return st, m.d.Store.Commit(ctx, change)
}

// makeDefault marks the workflow and prepares the unsetting of the old
// default. The caller touches and puts w. org was read before: it is raised
// too, so that two first defaults at the same moment cannot both win.
func (m *Workflows) makeDefault(ctx context.Context, org kyc.Org, w *kyc.Workflow, by kyc.Actor, now time.Time) (*kyc.Change, error) {
	org.Touch(m.d.Clock.Now())
	change := &kyc.Change{Put: []kyc.Object{&org}}
	old, err := m.d.Store.DefaultWorkflow(ctx, w.Tenant, w.Surface)
	if err != nil && kyc.KindOf(err) != kyc.NotFound {
		return nil, err
	}
	e := event(ctx, w.Tenant, by, now, "workflow.default", "workflow", w.ID, "")
	if err == nil && old.ID != w.ID {
		old.IsDefault = false
		old.Touch(now)
		change.Put = append(change.Put, &old)
		e.Reason = "instead of " + kyc.Dress("workflow", old.ID)
	}
	w.IsDefault = true
	change.Events = append(change.Events, e)
	return change, nil
}

// Deactivate stops the use of a workflow by new sessions; sessions that exist
// run on. A default that is deactivated is no default any more, so sessions
// without a workflow_id are refused until another one is chosen. Publishing
// makes the workflow active again.
func (m *Workflows) Deactivate(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64) (State, error) {
	w, err := m.find(ctx, t, id, rev)
	if err != nil {
		return State{}, err
	}
	v, err := m.d.Store.Version(ctx, t, id, w.Latest)
	if err != nil {
		return State{}, err
	}
	st, err := m.state(ctx, w, v)
	if err != nil || w.Status == kyc.WorkflowInactive {
		return st, err
	}
	if w.Status != kyc.WorkflowPublished {
		return st, kyc.Errorf(kyc.Conflict, "not_published", "the workflow is %s and not in use", w.Status)
	}
	now, _, err := m.now(ctx, t)
	if err != nil {
		return st, err
	}
	before := digest(&w)
	w.Status, w.IsDefault = kyc.WorkflowInactive, false
	w.Touch(now)
	st.Workflow = w
	e := event(ctx, t, by, now, "workflow.deactivate", "workflow", w.ID, "")
	e.Before, e.After = before, digest(&w)
	return st, m.d.Store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&w}, Events: []kyc.Event{e}})
}

// boundsOf are those of a running rollout; nil where there are none.
func boundsOf(r *kyc.Rollout) *kyc.Guardrails {
	if r == nil {
		return nil
	}
	return r.Guards
}
