package screen

import (
	"cmp"
	"math"
	"slices"

	"bonafide/kyc"
)

// pointScale: scores are counted in whole ten-thousandths, so that the rows
// of an explanation add up to the score exactly and a score is the same on
// every machine.
const pointScale = 10000

func points(share float64) int { return int(math.Round(share * pointScale)) }

// best is the best name of one entity for a query.
type best struct {
	entity uint32
	name   int // -1: found by number only
	points int
	query  int // which of the query's names
}

// scored is the best name of an entity with the evidence beside it.
type scored struct {
	best
	evidence []evidenceRow
	total    int // points of both
}

// match asks lists of the dictionary: of each at most as many hits as the
// query wants, in no order.
func (d *dictionary) match(p *prepared, lists []*member) []kyc.Hit {
	sc := d.scratch.Get().(*scratch)
	defer d.scratch.Put(sc)
	sc.ask(lists)
	defer sc.done()
	found := make([][]best, len(lists))
	aligners := make([][]*aligner, len(lists)) // by list, by name of the query
	for qi, q := range p.names {
		b := d.newBoard(sc, q)
		names := make([][]uint32, len(lists))
		for k, m := range lists {
			var a *aligner
			a, names[k] = b.candidates(k, m)
			aligners[k] = append(aligners[k], a)
		}
		b.measure(names, true)
		for k, m := range lists {
			found[k] = m.score(found[k], aligners[k][qi], names[k], qi)
		}
	}
	var hits []kyc.Hit
	for k, m := range lists {
		for _, h := range m.best(p, found[k]) {
			hits = append(hits, m.hit(k, h, aligners[k]))
		}
	}
	return hits
}

// candidates finds the names of one list that are worth aligning.
func (b *board) candidates(list int, m *member) (*aligner, []uint32) {
	b.sc.similar = b.sc.similar[:0]
	similar := make([][]similarWord, len(b.q))
	weights := make([]int, len(b.q))
	for i := range b.q {
		if same := sameWord(b.q, i); same < i {
			similar[i] = similar[same]
		} else {
			similar[i] = m.similarWords(b.sc, list, &b.found[i])
		}
		weights[i] = m.queryWeight(&b.q[i], similar[i])
	}
	a := newAligner(b, m, weights)
	leadWeights, leadSimilar := a.leads(list, similar)
	return a, m.candidates(b.sc, leadWeights, leadSimilar, a.total)
}

// score adds the best of the named names for each entity.
func (m *member) score(found []best, a *aligner, names []uint32, query int) []best {
	for _, n := range names {
		b := best{entity: m.nameEntity[n], name: int(n), points: a.nameScore(int(n)), query: query}
		// The names of an entity follow each other.
		if last := len(found) - 1; last < 0 || found[last].entity != b.entity || found[last].query != query {
			found = append(found, b)
		} else if b.points > found[last].points {
			found[last] = b
		}
	}
	return found
}

// best adds what is found by number and the evidence, and keeps the best.
func (x *index) best(p *prepared, found []best) []scored {
	numbered := map[uint32]bool{}
	for _, key := range p.numbers {
		for _, e := range x.withNumber(key) {
			numbered[e] = true
			found = append(found, best{entity: e, name: -1, query: len(p.names)})
		}
	}
	// The best name of an entity stands for it; of equal ones the first.
	slices.SortFunc(found, func(b, c best) int {
		return cmp.Or(cmp.Compare(b.entity, c.entity), cmp.Compare(c.points, b.points), cmp.Compare(b.query, c.query), cmp.Compare(b.name, c.name))
	})
	found = slices.CompactFunc(found, func(b, c best) bool { return b.entity == c.entity })
	least := max(p.threshold, minHit)
	var hits []scored
	for _, b := range found {
		if !p.scope.serves(x, b.entity) {
			continue
		}
		if !numbered[b.entity] && b.points+points(pointsBirthSame)+points(pointsCountrySame) < least {
			continue // whatever else agrees, it is not enough
		}
		e := x.facts(b.entity)
		h := scored{best: b, evidence: x.evidence(&e, p, b.points, numbered[b.entity]), total: b.points}
		for _, row := range h.evidence {
			h.total += row.points
		}
		if h.total >= least {
			hits = append(hits, h)
		}
	}
	if len(hits) > p.limit {
		slices.SortFunc(hits, func(b, c scored) int {
			d, e := x.entryID(b.entity), x.entryID(c.entity)
			return cmp.Or(cmp.Compare(c.total, b.total), cmp.Compare(len(d), len(e)), cmp.Compare(d, e))
		})
		hits = hits[:p.limit]
	}
	return hits
}

