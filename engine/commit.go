package engine

import (
	"context"
	"errors"
	"time"

	"bonafide/kyc"
)

// verdict on an attempt to move a run on.
type verdict int

const (
	advanced verdict = iota
	lost             // somebody else drives it, or it is over
	stuck            // the store does not answer; whoever finds the lease over goes on
)

// Waits between attempts to commit while the store does not answer.
var commitWaits = [...]time.Duration{20 * time.Millisecond, 100 * time.Millisecond, 500 * time.Millisecond, 2 * time.Second}

// maxRaces is how often a commit is planned anew because the session or
// something of a hook changed under it.
const maxRaces = 8

// advance records inputs and makes their consequences true. The run's revision
// and the place of each input guard it: when somebody else was quicker it
// stops quietly.
func (d *drive) advance(ctx context.Context, ins ...fact) verdict {
	err := d.record(ctx, ins...)
	switch {
	case err == nil:
		d.sweepFlights()
		return advanced
	case errors.Is(err, errLost):
		return lost
	case ctx.Err() != nil:
		return stuck
	case kyc.IsCode(err, "erased"):
		return d.bury(ctx)
	case errors.Is(err, errMoved):
		d.e.d.Log.Info("the session went elsewhere; the run is called off", "run", d.run.ID)
		return d.close(ctx, KindCancel, "session_moved", "the session was decided or ended elsewhere")
	case kyc.KindOf(err) == kyc.Unavailable:
		d.e.d.Log.Warn("the store does not answer", "run", d.run.ID, "error", err)
		return stuck
	}
	d.e.d.Log.Error("a run cannot go on", "run", d.run.ID, "error", err)
	return d.close(ctx, KindFail, kyc.AsError(err).Code, "the engine could not go on")
}

// errLost says that the run moved on without us.
var errLost = errors.New("somebody else drives the run")

// record is advance without the last resorts.
func (d *drive) record(ctx context.Context, ins ...fact) error {
	return d.recordAs(ctx, d.e.stopping(), ins...)
}

// recordAs says whether this process goes on with the run itself.
func (d *drive) recordAs(ctx context.Context, handover bool, ins ...fact) error {
	tries, races := 0, 0
	for {
		c := kyc.Change{}
		p, err := d.plan(ctx, &c, nil, handover, ins...)
		if err == nil {
			err = d.e.d.Store.Commit(ctx, &c)
		}
		switch {
		case err == nil:
			d.accept(p)
			d.announce()
			return nil
		case kyc.IsCode(err, "concurrent_change"):
			if races++; races > maxRaces {
				return kyc.Errorf(kyc.Unavailable, "too_many_races", "the run lost too many races: %w", err)
			}
			if err := d.stillOurs(ctx); err != nil {
				return err
			}
			d.session = nil // it changed, or something of a hook did
		case errors.Is(err, errMoved):
			// Perhaps the run that moved it is this one, in other hands.
			if err := d.stillOurs(ctx); err != nil {
				return err
			}
			if d.session == nil || races > 0 {
				return err
			}
			races++
			d.session = nil // it was remembered; look again
		case settled(err) || tries == len(commitWaits) || ctx.Err() != nil:
			return err
		default:
			select {
			case <-d.e.d.After(commitWaits[tries]):
			case <-ctx.Done():
				return ctx.Err()
			}
			tries++
		}
	}
}

// settled reports whether trying again cannot help.
func settled(err error) bool {
	var e *kyc.Error
	return errors.As(err, &e) && e.Kind != kyc.Unavailable && (e.Kind != kyc.Internal || e.Code == "bad_record" || e.Code == "engine_panic")
}

// stillOurs asks the store whether the run stands where we left it.
func (d *drive) stillOurs(ctx context.Context) error {
	r, err := d.e.d.Store.Run(ctx, d.run.Tenant, d.run.ID)
	if err != nil {
		return err
	}
	if r.Rev != d.run.Rev {
		return errLost
	}
	return nil
}

// close ends the run when it cannot be moved on otherwise. Where even that is
// refused with the hooks' additions, it is tried without them: a run that
// cannot end would be picked up again for ever.
func (d *drive) close(ctx context.Context, kind, code, reason string) verdict {
	in := d.input(kind, "", 0, d.now(), Ended{Code: code, Reason: reason, By: kyc.SystemActor("engine")})
	err := d.record(ctx, in)
	if errors.Is(err, errLost) {
		return lost
	}
	if err == nil {
		return advanced
	}
	if kyc.KindOf(err) == kyc.Unavailable || ctx.Err() != nil {
		return stuck
	}
	d.bare = true
	switch err := d.record(ctx, in); {
	case err == nil:
		return advanced
	case errors.Is(err, errLost):
		return lost
	}
	d.e.d.Log.Error("a run cannot even be ended", "run", d.run.ID, "error", err)
	return stuck
}

// bury closes the row of a run whose subject was erased: nothing about it can
// be recorded any more.
func (d *drive) bury(ctx context.Context) verdict {
	r := d.run
	now := d.now()
	r.Touch(now)
	r.Status, r.ReasonCode, r.EndedAt = kyc.RunCancelled, "erased", now
	r.DueAt, r.LeaseOwner, r.Gate, r.GateNode, r.GateUntil = time.Time{}, "", "", "", time.Time{}
	c := kyc.Change{Put: []kyc.Object{&r}}
	if s, err := d.e.d.Store.Session(ctx, r.Tenant, r.SessionID); err == nil && s.RunID == r.ID && s.Move(kyc.SessionCancelled, now) == nil {
		s.ReasonCode = "erased"
		s.Touch(now)
		c.Put = append(c.Put, &s)
	}
	if err := d.e.d.Store.Commit(ctx, &c); err != nil {
		if kyc.IsCode(err, "concurrent_change") {
			return lost
		}
		return stuck
	}
	d.run = r
	return lost
}

// freshSession is a copy of the session to change.
func (d *drive) freshSession(ctx context.Context) (*kyc.Session, error) {
	if d.session != nil {
		s := *d.session
		return &s, nil
	}
	s, err := d.e.d.Store.Session(ctx, d.run.Tenant, d.run.SessionID)
	if err != nil {
		return nil, err
	}
	d.session = &s
	mine := s
	return &mine, nil
}
