package screen

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"bonafide/kyc"
)

// pointScale: scores are counted in whole ten-thousandths, so that the rows
// of an explanation add up to the score exactly and a score is the same on
// every machine.
const pointScale = 10000

func points(share float64) int { return int(math.Round(share * pointScale)) }

// nameScore is how well one listed name agrees, in points, before evidence.
func (a *aligner) nameScore(name int) int {
	row := a.x.row(name)
	return a.tally(a.align(row), row, name, nil)
}

// tally turns an alignment into points. With rows, it also writes the
// explanation; both ways count the same.
func (a *aligner) tally(pairs []pair, row []uint32, name int, rows *[]kyc.HitFeature) (total int) {
	listedTotal := int(a.x.nameWeight[name])
	var orig []token
	if rows != nil {
		orig = tokenize(a.x.nameText(name))
	}
	coveredQ, coveredL := 0, 0
	covered := func() int {
		return points(weightQuery)*coveredQ/(1000*max(a.total, 1)) + points(weightListed)*coveredL/(1000*max(listedTotal, 1))
	}
	words2 := 0 // twice the number of words that agree; an initial is half a word
	for _, p := range pairs {
		before := 0
		if rows != nil {
			before = covered()
		}
		solid := false
		query, listed := a.q[p.q:p.q+p.qn], row[p.l:p.l+p.ln]
		for k := range query {
			coveredQ += a.weights[int(p.q)+k] * int(p.sim)
			solid = solid || query[k].significant() || query[k].kind == kindInitial
		}
		for _, w := range listed {
			coveredL += int(a.x.weight[w]) * int(p.sim)
		}
		switch {
		case !solid:
		case a.initial(p, row):
			words2++
		default:
			words2 += 2 * max(len(query), len(listed))
		}
		if rows != nil {
			var q, l []string
			for k := range query {
				q = append(q, query[k].orig)
			}
			for k := int(p.l); k < int(p.l+p.ln) && k < len(orig); k++ {
				l = append(l, orig[k].orig)
			}
			*rows = append(*rows, kyc.HitFeature{Name: "word", Query: strings.Join(q, " "), Listed: strings.Join(l, " "), Rule: a.rule(p, row), Value: float64(p.sim) / 1000, Points: float64(covered()-before) / pointScale})
		}
	}
	total = covered()
	add := func(f kyc.HitFeature, pts int) {
		total += pts
		if rows != nil {
			f.Points = float64(pts) / pointScale
			*rows = append(*rows, f)
		}
	}
	moreQ, moreL := a.missing(pairs, row, orig, rows)
	openQ := 1000 - coveredQ/max(a.total, 1)
	openL := 1000 - coveredL/max(listedTotal, 1)
	if open := min(openQ, openL); open > 0 {
		if pts := min(total, points(penaltySubstituted)*open/1000); pts > 0 {
			add(kyc.HitFeature{Name: "substituted", Rule: "both_sides_differ", Value: float64(open) / 1000}, -pts)
		}
	}
	if family := int(a.x.nameFamily[name]); family > 0 && !a.familyAgrees(row, min(family, len(row))) {
		add(kyc.HitFeature{Name: "family_name", Rule: "missing"}, -min(total, points(penaltyFamily)))
	}
	if words2 <= 2 && (moreQ || moreL) && total > points(capOneWord) {
		add(kyc.HitFeature{Name: "one_word", Rule: "cap", Value: capOneWord}, points(capOneWord)-total)
	}
	if total > points(capWeakAlias) && a.x.name(name).Quality == QualityWeak {
		add(kyc.HitFeature{Name: "weak_alias", Rule: "cap", Value: capWeakAlias}, points(capWeakAlias)-total)
	}
	return total
}

// familyAgrees reports whether a word of the listed family name found a
// partner. Valid after align.
func (a *aligner) familyAgrees(row []uint32, family int) bool {
	identifying := false
	for j := range min(family, maxTokens) {
		if a.x.words[row[j]].significant() {
			identifying = true
			if a.lUsed[j] {
				return true
			}
		}
	}
	return !identifying
}

// missing lists the words that found no partner (rows of no points; what they
// cost is in the share they leave uncovered) and says whether either side has
// an identifying one among them.
func (a *aligner) missing(pairs []pair, row []uint32, orig []token, rows *[]kyc.HitFeature) (q, l bool) {
	for i := range a.q {
		if a.qUsed[i] {
			continue
		}
		q = q || a.q[i].significant()
		if rows != nil {
			*rows = append(*rows, kyc.HitFeature{Name: "missing_word", Query: a.q[i].orig, Rule: "not_in_listed_name"})
		}
	}
	for j := range row {
		if j >= maxTokens || a.lUsed[j] {
			continue
		}
		l = l || a.x.words[row[j]].significant()
		if rows != nil && j < len(orig) {
			*rows = append(*rows, kyc.HitFeature{Name: "missing_word", Listed: orig[j].orig, Rule: "not_in_query"})
		}
	}
	return q, l
}

