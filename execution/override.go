package execution

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"bonafide/kyc"
	"bonafide/procedure"
)

// maxComment bounds what people write, in code points.
const maxComment = 10_000

// Overruling asks for another status (C5).
type Overruling struct {
	Status string // one of the fourteen; UNCHECKED clears the override
	Hand
}

// commented refuses a change without a reason, and one that is too long to be
// one.
func commented(h Hand) []kyc.Problem {
	switch {
	case strings.TrimSpace(h.Comment) == "":
		return []kyc.Problem{{Path: "/comment/text", Code: "comment_required", Message: "say why, in comment.text"}}
	case utf8.RuneCountInString(h.Comment) > maxComment:
		return []kyc.Problem{{Path: "/comment/text", Code: "too_long", Message: fmt.Sprintf("a comment has at most %d characters", maxComment)}}
	}
	return nil
}

// malformed is the answer to a body that cannot be followed. The code is that
// of its only problem, so that a program can read it.
func malformed(message string, problems []kyc.Problem) error {
	if len(problems) == 0 {
		return nil
	}
	code := "invalid_body"
	if len(problems) == 1 {
		code = problems[0].Code
	}
	return &kyc.Error{Kind: kyc.Malformed, Code: code, Message: message, Problems: problems}
}

func statusProblem(status string) []kyc.Problem {
	if slices.Contains(procedure.Statuses(), status) {
		return nil
	}
	return []kyc.Problem{{Path: "/status", Code: "status_invalid", Message: "use one of " + strings.Join(procedure.Statuses(), ", ")}}
}

// Override changes the status of an execution that ended (C5). The result and
// the state stay, and so do the overrides before; the session follows, its
// review ends with a decision. Errors: Malformed comment_required,
// status_invalid; 404; 409 execution_running while it runs, nothing_overridden
// for UNCHECKED without an override, not_claimable, second_review_required,
// same_reviewer, redacted where the data was erased or is withheld; 403 conflict_of_interest; 412.
func (m *Machine) Override(ctx context.Context, t kyc.Tenant, by kyc.Actor, r Ref, rev int64, o Overruling) (Executed, error) {
	if err := malformed("the status cannot be overridden like this", append(statusProblem(o.Status), commented(o.Hand)...)); err != nil {
		return Executed{}, err
	}
	x, err := m.Execution(ctx, t, r)
	if err != nil {
		return Executed{}, err
	}
	e := &x.Execution
	if err := match(&e.Meta, rev); err != nil {
		return Executed{}, err
	}
	if e.State == procedure.StateInProgress {
		return Executed{}, runs(e.ID)
	}
	if o.Status == procedure.Unchecked && e.Override == nil {
		return Executed{}, kyc.Errorf(kyc.Conflict, "nothing_overridden", "the status was not overridden, so there is nothing to take back")
	}
	now, org, err := m.now(ctx, t)
	if err != nil {
		return Executed{}, err
	}
	var c kyc.Change
	before := digest(e)
	overrule(e, o, by, o.request(ctx), now)
	s, err := m.d.Store.Session(ctx, t, e.ID)
	if err != nil {
		return Executed{}, err
	}
	if !s.Readable() { // the comment could not be kept
		return Executed{}, s.Gone()
	}
	confirmed, err := m.mayDecide(ctx, e, &s, e.Status, by, o.Hand, now, org.EnvSettings(t.Env))
	if err != nil {
		return Executed{}, err
	}
	if err := m.follow(ctx, e, &s, by, confirmed, now, &c); err != nil {
		return Executed{}, err
	}
	if s.Status == kyc.SessionReview && s.CaseID != "" { // whoever looks next reads why
		n := &kyc.Note{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: t}, CaseID: s.CaseID, SubjectID: s.SubjectID, Author: o.name(by), Text: strings.TrimSpace(o.Comment)}
		n.Touch(now)
		c.Put = append(c.Put, n)
	}
	e.Touch(now)
	c.Put = append(c.Put, e)
	c.Events = append(c.Events, m.overridden(ctx, e, by, now, before))
	return x, m.d.Store.Commit(ctx, &c)
}

