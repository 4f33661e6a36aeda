package execution

import (
	"context"
	"maps"
	"slices"
	"time"

	"bonafide/kyc"
	"bonafide/procedure"
)

// HostedLink finds the session of a hosted link. Errors: 404 link_invalid for
// what is no such link, also when the individual is gone; 410 session_expired.
func (m *Machine) HostedLink(ctx context.Context, token string) (HostedState, error) {
	invalid := kyc.Errorf(kyc.NotFound, "link_invalid", "this link is unknown; ask for a new one")
	if token == "" {
		return HostedState{}, invalid
	}
	s, err := m.d.Store.SessionByToken(ctx, kyc.TextHash(token))
	if err != nil && kyc.KindOf(err) == kyc.NotFound {
		return HostedState{}, invalid
	}
	if err != nil {
		return HostedState{}, err
	}
	if s.Surface != kyc.SurfaceEntities || !s.RedactedAt.IsZero() || s.Private.Unreadable {
		return HostedState{}, invalid
	}
	held := hostingOf(&s)
	st := HostedState{Session: s, Papers: held.Papers, Files: held.Files}
	if st.Now, _, err = m.now(ctx, s.Tenant); err != nil {
		return st, err
	}
	if s.Status == kyc.SessionExpired || s.Status.Open() && !s.ExpiresAt.IsZero() && !st.Now.Before(s.ExpiresAt) {
		return HostedState{}, kyc.Errorf(kyc.Gone, "session_expired", "the time of this session is over")
	}
	if st.Individual, err = m.individual(ctx, s.Tenant, s.SubjectID); err != nil {
		if kyc.KindOf(err) == kyc.NotFound {
			err = invalid
		}
		return HostedState{}, err
	}
	if st.Workflow, err = m.d.Store.Workflow(ctx, s.Tenant, s.WorkflowID); err != nil {
		return st, err
	}
	docs, err := m.d.Store.EntityDocuments(ctx, s.Tenant, s.SubjectID, false)
	if err != nil {
		return st, err
	}
	st.Documents = inForceOn(docs, st.Now)
	st.Wants = hostingOf(&s).Wants
	if !s.Status.Open() {
		return st, nil
	}
	in, err := m.inForce(ctx, st.Workflow)
	if err != nil {
		return st, err
	}
	st.Wants, err = m.wants(ctx, in.Definition, &st.Individual, &s, hostingOf(&s), st.Now)
	return st, err
}

// HostedNote changes what the session of a hosted link remembers.
type HostedNote struct {
	// Papers are documents that were taken, by the want they serve.
	Papers map[string]kyc.ID
	// Files is how many more files came.
	Files int
	// Left is a part of the pages that the person is through with.
	Left string
	// Consent is what was said about a text.
	Consent *HostedConsent
}

// HostedConsent is what a person said about a text that was shown.
type HostedConsent struct {
	Kind, Version string
	TextHash      string // SHA-256 in hex of the words that were shown
	Given         bool
	Address       string // network address it came from
}

// NoteHosted keeps a note with the session of an open link. Errors: those of
// HostedLink; 409 session_closed.
func (m *Machine) NoteHosted(ctx context.Context, token string, n HostedNote) (HostedState, error) {
	st, err := m.HostedLink(ctx, token)
	if err != nil {
		return st, err
	}
	s := &st.Session
	if !s.Status.Open() {
		return st, kyc.Errorf(kyc.Conflict, "session_closed", "this session takes no more data")
	}
	before, action := digest(s), "session.capture"
	if s.Status == kyc.SessionCreated {
		if err := s.Move(kyc.SessionCapturing, st.Now); err != nil {
			return st, err
		}
	}
	h := hostingOf(s)
	h.Wants = st.Wants
	h.Files += n.Files
	st.Files = h.Files
	s.Private.Fields = maps.Clone(s.Private.Fields)
	if len(n.Papers) > 0 {
		h.Papers = maps.Clone(h.Papers)
		if h.Papers == nil {
			h.Papers = map[string]kyc.ID{}
		}
		maps.Copy(h.Papers, n.Papers)
		st.Papers = h.Papers
	}
	if err := h.keep(s); err != nil {
		return st, err
	}
	if n.Left != "" && !slices.Contains(s.Private.LeftOut, n.Left) {
		action = "session.capture_step"
		s.Private.LeftOut = append(slices.Clone(s.Private.LeftOut), n.Left)
	}
	if c := n.Consent; c != nil {
		action = "session.consent"
		all, _ := s.Private.Fields[keyConsents].(map[string]any)
		all = maps.Clone(all)
		if all == nil {
			all = map[string]any{}
		}
		all[c.Kind] = map[string]any{"given": c.Given, "version": c.Version, "text_sha256": c.TextHash, "at": st.Now.UTC().Format(time.RFC3339), "address": c.Address}
		s.Private.Fields[keyConsents] = all
	}
	s.Sequence++
	s.Touch(st.Now)
	e := event(ctx, s.Tenant, Applicant(s), st.Now, action, "session", s.ID, s.SubjectID)
	e.Before, e.After = before, digest(s)
	return st, m.d.Store.Commit(ctx, &kyc.Change{Put: []kyc.Object{s}, Events: []kyc.Event{e}})
}

