package execution

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	lru "github.com/hashicorp/golang-lru/v2"

	"bonafide/flow"
	"bonafide/kyc"
	"bonafide/procedure"
)

// Format is the format of the versions of this surface.
const Format = "procedure"

// definitions are the read versions by their ID; a version is immutable.
type definitions struct {
	cache   *lru.Cache[kyc.ID, *procedure.Definition]
	schemas *flow.Schemas // of the checks' configs
}

func newDefinitions() definitions {
	cache, _ := lru.New[kyc.ID, *procedure.Definition](256) // fails only for a size below 1
	return definitions{cache: cache, schemas: &flow.Schemas{}}
}

// definition reads a stored version.
func (d *definitions) definition(v *kyc.WorkflowVersion) (*procedure.Definition, error) {
	if got, ok := d.cache.Get(v.ID); ok {
		return got, nil
	}
	def, err := procedure.Read(v.Source)
	if err != nil {
		return nil, err
	}
	d.cache.Add(v.ID, def)
	return def, nil
}

// WorkflowState is a workflow with one of its versions, whose Source is the
// definition in canonical JSON with every default written out.
type WorkflowState struct {
	Workflow   kyc.Workflow
	Version    kyc.WorkflowVersion
	Definition *procedure.Definition
	// Warnings are about the definition that was just stored.
	Warnings []kyc.Problem
	// Changed is false when a replacement says what is in force already.
	Changed bool
}

// CreateWorkflow stores a new workflow (admin API, 5.2). lenient makes unknown
// fields warnings. Errors: Invalid invalid_workflow with every problem; 409
// workflow_exists when the service has one of that name.
func (m *Machine) CreateWorkflow(ctx context.Context, t kyc.Tenant, by kyc.Actor, raw json.RawMessage, lenient bool) (WorkflowState, error) {
	def, warnings, err := parse(raw, lenient)
	if err != nil {
		return WorkflowState{}, err
	}
	if err := m.free(ctx, t, "", def); err != nil {
		return WorkflowState{}, err
	}
	now, org, err := m.now(ctx, t)
	if err != nil {
		return WorkflowState{}, err
	}
	var c kyc.Change
	st, err := m.version(ctx, org, kyc.Workflow{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: t}}, by, def, warnings, "workflow.create", &c)
	if err != nil {
		return WorkflowState{}, err
	}
	return st, m.d.Store.Commit(ctx, &c)
}

func parse(raw json.RawMessage, lenient bool) (*procedure.Definition, []kyc.Problem, error) {
	def, report := procedure.Parse(raw, procedure.ParseOptions{Lenient: lenient})
	if err := report.Err(); err != nil {
		return nil, nil, err
	}
	return def, report.Warnings, nil
}

// free refuses a pair of names that another workflow has.
func (m *Machine) free(ctx context.Context, t kyc.Tenant, self kyc.ID, def *procedure.Definition) error {
	w, err := m.d.Store.WorkflowBySlug(ctx, t, kyc.SurfaceEntities, kyc.ServiceSlug(def.ServiceName, def.WorkflowName))
	switch {
	case err == nil && w.ID != self:
		return kyc.Errorf(kyc.Conflict, "workflow_exists", "the service %q has a workflow %q already", def.ServiceName, def.WorkflowName)
	case err != nil && kyc.KindOf(err) != kyc.NotFound:
		return err
	}
	return nil
}

