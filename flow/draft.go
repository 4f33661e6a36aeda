package flow

import (
	"encoding/json"

	"bonafide/kyc"
)

// draft is a graph while it is read, checked and linked. Unlike a Compiled it
// may have anything wrong with it.
type draft struct {
	entry string
	nodes map[string]*Node
	// at is where a problem of a node is reported: its own pointer, or that of
	// the subworkflow node it came with.
	at    map[string]string
	links []Link
	hash  string // over the canonical submitted definition
	// mapped are the nodes whose assignments were written as an input_map.
	mapped map[string]bool
	// entryKnown is false when the entry's own problem is reported already.
	entryKnown bool
	// regions are the nodes of each branch, by parallel node.
	regions map[string][]map[string]bool
	// scratch is where encode writes.
	scratch []byte
}

// encode writes a tree as canonical JSON into bytes that are valid until the
// next call.
func (d *draft) encode(tree any) ([]byte, error) {
	b, err := appendCanonical(d.scratch[:0], tree)
	if err != nil {
		return nil, kyc.Errorf(kyc.Internal, "encode", "encoding a graph: %w", err)
	}
	d.scratch = b
	return b, nil
}

func newDraft() *draft {
	return &draft{nodes: map[string]*Node{}, at: map[string]string{}, mapped: map[string]bool{}}
}

// reader reads one submitted or linked graph.
type reader struct {
	f *findings
	d *draft
	// catalog is nil when checks are not known.
	catalog map[string]kyc.CheckSpec
	schemas *Schemas
	// linked accepts what only the compiler writes: reserved ids, "locked" and
	// "implicit" marks.
	linked bool
}

// readGraph reads the graph object itself: {"entry", "nodes", "graph_layout"}.
func (r *reader) readGraph(tree any) {
	root := (&object{f: r.f}).sub("", tree)
	if root == nil {
		return
	}
	r.readEntry(root)
	root.get("graph_layout") // where the editor drew the nodes; not ours
	if r.linked {
		r.d.hash = root.text("hash", 100)
		r.readLinks(root)
	}
	v, ok := root.get("nodes")
	root.done()
	if !ok {
		r.f.fail("", "/nodes", "nodes_missing", "the graph has no nodes")
		return
	}
	nodes, ok := v.(map[string]any)
	if !ok {
		r.f.fail("", "/nodes", "wrong_type", "nodes must be an object: node id to node")
		return
	}
	limit := MaxNodes
	if r.linked {
		limit = MaxLinkedNodes
	}
	if len(nodes) > limit {
		r.f.fail("", "/nodes", "too_many_nodes", "the graph has %d nodes; at most %d are allowed", len(nodes), limit)
		return
	}
	for _, id := range sorted(nodes) {
		at := pointer("/nodes", id)
		if !r.linked {
			r.checkID(id, at)
		}
		o := newObject(r.f, id, at, nil)
		if o = o.sub(at, nodes[id]); o != nil {
			r.d.nodes[id] = r.readNode(id, o)
			r.d.at[id] = at
		}
	}
}

func (r *reader) readEntry(root *object) {
	v, ok := root.get("entry")
	s, isText := v.(string)
	switch {
	case !ok || isText && s == "":
		r.f.fail("", "/entry", "entry_missing", "the graph does not say where it begins")
	case !isText:
		r.f.fail("", "/entry", "wrong_type", "entry must be the name of a node")
	default:
		r.d.entry, r.d.entryKnown = s, true
	}
}

func (r *reader) readLinks(root *object) {
	for i, v := range root.list("links", MaxLinkedNodes) {
		if o := root.sub(index("/links", i), v); o != nil {
			r.d.links = append(r.d.links, Link{
				Node: o.text("node", MaxString), WorkflowID: o.text("workflow_id", 200), Version: o.text("version", 64),
			})
			o.done()
		}
	}
}

func (r *reader) checkID(id, at string) {
	switch {
	case len(id) > 0 && id[0] == '_':
		r.f.fail(id, at, "node_id_invalid", "ids that begin with _ belong to the compiler")
	case len(id) > MaxIDLength:
		r.f.fail(id, at, "node_id_invalid", "a node id may have at most %d characters", MaxIDLength)
	case !word(id, true):
		r.f.fail(id, at, "node_id_invalid", "a node id is made of letters, digits, '_', '-' and '.'")
	}
}

// sourceHash is the hash of what the author wrote: the graph without its
// layout, and the data requirements when there are any.
func (d *draft) sourceHash(tree any, requirements json.RawMessage) (string, error) {
	root, _ := tree.(map[string]any)
	written := make(map[string]any, len(root)+1)
	for k, v := range root {
		if k != "graph_layout" {
			written[k] = v
		}
	}
	if len(requirements) > 0 {
		written["data_requirements"] = requirements
	}
	canonical, err := d.encode(written)
	if err != nil {
		return "", err
	}
	return HashOf(canonical), nil
}

// loc is where a problem with one field of a node is reported. A node that
// came with a subworkflow is reported at the subworkflow node.
func (d *draft) loc(id, suffix string) string {
	if at := d.at[id]; at == pointer("/nodes", id) {
		return at + suffix
	}
	return d.at[id]
}
