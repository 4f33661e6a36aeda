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
	word  uint32
	names []uint32
}

// nameSum is what a name has from the words that were found: in the lowest bits
// the group that last added to it, from 1, above them what all groups added. One
// number of four bytes, because a query adds to thousands of them all over the
// list.
type nameSum uint32

const (
	groupBits = 7  // a query has 24 words, 45 joins and 74 halves at most
	sumGrain  = 16 // millionths of a whole weight in one step of a sum
)

// gain is what a word of a group adds.
func (l *lead) gain(g *group) nameSum {
	return nameSum(uint32(l.sim)*uint32(g.weight)/sumGrain) << groupBits
}

// chosen is a name with the bin of what it promises.
type chosen struct{ name, bin uint32 }

// promiseBins is how finely names are told apart by what they promise.
const promiseBins = 512

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
	a, sc := newAligner(b, m), b.sc
	sc.similar, sc.byWord = sc.similar[:0], sized(sc.byWord, len(b.q))
	for i := range b.q {
		if same := sameWord(b.q, i); same < i {
			sc.byWord[i] = sc.byWord[same]
		} else {
			sc.byWord[i] = m.similarWords(sc, b.found[i])
		}
		a.weights[i] = m.queryWeight(&b.q[i], sc.byWord[i])
		a.total += a.weights[i]
	}
	return a, sc.byWord
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
			leads = append(leads, lead{uint16(g), s.sim, s.word, names})
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
	sc := a.sc
	if n := len(a.m.nameEntity); len(sc.names) < n {
		sc.names = make([]nameSum, n)
	}
	postings := 0
	for i := range leads {
		postings += len(leads[i].names)
	}
	sums, touched, count := sc.names, slices.Grow(sc.touched[:0], postings)[:postings], 0
	for i := range leads {
		l := &leads[i]
		seen := nameSum(l.group + 1)
		gain := l.gain(&groups[l.group])
		for _, n := range l.names {
			t := sums[n]
			if t&(1<<groupBits-1) == seen {
				continue // the better one came first
			}
			touched[count] = n
			if t == 0 {
				count++
			}
			sums[n] = t&^(1<<groupBits-1) + gain | seen
		}
	}
	sc.touched = touched[:0]
	a.choose(touched[:count])
	return sc.promising(a.most())
}

// choose notes what touched names promise and clears their sums.
func (a *aligner) choose(touched []uint32) {
	const thousandth = 1000.0 / sumGrain // of a weight, in steps of a sum
	sc, heads := a.sc, a.m.nameHeads
	query := float32(fitted.query) / pointScale
	ofQuery := query / (thousandth * float32(max(a.total, 1)))
	sounds := a.sounds()
	// A pass of its own brings in the memory, many names at a time.
	var about [weighed]struct {
		sum    nameSum
		weight uint16
		sounds spelling.Sounds
	}
	for names := range slices.Chunk(touched, weighed) {
		for i, n := range names {
			head := &heads[n]
			about[i].weight, about[i].sounds = head.weight, head.sounds
			about[i].sum, sc.names[n] = sc.names[n]>>groupBits, 0
		}
		for i, n := range names {
			c := &about[i]
			covered := float32(c.sum)
			promise := min(query, covered*ofQuery) + (1-query)*min(1, covered/(thousandth*float32(max(c.weight, 100))))
			sc.choose(n, sounds.with(promise, c.sounds))
		}
	}
}

// heardSounds are those of the query, with what one of them counts in a promise.
type heardSounds struct {
	of  spelling.Sounds
	one float32
}

func (a *aligner) sounds() heardSounds {
	of := spelling.SoundsOfName(a.q)
	return heardSounds{of, soundsCount / (1 + soundsCount) / float32(max(1, bits.OnesCount64(uint64(of))))}
}

// with is what a name promises, 0-1, by the words that were found and by the
// sounds it shares with the query.
func (h *heardSounds) with(promise float32, other spelling.Sounds) float32 {
	return promise*(1/(1+soundsCount)) + h.one*float32(bits.OnesCount64(uint64(h.of&other)))
}

// choose notes a name with what it promises.
func (sc *scratch) choose(name uint32, promise float32) {
	bin := uint32(max(0, min(promiseBins-1, int(promise*(promiseBins-1)))))
	sc.promises[bin]++
	sc.chosen = append(sc.chosen, chosen{name, bin})
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

// promising are about so many of the chosen names, the most promising ones. It
// forgets the others.
func (sc *scratch) promising(most int) []uint32 {
	cut := uint32(0)
	if len(sc.chosen) > most {
		have := 0
		for cut = promiseBins - 1; cut > 0; cut-- {
			if have += int(sc.promises[cut]); have >= most {
				break
			}
		}
	}
	out := make([]uint32, 0, min(len(sc.chosen), 2*most))
	for _, c := range sc.chosen {
		if c.bin > cut || c.bin == cut && len(out) < 4*most {
			out = append(out, c.name)
		}
	}
	clear(sc.promises[:])
	sc.chosen = sc.chosen[:0]
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
