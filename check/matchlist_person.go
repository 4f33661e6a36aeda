package check

import (
	"maps"
	"slices"
	"strings"

	"bonafide/kyc"
	"bonafide/procedure"
)

// matchable is a person as entries of matchlists are compared with them.
type matchable struct{ p procedure.Person }

// personToMatch is the whole individual where the machine kept one, and what
// the form says otherwise.
func personToMatch(r kyc.CheckRequest) matchable {
	if p, ok := procedure.EstablishedPerson(r.Established); ok {
		return matchable{p}
	}
	form := onForm(r)
	p := procedure.Person{EntityType: "INDIVIDUAL", Nationality: form.nationality}
	if form.name() != "" {
		p.Names = []kyc.PersonName{{Given: form.first, Family: form.last, Display: form.full}}
	}
	if form.born != "" {
		p.BirthDates = []string{form.born}
	}
	if form.email != "" {
		p.Emails = []string{form.email}
	}
	if form.phone != "" {
		p.Phones = []string{form.phone}
	}
	if form.street != "" || form.city != "" || form.postcode != "" || form.country != "" {
		p.Addresses = []kyc.PostalAddress{{Street: form.street, Locality: form.city, PostalCode: form.postcode, Country: form.country}}
	}
	if form.number != "" {
		p.Documents = []procedure.PersonDocument{{PrimaryIdentifier: form.number, Country: form.issuer}}
	}
	return matchable{p}
}

// empty reports whether nothing is known that could stand on a list.
func (m matchable) empty() bool {
	named := slices.ContainsFunc(m.p.Names, func(n kyc.PersonName) bool { return procedure.FullName(n) != "" })
	return !named && len(m.p.Emails) == 0 && len(m.p.Phones) == 0 && len(m.p.Documents) == 0 && len(m.p.Addresses) == 0
}

// matches compares an entry. The confidence is that of its weakest attribute,
// 0 when one does not match. ok is false for an entry that says nothing, or
// something that has no normal form: whom it means is unknown.
func (m matchable) matches(attributes map[string]string, threshold float64) (confidence float64, kinds []string, ok bool) {
	if len(attributes) == 0 {
		return 0, nil, false
	}
	kinds = slices.Sorted(maps.Keys(attributes))
	groups := map[string]map[string]string{}
	for _, kind := range kinds {
		if _, valid := kyc.MatchlistNormal(kind, attributes[kind]); !valid {
			return 0, nil, false
		}
		g := groupOf(kind)
		if groups[g] == nil {
			groups[g] = map[string]string{}
		}
		groups[g][kind] = attributes[kind]
	}
	confidence = 1
	for _, g := range slices.Sorted(maps.Keys(groups)) {
		confidence = min(confidence, m.group(g, groups[g], threshold))
	}
	return confidence, kinds, true
}

// groupOf says which attributes must be of the same thing.
func groupOf(kind string) string {
	switch {
	case strings.HasPrefix(kind, "ADDRESS_"):
		return "ADDRESS"
	case strings.HasPrefix(kind, "DOCUMENT_"):
		return "DOCUMENT"
	case kind == "IND_FULL_NAME", kind == "IND_GIVEN_NAME", kind == "IND_MIDDLE_NAME", kind == "IND_FAMILY_NAME":
		return "NAME"
	}
	return kind
}

// group is the confidence of one group: the best over everything of the person
// that it could mean.
func (m matchable) group(name string, wanted map[string]string, threshold float64) float64 {
	best := 0.0
	take := func(have func(kind string) float64) {
		c := 1.0
		for _, kind := range slices.Sorted(maps.Keys(wanted)) {
			c = min(c, have(kind))
		}
		best = max(best, c)
	}
	exact := func(value func(kind string) string) {
		take(func(kind string) float64 { return equalNormal(kind, wanted[kind], value(kind)) })
	}
	switch name {
	case "ENTITY_TYPE":
		exact(func(string) string { return "INDIVIDUAL" })
	case "NAME":
		for _, n := range m.p.Names {
			take(func(kind string) float64 { return nameMatch(wanted[kind], namePart(n, kind), threshold) })
		}
	case "ADDRESS":
		for _, a := range m.p.Addresses {
			take(func(kind string) float64 { return addressMatch(kind, wanted[kind], a) })
		}
	case "DOCUMENT":
		for _, d := range m.p.Documents {
			exact(func(kind string) string { return documentPart(d, kind) })
		}
	case "EMAIL_ADDRESS":
		for _, e := range m.p.Emails {
			exact(func(string) string { return e })
		}
	case "EMAIL_DOMAIN":
		for _, e := range m.p.Emails {
			_, domain, _ := strings.Cut(e, "@")
			exact(func(string) string { return "@" + domain })
		}
	case "PHONE_NUMBER":
		for _, p := range m.p.Phones {
			exact(func(string) string { return p })
		}
	case "IND_NATIONALITY":
		exact(func(string) string { return m.p.Nationality })
	case "IND_DATE_OF_BIRTH":
		for _, b := range m.p.BirthDates {
			take(func(kind string) float64 { return bornMatch(wanted[kind], b) })
		}
	}
	return best // ORG_* describe companies, which no individual is
}

