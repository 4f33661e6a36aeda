package screen

import (
	"math"
	"math/bits"
	"slices"

	"bonafide/spelling"
)

// Limits of the search on one list.
const (
	// maxPostings is how many names the words of one query may bring up; rare
	// words come first.
	maxPostings = 30000
	// maxCandidates are aligned and scored; maxNearest, or thrice as many as are
	// wanted, where somebody wants to see what is nearest and all words of the
	// query are Latin. Of words of other scripts what was found says less about
	// which names are the right ones.
	maxCandidates = 100
	maxNearest    = 24
	// soundsCount is how much the sounds that a name shares count beside the
	// words that were found.
	soundsCount = 0.6
	// maxSimilarWords per query word.
	maxSimilarWords = 400
	// leastLeading is how similar a word must be to bring up names.
	leastLeading = 0.70
)

// similarWord is a word of a list that a query word may stand for.
type similarWord struct {
	word uint32
	sim  uint16 // thousandths
}

// group is what one word of the query, a join of its neighbours or a part of a
// word may stand for on a list.
type group struct {
	similar  []similarWord
	weight   int // thousandths
	from, to int // the words of the query that it covers
	composed bool
}

// lead is one word of a list that may bring up names.
type lead struct {
	group uint16
	sim   uint16
	names []uint32
}

// nameSum is what a name has from the words that were found.
type nameSum struct {
	score float32
	seen  uint16 // the group that last added to it, from 1
}

// chosen is a name with what it promises.
type chosen struct {
	name    uint32
	promise float32
}

// candidates finds the names of one list that are worth aligning: those that
// may have the points that are needed, the most promising ones, and those of
// entities with one of the numbers.
func (b *board) candidates(m *member, need int, numbers []string) (*aligner, []uint32) {
	a, similar := b.aligner(m)
	groups := a.groups(similar)
	leads := m.leads(b.sc, groups)
	var out []uint32
	if need > fitted.oneWord {
		out = a.agreeing(groups, leads, need)
		if b.loose() {
			// A word of another script has many spellings, and the search may have
			// missed the one that agrees: its names are looked for in both ways.
			out = append(out, a.covered(groups, m.leads(b.sc, groups))...)
		}
	} else {
		out = a.covered(groups, leads)
	}
	for _, key := range numbers {
		for _, e := range m.withNumber(key) {
			out = m.appendNames(out, e)
		}
	}
	slices.Sort(out)
	return a, slices.Compact(out)
}

// aligner weighs the words of the query on one list. What they may stand for
// there stands in the working memory until the next list.
func (b *board) aligner(m *member) (*aligner, [][]similarWord) {
	b.sc.similar = b.sc.similar[:0]
	similar := make([][]similarWord, len(b.q))
	weights := make([]int, len(b.q))
	for i := range b.q {
		if same := sameWord(b.q, i); same < i {
			similar[i] = similar[same]
		} else {
			similar[i] = m.similarWords(b.sc, b.found[i])
		}
		weights[i] = m.queryWeight(&b.q[i], similar[i])
	}
	return newAligner(b, m, weights), similar
}

// appendNames adds the names of an entity.
func (x *index) appendNames(to []uint32, e uint32) []uint32 {
	n, _ := slices.BinarySearch(x.nameEntity, e)
	for ; n < len(x.nameEntity) && x.nameEntity[n] == e; n++ {
		to = append(to, uint32(n))
	}
	return to
}

// groups are the words of the query with what they may stand for, the joins of
// neighbours and the halves of words that may have been merged.
func (a *aligner) groups(similar [][]similarWord) []group {
	groups := a.sc.groups[:0]
	add := func(found []similarWord, weight, from, to int) {
		if len(found) > 0 {
			groups = append(groups, group{found, weight, from, to, true})
		}
	}
	for i := range similar {
		groups = append(groups, group{similar[i], a.weights[i], i, i + 1, false})
	}
	for i := range a.joined {
		run := &a.joined[i]
		if len(run.token.Text) >= 4 {
			weight := 0
			for k := range run.n {
				weight += a.weights[run.at+k]
			}
			near := a.m.similarWords(a.sc, a.foundJoined[i])
			for len(near) > 0 && near[len(near)-1].sim < joinLimit {
				near = near[:len(near)-1] // the best come first
			}
			add(near, weight, run.at, run.at+run.n)
		}
	}
	const half = joinLimit // what the half of a word agrees
	for i := range a.q {
		if len(a.q[i].Text) < 6 || (len(similar[i]) > 0 && similar[i][0].sim >= 970) {
			continue
		}
		for _, h := range a.cut(i) {
			left, okL := a.m.word(h.left, h.leftEnd)
			right, okR := a.m.word(h.right, h.rightEnd)
			if len(groups) > 3*spelling.MaxTokens {
				break
			}
			switch {
			case okL && okR:
				add([]similarWord{{left, half}}, a.weights[i]/2, i, i+1)
				add([]similarWord{{right, half}}, a.weights[i]/2, i, i+1)
			case okR && len(a.q[i].Text)-h.cut >= 5: // several small words may be left of it
				add([]similarWord{{right, half}}, a.weights[i], i, i+1)
			case okL && h.cut >= 5:
				add([]similarWord{{left, half}}, a.weights[i], i, i+1)
			}
		}
	}
	a.sc.groups = groups
	return groups
}

