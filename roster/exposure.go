package roster

import (
	"cmp"
	"slices"
	"time"

	"bonafide/kyc"
)

// The classes of an exposed person.
const (
	ClassPEP       = "pep"
	ClassFamily    = "family_member"
	ClassAssociate = "close_associate"
	ClassRelative  = "relative" // family or associate; the source does not say which
)

// The kinds of exposure by where the office is, as the FATF tells them apart.
// A foreign one asks for enhanced measures always.
const (
	KindForeign       = "foreign"
	KindDomestic      = "domestic"
	KindInternational = "international_organisation"
	KindUnknown       = "unknown"
)

// Exposure is what an entry means for a compliance officer. It is computed from
// the entry by rules that OfficeOf and these comments state in full.
type Exposure struct {
	// Class is pep, family_member, close_associate or relative.
	Class string
	// Kind is foreign, domestic, international_organisation or unknown, by the
	// country of the office and the countries at home; empty where nobody said
	// what home is.
	Kind string
	// Office and Level are those of the office that counts most: one that is
	// held before one that has ended, and then the lowest level. Level is 1-4, 0
	// when no title is known.
	Office string
	Level  int
	// Status is current (an office without an end, or with one to come), former
	// (all have ended) or unknown (no office, or none with a date).
	Status string
	// FormerSince is the day by which the last office had ended, zero unless
	// former and dated.
	FormerSince time.Time
	// Position is the office that counts most, zero without any.
	Position kyc.Position
}

// StatusFormer and its siblings are the states of an exposure.
const (
	StatusCurrent = statusCurrent
	StatusFormer  = "former"
	StatusUnknown = "unknown"
)

// graded is a position with what its words mean.
type graded struct {
	at     kyc.Position
	office string
	level  int
	status string
	ended  time.Time
}

func grade(p kyc.Position, now time.Time) graded {
	g := graded{at: p, status: StatusUnknown}
	g.office, g.level = OfficeOf(p)
	until, dated := ParseSpan(p.Until)
	switch {
	case dated && toTime(until.To).Before(now):
		g.status, g.ended = StatusFormer, toTime(until.To)
	case dated, p.Status == statusCurrent:
		g.status = StatusCurrent
	case p.Status == statusEnded, p.Until != "", saysEnded(p.Title):
		g.status = StatusFormer
	case p.Since != "":
		g.status = StatusCurrent
	}
	return g
}

// weight orders gradings: what is or may be held still first, then the higher
// office; one of no known level last.
func (g graded) weight() int {
	w := cmp.Or(g.level, 5)
	if g.status == StatusFormer {
		w += 10
	}
	return w
}

// Expose computes the exposure of an entry with these topics, offices and ties;
// home are the ISO 3166-1 alpha-2 codes of the countries that count as
// domestic. A relative or close associate is as exposed as the offices given,
// which are those of the person they are close to.
func Expose(topics []string, offices []kyc.Position, ties []Tie, home []string, now time.Time) Exposure {
	x := Exposure{Class: classOf(topics, ties), Status: StatusUnknown}
	all := make([]graded, 0, len(offices))
	for _, p := range offices {
		all = append(all, grade(p, now))
	}
	slices.SortStableFunc(all, func(a, b graded) int { return cmp.Compare(a.weight(), b.weight()) })
	if len(all) > 0 {
		top := all[0]
		x.Office, x.Level, x.Status, x.Position = top.office, top.level, top.status, top.at
	}
	if x.Status == StatusFormer { // every office has ended
		for _, g := range all {
			if g.ended.IsZero() { // nobody knows when
				x.FormerSince = time.Time{}
				break
			}
			if g.ended.After(x.FormerSince) {
				x.FormerSince = g.ended
			}
		}
	}
	x.Kind = kindOf(all, home)
	return x
}

func classOf(topics []string, ties []Tie) string {
	switch {
	case HasTopic(topics, TopicPEP):
		return ClassPEP
	case len(ties) == 0:
		return ClassRelative
	case slices.ContainsFunc(ties, func(t Tie) bool { return t.Kind == tieFamily }):
		return ClassFamily
	}
	return ClassAssociate
}

// kindOf is foreign as soon as one office is, because foreign outweighs.
func kindOf(all []graded, home []string) string {
	international, domestic, unknown := false, false, len(all) == 0
	for _, g := range all {
		switch {
		case g.office == OfficeInternational || g.at.Level == "international":
			international = true
		case len(home) == 0:
		case g.at.Country == "":
			unknown = true
		case !slices.Contains(home, g.at.Country):
			return KindForeign
		default:
			domestic = true
		}
	}
	switch {
	case international:
		return KindInternational
	case len(home) == 0:
		return ""
	case unknown || !domestic:
		return KindUnknown
	}
	return KindDomestic
}
