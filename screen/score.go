package screen

import (
	"math"
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
	total, _ := a.tally(a.align(row), row, name, nil)
	return total
}

// tally turns an alignment into points. With rows, it also writes the
// explanation; both ways count the same.
func (a *aligner) tally(pairs []pair, row []uint32, name int, rows *[]kyc.HitFeature) (total int, strength int) {
	listedTotal := int(a.x.nameWeight[name])
	var orig []token
	if rows != nil {
		orig = tokenize(a.x.nameText(name))
	}
	coveredQ, coveredL, before := 0, 0, 0
	words2 := 0 // twice the number of words that agree; an initial is half a word
	for _, p := range pairs {
		var q, l []string
		solid := false
		for k := range p.qn {
			coveredQ += a.weights[p.q+k] * p.sim
			solid = solid || a.q[p.q+k].significant() || a.q[p.q+k].kind == kindInitial
			if rows != nil {
				q = append(q, a.q[p.q+k].orig)
			}
		}
		for k := range p.ln {
			coveredL += int(a.x.weight[row[p.l+k]]) * p.sim
			if rows != nil && p.l+k < len(orig) {
				l = append(l, orig[p.l+k].orig)
			}
		}
		switch {
		case !solid:
		case p.rule == "initial":
			words2++
		default:
			words2 += 2 * max(p.qn, p.ln)
		}
		now := points(weightQuery)*coveredQ/(1000*max(a.total, 1)) + points(weightListed)*coveredL/(1000*max(listedTotal, 1))
		if rows != nil {
			*rows = append(*rows, kyc.HitFeature{Name: "word", Query: strings.Join(q, " "), Listed: strings.Join(l, " "), Rule: p.rule, Value: float64(p.sim) / 1000, Points: float64(now-before) / pointScale})
		}
		before = now
	}
	total = before
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
	if a.x.name(name).Quality == QualityWeak && total > points(capWeakAlias) {
		add(kyc.HitFeature{Name: "weak_alias", Rule: "cap", Value: capWeakAlias}, points(capWeakAlias)-total)
	}
	return total, words2
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

// match asks one list.
func (x *index) match(p *prepared) []kyc.Hit {
	sc := x.scratch.Get().(*scratch)
	defer x.scratch.Put(sc)
	found := map[uint32]best{}
	aligners := make([]*aligner, len(p.names))
	for qi, q := range p.names {
		similar := make([][]similarWord, len(q))
		weights := make([]int, len(q))
		for i := range q {
			similar[i] = x.similarWords(sc, &q[i])
			weights[i] = x.queryWeight(&q[i], similar[i])
		}
		a := newAligner(x, q, weights)
		aligners[qi] = a
		leads, leadWeights, leadSimilar := x.leads(sc, q, weights, similar, a)
		for _, n := range x.candidates(sc, leads, leadWeights, leadSimilar, a.total) {
			pts := a.nameScore(int(n))
			e := x.nameEntity[n]
			if old, ok := found[e]; !ok || pts > old.points {
				found[e] = best{entity: e, name: int(n), points: pts, query: qi}
			}
		}
	}
	numbered := map[uint32]bool{}
	for _, key := range p.numbers {
		for _, e := range x.numbers[key] {
			numbered[e] = true
			if _, ok := found[e]; !ok {
				found[e] = best{entity: e, name: -1}
			}
		}
	}
	var hits []kyc.Hit
	for e, b := range found {
		ev := x.evidence(&x.entities[e], p, b.points, numbered[e])
		total := b.points
		for _, row := range ev {
			total += row.points
		}
		if total < max(p.threshold, minHit) {
			continue
		}
		hits = append(hits, x.hit(b, ev, aligners))
	}
	// The map's order is not the answer's: the caller sorts.
	return hits
}

// minHit keeps noise out of answers to queries without a threshold.
const minHit = 2000

// leads adds to the query's words the joins of neighbours and the halves of
// words that may have been merged, so that such names become candidates.
func (x *index) leads(sc *scratch, q []token, weights []int, similar [][]similarWord, a *aligner) ([]token, []int, [][]similarWord) {
	tokens, w, s := q, weights, similar
	add := func(t token, weight int, found []similarWord) {
		if len(found) > 0 {
			tokens, w, s = append(tokens[:len(tokens):len(tokens)], t), append(w[:len(w):len(w)], weight), append(s[:len(s):len(s)], found)
		}
	}
	for i := range a.joined {
		run := &a.joined[i]
		if len(run.token.text) >= 4 {
			weight := 0
			for k := range run.n {
				weight += weights[run.at+k]
			}
			var near []similarWord
			for _, f := range x.similarWords(sc, &run.token) {
				if f.sim >= 0.9 {
					near = append(near, f)
				}
			}
			add(run.token, weight, near)
		}
	}
	for i := range q {
		if len(q[i].text) < 6 || (len(similar[i]) > 0 && similar[i][0].sim >= 0.97) {
			continue
		}
		for cut := 2; cut+2 <= len(q[i].text); cut++ {
			left, okL := x.byText[q[i].text[:cut]]
			right, okR := x.byText[q[i].text[cut:]]
			if len(tokens) > 3*maxTokens {
				break
			}
			switch {
			case okL && okR:
				add(token{text: q[i].text[:cut]}, weights[i]/2, []similarWord{{left, 0.9}})
				add(token{text: q[i].text[cut:]}, weights[i]/2, []similarWord{{right, 0.9}})
			case okR && len(q[i].text)-cut >= 5: // several small words may be left of it
				add(token{text: q[i].text[cut:]}, weights[i], []similarWord{{right, 0.9}})
			case okL && cut >= 5:
				add(token{text: q[i].text[:cut]}, weights[i], []similarWord{{left, 0.9}})
			}
		}
	}
	return tokens, w, s
}

// hit writes the answer with its explanation.
func (x *index) hit(b best, ev []evidenceRow, aligners []*aligner) kyc.Hit {
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
		total, _ = a.tally(a.align(row), row, b.name, &h.Features)
	}
	for _, r := range ev {
		r.feature.Points = float64(r.points) / pointScale
		total += r.points
		h.Features = append(h.Features, r.feature)
	}
	h.Score = float64(total) / pointScale
	return h
}
