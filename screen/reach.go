package screen

import "bonafide/spelling"

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

// reach bounds the points of an enlisted name from above.
func (a *aligner) reach(e *enlisted) int {
	nq, width := len(a.q), a.width()
	var best, top [spelling.MaxTokens]uint16 // by query word, by listed word
	row := a.row(e)
	row = row[:min(len(row), spelling.MaxTokens)]
	for j := range row {
		slot := int(row[j].slot)
		line := a.sims[slot*width:][:width:width]
		most := uint16(0)
		for i, sim := range line[:nq] {
			best[i] = max(best[i], sim)
			most = max(most, sim)
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
		a.maySplit(row, &best, &top)
	}
	c := coverage{totalQ: a.total, totalL: int(e.weight), weak: e.weak}
	family := int(e.family)
	for j := range row {
		if top[j] > 0 {
			c.coveredL += int(row[j].weight) * int(mostCounted[top[j]])
			c.pairsL++
			continue
		}
		if (!c.openL || j < family) && row[j].kind.Significant() {
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
func (a *aligner) maySplit(row []placed, best, top *[spelling.MaxTokens]uint16) {
	outlines := a.sc.outlines
	for j := range len(row) - 1 {
		first := &outlines[row[j].slot]
		letters := int(first.text)
		for k := j + 1; k < len(row) && k < j+maxJoin; k++ {
			letters += int(outlines[row[k].slot].text)
			if a.mayBegin(first, letters) {
				a.noteSplits(row, j, k, best, top)
			}
		}
	}
}

// noteSplits does so for the run from j to k.
func (a *aligner) noteSplits(row []placed, j, k int, best, top *[spelling.MaxTokens]uint16) {
	whole := a.whole(row[j : k+1])
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

// mayBegin reports whether neighbours of which the first has a shape, together
// so many letters long, may be a word of the query written as one. It is what
// splittable asks of two words, before they are joined.
func (b *board) mayBegin(first *shape, letters int) bool {
	if letters < 64 && b.lengths>>letters&1 == 0 {
		return false
	}
	for i := range b.asked {
		q := &b.asked[i]
		if gap := int(q.text) - letters; gap <= joinGap && gap >= -joinGap && (q.class == first.class || q.loose || first.loose) && !q.initial {
			return true
		}
	}
	return false
}
