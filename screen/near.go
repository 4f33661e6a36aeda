package screen

import (
	"math/bits"

	"bonafide/spelling"
)

var (
	// nearlySame is what a join needs: joinLimit before rounding.
	nearlySame = spelling.Allow((joinLimit - 0.6) / 1000)
	// leading is what a word must reach to lead to names. Names that hold
	// less similar words are found by their other words.
	leading = spelling.Allow(leastLeading)
)

// ladder measures one word against many in the order of their spelling: the
// rows of the distance table that belong to a common beginning are kept.
type ladder struct {
	costs *spelling.EditCosts
	query []uint8
	codes [spelling.MaxWordBytes]uint8
	pairs [64]uint64 // by letter: which letters follow it in the query
	rows  [spelling.MaxWordBytes + 1][spelling.MaxWordBytes + 1]int32
	least [spelling.MaxWordBytes + 1]int32 // of each row
	last  []uint8                          // the word before
	depth int                              // how many of its letters have their row
}

func (l *ladder) start(costs *spelling.EditCosts, fold string) {
	l.costs, l.last, l.depth = costs, nil, 0
	l.query = l.codes[:len(fold)]
	clear(l.pairs[:])
	sum := int32(0)
	for j := range len(fold) {
		c := spelling.LetterCode(fold[j])
		l.query[j] = c
		sum += int32(costs.Gap[c])
		l.rows[0][j+1] = sum
		if j > 0 {
			l.pairs[l.query[j-1]] |= 1 << c
		}
	}
}

// distance is EditCosts.Distance of the query and a word, or more than limit.
func (l *ladder) distance(word []uint8, limit int32) int32 {
	i := 0
	for i < l.depth && i < len(word) && l.last[i] == word[i] {
		i++
	}
	l.last, l.depth = word, i
	if i > 0 && l.hopeless(i, limit) {
		return limit + 1
	}
	q := l.query
	for ; i < len(word); i++ {
		c := word[i] & 63
		gap, sub := int32(l.costs.Gap[c]), &l.costs.Sub[c]
		prev, cur := l.rows[i][:len(q)+1], l.rows[i+1][:len(q)+1]
		diagonal := prev[0]
		left := diagonal + gap
		cur[0] = left
		best := left
		if i > 0 && l.pairs[c]>>(word[i-1]&63)&1 != 0 {
			before, prev2 := word[i-1], l.rows[i-1][:len(q)+1]
			for j, qc := range q {
				up := prev[j+1]
				left = min(diagonal+int32(sub[qc&63]), up+gap, left+int32(l.costs.Gap[qc&63]))
				if j > 0 && qc == before && q[j-1] == c {
					left = min(left, prev2[j-1]+int32(l.costs.Swap))
				}
				cur[j+1], diagonal, best = left, up, min(best, left)
			}
		} else {
			for j, qc := range q {
				up := prev[j+1]
				left = min(diagonal+int32(sub[qc&63]), up+gap, left+int32(l.costs.Gap[qc&63]))
				cur[j+1], diagonal, best = left, up, min(best, left)
			}
		}
		l.least[i+1] = best
		l.depth = i + 1
		if best > limit && l.hopeless(i+1, limit) {
			return limit + 1
		}
	}
	return l.rows[len(word)][len(q)]
}

// hopeless reports whether no way through row i can stay within the limit. A
// way passes the row or leaps over it by exchanging two letters.
func (l *ladder) hopeless(i int, limit int32) bool {
	return l.least[i] > limit && l.least[i-1]+int32(l.costs.Swap) > limit
}

// eachNear calls found for those of the words in sc.close, whose shapes are in
// sc.shapes, that are similar to a word, with their place there, in their order.
// Its answers are those of spelling.Similarity, as far as an allowance lets them
// through and words written in Latin do not differ in length by more than window.
func (d *dictionary) eachNear(sc *scratch, t *spelling.Token, allowed *spelling.Allowance, window int, found func(k int, thousandths uint16)) {
	if len(sc.close) == 0 {
		return
	}
	of := outline(t)
	sc.sift(&of, allowed, window)
	d.gauge(sc, t, &of, allowed, found)
}

// fetch brings in the shapes of the words in sc.close.
func (sc *scratch) fetch(d *dictionary) {
	sc.shapes = sc.shapes[:0]
	for _, word := range sc.close {
		sc.shapes = append(sc.shapes, d.shapes[word])
	}
}

// sift leaves those of the words that may be near by their shape.
func (sc *scratch) sift(of *shape, allowed *spelling.Allowance, window int) {
	words, shapes, kept := sc.close, sc.shapes[:len(sc.close)], 0
	for i := range shapes {
		s := &shapes[i]
		switch {
		case of.size == 0 || s.size == 0 || of.pet && s.pet:
		case of.loose || s.loose:
			if of.excess(s, of.unmatched(s), spelling.LooseCosts) > allowed.Limits[max(s.size, of.size)] {
				continue
			}
		default:
			if gap := int(s.size) - int(of.size); gap > window || gap < -window || of.excess(s, of.unmatched(s), spelling.StrictCosts) > allowed.Limits[max(s.size, of.size)] {
				continue
			}
		}
		words[kept], shapes[kept] = words[i], *s
		kept++
	}
	sc.close, sc.shapes = words[:kept], shapes[:kept]
}

// gauge is eachNear for words that the shape lets through.
func (d *dictionary) gauge(sc *scratch, t *spelling.Token, of *shape, allowed *spelling.Allowance, found func(k int, thousandths uint16)) {
	words, shapes := sc.close, sc.shapes[:len(sc.close)]
	// What lies far apart is read before it is needed, so that the processor can
	// fetch many at a time.
	firsts := sc.firsts[:0]
	for i := range shapes {
		if s := &shapes[i]; s.size > 0 {
			firsts = append(firsts, d.letters[s.at])
		}
	}
	sc.firsts = firsts
	var ladders [2]*ladder
	for k, word := range words {
		s := &shapes[k]
		if of.size == 0 || s.size == 0 {
			other := d.token(word)
			if sim, _ := spelling.Similarity(t, &other); sim >= allowed.Least {
				found(k, uint16(sim*1000+0.5))
			}
			continue
		}
		loose, kind, costs := of.loose || s.loose, 0, spelling.StrictCosts
		if loose {
			kind, costs = 1, spelling.LooseCosts
		}
		n := int(max(s.size, of.size))
		limit := allowed.Limits[n]
		far := limit + 1
		// The test by ClassMask that spelling.Similarity begins with.
		if only := max(bits.OnesCount8(of.mask&^s.mask), bits.OnesCount8(s.mask&^of.mask)); 100*int32(only) <= spelling.AnySimilar.Limits[n] {
			l := ladders[kind]
			if l == nil {
				l = &sc.ladders[kind]
				l.start(costs, t.Fold)
				ladders[kind] = l
			}
			far = l.distance(d.letters[s.at:s.at+uint32(s.size)], limit)
		}
		sim := 0.0
		switch {
		case far > limit:
		case far > 0:
			sim = spelling.EditSimilarity(int(far), n, loose)
		case t.Text != d.spelled(word) && !loose:
			sim = spelling.SimSpelling
		case t.Text != d.spelled(word) || t.Loose != s.loose:
			sim = spelling.SimTransliterated
		default:
			sim = 1
		}
		if of.pet && s.pet && sim < spelling.SimNickname && spelling.SameNickname(t.Text, d.spelled(word)) {
			sim = spelling.SimNickname
		}
		if sim >= allowed.Least {
			found(k, uint16(sim*1000+0.5))
		}
	}
}
