package procedure

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
)

// assessRisk adds up what the model scores (5.7).
func (j *judging) assessRisk() {
	m := j.d.RiskModel
	a := &kyc.RiskAssessment{ID: j.newID(), CreatedAt: j.at, UpdatedAt: j.at, UpdatedBy: "system", Factors: []kyc.RiskFactor{}}
	for _, rule := range m.Factors {
		value, number, step := j.factor(rule)
		f := kyc.RiskFactor{ID: j.newID(), Factor: rule.Factor, Value: value, Score: rule.scoreOf(value, number), Status: "VALID", StepName: step,
			Description: factorText(rule.Factor)}
		a.Factors = append(a.Factors, f)
		a.Score += f.Effective()
	}
	a.Score = round2(a.Score)
	a.Level = m.RiskLevel(a.Score)
	var o kyc.RiskOverride
	if into(j.f.Established[KeyRiskOverride], &o) && slices.Contains(RiskLevels(), o.Level) && o.Factors != "" && o.Factors == FactorsHash(a.Factors) {
		a.OverriddenLevel = o.Level
	}
	j.out.Risk = a
	for i := range j.out.Steps {
		r := &j.out.Steps[i]
		risk := kyc.StepRisk{Level: a.Level, Overall: a.Score}
		for _, f := range a.Factors {
			if f.StepName == r.Name {
				risk.Factors = append(risk.Factors, f)
				risk.Contributed += f.Effective()
			}
		}
		if len(risk.Factors) > 0 {
			r.Risk = &risk
		}
	}
}

// level is the risk level that holds.
func (j *judging) level() string { return levelOf(j.out.Risk) }

func levelOf(a *kyc.RiskAssessment) string {
	switch {
	case a == nil:
		return "UNKNOWN"
	case a.OverriddenLevel != "":
		return a.OverriddenLevel
	}
	return a.Level
}

func factorText(name string) string {
	return map[string]string{factorEntityType: "type of the entity", factorAge: "age in years", factorNationality: "nationality", factorCountry: "country of residence",
		factorBirthCountry: "country of birth", factorChannel: "channel of the request", factorPEP: "politically exposed person", factorSanction: "sanctions lists",
		factorMedia: "adverse media", factorWatchlist: "other watchlists", factorMatchlist: "own lists", factorDuplicate: "possible duplicates",
		factorFraud: "fraud score"}[name]
}

// factor is the value of one factor, without personal data: an age is told by
// the range it lies in. step is the step that it comes from, if one.
func (j *judging) factor(rule FactorRule) (value string, number *float64, step string) {
	known := func(s string) string { return cmp.Or(strings.ToUpper(strings.TrimSpace(s)), FactorUnknown) }
	switch rule.Factor {
	case factorEntityType:
		return "INDIVIDUAL", nil, ""
	case factorAge:
		age, ok := ageOn(j.born(), j.at)
		if !ok {
			return FactorUnknown, nil, ""
		}
		return rule.band(age), &age, ""
	case factorNationality:
		return known(cmp.Or(j.person.Nationality, j.field("nationality"))), nil, ""
	case factorCountry:
		if a := Residence(j.person.Addresses); a != nil && a.Country != "" {
			return known(a.Country), nil, ""
		}
		return known(j.f.Country), nil, ""
	case factorBirthCountry:
		return known(cmp.Or(j.person.BirthCountry, j.field("country_of_birth"))), nil, ""
	case factorChannel:
		channel, _ := j.f.Established[KeyChannel].(string)
		return known(channel), nil, ""
	case factorFraud:
		fact, asked := j.f.Checks[policyRisk]
		if !asked || fact.Score == nil || endingOf(fact) == errored {
			return FactorUnknown, nil, ""
		}
		return rule.band(*fact.Score), fact.Score, j.stepOf(policyRisk)
	}
	value, step = hitFactor(rule.Factor, j.out.Steps, j.resultsOf)
	return value, nil, step
}

// band names the range that a number lies in.
func (f FactorRule) band(v float64) string {
	for _, g := range f.Ranges {
		if v >= g.From && v <= g.To {
			return short(g.From) + "-" + short(g.To)
		}
	}
	return "OTHER"
}

