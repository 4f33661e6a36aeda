package roster

import (
	"context"
	"encoding/xml"
	"strconv"
	"strings"
	"time"
)

// euEntry is one sanctionEntity of the EU's Financial Sanctions Files (FSF)
// XML, schema 1.1.
type euEntry struct {
	LogicalID string `xml:"logicalId,attr"`
	Reference string `xml:"euReferenceNumber,attr"`
	Subject   struct {
		Code string `xml:"code,attr"`
	} `xml:"subjectType"`
	Regulations []struct {
		Programme string `xml:"programme,attr"`
	} `xml:"regulation"`
	Names []struct {
		First  string `xml:"firstName,attr"`
		Middle string `xml:"middleName,attr"`
		Last   string `xml:"lastName,attr"`
		Whole  string `xml:"wholeName,attr"`
		Gender string `xml:"gender,attr"`
		Strong string `xml:"strong,attr"`
	} `xml:"nameAlias"`
	Births []struct {
		Circa string `xml:"circa,attr"`
		Date  string `xml:"birthdate,attr"`
		Year  string `xml:"year,attr"`
		Month string `xml:"monthOfYear,attr"`
		From  string `xml:"yearRangeFrom,attr"`
		To    string `xml:"yearRangeTo,attr"`
	} `xml:"birthdate"`
	Citizenships []struct {
		Country string `xml:"countryIso2Code,attr"`
	} `xml:"citizenship"`
	Addresses []struct {
		Street  string `xml:"street,attr"`
		City    string `xml:"city,attr"`
		Zip     string `xml:"zipCode,attr"`
		Country string `xml:"countryIso2Code,attr"`
		Name    string `xml:"countryDescription,attr"`
	} `xml:"address"`
	IDs []struct {
		Type    string `xml:"identificationTypeCode,attr"`
		Number  string `xml:"number,attr"`
		Latin   string `xml:"latinNumber,attr"`
		Country string `xml:"countryIso2Code,attr"`
	} `xml:"identification"`
}

// parseEU reads the XML or the CSV that the Commission publishes.
func parseEU(ctx context.Context, ins []Input) (Parsed, error) {
	in, err := single(ins)
	if err != nil {
		return Parsed{}, err
	}
	switch head := strings.TrimLeft(firstBytes(in, 64), " \r\n\t\ufeff"); {
	case strings.HasPrefix(head, "{"), strings.HasPrefix(head, "["):
		return Parsed{}, wrongFormat(in.name, "it is JSON, and the EU publishes XML and CSV; FollowTheMoney lines are read with the format ftm")
	case strings.HasPrefix(head, "---"):
		return Parsed{}, wrongFormat(in.name, "it is YAML, and the EU publishes XML and CSV")
	case !strings.HasPrefix(head, "<"):
		return parseEUCSV(ctx, in)
	}
	var out Parsed
	root := func(t xml.StartElement) {
		for _, a := range t.Attr {
			if a.Name.Local == "generationDate" {
				out.Published, _ = time.Parse(time.RFC3339, a.Value)
			}
		}
	}
	err = eachElement(ctx, in, "export", root, map[string]func(*xml.Decoder, *xml.StartElement) error{
		"sanctionEntity": func(d *xml.Decoder, t *xml.StartElement) error {
			var x euEntry
			if err := d.DecodeElement(&x, t); err != nil {
				return err
			}
			return out.add(in.name, x.entity())
		},
	})
	return out, err
}

func euType(code string) EntityType {
	switch strings.ToLower(code) {
	case "person", "p":
		return TypePerson
	}
	return TypeEntity
}

// euQuality grades the i-th name; the strong attribute is missing or "true"
// for good names.
func euQuality(strong, text string, first bool) Quality {
	switch {
	case strings.EqualFold(strong, "false"):
		return QualityWeak
	case !mostlyLatin(text):
		return QualityNative
	case first:
		return QualityPrimary
	}
	return QualityStrong
}

