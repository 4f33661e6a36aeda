package screen

import (
	"slices"
	"strings"

	"bonafide/spelling"
)

// scratch is the working memory of one query on one dictionary. Between
// queries marks, names, once, picked, promises, hears and slot are all zero.
type scratch struct {
	asked  []*member // the lists
	within []*member // nil when they are all of the dictionary's
	lists  string    // their ids

	// The search of words.
	marks    marks
	keys     []keyed
	places   []uint32 // the marked words
	shapes   []shape  // of the places
	close    []uint32 // the places that are left to measure
	begins   []uint32 // where their letters begin
	firsts   []uint8  // the first letters
	ladders  [2]ladder
	near     []nearWord
	unsorted []nearWord

	// What the lists make of it.
	similar  []similarWord
	groups   []group
	leads    []lead
	names    []nameSum           // by name of the list
	touched  []uint32            // those that are not zero, or are in picked
	promises [promiseBins]uint32 // of chosen, by bin
	once     []uint64            // names that a group has led to
	picked   []uint64            // names that are in chosen
	chosen   []chosen
	hears    []uint64 // the words of the list that have a line
	heard    []uint32 // where it begins in lines
	heardBy  []uint32 // those words
	lines    []uint16

	// What board.measure leaves.
	slot     []uint32 // by word: its line in sims
	used     []uint32 // the words that have a slot
	sims     []uint16
	joins    []bool
	open     []uint32 // by slot: the words of the query whose similarity is but a bound
	outlines []shape  // by slot
	runs     map[runKey]run
	splits   []split
	measured *board // whose it is

	// What ranking.score works with.
	may, order []reaching
	batch      []uint32 // words
}

// ask begins a query.
func (sc *scratch) ask(d *dictionary, lists []*member) {
	sc.asked, sc.within, sc.lists = lists, nil, ""
	if len(lists) < len(d.members) {
		ids := make([]string, len(lists))
		for i, m := range lists {
			ids[i] = m.id
		}
		sc.within, sc.lists = lists, strings.Join(ids, " ")
	}
}

// done ends a query.
func (sc *scratch) done() {
	sc.forget()
	sc.asked, sc.within, sc.near = nil, nil, sc.near[:0]
}

// board holds one name of the query with what the dictionary knows about its
// words; it is the same for all lists.
type board struct {
	d       *dictionary
	sc      *scratch
	q       []spelling.Token
	asked   []part // the query words
	joined  []joined
	nearest int // how many are wanted when only what is nearest is; otherwise 0
	// lengths has a bit for each number of letters, up to 63, that neighbours
	// written as one may have to be a word of the query.
	lengths uint64
	// found are the answers of the search, by query word and by joined word;
	// equal words share theirs. They last until the next name of the query.
	found, foundJoined [][]nearWord
	halves             [][]half // by query word, when cut

	// sims are the similarities, in thousandths, of the words in the measured
	// rows with the query's words and joined words, a line of
	// len(q)+len(joined) for each slot. Slot 0 stands for no word.
	sims  []uint16
	joins []bool // the slots that have a joined word
}

// half is a place where a query word may have been put together of two, at
// least one of which stands in the dictionary (first to before end).
type half struct {
	cut                            int
	left, leftEnd, right, rightEnd uint32
}

// newBoard searches the dictionary for the words of a name.
func (d *dictionary) newBoard(sc *scratch, q []spelling.Token) *board {
	sc.near = sc.near[:0]
	b := &board{d: d, sc: sc, q: q, asked: make([]part, len(q)), found: make([][]nearWord, len(q))}
	for i := range q {
		b.asked[i] = partOf(&q[i])
		b.asked[i].hard, b.asked[i].full = consonantCounts(q[i].Fold)
		if n := int(b.asked[i].text); !b.asked[i].initial {
			for letters := max(0, n-joinGap); letters <= min(n+joinGap, 63); letters++ {
				b.lengths |= 1 << letters
			}
		}
		if same := sameWord(q, i); same < i {
			b.found[i] = b.found[same]
		} else {
			b.found[i] = d.recall(sc, &q[i], false)
		}
		for n := 2; n <= maxJoin && i+n <= len(q); n++ {
			b.joined = append(b.joined, joined{at: i, n: n, token: joinTokens(q[i : i+n])})
		}
	}
	b.foundJoined = make([][]nearWord, len(b.joined))
	for i := range b.joined {
		if t := &b.joined[i].token; len(t.Text) >= 4 {
			b.foundJoined[i] = d.recall(sc, t, true)
		}
	}
	return b
}

