package engine

import (
	"context"
	"fmt"
	"slices"

	"bonafide/flow"
	"bonafide/kyc"
)

// Replayed is the result of running a record again.
type Replayed struct {
	RunID      kyc.ID      `json:"run_id"`
	Definition string      `json:"definition"`
	Inputs     int         `json:"inputs"`
	Status     string      `json:"status"`
	Outcome    kyc.Outcome `json:"outcome,omitempty"`
	Path       []string    `json:"path"`
	StateHash  string      `json:"state_hash"`
	// Difference is nil when the replay equals the record.
	Difference *Difference `json:"difference,omitempty"`
}

// Difference is the first point where a replay and the record part.
type Difference struct {
	Seq      int64  `json:"seq"` // of the input, -1 for the run as a whole
	Kind     string `json:"kind,omitempty"`
	Node     string `json:"node,omitempty"`
	What     string `json:"what"` // record, edges, state, outcome, definition
	Recorded string `json:"recorded"`
	Replayed string `json:"replayed"`
}

// String says it in one sentence.
func (d Difference) String() string {
	if d.Seq < 0 {
		return fmt.Sprintf("the run's %s differs: recorded %s, replayed %s", d.What, d.Recorded, d.Replayed)
	}
	at := fmt.Sprintf("input %d (%s", d.Seq, d.Kind)
	if d.Node != "" {
		at += " of node " + d.Node
	}
	return fmt.Sprintf("%s): the %s differs: recorded %s, replayed %s", at, d.What, d.Recorded, d.Replayed)
}

// Replay runs an ended run again from its record alone, the stored definition
// and the stored inputs, and compares edge by edge, state hash by state hash,
// and the end. A run that has not ended is a Conflict not_finished; the error
// is about reading only, a difference stands in the answer.
func (e *Engine) Replay(ctx context.Context, t kyc.Tenant, id kyc.ID) (Replayed, error) {
	ctx = kyc.WithoutUnit(ctx)
	run, err := e.d.Store.Run(ctx, t, id)
	if err != nil {
		return Replayed{}, err
	}
	if run.EndedAt.IsZero() {
		return Replayed{}, kyc.Errorf(kyc.Conflict, "not_finished", "the run is %s; only a finished run can be replayed", run.Status)
	}
	def, err := e.d.Store.Definition(ctx, t, run.Definition)
	if err != nil {
		return Replayed{}, err
	}
	inputs, err := e.d.Store.Inputs(ctx, t, id)
	if err != nil {
		return Replayed{}, err
	}
	return ReplayRecord(run, def, inputs), nil
}

// ReplayRecord is Replay for a record in memory.
func ReplayRecord(run kyc.Run, def kyc.Definition, inputs []kyc.Input) Replayed {
	r := Replayed{RunID: run.ID, Definition: run.Definition, Inputs: len(inputs), Path: []string{}}
	whole := func(what, recorded, replayed string) Replayed {
		r.Difference = &Difference{Seq: -1, What: what, Recorded: recorded, Replayed: replayed}
		return r
	}
	if def.Hash != run.Definition {
		return whole("definition", run.Definition, def.Hash)
	}
	g, err := loadGraph(def)
	if err != nil {
		return whole("definition", "a definition with hash "+run.Definition, err.Error())
	}
	var s State
	for i, kept := range inputs {
		if s, r.Difference = again(g, s, int64(i), kept); r.Difference != nil {
			return r
		}
	}
	r.Status, r.Outcome, r.StateHash, r.Path = string(s.Status), s.Outcome, s.Hash, s.Path(g)
	switch {
	case int64(len(inputs)) != run.Step:
		return whole("record", fmt.Sprintf("%d inputs", run.Step), fmt.Sprintf("%d inputs found", len(inputs)))
	case s.Status != run.Status:
		return whole("status", string(run.Status), string(s.Status))
	case s.Outcome != run.Outcome || s.ReasonCode != run.ReasonCode:
		return whole("outcome", string(run.Outcome)+" "+run.ReasonCode, string(s.Outcome)+" "+s.ReasonCode)
	case s.Hash != run.StateHash:
		return whole("state", run.StateHash, s.Hash)
	case s.Begin != nil && s.Begin.Definition != run.Definition:
		return whole("definition", s.Begin.Definition, run.Definition)
	}
	return r
}

// again replays one input.
func again(g *flow.Compiled, s State, seq int64, kept kyc.Input) (State, *Difference) {
	diff := &Difference{Seq: kept.Seq, Kind: kept.Kind, Node: kept.Node}
	if kept.Seq != seq {
		diff.What, diff.Recorded, diff.Replayed = "record", fmt.Sprintf("input %d", seq), fmt.Sprintf("input %d is next; one is missing", kept.Seq)
		return s, diff
	}
	in, edges, err := open(kept)
	if err != nil {
		diff.What, diff.Recorded, diff.Replayed = "record", "a readable input", err.Error()
		return s, diff
	}
	next, _, err := step(g, s, in, nil)
	if err != nil {
		diff.What, diff.Recorded, diff.Replayed = "record", "an input the run could take", err.Error()
		return s, diff
	}
	if took := next.Edges[len(s.Edges):]; !slices.Equal(took, edges) {
		diff.What, diff.Recorded, diff.Replayed = "edges", showEdges(edges), showEdges(took)
		return next, diff
	}
	if next.Hash != kept.StateHash {
		diff.What, diff.Recorded, diff.Replayed = "state", kept.StateHash, next.Hash
		return next, diff
	}
	return next, nil
}

func showEdges(edges []Edge) string {
	if len(edges) == 0 {
		return "no move"
	}
	out := ""
	for i, e := range edges {
		if i > 0 {
			out += ", "
		}
		out += e.From + " -" + e.Why + "-> " + e.To
	}
	return out
}
