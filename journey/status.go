package journey

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"bonafide/kyc"
)

// Limits of what a reviewer may write.
const (
	maxReason = 2000
	maxNotes  = 10_000
)

var reasonCode = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)

// Verdict asks for another status (A13).
type Verdict struct {
	Status     string // approved, rejected, manual_review, cancelled
	ReasonCode string // snake_case; empty: reviewer_<status>
	Reason     string // stored encrypted under the person's key
	Notes      string
	// Override reverses a decision, or approves in spite of a confirmed
	// sanction hit; it needs a Reason.
	Override bool
	// Checklist are the points of the checklist of its review's queue that the
	// decision confirms (kyc.ConfirmedFor).
	Checklist []string
}

// Decided is the answer to a Verdict.
type Decided struct {
	Session kyc.Session
	Journey kyc.Journey
	// Pending is true while a second, different person must decide
	// (pending_second_review); the session has not moved then.
	Pending bool
	Ruling  *kyc.Ruling // nil while pending
}

// SetStatus changes a session's status by hand (A13). Legal moves (3.9):
//
//	active                        → cancelled
//	completed, needs_correction   → manual_review, cancelled
//	manual_review                 → approved, rejected, cancelled
//	approved, rejected            → each other, manual_review (override)
//
// Every move but the first two lines' sending to review appends to the
// decision history, which is never rewritten. Under dual review an approval or
// rejection waits for a second, different person. Errors: Invalid
// invalid_decision; 409 invalid_transition with the current state,
// override_required, not_processed, sanction_hit_open, same_reviewer, not_claimable; 403
// conflict_of_interest for who made the session; 412.
func (m *Machine) SetStatus(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, d Verdict) (Decided, error) {
	if err := d.check(); err != nil {
		return Decided{}, err
	}
	v, err := m.loadFor(ctx, t, id, rev)
	if err != nil {
		return Decided{}, err
	}
	next, err := v.target(d)
	if err != nil {
		return Decided{}, err
	}
	var c kyc.Change
	if next == kyc.SessionApproved || next == kyc.SessionRejected {
		if err := m.impartial(ctx, v, by); err != nil {
			return Decided{}, err
		}
		if err := m.sanctioned(ctx, v, d, next); err != nil {
			return Decided{}, err
		}
		wait, confirmed, err := m.second(ctx, v, by, d, next, &c)
		if err != nil {
			return Decided{}, err
		}
		if d.Checklist = confirmed; wait {
			err := m.save(ctx, v, by, c)
			return Decided{Session: v.session, Journey: v.journey, Pending: true}, err
		}
	}
	return m.settle(ctx, v, by, d, next, c)
}

func (d Verdict) check() error {
	var p []kyc.Problem
	add := func(path, code, format string, args ...any) {
		p = append(p, kyc.Problem{Path: path, Code: code, Message: fmt.Sprintf(format, args...)})
	}
	if !slices.Contains([]string{"approved", "rejected", "manual_review", "cancelled"}, d.Status) {
		add("/status", "status_invalid", "use approved, rejected, manual_review or cancelled")
	}
	if d.ReasonCode != "" && !reasonCode.MatchString(d.ReasonCode) {
		add("/reason_code", "reason_code_invalid", "a reason code has 1 to 64 small letters, digits and underscores")
	}
	if slices.Contains([]string{ReasonFlagged, ReasonProcessing, ReasonHeld}, d.ReasonCode) {
		add("/reason_code", "reason_code_reserved", "only the machine itself sets this reason code")
	}
	if len(d.Reason) > maxReason {
		add("/reason", "too_long", "at most %d bytes", maxReason)
	}
	if len(d.Notes) > maxNotes {
		add("/notes", "too_long", "at most %d bytes", maxNotes)
	}
	if d.Override && strings.TrimSpace(d.Reason) == "" {
		add("/reason", "required", "an override needs a reason")
	}
	if len(p) > 0 {
		return kyc.InvalidInput("invalid_decision", "the decision cannot be taken", p)
	}
	return nil
}

