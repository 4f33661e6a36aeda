package screen

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"sync"
)

// index is one list ready to be asked. It is never changed after buildIndex.
//
// Every distinct word of the list stands once in the dictionary; names are
// rows of word numbers; postings lead from a word to the names that hold it.
// The look-up keys find the dictionary words that a query word may stand for.
type index struct {
	list      string
	version   string
	fictional bool

	entities []Entity // names and addresses included, for the answer
	kinds    []string // of the entries' identifiers, sorted

	words    []token           // dictionary: text, fold, kind, loose
	weight   []uint16          // thousandths
	byText   map[string]uint32 // text → word (loose words under "~"+text)
	shapes   []shape           // the dictionary in the order of spelling
	spelt    []uint32          // place in shapes → word
	place    []uint32          // word → place in shapes
	letters  []uint8           // letter codes of the shapes
	deletes  keyTable          // fold with one letter left out → place
	medium   keyTable          // consonant key → place
	coarse   keyTable          // coarse consonant key → place, also with one left out
	postings []uint32          // names by word
	postOff  []uint32

	nameWords  []uint32 // words by name
	nameOff    []uint32
	nameEntity []uint32
	nameNumber []uint16 // which of the entity's names
	nameFamily []uint8  // words before the comma of "LAST, First"; 0 where not known
	nameWeight []uint32 // thousandths

	unknown int // weight of a word the list does not have, thousandths
	numbers map[string][]uint32

	scratch sync.Pool
}

// buildIndex makes the index of a list.
func buildIndex(list, version string, fictional bool, entities []Entity) *index {
	x := &index{list: list, version: version, fictional: fictional, entities: entities, kinds: identifierKinds(entities), byText: map[string]uint32{}, numbers: map[string][]uint32{}, nameOff: []uint32{0}}
	var df []uint32
	for e := range entities {
		for n, name := range entities[e].Names {
			tokens := tokenize(name.Text)
			if len(tokens) == 0 || n > math.MaxUint16 {
				continue
			}
			from := len(x.nameWords)
			for _, t := range tokens {
				id := x.word(t)
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
	x.weigh(df)
	x.post(df)
	x.arrange()
	x.keys()
	size := len(x.nameEntity)
	x.scratch.New = func() any {
		blocks := len(x.words)/64 + 1
		return &scratch{names: make([]nameSum, size), marks: make([]uint64, blocks), rowMarks: make([]uint64, blocks), slot: make([]uint16, len(x.words))}
	}
	return x
}

// familyWords counts the words of the family name where the source marks it
// by a comma.
func familyWords(e *Entity, name string) uint8 {
	family, rest, ok := strings.Cut(name, ",")
	if !ok || e.Type != TypePerson || strings.TrimSpace(rest) == "" || strings.Contains(rest, ",") {
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

// word finds or adds a dictionary word.
func (x *index) word(t token) uint32 {
	key := wordKey(t)
	if id, ok := x.byText[key]; ok {
		return id
	}
	id := uint32(len(x.words))
	key = strings.Clone(key)
	w := token{text: strings.TrimPrefix(key, "~"), fold: t.fold, kind: t.kind, loose: t.loose, mask: t.mask}
	if w.fold == w.text {
		w.fold = w.text
	}
	x.byText[key] = id
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

func (x *index) keys() {
	for i := range x.words {
		w, id := &x.words[i], x.place[i]
		if w.kind == kindInitial || w.kind == kindNumber || w.kind == kindLegal || len(w.text) > maxWordBytes {
			continue
		}
		x.deletes.add(hashWord(w.fold), id)
		if len(w.fold) >= 4 {
			eachDeletion(w.fold, func(s []byte) { x.deletes.add(hashBytes(s), id) })
		}
		if key := skeleton(w.fold, false); key != "" {
			x.medium.add(hashWord(key), id)
			if len(key) >= 4 {
				eachDeletion(key, func(s []byte) { x.medium.add(hashBytes(s), id) })
			}
		}
		if key := skeleton(w.fold, true); key != "" {
			x.coarse.add(hashWord(key), id)
			if len(key) >= 3 {
				eachDeletion(key, func(s []byte) { x.coarse.add(hashBytes(s), id) })
			}
		}
	}
	x.deletes.freeze()
	x.medium.freeze()
	x.coarse.freeze()
}

// eachDeletion calls f for the word with each one letter left out.
func eachDeletion(s string, f func([]byte)) {
	var buf [maxWordBytes]byte
	for i := 0; i < len(s); i++ {
		if i > 0 && s[i] == s[i-1] {
			continue
		}
		n := copy(buf[:], s[:i])
		n += copy(buf[n:], s[i+1:])
		f(buf[:n])
	}
}

// keyTable leads from a hashed key to the places of the words that have it. Hash collisions
// only cost a comparison, because every found word is measured afterwards.
type keyTable struct {
	pairs   []keyPair
	buckets []uint32 // start of each leading-bits bucket
	shift   uint
}

type keyPair struct{ hash, place uint32 }

func (t *keyTable) add(hash, place uint32) { t.pairs = append(t.pairs, keyPair{hash, place}) }

func (t *keyTable) freeze() {
	slices.SortFunc(t.pairs, func(a, b keyPair) int {
		return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.place, b.place))
	})
	t.pairs = slices.Clip(slices.Compact(t.pairs))
	bits := uint(1)
	for 1<<bits < len(t.pairs)/2 && bits < 24 {
		bits++
	}
	t.shift = 32 - bits
	t.buckets = make([]uint32, 1<<bits+1)
	k := 0
	for b := range t.buckets {
		for k < len(t.pairs) && int(t.pairs[k].hash>>t.shift) < b {
			k++
		}
		t.buckets[b] = uint32(k)
	}
}

func (t *keyTable) find(hash uint32) []keyPair {
	if len(t.pairs) == 0 {
		return nil
	}
	b := hash >> t.shift
	from, to := t.buckets[b], t.buckets[b+1]
	for from < to && t.pairs[from].hash < hash {
		from++
	}
	end := from
	for end < to && t.pairs[end].hash == hash {
		end++
	}
	return t.pairs[from:end]
}

// hashWord is FNV-1a with a final mix, so that the leading bits are spread.
func hashWord(s string) uint32 {
	h := uint32(2166136261)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return mix(h)
}

func hashBytes(s []byte) uint32 {
	h := uint32(2166136261)
	for _, c := range s {
		h = (h ^ uint32(c)) * 16777619
	}
	return mix(h)
}

func mix(h uint32) uint32 {
	h ^= h >> 16
	h *= 0x85ebca6b
	h ^= h >> 13
	h *= 0xc2b2ae35
	return h ^ h>>16
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
