package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"bonafide/check"
	"bonafide/checklist"
	"bonafide/flow"
	"bonafide/kyc"
	"bonafide/onboarding"
	"bonafide/procedure"
)

type workflowCmd struct {
	Validate validateCmd `cmd:"" help:"All problems of a definition, each with its path."`
	Graph    graphCmd    `cmd:"" help:"Print the compiled graph."`
	Backtest backtestCmd `cmd:"" help:"Try a definition on what past sessions recorded."`

	CancelBacktest cancelBacktestCmd `cmd:"" help:"End a backtest that the API or the studio began and that is under way."`
}

// definition is a workflow file: a bare graph, or the body that makes a workflow
// on one of the surfaces: POST /api/v1/workflows, /kyc/workflows (ordered steps
// of an onboarding), /v1/workflows (a checklist) or /v2/admin/workflows (a
// procedure).
type definition struct {
	Name         string          `json:"name"`
	Graph        json.RawMessage `json:"graph"`
	Steps        json.RawMessage `json:"steps"`
	Requirements json.RawMessage `json:"data_requirements"`

	// warnings of another surface's definition, which only its own text shows.
	warnings []kyc.Problem
}

// readDefinition reads a workflow file.
func readDefinition(file string) (definition, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return definition{}, err
	}
	return parseDefinition(file, raw)
}

func parseDefinition(file string, raw []byte) (definition, error) {
	return parseDefinitionFor(file, raw, kyc.Settings{MandatoryPolicies: kyc.DefaultSettings().MandatoryPolicies})
}

// surfaceOf tells by a definition's members which surface's it is.
func surfaceOf(raw []byte) kyc.Surface {
	var d definition
	switch {
	case json.Unmarshal(raw, &d) != nil || len(d.Graph) > 0:
	case isProcedure(raw):
		return kyc.SurfaceEntities
	case isChecklist(raw):
		return kyc.SurfaceChecks
	case isOnboarding(raw):
		return kyc.SurfaceSteps
	}
	return kyc.SurfaceGraph
}

// parseDefinitionFor is parseDefinition under an organisation's settings.
func parseDefinitionFor(file string, raw []byte, settings kyc.Settings) (definition, error) {
	var d definition
	if err := json.Unmarshal(raw, &d); err != nil {
		return d, fmt.Errorf("%s is no JSON: %w", file, err)
	}
	mandatory := settings.MandatoryPolicies
	switch surface := surfaceOf(raw); {
	case surface == kyc.SurfaceEntities:
		steps, report := procedure.Parse(raw, procedure.ParseOptions{})
		d.warnings = report.Warnings
		if err := report.Err(); err != nil {
			return d, err
		}
		d.Graph = procedure.Compile(steps, procedure.CompileOptions{Mandatory: mandatory})
	case surface == kyc.SurfaceChecks:
		steps, report := checklist.Parse(raw, checklist.ParseOptions{MaximumAge: settings.Checks.MaximumAge})
		d.warnings = report.Warnings
		if err := report.Err(); err != nil {
			return d, err
		}
		d.Graph = checklist.Compile(steps, checklist.CompileOptions{Mandatory: mandatory, Auto: settings.Checks.AutoDecision, ExpiryPolicy: settings.Checks.ExpiryPolicy})
	case surface == kyc.SurfaceSteps:
		steps, report := onboarding.Parse(raw, onboarding.ParseOptions{})
		d.warnings = report.Warnings
		if err := report.Err(); err != nil {
			return d, err
		}
		d.Graph = onboarding.Compile(steps, onboarding.CompileOptions{Mandatory: mandatory})
	case len(d.Steps) > 0 && len(d.Graph) == 0:
		graph, problems := flow.FromSteps(d.Steps)
		if len(problems) > 0 {
			return d, kyc.InvalidInput("invalid_workflow", "the steps have problems", problems)
		}
		d.Graph = graph
	case len(d.Graph) == 0:
		d = definition{Name: file, Graph: raw} // a bare graph
	}
	if d.Name == "" {
		d.Name = file
	}
	return d, nil
}

