package access

import (
	"context"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"bonafide/kyc"
)

// KeyStore is what the gate needs from disk.
type KeyStore interface {
	// KeyByPrefix finds a key of any organisation; kyc.Missing when there is
	// none.
	KeyByPrefix(ctx context.Context, prefix string) (*kyc.APIKey, error)
	// SetKeyUsed writes down when a key was last used, and nothing else.
	SetKeyUsed(ctx context.Context, id kyc.ID, at time.Time) error
}

// Gate turns credentials into principals.
type Gate struct {
	store KeyStore
	clock kyc.Clock
	log   *slog.Logger

	mu   sync.Mutex
	used map[kyc.ID]time.Time // when SetKeyUsed was last called
}

// usedEvery is how fresh last_used_at is kept: writing it with each request
// would double the writes of a busy key.
const usedEvery = time.Minute

// NewGate makes a gate.
func NewGate(store KeyStore, clock kyc.Clock, log *slog.Logger) *Gate {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Gate{store: store, clock: clock, log: log, used: map[kyc.ID]time.Time{}}
}

// Authenticate finds out who holds the credential. remote is the caller's
// address without port. Errors: Unauthenticated credential_missing,
// credential_invalid, credential_expired or credential_revoked; Forbidden
// address_not_allowed. Whether a key is expired, revoked or restricted is told
// only to whoever has its secret.
func (g *Gate) Authenticate(ctx context.Context, credential string, remote netip.Addr) (Principal, error) {
	if credential == "" {
		return Principal{}, kyc.Errorf(kyc.Unauthenticated, "credential_missing",
			"send an API key in the header Authorization: Bearer, X-API-Key or api_key")
	}
	refused := func() error {
		return kyc.Errorf(kyc.Unauthenticated, "credential_invalid", "this API key is not valid")
	}
	parsed, ok := parseKey(credential)
	if !ok {
		return Principal{}, refused()
	}
	key, err := g.store.KeyByPrefix(kyc.WithoutUnit(ctx), parsed.prefix)
	if kyc.KindOf(err) == kyc.NotFound && err != nil {
		// Compare anyway, so that the time taken does not tell which prefixes exist.
		sameSecret(&kyc.APIKey{Salt: "0123456789abcdef0123456789abcdef"}, parsed.secret)
		return Principal{}, refused()
	}
	if err != nil {
		return Principal{}, err
	}
	if !sameSecret(key, parsed.secret) || key.Tenant.Env != parsed.env {
		return Principal{}, refused()
	}
	now := g.clock.Now()
	switch {
	case !key.RevokedAt.IsZero():
		return Principal{}, kyc.Errorf(kyc.Unauthenticated, "credential_revoked", "this API key was revoked")
	case !key.ExpiresAt.IsZero() && !now.Before(key.ExpiresAt):
		return Principal{}, kyc.Errorf(kyc.Unauthenticated, "credential_expired", "this API key has expired")
	case !allowed(key.AllowCIDR, remote):
		return Principal{}, kyc.Errorf(kyc.Forbidden, "address_not_allowed", "this API key may not be used from your address")
	}
	g.note(ctx, key.ID, now)
	return Principal{
		Tenant:    key.Tenant,
		Actor:     kyc.Actor{Kind: kyc.ActorKey, ID: string(key.ID)},
		Scopes:    key.Scopes,
		KeyID:     key.ID,
		KeyPrefix: key.Prefix,
		Rate:      key.RatePerSec,
	}, nil
}

// note keeps last_used_at at most a minute behind. A failure costs only that
// freshness, so it is logged and the request goes on.
func (g *Gate) note(ctx context.Context, id kyc.ID, now time.Time) {
	g.mu.Lock()
	last, seen := g.used[id]
	due := !seen || now.Sub(last) >= usedEvery
	if due {
		g.used[id] = now
	}
	g.mu.Unlock()
	if !due {
		return
	}
	if err := g.store.SetKeyUsed(kyc.WithoutUnit(ctx), id, now); err != nil {
		g.log.Warn("could not note the use of a key", "key", id, "error", err)
	}
}

// PrincipalOf is what a signed-in person may do in one environment.
func PrincipalOf(u kyc.User, env kyc.Env) Principal {
	return Principal{
		Tenant: kyc.Tenant{Org: u.Tenant.Org, Env: env},
		Actor:  kyc.Actor{Kind: kyc.ActorUser, ID: string(u.ID)},
		Scopes: RoleScopes(u.Role),
	}
}

// allowed reports whether the address lies in one of the ranges; no range
// means from anywhere. A range that cannot be read allows nobody.
func allowed(ranges []string, remote netip.Addr) bool {
	if len(ranges) == 0 {
		return true
	}
	remote = remote.Unmap()
	for _, r := range ranges {
		if p, err := netip.ParsePrefix(r); err == nil && remote.IsValid() && p.Masked().Contains(remote) {
			return true
		}
	}
	return false
}
