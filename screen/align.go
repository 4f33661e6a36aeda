package screen

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
)

// pair is one agreement of the alignment: one word of the query with one of
// the listed name, or two or three neighbours on one side with one word on the other.
type pair struct {
	q, l uint8 // first positions
	qn   uint8 // how many query words (1 to maxJoin)
	ln   uint8
	sim  int32 // thousandths
	// worth orders the choices: similarity times the weight it explains.
	worth int32
}

// aligner holds what is the same for all names that one query name is aligned
// with on one index.
type aligner struct {
	x       *index
	q       []token
	weights []int // thousandths
	total   int
	joined  []joined

	// sims are the similarities, in thousandths, of the dictionary words in
	// the rows measured last with the query's words and joined words, a line
	// of len(q)+len(joined) for each slot. Slot 0 stands for no word.
	sims []uint16
	slot []uint16 // by word
	// joins tells the slots that have a joined word.
	joins []bool
	parts []part // by slot
	pets  []bool // the query words that stand in a row of nicknames

	pairs []pair // working memory
	slots []int
	qUsed []bool
	lUsed []bool
}

func newAligner(x *index, q []token, weights []int) *aligner {
	a := &aligner{x: x, q: q, weights: weights, pets: make([]bool, len(q)), qUsed: make([]bool, len(q)), lUsed: make([]bool, maxTokens+1)}
	for i := range q {
		a.total += weights[i]
		a.pets[i] = len(nicknames[q[i].text]) > 0
		for n := 2; n <= maxJoin && i+n <= len(q); n++ {
			a.joined = append(a.joined, joined{at: i, n: n, token: joinTokens(q[i : i+n])})
		}
	}
	return a
}

// joined is a run of neighbouring query words written as one.
type joined struct {
	at, n int
	token token
}

// maxJoin is how many neighbours may be one word on the other side (van der
// Meersch, Vandermeersch).
const maxJoin = 3

func joinTokens(run []token) token {
	var t token
	for _, r := range run {
		t.text += r.text
		t.loose = t.loose || r.loose
	}
	t.fold = fold(t.text)
	t.mask = classMask(t.fold)
	return t
}

// measure compares every word of the query, and every joined one, with every
// word of the named rows, each once. What the search has found similar (by
// query word; may be nil) is not measured again. forget must follow.
func (a *aligner) measure(sc *scratch, names []uint32, similar [][]similarWord) {
	x, width := a.x, len(a.q)+len(a.joined)
	used, parts := sc.used[:0], append(sc.parts[:0], part{})
	for _, n := range names {
		for _, w := range x.row(int(n)) {
			if sc.slot[w] == 0 {
				used = append(used, w)
				sc.slot[w] = uint16(len(used))
				t := &x.words[w]
				parts = append(parts, part{text: len(t.text), fold: len(t.fold), mask: t.mask, loose: t.loose})
				p := x.place[w]
				sc.rowMarks[p>>6] |= 1 << (p & 63)
			}
		}
	}
	sc.used, sc.parts, a.parts = used, parts, parts
	sc.sims = append(sc.sims[:0], make([]uint16, (len(used)+1)*width)...)
	sc.joins = append(sc.joins[:0], make([]bool, len(used)+1)...)
	a.sims, a.joins, a.slot = sc.sims, sc.joins, sc.slot
	for i := range a.q {
		if same := sameWord(a.q, i); same < i {
			for line := width; line < len(a.sims); line += width {
				a.sims[line+i] = a.sims[line+same]
			}
			continue
		}
		copy(sc.marks, sc.rowMarks)
		if i < len(similar) {
			for _, s := range similar[i] {
				slot := int(sc.slot[s.word])
				m := float64(s.sim) * 1000
				// Near a half a float32 may round to the other side; such a
				// word is measured again.
				if half := math.Abs(m - math.Floor(m) - 0.5); slot > 0 && half > 0.001 {
					a.sims[slot*width+i] = uint16(m + 0.5)
					p := x.place[s.word]
					sc.marks[p>>6] &^= 1 << (p & 63)
				}
			}
		}
		sc.allowed = anySimilar
		x.eachNear(sc, &a.q[i], sc.marks, maxWordBytes, func(word uint32, sim float64) {
			a.sims[int(sc.slot[word])*width+i] = uint16(sim*1000 + 0.5)
		})
	}
	for i := range a.joined {
		t := &a.joined[i].token
		if len(t.text) < 4 {
			continue
		}
		copy(sc.marks, sc.rowMarks)
		sc.allowed = nearlySame
		x.eachNear(sc, t, sc.marks, maxWordBytes, func(word uint32, sim float64) {
			l := &x.words[word]
			if d := len(l.text) - len(t.text); l.kind != kindInitial && d <= 2 && d >= -2 {
				slot := int(sc.slot[word])
				a.joins[slot] = true
				a.sims[slot*width+len(a.q)+i] = uint16(sim*1000 + 0.5)
			}
		})
	}
}

// forget clears what measure left in the working memory.
func (sc *scratch) forget() {
	for _, w := range sc.used {
		sc.slot[w] = 0
	}
	clear(sc.rowMarks)
}

// joinLimit: two words that are one on the other side must agree almost
// exactly, or any two short words would make a third.
const (
	joinLimit = 900
	joinedSim = 1000 * simJoinedPercent / 100
)

