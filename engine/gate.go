package engine

import (
	"bytes"
	"context"
	"errors"

	"bonafide/kyc"
)

// GateDecision is what somebody outside decided at a gate (surface D, D40).
type GateDecision struct {
	Gate     string // optional; must match the gate the run waits at
	Decision string // continue, fail or reject
	Metadata map[string]any
	Actor    kyc.Actor
}

// Resumed is the answer to a decision.
type Resumed struct {
	Run     kyc.Run
	Session kyc.Session
	Gate    string
	// Repeat says that the very same decision had been accepted before.
	Repeat bool
}

// Resume gives a waiting run its decision. The first decision wins; the same
// one again is accepted and changes nothing. Conflicts: gate_already_decided,
// gate_timed_out, gate_mismatch, not_awaiting_external. It is written at once,
// outside the request's unit, because the race must be decided now; repeating
// the request is harmless.
func (e *Engine) Resume(ctx context.Context, t kyc.Tenant, session kyc.ID, g GateDecision) (Resumed, error) {
	ctx = kyc.WithoutUnit(ctx)
	switch g.Decision {
	case Continue, Fail, Reject:
	default:
		return Resumed{}, kyc.InvalidInput("invalid_decision", "the decision cannot be taken",
			[]kyc.Problem{{Path: "/decision", Code: "invalid_decision", Message: "use continue, fail or reject"}})
	}
	for range maxRaces {
		s, err := e.d.Store.Session(ctx, t, session)
		if err != nil {
			return Resumed{}, err
		}
		if s.RunID == "" {
			return Resumed{}, notWaiting(s)
		}
		d, err := e.load(ctx, t, s.RunID)
		if err != nil {
			return Resumed{}, err
		}
		now, offset, err := e.now(ctx, t)
		if err != nil {
			return Resumed{}, err
		}
		d.offset = offset
		gate := d.state.Gate
		if gate == nil || (g.Gate != "" && g.Gate != gate.Name) {
			return e.late(ctx, d, s, g)
		}
		if !gate.Until.IsZero() && !now.Before(gate.Until) {
			if err := e.timeOut(ctx, d); err != nil && !errors.Is(err, errLost) {
				return Resumed{}, err
			}
			e.refused(ctx, d, g, "gate_timed_out")
			return Resumed{}, kyc.Errorf(kyc.Conflict, "gate_timed_out", "gate %q closed at %s", gate.Name, gate.Until.Format("2006-01-02T15:04:05Z07:00"))
		}
		local := e.room() > 0
		d.session = &s
		in := d.input(KindGateDecision, gate.Node, 0, now, Decision{Gate: gate.Name, Decision: g.Decision, Metadata: g.Metadata, By: g.Actor, Handover: !local})
		c := kyc.Change{Events: []kyc.Event{{ID: kyc.NewID(now), Tenant: t, At: now, Actor: g.Actor, Action: "session.external_decision",
			Object: "session", ObjectID: session, SubjectID: s.SubjectID, Reason: gate.Name + ": " + g.Decision, RequestID: kyc.RequestFrom(ctx).ID}}}
		p, err := d.plan(ctx, &c, nil, !local, in)
		if errors.Is(err, errMoved) && errors.Is(d.stillOurs(ctx), errLost) {
			continue
		}
		if err != nil {
			return Resumed{}, err
		}
		if !local && !p.state.Ended() {
			c.Jobs = append(c.Jobs, wakeJob(p.run, d.e.d.Clock.Now()))
		}
		err = e.d.Store.Commit(ctx, &c)
		if kyc.IsCode(err, "concurrent_change") {
			continue // somebody was quicker; look again
		}
		if err != nil {
			return Resumed{}, err
		}
		d.accept(p)
		d.announce()
		answer := Resumed{Run: p.run, Session: *d.session, Gate: gate.Name}
		if local && d.busy() && !e.launch(d) {
			e.handBack(ctx, d)
		}
		return answer, nil
	}
	return Resumed{}, kyc.Errorf(kyc.Unavailable, "busy", "the session changes too fast; try again")
}

func notWaiting(s kyc.Session) error {
	return kyc.Errorf(kyc.Conflict, "not_awaiting_external", "the session is %s and waits for no decision", s.Status)
}

// late answers a decision for a gate at which the run does not wait now.
func (e *Engine) late(ctx context.Context, d *drive, s kyc.Session, g GateDecision) (Resumed, error) {
	var past *Gate
	for i := range d.state.Gates {
		if p := &d.state.Gates[i]; g.Gate == "" || p.Name == g.Gate {
			past = p
		}
	}
	switch {
	case past == nil && d.state.Gate != nil:
		return Resumed{}, kyc.Errorf(kyc.Conflict, "gate_mismatch", "the run waits at gate %q, not %q", d.state.Gate.Name, g.Gate)
	case past == nil:
		return Resumed{}, notWaiting(s)
	case past.Decision == "timeout":
		e.refused(ctx, d, g, "gate_timed_out")
		return Resumed{}, kyc.Errorf(kyc.Conflict, "gate_timed_out", "gate %q timed out before this decision came", past.Name)
	case past.Decision != g.Decision || !same(past.Metadata, g.Metadata):
		e.refused(ctx, d, g, "gate_already_decided")
		return Resumed{}, kyc.Errorf(kyc.Conflict, "gate_already_decided", "gate %q was decided already: %s", past.Name, past.Decision)
	}
	return Resumed{Run: d.run, Session: s, Gate: past.Name, Repeat: true}, nil
}

