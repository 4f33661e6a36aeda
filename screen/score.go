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
	sc.ask(d, lists)
	defer sc.done()
	found := make([][]best, len(lists))
	need := p.need()
	aligners := make([][]*aligner, len(lists)) // by list, by name of the query
	for qi, q := range p.names {
		b := d.newBoard(sc, q)
		names := make([][]uint32, len(lists))
		for k, m := range lists {
			var a *aligner
			a, names[k] = b.candidates(m, need, p.numbers)
			aligners[k] = append(aligners[k], a)
		}
		b.measure(names, true)
		for k, m := range lists {
			found[k] = m.score(found[k], aligners[k][qi], names[k], qi, need)
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

// need is what the points of a name must reach before evidence, so that it can
// be a hit with it; a name that a number speaks for needs nothing.
func (p *prepared) need() int {
	if len(p.numbers) > 0 {
		return 0
	}
	need := max(p.threshold, minHit)
	if p.hasBirth {
		need -= points(pointsBirthSame)
	}
	if p.country != "" {
		need -= points(pointsCountrySame)
	}
	return need
}

// score adds the best of the named names for each entity, those left out that
// cannot have what is needed.
func (m *member) score(found []best, a *aligner, names []uint32, query, need int) []best {
	for _, n := range names {
		if !a.mayReach(m.row(int(n)), need) {
			continue
		}
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
const minHit = 1000

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
