package engine

import (
	"slices"
	"strconv"

	"bonafide/flow"
	"bonafide/kyc"
)

// Modes of a join: flow.MatchAll waits for every branch, flow.MatchAny for
// the first. A branch may end early in a terminal; when a join can no longer
// open, the run ends in the strictest terminal that was reached: rejected
// before needs_review, then branch order.

// fork starts every branch of a parallel node, in order.
func (st *stepper) fork(tok Token, n *flow.Node) {
	join := st.g.Nodes[n.Join]
	if join == nil || len(n.Branches) == 0 {
		st.fail("bad_parallel", "parallel "+n.ID+" has no join or no branches")
		return
	}
	st.lift(tok.ID)
	id := len(st.s.Groups)
	g := Group{Node: n.ID, Join: n.Join, Mode: join.Mode, Group: tok.Group, Branch: tok.Branch, Branches: make([]Branch, len(n.Branches))}
	for i := range g.Branches {
		g.Branches[i].State = branchActive
	}
	st.s.Groups = push(st.s.Groups, g)
	st.visit(Visit{Node: n.ID, At: st.in.At, Status: Passed, Next: n.Join})
	for i, first := range n.Branches {
		if st.s.Ended() || st.s.Groups[id].Done {
			return // a branch of pure nodes was quicker than the rest could start
		}
		st.walk(Token{ID: st.nextToken(), Group: id, Branch: i}, n.ID, first, "branch "+strconv.Itoa(i))
	}
}

// nextToken is an id that no token of this run ever had: sections and their
// branches are only ever added, so their number is fresh.
func (st *stepper) nextToken() int {
	id := 1
	for _, g := range st.s.Groups {
		id += len(g.Branches) + 1
	}
	for _, t := range st.s.Tokens {
		id = max(id, t.ID+1)
	}
	return id
}

// arrive brings a branch to its join.
func (st *stepper) arrive(tok Token) {
	st.lift(tok.ID)
	st.closeBranch(tok.Group, tok.Branch, Branch{State: branchArrived})
	st.settle(tok.Group)
}

func (st *stepper) closeBranch(group, branch int, end Branch) {
	st.s.Groups = slices.Clone(st.s.Groups)
	g := &st.s.Groups[group]
	g.Branches = slices.Clone(g.Branches)
	g.Branches[branch] = end
}

// settle looks whether a section is over.
func (st *stepper) settle(id int) {
	g := st.s.Groups[id]
	if g.Done || st.s.Ended() {
		return
	}
	arrived, active := 0, 0
	for _, b := range g.Branches {
		switch b.State {
		case branchArrived:
			arrived++
		case branchActive:
			active++
		}
	}
	switch {
	case g.Mode == flow.MatchAny && arrived > 0, arrived == len(g.Branches):
		st.openJoin(id)
	case active > 0:
		// Somebody is still on the way.
	default:
		st.deadJoin(id)
	}
}

// openJoin goes on behind the join; branches still on the way are called off.
func (st *stepper) openJoin(id int) {
	g := st.s.Groups[id]
	st.closeSection(id)
	n := st.g.Nodes[g.Join]
	if n == nil {
		st.fail("node_not_found", "there is no join "+strconv.Quote(g.Join))
		return
	}
	st.visit(Visit{Node: n.ID, At: st.in.At, Status: Passed, Next: n.Next})
	st.walk(Token{ID: st.nextToken(), Group: g.Group, Branch: g.Branch}, n.ID, n.Next, "next")
}

// deadJoin ends what the section lies in, because its join cannot open.
func (st *stepper) deadJoin(id int) {
	g := st.s.Groups[id]
	st.closeSection(id)
	var end *flow.Node
	for _, b := range g.Branches {
		n := st.g.Nodes[b.Terminal]
		if b.State == branchEnded && n != nil && (end == nil || (n.Outcome == kyc.Rejected && end.Outcome != kyc.Rejected)) {
			end = n
		}
	}
	switch {
	case end == nil:
		st.fail("dead_join", "no branch of "+g.Node+" leads anywhere")
	case g.Group < 0:
		st.finishAt(end)
	default:
		st.closeBranch(g.Group, g.Branch, Branch{State: branchEnded, Terminal: end.ID})
		st.settle(g.Group)
	}
}

// closeSection takes everything off the graph that still moves inside a
// section, sections within it included.
func (st *stepper) closeSection(id int) {
	st.s.Groups = slices.Clone(st.s.Groups)
	inside := map[int]bool{id: true}
	for i := range st.s.Groups {
		g := &st.s.Groups[i]
		if i != id && !inside[g.Group] { // outer sections come first
			continue
		}
		inside[i] = true
		g.Done = true
		g.Branches = slices.Clone(g.Branches)
		for j := range g.Branches {
			if g.Branches[j].State == branchActive {
				g.Branches[j].State = branchCancelled
			}
		}
	}
	var tokens []Token
	gone := map[int]bool{}
	for _, t := range st.s.Tokens {
		if inside[t.Group] {
			gone[t.ID] = true
			continue
		}
		tokens = append(tokens, t)
	}
	if len(gone) == 0 {
		return
	}
	st.s.Tokens = tokens
	for _, c := range st.s.Calls {
		if gone[c.Token] {
			st.abandon(c)
		}
	}
	st.s.Calls = slices.DeleteFunc(slices.Clone(st.s.Calls), func(c Call) bool { return gone[c.Token] })
	st.s.Waits = slices.DeleteFunc(slices.Clone(st.s.Waits), func(w Wait) bool { return gone[w.Token] })
	// Commands of this very step that are void again.
	st.cmds = slices.DeleteFunc(st.cmds, func(c Command) bool {
		switch c := c.(type) {
		case RunCheck:
			return !slices.ContainsFunc(st.s.Calls, func(k Call) bool { return k.Key == c.CallKey && k.Node == c.Node })
		case Schedule:
			return !slices.ContainsFunc(st.s.Waits, func(w Wait) bool { return w.Node == c.Node && w.At.Equal(c.At) })
		}
		return false
	})
}