// leads are the words of the groups with their names, those with the most
// names left out beyond maxPostings: they prove least.
func (m *member) leads(sc *scratch, groups []group) []lead {
	leads := sc.leads[:0]
	var sizes [33]int // names by the length of their number in bits
	postings := 0
	for g := range groups {
		for _, s := range groups[g].similar {
			names := m.postings[m.postOff[s.word]:m.postOff[s.word+1]]
			postings += len(names)
			sizes[bits.Len(uint(len(names)))] += len(names)
			leads = append(leads, lead{uint16(g), s.sim, names})
		}
	}
	sc.leads = leads
	if postings <= maxPostings {
		return leads
	}
	left, limit := maxPostings, 0
	for sizes[limit] <= left {
		left -= sizes[limit]
		limit++
	}
	kept := leads[:0]
	for _, l := range leads {
		switch n := bits.Len(uint(len(l.names))); {
		case n > limit, n == limit && len(l.names) > left && len(kept) > 0:
			continue
		case n == limit:
			left -= len(l.names)
		}
		kept = append(kept, l)
	}
	return kept
}

// covered are the names that have the most of what the groups weigh.
func (a *aligner) covered(groups []group, leads []lead) []uint32 {
	sc, x := a.sc, a.m
	if n := len(x.nameEntity); len(sc.names) < n {
		sc.names = make([]nameSum, n)
	}
	for _, l := range leads {
		gain := float32(l.sim) / 1000 * float32(groups[l.group].weight)
		for _, n := range l.names {
			t := &sc.names[n]
			if t.seen == l.group+1 {
				continue // the better one came first
			}
			if t.seen == 0 {
				sc.touched = append(sc.touched, n)
			}
			t.seen = l.group + 1
			t.score += gain
		}
	}
	total, share := float64(max(a.total, 1)), float64(fitted.query)/pointScale
	sc.chosen = sc.chosen[:0]
	sounds := spelling.SoundsOfName(a.q)
	for _, n := range sc.touched {
		covered := float64(sc.names[n].score)
		sc.names[n] = nameSum{}
		head := &x.nameHeads[n]
		listed := float64(max(head.weight, 100))
		promise := float32(share*min(1, covered/total) + (1-share)*min(1, covered/listed))
		sc.chosen = append(sc.chosen, chosen{n, withSounds(promise, sounds.Shared(head.sounds))})
	}
	sc.touched = sc.touched[:0]
	return sc.promising(a.most())
}

// withSounds is what a name promises by the words that were found and by the
// sounds it shares with the query.
func withSounds(promise, shared float32) float32 {
	return (promise + soundsCount*shared) / (1 + soundsCount)
}

// most is how many names of a list are looked at closely.
func (b *board) most() int {
	if b.nearest > 0 && !b.loose() {
		return min(max(maxNearest, 3*b.nearest), maxCandidates)
	}
	return maxCandidates
}

// loose reports whether a word of the query comes from a script that leaves
// something open.
func (b *board) loose() bool {
	return slices.ContainsFunc(b.q, func(t spelling.Token) bool { return t.Loose })
}

// promising are about so many of the chosen names, the most promising ones.
func (sc *scratch) promising(most int) []uint32 {
	out := make([]uint32, 0, min(len(sc.chosen), 2*most))
	const bins = 512
	bin := func(c *chosen) int { return max(0, min(bins-1, int(c.promise*(bins-1)))) }
	cut := 0
	if len(sc.chosen) > most {
		var histogram [bins]int
		for i := range sc.chosen {
			histogram[bin(&sc.chosen[i])]++
		}
		have := 0
		for cut = bins - 1; cut > 0; cut-- {
			if have += histogram[cut]; have >= most {
				break
			}
		}
	}
	for i := range sc.chosen {
		if b := bin(&sc.chosen[i]); b > cut || (b == cut && len(out) < 4*most) {
			out = append(out, sc.chosen[i].name)
		}
	}
	return out
}

// queryWeight of a word, in thousandths: its own rarity where the list has
// it; the rarity of its nearest listed spelling where it has only that; rare
// otherwise.
func (x *index) queryWeight(t *spelling.Token, similar []similarWord) int {
	w := int(math.Round(float64(x.Unknown) * kindWeight(t.Kind)))
	best := uint16(0)
	for _, s := range similar {
		if s.sim < 850 || s.sim+30 < best {
			break
		}
		best = max(best, s.sim)
		if t.Kind == x.kind(s.word) {
			w = min(w, int(x.weight[s.word]))
		}
	}
	return max(w, 1)
}
