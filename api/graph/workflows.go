package graph

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"bonafide/api"
	"bonafide/kyc"
	"bonafide/session"
)

const (
	readWorkflows    = "workflows:read"
	writeWorkflows   = "workflows:write"
	publishWorkflows = "workflows:publish"
)

func definitionBody(o api.Operation) api.Operation {
	o.Definition = true
	return o
}

func (s *surface) workflowRoutes() {
	p := s.Porch
	api.Handle(p, definitionBody(said(created(op("create-workflow", http.MethodPost, "/workflows", "Workflows", "Create a workflow", writeWorkflows)),
		"Stores version 1 as a draft. A draft may be invalid: `errors` then lists everything that keeps it from being published.")),
		func(ctx context.Context, who api.Principal, in *struct {
			Strict
			Body newWorkflow
		}) (*tagged[workflow], error) {
			doc := in.Body.document()
			doc.IsDefault = in.Body.IsDefault
			st, err := s.Workflows.Create(ctx, who.Tenant, who.Actor, session.Draft{Surface: kyc.SurfaceGraph, Name: in.Body.Name, Description: in.Body.Description,
				Document: doc, ChangeNote: in.Body.ChangeNote, Lenient: api.Lenient(ctx), Warnings: api.Warnings(ctx)})
			if err != nil {
				return nil, err
			}
			return tag(st.Workflow.Meta, showWorkflow(st)), nil
		})
	api.Handle(p, op("list-workflows", http.MethodGet, "/workflows", "Workflows", "List workflows", readWorkflows), s.listWorkflows)
	api.Handle(p, op("get-workflow", http.MethodGet, "/workflows/{id}", "Workflows", "Read a workflow", readWorkflows),
		func(ctx context.Context, who api.Principal, in *struct {
			WorkflowPath
			Version int `query:"version" doc:"Show this version instead of the newest." minimum:"1"`
		}) (*tagged[workflow], error) {
			wid, err := id("workflow", in.ID)
			if err != nil {
				return nil, err
			}
			return showState(s.Workflows.Read(ctx, who.Tenant, wid, in.Version))
		})
	api.Handle(p, fails(definitionBody(said(op("update-workflow", http.MethodPatch, "/workflows/{id}", "Workflows", "Change a workflow", writeWorkflows),
		"Every edit makes a new, immutable version. What is in force stays in force until the new version is published. To move a running rollout or the default with it needs workflows:publish, too.")), http.StatusPreconditionFailed), s.editWorkflow)
	api.Handle(p, definitionBody(said(op("validate-workflow", http.MethodPost, "/workflows/validate", "Workflows", "Validate without saving", readWorkflows),
		"Compiles a definition and lists all problems at once, each with a JSON Pointer into the body.")), s.validateWorkflow)
	api.Handle(p, op("list-policies", http.MethodGet, "/workflows/policies", "Workflows", "The checks a workflow can use", readWorkflows),
		func(ctx context.Context, _ api.Principal, _ *struct{}) (*answer[whole[policy]], error) {
			names, lacks := slices.Sorted(maps.Keys(s.Catalog)), map[string][]Lack{}
			if s.Lacks != nil {
				lacks = s.Lacks(ctx)
			}
			return all(names, func(n string) policy { return showPolicy(s.Catalog[n], lacks[n]) }), nil
		})
}

func showState(st session.State, err error) (*tagged[workflow], error) {
	if err != nil {
		return nil, err
	}
	return tag(st.Workflow.Meta, showWorkflow(st)), nil
}

func (s *surface) listWorkflows(ctx context.Context, who api.Principal, in *struct {
	api.Offset
	IsActive  string `query:"is_active" doc:"Only those that new sessions may (true) or may not (false) use." enum:"true,false"`
	IsDefault string `query:"is_default" doc:"Only the default (true) or all others (false)." enum:"true,false"`
	Status    string `query:"status" doc:"Only those in this status." enum:"draft,published,inactive"`
	Name      string `query:"name" doc:"Only those whose name contains this, in any case." maxLength:"200"`
}) (*answer[page[workflow]], error) {
	filter := kyc.WorkflowFilter{Surface: kyc.SurfaceGraph, Status: kyc.WorkflowStatus(in.Status), Query: in.Name, Active: flag(in.IsActive), IsDefault: flag(in.IsDefault)}
	pg, err := in.Page(s.Porch, who, "workflows", filter)
	if err != nil {
		return nil, err
	}
	list, total, err := s.Workflows.List(ctx, who.Tenant, filter, pg)
	if err != nil {
		return nil, err
	}
	return part(s, who, in.Offset, "workflows", filter, list, total, func(st session.State) kyc.ID { return st.Workflow.ID }, showWorkflow), nil
}

func flag(text string) *bool {
	if text == "" {
		return nil
	}
	yes := text == "true"
	return &yes
}

