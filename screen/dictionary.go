package screen

import (
	"cmp"
	"encoding/binary"
	"maps"
	"slices"
	"strings"
	"sync"

	"bonafide/spelling"
)

// dictionary holds the words of all lists in force, each once: lists repeat
// each other's names, so that a query word is measured once for all of them.
// It is never changed after buildDictionary; when a list changes, a new one
// takes its place. Like those of an index, its slices lie in one image.
//
// Words stand in the order of their folded spelling, so that neighbours begin
// alike. The keys lead from a query word to the words it may stand for.
type dictionary struct {
	image *image
	lexicon
	shapes  []shape
	letters []uint8   // letter codes of the shapes
	texts   textTable // text → the first of the words with it
	deletes keyTable  // fold, also with one letter left out
	medium  keyTable  // consonant key, also with one left out
	coarse  keyTable  // coarse consonant key, also with one left out

	members map[string]*member // by list id

	scratch sync.Pool
	memory  *memory
}

// member is one list with its place in a dictionary. Weights, postings and
// names are the list's own, and so are its scores.
type member struct {
	*index
	id    string
	local []uint32     // dictionary word → word of the list + 1; 0: the list has not got it
	entry []listedWord // by word of the list
	has   []uint64     // the words that are not 0 in local
}

// newDictionary is one that knows its lists and no word yet.
func newDictionary(lists map[string]*index) *dictionary {
	d := &dictionary{members: make(map[string]*member, len(lists))}
	for id, x := range lists {
		d.members[id] = &member{index: x, id: id}
	}
	return d
}

// sorted are the lists by their ids.
func (d *dictionary) sorted() []*member {
	var out []*member
	for _, id := range slices.Sorted(maps.Keys(d.members)) {
		out = append(out, d.members[id])
	}
	return out
}

// columns are all slices of the dictionary in the order of its image.
func (d *dictionary) columns() []column {
	out := []column{col(&d.words), col(&d.text), col(&d.shapes), col(&d.letters), col((*[]uint32)(&d.texts))}
	for _, t := range []*keyTable{&d.deletes, &d.medium, &d.coarse} {
		out = append(out, col(&t.pairs), col(&t.buckets))
	}
	for _, m := range d.sorted() {
		out = append(out, col(&m.local), col(&m.entry), col(&m.has))
	}
	return out
}

// buildDictionary joins lists, by list id.
func buildDictionary(lists map[string]*index) *dictionary {
	d := newDictionary(lists)
	d.arrange(d.sorted())
	for _, m := range d.members {
		m.local, m.has = make([]uint32, d.vocabulary()), make([]uint64, d.blocks())
		for i, w := range m.entry {
			m.local[w.word] = uint32(i) + 1
			m.has[w.word>>6] |= 1 << (w.word & 63)
		}
	}
	d.keys()
	columns := d.columns()
	d.image = layOut([32]byte{}, columns)
	if !d.image.lend(columns) {
		panic("an image does not hold what was laid into it")
	}
	return d.ready()
}

// blocks is how many numbers of 64 bits have one for each word.
func (d *dictionary) blocks() int { return d.vocabulary()/64 + 1 }

// ready prepares the working memory of queries.
func (d *dictionary) ready() *dictionary {
	words := d.vocabulary()
	d.memory = newMemory()
	d.scratch.New = func() any {
		return &scratch{marks: newMarks(words), slot: make([]uint32, words), runs: map[runKey]run{}}
	}
	return d
}

// spot is a word of one of the lists on its way into the dictionary.
type spot struct {
	first uint64 // the first letters of the fold, in the order of strings
	list  uint32
	word  uint32
}

// arrange puts the words of the lists into the order of spelling, each once.
// The same text may be a legal form on one list and begin a name on the other:
// then it is two words.
func (d *dictionary) arrange(sorted []*member) {
	var all []spot
	for k, m := range sorted {
		m.entry = make([]listedWord, m.vocabulary())
		for w := range m.entry {
			var head [8]byte
			copy(head[:], m.token(uint32(w)).Fold)
			all = append(all, spot{binary.BigEndian.Uint64(head[:]), uint32(k), uint32(w)})
		}
	}
	compare := func(a, b *spelling.Token) int {
		return cmp.Or(strings.Compare(a.Fold, b.Fold), strings.Compare(a.Text, b.Text), compareBools(a.Loose, b.Loose), cmp.Compare(a.Kind, b.Kind))
	}
	slices.SortFunc(all, func(a, b spot) int {
		if a.first != b.first {
			return cmp.Compare(a.first, b.first)
		}
		x, y := sorted[a.list].token(a.word), sorted[b.list].token(b.word)
		return cmp.Or(compare(&x, &y), cmp.Compare(a.list, b.list))
	})
	var last spelling.Token
	for i, at := range all {
		m := sorted[at.list]
		w := m.token(at.word)
		if i == 0 || compare(&w, &last) != 0 {
			d.admit(&w)
		}
		last, m.entry[at.word] = w, listedWord{word: uint32(d.vocabulary() - 1), weight: m.weight[at.word], kind: w.Kind}
	}
	d.texts = newTextTable(&d.lexicon)
}

// admit appends a word.
func (d *dictionary) admit(w *spelling.Token) {
	d.lexicon.add(w)
	d.shapes = append(d.shapes, shapeOf(w, len(d.letters)))
	if w.Editable() {
		for k := range len(w.Fold) {
			d.letters = append(d.letters, spelling.LetterCode(w.Fold[k]))
		}
	}
}

func compareBools(a, b bool) int { return bit(a) - bit(b) }

// sameText reports whether two words differ in nothing but their kind.
func (d *dictionary) sameText(a, b uint32) bool {
	return d.words[a].loose == d.words[b].loose && d.spelled(a) == d.spelled(b)
}

// withKey are the words of a wordKey: from first to before end.
func (d *dictionary) withKey(key string) (first, end uint32) {
	text, loose := strings.CutPrefix(key, "~")
	first, ok := d.texts.find(&d.lexicon, text, loose)
	if !ok {
		return 0, 0
	}
	end = first + 1
	for int(end) < d.vocabulary() && d.sameText(first, end) {
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
	for id := range uint32(d.vocabulary()) {
		w := d.token(id)
		if w.Kind == spelling.KindInitial || w.Kind == spelling.KindNumber || w.Kind == spelling.KindLegal || len(w.Text) > spelling.MaxWordBytes {
			continue
		}
		d.deletes.add(hashWord(w.Fold), id)
		if len(w.Fold) >= 4 {
			eachDeletion(w.Fold, func(s []byte) { d.deletes.add(hashBytes(s), id) })
		}
		if key := spelling.Skeleton(w.Fold, false); key != "" {
			d.medium.add(hashWord(key), id)
			if len(key) >= 4 {
				eachDeletion(key, func(s []byte) { d.medium.add(hashBytes(s), id) })
			}
		}
		if key := spelling.Skeleton(w.Fold, true); key != "" {
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