// cut is where a query word may have been put together.
func (b *board) cut(i int) []half {
	if b.halves == nil {
		b.halves = make([][]half, len(b.q))
	}
	if b.halves[i] == nil {
		b.halves[i] = b.d.halves(b.q[i].Text)
	}
	return b.halves[i]
}

// halves lists where a word can be cut so that a half is a word.
func (d *dictionary) halves(text string) []half {
	if len(text) < 6 {
		return nil
	}
	var out []half
	for cut := 2; cut+2 <= len(text); cut++ {
		h := half{cut: cut}
		if cut <= spelling.MaxWordBytes {
			h.left, h.leftEnd = d.withKey(text[:cut])
		}
		if len(text)-cut <= spelling.MaxWordBytes {
			h.right, h.rightEnd = d.withKey(text[cut:])
		}
		if h.leftEnd > 0 || h.rightEnd > 0 {
			out = append(out, h)
		}
	}
	return out
}

// measure compares every word of the query, and every joined one, with every
// word of the named rows of each asked list, each once. What the search has
// found is not measured again, as long as known says that its answers still
// stand.
func (b *board) measure(names [][]uint32, known bool) {
	b.enlist(names, known)
	b.settle(b.sc.used)
}

// enlist gives every word of the named rows of each asked list its line of
// similarities: what the search has found, if known says that its answers still
// stand, and otherwise a bound that its shape sets, which settle makes exact.
// Joined words are measured at once, because hardly one comes near.
func (b *board) enlist(names [][]uint32, known bool) {
	sc, d, width := b.sc, b.d, len(b.q)+len(b.joined)
	sc.forget()
	sc.measured = b
	used, outlines := sc.used[:0], append(sc.outlines[:0], shape{})
	for list, m := range sc.asked {
		for _, n := range names[list] {
			for _, local := range m.row(int(n)) {
				w := m.entry[local]
				if sc.slot[w] != 0 {
					continue
				}
				used = append(used, w)
				sc.slot[w] = uint32(len(used))
			}
		}
	}
	for _, w := range used {
		outlines = append(outlines, d.shapes[w])
	}
	sc.used, sc.outlines = used, outlines
	size := (len(used) + 1) * width
	sc.sims = slices.Grow(sc.sims[:0], size)[:size]
	clear(sc.sims)
	sc.joins = slices.Grow(sc.joins[:0], len(used)+1)[:len(used)+1]
	clear(sc.joins)
	sc.open = slices.Grow(sc.open[:0], len(used)+1)[:len(used)+1]
	clear(sc.open)
	b.sims, b.joins = sc.sims, sc.joins
	for i := range b.q {
		if sameWord(b.q, i) < i {
			continue // see copyLines
		}
		if known {
			for _, n := range b.found[i] {
				if slot := int(sc.slot[n.word]); slot != 0 {
					b.sims[slot*width+i] = n.sim
				}
			}
		}
		b.bound(i, width)
	}
	b.copyLines(used, width)
	for i := range b.joined {
		t := &b.joined[i].token
		if len(t.Text) < 4 {
			continue
		}
		sc.places = sc.places[:0]
		for k, w := range used {
			if gap := int(outlines[k+1].text) - len(t.Text); gap <= 2 && gap >= -2 {
				sc.places = append(sc.places, w)
			}
		}
		d.eachNear(sc, t, sc.places, nearlySame, spelling.MaxWordBytes, func(word uint32, thousandths uint16) {
			slot := int(sc.slot[word])
			b.joins[slot] = true
			b.sims[slot*width+len(b.q)+i] = thousandths
		})
	}
}

