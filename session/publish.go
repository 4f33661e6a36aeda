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
	// Guards are the bounds of the rollout; only with a share below 100.
	Guards *kyc.Guardrails
	// Default makes the workflow the default of its environment, too.
	Default bool
	// Person is who publishes, for the four-eyes rule, as the caller names
	// them; empty: the credential.
	Person string
}

// Publish puts a version into force for all or a share of new sessions. With
// four eyes it only notes the wish; pending is then true and another person
// must Approve. Errors: 422 invalid_workflow with every problem, 422
// no_previous_version for a share without anything to share with, 422
// invalid_guardrails with every problem, 409 nothing_to_publish.
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
		st.Document.IsDefault = st.Document.IsDefault || p.Default
		st, err = m.put(ctx, st, by, now, percentage, p.Guards, p.Note, "workflow.publish", "published")
		return st, false, err
	}
	st, err = m.ask(ctx, st, by, now, kyc.PendingPublish{Version: p.Number, Percentage: percentage, Guards: p.Guards, Note: p.Note, Default: p.Default})
	return st, true, err
}

// person finds who stands behind a request: the named user or text on behalf
// of whom the credential acts. A signed-in person is always themselves. Errors:
// 403 person_disabled for a user who is locked out.
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
			if !u.DisabledAt.IsZero() {
				return by, kyc.Errorf(kyc.Forbidden, "person_disabled", "the account of the named person is locked out")
			}
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
	if err := guardable(p.Guards, percentage); err != nil {
		return State{}, 0, err
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
func (m *Workflows) put(ctx context.Context, st State, by kyc.Actor, now time.Time, percentage int, guards *kyc.Guardrails, note, action, what string) (State, error) {
	w, v := st.Workflow, st.Version
	before := digest(&w)
	previous := stable(&w, v.Number)
	w.Status, w.Published, w.PendingPublish, w.Rollout, w.SetBack = kyc.WorkflowPublished, v.Number, nil, nil, nil
	if percentage < 100 {
		w.Rollout = &kyc.Rollout{Version: v.Number, Previous: previous, Percentage: percentage, Salt: newSalt(), StartedAt: now, Guards: guards}
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
