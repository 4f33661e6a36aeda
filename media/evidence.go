package media

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"bonafide/kyc"
	"bonafide/roster"
	"bonafide/screen"
)

// Evidence beside a mention, in shares of 1. A birth year that differs by more
// than two speaks of somebody else.
const (
	sameYear     = 0.05
	twoYears     = -0.12
	otherYear    = -0.30
	sameCountry  = 0.02
	otherCountry = -0.03
	otherSort    = -0.25 // a person is no company
)

// party is who is looked for.
type party struct {
	company bool
	born    int // year, 0 where not known
	bornTo  int // the latest it may be
	country string
}

// evidence adds rows for what the article says beside the mention: age, year
// of birth, country, legal form.
func (r *reading) evidence(p party, published time.Time) (float64, []kyc.HitFeature) {
	_, score, rows := r.mention()
	total := int(score*10000 + 0.5)
	add := func(name, query, listed, rule string, share float64) {
		pts := int(share * 10000)
		if share < 0 {
			pts = int(share*10000 - 0.5)
		}
		pts = min(pts, 10000-total)
		pts = max(pts, -total)
		total += pts
		rows = append(rows, kyc.HitFeature{Name: name, Query: query, Listed: listed, Rule: rule, Points: float64(pts) / 10000})
	}
	age, year, here, elsewhere := 0, 0, "", ""
	for _, s := range r.scenes {
		for m := range s.mentions {
			if !s.mentions[m].self {
				continue
			}
			if n := s.ageOf(&s.mentions[m]); n > 0 && age == 0 {
				age = n
			}
			if n := s.birthYear(&s.mentions[m]); n > 0 && year == 0 {
				year = n
			}
			for _, code := range s.countries() {
				if code == p.country {
					here = code
				} else {
					elsewhere = code
				}
			}
		}
	}
	form := false
	for _, sp := range screen.Spell(r.best.text) {
		form = form || sp.LegalForm()
	}
	switch {
	case p.company && (age > 0 || year > 0):
		add("type", "company", "person", "age_given", otherSort)
	case !p.company && form:
		add("type", "person", "company", "legal_form", otherSort)
	}
	if p.born > 0 && !p.company {
		off, listed, rule := -1, "", ""
		switch {
		case year > 0:
			off, listed, rule = p.off(year), strconv.Itoa(year), "birth_year"
		case age > 0 && !published.IsZero():
			// Who is 45 was born 45 or 46 years before.
			born := published.Year() - age
			off, listed, rule = min(p.off(born), p.off(born-1)), fmt.Sprintf("aged %d in %d", age, published.Year()), "age"
		}
		switch {
		case off < 0:
		case off == 0:
			add("date_of_birth", p.years(), listed, rule, sameYear)
		case off == 1:
			add("date_of_birth", p.years(), listed, rule+"_near", 0)
		case off == 2:
			add("date_of_birth", p.years(), listed, rule+"_two_years", twoYears)
		default:
			add("date_of_birth", p.years(), listed, rule+"_differs", otherYear)
		}
	}
	switch {
	case p.country == "":
	case here != "":
		add("country", p.country, here, "named_beside", sameCountry)
	case elsewhere != "":
		add("country", p.country, elsewhere, "other_named_beside", otherCountry)
	}
	return float64(total) / 10000, rows
}

// off is how many years a birth year lies away from the party's.
func (p party) off(year int) int { return max(p.born-year, year-p.bornTo, 0) }

// years are the years in which the party was born.
func (p party) years() string {
	if p.bornTo > p.born {
		return strconv.Itoa(p.born) + "/" + strconv.Itoa(p.bornTo)
	}
	return strconv.Itoa(p.born)
}

// ageOf reads "Name, 45," and "Name (45)" and "45-year-old Name".
func (s *scene) ageOf(m *mention) int {
	number := func(i int) int {
		if i < 0 || i >= len(s.words) || s.words[i].mark {
			return 0
		}
		digits := s.words[i].plain
		if head, _, ok := strings.Cut(digits, "-"); ok {
			digits = head
		}
		if n, err := strconv.Atoi(digits); err == nil && n >= 14 && n <= 110 && len(digits) < 4 {
			return n
		}
		return 0
	}
	if s.isMark(m.to, ",(") && (m.to+2 >= len(s.words) || s.isMark(m.to+2, ",).;") || m.to+2 < len(s.words) && yearWord(s.words[m.to+2].plain)) {
		if n := number(m.to + 1); n > 0 {
			return n
		}
	}
	if s.isMark(m.to, ",") && m.to+1 < len(s.words) && s.words[m.to+1].plain == "aged" {
		return number(m.to + 2)
	}
	if s.isMark(m.to, ",") { // Name, a 45-year-old banker
		for i := m.to + 1; i < len(s.words) && i <= m.to+3 && !s.words[i].mark; i++ {
			if strings.HasSuffix(s.words[i].plain, "-year-old") {
				return number(i)
			}
		}
	}
	for i := m.from - 1; i >= 0 && m.from-i <= 4 && !s.words[i].mark; i-- {
		if strings.HasSuffix(s.words[i].plain, "-year-old") || strings.HasSuffix(s.words[i].plain, "-jahrige") || strings.HasSuffix(s.words[i].plain, "-jarige") {
			return number(i)
		}
	}
	return 0
}

func yearWord(w string) bool {
	switch w {
	case "years", "ans", "anos", "anni", "jahre", "jaar":
		return true
	}
	return false
}

// birthYear reads "born in 1975" and "Name (1975)" near the name.
func (s *scene) birthYear(m *mention) int {
	year := func(i int) int {
		if i < 0 || i >= len(s.words) || len(s.words[i].plain) != 4 {
			return 0
		}
		if n, err := strconv.Atoi(s.words[i].plain); err == nil && n >= 1900 && n <= 2100 {
			return n
		}
		return 0
	}
	if s.isMark(m.to, "(") && s.isMark(m.to+2, ")") {
		if n := year(m.to + 1); n > 0 {
			return n
		}
	}
	for i := m.to; i < len(s.words) && i < m.to+5; i++ {
		switch s.words[i].plain {
		case "born", "geboren", "geb", "nacido", "nacida", "nascido", "nascida", "nato", "nata", "ne", "nee":
			for k := i + 1; k < len(s.words) && k <= i+5; k++ {
				if n := year(k); n > 0 {
					return n
				}
			}
		}
	}
	return 0
}

// countries are those that the sentence names, in its language; in English as
// nationalities, too.
func (s *scene) countries() []string {
	var out []string
	for i := range s.words {
		w := &s.words[i]
		if w.mark || !w.cap || s.at[i] >= 0 && s.mentions[s.at[i]].self {
			continue
		}
		code := ""
		if len(w.plain) > 3 {
			code = roster.CountryNamed(s.code, w.orig)
		}
		// Outside of English the second word may begin small: Arabie saoudite.
		if code == "" && i+1 < len(s.words) && (s.words[i+1].cap || s.code != "en") && !s.words[i+1].mark {
			code = roster.CountryNamed(s.code, w.orig+" "+s.words[i+1].orig)
		}
		if code != "" {
			out = append(out, code)
		}
	}
	return out
}
