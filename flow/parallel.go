package flow

import (
	"slices"

	"bonafide/kyc"
)

// checkParallel applies the rules that make branches safe to run at the same
// time: each branch is a region of its own, entered only at its head and left
// only at the join or by ending the run without an approval.
func (d *draft) checkParallel(f *findings) {
	d.regions = map[string][]map[string]bool{}
	owner := map[string]string{}
	for _, id := range sorted(d.nodes) {
		p := d.nodes[id]
		if p.Type != TypeParallel || d.nodes[p.Join] == nil {
			continue
		}
		if d.nodes[p.Join].Type != TypeJoin {
			f.fail(id, d.loc(id, "/join"), "parallel_join_type", "%q is not a join node", p.Join)
			continue
		}
		if other, taken := owner[p.Join]; taken {
			f.fail(id, d.loc(id, "/join"), "join_shared", "the join %q already belongs to the parallel node %q", p.Join, other)
			continue
		}
		owner[p.Join] = id
		for _, b := range p.Branches {
			d.regions[id] = append(d.regions[id], d.region(b, p.Join))
		}
	}
	for _, id := range sorted(d.nodes) {
		if d.nodes[id].Type == TypeJoin && owner[id] == "" {
			f.fail(id, d.loc(id, ""), "join_without_parallel", "no parallel node ends at this join")
		}
	}
	if len(d.regions) == 0 {
		return
	}
	into := d.incoming()
	for _, id := range sorted(d.regions) {
		d.checkBranches(f, d.nodes[id], owner, into)
	}
}

// region gives the nodes of one branch: everything from its head up to the
// join, terminals left out because any branch may share them.
func (d *draft) region(head, join string) map[string]bool {
	in := map[string]bool{}
	todo := []string{head}
	for len(todo) > 0 {
		id := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		n := d.nodes[id]
		if n == nil || in[id] || id == join || n.Type == TypeTerminal {
			continue
		}
		in[id] = true
		n.eachRoute(func(_, _ string, to *string) { todo = append(todo, *to) })
	}
	return in
}

// arrival is one edge as its target sees it.
type arrival struct{ from, at string }

func (d *draft) incoming() map[string][]arrival {
	into := map[string][]arrival{}
	for _, id := range sorted(d.nodes) {
		d.nodes[id].eachRoute(func(_, at string, to *string) {
			into[*to] = append(into[*to], arrival{id, at})
		})
	}
	return into
}

func (d *draft) checkBranches(f *findings, p *Node, owner map[string]string, into map[string][]arrival) {
	regions := d.regions[p.ID]
	inside := func(id string) bool {
		for _, in := range regions {
			if in[id] {
				return true
			}
		}
		return false
	}
	if inside(p.ID) {
		return // a branch leads back to its own beginning; that is a cycle
	}
	arrived := make([]bool, len(regions))
	for _, a := range into[p.Join] {
		for i, in := range regions {
			arrived[i] = arrived[i] || in[a.from]
		}
		if !inside(a.from) && a.from != p.ID {
			f.fail(a.from, d.loc(a.from, a.at), "join_entered_from_outside", "the join %q may be entered only from the branches of %q", p.Join, p.ID)
		}
	}
	shared := map[string]bool{}
	for i, in := range regions {
		at := d.loc(p.ID, index("/branches", i))
		switch {
		case p.Branches[i] == p.Join:
			f.fail(p.ID, at, "parallel_branch_empty", "the branch has no node of its own")
		case d.nodes[p.Branches[i]] != nil && !arrived[i]:
			f.fail(p.ID, at, "parallel_branch_no_join", "no path of the branch %q reaches the join %q", p.Branches[i], p.Join)
		}
		for _, id := range sorted(in) {
			for j := range i {
				if regions[j][id] && !shared[id] {
					shared[id] = true
					f.fail(id, d.loc(id, ""), "parallel_branch_shared", "the node belongs to two branches of %q", p.ID)
				}
			}
			d.checkBranchNode(f, p, i, d.nodes[id], owner)
			for _, a := range into[id] {
				if !inside(a.from) && (a.from != p.ID || !slices.Contains(p.Branches, id)) {
					f.fail(a.from, d.loc(a.from, a.at), "parallel_branch_entered", "%q lies in a branch of %q and cannot be entered from outside", id, p.ID)
				}
			}
		}
	}
}

// checkBranchNode applies the rules for a node within branch i of p.
func (d *draft) checkBranchNode(f *findings, p *Node, i int, n *Node, owner map[string]string) {
	switch n.Type {
	case TypeWait:
		f.fail(n.ID, d.loc(n.ID, ""), "parallel_branch_waits", "a wait node cannot stand in a branch of %q; put it after the join", p.ID)
	case TypeJoin:
		if o := owner[n.ID]; o != "" && !d.regions[p.ID][i][o] {
			f.fail(n.ID, d.loc(n.ID, ""), "parallel_branch_leaves", "a branch of %q runs into the join of %q", p.ID, o)
		}
	}
	n.eachRoute(func(label, at string, to *string) {
		if t := d.nodes[*to]; t != nil && t.Type == TypeTerminal && t.Outcome == kyc.Approved {
			f.fail(n.ID, d.loc(n.ID, at), "parallel_branch_approves", "%s of a node within a branch of %q leads to an approval while other branches still run", label, p.ID)
		}
	})
}

// branchesOf tells for a node in which branch of which parallel nodes it lies.
func (d *draft) branchesOf(id string) map[string]int {
	out := map[string]int{}
	for parallel, regions := range d.regions {
		for i, in := range regions {
			if in[id] {
				out[parallel] = i
			}
		}
	}
	return out
}

// apart reports whether two nodes lie in different branches of one parallel
// node, so that both of them run.
func apart(a, b map[string]int) bool {
	for parallel, branch := range a {
		if other, ok := b[parallel]; ok && other != branch {
			return true
		}
	}
	return false
}
