package intake

import (
	"context"
	"slices"
	"strings"
	"time"

	"bonafide/checklist"
	"bonafide/kyc"
)

// maxReason is how much may be written about a decision, in bytes.
const maxReason = 2000

// SetStatus decides a submitted session by hand, or reverses a decision with a
// reason (B10). It closes the open case and adds to the decision history. Under
// dual review the first word is kept with the case and the session stays
// SUBMITTED until a second, different person agrees or not. Errors: Invalid
// invalid_status; 409 invalid_transition, session_processing, reason_required,
// not_claimable, same_reviewer; 403 conflict_of_interest; 412.
func (m *Machine) SetStatus(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, n NewStatus) (State, error) {
	n.Reason = strings.TrimSpace(n.Reason)
	if err := n.check(); err != nil {
		return State{}, err
	}
	v, err := m.loadFor(ctx, t, id, n.Rev)
	if err != nil {
		return State{}, err
	}
	next, err := v.target(n)
	if err != nil {
		return State{}, err
	}
	if by.Kind == kyc.ActorUser && sender(&v.session) == by.ID {
		return State{}, kyc.Errorf(kyc.Forbidden, "conflict_of_interest", "a reviewer may not decide what they created themselves")
	}
	review, err := kyc.OpenReview(ctx, m.d.Store, &v.session)
	if err != nil {
		return State{}, err
	}
	if next == kyc.SessionApproved && n.Reason == "" && confirmed(review) {
		return State{}, kyc.Errorf(kyc.Conflict, "reason_required", "a sanction hit was confirmed as a true match; verifying needs a reason")
	}
	var c kyc.Change
	wait, confirmed, err := m.second(ctx, v, by, n, next, review, &c)
	if err != nil {
		return State{}, err
	}
	if n.Checklist = confirmed; !wait {
		if err := m.decide(ctx, v, by, n, next, review, &c); err != nil {
			return State{}, err
		}
	}
	if err := m.save(ctx, v, by, c); err != nil {
		return State{}, err
	}
	return v.state(), nil
}

func (n NewStatus) check() error {
	var p []kyc.Problem
	if n.Status != "VERIFIED" && n.Status != "REJECTED" {
		p = append(p, kyc.Problem{Path: "/new_status", Code: "status_invalid", Message: "use VERIFIED or REJECTED"})
	}
	if len(n.Reason) > maxReason {
		p = append(p, kyc.Problem{Path: "/reason", Code: "too_long", Message: "at most 2000 bytes"})
	}
	if len(p) > 0 {
		return kyc.InvalidInput("invalid_status", "the decision cannot be taken", p)
	}
	return nil
}

// target finds the engine's state for a decision and refuses illegal moves.
func (v *view) target(n NewStatus) (kyc.SessionStatus, error) {
	next := kyc.SessionApproved
	if n.Status == "REJECTED" {
		next = kyc.SessionRejected
	}
	switch v.session.Status {
	case kyc.SessionReview:
		return next, nil
	case kyc.SessionApproved, kyc.SessionRejected:
		if v.session.Status == next {
			break
		}
		if n.Reason == "" {
			return next, kyc.Errorf(kyc.Conflict, "reason_required", "the session is %s; reversing a decision needs a reason", Word(v.session.Status))
		}
		return next, nil
	case kyc.SessionCaptured, kyc.SessionRunning, kyc.SessionPaused, kyc.SessionFailed:
		return next, kyc.Errorf(kyc.Conflict, "session_processing", "the checks of this session are not over yet; try again in a moment")
	case kyc.SessionCreated, kyc.SessionCapturing, kyc.SessionCorrection, kyc.SessionExpired, kyc.SessionCancelled:
	}
	return next, kyc.Errorf(kyc.Conflict, "invalid_transition", "the session is %s and cannot become %s", Word(v.session.Status), n.Status)
}

