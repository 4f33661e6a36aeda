package steps

import (
	"context"
	"net/http"
	"strings"
	"time"

	"bonafide/api"
	"bonafide/journey"
	"bonafide/kyc"
	"bonafide/webhook"
)

// Files gives the bytes of a document and records the look in the audit chain
// (session.Sessions.File).
type Files interface {
	File(ctx context.Context, t kyc.Tenant, by kyc.Actor, upload kyc.ID) (kyc.Upload, []byte, error)
}

// Orgs reads organisations.
type Orgs interface {
	Org(ctx context.Context, id kyc.ID) (kyc.Org, error)
}

// Deps are the machines behind the surface. All but PublicURL, Page and Tick
// are obligatory.
type Deps struct {
	Porch    *api.Porch
	Clock    kyc.Clock
	Machine  *journey.Machine
	Files    Files
	Orgs     Orgs
	Webhooks *webhook.Desk
	// PublicURL is the base of addresses given to applicants; empty: from the
	// request.
	PublicURL string
	// Page is the path of the applicants' pages, to which the access token is
	// added; empty: /public/sessions/, which answers programs.
	Page string
	// Tick makes the beat on which event streams look at their session; nil is
	// one look a second.
	Tick func() (beats <-chan time.Time, stop func())
}

// surface holds the routes.
type surface struct {
	Deps
}

// Mount adds every route of surface A to the porch.
func Mount(d Deps) {
	if d.Tick == nil {
		d.Tick = func() (<-chan time.Time, func()) {
			t := time.NewTicker(time.Second)
			return t.C, t.Stop
		}
	}
	if d.Page == "" {
		d.Page = publicPrefix + "/"
	}
	s := &surface{Deps: d}
	s.workflowRoutes()
	s.sessionRoutes()
	s.statusRoutes()
	s.linkRoutes()
	s.correctionRoutes()
	s.processingRoutes()
	s.documentRoutes()
	s.subsessionRoutes()
	s.channelRoutes()
	s.publicRoutes()
	s.uploadRoutes()
	s.publicStepRoutes()
	s.livenessRoutes()
	s.publicSubsessionRoutes()
	s.eventRoutes()
}

// Scopes of the surface (seed 000).
const (
	create = "kyc:create"
	read   = "kyc:read"
	redact = "data:redact"
)

// publicPrefix begins the paths of the applicant's side.
const publicPrefix = "/public/sessions"

// op begins the description of a route of the back office.
func op(id, method, path, tag, summary string, scopes ...string) api.Operation {
	return api.Operation{ID: id, Method: method, Path: "/kyc" + path, Surface: kyc.SurfaceSteps, Scopes: scopes, Summary: summary, Tag: tag}
}

// public begins the description of a route of the applicant: the unguessable
// token of the path is the permission, and bodies are JSON whatever a browser
// calls them (seed 004's fetch says nothing of their type).
func public(id, method, path, summary string) api.Operation {
	return api.Operation{ID: id, Method: method, Path: publicPrefix + "/{access_token}" + path, Surface: kyc.SurfaceSteps, Summary: summary,
		Tag: "Applicants", Public: true, AnyType: true, Errors: []int{http.StatusNotFound, http.StatusGone}}
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

// filterID reads an id of a query; empty stays empty. Errors: Malformed
// parameter_invalid.
func filterID(name, text string) (kyc.ID, error) {
	if text == "" {
		return "", nil
	}
	if got, ok := kyc.ParseID(text); ok {
		return got, nil
	}
	return "", badParameter(name, "invalid_id", "this is no id")
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

// page is the address an applicant is given.
func (s *surface) page(b Base, token string) string { return s.link(b, s.Page+token) }

// rev is the revision of an If-Match header.
func rev(m api.IfMatch) int64 { return m.Rev() }

// now is the tenant's own time: the sandbox clock may be ahead.
func (s *surface) now(ctx context.Context, t kyc.Tenant) (time.Time, error) {
	org, err := s.Orgs.Org(ctx, t.Org)
	if err != nil {
		return time.Time{}, err
	}
	return org.Now(s.Clock, t.Env), nil
}
