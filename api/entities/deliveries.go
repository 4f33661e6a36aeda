package entities

import (
	"context"
	"net/http"

	"bonafide/api"
	"bonafide/kyc"
)

type (
	delivery struct {
		ID         string        `json:"deliveryId" doc:"Names the delivery."`
		EventID    string        `json:"eventId" doc:"The webhook-id of the message; the same in every attempt."`
		Event      string        `json:"event" doc:"Name of the message." example:"workflow.complete"`
		State      string        `json:"state" doc:"dead: every attempt failed." enum:"pending,delivered,dead"`
		Attempt    int           `json:"attempt" doc:"Attempts made since it was last queued."`
		NextAt     stamp         `json:"nextAttemptAt" doc:"When it is tried next; null when it is not."`
		LastStatus *int          `json:"lastStatus" doc:"HTTP status of the last attempt; null when none came."`
		LastError  *string       `json:"lastError" doc:"What went wrong last; null for nothing."`
		Attempts   []deliveryTry `json:"attempts" doc:"Every attempt, oldest first." nullable:"false"`
		CreatedAt  stamp         `json:"createdAt" doc:"When it was queued first."`
	}
	deliveryTry struct {
		At         stamp   `json:"at" doc:"When."`
		Status     *int    `json:"status" doc:"HTTP status; null when none came."`
		Error      *string `json:"error" doc:"What went wrong; null for nothing."`
		DurationMS int64   `json:"durationMs" doc:"How long it took, in milliseconds."`
	}
	deliveryList struct {
		Listed
		Deliveries []delivery `json:"deliveries" doc:"The deliveries, newest first." nullable:"false"`
	}
	deliveryBody struct {
		Asked
		Delivery delivery `json:"delivery" doc:"The delivery."`
	}
)

func showDelivery(d kyc.Delivery) delivery {
	status := func(n int) *int {
		if n == 0 {
			return nil
		}
		return &n
	}
	out := delivery{ID: string(d.ID), EventID: string(d.EventID), Event: d.EventName, State: string(d.State), Attempt: d.Attempt, LastStatus: status(d.LastStatus),
		LastError: text(d.LastError), CreatedAt: at(d.CreatedAt), Attempts: shown(d.Attempts, func(t kyc.DeliveryTry) deliveryTry {
			return deliveryTry{At: at(t.At), Status: status(t.Status), Error: text(t.Error), DurationMS: t.DurationMS}
		})}
	if d.State == kyc.DeliveryPending {
		out.NextAt = at(d.DueAt)
	}
	return out
}

func (s *surface) deliveryRoutes() {
	p := s.Porch
	test := fails(said(op("test-notification-webhook", http.MethodPost, "/webhooks/{webhookId}/test", tagNotify, "Send a test message", writeWebhooks), "Sends webhook.test to this address only."), http.StatusConflict)
	test.Status = http.StatusAccepted
	api.Handle(p, test, func(ctx context.Context, who api.Principal, in *NotificationPath) (*answer[deliveryBody], error) {
		wid, err := id("webhook", in.ID)
		if err != nil {
			return nil, err
		}
		d, err := s.Webhooks.Test(ctx, who.Tenant, who.Actor, wid)
		if err != nil {
			return nil, err
		}
		return reply(deliveryBody{asked(ctx), showDelivery(d)}), nil
	})
	api.Handle(p, op("list-notification-deliveries", http.MethodGet, "/webhooks/{webhookId}/deliveries", tagNotify, "Delivery history", readWebhooks),
		func(ctx context.Context, who api.Principal, in *struct {
			NotificationPath
			Pages
			State string `query:"state" doc:"Only these." enum:"pending,delivered,dead"`
		}) (*answer[deliveryList], error) {
			wid, err := id("webhook", in.ID)
			if err != nil {
				return nil, err
			}
			list, total, err := s.Webhooks.Deliveries(ctx, who.Tenant, wid, kyc.DeliveryState(in.State), in.page())
			if err != nil {
				return nil, err
			}
			return reply(deliveryList{in.listed(ctx, total), shown(list, showDelivery)}), nil
		})
}
