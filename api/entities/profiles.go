package entities

import (
	"context"
	"net/http"
	"strings"

	"bonafide/api"
	"bonafide/entity"
	"bonafide/execution"
	"bonafide/kyc"
	"bonafide/procedure"
)

// serviceProfile is how an individual stands with a service (api.md 5.10).
type serviceProfile struct {
	ID            string            `json:"serviceProfileId" doc:"Names the profile."`
	ServiceName   string            `json:"serviceName" doc:"The service."`
	EntityID      string            `json:"entityId" doc:"The individual."`
	State         string            `json:"state" doc:"How it stands." enum:"INIT,AUTO,ACTIVE,ARCHIVED,BLOCKLISTED,INACTIVE,DELETED,DUPLICATE"`
	Assignee      *string           `json:"assignee" doc:"Who works on it; null for nobody."`
	Reviewer      *string           `json:"reviewer" doc:"Who reviews it; null for nobody."`
	WorkflowID    *string           `json:"currentWorkflowId" doc:"The workflow of the newest execution; null before the first."`
	WorkflowName  *string           `json:"currentWorkflowName" doc:"Its name; null before the first execution."`
	ExecutionID   *string           `json:"latestWorkflowExecutionId" doc:"The newest execution; null before the first."`
	RiskID        *string           `json:"latestRiskAssessmentId" doc:"The newest risk assessment; null before the first."`
	RiskOverride  *riskOverride     `json:"riskOverride" doc:"A person's risk level, which later executions take over while the factors stay the same; null for none."`
	Summaries     []workflowSummary `json:"workflowSummaries" doc:"The newest execution in short; empty before the first." nullable:"false"`
	Subscriptions []subscription    `json:"subscriptions" doc:"What it is monitored for." nullable:"false"`
	Reference     *string           `json:"customerReference" doc:"Your name for it; null for none."`
	CreatedAt     stamp             `json:"createdAt" doc:"When it was made."`
	UpdatedAt     stamp             `json:"updatedAt" doc:"When it last changed."`
}

type riskOverride struct {
	Level string `json:"riskLevel" doc:"The level." enum:"UNKNOWN,LOW,MEDIUM,HIGH,UNACCEPTABLE"`
	By    string `json:"updatedBy" doc:"Who set it."`
	At    stamp  `json:"updatedAt" doc:"When."`
}

type workflowSummary struct {
	WorkflowID   string  `json:"workflowId" doc:"The workflow."`
	WorkflowName string  `json:"workflowName" doc:"Its name."`
	ExecutionID  *string `json:"workflowExecutionId" doc:"The execution."`
}

type subscription struct {
	Type         string  `json:"type" doc:"Kind of monitoring." enum:"AML,ACTIVITY"`
	Status       string  `json:"status" doc:"Whether it is on." enum:"ENABLED,DISABLED"`
	WorkflowName *string `json:"workflowName" doc:"The workflow that is executed when something changes; null for none."`
	EnabledAt    stamp   `json:"enabledAt" doc:"When it was switched on; null when it never was."`
	EnabledBy    *string `json:"enabledBy" doc:"Who switched it on."`
	DisabledAt   stamp   `json:"disabledAt" doc:"When it was switched off; null when it never was."`
	DisabledBy   *string `json:"disabledBy" doc:"Who switched it off."`
	CheckedAt    stamp   `json:"checkedAt" doc:"When the individual was last compared with the lists; null when never."`
}