// isOnboarding tells ordered steps of an onboarding from the list of checks of
// surface D: only the first have a step_id or a place in an order, or stand
// beside a validation_config.
func isOnboarding(raw []byte) bool {
	var d struct {
		Steps            []map[string]json.RawMessage `json:"steps"`
		ValidationConfig json.RawMessage              `json:"validation_config"`
	}
	if json.Unmarshal(raw, &d) != nil {
		return false
	}
	for _, step := range d.Steps {
		if step["step_id"] != nil || step["order"] != nil {
			return true
		}
	}
	return d.ValidationConfig != nil
}

// isProcedure knows the definitions of surface C by the names that only they
// have.
func isProcedure(raw []byte) bool {
	var d struct {
		ServiceName, WorkflowName json.RawMessage
	}
	return json.Unmarshal(raw, &d) == nil && (d.ServiceName != nil || d.WorkflowName != nil)
}

// isChecklist knows the definitions of surface B: each of their steps has an id
// and perhaps a config and nothing else.
func isChecklist(raw []byte) bool {
	var d struct {
		Steps []map[string]json.RawMessage `json:"steps"`
	}
	if json.Unmarshal(raw, &d) != nil || len(d.Steps) == 0 {
		return false
	}
	known := 0
	for _, step := range d.Steps {
		var id string
		if json.Unmarshal(step["id"], &id) != nil || len(step) > 2 || len(step) == 2 && step["config"] == nil {
			return false
		}
		if _, ok := checklist.StepID(id); ok {
			known++
		}
	}
	return known > 0
}

// compile checks a definition against the checks of this build.
func (d definition) compile() (*flow.Compiled, flow.Report) {
	compiled, report := flow.Compile(d.Graph, flow.Options{Catalog: check.Catalog(), Requirements: d.Requirements, Mandatory: kyc.DefaultSettings().MandatoryPolicies})
	report.Warnings = append(d.warnings, report.Warnings...)
	return compiled, report
}

type validateCmd struct {
	File string `arg:"" help:"Workflow definition (JSON)." type:"existingfile"`
	JSON bool   `help:"One JSON object."`
}

// Run prints every problem; exit 1 when there are errors.
func (v validateCmd) Run(c *console) error {
	d, err := readDefinition(v.File)
	var report flow.Report
	if err == nil {
		_, report = d.compile()
	} else {
		var problems *kyc.Error
		if !errors.As(err, &problems) || len(problems.Problems) == 0 {
			return err
		}
		report.Errors, report.Warnings = problems.Problems, d.warnings
	}
	if v.JSON {
		if err := json.NewEncoder(c.out).Encode(map[string]any{"valid": len(report.Errors) == 0, "errors": list(report.Errors), "warnings": list(report.Warnings)}); err != nil {
			return err
		}
	} else {
		for _, p := range report.Errors {
			c.printf("error   %s  %s: %s\n", p.Path, p.Code, p.Message)
		}
		for _, p := range report.Warnings {
			c.printf("warning %s  %s: %s\n", p.Path, p.Code, p.Message)
		}
		if len(report.Errors) == 0 {
			c.printf("%s is valid (%d warnings)\n", v.File, len(report.Warnings))
		}
	}
	if len(report.Errors) > 0 {
		return exitCode{code: exitError, err: fmt.Errorf("%s has %d problems", v.File, len(report.Errors))}
	}
	return nil
}

// list keeps an empty array an array in JSON.
func list(p []kyc.Problem) []kyc.Problem {
	if p == nil {
		return []kyc.Problem{}
	}
	return p
}

type graphCmd struct {
	File   string `arg:"" help:"Workflow definition (JSON)." type:"existingfile"`
	Format string `help:"text, json or dot." enum:"text,json,dot" default:"text"`
}

// Run prints the graph as the engine will walk it: defaults written out,
// mandatory checks inserted.
func (v graphCmd) Run(c *console) error {
	d, err := readDefinition(v.File)
	if err != nil {
		return err
	}
	compiled, report := d.compile()
	if err := report.Err(); err != nil {
		return err
	}
	switch v.Format {
	case "json":
		c.printf("%s\n", compiled.Canonical())
	case "dot":
		c.printf("%s", flow.Dot(compiled))
	default:
		c.printf("%s", flow.Describe(compiled))
	}
	return nil
}
