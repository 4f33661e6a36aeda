package screen

import (
	"math/bits"
	"strings"

	"bonafide/spelling"
)

// shape is what tells most words apart without reading them.
type shape struct {
	hard, full uint32 // consonantCounts of the folded word
	soft       uint32 // its softCounts
	at         uint32 // where its letter codes begin
	// size is how many letters it has; 0 for words that are not measured by
	// editing: initials, numbers, legal forms, very long ones.
	size  uint8
	mask  uint8 // spelling.ClassMask
	loose bool
	pet   bool  // it stands in a row of nicknames
	text  uint8 // how many letters it has unfolded, at most 255
	class uint8 // of the first letter
}

// consonantCounts counts the letters of each class, four bits for each, at
// most 7. full counts every letter; hard leaves out v and j, which may stand
// for a vowel. Each hard letter that finds no full one of its class on the
// other side costs a whole letter, because all cheaper edits stay in the class.
func consonantCounts(fold string) (hard, full uint32) {
	for i := range len(fold) {
		var at uint
		switch c := fold[i]; spelling.Class(c) {
		case 'b':
			at = 0
		case 't':
			at = 4
		case 'k':
			at = 8
		case 's':
			at = 12
		case 'r':
			at = 16
		case 'n':
			at = 20
		default:
			if c > '9' {
				continue
			}
			at = 24
		}
		if full>>at&7 < 7 {
			full += 1 << at
		}
		if c := fold[i]; c != 'v' && c != 'j' && hard>>at&7 < 7 {
			hard += 1 << at
		}
	}
	return hard, full
}

// unmatched counts the hard letters for which there is no full one.
func unmatched(hard, full uint32) int32 {
	const top = 0x88888888
	d := (hard | top) - full
	keep := d & top
	d &= keep - keep>>3
	d = d&0x0f0f0f0f + d>>4&0x0f0f0f0f
	return int32(d * 0x01010101 >> 24)
}

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

// softCounts counts what consonantCounts leaves open: a, e, i, o, u, h, j and v,
// four bits for each, at most 7.
func softCounts(fold string) (soft uint32) {
	for i := range len(fold) {
		at := strings.IndexByte("aeiouhjv", fold[i])
		if at >= 0 && soft>>(4*at)&7 < 7 {
			soft += 1 << (4 * at)
		}
	}
	return soft
}

// excess is what a word has more of than another: a bound of the distance from
// one side. Each letter too many costs at least a whole one, or what its
// cheapest edit costs where there are cheaper ones.
func excess(hard, full, soft, other uint32, k *spelling.EditCosts) int32 {
	const top = 0x88888888
	d := (soft | top) - other
	keep := d & top
	d &= keep - keep>>3
	vowels := d&0xf + d>>4&0xf + d>>8&0xf + d>>12&0xf + d>>16&0xf
	return 100*unmatched(hard, full) + k.Least[0]*int32(vowels) + k.Least[1]*int32(d>>20&0xf) + k.Least[2]*int32(d>>24&0xf) + k.Least[3]*int32(d>>28)
}

// eachNear calls found for the words of the named places that are similar to a
// word, in the order of the places. Its answers are those of spelling.Similarity, as far
// as the allowance lets them through and words written in Latin do not differ
// in length by more than window.
func (d *dictionary) eachNear(sc *scratch, t *spelling.Token, places []uint32, allowed *spelling.Allowance, window int, found func(word uint32, thousandths uint16)) {
	if len(places) == 0 {
		return
	}
	near, begins := sc.close[:0], sc.begins[:0]
	hard, full := consonantCounts(t.Fold)
	soft := softCounts(t.Fold)
	pet := spelling.HasNickname(t.Text)
	editable := t.Editable()
	// Most words are told apart by their shapes. They are read before and the
	// rest is measured after that, so that the processor can fetch many at a
	// time.
	shapes := sc.shapes[:0]
	for _, word := range places {
		shapes = append(shapes, d.shapes[word])
	}
	sc.shapes = shapes
	for i, word := range places {
		s := &shapes[i]
		gap := int(s.size) - len(t.Fold)
		n := max(int(s.size), len(t.Fold))
		switch {
		case !editable || s.size == 0 || pet && s.pet:
		case t.Loose || s.loose:
			if max(excess(hard, s.full, soft, s.soft, spelling.LooseCosts), excess(s.hard, full, s.soft, soft, spelling.LooseCosts)) > allowed.Limits[n] {
				continue
			}
		case gap > window || gap < -window || max(excess(hard, s.full, soft, s.soft, spelling.StrictCosts), excess(s.hard, full, s.soft, soft, spelling.StrictCosts)) > allowed.Limits[n]:
			continue
		}
		near = append(near, word)
		if s.size > 0 {
			begins = append(begins, s.at)
		}
	}
	sc.close, sc.begins = near, begins
	firsts := sc.firsts[:0]
	for _, at := range begins {
		firsts = append(firsts, d.letters[at]) // for the same reason
	}
	sc.firsts = firsts
	var ladders [2]*ladder
	for _, word := range near {
		s := &d.shapes[word]
		if !editable || s.size == 0 {
			other := d.token(word)
			if sim, _ := spelling.Similarity(t, &other); sim >= allowed.Least {
				found(word, uint16(sim*1000+0.5))
			}
			continue
		}
		loose, kind, costs := t.Loose || s.loose, 0, spelling.StrictCosts
		if loose {
			kind, costs = 1, spelling.LooseCosts
		}
		n := max(int(s.size), len(t.Fold))
		limit := allowed.Limits[n]
		far := limit + 1
		// The test by ClassMask that spelling.Similarity begins with.
		if only := max(bits.OnesCount8(t.Mask&^s.mask), bits.OnesCount8(s.mask&^t.Mask)); 100*int32(only) <= spelling.AnySimilar.Limits[n] {
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
		if pet && s.pet && sim < spelling.SimNickname && spelling.SameNickname(t.Text, d.spelled(word)) {
			sim = spelling.SimNickname
		}
		if sim >= allowed.Least {
			found(word, uint16(sim*1000+0.5))
		}
	}
}
