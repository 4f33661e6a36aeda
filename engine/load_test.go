package engine

import (
	"context"
	"sync/atomic"
	"testing"

	"bonafide/kyc"
)

// moving is a store in which something happens right after a run's row is read.
type moving struct {
	*memory
	then func()
}

func (m moving) Run(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Run, error) {
	r, err := m.memory.Run(ctx, t, id)
	m.then()
	return r, err
}

// However fast a run moves, it can be read: as it was when its row was.
func TestARunThatMovesIsReadAsItWas(t *testing.T) {
	t.Parallel()
	b := setup(t, kyc.Live)
	run, _ := b.begin(graphOf(t, sixNodes))
	whole := b.finished(run.ID)
	record, err := b.store.Inputs(t.Context(), b.tenant, run.ID)
	if err != nil {
		t.Fatal(err)
	}
	stands := func(r kyc.Run, inputs []kyc.Input) {
		b.store.mu.Lock()
		defer b.store.mu.Unlock()
		b.store.objects[r.ID], b.store.revs[r.ID], b.store.inputs[r.ID] = r, r.Rev, inputs
	}
	at := func(n int) kyc.Run {
		r := whole
		r.Step, r.Rev = int64(n), int64(n)
		return r
	}
	for n := 1; n <= len(record); n++ {
		stands(at(n), record[:n])
		var looks atomic.Int64
		reader := b.node(func(d *Deps) {
			d.Store = moving{b.store, func() { // an input a look
				if next := n + int(looks.Add(1)); next <= len(record) {
					stands(at(next), record[:next])
				}
			}}
		})
		v, err := reader.RunView(t.Context(), b.tenant, run.ID)
		if err != nil || v.State.Seq != int64(n) || v.Run.Step != int64(n) {
			t.Errorf("read at %d of %d: %d %v", n, len(record), v.State.Seq, err)
		}
	}

	// A record that grew by itself is no run's.
	stands(at(2), record[:3])
	if _, err := b.engine.RunView(t.Context(), b.tenant, run.ID); !kyc.IsCode(err, "bad_record") {
		t.Errorf("a row behind its record: %v", err)
	}
}
