package chip

import (
	"slices"
	"strings"
	"time"

	"bonafide/document"
	"bonafide/kyc"
)

// readZone reads data group 1 and holds it against the signer's country and
// the photographed document.
func (v *visit) readZone() {
	raw := v.files.DataGroups[1]
	if len(raw) == 0 || len(raw) > maxDG {
		return // said already
	}
	m, ok := zoneOf(raw, v.o.Now)
	if !ok {
		v.fail("dg1_malformed", "data group 1 holds no machine-readable zone")
		return
	}
	v.report.MRZ = &m
	v.fields = fieldsOf(m)
	if !m.Valid {
		v.fail("dg1_check_digit_failed", "a check digit of data group 1 does not verify")
	}
	if len(m.Doubts) > 0 {
		v.say(warning, "dg1_implausible", "data group 1 holds values that Doc 9303 does not allow: "+strings.Join(m.Doubts, ", "))
	}
	v.compareIssuer(m.Fields)
	if m.Fields.ExpiryDate != "" && m.Fields.ExpiryDate < v.o.Now.UTC().Format(time.DateOnly) {
		v.report.Expired = true
		v.say(info, "document_expired", "the document expired on "+m.Fields.ExpiryDate)
	}
	v.comparePrinted()
}

// zoneOf reads the lines of data group 1 (Doc 9303 part 10, 4.7.1).
func zoneOf(raw []byte, now time.Time) (document.MRZ, bool) {
	content, ok := unwrap(raw, 0x61)
	if !ok {
		return document.MRZ{}, false
	}
	text, ok := child(content, 0x5f1f)
	if !ok {
		return document.MRZ{}, false
	}
	width := map[int]int{90: 30, 72: 36, 88: 44}[len(text)]
	if width == 0 {
		return document.MRZ{}, false
	}
	var lines []string
	for rest := string(text); rest != ""; rest = rest[width:] {
		lines = append(lines, rest[:width])
	}
	m, err := document.Parse(lines, now)
	return m, err == nil
}

// fieldsOf gives the values of data group 1 under the names of kyc.Field.
func fieldsOf(m document.MRZ) []kyc.Field {
	f := m.Fields
	out := []kyc.Field{}
	add := func(name, value string) {
		if value != "" {
			out = append(out, kyc.Field{Name: name, Value: value, Source: "chip", Confidence: 1})
		}
	}
	add("document_type", map[document.Kind]string{document.Passport: "passport", document.IDCard: "id_card", document.Visa: "visa"}[m.Kind()])
	add("first_name", f.GivenNames)
	add("last_name", f.Surname)
	add("full_name", strings.TrimSpace(f.GivenNames+" "+f.Surname))
	add("date_of_birth", f.DateOfBirth)
	add("sex", m.Sex())
	add("nationality", f.NationalityCountry)
	add("issuing_country", f.IssuingCountry)
	add("document_number", strings.ReplaceAll(f.Number, "<", ""))
	add("expiry_date", f.ExpiryDate)
	if m.Format == document.TD3 {
		add("personal_number", strings.TrimSpace(strings.ReplaceAll(f.Optional1, "<", " ")))
	}
	return out
}

// compareIssuer asks whether the state that signed is the one that the zone
// names: a certificate of one state must not make passports of another.
func (v *visit) compareIssuer(f document.MRZFields) {
	if document.Fictional(f.Issuer) || document.Fictional(f.Nationality) {
		v.fail("fictional_issuer", "the issuing state does not exist (UTO is ICAO's example)")
		return
	}
	if v.report.Signer == nil {
		return
	}
	signers, known := signerCountries(f.Issuer)
	switch {
	case slices.Contains(signers, v.report.Signer.Country):
	case known:
		v.fail("issuer_differs", "the document signer belongs to another state than the one that the zone names")
	default:
		v.doubt("issuer_unconfirmed", "nobody can tell whether the document signer belongs to the issuer that the zone names")
	}
}

// signerCountries are the countries that certificates may name for an issuer's
// code in the zone; known is false for codes of no country.
func signerCountries(issuer string) (out []string, known bool) {
	switch issuer {
	case "CHN": // Hong Kong and Macao issue passports of China
		return []string{"CN", "HK", "MO"}, true
	case "RKS", "XKX":
		return []string{"KS", "XK"}, true
	case "EUE":
		return []string{"EU"}, true
	case "UNO", "UNA", "UNK":
		return []string{"UN"}, true
	case "XOM":
		return []string{"XO", "XM"}, true
	}
	alpha2, known := document.Country(issuer)
	return []string{alpha2}, known && len(alpha2) == 2
}

// comparePrinted holds the chip against the photographed document. Number and
// dates carry check digits on both, so a difference is no slip of the reader.
func (v *visit) comparePrinted() {
	for _, c := range []struct{ field, code, what, severity string }{
		{"document_number", "chip_number_differs", "the document number", critical},
		{"date_of_birth", "chip_birth_date_differs", "the date of birth", critical},
		{"expiry_date", "chip_expiry_differs", "the expiry date", critical},
		{"issuing_country", "chip_issuer_differs", "the issuing state", critical},
		{"nationality", "chip_nationality_differs", "the nationality", warning},
		{"sex", "chip_sex_differs", "the sex", warning},
	} {
		chip, printed := plainValue(v.fields, c.field), plainValue(v.o.Printed, c.field)
		if chip == "" || printed == "" {
			continue
		}
		v.report.Compared = append(v.report.Compared, c.field)
		if chip != printed {
			v.matches = false
			v.say(c.severity, c.code, c.what+" of the chip is not that of the printed document")
		}
	}
}

// plainValue is a field's value in capital letters and digits only.
func plainValue(fields []kyc.Field, name string) string {
	i := slices.IndexFunc(fields, func(f kyc.Field) bool { return f.Name == name })
	if i < 0 {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToUpper(fields[i].Value))
}
