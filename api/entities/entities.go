package entities

import (
	"context"
	"net/http"
	"strings"
	"unicode"

	"bonafide/api"
	"bonafide/entity"
	"bonafide/execution"
	"bonafide/kyc"
	"bonafide/webhook"
)

// Deps are the machines behind the surface. All but KeyName, PublicURL and Page
// are obligatory.
type Deps struct {
	Porch      *api.Porch
	Clock      kyc.Clock
	Entities   *entity.Machine
	Executions *execution.Machine
	Webhooks   *webhook.Desk
	// KeyName is what an organisation calls one of its API keys: whoever
	// changes something without naming a person is written down by it. nil, or
	// an empty name: the key's prefix.
	KeyName func(ctx context.Context, t kyc.Tenant, key kyc.ID) (string, error)
	// PublicURL is the base of hosted links; empty: from the request.
	PublicURL string
	// Page is the path of the applicants' pages, to which a link's token is
	// added; empty: /capture/.
	Page string
}

// surface holds the routes.
type surface struct {
	Deps
}

// Mount adds every route of surface C to the porch.
func Mount(d Deps) {
	if d.Page == "" {
		d.Page = "/capture/"
	}
	s := &surface{Deps: d}
	s.workflowRoutes()
	s.adminRoutes()
	s.executionRoutes()
	s.hostedRoutes()
	s.resultRoutes()
	s.individualRoutes()
	s.elementRoutes()
	s.documentRoutes()
	s.profileRoutes()
	s.searchRoutes()
	s.auditRoutes()
	s.matchlistRoutes()
	s.webhookRoutes()
	s.deliveryRoutes()
}

// Scopes of the surface (api.md section 1.2).
const (
	readWorkflows  = "workflows:read"
	writeWorkflows = "workflows:write"
	readSessions   = "sessions:read"
	writeSessions  = "sessions:write"
	readLists      = "lists:read"
	writeLists     = "lists:write"
	readWebhooks   = "webhooks:read"
	writeWebhooks  = "webhooks:write"
	redact         = "data:redact"
	readAudit      = "audit:read"
)

// The groups of routes in /docs.
const (
	tagWorkflows   = "Entity workflows"
	tagExecutions  = "Workflow executions"
	tagResults     = "Process results"
	tagIndividuals = "Individuals"
	tagDocuments   = "Documents of individuals"
	tagProfiles    = "Service profiles"
	tagMatchlists  = "Matchlists"
	tagNotify      = "Notifications"
)

// Paths that many routes begin with.
const (
	individualPath = "/individuals/{entityId}"
	profilePath    = individualPath + "/serviceprofiles/{serviceName}"
	workflowPath   = profilePath + "/workflows/{workflowName}"
	executionPath  = workflowPath + "/executions/{workflowExecutionId}"
	resultsPath    = individualPath + "/results"
	documentPath   = individualPath + "/documents/{documentId}"
)

// op begins the description of a route.
func op(id, method, path, tag, summary string, scopes ...string) api.Operation {
	return api.Operation{ID: id, Method: method, Path: "/v2" + path, Surface: kyc.SurfaceEntities, Scopes: scopes, Summary: summary, Tag: tag}
}

func said(o api.Operation, description string) api.Operation {
	o.Description = description
	return o
}

func created(o api.Operation) api.Operation {
	o.Status = http.StatusCreated
	return o
}

func fails(o api.Operation, statuses ...int) api.Operation {
	o.Errors = append(o.Errors, statuses...)
	return o
}

// id reads an id of a path; what is no id does not exist.
func id(kind, text string) (kyc.ID, error) {
	if got, ok := kyc.ParseID(text); ok {
		return got, nil
	}
	return "", kyc.Missing(kind, clip(text))
}

// executionID reads the id of an execution: a ULID, or the same id as a UUID.
func executionID(text string) (kyc.ID, error) {
	if got, ok := kyc.ParseULID(text); ok {
		return got, nil
	}
	return "", kyc.Missing("execution", clip(text))
}

// invalid lists what is wrong with a body.
func invalid(problems ...kyc.Problem) error {
	return kyc.InvalidInput("validation_failed", "the request is not valid; details lists everything that is wrong", problems)
}

func clip(s string) string {
	if len(s) > 64 {
		return strings.ToValidUTF8(s[:64], "") + "…"
	}
	return s
}

// Caller is embedded by the inputs of routes that change something: the
// customer's own headers, read and never required (edition decision E1).
type Caller struct {
	Username string `header:"X-Frankie-Username" doc:"The person who does it, as you call them; stands in statusOverrideBy and updatedBy. Without it the name of the API key does."`
}

// operator is who is written down as having done something: the person that
// the caller names, or else what the organisation calls the key. Somebody who is
// signed in is themselves, whatever a header says.
func (s *surface) operator(ctx context.Context, who api.Principal, c Caller) (string, error) {
	if who.Actor.Kind == kyc.ActorUser {
		return who.Actor.ID, nil
	}
	if name := headerText(c.Username, 128); name != "" {
		return name, nil
	}
	if name := headerText(who.Actor.OnBehalfOf, 128); name != "" {
		return name, nil
	}
	if s.KeyName != nil && who.KeyID != "" {
		name, err := s.KeyName(ctx, who.Tenant, who.KeyID)
		if err != nil || name != "" {
			return name, err
		}
	}
	if who.KeyPrefix != "" {
		return who.KeyPrefix, nil
	}
	return who.Actor.ID, nil
}

// headerText cuts the value of a header to characters (not bytes), and takes
// out what cannot be printed.
func headerText(v string, most int) string {
	v = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(v, "")))
	if runes := []rune(v); len(runes) > most {
		v = strings.TrimSpace(string(runes[:most]))
	}
	return v
}

// hand is who does something by hand, and why.
func (s *surface) hand(ctx context.Context, who api.Principal, c Caller, said *Comment) (execution.Hand, error) {
	name, err := s.operator(ctx, who, c)
	return execution.Hand{Operator: name, Comment: said.text(), RequestID: api.RequestID(ctx)}, err
}

// Comment is what somebody says about a change.
type Comment struct {
	Text string `json:"text" doc:"What there is to say; kept encrypted." maxLength:"2000" example:"Update after speaking to customer over phone directly"`
}

// text is empty for no comment.
func (c *Comment) text() string {
	if c == nil {
		return ""
	}
	return strings.TrimSpace(c.Text)
}
