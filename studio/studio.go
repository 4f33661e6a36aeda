package studio

import (
	"context"
	"embed"
	"encoding/json"
	"net/http"
	"sync"

	"bonafide/backtest"
	"bonafide/console"
	"bonafide/engine"
	"bonafide/kyc"
	"bonafide/session"
)

//go:embed *.html
var pages embed.FS

// Store is what the studio reads itself.
type Store interface {
	Org(ctx context.Context, id kyc.ID) (kyc.Org, error)
	Users(ctx context.Context, org kyc.ID) ([]kyc.User, error)
	Workflow(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Workflow, error)
	Workflows(ctx context.Context, t kyc.Tenant, f kyc.WorkflowFilter, p kyc.Page) ([]kyc.Workflow, int, error)
	Version(ctx context.Context, t kyc.Tenant, workflow kyc.ID, number int) (kyc.WorkflowVersion, error)
	Versions(ctx context.Context, t kyc.Tenant, workflow kyc.ID, p kyc.Page) ([]kyc.WorkflowVersion, int, error)
	RateStore
}

// Person is a magic family name of the sandbox.
type Person struct {
	Name   string `json:"name"`
	Effect string `json:"effect"`
}

// Deps are what the studio is made from. All are obligatory.
type Deps struct {
	Store     Store
	Clock     kyc.Clock
	Workflows *session.Workflows
	// Create makes a workflow of another surface than the graph, from a
	// definition, and gives its id.
	Create func(ctx context.Context, t kyc.Tenant, by kyc.Actor, s kyc.Surface, definition json.RawMessage) (kyc.ID, error)
	// Rehearse answers a check as the sandbox would.
	Rehearse func(ctx context.Context, c engine.RunCheck) kyc.Answer
	// People are the magic names.
	People []Person
	// Backtests tries versions on past sessions.
	Backtests *backtest.Machine
	// Document gives the OpenAPI document.
	Document http.Handler
}

// studio answers the requests.
type studio struct {
	Deps
	rates   *rates
	schemas func() (map[string]schema, error)
}

const (
	read    = "workflows:read"
	write   = "workflows:write"
	publish = "workflows:publish"
	home    = "/console/workflows"
)

// Section is the studio as a part of the console.
func Section(d Deps) console.Section {
	s := &studio{Deps: d, rates: newRates(d.Store, d.Clock)}
	s.schemas = sync.OnceValues(func() (map[string]schema, error) { return readSchemas(d.Document) })
	script := []string{"studio.js"}
	return console.Section{
		Name: "studio", Files: pages,
		Links: []console.Link{{Href: home, Text: "Workflows", Scope: read}},
		Routes: []console.Route{
			{Pattern: "GET " + home, Scope: read, Do: s.list},
			{Pattern: "GET " + home + "/new", Scope: write, Do: s.newPage},
			{Pattern: "POST " + home + "/new", Scope: write, Do: s.create},
			{Pattern: "POST " + home + "/compile", Scope: read, Do: s.compile},
			{Pattern: "POST " + home + "/dry-run", Scope: read, Do: s.dryRun},
			{Pattern: "GET " + home + "/schema", Scope: read, Do: s.schema},
			{Pattern: "GET " + home + "/{id}", Scope: read, Do: s.editor, Scripts: script},
			{Pattern: "GET " + home + "/{id}/versions", Scope: read, Do: s.versions},
			{Pattern: "GET " + home + "/{id}/compare", Scope: read, Do: s.compare, Scripts: script},
			{Pattern: "GET " + home + "/{id}/backtest", Scope: read, Do: s.backtestPage},
			{Pattern: "POST " + home + "/{id}/backtest", Scope: read, Do: s.backtest},
			{Pattern: "GET " + home + "/{id}/backtest/{backtest}", Scope: read, Do: s.backtestRead},
			{Pattern: "POST " + home + "/{id}/backtest/{backtest}/cancel", Scope: read, Do: s.backtestCancel},
			{Pattern: "GET " + home + "/{id}/publish", Scope: read, Do: s.publishPage, Scripts: script},
			{Pattern: "POST " + home + "/{id}/publish", Scope: publish, Do: s.publish},
			{Pattern: "POST " + home + "/{id}/approve", Scope: publish, Do: s.approve},
			{Pattern: "POST " + home + "/{id}/decline", Scope: publish, Do: s.decline},
			{Pattern: "POST " + home + "/{id}/rollout", Scope: publish, Do: s.rollout},
			{Pattern: "POST " + home + "/{id}/rollback", Scope: publish, Do: s.rollback},
			{Pattern: "POST " + home + "/{id}/default", Scope: publish, Do: s.makeDefault},
			{Pattern: "POST " + home + "/{id}/deactivate", Scope: publish, Do: s.deactivate},
		},
	}
}

