package session

import (
	"context"
	"encoding/json"

	"bonafide/flow"
	"bonafide/kyc"
)

// find reads a workflow that was not deleted and checks its revision. Those of
// other surfaces have a machine of their own and are not found here.
func (m *Workflows) find(ctx context.Context, t kyc.Tenant, id kyc.ID, rev int64) (kyc.Workflow, error) {
	w, err := m.d.Store.Workflow(ctx, t, id)
	if err != nil {
		return w, err
	}
	if w.Status == kyc.WorkflowDeleted || foreign(w.Surface) {
		return w, kyc.Missing("workflow", string(id))
	}
	return w, match(&w.Meta, rev)
}

// Read gives a workflow with its newest version; number 0 is the newest.
func (m *Workflows) Read(ctx context.Context, t kyc.Tenant, id kyc.ID, number int) (State, error) {
	w, err := m.find(ctx, t, id, 0)
	if err != nil {
		return State{}, err
	}
	if number == 0 {
		number = w.Latest
	}
	v, err := m.d.Store.Version(ctx, t, id, number)
	if err != nil {
		return State{}, err
	}
	return m.state(ctx, w, v)
}

// state looks at a version; an invalid draft is compiled again to tell its
// problems.
func (m *Workflows) state(ctx context.Context, w kyc.Workflow, v kyc.WorkflowVersion) (State, error) {
	doc, err := readDocument(&v, kyc.Settings{})
	if err != nil {
		return State{}, err
	}
	st := State{Workflow: w, Version: v, Document: doc, Report: flow.Report{Warnings: v.Warnings}}
	if v.Valid {
		return st, nil
	}
	_, report, err := m.Check(ctx, w.Tenant, w.ID, doc, true)
	st.Report.Errors = report.Errors
	return st, err
}

// List gives a page of workflows with the newest version of each.
func (m *Workflows) List(ctx context.Context, t kyc.Tenant, f kyc.WorkflowFilter, p kyc.Page) ([]State, int, error) {
	list, total, err := m.d.Store.Workflows(ctx, t, f, p)
	if err != nil {
		return nil, 0, err
	}
	out := make([]State, 0, len(list))
	for _, w := range list {
		v, err := m.d.Store.Version(ctx, t, w.ID, w.Latest)
		if err != nil {
			return nil, 0, err
		}
		st, err := m.state(ctx, w, v)
		if err != nil {
			return nil, 0, err
		}
		out = append(out, st)
	}
	return out, total, nil
}

// Versions gives a page of a workflow's versions, newest first.
func (m *Workflows) Versions(ctx context.Context, t kyc.Tenant, id kyc.ID, p kyc.Page) ([]kyc.WorkflowVersion, int, error) {
	if _, err := m.find(ctx, t, id, 0); err != nil {
		return nil, 0, err
	}
	return m.d.Store.Versions(ctx, t, id, p)
}

// maxDrafts bounds the drafts that one answer shows.
const maxDrafts = 1000

// Drafts gives the versions newer than the published one that were never
// published, newest first.
func (m *Workflows) Drafts(ctx context.Context, t kyc.Tenant, id kyc.ID) ([]kyc.WorkflowVersion, error) {
	if _, err := m.find(ctx, t, id, 0); err != nil {
		return nil, err
	}
	all, _, err := m.d.Store.Versions(ctx, t, id, kyc.Page{Limit: maxDrafts})
	if err != nil {
		return nil, err
	}
	var out []kyc.WorkflowVersion
	for _, v := range all {
		if v.PublishedAt.IsZero() {
			out = append(out, v)
		}
	}
	return out, nil
}

// Draft finds a version of a workflow by its own id.
func (m *Workflows) Draft(ctx context.Context, t kyc.Tenant, id, draft kyc.ID) (State, error) {
	w, err := m.find(ctx, t, id, 0)
	if err != nil {
		return State{}, err
	}
	v, err := m.d.Store.VersionByID(ctx, t, draft)
	if err != nil {
		return State{}, err
	}
	if v.WorkflowID != id {
		return State{}, kyc.Missing("draft", string(draft))
	}
	return m.state(ctx, w, v)
}

// Diff compares a draft with what is in force (with nothing when the workflow
// was never published).
func (m *Workflows) Diff(ctx context.Context, t kyc.Tenant, id, draft kyc.ID) (from, to int, d flow.Difference, err error) {
	st, err := m.Draft(ctx, t, id, draft)
	if err != nil {
		return 0, 0, d, err
	}
	var current Document
	if n := st.Workflow.Published; n > 0 {
		v, err := m.d.Store.Version(ctx, t, id, n)
		if err != nil {
			return 0, 0, d, err
		}
		if current, err = readDocument(&v, kyc.Settings{}); err != nil {
			return 0, 0, d, err
		}
		from = n
	}
	return from, st.Version.Number, flow.Compare(definitionOf(current), definitionOf(st.Document)), nil
}

// definitionOf is the definition as the difference shows it: legacy steps
// become their graph, layout is left out.
func definitionOf(doc Document) json.RawMessage {
	if g, _, problems := doc.graph(); len(problems) == 0 && len(g) > 0 {
		doc.Graph, doc.Steps = g, nil
	}
	doc.GraphLayout, doc.IsDefault, doc.Rollout = nil, false, nil
	return encode(doc)
}

// Compiled gives a stored version of a workflow of any surface as the graph
// that a run would walk now. Errors: 422 invalid_workflow with every problem.
func (m *Workflows) Compiled(ctx context.Context, t kyc.Tenant, v kyc.WorkflowVersion) (*flow.Compiled, error) {
	_, org, err := m.now(ctx, t)
	if err != nil {
		return nil, err
	}
	g, _, err := m.plans.version(ctx, &v, org.EnvSettings(t.Env))
	return g, err
}
