package session

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"bonafide/kyc"
)

// maxRestoreReason bounds the reason of a restoration, in code points.
const maxRestoreReason = 500

// Restore makes a session readable again that the first pass of retention
// withholds, as long as its time to be destroyed has not come: whoever set wrong
// days can undo what they did. A legal hold is set with it, because the next
// sweep would withhold it again; it stays until somebody takes it off. The
// applicant's link ended and stays so. The reason stands in the audit chain for
// ever and must name nobody. Errors: Invalid reason_required, too_long; 404; 409
// not_withheld, retention_over, redacted; 412.
func (m *Sessions) Restore(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, reason string) (kyc.Session, error) {
	reason = strings.TrimSpace(reason)
	var problem kyc.Problem
	switch {
	case reason == "":
		problem = kyc.Problem{Path: "/reason", Code: "reason_required", Message: "say why the data must be readable again; name nobody"}
	case utf8.RuneCountInString(reason) > maxRestoreReason:
		problem = kyc.Problem{Path: "/reason", Code: "too_long", Message: "at most 500 characters"}
	}
	if problem.Code != "" {
		return kyc.Session{}, kyc.InvalidInput("invalid_restoration", "the session cannot be restored like this", []kyc.Problem{problem})
	}
	s, err := m.d.Store.Session(ctx, t, id)
	if err != nil {
		return s, err
	}
	if err := match(&s.Meta, rev); err != nil {
		return s, err
	}
	now, org, err := m.now(ctx, t)
	if err != nil {
		return s, err
	}
	switch s.Keeping() {
	case kyc.KeptNot:
		return s, s.Gone()
	case kyc.KeptReadable:
		return s, kyc.Errorf(kyc.Conflict, "not_withheld", "retention does not withhold this session")
	case kyc.KeptWithheld:
	}
	if days := org.EnvSettings(t.Env).Retention.Rule(s.Status).Days; days > 0 && !s.LegalHold && !s.EndedAt().After(before(now, days)) {
		return s, kyc.Errorf(kyc.Conflict, "retention_over", "the time of this session to be destroyed has come (%d days after its end); only longer days or a legal hold keep it", days)
	}
	person, err := m.d.Store.Subject(ctx, t, s.SubjectID)
	if err != nil {
		return s, err
	}
	if person.Status == kyc.SubjectRedacted {
		return s, kyc.Errorf(kyc.Conflict, "redacted", "the data of this person was erased")
	}
	was := digest(&s)
	s.WithheldAt, s.LegalHold = time.Time{}, true
	s.Touch(now)
	e := m.sessionEvent(ctx, &s, by, now, "session.restore", "", nil)
	e.Before, e.Reason = was, reason
	return s, m.d.Store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&s}, Events: []kyc.Event{e}})
}
