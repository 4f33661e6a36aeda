package kyc

import (
	"context"
	"slices"
	"sync"
)

// Concerned gathers the subjects whose personal data passes the store while
// one request is served: read or written, with its Unit or outside of it. The
// request's answer can speak of nobody else, so a stored answer is readable no
// longer than the data of all of them. It is safe for concurrent use; a nil
// one gathers nothing.
type Concerned struct {
	mu  sync.Mutex
	who map[concern]struct{}
}

type concern struct {
	tenant  Tenant
	subject ID
}

type concernedKey struct{}

// WithConcerned puts a new Concerned into the context. Unlike a Unit it is
// not hidden by WithoutUnit.
func WithConcerned(ctx context.Context) (context.Context, *Concerned) {
	c := &Concerned{}
	return context.WithValue(ctx, concernedKey{}, c), c
}

// ConcernedFrom finds the Concerned of a context, or nil.
func ConcernedFrom(ctx context.Context) *Concerned {
	c, _ := ctx.Value(concernedKey{}).(*Concerned)
	return c
}

// Add notes a subject of a tenant.
func (c *Concerned) Add(t Tenant, subject ID) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.who == nil {
		c.who = map[concern]struct{}{}
	}
	c.who[concern{t, subject}] = struct{}{}
}

// Of gives the subjects of one tenant, in the order of their IDs.
func (c *Concerned) Of(t Tenant) []ID {
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []ID
	for k := range c.who {
		if k.tenant == t {
			out = append(out, k.subject)
		}
	}
	slices.Sort(out)
	return out
}
