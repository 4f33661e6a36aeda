package screen

import "bonafide/spelling"

// listedWord is a word of a list: which one of the dictionary it is, and beside
// it what the list and the score know of it, because all three are asked
// together.
type listedWord struct {
	word   uint32 // of the dictionary
	weight uint16 // on the list, thousandths
	kind   spelling.Kind
	_      uint8
}

// placed is a word of an enlisted name: where its line of similarities is, and
// what the list says of it.
type placed struct {
	slot   uint32
	weight uint16 // thousandths
	kind   spelling.Kind
}

// enlisted is a name whose words have their lines.
type enlisted struct {
	name, entity uint32
	from, to     uint32 // its words in the row of all names
	weight       uint16 // of its words, thousandths
	family       uint8  // of the words, how many are the marked family name
	weak         bool   // the source calls the name weak
}

// about is what a query looks at of a name beside its words.
func (x *index) about(name int) *enlisted {
	head := &x.nameHeads[name]
	return &enlisted{name: uint32(name), entity: x.nameEntity[name], weight: head.weight, family: head.family, weak: head.weak}
}

// row is the words of an enlisted name.
func (b *board) row(e *enlisted) []placed { return b.sc.rows[e.from:e.to] }

// listed are the enlisted names of one of the asked lists.
func (b *board) listed(list int) []enlisted {
	return b.sc.enlisted[b.sc.listEnds[list]:b.sc.listEnds[list+1]]
}

// measure compares every word of the query, and every joined one, with every
// word of the named rows of each asked list, each once. What the search has
// found is not measured again, as long as known says that its answers still
// stand.
func (b *board) measure(names [][]uint32, known bool) {
	b.enlist(names, known)
	b.settleAll()
}

func (b *board) settleAll() {
	all := make([]uint32, len(b.sc.used))
	for i := range all {
		all[i] = uint32(i) + 1
	}
	b.settle(all)
}

// enlist gives every word of the named rows of each asked list its line of
// similarities: what the search has found, if known says that its answers still
// stand, and otherwise a bound that its shape sets, which settle makes exact.
// Joined words are measured at once, because hardly one comes near.
func (b *board) enlist(names [][]uint32, known bool) {
	sc, width := b.sc, b.width()
	sc.forget()
	sc.measured = b
	sc.used, sc.rows, sc.enlisted, sc.listEnds = sc.used[:0], sc.rows[:0], sc.enlisted[:0], append(sc.listEnds[:0], 0)
	for list, m := range sc.asked {
		sc.place(m, names[list])
		sc.listEnds = append(sc.listEnds, uint32(len(sc.enlisted)))
	}
	outlines := append(sc.outlines[:0], shape{})
	for _, w := range sc.used {
		outlines = append(outlines, b.d.shapes[w])
	}
	sc.outlines = outlines
	sc.sims, sc.joins, sc.open = sized(sc.sims, len(outlines)*width), sized(sc.joins, len(outlines)), sized(sc.open, len(outlines))
	clear(sc.sims)
	clear(sc.joins)
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
	for slot := range outlines {
		b.copyLines(slot, width)
	}
	for i := range b.joined {
		b.measureJoined(i, width)
	}
}

// width is the length of a line of similarities.
func (b *board) width() int { return len(b.q) + len(b.joined) }

// place enlists names of a list. What lies far apart in memory is read in a pass
// of its own, so that the processor can fetch many at a time.
func (sc *scratch) place(m *member, names []uint32) {
	x, first, begin := m.index, len(sc.enlisted), len(sc.rows)
	for _, n := range names {
		head := &x.nameHeads[n]
		words := x.nameHeads[n+1].words - head.words
		sc.enlisted = append(sc.enlisted, enlisted{name: n, entity: x.nameEntity[n], from: head.words, to: words, weight: head.weight, family: head.family, weak: head.weak})
	}
	for i := range sc.enlisted[first:] {
		e := &sc.enlisted[first+i]
		words := x.nameWords[e.from : e.from+e.to]
		e.from = uint32(len(sc.rows))
		for _, local := range words {
			sc.rows = append(sc.rows, placed{slot: local})
		}
		e.to = uint32(len(sc.rows))
	}
	rows := sc.rows[begin:]
	for i := range rows {
		w := &m.entry[rows[i].slot]
		rows[i] = placed{w.word, w.weight, w.kind}
	}
	for i := range rows {
		w := rows[i].slot
		slot := sc.slot[w]
		if slot == 0 {
			sc.used = append(sc.used, w)
			slot = uint32(len(sc.used))
			sc.slot[w] = slot
		}
		rows[i].slot = slot
	}
}

