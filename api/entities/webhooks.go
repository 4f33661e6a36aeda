package entities

import (
	"context"
	"net/http"
	"time"

	"bonafide/api"
	"bonafide/kyc"
	"bonafide/webhook"
)

// notification is where messages go.
type notification struct {
	ID             string   `json:"webhookId" doc:"Names the address."`
	URL            string   `json:"url" doc:"Messages are posted to this address, with /{requestId} behind it."`
	Events         []string `json:"events" doc:"Which messages: workflow.complete, status.overridden, monitoring.alert; * is all, of every surface." nullable:"false"`
	Description    string   `json:"description" doc:"What it is for."`
	Status         string   `json:"status" doc:"Whether messages are sent." enum:"enabled,disabled"`
	DisabledReason *string  `json:"disabledReason" doc:"Why it is disabled; null while it is not."`
	Secret         *string  `json:"secret,omitempty" doc:"Signing secret of Standard Webhooks (whsec_…); only when it is made."`
	CreatedAt      stamp    `json:"createdAt" doc:"When it was made."`
	UpdatedAt      stamp    `json:"updatedAt" doc:"When it last changed."`
}

type (
	notificationBody struct {
		Asked
		Webhook notification `json:"webhook" doc:"The address."`
	}
	notificationList struct {
		Asked
		Webhooks []notification `json:"webhooks" doc:"The addresses, oldest first." nullable:"false"`
	}
	newNotification struct {
		URL         string   `json:"url" doc:"https, not in a private network." minLength:"1" maxLength:"2048" example:"https://example.com/notifications"`
		Events      []string `json:"events,omitempty" doc:"Which messages; all three of this surface without it. * is all, of every surface." maxItems:"100" nullable:"false"`
		Description string   `json:"description,omitempty" doc:"What it is for." maxLength:"500"`
	}
	notificationChange struct {
		URL         *string  `json:"url,omitempty" doc:"New address." minLength:"1" maxLength:"2048"`
		Events      []string `json:"events,omitempty" doc:"Which messages." minItems:"1" maxItems:"100" nullable:"false"`
		Description *string  `json:"description,omitempty" doc:"New description." maxLength:"500"`
		Status      *string  `json:"status,omitempty" doc:"enabled also forgets past failures." enum:"enabled,disabled"`
	}
	rotation struct {
		OverlapSeconds *int64 `json:"overlapSeconds,omitempty" doc:"How long the old secret goes on signing; default a day, at most 30." minimum:"0" maximum:"2592000"`
	}
)

func showNotification(e kyc.Endpoint, secret bool) notification {
	out := notification{ID: string(e.ID), URL: e.URL, Events: words(e.Events), Description: e.Description, Status: e.Status, DisabledReason: text(e.DisabledWhy),
		CreatedAt: at(e.CreatedAt), UpdatedAt: at(e.UpdatedAt)}
	if secret && len(e.Secrets) > 0 {
		out.Secret = text(e.Secrets[0].Secret)
	}
	return out
}

// NotificationPath names an address.
type NotificationPath struct {
	ID string `path:"webhookId" doc:"The address's id." maxLength:"64"`
}

