package journey

import (
	"context"
	"time"

	"bonafide/kyc"
)

// The engine and the review desk call these while they prepare a commit, so
// that what they add is stored together with the run or the case. They change
// the session in memory, raise its sequence, and never commit.

// Finished turns the end of a run into the session's story: its events, the
// entry of the decision history, the review, accepted corrections and the
// enrolment in monitoring. The engine has moved the session already; a run that
// failed, and a reprocess that is held for the reviewer, become a review here.
func (m *Machine) Finished(ctx context.Context, run *kyc.Run, s *kyc.Session, at time.Time, end End) (kyc.Change, error) {
	v, err := m.viewOf(ctx, *s)
	if err != nil {
		return kyc.Change{}, err
	}
	v.now, v.was = at, kyc.SessionRunning
	c, err := m.finished(ctx, v, run, end)
	if err != nil {
		return kyc.Change{}, err
	}
	*s = v.session
	return c, nil
}

func (m *Machine) finished(ctx context.Context, v *view, run *kyc.Run, end End) (kyc.Change, error) {
	by := kyc.SystemActor("engine")
	var c kyc.Change
	failed := v.session.Status == kyc.SessionFailed
	if err := v.land(end); err != nil {
		return c, err
	}
	if err := m.letGo(ctx, v, &c); err != nil {
		return c, err
	}
	switch v.session.Status {
	case kyc.SessionReview:
		end.Filing.By, end.Filing.ReasonCode = by, v.session.ReasonCode
		if err := m.openCase(ctx, v, &c, end.Filing); err != nil {
			return c, err
		}
	case kyc.SessionApproved, kyc.SessionRejected:
		if err := m.closeCase(ctx, v, kyc.Closing{Outcome: v.session.Result, By: by, Code: v.session.ReasonCode}, &c); err != nil {
			return c, err
		}
		if err := m.judge(ctx, v, v.session.Result, &c); err != nil {
			return c, err
		}
		v.accept()
	default: // called off by the engine: nobody decided anything
		c.Events = append(c.Events, v.note(ctx, by, "session.cancel"))
		return c, nil
	}
	r, err := m.ruling(ctx, v, by, kyc.SessionRunning, false, kyc.RulingWords{})
	if err != nil {
		return c, err
	}
	r.RunID = run.ID
	c.Put = append(c.Put, r)
	c.Events = append(c.Events, m.tellEnd(ctx, v, by, end, failed)...)
	m.tellParent(ctx, v, by, &c)
	m.enrol(ctx, v, by, &c)
	v.journey.ReviewOnly = false
	v.journey.Touch(v.now)
	c.Put = append(c.Put, &v.journey)
	return c, nil
}

// land brings the session from where the engine left it to where it belongs on
// this surface.
func (v *view) land(end End) error {
	s := &v.session
	switch {
	case s.Status == kyc.SessionFailed:
		// A failure decides nothing: a person looks (api.md 2.3).
		s.Status = kyc.SessionRunning
		s.Result, s.ReasonCode = kyc.NeedsReview, ReasonProcessing
		return s.Move(kyc.SessionReview, v.now)
	case v.journey.ReviewOnly && (s.Status == kyc.SessionApproved || s.Status == kyc.SessionRejected):
		s.Result, s.ReasonCode = kyc.NeedsReview, ReasonHeld
		return s.Overrule(kyc.SessionReview, v.now)
	case s.Status == kyc.SessionReview && s.ReasonCode == "":
		s.ReasonCode = end.Filing.ReasonCode
	}
	return nil
}

// tellEnd are the messages about the end of a processing.
func (m *Machine) tellEnd(ctx context.Context, v *view, by kyc.Actor, end End, failed bool) []kyc.Event {
	extra := map[string]any{"automation_flags": v.flags(end.Checks), "summary": summary(end.Checks)}
	var out []kyc.Event
	action := map[kyc.SessionStatus]string{kyc.SessionApproved: "session.approve", kyc.SessionRejected: "session.decline", kyc.SessionReview: "session.require_review"}[v.session.Status]
	if failed {
		action = "session.fail"
	} else {
		out = append(out, m.tell(ctx, v, by, "session.processed", NewsProcessed, extra))
	}
	if v.session.Status == kyc.SessionReview {
		return append(out, m.tell(ctx, v, by, action, NewsManualReview, extra))
	}
	// approved and rejected are told of decisions by hand; processed says it
	// here, and the chain keeps the decision under its usual name.
	return append(out, v.note(ctx, by, action))
}

// flags are the automation_flags of a run: codes, rules and their authors'
// words, no facts.
func (v *view) flags(checks map[string]kyc.CheckFact) []Flag {
	flags := flagsOf(checks[policyRules].Details)
	if v.session.ReasonCode == ReasonProcessing {
		flags = append(flags, processingFlag())
	}
	return flags
}

// Settled adds to a reviewer's decision that the review desk made: the entry
// of the decision history, accepted corrections, the parent's message. The
// desk calls it after it moved the session and before it stores it; from is
// the state before. words are stored encrypted. An approval in spite of a
// confirmed sanction hit is refused (409 sanction_hit_open), because it needs
// the override of SetStatus, and so is the decision of a session that is not
// under review (409 invalid_transition): a case that a person opened about it
// is no processing.
func (m *Machine) Settled(ctx context.Context, s *kyc.Session, from kyc.SessionStatus, by kyc.Actor, at time.Time, words kyc.RulingWords) (kyc.Change, error) {
	v, err := m.viewOf(ctx, *s)
	if err != nil {
		return kyc.Change{}, err
	}
	v.now, v.was = at, from
	var c kyc.Change
	if from != kyc.SessionReview {
		return c, kyc.Errorf(kyc.Conflict, "invalid_transition", "the session is %s and cannot become %s by a review", Word(from), Word(s.Status))
	}
	if err := m.sanctioned(ctx, v, Verdict{}, s.Status); err != nil {
		return c, err
	}
	r, err := m.ruling(ctx, v, by, from, false, words)
	if err != nil {
		return c, err
	}
	c.Put = append(c.Put, r)
	if v.accept() || v.journey.ReviewOnly {
		v.journey.ReviewOnly = false
		v.journey.Touch(at)
		c.Put = append(c.Put, &v.journey)
	}
	m.enrol(ctx, v, by, &c)
	m.tellParent(ctx, v, by, &c)
	s.Sequence = v.session.Sequence
	return c, nil
}
