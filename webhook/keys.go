package webhook

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"bonafide/kyc"
)

// Asymmetric signatures of Standard Webhooks: "v1a," and the Ed25519 signature
// over id.timestamp.body in base64. The module that makes the symmetric ones has
// none; the signature itself is crypto/ed25519.

// signEd25519 signs a message with every live key pair of the tenant.
func signEd25519(id kyc.ID, at time.Time, body []byte, keys kyc.SignatureKeys) ([]string, error) {
	var out []string
	message := fmt.Appendf(nil, "%s.%d.%s", id, at.Unix(), body)
	for _, k := range keys.Live(at) {
		seed, err := base64.StdEncoding.DecodeString(keys.Seeds[k.ID])
		if err != nil || len(seed) != ed25519.SeedSize {
			return nil, errors.New("a signing key cannot be read")
		}
		out = append(out, "v1a,"+base64.StdEncoding.EncodeToString(ed25519.Sign(ed25519.NewKeyFromSeed(seed), message)))
	}
	if len(out) == 0 {
		return nil, kyc.Errorf(kyc.Internal, "no_signing_key", "the tenant has no signing key")
	}
	return out, nil
}

// newKey draws a key pair: its public half and the seed of the private one.
func newKey(at time.Time) (kyc.SignatureKey, string, error) {
	public, private, err := ed25519.GenerateKey(nil) // crypto/rand
	if err != nil {
		return kyc.SignatureKey{}, "", fmt.Errorf("drawing a signing key: %w", err)
	}
	x := base64.RawURLEncoding.EncodeToString(public)
	return kyc.SignatureKey{ID: thumbprint(x), Public: x, CreatedAt: at}, base64.StdEncoding.EncodeToString(private.Seed()), nil
}

// thumbprint names a key as RFC 7638 does: SHA-256 over the members a key of
// this type must have (RFC 8037, section 2), in their order.
func thumbprint(x string) string {
	sum := sha256.Sum256([]byte(`{"crv":"Ed25519","kty":"OKP","x":"` + x + `"}`))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// firstKeys adds a key pair to a change when the tenant has none that lives.
func (k *Desk) firstKeys(ctx context.Context, c *kyc.Change, t kyc.Tenant, by kyc.Actor, now time.Time) error {
	keys, err := k.d.Store.SignatureKeys(ctx, t)
	if err != nil && kyc.KindOf(err) != kyc.NotFound {
		return err
	}
	if err == nil && len(keys.Live(now)) > 0 {
		return nil
	}
	if err != nil {
		keys = kyc.SignatureKeys{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: t}}
	}
	return k.addKey(ctx, c, &keys, by, now, 0, "signature_keys.create")
}

// addKey puts a new key pair before the others; the one before signs on beside it
// for overlap, older ones end now. One whose private half is gone ends now, too:
// no message would be signed while it was kept.
func (k *Desk) addKey(ctx context.Context, c *kyc.Change, keys *kyc.SignatureKeys, by kyc.Actor, now time.Time, overlap time.Duration, action string) error {
	before := ""
	if keys.Rev > 0 {
		before = digestKeys(keys)
	}
	fresh, seed, err := newKey(now)
	if err != nil {
		return err
	}
	next, seeds := []kyc.SignatureKey{fresh}, map[string]string{fresh.ID: seed}
	if old := keys.Live(now); len(old) > 0 && overlap > 0 && keys.Seeds[old[0].ID] != "" {
		last := old[0]
		if end := now.Add(overlap); last.Until.IsZero() || last.Until.After(end) {
			last.Until = end
		}
		next, seeds[last.ID] = append(next, last), keys.Seeds[last.ID]
	}
	keys.Keys, keys.Seeds = next, seeds
	keys.Touch(now)
	c.Put = append(c.Put, keys)
	c.Events = append(c.Events, kyc.Event{ID: kyc.NewID(now), Tenant: keys.Tenant, At: now, Actor: by, Action: action, Object: "signature_keys", ObjectID: keys.ID,
		RequestID: kyc.RequestFrom(ctx).ID, Before: before, After: digestKeys(keys)})
	return nil
}

