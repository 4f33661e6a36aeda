package screen

import (
	"cmp"
	"slices"

	"bonafide/spelling"
)

const (
	// maxLone is how many names are looked at that one group alone leads to.
	maxLone = 1500
	// maxDivided is for how many words of the query, all names together, a row is
	// looked at for words that divide them.
	maxDivided = 10000
	// unfound is how similar a word may be that the search did not find, in
	// thousandths. At 850 the development half lost listed parties.
	unfound = 950
)

// mostCounted bounds what a measured similarity may count, in thousandths.
var mostCounted = func() (t [1001]uint16) {
	for sim := 1; sim <= 1000; sim++ {
		t[sim] = uint16(min(1000, 1+int(1000*fitted.mostSimilar(float64(sim)/1000))))
	}
	return t
}()

// mostPoints bounds the points of a name whose words cover so much of these
// weights, in thousandths of them.
func mostPoints(coveredQ, totalQ, coveredL, totalL int) int {
	q := min(1, float64(coveredQ)/float64(1000*max(totalQ, 1)))
	l := min(1, float64(coveredL)/float64(1000*max(totalL, 1)))
	return 2 + int(pointScale*fitted.most(q, l))
}

// coverage is what is known of a name before it is aligned: how much of each
// side may find a partner, in thousandths of the weights.
type coverage struct {
	coveredQ, totalQ, coveredL, totalL int
	pairsQ, pairsL                     int  // how many words of a side may find a partner
	openQ, openL                       bool // an identifying word of a side has none for certain
	noFamily                           bool // nor has any of the marked family name
	weak                               bool // the source calls the name weak
}

// most bounds the points of the name. It takes what facts.points takes where
// that is certain.
func (c *coverage) most() int {
	q := min(1, float64(c.coveredQ)/float64(1000*max(c.totalQ, 1)))
	l := min(1, float64(c.coveredL)/float64(1000*max(c.totalL, 1)))
	share := func(points int) float64 { return float64(points) / pointScale }
	openQ, openL := 1-q, 1-l
	most := share(fitted.query)*q + (1-share(fitted.query))*l - share(fitted.substituted)*min(openQ, openL)
	if !c.openL {
		most += share(fitted.contained) * max(0, openQ-openL)
	}
	if !c.openQ && !c.noFamily {
		most += share(fitted.within) * max(0, openL-openQ)
	}
	points := 2 + int(pointScale*most)
	if c.openQ && c.openL {
		points -= fitted.other
	}
	if c.noFamily {
		points -= fitted.family
	}
	if c.openQ || c.openL {
		if little := fitted.proof - min(c.coveredQ, c.coveredL)/1000; little > 0 {
			points -= fitted.unproven * little / 1000
		}
		if c.pairsQ <= 1 && c.pairsL <= 1 {
			points = min(points, fitted.oneWord)
		}
	}
	if c.weak {
		points = min(points, fitted.weakAlias)
	}
	return points
}

// agreeing are the names that may have the points that are needed where one
// agreeing word is not enough: those that two groups lead to, and of the others
// those of the groups that weigh most, in case that the search missed the words
// that agree beside.
func (a *aligner) agreeing(groups []group, leads []lead, need int) []uint32 {
	sc := a.sc
	if blocks := len(a.m.nameEntity)/64 + 1; len(sc.once) < blocks {
		sc.once, sc.picked = make([]uint64, blocks), make([]uint64, blocks)
	}
	a.hear(groups)
	runs := groupRuns(leads)
	// The longest group comes last: its names are only looked up.
	slices.SortFunc(runs, func(b, c leadRun) int { return cmp.Compare(b.names, c.names) })
	for r, run := range runs {
		for _, l := range run.leads {
			for _, n := range l.names {
				seen, bit := sc.once[n>>6], uint64(1)<<(n&63)
				if seen&bit != 0 {
					sc.pick(n)
				} else if r < len(runs)-1 {
					sc.once[n>>6] = seen | bit
				}
			}
		}
	}
	for _, run := range runs[:max(0, len(runs)-1)] {
		for _, l := range run.leads {
			for _, n := range l.names {
				sc.once[n>>6] = 0
			}
		}
	}
	a.lone(groups, runs, need)
	a.weigh(need)
	for _, n := range sc.touched {
		sc.picked[n>>6] = 0
	}
	sc.touched = sc.touched[:0]
	for _, w := range sc.heardBy {
		sc.hears[w>>6] = 0
	}
	sc.heardBy = sc.heardBy[:0]
	return sc.promising(a.most())
}