func (x *euEntry) entity() Entity {
	e := Entity{ID: Clean(x.LogicalID), Type: euType(x.Subject.Code)}
	for _, n := range x.Names {
		text := Clean(n.Whole)
		if text == "" {
			text = joinNonEmpty(" ", Clean(n.First), Clean(n.Middle), Clean(n.Last))
		}
		e.addName(text, euQuality(n.Strong, text, len(e.Names) == 0))
		if e.Gender == "" {
			e.Gender = Gender(n.Gender)
		}
	}
	for _, r := range x.Regulations {
		e.addProgram(r.Programme)
	}
	e.addProgram(x.Reference)
	for _, b := range x.Births {
		s, ok := euBirth(b.Date, b.Year, b.Month, b.From, b.To)
		s.Circa = strings.EqualFold(b.Circa, "true")
		e.addBirth(s, ok)
	}
	for _, c := range x.Citizenships {
		e.addCountry(Clean(c.Country))
	}
	for _, a := range x.Addresses {
		e.addAddress(joinNonEmpty(", ", Clean(a.Street), Clean(a.City), Clean(a.Zip), Clean(a.Name)))
		e.addCountry(Clean(a.Country))
	}
	for _, id := range x.IDs {
		n := Clean(id.Number)
		if n == "" {
			n = id.Latin
		}
		e.addIdentifier(euIDKind(id.Type), n, Clean(id.Country))
	}
	return e
}

func euBirth(date, year, month, from, to string) (Span, bool) {
	if s, ok := ParseSpan(date); ok {
		return s, true
	}
	y, err := strconv.Atoi(Clean(year))
	if err != nil {
		f, errF := strconv.Atoi(Clean(from))
		t, errT := strconv.Atoi(Clean(to))
		if errF != nil || errT != nil {
			return Span{}, false
		}
		return yearSpan(f, t)
	}
	if m, err := strconv.Atoi(Clean(month)); err == nil && m > 0 {
		return monthSpan(y, m)
	}
	return yearSpan(y, y)
}

func euIDKind(code string) string {
	switch strings.ToLower(Clean(code)) {
	case "passport", "diplomatic passport":
		return "passport"
	case "id", "ssn":
		return "national_id"
	case "fiscalcode", "tax":
		return "tax_id"
	case "regnumber", "tradelic":
		return "registration"
	case "swiftbic":
		return "swift"
	case "imo":
		return "imo"
	}
	return "other"
}

// parseEUCSV reads csvFullSanctionsList 1.1: semicolons, one row for each
// name, address, birth date, identification or citizenship of an entity.
func parseEUCSV(ctx context.Context, in Input) (Parsed, error) {
	t, err := newTable(in, ';', "a semicolon", nil, "Entity_LogicalId", "NameAlias_WholeName", "Entity_SubjectType")
	if err != nil {
		return Parsed{}, err
	}
	var out Parsed
	rows := newGroups(&out, in.name)
	for {
		ok, err := t.next(ctx)
		if err != nil {
			return Parsed{}, err
		}
		if !ok {
			return out, rows.flush()
		}
		if out.Published.IsZero() {
			out.Published = parseDay(t.get("fileGenerationDate"), "02/01/2006", "2006-01-02", "2006-01-02T15:04:05.000-07:00")
		}
		e, err := rows.entry(t.get("Entity_LogicalId"))
		if err != nil {
			return Parsed{}, err
		}
		e.Type = euType(t.get("Entity_SubjectType", "Entity_SubjectType_ClassificationCode"))
		if text := t.get("NameAlias_WholeName"); text != "" {
			e.addName(text, euQuality(t.get("NameAlias_Strong"), text, len(e.Names) == 0))
		}
		if g := Gender(t.get("NameAlias_Gender")); g != "" {
			e.Gender = g
		}
		e.addProgram(t.get("Entity_Regulation_Programme"))
		e.addProgram(t.get("Entity_EU_ReferenceNumber"))
		s, have := euBirth(t.get("BirthDate_BirthDate"), t.get("BirthDate_Year"), t.get("BirthDate_Month"), t.get("BirthDate_YearRangeFrom"), t.get("BirthDate_YearRangeTo"))
		s.Circa = strings.EqualFold(t.get("BirthDate_Circa"), "true")
		e.addBirth(s, have)
		e.addCountry(t.get("Citizenship_CountryIso2Code"))
		e.addCountry(t.get("Address_CountryIso2Code"))
		e.addAddress(joinNonEmpty(", ", t.get("Address_Street"), t.get("Address_City"), t.get("Address_ZipCode"), t.get("Address_CountryDescription")))
		e.addIdentifier(euIDKind(t.get("Identification_TypeCode")), t.get("Identification_Number"), t.get("Identification_CountryIso2Code"))
	}
}

// parseDay tries several layouts; the zero time means unknown.
func parseDay(text string, layouts ...string) time.Time {
	for _, l := range layouts {
		if d, err := time.Parse(l, text); err == nil {
			return d.UTC()
		}
	}
	return time.Time{}
}
