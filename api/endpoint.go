package api

import (
	"time"

	"bonafide/kyc"
)

// The webhook endpoints of the dialects differ in their paths and in how they
// write ids, and in nothing else.

// Naming writes an id of a kind of object in the words of a dialect, such as
// kyc.Dress.
type Naming func(kind string, id kyc.ID) string

// Bare is the naming of dialects whose ids are plain UUIDs.
func Bare(_ string, id kyc.ID) string { return string(id) }

// Endpoint is a webhook endpoint without its secret.
type Endpoint struct {
	ID              string   `json:"id" doc:"The endpoint's id."`
	URL             string   `json:"url" doc:"Where messages go."`
	EnabledEvents   []string `json:"enabled_events" doc:"Which messages; * is all, of every surface." nullable:"false"`
	Description     string   `json:"description" doc:"What it is for."`
	Status          string   `json:"status" doc:"Whether messages are sent." enum:"enabled,disabled"`
	SignatureScheme string   `json:"signature_scheme" doc:"hmac: v1, with the endpoint's secret. ed25519: v1a, with the key pair whose public half is published, so that the receiver needs no secret. both: one of each." enum:"hmac,ed25519,both"`
	DisabledReason  string   `json:"disabled_reason" doc:"Why it is disabled."`
	CreatedAt       Stamp    `json:"created_at" doc:"When it was made."`
	UpdatedAt       Stamp    `json:"updated_at" doc:"When it last changed."`
}

// SecretEndpoint is an endpoint with its signing secret, shown once.
type SecretEndpoint struct {
	Endpoint
	Secret string `json:"secret" doc:"Signing secret of Standard Webhooks (whsec_…); shown only here."`
}

// NewEndpoint is the body that makes one.
type NewEndpoint struct {
	URL             string   `json:"url" doc:"Where messages go: https, not in a private network." maxLength:"2048"`
	EnabledEvents   []string `json:"enabled_events,omitempty" doc:"Which messages; default all of this surface. * is all, of every surface." maxItems:"100" nullable:"false"`
	Description     string   `json:"description,omitempty" doc:"What it is for." maxLength:"500"`
	SignatureScheme string   `json:"signature_scheme,omitempty" doc:"How messages are signed: hmac with the secret of this endpoint (v1), ed25519 with the published key set (v1a), or both." enum:"hmac,ed25519,both" default:"hmac"`
}

// Events are the events that were asked for; none means those of the surface.
func (n NewEndpoint) Events(surface []string) []string {
	if n.EnabledEvents == nil {
		return surface
	}
	return n.EnabledEvents
}

// EndpointChange is the body that changes one.
type EndpointChange struct {
	URL             *string  `json:"url,omitempty" doc:"New address." maxLength:"2048"`
	EnabledEvents   []string `json:"enabled_events,omitempty" doc:"Which messages." maxItems:"100" nullable:"false"`
	Description     *string  `json:"description,omitempty" doc:"New description." maxLength:"500"`
	SignatureScheme string   `json:"signature_scheme,omitempty" doc:"How messages are signed from now on." enum:"hmac,ed25519,both"`
	Status          string   `json:"status,omitempty" doc:"enabled also forgets past failures." enum:"enabled,disabled"`
}

// Enabled is the wanted state; nil leaves it.
func (c EndpointChange) Enabled() *bool {
	if c.Status == "" {
		return nil
	}
	on := c.Status == "enabled"
	return &on
}

// Overlap is the optional body of a rotation.
type Overlap struct {
	OverlapSeconds *int64 `json:"overlap_seconds,omitempty" doc:"How long the old secret goes on signing; default a day, at most 30." minimum:"0" maximum:"2592000"`
}

// Duration is the wanted overlap, or the default.
func (o *Overlap) Duration(otherwise time.Duration) time.Duration {
	if o == nil || o.OverlapSeconds == nil {
		return otherwise
	}
	return time.Duration(*o.OverlapSeconds) * time.Second
}

