package studio

import (
	"context"
	"sync"
	"time"

	"bonafide/kyc"
)

// RateStore counts how sessions ended.
type RateStore interface {
	// WorkflowOutcomes counts the sessions made since a time by workflow and
	// status.
	WorkflowOutcomes(ctx context.Context, t kyc.Tenant, since time.Time) (map[kyc.ID]map[kyc.SessionStatus]int, error)
}

// Rate is how the decided sessions of a workflow ended.
type Rate struct{ Approved, Decided int }

// Percent is the share that was approved, rounded down; 0 without a decision.
func (r Rate) Percent() int {
	if r.Decided == 0 {
		return 0
	}
	return r.Approved * 100 / r.Decided
}

// rates keeps the pass rates of seven days for a minute, so that a list of
// workflows does not count all sessions each time. What is older is shown once
// more while it is counted anew.
type rates struct {
	store RateStore
	clock kyc.Clock

	mu   sync.Mutex
	kept map[kyc.Tenant]*counted
}

type counted struct {
	by     map[kyc.ID]Rate
	at     time.Time
	making bool
	ready  chan struct{} // closed after the first count
}

const (
	rateDays  = 7
	rateFresh = time.Minute
	// ratePatience is how long a list waits for the first count; it shows no
	// rates when that takes longer.
	ratePatience = 15 * time.Millisecond
	rateTime     = time.Minute
	maxRates     = 1000
)

func newRates(s RateStore, clock kyc.Clock) *rates {
	return &rates{store: s, clock: clock, kept: map[kyc.Tenant]*counted{}}
}

// of gives the rates of a tenant by workflow; false while they are counted for
// the first time.
func (r *rates) of(ctx context.Context, t kyc.Tenant, now time.Time) (map[kyc.ID]Rate, bool) {
	r.mu.Lock()
	c := r.kept[t]
	if c == nil {
		if len(r.kept) >= maxRates {
			clear(r.kept)
		}
		c = &counted{ready: make(chan struct{})}
		r.kept[t] = c
	}
	if !c.making && (c.by == nil || r.clock.Now().Sub(c.at) >= rateFresh) {
		c.making = true
		go r.count(context.WithoutCancel(ctx), t, c, now)
	}
	by, ready := c.by, c.ready
	r.mu.Unlock()
	if by != nil {
		return by, true
	}
	timer := time.NewTimer(ratePatience)
	defer timer.Stop()
	select {
	case <-ready:
		r.mu.Lock()
		defer r.mu.Unlock()
		return c.by, c.by != nil
	case <-timer.C:
	case <-ctx.Done():
	}
	return nil, false
}

// count counts apart from the request that asked for it.
func (r *rates) count(ctx context.Context, t kyc.Tenant, c *counted, now time.Time) {
	ctx, cancel := context.WithTimeout(ctx, rateTime)
	defer cancel()
	got, err := r.store.WorkflowOutcomes(ctx, t, now.AddDate(0, 0, -rateDays))
	by := map[kyc.ID]Rate{}
	for id, n := range got {
		by[id] = Rate{Approved: n[kyc.SessionApproved], Decided: n[kyc.SessionApproved] + n[kyc.SessionRejected]}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	c.making = false
	if err != nil {
		return // the next visit counts again
	}
	if c.by == nil {
		close(c.ready)
	}
	c.by, c.at = by, r.clock.Now()
}
