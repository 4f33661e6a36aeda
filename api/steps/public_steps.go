package steps

import (
	"context"
	"net/http"

	"bonafide/api"
	"bonafide/journey"
	"bonafide/kyc"
)

type StepPath struct {
	TokenPath
	StepID string `path:"step_id" doc:"The step." maxLength:"64"`
}

func (s *surface) publicStepRoutes() {
	p := s.Porch
	api.Handle(p, fails(said(public("complete-step", http.MethodPost, "/step/{step_id}/complete", "Complete a step"),
		"Form steps need their answers; every other step an empty object or nothing. Answers that do not fit are all listed at once (`field_validation_failed`). "+
			"409: `step_out_of_order`, `step_already_completed`, `documents_missing`, `liveness_required`, `subsessions_required`, `subsessions_pending`."), http.StatusConflict),
		func(ctx context.Context, _ api.Principal, in *struct {
			StepPath
			Body *struct {
				FormData map[string]any `json:"form_data,omitempty" doc:"Answers by field_id or field_key."`
			}
		}) (*answer[state], error) {
			var data map[string]any
			if in.Body != nil {
				data = in.Body.FormData
			}
			return showLook(s.Machine.CompleteStep(ctx, in.Token, in.StepID, data))
		})
	api.Handle(p, fails(said(public("skip-step", http.MethodPost, "/step/{step_id}/skip", "Skip an optional step"),
		"409 `step_required` for a step that cannot be skipped."), http.StatusConflict),
		func(ctx context.Context, _ api.Principal, in *StepPath) (*answer[state], error) {
			return showLook(s.Machine.SkipStep(ctx, in.Token, in.StepID))
		})
}

// publicParty is a subsession as the applicant who asked for it sees it.
type publicParty struct {
	ID         string  `json:"session_id" doc:"The subsession's id."`
	StepID     string  `json:"step_id" doc:"The step it belongs to."`
	Name       *string `json:"name" doc:"Whom it is about; null when nothing was said."`
	Email      *string `json:"email" doc:"Their address; null when nothing was said."`
	EntityRole *string `json:"entity_role" doc:"The party's role; null when nothing was said."`
	Status     string  `json:"status" doc:"How far the party is. How the party is judged is not told." enum:"active,completed,expired,cancelled"`
	CreatedAt  stamp   `json:"created_at" doc:"When it was made."`
	ExpiresAt  stamp   `json:"expires_at" doc:"When its link ends."`
}

func showPublicParty(c journey.Child) publicParty {
	return publicParty{ID: string(c.Session.ID), StepID: c.Journey.ParentStep, Name: text(c.Journey.Private.Name), Email: text(c.Journey.Private.Email),
		EntityRole: text(c.Journey.EntityRole), Status: c.State(), CreatedAt: at(c.Session.CreatedAt), ExpiresAt: at(c.Session.ExpiresAt)}
}

// linkedParty is a subsession with its fresh link.
type linkedParty struct {
	publicParty
	AccessToken string `json:"access_token" doc:"The party's permission; shown only here."`
	PublicURL   string `json:"public_url" doc:"The link to share with the party."`
}

// invitedParty is whom the applicant names.
type invitedParty struct {
	StepID     string `json:"step_id,omitempty" doc:"The step that asks for it; default: the first that waits." maxLength:"64"`
	Name       string `json:"name,omitempty" doc:"Whom it is about." maxLength:"255"`
	Email      string `json:"email,omitempty" doc:"Where an invitation goes, where this installation can send one." maxLength:"254"`
	EntityRole string `json:"entity_role,omitempty" doc:"The party's role." enum:"individual,ubo,director,shareholder,representative"`
}

type PartyPath struct {
	TokenPath
	SubID string `path:"sub_id" doc:"The subsession's id." maxLength:"64"`
}

// party reads the id; what is no id is left to the machine, which tells about
// the session first.
func (p PartyPath) party() kyc.ID {
	got, _ := kyc.ParseID(p.SubID)
	return got
}

func (s *surface) publicSubsessionRoutes() {
	p := s.Porch
	linked := func(b Base, c journey.Child, err error) (*answer[linkedParty], error) {
		if err != nil {
			return nil, err
		}
		return &answer[linkedParty]{Body: linkedParty{publicParty: showPublicParty(c), AccessToken: c.Token, PublicURL: s.page(b, c.Token)}}, nil
	}
	api.Handle(p, fails(said(created(public("invite-party", http.MethodPost, "/subsessions", "Add a related party")),
		"The answer has the link to share with the party. 409 `max_subsessions_reached` when the step takes no more."), http.StatusConflict),
		func(ctx context.Context, _ api.Principal, in *struct {
			TokenPath
			Base
			Body *invitedParty
		}) (*answer[linkedParty], error) {
			var b invitedParty
			if in.Body != nil {
				b = *in.Body
			}
			c, err := s.Machine.Invite(ctx, in.Token, journey.NewParty{StepID: b.StepID, Name: b.Name, Email: b.Email, Role: b.EntityRole})
			return linked(in.Base, c, err)
		})
	api.Handle(p, public("list-parties", http.MethodGet, "/subsessions", "Related parties"),
		func(ctx context.Context, _ api.Principal, in *struct {
			TokenPath
			StepID string `query:"step_id" doc:"Only those of this step." maxLength:"64"`
		}) (*answer[listing[publicParty]], error) {
			list, err := s.Machine.Invited(ctx, in.Token, in.StepID)
			if err != nil {
				return nil, err
			}
			return whole(list, showPublicParty), nil
		})
	api.Handle(p, fails(said(public("reinvite-party", http.MethodPost, "/subsessions/{sub_id}/regenerate-link", "New link for a related party"),
		"The old link works no more."), http.StatusConflict),
		func(ctx context.Context, _ api.Principal, in *struct {
			PartyPath
			Base
		}) (*answer[linkedParty], error) {
			c, err := s.Machine.Reinvite(ctx, in.Token, in.party())
			return linked(in.Base, c, err)
		})
	api.Handle(p, fails(said(public("remove-party", http.MethodDelete, "/subsessions/{sub_id}", "Remove a related party"),
		"Before the party has begun; 409 `subsession_started` afterwards."), http.StatusConflict),
		func(ctx context.Context, _ api.Principal, in *PartyPath) (*answer[removedParty], error) {
			if err := s.Machine.Uninvite(ctx, in.Token, in.party()); err != nil {
				return nil, err
			}
			return &answer[removedParty]{Body: removedParty{ID: in.SubID, Deleted: true}}, nil
		})
}
