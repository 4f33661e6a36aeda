package roster

import (
	"context"
	"encoding/xml"
	"strings"
	"time"
)

// ofacXMLEntry is one sdnEntry of SDN.XML and CONSOLIDATED.XML (schema
// sdn.xsd, OFAC).
type ofacXMLEntry struct {
	UID       string   `xml:"uid"`
	First     string   `xml:"firstName"`
	Last      string   `xml:"lastName"`
	Type      string   `xml:"sdnType"`
	Remarks   string   `xml:"remarks"`
	Programs  []string `xml:"programList>program"`
	Addresses []struct {
		A1      string `xml:"address1"`
		A2      string `xml:"address2"`
		A3      string `xml:"address3"`
		City    string `xml:"city"`
		State   string `xml:"stateOrProvince"`
		Zip     string `xml:"postalCode"`
		Country string `xml:"country"`
	} `xml:"addressList>address"`
	IDs []struct {
		Type    string `xml:"idType"`
		Number  string `xml:"idNumber"`
		Country string `xml:"idCountry"`
	} `xml:"idList>id"`
	Akas []struct {
		Category string `xml:"category"`
		Last     string `xml:"lastName"`
		First    string `xml:"firstName"`
	} `xml:"akaList>aka"`
	Births        []string `xml:"dateOfBirthList>dateOfBirthItem>dateOfBirth"`
	Nationalities []string `xml:"nationalityList>nationality>country"`
	Citizenships  []string `xml:"citizenshipList>citizenship>country"`
	Vessel        struct {
		CallSign string `xml:"callSign"`
		Flag     string `xml:"vesselFlag"`
	} `xml:"vesselInfo"`
}

func parseOFACXML(ctx context.Context, in Input) (Parsed, error) {
	var out Parsed
	err := eachElement(ctx, in, "sdnList", nil, map[string]func(*xml.Decoder, *xml.StartElement) error{
		"Publish_Date": func(d *xml.Decoder, t *xml.StartElement) error {
			var day string
			if err := d.DecodeElement(&day, t); err != nil {
				return err
			}
			out.Published, _ = time.Parse("01/02/2006", strings.TrimSpace(day))
			return nil
		},
		"sdnEntry": func(d *xml.Decoder, t *xml.StartElement) error {
			var x ofacXMLEntry
			if err := d.DecodeElement(&x, t); err != nil {
				return err
			}
			return out.add(in.name, x.entity())
		},
	})
	return out, err
}

func (x *ofacXMLEntry) entity() Entity {
	e := Entity{ID: Clean(x.UID), Type: ofacType(Clean(x.Type))}
	e.addName(lastFirst(x.Last, x.First), QualityPrimary)
	for _, a := range x.Akas {
		q := QualityStrong
		if strings.EqualFold(Clean(a.Category), "weak") {
			q = QualityWeak
		}
		e.addName(lastFirst(a.Last, a.First), q)
	}
	for _, p := range x.Programs {
		e.addProgram(p)
	}
	for _, a := range x.Addresses {
		e.addAddress(joinNonEmpty(", ", Clean(a.A1), Clean(a.A2), Clean(a.A3), Clean(a.City), Clean(a.State), Clean(a.Zip), Clean(a.Country)))
		e.addCountry(Clean(a.Country))
	}
	for _, b := range x.Births {
		e.addBirth(ParseSpan(b))
	}
	for _, c := range append(x.Nationalities, x.Citizenships...) {
		e.addCountry(Clean(c))
	}
	for _, id := range x.IDs {
		kind := Clean(id.Type)
		if strings.EqualFold(kind, "Gender") {
			e.Gender = Gender(id.Number)
			continue
		}
		if currency, ok := strings.CutPrefix(kind, "Digital Currency Address - "); ok {
			e.addIdentifier("crypto_"+strings.ToLower(currency), id.Number, "")
			continue
		}
		ofacID(&e, kind, id.Number, Clean(id.Country))
	}
	e.addIdentifier("call_sign", x.Vessel.CallSign, "")
	e.addCountry(Clean(x.Vessel.Flag))
	ofacRemarks(&e, Clean(x.Remarks))
	return e
}

// lastFirst writes a name as OFAC's CSV does.
func lastFirst(last, first string) string {
	return joinNonEmpty(", ", Clean(last), Clean(first))
}
