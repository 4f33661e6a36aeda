package entity

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"bonafide/kyc"
)

// Limits of one entry.
const (
	maxReasons   = 20
	maxAttribute = 1000 // bytes
	maxComment   = 4000 // bytes
	// traitEntry is the kind under which entries are hashed.
	traitEntry = "matchlist_entry"
)

var reasonCode = regexp.MustCompile(`^[A-Z0-9_-]{1,24}$`)

// NewEntry is a request for an entry of a matchlist. All its attributes must
// match for the entry to match.
type NewEntry struct {
	// Attributes by kind (kyc.MatchlistKinds), 1 to 30 of at most 1,000 bytes;
	// IND_ and ORG_ kinds do not mix. Countries are ISO 3166-1 alpha-2.
	Attributes map[string]string
	Reasons    []string // ^[A-Z0-9_-]{1,24}$, at most 20
	Comment    string   // at most 4,000 bytes
}

// fill puts a body into an entry, lists what is wrong with it, and gives the
// normal form of all its attributes.
func (p *problems) fill(path string, e *kyc.MatchlistEntry, n NewEntry) (canonical string) {
	e.Private.Comment = norm.NFC.String(strings.TrimSpace(n.Comment))
	p.text(path+"/comment", e.Private.Comment, maxComment)
	e.Reasons = slices.Clone(n.Reasons)
	if len(e.Reasons) > maxReasons {
		p.add(path+"/reasons", "too_many", "at most %d", maxReasons)
	}
	for i, r := range e.Reasons {
		if !reasonCode.MatchString(r) {
			p.add(fmt.Sprintf("%s/reasons/%d", path, i), "reason_invalid", "a reason is 1 to 24 of A-Z, 0-9, _ and -")
		} else if slices.Index(e.Reasons, r) < i {
			p.add(fmt.Sprintf("%s/reasons/%d", path, i), "duplicate", "this reason stands here twice")
		}
	}
	e.Private.Attributes = make(map[string]string, len(n.Attributes))
	if len(n.Attributes) == 0 {
		p.add(path+"/attributes", "required", "an entry needs at least one attribute")
	}
	var individual, organization bool
	var b strings.Builder
	for _, kind := range slices.Sorted(maps.Keys(n.Attributes)) {
		at := path + "/attributes/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(kind)
		if !kyc.IsMatchlistKind(kind) {
			p.add(at, "unknown_attribute", "there is no such attribute")
			continue
		}
		individual = individual || strings.HasPrefix(kind, "IND_")
		organization = organization || strings.HasPrefix(kind, "ORG_")
		text := norm.NFC.String(strings.TrimSpace(n.Attributes[kind]))
		e.Private.Attributes[kind] = text
		p.text(at, text, maxAttribute)
		normal, ok := kyc.MatchlistNormal(kind, text)
		switch {
		case !ok:
			p.add(at, "value_invalid", "this is no value of %s", kind)
		case strings.HasSuffix(kind, "_COUNTRY") || kind == "IND_NATIONALITY":
			p.country(at, normal)
			e.Private.Attributes[kind] = normal
		case kind == "ENTITY_TYPE" || kind == "DOCUMENT_TYPE" || kind == "DOCUMENT_CLASS":
			e.Private.Attributes[kind] = normal
		}
		fmt.Fprintf(&b, "%s=%s\n", kind, normal)
	}
	p.onePerson(path, e.Private.Attributes, individual, organization)
	return b.String()
}

// onePerson refuses an entry that speaks of a person and of a company.
func (p *problems) onePerson(path string, all map[string]string, individual, organization bool) {
	at := path + "/attributes"
	switch kind := all["ENTITY_TYPE"]; {
	case individual && organization:
		p.add(at, "mixed_attributes", "an entry has IND_ attributes or ORG_ attributes, not both")
	case individual && kind == "ORGANIZATION", organization && kind == "INDIVIDUAL":
		p.add(at+"/ENTITY_TYPE", "mixed_attributes", "the entity type says something else than the other attributes")
	}
}

// AddEntries puts 1 to 1,000 entries on a list, all or none. Errors: 404;
// Invalid invalid_entries with every problem, pointers under /<index>; 409
// entry_exists when the list has an entry of the same attributes; 409
// matchlist_full beyond 10,000.
func (m *Machine) AddEntries(ctx context.Context, t kyc.Tenant, by kyc.Actor, list kyc.ID, entries []NewEntry) ([]kyc.MatchlistEntry, error) {
	l, err := m.Matchlist(ctx, t, list)
	if err != nil {
		return nil, err
	}
	now, err := m.now(ctx, t)
	if err != nil {
		return nil, err
	}
	var p problems
	if len(entries) == 0 || len(entries) > MaxEntriesAtOnce {
		p.add("", "out_of_range", "send 1 to %d entries", MaxEntriesAtOnce)
		return nil, p.err("invalid_entries", "nothing was added")
	}
	out := make([]kyc.MatchlistEntry, len(entries))
	first := map[string]int{}
	var c kyc.Change
	for i, n := range entries {
		e := &out[i]
		*e = kyc.MatchlistEntry{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: t}, MatchlistID: list}
		canonical := p.fill(fmt.Sprintf("/%d", i), e, n)
		if j, twice := first[canonical]; twice && canonical != "" {
			p.add(fmt.Sprintf("/%d", i), "duplicate", "this is the same as entry %d", j)
			continue
		}
		first[canonical] = i
		if e.Hash, err = m.d.Blind(ctx, t, traitEntry, canonical); err != nil {
			return nil, err
		}
		e.Touch(now)
		c.Put = append(c.Put, e)
	}
	if err := p.err("invalid_entries", "nothing was added"); err != nil {
		return nil, err
	}
	if l.Entries+len(out) > maxEntries {
		return nil, kyc.Errorf(kyc.Conflict, "matchlist_full", "a matchlist has at most %d entries", maxEntries)
	}
	old := l
	l.Entries += len(out)
	l.Version++
	_, err = m.saveList(ctx, by, old, l, "matchlist.add", fmt.Sprintf("%d entries", len(out)), c)
	if err != nil {
		return nil, err
	}
	return out, nil
}

