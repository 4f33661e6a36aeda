package engine

import (
	"context"

	"bonafide/kyc"
)

// Exposed gives the facts a gate showed to the outside when it opened, by
// folding the record up to that moment. They are personal data, so no event
// carries them: the record is encrypted, and once its key is destroyed they
// are gone (the error is then NotFound erased).
func (e *Engine) Exposed(ctx context.Context, t kyc.Tenant, run kyc.ID, node string) (map[string]any, error) {
	ctx = kyc.WithoutUnit(ctx)
	r, err := e.d.Store.Run(ctx, t, run)
	if err != nil {
		return nil, err
	}
	g, err := e.graph(ctx, t, r.Definition)
	if err != nil {
		return nil, err
	}
	inputs, err := e.d.Store.Inputs(ctx, t, run)
	if err != nil {
		return nil, err
	}
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
		for _, c := range cmds {
			if gate, ok := c.(OpenGate); ok && gate.Node == node {
				return gate.Fields, nil
			}
		}
		s = next
	}
	return nil, kyc.Missing("gate", node)
}
