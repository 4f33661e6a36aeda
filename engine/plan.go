package engine

import (
	"context"
	"encoding/json"
	"time"

	"bonafide/flow"
	"bonafide/kyc"
)

// planned is what a commit will make true.
type planned struct {
	state   State
	run     kyc.Run
	cmds    []Command
	session *kyc.Session // nil: untouched
}

// errMoved says that somebody else took the session where this run cannot
// follow: decided, expired or cancelled it.
var errMoved = kyc.Errorf(kyc.Conflict, "session_moved", "the session was decided or ended elsewhere")

// fact is an input on its way into the record, with its payload decoded where
// that is exactly what the record will give back.
type fact struct {
	Input
	ready any
}

// input makes the next input of a run; several in one commit count up.
func (d *drive) input(kind, node string, attempt int, at time.Time, payload any) fact {
	data := encode(payload)
	return fact{Input: Input{Tenant: d.run.Tenant, RunID: d.run.ID, SubjectID: d.run.SubjectID, Seq: d.state.Seq,
		Kind: kind, Node: node, Attempt: attempt, At: at.UTC().Truncate(time.Microsecond), Data: data}, ready: normal(payload, data)}
}

// encode marshals a payload. An answer that JSON cannot express (a NaN in its
// details) becomes the failure that it is.
func encode(payload any) json.RawMessage {
	b, err := json.Marshal(payload)
	if err == nil {
		return b
	}
	if a, ok := payload.(Answered); ok {
		bad := kyc.Failed(kyc.StatusError, "unreadable_answer", "the check's answer cannot be written down")
		bad.Provider, bad.StartedAt, bad.FinishedAt = a.Answer.Provider, a.Answer.StartedAt, a.Answer.FinishedAt
		return mustJSON(Answered{Answer: bad, Handover: a.Handover})
	}
	return json.RawMessage("null") // not a payload; Step refuses it
}

// plan feeds inputs to a copy of the state and writes down everything that
// follows from them. given is the session when the change holds it already.
func (d *drive) plan(ctx context.Context, c *kyc.Change, given *kyc.Session, handover bool, ins ...fact) (planned, error) {
	p := planned{state: d.state, run: d.run, session: given}
	for i, f := range ins {
		in := f.Input
		in.Seq = p.state.Seq
		if p.state.Ended() {
			ins = ins[:i] // what came in behind the end is of no use
			break
		}
		if in.Kind == KindAnswer || in.Kind == KindNodeTimeout {
			if !waitsFor(p.state, in) {
				continue // its branch was called off by an input before it
			}
		}
		before := len(p.state.Edges)
		next, cmds, err := step(d.g, p.state, in, f.ready)
		if err != nil {
			return p, err
		}
		d.traits(c, in, next)
		kept := in
		kept.StateHash = next.Hash
		kept.Data = seal(in.Data, next.Edges[before:])
		c.Inputs = append(c.Inputs, kept)
		p.state = next
		p.cmds = append(p.cmds, cmds...)
	}
	at := ins[len(ins)-1].At
	d.fill(&p, at, handover)
	if err := d.tell(ctx, c, &p, at); err != nil {
		return p, err
	}
	run := p.run
	c.Put = append(c.Put, &run)
	d.jobs(c, &p, handover)
	return p, nil
}

// step is Step with a net: a panic in a graph's evaluation ends the run, not
// the process.
func step(g *flow.Compiled, s State, in Input, ready any) (next State, cmds []Command, err error) {
	defer func() {
		if p := recover(); p != nil {
			next, cmds, err = s, nil, kyc.Errorf(kyc.Internal, "engine_panic", "input %d (%s) broke the engine: %v", in.Seq, in.Kind, p)
		}
	}()
	return advance(g, s, in, ready)
}

func waitsFor(s State, in Input) bool {
	for _, c := range s.Calls {
		if c.Node == in.Node && c.Attempt == in.Attempt {
			return true
		}
	}
	return false
}

// traits adds the blind indexes and looks that an answer brought.
func (d *drive) traits(c *kyc.Change, in Input, next State) {
	if in.Kind != KindAnswer || len(next.Records) == 0 {
		return
	}
	for i := len(next.Records) - 1; i >= 0 && next.Records[i].Seq == in.Seq; i-- {
		a := next.Records[i].Answer
		if a == nil {
			continue
		}
		for _, t := range a.Traits {
			t.SessionID, t.SubjectID = d.run.SessionID, d.run.SubjectID
			c.Traits = append(c.Traits, t)
			c.TraitTenant = d.run.Tenant
		}
		for _, p := range a.Pictures {
			p.SessionID, p.SubjectID = d.run.SessionID, d.run.SubjectID
			c.Pictures = append(c.Pictures, p)
			c.TraitTenant = d.run.Tenant
		}
	}
}

// fill computes the run row from the state.
func (d *drive) fill(p *planned, at time.Time, handover bool) {
	r, s := &p.run, &p.state
	r.Touch(at)
	r.Status, r.Step, r.StateHash = s.Status, s.Seq, s.Hash
	r.Outcome, r.ReasonCode = s.Outcome, s.ReasonCode
	r.Node, r.Gate, r.GateNode, r.GateUntil = "", "", "", time.Time{}
	if len(s.Tokens) > 0 {
		r.Node = s.Tokens[0].Node
	}
	if g := s.Gate; g != nil {
		r.Gate, r.GateNode, r.GateUntil = g.Name, g.Node, g.Until
	}
	if s.Ended() {
		r.Node, r.EndedAt = s.EndNode, s.EndedAt
	}
	r.DueAt, r.LeaseOwner = d.due(s, handover)
}

