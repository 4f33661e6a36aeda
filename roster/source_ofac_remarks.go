package roster

import "strings"

// ofacIDs maps OFAC's kinds of documents (IDRegDocType of the advanced XML, the
// words before a number in the remarks) to ours. Of words that begin with each
// other the longer stand first. What is no number of a party (websites, sections
// of law, dates, commercial codes of Chinese characters) is left out.
var ofacIDs = []struct{ words, kind string }{
	{"Passport", "passport"}, {"Diplomatic Passport", "passport"}, {"British National Overseas Passport", "passport"}, {"Stateless Person Passport", "passport"},
	{"Travel Document Number", "passport"},
	{"National ID No.", "national_id"}, {"National Foreign ID Number", "national_id"}, {"Identification Number", "national_id"}, {"Personal ID Card", "national_id"},
	{"Cedula No.", "national_id"}, {"D.N.I.", "national_id"}, {"C.U.R.P.", "national_id"}, {"C.U.I.P.", "national_id"}, {"SSN", "national_id"}, {"N.I.E.", "national_id"},
	{"Stateless Person ID Card", "national_id"}, {"Refugee ID Card", "national_id"}, {"Tazkira National ID Card", "national_id"}, {"Citizen's Card Number", "national_id"},
	{"Birth Certificate Number", "national_id"}, {"Numero de Identidad", "national_id"}, {"Residency Number", "national_id"}, {"Romanian Permanent Resident", "national_id"},
	{"Electoral Registry No.", "national_id"}, {"Credencial electoral", "national_id"}, {"I.F.E.", "national_id"}, {"LE Number", "national_id"},
	{"Cartilla de Servicio Militar Nacional", "national_id"}, {"Turkish Identification Number", "national_id"}, {"Kenyan ID No.", "national_id"},
	{"Bosnian Personal ID No.", "national_id"}, {"Moroccan Personal ID No.", "national_id"}, {"CNP (Personal Numerical Code)", "national_id"}, {"Immigration No.", "national_id"},
	{"Driver's License No.", "driving_licence"},
	{"Tax ID No.", "tax_id"}, {"NIT #", "tax_id"}, {"R.F.C.", "tax_id"}, {"RFC", "tax_id"}, {"RUC #", "tax_id"}, {"RIF #", "tax_id"}, {"RTN", "tax_id"}, {"V.A.T. Number", "tax_id"},
	{"C.U.I.T.", "tax_id"}, {"C.U.I.", "tax_id"}, {"C.I.F.", "tax_id"}, {"US FEIN", "tax_id"}, {"Italian Fiscal Code", "tax_id"},
	{"Numero Unico de Identificacao Tributaria (NUIT)", "tax_id"}, {"Paraguayan tax identification number", "tax_id"}, {"Romanian Tax Registration", "tax_id"},
	{"Registration ID", "registration"}, {"Registration Number", "registration"}, {"Business Registration Number", "registration"}, {"Business Registration Document #", "registration"},
	{"Business Number", "registration"}, {"Commercial Registry Number", "registration"}, {"C.R. No.", "registration"}, {"Romanian C.R.", "registration"},
	{"Company Number", "registration"}, {"UK Company Number", "registration"}, {"Enterprise Number", "registration"}, {"D-U-N-S Number", "registration"},
	{"Unified Social Credit Code (USCC)", "registration"}, {"United Social Credit Code Certificate (USCCC)", "registration"}, {"Matricula Mercantil No", "registration"},
	{"Folio Mercantil No.", "registration"}, {"Certificate of Incorporation Number", "registration"}, {"Trade License No.", "registration"},
	{"Public Registration Number", "registration"}, {"Government Gazette Number", "registration"}, {"Chamber of Commerce Number", "registration"},
	{"Dubai Chamber of Commerce Membership No.", "registration"}, {"Istanbul Chamber of Comm. No.", "registration"}, {"Registered Charity No.", "registration"}, {"RSIN", "registration"},
	{"Central Registration System Number", "registration"}, {"Economic Register Number (CBLS)", "registration"}, {"Afghan Money Service Provider License Number", "registration"},
	{"Legal Entity Number", "lei"}, {"SWIFT/BIC", "swift"}, {"BIK (RU)", "bank_code"}, {"ISIN", "isin"},
	{"Vessel Registration Identification", "imo"}, {"MMSI", "mmsi"}, {"Other Vessel Call Sign", "call_sign"},
	{"Aircraft Manufacturer's Serial Number (MSN)", "msn"}, {"Aircraft Construction Number (also called L/N or S/N or F/N)", "msn"}, {"Aircraft Serial Identification", "msn"},
	{"Aircraft Tail Number", "tail_number"}, {"Previous Aircraft Tail Number", "tail_number"}, {"Aircraft Mode S Transponder Code", "transponder"},
	{"Phone Number", "phone"}, {"Telephone No.", "phone"}, {"Telephone", "phone"}, {"Email Address", "email"},
}

// ofacID adds a number of one of OFAC's kinds. The International Maritime
// Organization numbers companies and ships, whatever OFAC files the number as.
func ofacID(e *Entity, kind, number, country string) {
	for _, k := range ofacIDs {
		if !strings.HasPrefix(kind, k.words) {
			continue
		}
		as := k.kind
		number, imo := strings.CutPrefix(Clean(number), "IMO ")
		if imo {
			as = "imo"
		}
		e.addIdentifier(as, number, country)
		return
	}
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
					ofacNumber(e, id.words, rest)
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
	ofacID(e, kind, text, country)
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
