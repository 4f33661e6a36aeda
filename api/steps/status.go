package steps

import (
	"context"
	"net/http"

	"bonafide/api"
	"bonafide/journey"
)

type newStatus struct {
	Status     string `json:"status" doc:"The new status." enum:"approved,rejected,manual_review,cancelled"`
	ReasonCode string `json:"reason_code,omitempty" doc:"Why, as a word in snake_case." maxLength:"64" example:"documents_forged"`
	Reason     string `json:"reason,omitempty" doc:"Why, in words; kept encrypted. An override needs one." maxLength:"2000"`
	Notes      string `json:"notes,omitempty" doc:"Notes; kept encrypted." maxLength:"10000"`
	Override   bool   `json:"override,omitempty" doc:"Reverse a decision, or approve in spite of a confirmed sanction hit." default:"false"`
	// Checklist is of this edition.
	Checklist []string `json:"checklist,omitempty" doc:"The points of the checklist of its review's queue (settings, queues) that the decision confirms, word for word; all of them are needed." maxItems:"20" nullable:"false"`
}

// decided is the answer to a change of status.
type decided struct {
	sessionBase
	PendingSecondReview bool    `json:"pending_second_review" doc:"Whether a second, different person must decide; the status has not changed then (answer 202)."`
	Decision            *ruling `json:"decision" doc:"The new entry of the decision history; null while it is pending."`
}

func (s *surface) statusRoutes() {
	change := said(fails(op("set-onboarding-session-status", http.MethodPatch, "/sessions/{session_id}", "Onboarding sessions", "Decide or cancel a session", create),
		http.StatusConflict, http.StatusPreconditionFailed),
		"Moves a session by hand. Moves that its status forbids are answered with 409 `invalid_transition`. Each decision is added to the history, which is never rewritten. Say with `X-On-Behalf-Of` which person decides.")
	change.Also = map[int]string{http.StatusAccepted: "The first of two reviewers has decided; the session waits for the second (`pending_second_review`)."}
	api.Handle(s.Porch, change, func(ctx context.Context, who api.Principal, in *struct {
		SessionPath
		api.IfMatch
		Body newStatus
	}) (*chosen[decided], error) {
		sid, err := id("session", in.ID)
		if err != nil {
			return nil, err
		}
		b := in.Body
		got, err := s.Machine.SetStatus(ctx, who.Tenant, who.Actor, sid, rev(in.IfMatch), journey.Verdict{Status: b.Status, ReasonCode: b.ReasonCode,
			Reason: b.Reason, Notes: b.Notes, Override: b.Override, Checklist: b.Checklist})
		if err != nil {
			return nil, err
		}
		name, err := s.workflowName(ctx, who, got.Session)
		if err != nil {
			return nil, err
		}
		out := &chosen[decided]{Status: http.StatusOK, ETag: api.ETag(got.Session.Rev)}
		out.Body = decided{sessionBase: showBase(got.Session, got.Journey, name), PendingSecondReview: got.Pending}
		if got.Pending {
			out.Status = http.StatusAccepted
		}
		if got.Ruling != nil {
			r := showRuling(*got.Ruling)
			out.Body.Decision = &r
		}
		return out, nil
	})
}
