package screen

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"bonafide/roster"
	"bonafide/spelling"
)

// index is one list as it stands in memory. It is never changed after
// buildIndex, and it is asked by way of a dictionary that joins it with the
// other lists.
//
// Every distinct word of the list has one number; names are rows of word
// numbers; postings lead from a word to the names that hold it. All slices lie
// in one image, which may be a file: nothing that outlives a query may share
// their memory.
type index struct {
	list      string
	version   string
	fictional bool
	indexMeta
	image *image

	lexicon           // each distinct word once
	weight   []uint16 // of the words, thousandths
	postings []uint32 // names by word
	postOff  []uint32

	nameWords  []uint32 // words by name
	nameHeads  []nameHead
	nameEntity []uint32
	nameNumber []uint16 // which of the entity's names
	repeats    []uint64 // names in which a word stands twice, a bit for each

	flags    []entityFlags
	records  []byte   // the packed entries
	recordAt []uint32 // where each begins, in units of recordAlign
	terms    terms
	ids      hashed // entries by id
	numbers  hashed // entries by numberKey of their identifiers
}

// nameHead is what a query looks at of every name that it comes across, in one
// place, because among a million names each place costs a visit to the memory.
type nameHead struct {
	words  uint32 // where its words begin; they end where those of the next name do
	weight uint16 // of its words, thousandths
	family uint8  // words before the comma of "LAST, First"; 0 where not known
	weak   bool   // the source calls the name weak
	sounds spelling.Sounds
}

// indexMeta is what is known of a list as a whole.
type indexMeta struct {
	Kinds []string // of the entries' identifiers, sorted
	// Exposed counts the politically exposed persons and those close to them,
	// OnlyExposed those who are listed for nothing else.
	Exposed, OnlyExposed int
	Labels               labels // topics and datasets of the entries
	Unknown              int    // weight of a word the list does not have, thousandths
}

// recordAlign: records begin at multiples of it, so that sixteen gigabytes of
// them have numbers of four bytes. A source has four at most (roster).
const recordAlign = 4

// columns are all slices of the index in the order of its image; meta is
// indexMeta as JSON.
func (x *index) columns(meta *[]byte) []column {
	return []column{
		col(meta), col(&x.words), col(&x.lexicon.text), col(&x.weight), col(&x.postings), col(&x.postOff),
		col(&x.nameWords), col(&x.nameHeads), col(&x.nameEntity), col(&x.nameNumber), col(&x.repeats),
		col(&x.flags), col(&x.records), col(&x.recordAt), col(&x.terms.text), col(&x.terms.end), col((*[]uint64)(&x.ids)), col((*[]uint64)(&x.numbers)),
	}
}

// buildIndex makes the index of a list.
func buildIndex(list, version string, fictional bool, entities []roster.Entity) *index {
	x := &index{list: list, version: version, fictional: fictional}
	x.Kinds, x.Labels = identifierKinds(entities), labelsOf(list, entities)
	names := 0
	for e := range entities {
		names += len(entities[e].Names)
	}
	x.makeRoom(len(entities), names)
	var df []uint32
	byText := map[string]uint32{}
	pack := packer{terms: &x.terms, seen: map[string]uint64{}, out: make([]byte, 0, 100*len(entities))}
	eachPart(entities, func(first int, p *indexPart) {
		df = x.join(byText, df, first, p)
		for e := range p.entities {
			of := &p.entities[e]
			x.flag(of)
			x.ids.add(of.ID, uint32(first+e))
			x.recordAt = append(x.recordAt, uint32(len(pack.out)/recordAlign))
			pack.entity(of)
			for len(pack.out)%recordAlign != 0 {
				pack.out = append(pack.out, 0)
			}
		}
	})
	x.recordAt, x.records = append(x.recordAt, uint32(len(pack.out)/recordAlign)), pack.out
	slices.Sort(x.ids)
	slices.Sort(x.numbers)
	x.numbers = slices.Compact(x.numbers)
	x.weigh(df)
	x.post(df)
	return x.settle()
}

// makeRoom prepares for so many entries and names.
func (x *index) makeRoom(entities, names int) {
	x.flags, x.recordAt, x.ids = make([]entityFlags, 0, entities), make([]uint32, 0, entities+1), make(hashed, 0, entities)
	x.nameWords = make([]uint32, 0, 3*names)
	x.nameHeads = append(make([]nameHead, 0, names+1), nameHead{})
	x.nameEntity, x.nameNumber = make([]uint32, 0, names), make([]uint16, 0, names)
}

