package steps

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"bonafide/api"
	"bonafide/kyc"
	"bonafide/webhook"
)

// channel names the endpoint that notification-channels administers; it is its
// description.
const channel = "onboarding notifications (notification-channels)"

type newChannels struct {
	WebhookURL    address  `json:"webhook_url,omitzero" doc:"Where messages go: https, not in a private network. Given again, it also enables a disabled address. null ends the messages."`
	WebhookSecret *string  `json:"webhook_secret,omitempty" doc:"Signing secret of Standard Webhooks: whsec_ and 24 to 64 bytes in base64; drawn when a new address comes without one." maxLength:"200" nullable:"true"`
	Emails        []string `json:"notification_emails,omitempty" doc:"Not available: only an empty list is taken." maxItems:"50" nullable:"false"`
	SlackURL      *string  `json:"slack_webhook_url,omitempty" doc:"Not available: only null is taken." maxLength:"2048" nullable:"true"`
	Batch         bool     `json:"batch_notifications_enabled,omitempty" doc:"Not available: only false is taken." default:"false"`
}

// address is a text that tells null from absence.
type address struct {
	given bool
	url   string // empty: null
}

// UnmarshalJSON notes that it was given.
func (a *address) UnmarshalJSON(raw []byte) error {
	a.given = true
	return json.Unmarshal(raw, &a.url)
}

// Schema describes it.
func (address) Schema(huma.Registry) *huma.Schema {
	longest := 2048
	return &huma.Schema{Type: huma.TypeString, Nullable: true, MaxLength: &longest, Examples: []any{"https://example.com/hooks/kyc"}}
}

// channels is where the organisation is told.
type channels struct {
	Config channelConfig `json:"notification_config" doc:"Where the organisation is told."`
}

type channelConfig struct {
	WebhookURL     *string  `json:"webhook_url" doc:"Where messages go; null without an address."`
	WebhookSecret  *string  `json:"webhook_secret" doc:"The signing secret: whole when it was just set or drawn, afterwards its last four characters; null without an address."`
	Events         []string `json:"events" doc:"What is told." nullable:"false"`
	Status         *string  `json:"status" doc:"Whether messages are sent; null without an address." enum:"enabled,disabled"`
	DisabledReason *string  `json:"disabled_reason" doc:"Why not; null while they are."`
	Emails         []string `json:"notification_emails" doc:"Always empty: this installation sends no e-mail notifications." nullable:"false"`
	SlackURL       *string  `json:"slack_webhook_url" doc:"Always null."`
	Batch          bool     `json:"batch_notifications_enabled" doc:"Always false: each message is sent by itself."`
}

func (s *surface) channelRoutes() {
	p, group, path := s.Porch, "Onboarding notifications", "/tenants/me/notification-channels"
	api.Handle(p, op("get-notification-channels", http.MethodGet, path, group, "Where messages go", read),
		func(ctx context.Context, who api.Principal, _ *struct{}) (*answer[channels], error) {
			e, err := s.channel(ctx, who.Tenant)
			if err != nil {
				return nil, err
			}
			return &answer[channels]{Body: showChannel(e, false)}, nil
		})
	api.Handle(p, fails(said(op("set-notification-channels", http.MethodPatch, path, group, "Change where messages go", create, "webhooks:write"),
		"Keeps one webhook endpoint for all messages of this surface (`kyc.*`), signed after Standard Webhooks. The endpoint can also be seen and changed with the webhook routes under /api/v1. E-mail, Slack and batches are refused with `not_available`."), http.StatusConflict), s.setChannels)
}

// channel finds the endpoint; nil when there is none.
func (s *surface) channel(ctx context.Context, t kyc.Tenant) (*kyc.Endpoint, error) {
	all, err := s.Webhooks.List(ctx, t)
	for i := range all {
		if all[i].Description == channel {
			return &all[i], nil
		}
	}
	return nil, err
}

// unavailable lists what was asked for and is not there.
func (n newChannels) unavailable() []kyc.Problem {
	var out []kyc.Problem
	add := func(asked bool, path, message string) {
		if asked {
			out = append(out, kyc.Problem{Path: path, Code: "not_available", Message: message})
		}
	}
	add(len(n.Emails) > 0, "/notification_emails", "this installation sends no e-mail notifications; use a webhook")
	add(n.SlackURL != nil && *n.SlackURL != "", "/slack_webhook_url", "this installation does not speak to Slack; use a webhook")
	add(n.Batch, "/batch_notifications_enabled", "each message is sent by itself")
	return out
}

func (s *surface) setChannels(ctx context.Context, who api.Principal, in *struct {
	Body newChannels
}) (*answer[channels], error) {
	if p := in.Body.unavailable(); len(p) > 0 {
		return nil, kyc.InvalidInput("not_available", "some of these channels are not available here", p)
	}
	have, err := s.channel(ctx, who.Tenant)
	if err != nil {
		return nil, err
	}
	secret := ""
	if in.Body.WebhookSecret != nil {
		secret = *in.Body.WebhookSecret
	}
	to, on := in.Body.WebhookURL, true
	var now kyc.Endpoint
	switch {
	case have != nil && to.given && to.url == "":
		if err := s.Webhooks.Delete(ctx, who.Tenant, who.Actor, have.ID); err != nil {
			return nil, err
		}
		return &answer[channels]{Body: showChannel(nil, false)}, nil
	case have == nil && to.url == "" && secret != "":
		return nil, kyc.InvalidInput("webhook_url_required", "a secret needs an address",
			[]kyc.Problem{{Path: "/webhook_url", Code: "required", Message: "say where the messages go"}})
	case !to.given && secret == "", have == nil && to.url == "":
		return &answer[channels]{Body: showChannel(have, false)}, nil
	case have == nil:
		now, err = s.Webhooks.Create(ctx, who.Tenant, who.Actor, webhook.Spec{URL: to.url, Events: Events(), Description: channel, Secret: secret})
	case to.given:
		now, err = s.Webhooks.Update(ctx, who.Tenant, who.Actor, have.ID, 0, webhook.Patch{URL: &to.url, Events: Events(), Secret: secret, Enabled: &on})
	default:
		now, err = s.Webhooks.Update(ctx, who.Tenant, who.Actor, have.ID, 0, webhook.Patch{Events: Events(), Secret: secret})
	}
	if err != nil {
		return nil, inChannels(err)
	}
	return &answer[channels]{Body: showChannel(&now, have == nil || secret != "")}, nil
}

// inChannels puts the desk's problems where this body has them.
func inChannels(err error) error {
	e := kyc.AsError(err)
	for i := range e.Problems {
		switch e.Problems[i].Path {
		case "/url":
			e.Problems[i].Path = "/webhook_url"
		case "/secret":
			e.Problems[i].Path = "/webhook_secret"
		}
	}
	return err
}

func showChannel(e *kyc.Endpoint, whole bool) channels {
	out := channelConfig{Events: []string{}, Emails: []string{}}
	if e != nil {
		out.WebhookURL, out.Events, out.Status, out.DisabledReason = &e.URL, words(e.Events), &e.Status, text(e.DisabledWhy)
		if len(e.Secrets) > 0 {
			secret := e.Secrets[0].Secret
			if !whole {
				secret = "****" + secret[max(0, len(secret)-4):]
			}
			out.WebhookSecret = &secret
		}
	}
	return channels{Config: out}
}