// leadRun is the leads of one group.
type leadRun struct {
	leads []lead
	names int
}

func groupRuns(leads []lead) []leadRun {
	var runs []leadRun
	for i, from := 0, 0; i < len(leads); i++ {
		if i+1 == len(leads) || leads[i+1].group != leads[from].group {
			run := leadRun{leads: leads[from : i+1]}
			for _, l := range run.leads {
				run.names += len(l.names)
			}
			runs, from = append(runs, run), i+1
		}
	}
	return runs
}

// lone picks names that one group leads to, the heaviest groups and their most
// similar words first, as long as one more word that was not found may lift
// them over what is needed.
func (a *aligner) lone(groups []group, runs []leadRun, need int) {
	slices.SortFunc(runs, func(b, c leadRun) int {
		return cmp.Compare(groups[c.leads[0].group].weight, groups[b.leads[0].group].weight)
	})
	sc, left := a.sc, maxLone
	for _, run := range runs {
		g := &groups[run.leads[0].group]
		other := 0
		for i, w := range a.weights {
			if i < g.from || i >= g.to {
				other = max(other, w)
			}
		}
		for _, l := range run.leads {
			agree := int(mostCounted[l.sim])*g.weight + int(mostCounted[unfound])*other
			if !g.composed && mostPoints(agree, a.total, agree, g.weight+other) < need {
				break // the rest is less similar
			}
			for _, n := range l.names {
				if left--; left < 0 {
					return
				}
				sc.pick(n)
			}
		}
	}
}

// hear notes for each word of the groups which query words it may stand for:
// a line with the similarity to each, the word's weight, and whether it may be
// a part of a word.
func (a *aligner) hear(groups []group) {
	sc, width := a.sc, len(a.q)+2
	if n := a.m.vocabulary(); len(sc.heard) < n {
		sc.heard, sc.hears = make([]uint32, n), make([]uint64, n/64+1)
	}
	sc.lines = sc.lines[:0]
	for g := range groups {
		for _, s := range groups[g].similar {
			var line uint32
			if sc.hears[s.word>>6]>>(s.word&63)&1 != 0 {
				line = sc.heard[s.word]
			} else {
				line = uint32(len(sc.lines))
				sc.heard[s.word] = line
				sc.hears[s.word>>6] |= 1 << (s.word & 63)
				sc.heardBy = append(sc.heardBy, s.word)
				sc.lines = slices.Grow(sc.lines, width)[:len(sc.lines)+width]
				clear(sc.lines[line:])
				sc.lines[int(line)+width-2] = a.m.weight[s.word]
			}
			to := sc.lines[line:][:width]
			for i := groups[g].from; i < groups[g].to; i++ {
				to[i] = max(to[i], s.sim)
			}
			if groups[g].composed {
				to[width-1] = 1
			}
		}
	}
}

// pick notes a name once.
func (sc *scratch) pick(name uint32) {
	if bit := uint64(1) << (name & 63); sc.picked[name>>6]&bit == 0 {
		sc.picked[name>>6] |= bit
		sc.touched = append(sc.touched, name)
	}
}

// weighed is how many names weigh takes at a time: what they bring in stays in the
// nearest memory of the processor until it is read.
const weighed = 256

