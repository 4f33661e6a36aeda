package flow

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// Difference is what changed from one definition to another.
type Difference struct {
	NodesAdded   []string     `json:"nodes_added"`
	NodesRemoved []string     `json:"nodes_removed"`
	NodesChanged []NodeChange `json:"nodes_changed"`
	// Routes are the edges that changed, of added and removed nodes too.
	Routes []RouteChange `json:"routes"`
	// Definition are changes outside the nodes: the entry.
	Definition []FieldChange `json:"definition"`
	// Requirements are changes of the data requirements.
	Requirements []FieldChange `json:"data_requirements"`
}

// Same reports whether nothing changed that the hash would notice.
func (d Difference) Same() bool {
	return len(d.NodesAdded)+len(d.NodesRemoved)+len(d.NodesChanged)+len(d.Definition)+len(d.Requirements) == 0
}

// NodeChange is one node that both definitions have.
type NodeChange struct {
	ID     string        `json:"id"`
	Fields []FieldChange `json:"fields"`
}

// FieldChange is one value that differs. Path is a JSON Pointer below its
// node or section; Old or New is absent when the value is new or gone.
type FieldChange struct {
	Path string          `json:"path"`
	Old  json.RawMessage `json:"old,omitempty"`
	New  json.RawMessage `json:"new,omitempty"`
}

// RouteChange is one edge that leads elsewhere, is new (no Old) or gone (no
// New).
type RouteChange struct {
	Node  string `json:"node"`
	Label string `json:"label"` // on_pass, routes/0, default …
	Old   string `json:"old,omitempty"`
	New   string `json:"new,omitempty"`
}

// Compare compares two definitions, valid or not: each either a graph
// ({"entry", "nodes"}) or an object with "graph" and "data_requirements".
// Layout is not compared. What is not readable counts as empty.
func Compare(a, b json.RawMessage) Difference {
	oldGraph, oldReqs := splitDefinition(a)
	newGraph, newReqs := splitDefinition(b)
	oldNodes, newNodes := objectAt(oldGraph, "nodes"), objectAt(newGraph, "nodes")
	d := Difference{
		NodesAdded: []string{}, NodesRemoved: []string{}, NodesChanged: []NodeChange{},
		Routes: []RouteChange{}, Definition: []FieldChange{}, Requirements: []FieldChange{},
	}
	for _, id := range sorted(oldNodes) {
		if _, kept := newNodes[id]; !kept {
			d.NodesRemoved = append(d.NodesRemoved, id)
			continue
		}
		if fields := diffValues("", oldNodes[id], newNodes[id], true, true, nil); len(fields) > 0 {
			d.NodesChanged = append(d.NodesChanged, NodeChange{ID: id, Fields: fields})
		}
	}
	for _, id := range sorted(newNodes) {
		if _, was := oldNodes[id]; !was {
			d.NodesAdded = append(d.NodesAdded, id)
		}
	}
	d.Routes = diffRoutes(d.Routes, edgesOf(oldGraph), edgesOf(newGraph))
	d.Definition = diffValues("", withoutNodes(oldGraph), withoutNodes(newGraph), true, true, d.Definition)
	d.Requirements = diffValues("", oldReqs, newReqs, oldReqs != nil, newReqs != nil, d.Requirements)
	return d
}

// splitDefinition finds the graph and the data requirements.
func splitDefinition(raw json.RawMessage) (graph map[string]any, requirements any) {
	tree, _ := readTree(raw, func(string, string, string) {})
	root, _ := tree.(map[string]any)
	if inner, ok := root["graph"].(map[string]any); ok {
		return inner, root["data_requirements"]
	}
	return root, root["data_requirements"]
}

func objectAt(m map[string]any, name string) map[string]any {
	out, _ := m[name].(map[string]any)
	return out
}

func withoutNodes(graph map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range graph {
		if k != "nodes" && k != "graph_layout" && k != "data_requirements" {
			out[k] = v
		}
	}
	return out
}

// diffValues lists the smallest values that differ, in order of path. Lists
// are compared item by item.
func diffValues(path string, a, b any, hasA, hasB bool, out []FieldChange) []FieldChange {
	if hasA && hasB {
		ma, okA := a.(map[string]any)
		mb, okB := b.(map[string]any)
		if okA && okB {
			names := append(sorted(ma), sorted(mb)...)
			slices.Sort(names)
			for _, name := range slices.Compact(names) {
				va, inA := ma[name]
				vb, inB := mb[name]
				out = diffValues(pointer(path, name), va, vb, inA, inB, out)
			}
			return out
		}
		la, okA := a.([]any)
		lb, okB := b.([]any)
		if okA && okB {
			for i := range max(len(la), len(lb)) {
				out = diffValues(index(path, i), at(la, i), at(lb, i), i < len(la), i < len(lb), out)
			}
			return out
		}
	}
	change := FieldChange{Path: path}
	if hasA {
		change.Old, _ = encode(a)
	}
	if hasB {
		change.New, _ = encode(b)
	}
	if string(change.Old) == string(change.New) {
		return out
	}
	return append(out, change)
}

func at(list []any, i int) any {
	if i < len(list) {
		return list[i]
	}
	return nil
}

// edgesOf lists the edges of a submitted graph as its author wrote them.
func edgesOf(graph map[string]any) map[string]map[string]string {
	d := newDraft()
	r := reader{f: &findings{}, d: d, schemas: &Schemas{}}
	r.readGraph(graph)
	out := map[string]map[string]string{}
	for id, n := range d.nodes {
		out[id] = map[string]string{}
		for _, e := range n.Edges() {
			if e.To != "" {
				out[id][e.Label] = e.To
			}
		}
	}
	return out
}

func diffRoutes(out []RouteChange, a, b map[string]map[string]string) []RouteChange {
	nodes := append(sorted(a), sorted(b)...)
	slices.Sort(nodes)
	for _, id := range slices.Compact(nodes) {
		labels := append(sorted(a[id]), sorted(b[id])...)
		slices.SortFunc(labels, labelOrder)
		for _, label := range slices.Compact(labels) {
			if a[id][label] != b[id][label] {
				out = append(out, RouteChange{Node: id, Label: label, Old: a[id][label], New: b[id][label]})
			}
		}
	}
	return out
}

// labelOrder sorts routes/2 before routes/10.
func labelOrder(a, b string) int {
	nameA, restA, _ := strings.Cut(a, "/")
	nameB, restB, _ := strings.Cut(b, "/")
	if nameA != nameB {
		return stringOrder(nameA, nameB)
	}
	i, _ := strconv.Atoi(restA)
	j, _ := strconv.Atoi(restB)
	return i - j
}
