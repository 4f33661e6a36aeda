package kyc

import (
	"encoding/json"
	"time"
)

// Event is one thing that happened. Every stored change names the events it
// causes; they are sealed into the organisation's audit chain, and those with
// a Webhook are what customers' endpoints are told (the event's ID is the
// webhook-id of the message).
type Event struct {
	ID        ID        `json:"id"`
	Tenant    Tenant    `json:"tenant"`
	At        time.Time `json:"at"`
	Actor     Actor     `json:"actor"`
	Action    string    `json:"action"` // session.create, case.approve, session.read, …
	Object    string    `json:"object"` // session, workflow, case, …
	ObjectID  ID        `json:"object_id"`
	SubjectID ID        `json:"subject_id,omitempty"`
	Reason    string    `json:"reason,omitempty"` // a code; never what somebody wrote about a person
	RequestID string    `json:"request_id,omitempty"`
	Before    string    `json:"before_hash,omitempty"`
	After     string    `json:"after_hash,omitempty"`
	// Webhook is the public event name (session.approved); empty for events
	// that are only audited. Payload is the message's data, complete and
	// without personal data except where the customer asked for it.
	Webhook string          `json:"webhook,omitempty"`
	Surface Surface         `json:"surface,omitempty"`
	Payload json.RawMessage `json:"payload,omitempty"`
	// Sealed by the store when it enters the chain.
	Seq      int64  `json:"seq,omitempty"`
	PrevHash string `json:"prev_hash,omitempty"`
	Hash     string `json:"hash,omitempty"`
}

// Endpoint is where a customer wants to be told.
type Endpoint struct {
	Meta
	URL         string   `json:"url"`
	Events      []string `json:"enabled_events"` // "*" is all
	Description string   `json:"description,omitempty"`
	Status      string   `json:"status"` // enabled, disabled
	DisabledWhy string   `json:"disabled_reason,omitempty"`
	Exhausted   int      `json:"exhausted"` // deliveries given up in a row
	// Scheme says how messages are signed: hmac (empty is that, too), ed25519 or
	// both.
	Scheme SignatureScheme `json:"signature_scheme,omitempty"`
	// Secrets are whsec_ strings, newest first; a rotated one lives until its
	// end. Stored encrypted under the organisation's key.
	Secrets []EndpointSecret `json:"-"`
}

// EndpointSecret is one signing secret.
type EndpointSecret struct {
	Secret string    `json:"secret"`
	Until  time.Time `json:"until,omitzero"` // zero: no end
}

// SignatureScheme says how the messages of an endpoint are signed.
type SignatureScheme string

// Signature schemes of Standard Webhooks: v1 with the endpoint's secret, v1a with
// the tenant's key pair, or both in one header.
const (
	SchemeHMAC    SignatureScheme = "hmac"
	SchemeEd25519 SignatureScheme = "ed25519"
	SchemeBoth    SignatureScheme = "both"
)

// Asymmetric reports whether messages carry a signature of the key pair, and
// Symmetric whether they carry one of the secret.
func (s SignatureScheme) Asymmetric() bool { return s == SchemeEd25519 || s == SchemeBoth }

// Symmetric is the other half; whatever is not known signs with the secret.
func (s SignatureScheme) Symmetric() bool { return s != SchemeEd25519 }

// SignatureKeys are the Ed25519 key pairs of one tenant, newest first: the one in
// force and, while receivers change over, the one before.
type SignatureKeys struct {
	Meta
	Keys []SignatureKey `json:"keys"`
	// Seeds are the private halves by the id of their key, 32 bytes in base64.
	// Stored encrypted under the organisation's key.
	Seeds map[string]string `json:"-"`
}

// SignatureKey is the public half of a key pair.
type SignatureKey struct {
	ID        string    `json:"kid"` // thumbprint (RFC 7638)
	Public    string    `json:"x"`   // 32 bytes in unpadded base64url, as in a JWK (RFC 8037)
	CreatedAt time.Time `json:"created_at"`
	Until     time.Time `json:"until,omitzero"` // zero: no end
}

// Live are the keys that sign and are published at a time, newest first.
func (k SignatureKeys) Live(at time.Time) []SignatureKey {
	var out []SignatureKey
	for _, x := range k.Keys {
		if x.Until.IsZero() || at.Before(x.Until) {
			out = append(out, x)
		}
	}
	return out
}

// DeliveryState is the state of one message to one endpoint.
type DeliveryState string

// Delivery states.
const (
	DeliveryPending   DeliveryState = "pending"
	DeliveryDelivered DeliveryState = "delivered"
	DeliveryDead      DeliveryState = "dead" // every attempt failed
)

// Delivery is one message to one endpoint. The store makes it together with
// its event.
type Delivery struct {
	Meta
	EventID    ID            `json:"event_id"`
	EndpointID ID            `json:"endpoint_id"`
	EventName  string        `json:"event"`
	State      DeliveryState `json:"state"`
	Attempt    int           `json:"attempt"`
	DueAt      time.Time     `json:"due_at,omitzero"`
	LastStatus int           `json:"last_status,omitempty"`
	LastError  string        `json:"last_error,omitempty"`
	Attempts   []DeliveryTry `json:"attempts,omitempty"`
	// SubjectID is the person of the event, whose key encrypts what receivers
	// answered; without one the tenant's key does.
	SubjectID ID `json:"subject_id,omitempty"`
	// Unreadable is set by the store when the subject's key was destroyed.
	Unreadable bool `json:"-"`
}

// DeliveryTry is one attempt.
type DeliveryTry struct {
	At         time.Time `json:"at"`
	Status     int       `json:"status,omitempty"`
	Error      string    `json:"error,omitempty"`
	DurationMS int64     `json:"duration_ms"`
	// Answer is the beginning of what the receiver answered, as text. It may
	// repeat the message, so it is stored encrypted.
	Answer string `json:"-"`
}

// Job is work that must survive a restart and happen later or elsewhere. The
// store hands it to the queue in the same transaction as the change that
// causes it. Key, when set, makes a second job of the same kind and key a
// no-op while the first waits.
type Job struct {
	Kind   string          `json:"kind"`
	Tenant Tenant          `json:"tenant"`
	Object ID              `json:"object,omitempty"`
	Key    string          `json:"key,omitempty"`
	At     time.Time       `json:"at,omitzero"` // zero: as soon as possible
	Args   json.RawMessage `json:"args,omitempty"`
}
