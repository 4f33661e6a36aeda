package review

import (
	"context"
	"strings"
	"time"

	"bonafide/kyc"
)

// Word is a reviewer's word on a case.
type Word struct {
	ReviewerID string
	Outcome    kyc.Outcome // approved or rejected
	Reason     string      // why, of a rejection
	// Checklist are the points of the queue's checklist that the reviewer confirms.
	Checklist []string
	Notes     string
}

// Decide closes a case, or, under dual review, records the first reviewer's
// recommendation and waits for a different person, who then decides. The
// decision moves the session and the person with it. Errors: 422 for a missing
// reviewer, 409 already_decided, not_claimable,
// same_reviewer, session_active; 422 checklist_incomplete; 403 conflict_of_interest when the reviewer
// made the case or the session, skills_missing when they lack skills that its queue
// asks for.
func (d *Desk) Decide(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, w Word) (kyc.Case, error) {
	if err := check(need{"/rejection_reason", w.Reason, false, maxReason}, need{"/notes", w.Notes, false, maxNote},
		need{"/reviewer_id", w.ReviewerID, by.Kind != kyc.ActorUser, maxReviewer}); err != nil {
		return kyc.Case{}, err
	}
	who, err := d.acting(ctx, t, by, w.ReviewerID)
	if err != nil {
		return kyc.Case{}, err
	}
	return d.change(ctx, t, by, id, rev, func(c *kyc.Case, now time.Time, s kyc.Settings) (step, error) {
		if err := claimable(c, by, who, now, s); err != nil {
			return step{}, err
		}
		if c.Status == kyc.CaseEscalated && c.AssignedTo != "" && !same(c.AssignedTo, who) {
			return step{}, kyc.Errorf(kyc.Conflict, "not_claimable", "the case was escalated to somebody else; claim it first")
		}
		if c.First != nil && by.Kind == kyc.ActorUser && c.First.By == by {
			return step{}, kyc.SameReviewer()
		}
		if err := d.otherHand(ctx, c, by); err != nil {
			return step{}, err
		}
		if err := d.Impartial(ctx, c, who); err != nil {
			return step{}, err
		}
		if err := d.skilled(ctx, c, who, s); err != nil {
			return step{}, err
		}
		confirmed, err := s.Queue(c.Queue).Confirm(w.Checklist)
		if err != nil {
			return step{}, err
		}
		word := kyc.CaseDecision{Outcome: w.Outcome, ReviewerID: who, At: now, By: by, Checklist: confirmed}
		why := strings.TrimSpace(w.Reason)
		st := step{code: chosenCode(s, w.Outcome, why)}
		if strings.TrimSpace(w.Notes) != "" {
			if err := d.written(ctx, c); err != nil {
				return step{}, err
			}
			st.with.Add(d.note(ctx, c, by, now, who, w.Notes))
		}
		if s.TwoDecide(c) && c.First == nil {
			c.First, c.Private.First = &word, why
			free(c)
			c.Status = kyc.CaseSecond
			st.action = "case.recommend"
			return st, nil
		}
		c.Decision, c.Private.Decision = &word, why
		c.AssignedTo = who
		if c.ClaimedAt.IsZero() {
			c.ClaimedAt = now
		}
		c.Status, st.action, st.what = kyc.CaseApproved, "case.approve", "approved"
		if w.Outcome == kyc.Rejected {
			c.Status, st.action, st.what = kyc.CaseRejected, "case.reject", "rejected"
		}
		drawn, err := d.draw(ctx, c, s, st.code)
		if err != nil {
			return step{}, err
		}
		st.with.Events = append(st.with.Events, drawn...)
		moved, err := d.settle(ctx, c, by, now, w.Outcome, why)
		if err != nil {
			return step{}, err
		}
		st.with.Add(moved)
		return st, nil
	})
}

// chosenCode is the reason code that a reason begins with ("code: sentence"),
// for the audit entry; empty unless it is one of the organisation's own list, so
// that no event holds what somebody wrote about a person.
func chosenCode(s kyc.Settings, o kyc.Outcome, why string) string {
	decision := "approve"
	if o == kyc.Rejected {
		decision = "reject"
	}
	code, _, _ := strings.Cut(why, ":")
	for _, r := range s.ReasonsFor(decision) {
		if r.Code == code {
			return code
		}
	}
	return ""
}

// otherHand refuses a second word that comes from the same person by another
// way (kyc.OneHand).
func (d *Desk) otherHand(ctx context.Context, c *kyc.Case, by kyc.Actor) error {
	if c.First == nil {
		return nil
	}
	one, err := kyc.OneHand(ctx, d.store, c.Tenant, c.First.By, by)
	if err == nil && one {
		err = kyc.SameReviewer()
	}
	return err
}

// Impartial refuses a reviewer who made the case or the session themselves, as
// who invited the applicant did: 403 conflict_of_interest.
func (d *Desk) Impartial(ctx context.Context, c *kyc.Case, who string) error {
	conflict := kyc.Errorf(kyc.Forbidden, "conflict_of_interest", "a reviewer may not decide what they created themselves")
	if c.CreatedBy.Kind == kyc.ActorUser && same(c.CreatedBy.ID, who) {
		return conflict
	}
	if c.SessionID == "" {
		return nil
	}
	made, _, err := d.store.Events(ctx, c.Tenant, kyc.EventFilter{Object: "session", ObjectID: c.SessionID, Action: "session.create"}, kyc.Page{Limit: 1})
	if err != nil {
		return err
	}
	for _, e := range made {
		if e.Actor.Kind == kyc.ActorUser && same(e.Actor.ID, who) {
			return conflict
		}
	}
	return nil
}

