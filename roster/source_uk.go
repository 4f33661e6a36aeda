package roster

import (
	"context"
	"encoding/xml"
	"strings"
)

// parseUK reads the lists of the United Kingdom: OFSI's consolidated list
// (ConList.csv, one row for each name and birth date, joined by Group ID) and
// the UK Sanctions List (CSV with one row for each name, or XML), joined by
// Unique ID.
func parseUK(ctx context.Context, ins []Input) (Parsed, error) {
	in, err := single(ins)
	if err != nil {
		return Parsed{}, err
	}
	head := in.peek()
	switch {
	case strings.HasPrefix(strings.TrimLeft(head, " \r\n\t\ufeff"), "<"):
		return parseUKXML(ctx, in)
	case strings.Contains(columnName(head), "uniqueid"):
		return parseUKSL(ctx, in)
	}
	return parseConList(ctx, in)
}

// ukName writes a name with the given names first, as both lists number them:
// Name 6 is the family name or the whole name of an organisation.
func ukName(name6 string, given ...string) string {
	parts := make([]string, 0, 6)
	for _, g := range given {
		parts = append(parts, Clean(g))
	}
	return joinNonEmpty(" ", append(parts, Clean(name6))...)
}

func ukType(s string) EntityType {
	switch strings.ToLower(s) {
	case "individual":
		return TypePerson
	case "ship":
		return TypeVessel
	}
	return TypeEntity
}

// ukNumbered splits "1) Saudi Arabia 2) Qatar" and "(1) A (2) B".
func ukNumbered(s string) []string {
	if !strings.Contains(s, "1)") {
		return splitList(s)
	}
	var out []string
	start := 0
	take := func(end int) {
		if p := Clean(strings.Trim(s[start:end], " .,;(")); p != "" {
			out = append(out, p)
		}
	}
	for i := 0; i < len(s); i++ {
		from := i
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i++
		}
		fresh := from == 0 || s[from-1] == ' ' || s[from-1] == '('
		if i > from && i < len(s) && s[i] == ')' && fresh && i-from <= 2 {
			take(from)
			start = i + 1
		}
	}
	take(len(s))
	return out
}

// parseConList reads OFSI's ConList.csv, in the form of 2020 and of 2022 (which
// adds the alias quality and the name in its own script).
func parseConList(ctx context.Context, in Input) (Parsed, error) {
	var out Parsed
	preface := func(row []string) {
		for i, cell := range row {
			if strings.EqualFold(strings.TrimSpace(cell), "Last Updated") && i+1 < len(row) {
				out.Published = parseDay(strings.TrimSpace(row[i+1]), "02/01/2006", "2006-01-02")
			}
		}
	}
	t, err := newTable(in, ',', "a comma", preface, "Name 6", "Name 1", "Group Type", "Group ID", "Alias Type")
	if err != nil {
		return Parsed{}, err
	}
	rows := newGroups(&out, in.name)
	for {
		ok, err := t.next(ctx)
		if err != nil {
			return Parsed{}, err
		}
		if !ok {
			return out, rows.flush()
		}
		e, err := rows.entry(t.get("Group ID"))
		if err != nil {
			return Parsed{}, err
		}
		e.Type = ukType(t.get("Group Type"))
		q := QualityStrong
		switch {
		case strings.HasPrefix(strings.ToLower(t.get("Alias Type")), "prim"):
			q = QualityPrimary
		case strings.Contains(strings.ToLower(t.get("Alias Quality")), "low"):
			q = QualityWeak
		}
		e.addName(ukName(t.get("Name 6"), t.get("Name 1"), t.get("Name 2"), t.get("Name 3"), t.get("Name 4"), t.get("Name 5")), q)
		e.addName(t.get("Name Non-Latin Script"), QualityNative)
		for _, n := range ukNumbered(t.get("Nationality")) {
			e.addCountry(n)
		}
		e.addCountry(t.get("Country"))
		e.addBirth(ParseSpan(t.get("DOB")))
		e.addProgram(t.get("Regime"))
		e.addAddress(joinNonEmpty(", ", t.get("Address 1"), t.get("Address 2"), t.get("Address 3"), t.get("Address 4"), t.get("Address 5"), t.get("Address 6"), t.get("Post/Zip Code"), t.get("Country")))
		ukNumbers(e, "passport", t.get("Passport Number", "Passport Details"))
		ukNumbers(e, "national_id", t.get("National Identification Number", "NI Number"))
	}
}

