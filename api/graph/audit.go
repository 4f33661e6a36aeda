package graph

import (
	"context"
	"net/http"
	"time"

	"bonafide/api"
	"bonafide/kyc"
)

type auditEvent struct {
	Seq        int64  `json:"seq" doc:"Place in the organisation's chain; 0 for the moment before it is sealed." minimum:"0"`
	ID         string `json:"id" doc:"Id of the entry; for events that caused a webhook also the webhook-id."`
	At         stamp  `json:"at" doc:"When it happened."`
	Actor      actor  `json:"actor" doc:"Who did it."`
	Action     string `json:"action" doc:"What was done." example:"session.approve"`
	Object     string `json:"object" doc:"To what kind of object." example:"session"`
	ObjectID   string `json:"object_id" doc:"Which one."`
	Reason     string `json:"reason,omitempty" doc:"Why, where somebody said."`
	BeforeHash string `json:"before_hash,omitempty" doc:"SHA-256 of the object before."`
	AfterHash  string `json:"after_hash,omitempty" doc:"SHA-256 of the object after."`
	RequestID  string `json:"request_id,omitempty" doc:"The request that caused it (X-Request-Id)."`
	PrevHash   string `json:"prev_hash,omitempty" doc:"Hash of the entry before."`
	Hash       string `json:"hash,omitempty" doc:"SHA-256 over the canonical entry, its place and the hash before."`
}

func showAudit(e kyc.Event) auditEvent {
	return auditEvent{Seq: e.Seq, ID: string(e.ID), At: at(e.At), Actor: showActor(e.Actor), Action: e.Action, Object: e.Object, ObjectID: kyc.Dress(dressOf(e.Object), e.ObjectID),
		Reason: e.Reason, BeforeHash: e.Before, AfterHash: e.After, RequestID: e.RequestID, PrevHash: e.PrevHash, Hash: e.Hash}
}

// dressOf is how this surface dresses the id of an audited object.
func dressOf(object string) string {
	switch object {
	case "subject":
		return "identity"
	case "webhook_endpoint":
		return "webhook"
	}
	return object
}

type auditCheck struct {
	Valid  bool   `json:"valid" doc:"Whether every entry's hash could be recomputed and fits the one before."`
	Events int64  `json:"events" doc:"How many entries were recomputed." minimum:"0"`
	Head   string `json:"head,omitempty" doc:"Hash of the newest entry; write it down outside to prove later that nothing was changed."`
	Broken int64  `json:"first_broken,omitempty" doc:"The first entry that does not fit."`
	Reason string `json:"reason,omitempty" doc:"What is wrong with it."`
}

// auditRoutes show and verify the chain.
func (s *surface) auditRoutes() {
	p := s.Porch
	api.Handle(p, said(op("list-audit", http.MethodGet, "/audit", "Audit", "Read the audit log", "audit:read"),
		"Everything that was done, reads of personal data included, newest first."), s.listAudit)
	api.Handle(p, said(op("verify-audit", http.MethodGet, "/audit/verify", "Audit", "Recompute the audit chain", "audit:read"),
		"Recomputes the hash of every entry of the organisation, both environments, from the first to the newest."),
		func(ctx context.Context, who api.Principal, _ *struct{}) (*answer[auditCheck], error) {
			r, err := s.VerifyAudit(ctx, who.Tenant.Org)
			if err != nil {
				return nil, err
			}
			return &answer[auditCheck]{Body: auditCheck(r)}, nil
		})
}

func (s *surface) listAudit(ctx context.Context, who api.Principal, in *struct {
	api.Offset
	Object string    `query:"object" doc:"Only entries about this kind of object, or about the one object whose dressed id this is." example:"session_0199a0b0-1111-7222-8333-444455556666" maxLength:"100"`
	Actor  string    `query:"actor" doc:"Only entries of this key or user (its id)." maxLength:"100"`
	Action string    `query:"action" doc:"Only this action." maxLength:"100"`
	From   time.Time `query:"from" doc:"Only from this time on."`
	To     time.Time `query:"to" doc:"Only before this time."`
}) (*answer[page[auditEvent]], error) {
	f := kyc.EventFilter{Object: in.Object, Actor: in.Actor, Action: in.Action, From: in.From, To: in.To}
	for _, kind := range []string{"session", "workflow", "case", "list", "identity", "webhook", "org", "user", "key"} {
		if got, ok := kyc.Undress(kind, in.Object); ok {
			f.Object, f.ObjectID = "", got
			break
		}
	}
	pg, err := in.Page(s.Porch, who, "audit", f)
	if err != nil {
		return nil, err
	}
	list, total, err := s.Store.Events(ctx, who.Tenant, f, pg)
	if err != nil {
		return nil, err
	}
	return part(s, who, in.Offset, "audit", f, list, total, func(e kyc.Event) kyc.ID { return e.ID }, showAudit), nil
}