func (s *surface) editWorkflow(ctx context.Context, who api.Principal, in *struct {
	WorkflowPath
	Strict
	api.IfMatch
	Body editWorkflow
}) (*tagged[workflow], error) {
	wid, err := id("workflow", in.ID)
	if err != nil {
		return nil, err
	}
	b := in.Body
	return showState(s.Workflows.Edit(ctx, who.Tenant, who.Actor, wid, rev(in.IfMatch), session.Change{
		Name: b.Name, Description: b.Description, Graph: b.Graph, Steps: b.Steps, DataRequirements: b.DataRequirements,
		ScreeningSettings: b.ScreeningSettings, GraphLayout: b.GraphLayout, ChangeNote: b.ChangeNote, IsDefault: b.IsDefault,
		Rollout: b.RolloutPercentage, MayPublish: who.Authorize(publishWorkflows) == nil, Lenient: api.Lenient(ctx), Warnings: api.Warnings(ctx)}))
}

type validation struct {
	Valid          bool            `json:"valid" doc:"Whether it could be published."`
	Errors         []api.Finding   `json:"errors" doc:"What keeps it from being published, all at once." nullable:"false"`
	Warnings       []api.Finding   `json:"warnings" doc:"What is allowed and probably not meant." nullable:"false"`
	DefinitionHash string          `json:"definition_hash,omitempty" doc:"Hash of the canonical definition, when it is valid."`
	LinkedGraph    json.RawMessage `json:"linked_graph,omitempty" doc:"The graph a run would walk: mandatory checks, default routes and subworkflows written out."`
	Order          []string        `json:"order,omitempty" doc:"The node ids in an order in which each comes before what follows it." nullable:"false"`
}

func (s *surface) validateWorkflow(ctx context.Context, who api.Principal, in *struct {
	Strict
	Body checkWorkflow
}) (*answer[validation], error) {
	doc, bare := in.Body.document()
	compiled, report, err := s.Workflows.Check(ctx, who.Tenant, "", doc, api.Lenient(ctx))
	if err != nil {
		return nil, err
	}
	if bare { // pointers lead into the body as it was sent
		for _, list := range [][]kyc.Problem{report.Errors, report.Warnings} {
			for i := range list {
				list[i].Path = strings.TrimPrefix(list[i].Path, "/graph")
			}
		}
	}
	out := validation{Valid: compiled != nil, Errors: findings(report.Errors), Warnings: findings(append(api.Warnings(ctx), report.Warnings...))}
	if compiled != nil {
		out.DefinitionHash, out.LinkedGraph, out.Order = compiled.Hash, compiled.Canonical(), compiled.Order
	}
	return &answer[validation]{Body: out}, nil
}

type policy struct {
	Name         string          `json:"name" doc:"What a policy node writes in its field policy." example:"document_ocr"`
	Title        string          `json:"title" doc:"What people call it."`
	Description  string          `json:"description" doc:"What it looks at."`
	ConfigSchema json.RawMessage `json:"config_schema" doc:"JSON Schema (2020-12) of the node's config."`
	Needs        []string        `json:"needs" doc:"Data requirements it works on; a|b means one of them." nullable:"false"`
	Provides     []string        `json:"provides" doc:"Paths that later conditions may read." nullable:"false"`
	Identity     bool            `json:"identity" doc:"Whether it ties the applicant to a document, a list or a record."`
	TimeoutMS    int64           `json:"timeout_ms" doc:"How long one attempt may take."`
	Available    bool            `json:"available" doc:"Whether the node that was asked can answer it for live applicants by itself. An organisation's providers may answer in its place; the sandbox always can."`
	Missing      []missing       `json:"missing" doc:"What this node lacks for it, and how to get it." nullable:"false"`
}

// Lack is one thing that a check lacks on this node.
type Lack struct {
	Name, Reason, Install string
	// Needed says that the check cannot answer without it.
	Needed bool
}

type missing struct {
	Name    string  `json:"name" doc:"What is missing, as bonafide doctor and /readyz call it."`
	Needed  bool    `json:"needed" doc:"Whether the check cannot answer without it; otherwise it sees less."`
	Reason  *string `json:"reason" doc:"Why it is missing; null when that is plain."`
	Install *string `json:"install" doc:"The command that changes that; null when there is none."`
}

func showMissing(l Lack) missing {
	return missing{Name: l.Name, Needed: l.Needed, Reason: maybe(l.Reason), Install: maybe(l.Install)}
}

func showPolicy(c kyc.CheckSpec, lacks []Lack) policy {
	return policy{Available: !slices.ContainsFunc(lacks, func(l Lack) bool { return l.Needed }), Missing: all(lacks, showMissing).Body.Data, Name: c.Name, Title: c.Title, Description: c.Description, ConfigSchema: c.ConfigSchema, Needs: words(c.Needs),
		Provides: words(c.Provides), Identity: c.Identity, TimeoutMS: c.Timeout.Milliseconds()}
}

// words never is null.
func words(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