// version adds the next version of a workflow to a change.
func (m *Machine) version(ctx context.Context, org kyc.Org, w kyc.Workflow, by kyc.Actor, def *procedure.Definition, warnings []kyc.Problem, action string, c *kyc.Change) (WorkflowState, error) {
	mandatory := org.EnvSettings(w.Tenant.Env).MandatoryPolicies
	if m.d.Catalog != nil { // a definition that cannot run is refused before executions pin it
		graph := procedure.Compile(def, procedure.CompileOptions{Mandatory: mandatory})
		if _, report := flow.Compile(graph, flow.Options{Catalog: m.d.Catalog, Mandatory: mandatory, Schemas: m.schemas}); report.Err() != nil {
			return WorkflowState{}, kyc.Errorf(kyc.Internal, "not_compilable", "compiling the definition: %w", report.Err())
		}
	}
	now := org.Now(m.d.Clock, w.Tenant.Env)
	before := ""
	if w.Rev > 0 {
		before = digest(&w)
	}
	w.Surface, w.Status = kyc.SurfaceEntities, kyc.WorkflowPublished
	w.Slug, w.Name, w.Description = kyc.ServiceSlug(def.ServiceName, def.WorkflowName), def.WorkflowName, def.Description
	w.Service = &kyc.WorkflowService{ServiceName: def.ServiceName, Type: def.Type, Phase: def.LifecyclePhase, Monitors: def.MonitoringTypes}
	w.Latest++
	w.Published = w.Latest
	w.Touch(now)
	v := kyc.WorkflowVersion{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: w.Tenant}, WorkflowID: w.ID, Number: w.Latest, Name: w.Name, Description: w.Description,
		Source: def.Canonical(), Format: Format, Hash: def.Hash(), Valid: true, Warnings: warnings, CreatedBy: by, PublishedAt: now, PublishedBy: &by}
	v.Touch(now)
	e := event(ctx, w.Tenant, by, now, action, objectWorkflow, w.ID, "")
	e.Before, e.After = before, digest(&w)
	c.Put = append(c.Put, &w, &v)
	c.Events = append(c.Events, e)
	return WorkflowState{Workflow: w, Version: v, Definition: def, Warnings: warnings, Changed: true}, nil
}

// workflow reads a workflow of this surface that was not deleted.
func (m *Machine) workflow(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Workflow, error) {
	w, err := m.d.Store.Workflow(ctx, t, id)
	if err == nil && (w.Surface != kyc.SurfaceEntities || w.Status == kyc.WorkflowDeleted) {
		err = kyc.Missing("workflow", string(id))
	}
	return w, err
}

// ReplaceWorkflow stores the next version of a workflow, which may also rename
// it or move it to another service. rev is the revision of If-Match, 0 for
// none. A definition that says what is in force already makes no version.
// Executions under way keep the version they began with. Errors: those of
// CreateWorkflow; 404; 412.
func (m *Machine) ReplaceWorkflow(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, raw json.RawMessage, lenient bool) (WorkflowState, error) {
	w, err := m.workflow(ctx, t, id)
	if err != nil {
		return WorkflowState{}, err
	}
	if err := match(&w.Meta, rev); err != nil {
		return WorkflowState{}, err
	}
	def, warnings, err := parse(raw, lenient)
	if err != nil {
		return WorkflowState{}, err
	}
	st, err := m.inForce(ctx, w)
	if err != nil {
		return WorkflowState{}, err
	}
	if st.Version.Hash == def.Hash() {
		st.Warnings = warnings
		return st, nil
	}
	if err := m.free(ctx, t, w.ID, def); err != nil {
		return WorkflowState{}, err
	}
	_, org, err := m.now(ctx, t)
	if err != nil {
		return WorkflowState{}, err
	}
	var c kyc.Change
	if st, err = m.version(ctx, org, w, by, def, warnings, "workflow.update", &c); err != nil {
		return WorkflowState{}, err
	}
	return st, m.d.Store.Commit(ctx, &c)
}

// inForce completes a workflow with its version in force.
func (m *Machine) inForce(ctx context.Context, w kyc.Workflow) (WorkflowState, error) {
	v, err := m.d.Store.Version(ctx, w.Tenant, w.ID, w.Published)
	if err != nil {
		return WorkflowState{}, err
	}
	def, err := m.definition(&v)
	return WorkflowState{Workflow: w, Version: v, Definition: def}, err
}

