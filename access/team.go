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
		return kyc.User{}, kyc.InvalidInput("validation_failed", "the person cannot be changed like this",
			[]kyc.Problem{{Path: "/role", Code: "not_allowed_value", Message: "allowed: " + strings.Join(RoleNames(), ", ")}})
	}
	return o.demote(ctx, org, id, by, "user.role", Grants(RoleScopes(role), "users:write"), func(u *kyc.User) bool {
		changed := u.Role != role
		u.Role = role
		return changed
	})
}

// DismissUser is DisableUser for the console: the last person who can
// administer the organisation is not locked out (Conflict last_admin).
func (o *Office) DismissUser(ctx context.Context, org, id kyc.ID, by By) (kyc.User, error) {
	return o.demote(ctx, org, id, by, "user.disable", false, func(u *kyc.User) bool {
		if !u.DisabledAt.IsZero() {
			return false
		}
		u.DisabledAt = o.clock.Now()
		return true
	})
}

// demote changes a person; unless they stay able to administer the
// organisation, somebody else must be. The organisation changes with the person,
// so that of two who lock each other out at the same time one fails
// (concurrent_change).
func (o *Office) demote(ctx context.Context, org, id kyc.ID, by By, action string, stays bool, change func(*kyc.User) bool) (kyc.User, error) {
	house, err := o.store.Org(ctx, org)
	if err != nil {
		return kyc.User{}, err
	}
	u, err := o.store.User(ctx, org, id)
	if err != nil {
		return u, err
	}
	if !stays {
		if err := o.keepsAdmin(ctx, &u); err != nil {
			return u, err
		}
	}
	if !change(&u) {
		return u, nil
	}
	now := o.clock.Now()
	u.Touch(now)
	house.Touch(now)
	return u, o.store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&u, &house}, Events: []kyc.Event{o.event(ctx, u.Tenant, by, action, "user", u.ID)}})
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
