package rule

import (
	"slices"
	"strings"
)

// AppliesTo are the kinds of countries a country rule can name.
func AppliesTo() []string {
	return []string{"nationality", "residence", "incorporation", "tax_residency", "all", "document_issuer", "birth", "phone", "ip"}
}

// resolve gives the set of codes with named lists replaced by their members.
func (c Codes) resolve() map[string]bool {
	set := make(map[string]bool, len(c.Values))
	for _, v := range c.Values {
		if name, named := strings.CutPrefix(v, "@"); named {
			list, _ := countryList(name)
			for _, code := range list.Countries {
				set[code] = true
			}
			continue
		}
		set[strings.ToUpper(v)] = true
	}
	return set
}

// country judges a country rule. Values come from the form and, where the form
// has none of that kind, from documents. A rule that denies or sends to review
// looks at both: whoever names another nationality than his passport's does not
// escape it. With "all" it is every country known.
//
// A denial for a kind that the form answers otherwise becomes a review: the
// countries of a machine-readable zone are under no check digit, so IRL misread
// as IRN must not shut an Irish applicant out, and a person sees which of the
// two is true.
func (e *evaluation) country(r ref, c *CountryRule) {
	set := c.set
	if set == nil {
		set = c.CountryCode.resolve()
	}
	all := len(c.AppliesTo) == 0 || slices.Contains(c.AppliesTo, "all")
	both := all || c.Action.restricts()
	found, vouched := false, false
	var facts map[string]any
	for i := range e.f.Countries {
		one := &e.f.Countries[i]
		if one.Code == "" || !all && !slices.Contains(c.AppliesTo, one.Type) {
			continue
		}
		found = true
		second := one.Source != "form" && e.onForm(one.Type)
		if !both && second || !set[strings.ToUpper(one.Code)] {
			continue
		}
		vouched = vouched || all || !second
		if facts == nil {
			facts = map[string]any{}
		}
		kind := one.Type
		if kind == "" {
			kind = "country"
		}
		facts[kind] = addCountry(facts[kind], one.Code)
	}
	if facts != nil {
		action := c.Action
		if !vouched && action == AutoDeny {
			action, facts["form_differs"] = ManualReview, true
		}
		e.trigger(r, action, c.Reason, facts)
		return
	}
	asked := e.f.CountriesAsked
	if all || asked == nil {
		if !found {
			e.unjudged(r, c.Action, CheckCountries, "no country of the kinds the rule names is known", true)
		}
		return
	}
	for _, kind := range c.AppliesTo {
		if slices.Contains(asked, kind) && !e.hasCountry(kind) {
			e.unjudged(r, c.Action, CheckCountries, "the country of "+kind+" is not known", true)
			return
		}
	}
	if !found {
		e.unjudged(r, c.Action, CheckCountries, "this session does not ask for a country of the kinds the rule names", false)
	}
}

// addCountry keeps one code as a text and several as a list, each once.
func addCountry(have any, code string) any {
	switch have := have.(type) {
	case string:
		if have == code {
			return have
		}
		return []string{have, code}
	case []string:
		if slices.Contains(have, code) {
			return have
		}
		return append(have, code)
	}
	return code
}

func (e *evaluation) onForm(kind string) bool {
	return slices.ContainsFunc(e.f.Countries, func(c Country) bool { return c.Type == kind && c.Source == "form" && c.Code != "" })
}

func (e *evaluation) hasCountry(kind string) bool {
	return slices.ContainsFunc(e.f.Countries, func(c Country) bool { return c.Type == kind && c.Code != "" })
}
