package session

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
)

// ListStore reads customers' lists. Blind hashes a value under the tenant's
// key.
type ListStore interface {
	List(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.List, error)
	Lists(ctx context.Context, t kyc.Tenant, f kyc.ListFilter, p kyc.Page) ([]kyc.List, int, error)
	ListItem(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.ListItem, error)
	ListItems(ctx context.Context, t kyc.Tenant, list kyc.ID, p kyc.Page) ([]kyc.ListItem, int, error)
	ListItemsByHash(ctx context.Context, t kyc.Tenant, lists []kyc.ID, hashes []string) ([]kyc.ListItem, error)
	AllListItems(ctx context.Context, t kyc.Tenant, list kyc.ID) ([]kyc.ListItem, error)
	Blind(ctx context.Context, t kyc.Tenant, kind, value string) (string, error)
}

// Lists is the machine of the customer's own lists (api.md 6.12).
type Lists struct {
	store interface {
		Committer
		Orgs
		WorkflowStore
		ListStore
	}
	now func(ctx context.Context, t kyc.Tenant) (time.Time, kyc.Org, error)
}

// NewLists makes the machine.
func NewLists(store interface {
	Committer
	Orgs
	WorkflowStore
	ListStore
}, clock kyc.Clock) *Lists {
	return &Lists{store: store, now: orgClock(store, clock)}
}

// NewList is a request for a list. The mode is flag by default.
type NewList struct {
	Name        string
	Description string
	Type        kyc.ListType
	Mode        kyc.ListMode
}

func modes() []kyc.ListMode { return []kyc.ListMode{kyc.ModeBlock, kyc.ModeFlag, kyc.ModeAllow} }

func checkList(name, description string, mode kyc.ListMode) []kyc.Problem {
	var p []kyc.Problem
	if n := strings.TrimSpace(name); n == "" || len(n) > maxName {
		p = append(p, kyc.Problem{Path: "/name", Code: "invalid_name", Message: fmt.Sprintf("a name has 1 to %d bytes", maxName)})
	}
	if len(description) > maxDescription {
		p = append(p, kyc.Problem{Path: "/description", Code: "too_long", Message: fmt.Sprintf("at most %d bytes", maxDescription)})
	}
	if !slices.Contains(modes(), mode) {
		p = append(p, kyc.Problem{Path: "/mode", Code: "unknown_mode", Message: "use block, flag or allow"})
	}
	return p
}

// Create makes an empty list.
func (m *Lists) Create(ctx context.Context, t kyc.Tenant, by kyc.Actor, n NewList) (kyc.List, error) {
	if n.Mode == "" {
		n.Mode = kyc.ModeFlag
	}
	p := checkList(n.Name, n.Description, n.Mode)
	if !slices.Contains(kyc.ListTypes(), n.Type) {
		p = append(p, kyc.Problem{Path: "/type", Code: "unknown_type", Message: fmt.Sprintf("use one of %v", kyc.ListTypes())})
	}
	if len(p) > 0 {
		return kyc.List{}, kyc.InvalidInput("invalid_list", "the list cannot be created", p)
	}
	now, _, err := m.now(ctx, t)
	if err != nil {
		return kyc.List{}, err
	}
	l := kyc.List{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: t}, Name: strings.TrimSpace(n.Name), Description: n.Description, Type: n.Type, Mode: n.Mode}
	l.Touch(now)
	e := event(ctx, t, by, now, "list.create", "list", l.ID, "")
	e.After = digest(&l)
	return l, m.store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&l}, Events: []kyc.Event{e}})
}

// Read gives one list.
func (m *Lists) Read(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.List, error) {
	return m.store.List(ctx, t, id)
}

// List gives a page of lists, newest first.
func (m *Lists) List(ctx context.Context, t kyc.Tenant, f kyc.ListFilter, p kyc.Page) ([]kyc.List, int, error) {
	return m.store.Lists(ctx, t, f, p)
}

// ListChange edits a list; nil leaves a part alone. The type never changes.
type ListChange struct {
	Name        *string
	Description *string
	Mode        *kyc.ListMode
	// Archived true archives, false brings the list back.
	Archived *bool
}

// Edit applies a change. A list that a published workflow names is not
// archived (409 list_in_use).
func (m *Lists) Edit(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, c ListChange) (kyc.List, error) {
	l, err := m.store.List(ctx, t, id)
	if err != nil {
		return l, err
	}
	if err := match(&l.Meta, rev); err != nil {
		return l, err
	}
	now, _, err := m.now(ctx, t)
	if err != nil {
		return l, err
	}
	before, action := digest(&l), "list.update"
	if c.Name != nil {
		l.Name = strings.TrimSpace(*c.Name)
	}
	if c.Description != nil {
		l.Description = *c.Description
	}
	if c.Mode != nil {
		l.Mode = *c.Mode
	}
	if p := checkList(l.Name, l.Description, l.Mode); len(p) > 0 {
		return l, kyc.InvalidInput("invalid_list", "the list cannot be changed like this", p)
	}
	if c.Archived != nil && *c.Archived != !l.ArchivedAt.IsZero() {
		l.ArchivedAt, action = time.Time{}, "list.restore"
		if *c.Archived {
			if err := m.unused(ctx, t, id); err != nil {
				return l, err
			}
			l.ArchivedAt, action = now, "list.archive"
		}
	}
	l.Touch(now)
	e := event(ctx, t, by, now, action, "list", l.ID, "")
	e.Before, e.After = before, digest(&l)
	return l, m.store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&l}, Events: []kyc.Event{e}})
}

// unused refuses when a version in force of a published workflow names the
// list. The id is a UUID, so finding it anywhere in the definition is enough.
func (m *Lists) unused(ctx context.Context, t kyc.Tenant, id kyc.ID) error {
	active := true
	var after kyc.ID
	for {
		page, _, err := m.store.Workflows(ctx, t, kyc.WorkflowFilter{Active: &active}, kyc.Page{Limit: sweepPage, After: after})
		if err != nil {
			return err
		}
		for _, w := range page {
			numbers := []int{w.Published}
			if w.Rollout != nil {
				numbers = append(numbers, w.Rollout.Previous)
			}
			for _, n := range numbers {
				v, err := m.store.Version(ctx, t, w.ID, n)
				if err != nil {
					return err
				}
				if strings.Contains(string(v.Source), string(id)) {
					return kyc.Errorf(kyc.Conflict, "list_in_use", "the published workflow %s uses this list", kyc.Dress("workflow", w.ID))
				}
			}
		}
		if len(page) < sweepPage {
			return nil
		}
		after = page[len(page)-1].ID
	}
}

// open reads a list that can be changed.
func (m *Lists) open(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.List, error) {
	l, err := m.store.List(ctx, t, id)
	if err == nil && !l.ArchivedAt.IsZero() {
		err = kyc.Errorf(kyc.Conflict, "list_archived", "the list is archived; restore it first")
	}
	return l, err
}
