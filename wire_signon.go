package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"bonafide/access"
	"bonafide/access/signon"
	"bonafide/api"
	frontdesk "bonafide/console"
	"bonafide/kyc"
)

// oidcFlags let people sign in to the console by an OpenID provider. Without an
// issuer there is none.
type oidcFlags struct {
	Issuer           string   `help:"Issuer of the OpenID provider that people sign in to the console by, such as https://login.example.com."`
	ClientID         string   `name:"client-id" help:"This installation's client id there; the redirect address is PUBLIC-URL/console/sign-in/oidc/callback."`
	ClientSecret     string   `name:"client-secret" help:"The client's secret; better in the environment (BONAFIDE_OIDC_CLIENT_SECRET) or in a file."`
	ClientSecretFile string   `name:"client-secret-file" help:"File that holds the client's secret." type:"path"`
	Name             string   `help:"What the button of the sign-in page says." default:"single sign-on"`
	Scopes           []string `help:"Scopes that are asked for." default:"openid,email,profile"`
	Org              string   `help:"Only people of this organisation (id or name) come in like this."`
	Domains          []string `help:"Only e-mail addresses of these domains are taken."`
	TrustEmail       bool     `name:"trust-email" help:"Take addresses of which the provider does not say whether it verified them; needs --oidc-domains. Only for a provider whose addresses your own administrators give out."`
	RoleClaim        string   `name:"role-claim" help:"Claim whose values give roles, such as groups or realm_access.roles."`
	Roles            []string `help:"value=role: who has the value in the role claim gets the role at each sign-in, the first that fits; who fits none is refused. Separated by semicolons." sep:";"`
	NewRole          string   `name:"new-role" help:"Make an account with this role for who has none; needs --oidc-org and --oidc-domains or --oidc-roles. Without it nobody is made an account."`
	SecondFactor     []string `name:"second-factor" help:"claim=value, such as amr=mfa or acr=phr: an ID token that says one of them counts as two factors. Without it our own second factor is asked for."`
	Stay             bool     `help:"A sign-out from the console leaves the person signed in at the provider; for one whose end_session_endpoint takes no client_id. Without it the provider is asked to sign them out; let it know the address PUBLIC-URL/console/sign-out/done."`
	Only             bool     `help:"No password opens the console."`
}

// signOn is a provider and whom its word lets in.
type signOn struct {
	*signon.Provider
	office  *access.Office
	welcome access.Welcome
}

// SignIn finds the account of who came from the provider.
func (s signOn) SignIn(ctx context.Context, x access.External) (kyc.User, error) {
	return s.office.SignInExternal(ctx, x, s.welcome)
}

// provider makes the provider of the flags without asking it anything; nil
// without one. The error names everything that is wrong.
func (f oidcFlags) provider(clock kyc.Clock) (*signon.Provider, access.Welcome, error) {
	var w access.Welcome
	if f.Issuer == "" {
		if f.Only || f.ClientID != "" {
			return nil, w, errors.New("single sign-on is not set up: --oidc-issuer is missing")
		}
		return nil, w, nil
	}
	w = access.Welcome{Org: f.Org, Domains: f.Domains, NewRole: f.NewRole}
	var wrong []string
	for _, text := range f.Roles {
		i := strings.LastIndexByte(text, '=') // values may hold one, as in cn=kyc,ou=groups
		if i < 1 {
			wrong = append(wrong, "--oidc-roles "+text+" is no value=role")
			continue
		}
		w.Roles = append(w.Roles, access.RoleFor{Value: text[:i], Role: text[i+1:]})
	}
	if (f.RoleClaim == "") != (len(f.Roles) == 0) {
		wrong = append(wrong, "--oidc-role-claim and --oidc-roles go together")
	}
	if f.TrustEmail && len(f.Domains) == 0 {
		wrong = append(wrong, "--oidc-trust-email needs --oidc-domains")
	}
	secret := f.ClientSecret
	if f.ClientSecretFile != "" {
		b, err := os.ReadFile(f.ClientSecretFile)
		if secret = strings.TrimSpace(string(b)); err != nil || secret == "" {
			wrong = append(wrong, "--oidc-client-secret-file cannot be read or is empty")
		}
	}
	p, err := signon.New(signon.Options{Issuer: f.Issuer, ClientID: f.ClientID, ClientSecret: secret, Name: f.Name, Scopes: f.Scopes,
		RoleClaim: f.RoleClaim, Factors: f.SecondFactor, TrustEmail: f.TrustEmail, Stay: f.Stay, Clock: clock})
	for _, err := range []error{err, w.Check()} {
		if err == nil {
			continue
		}
		for _, problem := range kyc.AsError(err).Problems {
			wrong = append(wrong, fmt.Sprintf("--oidc%s: %s", strings.ReplaceAll(strings.ReplaceAll(problem.Path, "/", "-"), "_", "-"), problem.Message))
		}
	}
	if len(wrong) > 0 {
		return nil, w, errors.New("single sign-on cannot be used like this: " + strings.Join(wrong, "; "))
	}
	return p, w, nil
}

// signOn gives the console its other house; nil without one.
func (a *app) signOn(f oidcFlags) (frontdesk.SignOn, error) {
	p, w, err := f.provider(a.clock)
	if err != nil || p == nil {
		return nil, err
	}
	return signOn{p, a.access, w}, nil
}

// capability is the line of `bonafide doctor` about single sign-on: the provider
// is asked for its description. False when none is set up.
func (f oidcFlags) capability(ctx context.Context) (api.Capability, bool) {
	c := api.Capability{Area: "console", Name: "single_sign_on", Version: f.Issuer}
	p, _, err := f.provider(kyc.SystemClock())
	if p == nil && err == nil {
		return c, false
	}
	if err == nil {
		err = p.Reach(ctx)
	}
	if c.Available = err == nil; err != nil {
		c.Reason, c.Install = oneLine(err), "see Single sign-on in docs/guide/console.md"
	}
	return c, true
}
