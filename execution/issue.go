package execution

import (
	"context"
	"maps"
	"slices"

	"bonafide/kyc"
	"bonafide/procedure"
)

// Clearing is what a person says of an issue.
type Clearing struct {
	Cleared bool
	Hand
}

// ClearIssue clears an issue by hand, or opens it again (5.6). What is cleared
// by hand stays so, whatever is said of results later. Errors: Malformed
// comment_required; 404; 409 execution_running, redacted where the data of the
// execution was erased or is withheld.
func (m *Machine) ClearIssue(ctx context.Context, t kyc.Tenant, by kyc.Actor, subject, issue kyc.ID, c Clearing) (kyc.EntityIssue, kyc.Execution, error) {
	var none kyc.EntityIssue
	if err := malformed("the issue cannot be changed like this", commented(c.Hand)); err != nil {
		return none, kyc.Execution{}, err
	}
	if _, err := m.individual(ctx, t, subject); err != nil {
		return none, kyc.Execution{}, err
	}
	is := func(i kyc.EntityIssue) bool { return i.ID == issue }
	e, found, err := m.newest(ctx, t, subject, "", func(e *kyc.Execution) bool { return slices.ContainsFunc(e.Issues, is) })
	if err != nil {
		return none, e, err
	}
	if !found {
		return none, e, kyc.Missing("issue", string(issue))
	}
	if err := m.keeps(ctx, &e); err != nil {
		return none, e, err
	}
	if e.State == procedure.StateInProgress {
		return none, e, runs(e.ID)
	}
	w, err := m.work(ctx, t, by, c.Hand)
	if err != nil {
		return none, e, err
	}
	results, err := m.resultsOf(ctx, &e)
	if err != nil {
		return none, e, err
	}
	e.Issues = slices.Clone(e.Issues)
	i := &e.Issues[slices.IndexFunc(e.Issues, is)]
	i.IsCleared, i.ClearedByHand, i.UpdatedAt, i.UpdatedBy, i.RequestID = c.Cleared, c.Cleared, w.at, w.who, w.request
	e.Private.Issues = with(e.Private.Issues, issue, w.comment)
	if err := m.renew(ctx, w, e, results); err != nil {
		return none, e, err
	}
	action := "issue.clear"
	if !c.Cleared {
		action = "issue.open"
	}
	note := event(ctx, t, by, w.at, action, objectExecution, e.ID, subject)
	note.RequestID = w.request
	w.change.Events = append(w.change.Events, note)
	for _, o := range w.change.Put {
		if x, ok := o.(*kyc.Execution); ok {
			e = *x
		}
	}
	return e.Issues[slices.IndexFunc(e.Issues, is)], e, m.d.Store.Commit(ctx, &w.change)
}

// keeps refuses to write to an execution whose data was erased or is withheld:
// what people say of it could not be kept, and nothing of that is lost silently.
func (m *Machine) keeps(ctx context.Context, e *kyc.Execution) error {
	if !e.Private.Unreadable {
		return nil
	}
	s, err := m.d.Store.Session(ctx, e.Tenant, e.ID)
	if err != nil {
		return err
	}
	return s.Gone()
}

// with is a copy of what people wrote, with one more.
func with(words map[kyc.ID]string, id kyc.ID, text string) map[kyc.ID]string {
	out := maps.Clone(words)
	if out == nil {
		out = map[kyc.ID]string{}
	}
	out[id] = text
	return out
}
