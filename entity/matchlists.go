package entity

import (
	"context"
	"strings"
	"unicode/utf8"

	"bonafide/kyc"
)

// Limits of matchlists.
const (
	maxLists       = 200
	maxListName    = 100 // characters
	maxDescription = 1000
	maxEntries     = 10_000 // of one list
	// MaxEntriesAtOnce is how many entries one call adds at most.
	MaxEntriesAtOnce = 1000
)

// MatchlistActions are what a match means: refuse, raise the alarm, trust, let a
// person look, nothing.
func MatchlistActions() []string { return []string{"BLOCK", "ALERT", "ALLOW", "REVIEW", "NONE"} }

// NewMatchlist is a request for a matchlist. Action is BLOCK, ALERT, ALLOW,
// REVIEW or NONE; empty: NONE.
type NewMatchlist struct {
	Name        string // 1-100 characters
	Description string // at most 1,000 bytes
	Action      string
}

// checkMatchlist lists what is wrong with a list.
func checkMatchlist(l *kyc.Matchlist) error {
	var p problems
	l.Name, l.Description = strings.TrimSpace(l.Name), strings.TrimSpace(l.Description)
	if n := utf8.RuneCountInString(l.Name); n == 0 || n > maxListName {
		p.add("/name", "name_invalid", "a name has 1 to %d characters", maxListName)
	}
	p.text("/name", l.Name, maxText)
	p.text("/description", l.Description, maxDescription)
	if l.Action == "" {
		l.Action = "NONE"
	}
	p.oneOf("/action", l.Action, MatchlistActions())
	return p.err("invalid_matchlist", "the matchlist has problems")
}

// nameFree refuses a name that another list has, in any case.
func (m *Machine) nameFree(ctx context.Context, t kyc.Tenant, l *kyc.Matchlist) error {
	count := 0
	var after kyc.ID
	for {
		page, _, err := m.d.Store.Matchlists(ctx, t, kyc.Page{Limit: part, After: after})
		if err != nil {
			return err
		}
		for i := range page {
			if page[i].ID != l.ID && strings.EqualFold(page[i].Name, l.Name) {
				return kyc.Errorf(kyc.Conflict, "matchlist_exists", "matchlist %s has this name already", page[i].ID)
			}
		}
		count += len(page)
		if len(page) < part {
			break
		}
		after = page[len(page)-1].ID
	}
	if l.Rev == 0 && count >= maxLists {
		return kyc.Errorf(kyc.Conflict, "too_many_matchlists", "there are %d matchlists already", maxLists)
	}
	return nil
}

// CreateMatchlist makes an empty list (C25). Errors: Invalid invalid_matchlist
// with every problem; 409 matchlist_exists for a name that is taken, in any
// case; 409 too_many_matchlists.
func (m *Machine) CreateMatchlist(ctx context.Context, t kyc.Tenant, by kyc.Actor, n NewMatchlist) (kyc.Matchlist, error) {
	l := kyc.Matchlist{Name: n.Name, Description: n.Description, Action: n.Action}
	if err := checkMatchlist(&l); err != nil {
		return l, err
	}
	if err := m.nameFree(ctx, t, &l); err != nil {
		return l, err
	}
	now, err := m.now(ctx, t)
	if err != nil {
		return l, err
	}
	l.Meta = kyc.Meta{ID: kyc.NewID(now), Tenant: t}
	l.Touch(now)
	e := event(ctx, t, by, now, "matchlist.create", objectMatchlist, l.ID, "")
	e.After = digest(&l)
	return l, m.d.Store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&l}, Events: []kyc.Event{e}})
}

// Matchlist reads one list.
func (m *Machine) Matchlist(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Matchlist, error) {
	l, err := m.d.Store.Matchlist(ctx, t, id)
	if err == nil && !l.DeletedAt.IsZero() {
		err = kyc.Missing("matchlist", string(id))
	}
	if err != nil {
		return kyc.Matchlist{}, err
	}
	return l, nil
}

// Matchlists gives a page of lists, newest first, with how many there are.
func (m *Machine) Matchlists(ctx context.Context, t kyc.Tenant, p kyc.Page) ([]kyc.Matchlist, int, error) {
	return m.d.Store.Matchlists(ctx, t, p)
}

// MatchlistChange changes what is not nil.
type MatchlistChange struct {
	Name        *string
	Description *string
	Action      *string
}

// PatchMatchlist changes a list. Errors: 404, 412 and those of CreateMatchlist.
func (m *Machine) PatchMatchlist(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, n MatchlistChange) (kyc.Matchlist, error) {
	l, err := m.Matchlist(ctx, t, id)
	if err == nil {
		err = match(&l.Meta, rev)
	}
	if err != nil {
		return kyc.Matchlist{}, err
	}
	old := l
	for _, one := range []struct{ to, from *string }{{&l.Name, n.Name}, {&l.Description, n.Description}, {&l.Action, n.Action}} {
		if one.from != nil {
			*one.to = *one.from
		}
	}
	if err := checkMatchlist(&l); err != nil {
		return kyc.Matchlist{}, err
	}
	if l == old {
		return l, nil
	}
	if l.Name != old.Name {
		if err := m.nameFree(ctx, t, &l); err != nil {
			return kyc.Matchlist{}, err
		}
	}
	return m.saveList(ctx, by, old, l, "matchlist.update", "", kyc.Change{})
}

// saveList stores a list that changed, with whatever changed with it.
func (m *Machine) saveList(ctx context.Context, by kyc.Actor, old, l kyc.Matchlist, action, reason string, with kyc.Change) (kyc.Matchlist, error) {
	now, err := m.now(ctx, l.Tenant)
	if err != nil {
		return kyc.Matchlist{}, err
	}
	l.Touch(now)
	e := event(ctx, l.Tenant, by, now, action, objectMatchlist, l.ID, "")
	e.Before, e.After, e.Reason = digest(&old), digest(&l), reason
	with.Put = append(with.Put, &l)
	with.Events = append(with.Events, e)
	return l, m.d.Store.Commit(ctx, &with)
}

// DeleteMatchlist deletes a list with its entries. Errors: 404, 412.
func (m *Machine) DeleteMatchlist(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64) error {
	l, err := m.Matchlist(ctx, t, id)
	if err == nil {
		err = match(&l.Meta, rev)
	}
	if err != nil {
		return err
	}
	now, err := m.now(ctx, t)
	if err != nil {
		return err
	}
	var c kyc.Change
	var after kyc.ID
	for {
		page, _, err := m.d.Store.MatchlistEntries(ctx, t, id, kyc.Page{Limit: part, After: after})
		if err != nil {
			return err
		}
		for i := range page {
			c.Remove = append(c.Remove, &page[i])
		}
		if len(page) < part {
			break
		}
		after = page[len(page)-1].ID
	}
	old := l
	l.DeletedAt, l.Entries = now, 0
	l.Version++
	_, err = m.saveList(ctx, by, old, l, "matchlist.delete", "", c)
	return err
}
