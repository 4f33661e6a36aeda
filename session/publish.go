package session

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"strings"
	"time"

	"bonafide/kyc"
)

// Publication asks to put a version into force.
type Publication struct {
	// Number of the version; 0 is the newest.
	Number int
	Note   string
	// Percentage of new sessions that take the new version; nil is what the
	// draft asks for, 100 by default.
	Percentage *int
	// Person is who publishes, for the four-eyes rule, as the caller names
	// them; empty: the credential.
	Person string
}

// Publish puts a version into force for all or a share of new sessions. With
// four eyes it only notes the wish; pending is then true and another person
// must Approve. Errors: 422 invalid_workflow with every problem, 422
// no_previous_version for a share without anything to share with, 409
// nothing_to_publish.
func (m *Workflows) Publish(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, p Publication) (st State, pending bool, err error) {
	w, err := m.find(ctx, t, id, rev)
	if err != nil {
		return st, false, err
	}
	now, org, err := m.now(ctx, t)
	if err != nil {
		return st, false, err
	}
	if p.Number == 0 {
		p.Number = w.Latest
	}
	by, err = m.person(ctx, t, by, p.Person)
	if err != nil {
		return st, false, err
	}
	st, percentage, err := m.publishable(ctx, &w, p)
	if err != nil {
		return st, false, err
	}
	if !org.EnvSettings(t.Env).PublishFourEyes {
		st, err = m.put(ctx, st, by, now, percentage, p.Note, "workflow.publish", "published")
		return st, false, err
	}
	before := digest(&w)
	w.PendingPublish = &kyc.PendingPublish{Version: p.Number, Percentage: percentage, Note: p.Note, By: by}
	w.Touch(now)
	st.Workflow = w
	e := event(ctx, t, by, now, "workflow.request_publish", "workflow", w.ID, "")
	e.Before, e.After, e.Reason = before, digest(&w), p.Note
	return st, true, m.d.Store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&w}, Events: []kyc.Event{e}})
}

// Approve lets a second, different person put a waiting publication into
// force. Errors: 409 nothing_pending, 403 four_eyes for the same person.
func (m *Workflows) Approve(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, person string) (State, error) {
	w, err := m.find(ctx, t, id, rev)
	if err != nil {
		return State{}, err
	}
	if w.PendingPublish == nil {
		return State{}, kyc.Errorf(kyc.Conflict, "nothing_pending", "no publication waits for approval")
	}
	if by, err = m.person(ctx, t, by, person); err != nil {
		return State{}, err
	}
	if personOf(by) == personOf(w.PendingPublish.By) {
		return State{}, kyc.Errorf(kyc.Forbidden, "four_eyes", "the publication needs the approval of a different person")
	}
	now, _, err := m.now(ctx, t)
	if err != nil {
		return State{}, err
	}
	wish := *w.PendingPublish
	st, percentage, err := m.publishable(ctx, &w, Publication{Number: wish.Version, Percentage: &wish.Percentage})
	if err != nil {
		return State{}, err
	}
	return m.put(ctx, st, by, now, percentage, wish.Note, "workflow.publish", "published")
}

// person finds who stands behind a request: the named user or text on behalf
// of whom the credential acts. A signed-in person is always themselves.
func (m *Workflows) person(ctx context.Context, t kyc.Tenant, by kyc.Actor, name string) (kyc.Actor, error) {
	if by.Kind == kyc.ActorUser {
		return by, nil
	}
	if name = strings.TrimSpace(name); name == "" {
		name = by.OnBehalfOf // the X-On-Behalf-Of header
	}
	if name == "" {
		return by, nil
	}
	users, err := m.d.Store.Users(ctx, t.Org)
	if err != nil {
		return by, err
	}
	id, isID := kyc.Undress("user", strings.ToLower(name))
	by.OnBehalfOf = name
	for _, u := range users {
		if (isID && u.ID == id) || strings.EqualFold(u.Email, name) {
			by.OnBehalfOf = string(u.ID)
		}
	}
	return by, nil
}

// personOf names the person for a comparison: a signed-in user and a key that
// acts on that user's behalf are the same one.
func personOf(a kyc.Actor) string {
	if a.OnBehalfOf != "" {
		return strings.ToLower(a.OnBehalfOf)
	}
	return a.ID
}

