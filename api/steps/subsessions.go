package steps

import (
	"context"
	"net/http"

	"bonafide/api"
	"bonafide/journey"
	"bonafide/kyc"
)

type SubsessionPath struct {
	SessionPath
	SubID string `path:"sub_id" doc:"The subsession's id." maxLength:"64"`
}

// newParty is a related party who shall be verified.
type newParty struct {
	StepID     string         `json:"step_id,omitempty" doc:"The step that asks for it; default: the first that waits." maxLength:"64"`
	Name       string         `json:"name,omitempty" doc:"Whom it is about." maxLength:"255"`
	Email      string         `json:"email,omitempty" doc:"Where an invitation goes, where this installation can send one." maxLength:"254"`
	EntityRole string         `json:"entity_role,omitempty" doc:"The party's role." enum:"individual,ubo,director,shareholder,representative"`
	Metadata   map[string]any `json:"metadata,omitempty" doc:"Anything of yours."`
}

func (n newParty) party() journey.NewParty {
	return journey.NewParty{StepID: n.StepID, Name: n.Name, Email: n.Email, Role: n.EntityRole, Metadata: n.Metadata}
}

// subsession is a session of a related party, for the back office.
type subsession struct {
	ID            string  `json:"session_id" doc:"The subsession's id."`
	ParentID      string  `json:"parent_session_id" doc:"The session that asked for it."`
	StepID        string  `json:"step_id" doc:"The step it was asked in."`
	WorkflowID    string  `json:"workflow_id" doc:"Its workflow."`
	Version       int     `json:"workflow_version" doc:"The version it is pinned to."`
	Name          *string `json:"name" doc:"Whom it is about; null when nothing was said or erased."`
	Email         *string `json:"email" doc:"Their address; null when nothing was said or erased."`
	EntityRole    *string `json:"entity_role" doc:"The party's role; null when nothing was said."`
	Status        string  `json:"status" doc:"Where it stands." enum:"active,completed,processing,approved,rejected,manual_review,needs_correction,expired,cancelled"`
	FinalDecision *string `json:"final_decision" doc:"The decision in force; null before one."`
	CreatedAt     stamp   `json:"created_at" doc:"When it was made."`
	ExpiresAt     stamp   `json:"expires_at" doc:"When its link ends."`
}

func showSubsession(s kyc.Session, j kyc.Journey) subsession {
	return subsession{ID: string(s.ID), ParentID: string(j.ParentID), StepID: j.ParentStep, WorkflowID: string(s.WorkflowID), Version: s.Version, Name: text(j.Private.Name),
		Email: text(j.Private.Email), EntityRole: text(j.EntityRole), Status: journey.Word(s.Status), FinalDecision: text(journey.Final(&s)),
		CreatedAt: at(s.CreatedAt), ExpiresAt: at(s.ExpiresAt)}
}

// linkedSubsession is a subsession with its fresh link.
type linkedSubsession struct {
	subsession
	AccessToken string `json:"access_token" doc:"The party's permission; shown only here."`
	PublicURL   string `json:"public_url" doc:"Where the party goes."`
}

func (s *surface) subsessionRoutes() {
	p, group, base := s.Porch, "Onboarding sessions", "/sessions/{session_id}/subsessions"
	api.Handle(p, fails(said(created(op("create-subsession", http.MethodPost, base, group, "Add a related party", create)),
		"Opens a session of its own for an owner, a director or a sub-merchant, with its own link. 409 `max_subsessions_reached` when the step takes no more."), http.StatusConflict),
		func(ctx context.Context, who api.Principal, in *struct {
			SessionPath
			Base
			Body newParty
		}) (*tagged[linkedSubsession], error) {
			sid, err := id("session", in.ID)
			if err != nil {
				return nil, err
			}
			return s.showParty(in.Base)(s.Machine.AddParty(ctx, who.Tenant, who.Actor, sid, in.Body.party()))
		})
	api.Handle(p, op("list-subsessions", http.MethodGet, base, group, "Related parties of a session", read),
		func(ctx context.Context, who api.Principal, in *struct {
			SessionPath
			StepID string `query:"step_id" doc:"Only those of this step." maxLength:"64"`
		}) (*answer[listing[subsession]], error) {
			sid, err := id("session", in.ID)
			if err != nil {
				return nil, err
			}
			list, err := s.Machine.Parties(ctx, who.Tenant, who.Actor, sid, in.StepID)
			if err != nil {
				return nil, err
			}
			return whole(list, func(c journey.Child) subsession { return showSubsession(c.Session, c.Journey) }), nil
		})
	api.Handle(p, fails(said(op("regenerate-subsession-link", http.MethodPost, base+"/{sub_id}/regenerate-link", group, "New link for a related party", create),
		"The old link works no more. An expired subsession comes back."), http.StatusConflict),
		func(ctx context.Context, who api.Principal, in *struct {
			SubsessionPath
			Base
			Body *linkLife
		}) (*tagged[linkedSubsession], error) {
			sid, sub, err := in.ids()
			if err != nil {
				return nil, err
			}
			return s.showParty(in.Base)(s.Machine.RelinkParty(ctx, who.Tenant, who.Actor, sid, sub, in.Body.days()))
		})
	api.Handle(p, fails(said(op("delete-subsession", http.MethodDelete, base+"/{sub_id}", group, "Remove a related party", create),
		"It is cancelled where it still runs, and counts no more."), http.StatusConflict),
		func(ctx context.Context, who api.Principal, in *SubsessionPath) (*answer[removedParty], error) {
			sid, sub, err := in.ids()
			if err != nil {
				return nil, err
			}
			return &answer[removedParty]{Body: removedParty{ID: string(sub), Deleted: true}}, s.Machine.RemoveParty(ctx, who.Tenant, who.Actor, sid, sub)
		})
}

// removedParty is the answer to the removal of a subsession.
type removedParty struct {
	ID      string `json:"session_id" doc:"The subsession's id."`
	Deleted bool   `json:"deleted" doc:"Always true."`
}

func (p SubsessionPath) ids() (session, sub kyc.ID, err error) {
	if session, err = id("session", p.ID); err != nil {
		return "", "", err
	}
	sub, err = id("subsession", p.SubID)
	return session, sub, err
}

// showParty shows a subsession with its link.
func (s *surface) showParty(b Base) func(journey.Child, error) (*tagged[linkedSubsession], error) {
	return func(c journey.Child, err error) (*tagged[linkedSubsession], error) {
		if err != nil {
			return nil, err
		}
		return tag(c.Session.Meta, linkedSubsession{subsession: showSubsession(c.Session, c.Journey), AccessToken: c.Token, PublicURL: s.page(b, c.Token)}), nil
	}
}
