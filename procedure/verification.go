package procedure

import (
	"slices"
	"strings"

	"bonafide/kyc"
)

// SourceMatch is what one source of electronic verification says: which of the
// RuleAttributes it knows and whether they match. A source that gave no answer
// has Answered false and counts for nothing.
type SourceMatch struct {
	Name      string          `json:"name"`
	Answered  bool            `json:"answered"`
	Matches   map[string]bool `json:"matches"`
	Reference string          `json:"reference,omitempty"`
}

// RuleOutcome is one rule, applied to the sources.
type RuleOutcome struct {
	Rule
	Order    int  // 1, 2, … as the rules stand
	Verified bool // the person is verified by this rule
	// Matched are the sources in which every element matched.
	Matched []string
	// RequiredMatched and RequiredUnmatched are RequiredSources in and not in
	// Matched.
	RequiredMatched, RequiredUnmatched []string
}

// ApplyRules applies rules to sources. Each rule that is verified is enough.
func ApplyRules(rules []Rule, sources []SourceMatch) []RuleOutcome {
	out := make([]RuleOutcome, len(rules))
	for i, rule := range rules {
		o := RuleOutcome{Rule: rule, Order: i + 1, Matched: []string{}, RequiredMatched: []string{}, RequiredUnmatched: []string{}}
		for _, s := range sources {
			all := s.Answered && len(rule.Matches) > 0 && !slices.ContainsFunc(rule.Matches, func(element string) bool {
				return !slices.ContainsFunc(strings.Split(element, "|"), func(attribute string) bool { return s.Matches[attribute] })
			})
			if all && !slices.Contains(o.Matched, s.Name) {
				o.Matched = append(o.Matched, s.Name)
			}
		}
		for _, name := range rule.RequiredSources {
			if slices.Contains(o.Matched, name) {
				o.RequiredMatched = append(o.RequiredMatched, name)
			} else {
				o.RequiredUnmatched = append(o.RequiredUnmatched, name)
			}
		}
		o.Verified = len(o.Matched) >= max(1, rule.MatchCountRequired) && len(o.RequiredUnmatched) == 0
		out[i] = o
	}
	return out
}

// verification records electronic or manual verification: one process result
// for each source and attribute.
func (w *stepWork) verification(fact kyc.CheckFact) {
	if manual, _ := fact.Details["manual"].(bool); manual && w.ends[policyKYC] == good {
		w.j.out.Manual = true
		p := w.result(policyKYC, "MANUAL")
		p.StepType = stepManual
		p.Provider = kyc.ProcessProvider{Name: "manual", Source: "manual_kyc"}
		if w.j.manual != nil {
			p.Provider.Reference = string(w.j.manual.ProcessResultID)
		}
		w.results = append(w.results, p)
		return
	}
	for _, s := range sourcesOf(fact) {
		for _, attribute := range RuleAttributes() {
			matched, known := s.Matches[attribute]
			if !s.Answered || !known {
				continue
			}
			result, kind, object := "NO_MATCH", "KYC_NAME", "NAME"
			if matched {
				result = "MATCH"
			}
			data := nameData(w.j.mainName())
			switch attribute {
			case "address":
				kind, object = "KYC_ADDRESS", "ADDRESS"
				data = addressData(Residence(w.j.person.Addresses))
			case "date_of_birth":
				kind, object = "KYC_DOB", "DATE_OF_BIRTH"
				data = map[string]any{}
				put(data, "date", w.j.born())
			case "gender":
				kind, object = "KYC_GENDER", "INDIVIDUAL"
				data = map[string]any{}
				put(data, "gender", w.j.person.Gender)
			}
			p := w.result(policyKYC, result)
			p.ObjectType, p.ObjectID = object, w.j.f.Objects[object]
			p.Provider = kyc.ProcessProvider{Name: s.Name, Source: s.Name, Reference: s.Reference}
			p.Private.Supplementary = map[string]any{"type": kind, "matchData": data}
			w.results = append(w.results, p)
		}
	}
	if len(w.results) == 0 { // it said something, but not of whom it heard it
		words := map[ending]string{good: "MATCH", doubt: "PARTIAL_MATCH", bad: "NO_MATCH"}
		w.results = append(w.results, w.result(policyKYC, words[w.ends[policyKYC]]))
	}
}

func sourcesOf(fact kyc.CheckFact) []SourceMatch {
	var out []SourceMatch
	if !into(fact.Details["sources"], &out) {
		return nil
	}
	return out
}

// born is the date of birth as it is known.
func (j *judging) born() string {
	if len(j.person.BirthDates) > 0 {
		return j.person.BirthDates[0]
	}
	return j.field("date_of_birth")
}

// kycSummary is the summary of a KYC step (5.5).
func (w *stepWork) kycSummary(fact kyc.CheckFact) map[string]any {
	rules := w.s.Configuration.Rules
	if len(rules) == 0 {
		rules = DefaultRules()
	}
	sources := sourcesOf(fact)
	matched, unmatched := []any{}, []any{}
	for _, o := range ApplyRules(rules, sources) {
		shown := map[string]any{"ruleName": o.RuleName, "ruleOrder": o.Order, "ruleMatches": []any{map[string]any{
			"matchTypes": w.matchTypes(o.Rule, sources), "matchCount": len(o.Matched), "matchCountRequired": o.MatchCountRequired,
			"hasAllRequiredSourcesMatched": len(o.RequiredUnmatched) == 0, "requiredSourcesMatched": texts(o.RequiredMatched),
			"requiredSourcesNotMatched": texts(o.RequiredUnmatched), "isVerified": o.Verified,
			"matchDetails": texts(o.Matched), "nonMatchDetails": texts(others(sources, o.Matched))}}}
		if o.Verified {
			matched = append(matched, shown)
		} else {
			unmatched = append(unmatched, shown)
		}
	}
	return map[string]any{"matchedRules": matched, "unmatchedRules": unmatched, "isManual": w.j.out.Manual}
}

// others are the sources that are not among some.
func others(sources []SourceMatch, some []string) []string {
	var out []string
	for _, s := range sources {
		if !slices.Contains(some, s.Name) && !slices.Contains(out, s.Name) {
			out = append(out, s.Name)
		}
	}
	return out
}

// matchTypes says of each attribute of a rule in which sources it matched.
func (w *stepWork) matchTypes(rule Rule, sources []SourceMatch) map[string]any {
	out := map[string]any{}
	for _, element := range rule.Matches {
		for _, attribute := range strings.Split(element, "|") {
			in, not, checked := []any{}, []any{}, false
			for _, s := range sources {
				matched, known := s.Matches[attribute]
				switch {
				case !s.Answered || !known:
				case matched:
					in, checked = append(in, s.Name), true
				default:
					not, checked = append(not, s.Name), true
				}
			}
			object := map[string]string{"name": "NAME", "address": "ADDRESS", "date_of_birth": "DATE_OF_BIRTH", "gender": "INDIVIDUAL"}[attribute]
			name := map[string]string{"date_of_birth": "dob"}[attribute]
			if name == "" {
				name = attribute
			}
			out[name] = map[string]any{"objectId": string(w.j.f.Objects[object]), "objectType": object, "matchCount": len(in), "matchSources": in,
				"nonMatchSources": not, "isChecked": checked, "isVerified": len(in) >= max(1, rule.MatchCountRequired)}
		}
	}
	return out
}
