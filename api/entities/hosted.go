package entities

import (
	"context"
	"net/http"
	"strings"
	"time"

	"bonafide/api"
	"bonafide/execution"
	"bonafide/kyc"
)

// hostedBody asks for a hosted link.
type hostedBody struct {
	EntityID     string `json:"entityId" doc:"The individual." maxLength:"64" example:"3fa85f64-5717-4562-b3fc-2c963f66afa6"`
	ServiceName  string `json:"serviceName" doc:"The service; in any case." minLength:"1" maxLength:"255" example:"Onboarding"`
	WorkflowName string `json:"workflowName" doc:"The workflow that is executed in the end; in any case." minLength:"1" maxLength:"255" example:"KYC & Lists"`
	RedirectURL  string `json:"redirectUrl,omitempty" doc:"Where the pages lead at the end: an absolute https address." maxLength:"2048" example:"https://shop.example/done"`
	ExpiresIn    *int   `json:"expiresInHours,omitempty" doc:"How long the link works; absent: the organisation's own time." minimum:"1" maximum:"8760" example:"168"`
	SendSMS      bool   `json:"sendSms,omitempty" doc:"Send the link as a text message, too."`
	PhoneNumber  string `json:"phoneNumber,omitempty" doc:"Where to, in E.164; absent: the individual's first number." maxLength:"20" example:"+31612345678"`
}

// hostedLink is a fresh hosted link.
type hostedLink struct {
	Asked
	URL          string `json:"url" doc:"The link to hand to the individual: shown once, and stored as a hash." example:"https://kyc.example.com/capture/6Yw3…"`
	EntityID     string `json:"entityId" doc:"The individual."`
	ExecutionID  string `json:"workflowExecutionId" doc:"The id that the execution will have: a ULID. There is no such execution before the individual is through with the pages." example:"01JD7Z5B0Q8V6W4X2Y0A1B2C3D"`
	ServiceName  string `json:"serviceName" doc:"The service."`
	WorkflowName string `json:"workflowName" doc:"The workflow."`
	ExpiresAt    stamp  `json:"expiresAt" doc:"Until when the link works."`
	// PhoneNumber is null when nothing is sent.
	PhoneNumber *string `json:"phoneNumber" doc:"Where the link is sent to; null for nowhere."`
}

// revokedLinks are the links that ended by a request.
type revokedLinks struct {
	Asked
	EntityID     string   `json:"entityId" doc:"The individual."`
	ExecutionIDs []string `json:"workflowExecutionIds" doc:"The links that ended, by the id that the execution of each would have had: ULIDs, the newest first. Empty when none was open."`
}

func (s *surface) hostedRoutes() {
	api.Handle(s.Porch, fails(said(created(op("create-hosted-url", http.MethodPost, "/individuals/hostedurl", tagExecutions, "Make a link for an individual", writeSessions)),
		"The link opens pages that ask the individual for what the workflow can use and is not known yet: an identity document, a picture of the face, the date of birth, the address, contacts. What is given becomes part of the individual, and in the end the workflow is executed in the background; a notification follows. The links that were made before for the individual and the workflow and are not through work no more; what was given by them stays."),
		http.StatusConflict), s.host)
	api.Handle(s.Porch, fails(said(op("revoke-hosted-urls", http.MethodDelete, individualPath+"/hostedurl", tagExecutions, "End the links of an individual", writeSessions),
		"Every hosted link of the individual that is not through, of any workflow, works no more from this moment; with `workflowExecutionId` only the one that was made with it. What was given by them stays the individual's. Doing it again ends nothing more; a link that was handed in already cannot be ended (409 `session_closed`)."),
		http.StatusConflict), s.revoke)
}

func (s *surface) revoke(ctx context.Context, who api.Principal, in *struct {
	EntityPath
	Link string `query:"workflowExecutionId" doc:"One link, by the id it was made with: a ULID, or the same id as a UUID. Absent: all." maxLength:"64" example:"01JD7Z5B0Q8V6W4X2Y0A1B2C3D"`
}) (*answer[revokedLinks], error) {
	subject, err := in.entity()
	if err != nil {
		return nil, err
	}
	var link kyc.ID
	if in.Link != "" {
		if link, err = executionID(in.Link); err != nil {
			return nil, err
		}
	}
	ended, err := s.Executions.Revoke(ctx, who.Tenant, who.Actor, subject, link)
	if err != nil {
		return nil, err
	}
	return reply(revokedLinks{Asked: asked(ctx), EntityID: string(subject), ExecutionIDs: shown(ended, func(s kyc.Session) string { return kyc.ULID(s.ID) })}), nil
}

func (s *surface) host(ctx context.Context, who api.Principal, in *struct {
	api.Base
	Caller
	Body hostedBody
}) (*answer[hostedLink], error) {
	subject, err := id("individual", in.Body.EntityID)
	if err != nil {
		return nil, err
	}
	hand, err := s.hand(ctx, who, in.Caller, nil)
	if err != nil {
		return nil, err
	}
	n := execution.NewHosted{SubjectID: subject, ServiceName: in.Body.ServiceName, WorkflowName: in.Body.WorkflowName, RedirectURL: strings.TrimSpace(in.Body.RedirectURL),
		Send: in.Body.SendSMS, Phone: strings.TrimSpace(in.Body.PhoneNumber), Hand: hand}
	if in.Body.ExpiresIn != nil {
		n.Life = time.Duration(*in.Body.ExpiresIn) * time.Hour
	}
	got, err := s.Executions.Host(ctx, who.Tenant, who.Actor, n)
	if err != nil {
		return nil, err
	}
	out := hostedLink{Asked: asked(ctx), URL: in.Link(s.PublicURL, s.Page+got.Token), EntityID: string(subject), ExecutionID: kyc.ULID(got.Session.ID),
		WorkflowName: got.Workflow.Name, ExpiresAt: at(got.Session.ExpiresAt), PhoneNumber: text(got.SentTo)}
	if got.Workflow.Service != nil {
		out.ServiceName = got.Workflow.Service.ServiceName
	}
	return reply(out), nil
}
