package screen

import (
	"cmp"
	"math"
	"slices"
)

// Limits of the search on one list.
const (
	// maxPostings is how many names the words of one query may bring up; rare
	// words come first.
	maxPostings = 30000
	// maxCandidates are aligned and scored.
	maxCandidates = 250
	// maxSimilarWords per query word.
	maxSimilarWords = 400
)

// similarWord is a word of a list that a query word may stand for.
type similarWord struct {
	word uint32
	sim  float32
}

// nameSum is what a name has from the words that were found.
type nameSum struct {
	score float32
	seen  uint16 // the query word that last added to it
}

// lead is one word of a list that may bring up names.
type lead struct {
	q     uint16 // query word, from 1
	gain  float32
	names []uint32
}

// candidates finds the names worth aligning: the rarest words lead, and a
// name's score is what its found words weigh.
func (x *index) candidates(sc *scratch, weights []int, similar [][]similarWord, queryTotal int) []uint32 {
	leads, postings := sc.leads[:0], 0
	for i := range similar {
		for _, s := range similar[i] {
			names := x.postings[x.postOff[s.word]:x.postOff[s.word+1]]
			postings += len(names)
			leads = append(leads, lead{uint16(i + 1), s.sim * float32(weights[i]), names})
		}
	}
	sc.leads = leads
	if postings > maxPostings {
		leads = rarest(leads)
	}
	for _, l := range leads {
		for _, n := range l.names {
			t := &sc.names[n]
			if t.seen == l.q {
				continue
			}
			if t.score == 0 {
				sc.touched = append(sc.touched, n)
			}
			t.seen = l.q
			t.score += l.gain
		}
	}
	total, share := float64(max(queryTotal, 1)), float64(fitted.query)/pointScale
	const bins = 512
	var histogram [bins]int
	sc.bins = sc.bins[:0]
	for _, n := range sc.touched {
		covered := float64(sc.names[n].score)
		sc.names[n] = nameSum{}
		listed := float64(max(x.nameWeight[n], 100))
		e := share*min(1, covered/total) + (1-share)*min(1, covered/listed)
		bin := uint16(min(bins-1, int(e*(bins-1))))
		histogram[bin]++
		sc.bins = append(sc.bins, bin)
	}
	cut, have := bins-1, 0
	for ; cut > 0; cut-- {
		if have += histogram[cut]; have >= maxCandidates {
			break
		}
	}
	out := make([]uint32, 0, min(have, 2*maxCandidates))
	for i, n := range sc.touched {
		if b := int(sc.bins[i]); b > cut || (b == cut && len(out) < 4*maxCandidates) {
			out = append(out, n)
		}
	}
	sc.touched = sc.touched[:0]
	slices.Sort(out)
	return out
}

// rarest keeps the leads with the fewest names, so that the cap leaves out
// what proves least. Within a query word the better similarity must come
// first, because only the first counts: so the cap is computed first and the
// order restored after it.
func rarest(leads []lead) []lead {
	slices.SortStableFunc(leads, func(a, b lead) int { return cmp.Compare(len(a.names), len(b.names)) })
	postings := 0
	for i := range leads {
		if postings += len(leads[i].names); postings > maxPostings && i > 0 {
			leads = leads[:i]
			break
		}
	}
	slices.SortStableFunc(leads, func(a, b lead) int {
		return cmp.Or(cmp.Compare(a.q, b.q), -cmp.Compare(a.gain, b.gain))
	})
	return leads
}

// queryWeight of a word, in thousandths: its own rarity where the list has
// it; the rarity of its nearest listed spelling where it has only that; rare
// otherwise.
func (x *index) queryWeight(t *token, similar []similarWord) int {
	w := int(math.Round(float64(x.Unknown) * kindWeight(t.kind)))
	best := float32(0)
	for _, s := range similar {
		if s.sim < 0.85 || s.sim < best-0.03 {
			break
		}
		best = max(best, s.sim)
		if t.kind == x.kind(s.word) {
			w = min(w, int(x.weight[s.word]))
		}
	}
	return max(w, 1)
}