// ukNumbers takes the document numbers out of "Passport No: 592667 (Qatari
// passport issued on …)" and "1) Z123 2) Y77".
func ukNumbers(e *Entity, kind, text string) {
	for _, p := range ukNumbered(text) {
		p, _, _ = strings.Cut(p, "(")
		if _, after, ok := strings.Cut(p, ":"); ok {
			p = after
		}
		word := ""
		for _, w := range strings.FieldsFunc(p, func(r rune) bool { return r == ' ' || r == ',' || r == ';' }) {
			if hasDigit(w) && len(w) >= 4 {
				word = strings.Trim(w, ".")
				break
			}
		}
		e.addIdentifier(kind, word, "")
	}
}

func hasDigit(s string) bool { return strings.ContainsAny(s, "0123456789") }

// parseUKSL reads the CSV of the UK Sanctions List.
func parseUKSL(ctx context.Context, in Input) (Parsed, error) {
	var out Parsed
	preface := func(row []string) {
		for _, cell := range row {
			day := strings.TrimSpace(cell[strings.Index(cell, ":")+1:])
			if d := parseDay(day, "02-Jan-2006", "02/01/2006", "2006-01-02"); !d.IsZero() {
				out.Published = d
			}
		}
	}
	t, err := newTable(in, ',', "a comma", preface, "Unique ID", "Name 6", "Name type")
	if err != nil {
		return Parsed{}, err
	}
	rows := newGroups(&out, in.name)
	for {
		ok, err := t.next(ctx)
		if err != nil {
			return Parsed{}, err
		}
		if !ok {
			return out, rows.flush()
		}
		e, err := rows.entry(t.get("Unique ID"))
		if err != nil {
			return Parsed{}, err
		}
		e.Type = ukType(t.get("Designation Type", "Individual, Entity, Ship", "Individual Entity Ship"))
		e.addName(ukName(t.get("Name 6"), t.get("Name 1"), t.get("Name 2"), t.get("Name 3"), t.get("Name 4"), t.get("Name 5")), ukQuality(t.get("Name type"), t.get("Alias strength")))
		e.addName(t.get("Name non-latin script"), QualityNative)
		e.addProgram(t.get("Regime Name"))
		for _, b := range splitList(t.get("D.O.B", "DOB")) {
			e.addBirth(ParseSpan(b))
		}
		for _, n := range splitList(t.get("Nationality(/ies)", "Nationality")) {
			e.addCountry(n)
		}
		if g := Gender(t.get("Gender")); g != "" {
			e.Gender = g
		}
		e.addCountry(t.get("Address Country"))
		e.addCountry(t.get("Current believed flag of ship"))
		e.addAddress(joinNonEmpty(", ", t.get("Address Line 1"), t.get("Address Line 2"), t.get("Address Line 3"), t.get("Address Line 4"), t.get("Address Line 5"), t.get("Address Line 6"), t.get("Address Postal Code"), t.get("Address Country")))
		for _, n := range splitList(t.get("Passport number")) {
			ukNumbers(e, "passport", n)
		}
		for _, n := range splitList(t.get("National Identifier number")) {
			ukNumbers(e, "national_id", n)
		}
		for _, n := range splitList(t.get("Business registration number (s)", "Business registration number")) {
			e.addIdentifier("registration", n, "")
		}
		for _, n := range splitList(t.get("IMO number")) {
			e.addIdentifier("imo", n, "")
		}
	}
}

func ukQuality(kind, strength string) Quality {
	switch {
	case strings.HasPrefix(strings.ToLower(kind), "primary name") && !strings.Contains(strings.ToLower(kind), "variation"):
		return QualityPrimary
	case strings.Contains(strings.ToLower(strength), "low"):
		return QualityWeak
	}
	return QualityStrong
}

