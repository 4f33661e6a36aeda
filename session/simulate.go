package session

import (
	"context"
	"time"

	"bonafide/kyc"
)

// The outcomes that a sandbox session can be told to have.
const (
	SimApprove = "approve"
	SimDecline = "decline"
	SimReview  = "require-review"
	SimExpire  = "expire"
)

// Simulations lists them.
func Simulations() []string { return []string{SimApprove, SimDecline, SimReview, SimExpire} }

// Simulate decides a sandbox session without running anything. Errors: 403
// sandbox_only on live keys, 422 for an unknown outcome, 409 when the session
// is at work or decided.
func (m *Sessions) Simulate(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, outcome string) (kyc.Session, error) {
	if t.Env != kyc.Sandbox {
		return kyc.Session{}, kyc.Errorf(kyc.Forbidden, "sandbox_only", "only sandbox sessions can be simulated")
	}
	s, err := m.writable(ctx, t, id)
	if err != nil {
		return s, err
	}
	now, _, err := m.now(ctx, t)
	if err != nil {
		return s, err
	}
	switch outcome {
	case SimExpire:
		return m.expire(ctx, s, by, now)
	case SimApprove, SimDecline, SimReview:
	default:
		return s, kyc.InvalidInput("unknown_outcome", "the outcome is approve, decline, require-review or expire",
			[]kyc.Problem{{Path: "/outcome", Code: "unknown_outcome", Message: "use approve, decline, require-review or expire"}})
	}
	if !s.Status.Open() && s.Status != kyc.SessionReview {
		return s, kyc.Errorf(kyc.Conflict, "invalid_transition", "the session is %s; only an open session or one under review can be simulated", s.Status)
	}
	return m.settle(ctx, s, by, now, outcome)
}

func (m *Sessions) settle(ctx context.Context, s kyc.Session, by kyc.Actor, now time.Time, outcome string) (kyc.Session, error) {
	change := &kyc.Change{}
	before := digest(&s)
	next, what, result := kyc.SessionApproved, "approved", kyc.Approved
	switch outcome {
	case SimDecline:
		next, what, result = kyc.SessionRejected, "declined", kyc.Rejected
	case SimReview:
		next, what, result = kyc.SessionReview, "requires-review", kyc.NeedsReview
	}
	if err := s.Move(next, now); err != nil {
		return s, err
	}
	s.Result, s.ReasonCode, s.TokenHash = result, "simulated", ""
	cases, err := m.file(ctx, &s, now, result, kyc.Filing{ReasonCode: "simulated", By: by})
	if err != nil {
		return s, err
	}
	change.Add(cases)
	if outcome != SimReview {
		subject, err := m.d.Store.Subject(ctx, s.Tenant, s.SubjectID)
		if err != nil {
			return s, err
		}
		if subject.Judge(result) {
			subject.Touch(now)
			change.Put = append(change.Put, &subject)
		}
	}
	s.Sequence++
	s.Touch(now)
	e := m.sessionEvent(ctx, &s, by, now, "session.simulate", what, nil)
	e.Before = before
	change.Put = append(change.Put, &s)
	change.Events = append(change.Events, e)
	return s, m.d.Store.Commit(ctx, change)
}
