package execution

import (
	"context"
	"slices"
	"time"

	"bonafide/kyc"
)

// Whoever holds a hosted link is let in by it, so a link that came into other
// hands has to end at once: each new link of an individual and a workflow ends
// those before it, and Revoke ends them without a new one.

// Why the session of a link ended before its time.
const (
	reasonReplaced = "link_replaced"
	reasonRevoked  = "link_revoked"
)

// linksPage is how many sessions one look for links takes.
const linksPage = 100

// linkTries is how often a link is made anew when others made one meanwhile.
const linkTries = 5

// untilAlone makes a link, and makes it again when another was made for the same
// individual and workflow between the look for open links and the commit: the
// store keeps one of the two open (index session_open_link), and the later one
// ends the earlier.
func untilAlone(do func() (Hosted, error)) (out Hosted, err error) {
	for range linkTries {
		if out, err = do(); !kyc.IsCode(err, "concurrent_change") {
			break
		}
	}
	if err != nil {
		return Hosted{}, err
	}
	return out, nil
}

// openLinks are the sessions of an individual's hosted links that take data:
// those of one workflow, or of all ("").
func (m *Machine) openLinks(ctx context.Context, t kyc.Tenant, subject, workflow kyc.ID) ([]kyc.Session, error) {
	f := kyc.SessionFilter{Status: []kyc.SessionStatus{kyc.SessionCreated, kyc.SessionCapturing}, Surface: kyc.SurfaceEntities, SubjectID: subject, WorkflowID: workflow, Tag: tagHosted}
	var out []kyc.Session
	for after := kyc.ID(""); ; {
		part, _, err := m.d.Store.Sessions(ctx, t, f, kyc.Page{Limit: linksPage, After: after, Uncounted: true})
		if err != nil {
			return nil, err
		}
		out = append(out, part...)
		if len(part) < linksPage {
			return out, nil
		}
		after = part[len(part)-1].ID
	}
}

// endLinks ends sessions of links: their tokens are unknown from then on.
func endLinks(ctx context.Context, by kyc.Actor, now time.Time, reason string, links []kyc.Session) (kyc.Change, error) {
	var c kyc.Change
	for i := range links {
		s := &links[i]
		e, err := expireLink(ctx, s, by, now, reason)
		if err != nil {
			return c, err
		}
		s.TokenHash = ""
		e.After = digest(s)
		c.Put, c.Events = append(c.Put, s), append(c.Events, e)
	}
	return c, nil
}

// expireLink moves the session of a link to its end and gives the audit entry.
func expireLink(ctx context.Context, s *kyc.Session, by kyc.Actor, now time.Time, reason string) (kyc.Event, error) {
	before := digest(s)
	if err := s.Move(kyc.SessionExpired, now); err != nil {
		return kyc.Event{}, err
	}
	s.ReasonCode = reason
	s.Sequence++
	s.Touch(now)
	e := event(ctx, s.Tenant, by, now, "session.expire", "session", s.ID, s.SubjectID)
	e.Before, e.After, e.Reason = before, digest(s), reason
	return e, nil
}

// Revoke ends the hosted links of an individual that still take data, or one of
// them, by the ID of its session. What was given by them stays the individual's.
// One that is over is left as it is. The sessions that ended are the answer.
// Errors: 404 individual, or a link that is none of theirs; 409 session_closed
// when the named one was handed in already.
func (m *Machine) Revoke(ctx context.Context, t kyc.Tenant, by kyc.Actor, subject, link kyc.ID) ([]kyc.Session, error) {
	if _, err := m.individual(ctx, t, subject); err != nil {
		return nil, err
	}
	now, _, err := m.now(ctx, t)
	if err != nil {
		return nil, err
	}
	var open []kyc.Session
	if link == "" {
		open, err = m.openLinks(ctx, t, subject, "")
	} else {
		open, err = m.namedLink(ctx, t, subject, link)
	}
	if err != nil || len(open) == 0 {
		return nil, err
	}
	c, err := endLinks(ctx, by, now, reasonRevoked, open)
	if err != nil {
		return nil, err
	}
	return open, m.d.Store.Commit(ctx, &c)
}

