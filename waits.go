package main

import (
	"context"
	"sync"
	"time"

	"bonafide/kyc"
)

// waits lets a request wait for the end of a run. This process hears of its
// own runs at once; of those that another node walks it learns by looking.
type waits struct {
	mu      sync.Mutex
	waiting map[kyc.ID][]chan struct{}
	run     func(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Run, error)
}

// lookEvery is how often somebody who waits looks at the store, for runs that
// are walked elsewhere.
const lookEvery = 100 * time.Millisecond

func newWaits(run func(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Run, error)) *waits {
	return &waits{waiting: map[kyc.ID][]chan struct{}{}, run: run}
}

// stored is told of each run that ended or stopped at a gate.
func (w *waits) stored(run kyc.Run) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.waiting[run.ID] {
		close(c)
	}
	delete(w.waiting, run.ID)
}

func (w *waits) enter(id kyc.ID) chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := make(chan struct{})
	w.waiting[id] = append(w.waiting[id], c)
	return c
}

func (w *waits) leave(id kyc.ID, c chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	rest := w.waiting[id][:0]
	for _, other := range w.waiting[id] {
		if other != c {
			rest = append(rest, other)
		}
	}
	if w.waiting[id] = rest; len(rest) == 0 {
		delete(w.waiting, id)
	}
}

// wait returns once a run has ended or stands at a gate, or with the context's
// error.
func (w *waits) wait(ctx context.Context, t kyc.Tenant, id kyc.ID) error {
	heard := w.enter(id)
	defer w.leave(id, heard)
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		run, err := w.run(ctx, t, id)
		if err != nil {
			return err
		}
		if run.Status != kyc.RunPending && run.Status != kyc.RunRunning {
			return nil
		}
		select {
		case <-heard:
			return nil
		case <-look.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
