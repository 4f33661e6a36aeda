package checks

import (
	"context"
	"net/http"

	"bonafide/api"
	"bonafide/kyc"
	"bonafide/webhook"
)

type deliveryList struct {
	Deliveries []api.Delivery `json:"deliveries" doc:"The deliveries of this page, newest first." nullable:"false"`
	NextToken  *string        `json:"next_token" doc:"Give it as next_token, with the same filters, for the next page; null at the end." nullable:"true"`
}

func showDelivery(d kyc.Delivery) api.Delivery { return api.ShowDelivery(d, api.Bare) }

func (s *surface) deliveryRoutes() {
	p, base := s.Porch, "/webhooks/{id}"
	api.Handle(p, fails(said(accepted(op("test-check-endpoint", http.MethodPost, base+"/test", groupWebhooks, "Send a test message", writeWebhooks)),
		"Sends webhook.test to this endpoint only."), http.StatusConflict),
		func(ctx context.Context, who api.Principal, in *EndpointPath) (*answer[api.Delivery], error) {
			eid, err := id("webhook", in.ID)
			if err != nil {
				return nil, err
			}
			return oneDelivery(s.Webhooks.Test(ctx, who.Tenant, who.Actor, eid))
		})
	api.Handle(p, op("list-check-deliveries", http.MethodGet, base+"/deliveries", groupWebhooks, "Delivery history", readWebhooks), s.listDeliveries)
	api.Handle(p, fails(said(accepted(op("retry-check-delivery", http.MethodPost, base+"/deliveries/{delivery_id}/retry", groupWebhooks, "Send one message again", writeWebhooks)),
		"Under its old id, whatever became of it before."), http.StatusConflict),
		func(ctx context.Context, who api.Principal, in *DeliveryPath) (*answer[api.Delivery], error) {
			eid, err := id("webhook", in.ID)
			if err != nil {
				return nil, err
			}
			did, err := id("delivery", in.DeliveryID)
			if err != nil {
				return nil, err
			}
			return oneDelivery(s.Webhooks.Retry(ctx, who.Tenant, who.Actor, eid, did))
		})
	api.Handle(p, fails(said(accepted(op("replay-check-events", http.MethodPost, base+"/replay", groupWebhooks, "Send a time range again", writeWebhooks)),
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
			return &answer[api.Replay]{Body: api.Replay{EndpointID: string(eid), Queued: done.Count, More: done.Rest != "", Rest: string(done.Rest)}}, nil
		})
}

func oneDelivery(d kyc.Delivery, err error) (*answer[api.Delivery], error) {
	if err != nil {
		return nil, err
	}
	return &answer[api.Delivery]{Body: showDelivery(d)}, nil
}

func (s *surface) listDeliveries(ctx context.Context, who api.Principal, in *struct {
	EndpointPath
	Paging
	State string `query:"state" doc:"Only these." enum:"pending,delivered,dead"`
}) (*answer[deliveryList], error) {
	eid, err := id("webhook", in.ID)
	if err != nil {
		return nil, err
	}
	const name = "check-deliveries"
	filters := []string{string(eid), in.State}
	pg, err := in.page(s, who, name, filters)
	if err != nil {
		return nil, err
	}
	limit := pg.Limit
	pg.Limit++ // one more tells whether there is another page
	list, _, err := s.Webhooks.Deliveries(ctx, who.Tenant, eid, kyc.DeliveryState(in.State), pg)
	if err != nil {
		return nil, err
	}
	var last kyc.ID
	if len(list) > limit {
		list = list[:limit]
		last = list[limit-1].ID
	}
	return &answer[deliveryList]{Body: deliveryList{Deliveries: shown(list, showDelivery), NextToken: s.next(who, name, filters, last)}}, nil
}
