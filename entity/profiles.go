package entity

import (
	"context"
	"slices"
	"strings"

	"bonafide/kyc"
)

// The states of a service profile (api.md 5.10).
const (
	ProfileInit        = "INIT"
	ProfileAuto        = "AUTO"
	ProfileActive      = "ACTIVE"
	ProfileArchived    = "ARCHIVED"
	ProfileBlocklisted = "BLOCKLISTED"
	ProfileInactive    = "INACTIVE"
	ProfileDeleted     = "DELETED"
	ProfileDuplicate   = "DUPLICATE"
)

// ProfileStates are all eight.
func ProfileStates() []string {
	return []string{ProfileInit, ProfileAuto, ProfileActive, ProfileArchived, ProfileBlocklisted, ProfileInactive, ProfileDeleted, ProfileDuplicate}
}

// settable are the states that a person can give; the others are the machine's.
func settable() []string {
	return []string{ProfileAuto, ProfileActive, ProfileArchived, ProfileBlocklisted, ProfileInactive, ProfileDuplicate}
}

const (
	maxPerson    = 200  // bytes of the name of an assignee or reviewer
	maxReference = 1000 // bytes of a customer's reference
)

// profilesOf reads every service profile that a filter keeps, newest first.
func (m *Machine) profilesOf(ctx context.Context, t kyc.Tenant, f kyc.ProfileFilter) ([]kyc.ServiceProfile, error) {
	var all []kyc.ServiceProfile
	var after kyc.ID
	for {
		page, _, err := m.d.Store.ServiceProfiles(ctx, t, f, kyc.Page{Limit: part, After: after})
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if len(page) < part {
			return all, nil
		}
		after = page[len(page)-1].ID
	}
}

// Profiles gives how an individual stands with its services, newest first, and
// records the look (C18).
func (m *Machine) Profiles(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID) ([]kyc.ServiceProfile, error) {
	if _, err := m.load(ctx, t, id); err != nil {
		return nil, err
	}
	all, err := m.profilesOf(ctx, t, kyc.ProfileFilter{SubjectID: id})
	if err != nil {
		return nil, err
	}
	return all, m.look(ctx, t, by, "profile.list", objectPerson, id, id)
}

// profile reads a service profile of an individual that is there.
func (m *Machine) profile(ctx context.Context, t kyc.Tenant, id kyc.ID, service string) (kyc.ServiceProfile, error) {
	if _, err := m.load(ctx, t, id); err != nil {
		return kyc.ServiceProfile{}, err
	}
	p, err := m.d.Store.ServiceProfileByName(ctx, t, id, service)
	if err == nil && p.Private.Unreadable {
		err = kyc.Missing("service profile", service)
	}
	return p, err
}

// Profile reads the service profile of one service and records the look.
func (m *Machine) Profile(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, service string) (kyc.ServiceProfile, error) {
	p, err := m.profile(ctx, t, id, service)
	if err != nil {
		return p, err
	}
	return p, m.look(ctx, t, by, "profile.read", objectProfile, p.ID, id)
}

// ProfileChange changes what is not nil; "" empties Assignee, Reviewer and
// CustomerReference. State is AUTO, ACTIVE, ARCHIVED, BLOCKLISTED, INACTIVE or
// DUPLICATE; INIT and DELETED are the machine's own.
type ProfileChange struct {
	State             *string
	Assignee          *string // at most 200 bytes
	Reviewer          *string
	CustomerReference *string // at most 1,000 bytes
}

// PatchProfile changes a service profile. Errors: 404; 412; Invalid
// invalid_profile with every problem.
func (m *Machine) PatchProfile(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, service string, rev int64, n ProfileChange) (kyc.ServiceProfile, error) {
	p, err := m.profile(ctx, t, id, service)
	if err == nil {
		err = match(&p.Meta, rev)
	}
	if err != nil {
		return kyc.ServiceProfile{}, err
	}
	now, err := m.now(ctx, t)
	if err != nil {
		return kyc.ServiceProfile{}, err
	}
	before, old := digest(&p), p
	var found problems
	if n.State != nil {
		if !slices.Contains(settable(), *n.State) {
			found.add("/state", "enum_invalid", "use one of %s", strings.Join(settable(), ", "))
		}
		p.State = *n.State
	}
	for _, one := range []struct {
		path     string
		to, from *string
		longest  int
	}{
		{"/assignee", &p.Assignee, n.Assignee, maxPerson},
		{"/reviewer", &p.Reviewer, n.Reviewer, maxPerson},
		{"/customer_reference", &p.Private.CustomerReference, n.CustomerReference, maxReference},
	} {
		if one.from != nil {
			*one.to = strings.TrimSpace(*one.from)
			found.text(one.path, *one.to, one.longest)
		}
	}
	if err := found.err("invalid_profile", "the service profile cannot be changed like this"); err != nil {
		return kyc.ServiceProfile{}, err
	}
	if p.State == old.State && p.Assignee == old.Assignee && p.Reviewer == old.Reviewer && p.Private == old.Private {
		return p, nil
	}
	p.Touch(now)
	e := event(ctx, t, by, now, "profile.update", objectProfile, p.ID, id)
	e.Before, e.After = before, digest(&p)
	c := kyc.Change{Put: []kyc.Object{&p}, Events: []kyc.Event{e}}
	if err := m.remember(ctx, t, id, profileValues(&old), profileValues(&p), &c); err != nil {
		return kyc.ServiceProfile{}, err
	}
	return p, m.d.Store.Commit(ctx, &c)
}
