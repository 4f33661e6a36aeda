package screen

import (
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
// numbers; postings lead from a word to the names that hold it.
type index struct {
	list      string
	version   string
	fictional bool

	entities []roster.Entity // names and addresses included, for the answer
	flags    []entityFlags
	kinds    []string // of the entries' identifiers, sorted
	// exposed counts the politically exposed persons and those close to them,
	// onlyExposed those who are listed for nothing else.
	exposed, onlyExposed int
	labels               labels // topics and datasets of the entries

	words    []token  // each distinct word once: text, fold, kind, loose
	weight   []uint16 // thousandths
	postings []uint32 // names by word
	postOff  []uint32

	nameWords  []uint32 // words by name
	nameOff    []uint32
	nameEntity []uint32
	nameNumber []uint16 // which of the entity's names
	nameFamily []uint8  // words before the comma of "LAST, First"; 0 where not known
	nameWeight []uint32 // thousandths

	unknown int // weight of a word the list does not have, thousandths
	numbers map[string][]uint32
}

// buildIndex makes the index of a list.
func buildIndex(list, version string, fictional bool, entities []roster.Entity) *index {
	x := &index{list: list, version: version, fictional: fictional, entities: entities, kinds: identifierKinds(entities), labels: labelsOf(list, entities), numbers: map[string][]uint32{}, nameOff: []uint32{0}}
	var df []uint32
	byText := map[string]uint32{}
	for e := range entities {
		x.flag(&entities[e])
		for n, name := range entities[e].Names {
			tokens := tokenize(name.Text)
			if len(tokens) == 0 || n > math.MaxUint16 {
				continue
			}
			from := len(x.nameWords)
			for _, t := range tokens {
				id := x.word(byText, t)
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
		}
		for _, id := range entities[e].Identifiers {
			if key := numberKey(id.Value); key != "" && !slices.Contains(x.numbers[key], uint32(e)) {
				x.numbers[key] = append(x.numbers[key], uint32(e))
			}
		}
	}
	x.words = slices.Clip(x.words)
	x.weigh(df)
	x.post(df)
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
func (x *index) word(byText map[string]uint32, t token) uint32 {
	key := wordKey(t)
	if id, ok := byText[key]; ok {
		return id
	}
	id := uint32(len(x.words))
	key = strings.Clone(key)
	w := token{text: strings.TrimPrefix(key, "~"), fold: t.fold, kind: t.kind, loose: t.loose, mask: t.mask}
	if w.fold == w.text {
		w.fold = w.text
	}
	byText[key] = id
	x.words = append(x.words, w)
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
		x.weight[i] = uint16(math.Round(1000 * rarity(float64(df[i])) * kindWeight(x.words[i].kind)))
	}
	x.unknown = int(math.Round(1000 * rarity(0.5)))
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
	if b.Len() < 5 || b.Len() > 100 {
		return ""
	}
	return b.String()
}
