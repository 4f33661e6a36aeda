package session

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"bonafide/flow"
	"bonafide/kyc"
)

// WorkflowsDeps are what the workflow machine is made from.
type WorkflowsDeps struct {
	Store interface {
		Committer
		Orgs
		WorkflowStore
		People
		// Trials counts the sessions that ended during a rollout, by version.
		Trials(ctx context.Context, t kyc.Tenant, workflow kyc.ID, rollout string, from time.Time) (map[int]kyc.TrialTally, error)
		kyc.EventFinder // who made a key
	}
	Clock   kyc.Clock
	Catalog map[string]kyc.CheckSpec
	// News tells of publications and rollbacks; nil tells nobody.
	News kyc.News
}

// People reads the users of an organisation.
type People interface {
	Users(ctx context.Context, org kyc.ID) ([]kyc.User, error)
}

// Workflows is the machine of workflows: immutable versions, publication,
// rollout, defaults.
type Workflows struct {
	d     WorkflowsDeps
	now   func(ctx context.Context, t kyc.Tenant) (time.Time, kyc.Org, error)
	plans *compiler
}

// NewWorkflows makes the machine.
func NewWorkflows(d WorkflowsDeps) *Workflows {
	return &Workflows{d: d, now: orgClock(d.Store, d.Clock), plans: newCompiler(d.Store, d.Catalog)}
}

// Titles are what people call the checks, by name.
func (m *Workflows) Titles() map[string]string {
	out := make(map[string]string, len(m.d.Catalog))
	for name, spec := range m.d.Catalog {
		out[name] = spec.Title
	}
	return out
}

// Limits of a workflow's texts.
const (
	maxName        = 200
	maxDescription = 4000
	maxNoteBytes   = 2000
)

// Draft is what an author submits.
type Draft struct {
	Surface     kyc.Surface
	Name        string
	Description string
	Document    Document
	ChangeNote  string
	// Lenient makes unknown fields of the definition warnings.
	Lenient bool
	// Warnings are unknown fields outside the graph, found by the surface.
	Warnings []kyc.Problem
}

// State is a workflow with one of its versions and what the compiler says
// about that version now.
type State struct {
	Workflow kyc.Workflow
	Version  kyc.WorkflowVersion
	Document Document
	Report   flow.Report
	// Waiting says that nothing changed but a wish, which a different person
	// must approve (four eyes).
	Waiting bool
}

// Check compiles a document without saving it.
func (m *Workflows) Check(ctx context.Context, t kyc.Tenant, self kyc.ID, doc Document, lenient bool) (*flow.Compiled, flow.Report, error) {
	_, org, err := m.now(ctx, t)
	if err != nil {
		return nil, flow.Report{}, err
	}
	compiled, report, _ := m.plans.compile(ctx, t, doc, org.EnvSettings(t.Env).MandatoryPolicies, self, lenient)
	absent, err := m.absentLists(ctx, t, compiled)
	report.Warnings = append(report.Warnings, absent...)
	return compiled, report, err
}

// Create stores a new workflow with its first draft. The draft may be invalid;
// its problems come back in the report. Errors: 422 for a missing name or a
// document that is no document.
func (m *Workflows) Create(ctx context.Context, t kyc.Tenant, by kyc.Actor, d Draft) (State, error) {
	if err := d.check(); err != nil {
		return State{}, err
	}
	now, org, err := m.now(ctx, t)
	if err != nil {
		return State{}, err
	}
	w := kyc.Workflow{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: t}, Surface: d.Surface, Name: strings.TrimSpace(d.Name),
		Description: d.Description, Status: kyc.WorkflowDraft}
	if w.Surface == "" {
		w.Surface = kyc.SurfaceGraph
	}
	return m.store(ctx, org, w, by, now, d, "workflow.create", nil)
}

