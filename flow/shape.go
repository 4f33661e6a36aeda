package flow

import (
	"slices"

	"bonafide/kyc"
)

// checkShape applies the structural rules of api.md 6.4 to one graph before
// anything is linked into it.
func (d *draft) checkShape(f *findings) {
	d.checkEntry(f)
	d.checkTargets(f)
	// Without a cycle every path ends somewhere, so there is nothing to look for.
	if _, acyclic := d.order(); !acyclic {
		d.checkCycles(f)
		d.checkEnds(f)
	}
	d.warnUnreachable(f)
}

func (d *draft) checkEntry(f *findings) {
	var starts []string
	for _, id := range sorted(d.nodes) {
		if d.nodes[id].Type == TypeStart {
			starts = append(starts, id)
		}
	}
	if len(starts) != 1 {
		f.errors = append(f.errors, kyc.Problem{Path: "/nodes", Code: "start_count", Nodes: starts,
			Message: "a graph has exactly one start node"})
	}
	if !d.entryKnown {
		return // reported while reading
	}
	entry, ok := d.nodes[d.entry]
	switch {
	case !ok:
		f.fail("", "/entry", "entry_missing", "the entry %q is not among the nodes", d.entry)
	case entry.Type != TypeStart:
		f.fail(d.entry, "/entry", "entry_not_start", "the entry must be a start node, %q is a %s node", d.entry, entry.Type)
	}
}

func (d *draft) checkTargets(f *findings) {
	for id, n := range d.nodes {
		n.eachRoute(func(label, at string, to *string) {
			// An on_skip that was copied from another route is that one's problem.
			copied := label == "on_skip" && (*to == n.OnFail || *to == n.OnPass)
			if *to != "" && d.nodes[*to] == nil && !copied {
				f.fail(id, d.at[id]+at, "node_not_found", "%s leads to %q, which does not exist", label, *to)
			}
		})
		if n.Type == TypeParallel && n.Join != "" && d.nodes[n.Join] == nil {
			f.fail(id, d.at[id]+"/join", "node_not_found", "the join %q does not exist", n.Join)
		}
	}
}

// checkEnds reports nodes from which no terminal can be reached. Missing or
// dangling routes have problems of their own and count as ends here.
func (d *draft) checkEnds(f *findings) {
	ends := map[string]bool{}
	into := map[string][]string{}
	var todo []string
	for id, n := range d.nodes {
		edges := n.Edges()
		for _, e := range edges {
			into[e.To] = append(into[e.To], id)
			if e.To == "" || d.nodes[e.To] == nil {
				ends[id] = true
			}
		}
		if len(edges) == 0 {
			ends[id] = true
		}
		if ends[id] {
			todo = append(todo, id)
		}
	}
	for len(todo) > 0 {
		id := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, from := range into[id] {
			if !ends[from] {
				ends[from] = true
				todo = append(todo, from)
			}
		}
	}
	for id := range d.nodes {
		if !ends[id] {
			f.fail(id, d.at[id], "path_without_terminal", "no path from this node reaches a terminal")
		}
	}
}

// reachable gives every node on a path from the given ones, themselves
// included.
func (d *draft) reachable(from ...string) map[string]bool {
	seen := make(map[string]bool, len(d.nodes))
	todo := append(make([]string, 0, len(d.nodes)+len(from)), from...)
	for len(todo) > 0 {
		id := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		n := d.nodes[id]
		if n == nil || seen[id] {
			continue
		}
		seen[id] = true
		n.eachRoute(func(_, _ string, to *string) { todo = append(todo, *to) })
	}
	return seen
}

func (d *draft) warnUnreachable(f *findings) {
	if d.nodes[d.entry] == nil {
		return
	}
	seen := d.reachable(d.entry)
	for id, n := range d.nodes {
		if !seen[id] && !n.Implicit {
			f.warn(id, d.at[id], "unreachable_node", "no path leads here")
		}
	}
}

// order sorts the nodes topologically; nodes without an order between them
// come by id. It reports false when there is a cycle.
func (d *draft) order() ([]string, bool) {
	waiting := make(map[string]int, len(d.nodes))
	for _, n := range d.nodes {
		n.eachRoute(func(_, _ string, to *string) { waiting[*to]++ })
	}
	// ready is kept sorted in reverse, so that the next id is at its end.
	var ready []string
	out := make([]string, 0, len(d.nodes))
	push := func(id string) {
		at, _ := slices.BinarySearchFunc(ready, id, func(a, b string) int { return -stringOrder(a, b) })
		ready = slices.Insert(ready, at, id)
	}
	for id := range d.nodes {
		if waiting[id] == 0 {
			push(id)
		}
	}
	for len(ready) > 0 {
		id := ready[len(ready)-1]
		ready = ready[:len(ready)-1]
		out = append(out, id)
		d.nodes[id].eachRoute(func(_, _ string, to *string) {
			left := waiting[*to] - 1
			if waiting[*to] = left; left == 0 && d.nodes[*to] != nil {
				push(*to)
			}
		})
	}
	return out, len(out) == len(d.nodes)
}
