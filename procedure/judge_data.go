package procedure

import (
	"strings"

	"bonafide/kyc"
)

// documentData is matchData of the document that was read, as the seed's sample
// prints it; countries stay alpha-2 inside.
func (j *judging) documentData() map[string]any {
	read := func(name string) string {
		s, _ := j.f.Extracted[name].(string)
		return s
	}
	name := read("full_name")
	if name == "" {
		name = strings.TrimSpace(read("first_name") + " " + read("last_name"))
	}
	out := map[string]any{}
	put(out, "name", name)
	put(out, "familyName", read("last_name"))
	put(out, "givenName", read("first_name"))
	put(out, "dateOfBirth", read("date_of_birth"))
	id := map[string]any{}
	put(id, "idNumber", read("document_number"))
	if kind := read("document_type"); kind != "" {
		id["idType"] = documentWord(kind)
	}
	put(id, "issuingCountryCode", read("issuing_country"))
	if len(id) > 0 {
		out["nationalId"] = id
	}
	return out
}

// documentWord is a type of document as it is read, in the words of 5.10.
func documentWord(kind string) string {
	switch kind {
	case "passport":
		return "PASSPORT"
	case "driving_licence":
		return "DRIVERS_LICENSE"
	case "id_card":
		return "NATIONAL_ID"
	case "visa":
		return "VISA"
	case "residence_permit":
		return "IMMIGRATION"
	}
	return "OTHER"
}

func put(m map[string]any, key, value string) {
	if value != "" {
		m[key] = value
	}
}

// field reads a text of the session's fields.
func (j *judging) field(name string) string {
	s, _ := j.f.Fields[name].(string)
	return s
}

// mainName is the person's main name.
func (j *judging) mainName() kyc.PersonName {
	if len(j.person.Names) > 0 {
		return j.person.Names[0]
	}
	return kyc.PersonName{Given: j.field("first_name"), Middle: j.field("middle_name"), Family: j.field("last_name"), Display: j.field("full_name")}
}

func nameData(n kyc.PersonName) map[string]any {
	out := map[string]any{}
	put(out, "name", FullName(n))
	put(out, "givenName", n.Given)
	put(out, "middleName", n.Middle)
	put(out, "familyName", n.Family)
	put(out, "otherName", n.Other)
	return out
}

func addressData(a *kyc.PostalAddress) map[string]any {
	out := map[string]any{}
	if a == nil {
		return out
	}
	street := a.Street
	if street == "" {
		street = strings.Join(strings.Fields(a.StreetNumber+" "+a.StreetName+" "+a.StreetType), " ")
	}
	put(out, "unitNumber", a.Unit)
	put(out, "street", street)
	put(out, "locality", a.Locality)
	put(out, "subdivision", a.Subdivision)
	put(out, "postalCode", a.PostalCode)
	put(out, "country", a.Country)
	put(out, "longForm", a.LongForm)
	return out
}

// number reads a JSON number of any Go type.
func number(v any) (float64, bool) {
	var f float64
	if !into(v, &f) {
		return 0, false
	}
	return f, true
}

// count reads a whole number of a summary.
func count(summary map[string]any, key string) int {
	f, _ := number(summary[key])
	return int(f)
}
