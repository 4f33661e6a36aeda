package flow

import (
	"slices"
	"strings"

	"bonafide/kyc"
)

// reading is one place where a node reads a fact.
type reading struct {
	path  string // pointer below the node, for loc
	field string
}

// reads lists every fact path a node reads.
func (d *draft) reads(n *Node) []reading {
	var out []reading
	conditions := func(at string, list []Condition) {
		for i, c := range list {
			out = append(out, reading{index(at+"/conditions", i) + "/field", c.Field})
		}
	}
	for i, r := range n.Routes {
		conditions(index("/routes", i), r.Conditions)
	}
	for i, fac := range n.Factors {
		at := index("/factors", i)
		conditions(at, fac.Conditions)
		if fac.Field != "" {
			out = append(out, reading{at + "/field", fac.Field})
		}
	}
	for i, a := range n.Assign {
		if a.From == "" {
			continue
		}
		at := index("/assign", i) + "/from"
		if d.mapped[n.ID] {
			at = pointer("/input_map", a.To)
		}
		out = append(out, reading{at, a.From})
	}
	for i, field := range n.Expose {
		out = append(out, reading{index("/expose_fields", i), field})
	}
	return out
}

// madeBy lists the facts that a node has made once it is left: a check's
// result (also a failed or skipped one has a status), variables, a gate's
// decision, the risk score. The edge does not matter.
func madeBy(n *Node) func(label string) []string {
	facts := factsOf(n)
	return func(string) []string { return facts }
}

func factsOf(n *Node) []string {
	switch n.Type {
	case TypePolicy:
		if n.Policy == "risk_assessment" {
			return []string{"checks.risk_assessment", "risk"}
		}
		return []string{"checks." + n.Policy}
	case TypeScore:
		return []string{"risk"}
	case TypeWait:
		return []string{"gate." + n.Gate}
	case TypeSet:
		var out []string
		for _, a := range n.Assign {
			out = append(out, factKey(a.To))
		}
		return out
	case TypeSubworkflow:
		// Not linked, so nothing is known of its inside; how it ends is.
		return []string{"vars." + strings.ReplaceAll(n.ID, ".", "_")}
	}
	return nil
}

// factKey cuts a path to what madeBy speaks of; "" for facts that are there
// from the beginning.
func factKey(field string) string {
	root, rest, _ := strings.Cut(field, ".")
	switch root {
	case "checks", "vars", "gate":
		name, _, _ := strings.Cut(rest, ".")
		return root + "." + name
	case "risk":
		return root
	}
	return ""
}

// warnPaths gives the warnings that look at whole paths: facts read before
// they are made, and approvals without an identity check.
func (d *draft) warnPaths(f *findings, order []string, catalog map[string]kyc.CheckSpec) {
	known := d.certain(order, madeBy)
	for _, id := range order {
		if known.in[id] == nil {
			continue
		}
		for _, r := range d.reads(d.nodes[id]) {
			key := factKey(r.field)
			if key == "" || known.at(id, key) {
				continue
			}
			code, message := "fact_not_set", "on some path nothing has set "+key+" before this node reads it"
			if policy, ok := strings.CutPrefix(key, "checks."); ok {
				code, message = "check_not_run", "on some path the check "+policy+" has not run before this node reads its result"
			}
			f.warn(id, d.loc(id, r.path), code, "%s", message)
		}
	}
	if catalog != nil {
		d.warnIdentity(f, order, catalog)
	}
}

// warnIdentity looks at the graph as its author drew it: a mandatory check
// inserted later must not hide that nobody looks at the applicant.
func (d *draft) warnIdentity(f *findings, order []string, catalog map[string]kyc.CheckSpec) {
	const fact = "identity"
	facts := []string{fact}
	makes := func(n *Node) func(label string) []string {
		if n.Type != TypeConditional && (n.Type != TypePolicy || !catalog[n.Policy].Identity) {
			return nil
		}
		return func(label string) []string {
			if n.Type == TypePolicy && label == "on_pass" || n.Type == TypeConditional && asksPassed(n, label, catalog) {
				return facts
			}
			return nil
		}
	}
	known := d.certain(order, makes)
	for _, id := range order {
		n := d.nodes[id]
		if n.Type != TypeTerminal || n.Outcome != kyc.Approved || known.at(id, fact) {
			continue
		}
		f.warnings = append(f.warnings, kyc.Problem{
			Path: d.loc(id, ""), Code: "approval_without_identity_check", Node: id,
			Nodes:   d.pathWithout(id, makes),
			Message: "a path leads to this approval without passing a check that ties the applicant to a document, a list or a record",
		})
	}
}

// asksPassed reports whether a route is taken only when an identity check
// has passed.
func asksPassed(n *Node, label string, catalog map[string]kyc.CheckSpec) bool {
	for i, r := range n.Routes {
		if label != strings.TrimPrefix(index("/routes", i), "/") || r.Match == MatchAny && len(r.Conditions) > 1 {
			continue
		}
		for _, c := range r.Conditions {
			name, found := strings.CutPrefix(c.Field, "checks.")
			name, isStatus := strings.CutSuffix(name, ".status")
			if found && isStatus && catalog[name].Identity && c.Operator == opEQ && c.Value == "passed" {
				return true
			}
		}
	}
	return false
}

// pathWithout gives the shortest path from the entry to a node on which no
// edge makes anything; nil when parallel branches leave no single such path.
func (d *draft) pathWithout(target string, makes func(n *Node) func(label string) []string) []string {
	from := map[string]string{d.entry: ""}
	todo := []string{d.entry}
	for len(todo) > 0 {
		id := todo[0]
		todo = todo[1:]
		if id == target {
			var path []string
			for ; id != ""; id = from[id] {
				path = append(path, id)
			}
			slices.Reverse(path)
			return path
		}
		by := makes(d.nodes[id])
		d.nodes[id].eachRoute(func(label, _ string, to *string) {
			if _, seen := from[*to]; !seen && d.nodes[*to] != nil && (by == nil || by(label) == nil) {
				from[*to] = id
				todo = append(todo, *to)
			}
		})
	}
	return nil
}
