package api

import (
	"context"
	"math"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"bonafide/access"
	"bonafide/kyc"
)

// admit answers who the caller is and whether they may go on.
func (p *Porch) admit(ctx context.Context, x *exchange, w http.ResponseWriter, r *http.Request) error {
	address := x.address
	if x.op.Public {
		return limited(w, p.limiter.Address(address.String()))
	}
	if err := p.identify(ctx, x, r); err != nil {
		// Guessing keys is limited like any caller we do not know.
		if a := p.limiter.Address(address.String()); !a.OK {
			return limited(w, a)
		}
		return err
	}
	behalf := r.Header.Get("X-On-Behalf-Of")
	if behalf == "" && x.op.Surface == kyc.SurfaceEntities {
		behalf = r.Header.Get("X-Frankie-Username") // the operator (api.md 5.1)
	}
	if behalf != "" && x.who.Actor.Kind != kyc.ActorUser { // a person speaks for nobody else
		x.who.Actor.OnBehalfOf = clip(behalf, 128)
	}
	if x.op.Surface == kyc.SurfaceSteps && x.signed == nil {
		if err := limited(w, p.limiter.Address(address.String())); err != nil {
			return err
		}
		if x.who.Rate > 0 {
			if err := p.limitKey(ctx, x, w); err != nil {
				return err
			}
		}
	} else if err := p.limitKey(ctx, x, w); err != nil {
		return err
	}
	if err := x.who.Authorize(x.op.Scopes...); err != nil {
		return err
	}
	if x.op.SandboxOnly && !x.who.Sandbox() {
		return kyc.Errorf(kyc.Forbidden, "sandbox_only", "this works with sandbox keys only")
	}
	return nil
}

// identify finds out who asks: by the credential, or by the sign-in that
// ServeAs vouches for.
func (p *Porch) identify(ctx context.Context, x *exchange, r *http.Request) error {
	if x.signed != nil {
		x.who = *x.signed
		return nil
	}
	credential, err := credentialOf(r)
	if err != nil {
		return err
	}
	x.who, err = p.gate.Authenticate(ctx, credential, x.address)
	return err
}

// limitKey counts a request of a known caller.
func (p *Porch) limitKey(ctx context.Context, x *exchange, w http.ResponseWriter) error {
	a, err := p.limiter.Key(ctx, x.who, x.op.Surface)
	if err != nil {
		return err
	}
	return limited(w, a)
}

// limited writes the rate headers and answers RateLimited when it was one too
// many.
func limited(w http.ResponseWriter, a access.Allowance) error {
	if a.Off {
		return nil
	}
	h := w.Header()
	// Names as http.Header writes them, so that they need not be rewritten.
	values := [...]string{strconv.Itoa(a.Limit), strconv.Itoa(a.Left), strconv.FormatInt(int64(math.Ceil(float64(a.Reset.UnixMilli())/1000)), 10)}
	h["X-Ratelimit-Limit"], h["X-Ratelimit-Remaining"], h["X-Ratelimit-Reset"] = values[0:1:1], values[1:2:2], values[2:3:3]
	if a.OK {
		return nil
	}
	e := kyc.Errorf(kyc.RateLimited, "rate_limited", "too many requests; wait as long as Retry-After says")
	e.RetryAfter = max(a.Wait, time.Second)
	return e
}

// credentialOf finds the one credential of a request, in any header that may
// carry it (edition decision E1). Two different ones are refused: which of
// them decides must not depend on the order of headers.
func credentialOf(r *http.Request) (string, error) {
	found := ""
	add := func(v string) error {
		v = strings.TrimSpace(v)
		if v == "" || v == found {
			return nil
		}
		if found != "" {
			return kyc.Errorf(kyc.Unauthenticated, "credential_ambiguous", "the request carries two different credentials")
		}
		found = v
		return nil
	}
	for _, v := range r.Header.Values("Authorization") {
		scheme, token, ok := strings.Cut(v, " ")
		if !ok || !strings.EqualFold(scheme, "Bearer") {
			return "", kyc.Errorf(kyc.Unauthenticated, "credential_invalid", "the Authorization header must read: Bearer <API key>")
		}
		if err := add(token); err != nil {
			return "", err
		}
	}
	for _, name := range [...]string{"X-Api-Key", "Api_key"} {
		for _, v := range r.Header.Values(name) {
			if err := add(v); err != nil {
				return "", err
			}
		}
	}
	return found, nil
}

// remote is the caller's address: the peer's, or what trusted proxies say
// (the last address in X-Forwarded-For that is not one of theirs).
func (p *Porch) remote(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	at := peer.Addr().Unmap()
	if !p.trusted(at) {
		return at
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		if at = hop.Unmap(); !p.trusted(at) {
			break
		}
	}
	return at
}

func (p *Porch) trusted(a netip.Addr) bool {
	for _, prefix := range p.proxies {
		if prefix.Contains(a) {
			return true
		}
	}
	return false
}
