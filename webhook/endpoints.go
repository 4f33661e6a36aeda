package webhook

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"bonafide/kyc"
)

// Limits of endpoints.
const (
	maxEndpoints   = 50
	maxDescription = 500
	// DefaultOverlap is how long a rotated secret goes on signing.
	DefaultOverlap = 24 * time.Hour
	maxOverlap     = 30 * 24 * time.Hour
)

// Deps are what the desk of endpoints is made from.
type Deps struct {
	Store Store
	Clock kyc.Clock
	Guard *Guard
	// Known are the event names that may be asked for; empty accepts any.
	Known []string
}

// Desk administers endpoints and their deliveries. All methods take the
// tenant and the actor of the credential; an endpoint of another tenant is
// kyc.Missing.
type Desk struct{ d Deps }

// NewDesk makes the desk.
func NewDesk(d Deps) *Desk { return &Desk{d: d} }

// Spec is what a customer says about an endpoint. Events are exact names;
// "*" is all of them. Secret is a signing secret of the customer's own (whsec_
// and 24 to 64 bytes in base64); empty: one is drawn.
type Spec struct {
	URL         string
	Events      []string
	Description string
	Secret      string
	Scheme      kyc.SignatureScheme // empty: hmac
}

// Patch changes what is not nil. Enabled true also forgets past failures. A
// Secret takes the place of all secrets at once, without an overlap.
type Patch struct {
	URL         *string
	Events      []string
	Description *string
	Enabled     *bool
	Secret      string
	Scheme      kyc.SignatureScheme
}

// Create makes an endpoint. Its secret is in the answer and shown once.
func (k *Desk) Create(ctx context.Context, t kyc.Tenant, by kyc.Actor, s Spec) (kyc.Endpoint, error) {
	all, err := k.d.Store.Endpoints(ctx, t)
	if err != nil {
		return kyc.Endpoint{}, err
	}
	if len(all) >= maxEndpoints {
		return kyc.Endpoint{}, kyc.Errorf(kyc.Conflict, "too_many_endpoints", "an organisation has at most %d endpoints in one environment", maxEndpoints)
	}
	if err := k.validate(ctx, s); err != nil {
		return kyc.Endpoint{}, err
	}
	now := k.d.Clock.Now()
	if s.Secret == "" {
		s.Secret = newSecret()
	}
	e := kyc.Endpoint{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: t}, URL: s.URL, Events: dedupe(s.Events), Description: s.Description,
		Status: "enabled", Scheme: s.Scheme, Secrets: []kyc.EndpointSecret{{Secret: s.Secret}}}
	e.Touch(now)
	return e, k.commit(ctx, &e, by, now, "webhook_endpoint.create", "")
}

// CheckURL looks at an address that is to be called, as at those of endpoints. It
// names the problem under path, or gives nil.
func (k *Desk) CheckURL(ctx context.Context, raw, path string) *kyc.Problem {
	return k.d.Guard.Check(ctx, raw, path)
}

// Get reads an endpoint.
func (k *Desk) Get(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Endpoint, error) {
	return k.d.Store.Endpoint(ctx, t, id)
}

// List reads all endpoints, oldest first.
func (k *Desk) List(ctx context.Context, t kyc.Tenant) ([]kyc.Endpoint, error) {
	return k.d.Store.Endpoints(ctx, t)
}

// Update changes an endpoint. rev is the revision of If-Match, 0 for none.
func (k *Desk) Update(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, p Patch) (kyc.Endpoint, error) {
	return k.change(ctx, t, by, id, rev, "webhook_endpoint.update", func(e *kyc.Endpoint, _ time.Time) error {
		if p.URL != nil {
			e.URL = *p.URL
		}
		if p.Events != nil {
			e.Events = dedupe(p.Events)
		}
		if p.Description != nil {
			e.Description = *p.Description
		}
		if p.Scheme != "" {
			e.Scheme = p.Scheme
		}
		if p.Secret != "" {
			e.Secrets = []kyc.EndpointSecret{{Secret: p.Secret}}
		}
		if p.Enabled != nil {
			e.Status, e.DisabledWhy, e.Exhausted = "disabled", "disabled by its owner", 0
			if *p.Enabled {
				e.Status, e.DisabledWhy = "enabled", ""
			}
		}
		return k.validate(ctx, Spec{URL: e.URL, Events: e.Events, Description: e.Description, Secret: p.Secret, Scheme: e.Scheme})
	})
}

// Rotate gives the endpoint a new secret. The old one goes on signing beside
// it for overlap (default a day, at most 30), so that the receiver can change
// over without losing a message; older ones end now.
func (k *Desk) Rotate(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, overlap time.Duration) (kyc.Endpoint, error) {
	if overlap < 0 || overlap > maxOverlap {
		return kyc.Endpoint{}, kyc.InvalidInput("invalid_overlap", "the overlap is out of range",
			[]kyc.Problem{{Path: "/overlap_seconds", Code: "out_of_range", Message: "0 seconds to 30 days"}})
	}
	return k.change(ctx, t, by, id, 0, "webhook_endpoint.rotate_secret", func(e *kyc.Endpoint, now time.Time) error {
		next := []kyc.EndpointSecret{{Secret: newSecret()}}
		if old := live(e.Secrets, now); len(old) > 0 && overlap > 0 {
			end := now.Add(overlap)
			if !old[0].Until.IsZero() && old[0].Until.Before(end) {
				end = old[0].Until
			}
			next = append(next, kyc.EndpointSecret{Secret: old[0].Secret, Until: end})
		}
		e.Secrets = next
		return nil
	})
}

