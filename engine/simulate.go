package engine

import (
	"time"

	"bonafide/flow"
	"bonafide/kyc"
)

// Answers are what a simulation hears from outside.
type Answers struct {
	// Check answers one attempt.
	Check func(RunCheck) kyc.Answer
	// Gate decides at a gate; nil, or an empty decision, lets it time out.
	Gate func(OpenGate) Decision
}

// maxSimulated bounds the inputs of a simulation; a graph of the largest size
// with every retry stays below it.
const maxSimulated = 8 * flow.MaxLinkedNodes

// Simulate walks a graph in memory: the same Step, nothing stored, no waiting.
// The clock begins at the given time and jumps over every wait.
func Simulate(g *flow.Compiled, b Begin, at time.Time, answers Answers) (View, error) {
	run := kyc.Run{Meta: kyc.Meta{ID: kyc.ID("00000000-0000-7000-8000-000000000000"), Tenant: b.Tenant}, SessionID: b.Session.ID,
		SubjectID: b.Subject.ID, WorkflowID: b.WorkflowID, Version: b.Version, Definition: g.LinkedHash, StartedAt: at}
	b.Definition = g.LinkedHash
	d := &drive{run: run, g: g}
	var todo []Command
	feed := func(kind, node string, attempt int, payload any) error {
		in := d.input(kind, node, attempt, at, payload)
		next, cmds, err := step(g, d.state, in.Input, nil)
		if err != nil {
			return err
		}
		d.state = next
		todo = append(todo, cmds...)
		return nil
	}
	if err := feed(KindBegin, "", 0, &b); err != nil {
		return View{}, err
	}
	for range maxSimulated {
		if d.state.Ended() || len(todo) == 0 {
			break
		}
		cmd := todo[0]
		todo = todo[1:]
		var err error
		switch c := cmd.(type) {
		case RunCheck:
			in := Input{Node: c.Node, Attempt: c.Attempt}
			if !waitsFor(d.state, in) {
				continue // its branch was called off
			}
			a := answers.Check(c)
			if a.StartedAt.IsZero() {
				a.StartedAt, a.FinishedAt = at, at
			}
			err = feed(KindAnswer, c.Node, c.Attempt, Answered{Answer: a, Jitter: 0.5})
		case Schedule:
			if c.Why != KindRetryDue {
				continue
			}
			if c.At.After(at) {
				at = c.At
			}
			for _, w := range d.state.Waits {
				if w.Node == c.Node {
					err = feed(KindRetryDue, w.Node, w.Attempt, Moved{})
					break
				}
			}
		case OpenGate:
			decision := Decision{}
			if answers.Gate != nil {
				decision = answers.Gate(c)
			}
			if decision.Decision == "" {
				if c.Until.After(at) {
					at = c.Until
				}
				err = feed(KindGateTimeout, c.Node, 0, Moved{})
				break
			}
			decision.Gate = c.Gate
			err = feed(KindGateDecision, c.Node, 0, decision)
		}
		if err != nil {
			return View{}, err
		}
	}
	run.Status, run.Outcome, run.ReasonCode, run.StateHash, run.Step, run.EndedAt = d.state.Status, d.state.Outcome, d.state.ReasonCode, d.state.Hash, d.state.Seq, d.state.EndedAt
	return view(run, g, d.state, at), nil
}