// Applicant is the person of a session, acting themselves.
func Applicant(s *kyc.Session) kyc.Actor {
	return kyc.Actor{Kind: kyc.ActorApplicant, ID: string(s.SubjectID)}
}

// Agreed reports whether a version of a text was agreed to on the pages.
func (st *HostedState) Agreed(kind, version string) bool {
	all, _ := st.Session.Private.Fields[keyConsents].(map[string]any)
	one, _ := all[kind].(map[string]any)
	return one["given"] == true && one["version"] == version
}

// SubmitHosted executes the workflow of a link with what is known of the
// individual now; the end is told by a notification. Errors: those of
// NoteHosted and of Execute.
func (m *Machine) SubmitHosted(ctx context.Context, token string) (kyc.Execution, error) {
	st, err := m.HostedLink(ctx, token)
	if err != nil {
		return kyc.Execution{}, err
	}
	if !st.Session.Status.Open() {
		return kyc.Execution{}, kyc.Errorf(kyc.Conflict, "session_closed", "this session was handed in already")
	}
	if st.Workflow.Status == kyc.WorkflowDeleted || st.Workflow.Service == nil {
		return kyc.Execution{}, kyc.Errorf(kyc.Gone, "session_expired", "the workflow of this link is not in use any more")
	}
	x, _, err := m.start(ctx, st.Session.Tenant, Applicant(&st.Session), Order{SubjectID: st.Session.SubjectID, ServiceName: st.Workflow.Service.ServiceName,
		WorkflowName: st.Workflow.Name, Background: true, Channel: channelHosted, hosted: &st.Session,
		Hand: Hand{Operator: string(kyc.ActorApplicant), RequestID: hostingOf(&st.Session).Request}}, st.Workflow, TriggerRequest)
	if err != nil {
		return kyc.Execution{}, err
	}
	return x.execution, nil
}

// carryOn makes the session of a link that of its execution.
func (b *beginning) carryOn(s *kyc.Session) {
	made := b.session
	b.session = *s
	b.session.Version, b.session.Country, b.session.SubmittedAt = made.Version, made.Country, made.SubmittedAt
	b.session.Private = made.Private
	b.session.Private.LeftOut = s.Private.LeftOut
	for _, key := range []string{keyHosted, keyConsents} {
		if v, ok := s.Private.Fields[key]; ok {
			b.session.Private.Fields[key] = v
		}
	}
}

// ExpireHosted ends the session of a link that nobody finished. The link stays
// known, so that its holder learns why nothing works. Errors: 409 no_link for an
// execution that no link led to, invalid_transition.
func (m *Machine) ExpireHosted(ctx context.Context, s kyc.Session, by kyc.Actor, now time.Time) (kyc.Session, error) {
	if !hostedSession(&s) {
		return s, kyc.Errorf(kyc.Conflict, "no_link", "no hosted link led to this execution")
	}
	if !s.Status.Open() {
		return s, kyc.Errorf(kyc.Conflict, "invalid_transition", "the session is %s and cannot expire", s.Status)
	}
	e, err := expireLink(ctx, &s, by, now, "expired")
	if err != nil {
		return s, err
	}
	return s, m.d.Store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&s}, Events: []kyc.Event{e}})
}

// OfferedPapers are the identity documents that pages offer, by the reader's
// word for each, with the type of surface C.
func OfferedPapers() map[string]string {
	return map[string]string{"passport": "PASSPORT", "id_card": "NATIONAL_ID", "driving_licence": "DRIVERS_LICENSE", "residence_permit": "IMMIGRATION"}
}

// Paper is the document that the pages took for a want, or nil.
func (st *HostedState) Paper(want string) *kyc.EntityDocument {
	id, ok := st.Papers[want]
	if !ok {
		return nil
	}
	i := slices.IndexFunc(st.Documents, func(d kyc.EntityDocument) bool { return d.ID == id })
	if i < 0 {
		return nil
	}
	return &st.Documents[i]
}

// Given reports whether a want is served.
func (st *HostedState) Given(want string) bool {
	switch want {
	case procedure.WantDocument:
		d := st.Paper(want)
		return d != nil && slices.ContainsFunc(usable(d), func(a kyc.EntityAttachment) bool { return a.Side == "FRONT" })
	case procedure.WantSelfie:
		d := st.Paper(want)
		return d != nil && len(usable(d)) > 0
	}
	return procedure.Known(&st.Individual.Private, want)
}
