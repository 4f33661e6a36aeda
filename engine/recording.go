package engine

import (
	"time"

	"bonafide/flow"
	"bonafide/kyc"
)

// Recording is a finished run taken apart: what it began with, each question it
// asked and what it heard, and what was decided at its gates. Retell walks
// another graph with it. A Recording is never changed; it may be used by many
// goroutines.
type Recording struct {
	Run   kyc.Run
	State State // as the run ended

	graph *flow.Compiled
	begin Begin
	at    time.Time
	heard []*heard // in the order of the record
	gates []gateHeard
	woken []woken
}

// heard is one attempt of a check with what it was asked and what it answered.
type heard struct {
	seq     int64 // of the answer, or of what called the attempt off
	node    string
	attempt int
	kind    string // KindAnswer, KindNodeTimeout, or "" for one that was called off
	at      time.Time
	request kyc.CheckRequest
	answer  Answered
	// limit is the node's own time-out, 0: the check's.
	limit time.Duration
}

type gateHeard struct {
	seq      int64
	gate     Gate
	at       time.Time
	decision Decision // empty: it timed out
	timedOut bool
	troubles map[string]string // when it was decided
}

type woken struct {
	seq     int64
	node    string
	attempt int
	at      time.Time
}

// RecordingOf takes a completed run apart. It walks the record as a replay does and
// trusts it only where every state comes out as it did. Errors: Conflict
// not_completed; Internal bad_record for a record with a hole, a definition that
// was changed, or one that leads anywhere else now.
func RecordingOf(run kyc.Run, g *flow.Compiled, inputs []kyc.Input) (*Recording, error) {
	if run.Status != kyc.RunCompleted {
		return nil, kyc.Errorf(kyc.Conflict, "not_completed", "the run is %s; only a completed run can be told again", run.Status)
	}
	r := &Recording{Run: run, graph: g}
	if int64(len(inputs)) != run.Step || run.Step == 0 {
		return nil, kyc.Errorf(kyc.Internal, "bad_record", "the run has %d inputs, its record holds %d", run.Step, len(inputs))
	}
	asked := map[call]kyc.CheckRequest{}
	var s State
	for _, kept := range inputs {
		in, _, err := open(kept)
		if err != nil {
			return nil, err
		}
		next, cmds, err := step(g, s, in, nil)
		if err != nil {
			return nil, err
		}
		if next.Hash != kept.StateHash {
			return nil, kyc.Errorf(kyc.Internal, "bad_record", "input %d (%s) leads to another state than it did", in.Seq, in.Kind)
		}
		if err := r.note(in, s, asked); err != nil {
			return nil, err
		}
		for _, cmd := range cmds {
			if c, ok := cmd.(RunCheck); ok {
				asked[call{c.Node, c.Attempt}] = c.Request
			}
		}
		s = next
	}
	if s.Status != run.Status || s.Outcome != run.Outcome || s.Begin == nil {
		return nil, kyc.Errorf(kyc.Internal, "bad_record", "the record leads to %s %s, the run ended as %s %s", s.Status, s.Outcome, run.Status, run.Outcome)
	}
	r.State, r.begin = s, *s.Begin
	// Of an attempt that was called off it is known that it had not answered by
	// then, and no more.
	for _, rec := range s.Records {
		if request, ok := asked[call{rec.Node, rec.Attempt}]; ok && rec.Status == Cancelled {
			h := &heard{seq: rec.Seq, node: rec.Node, attempt: rec.Attempt, at: rec.At, request: request}
			if n := g.Nodes[rec.Node]; n != nil {
				h.limit = n.Timeout
			}
			r.heard = append(r.heard, h)
		}
	}
	return r, nil
}

// call names one attempt within a run.
type call struct {
	node    string
	attempt int
}

// note keeps what one input said; was is the state before it.
func (r *Recording) note(in Input, was State, asked map[call]kyc.CheckRequest) error {
	switch in.Kind {
	case KindBegin:
		r.at = in.At
	case KindAnswer, KindNodeTimeout:
		h := &heard{seq: in.Seq, node: in.Node, attempt: in.Attempt, kind: in.Kind, at: in.At}
		if err := decode(in.Data, &h.answer); err != nil {
			return kyc.Errorf(kyc.Internal, "bad_record", "input %d (%s) cannot be read: %w", in.Seq, in.Kind, err)
		}
		var ok bool
		if h.request, ok = asked[call{in.Node, in.Attempt}]; !ok {
			return kyc.Errorf(kyc.Internal, "bad_record", "input %d answers what nobody asked", in.Seq)
		}
		if n := r.graph.Nodes[in.Node]; n != nil {
			h.limit = n.Timeout
		}
		r.heard = append(r.heard, h)
	case KindRetryDue:
		r.woken = append(r.woken, woken{in.Seq, in.Node, in.Attempt, in.At})
	case KindGateDecision, KindGateTimeout:
		if was.Gate == nil {
			return kyc.Errorf(kyc.Internal, "bad_record", "input %d decides a gate that was not open", in.Seq)
		}
		g := gateHeard{seq: in.Seq, gate: *was.Gate, at: in.At, timedOut: in.Kind == KindGateTimeout, troubles: was.troubles()}
		if !g.timedOut {
			if err := decode(in.Data, &g.decision); err != nil {
				return kyc.Errorf(kyc.Internal, "bad_record", "input %d (%s) cannot be read: %w", in.Seq, in.Kind, err)
			}
		}
		r.gates = append(r.gates, g)
	}
	return nil
}

// Path is every node the run came through.
func (r *Recording) Path() []string { return r.State.Path(r.graph) }

// Begin is the snapshot that the run worked from.
func (r *Recording) Begin() Begin { return r.begin }

// Extracted is what was read from documents by the end of the run.
func (r *Recording) Extracted() map[string]any {
	out, _ := r.State.Facts["extracted"].(map[string]any)
	return out
}
