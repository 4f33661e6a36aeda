package engine

import (
	"slices"

	"bonafide/flow"
	"bonafide/kyc"
)

// stepper is one step in the making. It owns its copy of the state; slices
// and maps that came in are copied before they change.
type stepper struct {
	g        *flow.Compiled
	s        State
	in       Input
	cmds     []Command
	trail    trail
	handover bool
	moves    int
	// ready is the payload already decoded, nil: decode the input's data.
	ready any
	// own says that facts is this step's own copy.
	own bool
}

// Step consumes one input: state and input in, the next state and what shall
// be done about it out. It is pure. An error means that the input does not
// belong here (a broken record, or an answer nobody asked for) and nothing
// changed; whatever goes wrong inside a run ends it with status failed, never
// with a decision.
func Step(g *flow.Compiled, s State, in Input) (State, []Command, error) {
	return advance(g, s, in, nil)
}

// advance is Step for a caller that has the payload decoded already; ready
// must be exactly what decoding the data would give (see normal).
func advance(g *flow.Compiled, s State, in Input, ready any) (State, []Command, error) {
	if g == nil {
		return s, nil, kyc.Errorf(kyc.Internal, "no_graph", "a step needs a graph")
	}
	if in.Seq != s.Seq {
		return s, nil, kyc.Errorf(kyc.Internal, "bad_record", "input %d cannot follow %d inputs", in.Seq, s.Seq)
	}
	if s.Ended() {
		return s, nil, kyc.Errorf(kyc.Conflict, "run_ended", "the run is %s; input %d comes too late", s.Status, in.Seq)
	}
	if (in.Kind == KindBegin) != (s.Begin == nil) {
		return s, nil, kyc.Errorf(kyc.Internal, "bad_record", "input %d is %s: a run begins once, at its first input", in.Seq, in.Kind)
	}
	st := &stepper{g: g, s: s, in: in, trail: newTrail(s.Hash, in), ready: ready}
	var err error
	switch in.Kind {
	case KindBegin:
		err = st.begin()
	case KindAnswer, KindNodeTimeout:
		err = st.answer()
	case KindRetryDue:
		err = st.retryDue()
	case KindTake:
		err = st.take()
	case KindGateDecision:
		err = st.gateDecision()
	case KindGateTimeout:
		err = st.gateTimeout()
	case KindCancel, KindFail:
		err = st.end()
	default:
		err = kyc.Errorf(kyc.Internal, "bad_record", "input %d has the unknown kind %q", in.Seq, in.Kind)
	}
	if err != nil {
		return s, nil, err
	}
	if !st.s.Ended() && len(st.s.Tokens) == 0 {
		st.fail("nowhere", "the run has no position left")
	}
	st.s.Seq++
	st.s.Hash = st.trail.sum(&st.s)
	return st.s, st.cmds, nil
}

// payload decodes the input's data.
func (st *stepper) payload(into any) error {
	if err := decode(st.in.Data, into); err != nil {
		return kyc.Errorf(kyc.Internal, "bad_record", "input %d (%s) cannot be read: %w", st.in.Seq, st.in.Kind, err)
	}
	return nil
}

func (st *stepper) begin() error {
	b, ok := st.ready.(*Begin)
	if !ok {
		b = &Begin{}
		if err := st.payload(b); err != nil {
			return err
		}
	}
	st.handover = b.Handover
	st.s.Begin = b
	st.s.BeganAt = st.in.At
	st.s.Status = kyc.RunRunning
	st.s.Facts, st.own = firstFacts(b), true
	st.s.Checks = map[string]kyc.CheckFact{}
	for i := range b.Carried {
		c := &b.Carried[i]
		status, _ := judge(&c.Answer)
		st.learn(c.Policy, status, &c.Answer)
	}
	start, why := st.g.Entry, "begin"
	if b.From != "" {
		start, why = b.From, "resume"
	}
	st.walk(Token{ID: 0, Group: -1}, "", start, why)
	return nil
}

func (st *stepper) answer() error {
	a, ok := st.ready.(*Answered)
	if !ok {
		a = &Answered{}
		if err := st.payload(a); err != nil {
			return err
		}
	}
	st.handover = a.Handover
	i := slices.IndexFunc(st.s.Calls, func(c Call) bool { return c.Node == st.in.Node && c.Attempt == st.in.Attempt })
	if i < 0 {
		return kyc.Errorf(kyc.Internal, "bad_record", "input %d answers attempt %d of node %q, which nobody asked for", st.in.Seq, st.in.Attempt, st.in.Node)
	}
	call := st.s.Calls[i]
	st.s.Calls = without(st.s.Calls, i)
	n := st.g.Nodes[call.Node]
	tok, found := st.token(call.Token)
	if n == nil || !found {
		st.fail("lost_position", "node "+call.Node+" is no position of the run")
		return nil
	}
	status, transient := judge(&a.Answer)
	rec := Record{Seq: st.in.Seq, Node: call.Node, Policy: n.Policy, Attempt: call.Attempt, Sent: call.Sent, Key: call.Key,
		Status: status, AskedAt: call.At, At: st.in.At, Answer: &a.Answer}
	if transient && call.Attempt < maxAttempts(n) {
		rec.Status = RequiresRetry
		st.record(rec)
		w := Wait{Token: tok.ID, Node: n.ID, Attempt: call.Attempt + 1,
			At: st.in.At.Add(backoff(n, call.Attempt, a.Jitter, st.s.Begin.Tenant.Env))}
		st.s.Waits = push(st.s.Waits, w)
		st.schedule(Schedule{Node: n.ID, At: w.At, Why: KindRetryDue})
		return nil
	}
	next, why := wayOut(n, status)
	rec.Next = next
	st.record(rec)
	st.learn(n.Policy, status, &a.Answer)
	st.walk(tok, n.ID, next, why)
	return nil
}