// find reads the workflow that the address names. Checklists (surface B) belong
// to the live environment, whichever is looked at: sandbox sessions run them.
func (s *studio) find(v *console.Visit) (kyc.Workflow, error) {
	id, err := v.ID("id", "workflow")
	if err != nil {
		return kyc.Workflow{}, err
	}
	w, err := s.Store.Workflow(v.Ctx(), v.Tenant(), id)
	if kyc.KindOf(err) == kyc.NotFound && v.Tenant().Env == kyc.Sandbox {
		live := kyc.Tenant{Org: v.Tenant().Org, Env: kyc.Live}
		if other, errLive := s.Store.Workflow(v.Ctx(), live, id); errLive == nil && other.Surface == kyc.SurfaceChecks {
			w, err = other, nil
		}
	}
	if err != nil {
		return w, err
	}
	if w.Status == kyc.WorkflowDeleted {
		return w, kyc.Missing("workflow", string(id))
	}
	return w, nil
}

// frozen reports whether the person may only look.
func frozen(v *console.Visit, w kyc.Workflow) bool {
	switch w.Surface {
	case kyc.SurfaceSteps:
		return !v.May("kyc:create")
	case kyc.SurfaceChecks:
		return !v.May(write) || v.Tenant().Env != kyc.Live
	}
	return !v.May(write)
}

// surfaceName is what people call the workflows of a surface.
func surfaceName(s kyc.Surface) string {
	switch s {
	case kyc.SurfaceSteps:
		return "Steps"
	case kyc.SurfaceChecks:
		return "Checklist"
	case kyc.SurfaceEntities:
		return "Procedure"
	}
	return "Graph"
}

// reply answers a script with JSON.
func reply(v *console.Visit, status int, body any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return kyc.Errorf(kyc.Internal, "encode", "encoding an answer: %w", err)
	}
	h := v.W.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	v.W.WriteHeader(status)
	_, _ = v.W.Write(raw) // a reader who has gone away cannot be told
	return nil
}

// refuse answers a script with an error, in the form of the public API.
func refuse(v *console.Visit, err error) error {
	e := kyc.AsError(err)
	status := map[kyc.Kind]int{kyc.NotFound: http.StatusNotFound, kyc.Forbidden: http.StatusForbidden, kyc.Malformed: http.StatusBadRequest,
		kyc.TooLarge: http.StatusRequestEntityTooLarge, kyc.Invalid: http.StatusUnprocessableEntity, kyc.Conflict: http.StatusConflict}[e.Kind]
	if status == 0 {
		return err
	}
	return reply(v, status, map[string]any{"code": e.Code, "detail": e.Message, "errors": findings(e.Problems)})
}

// finding is a problem as the public API writes it.
type finding struct {
	Path    string   `json:"path"`
	Code    string   `json:"code"`
	Message string   `json:"message"`
	Node    string   `json:"node,omitempty"`
	Nodes   []string `json:"nodes,omitempty"`
}

func findings(list []kyc.Problem) []finding {
	out := make([]finding, 0, len(list))
	for _, p := range list {
		out = append(out, finding{Path: p.Path, Code: p.Code, Message: p.Message, Node: p.Node, Nodes: p.Nodes})
	}
	return out
}