func (d Draft) check() error {
	var p []kyc.Problem
	add := func(path, code, message string) {
		p = append(p, kyc.Problem{Path: path, Code: code, Message: message})
	}
	switch name := strings.TrimSpace(d.Name); {
	case name == "":
		add("/name", "required", "a workflow needs a name")
	case len(name) > maxName:
		add("/name", "too_long", fmt.Sprintf("at most %d bytes", maxName))
	}
	if len(d.Description) > maxDescription {
		add("/description", "too_long", fmt.Sprintf("at most %d bytes", maxDescription))
	}
	if len(d.ChangeNote) > maxNoteBytes {
		add("/change_note", "too_long", fmt.Sprintf("at most %d bytes", maxNoteBytes))
	}
	switch {
	case present(d.Document.Graph) && present(d.Document.Steps):
		add("/steps", "graph_and_steps", "send a graph or steps, not both")
	case !present(d.Document.Graph) && !present(d.Document.Steps):
		add("/graph", "required", "a workflow needs a graph")
	}
	if r := d.Document.Rollout; r != nil && (*r < 0 || *r > 100) {
		add("/rollout_percentage", "out_of_range", "0 to 100")
	}
	if len(p) > 0 {
		return kyc.InvalidInput("invalid_workflow", "the workflow cannot be stored", p)
	}
	return nil
}

// store makes the next version of a workflow from a draft.
func (m *Workflows) store(ctx context.Context, org kyc.Org, w kyc.Workflow, by kyc.Actor, now time.Time, d Draft, action string, with *kyc.Change) (State, error) {
	before := ""
	if w.Rev > 0 {
		before = digest(&w)
	}
	compiled, report, _ := m.plans.compile(ctx, w.Tenant, d.Document, org.EnvSettings(w.Tenant.Env).MandatoryPolicies, w.ID, d.Lenient)
	absent, err := m.absentLists(ctx, w.Tenant, compiled)
	if err != nil {
		return State{}, err
	}
	report.Warnings = append(report.Warnings, absent...)
	report.Warnings = append(d.Warnings, report.Warnings...)
	v := newVersion(&w, d, by, now)
	v.Valid = compiled != nil
	v.Warnings = report.Warnings
	v.Hash = definitionHash(compiled, d.Document)
	w.Latest = v.Number
	w.Touch(now)
	e := event(ctx, w.Tenant, by, now, action, "workflow", w.ID, "")
	e.Before, e.After, e.Reason = before, digest(&w), d.ChangeNote
	var change kyc.Change
	if with != nil {
		change.Add(*with) // the old default is unset before the new one is set
	}
	change.Add(kyc.Change{Put: []kyc.Object{&w, &v}, Events: []kyc.Event{e}})
	return State{Workflow: w, Version: v, Document: d.Document, Report: report}, m.d.Store.Commit(ctx, &change)
}

func newVersion(w *kyc.Workflow, d Draft, by kyc.Actor, now time.Time) kyc.WorkflowVersion {
	v := kyc.WorkflowVersion{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: w.Tenant}, WorkflowID: w.ID, Number: w.Latest + 1,
		Name: w.Name, Description: w.Description, Source: encode(d.Document), Format: FormatGraph, ChangeNote: d.ChangeNote, CreatedBy: by}
	if present(d.Document.Steps) {
		v.Format = FormatSteps
	}
	v.Touch(now)
	return v
}

// definitionHash is the compiler's hash of a valid definition; an invalid
// draft is hashed as it was submitted, without its layout.
func definitionHash(c *flow.Compiled, doc Document) string {
	if c != nil {
		return c.Hash
	}
	doc.GraphLayout, doc.IsDefault, doc.Rollout = nil, false, nil
	canonical, err := flow.Canonical(encode(doc))
	if err != nil {
		return ""
	}
	return flow.HashOf(canonical)
}

