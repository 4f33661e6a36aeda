package graph

import (
	"context"
	"net/http"
	"strings"
	"time"

	"bonafide/api"
	"bonafide/kyc"
)

type auditEvent struct {
	ID         string `json:"id" doc:"The event's id; of a webhook, its webhook-id."`
	Seq        int64  `json:"seq" doc:"Place in the organisation's chain; 0 for a moment until it is sealed."`
	At         stamp  `json:"at" doc:"When."`
	Actor      actor  `json:"actor" doc:"Who."`
	Action     string `json:"action" doc:"What was done." example:"case.approve"`
	Object     string `json:"object" doc:"To what kind of object." example:"case"`
	ObjectID   string `json:"object_id" doc:"To which one."`
	Reason     string `json:"reason" doc:"Why, as a code; what reviewers wrote is with the case."`
	RequestID  string `json:"request_id" doc:"X-Request-Id of the request that caused it."`
	BeforeHash string `json:"before_hash" doc:"SHA-256 of the object before, without personal data."`
	AfterHash  string `json:"after_hash" doc:"The same after."`
	PrevHash   string `json:"prev_hash" doc:"Hash of the entry before."`
	Hash       string `json:"hash" doc:"Hash of this entry."`
	Webhook    string `json:"webhook" doc:"Name of the message customers were sent, if any."`
	Details    any    `json:"details,omitempty" doc:"What the entry counts, such as questions to the lists. Nothing about persons."`
}

func showEvent(e kyc.Event) auditEvent {
	out := auditEvent{ID: string(e.ID), Seq: e.Seq, At: at(e.At), Actor: showActor(e.Actor), Action: e.Action, Object: e.Object, ObjectID: kyc.Dress(dressOf(e.Object), e.ObjectID),
		Reason: e.Reason, RequestID: e.RequestID, BeforeHash: e.Before, AfterHash: e.After, PrevHash: e.PrevHash, Hash: e.Hash, Webhook: e.Webhook}
	if e.Webhook == "" && len(e.Payload) > 0 { // the payload of a message is for its receiver
		out.Details = e.Payload
	}
	return out
}

// dressOf is the prefix of an object's ids on this surface.
func dressOf(object string) string {
	switch object {
	case "upload":
		return "document"
	case "webhook_endpoint":
		return "webhook"
	}
	return object
}

func (s *surface) auditRoutes() {
	p := s.Porch
	api.Handle(p, said(op("list-audit", http.MethodGet, "/audit", "Audit", "The audit chain", "audit:read"),
		"Every change and every read of personal data of this environment, newest first, chained by hashes over the whole organisation."), s.listAudit)
	api.Handle(p, op("verify-audit", http.MethodGet, "/audit/verify", "Audit", "Recompute the audit chain and its daily roots", "audit:read"),
		func(ctx context.Context, who api.Principal, _ *struct{}) (*answer[auditVerdict], error) {
			r, err := s.VerifyAudit(ctx, who.Tenant.Org)
			if err != nil {
				return nil, err
			}
			out := auditVerdict{Valid: r.Valid, Events: r.Events, Days: r.Days, Head: r.Head, Reason: r.Reason}
			if !r.Valid {
				out.FirstBroken = &r.Broken
			}
			return &answer[auditVerdict]{Body: out}, nil
		})
	s.rootRoutes()
}

type auditVerdict struct {
	Valid       bool   `json:"valid" doc:"Whether every entry fits the one before."`
	Events      int64  `json:"events" doc:"How many entries were recomputed."`
	Days        int64  `json:"days" doc:"How many days that are over gave the Merkle root that was stored for them."`
	Head        string `json:"head" doc:"Hash of the newest entry; write it down somewhere else to prove later that nothing was cut off."`
	FirstBroken *int64 `json:"first_broken" doc:"Place of the first entry that does not fit; null when all do."`
	Reason      string `json:"reason" doc:"What is wrong there."`
}

func (s *surface) listAudit(ctx context.Context, who api.Principal, in *struct {
	api.Offset
	Object   string    `query:"object" doc:"Only this kind of object (session), or one object (session_0199…)." maxLength:"100"`
	ObjectID string    `query:"object_id" doc:"Only this object." maxLength:"100"`
	Actor    string    `query:"actor" doc:"Only this actor, by id." maxLength:"200"`
	Action   string    `query:"action" doc:"Only this action." maxLength:"100"`
	From     time.Time `query:"from" doc:"At this time or later."`
	To       time.Time `query:"to" doc:"Before this time."`
}) (*answer[page[auditEvent]], error) {
	f := kyc.EventFilter{Object: in.Object, Actor: in.Actor, Action: in.Action, From: in.From, To: in.To}
	name := in.ObjectID
	if i := strings.LastIndexByte(in.Object, '_'); i >= 0 && name == "" {
		if _, ok := kyc.ParseID(in.Object[i+1:]); ok {
			f.Object, name = "", in.Object
		}
	}
	if name != "" {
		bare := name
		if i := strings.LastIndexByte(name, '_'); i >= 0 {
			bare = name[i+1:]
		}
		oid, ok := kyc.ParseID(bare)
		if !ok {
			return nil, kyc.Missing("object", clip(name))
		}
		f.ObjectID = oid
	}
	pg, err := in.Page(s.Porch, who, "audit", f)
	if err != nil {
		return nil, err
	}
	if s.Questions != nil {
		if err := s.Questions.Flush(ctx); err != nil {
			return nil, err
		}
	}
	list, total, err := s.Store.Events(ctx, who.Tenant, f, pg)
	if err != nil {
		return nil, err
	}
	return part(s, who, in.Offset, "audit", f, list, total, func(e kyc.Event) kyc.ID { return e.ID }, showEvent), nil
}
