package entities

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"bonafide/api"
	"bonafide/execution"
	"bonafide/kyc"
)

// Executable is a workflow as C1 lists it.
type Executable struct {
	ServiceName string             `json:"serviceName" doc:"The service it belongs to." example:"AML Screening"`
	ID          string             `json:"workflowId" doc:"Names the workflow."`
	Name        string             `json:"workflowName" doc:"Its name, used in paths." example:"PEP & Sanctions"`
	Type        string             `json:"type" doc:"Its category, in your words." example:"pep_media"`
	Phase       string             `json:"lifecyclePhase" doc:"The phase of the customer's life in which it is executed." enum:"ONBOARDING,MONITORING,OTHER"`
	Monitors    []string           `json:"monitoringTypes" doc:"The kinds of monitoring it is subscribed to." nullable:"false"`
	Definition  *definitionSummary `json:"definition,omitempty" doc:"Only with include=workflowDefinition."`
}

type definitionSummary struct {
	Version   int       `json:"version" doc:"The version in force." minimum:"1"`
	UpdatedAt stamp     `json:"definitionUpdatedAt" doc:"When that version was written."`
	Steps     stepsText `json:"steps" doc:"What it does, with every default written out."`
}

type executableList struct {
	Listed
	Workflows []Executable `json:"workflows" doc:"The workflows, newest first." nullable:"false"`
}

func showExecutable(st execution.WorkflowState, definition bool) (Executable, error) {
	w := st.Workflow
	out := Executable{ID: string(w.ID), Name: w.Name, Monitors: []string{}}
	if w.Service != nil {
		out.ServiceName, out.Type, out.Phase, out.Monitors = w.Service.ServiceName, w.Service.Type, w.Service.Phase, words(w.Service.Monitors)
	}
	if definition {
		d, err := storedDefinition(st)
		if err != nil {
			return Executable{}, err
		}
		out.Definition = &definitionSummary{Version: st.Version.Number, UpdatedAt: at(st.Version.CreatedAt), Steps: d.Steps}
	}
	return out, nil
}

// stored is a definition as it was stored, shown without being read further.
type stored struct {
	Description string       `json:"description"`
	Steps       stepsText    `json:"steps"`
	RiskModel   riskText     `json:"riskModel"`
	Decision    decisionText `json:"decision"`
}

func storedDefinition(st execution.WorkflowState) (stored, error) {
	var out stored
	if err := json.Unmarshal(st.Version.Source, &out); err != nil {
		return stored{}, kyc.Errorf(kyc.Internal, "bad_definition", "reading a stored definition: %w", err)
	}
	return out, nil
}

// adminWorkflow is a workflow as the admin API shows it.
type adminWorkflow struct {
	Executable
	Description    string       `json:"description" doc:"What it is for."`
	Version        int          `json:"version" doc:"The version in force; each change is a new one, and executions keep the one they began with." minimum:"1"`
	DefinitionHash string       `json:"definitionHash" doc:"sha256: and the digest of the canonical definition."`
	Steps          stepsText    `json:"steps" doc:"What it does, with every default written out."`
	RiskModel      riskText     `json:"riskModel" doc:"What adds to the risk, and the bands of the levels."`
	Decision       decisionText `json:"decision" doc:"What must pass."`
	CreatedAt      stamp        `json:"createdAt" doc:"When it was made."`
	UpdatedAt      stamp        `json:"updatedAt" doc:"When it last changed."`
}

type adminBody struct {
	Asked
	Workflow adminWorkflow `json:"workflow" doc:"The workflow."`
	Warnings []api.Finding `json:"warnings" doc:"What is allowed and probably not meant." nullable:"false"`
}

type adminList struct {
	Listed
	Workflows []adminWorkflow `json:"workflows" doc:"The workflows, newest first." nullable:"false"`
}

func showAdmin(st execution.WorkflowState) (adminWorkflow, error) {
	e, err := showExecutable(st, false)
	if err != nil {
		return adminWorkflow{}, err
	}
	d, err := storedDefinition(st)
	if err != nil {
		return adminWorkflow{}, err
	}
	return adminWorkflow{Executable: e, Description: d.Description, Version: st.Version.Number, DefinitionHash: st.Version.Hash, Steps: d.Steps, RiskModel: d.RiskModel,
		Decision: d.Decision, CreatedAt: at(st.Workflow.CreatedAt), UpdatedAt: at(st.Workflow.UpdatedAt)}, nil
}

func (s *surface) workflowRoutes() {
	api.Handle(s.Porch, said(op("list-executable-workflows", http.MethodGet, "/workflows", tagWorkflows, "Workflows that can be executed", readWorkflows),
		"Keep serviceName and workflowName of the one you want: they are its address."),
		func(ctx context.Context, who api.Principal, in *struct {
			Query
			ServiceName string   `query:"serviceName" doc:"Only workflows of this service, in any case." maxLength:"255"`
			Include     []string `query:"include,explode" doc:"workflowDefinition shows the steps, too." maxItems:"10"`
			Pages
		}) (*answer[executableList], error) {
			r := &reading{}
			with := len(in.several(r, "include", "workflowDefinition")) > 0
			if err := r.parameterErr(); err != nil {
				return nil, err
			}
			paging := in.Pages
			list, total, err := s.Executions.Workflows(ctx, who.Tenant, strings.TrimSpace(in.ServiceName), paging.page())
			if err != nil {
				return nil, err
			}
			rows, err := each(list, func(st execution.WorkflowState) (Executable, error) { return showExecutable(st, with) })
			return reply(executableList{paging.listed(ctx, total), rows}), err
		})
}