// settle moves the index into an image of the size it has.
func (x *index) settle() *index {
	meta, err := json.Marshal(x.indexMeta)
	if err != nil { // strings and numbers only
		panic(fmt.Sprintf("what is known of a list cannot be written: %v", err))
	}
	columns := x.columns(&meta)
	x.image = layOut([32]byte{}, columns)
	if !x.image.lend(columns) {
		panic("an image does not hold what was laid into it")
	}
	return x
}

// familyWords counts the words of the family name where the source marks it
// by a comma.
func familyWords(e *roster.Entity, name string) uint8 {
	family, rest, ok := strings.Cut(name, ",")
	if !ok || e.Type != roster.TypePerson || strings.TrimSpace(rest) == "" || strings.Contains(rest, ",") {
		return 0
	}
	return uint8(len(spelling.Tokenize(family)))
}

func wordKey(t spelling.Token) string {
	if t.Loose {
		return "~" + t.Text
	}
	return t.Text
}

// weigh gives each word its weight: rare words prove more. Lists of less than
// 2,000 names are weighed as if they had so many, so that a small list does
// not make every word common.
func (x *index) weigh(df []uint32) {
	n := math.Max(float64(len(x.nameEntity)), 2000)
	rarity := func(f float64) float64 {
		return min(1, max(minRarity, math.Log((n+1)/(f+0.5))/math.Log(n+1)))
	}
	x.weight = make([]uint16, len(x.words))
	for i := range x.words {
		x.weight[i] = uint16(math.Round(1000 * rarity(float64(df[i])) * kindWeight(x.kind(uint32(i)))))
	}
	x.Unknown = int(math.Round(1000 * rarity(0.5)))
	heard := make([]spelling.Sounds, len(x.words))
	for i := range x.words {
		t := x.token(uint32(i))
		heard[i] = spelling.SoundsOf(&t)
	}
	for n := range x.nameEntity {
		for _, w := range x.row(n) {
			x.nameHeads[n].weight += x.weight[w]
			x.nameHeads[n].sounds |= heard[w]
		}
	}
}

// row is the words of a name.
func (x *index) row(name int) []uint32 {
	return x.nameWords[x.nameHeads[name].words:x.nameHeads[name+1].words]
}

// post turns the rows around, each word of a row once, and notes the names that
// hold a word twice.
func (x *index) post(df []uint32) {
	x.postOff = make([]uint32, len(x.words)+1)
	for i, f := range df {
		x.postOff[i+1] = x.postOff[i] + f
	}
	x.postings = make([]uint32, x.postOff[len(x.words)])
	at := slices.Clone(x.postOff)
	x.repeats = make([]uint64, len(x.nameEntity)/64+1)
	for n := range x.nameEntity {
		row := x.row(n)
		for i, w := range row {
			if slices.Contains(row[:i], w) {
				x.repeats[n>>6] |= 1 << (n & 63)
				continue
			}
			x.postings[at[w]] = uint32(n)
			at[w]++
		}
	}
}

// numberKey makes document numbers comparable: letters and digits only, upper
// case, digits of other scripts as Latin ones, and ships without the IMO that
// lists and people write before their number or leave out; shorter than 5 proves
// nothing.
func numberKey(s string) string {
	var b strings.Builder
	for _, r := range strings.ToUpper(s) {
		if r >= utf8.RuneSelf {
			r = latinDigit(r)
		}
		if (r >= '0' && r <= '9') || (r >= 'A' && r <= 'Z') {
			b.WriteRune(r)
		}
	}
	if b.Len() < 5 || b.Len() > 150 {
		return ""
	}
	key := b.String()
	if ship := len(key) - imoDigits; ship >= 3 && key[:3] == "IMO" && (ship == 3 || slices.Contains([]string{"NO", "NR", "NUMBER"}, key[3:ship])) &&
		strings.Trim(key[ship:], "0123456789") == "" {
		return key[ship:]
	}
	return key
}

// imoDigits is the length of a number of the International Maritime Organization.
const imoDigits = 7

// latinDigit is the Latin digit or letter that a character of another script or
// width stands for, and the character itself where there is none.
func latinDigit(r rune) rune {
	if r >= '！' && r <= '～' { // full width
		return r - '！' + '!'
	}
	if !unicode.IsDigit(r) {
		return r
	}
	for _, of := range unicode.Nd.R16 { // whole sets of ten
		if r >= rune(of.Lo) && r <= rune(of.Hi) {
			return '0' + (r-rune(of.Lo))%10
		}
	}
	return r
}
