package session

import (
	"context"
	"slices"
	"time"

	"bonafide/kyc"
)

// Resume gives an expired or abandoned session a new capture link; its
// documents are kept. A session that went on to processing is refused (409).
func (m *Sessions) Resume(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID) (Link, error) {
	return m.relink(ctx, t, by, id, "session.resume")
}

// Resend renews the capture link of an open session, so that the invitation
// can be sent again. The old link stops working.
func (m *Sessions) Resend(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID) (Link, error) {
	return m.relink(ctx, t, by, id, "session.resend_invitation")
}

func (m *Sessions) relink(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, action string) (Link, error) {
	token, hash, err := kyc.NewToken(m.d.Random)
	if err != nil {
		return Link{}, err
	}
	now, org, err := m.now(ctx, t)
	if err != nil {
		return Link{}, err
	}
	s, err := m.change(ctx, t, by, id, 0, action, func(s *kyc.Session) error {
		if s.Status == kyc.SessionExpired {
			if action != "session.resume" {
				return kyc.Errorf(kyc.Conflict, "expired", "the session has expired; resume it first")
			}
			if err := s.Move(kyc.SessionCreated, now); err != nil {
				return err
			}
		}
		if !s.Status.Open() {
			return kyc.Errorf(kyc.Conflict, "invalid_transition", "the session is %s and needs no capture link", s.Status)
		}
		s.TokenHash, s.TokenUsedAt, s.ExpiresAt = hash, time.Time{}, now.Add(captureTTL(org, t.Env))
		return nil
	})
	return Link{Session: s, Token: token}, err
}

// Expire ends a session nobody finished.
func (m *Sessions) Expire(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID) (kyc.Session, error) {
	s, err := m.writable(ctx, t, id)
	if err != nil {
		return s, err
	}
	now, _, err := m.now(ctx, t)
	if err != nil {
		return s, err
	}
	return m.expire(ctx, s, by, now)
}

func (m *Sessions) expire(ctx context.Context, s kyc.Session, by kyc.Actor, now time.Time) (kyc.Session, error) {
	if foreign(s.Surface) {
		if m.d.ExpireSteps == nil {
			return s, elsewhere(s.Surface)
		}
		return m.d.ExpireSteps(ctx, s, by, now)
	}
	if !s.Status.Open() {
		return s, kyc.Errorf(kyc.Conflict, "invalid_transition", "the session is %s and cannot expire", s.Status)
	}
	before := digest(&s)
	if err := s.Move(kyc.SessionExpired, now); err != nil {
		return s, err
	}
	s.TokenHash = ""
	s.Sequence++
	s.Touch(now)
	e := m.sessionEvent(ctx, &s, by, now, "session.expire", "expired", nil)
	e.Before = before
	return s, m.d.Store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&s}, Events: []kyc.Event{e}})
}

// sweepPage is how many due sessions one look takes.
const sweepPage = 100

