package journey

import (
	"context"
	"encoding/json"
	"maps"

	"bonafide/flow"
	"bonafide/kyc"
	"bonafide/onboarding"
)

// Format is the format of the versions of this surface.
const Format = "onboarding"

// WorkflowState is a workflow with one of its versions.
type WorkflowState struct {
	Workflow   kyc.Workflow
	Version    kyc.WorkflowVersion
	Definition *onboarding.Definition
	// Changed is false when an update asked for what is in force already.
	Changed bool
	// Companions are workflows that a template made beside this one.
	Companions []kyc.Workflow
}

// Latest reports whether the version is the newest.
func (s WorkflowState) Latest() bool { return s.Version.Number == s.Workflow.Latest }

// CreateWorkflow stores a new workflow (A1). lenient makes unknown fields
// warnings. Errors: Invalid invalid_workflow with every problem of the
// definition; 409 slug_taken, workflow_deleted.
func (m *Machine) CreateWorkflow(ctx context.Context, t kyc.Tenant, by kyc.Actor, raw json.RawMessage, lenient bool) (WorkflowState, error) {
	def, report := onboarding.Parse(raw, onboarding.ParseOptions{Lenient: lenient})
	if err := report.Err(); err != nil {
		return WorkflowState{}, err
	}
	return m.create(ctx, t, by, def, report.Warnings, wellKnown())
}

// wellKnown are the workflows that templates bring along, by slug. A definition
// that names one for its subsessions gets it made, as the template would: seed
// 004 prints a company workflow that names ubo-verification-workflow, and it
// must be taken as it is printed.
func wellKnown() map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	for _, name := range onboarding.Templates() {
		if _, companions, ok := onboarding.Template(name); ok {
			maps.Copy(out, companions)
		}
	}
	return out
}

// CreateFromTemplate stores a new workflow made from a template (A2). patch
// is a JSON merge patch over it and may be empty. Workflows that the template
// needs for subsessions are made in the same change unless their slug exists.
// Errors: 404 template_not_found, and those of CreateWorkflow.
func (m *Machine) CreateFromTemplate(ctx context.Context, t kyc.Tenant, by kyc.Actor, name string, patch json.RawMessage, lenient bool) (WorkflowState, error) {
	raw, companions, ok := onboarding.Template(name)
	if !ok {
		return WorkflowState{}, kyc.Errorf(kyc.NotFound, "template_not_found", "there is no template %q; the templates are %v", name, onboarding.Templates())
	}
	if len(patch) == 0 {
		patch = json.RawMessage(`{}`)
	}
	kind, err := json.Marshal(map[string]string{"template_type": name})
	if err != nil {
		return WorkflowState{}, kyc.Errorf(kyc.Internal, "encode", "encoding a template's name: %w", err)
	}
	for _, p := range []json.RawMessage{patch, kind} {
		if raw, err = onboarding.MergeRaw(raw, p); err != nil {
			return WorkflowState{}, err
		}
	}
	def, report := onboarding.Parse(raw, onboarding.ParseOptions{Lenient: lenient})
	if err := report.Err(); err != nil {
		return WorkflowState{}, err
	}
	return m.create(ctx, t, by, def, report.Warnings, companions)
}

func (m *Machine) create(ctx context.Context, t kyc.Tenant, by kyc.Actor, def *onboarding.Definition, warnings []kyc.Problem, companions map[string]json.RawMessage) (WorkflowState, error) {
	fresh, err := m.companions(ctx, t, def, companions)
	if err != nil {
		return WorkflowState{}, err
	}
	if err := m.checkNesting(ctx, t, "", def, fresh); err != nil {
		return WorkflowState{}, err
	}
	if err := m.free(ctx, t, "", def.Slug); err != nil {
		return WorkflowState{}, err
	}
	now, org, err := m.now(ctx, t)
	if err != nil {
		return WorkflowState{}, err
	}
	var c kyc.Change
	st := WorkflowState{Changed: true}
	for _, d := range fresh {
		made, err := m.version(ctx, org, kyc.Workflow{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: t}}, by, d, nil, "workflow.create", &c)
		if err != nil {
			return st, err
		}
		st.Companions = append(st.Companions, made.Workflow)
		warnings = append(warnings, kyc.Problem{Path: "/steps", Code: "subsession_workflow_created",
			Message: "the workflow " + d.Slug + " did not exist and was made from our template; look at it before you use it"})
	}
	made, err := m.version(ctx, org, kyc.Workflow{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: t}}, by, def, warnings, "workflow.create", &c)
	if err != nil {
		return st, err
	}
	st.Workflow, st.Version, st.Definition = made.Workflow, made.Version, made.Definition
	return st, m.d.Store.Commit(ctx, &c)
}

