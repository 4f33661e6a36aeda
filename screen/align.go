package screen

import (
	"cmp"
	"slices"

	"bonafide/spelling"
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
// with on one list.
type aligner struct {
	*board
	m       *member
	weights []int // thousandths
	total   int

	divided int // see maxDivided

	pairs  []pair // working memory
	facing facts
	qUsed  []bool
	lUsed  []bool
}

// newAligner is one whose words have no weight yet.
func newAligner(b *board, m *member) *aligner {
	a := b.sc.aligners.next()
	*a = aligner{board: b, m: m, weights: sized(a.weights, len(b.q)), pairs: a.pairs, facing: a.facing, qUsed: sized(a.qUsed, len(b.q)), lUsed: sized(a.lUsed, spelling.MaxTokens+1)}
	return a
}

// joinLimit: two words that are one on the other side must agree almost
// exactly, or any two short words would make a third.
const (
	joinLimit = 900
	joinedSim = 1000 * simJoinedPercent / 100
)

// placed is the row of a name, when the board still knows all its words.
func (a *aligner) placed(name int) ([]placed, bool) {
	if a.sc.measured != a.board {
		return nil, false
	}
	var row []placed
	for _, local := range a.m.row(name) {
		w := &a.m.entry[local]
		slot := a.sc.slot[w.word]
		if slot == 0 {
			return nil, false
		}
		row = append(row, placed{slot, w.weight, w.kind})
	}
	return row, true
}

// agreements lists every pair that a measured row of words offers.
func (a *aligner) agreements(row []placed) []pair {
	nq, width := len(a.q), a.width()
	all := a.pairs[:0]
	for j := range row {
		line := a.sims[int(row[j].slot)*width:][:nq]
		for i, sim := range line {
			if sim > 0 {
				all = append(all, pair{q: uint8(i), l: uint8(j), qn: 1, ln: 1, sim: int32(sim), worth: a.worth(i, 1, row[j:j+1], int32(sim))})
			}
		}
	}
	return a.splits(a.merged(all, row), row)
}

// align finds the best agreement between the query and a measured row of
// words, the strongest pairs first. The answer is valid until the next call.
func (a *aligner) align(row []placed) []pair {
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
func (a *aligner) worth(q, qn int, listed []placed, sim int32) int32 {
	w := int32(0)
	for _, weight := range a.weights[q : q+qn] {
		w += int32(weight)
	}
	for i := range listed {
		w += int32(listed[i].weight)
	}
	w *= sim
	if sim >= 960 {
		w += 1 << 30
	}
	return w
}

// merged adds pairs of neighbours in the query with one listed word.
func (a *aligner) merged(all []pair, row []placed) []pair {
	nq, width := len(a.q), a.width()
	for j := range row {
		slot := int(row[j].slot)
		if !a.joins[slot] {
			continue
		}
		for i, sim := range a.sims[slot*width+nq : (slot+1)*width] {
			if sim >= joinLimit {
				run, s := &a.joined[i], min(int32(sim), joinedSim)
				all = append(all, pair{q: uint8(run.at), l: uint8(j), qn: uint8(run.n), ln: 1, sim: s, worth: a.worth(run.at, run.n, row[j:j+1], s)})
			}
		}
	}
	return all
}

// splits adds pairs of one query word with neighbours in the row. Names share
// runs of words, so what a run was found to be is kept.
func (a *aligner) splits(all []pair, row []placed) []pair {
	outlines := a.sc.outlines
	for j := range len(row) - 1 {
		first := &outlines[row[j].slot]
		letters := int(first.text)
		for ln := 2; ln <= maxJoin && j+ln <= len(row); ln++ {
			letters += int(outlines[row[j+ln-1].slot].text)
			if letters < 4 || !a.mayBegin(first, letters) {
				continue
			}
			whole := a.whole(row[j : j+ln])
			for i := range a.q {
				if !a.splittable(i, &whole) {
					continue
				}
				for _, s := range a.run(i, row[j:j+ln], &whole) {
					all = append(all, pair{q: s.q, l: uint8(j), qn: 1, ln: uint8(ln), sim: s.sim, worth: a.worth(int(s.q), 1, row[j:j+ln], s.sim)})
				}
				break
			}
		}
	}
	return all
}

// whole is what splits asks of a run of listed words, written as one.
func (b *board) whole(run []placed) part {
	whole := b.sc.outlines[run[0].slot].part()
	for i := range run[1:] {
		next := b.sc.outlines[run[1+i].slot].part()
		whole.add(&next)
	}
	return whole
}

// token is a word of an enlisted name.
func (b *board) token(w *placed) spelling.Token { return b.d.token(b.sc.used[w.slot-1]) }

// splittable reports whether a query word may be the join of listed words.
func (b *board) splittable(i int, whole *part) bool {
	q := &b.asked[i]
	if d := int32(q.text) - whole.text; d > joinGap || d < -joinGap || (!q.loose && !whole.loose && q.class != whole.class) || q.initial {
		return false
	}
	n := max(int32(q.fold), whole.fold)
	return n > spelling.MaxWordBytes || 100*joinMisses(q.hard, q.full, whole) <= nearlySame.Limits[n] || q.pet
}

// runKey is a run of neighbours in a row, by slots; 0 where it is shorter.
type runKey [maxJoin]uint32

// run is what a joined run of listed words was found to be: a part of
// scratch.splits.
type run struct{ from, to uint32 }

// split is a query word that is a joined run.
type split struct {
	q   uint8
	sim int32
}

// run compares a run of listed words, written as one, with the query words
// from the first splittable one on.
func (a *aligner) run(from int, row []placed, whole *part) []split {
	sc := a.sc
	var key runKey
	for k := range row {
		key[k] = row[k].slot
	}
	r, ok := sc.runs[key]
	if !ok {
		var parts [maxJoin]spelling.Token
		for k := range row {
			parts[k] = a.token(&row[k])
		}
		t := joinTokens(parts[:len(row)])
		r.from = uint32(len(sc.splits))
		for i := from; i < len(a.q); i++ {
			if i > from && !a.splittable(i, whole) {
				continue
			}
			f, _ := spelling.SimilarityWithin(&a.q[i], &t, nearlySame)
			if s := int32(f*1000 + 0.5); s >= joinLimit {
				sc.splits = append(sc.splits, split{uint8(i), min(s, joinedSim)})
			}
		}
		r.to = uint32(len(sc.splits))
		sc.runs[key] = r
	}
	return sc.splits[r.from:r.to]
}

// rule names what made a pair, for the explanation.
func (a *aligner) rule(p pair, row []placed) string {
	switch {
	case p.qn > 1:
		return "joined"
	case p.ln > 1:
		return "split"
	}
	listed := a.token(&row[p.l])
	_, rule := spelling.Similarity(&a.q[p.q], &listed)
	return rule
}
