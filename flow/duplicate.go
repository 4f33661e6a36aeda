package flow

import "bonafide/kyc"

// checkDuplicates refuses the same check with the same config twice in one
// walk unless it is allowed, and warns when two paths that exclude each other
// have it. It also refuses the same gate twice in one walk: a repeated
// decision for the first would open the second.
func (d *draft) checkDuplicates(f *findings) {
	live := d.reachable(d.entry)
	policies, gates := map[string][]string{}, map[string][]string{}
	for _, id := range sorted(d.nodes) {
		switch n := d.nodes[id]; {
		case !live[id]:
		case n.Type == TypePolicy && n.Policy != "":
			key := n.Policy + "\x00" + string(n.Config)
			policies[key] = append(policies[key], id)
		case n.Type == TypeWait:
			gates[n.Gate] = append(gates[n.Gate], id)
		}
	}
	for _, key := range sorted(policies) {
		d.checkPairs(policies[key], func(first, second *Node, together bool) bool {
			if first.AllowDuplicate || second.AllowDuplicate {
				return false
			}
			p := kyc.Problem{Path: d.loc(second.ID, "/policy"), Code: "duplicate_policy", Node: second.ID, Nodes: []string{first.ID, second.ID}}
			if together {
				p.Message = "the check " + second.Policy + " runs twice with equal config on one path; set allow_duplicate if that is meant"
				f.errors = append(f.errors, p)
			} else {
				p.Message = "the check " + second.Policy + " stands with equal config in two branches that exclude each other"
				f.warnings = append(f.warnings, p)
			}
			return true
		})
	}
	for _, gate := range sorted(gates) {
		d.checkPairs(gates[gate], func(first, second *Node, together bool) bool {
			if together {
				f.errors = append(f.errors, kyc.Problem{Path: d.loc(second.ID, "/gate"), Code: "duplicate_gate", Node: second.ID,
					Nodes: []string{first.ID, second.ID}, Message: "the gate " + gate + " opens twice on one path; a repeated decision would count for both"})
			}
			return together
		})
	}
}

// checkPairs shows every pair of nodes, the earlier one of a path first. Pairs
// on one path come before the others, and once a pair was reported its second
// node is left alone.
func (d *draft) checkPairs(ids []string, report func(first, second *Node, together bool) bool) {
	if len(ids) < 2 {
		return
	}
	after, index := d.following(ids)
	branches := make([]map[string]int, len(ids))
	for i, id := range ids {
		branches[i] = d.branchesOf(id)
	}
	done := map[string]bool{}
	for _, wanted := range []bool{true, false} {
		for i, a := range ids {
			for j := i + 1; j < len(ids); j++ {
				b := ids[j]
				first, second := a, b
				ab, ba := after[i].has(index[b]), after[j].has(index[a])
				if ba && !ab {
					first, second = b, a
				}
				if done[second] || (ab || ba || apart(branches[i], branches[j])) != wanted {
					continue
				}
				done[second] = report(d.nodes[first], d.nodes[second], wanted)
			}
		}
	}
}

// following gives for each of the ids the set of nodes that can come after
// it, and the number that stands for each node in those sets.
func (d *draft) following(ids []string) ([]bits, map[string]int) {
	all := sorted(d.nodes)
	number := make(map[string]int, len(all))
	for i, id := range all {
		number[id] = i
	}
	next := make([][]int, len(all))
	for i, id := range all {
		for _, to := range d.successors(id) {
			next[i] = append(next[i], number[to])
		}
	}
	out := make([]bits, len(ids))
	for i, id := range ids {
		seen := make(bits, len(all)/64+1)
		todo := append([]int(nil), next[number[id]]...)
		for len(todo) > 0 {
			at := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			if seen.has(at) {
				continue
			}
			seen[at/64] |= 1 << (at % 64)
			todo = append(todo, next[at]...)
		}
		out[i] = seen
	}
	return out, number
}