// companions parses the workflows a template needs that the definition still
// names and that do not exist.
func (m *Machine) companions(ctx context.Context, t kyc.Tenant, def *onboarding.Definition, all map[string]json.RawMessage) ([]*onboarding.Definition, error) {
	var out []*onboarding.Definition
	for _, slug := range def.SubsessionWorkflows() {
		raw, ours := all[slug]
		if !ours {
			continue
		}
		_, err := m.d.Store.WorkflowBySlug(ctx, t, kyc.SurfaceSteps, slug)
		if err == nil {
			continue
		}
		if kyc.KindOf(err) != kyc.NotFound {
			return nil, err
		}
		d, report := onboarding.Parse(raw, onboarding.ParseOptions{})
		if err := report.Err(); err != nil {
			return nil, kyc.Errorf(kyc.Internal, "bad_template", "reading the companion %s: %w", slug, err)
		}
		out = append(out, d)
	}
	return out, nil
}

// free refuses a slug that another workflow has.
func (m *Machine) free(ctx context.Context, t kyc.Tenant, self kyc.ID, slug string) error {
	if slug == "" {
		return nil
	}
	w, err := m.d.Store.WorkflowBySlug(ctx, t, kyc.SurfaceSteps, slug)
	switch {
	case err == nil && w.ID != self:
		return kyc.Errorf(kyc.Conflict, "slug_taken", "another workflow has the slug %q already", slug)
	case err != nil && kyc.KindOf(err) != kyc.NotFound:
		return err
	}
	return nil
}

// version adds the next version of a workflow to a change.
func (m *Machine) version(ctx context.Context, org kyc.Org, w kyc.Workflow, by kyc.Actor, def *onboarding.Definition, warnings []kyc.Problem, action string, c *kyc.Change) (WorkflowState, error) {
	mandatory := org.EnvSettings(w.Tenant.Env).MandatoryPolicies
	if m.d.Catalog != nil { // a definition that cannot run is refused before sessions pin it
		graph := onboarding.Compile(def, onboarding.CompileOptions{Mandatory: mandatory})
		if _, report := flow.Compile(graph, flow.Options{Catalog: m.d.Catalog, Mandatory: mandatory, Schemas: m.schemas}); report.Err() != nil {
			return WorkflowState{}, kyc.Errorf(kyc.Internal, "not_compilable", "compiling the definition: %w", report.Err())
		}
	}
	now := org.Now(m.d.Clock, w.Tenant.Env)
	before := ""
	if w.Rev > 0 {
		before = digest(&w)
	}
	catalog := def.Catalog()
	w.Surface, w.Status, w.Catalog = kyc.SurfaceSteps, kyc.WorkflowPublished, &catalog
	w.Slug, w.Name, w.Description = def.Slug, def.Name, def.Description
	w.Latest++
	w.Published = w.Latest
	w.Touch(now)
	v := kyc.WorkflowVersion{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: w.Tenant}, WorkflowID: w.ID, Number: w.Latest, Name: def.Name,
		Description: def.Description, Source: def.Canonical(), Format: Format, Hash: def.Hash(), Valid: true, Warnings: warnings,
		ChangeNote: def.ChangeNote, CreatedBy: by, PublishedAt: now, PublishedBy: &by}
	v.Touch(now)
	e := event(ctx, w.Tenant, by, now, action, "workflow", w.ID, "")
	e.Before, e.After, e.Reason = before, digest(&w), def.ChangeNote
	c.Put = append(c.Put, &w, &v)
	c.Events = append(c.Events, e)
	return WorkflowState{Workflow: w, Version: v, Definition: def, Changed: true}, nil
}

// findWorkflow reads a workflow of this surface by id or slug, deleted or not
// (by id only: a slug is free again once its workflow is deleted).
func (m *Machine) findWorkflow(ctx context.Context, t kyc.Tenant, ref string) (kyc.Workflow, error) {
	id, isID := kyc.ParseID(ref)
	if !isID {
		return m.d.Store.WorkflowBySlug(ctx, t, kyc.SurfaceSteps, ref)
	}
	w, err := m.d.Store.Workflow(ctx, t, id)
	if err == nil && w.Surface != kyc.SurfaceSteps {
		err = kyc.Missing("workflow", ref)
	}
	return w, err
}

