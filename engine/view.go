package engine

import (
	"context"
	"time"

	"bonafide/flow"
	"bonafide/kyc"
)

// View is a run as readers see it (api.md 6.8), made by folding its inputs.
type View struct {
	Run   kyc.Run
	Begin *Begin
	// Graph is the linked definition the run walks, as canonical JSON.
	Graph       []byte
	Path        []string
	Edges       []Edge
	NodeResults map[string]NodeResult
	Attempts    []Record
	Gates       []Gate // decided ones, then the open one
	Extracted   map[string]any
	Checks      map[string]kyc.CheckFact // the last word of each policy
	Risk        map[string]any
	// InputsHash is the chained hash of everything the run acted on.
	InputsHash   string
	CurrentNode  string
	PausedAtNode string
	Duration     time.Duration
	State        State
}

// NodeResult is what became of one node.
type NodeResult struct {
	Policy string
	// Status is passed, failed, review, error, skipped, requires_retry,
	// pending (in flight), cancelled; a gate's decision; a terminal's outcome.
	Status   string
	Result   map[string]any
	Duration time.Duration
	Next     string
}

// RunView reads a run for display.
func (e *Engine) RunView(ctx context.Context, t kyc.Tenant, run kyc.ID) (View, error) {
	d, err := e.load(ctx, t, run)
	if err != nil {
		return View{}, err
	}
	now, _, err := e.now(ctx, t)
	if err != nil {
		return View{}, err
	}
	return view(d.run, d.g, d.state, now), nil
}

// view makes a View of a state.
func view(run kyc.Run, g *flow.Compiled, s State, now time.Time) View {
	v := View{Run: run, Begin: s.Begin, Graph: g.Canonical(), Path: s.Path(g), Edges: s.Edges, Attempts: s.Records,
		NodeResults: map[string]NodeResult{}, Gates: s.Gates, Checks: s.Checks, InputsHash: "sha256:" + s.Hash, State: s}
	v.Extracted, _ = s.Facts["extracted"].(map[string]any)
	v.Risk, _ = s.Facts["risk"].(map[string]any)
	if s.Gate != nil {
		v.Gates = push(s.Gates, *s.Gate)
		v.PausedAtNode = s.Gate.Node
	}
	if len(s.Tokens) > 0 {
		v.CurrentNode = s.Tokens[0].Node
	} else {
		v.CurrentNode = s.EndNode
	}
	end := now
	if s.Ended() {
		end = s.EndedAt
	}
	v.Duration = max(end.Sub(s.BeganAt), 0)
	for _, p := range s.Visits {
		v.NodeResults[p.Node] = NodeResult{Status: p.Status, Result: p.Result, Next: p.Next}
	}
	for _, gate := range v.Gates {
		r := v.NodeResults[gate.Node]
		r.Result = map[string]any{"gate": gate.Name}
		if gate.Decision == "" {
			r.Status, r.Duration = "waiting", max(now.Sub(gate.OpenedAt), 0)
		} else {
			r.Result["decision"] = gate.Decision
			r.Duration = max(gate.DecidedAt.Sub(gate.OpenedAt), 0)
			if gate.Metadata != nil {
				r.Result["metadata"] = gate.Metadata
			}
		}
		v.NodeResults[gate.Node] = r
	}
	began := map[string]time.Time{}
	for _, r := range s.Records {
		if _, ok := began[r.Node]; !ok {
			began[r.Node] = r.AskedAt
		}
		v.NodeResults[r.Node] = NodeResult{Policy: r.Policy, Status: r.Status, Next: r.Next, Result: result(r.Answer), Duration: max(r.At.Sub(began[r.Node]), 0)}
	}
	for _, c := range s.Calls {
		policy := ""
		if n := g.Nodes[c.Node]; n != nil {
			policy = n.Policy
		}
		v.NodeResults[c.Node] = NodeResult{Policy: policy, Status: "pending", Duration: max(now.Sub(c.At), 0)}
	}
	return v
}

// ends is what became of each node that was left, or ended at.
func (s *State) ends() []NodeEnd {
	out := make([]NodeEnd, 0, len(s.Visits)+len(s.Records))
	at := map[string]int{}
	end := func(node, status string, took time.Duration) {
		i, known := at[node]
		if !known {
			i = len(out)
			at[node] = i
			out = append(out, NodeEnd{Node: node})
		}
		out[i].Status, out[i].Took = status, out[i].Took+max(took, 0)
	}
	for _, v := range s.Visits {
		end(v.Node, v.Status, 0)
	}
	for _, g := range s.Gates {
		if g.Decision != "" {
			end(g.Node, g.Decision, g.DecidedAt.Sub(g.OpenedAt))
		}
	}
	for _, r := range s.Records {
		end(r.Node, r.Status, r.At.Sub(r.AskedAt))
	}
	return out
}

// result is the readable part of an answer.
func result(a *kyc.Answer) map[string]any {
	if a == nil {
		return nil
	}
	r := map[string]any{"status": string(a.Status)}
	if a.Verdict != "" {
		r["verdict"] = string(a.Verdict)
	}
	if a.Score != nil {
		r["score"] = *a.Score
	}
	if a.Threshold != nil {
		r["threshold"] = *a.Threshold
	}
	if len(a.Reasons) > 0 {
		r["reasons"] = a.Reasons
	}
	if len(a.Hits) > 0 {
		r["hits"] = a.Hits
	}
	if len(a.Lists) > 0 {
		r["lists"] = a.Lists
	}
	if len(a.Fields) > 0 {
		r["fields"] = a.Fields
	}
	if len(a.Details) > 0 {
		r["details"] = a.Details
	}
	if a.Provider != "" {
		r["provider"] = a.Provider
	}
	return r
}

// Path is every node the run came through, in order, each once. A join stands
// where its last branch arrived.
func (s State) Path(g *flow.Compiled) []string {
	last := map[string]int{}
	for i, e := range s.Edges {
		if n := g.Nodes[e.To]; n != nil && n.Type == flow.TypeJoin {
			last[e.To] = i
		}
	}
	path := make([]string, 0, len(s.Edges))
	seen := map[string]bool{}
	for i, e := range s.Edges {
		if at, join := last[e.To]; seen[e.To] || (join && at != i) {
			continue
		}
		seen[e.To] = true
		path = append(path, e.To)
	}
	return path
}
