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

type endpointPath struct {
	ID string `path:"id" doc:"The endpoint's id." example:"webhook_0199a0b0-1111-7222-8333-444455556666"`
}

type newEndpoint struct {
	URL           string   `json:"url" doc:"Where messages go: a public https:// address." example:"https://example.com/hooks" maxLength:"2000"`
	EnabledEvents []string `json:"enabled_events,omitempty" doc:"Names of the events to send; [\"*\"] or absent is all of them." maxItems:"50" nullable:"false"`
	Description   string   `json:"description,omitempty" doc:"What it is for." maxLength:"2000"`
}

type editEndpoint struct {
	URL           *string  `json:"url,omitempty" doc:"New address." maxLength:"2000"`
	EnabledEvents []string `json:"enabled_events,omitempty" doc:"New list of events." maxItems:"50" nullable:"false"`
	Description   *string  `json:"description,omitempty" doc:"New description." maxLength:"2000"`
	Enabled       *bool    `json:"enabled,omitempty" doc:"false stops messages; true starts them again and forgets past failures."`
}

type endpoint struct {
	ID             string   `json:"id" doc:"The endpoint's id." example:"webhook_0199a0b0-1111-7222-8333-444455556666"`
	URL            string   `json:"url" doc:"Where messages go."`
	EnabledEvents  []string `json:"enabled_events" doc:"Names of the events it gets; \"*\" is all." nullable:"false"`
	Description    string   `json:"description" doc:"What it is for."`
	Status         string   `json:"status" doc:"A disabled endpoint gets nothing." enum:"enabled,disabled"`
	DisabledReason string   `json:"disabled_reason,omitempty" doc:"Why it was disabled: by its owner, by a 410 answer, or after ten deliveries in a row failed for good."`
	FailuresInARow int      `json:"failures_in_a_row" doc:"Deliveries given up since the last one that arrived." minimum:"0"`
	Secret         string   `json:"secret,omitempty" doc:"Signing secret (Standard Webhooks). Shown only when it is made." example:"whsec_C2FtcGxlIHNlY3JldCBvZiB0aGlydHktdHdvIGJ5dGVz"`
	OldSecretUntil *stamp   `json:"old_secret_until,omitempty" doc:"Until when the rotated secret signs beside the new one."`
	CreatedAt      stamp    `json:"created_at" doc:"When it was made."`
	UpdatedAt      stamp    `json:"updated_at" doc:"When it was last changed."`
}

// showEndpoint never shows a secret; sayEndpoint shows the newest, once.
func showEndpoint(e kyc.Endpoint) endpoint {
	out := endpoint{ID: kyc.Dress("webhook", e.ID), URL: e.URL, EnabledEvents: e.Events, Description: e.Description, Status: e.Status,
		DisabledReason: e.DisabledWhy, FailuresInARow: e.Exhausted, CreatedAt: at(e.CreatedAt), UpdatedAt: at(e.UpdatedAt)}
	for _, s := range e.Secrets[min(1, len(e.Secrets)):] {
		until := at(s.Until)
		out.OldSecretUntil = &until
	}
	return out
}

func sayEndpoint(e kyc.Endpoint, err error) (*tagged[endpoint], error) {
	if err != nil {
		return nil, err
	}
	out := showEndpoint(e)
	if len(e.Secrets) > 0 {
		out.Secret = e.Secrets[0].Secret
	}
	return tag(e.Meta, out), nil
}