func showProfile(p kyc.ServiceProfile) serviceProfile {
	out := serviceProfile{ID: string(p.ID), ServiceName: p.ServiceName, EntityID: string(p.SubjectID), State: p.State, Assignee: text(p.Assignee), Reviewer: text(p.Reviewer),
		WorkflowID: reference(p.WorkflowID), WorkflowName: text(p.WorkflowName), ExecutionID: text(kyc.ULID(p.LatestExecutionID)), RiskID: reference(p.LatestRiskID),
		Summaries: []workflowSummary{}, Reference: text(p.Private.CustomerReference), CreatedAt: at(p.CreatedAt), UpdatedAt: at(p.UpdatedAt),
		Subscriptions: shown(p.Subscriptions, func(x kyc.Subscription) subscription {
			status := "DISABLED"
			if x.Enabled {
				status = "ENABLED"
			}
			return subscription{Type: x.Type, Status: status, WorkflowName: text(x.WorkflowName), EnabledAt: at(x.EnabledAt), EnabledBy: text(x.EnabledBy),
				DisabledAt: at(x.DisabledAt), DisabledBy: text(x.DisabledBy), CheckedAt: at(x.CheckedAt)}
		})}
	if o := p.RiskOverride; o != nil {
		out.RiskOverride = &riskOverride{Level: o.Level, By: o.By, At: at(o.At)}
	}
	if p.LatestExecutionID != "" {
		out.Summaries = append(out.Summaries, workflowSummary{WorkflowID: string(p.WorkflowID), WorkflowName: p.WorkflowName, ExecutionID: out.ExecutionID})
	}
	return out
}

type profileBody struct {
	Asked
	Profile serviceProfile `json:"serviceProfile" doc:"The service profile."`
}

type profileList struct {
	Asked
	Profiles []serviceProfile `json:"serviceProfiles" doc:"The service profiles, newest first." nullable:"false"`
}

func (s *surface) profileRoutes() {
	p := s.Porch
	api.Handle(p, op("list-service-profiles", http.MethodGet, individualPath+"/serviceprofiles", tagProfiles, "List service profiles", readSessions),
		func(ctx context.Context, who api.Principal, in *EntityPath) (*answer[profileList], error) {
			subject, err := in.entity()
			if err != nil {
				return nil, err
			}
			list, err := s.Entities.Profiles(ctx, who.Tenant, who.Actor, subject)
			if err != nil {
				return nil, err
			}
			return reply(profileList{asked(ctx), shown(list, showProfile)}), nil
		})
	api.Handle(p, op("get-service-profile", http.MethodGet, profilePath, tagProfiles, "Read a service profile", readSessions),
		func(ctx context.Context, who api.Principal, in *ProfilePath) (*tagged[profileBody], error) {
			subject, err := in.entity()
			if err != nil {
				return nil, err
			}
			service, err := s.service(ctx, who, subject, in.Service)
			if err != nil {
				return nil, err
			}
			return oneProfile(ctx)(s.Entities.Profile(ctx, who.Tenant, who.Actor, subject, service))
		})
	api.Handle(p, fails(said(op("update-service-profile", http.MethodPatch, profilePath, tagProfiles, "Change a service profile", writeSessions),
		"What is sent replaces; an empty text or `null` empties."), http.StatusPreconditionFailed), s.updateProfile)
	api.Handle(p, fails(said(op("override-risk", http.MethodPatch, profilePath+"/risk", tagProfiles, "Override the risk level", writeSessions),
		"Of the newest execution that ended with one. Nothing runs again; the next execution takes the level over unless the factors changed."),
		http.StatusConflict, http.StatusPreconditionFailed), s.overrideRisk)
	api.Handle(p, fails(said(op("monitor-individual", http.MethodPatch, individualPath+"/monitor", tagProfiles, "Switch monitoring", writeSessions),
		"While it is on, a change of a watchlist that concerns the individual executes the monitoring workflow, and each new hit raises exactly one alert."), http.StatusConflict), s.monitor)
}

// service spells a service as the individual's profile does: paths name it in
// any case.
func (s *surface) service(ctx context.Context, who api.Principal, subject kyc.ID, name string) (string, error) {
	name = strings.TrimSpace(name)
	list, err := s.Entities.Profiles(ctx, who.Tenant, who.Actor, subject)
	if err != nil {
		return "", err
	}
	for _, p := range list {
		if strings.EqualFold(p.ServiceName, name) {
			return p.ServiceName, nil
		}
	}
	return "", kyc.Missing("service profile", clip(name))
}

func oneProfile(ctx context.Context) func(kyc.ServiceProfile, error) (*tagged[profileBody], error) {
	return func(p kyc.ServiceProfile, err error) (*tagged[profileBody], error) {
		if err != nil {
			return nil, err
		}
		return tag(p.Meta, profileBody{asked(ctx), showProfile(p)}), nil
	}
}

