package intake

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"bonafide/checklist"
	"bonafide/kyc"
)

// office is where the organisation's workflows are: in its live environment,
// whoever asks.
func office(t kyc.Tenant) kyc.Tenant { return kyc.Tenant{Org: t.Org, Env: kyc.Live} }

// author refuses sandbox credentials: they run the organisation's workflows and
// change none (seed 001).
func author(t kyc.Tenant) error {
	if t.Env != kyc.Live {
		return kyc.Errorf(kyc.Forbidden, "sandbox_key_forbidden", "a sandbox key cannot create or change workflows; use a live key")
	}
	return nil
}

// CreateWorkflow stores a new workflow (B1). lenient makes unknown members
// warnings. Errors: Invalid validation_failed with every problem; Forbidden
// sandbox_key_forbidden.
func (m *Machine) CreateWorkflow(ctx context.Context, t kyc.Tenant, by kyc.Actor, raw json.RawMessage, lenient bool) (WorkflowState, error) {
	if err := author(t); err != nil {
		return WorkflowState{}, err
	}
	now, org, err := m.now(ctx, t)
	if err != nil {
		return WorkflowState{}, err
	}
	def, report := checklist.Parse(raw, checklist.ParseOptions{Lenient: lenient, MaximumAge: org.EnvSettings(t.Env).Checks.MaximumAge})
	if err := report.Err(); err != nil {
		return WorkflowState{}, err
	}
	w := kyc.Workflow{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: t}, Surface: kyc.SurfaceChecks, Status: kyc.WorkflowPublished}
	return m.publish(ctx, org, w, by, def, report.Warnings, "workflow.create")
}

// publish makes a definition the next version of a workflow, in force at once.
func (m *Machine) publish(ctx context.Context, org kyc.Org, w kyc.Workflow, by kyc.Actor, def *checklist.Definition, warnings []kyc.Problem, action string) (WorkflowState, error) {
	settings := org.EnvSettings(w.Tenant.Env)
	if err := m.provable(def, settings); err != nil {
		return WorkflowState{}, err
	}
	now := org.Now(m.d.Clock, w.Tenant.Env)
	before := ""
	if w.Rev > 0 {
		before = digest(&w)
	}
	// The ids of the steps are the catalog's tags, so that lists can show and
	// find them without reading every version.
	w.Name, w.Catalog = def.Name, &kyc.WorkflowCatalog{Tags: def.StepIDs(), StepCount: len(def.Steps)}
	w.Latest++
	w.Published = w.Latest
	w.Touch(now)
	v := kyc.WorkflowVersion{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: w.Tenant}, WorkflowID: w.ID, Number: w.Latest, Name: def.Name,
		Source: def.Canonical(), Format: Format, Hash: def.Hash(), Valid: true, Warnings: warnings, CreatedBy: by, PublishedAt: now, PublishedBy: &by}
	v.Touch(now)
	e := event(ctx, w.Tenant, by, now, action, "workflow", w.ID, "")
	e.Before, e.After = before, digest(&w)
	err := m.d.Store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&w, &v}, Events: []kyc.Event{e}})
	return WorkflowState{Workflow: w, Version: v, Def: def, Warnings: warnings}, err
}

// provable refuses a definition that asks a check this build does not have,
// before a session pins it.
func (m *Machine) provable(def *checklist.Definition, s kyc.Settings) error {
	if m.d.Catalog == nil {
		return nil
	}
	var graph struct {
		Nodes map[string]struct {
			Policy string `json:"policy"`
		} `json:"nodes"`
	}
	raw := checklist.Compile(def, checklist.CompileOptions{Mandatory: s.MandatoryPolicies, Auto: s.Checks.AutoDecision, ExpiryPolicy: s.Checks.ExpiryPolicy})
	if err := json.Unmarshal(raw, &graph); err != nil || len(graph.Nodes) == 0 {
		return kyc.Errorf(kyc.Internal, "not_compilable", "the definition gives no graph: %w", err)
	}
	for _, n := range graph.Nodes {
		if _, known := m.d.Catalog[n.Policy]; n.Policy != "" && !known {
			return kyc.Errorf(kyc.Internal, "not_compilable", "the definition asks %s, which this build does not have", n.Policy)
		}
	}
	return nil
}

// workflow reads a workflow of this surface with its newest version. A deleted
// one is missing.
func (m *Machine) workflow(ctx context.Context, t kyc.Tenant, id kyc.ID, rev int64) (WorkflowState, error) {
	w, err := m.d.Store.Workflow(ctx, office(t), id)
	if err == nil && (w.Surface != kyc.SurfaceChecks || w.Status == kyc.WorkflowDeleted) {
		err = kyc.Missing("workflow", string(id))
	}
	if err != nil {
		return WorkflowState{}, err
	}
	if err := match(&w.Meta, rev); err != nil {
		return WorkflowState{}, err
	}
	return m.newest(ctx, w)
}

