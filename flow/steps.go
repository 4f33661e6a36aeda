package flow

import (
	"encoding/json"
	"strconv"
	"strings"

	"bonafide/kyc"
)

// FromSteps converts the legacy array form of a workflow (api.md 6.8) to a
// graph: the checks run in order, each that passes leads to the next and
// anything else to a person; the last one leads to the approval. A step has
// policy, config, required, retry, timeout_seconds and allow_duplicate, with
// the meaning they have on a policy node.
//
// Problems point into the document that has the steps ("/steps/0/policy").
// What Compile then reports for the graph is translated by StepReport.
func FromSteps(steps json.RawMessage) (json.RawMessage, []kyc.Problem) {
	f := &findings{}
	tree, ok := readTree(steps, func(path, code, message string) { f.fail("", "/steps"+path, code, "%s", message) })
	if !ok {
		return nil, f.report().Errors
	}
	list, ok := tree.([]any)
	switch {
	case !ok:
		f.fail("", "/steps", "wrong_type", "steps must be a list")
	case len(list) == 0:
		f.fail("", "/steps", "steps_empty", "without a step everybody would be approved")
	case len(list) > MaxNodes-3:
		f.fail("", "/steps", "too_many_nodes", "at most %d steps are allowed", MaxNodes-3)
	}
	nodes := map[string]any{
		"approved":     map[string]any{"type": TypeTerminal, "outcome": kyc.Approved},
		"needs_review": map[string]any{"type": TypeTerminal, "outcome": kyc.NeedsReview},
	}
	ids := make([]string, len(list)+1)
	ids[len(list)] = "approved"
	for i, v := range list {
		ids[i] = "step_" + strconv.Itoa(i+1)
		if m, ok := v.(map[string]any); ok {
			if policy, _ := m["policy"].(string); word(policy, false) && len(policy) < 50 {
				ids[i] += "_" + policy
			}
		}
	}
	for i, v := range list {
		o := (&object{f: f, node: ids[i]}).sub(index("/steps", i), v)
		if o == nil {
			continue
		}
		node := map[string]any{"type": TypePolicy, "on_pass": ids[i+1], "on_fail": "needs_review"}
		for _, name := range []string{"policy", "config", "required", "retry", "timeout_seconds", "allow_duplicate"} {
			if v, ok := o.get(name); ok {
				node[name] = v
			}
		}
		o.done()
		nodes[ids[i]] = node
	}
	nodes["start"] = map[string]any{"type": TypeStart, "next": ids[0]}
	if len(f.errors) > 0 {
		return nil, f.report().Errors
	}
	graph, err := encode(map[string]any{"entry": "start", "nodes": nodes})
	if err != nil {
		f.fail("", "/steps", "not_encodable", "the steps have no canonical form")
		return nil, f.report().Errors
	}
	return graph, nil
}

// StepReport translates the paths of a report on a graph that FromSteps made
// back to the steps: "/nodes/step_2_age_check/config/min" becomes
// "/steps/1/config/min".
func StepReport(r Report) Report {
	return Report{Errors: stepPaths(r.Errors), Warnings: stepPaths(r.Warnings)}
}

func stepPaths(list []kyc.Problem) []kyc.Problem {
	out := make([]kyc.Problem, len(list))
	for i, p := range list {
		out[i] = p
		rest, ok := strings.CutPrefix(p.Path, "/nodes/step_")
		if !ok {
			if strings.HasPrefix(p.Path, "/nodes") {
				out[i].Path = "/steps"
			}
			continue
		}
		id, field, _ := strings.Cut(rest, "/")
		number, _, _ := strings.Cut(id, "_")
		n, err := strconv.Atoi(number)
		if err != nil {
			continue
		}
		out[i].Path = index("/steps", n-1)
		if field != "" {
			out[i].Path += "/" + field
		}
	}
	return out
}
