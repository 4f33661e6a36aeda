package rule

import "slices"

// CountryList is a published list of countries a rule can name with "@" in
// front. Lists are facts of the day they were published: an installation that
// must follow a later publication names the countries itself.
type CountryList struct {
	Name      string   `json:"name"` // fatf_high_risk; "@fatf_high_risk" in a rule
	Title     string   `json:"title"`
	Source    string   `json:"source"`    // the publication
	Published string   `json:"published"` // YYYY-MM-DD
	Countries []string `json:"countries"` // ISO 3166-1 alpha-2, sorted
}

// CountryLists are the named lists in the order of the documentation.
func CountryLists() []CountryList {
	return []CountryList{fatfHighRisk(), fatfIncreasedMonitoring(), euHighRisk()}
}

// countryList finds a list by the name without "@".
func countryList(name string) (CountryList, bool) {
	lists := CountryLists()
	i := slices.IndexFunc(lists, func(l CountryList) bool { return l.Name == name })
	if i < 0 {
		return CountryList{}, false
	}
	return lists[i], true
}
