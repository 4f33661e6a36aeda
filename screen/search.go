package screen

import (
	"math/bits"

	"bonafide/spelling"
)

// nearWord is a dictionary word that a query word may stand for.
type nearWord struct {
	word uint32
	sim  uint16 // thousandths
}

// marks are places of the dictionary that keys led to, each once; top has a
// bit for each number of low that is not zero.
type marks struct{ low, top []uint64 }

func newMarks(places int) marks {
	blocks := places/64 + 1
	return marks{make([]uint64, blocks), make([]uint64, blocks/64+1)}
}

func (m *marks) set(place uint32) {
	block := place >> 6
	m.low[block] |= 1 << (place & 63)
	m.top[block>>6] |= 1 << (block & 63)
}

// take appends the marked places in their order and forgets them.
func (m *marks) take(to []uint32, within []*member) []uint32 {
	for i, set := range m.top {
		if set == 0 {
			continue
		}
		m.top[i] = 0
		for ; set != 0; set &= set - 1 {
			block := i<<6 + bits.TrailingZeros64(set)
			low := m.low[block]
			m.low[block] = 0
			if within != nil {
				had := uint64(0)
				for _, l := range within {
					had |= l.has[block]
				}
				low &= had
			}
			for ; low != 0; low &= low - 1 {
				to = append(to, uint32(block<<6+bits.TrailingZeros64(low)))
			}
		}
	}
	return to
}

// search looks a query word up in all the ways the keys allow and measures
// what they bring, on all lists asked: what is similar enough, the most similar
// first. The answer stands in the working memory until the next name of the
// query.
func (d *dictionary) search(sc *scratch, t *spelling.Token, a *spelling.Allowance) []nearWord {
	from := len(sc.near)
	first, end := d.withKey(wordKey(*t))
	for w := first; w < end; w++ {
		sc.marks.set(w) // the keys do not lead to legal forms, which may begin a name as a word
	}
	if t.Editable() && len(t.Text) <= spelling.MaxWordBytes {
		d.mark(sc, t, a == nearlySame)
	}
	sc.close = sc.marks.take(sc.close[:0], sc.within)
	sc.fetch(d)
	const maxLengthGap = 4
	var reach [1001]uint16
	d.eachNear(sc, t, a, maxLengthGap, func(k int, thousandths uint16) {
		sc.near = append(sc.near, nearWord{sc.close[k], thousandths})
		reach[thousandths]++
	})
	return sc.sortNear(sc.near[from:len(sc.near):len(sc.near)], &reach)
}

// sortNear puts what was found into the order of similarity, equal ones in the
// order of spelling. reach counts them by similarity.
func (sc *scratch) sortNear(near []nearWord, reach *[1001]uint16) []nearWord {
	if len(near) < 2 || len(near) > 1<<15 {
		return near
	}
	at := uint16(0)
	for sim := 1000; int(at) < len(near); sim-- {
		n := reach[sim]
		reach[sim] = at
		at += n
	}
	unsorted := append(sc.unsorted[:0], near...)
	sc.unsorted = unsorted
	for _, n := range unsorted {
		near[reach[n.sim]] = n
		reach[n.sim]++
	}
	return near
}

// keyed is a key to look up: its hash and the table.
type keyed struct {
	table    *keyTable
	hash     uint32
	from, to uint32
}

// mark marks the words that the keys of a word lead to. A join must agree
// almost exactly: words that lack a consonant on each side never do.
func (d *dictionary) mark(sc *scratch, t *spelling.Token, join bool) {
	keys := sc.keys[:0]
	all := func(table *keyTable, key string, from int) {
		if key == "" || len(table.pairs) == 0 {
			return
		}
		keys = append(keys, keyed{table: table, hash: hashWord(key)})
		if len(key) >= from {
			eachDeletion(key, func(s []byte) { keys = append(keys, keyed{table: table, hash: hashBytes(s)}) })
		}
	}
	all(&d.deletes, t.Fold, 4)
	from := 4
	if join {
		from = spelling.MaxWordBytes + 1
	}
	all(&d.medium, spelling.Skeleton(t.Fold, false), from)
	if t.Loose {
		all(&d.coarse, spelling.Skeleton(t.Fold, true), 3)
	}
	sc.keys = keys
	// Each pass asks the memory for many places at a time.
	for i := range keys {
		k := &keys[i]
		k.from, k.to = k.table.bucket(k.hash)
	}
	for i := range keys {
		k := &keys[i]
		for _, p := range k.table.pairs[k.from:k.to] {
			if p.hash == k.hash {
				sc.marks.set(p.place)
			}
		}
	}
	for other := range spelling.NicknamesOf(t.Text) {
		for w, end := d.withKey(other); w < end; w++ {
			sc.marks.set(w)
		}
	}
}

// similarWords are the best of what was found that the list has, the most
// similar first. The answer stands in the working memory until the next list.
func (m *member) similarWords(sc *scratch, near []nearWord) []similarWord {
	from := len(sc.similar)
	for i := range near {
		if id := m.local[near[i].word]; id != 0 {
			sc.similar = append(sc.similar, similarWord{id - 1, near[i].sim})
			if len(sc.similar)-from == maxSimilarWords {
				break
			}
		}
	}
	return sc.similar[from:len(sc.similar):len(sc.similar)]
}
