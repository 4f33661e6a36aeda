package checks

import (
	"context"
	"net/http"
	"time"

	"bonafide/api"
	"bonafide/intake"
	"bonafide/kyc"
)

func (s *surface) sessionRoutes() {
	p := s.Porch
	driven := fails(said(created(op("create-check-session", http.MethodPost, "/workflows/{id}/sessions", groupSessions, "Create a session that your program drives", writeSessions)),
		"Submit its steps one after the other. Keys of the body may be in camelCase."), http.StatusNotFound)
	driven.AnyCase = true
	api.Handle(p, driven, s.createDriven)
	hosted := fails(said(created(op("create-hosted-check-session", http.MethodPost, "/sessions", groupSessions, "Create a session for an applicant with a link", writeSessions)),
		"Keys of the body may be in camelCase or snake_case."), http.StatusNotFound)
	hosted.AnyCase = true
	api.Handle(p, hosted, s.createHosted)
	api.Handle(p, said(op("list-check-sessions", http.MethodGet, "/sessions", groupSessions, "List sessions", readSessions),
		"Exactly one of these selects: `external_id`, else `workflow_id`, else `by_organization`, else the sessions that the caller made."), s.listSessions)
	api.Handle(p, fails(said(op("decide-check-session", http.MethodPatch, "/sessions/{id}/update-status", groupSessions, "Verify or reject by hand", writeSessions),
		"Of a session that was submitted. A decided session can be decided the other way with a `reason`."), http.StatusPreconditionFailed), s.decide)
	api.Handle(p, fails(said(op("void-check-session", http.MethodDelete, "/sessions/{id}", groupSessions, "Void a session", writeSessions),
		"Nobody can submit to it or decide it any more. With `redact=true` the applicant's data is erased as well; that needs the scope `data:redact`."), http.StatusPreconditionFailed), s.void)
}

func (s *surface) createDriven(ctx context.Context, who api.Principal, in *struct {
	WorkflowPath
	Body Person
}) (*tagged[createdSession], error) {
	n := in.Body.request()
	n.WorkflowID = in.ID
	got, err := s.Machine.Create(ctx, who.Tenant, who.Actor, n)
	if err != nil {
		return nil, err
	}
	return tag(got.Session.Meta, createdSession{SessionID: string(got.Session.ID), ExternalID: text(got.Session.ExternalRef), ExpiresAt: at(got.Session.ExpiresAt), CurrentStep: current(got.State),
		Steps: shown(got.Steps, func(st intake.Step) plannedStep {
			return plannedStep{StepID: st.ID, Status: st.Status, Requirements: given(st.Requirements)}
		})}), nil
}

func (s *surface) createHosted(ctx context.Context, who api.Principal, in *struct {
	Base
	Body hostedSession
}) (*tagged[createdHosted], error) {
	n := in.Body.request()
	n.Hosted, n.WorkflowID, n.RedirectURL = true, in.Body.WorkflowID, in.Body.RedirectURL
	n.SendEmail, n.SendPhone = in.Body.SendEmailInvite, in.Body.SendPhoneInvite
	got, err := s.Machine.Create(ctx, who.Tenant, who.Actor, n)
	if err != nil {
		return nil, err
	}
	url, self := s.link(in.Base, s.Page+got.Token), s.link(in.Base, prefix+"/sessions/"+string(got.Session.ID))
	return tag(got.Session.Meta, createdHosted{ID: string(got.Session.ID), SessionURL: url, ExternalID: text(got.Session.ExternalRef), Status: got.Status, ExpiresAt: at(got.Session.ExpiresAt),
		Invited: words(got.Invited), Links: []linkEntry{
			{"applicant", url, "The applicant's page."}, {"session", self, "Everything that is known of the session."}, {"workflow", self + "/workflow", "Where its steps stand."},
		}}), nil
}