// namedLink is one link that takes data, or none when its time is over.
func (m *Machine) namedLink(ctx context.Context, t kyc.Tenant, subject, link kyc.ID) ([]kyc.Session, error) {
	s, err := m.d.Store.Session(ctx, t, link)
	switch {
	case err != nil && kyc.KindOf(err) != kyc.NotFound:
		return nil, err
	case err != nil || s.SubjectID != subject || !hostedSession(&s):
		return nil, kyc.Missing("hosted link", kyc.ULID(link))
	case s.Status == kyc.SessionExpired:
		return nil, nil
	case !s.Status.Open():
		return nil, kyc.Errorf(kyc.Conflict, "session_closed", "this link was handed in already")
	}
	return []kyc.Session{s}, nil
}

func hostedSession(s *kyc.Session) bool {
	return s.Surface == kyc.SurfaceEntities && slices.Contains(s.Tags, tagHosted)
}

// Renew gives the session of a hosted link another token and a whole life, also
// when it had ended; every other open link of the individual and the workflow
// ends, and the token before works no more. Errors: 404; 409 no_link for an
// execution that no link led to, invalid_transition for a link that was handed
// in, redacted for one whose data was erased or is withheld, execution_running,
// concurrent_change.
func (m *Machine) Renew(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID) (Hosted, error) {
	return untilAlone(func() (Hosted, error) { return m.renewLink(ctx, t, by, id) })
}

func (m *Machine) renewLink(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID) (Hosted, error) {
	s, err := m.d.Store.Session(ctx, t, id)
	if err != nil {
		return Hosted{}, err
	}
	switch {
	case !hostedSession(&s):
		return Hosted{}, kyc.Errorf(kyc.Conflict, "no_link", "no hosted link led to this execution")
	case !s.Status.Open() && s.Status != kyc.SessionExpired:
		return Hosted{}, kyc.Errorf(kyc.Conflict, "invalid_transition", "the session is %s and needs no link", s.Status)
	case !s.Readable():
		return Hosted{}, s.Gone()
	}
	person, err := m.individual(ctx, t, s.SubjectID)
	if err != nil {
		return Hosted{}, err
	}
	out := Hosted{}
	if out.Workflow, err = m.d.Store.Workflow(ctx, t, s.WorkflowID); err != nil {
		return out, err
	}
	if out.Workflow.Status == kyc.WorkflowDeleted {
		return out, kyc.Missing("workflow", string(s.WorkflowID))
	}
	now, org, err := m.now(ctx, t)
	if err != nil {
		return out, err
	}
	if err := m.idle(ctx, t, &beginning{individual: person, state: WorkflowState{Workflow: out.Workflow}, now: now}); err != nil {
		return out, err
	}
	others, err := m.openLinks(ctx, t, s.SubjectID, s.WorkflowID)
	if err != nil {
		return out, err
	}
	others = slices.DeleteFunc(others, func(o kyc.Session) bool { return o.ID == s.ID })
	c, err := endLinks(ctx, by, now, reasonReplaced, others)
	if err != nil {
		return out, err
	}
	before := digest(&s)
	if s.Status == kyc.SessionExpired {
		if err := s.Move(kyc.SessionCreated, now); err != nil {
			return out, err
		}
	}
	if out.Token, s.TokenHash, err = kyc.NewToken(m.d.Random); err != nil {
		return out, err
	}
	s.ExpiresAt, s.ReasonCode = now.Add(linkLife(org, t.Env)), ""
	s.Sequence++
	s.Touch(now)
	e := event(ctx, t, by, now, "session.generate_link", "session", s.ID, s.SubjectID)
	e.Before, e.After = before, digest(&s)
	c.Put, c.Events = append(c.Put, &s), append(c.Events, e)
	out.Session = s
	return out, m.d.Store.Commit(ctx, &c)
}

// linkLife is how long a link works of which nobody says how long.
func linkLife(org kyc.Org, env kyc.Env) time.Duration {
	if d := org.EnvSettings(env).CaptureTTL; d > 0 {
		return d
	}
	return kyc.DefaultSettings().CaptureTTL
}
