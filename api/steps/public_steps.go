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

// openedLiveness is an opened liveness check. Its first two members are what
// seed 004's front end takes out of it.
type openedLiveness struct {
	ID                string `json:"session_id" doc:"The liveness check's id; not the session's."`
	Region            string `json:"region" doc:"Where the detector finds its service."`
	StepID            string `json:"step_id" doc:"The step it belongs to."`
	ChallengeType     string `json:"challenge_type" doc:"What the applicant does." enum:"FaceMovementChallenge,FaceMovementAndLightChallenge"`
	AttemptsRemaining int    `json:"attempts_remaining" doc:"Attempts left, this one included."`
	Provider          string `json:"provider" doc:"Who judges it."`
	ExpiresAt         stamp  `json:"expires_at" doc:"Until when it can be verified."`
}

// livenessOutcome is an evaluated liveness check.
type livenessOutcome struct {
	Passed            bool    `json:"passed" doc:"Whether a person was there."`
	Confidence        float64 `json:"confidence" doc:"How sure that is." minimum:"0" maximum:"100"`
	AttemptsRemaining int     `json:"attempts_remaining" doc:"Attempts left."`
	Reason            *string `json:"reason" doc:"Why it was not passed, as a word; null when it was."`
	StepStatus        string  `json:"step_status" doc:"Where the step stands: after the last attempt a required step is failed, an optional one skipped, and the session goes on."`
}

// Who judges liveness, where nothing else is said.
const (
	sandboxProvider = "sandbox"
	ownProvider     = "bonafide"
	ownRegion       = "local"
)

func (s *surface) livenessRoutes() {
	p := s.Porch
	api.Handle(p, fails(said(public("create-liveness", http.MethodPost, "/liveness/create", "Open a liveness check"),
		"Without a body it is for the first liveness step that waits. 409 `liveness_attempts_exhausted` when no attempt is left."), http.StatusConflict),
		func(ctx context.Context, _ api.Principal, in *struct {
			TokenPath
			Body *struct {
				StepID string `json:"step_id,omitempty" doc:"The liveness step; default: the first that waits." maxLength:"64"`
			}
		}) (*answer[openedLiveness], error) {
			step := ""
			if in.Body != nil {
				step = in.Body.StepID
			}
			now, err := s.Machine.Look(ctx, in.Token)
			if err != nil {
				return nil, err
			}
			got, err := s.Machine.OpenLiveness(ctx, in.Token, step)
			if err != nil {
				return nil, err
			}
			provider := ownProvider
			if now.Session.Tenant.Env == kyc.Sandbox {
				provider = sandboxProvider
			}
			return &answer[openedLiveness]{Body: openedLiveness{ID: string(got.Try.ID), Region: ownRegion, StepID: got.Try.StepID, ChallengeType: got.Try.Challenge,
				AttemptsRemaining: got.Remaining, Provider: provider, ExpiresAt: at(now.Session.ExpiresAt)}}, nil
		})
	api.Handle(p, fails(said(public("verify-liveness", http.MethodPost, "/liveness/verify", "Evaluate a liveness check"),
		"Asked again, it answers the same."), http.StatusConflict),
		func(ctx context.Context, _ api.Principal, in *struct {
			TokenPath
			Body struct {
				ID string `json:"liveness_session_id" doc:"The session_id of the opened check." maxLength:"64"`
			}
		}) (*answer[livenessOutcome], error) {
			try, ok := kyc.ParseID(in.Body.ID)
			if !ok {
				try = "none" // unknown, after the session itself was found
			}
			got, err := s.Machine.EvaluateLiveness(ctx, in.Token, try)
			if err != nil {
				return nil, err
			}
			return &answer[livenessOutcome]{Body: livenessOutcome{Passed: got.Try.Passed, Confidence: got.Try.Confidence, AttemptsRemaining: got.Remaining,
				Reason: text(got.Try.Reason), StepStatus: string(got.Step)}}, nil
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