// same compares what two requests said, whatever order their keys had.
func same(a, b map[string]any) bool {
	if len(a) == 0 && len(b) == 0 {
		return true
	}
	var x, y any
	if decode(mustJSON(a), &x) != nil || decode(mustJSON(b), &y) != nil {
		return false
	}
	return bytes.Equal(mustJSON(x), mustJSON(y))
}

// refused leaves an audit entry of a decision that came too late.
func (e *Engine) refused(ctx context.Context, d *drive, g GateDecision, why string) {
	now := d.now()
	c := kyc.Change{Events: []kyc.Event{{ID: kyc.NewID(now), Tenant: d.run.Tenant, At: now, Actor: g.Actor,
		Action: "session.external_decision_refused", Object: "session", ObjectID: d.run.SessionID, SubjectID: d.run.SubjectID,
		Reason: why + ": " + g.Decision, RequestID: kyc.RequestFrom(ctx).ID}}}
	if err := e.d.Store.Commit(ctx, &c); err != nil {
		e.d.Log.Warn("recording a refused decision", "run", d.run.ID, "error", err)
	}
}

// TimeOut closes the gate of a run when its time is over.
func (e *Engine) TimeOut(ctx context.Context, t kyc.Tenant, run kyc.ID) error {
	ctx = kyc.WithoutUnit(ctx)
	d, err := e.load(ctx, t, run)
	if err != nil {
		return err
	}
	now, offset, err := e.now(ctx, t)
	if err != nil {
		return err
	}
	d.offset = offset
	if g := d.state.Gate; g == nil || g.Until.IsZero() || now.Before(g.Until) {
		return nil
	}
	if err := e.timeOut(ctx, d); err != nil && !errors.Is(err, errLost) {
		return err
	}
	return nil
}

func (e *Engine) timeOut(ctx context.Context, d *drive) error {
	local := e.room() > 0
	in := d.input(KindGateTimeout, d.state.Gate.Node, 0, d.now(), Moved{By: e.d.Owner, Handover: !local})
	if err := d.recordAs(ctx, !local, in); err != nil {
		return err
	}
	if local && d.busy() && !e.launch(d) {
		e.handBack(ctx, d)
	}
	return nil
}

// ClockMoved is called when a sandbox clock was put forward: gates whose time
// has come are closed. It answers how many runs were looked at.
func (e *Engine) ClockMoved(ctx context.Context, t kyc.Tenant) (int, error) {
	ctx = kyc.WithoutUnit(ctx)
	looked := 0
	page := kyc.Page{Limit: 200}
	for {
		list, _, err := e.d.Store.Sessions(ctx, t, kyc.SessionFilter{Status: []kyc.SessionStatus{kyc.SessionPaused}}, page)
		if err != nil {
			return looked, err
		}
		for _, s := range list {
			if s.RunID == "" {
				continue
			}
			looked++
			if err := e.TimeOut(ctx, t, s.RunID); err != nil {
				e.d.Log.Warn("timing out a gate", "run", s.RunID, "error", err)
			}
		}
		if len(list) < page.Limit {
			return looked, nil
		}
		page.After = list[len(list)-1].ID
	}
}

// Cancel calls a run off; the session becomes cancelled. A run that has ended
// is a Conflict run_ended. Like Resume it writes at once.
func (e *Engine) Cancel(ctx context.Context, t kyc.Tenant, run kyc.ID, reason string, by kyc.Actor) error {
	ctx = kyc.WithoutUnit(ctx)
	for range maxRaces {
		d, err := e.load(ctx, t, run)
		if err != nil {
			return err
		}
		if d.state.Ended() {
			return kyc.Errorf(kyc.Conflict, "run_ended", "the run is %s already", d.state.Status)
		}
		if _, d.offset, err = e.now(ctx, t); err != nil {
			return err
		}
		err = d.record(ctx, d.input(KindCancel, "", 0, d.now(), Ended{Code: "cancelled", Reason: reason, By: by}))
		if errors.Is(err, errLost) {
			continue
		}
		if err != nil {
			return err
		}
		e.mu.Lock()
		if here := e.active[run]; here != nil && here.cancel != nil {
			here.cancel()
		}
		e.mu.Unlock()
		return nil
	}
	return kyc.Errorf(kyc.Unavailable, "busy", "the run moves too fast; try again")
}