// weigh chooses the picked names that may have the points that are needed. The
// passes before the last one bring in the memory that it reads, many names at a
// time.
func (a *aligner) weigh(need int) {
	sc, x := a.sc, a.m.index
	sounds := a.sounds()
	var spans [weighed]span
	for names := range slices.Chunk(sc.touched, weighed) {
		for i, n := range names {
			head := &x.nameHeads[n]
			spans[i] = span{head.words, x.nameHeads[n+1].words, head.weight, 0, head.sounds}
		}
		for i := range names {
			spans[i].first = x.nameWords[spans[i].from]
		}
		for i, n := range names {
			if promise, ok := a.promise(&spans[i], need); ok {
				sc.choose(n, sounds.with(promise, spans[i].sounds))
			}
		}
	}
}

// span is where the words of a name stand, what they weigh, the first of them,
// and the sounds of the name.
type span struct {
	from, to, weight, first uint32
	sounds                  spelling.Sounds
}

// promise weighs what was found of a name. It reports whether the name may
// have the points that are needed.
func (a *aligner) promise(s *span, need int) (float32, bool) {
	sc, nq := a.sc, len(a.q)
	var best [spelling.MaxTokens]uint16
	heard, coveredL, lacking := 0, 0, 0
	composed := false
	row := a.m.nameWords[s.from:s.to]
	for _, w := range row {
		if sc.hears[w>>6]>>(w&63)&1 == 0 {
			lacking++
			continue
		}
		line := sc.lines[sc.heard[w]:][: nq+2 : nq+2]
		top := uint16(0)
		for i, sim := range line[:nq] {
			best[i] = max(best[i], sim)
			top = max(top, mostCounted[sim])
		}
		composed = composed || line[nq+1] != 0
		heard += int(line[nq])
		coveredL += int(line[nq]) * int(top)
	}
	coveredQ, openQ, heaviest, asking, identifying := 0, 0, 0, 0, 0
	for i, weight := range a.weights {
		if best[i] == 0 {
			openQ += weight
			heaviest = max(heaviest, weight)
			asking++
			if a.q[i].Significant() {
				identifying++
			}
		}
		coveredQ += weight * int(mostCounted[best[i]])
	}
	if !composed {
		if nq-asking+min(asking, lacking) < 2 && (identifying > lacking || a.more(row)) {
			return 0, false // one word agrees at most, and either side has more
		}
		openL := max(0, int(s.weight)-heard)
		q := coveredQ + int(mostCounted[unfound])*min(openQ, lacking*heaviest)
		l := coveredL + int(mostCounted[unfound])*min(openL, 1000*asking)
		if mostPoints(q, a.total, l, int(s.weight)) < need {
			if a.divided += nq; lacking == 0 || a.divided > maxDivided || !a.mayDivide(row, &best, need) {
				return 0, false
			}
		}
	}
	share := float32(fitted.query) / pointScale
	q, l := float32(coveredQ)/float32(1000*max(a.total, 1)), float32(coveredL)/float32(1000*max(s.weight, 1))
	return share*min(1, q) + (1-share)*min(1, l), true
}

// mayDivide reports whether a word of the query that none of the row equals may
// be neighbours in it written as one.
func (a *aligner) mayDivide(row []uint32, best *[spelling.MaxTokens]uint16, need int) bool {
	for i := range a.q {
		q := &a.asked[i]
		if best[i] >= joinedSim || q.initial || q.text < 4 {
			continue
		}
		if len(row) == 2 && mostPoints(int(mostCounted[joinedSim])*a.weights[i], a.total, 1000, 1) < need {
			continue // no other word of the query would have a partner
		}
		for j, w := range row {
			size := int32(a.m.words[w].size)
			for k := j + 1; k < len(row) && k < j+maxJoin; k++ {
				size += int32(a.m.words[row[k]].size)
				if gap := size - q.text; gap <= 2 && gap >= -2 && (q.loose || a.m.words[w].loose || spelling.Class(a.m.spelled(w)[0]) == q.class) {
					return true
				}
			}
		}
	}
	return false
}

