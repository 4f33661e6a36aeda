package access

import (
	"context"
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
)

// SetRole gives a person another role. Errors: Invalid for an unknown role;
// Conflict last_admin when nobody else could administer the organisation.
func (o *Office) SetRole(ctx context.Context, org, id kyc.ID, role string, by By) (kyc.User, error) {
	if !slices.ContainsFunc(Roles(), func(r Role) bool { return r.Name == role }) {
		names := make([]string, 0, 4)
		for _, r := range Roles() {
			names = append(names, r.Name)
		}
		return kyc.User{}, kyc.InvalidInput("validation_failed", "the person cannot be changed like this",
			[]kyc.Problem{{Path: "/role", Code: "not_allowed_value", Message: "allowed: " + strings.Join(names, ", ")}})
	}
	u, err := o.store.User(ctx, org, id)
	if err != nil || u.Role == role {
		return u, err
	}
	if !Grants(RoleScopes(role), "users:write") {
		if err := o.keepsAdmin(ctx, &u); err != nil {
			return u, err
		}
	}
	u.Role = role
	return u, o.put(ctx, &u, by, "user.role")
}

// DismissUser is DisableUser for the console: the last person who can
// administer the organisation is not locked out (Conflict last_admin).
func (o *Office) DismissUser(ctx context.Context, org, id kyc.ID, by By) (kyc.User, error) {
	u, err := o.store.User(ctx, org, id)
	if err == nil {
		err = o.keepsAdmin(ctx, &u)
	}
	if err != nil {
		return u, err
	}
	return o.DisableUser(ctx, org, id, by)
}

// EnableUser lets a person in again; doing it again changes nothing.
func (o *Office) EnableUser(ctx context.Context, org, id kyc.ID, by By) (kyc.User, error) {
	u, err := o.store.User(ctx, org, id)
	if err != nil || u.DisabledAt.IsZero() {
		return u, err
	}
	u.DisabledAt = time.Time{}
	return u, o.put(ctx, &u, by, "user.enable")
}

// keepsAdmin refuses when nobody but this person could administer the
// organisation.
func (o *Office) keepsAdmin(ctx context.Context, u *kyc.User) error {
	if !Grants(RoleScopes(u.Role), "users:write") || !u.DisabledAt.IsZero() {
		return nil
	}
	all, err := o.store.Users(ctx, u.Tenant.Org)
	if err != nil {
		return err
	}
	for _, other := range all {
		if other.ID != u.ID && other.DisabledAt.IsZero() && Grants(RoleScopes(other.Role), "users:write") {
			return nil
		}
	}
	return kyc.Errorf(kyc.Conflict, "last_admin", "nobody else could administer the organisation; make somebody else an admin first")
}
