package graph

import (
	"context"
	"net/http"

	"bonafide/api"
	"bonafide/kyc"
	"bonafide/webhook"
)

const (
	readWebhooks  = "webhooks:read"
	writeWebhooks = "webhooks:write"
)

type EndpointPath struct {
	ID string `path:"id" doc:"The endpoint's id." example:"webhook_0199a0b0-1111-7222-8333-444455556666"`
}

type DeliveryPath struct {
	EndpointPath
	DeliveryID string `path:"delivery_id" doc:"The delivery's id." example:"delivery_0199a0b0-1111-7222-8333-444455556666"`
}

func showEndpoint(e kyc.Endpoint) api.Endpoint { return api.ShowEndpoint(e, kyc.Dress) }

func showSecret(e kyc.Endpoint, err error) (*tagged[api.SecretEndpoint], error) {
	if err != nil {
		return nil, err
	}
	return tag(e.Meta, api.ShowSecretEndpoint(e, kyc.Dress)), nil
}

func (s *surface) webhookRoutes() {
	p := s.Porch
	base := "/webhooks/endpoints"
	api.Handle(p, said(created(op("create-endpoint", http.MethodPost, base, "Webhooks", "Register an endpoint", writeWebhooks)),
		"Messages follow Standard Webhooks: headers webhook-id, webhook-timestamp, webhook-signature. The secret is in this answer and nowhere else."),
		func(ctx context.Context, who api.Principal, in *struct{ Body api.NewEndpoint }) (*tagged[api.SecretEndpoint], error) {
			return showSecret(s.Webhooks.Create(ctx, who.Tenant, who.Actor, webhook.Spec{URL: in.Body.URL, Events: in.Body.Events([]string{"*"}), Description: in.Body.Description, Scheme: kyc.SignatureScheme(in.Body.SignatureScheme)}))
		})
	api.Handle(p, op("list-endpoints", http.MethodGet, base, "Webhooks", "List endpoints", readWebhooks),
		func(ctx context.Context, who api.Principal, _ *struct{}) (*answer[whole[api.Endpoint]], error) {
			list, err := s.Webhooks.List(ctx, who.Tenant)
			if err != nil {
				return nil, err
			}
			return all(list, showEndpoint), nil
		})
	api.Handle(p, op("get-endpoint", http.MethodGet, base+"/{id}", "Webhooks", "Read an endpoint", readWebhooks),
		func(ctx context.Context, who api.Principal, in *EndpointPath) (*tagged[api.Endpoint], error) {
			return s.onEndpoint(in.ID, func(eid kyc.ID) (kyc.Endpoint, error) { return s.Webhooks.Get(ctx, who.Tenant, eid) })
		})
	api.Handle(p, fails(op("update-endpoint", http.MethodPatch, base+"/{id}", "Webhooks", "Change an endpoint", writeWebhooks), http.StatusPreconditionFailed),
		func(ctx context.Context, who api.Principal, in *struct {
			EndpointPath
			api.IfMatch
			Body api.EndpointChange
		}) (*tagged[api.Endpoint], error) {
			patch := webhook.Patch{URL: in.Body.URL, Events: in.Body.EnabledEvents, Description: in.Body.Description, Enabled: in.Body.Enabled(), Scheme: kyc.SignatureScheme(in.Body.SignatureScheme)}
			return s.onEndpoint(in.ID, func(eid kyc.ID) (kyc.Endpoint, error) {
				return s.Webhooks.Update(ctx, who.Tenant, who.Actor, eid, rev(in.IfMatch), patch)
			})
		})
	api.Handle(p, op("delete-endpoint", http.MethodDelete, base+"/{id}", "Webhooks", "Remove an endpoint", writeWebhooks),
		func(ctx context.Context, who api.Principal, in *EndpointPath) (*struct{}, error) {
			eid, err := id("webhook", in.ID)
			if err != nil {
				return nil, err
			}
			return nil, s.Webhooks.Delete(ctx, who.Tenant, who.Actor, eid)
		})
	rotate := said(op("rotate-secret", http.MethodPost, base+"/{id}/rotate", "Webhooks", "New signing secret", writeWebhooks),
		"The old secret goes on signing beside the new one for the overlap.")
	api.Handle(p, rotate, func(ctx context.Context, who api.Principal, in *struct {
		EndpointPath
		Body *api.Overlap
	}) (*tagged[api.SecretEndpoint], error) {
		eid, err := id("webhook", in.ID)
		if err != nil {
			return nil, err
		}
		return showSecret(s.Webhooks.Rotate(ctx, who.Tenant, who.Actor, eid, in.Body.Duration(webhook.DefaultOverlap)))
	})
	api.Handle(p, created(op("clone-endpoint", http.MethodPost, base+"/{id}/clone", "Webhooks", "Copy an endpoint", writeWebhooks)),
		func(ctx context.Context, who api.Principal, in *EndpointPath) (*tagged[api.SecretEndpoint], error) {
			eid, err := id("webhook", in.ID)
			if err != nil {
				return nil, err
			}
			return showSecret(s.Webhooks.Clone(ctx, who.Tenant, who.Actor, eid))
		})
	s.deliveryRoutes(base)
	s.keyRoutes()
}

func (s *surface) onEndpoint(text string, do func(kyc.ID) (kyc.Endpoint, error)) (*tagged[api.Endpoint], error) {
	eid, err := id("webhook", text)
	if err != nil {
		return nil, err
	}
	e, err := do(eid)
	if err != nil {
		return nil, err
	}
	return tag(e.Meta, showEndpoint(e)), nil
}
