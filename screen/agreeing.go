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

// agreeing are the names that may have the points that are needed where one
// agreeing word is not enough: those that two words of the list lead to, and of
// the others those of the groups that weigh most, in case that the search missed
// the words that agree beside. A word that several words of the query may stand
// for leads to a name once, because it agrees with one of them; "María del
// Carmen María" would otherwise look at every María.
func (a *aligner) agreeing(groups []group, leads []lead, need int) []uint32 {
	sc := a.sc
	blocks := len(a.m.nameEntity)/64 + 1
	if len(sc.once) < blocks {
		sc.once, sc.picked = make([]uint64, blocks), make([]uint64, blocks)
	}
	a.hear(groups)
	runs := groupRuns(leads)
	// The longest group comes last: its names are only looked up.
	slices.SortFunc(runs, func(b, c leadRun) int { return cmp.Compare(b.names, c.names) })
	for r, run := range runs {
		for i := range run.leads {
			l := &run.leads[i]
			said := a.said(l.word)
			shared := *said&(saidTwice|saidComposed) == saidTwice
			if shared {
				if *said&saidLed != 0 {
					continue
				}
				*said |= saidLed
			}
			for _, n := range l.names {
				seen, bit := sc.once[n>>6], uint64(1)<<(n&63)
				if seen&bit != 0 || shared && a.m.repeats[n>>6]&bit != 0 {
					sc.pick(n)
				} else if r < len(runs)-1 {
					sc.once[n>>6] = seen | bit
				}
			}
		}
	}
	clear(sc.once[:blocks])
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

// What hear notes of a word beside its similarities and its weight.
const (
	saidComposed = 1 << iota // it may be a part of a word, or several words in one
	saidTwice                // several groups have it
	saidLed                  // agreeing has been at its names
)

// said is what hear noted of a word of the groups.
func (a *aligner) said(word uint32) *uint16 {
	return &a.sc.lines[int(a.sc.heard[word])+len(a.q)+1]
}

// hear notes for each word of the groups which query words it may stand for:
// a line with the similarity to each, the word's weight, and what it is beside.
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
				sc.lines[int(line)+width-1] |= saidTwice
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
				to[width-1] |= saidComposed
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
			spans[i] = span{head.words, x.nameHeads[n+1].words, uint32(head.weight), 0, head.sounds}
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
		composed = composed || line[nq+1]&saidComposed != 0
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
				if gap := size - int32(q.text); gap <= joinGap && gap >= -joinGap && (q.loose || a.m.words[w].loose || spelling.Class(a.m.spelled(w)[0]) == q.class) {
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
