package flow

import (
	"encoding/json"
	"slices"
	"strings"

	"bonafide/kyc"
)

// linker resolves subworkflow nodes and writes their graphs into the outer
// one, so that the engine never leaves a graph.
type linker struct {
	o       Options
	schemas *Schemas
	// resolved keeps what Resolve answered, so that "latest_published" is one
	// version throughout a compilation.
	resolved map[string]resolution
	// read counts the nodes read so far, over all levels.
	read int
}

type resolution struct {
	graph  json.RawMessage
	pinned string
	err    error
}

// link replaces every subworkflow node of a graph. chain holds the workflows
// that contain this one, outermost first.
func (l *linker) link(d *draft, f *findings, chain []string) {
	if l.o.Resolve == nil {
		return
	}
	for _, id := range sorted(d.nodes) {
		n := d.nodes[id]
		if n.Type != TypeSubworkflow || n.WorkflowID == "" {
			continue
		}
		inner, pinned := l.open(d, n, f, chain)
		if inner != nil {
			l.inline(d, n, inner, pinned, f)
		}
	}
}

// open reads, checks and links the graph a subworkflow node names.
func (l *linker) open(d *draft, n *Node, f *findings, chain []string) (*draft, string) {
	at := d.at[n.ID] + "/workflow_id"
	nodes := append(slices.Clone(chain), n.WorkflowID)
	if slices.Contains(chain, n.WorkflowID) {
		f.errors = append(f.errors, kyc.Problem{Path: at, Code: "subworkflow_recursion", Node: n.ID, Nodes: nodes,
			Message: "the workflow contains itself: " + strings.Join(nodes, " -> ")})
		return nil, ""
	}
	if len(chain) > MaxLinkDepth {
		f.fail(n.ID, at, "subworkflow_too_deep", "subworkflows may be nested at most %d deep", MaxLinkDepth)
		return nil, ""
	}
	res := l.resolve(n)
	if res.err != nil {
		code := "subworkflow_unresolved"
		if kyc.KindOf(res.err) == kyc.NotFound {
			code = "subworkflow_not_found"
		}
		f.fail(n.ID, at, code, "the workflow %q in version %q cannot be had: %s", n.WorkflowID, n.WorkflowVersion, kyc.AsError(res.err).Message)
		return nil, ""
	}
	own := &findings{lenient: l.o.Lenient}
	inner := newDraft()
	tree, ok := readTree(res.graph, func(path, code, message string) { own.fail("", path, code, "%s", message) })
	if ok {
		r := reader{f: own, d: inner, catalog: l.o.Catalog, schemas: l.schemas}
		r.readGraph(tree)
		if l.read += len(inner.nodes); l.read > 2*MaxLinkedNodes {
			f.fail(n.ID, at, "too_many_nodes", "with its subworkflows the graph has too many nodes")
			return nil, ""
		}
		inner.fillDefaults()
		inner.checkShape(own)
		l.link(inner, own, nodes)
	}
	if len(own.errors) == 0 {
		return inner, res.pinned
	}
	l.blame(n, at, own, f)
	return nil, ""
}

// blame reports the problems of an inner graph at the node that names it.
// Recursion keeps its own code, because it is the outer author's doing.
func (l *linker) blame(n *Node, at string, own, f *findings) {
	rep := own.report()
	others := 0
	for _, p := range rep.Errors {
		switch p.Code {
		case "subworkflow_recursion", "subworkflow_too_deep":
			f.errors = append(f.errors, kyc.Problem{Path: at, Code: p.Code, Node: n.ID, Nodes: p.Nodes, Message: p.Message})
		default:
			others++
			if others <= 5 {
				f.fail(n.ID, at, "subworkflow_invalid", "the workflow %q has a problem at %s (%s): %s", n.WorkflowID, p.Path, p.Code, p.Message)
			}
		}
	}
	if others > 5 {
		f.fail(n.ID, at, "subworkflow_invalid", "the workflow %q has %d problems in all", n.WorkflowID, others)
	}
}

func (l *linker) resolve(n *Node) resolution {
	key := n.WorkflowID + "\x00" + n.WorkflowVersion
	if res, ok := l.resolved[key]; ok {
		return res
	}
	var res resolution
	res.graph, res.pinned, res.err = l.o.Resolve(n.WorkflowID, n.WorkflowVersion)
	if l.resolved == nil {
		l.resolved = map[string]resolution{}
	}
	l.resolved[key] = res
	return res
}

// inline writes an inner graph into the outer one. The subworkflow node
// becomes a set node that passes the inputs on; inner nodes are called
// "<node>/<inner>"; each inner terminal becomes a set node that records how
// the subworkflow ended (vars.<node>.outcome, .reason_code) and goes where
// the outer author said.
func (l *linker) inline(d *draft, n *Node, inner *draft, pinned string, f *findings) {
	if len(d.nodes)+len(inner.nodes) > MaxLinkedNodes {
		f.fail(n.ID, d.at[n.ID], "too_many_nodes", "with its subworkflows the graph has more than %d nodes", MaxLinkedNodes)
		return
	}
	prefix := n.ID + "/"
	after := map[kyc.Outcome]string{kyc.Approved: n.OnApproved, kyc.Rejected: n.OnRejected, kyc.NeedsReview: n.OnNeedsReview}
	start := inner.nodes[inner.entry]
	for id := range inner.reachable(inner.entry) {
		in := inner.nodes[id]
		if in == start {
			continue
		}
		in.eachRoute(func(_, _ string, to *string) { *to = prefix + *to })
		if in.Join != "" {
			in.Join = prefix + in.Join
		}
		if in.Type == TypeTerminal {
			in = ending(in, n.ID, after[in.Outcome])
		}
		in.ID = prefix + id
		d.nodes[in.ID], d.at[in.ID] = in, d.at[n.ID]
	}
	d.links = append(d.links, Link{Node: n.ID, WorkflowID: n.WorkflowID, Version: pinned})
	for _, link := range inner.links {
		link.Node = prefix + link.Node
		d.links = append(d.links, link)
	}
	*n = Node{ID: n.ID, Type: TypeSet, Name: n.Name, Description: n.Description, Next: prefix + start.Next, Assign: n.Assign}
}

// ending turns an inner terminal into the set node that follows it.
func ending(t *Node, subworkflow, next string) *Node {
	as := "vars." + strings.ReplaceAll(subworkflow, ".", "_")
	n := &Node{Type: TypeSet, Name: t.Name, Description: t.Description, Next: next, Implicit: t.Implicit,
		Assign: []Assign{{To: as + ".outcome", Value: string(t.Outcome)}}}
	if t.ReasonCode != "" {
		n.Assign = append(n.Assign, Assign{To: as + ".reason_code", Value: t.ReasonCode})
	}
	return n
}