// ShowEndpoint writes an endpoint.
func ShowEndpoint(e kyc.Endpoint, name Naming) Endpoint {
	out := Endpoint{ID: name("webhook", e.ID), URL: e.URL, EnabledEvents: e.Events, Description: e.Description, Status: e.Status,
		SignatureScheme: string(e.Scheme), DisabledReason: e.DisabledWhy, CreatedAt: Stamp{Time: e.CreatedAt}, UpdatedAt: Stamp{Time: e.UpdatedAt}}
	if e.Scheme == "" {
		out.SignatureScheme = string(kyc.SchemeHMAC)
	}
	if out.EnabledEvents == nil {
		out.EnabledEvents = []string{}
	}
	return out
}

// ShowSecretEndpoint writes an endpoint with its newest secret.
func ShowSecretEndpoint(e kyc.Endpoint, name Naming) SecretEndpoint {
	out := SecretEndpoint{Endpoint: ShowEndpoint(e, name)}
	if len(e.Secrets) > 0 {
		out.Secret = e.Secrets[0].Secret
	}
	return out
}

// DeliveryTry is one attempt of a delivery.
type DeliveryTry struct {
	At         Stamp  `json:"at" doc:"When."`
	Status     int    `json:"status" doc:"HTTP status; 0 when none came."`
	Error      string `json:"error" doc:"What went wrong."`
	DurationMS int64  `json:"duration_ms" doc:"How long it took."`
}

// Delivery is one message on its way to one endpoint.
type Delivery struct {
	ID         string        `json:"id" doc:"The delivery's id."`
	EventID    string        `json:"event_id" doc:"The webhook-id of the message; the same in every attempt and endpoint."`
	EndpointID string        `json:"endpoint_id" doc:"Where it goes."`
	Event      string        `json:"event" doc:"Name of the message." example:"session.created"`
	State      string        `json:"state" doc:"dead: every attempt failed." enum:"pending,delivered,dead"`
	Attempt    int           `json:"attempt" doc:"Attempts made since it was last queued."`
	NextAt     Stamp         `json:"next_attempt_at" doc:"When it is tried next; null when it is not."`
	LastStatus int           `json:"last_status" doc:"HTTP status of the last attempt."`
	LastError  string        `json:"last_error" doc:"What went wrong last."`
	Attempts   []DeliveryTry `json:"attempts" doc:"Every attempt, oldest first." nullable:"false"`
	CreatedAt  Stamp         `json:"created_at" doc:"When it was queued first."`
}

// ShowDelivery writes a delivery.
func ShowDelivery(d kyc.Delivery, name Naming) Delivery {
	out := Delivery{ID: name("delivery", d.ID), EventID: string(d.EventID), EndpointID: name("webhook", d.EndpointID), Event: d.EventName, State: string(d.State),
		Attempt: d.Attempt, LastStatus: d.LastStatus, LastError: d.LastError, Attempts: []DeliveryTry{}, CreatedAt: Stamp{Time: d.CreatedAt}}
	if d.State == kyc.DeliveryPending {
		out.NextAt = Stamp{Time: d.DueAt}
	}
	for _, t := range d.Attempts {
		out.Attempts = append(out.Attempts, DeliveryTry{At: Stamp{Time: t.At}, Status: t.Status, Error: t.Error, DurationMS: t.DurationMS})
	}
	return out
}

// Span is the body of a replay.
type Span struct {
	From time.Time `json:"from" doc:"Beginning of the range, inclusive."`
	To   time.Time `json:"to" doc:"End of the range, exclusive."`
	// Rest is that of the answer before.
	Rest string `json:"rest,omitempty" doc:"To go on where a call stopped: the rest of its answer, with the same range." maxLength:"36"`
}

// After is the event to go on behind; "" for the newest of the range. Errors:
// Invalid invalid_range.
func (s Span) After() (kyc.ID, error) {
	id, ok := kyc.ParseID(s.Rest)
	if s.Rest != "" && !ok {
		return "", kyc.InvalidInput("invalid_range", "the time range is not usable", []kyc.Problem{{Path: "/rest", Code: "invalid_id", Message: "rest is what an earlier answer said"}})
	}
	return id, nil
}

// Replay is the answer to one.
type Replay struct {
	EndpointID string `json:"endpoint_id" doc:"The endpoint."`
	Queued     int    `json:"queued" doc:"How many messages were queued."`
	More       bool   `json:"more" doc:"Whether the range holds more than the 1,000 messages that one call looks at, the newest first."`
	Rest       string `json:"rest,omitempty" doc:"Where more is true: send it with the same range to go on with what is older."`
}