func equalNormal(kind, listed, own string) float64 {
	if strings.TrimSpace(own) == "" {
		return 0
	}
	a, okA := kyc.MatchlistNormal(kind, listed)
	b, okB := kyc.MatchlistNormal(kind, own)
	if okA && okB && a == b {
		return 1
	}
	return 0
}

// nameMatch is the likeness of two names, 0 below the threshold.
func nameMatch(listed, own string, threshold float64) float64 {
	if strings.TrimSpace(own) == "" {
		return 0
	}
	if likeness := nameLikeness(listed, own); likeness >= threshold {
		return likeness
	}
	return 0
}

func namePart(n kyc.PersonName, kind string) string {
	switch kind {
	case "IND_GIVEN_NAME":
		return n.Given
	case "IND_MIDDLE_NAME":
		return n.Middle
	case "IND_FAMILY_NAME":
		return n.Family
	}
	return procedure.FullName(n)
}

// bornMatch compares dates of which either may be known less exactly. Where the
// person's own is, the entry can only be possible.
func bornMatch(listed, own string) float64 {
	switch {
	case strings.HasPrefix(own, listed):
		return 1
	case strings.HasPrefix(listed, own) && len(own) >= 4:
		return 0.7
	}
	return 0
}

func documentPart(d procedure.PersonDocument, kind string) string {
	switch kind {
	case "DOCUMENT_CLASS":
		return d.Class
	case "DOCUMENT_TYPE":
		return d.Type
	case "DOCUMENT_COUNTRY":
		return d.Country
	case "DOCUMENT_SUBDIVISION":
		return d.Subdivision
	case "DOCUMENT_PRIMARY_IDENTIFIER":
		return d.PrimaryIdentifier
	}
	return d.SecondaryIdentifier
}

// addressMatch compares one part of an address. Where the person gave the
// street as one line, the parts of the entry are looked for in it.
func addressMatch(kind, listed string, a kyc.PostalAddress) float64 {
	part := map[string]string{"ADDRESS_LONG_FORM": a.LongForm, "ADDRESS_UNIT": a.Unit, "ADDRESS_STREET_NUMBER": a.StreetNumber, "ADDRESS_STREET_NAME": a.StreetName,
		"ADDRESS_STREET_TYPE": a.StreetType, "ADDRESS_LOCALITY": a.Locality, "ADDRESS_DISTRICT": a.District, "ADDRESS_SUBDIVISION": a.Subdivision,
		"ADDRESS_POSTAL_CODE": a.PostalCode, "ADDRESS_COUNTRY": a.Country}[kind]
	if part != "" {
		if g := glued(part); g != "" && g == glued(listed) && !kindOfNumber(kind) {
			return 1 // the same in another spelling: Straße, STRASSE
		}
		return equalNormal(kind, listed, part)
	}
	line := ""
	switch kind {
	case "ADDRESS_LONG_FORM":
		line = strings.Join(strings.Fields(strings.Join([]string{a.Unit, a.StreetNumber, a.StreetName, a.StreetType, a.Street, a.Locality, a.Subdivision, a.PostalCode, a.Country}, " ")), " ")
		if glued(listed) == glued(line) && line != "" {
			return 1
		}
		return 0
	case "ADDRESS_UNIT", "ADDRESS_STREET_NUMBER", "ADDRESS_STREET_NAME", "ADDRESS_STREET_TYPE":
		line = a.Street
	}
	if line == "" || len(words(listed)) == 0 {
		return 0
	}
	for _, w := range words(listed) {
		if !slices.ContainsFunc(words(line), func(have []string) bool { return wordLikeness(w, have) == 1 }) {
			return 0
		}
	}
	return 1
}

// glued is a text without blanks, punctuation and spelling variants.
func glued(s string) string {
	w := words(s)
	if len(w) == 0 {
		return ""
	}
	return glue(w)[0]
}

// kindOfNumber are parts of an address that are numbers rather than words.
func kindOfNumber(kind string) bool {
	return kind == "ADDRESS_UNIT" || kind == "ADDRESS_STREET_NUMBER" || kind == "ADDRESS_POSTAL_CODE" || kind == "ADDRESS_COUNTRY"
}
