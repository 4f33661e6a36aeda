package flow

import "slices"

// bits is a set of small numbers. A nil set stands for "everything": what is
// known at a node that no path reaches.
type bits []uint64

func (b bits) has(i int) bool { return b == nil || b[i/64]&(1<<(i%64)) != 0 }

// knowledge tells what is certain at each node: the facts that every path to
// it has made.
type knowledge struct {
	index map[string]int
	in    map[string]bits
}

// at reports whether a fact is certain when a node begins. For a node no path
// reaches it is.
func (k knowledge) at(node, fact string) bool {
	i, made := k.index[fact]
	if !made {
		return k.in[node] == nil
	}
	return k.in[node].has(i)
}

// made is one edge and the facts that leaving by it has made.
type made struct {
	to    string
	facts []string
}

// certain computes what every path to each node has made. makes says which
// facts leaving a node by an edge has made; it is asked once for a node, and
// what it answers once for each edge. order must be topological.
//
// Where paths meet, only what all of them made is certain; at a join in mode
// "all" every branch has arrived, so what any branch surely made is certain.
func (d *draft) certain(order []string, makes func(n *Node) func(label string) []string) knowledge {
	k := knowledge{index: map[string]int{}, in: make(map[string]bits, len(order))}
	edges := make([][]made, len(order))
	all := make([]made, 0, 5*len(order)) // of all nodes, one after the other
	for i, id := range order {
		n, first := d.nodes[id], len(all)
		by := makes(n)
		n.eachRoute(func(label, _ string, to *string) {
			var facts []string
			if by != nil {
				facts = by(label)
			}
			for _, fact := range facts {
				if _, ok := k.index[fact]; !ok {
					k.index[fact] = len(k.index)
				}
			}
			all = append(all, made{*to, facts})
		})
		edges[i] = all[first:]
	}
	size := len(k.index)/64 + 1
	if d.nodes[d.entry] == nil {
		return k
	}
	k.in[d.entry] = make(bits, size)
	meetings := d.meetings()
	arrived := map[string][]bits{} // by join, by branch
	out := make(bits, size)
	for place, id := range order {
		if _, ok := meetings[id]; ok {
			k.in[id] = union(arrived[id], size)
		}
		in := k.in[id]
		if in == nil {
			continue
		}
		for _, e := range edges[place] {
			copy(out, in)
			for _, fact := range e.facts {
				i := k.index[fact]
				out[i/64] |= 1 << (i % 64)
			}
			if m, ok := meetings[e.to]; ok {
				if arrived[e.to] == nil {
					arrived[e.to] = make([]bits, len(m))
				}
				for i, branch := range m {
					if branch[id] {
						arrived[e.to][i] = intersect(arrived[e.to][i], out)
					}
				}
				continue
			}
			k.in[e.to] = intersect(k.in[e.to], out)
		}
	}
	return k
}

// meetings gives the branches of every join that waits for all of them.
func (d *draft) meetings() map[string][]map[string]bool {
	out := map[string][]map[string]bool{}
	for id, regions := range d.regions {
		if join := d.nodes[d.nodes[id].Join]; join.Mode == MatchAll {
			out[join.ID] = regions
		}
	}
	return out
}

// intersect changes a, and gives a copy of b when there is no a.
func intersect(a, b bits) bits {
	if a == nil {
		return slices.Clone(b)
	}
	for i := range a {
		a[i] &= b[i]
	}
	return a
}

// union joins what the branches made; nil when none arrives.
func union(branches []bits, size int) bits {
	var out bits
	for _, b := range branches {
		if b == nil {
			continue
		}
		if out == nil {
			out = make(bits, size)
		}
		for i := range b {
			out[i] |= b[i]
		}
	}
	return out
}
