package flow

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Describe renders a compiled graph for reading: every node in topological
// order with its routes below it. "[locked]" marks mandatory checks that were
// inserted, "[implicit]" what the author left to its default.
func Describe(c *Compiled) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d nodes, entry %s\n", len(c.Nodes), c.Entry)
	fmt.Fprintf(&b, "definition %s\nlinked     %s\n", c.Hash, c.LinkedHash)
	for _, l := range c.Links {
		fmt.Fprintf(&b, "subworkflow %s is workflow %s, version %s\n", l.Node, l.WorkflowID, l.Version)
	}
	for _, id := range c.Order {
		n := c.Nodes[id]
		fmt.Fprintf(&b, "\n%s: %s%s\n", id, n.caption(), n.marks())
		for _, line := range n.details() {
			fmt.Fprintf(&b, "    %s\n", line)
		}
		for _, e := range n.Edges() {
			fmt.Fprintf(&b, "    %s -> %s\n", n.edgeText(e), e.To)
		}
	}
	return b.String()
}

// caption says in a few words what a node does.
func (n *Node) caption() string {
	switch n.Type {
	case TypePolicy:
		return "check " + n.Policy
	case TypeTerminal:
		if n.ReasonCode != "" {
			return string(n.Outcome) + " (" + n.ReasonCode + ")"
		}
		return string(n.Outcome)
	case TypeWait:
		return "wait at gate " + n.Gate
	case TypeJoin:
		return "join of " + n.Mode + " branches"
	case TypeSubworkflow:
		return "subworkflow " + n.WorkflowID + ", version " + n.WorkflowVersion + " (not linked)"
	}
	return n.Type
}

func (n *Node) marks() string {
	out := ""
	if n.Locked {
		out += " [locked]"
	}
	if n.Implicit {
		out += " [implicit]"
	}
	return out
}

// details are the lines below a node before its routes.
func (n *Node) details() []string {
	var out []string
	if n.Name != "" {
		out = append(out, "name "+n.Name)
	}
	switch n.Type {
	case TypePolicy:
		if string(n.Config) != "{}" {
			out = append(out, "config "+string(n.Config))
		}
		if !n.Required {
			out = append(out, "not required")
		}
		if n.MaxAttempts != DefaultAttempts || n.Backoff != DefaultBackoff {
			out = append(out, fmt.Sprintf("at most %d attempts, first wait %s", n.MaxAttempts, n.Backoff))
		}
	case TypeParallel:
		out = append(out, "join "+n.Join)
	case TypeSet:
		for _, a := range n.Assign {
			if a.From != "" {
				out = append(out, a.To+" = "+a.From)
			} else {
				out = append(out, a.To+" = "+literal(a.Value))
			}
		}
	case TypeScore:
		out = append(out, "base "+n.Base.String())
		for _, f := range n.Factors {
			out = append(out, f.text())
		}
	case TypeTerminal:
		if n.Case != nil {
			out = append(out, fmt.Sprintf("case queue %q, priority %d, sla %g h", n.Case.Queue, n.Case.Priority, n.Case.SLAHours))
		}
	}
	if n.Timeout > 0 {
		out = append(out, "timeout "+n.Timeout.String())
	}
	return out
}

func (f Factor) text() string {
	s := f.Name + ": " + f.Weight.String()
	if f.Field != "" {
		s += " x " + f.Field + " (if missing " + f.IfMissing.String() + ")"
	}
	if len(f.Conditions) > 0 {
		s += " when " + conditionsText(f.Conditions, f.Match)
	}
	return s
}

// edgeText names an edge: conditions for routes, the field otherwise.
func (n *Node) edgeText(e Edge) string {
	for i, r := range n.Routes {
		if e.Label == fmt.Sprintf("routes/%d", i) {
			return "when " + conditionsText(r.Conditions, r.Match)
		}
	}
	for i, a := range n.Arms {
		if e.Label == fmt.Sprintf("arms/%d", i) {
			return fmt.Sprintf("arm %s, weight %d", a.Name, a.Weight)
		}
	}
	if strings.HasPrefix(e.Label, "branches/") {
		return "branch"
	}
	return e.Label
}

func conditionsText(list []Condition, match string) string {
	parts := make([]string, len(list))
	for i, c := range list {
		parts[i] = c.Field + " " + c.Operator + " " + literal(c.Value)
		if c.IgnoreCase {
			parts[i] += " (any case)"
		}
	}
	glue := " and "
	if match == MatchAny {
		glue = " or "
	}
	return strings.Join(parts, glue)
}

func literal(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return "?"
	}
	return string(raw)
}

// Dot renders a compiled graph in the DOT language of Graphviz.
func Dot(c *Compiled) string {
	var b strings.Builder
	b.WriteString("digraph workflow {\n  rankdir=TB;\n  node [fontname=\"sans-serif\"];\n")
	for _, id := range c.Order {
		n := c.Nodes[id]
		style := ""
		if n.Implicit {
			style = ", style=dashed"
		}
		if n.Locked {
			style = ", style=bold"
		}
		fmt.Fprintf(&b, "  %s [label=%s, shape=%s%s];\n", quoteDot(id), quoteDot(id+"\n"+n.caption()+n.marks()), n.shape(), style)
	}
	for _, id := range c.Order {
		n := c.Nodes[id]
		for _, e := range n.Edges() {
			fmt.Fprintf(&b, "  %s -> %s [label=%s];\n", quoteDot(id), quoteDot(e.To), quoteDot(n.edgeText(e)))
		}
	}
	b.WriteString("}\n")
	return b.String()
}

func (n *Node) shape() string {
	switch n.Type {
	case TypeStart:
		return "circle"
	case TypeConditional, TypeSplit:
		return "diamond"
	case TypeTerminal:
		return "doublecircle"
	case TypeWait:
		return "octagon"
	case TypeParallel, TypeJoin:
		return "trapezium"
	}
	return "box"
}

// quoteDot writes a DOT string: quotes and backslashes escaped, lines kept.
func quoteDot(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}
