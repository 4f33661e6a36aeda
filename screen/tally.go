package screen

import (
	"strings"

	"bonafide/kyc"
	"bonafide/spelling"
)

// pairKind is what made two words agree. Each kind has its own weight in the
// fitted table, because an edit says less than another spelling of one sound.
type pairKind uint8

const (
	pairExact         pairKind = iota
	pairEdit                   // both written in Latin letters
	pairTransliterate          // one comes from a script that leaves something open
	pairFirm                   // one comes from a script whose romanisation is settled
	pairNickname
	pairInitial
	pairJoined // words that are written as one on the other side
)

// agreed is one pair of the alignment as the score sees it.
type agreed struct {
	query, listed int32 // weights of the words, thousandths
	sim           int32 // as measured, thousandths
	kind          pairKind
	words2        uint8 // twice the words that agree; initials and generic words count half
	solid         bool  // it identifies somebody
}

// family says what became of a family name that the source marks.
type family uint8

const (
	familyUnknown family = iota // the source does not mark it
	familyAgrees
	familyMissing
)

// facts is all that the points of a name depend on: what the alignment found,
// without the words. The fit counts the same facts with other weights.
type facts struct {
	pairs                   []agreed
	queryTotal, listedTotal int // weights of all words
	openQuery, openListed   int // identifying words without a partner
	family                  family
	common, weak            bool
}

// counted is what a similarity is worth in the score, in thousandths.
func (w *weights) counted(p *agreed) int {
	switch p.kind {
	case pairEdit:
		return stretch(int(p.sim), spelling.SimSpelling*1000, w.edit)
	case pairTransliterate:
		return stretch(int(p.sim), spelling.SimTransliterated*1000, w.transliterated)
	case pairFirm:
		return stretch(int(p.sim), spelling.SimTransliterated*1000, w.firm)
	case pairNickname:
		return w.nickname
	case pairInitial:
		return w.initial
	}
	return int(p.sim)
}

// stretch widens how far a similarity is from the best that its kind can be.
func stretch(sim, best, by int) int {
	if sim >= best {
		return sim
	}
	return max(0, best-by*(best-sim)/1000)
}

// points counts a name. Each step tells row what it added or took, when row is
// given; the steps add up to the answer.
func (f *facts) points(w *weights, row func(name, rule string, value, points int)) int {
	queryTotal, listedTotal := max(f.queryTotal, 1), max(f.listedTotal, 1)
	coveredQ, coveredL := 0, 0
	covered := func() int {
		return w.query*coveredQ/(1000*queryTotal) + (pointScale-w.query)*coveredL/(1000*listedTotal)
	}
	words2, proof := 0, 0
	for i := range f.pairs {
		p := &f.pairs[i]
		before := 0
		if row != nil {
			before = covered()
		}
		sim := w.counted(p)
		coveredQ += int(p.query) * sim
		coveredL += int(p.listed) * sim
		words2 += int(p.words2)
		if p.solid {
			proof += int(min(p.query, p.listed)) * sim / 1000
		}
		if row != nil {
			row("word", "", sim, covered()-before)
		}
	}
	total := covered()
	step := func(name, rule string, value, points int) {
		points = max(points, -total)
		if points == 0 {
			return
		}
		total += points
		if row != nil {
			row(name, rule, value, points)
		}
	}
	openQ, openL := max(0, 1000-coveredQ/queryTotal), max(0, 1000-coveredL/listedTotal)
	// What is given comes before what is taken, which ends at nothing. A name
	// that stands whole in the other one: what else that one has may be a middle
	// name, a patronymic or a second surname.
	if words2 >= 4 {
		if f.openListed == 0 && openQ > openL {
			step("contained", "listed_in_query", openQ, w.contained*(openQ-openL)/1000)
		}
		if f.openQuery == 0 && openL > openQ && f.family != familyMissing {
			step("contained", "query_in_listed", openL, w.within*(openL-openQ)/1000)
		}
	}
	if open := min(openQ, openL); open > 0 {
		step("substituted", "both_sides_differ", open, -w.substituted*open/1000)
	}
	if f.openQuery > 0 && f.openListed > 0 {
		step("other_word", "both_sides_have_more", 1000*min(f.openQuery, f.openListed), -w.other)
	}
	if f.family == familyMissing {
		step("family_name", "missing", 0, -w.family)
	}
	if little := w.proof - proof; little > 0 && (f.openQuery > 0 || f.openListed > 0) {
		step("little_proof", "common_words", proof, -w.unproven*little/1000)
	}
	limit := func(name string, most int) {
		if total > most {
			step(name, "cap", most/10, most-total)
		}
	}
	if words2 <= 2 && (f.openQuery > 0 || f.openListed > 0) {
		limit("one_word", w.oneWord)
	}
	if f.common {
		limit("common_word", w.commonWord)
	}
	if f.weak {
		limit("weak_alias", w.weakAlias)
	}
	if total > pointScale {
		step("whole", "cap", 1000, pointScale-total)
	}
	return total
}

// mostSimilar bounds what a measured similarity may count, 0-1.
func (w *weights) mostSimilar(sim float64) float64 {
	most := sim // stretching only takes away
	switch sim {
	case spelling.SimNickname:
		most = max(most, float64(w.nickname)/1000)
	case spelling.SimInitial:
		most = max(most, float64(w.initial)/1000)
	}
	return min(1, most)
}

