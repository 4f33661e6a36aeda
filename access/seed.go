package access

import (
	"context"

	"bonafide/kyc"
)

// Dev is the file DIR/dev.json of `bonafide serve --dev` (running.md). It
// holds secrets: write it with mode 0600.
type Dev struct {
	URL           string   `json:"url"`
	Organizations []DevOrg `json:"organizations"`
}

// DevOrg is one organisation for development.
type DevOrg struct {
	ID         kyc.ID  `json:"id"`
	Name       string  `json:"name"`
	LiveKey    string  `json:"live_key"`
	SandboxKey string  `json:"sandbox_key"`
	ReadKey    string  `json:"read_key"` // live, kyc:read workflows:read sessions:read
	User       DevUser `json:"user"`
	SecondUser DevUser `json:"second_user"`
}

// DevUser is a person who can sign in.
type DevUser struct {
	Email    string `json:"email"`
	Password string `json:"password"`
	Role     string `json:"role"`
}

// DevSeed makes two empty organisations with their keys and people. url is
// where the server listens. Secrets are random; nothing but the result knows
// them.
func (o *Office) DevSeed(ctx context.Context, url string) (Dev, error) {
	out := Dev{URL: url}
	for _, org := range []struct{ name, domain string }{{"Acme", "acme.example"}, {"Globex", "globex.example"}} {
		made, err := o.SeedOrg(ctx, org.name, org.domain, kyc.SystemActor("dev"))
		if err != nil {
			return Dev{}, err
		}
		out.Organizations = append(out.Organizations, made)
	}
	return out, nil
}

// SeedOrg makes one organisation with three keys (live, sandbox, read only)
// and two people (an admin and a reviewer) at the given mail domain.
func (o *Office) SeedOrg(ctx context.Context, name, domain string, by By) (DevOrg, error) {
	org, err := o.CreateOrg(ctx, name, by)
	if err != nil {
		return DevOrg{}, err
	}
	out := DevOrg{ID: org.ID, Name: org.Name}
	for _, k := range []struct {
		into   *string
		name   string
		env    kyc.Env
		scopes []string
	}{
		{&out.LiveKey, "live", kyc.Live, []string{Everything}},
		{&out.SandboxKey, "sandbox", kyc.Sandbox, []string{Everything}},
		{&out.ReadKey, "read only", kyc.Live, []string{"kyc:read", "workflows:read", "sessions:read"}},
	} {
		_, text, err := o.CreateKey(ctx, KeyRequest{Tenant: kyc.Tenant{Org: org.ID, Env: k.env}, Name: k.name, Scopes: k.scopes, By: by})
		if err != nil {
			return DevOrg{}, err
		}
		*k.into = text
	}
	for _, u := range []struct {
		into        *DevUser
		local, role string
	}{{&out.User, "admin", "admin"}, {&out.SecondUser, "reviewer", "reviewer"}} {
		*u.into = DevUser{Email: u.local + "@" + domain, Password: randomText(base62, 20), Role: u.role}
		_, err := o.CreateUser(ctx, UserRequest{Org: org.ID, Email: u.into.Email, Name: u.local, Role: u.role, Password: u.into.Password, By: by})
		if err != nil {
			return DevOrg{}, err
		}
	}
	return out, nil
}