// settle carries the decision over to the session and the person. A session
// that is decided already (a manual case about an old one) stays as it is, unless
// two people agree on the reversal that the case was opened for. why goes to the
// machine of the session, which seals it, and into no event.
func (d *Desk) settle(ctx context.Context, c *kyc.Case, by kyc.Actor, now time.Time, o kyc.Outcome, why string) (kyc.Change, error) {
	var change kyc.Change
	if c.SessionID == "" {
		return change, nil
	}
	s, err := d.store.Session(ctx, c.Tenant, c.SessionID)
	if err != nil {
		return change, err
	}
	if s.Status == kyc.SessionRunning || s.Status == kyc.SessionPaused {
		return change, kyc.Errorf(kyc.Conflict, "session_active", "the session is %s; decide when it has ended", s.Status)
	}
	next, what, action := kyc.SessionApproved, "approved", "session.approve"
	if o == kyc.Rejected {
		next, what, action = kyc.SessionRejected, "declined", "session.decline"
	}
	move := s.Move
	switch {
	case s.Status.CanBecome(next):
	case reversal(c, &s, o) && s.Status != next:
		move = s.Overrule
	default:
		return change, nil
	}
	before, from := digest(&s), s.Status
	if err := move(next, now); err != nil {
		return change, err
	}
	s.Result = o
	s.ReasonCode = "case_" + string(o)
	if s.Surface == kyc.SurfaceGraph || s.Surface == "" {
		s.TokenHash = ""
	} else if d.settled != nil { // an applicant's link goes on to show how it ended
		if change, err = d.settled(ctx, &s, from, by, now, kyc.RulingWords{Reason: why, Checklist: c.Decision.Checklist}); err != nil {
			return change, err
		}
	}
	s.Sequence++
	s.Touch(now)
	e := kyc.Event{ID: kyc.NewID(now), Tenant: s.Tenant, At: now, Actor: by, Action: action, Object: "session", ObjectID: s.ID,
		SubjectID: s.SubjectID, Reason: s.ReasonCode, RequestID: kyc.RequestFrom(ctx).ID, Before: before, After: digest(&s)}
	change.Put = append(change.Put, &s)
	change.Events = append(change.Events, d.news.Tell(e, &s, nil, what))

	p, err := d.store.Subject(ctx, c.Tenant, s.SubjectID)
	if err != nil {
		return change, err
	}
	if p.Judge(o) {
		p.Touch(now)
		change.Put = append(change.Put, &p)
	}
	return change, nil
}

// reversal reports whether a case asks for the second word on the reversal of a
// decision of surface B, and this word agrees with the first one.
func reversal(c *kyc.Case, s *kyc.Session, o kyc.Outcome) bool {
	decided := s.Status == kyc.SessionApproved || s.Status == kyc.SessionRejected
	return s.Surface == kyc.SurfaceChecks && decided && c.ReasonCode == "second_review" && c.First != nil && c.First.Outcome == o
}

// Escalation asks somebody more senior.
type Escalation struct {
	To         string
	ReviewerID string // who escalates; may be empty
	Reason     string
	Notes      string
}

// Escalate hands a case over. Errors: 422 without escalated_to or reason, 409
// already_decided, 403 skills_missing of whom it is handed to.
func (d *Desk) Escalate(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, x Escalation) (kyc.Case, error) {
	if err := check(need{"/escalated_to", x.To, true, maxReviewer}, need{"/reason", x.Reason, true, maxReason},
		need{"/notes", x.Notes, false, maxNote}); err != nil {
		return kyc.Case{}, err
	}
	to, err := d.reviewer(ctx, t, x.To, "/escalated_to")
	if err != nil {
		return kyc.Case{}, err
	}
	var from string
	if x.ReviewerID != "" || by.Kind == kyc.ActorUser {
		if from, err = d.acting(ctx, t, by, x.ReviewerID); err != nil {
			return kyc.Case{}, err
		}
	}
	return d.change(ctx, t, by, id, rev, func(c *kyc.Case, now time.Time, s kyc.Settings) (step, error) {
		if err := undecided(c); err != nil {
			return step{}, err
		}
		if from != "" && c.Held(now, s) && !same(from, c.AssignedTo) {
			return step{}, kyc.Errorf(kyc.Conflict, "not_claimable", "the case is claimed by somebody else")
		}
		if c.First != nil && same(c.First.ReviewerID, to) {
			return step{}, kyc.SameReviewer()
		}
		if err := d.skilled(ctx, c, to, s); err != nil {
			return step{}, err
		}
		if from == "" {
			from = c.AssignedTo
		}
		if from != "" && same(from, to) {
			return step{}, invalid("/escalated_to", "same_reviewer", "escalate to somebody else")
		}
		st := step{action: "case.escalate", what: "escalated"}
		if strings.TrimSpace(x.Notes) != "" {
			if err := d.written(ctx, c); err != nil {
				return step{}, err
			}
			st.with.Add(d.note(ctx, c, by, now, from, x.Notes))
		}
		c.Escalation, c.Private.Escalation = &kyc.Escalation{To: to, From: from, At: now}, strings.TrimSpace(x.Reason)
		c.Status, c.AssignedTo, c.ClaimedAt = kyc.CaseEscalated, to, time.Time{}
		return st, nil
	})
}
