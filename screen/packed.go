package screen

import (
	"encoding/binary"
	"slices"
	"strings"

	"bonafide/kyc"
	"bonafide/roster"
)

// Entries lie in memory as packed records, some eighty bytes each in place of
// four hundred. What many entries share (countries, topics, kinds of number)
// stands once, as a term. A record begins with the facts that a query may
// judge by; names and what only an answer shows follow.

// terms are strings that many entries share, by number; 0 is the empty one.
type terms struct {
	text []byte
	end  []uint32 // of term i+1 in text
}

// get is a term, in the memory of the terms.
func (t *terms) get(n uint64) string {
	if n == 0 {
		return ""
	}
	from := uint32(0)
	if n > 1 {
		from = t.end[n-2]
	}
	return borrow(t.text[from:t.end[n-1]])
}

// packer writes records.
type packer struct {
	terms *terms
	seen  map[string]uint64
	out   []byte
}

func (p *packer) number(n int)   { p.out = binary.AppendUvarint(p.out, uint64(n)) }
func (p *packer) signed(n int32) { p.out = binary.AppendVarint(p.out, int64(n)) }
func (p *packer) text(s string)  { p.number(len(s)); p.out = append(p.out, s...) }
func (p *packer) texts(s []string) {
	p.number(len(s))
	for _, one := range s {
		p.text(one)
	}
}

func (p *packer) term(s string) {
	n, ok := p.seen[s]
	if !ok && s != "" {
		p.terms.text = append(p.terms.text, s...)
		p.terms.end = append(p.terms.end, uint32(len(p.terms.text)))
		n = uint64(len(p.terms.end))
		p.seen[s] = n
	}
	p.out = binary.AppendUvarint(p.out, n)
}

func (p *packer) termList(s []string) {
	p.number(len(s))
	for _, one := range s {
		p.term(one)
	}
}

