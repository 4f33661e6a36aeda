package engine

import (
	"context"
	"sync/atomic"
	"time"

	"bonafide/flow"
	"bonafide/kyc"
)

// drive is one run in the hands of this process.
type drive struct {
	e       *Engine
	g       *flow.Compiled
	run     kyc.Run // as last stored
	state   State
	session *kyc.Session  // as last stored; nil: not read yet
	offset  time.Duration // how far the tenant's clock is ahead
	until   atomic.Int64  // end of our lease, microseconds since 1970
	flights map[string]*flight
	cancel  context.CancelFunc
	key     kyc.Lease // whose run this is; never changes once it is launched
	next    *drive    // takes over when this one ends; guarded by the engine's lock
	// pickup says that the run was found, not begun here: it is read and what
	// is overdue is done first.
	pickup bool
	// bare leaves out everything but the run itself, to end a run that cannot
	// be ended otherwise.
	bare bool
}

func (d *drive) leaseUntil() time.Time { return time.UnixMicro(d.until.Load()).UTC() }

func (d *drive) lease(until time.Time) kyc.Lease {
	l := d.key
	l.Until = until
	return l
}

// accept makes a committed plan the present.
func (d *drive) accept(p planned) {
	d.state, d.run = p.state, p.run
	if p.session != nil {
		d.session = p.session
	}
	if d.run.LeaseOwner != "" {
		d.until.Store(d.run.DueAt.UnixMicro())
	}
}

// announce tells this process that the run ended or paused.
func (d *drive) announce() {
	if h := d.e.d.Hooks.Stored; h != nil && (d.state.Ended() || d.state.Gate != nil) {
		h(d.run)
	}
	if h := d.e.d.Hooks.Walked; h != nil && d.state.Ended() {
		h(Walked{Run: d.run, Nodes: d.state.ends(), Moves: d.state.Edges})
	}
}

// busy reports whether there is something to do now or soon.
func (d *drive) busy() bool {
	if d.state.Ended() || d.state.Gate != nil {
		return false
	}
	return len(d.state.Calls) > 0 || len(d.state.Waits) > 0
}

// work drives the run until it ends, waits for long, or belongs to somebody
// else. False means that it must be handed back.
func (d *drive) work(ctx context.Context) (over bool) {
	defer d.ground()
	if !d.e.pool.acquire(ctx, d.e.stop, d.key.Tenant.Org) {
		return false
	}
	defer d.e.pool.release()
	if d.pickup {
		if goOn, over := d.takeOver(ctx); !goOn {
			return over
		}
	}
	for {
		if d.state.Ended() || d.state.Gate != nil {
			return true
		}
		var ins []fact
		switch {
		case len(d.state.Calls) > 0:
			if !d.fly(ctx) {
				return false
			}
			ins = d.landed(ctx)
		case len(d.state.Waits) > 0:
			wait := nextWait(&d.state).Sub(d.now())
			if wait >= shortWait {
				return true // the row and a job remember
			}
			if !d.sleep(ctx, wait) {
				return false
			}
			ins = d.dueWaits()
		default:
			return true
		}
		if len(ins) == 0 {
			return false // the process ends
		}
		switch d.advance(ctx, ins...) {
		case advanced:
		case lost:
			return true
		case stuck:
			return false
		}
	}
}

// now is the tenant's time.
func (d *drive) now() time.Time { return d.e.d.Clock.Now().Add(d.offset) }

// sleep gives the slot away for a short wait.
func (d *drive) sleep(ctx context.Context, wait time.Duration) bool {
	if wait <= 0 {
		return true
	}
	d.e.pool.release()
	slept := false
	select {
	case <-d.e.d.After(wait):
		slept = true
	case <-ctx.Done():
	case <-d.e.stop:
	}
	// The slot is taken back in any case, because the caller gives it back.
	if !d.e.pool.acquire(ctx, nil, d.key.Tenant.Org) {
		d.e.pool.borrow()
		return false
	}
	return slept
}

// dueWaits are the inputs for every wait that is over.
func (d *drive) dueWaits() []fact {
	now := d.now()
	var ins []fact
	for _, w := range d.state.Waits {
		if !w.At.After(now) {
			ins = append(ins, d.input(KindRetryDue, w.Node, w.Attempt, now, Moved{By: d.e.d.Owner, Handover: d.e.stopping()}))
		}
	}
	if len(ins) == 0 && len(d.state.Waits) > 0 { // the timer was a little early
		w := d.state.Waits[0]
		for _, o := range d.state.Waits {
			if o.At.Before(w.At) {
				w = o
			}
		}
		ins = append(ins, d.input(KindRetryDue, w.Node, w.Attempt, w.At, Moved{By: d.e.d.Owner, Handover: d.e.stopping()}))
	}
	return ins
}

// fly sends every attempt that is not under way. False: nothing may be begun.
func (d *drive) fly(ctx context.Context) bool {
	for _, c := range d.state.Calls {
		if d.flights[c.Key] != nil {
			continue
		}
		if ctx.Err() != nil || d.e.stopping() {
			// What flies already may land; the rest is sent by somebody else.
			return len(d.flights) > 0
		}
		if d.flights == nil {
			d.flights = map[string]*flight{}
		}
		d.flights[c.Key] = d.e.call(ctx, c, d.g.Nodes[c.Node])
	}
	return true
}

// landed waits for the oldest attempt, and answers with it and every later one
// that is back too, in the order they were asked for.
func (d *drive) landed(ctx context.Context) []fact {
	head := d.flights[d.state.Calls[0].Key]
	if head == nil {
		return nil
	}
	var timer <-chan time.Time
	if next := nextWait(&d.state); !next.IsZero() {
		timer = d.e.d.After(max(next.Sub(d.now()), 0))
	}
	select {
	case <-head.back:
	case <-head.ctx.Done():
	case <-timer:
		return d.dueWaits()
	}
	if ctx.Err() != nil { // what came back may only say that it was called off
		return nil
	}
	now := d.now()
	stopping := d.e.stopping()
	var ins []fact
	for _, c := range d.state.Calls {
		f := d.flights[c.Key]
		if f == nil {
			break
		}
		kind, a, back := f.landed(d.e)
		if !back {
			return ins
		}
		a.Handover = stopping
		ins = append(ins, d.input(kind, c.Node, c.Attempt, now, a))
	}
	return ins
}

// ground calls off whatever still flies.
func (d *drive) ground() {
	for _, f := range d.flights {
		f.cancel()
	}
	d.flights = nil
}

// sweepFlights forgets attempts that nobody waits for any more.
func (d *drive) sweepFlights() {
	for key, f := range d.flights {
		wanted := false
		for _, c := range d.state.Calls {
			wanted = wanted || c.Key == key
		}
		if !wanted {
			f.cancel()
			delete(d.flights, key)
		}
	}
}