// measureJoined measures a join of the query's words.
func (b *board) measureJoined(i, width int) {
	sc, t := b.sc, &b.joined[i].token
	if len(t.Text) < 4 {
		return
	}
	sc.close, sc.shapes = sc.close[:0], sc.shapes[:0]
	for slot := 1; slot < len(sc.outlines); slot++ {
		s := &sc.outlines[slot]
		if gap := int(s.text) - len(t.Text); gap <= joinGap && gap >= -joinGap {
			sc.close, sc.shapes = append(sc.close, sc.used[slot-1]), append(sc.shapes, *s)
		}
	}
	b.d.eachNear(sc, t, nearlySame, spelling.MaxWordBytes, func(k int, thousandths uint16) {
		slot := int(sc.slot[sc.close[k]])
		b.joins[slot] = true
		b.sims[slot*width+len(b.q)+i] = thousandths
	})
}

// copyLines gives the words that stand twice in the query the similarities of
// the first, in one line.
func (b *board) copyLines(slot, width int) {
	if !b.twice {
		return
	}
	line := b.sims[slot*width:][:len(b.q)]
	for i := range line {
		line[i] = line[sameWord(b.q, i)]
	}
}

// bound sets the similarities of a query word with the enlisted words that the
// search has not found: none, what needs no measuring, or a bound.
func (b *board) bound(i, width int) {
	sc, t := b.sc, &b.q[i]
	of := &b.asked[i]
	for slot := 1; slot < len(sc.outlines); slot++ {
		s := &sc.outlines[slot]
		sim := &b.sims[slot*width+i]
		if *sim != 0 {
			continue
		}
		if of.size == 0 || s.size == 0 {
			other := b.d.token(sc.used[slot-1])
			if f, _ := spelling.Similarity(t, &other); f >= spelling.MinSimilar {
				*sim = uint16(f*1000 + 0.5)
			}
			continue
		}
		if of.pet && s.pet {
			*sim = 1000
			sc.open[slot] |= 1 << i
			continue
		}
		n := int(max(s.size, of.size))
		limit := spelling.AnySimilar.Limits[n]
		letters := of.unmatched(s)
		if 100*letters.most() > limit {
			continue
		}
		loose, costs := of.loose || s.loose, spelling.StrictCosts
		if loose {
			costs = spelling.LooseCosts
		}
		far := of.excess(s, letters, costs)
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

// settle measures, of the words with these slots, those of which only a bound is
// known.
func (b *board) settle(slots []uint32) {
	sc, width := b.sc, b.width()
	all := uint32(0)
	for _, slot := range slots {
		all |= sc.open[slot]
	}
	if all == 0 {
		return
	}
	for i := range b.q {
		if all>>i&1 == 0 {
			continue
		}
		sc.close, sc.shapes = sc.close[:0], sc.shapes[:0]
		for _, slot := range slots {
			if sc.open[slot]>>i&1 != 0 {
				sc.open[slot] &^= 1 << i
				sc.close, sc.shapes = append(sc.close, sc.used[slot-1]), append(sc.shapes, sc.outlines[slot])
				b.sims[int(slot)*width+i] = 0
			}
		}
		b.d.gauge(sc, &b.q[i], &b.asked[i], spelling.AnySimilar, func(k int, thousandths uint16) {
			b.sims[int(sc.slot[sc.close[k]])*width+i] = thousandths
		})
	}
	for _, slot := range slots {
		b.copyLines(int(slot), width)
	}
}
