package roster

import "strings"

// ofacIDs maps the words before a number in OFAC's remarks to our kinds.
var ofacIDs = []struct{ words, kind string }{
	{"Passport", "passport"}, {"National ID No.", "national_id"}, {"Identification Number", "national_id"}, {"Personal ID Card", "national_id"},
	{"Cedula No.", "national_id"}, {"D.N.I.", "national_id"}, {"C.U.R.P.", "national_id"}, {"SSN", "national_id"}, {"Stateless Person ID Card", "national_id"},
	{"Birth Certificate Number", "national_id"}, {"Driver's License No.", "driving_licence"}, {"Tax ID No.", "tax_id"}, {"NIT #", "tax_id"},
	{"R.F.C.", "tax_id"}, {"RUC #", "tax_id"}, {"RTN", "tax_id"}, {"V.A.T. Number", "tax_id"}, {"Registration ID", "registration"},
	{"Registration Number", "registration"}, {"Business Registration Number", "registration"}, {"Commercial Registry Number", "registration"},
	{"Company Number", "registration"}, {"Enterprise Number", "registration"}, {"Unified Social Credit Code (USCC)", "registration"},
	{"Legal Entity Number", "lei"}, {"SWIFT/BIC", "swift"}, {"Matricula Mercantil No", "registration"}, {"Vessel Registration Identification", "imo"},
	{"MMSI", "mmsi"}, {"Aircraft Manufacturer's Serial Number (MSN)", "msn"}, {"Aircraft Tail Number", "tail_number"}, {"Numero de Identidad", "national_id"},
	{"Residency Number", "national_id"}, {"Folio Mercantil No.", "registration"}, {"Certificate of Incorporation Number", "registration"}, {"Trade License No.", "registration"},
	{"Public Registration Number", "registration"}, {"Government Gazette Number", "registration"}, {"Phone Number", "phone"}, {"Email Address", "email"},
}

// ofacRemarks reads the semicolon-separated facts of an OFAC entry: quoted
// names (weak aliases), dates of birth, nationality, citizenship, document
// numbers and digital-currency addresses.
func ofacRemarks(e *Entity, remarks string) {
	for _, part := range splitRemarks(remarks) {
		part = strings.TrimSpace(strings.TrimSuffix(part, "."))
		part = strings.TrimPrefix(part, "alt. ")
		lower := strings.ToLower(part)
		switch {
		case strings.HasPrefix(lower, "a.k.a. "), strings.HasPrefix(lower, "f.k.a. "), strings.HasPrefix(lower, "n.k.a. "), strings.HasPrefix(lower, "d.b.a. "):
			// Names in the remarks are OFAC's weak aliases; a former name is
			// a strong one (FAQ 122-123).
			q := QualityWeak
			if lower[0] != 'a' {
				q = QualityStrong
			}
			e.addName(strings.Trim(part[7:], "'\"‘’ "), q)
		case strings.HasPrefix(part, "DOB "):
			e.addBirth(ParseSpan(part[4:]))
		case strings.HasPrefix(lower, "nationality "):
			e.addCountry(part[12:])
		case strings.HasPrefix(lower, "citizen "):
			e.addCountry(part[8:])
		case strings.HasPrefix(lower, "gender "):
			e.Gender = Gender(part[7:])
		case strings.HasPrefix(part, "Digital Currency Address - "):
			if currency, address, ok := strings.Cut(part[len("Digital Currency Address - "):], " "); ok {
				e.addIdentifier("crypto_"+strings.ToLower(currency), address, "")
			}
		default:
			for _, id := range ofacIDs {
				if rest, ok := strings.CutPrefix(part, id.words+" "); ok {
					ofacNumber(e, id.kind, rest)
					break
				}
			}
		}
	}
}

// ofacNumber reads "K475336 (Jordan) issued 31 Aug 2009 expires …".
func ofacNumber(e *Entity, kind, text string) {
	country := ""
	if i := strings.Index(text, "("); i >= 0 {
		if j := strings.Index(text[i:], ")"); j > 0 {
			country = text[i+1 : i+j]
		}
		text = text[:i]
	}
	for _, stop := range []string{" issued ", " expires "} {
		text, _, _ = strings.Cut(text, stop)
	}
	text = strings.TrimPrefix(strings.TrimSpace(text), "IMO ")
	e.addIdentifier(kind, text, country)
}

// splitRemarks cuts at ";" outside of quotation marks.
func splitRemarks(s string) []string {
	var out []string
	start, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\'':
			// A quotation begins after a space and ends before ; or . or the
			// end; other apostrophes belong to names.
			if !quoted && i > 0 && s[i-1] == ' ' {
				quoted = true
			} else if quoted && (i+1 == len(s) || s[i+1] == ';' || s[i+1] == '.') {
				quoted = false
			}
		case ';':
			if !quoted || strings.HasPrefix(s[i:], "; a.k.a.") || strings.HasPrefix(s[i:], "; DOB") || strings.HasPrefix(s[i:], "; alt.") {
				out = append(out, s[start:i])
				start, quoted = i+1, false
			}
		}
	}
	return append(out, s[start:])
}

// Gender reads a word for one in the languages that the lists are published in: M,
// F, or empty for what it does not know and for what is neither.
func Gender(s string) string {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "m", "male", "homme", "hombre", "masculin", "masculino", "männlich", "мужской":
		return "M"
	case "f", "female", "femme", "mujer", "féminin", "femenino", "feminino", "weiblich", "женский":
		return "F"
	}
	return ""
}
