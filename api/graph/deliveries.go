package graph

import (
	"context"
	"net/http"
	"time"

	"bonafide/api"
	"bonafide/kyc"
)

type deliveryPath struct {
	endpointPath
	DeliveryID string `path:"delivery_id" doc:"The delivery's id." example:"delivery_0199a0b0-1111-7222-8333-444455556666"`
}

type attempt struct {
	At         stamp  `json:"at" doc:"When it was made."`
	StatusCode int    `json:"status_code,omitempty" doc:"What the receiver answered; absent when it could not be reached."`
	Error      string `json:"error,omitempty" doc:"What went wrong."`
	DurationMS int64  `json:"duration_ms" doc:"How long it took, in milliseconds." minimum:"0"`
}

type delivery struct {
	ID         string    `json:"id" doc:"The delivery's id."`
	WebhookID  string    `json:"webhook_id" doc:"Id of the message (header webhook-id), the same in every attempt and at every endpoint."`
	EndpointID string    `json:"endpoint_id" doc:"Where it goes."`
	Event      string    `json:"event" doc:"Name of the event." example:"session.approved"`
	Status     string    `json:"status" doc:"dead: every attempt failed, or the receiver refused it for good." enum:"pending,delivered,dead"`
	NextAt     *stamp    `json:"next_attempt_at,omitempty" doc:"When it is tried again."`
	Attempts   []attempt `json:"attempts" doc:"Every attempt, oldest first." nullable:"false"`
	CreatedAt  stamp     `json:"created_at" doc:"When the event happened."`
}

func showDelivery(d kyc.Delivery) delivery {
	out := delivery{ID: kyc.Dress("delivery", d.ID), WebhookID: string(d.EventID), EndpointID: kyc.Dress("webhook", d.EndpointID), Event: d.EventName,
		Status: string(d.State), Attempts: []attempt{}, CreatedAt: at(d.CreatedAt)}
	if d.State == kyc.DeliveryPending && !d.DueAt.IsZero() {
		next := at(d.DueAt)
		out.NextAt = &next
	}
	for _, t := range d.Attempts {
		out.Attempts = append(out.Attempts, attempt{At: at(t.At), StatusCode: t.Status, Error: t.Error, DurationMS: t.DurationMS})
	}
	return out
}

type replayBody struct {
	From time.Time `json:"from" doc:"Beginning of the range, included." example:"2026-03-01T00:00:00Z"`
	To   time.Time `json:"to" doc:"End of the range, excluded." example:"2026-03-02T00:00:00Z"`
}

type replayed struct {
	Replayed int  `json:"replayed" doc:"How many messages are on their way." minimum:"0"`
	More     bool `json:"more" doc:"Whether the range holds more events than one call replays (1,000); then ask for a narrower range."`
}

// deliveryRoutes are what became of messages.
func (s *surface) deliveryRoutes() {
	p := s.Porch
	api.Handle(p, op("list-webhook-deliveries", http.MethodGet, "/webhooks/endpoints/{id}/deliveries", "Webhooks", "Delivery history", readWebhooks),
		func(ctx context.Context, who api.Principal, in *struct {
			endpointPath
			api.Offset
			Status string `query:"status" doc:"Only those in this status." enum:"pending,delivered,dead"`
		}) (*answer[page[delivery]], error) {
			eid, err := id("webhook", in.ID)
			if err != nil {
				return nil, err
			}
			filters := []string{string(eid), in.Status}
			pg, err := in.Page(p, who, "deliveries", filters)
			if err != nil {
				return nil, err
			}
			list, total, err := s.Webhooks.Deliveries(ctx, who.Tenant, eid, kyc.DeliveryState(in.Status), pg)
			if err != nil {
				return nil, err
			}
			return part(s, who, in.Offset, "deliveries", filters, list, total, func(d kyc.Delivery) kyc.ID { return d.ID }, showDelivery), nil
		})
	api.Handle(p, fails(said(accepted(op("retry-webhook-delivery", http.MethodPost, "/webhooks/endpoints/{id}/deliveries/{delivery_id}/retry", "Webhooks", "Send one message again", writeWebhooks)),
		"Whatever became of it before, under its old id."), http.StatusConflict),
		func(ctx context.Context, who api.Principal, in *deliveryPath) (*answer[delivery], error) {
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
	api.Handle(p, fails(said(accepted(op("replay-webhooks", http.MethodPost, "/webhooks/endpoints/{id}/replay", "Webhooks", "Replay a time range", writeWebhooks)),
		"Sends every event of the range to this endpoint, those from before it existed too, each under its own id."), http.StatusConflict),
		func(ctx context.Context, who api.Principal, in *struct {
			endpointPath
			Body replayBody
		}) (*answer[replayed], error) {
			eid, err := id("webhook", in.ID)
			if err != nil {
				return nil, err
			}
			n, more, err := s.Webhooks.Replay(ctx, who.Tenant, who.Actor, eid, in.Body.From, in.Body.To)
			if err != nil {
				return nil, err
			}
			return &answer[replayed]{Body: replayed{Replayed: n, More: more}}, nil
		})
}