// digestKeys is the SHA-256 of the public halves.
func digestKeys(keys *kyc.SignatureKeys) string {
	b, err := json.Marshal(keys)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Keys are the public halves of the key pairs that sign a tenant's messages now,
// newest first; none before an endpoint asked for such signatures.
func (k *Desk) Keys(ctx context.Context, t kyc.Tenant) ([]kyc.SignatureKey, error) {
	keys, err := k.d.Store.SignatureKeys(ctx, t)
	if kyc.KindOf(err) == kyc.NotFound {
		return nil, nil
	}
	return keys.Live(k.d.Clock.Now()), err
}

// RotateKeys gives a tenant a new key pair, the first one where it has none. The
// old one goes on signing beside it, and stays published, for overlap (at most 30
// days), so that a receiver may learn of the new one meanwhile.
func (k *Desk) RotateKeys(ctx context.Context, t kyc.Tenant, by kyc.Actor, overlap time.Duration) ([]kyc.SignatureKey, error) {
	if overlap < 0 || overlap > maxOverlap {
		return nil, kyc.InvalidInput("invalid_overlap", "the overlap is out of range",
			[]kyc.Problem{{Path: "/overlap_seconds", Code: "out_of_range", Message: "0 seconds to 30 days"}})
	}
	now := k.d.Clock.Now()
	keys, err := k.d.Store.SignatureKeys(ctx, t)
	switch {
	case kyc.KindOf(err) == kyc.NotFound:
		keys = kyc.SignatureKeys{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: t}}
	case err != nil:
		return nil, err
	}
	var c kyc.Change
	if err := k.addKey(ctx, &c, &keys, by, now, overlap, "signature_keys.rotate"); err != nil {
		return nil, err
	}
	return keys.Live(now), k.d.Store.Commit(ctx, &c)
}

// PublicKey is a key as Standard Webhooks writes it: whpk_ and 32 bytes in base64.
func PublicKey(k kyc.SignatureKey) string {
	raw, err := base64.RawURLEncoding.DecodeString(k.Public)
	if err != nil {
		return ""
	}
	return "whpk_" + base64.StdEncoding.EncodeToString(raw)
}

// KeySetPath is where the key set of a tenant is published.
func KeySetPath(t kyc.Tenant) string {
	return "/.well-known/webhooks/" + string(t.Org) + "/" + string(t.Env) + "/jwks.json"
}

// KeySetPattern is the route of KeySets.
const KeySetPattern = "GET /.well-known/webhooks/{org}/{env}/jwks.json"

// keySetAge is how long whoever asks may keep a key set: less than the shortest
// overlap that is of use.
const keySetAge = 5 * time.Minute

// jwk is a public key as RFC 8037 writes it.
type jwk struct {
	KeyType   string `json:"kty"`
	Curve     string `json:"crv"`
	X         string `json:"x"`
	ID        string `json:"kid"`
	Use       string `json:"use"`
	Algorithm string `json:"alg"`
}

// KeySets publishes the key set (RFC 7517) of each tenant to everybody: public
// halves only. A tenant without keys, and one that does not exist, are the same
// 404; refuse answers errors.
func (k *Desk) KeySets(refuse func(http.ResponseWriter, *http.Request, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		org, ok := kyc.ParseID(r.PathValue("org"))
		env := kyc.Env(r.PathValue("env"))
		var keys []kyc.SignatureKey
		if ok && (env == kyc.Live || env == kyc.Sandbox) {
			var err error
			if keys, err = k.Keys(r.Context(), kyc.Tenant{Org: org, Env: env}); err != nil {
				refuse(w, r, err)
				return
			}
		}
		if len(keys) == 0 {
			refuse(w, r, kyc.Errorf(kyc.NotFound, "no_key_set", "no messages are signed with published keys under this address"))
			return
		}
		set := struct {
			Keys []jwk `json:"keys"`
		}{}
		for _, x := range keys {
			set.Keys = append(set.Keys, jwk{KeyType: "OKP", Curve: "Ed25519", X: x.Public, ID: x.ID, Use: "sig", Algorithm: "EdDSA"})
		}
		h := w.Header()
		h.Set("Content-Type", "application/jwk-set+json")
		h.Set("Cache-Control", "public, max-age="+strconv.Itoa(int(keySetAge/time.Second)))
		_ = json.NewEncoder(w).Encode(set) // a reader that has gone away hears no error
	})
}