// most bounds what a name can score whose words cover these shares of the
// query and of the listed name, 0-1.
func (w *weights) most(coveredQ, coveredL float64) float64 {
	share := func(points int) float64 { return float64(points) / pointScale }
	openQ, openL := 1-coveredQ, 1-coveredL
	return share(w.query)*coveredQ + (1-share(w.query))*coveredL - share(w.substituted)*min(openQ, openL) +
		share(w.contained)*max(0, openQ-openL) + share(w.within)*max(0, openL-openQ)
}

// nameScore is how well one listed name agrees, in points, before evidence.
func (a *aligner) nameScore(e *enlisted) int {
	row := a.row(e)
	return a.facts(a.align(row), row, e).points(&fitted, nil)
}

// facts reads an alignment of a measured row. The answer is valid until the
// next call.
func (a *aligner) facts(pairs []pair, row []placed, e *enlisted) *facts {
	f := &a.facing
	*f = facts{pairs: f.pairs[:0], queryTotal: a.total, listedTotal: int(e.weight), common: commonWord(a.q), weak: e.weak}
	for _, p := range pairs {
		g := agreed{sim: p.sim, kind: a.kindOf(p, row)}
		generic := false
		for k := range a.q[p.q : p.q+p.qn] {
			t := &a.q[int(p.q)+k]
			g.query += int32(a.weights[int(p.q)+k])
			g.solid = g.solid || t.Significant() || t.Kind == spelling.KindInitial
			generic = generic || t.Kind == spelling.KindGeneric
		}
		for _, w := range row[p.l : p.l+p.ln] {
			g.listed += int32(w.weight)
		}
		switch {
		case !g.solid && generic, g.kind == pairInitial && g.solid:
			g.words2 = 1
		case g.solid:
			g.words2 = 2 * max(p.qn, p.ln)
		}
		f.pairs = append(f.pairs, g)
	}
	for i := range a.q {
		if !a.qUsed[i] && a.q[i].Significant() {
			f.openQuery++
		}
	}
	for j, w := range row {
		if j >= spelling.MaxTokens || a.lUsed[j] {
			continue
		}
		// Beside a query of one common word every further word of a firm's name is
		// more than was asked: "Group" is not the Chemical Group.
		if k := w.kind; k.Significant() || f.common && k == spelling.KindGeneric {
			f.openListed++
		}
	}
	if n := int(e.family); n > 0 {
		f.family = familyMissing
		if a.familyAgrees(row, min(n, len(row))) {
			f.family = familyAgrees
		}
	}
	return f
}

// kindOf a pair of a row.
func (a *aligner) kindOf(p pair, row []placed) pairKind {
	if p.qn > 1 || p.ln > 1 {
		return pairJoined
	}
	q, l := &a.asked[p.q], &a.sc.outlines[row[p.l].slot]
	switch {
	case q.initial != l.initial:
		return pairInitial
	case p.sim == 1000:
		return pairExact
	case q.pet && l.pet && p.sim == int32(spelling.SimNickname*1000):
		return pairNickname
	case a.q[p.q].Firm:
		return pairFirm
	case q.loose || l.loose:
		return pairTransliterate
	}
	return pairEdit
}

// explain counts a name and writes a row for each step: the pairs of words,
// the words without a partner (what they cost is in the share they leave
// uncovered), and what follows from them.
func (a *aligner) explain(row []placed, e *enlisted, text string) (total int, rows []kyc.HitFeature) {
	pairs := a.align(row)
	orig := spelling.Words(text, 0)
	var steps []kyc.HitFeature
	rows = make([]kyc.HitFeature, 0, len(a.q)+len(row)-len(pairs)+4)
	total = a.facts(pairs, row, e).points(&fitted, func(name, rule string, value, points int) {
		f := kyc.HitFeature{Name: name, Rule: rule, Value: float64(value) / 1000, Points: float64(points) / pointScale}
		if name != "word" {
			steps = append(steps, f)
			return
		}
		p := pairs[len(rows)]
		f.Query, f.Listed, f.Rule = originals(a.q, p.q, p.qn), originals(orig, p.l, p.ln), a.rule(p, row)
		rows = append(rows, f)
	})
	for i := range a.q {
		if !a.qUsed[i] {
			rows = append(rows, kyc.HitFeature{Name: "missing_word", Query: a.q[i].Orig, Rule: "not_in_listed_name"})
		}
	}
	for j := range row {
		if j < spelling.MaxTokens && !a.lUsed[j] && j < len(orig) {
			rows = append(rows, kyc.HitFeature{Name: "missing_word", Listed: orig[j].Orig, Rule: "not_in_query"})
		}
	}
	return total, append(rows, steps...)
}

// originals are neighbouring words as they stood in the name.
func originals(name []spelling.Token, from, n uint8) string {
	run := name[min(int(from), len(name)):min(int(from+n), len(name))]
	if len(run) == 1 {
		return run[0].Orig
	}
	var words []string
	for i := range run {
		words = append(words, run[i].Orig)
	}
	return strings.Join(words, " ")
}

// commonWord reports whether a name has no word that identifies somebody and
// at most one that says what sort of firm it is: "Bank", "The Group Ltd".
func commonWord(name []spelling.Token) bool {
	generic := 0
	for i := range name {
		switch {
		case name[i].Significant():
			return false
		case name[i].Kind == spelling.KindGeneric:
			generic++
		}
	}
	return generic <= 1
}

// familyAgrees reports whether a word of the listed family name found a
// partner. Valid after align.
func (a *aligner) familyAgrees(row []placed, family int) bool {
	identifying := false
	for j := range min(family, spelling.MaxTokens) {
		if row[j].kind.Significant() {
			identifying = true
			if a.lUsed[j] {
				return true
			}
		}
	}
	return !identifying
}