// target finds the engine's state for a verdict and refuses illegal moves.
func (v *view) target(d Verdict) (kyc.SessionStatus, error) {
	s := v.session.Status
	in := func(states ...kyc.SessionStatus) bool { return slices.Contains(states, s) }
	decided := in(kyc.SessionApproved, kyc.SessionRejected)
	next, legal := kyc.SessionCancelled, in(kyc.SessionCreated, kyc.SessionCapturing, kyc.SessionCaptured, kyc.SessionReview, kyc.SessionCorrection)
	switch d.Status {
	case "manual_review":
		next, legal = kyc.SessionReview, decided || in(kyc.SessionCaptured, kyc.SessionCorrection)
	case "approved":
		next, legal = kyc.SessionApproved, in(kyc.SessionReview, kyc.SessionRejected)
	case "rejected":
		next, legal = kyc.SessionRejected, in(kyc.SessionReview, kyc.SessionApproved)
	}
	if !legal {
		return next, illegal(&v.session, d.Status)
	}
	if next == kyc.SessionApproved && v.session.RunID == "" && !d.Override {
		return next, kyc.Errorf(kyc.Conflict, "not_processed", "no check has looked at this session yet; process it first, or say with override and a reason why it is approved all the same")
	}
	if decided && !d.Override {
		return next, kyc.Errorf(kyc.Conflict, "override_required", "the session is %s; reversing a decision needs override and a reason", Word(s))
	}
	return next, nil
}

// impartial refuses a person who made the session themselves.
func (m *Machine) impartial(ctx context.Context, v *view, by kyc.Actor) error {
	if by.Kind != kyc.ActorUser {
		return nil
	}
	made, _, err := m.d.Store.Events(ctx, v.session.Tenant, kyc.EventFilter{Object: "session", ObjectID: v.session.ID, Action: "session.create"}, kyc.Page{Limit: 1})
	if err != nil {
		return err
	}
	for _, e := range made {
		if e.Actor.Kind == kyc.ActorUser && e.Actor.ID == by.ID {
			return kyc.Errorf(kyc.Forbidden, "conflict_of_interest", "a reviewer may not decide what they created themselves")
		}
	}
	return nil
}

// sanctioned refuses an approval in spite of a sanction hit that a reviewer
// confirmed, unless it is overridden.
func (m *Machine) sanctioned(ctx context.Context, v *view, d Verdict, next kyc.SessionStatus) error {
	if next != kyc.SessionApproved || d.Override || v.session.RunID == "" {
		return nil
	}
	trace, err := m.d.Trace(ctx, v.session.Tenant, v.session.RunID)
	if err != nil {
		return err
	}
	review, err := m.caseOf(ctx, &v.session)
	if err != nil {
		return err
	}
	status := matchStatus(review, v.session.RunID, policyLists, trace.Checks[policyLists])
	if slices.ContainsFunc(trace.Checks[policyLists].Hits, func(h kyc.Hit) bool { return status(h) == TruePositive }) {
		return kyc.Errorf(kyc.Conflict, "sanction_hit_open", "a sanction hit was confirmed as a true match; approving needs override and a reason")
	}
	return nil
}

// caseOf is the session's review, nil when it has none.
func (m *Machine) caseOf(ctx context.Context, s *kyc.Session) (*kyc.Case, error) {
	if s.CaseID == "" {
		return nil, nil //nolint:nilnil // a session without a review is ordinary
	}
	c, err := m.d.Store.Case(ctx, s.Tenant, s.CaseID)
	return &c, err
}

// second asks for the second person under dual review: the first word is kept
// with the case, the session waits. It also respects a claim of somebody else.
func (m *Machine) second(ctx context.Context, v *view, by kyc.Actor, d Verdict, next kyc.SessionStatus, c *kyc.Change) (wait bool, confirmed []string, err error) {
	who := by.Reviewer()
	review, err := kyc.OpenReview(ctx, m.d.Store, &v.session)
	if err != nil {
		return false, nil, err
	}
	first, confirmed, err := kyc.NeedsSecond(ctx, m.d.Store, &v.session, review, by, d.Checklist, v.now, v.org.EnvSettings(v.session.Tenant.Env))
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
	review.Recommend(kyc.CaseDecision{Outcome: kyc.DecisionOf(next), ReviewerID: who, ReasonCode: d.ReasonCode, At: v.now, By: by, Checklist: confirmed})
	c.Put = append(c.Put, review)
	c.Events = append(c.Events, events...)
	v.tellReviewer(review.ID, by, d, c)
	e := event(ctx, v.session.Tenant, by, v.now, "case.recommend", "case", review.ID, v.session.SubjectID)
	e.After = digest(review)
	c.Events = append(c.Events, e)
	return true, confirmed, nil
}

