package backtest

import (
	"context"
	"fmt"
	"time"

	"bonafide/kyc"
)

// cohort chooses the sessions.
func (m *Machine) cohort(ctx context.Context, t kyc.Tenant, r Request) ([]kyc.ID, error) {
	if len(r.Sessions) > 0 {
		return m.named(ctx, t, r)
	}
	return Cohort(ctx, m.d.Store, t, r.Workflow, r.Last, r.From, r.To)
}

// Cohort gives the newest sessions of a workflow that came to a decision, of any
// surface: last of them (0: DefaultLast, at most MaxSessions), created from
// (inclusive) to (exclusive) where these are set.
func Cohort(ctx context.Context, store interface {
	Sessions(ctx context.Context, t kyc.Tenant, f kyc.SessionFilter, p kyc.Page) ([]kyc.Session, int, error)
}, t kyc.Tenant, workflow kyc.ID, last int, from, to time.Time) ([]kyc.ID, error) {
	if last <= 0 {
		last = DefaultLast
	}
	f := kyc.SessionFilter{WorkflowID: workflow, From: from, To: to, Status: []kyc.SessionStatus{kyc.SessionApproved, kyc.SessionRejected, kyc.SessionReview}}
	out := []kyc.ID{}
	var after kyc.ID
	for len(out) < last {
		limit := min(100, last-len(out))
		list, _, err := store.Sessions(ctx, t, f, kyc.Page{Limit: limit, After: after, Uncounted: true})
		if err != nil {
			return nil, err
		}
		for i := range list {
			out, after = append(out, list[i].ID), list[i].ID
		}
		if len(list) < limit {
			break
		}
	}
	return out, nil
}

// named reads the sessions that the caller named and lists all that will not do.
func (m *Machine) named(ctx context.Context, t kyc.Tenant, r Request) ([]kyc.ID, error) {
	var problems []kyc.Problem
	seen := map[kyc.ID]bool{}
	out := []kyc.ID{}
	for i, id := range r.Sessions {
		if seen[id] {
			continue
		}
		seen[id] = true
		s, err := m.d.Store.Session(ctx, t, id)
		if err != nil && kyc.KindOf(err) != kyc.NotFound {
			return nil, err
		}
		if err != nil || s.WorkflowID != r.Workflow {
			problems = append(problems, kyc.Problem{Path: fmt.Sprintf("/sessions/%d", i), Code: "session_not_found", Message: "this workflow has no such session"})
			continue
		}
		out = append(out, id)
	}
	if len(problems) > 0 {
		return nil, kyc.InvalidInput("invalid_backtest", "the backtest cannot be made", problems)
	}
	return out, nil
}