// publishable checks that a version can be put into force.
func (m *Workflows) publishable(ctx context.Context, w *kyc.Workflow, p Publication) (State, int, error) {
	v, err := m.d.Store.Version(ctx, w.Tenant, w.ID, p.Number)
	if err != nil {
		return State{}, 0, err
	}
	doc, err := readDocument(&v, kyc.Settings{})
	if err != nil {
		return State{}, 0, err
	}
	// What an author let pass with ?strict=false stays a warning.
	compiled, report, err := m.Check(ctx, w.Tenant, w.ID, doc, v.Valid)
	if err != nil {
		return State{}, 0, err
	}
	if compiled == nil {
		return State{}, 0, kyc.InvalidInput("invalid_workflow", "an invalid workflow cannot be published", report.Errors)
	}
	percentage := 100
	switch {
	case p.Percentage != nil:
		percentage = *p.Percentage
	case doc.Rollout != nil:
		percentage = *doc.Rollout
	}
	if percentage < 0 || percentage > 100 {
		return State{}, 0, kyc.InvalidInput("invalid_rollout", "a share of 0 to 100", []kyc.Problem{{Path: "/rollout_percentage", Code: "out_of_range", Message: "0 to 100"}})
	}
	inForce := w.Published == p.Number && w.Status == kyc.WorkflowPublished
	if inForce && w.Rollout == nil {
		return State{}, 0, kyc.Errorf(kyc.Conflict, "nothing_to_publish", "version %d is in force already", p.Number)
	}
	if percentage < 100 && stable(w, p.Number) == 0 {
		return State{}, 0, kyc.InvalidInput("no_previous_version", "there is no earlier version for the other sessions",
			[]kyc.Problem{{Path: "/rollout_percentage", Code: "no_previous_version", Message: "the first publication takes all sessions"}})
	}
	report.Warnings = v.Warnings
	return State{Workflow: *w, Version: v, Document: doc, Report: report}, percentage, nil
}

// stable is the version the sessions outside a new rollout stay on.
func stable(w *kyc.Workflow, next int) int {
	n := w.Published
	if w.Rollout != nil {
		n = w.Rollout.Previous
	}
	if n == next {
		return 0
	}
	return n
}

// put writes a publication: the workflow, the version's date, the event, and
// the default when the author wanted it.
func (m *Workflows) put(ctx context.Context, st State, by kyc.Actor, now time.Time, percentage int, note, action, what string) (State, error) {
	w, v := st.Workflow, st.Version
	before := digest(&w)
	previous := stable(&w, v.Number)
	w.Status, w.Published, w.PendingPublish, w.Rollout = kyc.WorkflowPublished, v.Number, nil, nil
	if percentage < 100 {
		w.Rollout = &kyc.Rollout{Version: v.Number, Previous: previous, Percentage: percentage, Salt: newSalt(), StartedAt: now}
	} else {
		giveWay(&w, previous, now)
	}
	change := kyc.Change{}
	if st.Document.IsDefault && !w.IsDefault {
		org, err := m.d.Store.Org(ctx, w.Tenant.Org)
		if err != nil {
			return st, err
		}
		with, err := m.makeDefault(ctx, org, &w, by, now)
		if err != nil {
			return st, err
		}
		change.Add(*with)
	}
	w.Touch(now)
	change.Put = append(change.Put, &w)
	if v.PublishedAt.IsZero() {
		v.PublishedAt, v.PublishedBy = now, &by
		if note != "" {
			v.ChangeNote = note
		}
		v.Touch(now)
		change.Put = append(change.Put, &v)
	}
	e := event(ctx, w.Tenant, by, now, action, "workflow", w.ID, "")
	e.Before, e.After, e.Reason = before, digest(&w), note
	e = m.d.News.Tell(e, &w, map[string]any{"version": v.Number, "definition_hash": v.Hash, "rollout_percentage": percentage}, what)
	change.Events = append(change.Events, e)
	st.Workflow, st.Version = w, v
	return st, m.d.Store.Commit(ctx, &change)
}

// newSalt makes the cohorts of each rollout different.
func newSalt() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // crypto/rand never fails since Go 1.24
	return hex.EncodeToString(b[:])
}
