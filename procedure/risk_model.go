package procedure

import (
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/text/language"
)

// RiskModel says what adds to the risk and from which score which level holds
// (5.7).
type RiskModel struct {
	Bands   RiskBands    `json:"bands"`
	Factors []FactorRule `json:"factors"`
}

// RiskBands are the lowest scores of the levels above LOW.
type RiskBands struct {
	Medium       float64 `json:"medium"`
	High         float64 `json:"high"`
	Unacceptable float64 `json:"unacceptable"`
}

// FactorRule scores one factor. Scores are by value, without case; of a country
// by its ISO 3166-1 code of two or three letters. Ranges are of factors that
// are numbers. Otherwise is the score of every other value, an unknown one
// included.
type FactorRule struct {
	Factor    string             `json:"factor"` // one of FactorNames()
	Scores    map[string]float64 `json:"scores,omitempty"`
	Ranges    []FactorRange      `json:"ranges,omitempty"`
	Otherwise float64            `json:"otherwise"`
}

// FactorRange scores the numbers from From to To, both included.
type FactorRange struct {
	From  float64 `json:"from"`
	To    float64 `json:"to"`
	Score float64 `json:"score"`
}

// Values of factors that speak of hits.
const (
	FactorNone       = "NONE"
	FactorUnresolved = "UNRESOLVED"
	FactorAccepted   = "ACCEPTED"
	FactorRejected   = "REJECTED"
	FactorUnknown    = "UNKNOWN" // the value of anything that is not known
)

// Names of factors.
const (
	factorEntityType   = "entity_type"
	factorAge          = "entity_age"
	factorNationality  = "nationality"
	factorCountry      = "country"
	factorBirthCountry = "country_of_birth"
	factorChannel      = "channel"
	factorPEP          = "pep"
	factorSanction     = "sanction"
	factorMedia        = "adverse_media"
	factorWatchlist    = "watchlist"
	factorMatchlist    = "matchlist"
	factorDuplicate    = "duplicate"
	factorFraud        = "fraud_score"
)

// FactorNames are the factors that a model may score.
func FactorNames() []string {
	return []string{factorEntityType, factorAge, factorNationality, factorCountry, factorBirthCountry, factorChannel, factorPEP, factorSanction, factorMedia,
		factorWatchlist, factorMatchlist, factorDuplicate, factorFraud}
}

// hitFactors are those whose value says how hits stand.
func hitFactors() []string {
	return []string{factorPEP, factorSanction, factorMedia, factorWatchlist, factorMatchlist, factorDuplicate}
}

func countryFactor(name string) bool {
	return name == factorNationality || name == factorCountry || name == factorBirthCountry
}

func numberFactor(name string) bool { return name == factorAge || name == factorFraud }

// DefaultRiskModel scores the entity type and the age as the vendor's sample
// does (5.7) and adds for hits; a customer's own model replaces it.
func DefaultRiskModel() RiskModel {
	hit := func(name string, unresolved, accepted, rejected float64) FactorRule {
		return FactorRule{Factor: name, Scores: map[string]float64{FactorUnresolved: unresolved, FactorAccepted: accepted, FactorRejected: rejected}}
	}
	return RiskModel{Bands: DefaultBands(), Factors: []FactorRule{
		{Factor: factorEntityType, Scores: map[string]float64{"INDIVIDUAL": 2}},
		{Factor: factorAge, Ranges: []FactorRange{{From: 0, To: 17, Score: 20}, {From: 60, To: 150, Score: 10}}},
		hit(factorPEP, 20, 15, 40),
		hit(factorSanction, 45, 30, 80),
		hit(factorMedia, 15, 10, 40),
		hit(factorWatchlist, 15, 10, 40),
		hit(factorMatchlist, 15, 10, 40),
		hit(factorDuplicate, 15, 5, 40),
	}}
}

// DefaultBands are those of api.md 5.7: to 19 LOW, to 49 MEDIUM, to 79 HIGH.
func DefaultBands() RiskBands { return RiskBands{Medium: 20, High: 50, Unacceptable: 80} }

// maxScore bounds every score of a model.
const maxScore = 1000

func (r *reader) riskModel(o *object) RiskModel {
	if o == nil {
		return DefaultRiskModel()
	}
	m := RiskModel{Bands: DefaultBands(), Factors: DefaultRiskModel().Factors}
	if b := o.child("bands"); b != nil {
		m.Bands = RiskBands{Medium: b.decimal("medium", m.Bands.Medium, 0, maxScore), High: b.decimal("high", m.Bands.High, 0, maxScore),
			Unacceptable: b.decimal("unacceptable", m.Bands.Unacceptable, 0, maxScore)}
		b.done("the bands of a risk model")
		if m.Bands.Medium > m.Bands.High || m.Bands.High > m.Bands.Unacceptable {
			o.fail("bands", "bands_invalid", "the bands must not fall: medium, high, unacceptable")
		}
	}
	if list, given := o.list("factors", MaxFactors); given {
		m.Factors = []FactorRule{}
		for i, v := range list {
			fo := r.object(v, index(o.path("factors"), i))
			if fo == nil {
				continue
			}
			f := r.factor(fo)
			if slices.ContainsFunc(m.Factors, func(have FactorRule) bool { return have.Factor == f.Factor }) {
				fo.fail("factor", "duplicate_factor", "the factor %s is scored twice", f.Factor)
			}
			m.Factors = append(m.Factors, f)
		}
	}
	o.done("a risk model")
	return m
}