// hitFactor says how the hits of a kind stand: the gravest word counts. It is
// UNKNOWN where nothing that could find one gave an answer. step is where the
// value comes from.
func hitFactor(name string, steps []kyc.StepResult, resultsOf func(r *kyc.StepResult) []kyc.ProcessResult) (value, step string) {
	kinds := []string{name}
	if name == factorMatchlist {
		kinds = append(kinds, kindBlock)
	}
	value = FactorUnknown
	rank := func(v string) int {
		return slices.Index([]string{FactorUnknown, FactorNone, FactorAccepted, FactorUnresolved, FactorRejected}, v)
	}
	for i := range steps {
		r := &steps[i]
		if !hitType(r.Type) || !finds(r.Type, name) || r.Result == StepSkipped {
			continue
		}
		t := tallyOf(resultsOf(r))
		got := FactorNone
		if r.Summary["machineResult"] == StepError || r.Summary["machineResult"] == StepMissingData {
			got = FactorUnknown
		}
		for _, kind := range kinds {
			switch {
			case t.refused[kind] > 0:
				got = FactorRejected
			case t.open[kind] > 0 && got != FactorRejected:
				got = FactorUnresolved
			case t.taken[kind] > 0 && got != FactorRejected && got != FactorUnresolved:
				got = FactorAccepted
			}
		}
		if rank(got) > rank(value) || step == "" {
			value, step = got, r.Name
		}
	}
	return value, step
}

// levelNow is the level as it would be with the hits as they stand now. The
// assessment of an execution stays what it was; this is for its status.
func levelNow(d *Definition, a *kyc.RiskAssessment, steps []kyc.StepResult, byStep map[string][]kyc.ProcessResult) string {
	if a == nil || a.OverriddenLevel != "" {
		return levelOf(a)
	}
	score := 0.0
	for _, f := range a.Factors {
		at := slices.IndexFunc(d.RiskModel.Factors, func(r FactorRule) bool { return r.Factor == f.Factor })
		if at >= 0 && slices.Contains(hitFactors(), f.Factor) {
			value, _ := hitFactor(f.Factor, steps, func(r *kyc.StepResult) []kyc.ProcessResult { return byStep[r.Name] })
			f.Score = d.RiskModel.Factors[at].scoreOf(value, nil)
		}
		score += f.Effective()
	}
	return d.RiskModel.RiskLevel(round2(score))
}

// finds reports whether a step of a type can find hits of a factor.
func finds(stepType, factor string) bool {
	switch factor {
	case factorMatchlist:
		return stepType == TypeMatchlist || stepType == TypeBlocklist
	case factorDuplicate:
		return stepType == TypeDuplicate
	}
	return stepType == TypeAML
}

func (j *judging) resultsOf(r *kyc.StepResult) []kyc.ProcessResult {
	return slices.DeleteFunc(slices.Clone(j.out.Process), func(p kyc.ProcessResult) bool { return p.StepResultID != r.ID || p.StepName != r.Name })
}

func (j *judging) stepOf(policy string) string {
	for i := range j.d.Steps {
		if slices.Contains(j.d.Steps[i].policies(), policy) {
			return j.d.Steps[i].Name
		}
	}
	return ""
}

// ageOn is the age in whole years on a day. A date without a day or month
// counts as its last possible day, so that nobody is taken for older.
func ageOn(born string, on time.Time) (float64, bool) {
	var day time.Time
	var err error
	switch len(born) {
	case 10:
		day, err = time.Parse(time.DateOnly, born)
	case 7:
		if day, err = time.Parse("2006-01", born); err == nil {
			day = day.AddDate(0, 1, -1)
		}
	case 4:
		if day, err = time.Parse("2006", born); err == nil {
			day = day.AddDate(1, 0, -1)
		}
	default:
		return 0, false
	}
	on = on.UTC()
	if err != nil || day.After(on) {
		return 0, false
	}
	age := on.Year() - day.Year()
	if on.Month() < day.Month() || on.Month() == day.Month() && on.Day() < day.Day() {
		age--
	}
	return float64(max(age, 0)), true
}

// FactorsHash is the SHA-256 in hex of risk factors, their names and values. A
// risk override holds while it stays the same.
func FactorsHash(factors []kyc.RiskFactor) string {
	list := make([][2]string, len(factors))
	for i, f := range factors {
		list[i] = [2]string{f.Factor, f.Value}
	}
	slices.SortFunc(list, func(a, b [2]string) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	raw, err := json.Marshal(list)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}
