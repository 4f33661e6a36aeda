package engine

import (
	"slices"
	"strconv"

	"bonafide/flow"
	"bonafide/kyc"
)

// maxMoves bounds the nodes that one input may pass. A linked graph has no
// cycle, so only a damaged one gets there.
func maxMoves(g *flow.Compiled) int { return 8*len(g.Nodes) + 64 }

// walk moves a token along an edge and on through every pure node, until it
// rests at a check, a gate or a join, or ends.
func (st *stepper) walk(tok Token, from, to, why string) {
	for {
		if st.moves++; st.moves > maxMoves(st.g) {
			st.fail("endless", "the graph does not end")
			return
		}
		n := st.g.Nodes[to]
		if n == nil {
			st.fail("node_not_found", "there is no node "+strconv.Quote(to)+" behind "+strconv.Quote(from))
			return
		}
		st.edge(Edge{From: from, To: to, Why: why})
		tok.Node = to
		if tok.Group >= 0 && st.s.Groups[tok.Group].Join == to {
			st.arrive(tok)
			return
		}
		var next string
		switch n.Type {
		case flow.TypePolicy:
			st.place(tok)
			st.call(tok, n, 1)
			return
		case flow.TypeWait:
			st.openGate(tok, n)
			return
		case flow.TypeTerminal:
			st.terminal(tok, n)
			return
		case flow.TypeParallel:
			st.fork(tok, n)
			return
		case flow.TypeStart:
			next, why = n.Next, "next"
			st.visit(Visit{Node: n.ID, At: st.in.At, Status: Passed, Next: next})
		case flow.TypeConditional:
			var route int
			next, route = flow.FirstRoute(n, st.s.Facts)
			why = "default"
			if route >= 0 {
				why = "route " + strconv.Itoa(route)
			}
			st.visit(Visit{Node: n.ID, At: st.in.At, Status: Passed, Next: next, Result: map[string]any{"route": why}})
		case flow.TypeSet:
			next, why = n.Next, "next"
			vars := flow.Assigned(n, st.s.Facts)
			st.setGroup("vars", vars)
			st.visit(Visit{Node: n.ID, At: st.in.At, Status: Passed, Next: next})
		case flow.TypeScore:
			next, why = n.Next, "next"
			st.visit(Visit{Node: n.ID, At: st.in.At, Status: Passed, Next: next, Result: st.score(n)})
		case flow.TypeSplit:
			arm := flow.ChooseArm(n, st.stickyKey())
			if arm < 0 || arm >= len(n.Arms) {
				st.fail("no_arm", "split "+n.ID+" has no arm "+strconv.Itoa(arm))
				return
			}
			next, why = n.Arms[arm].Next, "arm "+n.Arms[arm].Name
			st.visit(Visit{Node: n.ID, At: st.in.At, Status: Passed, Next: next, Result: map[string]any{"arm": n.Arms[arm].Name}})
		default:
			st.fail("unexpected_node", "the engine cannot stand on node "+strconv.Quote(n.ID)+" of type "+strconv.Quote(n.Type))
			return
		}
		from, to = n.ID, next
	}
}

// stickyKey keeps a person in the same arm of a split.
func (st *stepper) stickyKey() string {
	if st.s.Begin.Subject.ID != "" {
		return string(st.s.Begin.Subject.ID)
	}
	return string(st.s.Begin.Session.ID)
}

// call orders one attempt of a check.
func (st *stepper) call(tok Token, n *flow.Node, attempt int) {
	b := st.s.Begin
	c := Call{Token: tok.ID, Node: n.ID, Attempt: attempt, Sent: 1, At: st.in.At,
		Key: callKey(st.in, tok.ID)}
	if st.handover {
		c.Sent = 0
	}
	extracted, _ := st.s.Facts["extracted"].(map[string]any)
	c.request = &kyc.CheckRequest{
		Tenant: b.Tenant, SessionID: b.Session.ID, SubjectID: b.Subject.ID, RunID: st.in.RunID,
		Node: n.ID, Policy: n.Policy, Config: n.Config, Attempt: attempt, CallKey: c.Key, Now: st.in.At,
		Country: b.Session.Country, Fields: b.Session.Fields, Metadata: b.Session.Metadata,
		Extracted: extracted, Established: b.Session.Established, Checks: st.s.Checks, Uploads: b.Uploads, Settings: b.Settings,
		Reviewed: b.Reviewed,
	}
	st.s.Calls = push(st.s.Calls, c)
	st.ask(c, n)
}

// ask emits the command of an attempt.
func (st *stepper) ask(c Call, n *flow.Node) {
	st.trail.text("check")
	st.trail.text(c.Key)
	st.trail.number(int64(c.Attempt))
	st.trail.number(int64(c.Sent))
	st.cmds = append(st.cmds, RunCheck{Node: n.ID, Attempt: c.Attempt, CallKey: c.Key, Request: *c.request, Timeout: n.Timeout})
}

