package screen

import "slices"

// scratch is the working memory of one query on one dictionary. Between
// queries names, marks, within, rowMarks and slot are all zero.
type scratch struct {
	asked []*member // the lists

	// The search of words.
	within   []uint64 // the words that the lists have
	marks    []uint64 // by word
	places   []uint32 // the marked words that are left to measure
	ladders  [2]ladder
	allowed  *allowance
	narrowed bool  // some list needs more than allowed
	step     []int // of each list
	near     []nearWord
	bitmaps  [][]uint64 // lent out by bitmap
	lent     int

	// What the lists make of it.
	keys    []uint64 // similar words as sortable numbers
	similar []similarWord
	names   []nameSum // by name of the list
	touched []uint32  // the names that are not zero
	bins    []uint16  // of the touched names
	leads   []lead

	// What board.measure leaves.
	rowMarks []uint64
	slot     []uint32 // by word: its line in sims
	used     []uint32 // the words that have a slot
	sims     []uint16
	joins    []bool
	parts    []part
	runs     map[runKey]run
	splits   []split
	measured *board // whose it is
}

// ask begins a query.
func (sc *scratch) ask(lists []*member) {
	sc.asked = lists
	for _, m := range lists {
		for block, set := range m.has {
			sc.within[block] |= set
		}
	}
}

// done ends a query.
func (sc *scratch) done() {
	sc.forget()
	clear(sc.within)
	sc.asked, sc.step, sc.near, sc.lent = nil, nil, sc.near[:0], 0
}

// bitmap is a copy that lasts until the next name of the query.
func (sc *scratch) bitmap(of []uint64) []uint64 {
	if sc.lent == len(sc.bitmaps) {
		sc.bitmaps = append(sc.bitmaps, make([]uint64, len(of)))
	}
	b := sc.bitmaps[sc.lent]
	sc.lent++
	copy(b, of)
	return b
}

// board holds one name of the query with what the dictionary knows about its
// words; it is the same for all lists.
type board struct {
	d      *dictionary
	sc     *scratch
	q      []token
	asked  []part // the query words
	joined []joined
	// found are the answers of the search, by query word and by joined word;
	// equal words share theirs. They last until the next name of the query.
	found, foundJoined []sought
	halves             [][]half // by query word

	// sims are the similarities, in thousandths, of the words in the measured
	// rows with the query's words and joined words, a line of
	// len(q)+len(joined) for each slot. Slot 0 stands for no word.
	sims  []uint16
	joins []bool // the slots that have a joined word
	parts []part // by slot
}

// half is a place where a query word may have been put together of two, at
// least one of which stands in the dictionary (first to before end).
type half struct {
	cut                            int
	left, leftEnd, right, rightEnd uint32
}

// newBoard searches the dictionary for the words of a name.
func (d *dictionary) newBoard(sc *scratch, q []token) *board {
	sc.near, sc.lent = sc.near[:0], 0
	b := &board{d: d, sc: sc, q: q, asked: make([]part, len(q)), found: make([]sought, len(q)), halves: make([][]half, len(q))}
	for i := range q {
		b.asked[i] = partOf(&q[i])
		b.asked[i].hard, b.asked[i].full = consonantCounts(q[i].fold)
		if same := sameWord(q, i); same < i {
			b.found[i], b.halves[i] = b.found[same], b.halves[same]
		} else {
			b.found[i], b.halves[i] = d.search(sc, &q[i], anySimilar), d.halves(q[i].text)
		}
		for n := 2; n <= maxJoin && i+n <= len(q); n++ {
			b.joined = append(b.joined, joined{at: i, n: n, token: joinTokens(q[i : i+n])})
		}
	}
	b.foundJoined = make([]sought, len(b.joined))
	for i := range b.joined {
		if t := &b.joined[i].token; len(t.text) >= 4 {
			b.foundJoined[i] = d.search(sc, t, nearlySame)
		}
	}
	return b
}

// halves lists where a word can be cut so that a half is a word.
func (d *dictionary) halves(text string) []half {
	if len(text) < 6 {
		return nil
	}
	var out []half
	for cut := 2; cut+2 <= len(text); cut++ {
		h := half{cut: cut}
		h.left, h.leftEnd = d.withKey(text[:cut])
		h.right, h.rightEnd = d.withKey(text[cut:])
		if h.leftEnd > 0 || h.rightEnd > 0 {
			out = append(out, h)
		}
	}
	return out
}

// measure compares every word of the query, and every joined one, with every
// word of the named rows of each asked list, each once. What the search has
// measured is not measured again, as long as known says that its answers still
// stand.
func (b *board) measure(names [][]uint32, known bool) {
	sc, d, width := b.sc, b.d, len(b.q)+len(b.joined)
	sc.forget()
	sc.measured = b
	used, parts := sc.used[:0], append(sc.parts[:0], part{})
	for list, m := range sc.asked {
		for _, n := range names[list] {
			for _, local := range m.row(int(n)) {
				w := m.entry[local]
				if sc.slot[w] != 0 {
					continue
				}
				used = append(used, w)
				sc.slot[w] = uint32(len(used))
				parts = append(parts, d.parts[w])
				sc.rowMarks[w>>6] |= 1 << (w & 63)
			}
		}
	}
	sc.used, sc.parts = used, parts
	size := (len(used) + 1) * width
	sc.sims = slices.Grow(sc.sims[:0], size)[:size]
	clear(sc.sims)
	sc.joins = append(sc.joins[:0], make([]bool, len(used)+1)...)
	b.sims, b.joins, b.parts = sc.sims, sc.joins, sc.parts
	for i := range b.q {
		if same := sameWord(b.q, i); same < i {
			for line := width; line < len(b.sims); line += width {
				b.sims[line+i] = b.sims[line+same]
			}
			continue
		}
		b.rest(&b.q[i], &b.found[i], known, anySimilar, func(word uint32, thousandths uint16) {
			b.sims[int(sc.slot[word])*width+i] = thousandths
		})
	}
	for i := range b.joined {
		t := &b.joined[i].token
		if len(t.text) < 4 {
			continue
		}
		b.rest(t, &b.foundJoined[i], known, nearlySame, func(word uint32, thousandths uint16) {
			if gap := len(d.spelled(word)) - len(t.text); d.kind(word) != kindInitial && gap <= 2 && gap >= -2 {
				slot := int(sc.slot[word])
				b.joins[slot] = true
				b.sims[slot*width+len(b.q)+i] = thousandths
			}
		})
	}
}

// rest sets the similarities of a word with the marked rows: first what the
// search found, then what it did not look at.
func (b *board) rest(t *token, s *sought, known bool, a *allowance, set func(word uint32, thousandths uint16)) {
	sc := b.sc
	copy(sc.marks, sc.rowMarks)
	if known {
		for block, tried := range s.tried {
			sc.marks[block] &^= tried
		}
		for i := range s.near {
			n := &s.near[i]
			if sc.slot[n.word] != 0 {
				sc.marks[n.word>>6] &^= 1 << (n.word & 63)
				set(n.word, n.thousandths)
			}
		}
	}
	sc.allowed = a
	b.d.eachNear(sc, t, sc.marks, nil, maxWordBytes, func(word uint32, sim float64) {
		set(word, uint16(sim*1000+0.5))
	})
}

// forget clears what measure left in the working memory.
func (sc *scratch) forget() {
	if sc.measured == nil {
		return
	}
	for _, w := range sc.used {
		sc.slot[w] = 0
	}
	clear(sc.rowMarks)
	clear(sc.runs)
	sc.splits, sc.measured = sc.splits[:0], nil
}
