package signon

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"bonafide/access"
	"bonafide/kyc"
)

// Address is where a browser goes to be asked who its person is. Errors:
// Unavailable sign_on_unavailable.
func (p *Provider) Address(ctx context.Context, f access.Flow) (string, error) {
	h, err := p.house(ctx)
	if err != nil {
		return "", err
	}
	oauth := h.oauth
	oauth.RedirectURL = f.Redirect
	options := []oauth2.AuthCodeOption{oidc.Nonce(f.Nonce), oauth2.S256ChallengeOption(f.Verifier)}
	if wanted := p.wanted("acr"); len(wanted) > 0 {
		options = append(options, oauth2.SetAuthURLParam("acr_values", strings.Join(wanted, " ")))
	}
	return oauth.AuthCodeURL(f.State, options...), nil
}

// Leave is where a browser goes so that the provider signs its person out, too
// (OpenID Connect RP-Initiated Logout 1.0, section 2); empty where the provider
// offers no such place, is not the one that let them in, or is not to be asked.
// The request names this client and the provider's session, and not the person:
// an ID token as its hint would put a name and an address into a web address.
// Errors: Unavailable sign_on_unavailable.
func (p *Provider) Leave(ctx context.Context, l access.Leave) (string, error) {
	if p.o.Stay || l.Issuer != p.o.Issuer {
		return "", nil
	}
	h, err := p.house(ctx)
	if err != nil || h.leave == nil {
		return "", err
	}
	to := *h.leave
	q := to.Query()
	q.Set("client_id", p.o.ClientID)
	q.Set("post_logout_redirect_uri", l.Redirect)
	q.Set("state", l.State)
	if l.Session != "" {
		q.Set("logout_hint", l.Session)
	}
	to.RawQuery = q.Encode()
	return to.String(), nil
}

// wanted are the values of one claim that make a second factor.
func (p *Provider) wanted(claim string) (out []string) {
	for _, f := range p.o.Factors {
		if name, value, _ := strings.Cut(f, "="); name == claim {
			out = append(out, value)
		}
	}
	return out
}

// refused is an answer that lets nobody in. The cause is not kept: it may hold
// what the provider sent.
func refused(code, message string) error { return kyc.Errorf(kyc.Unauthenticated, code, "%s", message) }

// Person reads the answer that a browser brought back, asks the provider for
// the ID token and gives who it names. Errors: Unauthenticated sign_on_declined
// (the provider or the person said no), sign_on_foreign (the answer belongs to
// no sign-in of this browser), sign_on_code (the code was used or was never
// given), sign_on_token (the ID token is not good); Unavailable
// sign_on_unavailable.
func (p *Provider) Person(ctx context.Context, f access.Flow, answer url.Values) (access.External, error) {
	var none access.External
	if f.State == "" || subtle.ConstantTimeCompare([]byte(answer.Get("state")), []byte(f.State)) != 1 {
		return none, refused("sign_on_foreign", "this answer belongs to no sign-in of this browser")
	}
	h, err := p.house(ctx)
	if err != nil {
		return none, err
	}
	// RFC 9207: who mixes up providers is told apart by the name in the answer.
	if iss := answer.Get("iss"); iss != p.o.Issuer && (iss != "" || h.names) {
		return none, refused("sign_on_foreign", "this answer comes from another provider")
	}
	if answer.Has("error") || answer.Get("code") == "" {
		return none, refused("sign_on_declined", "the provider let nobody in")
	}
	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, p.client), 2*askTime)
	defer cancel()
	oauth := h.oauth
	oauth.RedirectURL = f.Redirect
	token, err := oauth.Exchange(ctx, answer.Get("code"), oauth2.VerifierOption(f.Verifier))
	if err != nil {
		return none, exchange(err)
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := h.verifier.Verify(ctx, raw)
	if err != nil {
		return none, refused("sign_on_token", "the ID token is not signed, not for this client, or no longer good")
	}
	claims, err := p.claims(id, token, f.Nonce)
	if err != nil {
		return none, err
	}
	if claims.Email == "" && h.UserInfoEndpoint() != "" {
		if err := claims.ask(ctx, h, oauth.TokenSource(ctx, token)); err != nil {
			return none, err
		}
	}
	return access.External{Issuer: p.o.Issuer, Subject: id.Subject, Email: claims.Email, Verified: claims.Verified.yes || p.o.TrustEmail && !claims.Verified.said, Name: claims.Name,
		Groups: values(claims.all, p.o.RoleClaim), Factor: p.factor(claims.all), Session: claims.session()}, nil
}

