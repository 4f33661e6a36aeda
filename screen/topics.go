package screen

import (
	"slices"
	"strings"

	"bonafide/kyc"
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

// Topics of OpenSanctions (https://www.opensanctions.org/docs/topics/) that say
// why a party is listed.
const (
	TopicPEP      = "role.pep"
	TopicRCA      = "role.rca" // relative or close associate
	TopicSanction = "sanction"
	TopicCrime    = "crime"
)

// HasTopic reports whether topics hold one or a part of it: "sanction" is also
// found in "sanction.linked".
func HasTopic(topics []string, topic string) bool {
	return slices.ContainsFunc(topics, func(t string) bool { return t == topic || strings.HasPrefix(t, topic+".") })
}

// exposed reports a politically exposed person, relative or close associate.
func (e *Entity) exposed() bool { return HasTopic(e.Topics, TopicPEP) || HasTopic(e.Topics, TopicRCA) }

// onlyExposed reports an entry that is listed for an office, or as somebody
// close to its holder, and for nothing else. A topic that is not known here is
// something else.
func (e *Entity) onlyExposed() bool {
	return e.exposed() && !slices.ContainsFunc(e.Topics, func(t string) bool { return !strings.HasPrefix(t, "role.") && !strings.HasPrefix(t, "gov.") })
}

// serves reports whether an entry is one that the purpose looks for.
func (p Purpose) serves(e *Entity) bool {
	switch p {
	case ForSanctions:
		return !e.onlyExposed()
	case ForPEP:
		return e.exposed()
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
		return holdsTopics(l.manifest.Source)
	}
	return true
}

// holdsTopics reports whether a format says why each party is listed. Of a list
// whose format is not known nothing can be ruled out.
func holdsTopics(format string) bool {
	return slices.Contains([]string{"", "ftm", "targets_simple", "csv"}, format)
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
func (o ImportOptions) apply(p *parsed) error {
	read := len(p.entities)
	if topic := clean(o.Assume); topic != "" {
		for i := range p.entities {
			if e := &p.entities[i]; len(e.Topics) == 0 {
				e.Topics = []string{topic}
			}
		}
	}
	if len(o.Topics) == 0 {
		return nil
	}
	p.entities = slices.DeleteFunc(p.entities, func(e Entity) bool {
		return !slices.ContainsFunc(o.Topics, func(t string) bool { return HasTopic(e.Topics, clean(t)) })
	})
	if len(p.entities) == 0 {
		return kyc.Errorf(kyc.Invalid, "list_empty", "none of %d entries has a topic of %s; the last good state stays in force", read, strings.Join(o.Topics, ", "))
	}
	return nil
}

// addPosition adds a public position unless it is there already.
func (e *Entity) addPosition(p kyc.Position) {
	if p.Title = clean(p.Title); p.Title == "" || len(e.Positions) >= maxOther || slices.Contains(e.Positions, p) {
		return
	}
	e.Positions = append(e.Positions, p)
}

// levels are the words for the reach of a position by its topics, widest first.
var levels = [...][2]string{
	{"gov.igo", "international"}, {"gov.head", "national"}, {"gov.national", "national"}, {"gov.state", "regional"}, {"gov.muni", "local"},
}

// levelOf is the reach of a position, empty where its topics do not say.
func levelOf(topics []string) string {
	for _, l := range levels {
		if HasTopic(topics, l[0]) {
			return l[1]
		}
	}
	return ""
}