func (m *Machine) newest(ctx context.Context, w kyc.Workflow) (WorkflowState, error) {
	v, err := m.d.Store.Version(ctx, w.Tenant, w.ID, w.Latest)
	if err != nil {
		return WorkflowState{}, err
	}
	def, err := m.definition(&v)
	return WorkflowState{Workflow: w, Version: v, Def: def, Warnings: v.Warnings}, err
}

// Workflow reads a workflow of the organisation (B3); a sandbox tenant reads
// the same ones. Warnings are those of its newest version.
func (m *Machine) Workflow(ctx context.Context, t kyc.Tenant, id kyc.ID) (WorkflowState, error) {
	return m.workflow(ctx, t, id, 0)
}

// Workflows lists the organisation's workflows, newest first (B2), archived
// ones included. A limit of 0 is 50; more than 500 is 500.
func (m *Machine) Workflows(ctx context.Context, t kyc.Tenant, p kyc.Page) (WorkflowList, error) {
	p.Limit = limitOf(p.Limit)
	ask := p
	ask.Limit++ // one more tells whether there is a next page
	ask.Uncounted = true
	found, _, err := m.d.Store.Workflows(ctx, office(t), kyc.WorkflowFilter{Surface: kyc.SurfaceChecks}, ask)
	if err != nil {
		return WorkflowList{}, err
	}
	var out WorkflowList
	if len(found) > p.Limit {
		found = found[:p.Limit]
		out.Next = found[len(found)-1].ID
	}
	out.Items = found
	return out, nil
}

// limitOf keeps a page within what this surface promises.
func limitOf(n int) int {
	if n <= 0 {
		return 50
	}
	return min(n, 500)
}

// ConfigureStep changes one step's configuration (B4): the members sent are
// laid over the stored ones, null restores a default. Sessions keep the version
// they were created with. rev is the revision of If-Match, 0 for none. Errors:
// Invalid validation_failed; 404 workflow_step_not_found; 403
// sandbox_key_forbidden; 409 workflow_archived; 412.
func (m *Machine) ConfigureStep(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, stepID string, config json.RawMessage, rev int64) (WorkflowState, error) {
	if err := author(t); err != nil {
		return WorkflowState{}, err
	}
	st, err := m.workflow(ctx, t, id, rev)
	if err != nil {
		return WorkflowState{}, err
	}
	name, _ := checklist.StepID(stepID)
	step := st.Def.Step(name)
	if step == nil {
		return WorkflowState{}, kyc.Errorf(kyc.NotFound, "workflow_step_not_found", "the workflow has no such step")
	}
	if st.Archived() {
		return WorkflowState{}, archived()
	}
	_, org, err := m.now(ctx, t)
	if err != nil {
		return WorkflowState{}, err
	}
	made, report := checklist.ParseConfig(name, config, step.Config, checklist.ParseOptions{MaximumAge: org.EnvSettings(t.Env).Checks.MaximumAge})
	if err := report.Err(); err != nil {
		return WorkflowState{}, err
	}
	def := st.Def.WithConfig(name, made)
	if def.Hash() == st.Version.Hash {
		st.Warnings = report.Warnings
		return st, nil // it says what is in force already
	}
	return m.publish(ctx, org, st.Workflow, by, def, report.Warnings, "workflow.configure")
}

// PatchWorkflow renames, reorders, archives or takes back from the archive
// (B5). Archived workflows take no new sessions; those under way go on. rev is
// the revision of If-Match, 0 for none. Errors: as ConfigureStep.
func (m *Machine) PatchWorkflow(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, p Patch, rev int64) (WorkflowState, error) {
	if err := author(t); err != nil {
		return WorkflowState{}, err
	}
	st, err := m.workflow(ctx, t, id, rev)
	if err != nil {
		return WorkflowState{}, err
	}
	def, report := st.Def.Patched(checklist.Patch{Name: p.Name, Steps: p.Steps})
	problems := report.Errors
	status := st.Workflow.Status
	if p.Status != nil {
		switch strings.ToLower(*p.Status) {
		case "active":
			status = kyc.WorkflowPublished
		case "archived":
			status = kyc.WorkflowInactive
		default:
			problems = append(slices.Clone(problems), kyc.Problem{Path: "/status", Code: "status_invalid", Message: "use active or archived"})
		}
	}
	if err := (checklist.Report{Errors: problems}).Err(); err != nil {
		return WorkflowState{}, err
	}
	now, org, err := m.now(ctx, t)
	if err != nil {
		return WorkflowState{}, err
	}
	w, same := st.Workflow, def.Hash() == st.Version.Hash
	if !same {
		w.Status = status
		return m.publish(ctx, org, w, by, def, report.Warnings, "workflow.update")
	}
	if status == w.Status {
		return st, nil
	}
	before := digest(&w)
	w.Status = status
	w.Touch(now)
	e := event(ctx, t, by, now, "workflow.update", "workflow", w.ID, "")
	e.Before, e.After, e.Reason = before, digest(&w), string(status)
	st.Workflow = w
	return st, m.d.Store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&w}, Events: []kyc.Event{e}})
}

func archived() *kyc.Error {
	return kyc.Errorf(kyc.Conflict, "workflow_archived", "the workflow is archived")
}