// entity appends a record. Whoever adds a field to roster.Entity adds it here
// and to unpack; TestPackedEntity fails until then.
func (p *packer) entity(e *roster.Entity) {
	p.text(e.ID)
	p.term(string(e.Type))
	p.term(e.Gender)
	p.number(len(e.Births))
	for _, b := range e.Births {
		p.signed(b.From)
		p.signed(b.To - b.From)
		p.number(bit(b.Circa))
	}
	p.termList(e.Countries)
	p.termList(e.Topics)
	p.termList(e.Datasets)
	p.number(len(e.Identifiers))
	for i := range e.Identifiers {
		id := &e.Identifiers[i]
		p.term(id.Kind)
		p.text(id.Value)
		p.term(id.Country)
	}
	p.number(len(e.Names))
	for i := range e.Names {
		p.term(string(e.Names[i].Quality))
		p.text(e.Names[i].Text)
	}
	p.termList(e.Programs)
	p.texts(e.Addresses)
	p.number(len(e.Positions))
	for i := range e.Positions {
		at := &e.Positions[i]
		for _, s := range []string{at.Title, at.Country, at.Level, at.Office, at.Since, at.Until, at.Status} {
			p.term(s)
		}
	}
	p.number(len(e.Ties))
	for i := range e.Ties {
		p.term(e.Ties[i].Kind)
		p.text(e.Ties[i].ID)
		p.term(e.Ties[i].Role)
	}
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// unpacker reads a record. Its strings are parts of one copy of the record.
type unpacker struct {
	terms   *terms
	rest    string
	glances bool // terms are not copied either
}

func unpack(t *terms, record []byte) unpacker { return unpacker{t, string(record), false} }

func (u *unpacker) uvarint() uint64 {
	n, shift := uint64(0), 0
	for i := 0; i < len(u.rest); i++ {
		c := u.rest[i]
		n |= uint64(c&0x7f) << shift
		if c < 0x80 {
			u.rest = u.rest[i+1:]
			return n
		}
		shift += 7
	}
	panic("a packed entry ends in the middle") // records are checked by the sum over their image
}

func (u *unpacker) number() int { return int(u.uvarint()) }

func (u *unpacker) signed() int32 {
	n := u.uvarint()
	return int32(int64(n>>1) ^ -int64(n&1))
}

func (u *unpacker) text() string {
	n := u.number()
	s := u.rest[:n]
	u.rest = u.rest[n:]
	return s
}

func (u *unpacker) texts() []string { return each(u, (*unpacker).text) }

func (u *unpacker) term() string {
	t := u.terms.get(u.uvarint())
	if u.glances {
		return t
	}
	return strings.Clone(t)
}

func (u *unpacker) termList() []string { return each(u, (*unpacker).term) }

// each reads a number and so many elements; none are nil.
func each[T any](u *unpacker, one func(*unpacker) T) []T {
	n := u.number()
	if n == 0 {
		return nil
	}
	out := make([]T, n)
	for i := range out {
		out[i] = one(u)
	}
	return out
}

func (u *unpacker) birth() roster.Span {
	b := roster.Span{From: u.signed()}
	b.To = b.From + u.signed()
	b.Circa = u.number() == 1
	return b
}

func (u *unpacker) identifier() roster.Identifier {
	return roster.Identifier{Kind: u.term(), Value: u.text(), Country: u.term()}
}

func (u *unpacker) name() roster.Name {
	q := roster.Quality(u.term())
	return roster.Name{Text: u.text(), Quality: q}
}

func (u *unpacker) position() kyc.Position {
	return kyc.Position{Title: u.term(), Country: u.term(), Level: u.term(), Office: u.term(), Since: u.term(), Until: u.term(), Status: u.term()}
}

func (u *unpacker) tie() roster.Tie {
	return roster.Tie{Kind: u.term(), ID: u.text(), Role: u.term()}
}

// facts reads the beginning of a record, up to the names.
func (u *unpacker) facts() roster.Entity {
	return roster.Entity{
		ID: u.text(), Type: roster.EntityType(u.term()), Gender: u.term(), Births: each(u, (*unpacker).birth),
		Countries: u.termList(), Topics: u.termList(), Datasets: u.termList(), Identifiers: each(u, (*unpacker).identifier),
	}
}

// entity reads all of it.
func (u *unpacker) entity() roster.Entity {
	e := u.facts()
	e.Names = each(u, (*unpacker).name)
	e.Programs = u.termList()
	e.Addresses = u.texts()
	e.Positions = each(u, (*unpacker).position)
	e.Ties = each(u, (*unpacker).tie)
	return e
}

// shown reads what an answer shows: of the names the first and, if it is another,
// the one with a number, nothing of identifiers, datasets, addresses and ties. Its
// strings lie where keep puts them.
func (u *unpacker) shown(number int, keep func(string) string) (e roster.Entity, matched roster.Name) {
	kept := func(u *unpacker) string { return keep(u.term()) }
	e.ID, e.Type, e.Gender = keep(u.text()), roster.EntityType(kept(u)), kept(u)
	e.Births, e.Countries, e.Topics = each(u, (*unpacker).birth), each(u, kept), each(u, kept)
	for range u.number() {
		u.uvarint() // a dataset
	}
	for range u.number() {
		u.identifier()
	}
	for i := range u.number() {
		name := u.name()
		if i > 0 && i != number {
			continue
		}
		name = roster.Name{Text: keep(name.Text), Quality: roster.Quality(keep(string(name.Quality)))}
		if i == 0 {
			e.Names = []roster.Name{name}
		}
		if i == number {
			matched = name
		}
	}
	e.Programs = each(u, kept)
	for range u.number() {
		u.text() // an address
	}
	e.Positions = each(u, func(u *unpacker) kyc.Position {
		return kyc.Position{Title: kept(u), Country: kept(u), Level: kept(u), Office: kept(u), Since: kept(u), Until: kept(u), Status: kept(u)}
	})
	return e, matched
}

// hashed leads from the hash of a text to the entries that may have it: the
// hash in the upper half of each number and the entry in the lower, sorted.
type hashed []uint64

func (h *hashed) add(text string, entry uint32) {
	*h = append(*h, uint64(hashWord(text))<<32|uint64(entry))
}

// find are the entries with the hash of a text, in their order. Others may
// have the same hash: who asks compares.
func (h hashed) find(text string) []uint64 {
	hash := uint64(hashWord(text)) << 32
	from, _ := slices.BinarySearch(h, hash)
	to := from
	for to < len(h) && h[to]>>32 == hash>>32 {
		to++
	}
	return h[from:to]
}
