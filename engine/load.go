package engine

import (
	"context"

	"bonafide/flow"
	"bonafide/kyc"
)

// load reads a run and folds its record into a state: the one it was in when its
// row was read. What was recorded between the two reads belongs to a later one, and
// whoever writes on the older finds that out by the row's revision.
func (e *Engine) load(ctx context.Context, t kyc.Tenant, id kyc.ID) (*drive, error) {
	ctx = kyc.WithoutUnit(ctx)
	run, err := e.d.Store.Run(ctx, t, id)
	if err != nil {
		return nil, err
	}
	inputs, err := e.d.Store.Inputs(ctx, t, id)
	if err != nil {
		return nil, err
	}
	if int64(len(inputs)) > run.Step {
		now, err := e.d.Store.Run(ctx, t, id)
		if err != nil {
			return nil, err
		}
		if now.Rev > run.Rev { // otherwise nobody moved it, and the record is not its own
			inputs = inputs[:run.Step]
		}
	}
	d := &drive{e: e, run: run, key: kyc.Lease{Tenant: t, RunID: id, Owner: e.d.Owner}}
	if d.g, err = e.graph(ctx, t, run.Definition); err != nil {
		return d, err
	}
	d.state, err = fold(d.g, run, inputs)
	return d, err
}

// fold steps through a record. It fails when the record has a hole or when it
// leads anywhere else than it did: a state that cannot be trusted must not
// decide anything.
func fold(g *flow.Compiled, run kyc.Run, inputs []kyc.Input) (State, error) {
	var s State
	if int64(len(inputs)) != run.Step {
		return s, kyc.Errorf(kyc.Internal, "bad_record", "the run has %d inputs, its record holds %d", run.Step, len(inputs))
	}
	for _, kept := range inputs {
		in, _, err := open(kept)
		if err != nil {
			return s, err
		}
		next, _, err := step(g, s, in, nil)
		if err != nil {
			return s, err
		}
		if next.Hash != kept.StateHash {
			return s, kyc.Errorf(kyc.Internal, "bad_record", "input %d (%s) leads to another state than it did", in.Seq, in.Kind)
		}
		s = next
	}
	return s, nil
}

// graph finds a compiled graph by the hash of its linked form. Because the
// hash is of the content, tenants can share it.
func (e *Engine) graph(ctx context.Context, t kyc.Tenant, hash string) (*flow.Compiled, error) {
	if g, ok := e.graphs.Get(hash); ok {
		return g, nil
	}
	def, err := e.d.Store.Definition(ctx, t, hash)
	if err != nil {
		return nil, err
	}
	g, err := loadGraph(def)
	if err != nil {
		return nil, err
	}
	e.graphs.Add(hash, g)
	return g, nil
}

// loadGraph compiles a stored definition and proves that it is the one that
// was asked for.
func loadGraph(def kyc.Definition) (*flow.Compiled, error) {
	canonical, err := flow.Canonical(def.Graph)
	if err != nil {
		return nil, kyc.Errorf(kyc.Internal, "bad_record", "the definition cannot be read: %w", err)
	}
	if got := flow.HashOf(canonical); got != def.Hash {
		return nil, kyc.Errorf(kyc.Internal, "bad_record", "the definition was changed: its hash is %s, not %s", got, def.Hash)
	}
	g, err := flow.Load(canonical)
	if err != nil {
		return nil, kyc.Errorf(kyc.Internal, "bad_record", "the definition does not compile: %w", err)
	}
	return g, nil
}

// Graph finds a stored definition by the hash of its linked graph, compiled.
// Errors: NotFound; Internal bad_record for one that was changed.
func (e *Engine) Graph(ctx context.Context, t kyc.Tenant, hash string) (*flow.Compiled, error) {
	return e.graph(kyc.WithoutUnit(ctx), t, hash)
}