// sameWord is the first place of a word in the query.
func sameWord(q []token, i int) int {
	return slices.IndexFunc(q, func(t token) bool {
		return t.text == q[i].text && t.loose == q[i].loose && t.kind == q[i].kind
	})
}

// minHit keeps noise out of answers to queries without a threshold.
const minHit = 2000

// leads adds to the query's words the joins of neighbours and the halves of
// words that may have been merged, so that such names become candidates.
func (a *aligner) leads(list int, similar [][]similarWord) ([]int, [][]similarWord) {
	weights := a.weights
	w, s := weights, similar
	add := func(weight int, found []similarWord) {
		if len(found) > 0 {
			w, s = append(w[:len(w):len(w)], weight), append(s[:len(s):len(s)], found)
		}
	}
	for i := range a.joined {
		run := &a.joined[i]
		if len(run.token.text) >= 4 {
			weight := 0
			for k := range run.n {
				weight += weights[run.at+k]
			}
			near := a.m.similarWords(a.sc, list, &a.foundJoined[i])
			for len(near) > 0 && near[len(near)-1].sim < 0.9 {
				near = near[:len(near)-1] // the best come first
			}
			add(weight, near)
		}
	}
	for i := range a.q {
		if len(a.q[i].text) < 6 || (len(similar[i]) > 0 && similar[i][0].sim >= 0.97) {
			continue
		}
		for _, h := range a.halves[i] {
			left, okL := a.m.word(h.left, h.leftEnd)
			right, okR := a.m.word(h.right, h.rightEnd)
			if len(w) > 3*maxTokens {
				break
			}
			switch {
			case okL && okR:
				add(weights[i]/2, []similarWord{{left, 0.9}})
				add(weights[i]/2, []similarWord{{right, 0.9}})
			case okR && len(a.q[i].text)-h.cut >= 5: // several small words may be left of it
				add(weights[i], []similarWord{{right, 0.9}})
			case okL && h.cut >= 5:
				add(weights[i], []similarWord{{left, 0.9}})
			}
		}
	}
	return w, s
}

// hit writes the answer with its explanation.
func (m *member) hit(list int, b scored, aligners []*aligner) kyc.Hit {
	e := m.entity(b.entity)
	h := kyc.Hit{List: m.list, Version: m.version, EntryID: e.ID, Type: string(e.Type), Programs: e.Programs, Topics: e.Topics, Positions: e.Positions, Countries: e.Countries, Fictional: m.fictional}
	for _, b := range e.Births {
		h.BirthDates = append(h.BirthDates, b.String())
	}
	if len(e.Names) > 0 {
		h.Name = e.Names[0].Text
		h.MatchedName = h.Name
		h.NameQuality = string(e.Names[0].Quality)
	}
	total := 0
	if b.name >= 0 {
		a := aligners[b.query]
		row := m.row(b.name)
		h.MatchedName = m.nameText(b.name)
		h.NameQuality = string(m.name(b.name).Quality)
		if !a.measured(row) {
			// Another name of the query was measured since.
			names := make([][]uint32, len(a.sc.asked))
			names[list] = []uint32{uint32(b.name)}
			a.measure(names, false)
		}
		total, h.Features = a.explain(b.name)
	}
	for _, r := range b.evidence {
		r.feature.Points = float64(r.points) / pointScale
		total += r.points
		h.Features = append(h.Features, r.feature)
	}
	h.Score = float64(total) / pointScale
	return h
}
