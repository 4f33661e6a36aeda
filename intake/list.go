package intake

import (
	"context"
	"strings"

	"bonafide/kyc"
)

// Session reads everything about a session (B9).
func (m *Machine) Session(ctx context.Context, t kyc.Tenant, id kyc.ID) (Record, error) {
	v, err := m.load(ctx, t, id)
	if err != nil {
		return Record{}, err
	}
	out := Record{State: v.state(), Sender: sender(&v.session)}
	if out.Uploads, err = m.uploads(ctx, v, nil); err != nil {
		return Record{}, err
	}
	if out.Exams, err = m.d.Store.Exams(ctx, t, id); err != nil {
		return Record{}, err
	}
	v.tellChecks(out.Steps, out.Exams)
	if out.Rulings, err = m.d.Store.Rulings(ctx, t, id); err != nil {
		return Record{}, err
	}
	erased := !v.session.RedactedAt.IsZero() || v.session.Private.Unreadable
	if v.session.RunID == "" || m.d.Trace == nil || erased {
		return out, nil
	}
	trace, err := m.d.Trace(ctx, t, v.session.RunID)
	if err != nil {
		return Record{}, err
	}
	out.Trace = &trace
	return out, nil
}

// sender is who made a session, as its tag says.
func sender(s *kyc.Session) string {
	for _, tag := range s.Tags {
		if who, ok := strings.CutPrefix(tag, tagSender); ok {
			return who
		}
	}
	return ""
}

// Sessions lists sessions, newest first (B8). by is who asks: without another
// mode only their own are shown. A limit of 0 is 50; more than 500 is 500. An
// unknown workflow has no sessions.
func (m *Machine) Sessions(ctx context.Context, t kyc.Tenant, by kyc.Actor, q Query, p kyc.Page) (SessionList, error) {
	f := kyc.SessionFilter{Surface: kyc.SurfaceChecks, From: q.From, To: q.To}
	switch {
	case q.ExternalID != "":
		f.ExternalRef = q.ExternalID
	case q.WorkflowID != "":
		id, ok := kyc.ParseID(q.WorkflowID)
		if !ok {
			return SessionList{}, nil
		}
		f.WorkflowID = id
	case !q.Organization:
		f.Tag = senderTag(by)
	}
	p.Limit = limitOf(p.Limit)
	ask := p
	ask.Limit++ // one more tells whether there is a next page
	ask.Uncounted, ask.Damaged = true, true
	found, _, err := m.d.Store.Sessions(ctx, t, f, ask)
	if err != nil {
		return SessionList{}, err
	}
	var out SessionList
	if len(found) > p.Limit {
		found = found[:p.Limit]
		out.Next = found[len(found)-1].ID
	}
	views, err := m.viewsOf(ctx, t, found)
	for _, v := range views {
		out.Items = append(out.Items, v.state())
	}
	return out, err
}

// viewsOf is viewOf for a whole page: journeys are read together, and each
// version once.
func (m *Machine) viewsOf(ctx context.Context, t kyc.Tenant, list []kyc.Session) ([]*view, error) {
	if len(list) == 0 {
		return nil, nil
	}
	ids := make([]kyc.ID, len(list))
	for i := range list {
		ids[i] = list[i].ID
	}
	journeys, err := m.d.Store.JourneysOf(ctx, t, ids)
	if err != nil {
		return nil, err
	}
	now, org, err := m.now(ctx, t)
	if err != nil {
		return nil, err
	}
	type pin struct {
		workflow kyc.ID
		version  int
	}
	pins := map[pin]*view{}
	byID := make(map[kyc.ID]kyc.Journey, len(journeys))
	for _, j := range journeys {
		byID[j.ID] = j
	}
	out := make([]*view, 0, len(list))
	for _, s := range list {
		journey, ok := byID[s.ID]
		if !ok {
			return nil, kyc.Missing("journey", string(s.ID))
		}
		if journey.Damaged {
			s.Damage()
		}
		key := pin{s.WorkflowID, s.Version}
		if pins[key] == nil {
			if pins[key], err = m.viewOf(ctx, s); err != nil {
				return nil, err
			}
		}
		known := pins[key]
		out = append(out, &view{session: s, journey: journey, workflow: known.workflow, version: known.version, def: known.def,
			org: org, now: now, was: s.Status})
	}
	return out, nil
}