// confirmed reports whether a reviewer called a sanction hit a true match: by the
// last word on the whole check or on one of its hits.
func confirmed(c *kyc.Case) bool {
	if c == nil {
		return false
	}
	whole := ""
	for _, o := range slices.Backward(c.Overrides) {
		if o.Policy == checklist.PolicyWatchlists {
			whole = o.Result
			break
		}
	}
	return whole == "failed" || slices.ContainsFunc(c.Private.Hits, func(j kyc.JudgedHit) bool {
		return j.Policy == checklist.PolicyWatchlists && c.WordOn(j.Policy, j.RunID, kyc.Hit{List: j.List, EntryID: j.EntryID, Party: j.Party}) == kyc.HitTrue
	})
}

// second respects a claim of somebody else, and under dual review asks for the
// second person: the first word is kept with the case, the session waits.
func (m *Machine) second(ctx context.Context, v *view, by kyc.Actor, n NewStatus, next kyc.SessionStatus, review *kyc.Case, c *kyc.Change) (wait bool, confirmed []string, err error) {
	first, confirmed, err := kyc.NeedsSecond(ctx, m.d.Store, &v.session, review, by, n.Checklist, v.now, v.settings())
	if err != nil || !first {
		return false, confirmed, err
	}
	var events []kyc.Event
	if review == nil {
		if m.d.OpenCase == nil {
			return false, nil, kyc.Errorf(kyc.Unavailable, "no_review_desk", "dual review needs the review desk")
		}
		if review, events, err = m.d.OpenCase(ctx, &v.session, v.now, kyc.Filing{ReasonCode: "second_review", By: by}); err != nil {
			return false, nil, err
		}
		v.session.CaseID = review.ID
	} else {
		review.Touch(v.now)
	}
	review.Recommend(kyc.CaseDecision{Outcome: kyc.DecisionOf(next), ReviewerID: by.Reviewer(), At: v.now, By: by, Checklist: confirmed})
	review.Private.First = n.Reason
	c.Put = append(c.Put, review)
	e := event(ctx, v.session.Tenant, by, v.now, "case.recommend", "case", review.ID, v.session.SubjectID)
	e.After = digest(review)
	c.Events = append(c.Events, events...)
	c.Events = append(c.Events, e)
	return true, confirmed, nil
}

// decide makes a decision true.
func (m *Machine) decide(ctx context.Context, v *view, by kyc.Actor, n NewStatus, next kyc.SessionStatus, review *kyc.Case, c *kyc.Change) error {
	from, move := v.session.Status, v.session.Move
	overrule := from == kyc.SessionApproved || from == kyc.SessionRejected
	if overrule {
		move = v.session.Overrule
	}
	if err := move(next, v.now); err != nil {
		return err
	}
	v.session.Result = kyc.DecisionOf(next)
	v.session.ReasonCode = "reviewer_" + strings.ToLower(n.Status)
	if err := m.closeCase(ctx, v, review, kyc.Closing{Outcome: v.session.Result, By: by, Reviewed: true, Checklist: n.Checklist}, c); err != nil {
		return err
	}
	if err := m.judge(ctx, v, c); err != nil {
		return err
	}
	r, err := m.ruling(ctx, v, by, from, overrule, kyc.RulingWords{Reason: n.Reason, Checklist: n.Checklist})
	if err != nil {
		return err
	}
	c.Put = append(c.Put, r)
	action, what := "session.approve", NewsVerified
	if next == kyc.SessionRejected {
		action, what = "session.decline", NewsRejected
	}
	c.Events = append(c.Events, m.tell(ctx, v, by, action, what, nil))
	return nil
}