// livingWorkflow is findWorkflow without the deleted ones.
func (m *Machine) livingWorkflow(ctx context.Context, t kyc.Tenant, ref string) (kyc.Workflow, error) {
	w, err := m.findWorkflow(ctx, t, ref)
	if err == nil && w.Status == kyc.WorkflowDeleted {
		err = kyc.Missing("workflow", ref)
	}
	return w, err
}

// Workflow reads a workflow by id or slug (A4). number 0 is the newest
// version. A deleted workflow is missing unless deleted is set or a version is
// named, so that old sessions can be explained. Errors: 404 not_found,
// workflow_version_not_found.
func (m *Machine) Workflow(ctx context.Context, t kyc.Tenant, ref string, number int, deleted bool) (WorkflowState, error) {
	w, err := m.findWorkflow(ctx, t, ref)
	if err != nil {
		return WorkflowState{}, err
	}
	if w.Status == kyc.WorkflowDeleted && !deleted && number == 0 {
		return WorkflowState{}, kyc.Missing("workflow", ref)
	}
	return m.atVersion(ctx, w, number)
}

func (m *Machine) atVersion(ctx context.Context, w kyc.Workflow, number int) (WorkflowState, error) {
	if number == 0 {
		number = w.Latest
	}
	v, err := m.d.Store.Version(ctx, w.Tenant, w.ID, number)
	if kyc.KindOf(err) == kyc.NotFound && err != nil {
		err = kyc.Errorf(kyc.NotFound, "workflow_version_not_found", "the workflow has no version %d", number)
	}
	if err != nil {
		return WorkflowState{}, err
	}
	def, err := m.definition(&v)
	return WorkflowState{Workflow: w, Version: v, Definition: def}, err
}

// UpdateWorkflow lays a JSON merge patch over the newest version (A6). The
// merged definition is checked as a whole and becomes exactly one new version,
// unless it says what is in force already (Changed is false then). rev is the
// revision of If-Match, 0 for none. Errors: those of CreateWorkflow; 404; 412.
func (m *Machine) UpdateWorkflow(ctx context.Context, t kyc.Tenant, by kyc.Actor, ref string, rev int64, patch json.RawMessage, lenient bool) (WorkflowState, error) {
	w, err := m.livingWorkflow(ctx, t, ref)
	if err != nil {
		return WorkflowState{}, err
	}
	if err := match(&w.Meta, rev); err != nil {
		return WorkflowState{}, err
	}
	st, err := m.atVersion(ctx, w, 0)
	if err != nil {
		return WorkflowState{}, err
	}
	raw, err := onboarding.Merge(st.Definition, patch)
	if err != nil {
		return WorkflowState{}, err
	}
	def, report := onboarding.Parse(raw, onboarding.ParseOptions{Lenient: lenient})
	if err := report.Err(); err != nil {
		return WorkflowState{}, err
	}
	if def.Hash() == st.Version.Hash {
		return st, nil
	}
	if err := m.checkNesting(ctx, t, w.ID, def, nil); err != nil {
		return WorkflowState{}, err
	}
	if err := m.free(ctx, t, w.ID, def.Slug); err != nil {
		return WorkflowState{}, err
	}
	_, org, err := m.now(ctx, t)
	if err != nil {
		return WorkflowState{}, err
	}
	var c kyc.Change
	if st, err = m.version(ctx, org, w, by, def, report.Warnings, "workflow.update", &c); err != nil {
		return WorkflowState{}, err
	}
	return st, m.d.Store.Commit(ctx, &c)
}

// DeleteWorkflow hides a workflow (A7): new sessions may not use it, sessions
// under way finish, its versions stay readable. A second call is 404.
func (m *Machine) DeleteWorkflow(ctx context.Context, t kyc.Tenant, by kyc.Actor, ref string, rev int64) (kyc.Workflow, error) {
	w, err := m.livingWorkflow(ctx, t, ref)
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
	e := event(ctx, t, by, now, "workflow.delete", "workflow", w.ID, "")
	e.Before, e.After = before, digest(&w)
	return w, m.d.Store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&w}, Events: []kyc.Event{e}})
}