func (s *surface) webhookRoutes() {
	p := s.Porch
	api.Handle(p, said(created(op("create-webhook-endpoint", http.MethodPost, "/webhooks/endpoints", "Webhooks", "Create an endpoint", writeWebhooks)),
		"The answer carries the signing secret; it is shown only now. Messages follow the Standard Webhooks specification: verify `webhook-signature` over `webhook-id`, `webhook-timestamp` and the raw body with any of its libraries, and drop a `webhook-id` you have seen."),
		func(ctx context.Context, who api.Principal, in *struct{ Body newEndpoint }) (*tagged[endpoint], error) {
			events := in.Body.EnabledEvents
			if len(events) == 0 {
				events = []string{"*"}
			}
			return sayEndpoint(s.Webhooks.Create(ctx, who.Tenant, who.Actor, webhook.Spec{URL: in.Body.URL, Events: events, Description: in.Body.Description}))
		})
	api.Handle(p, op("list-webhook-endpoints", http.MethodGet, "/webhooks/endpoints", "Webhooks", "List endpoints", readWebhooks),
		func(ctx context.Context, who api.Principal, _ *struct{}) (*answer[whole[endpoint]], error) {
			list, err := s.Webhooks.List(ctx, who.Tenant)
			if err != nil {
				return nil, err
			}
			return all(list, showEndpoint), nil
		})
	api.Handle(p, op("list-webhook-events", http.MethodGet, "/webhooks/events", "Webhooks", "Names of all events", readWebhooks),
		func(context.Context, api.Principal, *struct{}) (*answer[whole[string]], error) {
			return all(Events(), func(n string) string { return n }), nil
		})
	api.Handle(p, op("get-webhook-endpoint", http.MethodGet, "/webhooks/endpoints/{id}", "Webhooks", "Read an endpoint", readWebhooks),
		func(ctx context.Context, who api.Principal, in *endpointPath) (*tagged[endpoint], error) {
			eid, err := id("webhook", in.ID)
			if err != nil {
				return nil, err
			}
			e, err := s.Webhooks.Get(ctx, who.Tenant, eid)
			if err != nil {
				return nil, err
			}
			return tag(e.Meta, showEndpoint(e)), nil
		})
	api.Handle(p, fails(op("update-webhook-endpoint", http.MethodPatch, "/webhooks/endpoints/{id}", "Webhooks", "Change an endpoint", writeWebhooks), http.StatusPreconditionFailed),
		func(ctx context.Context, who api.Principal, in *struct {
			endpointPath
			api.IfMatch
			Body editEndpoint
		}) (*tagged[endpoint], error) {
			eid, err := id("webhook", in.ID)
			if err != nil {
				return nil, err
			}
			b := in.Body
			e, err := s.Webhooks.Update(ctx, who.Tenant, who.Actor, eid, rev(in.IfMatch),
				webhook.Patch{URL: b.URL, Events: b.EnabledEvents, Description: b.Description, Enabled: b.Enabled})
			if err != nil {
				return nil, err
			}
			return tag(e.Meta, showEndpoint(e)), nil
		})
	api.Handle(p, said(op("delete-webhook-endpoint", http.MethodDelete, "/webhooks/endpoints/{id}", "Webhooks", "Delete an endpoint", writeWebhooks),
		"Messages that still wait for it are given up."),
		func(ctx context.Context, who api.Principal, in *endpointPath) (*struct{}, error) {
			eid, err := id("webhook", in.ID)
			if err != nil {
				return nil, err
			}
			return nil, s.Webhooks.Delete(ctx, who.Tenant, who.Actor, eid)
		})
	s.webhookCare()
	s.deliveryRoutes()
}

type rotateBody struct {
	OverlapSeconds *int64 `json:"overlap_seconds,omitempty" doc:"How long the old secret goes on signing beside the new one; default a day, 0 ends it now." minimum:"0" maximum:"2592000"`
}

// webhookCare are the routes that look after one endpoint.
func (s *surface) webhookCare() {
	p := s.Porch
	api.Handle(p, said(op("rotate-webhook-secret", http.MethodPost, "/webhooks/endpoints/{id}/rotate-secret", "Webhooks", "Rotate the secret", writeWebhooks),
		"Gives a new secret, shown only now. Until the overlap ends every message carries a signature of each."),
		func(ctx context.Context, who api.Principal, in *struct {
			endpointPath
			Body *rotateBody
		}) (*tagged[endpoint], error) {
			eid, err := id("webhook", in.ID)
			if err != nil {
				return nil, err
			}
			overlap := webhook.DefaultOverlap
			if in.Body != nil && in.Body.OverlapSeconds != nil {
				overlap = time.Duration(*in.Body.OverlapSeconds) * time.Second
			}
			return sayEndpoint(s.Webhooks.Rotate(ctx, who.Tenant, who.Actor, eid, overlap))
		})
	api.Handle(p, said(created(op("clone-webhook-endpoint", http.MethodPost, "/webhooks/endpoints/{id}/clone", "Webhooks", "Clone an endpoint", writeWebhooks)),
		"Same address and events, a secret of its own, shown only now."),
		func(ctx context.Context, who api.Principal, in *endpointPath) (*tagged[endpoint], error) {
			eid, err := id("webhook", in.ID)
			if err != nil {
				return nil, err
			}
			return sayEndpoint(s.Webhooks.Clone(ctx, who.Tenant, who.Actor, eid))
		})
	api.Handle(p, fails(said(accepted(op("test-webhook-endpoint", http.MethodPost, "/webhooks/endpoints/{id}/test", "Webhooks", "Send a test message", writeWebhooks)),
		"Sends `webhook.test` to this endpoint only."), http.StatusConflict),
		func(ctx context.Context, who api.Principal, in *endpointPath) (*answer[delivery], error) {
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
}
