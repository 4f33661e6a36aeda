package steps

import (
	"context"
	"net/http"
	"time"

	"bonafide/api"
	"bonafide/journey"
	"bonafide/kyc"
)

func (s *surface) sessionRoutes() {
	p, group := s.Porch, "Onboarding sessions"
	api.Handle(p, fails(said(created(op("create-onboarding-session", http.MethodPost, "/sessions", group, "Create a session", create)),
		"Opens a session pinned to a version of its workflow and answers with the applicant's link. An unknown `client_id` makes a customer."), http.StatusNotFound), s.createSession)
	api.Handle(p, op("list-onboarding-sessions", http.MethodGet, "/sessions", group, "List sessions", read), s.listSessions)
	api.Handle(p, said(op("get-onboarding-session", http.MethodGet, "/sessions/{session_id}", group, "Read a session", read),
		"Everything about a session: what the applicant did, what was read and found, and how it was decided. The look is recorded in the audit chain."), s.getSession)
	api.Handle(p, fails(said(op("delete-onboarding-session", http.MethodDelete, "/sessions/{session_id}", group, "Delete a session", create),
		"`mode=archive` hides it from lists. `mode=redact` destroys the personal data of its customer for ever and needs the scope `data:redact` as well."), http.StatusPreconditionFailed), s.deleteSession)
}

func (s *surface) createSession(ctx context.Context, who api.Principal, in *struct {
	Base
	Body newSession
}) (*tagged[createdSession], error) {
	b := in.Body
	got, err := s.Machine.Create(ctx, who.Tenant, who.Actor, journey.NewSession{Workflow: b.WorkflowID, Version: b.WorkflowVersion, TTLDays: b.TTLDays, Metadata: b.Metadata,
		ClientID: b.ClientID, CustomerID: b.CustomerID, Prefill: b.Prefill, RedirectURL: b.RedirectURL, Language: b.Language, SendInvite: b.SendInvite})
	if err != nil {
		return nil, err
	}
	return tag(got.Session.Meta, createdSession{sessionBase: showBase(got.Session, got.Journey, got.Workflow.Name), AccessToken: got.Token,
		PublicURL: s.page(in.Base, got.Token), Invited: got.Invited, Warnings: findings(got.Warnings)}), nil
}

func (s *surface) listSessions(ctx context.Context, who api.Principal, in *struct {
	Paging
	Status        []string  `query:"status,explode" doc:"Only sessions in one of these statuses; may be repeated." enum:"active,completed,processing,approved,rejected,manual_review,needs_correction,expired,cancelled"`
	WorkflowID    string    `query:"workflow_id" doc:"Only sessions of this workflow; id or slug." maxLength:"64"`
	CustomerID    string    `query:"customer_id" doc:"Only sessions of this customer." maxLength:"64"`
	ClientID      string    `query:"client_id" doc:"Only sessions of the customer whom you call this." maxLength:"200"`
	FinalDecision string    `query:"final_decision" doc:"Only sessions with this decision." enum:"approved,flagged,rejected,manual_review,cancelled"`
	From          time.Time `query:"created_from" doc:"Made at this time or later."`
	To            time.Time `query:"created_to" doc:"Made before this time."`
	ParentID      string    `query:"parent_session_id" doc:"Only subsessions of this session." maxLength:"64"`
	Archived      bool      `query:"include_archived" doc:"Archived sessions, too."`
	Text          string    `query:"q" doc:"A session's id or a client_id, whole: personal data is encrypted and cannot be searched." maxLength:"200"`
}) (*answer[listing[sessionBase]], error) {
	q := journey.SessionQuery{Status: in.Status, Workflow: in.WorkflowID, ClientID: in.ClientID, FinalDecision: in.FinalDecision, From: in.From, To: in.To,
		Archived: in.Archived, Text: in.Text}
	var err error
	if q.CustomerID, err = filterID("customer_id", in.CustomerID); err != nil {
		return nil, err
	}
	if q.ParentID, err = filterID("parent_session_id", in.ParentID); err != nil {
		return nil, err
	}
	pg, err := in.page(s, who, "onboarding-sessions", q)
	if err != nil {
		return nil, err
	}
	rows, more, err := s.Machine.Sessions(ctx, who.Tenant, who.Actor, q, pg)
	if err != nil {
		return nil, err
	}
	return part(s, who, "onboarding-sessions", q, rows, more, func(r journey.Listed) kyc.ID { return r.Session.ID }, func(r journey.Listed) sessionBase {
		return showBase(r.Session, r.Journey, r.Workflow.Name)
	}), nil
}

func (s *surface) getSession(ctx context.Context, who api.Principal, in *SessionPath) (*tagged[details], error) {
	sid, err := id("session", in.ID)
	if err != nil {
		return nil, err
	}
	d, err := s.Machine.Read(ctx, who.Tenant, who.Actor, sid)
	if err != nil {
		return nil, err
	}
	return tag(d.Session.Meta, showDetails(d)), nil
}

// deletedSession is the answer to a deletion.
type deletedSession struct {
	ID         string `json:"session_id" doc:"The session's id."`
	Mode       string `json:"mode" doc:"What was done." enum:"archive,redact"`
	Deleted    bool   `json:"deleted" doc:"Always true."`
	ArchivedAt stamp  `json:"archived_at" doc:"When it was hidden; null for redact."`
}

func (s *surface) deleteSession(ctx context.Context, who api.Principal, in *struct {
	SessionPath
	api.IfMatch
	Mode string `query:"mode" doc:"Hide it, or destroy the personal data." enum:"archive,redact" default:"archive"`
}) (*answer[deletedSession], error) {
	sid, err := id("session", in.ID)
	if err != nil {
		return nil, err
	}
	out := deletedSession{ID: string(sid), Mode: in.Mode, Deleted: true}
	if in.Mode == "redact" {
		if err := who.Authorize(redact); err != nil {
			return nil, err
		}
		return &answer[deletedSession]{Body: out}, s.Machine.RedactSession(ctx, who.Tenant, who.Actor, sid)
	}
	_, j, err := s.Machine.Delete(ctx, who.Tenant, who.Actor, sid, rev(in.IfMatch))
	if err != nil {
		return nil, err
	}
	out.ArchivedAt = at(j.ArchivedAt)
	return &answer[deletedSession]{Body: out}, nil
}
