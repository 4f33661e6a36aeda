package screen

import (
	"cmp"
	"maps"
	"slices"
	"sync"
)

// dictionary holds the words of all lists in force, each once: lists repeat
// each other's names, so that a query word is measured once for all of them.
// It is never changed after buildDictionary; when a list changes, a new one
// takes its place.
//
// Words stand in the order of their folded spelling, so that neighbours begin
// alike. The keys lead from a query word to the words it may stand for.
type dictionary struct {
	words   []token
	shapes  []shape
	parts   []part
	letters []uint8           // letter codes of the shapes
	byText  map[string]uint32 // wordKey → the first of the words with it
	deletes keyTable          // fold, also with one letter left out
	medium  keyTable          // consonant key, also with one left out
	coarse  keyTable          // coarse consonant key, also with one left out

	members map[string]*member // by list id

	scratch sync.Pool
}

// member is one list with its place in a dictionary. Weights, postings and
// names are the list's own, and so are its scores.
type member struct {
	*index
	local []uint32 // dictionary word → word of the list + 1; 0: the list has not got it
	entry []uint32 // word of the list → dictionary word
	has   []uint64 // the words that are not 0 in local
}

// spelling is what makes two words one in the dictionary. The same text may be
// a legal form on one list and begin a name on the other.
type spelling struct {
	text  string
	loose bool
	kind  wordKind
}

// buildDictionary joins lists, by list id.
func buildDictionary(lists map[string]*index) *dictionary {
	d := &dictionary{members: make(map[string]*member, len(lists))}
	seen := map[spelling]uint32{}
	var all []token
	names := 0
	for _, id := range slices.Sorted(maps.Keys(lists)) {
		x := lists[id]
		m := &member{index: x, entry: make([]uint32, len(x.words))}
		for i := range x.words {
			w := &x.words[i]
			key := spelling{w.text, w.loose, w.kind}
			at, ok := seen[key]
			if !ok {
				at = uint32(len(all))
				seen[key] = at
				all = append(all, *w)
			}
			m.entry[i] = at
		}
		names = max(names, len(x.nameEntity))
		d.members[id] = m
	}
	place := d.arrange(all)
	blocks := len(all)/64 + 1
	for _, m := range d.members {
		m.local, m.has = make([]uint32, len(all)), make([]uint64, blocks)
		for i, at := range m.entry {
			w := place[at]
			m.entry[i] = w
			m.local[w] = uint32(i) + 1
			m.has[w>>6] |= 1 << (w & 63)
		}
	}
	d.keys()
	d.scratch.New = func() any {
		return &scratch{names: make([]nameSum, names), within: make([]uint64, blocks), marks: make([]uint64, blocks), rowMarks: make([]uint64, blocks), slot: make([]uint32, len(all)), runs: map[runKey]run{}}
	}
	return d
}

// arrange puts the words into the order of spelling and answers where each of
// them went.
func (d *dictionary) arrange(all []token) (place []uint32) {
	order := make([]uint32, len(all))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(i, j uint32) int {
		a, b := &all[i], &all[j]
		return cmp.Or(cmp.Compare(a.fold, b.fold), cmp.Compare(a.text, b.text), compareBools(a.loose, b.loose), cmp.Compare(a.kind, b.kind))
	})
	place = make([]uint32, len(all))
	d.words = make([]token, len(all))
	d.shapes = make([]shape, len(all))
	d.parts = make([]part, len(all))
	d.byText = make(map[string]uint32, len(all))
	for i, from := range order {
		w := all[from]
		place[from], d.words[i] = uint32(i), w
		if i == 0 || !d.sameText(uint32(i-1), uint32(i)) {
			d.byText[wordKey(w)] = uint32(i)
		}
		s := shape{at: uint32(len(d.letters)), mask: w.mask, loose: w.loose, pet: len(nicknames[w.text]) > 0}
		if w.editable() {
			s.size = uint8(len(w.fold))
			s.hard, s.full = consonantCounts(w.fold)
			for k := range len(w.fold) {
				d.letters = append(d.letters, letterCode(w.fold[k]))
			}
		}
		d.shapes[i], d.parts[i] = s, partOf(&w)
	}
	d.letters = slices.Clip(d.letters)
	return place
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// vocabulary is the number of words.
func (d *dictionary) vocabulary() int { return len(d.words) }

// token is a word of the dictionary.
func (d *dictionary) token(word uint32) token { return d.words[word] }

func (d *dictionary) text(word uint32) string { return d.words[word].text }

func (d *dictionary) kind(word uint32) wordKind { return d.words[word].kind }

// sameText reports whether two words differ in nothing but their kind.
func (d *dictionary) sameText(a, b uint32) bool {
	return d.words[a].text == d.words[b].text && d.words[a].loose == d.words[b].loose
}

// withKey are the words of a wordKey: from first to before end.
func (d *dictionary) withKey(key string) (first, end uint32) {
	first, ok := d.byText[key]
	if !ok {
		return 0, 0
	}
	end = first + 1
	for int(end) < len(d.words) && d.sameText(first, end) {
		end++
	}
	return first, end
}

// word is the list's own word among equal ones of the dictionary; it has at
// most one.
func (m *member) word(first, end uint32) (uint32, bool) {
	for w := first; w < end; w++ {
		if id := m.local[w]; id != 0 {
			return id - 1, true
		}
	}
	return 0, false
}

func (d *dictionary) keys() {
	for i := range d.words {
		w, id := &d.words[i], uint32(i)
		if w.kind == kindInitial || w.kind == kindNumber || w.kind == kindLegal || len(w.text) > maxWordBytes {
			continue
		}
		d.deletes.add(hashWord(w.fold), id)
		if len(w.fold) >= 4 {
			eachDeletion(w.fold, func(s []byte) { d.deletes.add(hashBytes(s), id) })
		}
		if key := skeleton(w.fold, false); key != "" {
			d.medium.add(hashWord(key), id)
			if len(key) >= 4 {
				eachDeletion(key, func(s []byte) { d.medium.add(hashBytes(s), id) })
			}
		}
		if key := skeleton(w.fold, true); key != "" {
			d.coarse.add(hashWord(key), id)
			if len(key) >= 3 {
				eachDeletion(key, func(s []byte) { d.coarse.add(hashBytes(s), id) })
			}
		}
	}
	d.deletes.freeze()
	d.medium.freeze()
	d.coarse.freeze()
}