// copyLines gives the words that stand twice in the query the similarities of
// the first.
func (b *board) copyLines(words []uint32, width int) {
	for i := range b.q {
		if same := sameWord(b.q, i); same < i {
			for _, w := range words {
				line := int(b.sc.slot[w]) * width
				b.sims[line+i] = b.sims[line+same]
			}
		}
	}
}

// bound sets the similarities of a query word with the enlisted words that the
// search has not found: none, what needs no measuring, or a bound.
func (b *board) bound(i, width int) {
	sc, d, t := b.sc, b.d, &b.q[i]
	hard, full := consonantCounts(t.Fold)
	soft := softCounts(t.Fold)
	pet, editable := spelling.HasNickname(t.Text), t.Editable()
	for slot := 1; slot < len(sc.outlines); slot++ {
		s := &sc.outlines[slot]
		sim := &b.sims[slot*width+i]
		if *sim != 0 {
			continue
		}
		if !editable || s.size == 0 {
			other := d.token(sc.used[slot-1])
			if f, _ := spelling.Similarity(t, &other); f >= spelling.MinSimilar {
				*sim = uint16(f*1000 + 0.5)
			}
			continue
		}
		if pet && s.pet {
			*sim = 1000
			sc.open[slot] |= 1 << i
			continue
		}
		n := max(int(s.size), len(t.Fold))
		limit := spelling.AnySimilar.Limits[n]
		if 100*max(unmatched(hard, s.full), unmatched(s.hard, full)) > limit {
			continue
		}
		loose, costs := t.Loose || s.loose, spelling.StrictCosts
		if loose {
			costs = spelling.LooseCosts
		}
		far := max(excess(hard, s.full, soft, s.soft, costs), excess(s.hard, full, s.soft, soft, costs))
		if far > limit {
			continue
		}
		most := uint16(1000)
		if far > 0 {
			most = uint16(spelling.EditSimilarity(int(far), n, loose)*1000 + 0.5)
		}
		if most >= uint16(1000*spelling.MinSimilar) {
			*sim = most
			sc.open[slot] |= 1 << i
		}
	}
}

// part is what splits asks of the word with a slot.
func (b *board) part(slot int) *part { return &b.d.parts[b.sc.used[slot-1]] }

// mayBegin reports whether neighbours of which the first has a slot, together
// so many letters long, may be a word of the query written as one. It is what
// splittable asks of two words, before they are joined.
func (b *board) mayBegin(first *shape, letters int) bool {
	if letters < 64 && b.lengths>>letters&1 == 0 {
		return false
	}
	for i := range b.asked {
		q := &b.asked[i]
		if gap := int(q.text) - letters; gap <= joinGap && gap >= -joinGap && (q.class == first.class || q.loose || first.loose) && !q.initial {
			return true
		}
	}
	return false
}

// settle measures the words of which only a bound is known.
func (b *board) settle(words []uint32) {
	sc, d, width := b.sc, b.d, len(b.q)+len(b.joined)
	all := uint32(0)
	for _, w := range words {
		all |= sc.open[sc.slot[w]]
	}
	if all == 0 {
		return
	}
	for i := range b.q {
		if all>>i&1 == 0 {
			continue
		}
		sc.places = sc.places[:0]
		for _, w := range words {
			if slot := int(sc.slot[w]); sc.open[slot]>>i&1 != 0 {
				sc.open[slot] &^= 1 << i
				b.sims[slot*width+i] = 0
				sc.places = append(sc.places, w)
			}
		}
		d.eachNear(sc, &b.q[i], sc.places, spelling.AnySimilar, spelling.MaxWordBytes, func(word uint32, thousandths uint16) {
			b.sims[int(sc.slot[word])*width+i] = thousandths
		})
	}
	b.copyLines(words, width)
}

// forget clears what measure left in the working memory.
func (sc *scratch) forget() {
	if sc.measured == nil {
		return
	}
	for _, w := range sc.used {
		sc.slot[w] = 0
	}
	clear(sc.runs)
	sc.splits, sc.measured = sc.splits[:0], nil
}
