package execution

import (
	"slices"
	"strings"

	"bonafide/kyc"
)

// fieldsOf are the facts of an individual under the names that checks look for
// (check/facts.go), with the number of the paper that stands for the person.
// Alternate names are a list of their own, so that a screening can ask for each
// of them as the applicant's.
func fieldsOf(p *kyc.IndividualData, lead *kyc.EntityDocument) map[string]any {
	f := map[string]any{}
	put(f, "first_name", p.Name.Given)
	put(f, "middle_name", p.Name.Middle)
	put(f, "last_name", p.Name.Family)
	put(f, "full_name", fullName(p.Name))
	put(f, "date_of_birth", p.BirthDate.Normalized)
	put(f, "nationality", p.Nationality)
	put(f, "gender", sexOf(p.Gender))
	put(f, "country_of_birth", p.BirthPlace.Country)
	if len(p.Emails) > 0 {
		put(f, "email", p.Emails[0].Address)
	}
	if len(p.Phones) > 0 {
		put(f, "phone", p.Phones[0].Number)
	}
	if a := residence(p); a != nil {
		f["address"] = addressOf(a)
	}
	if names := alternates(p); len(names) > 0 {
		f["alternate_names"] = names
	}
	if lead != nil {
		put(f, "document_number", lead.Private.PrimaryIdentifier)
		put(f, "document_type", paperType(lead.Type))
		put(f, "issuing_country", lead.Country)
		put(f, "expiry_date", lead.ExpiryDate)
		put(f, "issue_date", lead.Private.IssueDate)
	}
	return f
}

// put leaves out what is not known: an empty text would look like an answer.
func put(f map[string]any, key, value string) {
	if value = strings.TrimSpace(value); value != "" {
		f[key] = value
	}
}

// fullName is the name in the order it is spoken.
func fullName(n kyc.PersonName) string {
	whole := strings.Join(strings.Fields(strings.Join([]string{n.Given, n.Middle, n.Other, n.Family}, " ")), " ")
	if whole == "" {
		return strings.TrimSpace(n.Display)
	}
	return whole
}

// alternates are the other names a person is or was known by; a display name
// that says something else is one of them.
func alternates(p *kyc.IndividualData) []any {
	var out []any
	seen := []string{strings.ToLower(fullName(p.Name))}
	add := func(n kyc.PersonName, whole string) {
		key := strings.ToLower(whole)
		if whole == "" || slices.Contains(seen, key) {
			return
		}
		seen = append(seen, key)
		one := map[string]any{"full_name": whole}
		put(one, "given", n.Given)
		put(one, "middle", n.Middle)
		put(one, "family", n.Family)
		put(one, "type", n.Type)
		out = append(out, one)
	}
	add(kyc.PersonName{}, strings.TrimSpace(p.Name.Display))
	for _, n := range p.AlternateNames {
		add(n, fullName(n))
	}
	return out
}

// residence is where the person lives: the first current residential address,
// else the first current one, else the first that is no place of birth.
func residence(p *kyc.IndividualData) *kyc.PostalAddress {
	fits := []func(a kyc.PostalAddress) bool{
		func(a kyc.PostalAddress) bool {
			return a.Type == "RESIDENTIAL_ADDRESS" && (a.Status == "" || a.Status == "CURRENT")
		},
		func(a kyc.PostalAddress) bool {
			return a.Type != "PLACE_OF_BIRTH" && (a.Status == "" || a.Status == "CURRENT")
		},
		func(a kyc.PostalAddress) bool { return a.Type != "PLACE_OF_BIRTH" },
	}
	for _, fit := range fits {
		if at := slices.IndexFunc(p.Addresses, fit); at >= 0 {
			return &p.Addresses[at]
		}
	}
	return nil
}

func addressOf(a *kyc.PostalAddress) map[string]any {
	out := map[string]any{}
	street := a.Street
	if street == "" {
		street = strings.Join(strings.Fields(strings.Join([]string{a.Unit, a.BuildingName, a.StreetNumber, a.StreetName, a.StreetType}, " ")), " ")
	}
	if street == "" {
		street = a.LongForm
	}
	city := a.Locality
	if city == "" {
		city = a.District
	}
	put(out, "street", street)
	put(out, "city", city)
	put(out, "state", a.Subdivision)
	put(out, "postal_code", a.PostalCode)
	put(out, "country", a.Country)
	return out
}

// countryOf is where a check should look first: the residence, else the
// nationality.
func countryOf(p *kyc.IndividualData) string {
	if a := residence(p); a != nil && a.Country != "" {
		return a.Country
	}
	return p.Nationality
}

// sexOf is a gender in the words of documents (M, F, X), where it says one.
func sexOf(gender string) string {
	switch gender {
	case "MALE":
		return "M"
	case "FEMALE":
		return "F"
	case "NON_BINARY", "OTHER":
		return "X"
	}
	return ""
}