// Workflow reads a workflow with the version in force.
func (m *Machine) Workflow(ctx context.Context, t kyc.Tenant, id kyc.ID) (WorkflowState, error) {
	w, err := m.workflow(ctx, t, id)
	if err != nil {
		return WorkflowState{}, err
	}
	return m.inForce(ctx, w)
}

// find reads the workflow that a path names.
func (m *Machine) find(ctx context.Context, t kyc.Tenant, service, name string) (kyc.Workflow, error) {
	w, err := m.d.Store.WorkflowBySlug(ctx, t, kyc.SurfaceEntities, kyc.ServiceSlug(service, name))
	if err != nil && kyc.KindOf(err) == kyc.NotFound {
		err = kyc.Missing("workflow", name)
	}
	return w, err
}

// Workflows gives a page of the executable workflows, newest first, and how
// many there are (C1). An empty service gives those of all services; its case
// does not matter.
func (m *Machine) Workflows(ctx context.Context, t kyc.Tenant, service string, p kyc.Page) ([]WorkflowState, int, error) {
	list, total, err := m.executable(ctx, t, service, p)
	if err != nil {
		return nil, 0, err
	}
	out := make([]WorkflowState, len(list))
	for i, w := range list {
		if out[i], err = m.inForce(ctx, w); err != nil {
			return nil, 0, err
		}
	}
	return out, total, nil
}

// manyWorkflows is how many workflows are read at once.
const manyWorkflows = 200

func (m *Machine) executable(ctx context.Context, t kyc.Tenant, service string, p kyc.Page) ([]kyc.Workflow, int, error) {
	f := kyc.WorkflowFilter{Surface: kyc.SurfaceEntities, Status: kyc.WorkflowPublished}
	if service == "" {
		return m.d.Store.Workflows(ctx, t, f, p)
	}
	of, err := m.ofService(ctx, t, service)
	if err != nil {
		return nil, 0, err
	}
	from := min(max(p.Offset, 0), len(of))
	if p.After != "" {
		from = slices.IndexFunc(of, func(w kyc.Workflow) bool { return w.ID == p.After }) + 1
	}
	page := of[from:]
	if p.Limit > 0 && len(page) > p.Limit {
		page = page[:p.Limit]
	}
	return page, len(of), nil
}

// ofService are all executable workflows of a service, newest first. A tenant
// has few of them, so they are told apart here.
func (m *Machine) ofService(ctx context.Context, t kyc.Tenant, service string) ([]kyc.Workflow, error) {
	f := kyc.WorkflowFilter{Surface: kyc.SurfaceEntities, Status: kyc.WorkflowPublished}
	var out []kyc.Workflow
	var after kyc.ID
	for {
		page, _, err := m.d.Store.Workflows(ctx, t, f, kyc.Page{Limit: manyWorkflows, After: after})
		if err != nil {
			return nil, err
		}
		for _, w := range page {
			after = w.ID
			if w.Service != nil && strings.EqualFold(w.Service.ServiceName, strings.TrimSpace(service)) {
				out = append(out, w)
			}
		}
		if len(page) < manyWorkflows {
			return out, nil
		}
	}
}

// DeleteWorkflow takes a workflow out of use: executions under way finish, and
// what was executed stays readable. Its names are free again. Errors: 404; 412.
func (m *Machine) DeleteWorkflow(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64) (kyc.Workflow, error) {
	w, err := m.workflow(ctx, t, id)
	if err != nil {
		return w, err
	}
	if err := match(&w.Meta, rev); err != nil {
		return w, err
	}
	now, _, err := m.now(ctx, t)
	if err != nil {
		return w, err
	}
	before := digest(&w)
	w.Status, w.DeletedAt = kyc.WorkflowDeleted, now
	w.Touch(now)
	e := event(ctx, t, by, now, "workflow.delete", objectWorkflow, w.ID, "")
	e.Before, e.After = before, digest(&w)
	return w, m.d.Store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&w}, Events: []kyc.Event{e}})
}