// Change edits a workflow; nil leaves a part alone. Every edit makes a new,
// immutable version; what is in force stays in force until the new version is
// published.
type Change struct {
	Name        *string
	Description *string
	// The parts of the document; a JSON null removes a part.
	Graph, Steps, DataRequirements, ScreeningSettings, GraphLayout json.RawMessage
	ChangeNote                                                     string
	IsDefault                                                      *bool
	// Rollout moves a running rollout; without one it is kept for the
	// publication of this version.
	Rollout *int
	// MayPublish says that the credential may change what is in force: move a
	// running rollout and choose the default.
	MayPublish bool
	Lenient    bool
	Warnings   []kyc.Problem
}

// Edit applies a change on top of the newest version. rev is the revision of
// If-Match, 0 for none. Errors: 403 scope_missing for a change of what is in
// force without MayPublish, 409 second_person_needed for one that four eyes have
// to see.
func (m *Workflows) Edit(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, c Change) (State, error) {
	w, err := m.find(ctx, t, id, rev)
	if err != nil {
		return State{}, err
	}
	v, err := m.d.Store.Version(ctx, t, id, w.Latest)
	if err != nil {
		return State{}, err
	}
	doc, err := readDocument(&v, kyc.Settings{})
	if err != nil {
		return State{}, err
	}
	now, org, err := m.now(ctx, t)
	if err != nil {
		return State{}, err
	}
	d := Draft{Name: w.Name, Description: w.Description, ChangeNote: c.ChangeNote, Lenient: c.Lenient, Warnings: c.Warnings}
	if c.Name != nil {
		d.Name = *c.Name
	}
	if c.Description != nil {
		d.Description = *c.Description
	}
	d.Document = c.onto(doc)
	var with *kyc.Change
	if c.Rollout != nil && w.Rollout != nil {
		switch {
		case !c.MayPublish:
			return State{}, mayNotPublish()
		case org.EnvSettings(t.Env).PublishFourEyes && widens(&w, *c.Rollout):
			return State{}, kyc.Errorf(kyc.Conflict, "second_person_needed", "a larger share needs a second person; ask for it with PUT …/rollout")
		}
		if err := moveRollout(&w, *c.Rollout, now); err != nil {
			return State{}, err
		}
		d.Document.Rollout = nil
	}
	if c.IsDefault != nil && *c.IsDefault && w.Status == kyc.WorkflowPublished && !w.IsDefault {
		if !c.MayPublish {
			return State{}, mayNotPublish()
		}
		if with, err = m.makeDefault(ctx, org, &w, by, now); err != nil {
			return State{}, err
		}
	}
	if err := d.check(); err != nil {
		return State{}, err
	}
	w.Name, w.Description = strings.TrimSpace(d.Name), d.Description
	return m.store(ctx, org, w, by, now, d, "workflow.update", with)
}

func mayNotPublish() error {
	e := kyc.Errorf(kyc.Forbidden, "scope_missing", "this credential lacks the scope workflows:publish")
	e.Problems = []kyc.Problem{{Code: "scope_missing", Message: "a change of what is in force needs the scope workflows:publish"}}
	return e
}

// onto lays a change over a document.
func (c Change) onto(doc Document) Document {
	part := func(old *json.RawMessage, next json.RawMessage) {
		switch {
		case len(next) == 0:
		case string(next) == "null":
			*old = nil
		default:
			*old = next
		}
	}
	if present(c.Graph) && !present(c.Steps) {
		doc.Steps = nil
	}
	if present(c.Steps) && !present(c.Graph) {
		doc.Graph = nil
	}
	part(&doc.Graph, c.Graph)
	part(&doc.Steps, c.Steps)
	part(&doc.DataRequirements, c.DataRequirements)
	part(&doc.ScreeningSettings, c.ScreeningSettings)
	part(&doc.GraphLayout, c.GraphLayout)
	if c.Rollout != nil {
		doc.Rollout = c.Rollout
	}
	if c.IsDefault != nil {
		doc.IsDefault = *c.IsDefault
	}
	return doc
}