// entry reads an entry of a list that is there.
func (m *Machine) entry(ctx context.Context, t kyc.Tenant, list, id kyc.ID) (kyc.Matchlist, kyc.MatchlistEntry, error) {
	l, err := m.Matchlist(ctx, t, list)
	if err != nil {
		return l, kyc.MatchlistEntry{}, err
	}
	e, err := m.d.Store.MatchlistEntry(ctx, t, id)
	if err == nil && e.MatchlistID != list {
		err = kyc.Missing("entry", string(id))
	}
	if err != nil {
		return l, kyc.MatchlistEntry{}, err
	}
	return l, e, nil
}

// Entry reads one entry of a list and records the look.
func (m *Machine) Entry(ctx context.Context, t kyc.Tenant, by kyc.Actor, list, id kyc.ID) (kyc.MatchlistEntry, error) {
	_, e, err := m.entry(ctx, t, list, id)
	if err != nil {
		return e, err
	}
	return e, m.look(ctx, t, by, "matchlist.entry_read", objectMatchlist, list, "")
}

// Entries gives a page of a list's entries, newest first, with how many there
// are, and records the look.
func (m *Machine) Entries(ctx context.Context, t kyc.Tenant, by kyc.Actor, list kyc.ID, p kyc.Page) ([]kyc.MatchlistEntry, int, error) {
	if _, err := m.Matchlist(ctx, t, list); err != nil {
		return nil, 0, err
	}
	all, total, err := m.d.Store.MatchlistEntries(ctx, t, list, p)
	if err != nil || len(all) == 0 {
		return nil, total, err
	}
	return all, total, m.look(ctx, t, by, "matchlist.entry_list", objectMatchlist, list, "")
}

// EntryChange changes what is not nil. Attributes replace all that were there.
type EntryChange struct {
	Attributes map[string]string
	Reasons    *[]string
	Comment    *string
}

// PatchEntry changes an entry. Errors: 404, 412; Invalid invalid_entry with
// every problem; 409 entry_exists.
func (m *Machine) PatchEntry(ctx context.Context, t kyc.Tenant, by kyc.Actor, list, id kyc.ID, rev int64, n EntryChange) (kyc.MatchlistEntry, error) {
	l, e, err := m.entry(ctx, t, list, id)
	if err == nil {
		err = match(&e.Meta, rev)
	}
	if err != nil {
		return kyc.MatchlistEntry{}, err
	}
	whole := NewEntry{Attributes: e.Private.Attributes, Reasons: e.Reasons, Comment: e.Private.Comment}
	if n.Attributes != nil {
		whole.Attributes = n.Attributes
	}
	if n.Reasons != nil {
		whole.Reasons = *n.Reasons
	}
	if n.Comment != nil {
		whole.Comment = *n.Comment
	}
	old := e
	var p problems
	canonical := p.fill("", &e, whole)
	if err := p.err("invalid_entry", "the entry cannot be changed like this"); err != nil {
		return kyc.MatchlistEntry{}, err
	}
	if maps.Equal(old.Private.Attributes, e.Private.Attributes) && slices.Equal(old.Reasons, e.Reasons) && old.Private.Comment == e.Private.Comment {
		return old, nil
	}
	if e.Hash, err = m.d.Blind(ctx, t, traitEntry, canonical); err != nil {
		return kyc.MatchlistEntry{}, err
	}
	now, err := m.now(ctx, t)
	if err != nil {
		return kyc.MatchlistEntry{}, err
	}
	e.Touch(now)
	return e, m.entryChanged(ctx, by, l, kyc.Change{Put: []kyc.Object{&e}}, "matchlist.entry_update", now)
}

// DeleteEntry takes an entry off its list. Errors: 404, 412.
func (m *Machine) DeleteEntry(ctx context.Context, t kyc.Tenant, by kyc.Actor, list, id kyc.ID, rev int64) error {
	l, e, err := m.entry(ctx, t, list, id)
	if err == nil {
		err = match(&e.Meta, rev)
	}
	if err != nil {
		return err
	}
	now, err := m.now(ctx, t)
	if err != nil {
		return err
	}
	l.Entries--
	return m.entryChanged(ctx, by, l, kyc.Change{Remove: []kyc.Object{&e}}, "matchlist.entry_delete", now)
}

// entryChanged stores one entry's change with its list's new version.
func (m *Machine) entryChanged(ctx context.Context, by kyc.Actor, l kyc.Matchlist, c kyc.Change, action string, now time.Time) error {
	l.Version++
	l.Touch(now)
	e := event(ctx, l.Tenant, by, now, action, objectMatchlist, l.ID, "")
	e.After = digest(&l)
	c.Put = append(c.Put, &l)
	c.Events = append(c.Events, e)
	return m.d.Store.Commit(ctx, &c)
}