func (r *reader) factor(o *object) FactorRule {
	f := FactorRule{Factor: o.text("factor", 100), Otherwise: o.decimal("otherwise", 0, 0, maxScore)}
	if !slices.Contains(FactorNames(), f.Factor) {
		o.fail("factor", "unknown_factor", "the factors are %s", strings.Join(FactorNames(), ", "))
	}
	if s := o.child("scores"); s != nil {
		f.Scores = map[string]float64{}
		if len(s.names) > 300 {
			o.fail("scores", "too_many", "at most 300 values can be scored")
		}
		for _, name := range s.names {
			v, ok := s.get(name)
			if !ok {
				continue
			}
			if score, ok := r.decimal(v, s.path(name), 0, maxScore); ok {
				f.Scores[strings.ToUpper(name)] = score
			}
			switch {
			case countryFactor(f.Factor) && alpha2(name) == "":
				s.fail(name, "country_invalid", "%q is no country code of ISO 3166-1", name)
			case slices.Contains(hitFactors(), f.Factor) && !slices.Contains([]string{FactorNone, FactorUnresolved, FactorAccepted, FactorRejected, FactorUnknown}, strings.ToUpper(name)):
				s.fail(name, "value_invalid", "the values of %s are NONE, UNRESOLVED, ACCEPTED, REJECTED and UNKNOWN", f.Factor)
			}
		}
		if len(f.Scores) != len(s.names) && len(r.errors) == 0 {
			o.fail("scores", "duplicate_item", "a value is scored twice in different case, or is null")
		}
		if len(f.Scores) == 0 {
			f.Scores = nil // an empty table is none, and is not written
		}
		if numberFactor(f.Factor) {
			o.fail("scores", "scores_unfit", "%s is a number; score it by ranges", f.Factor)
		}
	}
	if list, given := o.list("ranges", MaxFactors); given {
		for i, v := range list {
			f.Ranges = append(f.Ranges, r.factorRange(v, index(o.path("ranges"), i)))
		}
		if !numberFactor(f.Factor) && f.Factor != "" {
			o.fail("ranges", "ranges_unfit", "%s is no number; score it by values", f.Factor)
		}
	}
	o.done("a factor")
	return f
}

func (r *reader) factorRange(v jsontext.Value, at string) FactorRange {
	o := r.object(v, at)
	if o == nil {
		return FactorRange{}
	}
	g := FactorRange{From: o.decimal("from", 0, 0, 10000), To: o.decimal("to", 10000, 0, 10000), Score: o.decimal("score", 0, 0, maxScore)}
	if g.From > g.To {
		o.fail("to", "range_invalid", "to is not below from")
	}
	o.done("a range")
	return g
}

// alpha2 is the ISO 3166-1 alpha-2 code of a code of two or three letters, or
// "".
func alpha2(code string) string {
	if len(code) != 2 && len(code) != 3 {
		return ""
	}
	region, err := language.ParseRegion(strings.ToUpper(code))
	if err != nil || !region.IsCountry() || len(region.String()) != 2 {
		return ""
	}
	return region.String()
}

// scoreOf is what the rule gives for a value; number is set for factors that
// are numbers and known.
func (f FactorRule) scoreOf(value string, number *float64) float64 {
	if number != nil {
		for _, g := range f.Ranges {
			if *number >= g.From && *number <= g.To {
				return g.Score
			}
		}
		return f.Otherwise
	}
	for _, name := range slices.Sorted(maps.Keys(f.Scores)) {
		if strings.EqualFold(name, value) || countryFactor(f.Factor) && value != FactorUnknown && alpha2(name) == alpha2(value) {
			return f.Scores[name]
		}
	}
	return f.Otherwise
}

// RiskLevel names a score in the bands of the model.
func (m RiskModel) RiskLevel(score float64) string {
	switch {
	case len(m.Factors) == 0:
		return "UNKNOWN" // nothing is scored
	case score >= m.Bands.Unacceptable:
		return "UNACCEPTABLE"
	case score >= m.Bands.High:
		return "HIGH"
	case score >= m.Bands.Medium:
		return "MEDIUM"
	}
	return "LOW"
}