func (s *surface) listSessions(ctx context.Context, who api.Principal, in *struct {
	Paging
	StartDate      string `query:"start_date" doc:"Created at this time or later: a date (YYYY-MM-DD, UTC) or an RFC 3339 time." maxLength:"40" example:"2026-01-01"`
	EndDate        string `query:"end_date" doc:"Created before this time; of a date the whole day counts." maxLength:"40" example:"2026-01-31"`
	ByOrganization bool   `query:"by_organization" doc:"Everybody's sessions, in place of your own." default:"false"`
	ExternalID     string `query:"external_id" doc:"Sessions with this id of yours." maxLength:"200"`
	WorkflowID     string `query:"workflow_id" doc:"Sessions of this workflow." maxLength:"64"`
}) (*answer[sessionList], error) {
	q := intake.Query{ExternalID: in.ExternalID, WorkflowID: in.WorkflowID, Organization: in.ByOrganization}
	var err error
	if q.From, err = day("start_date", in.StartDate, 0); err != nil {
		return nil, err
	}
	if q.To, err = day("end_date", in.EndDate, 1); err != nil {
		return nil, err
	}
	if in.WorkflowID != "" {
		if _, ok := kyc.ParseID(in.WorkflowID); !ok {
			return nil, badParameter("workflow_id", "invalid_id", "this is no id")
		}
	}
	const name = "check-sessions"
	filters := []any{q, who.Actor.ID}
	pg, err := in.page(s, who, name, filters)
	if err != nil {
		return nil, err
	}
	list, err := s.Machine.Sessions(ctx, who.Tenant, who.Actor, q, pg)
	if err != nil {
		return nil, err
	}
	return &answer[sessionList]{Body: sessionList{Sessions: shown(list.Items, headOf), NextToken: s.next(who, name, filters, list.Next)}}, nil
}

// day reads a time of a query, or a date to which days are added.
func day(name, text string, days int) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if d, err := time.Parse(time.DateOnly, text); err == nil {
		return d.AddDate(0, 0, days), nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, badParameter(name, "format_invalid", "send a date (YYYY-MM-DD) or an RFC 3339 time")
	}
	return t, nil
}

func (s *surface) decide(ctx context.Context, who api.Principal, in *struct {
	SessionPath
	api.IfMatch
	Body struct {
		NewStatus string `json:"new_status" doc:"The decision." enum:"VERIFIED,REJECTED"`
		Reason    string `json:"reason,omitempty" doc:"Why; required where an earlier decision is reversed. Kept encrypted." maxLength:"2000"`
		// Checklist is of this edition.
		Checklist []string `json:"checklist,omitempty" doc:"The points of the checklist of its review's queue (settings, queues) that the decision confirms, word for word; all of them are needed." maxItems:"20" nullable:"false"`
	}
}) (*tagged[decided], error) {
	sid, err := id("session", in.ID)
	if err != nil {
		return nil, err
	}
	st, err := s.Machine.SetStatus(ctx, who.Tenant, who.Actor, sid, intake.NewStatus{Status: in.Body.NewStatus, Reason: in.Body.Reason, Checklist: in.Body.Checklist, Rev: in.Rev()})
	if err != nil {
		return nil, err
	}
	return tag(st.Session.Meta, decided{SessionHead: headOf(st), DecidedAt: at(st.Session.CompletedAt)}), nil
}

func (s *surface) void(ctx context.Context, who api.Principal, in *struct {
	SessionPath
	api.IfMatch
	Redact bool `query:"redact" doc:"Erase the applicant's data as well." default:"false"`
}) (*answer[voided], error) {
	sid, err := id("session", in.ID)
	if err != nil {
		return nil, err
	}
	var got intake.Voided
	if in.Redact {
		if err := who.Authorize(redact); err != nil {
			return nil, err
		}
		got, err = s.Machine.Redact(ctx, who.Tenant, who.Actor, sid, in.Rev())
	} else {
		got, err = s.Machine.Void(ctx, who.Tenant, who.Actor, sid, in.Rev())
	}
	if err != nil {
		return nil, err
	}
	return &answer[voided]{Body: voided{SessionID: string(sid), Status: intake.Word(got.State.Session.Status), Redacted: got.Redacted, RedactedAt: at(got.State.Session.RedactedAt)}}, nil
}
