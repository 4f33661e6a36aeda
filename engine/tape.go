package engine

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"bonafide/kyc"
)

// tape is a store that gathers what the engine would write and stores the
// finished sessions many at a time, to fill a store for a measurement.
type tape struct {
	Store
	mu  sync.Mutex
	put map[kyc.ID]kyc.Object // the last state of each object
	all kyc.Change
	n   int // finished sessions on the tape
}

// tapeLength is how many finished sessions are stored together.
const tapeLength = 200

func (t *tape) Commit(_ context.Context, c *kyc.Change) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, o := range c.Put {
		t.put[o.Head().ID] = o
		if r, ok := o.(*kyc.Run); ok && !r.EndedAt.IsZero() {
			t.n++
		}
	}
	t.all.Definitions = append(t.all.Definitions, c.Definitions...)
	t.all.Inputs = append(t.all.Inputs, c.Inputs...)
	t.all.Events = append(t.all.Events, c.Events...)
	return nil
}

// flush stores what is on the tape. No session may be under way.
func (t *tape) flush(ctx context.Context) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, o := range t.put {
		o.Head().Rev = 1
		t.all.Put = append(t.all.Put, o)
	}
	if err := t.Store.Commit(ctx, &t.all); err != nil {
		return err
	}
	t.put, t.all, t.n = map[kyc.ID]kyc.Object{}, kyc.Change{}, 0
	return nil
}

func (t *tape) ClaimRuns(context.Context, string, time.Time, time.Duration, int) ([]kyc.Lease, error) {
	return nil, nil
}

// fill stores n finished sessions of the workload, row for row as the engine
// leaves them, so that a measurement begins on a store of that size.
func (l *load) fill(ctx context.Context, n int) error {
	t := &tape{Store: l.store, put: map[kyc.ID]kyc.Object{}}
	f := &load{store: t, clock: l.clock, graph: l.graph, subject: l.subject, setting: l.setting, waiting: map[kyc.ID]chan kyc.Run{}}
	f.engine = New(Deps{Store: t, Checks: idle{}, Clock: l.clock, Slots: 8, Hooks: Hooks{Finished: f.finished, Stored: f.ended}})
	f.engine.Start(ctx)
	defer f.engine.Stop(context.WithoutCancel(ctx))
	for done := 0; done < n; {
		part := min(tapeLength, n-done)
		var left atomic.Int64
		left.Store(int64(part))
		errs := make([]error, 4)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() {
				for left.Add(-1) >= 0 && errs[i] == nil {
					errs[i] = f.execute(ctx, 0)
				}
			})
		}
		wg.Wait()
		for _, err := range errs {
			if err != nil {
				return err
			}
		}
		if err := t.flush(ctx); err != nil {
			return err
		}
		done += part
	}
	return nil
}
