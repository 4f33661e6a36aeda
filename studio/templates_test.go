package studio

import (
	"encoding/json"
	"strings"
	"testing"

	"bonafide/check"
	"bonafide/checklist"
	"bonafide/flow"
	"bonafide/kyc"
	"bonafide/onboarding"
	"bonafide/procedure"
)

// Every template but the empty one is a workflow without problems.
func TestTemplatesAreWorkflows(t *testing.T) {
	t.Parallel()
	seen := map[kyc.Surface]int{}
	for _, one := range templates() {
		seen[one.Surface]++
		raw, err := one.definition("Given name")
		if err != nil {
			t.Fatalf("%s: %v", one.Name, err)
		}
		var named struct {
			Name         string          `json:"name"`
			WorkflowName string          `json:"workflowName"`
			Graph        json.RawMessage `json:"graph"`
		}
		if len(one.Title) < 3 || !strings.HasSuffix(one.Text, ".") || strings.Contains(one.Title, "-") {
			t.Errorf("%s is offered as %q: %q", one.Name, one.Title, one.Text)
		}
		if err := json.Unmarshal(raw, &named); err != nil || named.Name+named.WorkflowName != "Given name" {
			t.Errorf("%s is called %q (%v)", one.Name, named.Name+named.WorkflowName, err)
		}
		var problems []kyc.Problem
		graph := named.Graph
		switch one.Surface {
		case kyc.SurfaceSteps:
			d, r := onboarding.Parse(raw, onboarding.ParseOptions{})
			if problems = r.Errors; len(problems) == 0 {
				graph = onboarding.Compile(d, onboarding.CompileOptions{})
			}
		case kyc.SurfaceChecks:
			d, r := checklist.Parse(raw, checklist.ParseOptions{})
			if problems = r.Errors; len(problems) == 0 {
				graph = checklist.Compile(d, checklist.CompileOptions{})
			}
		case kyc.SurfaceEntities:
			d, r := procedure.Parse(raw, procedure.ParseOptions{})
			if problems = r.Errors; len(problems) == 0 {
				graph = procedure.Compile(d, procedure.CompileOptions{})
			}
		}
		_, report := flow.Compile(graph, flow.Options{Catalog: check.Catalog()})
		problems = append(problems, report.Errors...)
		if one.Name == "blank" {
			if len(problems) == 0 {
				t.Error("an empty graph could be published")
			}
			continue
		}
		for _, p := range problems {
			t.Errorf("%s: %s %s: %s", one.Name, p.Path, p.Code, p.Message)
		}
	}
	if len(seen) != 4 {
		t.Errorf("templates of %d surfaces", len(seen))
	}
	if _, ok := templateOf("none"); ok {
		t.Error("there is a template of no name")
	}
}
