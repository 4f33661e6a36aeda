package screen

import (
	"slices"
	"strings"

	"bonafide/kyc"
	"bonafide/roster"
)

// evidenceRow is what one fact beside the name adds or takes.
type evidenceRow struct {
	feature kyc.HitFeature
	points  int
}

// evidence judges type, birth date, country and numbers, in this order, each
// cut so that the running score stays within 0 and 1. Agreement never takes
// and contradiction never adds points.
func (x *index) evidence(e *roster.Entity, p *prepared, score int, numbered bool) []evidenceRow {
	var out []evidenceRow
	add := func(f kyc.HitFeature, pts int) {
		pts = max(-score, min(pts, pointScale-score))
		score += pts
		out = append(out, evidenceRow{f, pts})
	}
	if typesContradict(p.kind, e.Type) {
		add(kyc.HitFeature{Name: "type", Query: string(p.kind), Listed: string(e.Type), Rule: "contradicts"}, points(pointsType))
	}
	if p.hasBirth && len(e.Births) > 0 {
		rule, pts, span := judgeBirth(p.birth, e.Births)
		value := 0.0
		if pts > 0 {
			value = 1
		}
		add(kyc.HitFeature{Name: "date_of_birth", Query: p.birth.String(), Listed: span.String(), Rule: rule, Value: value}, pts)
	}
	if p.country != "" && len(e.Countries) > 0 {
		if slices.Contains(e.Countries, p.country) {
			add(kyc.HitFeature{Name: "country", Query: p.country, Listed: p.country, Rule: "agrees", Value: 1}, points(pointsCountrySame))
		} else {
			add(kyc.HitFeature{Name: "country", Query: p.country, Listed: strings.Join(e.Countries, " "), Rule: "differs"}, points(pointsCountryOther))
		}
	}
	if numbered {
		pts := max(points(pointsIdentifier), points(floorIdentifier)-score)
		add(kyc.HitFeature{Name: "identifier", Rule: "agrees", Value: 1, Listed: x.sharedNumber(e, p)}, pts)
	}
	return out
}

// sharedNumber names the kind of number that agrees; the number itself is on
// the public list.
func (x *index) sharedNumber(e *roster.Entity, p *prepared) string {
	for _, id := range e.Identifiers {
		if slices.Contains(p.numbers, numberKey(id.Value)) {
			return id.Kind + " " + id.Value
		}
	}
	return ""
}

// typesContradict: only a person and something that is certainly none.
func typesContradict(q, l roster.EntityType) bool {
	switch q {
	case roster.TypePerson:
		return l == roster.TypeEntity || l == roster.TypeVessel || l == roster.TypeAircraft
	case roster.TypeEntity, roster.TypeVessel, roster.TypeAircraft:
		return l == roster.TypePerson
	}
	return false
}

// judgeBirth compares with every birth date the list gives; the kindest
// counts, because authorities list several when they do not know.
func judgeBirth(q roster.Span, listed []roster.Span) (rule string, pts int, best roster.Span) {
	first := true
	for _, l := range listed {
		r, p := judgeSpan(q, l)
		if first || p > pts {
			rule, pts, best, first = r, p, l, false
		}
	}
	return rule, pts, best
}

func judgeSpan(q, l roster.Span) (string, int) {
	days := q.Gap(l)
	if l.Circa || q.Circa {
		days -= 3 * 366
	}
	switch {
	case days <= 0 && q.Exact() && l.Exact() && !l.Circa && !q.Circa:
		return "same_day", points(pointsBirthSame)
	case days <= 0:
		return "same_period", points(pointsBirthYear)
	case q.Swapped(l):
		return "day_and_month_exchanged", points(pointsBirthNear)
	case days <= 366:
		return "within_a_year", points(pointsBirthNear)
	case days <= 2*366:
		return "two_years_off", points(pointsBirthTwo)
	}
	return "contradicts", points(pointsBirthFar)
}
