package main

import (
	"context"
	"time"

	"bonafide/engine"
	"bonafide/insight"
	"bonafide/kyc"
)

// examine asks a check outside of the engine and counts its answer for the
// console's figures. Monitoring is not counted: it asks the same of everybody
// again and again.
func (a *app) examine(ctx context.Context, r kyc.CheckRequest) kyc.Answer {
	started := time.Now()
	answer := a.menu.Run(ctx, r)
	a.insight.Checked(r.Tenant, r.Policy, answer, time.Since(started))
	return answer
}

// walked counts the way of a run that ended for the figures of its workflow.
func (a *app) walked(w engine.Walked) {
	walk := insight.Walk{Tenant: w.Run.Tenant, Workflow: w.Run.WorkflowID, Version: w.Run.Version, Outcome: string(w.Run.Outcome), Took: w.Run.EndedAt.Sub(w.Run.StartedAt)}
	if walk.Outcome == "" {
		walk.Outcome = string(w.Run.Status)
	}
	for _, n := range w.Nodes {
		walk.Nodes = append(walk.Nodes, insight.WalkNode{Node: n.Node, Result: n.Status, Took: n.Took})
	}
	for _, m := range w.Moves {
		walk.Moves = append(walk.Moves, insight.WalkMove{From: m.From, To: m.To, Why: m.Why})
	}
	a.insight.Walked(walk)
}
