package studio

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"bonafide/checklist"
	"bonafide/console"
	"bonafide/flow"
	"bonafide/kyc"
	"bonafide/onboarding"
	"bonafide/procedure"
	"bonafide/session"
)

// asked is a definition as the editor has it, stored or not.
type asked struct {
	Surface    kyc.Surface     `json:"surface"`
	Workflow   string          `json:"workflow"`
	Definition json.RawMessage `json:"definition"`
	// Of a dry run: the person's family name, date of birth and country.
	Person  string `json:"person"`
	Born    string `json:"born"` // YYYY-MM-DD; empty: the person's own
	Country string `json:"country"`
}

// maxBody bounds a definition and what is around it.
const maxBody = flow.MaxBytes + 64<<10

// body reads what the editor sent. Errors: TooLarge, Malformed.
func body(v *console.Visit) (asked, error) {
	var a asked
	raw, err := io.ReadAll(http.MaxBytesReader(v.W, v.R.Body, maxBody))
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return a, kyc.Errorf(kyc.TooLarge, "definition_too_large", "a definition has at most 2 MiB")
	}
	if err == nil {
		err = json.Unmarshal(raw, &a)
	}
	if err != nil {
		return a, kyc.Errorf(kyc.Malformed, "malformed_json", "the request is not the JSON it should be")
	}
	return a, nil
}

// compiled is what became of a definition.
type compiled struct {
	graph  *flow.Compiled // nil when there are errors
	source json.RawMessage
	report flow.Report
}

// compileOf compiles a definition of any surface without storing it.
func (s *studio) compileOf(ctx context.Context, t kyc.Tenant, a asked) (compiled, error) {
	org, err := s.Store.Org(ctx, t.Org)
	if err != nil {
		return compiled{}, err
	}
	settings := org.EnvSettings(t.Env)
	var c compiled
	doc := session.Document{}
	switch a.Surface {
	case kyc.SurfaceSteps:
		d, r := onboarding.Parse(a.Definition, onboarding.ParseOptions{})
		c.report = flow.Report{Errors: r.Errors, Warnings: r.Warnings}
		if len(r.Errors) == 0 {
			doc.Graph = onboarding.Compile(d, onboarding.CompileOptions{Mandatory: settings.MandatoryPolicies})
		}
	case kyc.SurfaceChecks:
		d, r := checklist.Parse(a.Definition, checklist.ParseOptions{MaximumAge: settings.Checks.MaximumAge})
		c.report = flow.Report{Errors: r.Errors, Warnings: r.Warnings}
		if len(r.Errors) == 0 {
			doc.Graph = checklist.Compile(d, checklist.CompileOptions{Mandatory: settings.MandatoryPolicies, Auto: settings.Checks.AutoDecision, ExpiryPolicy: settings.Checks.ExpiryPolicy})
		}
	case kyc.SurfaceEntities:
		d, r := procedure.Parse(a.Definition, procedure.ParseOptions{})
		c.report = flow.Report{Errors: r.Errors, Warnings: r.Warnings}
		if len(r.Errors) == 0 {
			doc.Graph = procedure.Compile(d, procedure.CompileOptions{Mandatory: settings.MandatoryPolicies})
		}
	case kyc.SurfaceGraph:
		return s.compileGraph(ctx, t, a)
	default:
		return c, kyc.Errorf(kyc.Invalid, "unknown_surface", "there is no surface %q", a.Surface)
	}
	if len(c.report.Errors) > 0 {
		return c, nil
	}
	// The graph is made, not written, so that its own warnings tell an author nothing.
	graph, r, err := s.Workflows.Check(ctx, t, "", doc, false)
	c.graph, c.source = graph, doc.Graph
	c.report.Errors = append(c.report.Errors, r.Errors...)
	return c, err
}

func (s *studio) compileGraph(ctx context.Context, t kyc.Tenant, a asked) (compiled, error) {
	var doc session.Document
	if err := json.Unmarshal(a.Definition, &doc); err != nil {
		return compiled{}, kyc.Errorf(kyc.Malformed, "malformed_json", "the definition is no object")
	}
	self, _ := kyc.ParseID(a.Workflow) // none: nothing to refuse recursion to
	graph, r, err := s.Workflows.Check(ctx, t, self, doc, false)
	c := compiled{graph: graph, source: doc.Graph, report: r}
	if len(doc.Graph) == 0 && len(doc.Steps) > 0 {
		c.source, _ = flow.FromSteps(doc.Steps)
	}
	return c, err
}

// compile answers what is wrong with a definition and what graph it makes.
func (s *studio) compile(v *console.Visit) error {
	a, err := body(v)
	if err != nil {
		return refuse(v, err)
	}
	c, err := s.compileOf(v.Ctx(), v.Tenant(), a)
	if err != nil {
		return refuse(v, err)
	}
	out := map[string]any{"valid": c.graph != nil, "errors": findings(c.report.Errors), "warnings": findings(c.report.Warnings), "source": c.source}
	if c.graph != nil {
		out["graph"] = c.graph.Canonical()
	}
	return reply(v, http.StatusOK, out)
}