// tellReviewer leaves what was said of a session as a note of its case, where
// whoever looks next reads it.
func (v *view) tellReviewer(review kyc.ID, by kyc.Actor, d Verdict, c *kyc.Change) {
	text := strings.TrimSpace(d.Reason + "\n" + d.Notes)
	if text == "" {
		return
	}
	n := &kyc.Note{Meta: kyc.Meta{ID: kyc.NewID(v.now), Tenant: v.session.Tenant}, CaseID: review, SubjectID: v.session.SubjectID, Author: by.Reviewer(), Text: text}
	n.Touch(v.now)
	c.Put = append(c.Put, n)
}

// settle makes a verdict true.
func (m *Machine) settle(ctx context.Context, v *view, by kyc.Actor, d Verdict, next kyc.SessionStatus, c kyc.Change) (Decided, error) {
	from := v.session.Status
	move := v.session.Move
	if from == kyc.SessionApproved || from == kyc.SessionRejected {
		move = v.session.Overrule
	}
	if err := move(next, v.now); err != nil {
		return Decided{}, err
	}
	v.session.ReasonCode = d.ReasonCode
	if d.ReasonCode == "" {
		v.session.ReasonCode = "reviewer_" + d.Status
	}
	v.journey.ReviewOnly = false
	action, what := "session.cancel", ""
	v.session.Result = ""
	switch next {
	case kyc.SessionApproved:
		v.session.Result, action, what = kyc.Approved, "session.approve", NewsApproved
	case kyc.SessionRejected:
		v.session.Result, action, what = kyc.Rejected, "session.decline", NewsRejected
	case kyc.SessionReview:
		v.session.Result, action, what = kyc.NeedsReview, "session.require_review", NewsManualReview
		if err := m.openCase(ctx, v, &c, kyc.Filing{ReasonCode: v.session.ReasonCode, By: by}); err != nil {
			return Decided{}, err
		}
		if m.d.OpenCase != nil {
			v.tellReviewer(v.session.CaseID, by, d, &c)
		}
	}
	if next == kyc.SessionCancelled {
		if err := m.letGo(ctx, v, &c); err != nil {
			return Decided{}, err
		}
	}
	if next != kyc.SessionReview {
		if err := m.closeCase(ctx, v, kyc.Closing{Outcome: kyc.DecisionOf(next), By: by, Code: v.session.ReasonCode, Reviewed: next == kyc.SessionApproved || next == kyc.SessionRejected, Checklist: d.Checklist}, &c); err != nil {
			return Decided{}, err
		}
	}
	if v.session.Result == kyc.Approved || v.session.Result == kyc.Rejected {
		v.accept()
		if err := m.judge(ctx, v, v.session.Result, &c); err != nil {
			return Decided{}, err
		}
	}
	r, err := m.ruling(ctx, v, by, from, d.Override, kyc.RulingWords{Reason: strings.TrimSpace(d.Reason), Notes: strings.TrimSpace(d.Notes), Checklist: d.Checklist})
	if err != nil {
		return Decided{}, err
	}
	c.Put = append(c.Put, r)
	if what == "" {
		c.Events = append(c.Events, v.note(ctx, by, action))
	} else {
		c.Events = append(c.Events, m.tell(ctx, v, by, action, what, nil))
	}
	m.enrol(ctx, v, by, &c)
	m.tellParent(ctx, v, by, &c)
	if err := m.save(ctx, v, by, c); err != nil {
		return Decided{}, err
	}
	return Decided{Session: v.session, Journey: v.journey, Ruling: r}, nil
}
