package graph

import (
	"context"
	"net/http"
	"strings"
	"time"

	"bonafide/access"
	"bonafide/api"
	"bonafide/audit"
	"bonafide/backtest"
	"bonafide/engine"
	"bonafide/identity"
	"bonafide/inquiry"
	"bonafide/kyc"
	"bonafide/review"
	"bonafide/screen"
	"bonafide/session"
	"bonafide/webhook"
)

// Engine is what this surface asks the engine directly.
type Engine interface {
	// Resume decides the gate a session waits at.
	Resume(ctx context.Context, t kyc.Tenant, session kyc.ID, d engine.GateDecision) (engine.Resumed, error)
	// RunView folds a run's record into what can be told about it.
	RunView(ctx context.Context, t kyc.Tenant, run kyc.ID) (engine.View, error)
}

// Store is what this surface reads directly: things no machine has rules for.
type Store interface {
	Workflow(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Workflow, error)
	Commit(ctx context.Context, c *kyc.Change) error
	Org(ctx context.Context, id kyc.ID) (kyc.Org, error)
	Session(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Session, error)
	Run(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Run, error)
	Runs(ctx context.Context, t kyc.Tenant, session kyc.ID) ([]kyc.Run, error)
	SubjectByRef(ctx context.Context, t kyc.Tenant, ref string) (kyc.Subject, error)
	Events(ctx context.Context, t kyc.Tenant, f kyc.EventFilter, p kyc.Page) ([]kyc.Event, int, error)
	AuditDays(ctx context.Context, org kyc.ID, f kyc.DayFilter, limit int) ([]audit.Day, error)
	AuditProof(ctx context.Context, t kyc.Tenant, event kyc.ID) (audit.Proof, error)
}

// Deps are the machines behind the surface.
type Deps struct {
	Porch      *api.Porch
	Store      Store
	Clock      kyc.Clock
	Sessions   *session.Sessions
	Workflows  *session.Workflows
	Lists      *session.Lists
	Reviews    *review.Desk
	Engine     Engine
	Inquiries  *inquiry.Machine
	Identities *identity.Machine
	Backtests  *backtest.Machine
	Figures    Figures
	Webhooks   *webhook.Desk
	Office     *access.Office
	Clocks     *access.Clocks
	// Orgs finds organisations for what changes nothing; nil: Store. It may be
	// a moment behind.
	Orgs interface {
		Org(ctx context.Context, id kyc.ID) (kyc.Org, error)
	}
	// Questions counts lone questions to the lists for the audit chain; nil:
	// each is written before it is answered.
	Questions *Questions
	// Screen answers POST /screening/match; nil leaves the route out.
	Screen *screen.Screener
	// Catalog are the checks of this build, by policy name.
	Catalog map[string]kyc.CheckSpec
	// Lacks are what this node lacks for each check; nil: nothing is known.
	Lacks func(ctx context.Context) map[string][]Lack
	// Providers tell what settings this node can follow.
	Providers Providers
	// Pages show the links of sessions of other surfaces, by the surface; a
	// surface without one is shown as this one shows its own.
	Pages map[kyc.Surface]http.Handler
	// VerifyAudit recomputes an organisation's audit chain.
	VerifyAudit func(ctx context.Context, org kyc.ID) (AuditReport, error)
	// PublicURL is the base of links given to applicants; empty: from the
	// request.
	PublicURL string
	// Look says what might be done better about a file that was sent for a
	// requirement; nil: nobody looks.
	Look func(ctx context.Context, kind string, file []byte) []kyc.Problem
}

// AuditReport is the outcome of recomputing the chain.
type AuditReport struct {
	Valid  bool
	Events int64
	Days   int64  // whose events gave the root that was stored
	Head   string // hash of the newest entry
	// Broken is the first entry that does not fit, when Valid is false.
	Broken int64
	Reason string
}

// surface holds the routes.
type surface struct {
	Deps
}

// Mount adds every route of surface D to the porch.
func Mount(d Deps) {
	s := &surface{Deps: d}
	if s.Orgs == nil {
		s.Orgs = s.Store
	}
	s.workflowRoutes()
	s.draftRoutes()
	s.backtestRoutes()
	s.analyticsRoutes()
	s.releaseRoutes()
	s.sessionRoutes()
	s.captureRoutes()
	s.chipRoutes()
	s.outcomeRoutes()
	s.runRoutes()
	s.erasureRoutes()
	s.caseRoutes()
	s.qualityRoutes()
	s.decisionRoutes()
	s.listRoutes()
	s.itemRoutes()
	s.inquiryRoutes()
	s.identityRoutes()
	s.webhookRoutes()
	s.settingsRoutes()
	s.auditRoutes()
	if d.Screen != nil {
		s.screeningRoutes()
	}
	s.mountCapture()
}

// prefix of every path.
const prefix = "/api/v1"

// op begins the description of a route.
func op(id, method, path, tag, summary string, scopes ...string) api.Operation {
	return api.Operation{ID: id, Method: method, Path: prefix + path, Surface: kyc.SurfaceGraph, Scopes: scopes, Summary: summary, Tag: tag}
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

// id reads a dressed id of a path; what is no id of this kind does not exist.
func id(kind, text string) (kyc.ID, error) {
	if got, ok := kyc.Undress(kind, text); ok {
		return got, nil
	}
	return "", kyc.Missing(kind, clip(text))
}

// reference reads a dressed id of a body; empty stays empty.
func reference(kind, path, text string) (kyc.ID, error) {
	if text == "" {
		return "", nil
	}
	if got, ok := kyc.Undress(kind, text); ok {
		return got, nil
	}
	if strings.HasPrefix(path, "/query/") {
		e := kyc.Errorf(kyc.Malformed, "parameter_invalid", "a parameter is not valid")
		e.Problems = []kyc.Problem{{Path: path, Code: "invalid_id", Message: "this is no id of a " + kind}}
		return "", e
	}
	return "", kyc.InvalidInput("invalid_reference", "an id in the request is none",
		[]kyc.Problem{{Path: path, Code: "invalid_id", Message: "this is no id of a " + kind}})
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

// rev is the revision of an If-Match header.
func rev(m api.IfMatch) int64 { return m.Rev() }
