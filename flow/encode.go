package flow

import (
	"encoding/json"
	"strconv"
	"time"
)

// tree is the linked graph in the format of a submitted one.
func (d *draft) tree() map[string]any {
	nodes := make(map[string]any, len(d.nodes))
	for id, n := range d.nodes {
		nodes[id] = n.tree()
	}
	t := map[string]any{"entry": d.entry, "nodes": nodes, "hash": d.hash}
	if len(d.links) > 0 {
		t["links"] = d.links
	}
	return t
}

func (n *Node) tree() map[string]any {
	t := map[string]any{"type": n.Type}
	put := func(name, v string) {
		if v != "" {
			t[name] = v
		}
	}
	put("name", n.Name)
	put("description", n.Description)
	if n.Locked {
		t["locked"] = true
	}
	if n.Implicit {
		t["implicit"] = true
	}
	put("next", n.Next)
	switch n.Type {
	case TypePolicy:
		t["policy"], t["config"], t["required"] = n.Policy, verbatim(n.Config), n.Required
		t["retry"] = map[string]any{"max_attempts": n.MaxAttempts, "backoff_seconds": secondsOf(n.Backoff)}
		if n.AllowDuplicate {
			t["allow_duplicate"] = true
		}
		put("on_pass", n.OnPass)
		put("on_review", n.OnReview)
		put("on_error", n.OnError)
		put("on_skip", n.OnSkip)
	case TypeConditional:
		routes := make([]any, len(n.Routes))
		for i, r := range n.Routes {
			routes[i] = map[string]any{"conditions": conditionTrees(r.Conditions), "match": r.Match, "next": r.Next}
		}
		t["routes"], t["default"] = routes, n.Default
	case TypeTerminal:
		t["outcome"] = n.Outcome
		put("reason_code", n.ReasonCode)
		if n.Case != nil {
			spec := map[string]any{"priority": n.Case.Priority, "sla_hours": n.Case.SLAHours}
			if n.Case.Queue != "" {
				spec["queue"] = n.Case.Queue
			}
			t["case"] = spec
		}
	case TypeWait:
		put("gate", n.Gate)
		put("on_continue", n.OnContinue)
		put("on_reject", n.OnReject)
		put("on_timeout", n.OnTimeout)
		if len(n.Expose) > 0 {
			t["expose_fields"] = n.Expose
		}
	case TypeParallel:
		t["branches"], t["join"] = n.Branches, n.Join
	case TypeJoin:
		t["mode"] = n.Mode
	case TypeSet:
		t["assign"] = assignTrees(n.Assign)
	case TypeScore:
		t["base"], t["factors"] = n.Base, factorTrees(n.Factors)
	case TypeSplit:
		arms := make([]any, len(n.Arms))
		for i, a := range n.Arms {
			arms[i] = map[string]any{"name": a.Name, "weight": a.Weight, "next": a.Next}
		}
		t["arms"] = arms
	case TypeSubworkflow:
		put("workflow_id", n.WorkflowID)
		put("version", n.WorkflowVersion)
		put("on_approved", n.OnApproved)
		put("on_rejected", n.OnRejected)
		put("on_needs_review", n.OnNeedsReview)
		input := map[string]any{}
		for _, a := range n.Assign {
			input[a.To] = map[string]any{"value": a.Value}
			if a.From != "" {
				input[a.To] = a.From
			}
		}
		if len(input) > 0 {
			t["input_map"] = input
		}
	}
	put("on_fail", n.OnFail)
	if n.Timeout > 0 {
		t["timeout_seconds"] = secondsOf(n.Timeout)
	}
	return t
}

func conditionTrees(list []Condition) []any {
	out := make([]any, len(list))
	for i, c := range list {
		t := map[string]any{"field": c.Field, "operator": c.Operator, "value": c.Value}
		if c.IgnoreCase {
			t["ignore_case"] = true
		}
		out[i] = t
	}
	return out
}

func assignTrees(list []Assign) []any {
	out := make([]any, len(list))
	for i, a := range list {
		if a.From != "" {
			out[i] = map[string]any{"to": a.To, "from": a.From}
		} else {
			out[i] = map[string]any{"to": a.To, "value": a.Value}
		}
	}
	return out
}

func factorTrees(list []Factor) []any {
	out := make([]any, len(list))
	for i, f := range list {
		t := map[string]any{"name": f.Name, "weight": f.Weight, "if_missing": f.IfMissing, "match": f.Match}
		if len(f.Conditions) > 0 {
			t["conditions"] = conditionTrees(f.Conditions)
		}
		if f.Field != "" {
			t["field"] = f.Field
		}
		out[i] = t
	}
	return out
}

// secondsOf writes a duration of whole milliseconds in seconds.
func secondsOf(d time.Duration) json.Number {
	return json.Number(strconv.FormatFloat(float64(d.Milliseconds())/1000, 'f', -1, 64))
}
