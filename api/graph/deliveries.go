package graph

import (
	"context"
	"net/http"
	"time"

	"bonafide/api"
	"bonafide/kyc"
)

type deliveryTry struct {
	At         stamp  `json:"at" doc:"When."`
	Status     int    `json:"status" doc:"HTTP status; 0 when none came."`
	Error      string `json:"error" doc:"What went wrong."`
	DurationMS int64  `json:"duration_ms" doc:"How long it took."`
}

type delivery struct {
	ID         string        `json:"id" doc:"The delivery's id." example:"delivery_0199a0b0-1111-7222-8333-444455556666"`
	EventID    string        `json:"event_id" doc:"The webhook-id of the message; the same in every attempt and endpoint."`
	EndpointID string        `json:"endpoint_id" doc:"Where it goes."`
	Event      string        `json:"event" doc:"Name of the message." example:"session.approved"`
	State      string        `json:"state" doc:"dead: every attempt failed." enum:"pending,delivered,dead"`
	Attempt    int           `json:"attempt" doc:"Attempts made since it was last queued."`
	NextAt     stamp         `json:"next_attempt_at" doc:"When it is tried next; null when it is not."`
	LastStatus int           `json:"last_status" doc:"HTTP status of the last attempt."`
	LastError  string        `json:"last_error" doc:"What went wrong last."`
	Attempts   []deliveryTry `json:"attempts" doc:"Every attempt, oldest first." nullable:"false"`
	CreatedAt  stamp         `json:"created_at" doc:"When it was queued first."`
}

func showDelivery(d kyc.Delivery) delivery {
	out := delivery{ID: kyc.Dress("delivery", d.ID), EventID: string(d.EventID), EndpointID: kyc.Dress("webhook", d.EndpointID), Event: d.EventName, State: string(d.State),
		Attempt: d.Attempt, LastStatus: d.LastStatus, LastError: d.LastError, Attempts: []deliveryTry{}, CreatedAt: at(d.CreatedAt)}
	if d.State == kyc.DeliveryPending {
		out.NextAt = at(d.DueAt)
	}
	for _, t := range d.Attempts {
		out.Attempts = append(out.Attempts, deliveryTry{At: at(t.At), Status: t.Status, Error: t.Error, DurationMS: t.DurationMS})
	}
	return out
}

func (s *surface) deliveryRoutes(base string) {
	p := s.Porch
	api.Handle(p, fails(said(accepted(op("test-endpoint", http.MethodPost, base+"/{id}/test", "Webhooks", "Send a test message", writeWebhooks)), "Sends webhook.test to this endpoint only."), http.StatusConflict),
		func(ctx context.Context, who api.Principal, in *EndpointPath) (*answer[delivery], error) {
			eid, err := id("webhook", in.ID)
			if err != nil {
				return nil, err
			}
			d, err := s.Webhooks.Test(ctx, who.Tenant, who.Actor, eid)
			if err != nil {
				return nil, err
			}
			return &answer[delivery]{Body: showDelivery(d)}, nil
		})
	api.Handle(p, op("list-deliveries", http.MethodGet, base+"/{id}/deliveries", "Webhooks", "Delivery history", readWebhooks),
		func(ctx context.Context, who api.Principal, in *struct {
			EndpointPath
			api.Offset
			State string `query:"state" doc:"Only these." enum:"pending,delivered,dead"`
		}) (*answer[page[delivery]], error) {
			eid, err := id("webhook", in.ID)
			if err != nil {
				return nil, err
			}
			filter := []string{string(eid), in.State}
			pg, err := in.Page(s.Porch, who, "deliveries", filter)
			if err != nil {
				return nil, err
			}
			list, total, err := s.Webhooks.Deliveries(ctx, who.Tenant, eid, kyc.DeliveryState(in.State), pg)
			if err != nil {
				return nil, err
			}
			return part(s, who, in.Offset, "deliveries", filter, list, total, func(d kyc.Delivery) kyc.ID { return d.ID }, showDelivery), nil
		})
	api.Handle(p, fails(said(accepted(op("retry-delivery", http.MethodPost, base+"/{id}/deliveries/{delivery_id}/retry", "Webhooks", "Send one message again", writeWebhooks)), "Under its old id, whatever became of it before."), http.StatusConflict),
		func(ctx context.Context, who api.Principal, in *DeliveryPath) (*answer[delivery], error) {
			eid, err := id("webhook", in.ID)
			if err != nil {
				return nil, err
			}
			did, err := id("delivery", in.DeliveryID)
			if err != nil {
				return nil, err
			}
			d, err := s.Webhooks.Retry(ctx, who.Tenant, who.Actor, eid, did)
			if err != nil {
				return nil, err
			}
			return &answer[delivery]{Body: showDelivery(d)}, nil
		})
	api.Handle(p, fails(said(accepted(op("replay-events", http.MethodPost, base+"/{id}/replay", "Webhooks", "Send a time range again", writeWebhooks)),
		"Every message of the range that the endpoint wants, each under its own id; at most 1,000 in one call."), http.StatusConflict),
		func(ctx context.Context, who api.Principal, in *struct {
			EndpointPath
			Body struct {
				From time.Time `json:"from" doc:"Beginning of the range, inclusive."`
				To   time.Time `json:"to" doc:"End of the range, exclusive."`
			}
		}) (*answer[replay], error) {
			eid, err := id("webhook", in.ID)
			if err != nil {
				return nil, err
			}
			n, more, err := s.Webhooks.Replay(ctx, who.Tenant, who.Actor, eid, in.Body.From, in.Body.To)
			if err != nil {
				return nil, err
			}
			return &answer[replay]{Body: replay{EndpointID: kyc.Dress("webhook", eid), Queued: n, More: more}}, nil
		})
}

type replay struct {
	EndpointID string `json:"endpoint_id" doc:"The endpoint."`
	Queued     int    `json:"queued" doc:"How many messages were queued."`
	More       bool   `json:"more" doc:"Whether the range holds more than one call may send; ask again with a narrower one."`
}
