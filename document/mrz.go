package document

import (
	"strings"
	"time"

	"bonafide/kyc"
)

// Format is a layout of the machine-readable zone after ICAO Doc 9303.
type Format string

// The five layouts: parts 5 (TD1), 6 (TD2), 4 (TD3) and 7 (visas).
const (
	TD1  Format = "TD1"  // 3 lines of 30: identity cards
	TD2  Format = "TD2"  // 2 lines of 36
	TD3  Format = "TD3"  // 2 lines of 44: passports
	MRVA Format = "MRVA" // 2 lines of 44: visas, full page
	MRVB Format = "MRVB" // 2 lines of 36: visas, small
)

// MRZ is a parsed zone.
type MRZ struct {
	Format Format    `json:"format"`
	Lines  []string  `json:"lines"` // as read, after repair
	Fields MRZFields `json:"fields"`
	// Checks holds each check digit of the layout: number, dob, expiry,
	// optional (TD3), composite (not on visas). The name has none.
	Checks map[string]bool `json:"check_digits"`
	// Valid is true when every check digit of the layout verifies. It says
	// nothing about the name or the first line.
	Valid bool `json:"valid"`
	// Repaired is true when characters were changed after OCR; Repairs says
	// which. A repair never touches more than look-alikes.
	Repaired bool     `json:"repaired"`
	Repairs  []Repair `json:"repairs,omitempty"`
	// NameTruncated is true when the name fills its field to the last
	// position, so that it may be longer than what is written.
	NameTruncated bool `json:"name_truncated,omitempty"`
	// Doubts are codes of what is implausible although it may verify:
	// document_class, unknown_issuer, unknown_nationality, digit_in_name,
	// no_name, bad_sex, impossible_date_of_birth, impossible_expiry.
	Doubts []string `json:"doubts,omitempty"`
}

// MRZFields are the values of a zone. The first group is as printed, with
// fillers at the end removed; the second is what it means.
type MRZFields struct {
	Type        string `json:"type"`
	Issuer      string `json:"issuer"`
	Number      string `json:"number"`
	Nationality string `json:"nationality"`
	DOB         string `json:"dob"`    // YYMMDD
	Expiry      string `json:"expiry"` // YYMMDD
	Sex         string `json:"sex"`    // M, F, X or empty
	Surname     string `json:"surname"`
	GivenNames  string `json:"given_names"`
	Optional1   string `json:"optional1"`
	Optional2   string `json:"optional2"`

	DateOfBirth        string `json:"date_of_birth,omitempty"`       // YYYY-MM-DD
	ExpiryDate         string `json:"expiry_date,omitempty"`         // YYYY-MM-DD
	IssuingCountry     string `json:"issuing_country,omitempty"`     // ISO alpha-2 where there is one
	NationalityCountry string `json:"nationality_country,omitempty"` // the same
}

// Repair is one character that was changed after OCR.
type Repair struct {
	Line int    `json:"line"` // 0-based
	Pos  int    `json:"pos"`  // 0-based
	From string `json:"from"`
	To   string `json:"to"`
	// Why is "charset" (the position cannot hold the character that was read),
	// "filler" (a run of fillers read as letters), "printed" (a filler read as
	// a letter at the edge of a word that is printed on the page without it)
	// or "check_digit" (the only look-alike that makes every check digit
	// verify).
	Why string `json:"why"`
}

// Parse reads a zone from its lines, exactly as they are: it repairs nothing.
// now settles two-digit years. The error (kind Invalid, code mrz_malformed)
// says that these are no lines of any of the five layouts; wrong check digits
// are no error but false entries in Checks.
func Parse(lines []string, now time.Time) (MRZ, *kyc.Error) {
	l, ok := layoutOf(lines)
	if !ok {
		return MRZ{}, kyc.Errorf(kyc.Invalid, "mrz_malformed", "these are no lines of a machine-readable zone: 3 of 30, 2 of 36 or 2 of 44 characters out of A-Z, 0-9 and <")
	}
	return parse(l, lines, now), nil
}

