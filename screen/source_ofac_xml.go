package screen

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

func parseOFACXML(ctx context.Context, in input) (parsed, error) {
	var out parsed
	err := eachElement(ctx, in, "sdnList", nil, map[string]func(*xml.Decoder, *xml.StartElement) error{
		"Publish_Date": func(d *xml.Decoder, t *xml.StartElement) error {
			var day string
			if err := d.DecodeElement(&day, t); err != nil {
				return err
			}
			out.published, _ = time.Parse("01/02/2006", strings.TrimSpace(day))
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
	e := Entity{ID: clean(x.UID), Type: ofacType(clean(x.Type))}
	e.addName(lastFirst(x.Last, x.First), QualityPrimary)
	for _, a := range x.Akas {
		q := QualityStrong
		if strings.EqualFold(clean(a.Category), "weak") {
			q = QualityWeak
		}
		e.addName(lastFirst(a.Last, a.First), q)
	}
	for _, p := range x.Programs {
		e.addProgram(p)
	}
	for _, a := range x.Addresses {
		e.addAddress(joinNonEmpty(", ", clean(a.A1), clean(a.A2), clean(a.A3), clean(a.City), clean(a.State), clean(a.Zip), clean(a.Country)))
		e.addCountry(clean(a.Country))
	}
	for _, b := range x.Births {
		e.addBirth(parseSpan(b))
	}
	for _, c := range append(x.Nationalities, x.Citizenships...) {
		e.addCountry(clean(c))
	}
	for _, id := range x.IDs {
		kind := clean(id.Type)
		if strings.EqualFold(kind, "Gender") {
			e.Gender = gender(id.Number)
			continue
		}
		if currency, ok := strings.CutPrefix(kind, "Digital Currency Address - "); ok {
			e.addIdentifier("crypto_"+strings.ToLower(currency), id.Number, "")
			continue
		}
		for _, k := range ofacIDs {
			if strings.HasPrefix(kind, k.words) {
				e.addIdentifier(k.kind, strings.TrimPrefix(clean(id.Number), "IMO "), clean(id.Country))
				break
			}
		}
	}
	e.addIdentifier("call_sign", x.Vessel.CallSign, "")
	e.addCountry(clean(x.Vessel.Flag))
	ofacRemarks(&e, clean(x.Remarks))
	return e
}

// lastFirst writes a name as OFAC's CSV does.
func lastFirst(last, first string) string {
	return joinNonEmpty(", ", clean(last), clean(first))
}