// Clone makes a second endpoint with the same address and events and a secret
// of its own.
func (k *Desk) Clone(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID) (kyc.Endpoint, error) {
	e, err := k.d.Store.Endpoint(ctx, t, id)
	if err != nil {
		return kyc.Endpoint{}, err
	}
	return k.Create(ctx, t, by, Spec{URL: e.URL, Events: e.Events, Description: e.Description, Scheme: e.Scheme})
}

// Delete removes an endpoint; messages that wait for it are given up.
func (k *Desk) Delete(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID) error {
	e, err := k.d.Store.Endpoint(ctx, t, id)
	if err != nil {
		return err
	}
	now := k.d.Clock.Now()
	ev := k.event(ctx, &e, by, now, "webhook_endpoint.delete", "")
	return k.d.Store.Commit(ctx, &kyc.Change{Remove: []kyc.Object{&e}, Events: []kyc.Event{ev}})
}

// change reads, alters and commits one endpoint.
func (k *Desk) change(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, action string, do func(*kyc.Endpoint, time.Time) error) (kyc.Endpoint, error) {
	e, err := k.d.Store.Endpoint(ctx, t, id)
	if err != nil {
		return e, err
	}
	if rev != 0 && e.Rev != rev {
		return e, kyc.Errorf(kyc.PreconditionFailed, "etag_mismatch", "the endpoint is at revision %d, not %d; read it again", e.Rev, rev)
	}
	before := digest(&e)
	now := k.d.Clock.Now()
	if err := do(&e, now); err != nil {
		return e, err
	}
	e.Touch(now)
	return e, k.commit(ctx, &e, by, now, action, before)
}

// commit stores an endpoint, with the tenant's first key pair where its messages
// are the first to need one; of two that bring the first pair, one is stale.
func (k *Desk) commit(ctx context.Context, e *kyc.Endpoint, by kyc.Actor, at time.Time, action, before string) error {
	c := kyc.Change{Put: []kyc.Object{e}, Events: []kyc.Event{k.event(ctx, e, by, at, action, before)}}
	if e.Scheme.Asymmetric() {
		if err := k.firstKeys(ctx, &c, e.Tenant, by, at); err != nil {
			return err
		}
	}
	return k.d.Store.Commit(ctx, &c)
}

func (k *Desk) event(ctx context.Context, e *kyc.Endpoint, by kyc.Actor, at time.Time, action, before string) kyc.Event {
	return kyc.Event{ID: kyc.NewID(at), Tenant: e.Tenant, At: at, Actor: by, Action: action, Object: "webhook_endpoint", ObjectID: e.ID,
		RequestID: kyc.RequestFrom(ctx).ID, Before: before, After: digest(e)}
}

// digest is the SHA-256 of the endpoint without its secrets.
func digest(e *kyc.Endpoint) string {
	b, err := json.Marshal(e)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// validate lists everything that is wrong with a spec.
func (k *Desk) validate(ctx context.Context, s Spec) error {
	var problems []kyc.Problem
	if p := k.d.Guard.Check(ctx, s.URL, "/url"); p != nil {
		problems = append(problems, *p)
	}
	if len(s.Events) == 0 {
		problems = append(problems, kyc.Problem{Path: "/enabled_events", Code: "required", Message: `name the events, or "*" for all of them`})
	}
	for i, name := range s.Events {
		if name != "*" && len(k.d.Known) > 0 && !slices.Contains(k.d.Known, name) {
			problems = append(problems, kyc.Problem{Path: fmt.Sprintf("/enabled_events/%d", i), Code: "unknown_event", Message: "there is no event of this name"})
		}
	}
	switch s.Scheme {
	case "", kyc.SchemeHMAC, kyc.SchemeEd25519, kyc.SchemeBoth:
	default:
		problems = append(problems, kyc.Problem{Path: "/signature_scheme", Code: "not_allowed_value", Message: "hmac, ed25519 or both"})
	}
	if s.Secret != "" && !validSecret(s.Secret) {
		problems = append(problems, kyc.Problem{Path: "/secret", Code: "secret_invalid", Message: "a signing secret is whsec_ and 24 to 64 bytes in base64"})
	}
	if len([]rune(s.Description)) > maxDescription {
		problems = append(problems, kyc.Problem{Path: "/description", Code: "too_long", Message: fmt.Sprintf("at most %d characters", maxDescription)})
	}
	if len(problems) > 0 {
		return kyc.InvalidInput("invalid_endpoint", "the endpoint has problems", problems)
	}
	return nil
}

func dedupe(names []string) []string {
	var out []string
	for _, n := range names {
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}
