package document

import (
	"context"
	"image"
	"strings"
	"time"

	"bonafide/kyc"
)

// IDReading is what a service read on an identity document.
type IDReading struct {
	// Provider and Model say who read it: aws_textract, http; and the service's
	// own version.
	Provider string
	Model    string
	// Fields are the values under the names of kyc.Field. Source is the
	// provider's name, Confidence is 0-1 as the service gives it; there is no
	// region. Values that stand in the zone are in Zone only.
	Fields []kyc.Field
	// Zone is the machine-readable zone as the service read it, parsed here and
	// never repaired; nil where it gave none.
	Zone *MRZ
	// Tried are the providers that were asked before and did not answer.
	Tried []kyc.Tried
}

// IDReader reads the printed text of an identity document. Errors: Invalid and
// TooLarge about the pages; Unavailable where it cannot be asked now, Internal
// where asking again does not help.
type IDReader interface {
	// ReadID reads the pages (front, back) of one document, upright. now settles
	// two-digit years.
	ReadID(ctx context.Context, pages []image.Image, now time.Time) (IDReading, *kyc.Error)
}

// ZoneOf parses the text of a zone as others write it: with or without line
// breaks and blanks. Characters are taken as they are. The error is Parse's.
func ZoneOf(text string, now time.Time) (MRZ, *kyc.Error) {
	lines := strings.Fields(strings.ToUpper(text))
	all := strings.Join(lines, "")
	// The length of a whole zone tells its layout (ICAO Doc 9303 parts 4-7).
	if width := map[int]int{88: 44, 72: 36, 90: 30}[len(all)]; width > 0 {
		lines = lines[:0]
		for ; len(all) >= width; all = all[width:] {
			lines = append(lines, all[:width])
		}
	}
	return Parse(lines, now)
}

// ZoneFields gives the values of a parsed zone under the names of kyc.Field,
// with the source mrz and without regions. Confidence is 1 where a check digit
// verifies and 0.3 where it does not, 0.9 for codes of a table, 0.4 for codes of
// none, and 0.85 for names, which no check digit covers.
func ZoneFields(m MRZ) []kyc.Field {
	f := m.Fields
	checked := func(name string) float64 {
		if m.Checks[name] {
			return 1
		}
		return 0.3
	}
	coded := func(code string) float64 {
		if _, known := Country(code); known {
			return 0.9
		}
		return 0.4
	}
	out := []kyc.Field{}
	for _, one := range []struct {
		name, value string
		confidence  float64
	}{
		{"document_type", map[Kind]string{Passport: "passport", IDCard: "id_card", Visa: "visa"}[m.Kind()], 0.9},
		{"first_name", f.GivenNames, 0.85},
		{"last_name", f.Surname, 0.85},
		{"full_name", strings.TrimSpace(f.GivenNames + " " + f.Surname), 0.85},
		{"date_of_birth", f.DateOfBirth, checked("dob")},
		{"sex", f.Sex, 0.9},
		{"nationality", f.NationalityCountry, coded(f.Nationality)},
		{"issuing_country", f.IssuingCountry, coded(f.Issuer)},
		{"document_number", strings.ReplaceAll(f.Number, "<", ""), checked("number")},
		{"expiry_date", f.ExpiryDate, checked("expiry")},
	} {
		if one.value != "" {
			out = append(out, kyc.Field{Name: one.name, Value: one.value, Source: "mrz", Confidence: one.confidence})
		}
	}
	return out
}

// ZoneFindings says what speaks against a parsed zone: check digits, codes and
// dates that cannot be, names and numbers of published specimens. Findings have
// no regions.
func ZoneFindings(m MRZ) []kyc.Reason {
	if _, ok := layoutOf(m.Lines); !ok {
		return nil
	}
	z := &zone{candidate: candidate{mrz: m, places: make([]place, len(m.Lines))}, view: view{img: image.NewGray(image.Rect(0, 0, 1, 1))}, agreed: m.Valid}
	out := append(zoneFindings(z, &sheetPage{}, true), specimenFindings(z, &sheetPage{})...)
	for i := range out {
		out[i].Region = nil
	}
	sortFindings(out)
	return out
}
