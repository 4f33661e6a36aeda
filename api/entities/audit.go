package entities

import (
	"context"
	"net/http"

	"bonafide/api"
	"bonafide/kyc"
)

type auditList struct {
	Listed
	Events []auditEvent `json:"auditEvents" doc:"What happened, newest first." nullable:"false"`
}

type auditEvent struct {
	ID         string     `json:"auditEventId" doc:"The event's id; of a notification, its webhook-id."`
	Seq        int64      `json:"sequence" doc:"Place in the organisation's chain; 0 for a moment until it is sealed."`
	At         stamp      `json:"createdAt" doc:"When."`
	Actor      auditActor `json:"actor" doc:"Who."`
	Action     string     `json:"action" doc:"What was done." example:"execution.override"`
	Object     string     `json:"objectType" doc:"To what kind of object." example:"execution"`
	ObjectID   string     `json:"objectId" doc:"To which one; executions by their ULID."`
	Reason     *string    `json:"reason" doc:"Why, as a code; null for none."`
	RequestID  *string    `json:"requestId" doc:"The request that caused it; null for none."`
	BeforeHash *string    `json:"beforeHash" doc:"SHA-256 of the object before, without personal data; null for none."`
	AfterHash  *string    `json:"afterHash" doc:"The same after; null for none."`
	PrevHash   string     `json:"previousHash" doc:"Hash of the entry before in the chain."`
	Hash       string     `json:"hash" doc:"Hash of this entry."`
	Notified   *string    `json:"notification" doc:"Name of the message that customers were sent; null for none."`
}

type auditActor struct {
	Kind       string  `json:"kind" doc:"What sort of actor." enum:"api_key,user,applicant,system" example:"api_key"`
	ID         string  `json:"id" doc:"Id of the key or user; for the system the component's name."`
	OnBehalfOf *string `json:"onBehalfOf" doc:"The person an API key spoke for; null for nobody."`
}

func showEvent(e kyc.Event) auditEvent {
	out := auditEvent{ID: string(e.ID), Seq: e.Seq, At: at(e.At), Actor: auditActor{Kind: string(e.Actor.Kind), ID: e.Actor.ID, OnBehalfOf: text(e.Actor.OnBehalfOf)},
		Action: e.Action, Object: e.Object, ObjectID: string(e.ObjectID), Reason: text(e.Reason), RequestID: text(e.RequestID), BeforeHash: text(e.Before),
		AfterHash: text(e.After), PrevHash: e.PrevHash, Hash: e.Hash, Notified: text(e.Webhook)}
	if e.Object == "execution" {
		out.ObjectID = kyc.ULID(e.ObjectID)
	}
	return out
}

func (s *surface) auditRoutes() {
	api.Handle(s.Porch, said(op("list-individual-audit", http.MethodGet, individualPath+"/audit", tagIndividuals, "What happened to an individual", readAudit),
		"Every change and every look at personal data of the individual, its documents, profiles and executions, newest first. The entries are chained by hashes over the whole organisation. It works for deleted and erased individuals, too."),
		func(ctx context.Context, who api.Principal, in *struct {
			EntityPath
			Pages
		}) (*answer[auditList], error) {
			subject, err := in.entity()
			if err != nil {
				return nil, err
			}
			paging := in.Pages
			list, total, err := s.Entities.Audit(ctx, who.Tenant, who.Actor, subject, paging.page())
			if err != nil {
				return nil, err
			}
			return reply(auditList{paging.listed(ctx, total), shown(list, showEvent)}), nil
		})
}