// exchange tells a code that is not good from a provider that cannot be used.
func exchange(err error) error {
	var answered *oauth2.RetrieveError
	if !errors.As(err, &answered) {
		return kyc.Errorf(kyc.Unavailable, "sign_on_unavailable", "the provider's token endpoint did not answer as one")
	}
	if answered.ErrorCode == "invalid_grant" {
		return refused("sign_on_code", "the provider did not take the code")
	}
	status := http.StatusBadGateway
	if answered.Response != nil {
		status = answered.Response.StatusCode
	}
	return kyc.Errorf(kyc.Unavailable, "sign_on_unavailable", "the provider's token endpoint answers with status %d", status)
}

// claims are what an ID token says of a person.
type claims struct {
	Email    string `json:"email"`
	Verified truth  `json:"email_verified"`
	Name     string `json:"name"`
	AZP      string `json:"azp"`

	subject string
	all     map[string]json.RawMessage
}

// truth is a boolean that some providers write as text, and some leave out.
type truth struct{ said, yes bool }

// UnmarshalJSON takes true and "true"; null is not said, and all else is false.
func (t *truth) UnmarshalJSON(b []byte) error {
	*t = truth{said: string(b) != "null", yes: string(b) == "true" || string(b) == `"true"`}
	return nil
}

// claims looks at what the library leaves to its caller (OpenID Connect Core
// 1.0, 3.1.3.7 and 3.1.3.8): the nonce, the authorised party, the time of issue,
// the hash of the access token.
func (p *Provider) claims(id *oidc.IDToken, token *oauth2.Token, nonce string) (claims, error) {
	bad := func(what string) error { return refused("sign_on_token", "the ID token's "+what) }
	c := claims{subject: id.Subject}
	if err := errors.Join(id.Claims(&c), id.Claims(&c.all)); err != nil {
		return c, bad("claims cannot be read")
	}
	switch {
	case nonce == "" || subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(nonce)) != 1:
		return c, bad("nonce is another's")
	case id.Subject == "" || len(id.Subject) > longestSub:
		return c, bad("subject is missing or too long")
	case c.AZP != "" && c.AZP != p.o.ClientID, len(id.Audience) > 1 && c.AZP == "":
		return c, bad("authorised party is another client")
	case id.IssuedAt.After(p.o.Clock.Now().Add(skew)):
		return c, bad("time of issue lies in the future")
	case id.AccessTokenHash != "" && id.VerifyAccessToken(token.AccessToken) != nil:
		return c, bad("access token is another's")
	}
	return c, nil
}

// session is the provider's name of the sign-in (the claim sid), where it gives
// one of a size that an address can carry.
func (c *claims) session() string {
	var sid string
	if json.Unmarshal(c.all["sid"], &sid) != nil || len(sid) > longestSid {
		return ""
	}
	return sid
}

// ask takes the e-mail address from the userinfo endpoint, where a provider
// keeps it out of ID tokens (OpenID Connect Core 1.0, 5.3.2: of the same
// subject or not at all).
func (c *claims) ask(ctx context.Context, h *house, source oauth2.TokenSource) error {
	info, err := h.UserInfo(ctx, source)
	if err != nil {
		return kyc.Errorf(kyc.Unavailable, "sign_on_unavailable", "the provider's userinfo endpoint did not answer as one")
	}
	if info.Subject != c.subject {
		return refused("sign_on_token", "the userinfo is about somebody else")
	}
	more := struct {
		Name     string `json:"name"`
		Verified truth  `json:"email_verified"`
	}{}
	if err := info.Claims(&more); err != nil {
		return refused("sign_on_token", "the userinfo cannot be read")
	}
	c.Email, c.Verified = info.Email, more.Verified
	if c.Name == "" {
		c.Name = more.Name
	}
	return nil
}

// factor reports whether the ID token says that more than one factor was used,
// in the words that the options call for.
func (p *Provider) factor(all map[string]json.RawMessage) bool {
	return slices.ContainsFunc(p.o.Factors, func(f string) bool {
		name, value, _ := strings.Cut(f, "=")
		return slices.Contains(values(all, name), value)
	})
}

// values reads a claim of one text or a list of texts. A name with dots that is
// no claim leads into objects.
func values(all map[string]json.RawMessage, name string) []string {
	raw, ok := all[name]
	if !ok {
		first, rest, deeper := strings.Cut(name, ".")
		var inner map[string]json.RawMessage
		if !deeper || json.Unmarshal(all[first], &inner) != nil {
			return nil
		}
		return values(inner, rest)
	}
	var one string
	if json.Unmarshal(raw, &one) == nil {
		return []string{one}
	}
	var many []string
	if json.Unmarshal(raw, &many) != nil {
		return nil
	}
	return many
}
