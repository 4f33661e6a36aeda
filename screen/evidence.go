package screen

import (
	"slices"
	"strings"

	"bonafide/kyc"
	"bonafide/roster"
)

// fact is what beside the name is judged.
type fact uint8

const (
	factType fact = iota
	factBirth
	factCountry
	factGender
	factNumber
)

var factNames = [...]string{"type", "date_of_birth", "country", "gender", "identifier"}

// sign is what one fact adds or takes.
type sign struct {
	fact   fact
	rule   uint8 // of signRules
	points int16
	floor  int16 // points that it lifts the score to at least
}

// The rules of signs.
const (
	ruleContradicts uint8 = iota
	ruleDiffers
	ruleAgrees
	ruleSameDay
	ruleSamePeriod
	ruleExchanged
	ruleWithinAYear
	ruleTwoYears
	ruleMistyped
)

var signRules = [...]string{"contradicts", "differs", "agrees", "same_day", "same_period", "day_and_month_exchanged", "within_a_year", "two_years_off", "year_mistyped"}

// evidence is what type, birth date, country, gender and numbers say, in this
// order.
// Agreement never takes and contradiction never adds points.
type evidence struct {
	signs [5]sign
	n     int
	// birth is the listed date that was judged, asked that of the party.
	birth, asked roster.Span
}

func (e *evidence) add(s sign) {
	e.signs[e.n] = s
	e.n++
}

// evidence judges an entry.
func (x *index) evidence(entity uint32, p *prepared, numbered bool) evidence {
	var out evidence
	if p.kind != "" || len(p.births) > 0 || p.country != "" || p.gender != "" {
		u := x.glance(entity)
		u.text() // its id
		if typesContradict(p.kind, roster.EntityType(u.term())) {
			out.add(sign{fact: factType, rule: ruleContradicts, points: int16(points(pointsType))})
		}
		gender := u.term()
		births := u.number()
		best := sign{fact: factBirth}
		for i := range births {
			// The kindest counts, because authorities list several when they do not
			// know.
			span := u.birth()
			for k := range p.births {
				if rule, pts := judgeSpan(p.births[k], span); i+k == 0 || int16(pts) > best.points {
					best.rule, best.points, out.birth, out.asked = rule, int16(pts), span, p.births[k]
				}
			}
		}
		if len(p.births) > 0 && births > 0 {
			out.add(best)
		}
		if countries := u.number(); p.country != "" && countries > 0 {
			s := sign{fact: factCountry, rule: ruleDiffers, points: int16(points(pointsCountryOther))}
			for range countries {
				if u.term() == p.country {
					s.rule, s.points = ruleAgrees, int16(points(pointsCountrySame))
				}
			}
			out.add(s)
		}
		if p.gender != "" && gender != "" {
			s := sign{fact: factGender, rule: ruleAgrees}
			if gender != p.gender {
				s.rule, s.points = ruleContradicts, int16(points(pointsGenderOther))
			}
			out.add(s)
		}
	}
	if numbered {
		out.add(sign{fact: factNumber, rule: ruleAgrees, points: int16(points(pointsIdentifier)), floor: int16(points(floorIdentifier))})
	}
	return out
}

// total is what a score becomes, each step cut so that it stays within 0 and 1.
// Each step is told to row, when row is given.
func (e *evidence) total(score int, row func(s *sign, points int)) int {
	for i := range e.signs[:e.n] {
		s := &e.signs[i]
		pts := max(-score, min(max(int(s.points), int(s.floor)-score), pointScale-score))
		score += pts
		if row != nil {
			row(s, pts)
		}
	}
	return score
}

// feature is the row of a sign, of an entry, without its points.
func (e *evidence) feature(s *sign, of *roster.Entity, p *prepared) kyc.HitFeature {
	f := kyc.HitFeature{Name: factNames[s.fact], Rule: signRules[s.rule]}
	if s.points > 0 || s.rule == ruleAgrees {
		f.Value = 1
	}
	switch s.fact {
	case factType:
		f.Query, f.Listed = string(p.kind), string(of.Type)
	case factBirth:
		f.Query, f.Listed = e.asked.String(), e.birth.String()
	case factCountry:
		if f.Query, f.Listed = p.country, p.country; s.rule == ruleDiffers {
			f.Listed = strings.Join(of.Countries, " ")
		}
	case factGender:
		f.Query, f.Listed = p.gender, of.Gender
	case factNumber:
		f.Listed = sharedNumber(of, p)
	}
	return f
}

// sharedNumber names the kind of number that agrees; the number itself is on
// the public list.
func sharedNumber(e *roster.Entity, p *prepared) string {
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

// judgeSpan compares a birth date with a listed one.
func judgeSpan(q, l roster.Span) (rule uint8, pts int) {
	days := q.Gap(l)
	if l.Circa || q.Circa {
		days -= 3 * 366
	}
	switch {
	case days <= 0 && q.Exact() && l.Exact() && !l.Circa && !q.Circa:
		return ruleSameDay, points(pointsBirthSame)
	case days <= 0:
		return ruleSamePeriod, points(pointsBirthYear)
	case q.Swapped(l):
		return ruleExchanged, points(pointsBirthNear)
	case days <= 366:
		return ruleWithinAYear, points(pointsBirthNear)
	case q.Mistyped(l):
		return ruleMistyped, points(pointsBirthTyped)
	case days <= 2*366:
		return ruleTwoYears, points(pointsBirthTwo)
	}
	return ruleContradicts, points(pointsBirthFar)
}
