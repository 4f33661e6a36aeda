package screen

import (
	"iter"
	"slices"

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
		x.Exposed++
	}
	if e.OnlyExposed() {
		f |= flagOnlyExposed
		x.OnlyExposed++
	}
	x.flags = append(x.flags, f)
}

// size is the number of entries.
func (x *index) size() int { return len(x.flags) }

func (x *index) unpack(e uint32) unpacker {
	return unpack(&x.terms, x.records[int(x.recordAt[e])*recordAlign:int(x.recordAt[e+1])*recordAlign])
}

// glance reads an entry where it lies: its strings must not be kept.
func (x *index) glance(e uint32) unpacker {
	from, to := int(x.recordAt[e])*recordAlign, int(x.recordAt[e+1])*recordAlign
	return unpacker{&x.terms, borrow(x.records[from:to]), true}
}

// entity is an entry in full, in memory of its own.
func (x *index) entity(e uint32) roster.Entity {
	u := x.unpack(e)
	return u.entity()
}

// shown is what an answer shows of an entry, and its name with a number.
func (x *index) shown(e uint32, number int, keep func(string) string) (roster.Entity, roster.Name) {
	u := x.glance(e)
	return u.shown(number, keep)
}

// facts is an entry with id, type, gender, births, countries, identifiers, topics
// and datasets alone: what evidence and scope ask for.
func (x *index) facts(e uint32) roster.Entity {
	u := x.unpack(e)
	return u.facts()
}

// entryID is the source's own id of an entry, in the index's memory.
func (x *index) entryID(e uint32) string {
	u := x.glance(e)
	return u.text()
}

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

// withID are the entries with an id: one, unless the source uses it twice.
func (x *index) withID(id string) (entries []uint32) {
	for _, h := range x.ids.find(id) {
		if e := uint32(h); x.entryID(e) == id {
			entries = append(entries, e)
		}
	}
	return entries
}

// find is the first entry with an id.
func (x *index) find(id string) (e uint32, ok bool) {
	if all := x.withID(id); len(all) > 0 {
		return all[0], true
	}
	return 0, false
}

// withNumber are the entries with an identifier of this numberKey, in order.
func (x *index) withNumber(key string) (entries []uint32) {
	for _, h := range x.numbers.find(key) {
		e := x.facts(uint32(h))
		if slices.ContainsFunc(e.Identifiers, func(id roster.Identifier) bool { return numberKey(id.Value) == key }) {
			entries = append(entries, uint32(h))
		}
	}
	return entries
}

// name is a name as the source spells and grades it.
func (x *index) name(n int) roster.Name {
	u := x.unpack(x.nameEntity[n])
	u.facts()
	u.number()
	for range x.nameNumber[n] {
		u.name()
	}
	return u.name()
}

func (x *index) nameText(n int) string { return x.name(n).Text }

// weak reports whether the source calls a name weak.
func (x *index) weak(n int) bool { return x.nameHeads[n].weak }