type profileChange struct {
	State     *string `json:"state,omitempty" doc:"AUTO, ACTIVE, ARCHIVED, BLOCKLISTED, INACTIVE or DUPLICATE." enum:"AUTO,ACTIVE,ARCHIVED,BLOCKLISTED,INACTIVE,DUPLICATE"`
	Assignee  *string `json:"assignee,omitempty" doc:"Who works on it." nullable:"true" maxLength:"200"`
	Reviewer  *string `json:"reviewer,omitempty" doc:"Who reviews it." nullable:"true" maxLength:"200"`
	Reference *string `json:"customerReference,omitempty" doc:"Your name for it; kept encrypted." nullable:"true" maxLength:"255"`
}

func (s *surface) updateProfile(ctx context.Context, who api.Principal, in *struct {
	ProfilePath
	Caller
	api.IfMatch
	Body patch[profileChange]
}) (*tagged[profileBody], error) {
	subject, err := in.entity()
	if err != nil {
		return nil, err
	}
	b, nothing := in.Body.Set, ""
	for _, pointer := range in.Body.Null {
		switch pointer {
		case "/assignee":
			b.Assignee = &nothing
		case "/reviewer":
			b.Reviewer = &nothing
		case "/customerReference":
			b.Reference = &nothing
		}
	}
	service, err := s.service(ctx, who, subject, in.Service)
	if err != nil {
		return nil, err
	}
	p, err := s.Entities.PatchProfile(ctx, who.Tenant, who.Actor, subject, service, in.Rev(),
		entity.ProfileChange{State: b.State, Assignee: b.Assignee, Reviewer: b.Reviewer, CustomerReference: b.Reference})
	return oneProfile(ctx)(p, (&tongue{}).explain(err))
}

type riskBody struct {
	Level   string   `json:"riskLevel" doc:"The level that holds from now on." enum:"UNKNOWN,LOW,MEDIUM,HIGH,UNACCEPTABLE"`
	Comment *Comment `json:"comment,omitempty" doc:"Why."`
}

type riskAnswer struct {
	Asked
	Risk    *riskAssessment `json:"riskAssessment" doc:"The assessment with its new level."`
	Profile serviceProfile  `json:"serviceProfile" doc:"The service profile, which keeps the level for later executions."`
	Result  workflowResult  `json:"workflowResult" doc:"The execution it belongs to; its result and status stay."`
}

func (s *surface) overrideRisk(ctx context.Context, who api.Principal, in *struct {
	ProfilePath
	Caller
	api.IfMatch
	Body riskBody
}) (*answer[riskAnswer], error) {
	subject, err := in.entity()
	if err != nil {
		return nil, err
	}
	hand, err := s.hand(ctx, who, in.Caller, in.Body.Comment)
	if err != nil {
		return nil, err
	}
	x, err := s.Executions.OverrideRisk(ctx, who.Tenant, who.Actor, subject, in.Service, in.Rev(), execution.Risk{Level: in.Body.Level, Hand: hand})
	if err != nil {
		return nil, err
	}
	return reply(riskAnswer{Asked: asked(ctx), Risk: showRisk(x.Execution), Profile: showProfile(x.Profile), Result: showExecution(x)}), nil
}

func (s *surface) monitor(ctx context.Context, who api.Principal, in *struct {
	EntityPath
	Caller
	Query
	Enabled string   `query:"enabled" doc:"true or false; true without it." enum:"true,false"`
	Types   []string `query:"monitoringTypes,explode" doc:"AML, ACTIVITY; several by repeating it or with commas; all without it." maxItems:"10"`
}) (*answer[profileList], error) {
	subject, err := in.entity()
	if err != nil {
		return nil, err
	}
	r := &reading{}
	types := in.several(r, "monitoringTypes", procedure.MonitoringTypes()...)
	if err := r.parameterErr(); err != nil {
		return nil, err
	}
	hand, err := s.hand(ctx, who, in.Caller, nil)
	if err != nil {
		return nil, err
	}
	list, err := s.Executions.Monitor(ctx, who.Tenant, who.Actor, subject, execution.Monitoring{Enabled: strings.TrimSpace(in.Enabled) != "false", Types: types, Hand: hand})
	if err != nil {
		return nil, err
	}
	return reply(profileList{asked(ctx), shown(list, showProfile)}), nil
}
