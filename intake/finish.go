package intake

import (
	"context"
	"strings"
	"time"

	"bonafide/kyc"
)

// The engine and the review desk call Finished and Settled while they prepare a
// commit, so that what they add is stored together with the run or the case.
// They change the session in memory, raise its sequence, and never commit.

// Finished turns the end of a run into the session's story: its events, the
// entry of the decision history and the review. The engine has moved the
// session already; a run that failed becomes a review here, because a failure
// decides nothing.
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
	s := &v.session
	if s.Status == kyc.SessionFailed {
		s.Status = kyc.SessionRunning
		s.Result, s.ReasonCode = kyc.NeedsReview, ReasonProcessing
		if err := s.Move(kyc.SessionReview, v.now); err != nil {
			return c, err
		}
	}
	review, err := kyc.OpenReview(ctx, m.d.Store, s)
	if err != nil {
		return c, err
	}
	action, what := "session.cancel", NewsVoided
	switch s.Status {
	case kyc.SessionReview:
		if s.ReasonCode == "" {
			s.ReasonCode = end.Filing.ReasonCode
		}
		end.Filing.By, end.Filing.ReasonCode = by, s.ReasonCode
		if err := m.file(ctx, v, &c, end.Filing); err != nil {
			return c, err
		}
		action, what = "session.require_review", "" // it stays SUBMITTED, which customers were told
	case kyc.SessionApproved, kyc.SessionRejected:
		action, what = "session.approve", NewsVerified
		if s.Status == kyc.SessionRejected {
			action, what = "session.decline", NewsRejected
		}
		// What a late fraud analysis filed is for a person: an approval by the
		// machine does not answer it.
		if s.Status == kyc.SessionRejected || review == nil || review.ReasonCode != ReasonFraud {
			if err := m.closeCase(ctx, v, review, kyc.Closing{Outcome: s.Result, By: by}, &c); err != nil {
				return c, err
			}
		}
		if err := m.judge(ctx, v, &c); err != nil {
			return c, err
		}
	default: // called off: the session was voided
		s.Result, s.ReasonCode = "", "voided"
		if err := m.closeCase(ctx, v, review, kyc.Closing{Outcome: kyc.Rejected, By: by}, &c); err != nil {
			return c, err
		}
	}
	r, err := m.ruling(ctx, v, by, kyc.SessionRunning, false, kyc.RulingWords{})
	if err != nil {
		return c, err
	}
	r.RunID = run.ID
	c.Put = append(c.Put, r)
	if what == "" {
		c.Events = append(c.Events, v.note(ctx, by, action))
	} else {
		c.Events = append(c.Events, m.tell(ctx, v, by, action, what, nil))
	}
	return c, nil
}

// Settled adds to a reviewer's decision that the review desk made: the entry of
// the decision history. from is the state before, words are stored encrypted.
// Only a session under review, and one whose reversal the desk's two reviewers
// agreed on, is decided by its case (409 invalid_transition): a case that a late
// fraud analysis filed about an applicant who is still at it waits for their
// submission. As by SetStatus, whom a reviewer found on a sanction list is
// verified for a reason only (409 reason_required).
func (m *Machine) Settled(ctx context.Context, s *kyc.Session, from kyc.SessionStatus, by kyc.Actor, at time.Time, words kyc.RulingWords) (kyc.Change, error) {
	v, err := m.viewOf(ctx, *s)
	if err != nil {
		return kyc.Change{}, err
	}
	v.now, v.was = at, from
	reversed := from == kyc.SessionApproved || from == kyc.SessionRejected
	if from != kyc.SessionReview && !reversed {
		return kyc.Change{}, kyc.Errorf(kyc.Conflict, "invalid_transition", "the session is %s and cannot become %s by a review", Word(from), Word(s.Status))
	}
	review, err := kyc.OpenReview(ctx, m.d.Store, s)
	if err != nil {
		return kyc.Change{}, err
	}
	if s.Status == kyc.SessionApproved && strings.TrimSpace(words.Reason) == "" && confirmed(review) {
		return kyc.Change{}, kyc.Errorf(kyc.Conflict, "reason_required", "a sanction hit was confirmed as a true match; verify the session itself, with a reason")
	}
	r, err := m.ruling(ctx, v, by, from, reversed, words)
	if err != nil {
		return kyc.Change{}, err
	}
	return kyc.Change{Put: []kyc.Object{r}}, nil
}

// file opens the review of a session, or lets its undecided case go on.
func (m *Machine) file(ctx context.Context, v *view, c *kyc.Change, f kyc.Filing) error {
	if m.d.OpenCase == nil {
		return nil
	}
	review, events, err := m.d.OpenCase(ctx, &v.session, v.now, f)
	if err != nil {
		return err
	}
	v.session.CaseID = review.ID
	c.Put = append(c.Put, review)
	c.Events = append(c.Events, events...)
	return nil
}

// closeCase ends the undecided review of a session that was decided without its
// case.
func (m *Machine) closeCase(ctx context.Context, v *view, review *kyc.Case, end kyc.Closing, c *kyc.Change) error {
	if review == nil || m.d.CloseCase == nil {
		return nil
	}
	end.Code = v.session.ReasonCode
	events, err := m.d.CloseCase(ctx, review, v.now, end)
	c.Put = append(c.Put, review)
	c.Events = append(c.Events, events...)
	return err
}

// judge carries a decision over to the person.
func (m *Machine) judge(ctx context.Context, v *view, c *kyc.Change) error {
	p, err := m.d.Store.Subject(ctx, v.session.Tenant, v.session.SubjectID)
	if err != nil {
		if kyc.KindOf(err) == kyc.NotFound { // made by the same request
			return nil
		}
		return err
	}
	if p.Judge(v.session.Result) {
		p.Touch(v.now)
		c.Put = append(c.Put, &p)
	}
	return nil
}

// ruling makes the next entry of a session's decision history. It is called
// after the session moved; the earlier entries stay as they are.
func (m *Machine) ruling(ctx context.Context, v *view, by kyc.Actor, from kyc.SessionStatus, override bool, words kyc.RulingWords) (*kyc.Ruling, error) {
	earlier, err := m.d.Store.Rulings(ctx, v.session.Tenant, v.session.ID)
	if err != nil {
		return nil, err
	}
	r := &kyc.Ruling{Meta: kyc.Meta{ID: kyc.NewID(v.now), Tenant: v.session.Tenant}, SessionID: v.session.ID, SubjectID: v.session.SubjectID,
		RunID: v.session.RunID, From: from, To: v.session.Status, Final: Final(&v.session), Source: sourceOf(by), By: by,
		ReasonCode: v.session.ReasonCode, Override: override, Words: words}
	if len(earlier) > 0 {
		r.Supersedes = earlier[len(earlier)-1].ID
	}
	r.Touch(v.now)
	return r, nil
}

// sourceOf says whether a person or a program decided.
func sourceOf(by kyc.Actor) string {
	switch {
	case by.Kind == kyc.ActorSystem:
		return "automation"
	case by.Kind == kyc.ActorUser, by.OnBehalfOf != "":
		return "reviewer"
	}
	return "api"
}
