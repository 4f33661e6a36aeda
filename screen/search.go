package screen

import (
	"math"
	"slices"
	"strings"
)

// nearWord is a dictionary word that a query word may stand for.
type nearWord struct {
	word uint32
	sim  float32
	// thousandths is sim rounded; a float32 may round to the other side.
	thousandths uint16
}

// sought is what the search answered for one word.
type sought struct {
	near []nearWord
	// tried marks the words that were measured: what is not in near is not
	// similar. nil when the word was not measured with others.
	tried []uint64
	// step of each asked list: what does not reach it is not among the
	// maxSimilarWords best of that list.
	step []int
}

// search looks a query word up in all the ways the keys allow and measures
// what they bring, on all lists asked. The answer stands in the working memory
// until the next name of the query.
func (d *dictionary) search(sc *scratch, t *token, a *allowance) sought {
	from := len(sc.near)
	out := sought{step: make([]int, len(sc.asked))}
	first, end := d.withKey(wordKey(*t))
	if !t.editable() || len(t.text) > maxWordBytes {
		for w := first; w < end; w++ {
			sc.near = append(sc.near, nearWord{w, 1, 1000})
		}
		out.near = slices.Clip(sc.near[from:])
		return out
	}
	mark := func(pairs []keyPair) {
		for _, p := range pairs {
			sc.marks[p.place>>6] |= 1 << (p.place & 63)
		}
	}
	markAll := func(first, end uint32) {
		for w := first; w < end; w++ {
			sc.marks[w>>6] |= 1 << (w & 63)
		}
	}
	// The keys do not lead to legal forms, which may begin a name as a word.
	markAll(first, end)
	mark(d.deletes.find(hashWord(t.fold)))
	if len(t.fold) >= 4 {
		eachDeletion(t.fold, func(s []byte) { mark(d.deletes.find(hashBytes(s))) })
	}
	if key := skeleton(t.fold, false); key != "" {
		mark(d.medium.find(hashWord(key)))
		if len(key) >= 4 {
			eachDeletion(key, func(s []byte) { mark(d.medium.find(hashBytes(s))) })
		}
	}
	if t.loose {
		if key := skeleton(t.fold, true); key != "" {
			mark(d.coarse.find(hashWord(key)))
			if len(key) >= 3 {
				eachDeletion(key, func(s []byte) { mark(d.coarse.find(hashBytes(s))) })
			}
		}
	}
	for _, row := range nicknames[t.text] {
		for _, other := range strings.Fields(nicknameRows[row]) {
			markAll(d.withKey(other))
		}
	}
	for block, within := range sc.within {
		sc.marks[block] &= within
	}
	out.tried = sc.bitmap(sc.marks)
	const maxLengthGap = 4
	sc.allowed, sc.narrowed, sc.step = a, false, out.step
	// How many words found for each list reach each step.
	reached := make([][len(steps)]int, len(sc.asked))
	d.eachNear(sc, t, sc.marks, out.tried, maxLengthGap, func(word uint32, sim float64) {
		sc.near = append(sc.near, nearWord{word, float32(sim), uint16(sim*1000 + 0.5)})
		for l, m := range sc.asked {
			if m.local[word] == 0 {
				continue
			}
			for k := out.step[l] + 1; k < len(steps) && sim >= steps[k].least; k++ {
				if reached[l][k]++; reached[l][k] == maxSimilarWords {
					out.step[l], sc.narrowed = k, true
				}
			}
		}
	})
	sc.narrowed = false
	out.near = slices.Clip(sc.near[from:])
	return out
}

// similarWords are the best of what was found that the list has, the most
// similar first. The answer stands in the working memory until the next list.
func (m *member) similarWords(sc *scratch, list int, s *sought) []similarWord {
	keys := sc.keys[:0]
	least := float32(0)
	if step := s.step[list]; step > 0 {
		least = float32(steps[step].least)
	}
	for i := range s.near {
		n := &s.near[i]
		if id := m.local[n.word]; id != 0 && n.sim >= least {
			// The bits of a positive float stand in the order of its value;
			// turned over, the best sort first and equal ones by word.
			keys = append(keys, uint64(^math.Float32bits(n.sim))<<32|uint64(id-1))
		}
	}
	sc.keys = keys
	slices.Sort(keys)
	from := len(sc.similar)
	for _, n := range keys[:min(len(keys), maxSimilarWords)] {
		sc.similar = append(sc.similar, similarWord{uint32(n), math.Float32frombits(^uint32(n >> 32))})
	}
	return slices.Clip(sc.similar[from:])
}
