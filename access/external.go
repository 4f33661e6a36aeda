package access

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"bonafide/kyc"
)

// Flow is what one sign-in by another house is known by, from the way there to
// the way back.
type Flow struct {
	// State, Nonce and Verifier are random; the browser keeps what they are
	// made from.
	State, Nonce, Verifier string
	// Redirect is the address of ours that the browser comes back to.
	Redirect string
}

// External is a person as another house vouches for them.
type External struct {
	Issuer, Subject string // together they name the person for good
	Email           string
	// Verified says that the house made sure the address is the person's.
	Verified bool
	Name     string
	// Groups are the values of the claim that roles go by.
	Groups []string
	// Factor says that the house asked for two factors.
	Factor bool
	// Session is the house's own name of the sign-in; empty when it gives none.
	Session string
}

// Leave is a sign-out that is carried on at another house.
type Leave struct {
	// Issuer is the house that let the person in, Session its name of the
	// sign-in; empty when it gave none.
	Issuer, Session string
	// Redirect is the address of ours that the browser comes back to, with State.
	Redirect, State string
}

// Welcome says whom another house's word lets in. The zero value lets in whom
// an account exists for.
type Welcome struct {
	// Org is the only organisation (id or name) whose people come in like this;
	// empty for all.
	Org string
	// Domains are those of e-mail addresses that are taken; empty for all.
	Domains []string
	// Roles give the role of who comes, the first that fits at each sign-in; who
	// fits none is refused. Empty: roles stay as they are.
	Roles []RoleFor
	// NewRole makes an account for who has none, with this role unless Roles
	// say another; empty: nobody is made one.
	NewRole string
}

// RoleFor gives a role to whoever has a value in the role claim.
type RoleFor struct{ Value, Role string }

// Check lists everything that is wrong with it: Invalid sign_on_misconfigured.
func (w Welcome) Check() error {
	var problems []kyc.Problem
	role := func(path, name string) {
		if !slices.ContainsFunc(Roles(), func(r Role) bool { return r.Name == name }) {
			problems = append(problems, kyc.Problem{Path: path, Code: "not_allowed_value", Message: "there is no role " + name})
		}
	}
	for i, r := range w.Roles {
		role(fmt.Sprintf("/roles/%d", i), r.Role)
	}
	if w.NewRole != "" {
		role("/new_role", w.NewRole)
		if w.Org == "" {
			problems = append(problems, kyc.Problem{Path: "/org", Code: "required", Message: "say in which organisation accounts are made"})
		}
		if len(w.Domains) == 0 && len(w.Roles) == 0 {
			problems = append(problems, kyc.Problem{Path: "/domains", Code: "required", Message: "accounts are made for named e-mail domains or named groups only"})
		}
	}
	for i, d := range w.Domains {
		if d == "" || strings.ContainsAny(d, "@ */") {
			problems = append(problems, kyc.Problem{Path: fmt.Sprintf("/domains/%d", i), Code: "format_invalid", Message: "a domain such as example.com"})
		}
	}
	if len(problems) > 0 {
		return kyc.InvalidInput("sign_on_misconfigured", "single sign-on cannot be used like this", problems)
	}
	return nil
}

// role is what a person's groups make of them. False when they fit none.
func (w Welcome) role(groups []string) (string, bool) {
	for _, r := range w.Roles {
		if slices.Contains(groups, r.Value) {
			return r.Role, true
		}
	}
	return "", len(w.Roles) == 0
}

// takes reports whether an address is of one of the domains.
func (w Welcome) takes(email string) bool {
	_, domain, _ := strings.Cut(email, "@")
	return len(w.Domains) == 0 || slices.ContainsFunc(w.Domains, func(d string) bool { return strings.EqualFold(d, domain) })
}

// SignInExternal finds the account of a person that another house vouches for.
// The first time an account is found by its verified e-mail address and bound to
// the person; from then on an address alone, which may have gone to somebody
// else, opens it no more. A person has one account of an organisation: another
// address of theirs makes and opens no second one, which would make two reviewers
// of one person and let in again who was locked out. Errors: Unauthenticated
// email_unverified, domain_not_allowed, role_missing, account_missing,
// account_disabled, account_bound_elsewhere, person_bound_elsewhere, each with the
// account where one is known; Conflict last_admin when the role of their groups
// would leave nobody in charge.
func (o *Office) SignInExternal(ctx context.Context, x External, w Welcome) (u kyc.User, err error) {
	// Who signs in twice at once for the first time meets themselves: the store
	// keeps two accounts of one address, and of one person, apart.
	for range 3 {
		u, err = o.signInExternal(ctx, x, w)
		if !kyc.IsCode(err, "concurrent_change") && !kyc.IsCode(err, "email_taken") {
			break
		}
	}
	return u, err
}