func (st *stepper) retryDue() error {
	if err := st.moved(); err != nil {
		return err
	}
	i := slices.IndexFunc(st.s.Waits, func(w Wait) bool { return w.Node == st.in.Node && w.Attempt == st.in.Attempt })
	if i < 0 {
		return kyc.Errorf(kyc.Internal, "bad_record", "input %d wakes attempt %d of node %q, which does not wait", st.in.Seq, st.in.Attempt, st.in.Node)
	}
	w := st.s.Waits[i]
	st.s.Waits = without(st.s.Waits, i)
	n := st.g.Nodes[w.Node]
	tok, ok := st.token(w.Token)
	if n == nil || !ok {
		st.fail("lost_position", "node "+w.Node+" is no position of the run")
		return nil
	}
	st.call(tok, n, w.Attempt)
	return nil
}

// take hands the run to another driver: everything in flight is sent again,
// and what may have been performed already is on record.
func (st *stepper) take() error {
	if err := st.moved(); err != nil {
		return err
	}
	calls := slices.Clone(st.s.Calls)
	for i := range calls {
		c := &calls[i]
		n := st.g.Nodes[c.Node]
		if n == nil {
			st.fail("lost_position", "node "+c.Node+" is no position of the run")
			return nil
		}
		if c.Sent > 0 {
			st.record(Record{Seq: st.in.Seq, Node: c.Node, Policy: n.Policy, Attempt: c.Attempt, Sent: c.Sent, Key: c.Key,
				Status: Interrupted, AskedAt: c.At, At: st.in.At})
		}
		if !st.handover {
			c.Sent++
		}
		st.ask(*c, n)
	}
	st.s.Calls = calls
	for _, w := range st.s.Waits {
		st.schedule(Schedule{Node: w.Node, At: w.At, Why: KindRetryDue})
	}
	if g := st.s.Gate; g != nil && !g.Until.IsZero() {
		st.schedule(Schedule{Node: g.Node, At: g.Until, Why: KindGateTimeout})
	}
	return nil
}

func (st *stepper) moved() error {
	m := Moved{}
	if err := st.payload(&m); err != nil {
		return err
	}
	st.handover = m.Handover
	return nil
}

func (st *stepper) gateDecision() error {
	d := Decision{}
	if err := st.payload(&d); err != nil {
		return err
	}
	st.handover = d.Handover
	var n *flow.Node
	if st.s.Gate != nil {
		n = st.g.Nodes[st.s.Gate.Node]
	}
	if n == nil || d.Gate != st.s.Gate.Name {
		return kyc.Errorf(kyc.Internal, "bad_record", "input %d decides gate %q, at which the run does not wait", st.in.Seq, d.Gate)
	}
	var next string
	switch d.Decision {
	case Continue:
		next = n.OnContinue
	case Fail:
		next = n.OnFail
	case Reject:
		next = n.OnReject
	default:
		return kyc.Errorf(kyc.Internal, "bad_record", "input %d has the unknown decision %q", st.in.Seq, d.Decision)
	}
	st.leaveGate(n, next, d)
	return nil
}

func (st *stepper) gateTimeout() error {
	if err := st.moved(); err != nil {
		return err
	}
	var n *flow.Node
	if st.s.Gate != nil {
		n = st.g.Nodes[st.s.Gate.Node]
	}
	if n == nil || st.in.Node != n.ID {
		return kyc.Errorf(kyc.Internal, "bad_record", "input %d times out gate node %q, at which the run does not wait", st.in.Seq, st.in.Node)
	}
	st.leaveGate(n, n.OnTimeout, Decision{Gate: st.s.Gate.Name, Decision: "timeout", By: kyc.SystemActor("engine")})
	return nil
}

// leaveGate closes the gate and goes on.
func (st *stepper) leaveGate(n *flow.Node, next string, d Decision) {
	g := *st.s.Gate
	g.Decision, g.Metadata, g.By, g.DecidedAt = d.Decision, d.Metadata, d.By, st.in.At
	tok, ok := st.token(g.Token)
	st.s.Gate = nil
	st.s.Gates = push(st.s.Gates, g)
	st.s.Status = kyc.RunRunning
	if !ok {
		st.fail("lost_position", "gate "+n.ID+" is no position of the run")
		return
	}
	fact := map[string]any{"decision": d.Decision}
	if d.Metadata != nil {
		fact["metadata"] = d.Metadata
	}
	st.setFact("gate", g.Name, fact)
	st.visit(Visit{Node: n.ID, At: st.in.At, Status: d.Decision, Next: next})
	st.walk(tok, n.ID, next, d.Decision)
}

// end closes the run from outside.
func (st *stepper) end() error {
	e := Ended{}
	if err := st.payload(&e); err != nil {
		return err
	}
	status := kyc.RunCancelled
	if st.in.Kind == KindFail {
		status = kyc.RunFailed
	}
	st.finish(Finish{Status: status, ReasonCode: e.Code}, e.Reason)
	return nil
}
