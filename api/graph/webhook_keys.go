package graph

import (
	"context"
	"net/http"

	"bonafide/api"
	"bonafide/kyc"
	"bonafide/webhook"
)

type signatureKey struct {
	ID        string `json:"kid" doc:"Name of the key: its thumbprint (RFC 7638)."`
	PublicKey string `json:"public_key" doc:"The public half as Standard Webhooks writes it." example:"whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="`
	X         string `json:"x" doc:"The same as in the key set (RFC 8037)."`
	CreatedAt stamp  `json:"created_at" doc:"When it was drawn."`
	Until     stamp  `json:"signs_until" doc:"When it stops signing and is no longer published; null for the one in force."`
}

type signatureKeys struct {
	Data       []signatureKey `json:"data" doc:"The keys that sign now, newest first; none before an endpoint asked for ed25519." nullable:"false"`
	KeySetPath string         `json:"jwks_path" doc:"Where the key set (RFC 7517) is published to everybody, under this server's address."`
}

func showKeys(t kyc.Tenant, keys []kyc.SignatureKey) *answer[signatureKeys] {
	out := signatureKeys{Data: []signatureKey{}, KeySetPath: webhook.KeySetPath(t)}
	for _, k := range keys {
		out.Data = append(out.Data, signatureKey{ID: k.ID, PublicKey: webhook.PublicKey(k), X: k.Public, CreatedAt: at(k.CreatedAt), Until: at(k.Until)})
	}
	return &answer[signatureKeys]{Body: out}
}

func (s *surface) keyRoutes() {
	p := s.Porch
	api.Handle(p, said(op("list-signature-keys", http.MethodGet, "/webhooks/keys", "Webhooks", "The public keys that sign messages", readWebhooks),
		"Endpoints with `signature_scheme` ed25519 or both get messages signed by these keys (`v1a` in webhook-signature, Ed25519 over id.timestamp.body). The same keys are published without authentication at `jwks_path`; a receiver accepts a message that any of them signed."),
		func(ctx context.Context, who api.Principal, _ *struct{}) (*answer[signatureKeys], error) {
			keys, err := s.Webhooks.Keys(ctx, who.Tenant)
			if err != nil {
				return nil, err
			}
			return showKeys(who.Tenant, keys), nil
		})
	api.Handle(p, said(op("rotate-signature-keys", http.MethodPost, "/webhooks/keys/rotate", "Webhooks", "New key pair for messages", writeWebhooks),
		"The old key goes on signing beside the new one, and stays published, for the overlap; both signatures are in each message."),
		func(ctx context.Context, who api.Principal, in *struct{ Body *api.Overlap }) (*answer[signatureKeys], error) {
			keys, err := s.Webhooks.RotateKeys(ctx, who.Tenant, who.Actor, in.Body.Duration(webhook.DefaultOverlap))
			if err != nil {
				return nil, err
			}
			return showKeys(who.Tenant, keys), nil
		})
}
