package journey

import (
	"context"
	"fmt"
	"slices"

	"bonafide/kyc"
)

// WorkflowQuery selects workflows (A3); empty parts do not filter.
type WorkflowQuery struct {
	EntityType   string // individual, company
	TemplateType string
	Industry     string
	Tags         []string // any of them
	Name         string   // a part of it, in any case
	Status       string   // active (default), deleted, all
}

// Workflows gives a page of workflows, last changed first (A3). p.After is the
// last workflow of the page before; more says that there is another page.
// Errors: Invalid invalid_query for an unknown status.
func (m *Machine) Workflows(ctx context.Context, t kyc.Tenant, q WorkflowQuery, p kyc.Page) (list []kyc.Workflow, more bool, err error) {
	var wanted []kyc.WorkflowStatus
	switch q.Status {
	case "", "active":
		wanted = []kyc.WorkflowStatus{kyc.WorkflowPublished}
	case "deleted":
		wanted = []kyc.WorkflowStatus{kyc.WorkflowDeleted}
	case "all":
		wanted = []kyc.WorkflowStatus{kyc.WorkflowPublished, kyc.WorkflowDeleted}
	default:
		return nil, false, kyc.InvalidInput("invalid_query", "the list cannot be filtered like this",
			[]kyc.Problem{{Path: "/query/status", Code: "status_invalid", Message: "use active, deleted or all"}})
	}
	for _, status := range wanted {
		page, _, err := m.d.Store.Workflows(ctx, t, kyc.WorkflowFilter{Surface: kyc.SurfaceSteps, Status: status, Query: q.Name, TemplateType: q.TemplateType,
			EntityType: q.EntityType, Industry: q.Industry, Tags: q.Tags, ByUpdate: true}, kyc.Page{Limit: p.Limit + 1, After: p.After})
		if err != nil {
			return nil, false, err
		}
		list = append(list, page...)
	}
	slices.SortFunc(list, func(a, b kyc.Workflow) int {
		if c := b.UpdatedAt.Compare(a.UpdatedAt); c != 0 {
			return c
		}
		return -compareIDs(a.ID, b.ID)
	})
	if more = len(list) > p.Limit; more {
		list = list[:p.Limit]
	}
	return list, more, nil
}

func compareIDs(a, b kyc.ID) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// VersionState is one version in the list of a workflow's versions.
type VersionState struct {
	kyc.WorkflowVersion
	Latest bool
	// ActiveSessions are the sessions pinned to it that are not decided.
	ActiveSessions int
}

// WorkflowVersions gives a page of versions, newest first (A5). Those of a
// deleted workflow stay readable by its id.
func (m *Machine) WorkflowVersions(ctx context.Context, t kyc.Tenant, ref string, p kyc.Page) ([]VersionState, int, error) {
	w, err := m.findWorkflow(ctx, t, ref)
	if err != nil {
		return nil, 0, err
	}
	list, total, err := m.d.Store.Versions(ctx, t, w.ID, p)
	if err != nil {
		return nil, 0, err
	}
	active, err := m.activeSessions(ctx, t, w.ID)
	if err != nil {
		return nil, 0, fmt.Errorf("counting sessions: %w", err)
	}
	out := make([]VersionState, len(list))
	for i, v := range list {
		out[i] = VersionState{WorkflowVersion: v, Latest: v.Number == w.Latest, ActiveSessions: active[v.Number]}
	}
	return out, total, nil
}

// activeSessions counts the undecided sessions of a workflow by version.
func (m *Machine) activeSessions(ctx context.Context, t kyc.Tenant, workflow kyc.ID) (map[int]int, error) {
	const page = 500
	f := kyc.SessionFilter{WorkflowID: workflow, Status: []kyc.SessionStatus{kyc.SessionCreated, kyc.SessionCapturing, kyc.SessionCaptured,
		kyc.SessionRunning, kyc.SessionPaused, kyc.SessionReview, kyc.SessionCorrection}}
	out := map[int]int{}
	var after kyc.ID
	for {
		list, _, err := m.d.Store.Sessions(ctx, t, f, kyc.Page{Limit: page, After: after})
		if err != nil {
			return nil, err
		}
		for _, s := range list {
			out[s.Version]++
		}
		if len(list) < page {
			return out, nil
		}
		after = list[len(list)-1].ID
	}
}
