package steps

import (
	"context"
	"net/http"

	"bonafide/api"
	"bonafide/journey"
	"bonafide/kyc"
	"bonafide/onboarding"
)

// definitionBody marks a body that may have 2 MiB and honours ?strict=false.
func definitionBody(o api.Operation) api.Operation {
	o.Definition = true
	return o
}

func (s *surface) workflowRoutes() {
	p, group := s.Porch, "Onboarding workflows"
	api.Handle(p, fails(definitionBody(said(created(op("create-onboarding-workflow", http.MethodPost, "/workflows", group, "Create a workflow", create)),
		"Stores version 1 with every default written out, in force at once. Everything that is wrong with the definition is listed in one answer, each with a JSON Pointer.")), http.StatusConflict), s.createWorkflow)
	api.Handle(p, fails(definitionBody(said(created(op("create-onboarding-workflow-from-template", http.MethodPost, "/workflows/from-template/{type}", group, "Create from a template", create)),
		"The body is optional: members of a definition, laid over the template as a JSON merge patch. Workflows that the template's subsession steps need are made beside it unless their slug exists.")), http.StatusConflict), s.fromTemplate)
	api.Handle(p, op("list-onboarding-workflows", http.MethodGet, "/workflows", group, "List workflows", read), s.listWorkflows)
	api.Handle(p, said(op("get-onboarding-workflow", http.MethodGet, "/workflows/{workflow_id}", group, "Read a workflow", read),
		"A deleted workflow is found with `include_deleted`, or by its id and an explicit `version`."),
		func(ctx context.Context, who api.Principal, in *struct {
			WorkflowPath
			Version        int  `query:"version" doc:"Show this version instead of the newest." minimum:"1"`
			IncludeDeleted bool `query:"include_deleted" doc:"Find it although it was deleted."`
		}) (*tagged[workflow], error) {
			return showState(s.Machine.Workflow(ctx, who.Tenant, in.ID, in.Version, in.IncludeDeleted))
		})
	api.Handle(p, op("get-onboarding-workflow-graph", http.MethodGet, "/workflows/{workflow_id}/graph", group, "The graph a workflow compiles to", read), s.graph)
	api.Handle(p, op("list-onboarding-workflow-versions", http.MethodGet, "/workflows/{workflow_id}/versions", group, "Versions of a workflow", read), s.listVersions)
	api.Handle(p, fails(definitionBody(said(op("update-onboarding-workflow", http.MethodPut, "/workflows/{workflow_id}", group, "Change a workflow", create),
		"A JSON merge patch over the newest version: only what is sent changes. The result is exactly one new version; sessions keep the one they began with. An update that changes nothing makes no version.")),
		http.StatusConflict, http.StatusPreconditionFailed), s.updateWorkflow)
	api.Handle(p, fails(said(op("delete-onboarding-workflow", http.MethodDelete, "/workflows/{workflow_id}", group, "Delete a workflow", create),
		"Soft: sessions under way go on, old versions stay readable, new sessions are refused."), http.StatusPreconditionFailed),
		func(ctx context.Context, who api.Principal, in *struct {
			WorkflowPath
			api.IfMatch
		}) (*answer[deletedWorkflow], error) {
			w, err := s.Machine.DeleteWorkflow(ctx, who.Tenant, who.Actor, in.ID, rev(in.IfMatch))
			if err != nil {
				return nil, err
			}
			return &answer[deletedWorkflow]{Body: deletedWorkflow{ID: string(w.ID), Deleted: true, DeletedAt: at(w.DeletedAt)}}, nil
		})
}

func showState(st journey.WorkflowState, err error) (*tagged[workflow], error) {
	if err != nil {
		return nil, err
	}
	body, err := showWorkflow(st)
	if err != nil {
		return nil, err
	}
	return tag(st.Workflow.Meta, body), nil
}

func (s *surface) createWorkflow(ctx context.Context, who api.Principal, in *struct {
	Body definitionText
}) (*tagged[workflow], error) {
	return showState(s.Machine.CreateWorkflow(ctx, who.Tenant, who.Actor, []byte(in.Body), api.Lenient(ctx)))
}

func (s *surface) fromTemplate(ctx context.Context, who api.Principal, in *struct {
	Type string           `path:"type" doc:"basic-kyc, company-kyc, merchant-onboarding or pep-enhanced." maxLength:"64" example:"basic-kyc"`
	Body *definitionPatch `required:"false"`
}) (*tagged[madeWorkflow], error) {
	var patch []byte
	if in.Body != nil {
		patch = *in.Body
	}
	st, err := s.Machine.CreateFromTemplate(ctx, who.Tenant, who.Actor, in.Type, patch, api.Lenient(ctx))
	if err != nil {
		return nil, err
	}
	body, err := showWorkflow(st)
	if err != nil {
		return nil, err
	}
	return tag(st.Workflow.Meta, madeWorkflow{workflow: body, Companions: shown(st.Companions, func(w kyc.Workflow) companion {
		return companion{ID: string(w.ID), Slug: w.Slug, Name: w.Name}
	})}), nil
}

