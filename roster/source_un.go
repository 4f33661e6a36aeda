package roster

import (
	"context"
	"encoding/xml"
	"strconv"
	"strings"
	"time"
)

// unEntry is one INDIVIDUAL or ENTITY of the consolidated list of the United
// Nations Security Council (consolidated.xml, schema sc-sanctions.xsd).
type unEntry struct {
	DataID      string   `xml:"DATAID"`
	First       string   `xml:"FIRST_NAME"`
	Second      string   `xml:"SECOND_NAME"`
	Third       string   `xml:"THIRD_NAME"`
	Fourth      string   `xml:"FOURTH_NAME"`
	Native      string   `xml:"NAME_ORIGINAL_SCRIPT"`
	Regime      string   `xml:"UN_LIST_TYPE"`
	Reference   string   `xml:"REFERENCE_NUMBER"`
	Gender      string   `xml:"GENDER"`
	Nationality []string `xml:"NATIONALITY>VALUE"`
	Aliases     []struct {
		Quality string `xml:"QUALITY"`
		Name    string `xml:"ALIAS_NAME"`
	} `xml:"INDIVIDUAL_ALIAS"`
	EntityAliases []struct {
		Quality string `xml:"QUALITY"`
		Name    string `xml:"ALIAS_NAME"`
	} `xml:"ENTITY_ALIAS"`
	Addresses       []unAddress `xml:"INDIVIDUAL_ADDRESS"`
	EntityAddresses []unAddress `xml:"ENTITY_ADDRESS"`
	Births          []struct {
		Kind string `xml:"TYPE_OF_DATE"`
		Date string `xml:"DATE"`
		Year string `xml:"YEAR"`
		From string `xml:"FROM_YEAR"`
		To   string `xml:"TO_YEAR"`
	} `xml:"INDIVIDUAL_DATE_OF_BIRTH"`
	Documents []struct {
		Kind    string `xml:"TYPE_OF_DOCUMENT"`
		Number  string `xml:"NUMBER"`
		Country string `xml:"ISSUING_COUNTRY"`
		Issued  string `xml:"COUNTRY_OF_ISSUE"`
	} `xml:"INDIVIDUAL_DOCUMENT"`
}

type unAddress struct {
	Street  string `xml:"STREET"`
	City    string `xml:"CITY"`
	State   string `xml:"STATE_PROVINCE"`
	Zip     string `xml:"ZIP_CODE"`
	Country string `xml:"COUNTRY"`
}

func parseUN(ctx context.Context, ins []Input) (Parsed, error) {
	in, err := single(ins)
	if err != nil {
		return Parsed{}, err
	}
	var out Parsed
	read := func(kind EntityType) func(*xml.Decoder, *xml.StartElement) error {
		return func(d *xml.Decoder, t *xml.StartElement) error {
			var x unEntry
			if err := d.DecodeElement(&x, t); err != nil {
				return err
			}
			return out.add(in.name, x.entity(kind))
		}
	}
	root := func(t xml.StartElement) {
		for _, a := range t.Attr {
			if a.Name.Local == "dateGenerated" {
				out.Published, _ = time.Parse(time.RFC3339, a.Value)
			}
		}
	}
	err = eachElement(ctx, in, "CONSOLIDATED_LIST", root, map[string]func(*xml.Decoder, *xml.StartElement) error{
		"INDIVIDUAL": read(TypePerson),
		"ENTITY":     read(TypeEntity),
	})
	return out, err
}

func (x *unEntry) entity(kind EntityType) Entity {
	e := Entity{Type: kind, Gender: Gender(x.Gender)}
	if id := Clean(x.DataID); id != "" {
		e.ID = "UN-" + id
	}
	e.addName(joinNonEmpty(" ", Clean(x.First), Clean(x.Second), Clean(x.Third), Clean(x.Fourth)), QualityPrimary)
	for _, a := range append(x.Aliases, x.EntityAliases...) {
		q := QualityStrong
		if strings.EqualFold(Clean(a.Quality), "low") {
			q = QualityWeak
		}
		// Some aliases hold several names: "A; B".
		for _, n := range splitList(a.Name) {
			if n != "N/A" && !strings.EqualFold(n, "na") {
				e.addName(n, q)
			}
		}
	}
	for _, n := range splitList(x.Native) {
		e.addName(n, QualityNative)
	}
	e.addProgram(x.Regime)
	e.addProgram(x.Reference)
	for _, n := range x.Nationality {
		e.addCountry(Clean(n))
	}
	for _, a := range append(x.Addresses, x.EntityAddresses...) {
		e.addAddress(joinNonEmpty(", ", Clean(a.Street), Clean(a.City), Clean(a.State), Clean(a.Zip), Clean(a.Country)))
		e.addCountry(Clean(a.Country))
	}
	for _, b := range x.Births {
		circa := strings.EqualFold(Clean(b.Kind), "approximately")
		add := func(s Span, ok bool) {
			s.Circa = s.Circa || circa
			e.addBirth(s, ok)
		}
		from, errF := strconv.Atoi(Clean(b.From))
		to, errT := strconv.Atoi(Clean(b.To))
		switch {
		case Clean(b.Date) != "":
			add(ParseSpan(b.Date))
		case errF == nil && errT == nil:
			add(yearSpan(from, to))
		default:
			add(ParseSpan(b.Year))
		}
	}
	for _, d := range x.Documents {
		kind := "other"
		switch k := strings.ToLower(d.Kind); {
		case strings.Contains(k, "passport"):
			kind = "passport"
		case strings.Contains(k, "national"):
			kind = "national_id"
		}
		e.addIdentifier(kind, d.Number, joinNonEmpty("", Clean(d.Country)))
	}
	return e
}