// each translates each where translating can fail; never null.
func each[F, T any](list []F, show func(F) (T, error)) ([]T, error) {
	out := make([]T, 0, len(list))
	for _, x := range list {
		one, err := show(x)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

// AdminPath names a workflow.
type AdminPath struct {
	ID string `path:"workflowId" doc:"The workflow's id." maxLength:"64"`
}

func (s *surface) adminRoutes() {
	p := s.Porch
	definition := func(o api.Operation) api.Operation {
		o.Definition = true
		return fails(o, http.StatusConflict)
	}
	api.Handle(p, definition(said(created(op("create-entity-workflow", http.MethodPost, "/admin/workflows", tagWorkflows, "Create a workflow", writeWorkflows)),
		"In force at once. START, DECISION and FINISH are added where they are left out. Everything that is wrong is told in one answer, each with its place.")),
		func(ctx context.Context, who api.Principal, in *struct {
			Caller
			Body definitionText
		}) (*tagged[adminBody], error) {
			return oneWorkflow(ctx)(s.Executions.CreateWorkflow(ctx, who.Tenant, who.Actor, json.RawMessage(in.Body), api.Lenient(ctx)))
		})
	api.Handle(p, op("list-entity-workflows", http.MethodGet, "/admin/workflows", tagWorkflows, "List workflows with their definitions", readWorkflows),
		func(ctx context.Context, who api.Principal, in *struct {
			ServiceName string `query:"serviceName" doc:"Only workflows of this service, in any case." maxLength:"255"`
			Pages
		}) (*answer[adminList], error) {
			paging := in.Pages
			list, total, err := s.Executions.Workflows(ctx, who.Tenant, strings.TrimSpace(in.ServiceName), paging.page())
			if err != nil {
				return nil, err
			}
			rows, err := each(list, showAdmin)
			return reply(adminList{paging.listed(ctx, total), rows}), err
		})
	api.Handle(p, op("get-entity-workflow", http.MethodGet, "/admin/workflows/{workflowId}", tagWorkflows, "Read a workflow", readWorkflows),
		func(ctx context.Context, who api.Principal, in *AdminPath) (*tagged[adminBody], error) {
			wid, err := id("workflow", in.ID)
			if err != nil {
				return nil, err
			}
			return oneWorkflow(ctx)(s.Executions.Workflow(ctx, who.Tenant, wid))
		})
	api.Handle(p, fails(definition(said(op("replace-entity-workflow", http.MethodPut, "/admin/workflows/{workflowId}", tagWorkflows, "Replace a workflow", writeWorkflows),
		"The next version, in force at once; it may have another name or service. Executions under way keep theirs. A definition that says what is in force already makes no version.")), http.StatusPreconditionFailed),
		func(ctx context.Context, who api.Principal, in *struct {
			AdminPath
			Caller
			api.IfMatch
			Body definitionText
		}) (*tagged[adminBody], error) {
			wid, err := id("workflow", in.ID)
			if err != nil {
				return nil, err
			}
			return oneWorkflow(ctx)(s.Executions.ReplaceWorkflow(ctx, who.Tenant, who.Actor, wid, in.Rev(), json.RawMessage(in.Body), api.Lenient(ctx)))
		})
	api.Handle(p, fails(said(op("delete-entity-workflow", http.MethodDelete, "/admin/workflows/{workflowId}", tagWorkflows, "Delete a workflow", writeWorkflows),
		"It cannot be executed any more. Executions under way finish, and what was executed stays readable."), http.StatusPreconditionFailed),
		func(ctx context.Context, who api.Principal, in *struct {
			AdminPath
			api.IfMatch
		}) (*answer[deletedWorkflow], error) {
			wid, err := id("workflow", in.ID)
			if err != nil {
				return nil, err
			}
			w, err := s.Executions.DeleteWorkflow(ctx, who.Tenant, who.Actor, wid, in.Rev())
			if err != nil {
				return nil, err
			}
			return reply(deletedWorkflow{Asked: asked(ctx), ID: string(w.ID), DeletedAt: at(w.DeletedAt)}), nil
		})
}

type deletedWorkflow struct {
	Asked
	ID        string `json:"workflowId" doc:"The workflow."`
	DeletedAt stamp  `json:"deletedAt" doc:"When."`
}

func oneWorkflow(ctx context.Context) func(execution.WorkflowState, error) (*tagged[adminBody], error) {
	return func(st execution.WorkflowState, err error) (*tagged[adminBody], error) {
		if err != nil {
			return nil, err
		}
		w, err := showAdmin(st)
		if err != nil {
			return nil, err
		}
		return tag(st.Workflow.Meta, adminBody{Asked: asked(ctx), Workflow: w, Warnings: api.Findings(st.Warnings)}), nil
	}
}

// definitionText is the definition of a workflow, as it was sent: the room
// procedure reads it, so that it can tell everything that is wrong at once.
type definitionText json.RawMessage

// UnmarshalJSON keeps the text.
func (d *definitionText) UnmarshalJSON(raw []byte) error {
	*d = append((*d)[:0], raw...)
	return nil
}

const anythingElse = "Whatever is no workflow is answered with 422 and the list of everything that is wrong with it."

// Schema describes a definition.
func (definitionText) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{Description: "The definition of a workflow.", Examples: []any{exampleDefinition()},
		AnyOf: []*huma.Schema{r.Schema(reflect.TypeFor[Definition](), true, "Definition"), {Description: anythingElse}}}
}
