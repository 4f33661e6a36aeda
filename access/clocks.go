package access

import (
	"context"
	"sync"
	"time"

	"bonafide/kyc"
)

// Clocks gives each organisation its time: the system's in the live
// environment, put forward by Org.SandboxOffset in the sandbox.
type Clocks struct {
	system kyc.Clock
	store  OrgStore

	mu      sync.RWMutex
	offsets map[kyc.ID]time.Duration
	wake    []func(context.Context, kyc.Tenant)
}

// NewClocks makes the clocks; call Refresh before the first use.
func NewClocks(system kyc.Clock, store OrgStore) *Clocks {
	return &Clocks{system: system, store: store, offsets: map[kyc.ID]time.Duration{}}
}

// ClockFor is the clock of one organisation's environment. It keeps following
// the sandbox's offset.
func (c *Clocks) ClockFor(t kyc.Tenant) kyc.Clock {
	if t.Env != kyc.Sandbox {
		return c.system
	}
	return kyc.ClockFunc(func() time.Time { return c.system.Now().Add(c.Offset(t)) })
}

// Now is the time of one organisation's environment.
func (c *Clocks) Now(t kyc.Tenant) time.Time { return c.ClockFor(t).Now() }

// Offset is how far a tenant's clock runs ahead of the system's.
func (c *Clocks) Offset(t kyc.Tenant) time.Duration {
	if t.Env != kyc.Sandbox {
		return 0
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.offsets[t.Org]
}

// Refresh reads every organisation's offset.
func (c *Clocks) Refresh(ctx context.Context) error {
	orgs, err := c.store.Orgs(kyc.WithoutUnit(ctx))
	if err != nil {
		return err
	}
	for _, o := range orgs {
		c.set(o.ID, o.SandboxOffset)
	}
	return nil
}

// Run refreshes now and then until the context ends, so that a clock that was
// put forward through another node is seen here. failed is told of errors.
func (c *Clocks) Run(ctx context.Context, every time.Duration, failed func(error)) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := c.Refresh(ctx); err != nil && ctx.Err() == nil && failed != nil {
				failed(err)
			}
		}
	}
}

// set only ever moves forward: a slow reader must not put a clock back.
func (c *Clocks) set(org kyc.ID, offset time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if offset > c.offsets[org] {
		c.offsets[org] = offset
	}
}

// OnAdvance registers what shall run after a sandbox clock was put forward:
// time-outs and retries of that tenant may be due now. Register at start.
func (c *Clocks) OnAdvance(wake func(context.Context, kyc.Tenant)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wake = append(c.wake, wake)
}

// maxAdvance is how far a sandbox clock may run ahead in all.
const maxAdvance = 100 * 365 * 24 * time.Hour

// AdvanceSandbox puts the tenant's sandbox clock forward by whole seconds and
// then wakes what waits. It answers the sandbox's new time. Errors: Forbidden
// sandbox_only for a live tenant, Invalid for less than 1 second or more than
// 100 years in all, Conflict when two requests advance at once.
func (o *Office) AdvanceSandbox(ctx context.Context, clocks *Clocks, t kyc.Tenant, seconds int64, by By) (time.Time, error) {
	if t.Env != kyc.Sandbox {
		return time.Time{}, kyc.Errorf(kyc.Forbidden, "sandbox_only", "only a sandbox clock can be moved")
	}
	org, err := o.store.Org(ctx, t.Org)
	if err != nil {
		return time.Time{}, err
	}
	if seconds < 1 || seconds > int64((maxAdvance-org.SandboxOffset)/time.Second) {
		return time.Time{}, kyc.InvalidInput("validation_failed", "the clock cannot be moved that far",
			[]kyc.Problem{{Path: "/advance_seconds", Code: "out_of_range", Message: "at least 1 second, at most 100 years in all; the clock never runs backwards"}})
	}
	org.SandboxOffset += time.Duration(seconds) * time.Second
	org.Touch(o.clock.Now())
	err = o.store.Commit(ctx, &kyc.Change{
		Put:    []kyc.Object{&org},
		Events: []kyc.Event{o.event(ctx, t, by, "sandbox.advance", "org", org.ID)},
	})
	if err != nil {
		return time.Time{}, err
	}
	after := func() {
		clocks.set(org.ID, org.SandboxOffset)
		clocks.mu.RLock()
		hooks := clocks.wake
		clocks.mu.RUnlock()
		for _, wake := range hooks {
			// The request may be over before the hooks are.
			wake(kyc.WithoutUnit(context.WithoutCancel(ctx)), t)
		}
	}
	kyc.AfterCommit(ctx, after)
	return org.Now(o.clock, kyc.Sandbox), nil
}