// due says from when anybody may pick the run up, on the machine's clock, and
// whose it is until then.
func (d *drive) due(s *State, handover bool) (time.Time, string) {
	now := d.e.d.Clock.Now()
	switch next := nextWait(s); {
	case s.Ended():
		return time.Time{}, ""
	case s.Gate != nil:
		if s.Gate.Until.IsZero() {
			return time.Time{}, ""
		}
		return s.Gate.Until.Add(-d.offset), ""
	case handover:
		if len(s.Calls) == 0 && next.After(now.Add(d.offset)) {
			return next.Add(-d.offset), ""
		}
		return now, ""
	case len(s.Calls) == 0 && next.Sub(now.Add(d.offset)) >= shortWait:
		return next.Add(-d.offset), ""
	}
	// A lease. It is moved only when half of it is gone, so that an ordinary
	// checkpoint does not touch the index.
	lease := d.e.d.Lease
	if until := d.leaseUntil(); until.Sub(now) > lease/2 && d.run.LeaseOwner == d.e.d.Owner {
		return until, d.e.d.Owner
	}
	return now.Add(lease), d.e.d.Owner
}

// nextWait is when the earliest waiting attempt is due; zero for none.
func nextWait(s *State) time.Time {
	var at time.Time
	for _, w := range s.Waits {
		if at.IsZero() || w.At.Before(at) {
			at = w.At
		}
	}
	return at
}

// jobs leaves a job for every wait that began and is too long for memory.
func (d *drive) jobs(c *kyc.Change, p *planned, handover bool) {
	if p.state.Ended() {
		return
	}
	now := d.e.d.Clock.Now()
	for _, cmd := range p.cmds {
		s, ok := cmd.(Schedule)
		if !ok {
			continue
		}
		if at := s.At.Add(-d.offset); handover || s.Why == KindGateTimeout || at.Sub(now) >= shortWait {
			c.Jobs = append(c.Jobs, wakeJob(p.run, at))
		}
	}
}

// tell moves the session along with the run and asks the hooks.
func (d *drive) tell(ctx context.Context, c *kyc.Change, p *planned, at time.Time) error {
	was, is := d.state, p.state
	begun := was.Begin == nil
	paused := is.Gate != nil && (was.Gate == nil || was.Gate.Node != is.Gate.Node)
	resumed := was.Gate != nil && is.Gate == nil && !is.Ended()
	if !is.Ended() && !paused && !resumed {
		return nil
	}
	s := p.session
	if s == nil {
		var err error
		if s, err = d.freshSession(ctx); err != nil {
			return err
		}
		p.session = s
	}
	h := d.e.d.Hooks
	if d.bare {
		h = Hooks{}
	}
	var extra kyc.Change
	var err error
	move := func(to kyc.SessionStatus) error {
		if s.Status == to {
			return nil
		}
		if s.RunID != d.run.ID || s.Move(to, at) != nil {
			return errMoved
		}
		return nil
	}
	switch {
	case is.Ended():
		to, f := ending(p, at)
		if err = move(to); err != nil {
			if d.bare { // the session is not ours; the run ends alone
				p.session = nil
				return nil
			}
			return err
		}
		s.Result, s.ReasonCode = f.Outcome, f.ReasonCode
		if h.Finished != nil {
			extra, err = h.Finished(ctx, p.run, s, f)
		}
	case paused:
		if err = move(kyc.SessionPaused); err != nil {
			return err
		}
		if h.Paused != nil {
			extra, err = h.Paused(ctx, p.run, s, opened(p, at))
		}
	default:
		if err = move(kyc.SessionRunning); err != nil {
			return err
		}
		if h.Resumed != nil {
			extra, err = h.Resumed(ctx, p.run, s, is.Gates[len(is.Gates)-1])
		}
	}
	if err != nil {
		return err
	}
	if !begun {
		s.Touch(at)
		c.Put = append(c.Put, s)
	}
	c.Add(extra)
	return nil
}

// ending is the session's last state and what the hook is told.
func ending(p *planned, at time.Time) (kyc.SessionStatus, Finished) {
	s := p.state
	f := Finished{Status: s.Status, Outcome: s.Outcome, ReasonCode: s.ReasonCode, Reason: s.Reason, Case: s.Case,
		Node: s.EndNode, At: at, By: kyc.SystemActor("engine"), State: s}
	to := kyc.SessionFailed
	switch {
	case s.Status == kyc.RunCancelled:
		to = kyc.SessionCancelled
	case s.Status != kyc.RunCompleted:
	case s.Outcome == kyc.Approved:
		to = kyc.SessionApproved
	case s.Outcome == kyc.Rejected:
		to = kyc.SessionRejected
	case s.Outcome == kyc.NeedsReview:
		to = kyc.SessionReview
	}
	return to, f
}

func opened(p *planned, at time.Time) Opened {
	o := Opened{At: at}
	for _, cmd := range p.cmds {
		if g, ok := cmd.(OpenGate); ok && p.state.Gate != nil && g.Node == p.state.Gate.Node {
			o.Gate, o.Node, o.Until, o.Fields = g.Gate, g.Node, g.Until, g.Fields
		}
	}
	return o
}
