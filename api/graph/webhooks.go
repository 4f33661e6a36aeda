package graph

import (
	"context"
	"net/http"
	"time"

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

type Endpoint struct {
	ID             string   `json:"id" doc:"The endpoint's id." example:"webhook_0199a0b0-1111-7222-8333-444455556666"`
	URL            string   `json:"url" doc:"Where messages go."`
	EnabledEvents  []string `json:"enabled_events" doc:"Which messages; * is all." nullable:"false"`
	Description    string   `json:"description" doc:"What it is for."`
	Status         string   `json:"status" doc:"Whether messages are sent." enum:"enabled,disabled"`
	DisabledReason string   `json:"disabled_reason" doc:"Why it is disabled."`
	CreatedAt      stamp    `json:"created_at" doc:"When it was made."`
	UpdatedAt      stamp    `json:"updated_at" doc:"When it last changed."`
}

// secretEndpoint is an endpoint with its signing secret, shown once.
type secretEndpoint struct {
	Endpoint
	Secret string `json:"secret" doc:"Signing secret of Standard Webhooks (whsec_…); shown only here."`
}

func showEndpoint(e kyc.Endpoint) Endpoint {
	return Endpoint{ID: kyc.Dress("webhook", e.ID), URL: e.URL, EnabledEvents: words(e.Events), Description: e.Description, Status: e.Status,
		DisabledReason: e.DisabledWhy, CreatedAt: at(e.CreatedAt), UpdatedAt: at(e.UpdatedAt)}
}

func showSecret(e kyc.Endpoint, err error) (*tagged[secretEndpoint], error) {
	if err != nil {
		return nil, err
	}
	out := secretEndpoint{Endpoint: showEndpoint(e)}
	if len(e.Secrets) > 0 {
		out.Secret = e.Secrets[0].Secret
	}
	return tag(e.Meta, out), nil
}

func (s *surface) webhookRoutes() {
	p := s.Porch
	base := "/webhooks/endpoints"
	api.Handle(p, said(created(op("create-endpoint", http.MethodPost, base, "Webhooks", "Register an endpoint", writeWebhooks)),
		"Messages follow Standard Webhooks: headers webhook-id, webhook-timestamp, webhook-signature. The secret is in this answer and nowhere else."),
		func(ctx context.Context, who api.Principal, in *struct {
			Body struct {
				URL           string   `json:"url" doc:"Where messages go: https, not in a private network." maxLength:"2048"`
				EnabledEvents []string `json:"enabled_events,omitempty" doc:"Which messages; default all." maxItems:"100" nullable:"false"`
				Description   string   `json:"description,omitempty" doc:"What it is for." maxLength:"500"`
			}
		}) (*tagged[secretEndpoint], error) {
			events := in.Body.EnabledEvents
			if events == nil {
				events = []string{"*"}
			}
			return showSecret(s.Webhooks.Create(ctx, who.Tenant, who.Actor, webhook.Spec{URL: in.Body.URL, Events: events, Description: in.Body.Description}))
		})
	api.Handle(p, op("list-endpoints", http.MethodGet, base, "Webhooks", "List endpoints", readWebhooks),
		func(ctx context.Context, who api.Principal, _ *struct{}) (*answer[whole[Endpoint]], error) {
			list, err := s.Webhooks.List(ctx, who.Tenant)
			if err != nil {
				return nil, err
			}
			return all(list, showEndpoint), nil
		})
	api.Handle(p, op("get-endpoint", http.MethodGet, base+"/{id}", "Webhooks", "Read an endpoint", readWebhooks),
		func(ctx context.Context, who api.Principal, in *EndpointPath) (*tagged[Endpoint], error) {
			return s.onEndpoint(in.ID, func(eid kyc.ID) (kyc.Endpoint, error) { return s.Webhooks.Get(ctx, who.Tenant, eid) })
		})
	api.Handle(p, fails(op("update-endpoint", http.MethodPatch, base+"/{id}", "Webhooks", "Change an endpoint", writeWebhooks), http.StatusPreconditionFailed),
		func(ctx context.Context, who api.Principal, in *struct {
			EndpointPath
			api.IfMatch
			Body struct {
				URL           *string  `json:"url,omitempty" doc:"New address." maxLength:"2048"`
				EnabledEvents []string `json:"enabled_events,omitempty" doc:"Which messages." maxItems:"100" nullable:"false"`
				Description   *string  `json:"description,omitempty" doc:"New description." maxLength:"500"`
				Status        string   `json:"status,omitempty" doc:"enabled also forgets past failures." enum:"enabled,disabled"`
			}
		}) (*tagged[Endpoint], error) {
			patch := webhook.Patch{URL: in.Body.URL, Events: in.Body.EnabledEvents, Description: in.Body.Description}
			if in.Body.Status != "" {
				on := in.Body.Status == "enabled"
				patch.Enabled = &on
			}
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
		Body *struct {
			OverlapSeconds *int64 `json:"overlap_seconds,omitempty" doc:"How long the old secret goes on signing; default a day, at most 30." minimum:"0" maximum:"2592000"`
		}
	}) (*tagged[secretEndpoint], error) {
		eid, err := id("webhook", in.ID)
		if err != nil {
			return nil, err
		}
		overlap := webhook.DefaultOverlap
		if in.Body != nil && in.Body.OverlapSeconds != nil {
			overlap = time.Duration(*in.Body.OverlapSeconds) * time.Second
		}
		return showSecret(s.Webhooks.Rotate(ctx, who.Tenant, who.Actor, eid, overlap))
	})
	api.Handle(p, created(op("clone-endpoint", http.MethodPost, base+"/{id}/clone", "Webhooks", "Copy an endpoint", writeWebhooks)),
		func(ctx context.Context, who api.Principal, in *EndpointPath) (*tagged[secretEndpoint], error) {
			eid, err := id("webhook", in.ID)
			if err != nil {
				return nil, err
			}
			return showSecret(s.Webhooks.Clone(ctx, who.Tenant, who.Actor, eid))
		})
	s.deliveryRoutes(base)
}

func (s *surface) onEndpoint(text string, do func(kyc.ID) (kyc.Endpoint, error)) (*tagged[Endpoint], error) {
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