func (x *index) name(n int) *Name {
	return &x.entities[x.nameEntity[n]].Names[x.nameNumber[n]]
}

func (x *index) nameText(n int) string { return x.name(n).Text }

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

// match asks one list: at most as many hits as the query wants, in no order.
func (x *index) match(p *prepared) []kyc.Hit {
	sc := x.scratch.Get().(*scratch)
	defer x.scratch.Put(sc)
	var found []best
	aligners := make([]*aligner, len(p.names))
	for qi, q := range p.names {
		sc.similar = sc.similar[:0]
		similar := make([][]similarWord, len(q))
		weights := make([]int, len(q))
		for i := range q {
			if same := sameWord(q, i); same < i {
				similar[i] = similar[same]
			} else {
				similar[i] = x.similarWords(sc, &q[i], anySimilar)
			}
			weights[i] = x.queryWeight(&q[i], similar[i])
		}
		a := newAligner(x, q, weights)
		aligners[qi] = a
		leadWeights, leadSimilar := x.leads(sc, q, weights, similar, a)
		names := x.candidates(sc, leadWeights, leadSimilar, a.total)
		a.measure(sc, names, similar)
		for _, n := range names {
			b := best{entity: x.nameEntity[n], name: int(n), points: a.nameScore(int(n)), query: qi}
			// The names of an entity follow each other.
			if last := len(found) - 1; last < 0 || found[last].entity != b.entity || found[last].query != qi {
				found = append(found, b)
			} else if b.points > found[last].points {
				found[last] = b
			}
		}
		sc.forget()
	}
	numbered := map[uint32]bool{}
	for _, key := range p.numbers {
		for _, e := range x.numbers[key] {
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
		if !numbered[b.entity] && b.points+points(pointsBirthSame)+points(pointsCountrySame) < least {
			continue // whatever else agrees, it is not enough
		}
		h := scored{best: b, evidence: x.evidence(&x.entities[b.entity], p, b.points, numbered[b.entity]), total: b.points}
		for _, row := range h.evidence {
			h.total += row.points
		}
		if h.total >= least {
			hits = append(hits, h)
		}
	}
	if len(hits) > p.limit {
		slices.SortFunc(hits, func(b, c scored) int {
			d, e := x.entities[b.entity].ID, x.entities[c.entity].ID
			return cmp.Or(cmp.Compare(c.total, b.total), cmp.Compare(len(d), len(e)), cmp.Compare(d, e))
		})
		hits = hits[:p.limit]
	}
	out := make([]kyc.Hit, len(hits))
	for i, b := range hits {
		out[i] = x.hit(sc, b, aligners)
	}
	return out
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
func (x *index) leads(sc *scratch, q []token, weights []int, similar [][]similarWord, a *aligner) ([]int, [][]similarWord) {
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
			near := x.similarWords(sc, &run.token, nearlySame)
			for len(near) > 0 && near[len(near)-1].sim < 0.9 {
				near = near[:len(near)-1] // the best come first
			}
			add(weight, near)
		}
	}
	for i := range q {
		if len(q[i].text) < 6 || (len(similar[i]) > 0 && similar[i][0].sim >= 0.97) {
			continue
		}
		for cut := 2; cut+2 <= len(q[i].text); cut++ {
			left, okL := x.byText[q[i].text[:cut]]
			right, okR := x.byText[q[i].text[cut:]]
			if len(w) > 3*maxTokens {
				break
			}
			switch {
			case okL && okR:
				add(weights[i]/2, []similarWord{{left, 0.9}})
				add(weights[i]/2, []similarWord{{right, 0.9}})
			case okR && len(q[i].text)-cut >= 5: // several small words may be left of it
				add(weights[i], []similarWord{{right, 0.9}})
			case okL && cut >= 5:
				add(weights[i], []similarWord{{left, 0.9}})
			}
		}
	}
	return w, s
}

// hit writes the answer with its explanation.
func (x *index) hit(sc *scratch, b scored, aligners []*aligner) kyc.Hit {
	e := &x.entities[b.entity]
	h := kyc.Hit{List: x.list, Version: x.version, EntryID: e.ID, Type: string(e.Type), Programs: e.Programs, Fictional: x.fictional}
	if len(e.Names) > 0 {
		h.Name = e.Names[0].Text
		h.MatchedName = h.Name
	}
	total := 0
	if b.name >= 0 {
		a := aligners[b.query]
		row := x.row(b.name)
		h.MatchedName = x.nameText(b.name)
		a.measure(sc, []uint32{uint32(b.name)}, nil)
		total = a.tally(a.align(row), row, b.name, &h.Features)
		sc.forget()
	}
	for _, r := range b.evidence {
		r.feature.Points = float64(r.points) / pointScale
		total += r.points
		h.Features = append(h.Features, r.feature)
	}
	h.Score = float64(total) / pointScale
	return h
}