// agreements lists every pair that a measured row of words offers.
func (a *aligner) agreements(row []uint32) []pair {
	width := len(a.q) + len(a.joined)
	all, slots := a.pairs[:0], a.slots[:0]
	for j, w := range row {
		slot := int(a.slot[w])
		slots = append(slots, slot)
		for i, sim := range a.sims[slot*width : slot*width+len(a.q)] {
			if sim > 0 {
				all = append(all, pair{q: uint8(i), l: uint8(j), qn: 1, ln: 1, sim: int32(sim), worth: a.worth(i, 1, row[j:j+1], int32(sim))})
			}
		}
	}
	a.slots = slots
	return a.splits(a.merged(all, row), row)
}

// align finds the best agreement between the query and a measured row of
// words, the strongest pairs first. The answer is valid until the next call.
func (a *aligner) align(row []uint32) []pair {
	all := a.agreements(row)
	slices.SortFunc(all, func(p, r pair) int {
		if p.worth != r.worth {
			return cmp.Compare(r.worth, p.worth)
		}
		return cmp.Or(cmp.Compare(p.q, r.q), cmp.Compare(p.l, r.l), cmp.Compare(p.qn, r.qn), cmp.Compare(p.ln, r.ln))
	})
	clear(a.qUsed)
	clear(a.lUsed)
	out := all[:0]
	for _, p := range all {
		qs, ls := a.qUsed[p.q:p.q+p.qn], a.lUsed[p.l:p.l+p.ln]
		if slices.Contains(qs, true) || slices.Contains(ls, true) {
			continue
		}
		for k := range qs {
			qs[k] = true
		}
		for k := range ls {
			ls[k] = true
		}
		out = append(out, p)
	}
	a.pairs = all[:0]
	slices.SortFunc(out, func(p, r pair) int { return cmp.Compare(p.q, r.q) })
	return out
}

// worth of a pair: what is equal is never given away for a better sum
// elsewhere.
func (a *aligner) worth(q, qn int, listed []uint32, sim int32) int32 {
	w := int32(0)
	for _, weight := range a.weights[q : q+qn] {
		w += int32(weight)
	}
	for _, l := range listed {
		w += int32(a.x.weight[l])
	}
	w *= sim
	if sim >= 960 {
		w += 1 << 30
	}
	return w
}

// merged adds pairs of neighbours in the query with one listed word.
func (a *aligner) merged(all []pair, row []uint32) []pair {
	width := len(a.q) + len(a.joined)
	for j, slot := range a.slots {
		if !a.joins[slot] {
			continue
		}
		for i, sim := range a.sims[slot*width+len(a.q) : (slot+1)*width] {
			if sim >= joinLimit {
				run, s := &a.joined[i], min(int32(sim), joinedSim)
				all = append(all, pair{q: uint8(run.at), l: uint8(j), qn: uint8(run.n), ln: 1, sim: s, worth: a.worth(run.at, run.n, row[j:j+1], s)})
			}
		}
	}
	return all
}

// part is what splits asks of a listed word before it joins it to others.
type part struct {
	text, fold int // letters
	mask       uint8
	loose      bool
}

// splits adds pairs of one query word with neighbours in the row.
func (a *aligner) splits(all []pair, row []uint32) []pair {
	for j := range row {
		first := a.parts[a.slots[j]]
		text, fold, mask := first.text, first.fold, first.mask
		for ln := 2; ln <= maxJoin && j+ln <= len(row); ln++ {
			next := a.parts[a.slots[j+ln-1]]
			text += next.text
			fold += next.fold + 2 // letters that were silent at the end are heard
			mask |= next.mask
			if text < 4 {
				continue
			}
			var whole token
			for i := range a.q {
				q := &a.q[i]
				if d := len(q.text) - text; q.kind == kindInitial || d > 2 || d < -2 || (!q.loose && !first.loose && class(q.text[0]) != class(a.x.words[row[j]].text[0])) {
					continue
				}
				if n := max(len(q.fold), fold); n <= maxWordBytes && 100*joinMisses(q.mask, mask) > nearlySame.limits[n] && !a.pets[i] {
					continue
				}
				if whole.text == "" {
					var run [maxJoin]token
					for k := range ln {
						run[k] = a.x.words[row[j+k]]
					}
					whole = joinTokens(run[:ln])
				}
				f, _ := similarityWithin(q, &whole, nearlySame)
				if s := int32(f*1000 + 0.5); s >= joinLimit {
					s = min(s, joinedSim)
					all = append(all, pair{q: uint8(i), l: uint8(j), qn: 1, ln: uint8(ln), sim: s, worth: a.worth(i, 1, row[j:j+ln], s)})
				}
			}
		}
	}
	return all
}

// joinMisses counts the classes of consonants that must cost a whole letter
// when a word is compared with the join of others, by the classes of each.
// Where words meet, t and k may vanish and a hissing sound may appear (t+s,
// c+h), and v and j stand for b and s; l, m, n and r always stay.
func joinMisses(word, parts uint8) int32 {
	const t, k, r, n = 2, 4, 16, 32
	return int32(max(bits.OnesCount8(word&^parts&(t|k|r|n)), bits.OnesCount8(parts&^word&(r|n))))
}

// initial reports whether a pair is a single letter with a word.
func (a *aligner) initial(p pair, row []uint32) bool {
	return p.qn == 1 && p.ln == 1 && (a.q[p.q].kind == kindInitial) != (a.x.words[row[p.l]].kind == kindInitial)
}

// rule names what made a pair, for the explanation.
func (a *aligner) rule(p pair, row []uint32) string {
	switch {
	case p.qn > 1:
		return "joined"
	case p.ln > 1:
		return "split"
	}
	_, rule := similarity(&a.q[p.q], &a.x.words[row[p.l]])
	return rule
}
