package session

import (
	"context"
	"time"

	"bonafide/kyc"
)

// The engine calls these while it prepares a commit, so that what they add is
// stored together with the run. They change the session in memory, raise its
// sequence, and never commit.

// Paused tells the customer that a gate waits for a decision. exposed are the
// facts the gate's author wanted shown.
func (m *Sessions) Paused(ctx context.Context, run *kyc.Run, s *kyc.Session, at time.Time, exposed map[string]any) kyc.Change {
	s.Sequence++
	extra := map[string]any{"gate": run.Gate, "node_id": run.GateNode, "fields": exposed}
	if exposed == nil {
		extra["fields"] = map[string]any{}
	}
	if !run.GateUntil.IsZero() {
		extra["expires_at"] = run.GateUntil
	}
	e := m.sessionEvent(ctx, s, kyc.SystemActor("engine"), at, "session.pause", "awaiting_external", extra)
	return kyc.Change{Events: []kyc.Event{e}}
}

// Finished turns the end of a run into the session's events, the person's
// status and the case. The session's status, result and reason are set
// already; f is what the terminal says about its case.
func (m *Sessions) Finished(ctx context.Context, run *kyc.Run, s *kyc.Session, at time.Time, f kyc.Filing) (kyc.Change, error) {
	by := kyc.SystemActor("engine")
	s.Sequence++
	what, action := "", "session.fail"
	switch s.Status {
	case kyc.SessionApproved:
		what, action = "approved", "session.approve"
	case kyc.SessionRejected:
		what, action = "declined", "session.decline"
	case kyc.SessionReview:
		what, action = "requires-review", "session.require_review"
	case kyc.SessionCancelled:
		action = "session.cancel"
	case kyc.SessionExpired:
		what, action = "expired", "session.expire"
	}
	var c kyc.Change
	if run.Outcome != "" {
		f.By = by
		cases, err := m.file(ctx, s, at, run.Outcome, f)
		if err != nil {
			return c, err
		}
		c.Add(cases)
		subject, err := m.d.Store.Subject(ctx, s.Tenant, s.SubjectID)
		if err != nil && kyc.KindOf(err) != kyc.NotFound { // made by the same request
			return c, err
		}
		if err == nil && subject.Judge(run.Outcome) {
			subject.Touch(at)
			c.Put = append(c.Put, &subject)
		}
	}
	c.Events = append(c.Events, m.sessionEvent(ctx, s, by, at, action, what, nil))
	return c, nil
}

// file opens the case of a session that needs a person, and closes an
// undecided one of a session that was decided without its reviewer.
func (m *Sessions) file(ctx context.Context, s *kyc.Session, at time.Time, o kyc.Outcome, f kyc.Filing) (kyc.Change, error) {
	var change kyc.Change
	if o == kyc.NeedsReview {
		if m.d.OpenCase == nil {
			return change, nil
		}
		c, events, err := m.d.OpenCase(ctx, s, at, f)
		if err != nil {
			return change, err
		}
		s.CaseID = c.ID
		return kyc.Change{Put: []kyc.Object{c}, Events: events}, nil
	}
	if s.CaseID == "" || m.d.CloseCase == nil {
		return change, nil
	}
	c, err := m.d.Store.Case(ctx, s.Tenant, s.CaseID)
	if err != nil || c.Status.Decided() {
		return change, err
	}
	events, err := m.d.CloseCase(ctx, &c, at, kyc.Closing{Outcome: o, By: f.By, Code: f.ReasonCode})
	return kyc.Change{Put: []kyc.Object{&c}, Events: events}, err
}

// Found tells customers what single checks of a finished run said: a document
// was read or verified, a screening was done, one of their own lists matched.
// The messages hold ids and counts, never what was read.
func (m *Sessions) Found(ctx context.Context, s *kyc.Session, at time.Time, checks map[string]kyc.CheckFact, extracted map[string]any) kyc.Change {
	var c kyc.Change
	tell := func(what string, extra map[string]any) {
		s.Sequence++
		c.Events = append(c.Events, m.sessionEvent(ctx, s, kyc.SystemActor("engine"), at, "session.found", what, extra))
	}
	if ocr, asked := checks["document_ocr"]; asked {
		if len(extracted) > 0 {
			tell("document.extracted", map[string]any{"fields_read": len(extracted)})
		}
		if ocr.Status == "passed" {
			tell("document.verified", nil)
		}
	}
	if list, asked := checks["watchlist_screening"]; asked && (list.Status == "passed" || list.Status == "failed" || list.Status == "review") {
		tell("screening.completed", map[string]any{"check_type": "sanction", "check_status": list.Status, "hits": len(list.Hits)})
	}
	if own, asked := checks["check_against_list"]; asked {
		if matches, ok := own.Details["matches"].([]any); ok && len(matches) > 0 {
			tell("list.matched", map[string]any{"matches": len(matches)})
		}
	}
	return c
}
