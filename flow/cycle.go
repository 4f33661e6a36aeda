package flow

import (
	"slices"
	"strings"

	"bonafide/kyc"
)

// maxCycles bounds how many elementary cycles are listed; a dense graph has
// exponentially many. maxCycleSteps bounds the search for them.
const (
	maxCycles     = 20
	maxCycleSteps = 20000
)

func stringOrder(a, b string) int { return strings.Compare(a, b) }

// checkCycles reports elementary cycles, each as the list of its nodes
// beginning with the smallest id. At least one cycle of every strongly
// connected component is found, whatever the bounds.
func (d *draft) checkCycles(f *findings) {
	found := map[string]bool{}
	report := func(nodes []string) {
		key := strings.Join(nodes, "\x00")
		if found[key] {
			return
		}
		found[key] = true
		f.errors = append(f.errors, kyc.Problem{
			Path: d.at[nodes[0]], Code: "cycle", Node: nodes[0], Nodes: slices.Clone(nodes),
			Message: "the path returns to where it was: " + strings.Join(nodes, " -> ") + " -> " + nodes[0],
		})
	}
	for _, group := range d.components() {
		in := map[string]bool{}
		for _, id := range group {
			in[id] = true
		}
		report(d.shortestCycle(group[0], in))
		search := cycleSearch{d: d, in: in, found: func(nodes []string) bool {
			report(nodes)
			return len(found) < maxCycles
		}}
		for _, first := range group {
			if len(found) >= maxCycles || search.steps > maxCycleSteps {
				break
			}
			search.first, search.path = first, nil
			search.on = map[string]bool{}
			search.walk(first)
			// Cycles through this node are done; those that remain avoid it.
			in[first] = false
		}
	}
}

// shortestCycle finds one cycle through a node of a strongly connected
// component, turned to begin with its smallest id.
func (d *draft) shortestCycle(first string, in map[string]bool) []string {
	from := map[string]string{}
	todo := []string{first}
	for len(todo) > 0 {
		id := todo[0]
		todo = todo[1:]
		for _, e := range d.nodes[id].Edges() {
			if e.To == first {
				path := []string{id}
				for id != first {
					id = from[id]
					path = append(path, id)
				}
				slices.Reverse(path)
				return path
			}
			if _, seen := from[e.To]; !seen && in[e.To] {
				from[e.To] = id
				todo = append(todo, e.To)
			}
		}
	}
	return []string{first}
}

// cycleSearch enumerates the elementary cycles through one node by depth
// first search within a component.
type cycleSearch struct {
	d     *draft
	in    map[string]bool
	on    map[string]bool
	first string
	path  []string
	steps int
	found func(nodes []string) (more bool)
}

// walk reports false when the search must stop.
func (s *cycleSearch) walk(id string) bool {
	if s.steps++; s.steps > maxCycleSteps {
		return false
	}
	s.on[id], s.path = true, append(s.path, id)
	defer func() { s.on[id], s.path = false, s.path[:len(s.path)-1] }()
	for _, to := range s.d.successors(id) {
		if to == s.first {
			if !s.found(s.path) {
				return false
			}
			continue
		}
		if s.in[to] && !s.on[to] && !s.walk(to) {
			return false
		}
	}
	return true
}

// successors are the nodes that edges lead to, each once, sorted.
func (d *draft) successors(id string) []string {
	var out []string
	for _, e := range d.nodes[id].Edges() {
		if d.nodes[e.To] != nil {
			out = append(out, e.To)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// components gives the strongly connected components that hold a cycle, each
// sorted, in order of their first node (Tarjan 1972, without recursion).
func (d *draft) components() [][]string {
	type frame struct {
		id   string
		next []string
	}
	var (
		out     [][]string
		number  = map[string]int{}
		low     = map[string]int{}
		onStack = map[string]bool{}
		stack   []string
		count   int
	)
	visit := func(root string) {
		var frames []frame
		enter := func(id string) {
			count++
			number[id], low[id] = count, count
			stack, onStack[id] = append(stack, id), true
			frames = append(frames, frame{id: id, next: d.successors(id)})
		}
		enter(root)
		for len(frames) > 0 {
			top := &frames[len(frames)-1]
			if len(top.next) > 0 {
				to := top.next[0]
				top.next = top.next[1:]
				if number[to] == 0 {
					enter(to)
				} else if onStack[to] {
					low[top.id] = min(low[top.id], number[to])
				}
				continue
			}
			id := top.id
			frames = frames[:len(frames)-1]
			if len(frames) > 0 {
				parent := frames[len(frames)-1].id
				low[parent] = min(low[parent], low[id])
			}
			if low[id] != number[id] {
				continue
			}
			var group []string
			for {
				last := stack[len(stack)-1]
				stack = stack[:len(stack)-1]
				onStack[last] = false
				group = append(group, last)
				if last == id {
					break
				}
			}
			if len(group) > 1 || slices.Contains(d.successors(id), id) {
				slices.Sort(group)
				out = append(out, group)
			}
		}
	}
	for _, id := range sorted(d.nodes) {
		if number[id] == 0 {
			visit(id)
		}
	}
	slices.SortFunc(out, func(a, b []string) int { return stringOrder(a[0], b[0]) })
	return out
}