// more reports whether a row has an identifying word that was not found.
func (a *aligner) more(row []uint32) bool {
	return slices.ContainsFunc(row, func(w uint32) bool { return a.sc.hears[w>>6]>>(w&63)&1 == 0 && a.m.kind(w).Significant() })
}

// reach bounds the points of a name whose row is enlisted from above.
func (a *aligner) reach(name uint32) int {
	sc, nq, width := a.sc, len(a.q), len(a.q)+len(a.joined)
	var best, top [spelling.MaxTokens]uint16 // by query word, by listed word
	var slots [spelling.MaxTokens]uint32
	row := a.m.row(int(name))
	row = row[:min(len(row), spelling.MaxTokens)]
	for j, w := range row {
		slot := sc.slot[a.m.entry[w]]
		slots[j] = slot
		line := a.sims[int(slot)*width:][:width:width]
		most := uint16(0)
		for i, sim := range line[:nq] {
			if sim > 0 {
				best[i] = max(best[i], sim)
				most = max(most, sim)
			}
		}
		if a.joins[slot] {
			for i, sim := range line[nq:] {
				if sim >= joinLimit {
					for k := range a.joined[i].n {
						best[a.joined[i].at+k] = max(best[a.joined[i].at+k], sim)
					}
					most = max(most, sim)
				}
			}
		}
		top[j] = most
	}
	if len(row) > 1 {
		a.maySplit(slots[:len(row)], &best, &top)
	}
	c := coverage{totalQ: a.total, weak: a.m.weak(int(name))}
	family := int(a.m.nameFamily[name])
	for j, w := range row {
		weight := int(a.m.weight[w])
		c.totalL += weight
		if top[j] > 0 {
			c.coveredL += weight * int(mostCounted[top[j]])
			c.pairsL++
			continue
		}
		if (!c.openL || j < family) && a.m.kind(w).Significant() {
			c.openL = true
			c.noFamily = c.noFamily || j < family
		}
	}
	c.noFamily = c.noFamily && !agreesBefore(family, top[:len(row)])
	for i, weight := range a.weights {
		if best[i] > 0 {
			c.coveredQ += weight * int(mostCounted[best[i]])
			c.pairsQ++
		} else if !c.openQ {
			c.openQ = a.q[i].Significant()
		}
	}
	return max(0, c.most())
}

// agreesBefore reports whether one of the first words may find a partner.
func agreesBefore(n int, top []uint16) bool {
	for _, sim := range top[:min(n, len(top))] {
		if sim > 0 {
			return true
		}
	}
	return false
}

// maySplit notes the words of the query that may be neighbours of the row
// written as one, and those neighbours.
func (a *aligner) maySplit(slots []uint32, best, top *[spelling.MaxTokens]uint16) {
	for j := range len(slots) - 1 {
		first := &a.sc.outlines[slots[j]]
		letters := int(first.text)
		for k := j + 1; k < len(slots) && k < j+maxJoin; k++ {
			letters += int(a.sc.outlines[slots[k]].text)
			if a.mayBegin(first, letters) {
				a.noteSplits(slots, j, k, best, top)
			}
		}
	}
}

// noteSplits does so for the run from j to k.
func (a *aligner) noteSplits(slots []uint32, j, k int, best, top *[spelling.MaxTokens]uint16) {
	whole := *a.part(int(slots[j]))
	for _, slot := range slots[j+1 : k+1] {
		whole.add(a.part(int(slot)))
	}
	if whole.text < 4 {
		return
	}
	for i := range a.q {
		if !a.splittable(i, &whole) {
			continue
		}
		best[i] = max(best[i], joinedSim)
		for n := j; n <= k; n++ {
			top[n] = max(top[n], joinedSim)
		}
	}
}
