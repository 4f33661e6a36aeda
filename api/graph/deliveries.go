package graph

import (
	"context"
	"net/http"

	"bonafide/api"
	"bonafide/kyc"
	"bonafide/webhook"
)

func showDelivery(d kyc.Delivery) api.Delivery { return api.ShowDelivery(d, kyc.Dress) }

func (s *surface) deliveryRoutes(base string) {
	p := s.Porch
	api.Handle(p, fails(said(accepted(op("test-endpoint", http.MethodPost, base+"/{id}/test", "Webhooks", "Send a test message", writeWebhooks)), "Sends webhook.test to this endpoint only."), http.StatusConflict),
		func(ctx context.Context, who api.Principal, in *EndpointPath) (*answer[api.Delivery], error) {
			eid, err := id("webhook", in.ID)
			if err != nil {
				return nil, err
			}
			d, err := s.Webhooks.Test(ctx, who.Tenant, who.Actor, eid)
			if err != nil {
				return nil, err
			}
			return &answer[api.Delivery]{Body: showDelivery(d)}, nil
		})
	api.Handle(p, op("list-deliveries", http.MethodGet, base+"/{id}/deliveries", "Webhooks", "Delivery history", readWebhooks),
		func(ctx context.Context, who api.Principal, in *struct {
			EndpointPath
			api.Offset
			State string `query:"state" doc:"Only these." enum:"pending,delivered,dead"`
		}) (*answer[page[api.Delivery]], error) {
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
		func(ctx context.Context, who api.Principal, in *DeliveryPath) (*answer[api.Delivery], error) {
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
			return &answer[api.Delivery]{Body: showDelivery(d)}, nil
		})
	api.Handle(p, fails(said(accepted(op("replay-events", http.MethodPost, base+"/{id}/replay", "Webhooks", "Send a time range again", writeWebhooks)),
		"Every message of the range that the endpoint wants, each under its own id. One call looks at 1,000 of the range, the newest first; `rest` goes on with what is older."), http.StatusConflict),
		func(ctx context.Context, who api.Principal, in *struct {
			EndpointPath
			Body api.Span
		}) (*answer[api.Replay], error) {
			eid, err := id("webhook", in.ID)
			if err != nil {
				return nil, err
			}
			after, err := in.Body.After()
			if err != nil {
				return nil, err
			}
			done, err := s.Webhooks.Replay(ctx, who.Tenant, who.Actor, eid, webhook.Range{From: in.Body.From, To: in.Body.To, After: after})
			if err != nil {
				return nil, err
			}
			return &answer[api.Replay]{Body: api.Replay{EndpointID: kyc.Dress("webhook", eid), Queued: done.Count, More: done.Rest != "", Rest: string(done.Rest)}}, nil
		})
}
