package engine

import (
	"context"
	"time"

	"bonafide/kyc"
)

// maxClaim is how many overdue runs one look takes.
const maxClaim = 256

// Rescue takes over runs that are overdue: their process died, a wait is over,
// or they were begun where no work is done. The work goes on in the pool;
// Rescue answers how many were taken.
func (e *Engine) Rescue(ctx context.Context) (int, error) {
	limit := min(e.room(), maxClaim)
	if limit == 0 {
		return 0, nil
	}
	ctx = kyc.WithoutUnit(ctx)
	claims, err := e.d.Store.ClaimRuns(ctx, e.d.Owner, e.d.Clock.Now(), e.d.Lease, limit)
	if err != nil {
		return 0, err
	}
	taken := 0
	for _, l := range claims {
		d := &drive{e: e, key: kyc.Lease{Tenant: l.Tenant, RunID: l.RunID, Owner: e.d.Owner}, pickup: true}
		d.until.Store(l.Until.UnixMicro())
		if e.launch(d) {
			taken++
		}
	}
	return taken, nil
}

// sweep looks for overdue runs until the context ends.
func (e *Engine) sweep(ctx context.Context) {
	for {
		n, err := e.Rescue(ctx)
		if err != nil && ctx.Err() == nil {
			e.d.Log.Warn("looking for overdue runs", "error", err)
		}
		if n < maxClaim {
			wait := time.Duration(float64(e.d.SweepEvery) * (0.8 + 0.4*e.d.Random()))
			select {
			case <-time.After(wait):
			case <-ctx.Done():
				return
			case <-e.stop:
				return
			}
		}
		if e.stopping() {
			return
		}
	}
}

// extend keeps the leases of long calls, all in one write.
func (e *Engine) extend(ctx context.Context) {
	for {
		select {
		case <-time.After(e.d.Lease / 4):
		case <-ctx.Done():
			return
		}
		now := e.d.Clock.Now()
		var short []kyc.Lease
		var whose []*drive
		e.mu.Lock()
		for _, d := range e.active {
			if until := d.leaseUntil(); d.until.Load() != 0 && until.Sub(now) < e.d.Lease/2 {
				short = append(short, d.lease(now.Add(e.d.Lease)))
				whose = append(whose, d)
			}
		}
		e.mu.Unlock()
		if len(short) == 0 {
			continue
		}
		if err := e.d.Store.ExtendLeases(ctx, short); err != nil {
			if ctx.Err() == nil {
				e.d.Log.Warn("extending leases", "error", err)
			}
			continue
		}
		for _, d := range whose {
			d.until.Store(now.Add(e.d.Lease).UnixMicro())
		}
	}
}

// takeOver reads a run that was found and does what is overdue first. goOn
// false means that there is nothing more to do here; over as in work.
func (d *drive) takeOver(ctx context.Context) (goOn, over bool) {
	e := d.e
	loaded, err := e.load(ctx, d.key.Tenant, d.key.RunID)
	if err == nil {
		_, d.offset, err = e.now(ctx, d.key.Tenant)
	}
	if loaded != nil {
		d.run, d.g, d.state = loaded.run, loaded.g, loaded.state
	}
	switch {
	case err == nil:
	case kyc.IsCode(err, "bad_record") || kyc.IsCode(err, "engine_panic"):
		e.d.Log.Error("the record of a run is broken", "run", d.key.RunID, "error", err)
		return false, d.condemn(ctx) != stuck
	case kyc.IsCode(err, "erased") && loaded == nil:
		if d.run, err = e.d.Store.Run(ctx, d.key.Tenant, d.key.RunID); err == nil {
			d.bury(ctx)
		}
		return false, true
	default:
		if ctx.Err() == nil {
			e.d.Log.Warn("reading an overdue run", "run", d.key.RunID, "error", err)
		}
		return false, false
	}
	if d.state.Ended() {
		return false, true
	}
	now := d.now()
	var ins []fact
	handover := e.stopping()
	if g := d.state.Gate; g != nil {
		if !g.Until.IsZero() && !now.Before(g.Until) {
			ins = append(ins, d.input(KindGateTimeout, g.Node, 0, now, Moved{By: e.d.Owner, Handover: handover}))
		}
	} else {
		if len(d.state.Calls) > 0 {
			ins = append(ins, d.input(KindTake, "", 0, now, Moved{By: e.d.Owner, Handover: handover}))
		}
		for _, w := range d.state.Waits {
			if !now.Before(w.At) {
				ins = append(ins, d.input(KindRetryDue, w.Node, w.Attempt, now, Moved{By: e.d.Owner, Handover: handover}))
			}
		}
	}
	if len(ins) == 0 {
		return d.restore(ctx)
	}
	switch d.advance(ctx, ins...) {
	case advanced:
		return true, false
	case lost:
		return false, true
	}
	return false, false
}

// restore puts the due time of a run right that was claimed before its time;
// a short wait goes on here.
func (d *drive) restore(ctx context.Context) (goOn, over bool) {
	r := d.run
	r.DueAt, r.LeaseOwner = d.due(&d.state, false)
	r.Touch(d.now())
	if err := d.e.d.Store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&r}}); err != nil {
		return false, kyc.IsCode(err, "concurrent_change")
	}
	d.run = r
	return r.LeaseOwner != "", true
}

// condemn ends a run whose record cannot be folded. The record stays as it is
// for whoever looks into it; the session becomes failed, never decided.
func (d *drive) condemn(ctx context.Context) verdict {
	r := d.run
	now := d.now()
	r.Touch(now)
	r.Status, r.ReasonCode, r.EndedAt = kyc.RunFailed, "bad_record", now
	r.DueAt, r.LeaseOwner, r.Gate, r.GateNode, r.GateUntil = time.Time{}, "", "", "", time.Time{}
	c := kyc.Change{Put: []kyc.Object{&r}}
	if s, err := d.e.d.Store.Session(ctx, r.Tenant, r.SessionID); err == nil && s.RunID == r.ID && s.Move(kyc.SessionFailed, now) == nil {
		s.ReasonCode = "bad_record"
		if h := d.e.d.Hooks.Finished; h != nil {
			f := Finished{Status: kyc.RunFailed, ReasonCode: "bad_record", Reason: "the record of the run is broken", At: now, By: kyc.SystemActor("engine"), State: d.state}
			if extra, err := h(ctx, r, &s, f); err == nil {
				c.Add(extra)
			}
		}
		s.Touch(now)
		c.Put = append(c.Put, &s)
	}
	if err := d.e.d.Store.Commit(ctx, &c); err != nil {
		if kyc.IsCode(err, "concurrent_change") {
			return lost
		}
		d.e.d.Log.Error("a broken run cannot be ended", "run", r.ID, "error", err)
		return stuck
	}
	return advanced
}

// handBack makes a run due at once for anybody.
func (e *Engine) handBack(ctx context.Context, d *drive) {
	l := kyc.Lease{Tenant: d.run.Tenant, RunID: d.run.ID, Owner: e.d.Owner}
	if err := e.d.Store.ReleaseLeases(context.WithoutCancel(kyc.WithoutUnit(ctx)), []kyc.Lease{l}); err != nil {
		e.d.Log.Warn("handing back a run", "run", d.run.ID, "error", err)
	}
}
