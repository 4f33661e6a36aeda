package steps

import (
	"context"
	"net/http"

	"bonafide/api"
	"bonafide/journey"
	"bonafide/kyc"
)

type newCorrections struct {
	Items    []wantedCorrection `json:"items" doc:"What the applicant shall put right." minItems:"1" maxItems:"50" nullable:"false"`
	TTLDays  int                `json:"ttl_days,omitempty" doc:"How long the applicant has, in days." minimum:"1" maximum:"365" default:"7"`
	Notify   bool               `json:"notify,omitempty" doc:"Send the applicant a message, where this installation can and an address is known." default:"false"`
	Override bool               `json:"override,omitempty" doc:"Take a rejection back for it." default:"false"`
}

type wantedCorrection struct {
	StepID        string   `json:"step_id" doc:"The step that reopens." maxLength:"64"`
	FieldIDs      []string `json:"field_ids,omitempty" doc:"Only these fields, by field_id or field_key; none: the whole step." maxItems:"200" nullable:"false"`
	DocumentTypes []string `json:"document_types,omitempty" doc:"Only these documents." maxItems:"50" nullable:"false"`
	Code          string   `json:"code" doc:"What is wrong." enum:"blurry,expired,wrong_document,missing_side,name_mismatch,address_mismatch,incomplete,other"`
	Message       string   `json:"message,omitempty" doc:"What the applicant is told." maxLength:"1000"`
}

// correctedSession is the answer to a request for corrections.
type correctedSession struct {
	sessionBase
	Items    []correctionItem `json:"items" doc:"The items of this round." nullable:"false"`
	Notified bool             `json:"notified" doc:"Whether a message was handed to the mailer."`
}

func (s *surface) correctionRoutes() {
	api.Handle(s.Porch, fails(said(created(op("request-onboarding-corrections", http.MethodPost, "/sessions/{session_id}/corrections", "Onboarding sessions", "Ask the applicant for corrections", create)),
		"Only the listed steps reopen; everything else stays as it is. What is replaced is kept as evidence. What follows when all items are resolved is the workflow's `correction_resolution`."),
		http.StatusConflict, http.StatusPreconditionFailed),
		func(ctx context.Context, who api.Principal, in *struct {
			SessionPath
			api.IfMatch
			Body newCorrections
		}) (*tagged[correctedSession], error) {
			sid, err := id("session", in.ID)
			if err != nil {
				return nil, err
			}
			got, err := s.Machine.RequestCorrections(ctx, who.Tenant, who.Actor, sid, rev(in.IfMatch), journey.Corrections{
				Items:   shown(in.Body.Items, func(w wantedCorrection) journey.Wanted { return journey.Wanted(w) }),
				TTLDays: in.Body.TTLDays, Notify: in.Body.Notify, Override: in.Body.Override})
			if err != nil {
				return nil, err
			}
			name, err := s.workflowName(ctx, who, got.Session)
			if err != nil {
				return nil, err
			}
			return tag(got.Session.Meta, correctedSession{sessionBase: showBase(got.Session, got.Journey, name), Notified: got.Notified,
				Items: shown(got.Items, func(c kyc.Correction) correctionItem { return showCorrection(c, &got.Journey) })}), nil
		})
}
