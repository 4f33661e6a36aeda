package signon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/sync/singleflight"

	"bonafide/kyc"
)

// Provider is another house that says who people are.
type Provider struct {
	o      Options
	client *http.Client
	asking singleflight.Group

	mu     sync.Mutex
	found  *house
	failed error
	failAt time.Time
}

// house is what discovery found.
type house struct {
	*oidc.Provider
	oauth    oauth2.Config
	verifier *oidc.IDTokenVerifier
	names    bool     // it names itself in its answers (RFC 9207)
	leave    *url.URL // where people are signed out; nil: nowhere
	at       time.Time
}

// New makes a provider without asking it anything. Errors: Invalid
// sign_on_misconfigured with every problem.
func New(o Options) (*Provider, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	if len(o.Scopes) == 0 {
		o.Scopes = []string{oidc.ScopeOpenID, "email", "profile"}
	}
	if o.Name == "" {
		o.Name = "single sign-on"
	}
	if o.Transport == nil {
		o.Transport = http.DefaultTransport
	}
	return &Provider{o: o, client: &http.Client{Transport: bounded{o.Transport}, Timeout: askTime,
		// Nothing of this protocol is redirected, and a client's secret least.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}, nil
}

// Name is what the button of the sign-in page says.
func (p *Provider) Name() string { return p.o.Name }

// Reach asks the provider for its description, unless it is known. Errors:
// Unavailable sign_on_unavailable.
func (p *Provider) Reach(ctx context.Context) error {
	_, err := p.house(ctx)
	return err
}

// house finds the provider. Many who come at once ask once; who gives up
// waiting leaves the others' question alone.
func (p *Provider) house(ctx context.Context) (*house, error) {
	now := p.o.Clock.Now()
	p.mu.Lock()
	found, failed, failAt := p.found, p.failed, p.failAt
	p.mu.Unlock()
	switch {
	case found != nil && now.Sub(found.at) < foundFor:
		return found, nil
	case failed != nil && now.Sub(failAt) < failedFor:
		return nil, failed
	}
	asked := p.asking.DoChan("", func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askTime)
		defer cancel()
		h, err := p.discover(ctx, now)
		p.mu.Lock()
		defer p.mu.Unlock()
		if err != nil {
			p.failed, p.failAt = unavailable(err), now
			return nil, p.failed
		}
		p.found, p.failed = h, nil
		return h, nil
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case r := <-asked:
		h, _ := r.Val.(*house)
		return h, r.Err
	}
}

// discover reads the provider's description and looks whether it can be used.
func (p *Provider) discover(ctx context.Context, now time.Time) (*house, error) {
	found, err := oidc.NewProvider(oidc.ClientContext(ctx, p.client), p.o.Issuer)
	if err != nil {
		return nil, err
	}
	var said struct {
		Keys    string   `json:"jwks_uri"`
		Auth    []string `json:"token_endpoint_auth_methods_supported"`
		PKCE    []string `json:"code_challenge_methods_supported"`
		NamesIt bool     `json:"authorization_response_iss_parameter_supported"`
		Leave   string   `json:"end_session_endpoint"`
	}
	if err := found.Claims(&said); err != nil {
		return nil, err
	}
	at := found.Endpoint()
	addresses := []string{at.AuthURL, at.TokenURL, said.Keys}
	if info := found.UserInfoEndpoint(); info != "" {
		addresses = append(addresses, info) // what it says of a person is believed, too
	}
	for _, address := range addresses {
		if u, err := url.Parse(address); err != nil || u.Host == "" || !safe(u) {
			return nil, fmt.Errorf("the provider's endpoint %q is no https address", address)
		}
	}
	if len(said.PKCE) > 0 && !slices.Contains(said.PKCE, "S256") {
		return nil, errors.New("the provider does not take PKCE by S256")
	}
	// The way to give the secret is chosen, not tried: a code is good for one
	// question. Without a word client_secret_basic is meant (Discovery 1.0, 3).
	at.AuthStyle = oauth2.AuthStyleInHeader
	if p.o.ClientSecret == "" || len(said.Auth) > 0 && !slices.Contains(said.Auth, "client_secret_basic") {
		at.AuthStyle = oauth2.AuthStyleInParams
	}
	leave, err := url.Parse(said.Leave)
	if err != nil || leave.Host == "" || !safe(leave) {
		leave = nil // a sign-out that others can read is none
	}
	return &house{Provider: found, at: now, names: said.NamesIt, leave: leave,
		oauth:    oauth2.Config{ClientID: p.o.ClientID, ClientSecret: p.o.ClientSecret, Endpoint: at, Scopes: p.o.Scopes},
		verifier: found.Verifier(&oidc.Config{ClientID: p.o.ClientID, Now: p.o.Clock.Now})}, nil
}

// unavailable hides what was answered: an answer may hold anything.
func unavailable(cause error) error {
	return kyc.Errorf(kyc.Unavailable, "sign_on_unavailable", "the single sign-on cannot be used now: %w", cause)
}

// bounded refuses to read more than an answer of this protocol can be.
type bounded struct{ next http.RoundTripper }

// RoundTrip sends a request.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := b.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	res.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(res.Body, longest), res.Body}
	return res, nil
}