// ukDesignation is one Designation of the UK Sanctions List's XML.
type ukDesignation struct {
	UniqueID string `xml:"UniqueID"`
	Names    []struct {
		Name1    string `xml:"Name1"`
		Name2    string `xml:"Name2"`
		Name3    string `xml:"Name3"`
		Name4    string `xml:"Name4"`
		Name5    string `xml:"Name5"`
		Name6    string `xml:"Name6"`
		Kind     string `xml:"NameType"`
		Strength string `xml:"AliasStrength"`
	} `xml:"Names>Name"`
	Native    []string `xml:"NonLatinNames>NonLatinName>NameNonLatinScript"`
	Regime    string   `xml:"RegimeName"`
	Kind      string   `xml:"IndividualEntityShip"`
	Addresses []struct {
		L1      string `xml:"AddressLine1"`
		L2      string `xml:"AddressLine2"`
		L3      string `xml:"AddressLine3"`
		L4      string `xml:"AddressLine4"`
		L5      string `xml:"AddressLine5"`
		L6      string `xml:"AddressLine6"`
		Zip     string `xml:"AddressPostalCode"`
		Country string `xml:"AddressCountry"`
	} `xml:"Addresses>Address"`
	Births        []string `xml:"IndividualDetails>Individual>DOBs>DOB"`
	Nationalities []string `xml:"IndividualDetails>Individual>Nationalities>Nationality"`
	Genders       []string `xml:"IndividualDetails>Individual>Genders>Gender"`
	Passports     []string `xml:"IndividualDetails>Individual>PassportDetails>Passport>PassportNumber"`
	NationalIDs   []string `xml:"IndividualDetails>Individual>NationalIdentifierDetails>NationalIdentifier>NationalIdentifierNumber"`
	Registrations []string `xml:"EntityDetails>Entity>BusinessRegistrationNumbers>BusinessRegistrationNumber"`
	IMOs          []string `xml:"ShipDetails>Ship>IMONumbers>IMONumber"`
	Flags         []string `xml:"ShipDetails>Ship>CurrentBelievedFlagOfShips>CurrentBelievedFlagOfShip"`
}

func parseUKXML(ctx context.Context, in Input) (Parsed, error) {
	var out Parsed
	err := eachElement(ctx, in, "Designations", nil, map[string]func(*xml.Decoder, *xml.StartElement) error{
		"DateGenerated": func(d *xml.Decoder, t *xml.StartElement) error {
			var day string
			if err := d.DecodeElement(&day, t); err != nil {
				return err
			}
			out.Published = parseDay(Clean(day), "02/01/2006", "2006-01-02", "2006-01-02T15:04:05")
			return nil
		},
		"Designation": func(d *xml.Decoder, t *xml.StartElement) error {
			var x ukDesignation
			if err := d.DecodeElement(&x, t); err != nil {
				return err
			}
			return out.add(in.name, x.entity())
		},
	})
	return out, err
}

func (x *ukDesignation) entity() Entity {
	e := Entity{ID: Clean(x.UniqueID), Type: ukType(Clean(x.Kind))}
	for _, n := range x.Names {
		e.addName(ukName(n.Name6, n.Name1, n.Name2, n.Name3, n.Name4, n.Name5), ukQuality(Clean(n.Kind), n.Strength))
	}
	for _, n := range x.Native {
		e.addName(n, QualityNative)
	}
	e.addProgram(x.Regime)
	for _, a := range x.Addresses {
		e.addAddress(joinNonEmpty(", ", Clean(a.L1), Clean(a.L2), Clean(a.L3), Clean(a.L4), Clean(a.L5), Clean(a.L6), Clean(a.Zip), Clean(a.Country)))
		e.addCountry(Clean(a.Country))
	}
	for _, b := range x.Births {
		e.addBirth(ParseSpan(b))
	}
	for _, n := range append(x.Nationalities, x.Flags...) {
		e.addCountry(Clean(n))
	}
	for _, g := range x.Genders {
		e.Gender = Gender(g)
	}
	for _, n := range x.Passports {
		ukNumbers(&e, "passport", Clean(n))
	}
	for _, n := range x.NationalIDs {
		ukNumbers(&e, "national_id", Clean(n))
	}
	for _, n := range x.Registrations {
		e.addIdentifier("registration", n, "")
	}
	for _, n := range x.IMOs {
		e.addIdentifier("imo", n, "")
	}
	return e
}
