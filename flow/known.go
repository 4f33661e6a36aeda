package flow

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

// certain computes what every path to each node has made. makes says which
// facts leaving a node by an edge has made. order must be topological.
//
// Where paths meet, only what all of them made is certain; at a join in mode
// "all" every branch has arrived, so what any branch surely made is certain.
func (d *draft) certain(order []string, makes func(n *Node, label string) []string) knowledge {
	k := knowledge{index: map[string]int{}, in: map[string]bits{}}
	for _, id := range order {
		for _, e := range d.nodes[id].Edges() {
			for _, fact := range makes(d.nodes[id], e.Label) {
				if _, ok := k.index[fact]; !ok {
					k.index[fact] = len(k.index)
				}
			}
		}
	}
	size := len(k.index)/64 + 1
	if d.nodes[d.entry] == nil {
		return k
	}
	k.in[d.entry] = make(bits, size)
	meetings := d.meetings()
	arrived := map[string][]bits{} // by join, by branch
	for _, id := range order {
		n := d.nodes[id]
		if _, ok := meetings[id]; ok {
			k.in[id] = union(arrived[id], size)
		}
		if k.in[id] == nil {
			continue
		}
		for _, e := range n.Edges() {
			out := make(bits, size)
			copy(out, k.in[id])
			for _, fact := range makes(n, e.Label) {
				i := k.index[fact]
				out[i/64] |= 1 << (i % 64)
			}
			if m, ok := meetings[e.To]; ok {
				if arrived[e.To] == nil {
					arrived[e.To] = make([]bits, len(m))
				}
				for i, branch := range m {
					if branch[id] {
						arrived[e.To][i] = intersect(arrived[e.To][i], out)
					}
				}
				continue
			}
			k.in[e.To] = intersect(k.in[e.To], out)
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

func intersect(a, b bits) bits {
	if a == nil {
		return b
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
