package access

import (
	"context"
	"sync"
	"time"

	"bonafide/kyc"
)

// LookupAge is how long a key or an organisation that was read may be used
// again. What this process changes counts at once; what another node changes
// (a key it revoked) counts here after this time at the latest.
const LookupAge = time.Second

// maxLookups is how many of each are remembered.
const maxLookups = 10_000

// LookupStore is what Lookups reads.
type LookupStore interface {
	KeyStore
	Org(ctx context.Context, id kyc.ID) (kyc.Org, error)
}

// Lookups remembers for a moment which keys and organisations there are, so
// that a busy key does not ask the database with each request. What is not
// there is not remembered.
type Lookups struct {
	store LookupStore
	clock kyc.Clock

	mu sync.RWMutex
	// changes counts commits of keys and organisations: what was read before
	// one is not remembered after it.
	changes int64
	keys    map[string]remembered[*kyc.APIKey] // by prefix
	orgs    map[kyc.ID]remembered[kyc.Org]
}

type remembered[T any] struct {
	value T
	at    time.Time
}

// NewLookups remembers nothing yet. Committed must hear of each commit.
func NewLookups(store LookupStore, clock kyc.Clock) *Lookups {
	return &Lookups{store: store, clock: clock, keys: map[string]remembered[*kyc.APIKey]{}, orgs: map[kyc.ID]remembered[kyc.Org]{}}
}

// Committed forgets what a commit of this process changed.
func (l *Lookups) Committed(c *kyc.Change) {
	for _, list := range [...][]kyc.Object{c.Put, c.Remove} {
		for _, o := range list {
			switch o := o.(type) {
			case *kyc.APIKey:
				l.mu.Lock()
				l.changes++
				delete(l.keys, o.Prefix)
				l.mu.Unlock()
			case *kyc.Org:
				l.mu.Lock()
				l.changes++
				delete(l.orgs, o.ID)
				l.mu.Unlock()
			}
		}
	}
}

// KeyByPrefix is KeyStore's, at most LookupAge old. The key is shared: nobody
// changes it.
func (l *Lookups) KeyByPrefix(ctx context.Context, prefix string) (*kyc.APIKey, error) {
	return recall(l, l.keys, prefix, func() (*kyc.APIKey, error) { return l.store.KeyByPrefix(ctx, prefix) })
}

// Org finds an organisation, at most LookupAge old. It is shared: nobody
// changes it.
func (l *Lookups) Org(ctx context.Context, id kyc.ID) (kyc.Org, error) {
	return recall(l, l.orgs, id, func() (kyc.Org, error) { return l.store.Org(ctx, id) })
}

// SetKeyUsed is KeyStore's.
func (l *Lookups) SetKeyUsed(ctx context.Context, id kyc.ID, at time.Time) error {
	return l.store.SetKeyUsed(ctx, id, at)
}

// recall reads a value unless it is remembered. A commit that comes while it
// is being read keeps it from being remembered.
func recall[K comparable, T any](l *Lookups, from map[K]remembered[T], key K, read func() (T, error)) (T, error) {
	now := l.clock.Now()
	l.mu.RLock()
	have, ok := from[key]
	before := l.changes
	l.mu.RUnlock()
	if age := now.Sub(have.at); ok && age >= 0 && age < LookupAge {
		return have.value, nil
	}
	value, err := read()
	if err != nil {
		return value, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.changes == before {
		if len(from) >= maxLookups {
			clear(from)
		}
		from[key] = remembered[T]{value, now}
	}
	return value, nil
}
