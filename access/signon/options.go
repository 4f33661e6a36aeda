package signon

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
)

// Options name a provider and this client of it.
type Options struct {
	// Issuer is the provider's name, an https address without query; http is
	// taken on loopback only.
	Issuer   string
	ClientID string
	// ClientSecret is empty for a public client, which PKCE alone protects.
	ClientSecret string
	// Name is what the button of the sign-in page says.
	Name string
	// Scopes are asked for; "openid" and "email" must be among them. Empty:
	// openid, email, profile.
	Scopes []string
	// RoleClaim names the claim whose values choose a role, such as "groups" or
	// "realm_access.roles"; empty for none.
	RoleClaim string
	// Factors are claims ("amr=mfa", "acr=…") of which one must stand in the ID
	// token for the sign-in to count as two factors; empty: it never does.
	Factors []string
	// TrustEmail takes an e-mail address as verified of which the provider says
	// neither that it is nor that it is not.
	TrustEmail bool
	// Stay leaves a sign-out with us: the provider is not asked to sign the
	// person out.
	Stay bool

	Clock kyc.Clock
	// Transport carries requests; nil is http.DefaultTransport.
	Transport http.RoundTripper
}

// Check lists everything that is wrong with the options: Invalid
// sign_on_misconfigured, with a problem for each.
func (o Options) Check() error {
	var problems []kyc.Problem
	add := func(path, code, format string, args ...any) {
		problems = append(problems, kyc.Problem{Path: path, Code: code, Message: fmt.Sprintf(format, args...)})
	}
	switch u, err := url.Parse(o.Issuer); {
	case err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		add("/issuer", "format_invalid", "the issuer must be an address such as https://login.example.com")
	case !safe(u):
		add("/issuer", "format_invalid", "the issuer must be an https address")
	}
	if strings.TrimSpace(o.ClientID) == "" {
		add("/client_id", "required", "a client id is needed")
	}
	if len(o.Scopes) > 0 {
		for _, s := range []string{"openid", "email"} {
			if !slices.Contains(o.Scopes, s) {
				add("/scopes", "required", "the scope %s must be asked for", s)
			}
		}
	}
	for i, f := range o.Factors {
		if name, value, ok := strings.Cut(f, "="); !ok || name == "" || value == "" {
			add(fmt.Sprintf("/factors/%d", i), "format_invalid", "a claim and its value are needed, such as amr=mfa")
		}
	}
	if len(problems) > 0 {
		return kyc.InvalidInput("sign_on_misconfigured", "single sign-on cannot be used like this", problems)
	}
	return nil
}

// safe reports whether nobody on the way can read or alter what is sent.
func safe(u *url.URL) bool {
	if u.Scheme == "https" {
		return true
	}
	a, err := netip.ParseAddr(u.Hostname())
	return u.Scheme == "http" && (u.Hostname() == "localhost" || err == nil && a.IsLoopback())
}

// Time limits and sizes. A provider that hangs costs a person seconds, and no
// other request anything.
const (
	askTime  = 5 * time.Second // one request to the provider
	foundFor = time.Hour       // how long endpoints and keys are kept
	// failedFor is how long a failure is remembered, so that a house that is
	// down is not asked by each who would sign in.
	failedFor  = 5 * time.Second
	longest    = 1 << 20 // bytes of an answer
	skew       = 5 * time.Minute
	longestSub = 255 // OpenID Connect Core 1.0, section 2
	longestSid = 255 // a longer name of a session is passed over
)
