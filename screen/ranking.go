package screen

import (
	"cmp"
	"slices"

	"bonafide/kyc"
	"bonafide/roster"
)

// best is the best name of one entity for a query.
type best struct {
	list   int // of those that are asked
	entity uint32
	name   int // -1: found by number only
	points int
	query  int // which of the query's names
}

// before orders the names of one entity: the best one stands for it, of equal
// ones the first.
func (b *best) before(c *best) bool {
	return cmp.Or(cmp.Compare(c.points, b.points), cmp.Compare(b.query, c.query), cmp.Compare(b.name, c.name)) < 0
}

// scored is the best name of an entity with the evidence beside it.
type scored struct {
	best
	evidence evidence
	total    int // points of both
}

// maxPodium is how many of the best are kept in order while names are scored.
// Who asks for more has all names scored that reach the threshold.
const maxPodium = 100

// ranking is what one query has found so far, on all lists that it asks.
type ranking struct {
	p        *prepared
	lists    []*member
	aligners []*aligner // by name of the query and list
	rows     []scored   // one for each entity
	at       map[uint64]int32
	// podium are the best rows, the best first, as many as are wanted; least is
	// what another one must reach to stand beside them. Equal ones are told apart
	// at the end.
	podium   []int32
	least    int
	evidence int    // the points that evidence may add to those of a name
	numbered bool   // an entry has one of the numbers
	kept     []byte // see keep
}

// reaching is a name with a bound of its points.
type reaching struct {
	at    int32 // which of the enlisted ones
	reach int32
	next  int32 // of its bin, from 1
	exact bool  // its words are measured
}

// newRanking begins with the entries that have one of the numbers.
func newRanking(sc *scratch, p *prepared, lists []*member) *ranking {
	r := &sc.ranking
	if r.at == nil {
		r.at = map[uint64]int32{}
	}
	clear(r.at)
	*r = ranking{p: p, lists: lists, aligners: r.aligners[:0], rows: r.rows[:0], at: r.at, podium: r.podium[:0], least: max(p.threshold, minHit)}
	if len(p.births) > 0 {
		r.evidence += points(pointsBirthSame)
	}
	if p.country != "" {
		r.evidence += points(pointsCountrySame)
	}
	for k, m := range lists {
		for _, key := range p.numbers {
			for _, e := range m.withNumber(key) {
				if p.scope.serves(m.index, e) {
					r.numbered = true
					r.add(best{list: k, entity: e, name: -1, query: len(p.names)})
				}
			}
		}
	}
	return r
}

func (b *best) key() uint64 { return uint64(b.list)<<32 | uint64(b.entity) }

// add notes a name that was scored.
func (r *ranking) add(b best) {
	i, known := r.at[b.key()]
	switch {
	case !known:
		if b.name >= 0 && b.points+r.evidence < r.least {
			return
		}
		i = int32(len(r.rows))
		r.at[b.key()] = i
		r.rows = append(r.rows, scored{best: b, evidence: r.lists[b.list].evidence(b.entity, r.p, b.name < 0)})
	case b.before(&r.rows[i].best):
		r.rows[i].best = b
	default:
		return
	}
	row := &r.rows[i]
	row.total = row.evidence.total(row.points, nil)
	r.least = max(r.least, row.total*r.p.beside/1000)
	r.climb(i)
}

// climb puts a row where it stands among the best.
func (r *ranking) climb(i int32) {
	if r.p.limit > maxPodium || r.rows[i].total < r.least {
		return
	}
	at := slices.Index(r.podium, i)
	if at < 0 {
		if len(r.podium) < r.p.limit {
			r.podium = append(r.podium, i)
		} else if last := &r.podium[len(r.podium)-1]; r.rows[i].total > r.rows[*last].total {
			*last = i
		} else {
			return
		}
		at = len(r.podium) - 1
	}
	for ; at > 0 && r.rows[r.podium[at-1]].total < r.rows[i].total; at-- {
		r.podium[at], r.podium[at-1] = r.podium[at-1], r.podium[at]
	}
	if len(r.podium) == r.p.limit {
		r.least = max(r.least, r.rows[r.podium[len(r.podium)-1]].total)
	}
}

// hits are the best rows with their explanation.
func (r *ranking) hits() []kyc.Hit {
	rows := slices.DeleteFunc(r.rows, func(s scored) bool { return s.total < r.least })
	slices.SortFunc(rows, func(b, c scored) int {
		if by := cmp.Or(cmp.Compare(c.total, b.total), cmp.Compare(r.lists[b.list].list, r.lists[c.list].list)); by != 0 {
			return by
		}
		return compareIDs(r.lists[b.list].entryID(b.entity), r.lists[c.list].entryID(c.entity))
	})
	hits := make([]kyc.Hit, 0, min(len(rows), r.p.limit))
	for i := range rows[:min(len(rows), r.p.limit)] {
		hits = append(hits, r.hit(&rows[i]))
	}
	return hits
}

func compareIDs(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }

// hit writes the answer with its explanation.
func (r *ranking) hit(b *scored) kyc.Hit {
	m := r.lists[b.list]
	number := 0
	if b.name >= 0 {
		number = int(m.nameNumber[b.name])
	}
	e, matched := m.shown(b.entity, number, r.keep)
	h := m.hit(&e)
	total := 0
	if b.name >= 0 {
		a := r.aligners[b.query*len(r.lists)+b.list]
		h.MatchedName, h.NameQuality = matched.Text, string(matched.Quality)
		row, measured := a.placed(b.name)
		if !measured {
			// Another name of the query was measured since.
			names := make([][]uint32, len(a.sc.asked))
			names[b.list] = []uint32{uint32(b.name)}
			a.measure(names, false)
			row, _ = a.placed(b.name)
		}
		total, h.Features = a.explain(row, m.about(b.name), matched.Text)
	}
	total = b.evidence.total(total, func(s *sign, points int) {
		if s.fact == factNumber {
			e.Identifiers = m.facts(b.entity).Identifiers
		}
		f := b.evidence.feature(s, &e, r.p)
		f.Points = float64(points) / pointScale
		h.Features = append(h.Features, f)
	})
	h.Score = float64(total) / pointScale
	return h
}

// keep copies a string of a list to where it may outlive the query, beside the
// others of the answer.
func (r *ranking) keep(s string) string {
	if cap(r.kept)-len(r.kept) < len(s) {
		r.kept = make([]byte, 0, max(1024, len(s)))
	}
	from := len(r.kept)
	r.kept = append(r.kept, s...)
	return borrow(r.kept[from:])
}

// hit is what an answer shows of an entry, without score and explanation.
func (m *member) hit(e *roster.Entity) kyc.Hit {
	h := kyc.Hit{List: m.list, Version: m.version, EntryID: e.ID, Type: string(e.Type), Programs: e.Programs, Topics: e.Topics, Positions: e.Positions, Countries: e.Countries, Fictional: m.fictional}
	for _, b := range e.Births {
		h.BirthDates = append(h.BirthDates, b.String())
	}
	if len(e.Names) > 0 {
		h.Name = e.Names[0].Text
		h.MatchedName = h.Name
		h.NameQuality = string(e.Names[0].Quality)
	}
	return h
}