// ExpireDue expires every open session whose capture link has ended, in all
// organisations, each environment by its own clock. It returns how many. A
// session that was changed at the same moment is left to the next sweep.
func (m *Sessions) ExpireDue(ctx context.Context) (int, error) {
	orgs, err := m.d.Store.Orgs(ctx)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, org := range orgs {
		for _, env := range []kyc.Env{kyc.Live, kyc.Sandbox} {
			done, err := m.expireTenant(ctx, org, kyc.Tenant{Org: org.ID, Env: env})
			n += done
			if err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

func (m *Sessions) expireTenant(ctx context.Context, org kyc.Org, t kyc.Tenant) (int, error) {
	now := org.Now(m.d.Clock, t.Env)
	open := []kyc.SessionStatus{kyc.SessionCreated, kyc.SessionCapturing, kyc.SessionCorrection}
	n := 0
	var after kyc.ID
	for {
		due, _, err := m.d.Store.Sessions(ctx, t, kyc.SessionFilter{Status: open, ExpiresBefore: now}, kyc.Page{Limit: sweepPage, After: after})
		if err != nil || len(due) == 0 {
			return n, err
		}
		for _, s := range due {
			_, err := m.expire(ctx, s, kyc.SystemActor("session"), now)
			switch {
			case err == nil:
				n++
			case kyc.KindOf(err) != kyc.Conflict:
				return n, err
			}
		}
		if len(due) < sweepPage {
			return n, nil
		}
		after = due[len(due)-1].ID
	}
}

// LookLink finds the session of a capture token of this surface without using
// it, whether it was used or not: a page may be looked at by whoever previews
// links. Errors: 404 link_invalid, 410 link_expired for an open session whose
// time is over.
func (m *Sessions) LookLink(ctx context.Context, token string) (kyc.Session, error) {
	invalid := kyc.Errorf(kyc.NotFound, "link_invalid", "this link is unknown; ask for a new one")
	if token == "" {
		return kyc.Session{}, invalid
	}
	s, err := m.d.Store.SessionByToken(ctx, kyc.TextHash(token))
	if kyc.KindOf(err) == kyc.NotFound && err != nil {
		return s, invalid
	}
	if err != nil {
		return s, err
	}
	if foreign(s.Surface) || alive(&s) != nil {
		return kyc.Session{}, invalid
	}
	now, _, err := m.now(ctx, s.Tenant)
	if err != nil {
		return s, err
	}
	if s.Status.Open() && inTime(&s, now) != nil {
		return kyc.Session{}, kyc.Errorf(kyc.Gone, "link_expired", "the time of this link is over; ask for a new one")
	}
	return s, nil
}

// SurfaceOf tells whose link a capture token is, without using it. Errors: 404
// link_invalid.
func (m *Sessions) SurfaceOf(ctx context.Context, token string) (kyc.Surface, error) {
	s, err := m.d.Store.SessionByToken(ctx, kyc.TextHash(token))
	if err != nil && kyc.KindOf(err) == kyc.NotFound {
		return "", kyc.Errorf(kyc.NotFound, "link_invalid", "this link is unknown, used or expired; ask for a new one")
	}
	return s.Surface, err
}

// Files are the files of a session whose link was opened, replaced ones
// included.
func (m *Sessions) Files(ctx context.Context, s *kyc.Session) ([]kyc.Upload, error) {
	return m.d.Store.Uploads(ctx, s.Tenant, s.ID)
}

// LeaveOut notes which parts of capture the applicant is through with, so that
// another device goes on behind them; what they require is judged when the
// session is submitted all the same.
func (m *Sessions) LeaveOut(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, parts ...string) (kyc.Session, error) {
	return m.change(ctx, t, by, id, 0, "session.capture_step", func(s *kyc.Session) error {
		if !s.Status.Open() {
			return kyc.Errorf(kyc.Conflict, "not_capturing", "the session is %s and takes no more data", s.Status)
		}
		for _, part := range parts {
			if !slices.Contains(s.Private.LeftOut, part) {
				s.Private.LeftOut = append(s.Private.LeftOut, part)
			}
		}
		return nil
	})
}

// OpenLink uses a capture token: exactly once, while it lives. Everything that
// is not a usable link looks the same to the outside (404 link_invalid).
func (m *Sessions) OpenLink(ctx context.Context, token string) (kyc.Session, error) {
	invalid := kyc.Errorf(kyc.NotFound, "link_invalid", "this link is unknown, used or expired; ask for a new one")
	s, err := m.d.Store.SessionByToken(ctx, kyc.TextHash(token))
	if err != nil {
		if kyc.KindOf(err) == kyc.NotFound {
			return s, invalid
		}
		return s, err
	}
	if foreign(s.Surface) {
		return s, nil // that surface judges its links itself; they serve until they end
	}
	now, _, err := m.now(ctx, s.Tenant)
	if err != nil {
		return s, err
	}
	if !s.Status.Open() || !s.TokenUsedAt.IsZero() || (!s.ExpiresAt.IsZero() && !now.Before(s.ExpiresAt)) || alive(&s) != nil {
		return s, invalid
	}
	by := kyc.Actor{Kind: kyc.ActorApplicant, ID: string(s.SubjectID)}
	before := digest(&s)
	what := ""
	if s.Status == kyc.SessionCreated {
		if err := s.Move(kyc.SessionCapturing, now); err != nil {
			return s, err
		}
		what = "started"
		s.Sequence++
	}
	s.TokenUsedAt = now
	s.Touch(now)
	e := m.sessionEvent(ctx, &s, by, now, "session.open", what, nil)
	e.Before = before
	err = m.d.Store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&s}, Events: []kyc.Event{e}})
	if kyc.IsCode(err, "concurrent_change") {
		return s, invalid // somebody opened it in the same moment
	}
	return s, err
}
