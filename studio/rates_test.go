package studio

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"bonafide/kyc"
)

// counter is a store that counts how often it is asked, and waits when told to.
type counter struct {
	mu    sync.Mutex
	calls int
	err   error
	since time.Time
	hold  chan struct{}
	done  chan struct{} // one for each count; nil: nobody listens
}

func (c *counter) WorkflowOutcomes(_ context.Context, _ kyc.Tenant, since time.Time) (map[kyc.ID]map[kyc.SessionStatus]int, error) {
	if c.hold != nil {
		<-c.hold
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls++
	c.since = since
	if c.done != nil {
		c.done <- struct{}{}
	}
	return map[kyc.ID]map[kyc.SessionStatus]int{"w": {kyc.SessionApproved: 2, kyc.SessionRejected: 1, kyc.SessionReview: 5, kyc.SessionExpired: 9}}, c.err
}

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func TestRatesAreKeptForAMinute(t *testing.T) {
	t.Parallel()
	store, now := &counter{done: make(chan struct{}, 10)}, &clock{now: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)}
	r, tenant := newRates(store, now), kyc.Tenant{Org: "o", Env: kyc.Sandbox}
	by, ok := r.of(t.Context(), tenant, now.Now())
	<-store.done
	for !ok { // a slow machine may show the list before the first count is in
		by, ok = r.of(t.Context(), tenant, now.Now())
	}
	if got := by["w"]; got != (Rate{Approved: 2, Decided: 3}) || got.Percent() != 66 {
		t.Errorf("the rate is %+v", got)
	}
	if !store.since.Equal(now.Now().AddDate(0, 0, -7)) {
		t.Errorf("counted since %v", store.since)
	}
	r.of(t.Context(), tenant, now.Now())
	calls := func() int { store.mu.Lock(); defer store.mu.Unlock(); return store.calls }
	if calls() != 1 {
		t.Errorf("counted %d times within a minute", calls())
	}
	now.advance(2 * time.Minute)
	if _, ok := r.of(t.Context(), tenant, now.Now()); !ok {
		t.Error("old rates are not shown while new ones are counted")
	}
	<-store.done
	if calls() != 2 {
		t.Errorf("counted %d times", calls())
	}
	if _, mine := by["other"]; mine || (Rate{}).Percent() != 0 {
		t.Error("a workflow without sessions has a rate")
	}
}

func TestRatesThatCannotBeCountedAreNotMadeUp(t *testing.T) {
	t.Parallel()
	store, now := &counter{err: errors.New("away")}, &clock{now: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)}
	r := newRates(store, now)
	for range 3 {
		if by, ok := r.of(t.Context(), kyc.Tenant{Org: "o", Env: kyc.Live}, now.Now()); ok || by != nil {
			t.Fatalf("rates of nothing: %v", by)
		}
	}
	slow := &counter{hold: make(chan struct{})}
	r = newRates(slow, now)
	if _, ok := r.of(t.Context(), kyc.Tenant{Org: "o", Env: kyc.Live}, now.Now()); ok {
		t.Error("a list waits for a count without end")
	}
	close(slow.hold)
}
