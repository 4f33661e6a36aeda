package media

import (
	"fmt"
	"time"
)

// Row is one part of a risk: the rows add up to it.
type Row struct {
	Rule   string  `json:"rule"`            // <language>.<what>.<how>, category.<name>, age.<bracket>, …
	Words  string  `json:"words,omitempty"` // of the article on which it rests
	Points float64 `json:"points"`
}

// categoryPoints is what the gravity of an accusation adds.
func categoryPoints(c string) int {
	switch c {
	case "terrorism", "trafficking":
		return 30
	case "laundering", "corruption":
		return 25
	case "fraud":
		return 22
	case "cybercrime":
		return 18
	case "tax":
		return 15
	case "regulatory":
		return 10
	}
	return 5
}

// year is the length of a year for the age of news.
const year = 365 * 24 * time.Hour

// risk says how grave a finding is, 0-100, with rows that add up to it: what is
// said, of what category, in the headline or not, hedged, denied, cleared, how
// long ago. The age counts from the query's own time.
func (v verdict) risk(published, now time.Time) (float64, []Row) {
	var rows []Row
	total := 0
	add := func(rule, words string, points int) {
		total += points
		rows = append(rows, Row{Rule: rule, Words: words, Points: float64(points)})
	}
	if !v.role.Adverse() {
		rule, words := "role."+string(v.role), ""
		if len(v.facts) > 0 {
			rule, words = v.facts[0].rule, v.facts[0].words
		}
		if v.unread {
			rule = "language_not_read"
		}
		return 0, []Row{{Rule: rule, Words: words}}
	}
	rule, words, headline, hedged := string(v.role), "", false, false
	for _, f := range v.facts {
		if f.kind == act && f.role == v.role && v.clearing == "" {
			rule, words, headline, hedged = f.rule, f.words, f.headline, f.hedged
			break
		}
	}
	add(rule, words, weight(v.role))
	add("category."+v.category, "", categoryPoints(v.category))
	if headline {
		add("in_headline", "", 5)
	}
	if hedged && v.role != Convicted {
		add("hedged", "", -4)
	}
	if v.denied && v.role != Convicted {
		add("denied", "", -total/10)
	}
	switch age := now.Sub(published); {
	case published.IsZero():
	case age > 10*year:
		add("age.over_10_years", "", -total*40/100)
	case age > 5*year:
		add("age.over_5_years", "", -total*25/100)
	case age > 2*year:
		add("age.over_2_years", "", -total*12/100)
	}
	if v.clearing != "" {
		f := v.facts[0]
		add(f.rule, f.words, -total*85/100)
	}
	if total > 100 {
		add("highest", "", 100-total)
	}
	return float64(total), rows
}

// summarise says in one sentence what an article reports.
func (v verdict) summarise(name string) string {
	of := ""
	if v.category != "" && v.category != "crime" {
		of = " (" + v.category + ")"
	}
	switch {
	case v.unread:
		return fmt.Sprintf("names %s in a language that is not read here", name)
	case v.clearing != "":
		return fmt.Sprintf("reports that %s was cleared: %s%s", name, v.clearing, of)
	case v.role.Adverse():
		return fmt.Sprintf("reports %s as %s%s", name, v.role, of)
	}
	return fmt.Sprintf("names %s as %s", name, v.role)
}
