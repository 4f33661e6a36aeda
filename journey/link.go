package journey

import (
	"context"
	"fmt"
	"time"

	"bonafide/kyc"
)

// revival is how long after its end an expired session can be extended.
const revival = 90 * 24 * time.Hour

// Link is a session with its fresh link; the token is shown once.
type Link struct {
	Session kyc.Session
	Token   string
}

// GenerateLink replaces a session's link; the old one dies at once (A15,
// A23). days renews its life from now; 0 keeps the end it has. Errors:
// Invalid invalid_link; 409 invalid_transition for a session that takes
// nothing more, session_expired for one that must be extended first.
func (m *Machine) GenerateLink(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, days int) (Link, error) {
	if days < 0 || days > maxDays {
		return Link{}, kyc.InvalidInput("invalid_link", "the link cannot be made like this",
			[]kyc.Problem{{Path: "/ttl_days", Code: "ttl_days_range", Message: fmt.Sprintf("1 to %d days", maxDays)}})
	}
	v, err := m.loadFor(ctx, t, id, rev)
	if err != nil {
		return Link{}, err
	}
	over := !v.session.ExpiresAt.IsZero() && !v.now.Before(v.session.ExpiresAt)
	switch {
	case v.session.Status == kyc.SessionExpired, v.session.Status.Open() && over && days == 0:
		return Link{}, kyc.Errorf(kyc.Conflict, "session_expired", "the session has expired; extend it first")
	case !v.session.Status.Open() && v.session.Status != kyc.SessionCaptured:
		return Link{}, kyc.Errorf(kyc.Conflict, "invalid_transition", "the session is %s and needs no link", Word(v.session.Status))
	}
	token, hash, err := kyc.NewToken(m.d.Random)
	if err != nil {
		return Link{}, err
	}
	v.session.TokenHash, v.session.TokenUsedAt = hash, time.Time{}
	if days > 0 {
		v.session.ExpiresAt = v.now.AddDate(0, 0, days)
	}
	err = m.save(ctx, v, by, kyc.Change{Events: []kyc.Event{v.note(ctx, by, "session.generate_link")}})
	return Link{Session: v.session, Token: token}, err
}

// Extend moves the end of a session's link (A16): by days from its present
// end (from now when that is over), or to a time of its own; exactly one is
// given. It never shortens. An expired session comes back to the state it had,
// within 90 days of its end. Errors: Invalid invalid_extension; 409
// cannot_shorten, invalid_transition, retention_over.
func (m *Machine) Extend(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, days int, until time.Time) (kyc.Session, error) {
	v, err := m.loadFor(ctx, t, id, rev)
	if err != nil {
		return kyc.Session{}, err
	}
	s := &v.session
	if !s.Status.Open() && s.Status != kyc.SessionExpired {
		return *s, kyc.Errorf(kyc.Conflict, "invalid_transition", "the session is %s and has no link to extend", Word(s.Status))
	}
	if err := extension(days, until, v.now); err != nil {
		return *s, err
	}
	end := until
	if days > 0 {
		from := s.ExpiresAt
		if from.Before(v.now) {
			from = v.now
		}
		end = from.AddDate(0, 0, days)
	}
	if end.Before(s.ExpiresAt) {
		return *s, kyc.Errorf(kyc.Conflict, "cannot_shorten", "the link lives until %s; it can only be made to live longer", s.ExpiresAt.Format(time.RFC3339))
	}
	action := "session.extend"
	if s.Status == kyc.SessionExpired {
		if v.now.Sub(s.ExpiresAt) > revival {
			return *s, kyc.Errorf(kyc.Conflict, "retention_over", "the session expired more than 90 days ago; create a new one")
		}
		before := v.journey.Before
		if before == "" {
			before = kyc.SessionCreated
		}
		if err := s.Move(before, v.now); err != nil {
			return *s, err
		}
		v.journey.Before = ""
		action = "session.revive"
	}
	s.ExpiresAt = end
	err = m.save(ctx, v, by, kyc.Change{Events: []kyc.Event{v.note(ctx, by, action)}})
	return v.session, err
}

func extension(days int, until, now time.Time) error {
	bad := func(path, code, format string, args ...any) error {
		return kyc.InvalidInput("invalid_extension", "the link cannot be extended like this", []kyc.Problem{{Path: path, Code: code, Message: fmt.Sprintf(format, args...)}})
	}
	switch {
	case (days == 0) == until.IsZero():
		return bad("/days", "days_or_expires_at", "send days or expires_at, not both")
	case days < 0 || days > maxDays:
		return bad("/days", "days_range", "1 to %d days", maxDays)
	case !until.IsZero() && (!until.After(now) || until.After(now.AddDate(0, 0, 2*maxDays))):
		return bad("/expires_at", "expires_at_range", "a time from now to two years ahead")
	}
	return nil
}

// Expire ends an open session whose link is over. The link stays known, so
// that its holder learns why nothing works; extending brings the session back
// to the state it had, without the frames that were held for a comparison.
func (m *Machine) Expire(ctx context.Context, s kyc.Session, by kyc.Actor, now time.Time) (kyc.Session, error) {
	if !s.Status.Open() {
		return s, illegal(&s, "expired")
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
	var c kyc.Change
	if err := m.letGo(ctx, v, &c); err != nil {
		return s, err
	}
	c.Events = append(c.Events, m.tell(ctx, v, by, "session.expire", NewsExpired, nil))
	err = m.save(ctx, v, by, c)
	return v.session, err
}

// Delete hides a session from lists (A14, mode archive). It changes nothing
// else; a second call is answered like the first.
func (m *Machine) Delete(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64) (kyc.Session, kyc.Journey, error) {
	v, err := m.load(ctx, t, id)
	if err != nil {
		return kyc.Session{}, kyc.Journey{}, err
	}
	if err := match(&v.session.Meta, rev); err != nil {
		return v.session, v.journey, err
	}
	if !v.journey.ArchivedAt.IsZero() {
		return v.session, v.journey, nil
	}
	v.journey.ArchivedAt = v.now
	v.session.TokenHash = "" // nobody goes on with what is put away
	err = m.save(ctx, v, by, kyc.Change{Events: []kyc.Event{v.note(ctx, by, "session.archive")}})
	return v.session, v.journey, err
}

// RedactSession destroys the personal data of a session's person (A14, mode
// redact). Errors: those of the session room (409 legal_hold, session_active).
func (m *Machine) RedactSession(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID) error {
	if _, err := m.load(ctx, t, id); err != nil {
		return err
	}
	if m.d.Redact == nil {
		return kyc.Errorf(kyc.Unavailable, "redaction_unavailable", "redaction is not set up here")
	}
	return m.d.Redact(ctx, t, by, id)
}
