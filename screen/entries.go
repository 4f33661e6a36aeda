package screen

import (
	"iter"

	"bonafide/roster"
)

// entityFlags is what a query asks of every entry it comes across.
type entityFlags uint8

const (
	flagExposed     entityFlags = 1 << iota // Entity.Exposed
	flagOnlyExposed                         // Entity.OnlyExposed
)

func (x *index) flag(e *roster.Entity) {
	var f entityFlags
	if e.Exposed() {
		f |= flagExposed
		x.exposed++
	}
	if e.OnlyExposed() {
		f |= flagOnlyExposed
		x.onlyExposed++
	}
	x.flags = append(x.flags, f)
}

// size is the number of entries.
func (x *index) size() int { return len(x.flags) }

// entity is an entry in full; it does not share memory with the index.
func (x *index) entity(e uint32) roster.Entity { return x.entities[e] }

// facts is an entry with id, type, births, countries, identifiers, topics and
// datasets alone: what evidence and scope ask for.
func (x *index) facts(e uint32) roster.Entity { return x.entities[e] }

// entryID is the source's own id of an entry.
func (x *index) entryID(e uint32) string { return x.entities[e].ID }

// all are the entries in the order of the source.
func (x *index) all() iter.Seq[roster.Entity] {
	return func(yield func(roster.Entity) bool) {
		for e := range x.size() {
			if !yield(x.entity(uint32(e))) {
				return
			}
		}
	}
}

// find is the first entry with an id.
func (x *index) find(id string) (e uint32, ok bool) {
	for i := range x.entities {
		if x.entities[i].ID == id {
			return uint32(i), true
		}
	}
	return 0, false
}

// withNumber are the entries with an identifier of this numberKey, in order.
func (x *index) withNumber(key string) []uint32 { return x.numbers[key] }

// name is a name as the source spells and grades it.
func (x *index) name(n int) roster.Name {
	return x.entities[x.nameEntity[n]].Names[x.nameNumber[n]]
}

func (x *index) nameText(n int) string { return x.name(n).Text }

// weak reports whether the source calls a name weak.
func (x *index) weak(n int) bool { return x.name(n).Quality == roster.QualityWeak }

// vocabulary is the number of words of the list.
func (x *index) vocabulary() int { return len(x.words) }

// token is a word of the list.
func (x *index) token(word uint32) token { return x.words[word] }

func (x *index) kind(word uint32) wordKind { return x.words[word].kind }
