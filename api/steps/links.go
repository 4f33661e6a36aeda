package steps

import (
	"context"
	"net/http"
	"time"

	"bonafide/api"
	"bonafide/journey"
	"bonafide/kyc"
)

// linkLife is the optional body of a new link.
type linkLife struct {
	TTLDays int `json:"ttl_days,omitempty" doc:"How long it lives from now, in days; default: as long as before." minimum:"1" maximum:"365"`
}

func (l *linkLife) days() int {
	if l == nil {
		return 0
	}
	return l.TTLDays
}

// extendedSession is the answer to an extension.
type extendedSession struct {
	ID        string `json:"session_id" doc:"The session's id."`
	Status    string `json:"status" doc:"Where it stands; an expired one is back where it was."`
	ExpiresAt stamp  `json:"expires_at" doc:"When its link ends now."`
	UpdatedAt stamp  `json:"updated_at" doc:"When it last changed."`
}

func (s *surface) linkRoutes() {
	p, group := s.Porch, "Onboarding sessions"
	api.Handle(p, fails(said(op("generate-onboarding-link", http.MethodPost, "/sessions/{session_id}/generate-link", group, "New link for the applicant", create),
		"The old link works no more."), http.StatusConflict, http.StatusPreconditionFailed),
		func(ctx context.Context, who api.Principal, in *struct {
			SessionPath
			Base
			api.IfMatch
			Body *linkLife
		}) (*tagged[linkedSession], error) {
			sid, err := id("session", in.ID)
			if err != nil {
				return nil, err
			}
			got, err := s.Machine.GenerateLink(ctx, who.Tenant, who.Actor, sid, rev(in.IfMatch), in.Body.days())
			if err != nil {
				return nil, err
			}
			return tag(got.Session.Meta, linkedSession{ID: string(sid), Status: journey.Word(got.Session.Status), AccessToken: got.Token,
				PublicURL: s.page(in.Base, got.Token), ExpiresAt: at(got.Session.ExpiresAt)}), nil
		})
	api.Handle(p, fails(said(op("extend-onboarding-session", http.MethodPost, "/sessions/{session_id}/extend", group, "Extend a session", create),
		"By days, or to a time; never shorter. An expired session comes back to the status it had, within 90 days of its end."), http.StatusConflict, http.StatusPreconditionFailed),
		func(ctx context.Context, who api.Principal, in *struct {
			SessionPath
			api.IfMatch
			Body struct {
				Days      int       `json:"days,omitempty" doc:"Days to add." minimum:"1" maximum:"365"`
				ExpiresAt time.Time `json:"expires_at,omitzero" doc:"The new end, in place of days."`
			}
		}) (*tagged[extendedSession], error) {
			sid, err := id("session", in.ID)
			if err != nil {
				return nil, err
			}
			got, err := s.Machine.Extend(ctx, who.Tenant, who.Actor, sid, rev(in.IfMatch), in.Body.Days, in.Body.ExpiresAt)
			if err != nil {
				return nil, err
			}
			return tag(got.Meta, extendedSession{ID: string(sid), Status: journey.Word(got.Status), ExpiresAt: at(got.ExpiresAt), UpdatedAt: at(got.UpdatedAt)}), nil
		})
}

// workflowName is what people call the workflow, in the version the session is
// pinned to.
func (s *surface) workflowName(ctx context.Context, who api.Principal, got kyc.Session) (string, error) {
	st, err := s.Machine.Workflow(ctx, who.Tenant, string(got.WorkflowID), got.Version, true)
	return st.Version.Name, err
}
