package checks

import (
	"context"
	"net/http"

	"bonafide/api"
	"bonafide/intake"
	"bonafide/kyc"
)

type WorkflowPath struct {
	ID string `path:"id" doc:"The workflow's id." maxLength:"64" example:"0199a0b0-1111-7222-8333-444455556666"`
}

func (s *surface) workflowRoutes() {
	p := s.Porch
	create := said(created(op("create-check-workflow", http.MethodPost, "/workflows", groupWorkflows, "Create a workflow", writeWorkflows)),
		"Everything that is wrong is listed in one answer, each with a JSON Pointer. Sandbox keys cannot create workflows (403); sandbox sessions run the organisation's workflows all the same.")
	create.Definition = true
	api.Handle(p, create, s.createWorkflow)
	api.Handle(p, op("list-check-workflows", http.MethodGet, "/workflows", groupWorkflows, "List workflows", readWorkflows), s.listWorkflows)
	api.Handle(p, said(op("get-check-workflow", http.MethodGet, "/workflows/{id}", groupWorkflows, "Retrieve a workflow", readWorkflows), "The same answer as that of its creation."),
		func(ctx context.Context, who api.Principal, in *WorkflowPath) (*tagged[workflowAnswer], error) {
			return s.onWorkflow(in.ID, func(wid kyc.ID) (intake.WorkflowState, error) { return s.Machine.Workflow(ctx, who.Tenant, wid) })
		})
	api.Handle(p, fails(said(op("update-check-workflow", http.MethodPatch, "/workflows/{id}", groupWorkflows, "Rename, reorder or archive a workflow", writeWorkflows),
		"Sessions under way keep the workflow as it was when they were created."), http.StatusPreconditionFailed), s.patchWorkflow)
	api.Handle(p, fails(said(op("configure-check-step", http.MethodPatch, "/workflows/{id}/steps/{step_id}/config", groupWorkflows, "Change one step's configuration", writeWorkflows),
		"Only the fields that are sent change; null restores a default. Sessions under way keep the configuration they were created with."), http.StatusPreconditionFailed), s.configureStep)
}

func (s *surface) createWorkflow(ctx context.Context, who api.Principal, in *struct {
	Body definitionText
}) (*tagged[workflowAnswer], error) {
	return showState(s.Machine.CreateWorkflow(ctx, who.Tenant, who.Actor, []byte(in.Body), api.Lenient(ctx)))
}

func (s *surface) listWorkflows(ctx context.Context, who api.Principal, in *struct {
	Paging
}) (*answer[workflowList], error) {
	const name = "check-workflows"
	pg, err := in.page(s, who, name, nil)
	if err != nil {
		return nil, err
	}
	list, err := s.Machine.Workflows(ctx, who.Tenant, pg)
	if err != nil {
		return nil, err
	}
	return &answer[workflowList]{Body: workflowList{Workflows: shown(list.Items, listWorkflow), NextToken: s.next(who, name, nil, list.Next)}}, nil
}

func (s *surface) patchWorkflow(ctx context.Context, who api.Principal, in *struct {
	WorkflowPath
	api.IfMatch
	Body struct {
		Name   *string  `json:"name,omitempty" doc:"The new name; 1 to 255 characters."`
		Status *string  `json:"status,omitempty" doc:"archived takes no new sessions, active does again." enum:"active,archived"`
		Steps  []string `json:"steps,omitempty" doc:"All step ids in their new order." maxItems:"100" nullable:"false"`
	}
}) (*tagged[workflowAnswer], error) {
	return s.onWorkflow(in.ID, func(wid kyc.ID) (intake.WorkflowState, error) {
		return s.Machine.PatchWorkflow(ctx, who.Tenant, who.Actor, wid, intake.Patch{Name: in.Body.Name, Status: in.Body.Status, Steps: in.Body.Steps}, in.Rev())
	})
}

func (s *surface) configureStep(ctx context.Context, who api.Principal, in *struct {
	WorkflowPath
	api.IfMatch
	StepID string `path:"step_id" doc:"The step, in any spelling." maxLength:"64" example:"ID_VERIFICATION"`
	Body   struct {
		Config configChange `json:"config" doc:"What changes."`
	}
}) (*tagged[workflowAnswer], error) {
	return s.onWorkflow(in.ID, func(wid kyc.ID) (intake.WorkflowState, error) {
		return s.Machine.ConfigureStep(ctx, who.Tenant, who.Actor, wid, in.StepID, []byte(in.Body.Config), in.Rev())
	})
}

func (s *surface) onWorkflow(text string, do func(kyc.ID) (intake.WorkflowState, error)) (*tagged[workflowAnswer], error) {
	wid, err := id("workflow", text)
	if err != nil {
		return nil, err
	}
	return showState(do(wid))
}

func showState(st intake.WorkflowState, err error) (*tagged[workflowAnswer], error) {
	if err != nil {
		return nil, err
	}
	return tag(st.Workflow.Meta, showWorkflow(st)), nil
}
