package studio

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"bonafide/flow"
	"bonafide/kyc"
)

// names are what the editor calls the nodes of a graph (caption in model.ts).
type names struct {
	nodes  map[string]drawn
	titles map[string]string // of checks, by policy
}

// drawn is the part of a node that its name is made from.
type drawn struct {
	Type    string `json:"type"`
	Name    string `json:"name"`
	Policy  string `json:"policy"`
	Outcome string `json:"outcome"`
	Gate    string `json:"gate"`
	Routes  []struct {
		Match      string `json:"match"`
		Conditions []struct {
			Field    string          `json:"field"`
			Operator string          `json:"operator"`
			Value    json.RawMessage `json:"value"`
		} `json:"conditions"`
	} `json:"routes"`
	Arms []struct {
		Name string `json:"name"`
	} `json:"arms"`
}

// namesOf reads a graph; a draft that is none has no names.
func namesOf(graph json.RawMessage, titles map[string]string) names {
	var g struct {
		Nodes map[string]json.RawMessage `json:"nodes"`
	}
	n := names{nodes: map[string]drawn{}, titles: titles}
	if json.Unmarshal(graph, &g) != nil {
		return n
	}
	for id, raw := range g.Nodes {
		var d drawn
		_ = json.Unmarshal(raw, &d) // what is no node keeps its id as its name
		n.nodes[id] = d
	}
	return n
}

var (
	endNames  = map[string]string{"approved": "Approved", "needs_review": "Needs review", "rejected": "Rejected"}
	kindNames = map[string]string{"start": "Start", "conditional": "Condition", "parallel": "Parallel", "join": "Join", "score": "Score", "set": "Set", "split": "Split", "subworkflow": "Subworkflow"}
	wayNames  = map[string]string{"on_pass": "pass", "on_fail": "fail", "on_review": "review", "on_error": "error", "on_skip": "skip", "on_continue": "continue",
		"on_reject": "reject", "on_timeout": "timeout", "on_approved": "approved", "on_rejected": "rejected", "on_needs_review": "review", "default": "otherwise"}
)

// of is the name of a node; its id where there is no better one.
func (n names) of(id string) string {
	d, ok := n.nodes[id]
	if !ok {
		return id
	}
	var title string
	switch d.Type {
	case "policy", "http":
		policy := d.Policy
		if d.Type == "http" {
			policy = "http"
		}
		title = n.titles[policy]
	case "terminal":
		title = endNames[d.Outcome]
	case "wait":
		title = "Gate " + d.Gate
	default:
		title = kindNames[d.Type]
	}
	for _, name := range []string{d.Name, title, d.Policy} {
		if name != "" {
			return name
		}
	}
	return id
}

// way is the name of a way out of a node.
func (n names) way(id, label string) string {
	if name, ok := wayNames[label]; ok {
		return name
	}
	kind, at, _ := strings.Cut(label, "/")
	i, err := strconv.Atoi(at)
	if err != nil {
		return label
	}
	d := n.nodes[id]
	switch {
	case kind == "routes" && i < len(d.Routes) && len(d.Routes[i].Conditions) > 0:
		var parts []string
		for _, c := range d.Routes[i].Conditions {
			field := strings.TrimPrefix(strings.TrimPrefix(c.Field, "extracted."), "session.fields.")
			parts = append(parts, field+" "+c.Operator+" "+strings.Trim(string(c.Value), `"`))
		}
		if d.Routes[i].Match == "any" {
			return strings.Join(parts, " or ")
		}
		return strings.Join(parts, " and ")
	case kind == "arms" && i < len(d.Arms) && d.Arms[i].Name != "":
		return d.Arms[i].Name
	}
	return fmt.Sprintf("%s %d", map[string]string{"routes": "route", "arms": "arm", "branches": "branch"}[kind], i+1)
}

// connections say in words which ways lead elsewhere.
func connections(routes []flow.RouteChange, before, after names) []change {
	out := make([]change, 0, len(routes))
	for _, r := range routes {
		in := after
		if _, kept := after.nodes[r.Node]; !kept {
			in = before
		}
		c := change{Where: in.of(r.Node), ID: r.Node, Path: in.way(r.Node, r.Label), Words: true}
		if r.Old != "" {
			c.Old = "to " + before.of(r.Old)
		}
		if r.New != "" {
			c.New = "now to " + after.of(r.New)
		}
		out = append(out, c)
	}
	return out
}

// leads reports whether an option of a node is where a way leads, which
// connections say.
func leads(path string) bool {
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	switch parts[0] {
	case "next", "default":
		return len(parts) == 1
	case "routes", "arms":
		return len(parts) == 3 && parts[2] == "next"
	}
	return wayNames[parts[0]] != ""
}

// plainly says a problem as the author of a drawing reads it, with the name of
// its node (inWords in problems.ts). What has no words of its own keeps them.
func (n names) plainly(p kyc.Problem) kyc.Problem {
	if _, ok := n.nodes[p.Node]; !ok {
		return p
	}
	_, at, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(p.Path, "/graph"), "/nodes/"), "/")
	name := "“" + n.of(p.Node) + "”"
	switch p.Code {
	case "policy_route_missing":
		p.Message = "Say where the applicant goes when " + name + " " + map[string]string{"on_pass": "passes", "on_fail": "fails"}[at] + "."
	case "conditional_default_missing":
		p.Message = "Say where the applicant goes when nothing of " + name + " holds (otherwise)."
	case "path_without_terminal":
		p.Message = "Say what comes after " + name + "."
		if at == "" {
			p.Message = "No way from " + name + " reaches an end: Approved, Needs review or Rejected."
		}
	case "node_not_found":
		p.Message = "A way of " + name + " leads to a piece that is gone; choose another."
	case "unreachable_node":
		p.Message = "Nothing leads here: no applicant ever comes to " + name + "."
	default:
		return p
	}
	p.Path = ""
	return p
}
