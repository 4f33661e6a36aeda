package screen

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"bonafide/roster"
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
	nameOff    []uint32
	nameEntity []uint32
	nameNumber []uint16 // which of the entity's names
	nameFamily []uint8  // words before the comma of "LAST, First"; 0 where not known
	nameWeak   []bool   // the source calls the name weak
	nameWeight []uint32 // thousandths

	flags    []entityFlags
	records  []byte   // the packed entries
	recordAt []uint32 // where each begins, in units of recordAlign
	terms    terms
	ids      hashed // entries by id
	numbers  hashed // entries by numberKey of their identifiers
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
		col(&x.nameWords), col(&x.nameOff), col(&x.nameEntity), col(&x.nameNumber), col(&x.nameFamily), col(&x.nameWeak), col(&x.nameWeight),
		col(&x.flags), col(&x.records), col(&x.recordAt), col(&x.terms.text), col(&x.terms.end), col((*[]uint64)(&x.ids)), col((*[]uint64)(&x.numbers)),
	}
}

// buildIndex makes the index of a list.
func buildIndex(list, version string, fictional bool, entities []roster.Entity) *index {
	x := &index{list: list, version: version, fictional: fictional, nameOff: []uint32{0}}
	x.Kinds, x.Labels = identifierKinds(entities), labelsOf(list, entities)
	var df []uint32
	byText := map[string]uint32{}
	pack := packer{terms: &x.terms, seen: map[string]uint64{}}
	for e := range entities {
		x.flag(&entities[e])
		x.ids.add(entities[e].ID, uint32(e))
		x.recordAt = append(x.recordAt, uint32(len(pack.out)/recordAlign))
		pack.entity(&entities[e])
		for len(pack.out)%recordAlign != 0 {
			pack.out = append(pack.out, 0)
		}
		for n, name := range entities[e].Names {
			tokens := words(name.Text, 0)
			if len(tokens) == 0 || n > math.MaxUint16 {
				continue
			}
			from := len(x.nameWords)
			for i := range tokens {
				id := x.word(byText, &tokens[i])
				if int(id) == len(df) {
					df = append(df, 0)
				}
				if !slices.Contains(x.nameWords[from:], id) {
					df[id]++
				}
				x.nameWords = append(x.nameWords, id)
			}
			x.nameOff = append(x.nameOff, uint32(len(x.nameWords)))
			x.nameEntity = append(x.nameEntity, uint32(e))
			x.nameNumber = append(x.nameNumber, uint16(n))
			x.nameFamily = append(x.nameFamily, familyWords(&entities[e], name.Text))
			x.nameWeak = append(x.nameWeak, name.Quality == roster.QualityWeak)
		}
		for _, id := range entities[e].Identifiers {
			if key := numberKey(id.Value); key != "" {
				x.numbers.add(key, uint32(e))
			}
		}
	}
	x.recordAt, x.records = append(x.recordAt, uint32(len(pack.out)/recordAlign)), pack.out
	slices.Sort(x.ids)
	slices.Sort(x.numbers)
	x.numbers = slices.Compact(x.numbers)
	x.weigh(df)
	x.post(df)
	return x.settle()
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
	return uint8(len(tokenize(family)))
}

func wordKey(t token) string {
	if t.loose {
		return "~" + t.text
	}
	return t.text
}

// word finds or adds a word of the list.
func (x *index) word(byText map[string]uint32, t *token) uint32 {
	key := wordKey(*t)
	if id, ok := byText[key]; ok {
		return id
	}
	id := uint32(x.vocabulary())
	byText[strings.Clone(key)] = id
	t.sound()
	x.lexicon.add(t)
	return id
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
	x.nameWeight = make([]uint32, len(x.nameEntity))
	for n := range x.nameEntity {
		for _, w := range x.row(n) {
			x.nameWeight[n] += uint32(x.weight[w])
		}
	}
}

// row is the words of a name.
func (x *index) row(name int) []uint32 { return x.nameWords[x.nameOff[name]:x.nameOff[name+1]] }

// post turns the rows around.
func (x *index) post(df []uint32) {
	x.postOff = make([]uint32, len(x.words)+1)
	for i, f := range df {
		x.postOff[i+1] = x.postOff[i] + f
	}
	x.postings = make([]uint32, x.postOff[len(x.words)])
	at := slices.Clone(x.postOff)
	for n := range x.nameEntity {
		row := x.row(n)
		for i, w := range row {
			if !slices.Contains(row[:i], w) {
				x.postings[at[w]] = uint32(n)
				at[w]++
			}
		}
	}
}

// numberKey makes document numbers comparable: letters and digits only, upper
// case; shorter than 5 proves nothing.
func numberKey(s string) string {
	var b strings.Builder
	for _, r := range strings.ToUpper(s) {
		if (r >= '0' && r <= '9') || (r >= 'A' && r <= 'Z') {
			b.WriteRune(r)
		}
	}
	if b.Len() < 5 || b.Len() > 150 {
		return ""
	}
	return b.String()
}