func (s *surface) listWorkflows(ctx context.Context, who api.Principal, in *struct {
	Paging
	EntityType   string   `query:"entity_type" doc:"Only workflows for these." enum:"individual,company"`
	TemplateType string   `query:"template_type" doc:"Only workflows of this template." enum:"basic-kyc,company-kyc,merchant-onboarding,pep-enhanced,custom"`
	Industry     string   `query:"industry" doc:"Only workflows of this industry." maxLength:"255"`
	Tags         []string `query:"tag,explode" doc:"Only workflows with one of these tags; may be repeated." maxItems:"50"`
	Name         string   `query:"q" doc:"Only workflows whose name contains this, in any case." maxLength:"255"`
	Status       string   `query:"status" doc:"Which ones." enum:"active,deleted,all" default:"active"`
}) (*answer[listing[listedWorkflow]], error) {
	q := journey.WorkflowQuery{EntityType: in.EntityType, TemplateType: in.TemplateType, Industry: in.Industry, Tags: in.Tags, Name: in.Name, Status: in.Status}
	pg, err := in.page(s, who, "onboarding-workflows", q)
	if err != nil {
		return nil, err
	}
	list, more, err := s.Machine.Workflows(ctx, who.Tenant, q, pg)
	if err != nil {
		return nil, err
	}
	rows := make([]listedWorkflow, len(list))
	for i, w := range list {
		st, err := s.Machine.Workflow(ctx, who.Tenant, string(w.ID), w.Latest, true)
		if err != nil {
			return nil, err
		}
		rows[i] = listedWorkflow{workflowHead: head(w, st.Version, st.Definition), StepCount: len(st.Definition.Steps)}
	}
	return part(s, who, "onboarding-workflows", q, rows, more, func(w listedWorkflow) kyc.ID { return kyc.ID(w.ID) }, same[listedWorkflow]), nil
}

func (s *surface) graph(ctx context.Context, who api.Principal, in *struct {
	WorkflowPath
	Version int `query:"version" doc:"Compile this version instead of the newest." minimum:"1"`
}) (*answer[compiledWorkflow], error) {
	st, err := s.Machine.Workflow(ctx, who.Tenant, in.ID, in.Version, false)
	if err != nil {
		return nil, err
	}
	org, err := s.Orgs.Org(ctx, who.Tenant.Org)
	if err != nil {
		return nil, err
	}
	graph := onboarding.Compile(st.Definition, onboarding.CompileOptions{Mandatory: org.EnvSettings(who.Tenant.Env).MandatoryPolicies})
	return &answer[compiledWorkflow]{Body: compiledWorkflow{ID: string(st.Workflow.ID), Version: st.Version.Number, DefinitionHash: st.Version.Hash, Graph: graph}}, nil
}

func (s *surface) listVersions(ctx context.Context, who api.Principal, in *struct {
	WorkflowPath
	Paging
}) (*answer[listing[workflowVersion]], error) {
	pg, err := in.page(s, who, "onboarding-versions", in.ID)
	if err != nil {
		return nil, err
	}
	limit := pg.Limit
	pg.Limit++ // one more tells whether there is another page
	list, _, err := s.Machine.WorkflowVersions(ctx, who.Tenant, in.ID, pg)
	if err != nil {
		return nil, err
	}
	more := len(list) > limit
	if more {
		list = list[:limit]
	}
	return part(s, who, "onboarding-versions", in.ID, list, more, func(v journey.VersionState) kyc.ID { return v.ID }, func(v journey.VersionState) workflowVersion {
		return workflowVersion{Version: v.Number, IsLatest: v.Latest, CreatedAt: at(v.CreatedAt), CreatedBy: v.CreatedBy.ID, ChangeNote: text(v.ChangeNote),
			DefinitionHash: v.Hash, ActiveSessions: v.ActiveSessions}
	}), nil
}

func (s *surface) updateWorkflow(ctx context.Context, who api.Principal, in *struct {
	WorkflowPath
	api.IfMatch
	Body definitionPatch
}) (*tagged[changedWorkflow], error) {
	st, err := s.Machine.UpdateWorkflow(ctx, who.Tenant, who.Actor, in.ID, rev(in.IfMatch), []byte(in.Body), api.Lenient(ctx))
	if err != nil {
		return nil, err
	}
	body, err := showWorkflow(st)
	if err != nil {
		return nil, err
	}
	return tag(st.Workflow.Meta, changedWorkflow{workflow: body, Changed: st.Changed}), nil
}
