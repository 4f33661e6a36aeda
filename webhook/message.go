package webhook

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"bonafide/kyc"
)

// message is the body of every webhook (api.md 6.13). The idempotency key is
// the event's id, which is the webhook-id header too.
type message struct {
	Event          string          `json:"event"`
	IdempotencyKey kyc.ID          `json:"idempotency_key"`
	Data           json.RawMessage `json:"data"`
	CreatedAt      string          `json:"created_at"`
}

// stepsMessage is the body of a webhook of the onboarding surface (api.md
// 3.11): created is in Unix seconds.
type stepsMessage struct {
	ID      string          `json:"id"` // evt_ and the event's id
	Type    string          `json:"type"`
	Created int64           `json:"created"`
	Data    json.RawMessage `json:"data"`
}

// checksMessage is the body of a webhook of surface B (api.md 4.6).
type checksMessage struct {
	Type string          `json:"type"`
	Data json.RawMessage `json:"data"`
}

// Body renders the message of an event in the words of its surface; it is the
// same for every attempt.
func Body(e kyc.Event) ([]byte, error) {
	data := e.Payload
	if len(data) == 0 {
		data = json.RawMessage("{}")
	}
	var m any = message{Event: e.Webhook, IdempotencyKey: e.ID, Data: data, CreatedAt: e.At.UTC().Format("2006-01-02T15:04:05.000Z07:00")}
	switch e.Surface {
	case kyc.SurfaceChecks:
		m = checksMessage{Type: e.Webhook, Data: data}
	case kyc.SurfaceEntities:
		m = data // a notification is the data alone (api.md 5.11)
	case kyc.SurfaceSteps:
		m = stepsMessage{ID: kyc.Dress("evt", e.ID), Type: e.Webhook, Created: e.At.Unix(), Data: data}
	}
	b, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("rendering webhook message: %w", err)
	}
	return b, nil
}

// Address is where the message of an event goes: the endpoint's, and on
// surface C the id of the request that caused it as a further part of the path
// (edition decision E4).
func Address(endpoint string, e kyc.Event) (string, error) {
	if e.Surface != kyc.SurfaceEntities || strings.Trim(e.RequestID, ".") == "" { // dots alone would climb
		return endpoint, nil
	}
	u, err := url.Parse(endpoint)
	if err != nil {
		return "", fmt.Errorf("reading an endpoint's address: %w", err)
	}
	return u.JoinPath(url.PathEscape(e.RequestID)).String(), nil
}

// Sign sets the three headers of Standard Webhooks, with one signature for
// each live secret (v1) and each live key pair (v1a) that the endpoint's scheme
// asks for, newest first.
func Sign(h http.Header, id kyc.ID, at time.Time, body []byte, e kyc.Endpoint, keys kyc.SignatureKeys) error {
	var signatures []string
	if e.Scheme.Symmetric() {
		for _, s := range live(e.Secrets, at) {
			signer, err := standardwebhooks.NewWebhook(s.Secret)
			if err != nil {
				return fmt.Errorf("reading a signing secret: %w", err)
			}
			sig, err := signer.Sign(string(id), at, body)
			if err != nil {
				return fmt.Errorf("signing webhook message: %w", err)
			}
			signatures = append(signatures, sig)
		}
	}
	if e.Scheme.Asymmetric() {
		more, err := signEd25519(id, at, body, keys)
		if err != nil {
			return err
		}
		signatures = append(signatures, more...)
	}
	if len(signatures) == 0 {
		return kyc.Errorf(kyc.Internal, "no_signing_secret", "the endpoint has no signing secret")
	}
	h.Set(standardwebhooks.HeaderWebhookID, string(id))
	h.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(at.Unix(), 10))
	h.Set(standardwebhooks.HeaderWebhookSignature, strings.Join(signatures, " "))
	return nil
}

// live drops the secrets whose time is over.
func live(secrets []kyc.EndpointSecret, at time.Time) []kyc.EndpointSecret {
	var out []kyc.EndpointSecret
	for _, s := range secrets {
		if s.Until.IsZero() || at.Before(s.Until) {
			out = append(out, s)
		}
	}
	return out
}

// newSecret draws a signing secret: whsec_ and 32 random bytes in base64.
func newSecret() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // crypto/rand never fails since Go 1.24
	return "whsec_" + base64.StdEncoding.EncodeToString(b[:])
}

// validSecret reports whether a text can sign after Standard Webhooks, with a
// key that cannot be guessed.
func validSecret(s string) bool {
	encoded, prefixed := strings.CutPrefix(s, "whsec_")
	key, err := base64.StdEncoding.DecodeString(encoded)
	return prefixed && err == nil && len(key) >= 24 && len(key) <= 64
}