func (o *Office) signInExternal(ctx context.Context, x External, w Welcome) (kyc.User, error) {
	refuse := func(code, message string) error { return kyc.Errorf(kyc.Unauthenticated, code, "%s", message) }
	email, problems := checkEmail("/email", x.Email)
	role, fits := w.role(x.Groups)
	switch {
	case x.Issuer == "" || x.Subject == "" || len(problems) > 0 || !x.Verified:
		return kyc.User{}, refuse("email_unverified", "the provider gives no e-mail address that it has verified")
	case !w.takes(email):
		return kyc.User{}, refuse("domain_not_allowed", "addresses of this domain are not taken")
	}
	var org kyc.ID
	if w.Org != "" {
		var err error
		if org, err = o.orgNamed(ctx, w.Org); err != nil {
			return kyc.User{}, err
		}
	}
	u, err := o.store.UserByEmail(ctx, email)
	switch {
	case err != nil && kyc.KindOf(err) != kyc.NotFound:
		return kyc.User{}, err
	case err != nil && !fits:
		return kyc.User{}, refuse("role_missing", "none of the person's groups has a role here")
	case err != nil && w.NewRole == "":
		return kyc.User{}, refuse("account_missing", "there is no account for this person")
	case err != nil:
		if err := o.oneAccount(ctx, org, x); err != nil {
			return kyc.User{}, err
		}
		if role == "" {
			role = w.NewRole
		}
		return o.newExternal(ctx, org, email, role, x)
	case org != "" && u.Tenant.Org != org:
		return kyc.User{}, refuse("account_missing", "there is no account for this person")
	case !u.DisabledAt.IsZero():
		return u, refuse("account_disabled", "the account is locked out")
	case u.External != nil && (u.External.Issuer != x.Issuer || u.External.Subject != x.Subject):
		return u, refuse("account_bound_elsewhere", "the account is bound to another person of the provider")
	case !fits:
		return u, refuse("role_missing", "none of the person's groups has a role here")
	}
	if u.External == nil {
		if err := o.oneAccount(ctx, u.Tenant.Org, x); err != nil {
			return u, err
		}
		u.External = &kyc.ExternalID{Issuer: x.Issuer, Subject: x.Subject}
		if err := o.put(ctx, &u, kyc.Actor{Kind: kyc.ActorUser, ID: string(u.ID)}, "user.sign_on_bound"); err != nil {
			return u, err
		}
	}
	if role != "" && role != u.Role {
		changed, err := o.SetRole(ctx, u.Tenant.Org, u.ID, role, kyc.SystemActor("sign-on"))
		if err != nil {
			return u, err
		}
		u = changed
	}
	return u, nil
}

// oneAccount refuses a person who has an account of the organisation already,
// locked out or not.
func (o *Office) oneAccount(ctx context.Context, org kyc.ID, x External) error {
	all, err := o.store.Users(ctx, org)
	if err != nil {
		return err
	}
	for _, u := range all {
		if u.External != nil && u.External.Issuer == x.Issuer && u.External.Subject == x.Subject {
			return kyc.Errorf(kyc.Unauthenticated, "person_bound_elsewhere", "another account is bound to this person of the provider")
		}
	}
	return nil
}

// newExternal makes an account that has no password.
func (o *Office) newExternal(ctx context.Context, org kyc.ID, email, role string, x External) (kyc.User, error) {
	name := strings.TrimSpace(x.Name)
	if len([]rune(name)) > longestName {
		name = ""
	}
	now := o.clock.Now()
	u := kyc.User{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: kyc.Tenant{Org: org}}, Email: email, Name: name, Role: role,
		External: &kyc.ExternalID{Issuer: x.Issuer, Subject: x.Subject}}
	u.Touch(now)
	return u, o.store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&u},
		Events: []kyc.Event{o.event(ctx, u.Tenant, kyc.SystemActor("sign-on"), "user.create", "user", u.ID)}})
}

// orgNamed finds an organisation by its id or its name, which must be one's only.
func (o *Office) orgNamed(ctx context.Context, text string) (kyc.ID, error) {
	all, err := o.store.Orgs(ctx)
	if err != nil {
		return "", err
	}
	var found []kyc.ID
	for _, x := range all {
		if string(x.ID) == strings.ToLower(text) || strings.EqualFold(x.Name, text) {
			found = append(found, x.ID)
		}
	}
	if len(found) != 1 {
		return "", kyc.Errorf(kyc.Unavailable, "sign_on_unavailable", "%d organisations are called as the single sign-on's should be", len(found))
	}
	return found[0], nil
}

// Unbind lets an account be bound anew, after the other house gave its person
// another identity. Doing it again changes nothing.
func (o *Office) Unbind(ctx context.Context, org, id kyc.ID, by By) (kyc.User, error) {
	u, err := o.store.User(ctx, org, id)
	if err != nil || u.External == nil {
		return u, err
	}
	u.External = nil
	u.Epoch++
	return u, o.put(ctx, &u, by, "user.sign_on_unbound")
}