func (st *stepper) openGate(tok Token, n *flow.Node) {
	if tok.Group >= 0 {
		st.fail("gate_in_branch", "gate "+n.ID+" lies in a parallel branch")
		return
	}
	name := n.Gate
	if name == "" {
		name = n.ID
	}
	g := Gate{Name: name, Node: n.ID, Token: tok.ID, OpenedAt: st.in.At}
	if n.Timeout > 0 {
		g.Until = st.in.At.Add(n.Timeout)
	}
	st.place(tok)
	st.s.Gate = &g
	st.s.Status = kyc.RunPaused
	fields := map[string]any{}
	for _, path := range n.Expose {
		if v, ok := flow.Lookup(st.s.Facts, path); ok {
			fields[path] = v
		}
	}
	st.trail.text("gate")
	st.trail.text(g.Name)
	st.trail.number(g.Until.UnixMicro())
	st.trail.value(fields)
	st.cmds = append(st.cmds, OpenGate{Node: n.ID, Gate: g.Name, Until: g.Until, Fields: fields})
	if !g.Until.IsZero() {
		st.schedule(Schedule{Node: n.ID, At: g.Until, Why: KindGateTimeout})
	}
}

// terminal ends the run, or the branch that reached it.
func (st *stepper) terminal(tok Token, n *flow.Node) {
	st.visit(Visit{Node: n.ID, At: st.in.At, Status: string(n.Outcome)})
	if tok.Group < 0 {
		st.finishAt(n)
		return
	}
	if n.Outcome == kyc.Approved {
		st.fail("approved_in_branch", "one branch alone cannot approve ("+n.ID+")")
		return
	}
	st.lift(tok.ID)
	st.closeBranch(tok.Group, tok.Branch, Branch{State: branchEnded, Terminal: n.ID})
	st.settle(tok.Group)
}

func (st *stepper) finishAt(n *flow.Node) {
	f := Finish{Status: kyc.RunCompleted, Outcome: n.Outcome, ReasonCode: n.ReasonCode, Node: n.ID}
	switch n.Outcome {
	case kyc.Approved, kyc.Rejected:
	case kyc.NeedsReview:
		f.Case = n.Case
	default:
		st.fail("bad_outcome", "terminal "+n.ID+" has no outcome")
		return
	}
	st.finish(f, "")
}

// fail ends the run without a decision.
func (st *stepper) fail(code, reason string) {
	if !st.s.Ended() {
		st.finish(Finish{Status: kyc.RunFailed, ReasonCode: code}, reason)
	}
}

func (st *stepper) finish(f Finish, reason string) {
	for _, c := range st.s.Calls {
		st.abandon(c)
	}
	st.s.Status, st.s.Outcome, st.s.ReasonCode, st.s.Reason = f.Status, f.Outcome, f.ReasonCode, reason
	st.s.EndNode, st.s.Case, st.s.EndedAt = f.Node, f.Case, st.in.At
	st.s.Tokens, st.s.Calls, st.s.Waits, st.s.Gate = nil, nil, nil, nil
	st.trail.text("finish")
	st.trail.text(string(f.Status))
	st.trail.text(string(f.Outcome))
	st.trail.text(f.ReasonCode)
	st.trail.text(f.Node)
	st.cmds = []Command{f}
}

// abandon records an attempt whose answer nobody waits for any more.
func (st *stepper) abandon(c Call) {
	policy := ""
	if n := st.g.Nodes[c.Node]; n != nil {
		policy = n.Policy
	}
	st.record(Record{Seq: st.in.Seq, Node: c.Node, Policy: policy, Attempt: c.Attempt, Sent: c.Sent, Key: c.Key,
		Status: Cancelled, AskedAt: c.At, At: st.in.At})
}

func (st *stepper) schedule(s Schedule) {
	st.trail.text("schedule")
	st.trail.text(s.Node)
	st.trail.number(s.At.UnixMicro())
	st.cmds = append(st.cmds, s)
}

func (st *stepper) edge(e Edge) {
	st.trail.text("edge")
	st.trail.text(e.From)
	st.trail.text(e.To)
	st.trail.text(e.Why)
	st.s.Edges = push(st.s.Edges, e)
}

func (st *stepper) record(r Record) {
	st.trail.text("record")
	st.trail.text(r.Node)
	st.trail.text(r.Status)
	st.s.Records = push(st.s.Records, r)
}

func (st *stepper) visit(v Visit) { st.s.Visits = push(st.s.Visits, v) }

func (st *stepper) token(id int) (Token, bool) {
	for _, t := range st.s.Tokens {
		if t.ID == id {
			return t, true
		}
	}
	return Token{}, false
}

// place puts a token down where it rests.
func (st *stepper) place(tok Token) {
	for i, t := range st.s.Tokens {
		if t.ID == tok.ID {
			st.s.Tokens = slices.Clone(st.s.Tokens)
			st.s.Tokens[i] = tok
			return
		}
	}
	st.s.Tokens = push(st.s.Tokens, tok)
}

// lift takes a token off the graph.
func (st *stepper) lift(id int) {
	for i, t := range st.s.Tokens {
		if t.ID == id {
			st.s.Tokens = without(st.s.Tokens, i)
			return
		}
	}
}

// push appends without writing into what an earlier state can see.
func push[T any](s []T, v T) []T { return append(s[:len(s):len(s)], v) }

// without is s less its element i, in new memory.
func without[T any](s []T, i int) []T {
	if len(s) == 1 {
		return nil
	}
	out := make([]T, 0, len(s)-1)
	return append(append(out, s[:i]...), s[i+1:]...)
}
