package checks

import (
	"context"
	"net/http"

	"bonafide/api"
	"bonafide/kyc"
	"bonafide/webhook"
)

type EndpointPath struct {
	ID string `path:"id" doc:"The endpoint's id." maxLength:"64" example:"0199a0b0-1111-7222-8333-444455556666"`
}

type DeliveryPath struct {
	EndpointPath
	DeliveryID string `path:"delivery_id" doc:"The delivery's id." maxLength:"64" example:"0199a0b0-1111-7222-8333-444455556666"`
}

type endpointList struct {
	Webhooks []api.Endpoint `json:"webhooks" doc:"All endpoints, oldest first." nullable:"false"`
}

func showEndpoint(e kyc.Endpoint) api.Endpoint { return api.ShowEndpoint(e, api.Bare) }

func showSecret(e kyc.Endpoint, err error) (*tagged[api.SecretEndpoint], error) {
	if err != nil {
		return nil, err
	}
	return tag(e.Meta, api.ShowSecretEndpoint(e, api.Bare)), nil
}

func (s *surface) endpointRoutes() {
	p, base := s.Porch, "/webhooks"
	api.Handle(p, said(created(op("create-check-endpoint", http.MethodPost, base, groupWebhooks, "Register an endpoint", writeWebhooks)),
		"Messages follow Standard Webhooks: headers webhook-id, webhook-timestamp, webhook-signature. The secret is in this answer and nowhere else."),
		func(ctx context.Context, who api.Principal, in *struct{ Body api.NewEndpoint }) (*tagged[api.SecretEndpoint], error) {
			return showSecret(s.Webhooks.Create(ctx, who.Tenant, who.Actor, webhook.Spec{URL: in.Body.URL, Events: in.Body.Events(Events()), Description: in.Body.Description, Scheme: kyc.SignatureScheme(in.Body.SignatureScheme)}))
		})
	api.Handle(p, op("list-check-endpoints", http.MethodGet, base, groupWebhooks, "List endpoints", readWebhooks),
		func(ctx context.Context, who api.Principal, _ *struct{}) (*answer[endpointList], error) {
			list, err := s.Webhooks.List(ctx, who.Tenant)
			if err != nil {
				return nil, err
			}
			return &answer[endpointList]{Body: endpointList{Webhooks: shown(list, showEndpoint)}}, nil
		})
	api.Handle(p, op("get-check-endpoint", http.MethodGet, base+"/{id}", groupWebhooks, "Read an endpoint", readWebhooks),
		func(ctx context.Context, who api.Principal, in *EndpointPath) (*tagged[api.Endpoint], error) {
			return s.onEndpoint(in.ID, func(eid kyc.ID) (kyc.Endpoint, error) { return s.Webhooks.Get(ctx, who.Tenant, eid) })
		})
	api.Handle(p, fails(op("update-check-endpoint", http.MethodPatch, base+"/{id}", groupWebhooks, "Change an endpoint", writeWebhooks), http.StatusPreconditionFailed),
		func(ctx context.Context, who api.Principal, in *struct {
			EndpointPath
			api.IfMatch
			Body api.EndpointChange
		}) (*tagged[api.Endpoint], error) {
			patch := webhook.Patch{URL: in.Body.URL, Events: in.Body.EnabledEvents, Description: in.Body.Description, Enabled: in.Body.Enabled(), Scheme: kyc.SignatureScheme(in.Body.SignatureScheme)}
			return s.onEndpoint(in.ID, func(eid kyc.ID) (kyc.Endpoint, error) {
				return s.Webhooks.Update(ctx, who.Tenant, who.Actor, eid, in.Rev(), patch)
			})
		})
	api.Handle(p, op("delete-check-endpoint", http.MethodDelete, base+"/{id}", groupWebhooks, "Remove an endpoint", writeWebhooks),
		func(ctx context.Context, who api.Principal, in *EndpointPath) (*struct{}, error) {
			eid, err := id("webhook", in.ID)
			if err != nil {
				return nil, err
			}
			return nil, s.Webhooks.Delete(ctx, who.Tenant, who.Actor, eid)
		})
	api.Handle(p, said(op("rotate-check-secret", http.MethodPost, base+"/{id}/rotate", groupWebhooks, "New signing secret", writeWebhooks),
		"The old secret goes on signing beside the new one for the overlap."),
		func(ctx context.Context, who api.Principal, in *struct {
			EndpointPath
			Body *api.Overlap
		}) (*tagged[api.SecretEndpoint], error) {
			eid, err := id("webhook", in.ID)
			if err != nil {
				return nil, err
			}
			return showSecret(s.Webhooks.Rotate(ctx, who.Tenant, who.Actor, eid, in.Body.Duration(webhook.DefaultOverlap)))
		})
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