func (s *surface) webhookRoutes() {
	p := s.Porch
	api.Handle(p, fails(said(created(op("create-notification-webhook", http.MethodPost, "/webhooks", tagNotify, "Register a notification address", writeWebhooks)),
		"Messages are posted to `url/{requestId}` and signed after Standard Webhooks (headers webhook-id, webhook-timestamp, webhook-signature). The secret is in this answer and nowhere else. Replays are at /api/v1/webhooks/endpoints, under the same id with `webhook_` in front."), http.StatusConflict),
		func(ctx context.Context, who api.Principal, in *struct{ Body newNotification }) (*tagged[notificationBody], error) {
			events := in.Body.Events
			if len(events) == 0 {
				events = Events()
			}
			e, err := s.Webhooks.Create(ctx, who.Tenant, who.Actor, webhook.Spec{URL: in.Body.URL, Events: events, Description: in.Body.Description})
			return oneNotification(ctx, true)(e, notifyWords(err))
		})
	api.Handle(p, op("list-notification-webhooks", http.MethodGet, "/webhooks", tagNotify, "List notification addresses", readWebhooks),
		func(ctx context.Context, who api.Principal, _ *struct{}) (*answer[notificationList], error) {
			list, err := s.Webhooks.List(ctx, who.Tenant)
			if err != nil {
				return nil, err
			}
			return reply(notificationList{asked(ctx), shown(list, func(e kyc.Endpoint) notification { return showNotification(e, false) })}), nil
		})
	api.Handle(p, op("get-notification-webhook", http.MethodGet, "/webhooks/{webhookId}", tagNotify, "Read a notification address", readWebhooks),
		func(ctx context.Context, who api.Principal, in *NotificationPath) (*tagged[notificationBody], error) {
			wid, err := id("webhook", in.ID)
			if err != nil {
				return nil, err
			}
			return oneNotification(ctx, false)(s.Webhooks.Get(ctx, who.Tenant, wid))
		})
	api.Handle(p, fails(op("update-notification-webhook", http.MethodPatch, "/webhooks/{webhookId}", tagNotify, "Change a notification address", writeWebhooks), http.StatusPreconditionFailed),
		func(ctx context.Context, who api.Principal, in *struct {
			NotificationPath
			api.IfMatch
			Body notificationChange
		}) (*tagged[notificationBody], error) {
			wid, err := id("webhook", in.ID)
			if err != nil {
				return nil, err
			}
			c := webhook.Patch{URL: in.Body.URL, Events: in.Body.Events, Description: in.Body.Description}
			if in.Body.Status != nil {
				on := *in.Body.Status == "enabled"
				c.Enabled = &on
			}
			e, err := s.Webhooks.Update(ctx, who.Tenant, who.Actor, wid, in.Rev(), c)
			return oneNotification(ctx, false)(e, notifyWords(err))
		})
	api.Handle(p, op("delete-notification-webhook", http.MethodDelete, "/webhooks/{webhookId}", tagNotify, "Remove a notification address", writeWebhooks),
		func(ctx context.Context, who api.Principal, in *NotificationPath) (*answer[done], error) {
			wid, err := id("webhook", in.ID)
			if err != nil {
				return nil, err
			}
			return reply(done{asked(ctx)}), s.Webhooks.Delete(ctx, who.Tenant, who.Actor, wid)
		})
	api.Handle(p, said(op("rotate-notification-secret", http.MethodPost, "/webhooks/{webhookId}/rotate", tagNotify, "New signing secret", writeWebhooks),
		"The old secret goes on signing beside the new one for the overlap."),
		func(ctx context.Context, who api.Principal, in *struct {
			NotificationPath
			Body *rotation `required:"false"`
		}) (*tagged[notificationBody], error) {
			wid, err := id("webhook", in.ID)
			if err != nil {
				return nil, err
			}
			overlap := webhook.DefaultOverlap
			if in.Body != nil && in.Body.OverlapSeconds != nil {
				overlap = time.Duration(*in.Body.OverlapSeconds) * time.Second
			}
			return oneNotification(ctx, true)(s.Webhooks.Rotate(ctx, who.Tenant, who.Actor, wid, overlap))
		})
}

func oneNotification(ctx context.Context, secret bool) func(kyc.Endpoint, error) (*tagged[notificationBody], error) {
	return func(e kyc.Endpoint, err error) (*tagged[notificationBody], error) {
		if err != nil {
			return nil, err
		}
		return tag(e.Meta, notificationBody{asked(ctx), showNotification(e, secret)}), nil
	}
}

// notifyWords names the members of this surface in the problems of the desk.
func notifyWords(err error) error {
	e := kyc.AsError(err)
	if err == nil || len(e.Problems) == 0 {
		return err
	}
	out := *e
	out.Problems = nil
	for _, p := range e.Problems {
		const theirs = "/enabled_events"
		if len(p.Path) >= len(theirs) && p.Path[:len(theirs)] == theirs {
			p.Path = "/events" + p.Path[len(theirs):]
		}
		out.Problems = append(out.Problems, p)
	}
	return &out
}