// Void ends a session that nobody decided; its run is cancelled (B15). A second
// call answers like the first. Errors: 409 invalid_transition for a decided
// session; 412.
func (m *Machine) Void(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64) (Voided, error) {
	for range maxRaces {
		v, err := m.loadFor(ctx, t, id, rev)
		if err != nil {
			return Voided{}, err
		}
		switch v.session.Status {
		case kyc.SessionCancelled, kyc.SessionExpired:
			return Voided{State: v.state()}, nil
		case kyc.SessionApproved, kyc.SessionRejected:
			return Voided{}, kyc.Errorf(kyc.Conflict, "invalid_transition", "the session is %s and cannot become VOIDED", Word(v.session.Status))
		case kyc.SessionRunning, kyc.SessionPaused:
			// The engine ends the run and the session in one commit and asks
			// Finished for the rest. Where the run ended a moment ago, what it
			// left is looked at again.
			err := m.d.Cancel(ctx, t, v.session.RunID, "voided", by)
			if err != nil && !kyc.IsCode(err, "run_ended") {
				return Voided{}, err
			}
			if err == nil { // the engine's own entries do not say who asked for it
				e := v.note(ctx, by, "session.void")
				if err := m.d.Store.Commit(ctx, &kyc.Change{Events: []kyc.Event{e}}); err != nil {
					return Voided{}, err
				}
			}
			rev = 0
			continue
		case kyc.SessionCreated, kyc.SessionCapturing, kyc.SessionCaptured, kyc.SessionReview, kyc.SessionCorrection, kyc.SessionFailed:
		}
		return m.void(ctx, v, by)
	}
	return Voided{}, kyc.Errorf(kyc.Unavailable, "busy", "the session moves too fast; try again")
}

func (m *Machine) void(ctx context.Context, v *view, by kyc.Actor) (Voided, error) {
	from := v.session.Status
	v.journey.Before = from
	if err := v.session.Move(kyc.SessionCancelled, v.now); err != nil {
		return Voided{}, err
	}
	v.session.Result, v.session.ReasonCode = "", "voided"
	var c kyc.Change
	review, err := kyc.OpenReview(ctx, m.d.Store, &v.session)
	if err != nil {
		return Voided{}, err
	}
	if err := m.closeCase(ctx, v, review, kyc.Closing{Outcome: kyc.Rejected, By: by}, &c); err != nil { // a voided session's review ends with it
		return Voided{}, err
	}
	r, err := m.ruling(ctx, v, by, from, false, kyc.RulingWords{})
	if err != nil {
		return Voided{}, err
	}
	c.Put = append(c.Put, r)
	c.Events = append(c.Events, m.tell(ctx, v, by, "session.cancel", NewsVoided, nil))
	if err := m.save(ctx, v, by, c); err != nil {
		return Voided{}, err
	}
	return Voided{State: v.state()}, nil
}

// Expire ends an open session whose time is over. The sweep calls it.
func (m *Machine) Expire(ctx context.Context, s kyc.Session, by kyc.Actor, now time.Time) (kyc.Session, error) {
	if !s.Status.Open() {
		return s, kyc.Errorf(kyc.Conflict, "invalid_transition", "the session is %s and cannot expire", Word(s.Status))
	}
	v, err := m.viewOf(ctx, s)
	if err != nil {
		return s, err
	}
	v.now = now
	v.journey.Before = s.Status
	if err := v.session.Move(kyc.SessionExpired, now); err != nil {
		return s, err
	}
	v.session.ReasonCode = "expired"
	e := m.tell(ctx, v, by, "session.expire", NewsVoided, map[string]any{"reason": "expired"})
	err = m.save(ctx, v, by, kyc.Change{Events: []kyc.Event{e}})
	return v.session, err
}

// Redact destroys the personal data of a session's person (B15). The answer
// shows the session as it stands then. rev is the revision of If-Match, 0 for
// none. Errors: those of the session room (409 legal_hold, session_active); 412.
func (m *Machine) Redact(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64) (Voided, error) {
	v, err := m.load(ctx, t, id)
	if err != nil {
		return Voided{}, err
	}
	if err := match(&v.session.Meta, rev); err != nil {
		return Voided{}, err
	}
	if m.d.Redact == nil {
		return Voided{}, kyc.Errorf(kyc.Unavailable, "redaction_unavailable", "redaction is not set up here")
	}
	if err := m.d.Redact(ctx, t, by, id); err != nil {
		return Voided{}, err
	}
	// It may be written only with the request's unit, so it is not read again.
	if v.session.Status.Open() || v.session.Status == kyc.SessionCaptured {
		v.journey.Before, v.session.Status = v.session.Status, kyc.SessionCancelled
	}
	if v.session.RedactedAt.IsZero() {
		v.session.RedactedAt = v.now
	}
	v.session.TokenHash, v.session.ExternalRef, v.session.Private, v.journey.Private = "", "", kyc.SessionData{}, kyc.JourneyData{}
	return Voided{State: v.state(), Redacted: true}, nil
}
