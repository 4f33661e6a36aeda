package checks

import (
	"context"
	"net/http"
	"strings"
	"time"

	"bonafide/api"
	"bonafide/intake"
	"bonafide/kyc"
	"bonafide/webhook"
)

// Orgs reads organisations.
type Orgs interface {
	Org(ctx context.Context, id kyc.ID) (kyc.Org, error)
}

// Files gives the bytes of an upload and records the look in the audit chain
// (session.Sessions.File).
type Files interface {
	File(ctx context.Context, t kyc.Tenant, by kyc.Actor, upload kyc.ID) (kyc.Upload, []byte, error)
}

// Deps are the machines behind the surface. All but Files and the addresses are
// obligatory.
type Deps struct {
	Porch    *api.Porch
	Clock    kyc.Clock
	Machine  *intake.Machine
	Orgs     Orgs
	Webhooks *webhook.Desk
	// Files serves the links of resource_links; nil: sessions show none.
	Files Files
	// PublicURL is the base of addresses given to others; empty: from the
	// request.
	PublicURL string
	// Page is the path of the applicants' pages, to which the token is added;
	// empty: /capture/.
	Page string
}

// surface holds the routes.
type surface struct {
	Deps
}

// Mount adds every route of surface B to the porch.
func Mount(d Deps) {
	if d.Page == "" {
		d.Page = "/capture/"
	}
	s := &surface{Deps: d}
	s.workflowRoutes()
	s.sessionRoutes()
	s.recordRoutes()
	s.executionRoutes()
	s.uploadRoutes()
	s.endpointRoutes()
	s.deliveryRoutes()
}

// Scopes of the surface (api.md 1.2).
const (
	readWorkflows  = "workflows:read"
	writeWorkflows = "workflows:write"
	readSessions   = "sessions:read"
	writeSessions  = "sessions:write"
	readWebhooks   = "webhooks:read"
	writeWebhooks  = "webhooks:write"
	redact         = "data:redact"
)

// Groups of the documentation.
const (
	groupWorkflows = "Check workflows"
	groupSessions  = "Check sessions"
	groupWebhooks  = "Check webhooks"
)

// prefix of every path.
const prefix = "/v1"

// op begins the description of a route.
func op(id, method, path, tag, summary string, scopes ...string) api.Operation {
	return api.Operation{ID: id, Method: method, Path: prefix + path, Surface: kyc.SurfaceChecks, Scopes: scopes, Summary: summary, Tag: tag}
}

func said(o api.Operation, description string) api.Operation {
	o.Description = description
	return o
}

func created(o api.Operation) api.Operation {
	o.Status = http.StatusCreated
	return o
}

func accepted(o api.Operation) api.Operation {
	o.Status = http.StatusAccepted
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

func badParameter(name, code, message string) error {
	e := kyc.Errorf(kyc.Malformed, "parameter_invalid", "a parameter is not valid")
	e.Problems = []kyc.Problem{{Path: "/query/" + name, Code: code, Message: message}}
	return e
}

func clip(s string) string {
	if len(s) > 64 {
		return strings.ToValidUTF8(s[:64], "") + "…"
	}
	return s
}

type (
	stamp = api.Stamp
	// Base is api.Base under the name that inputs embed.
	Base = api.Base
)

func at(t time.Time) stamp { return stamp{Time: t} }

// link makes an absolute address.
func (s *surface) link(b Base, path string) string { return b.Link(s.PublicURL, path) }

// now is the tenant's own time: the sandbox clock may be ahead.
func (s *surface) now(ctx context.Context, t kyc.Tenant) (time.Time, error) {
	org, err := s.Orgs.Org(ctx, t.Org)
	if err != nil {
		return time.Time{}, err
	}
	return org.Now(s.Clock, t.Env), nil
}