// overrule puts a person's word in force and keeps it in the history.
func overrule(e *kyc.Execution, o Overruling, by kyc.Actor, request string, at time.Time) {
	one := kyc.StatusOverride{ID: kyc.NewID(at), From: e.Status, Status: o.Status, At: at, By: o.name(by), Actor: by, RequestID: request}
	e.Overrides = append(slices.Clone(e.Overrides), one)
	if o.Status == procedure.Unchecked {
		e.Override, e.Status = nil, e.Result
	} else {
		e.Override, e.Status = &one, o.Status
	}
	if o.Comment == "" {
		return
	}
	e.Private.Overrides = with(e.Private.Overrides, one.ID, o.Comment)
}

// overridden is the audit entry of an override, which customers are told.
func (m *Machine) overridden(ctx context.Context, e *kyc.Execution, by kyc.Actor, at time.Time, before string) kyc.Event {
	note := event(ctx, e.Tenant, by, at, "execution.override", objectExecution, e.ID, e.SubjectID)
	last := e.Overrides[len(e.Overrides)-1]
	note.Before, note.After, note.Reason, note.RequestID = before, digest(e), last.Status, last.RequestID
	return m.d.News.Tell(note, e, map[string]any{"previous_status": last.From}, NewsOverridden)
}

// sessionOf is where a session stands by the status of its execution.
func sessionOf(status string) (kyc.SessionStatus, kyc.Outcome) {
	switch status {
	case procedure.Pass, procedure.Complete, procedure.Approved, procedure.Clear:
		return kyc.SessionApproved, kyc.Approved
	case procedure.Fail, procedure.Rejected, procedure.Blocked:
		return kyc.SessionRejected, kyc.Rejected
	}
	return kyc.SessionReview, kyc.NeedsReview
}

// follow brings the session to where the status of its execution says, as far
// as a session can go there: one that was called off stays so. A review that
// waits is closed by a decision and opened where a person must look again.
func (m *Machine) follow(ctx context.Context, e *kyc.Execution, s *kyc.Session, by kyc.Actor, confirmed []string, at time.Time, c *kyc.Change) error {
	if !s.RedactedAt.IsZero() || s.Private.Unreadable {
		return nil
	}
	next, outcome := sessionOf(e.Status)
	if s.Status != next {
		move := s.Move
		if s.Status == kyc.SessionApproved || s.Status == kyc.SessionRejected {
			move = s.Overrule
		} else if !s.Status.CanBecome(next) {
			return nil
		}
		if err := move(next, at); err != nil {
			return err
		}
		s.Result, s.ReasonCode = outcome, reasonOverride
	}
	if next == kyc.SessionReview {
		if err := m.openCase(ctx, s, at, kyc.Filing{ReasonCode: reasonOverride, By: by}, c); err != nil {
			return err
		}
	} else if err := m.closeCase(ctx, s, at, kyc.Closing{Outcome: outcome, By: by, Code: reasonOverride, Reviewed: true, Checklist: confirmed}, c); err != nil {
		return err
	}
	s.Touch(at)
	c.Put = append(c.Put, s)
	if e.Phase == procedure.PhaseMonitoring {
		return nil
	}
	p, err := m.person(ctx, e)
	if p == nil || err != nil || !p.Judge(outcome) {
		return err
	}
	p.Touch(at)
	c.Put = append(c.Put, p)
	return nil
}

// Settled adds to a decision of the review desk the override that it is:
// APPROVED or REJECTED by that reviewer. The desk moved the session, calls this
// before it stores it, and commits what is given back; from is the state
// before. words are stored encrypted. Errors: 409 execution_running.
func (m *Machine) Settled(ctx context.Context, s *kyc.Session, _ kyc.SessionStatus, by kyc.Actor, at time.Time, words kyc.RulingWords) (kyc.Change, error) {
	var c kyc.Change
	e, err := m.d.Store.Execution(ctx, s.Tenant, s.ID)
	if err != nil {
		return c, err
	}
	if e.State == procedure.StateInProgress {
		return c, runs(e.ID)
	}
	o := Overruling{Status: procedure.Approved, Hand: Hand{Comment: strings.TrimSpace(words.Reason + "\n" + words.Notes)}}
	if s.Status == kyc.SessionRejected {
		o.Status = procedure.Rejected
	}
	before := digest(&e)
	overrule(&e, o, by, o.request(ctx), at)
	e.Touch(at)
	c.Put = append(c.Put, &e)
	c.Events = append(c.Events, m.overridden(ctx, &e, by, at, before))
	return c, nil
}
