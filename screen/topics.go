package screen

import (
	"slices"
	"strings"

	"bonafide/kyc"
	"bonafide/roster"
)

// Purpose is what a query looks for on lists that hold several kinds of party.
type Purpose string

// The purposes. With ForAnything every entry counts; it is the zero value, so
// that who forgets the purpose gets too much.
const (
	ForAnything Purpose = ""
	// ForSanctions leaves out entries that are listed for a public office alone.
	ForSanctions Purpose = "sanctions"
	// ForPEP finds politically exposed persons, their relatives and close
	// associates alone.
	ForPEP Purpose = "pep"
)

// serves reports whether an entry is one that the purpose looks for.
func (p Purpose) serves(e *roster.Entity) bool {
	switch p {
	case ForSanctions:
		return !e.OnlyExposed()
	case ForPEP:
		return e.Exposed()
	}
	return true
}

// servedBy reports whether a list can answer for the purpose: it has an entry
// of that kind or, where its content cannot be read, its format may hold some.
func (p Purpose) servedBy(l *list) bool {
	switch {
	case p == ForAnything || l == nil:
		return true
	case l.index != nil && p == ForPEP:
		return l.index.exposed > 0
	case l.index != nil:
		return l.index.onlyExposed < len(l.index.entities)
	case p == ForPEP:
		return roster.HoldsTopics(l.manifest.Source)
	}
	return true
}

// asked gives the ids that a query asks, sorted, and those it names that are
// loaded and hold nothing for its purpose.
func (st *state) asked(q Query) (ids, unfit []string) {
	ids = slices.Clone(q.Lists)
	if len(ids) == 0 {
		// A list that was only ever tried is named too: its failure must not
		// read as clear.
		for _, id := range st.ids {
			if q.Purpose.servedBy(st.lists[id]) {
				ids = append(ids, id)
			}
		}
	}
	ids = append(ids, q.Also...)
	slices.Sort(ids)
	ids = slices.DeleteFunc(slices.Compact(ids), func(id string) bool {
		if q.Purpose.servedBy(st.lists[id]) {
			return false
		}
		unfit = append(unfit, id)
		return true
	})
	return ids, unfit
}

// ImportOptions of ImportWith.
type ImportOptions struct {
	// Force accepts a list that shrank by more than a fifth.
	Force bool
	// Topics keeps the entries that bear one of them or a part of one; empty
	// keeps all.
	Topics []string
	// Assume is the topic of entries whose source names none, such as role.pep
	// for a collection of politicians.
	Assume string
}

// apply grades and filters what was read.
func (o ImportOptions) apply(p *roster.Parsed) error {
	read := len(p.Entities)
	if topic := roster.Clean(o.Assume); topic != "" {
		for i := range p.Entities {
			if e := &p.Entities[i]; len(e.Topics) == 0 {
				e.Topics = []string{topic}
			}
		}
	}
	if len(o.Topics) == 0 {
		return nil
	}
	p.Entities = slices.DeleteFunc(p.Entities, func(e roster.Entity) bool {
		return !slices.ContainsFunc(o.Topics, func(t string) bool { return roster.HasTopic(e.Topics, roster.Clean(t)) })
	})
	if len(p.Entities) == 0 {
		return kyc.Errorf(kyc.Invalid, "list_empty", "none of %d entries has a topic of %s; the last good state stays in force", read, strings.Join(o.Topics, ", "))
	}
	return nil
}