// parse needs lines of the right number, width and characters.
func parse(l layout, lines []string, now time.Time) MRZ {
	m := MRZ{Format: l.format, Lines: append([]string(nil), lines...), Checks: map[string]bool{}, Valid: true}
	for _, c := range l.checks {
		good := c.verify(lines)
		m.Checks[c.name] = good
		m.Valid = m.Valid && good
	}
	text := func(s span) string { return strings.TrimRight(s.of(lines), "<") }
	f := &m.Fields
	f.Type, f.Issuer, f.Nationality = text(l.class), text(l.issuer), text(l.nationality)
	f.Number, f.Optional1 = text(l.number), text(l.optional1)
	if l.optional2.to > 0 {
		f.Optional2 = text(l.optional2)
	}
	if long, rest, ok := longNumber(l, lines); ok {
		f.Number, f.Optional1 = long, strings.TrimRight(rest, "<")
	}
	f.DOB, f.Expiry = l.dob.of(lines), l.expiry.of(lines)
	switch sex := l.sex.of(lines); sex {
	case "M", "F", "X":
		f.Sex = sex
	case "<":
		f.Sex = ""
	default:
		m.doubt("bad_sex")
	}
	names := l.names.of(lines)
	f.Surname, f.GivenNames = splitName(names)
	m.NameTruncated = names[len(names)-1] != '<'

	var known bool
	if f.IssuingCountry, known = Country(f.Issuer); !known {
		m.doubt("unknown_issuer")
	}
	if f.NationalityCountry, known = Country(f.Nationality); !known {
		m.doubt("unknown_nationality")
	}
	var possible bool
	if f.DateOfBirth, possible = birthDate(f.DOB, now); !possible {
		m.doubt("impossible_date_of_birth")
	}
	if f.ExpiryDate, possible = expiryDate(f.Expiry, now); !possible {
		m.doubt("impossible_expiry")
	}
	if f.DateOfBirth != "" && f.ExpiryDate != "" && f.ExpiryDate < f.DateOfBirth {
		m.doubt("impossible_expiry")
	}
	if !strings.ContainsAny(lines[0][:1], "PIACV") {
		m.doubt("document_class")
	}
	if strings.ContainsAny(names, "0123456789") {
		m.doubt("digit_in_name")
	}
	if f.Surname == "" && f.GivenNames == "" || names[0] == '<' {
		m.doubt("no_name")
	}
	return m
}

func (m *MRZ) doubt(code string) {
	for _, d := range m.Doubts {
		if d == code {
			return
		}
	}
	m.Doubts = append(m.Doubts, code)
}

// Kind tells the document's kind from the zone: V is a visa, P a passport,
// whatever the size; A, C and I are cards.
func (m MRZ) Kind() Kind {
	switch m.Lines[0][0] {
	case 'P':
		return Passport
	case 'V':
		return Visa
	case 'A', 'C', 'I':
		return IDCard
	}
	return Unknown
}

// Sex is Fields.Sex with X where the zone leaves it unspecified by a filler (Doc
// 9303 part 4, 4.2.2.2); empty when the zone holds a character that may not
// stand there.
func (m MRZ) Sex() string {
	if l, ok := layoutOf(m.Lines); ok && m.Fields.Sex == "" && l.sex.of(m.Lines) == "<" {
		return "X"
	}
	return m.Fields.Sex
}

// splitName divides the name field at the first double filler: primary
// identifier, then secondary. A single filler is a space.
func splitName(field string) (surname, given string) {
	surname, given, _ = strings.Cut(strings.TrimRight(field, "<"), "<<")
	words := func(s string) string {
		return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '<' }), " ")
	}
	return words(surname), words(given)
}

// longNumber puts together a document number of more than nine characters
// (Doc 9303 part 5, 4.2.2.2): a filler stands where its check digit would be,
// and the rest with its check digit opens the optional data.
func longNumber(l layout, lines []string) (number, rest string, ok bool) {
	if !l.longNumbers || l.numberCheck.of(lines) != "<" {
		return "", "", false
	}
	head, optional := l.number.of(lines), l.optional1.of(lines)
	end := strings.IndexByte(optional, '<')
	if end < 0 {
		end = len(optional)
	}
	// At least one character of the number and its check digit, and nine
	// characters before it without a filler.
	if end < 2 || strings.HasSuffix(head, "<") || optional[end-1] < '0' || optional[end-1] > '9' {
		return "", "", false
	}
	return head + optional[:end-1], optional[min(end+1, len(optional)):], true
}
