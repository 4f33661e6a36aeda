package roster

import (
	"context"
	"encoding/xml"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The advanced XML of OFAC (sdn_advanced.xml, cons_advanced.xml, root
// Sanctions) is a set of tables: reference values, locations, documents,
// parties, and the programs that each is listed under. Source: OFAC, "Advanced
// Sanctions Data Model", advanced XML schema.

// advancedRef is one reference value, such as a kind of feature.
type advancedRef struct {
	ID   string `xml:"ID,attr"`
	ISO2 string `xml:"ISO2,attr"`
	Code string `xml:"ScriptCode,attr"`
	Of   string `xml:"PartyTypeID,attr"`
	Text string `xml:",chardata"`
}

// advancedDate is a day of which month or day may be missing.
type advancedDate struct {
	Year  string `xml:"Year"`
	Month string `xml:"Month"`
	Day   string `xml:"Day"`
}

type advancedLocation struct {
	ID        string `xml:"ID,attr"`
	Countries []struct {
		ID string `xml:"CountryID,attr"`
	} `xml:"LocationCountry"`
	Areas []struct {
		ID string `xml:"AreaCodeID,attr"`
	} `xml:"LocationAreaCode"`
	Parts []struct {
		Values []string `xml:"LocationPartValue>Value"`
	} `xml:"LocationPart"`
}

type advancedDocument struct {
	Type     string `xml:"IDRegDocTypeID,attr"`
	Identity string `xml:"IdentityID,attr"`
	Country  string `xml:"IssuedBy-CountryID,attr"`
	Number   string `xml:"IDRegistrationNo"`
}

type advancedParty struct {
	Ref      string `xml:"FixedRef,attr"`
	Profiles []struct {
		ID         string             `xml:"ID,attr"`
		SubType    string             `xml:"PartySubTypeID,attr"`
		Identities []advancedIdentity `xml:"Identity"`
		Features   []advancedFeature  `xml:"Feature"`
	} `xml:"Profile"`
}

type advancedIdentity struct {
	ID      string `xml:"ID,attr"`
	Aliases []struct {
		Primary string `xml:"Primary,attr"`
		Low     string `xml:"LowQuality,attr"`
		Names   []struct {
			Parts []struct {
				Value struct {
					Group  string `xml:"NamePartGroupID,attr"`
					Script string `xml:"ScriptID,attr"`
					Text   string `xml:",chardata"`
				} `xml:"NamePartValue"`
			} `xml:"DocumentedNamePart"`
		} `xml:"DocumentedName"`
	} `xml:"Alias"`
	Groups []struct {
		ID   string `xml:"ID,attr"`
		Type string `xml:"NamePartTypeID,attr"`
	} `xml:"NamePartGroups>MasterNamePartGroup>NamePartGroup"`
}

type advancedFeature struct {
	Type     string `xml:"FeatureTypeID,attr"`
	Versions []struct {
		Period struct {
			Start advancedSpan `xml:"Start"`
			End   advancedSpan `xml:"End"`
		} `xml:"DatePeriod"`
		Detail struct {
			Reference string `xml:"DetailReferenceID,attr"`
			Text      string `xml:",chardata"`
		} `xml:"VersionDetail"`
		Locations []struct {
			ID string `xml:"LocationID,attr"`
		} `xml:"VersionLocation"`
	} `xml:"FeatureVersion"`
}

type advancedSpan struct {
	Approximate string       `xml:"Approximate,attr"`
	From        advancedDate `xml:"From"`
	To          advancedDate `xml:"To"`
}

// advancedSet gathers the tables of a file.
type advancedSet struct {
	refs      map[string]map[string]advancedRef // by element and id
	locations map[string]advancedLocation
	documents map[string][]advancedDocument // by identity
	entities  []Entity
	byProfile map[string]int
}

func parseOFACAdvanced(ctx context.Context, in Input) (Parsed, error) {
	var out Parsed
	s := &advancedSet{refs: map[string]map[string]advancedRef{}, locations: map[string]advancedLocation{}, documents: map[string][]advancedDocument{}, byProfile: map[string]int{}}
	each := map[string]func(*xml.Decoder, *xml.StartElement) error{
		"DateOfIssue": func(d *xml.Decoder, t *xml.StartElement) error {
			var day advancedDate
			err := d.DecodeElement(&day, t)
			if span, ok := day.span(); ok && span.Exact() {
				out.Published, _ = time.Parse(time.DateOnly, span.String())
			}
			return err
		},
		"Location": func(d *xml.Decoder, t *xml.StartElement) error {
			var x advancedLocation
			err := d.DecodeElement(&x, t)
			s.locations[x.ID] = x
			return err
		},
		"IDRegDocument": func(d *xml.Decoder, t *xml.StartElement) error {
			var x advancedDocument
			err := d.DecodeElement(&x, t)
			s.documents[x.Identity] = append(s.documents[x.Identity], x)
			return err
		},
		"DistinctParty": func(d *xml.Decoder, t *xml.StartElement) error {
			var x advancedParty
			if err := d.DecodeElement(&x, t); err != nil {
				return err
			}
			s.party(&x)
			return nil
		},
		"SanctionsEntry": func(d *xml.Decoder, t *xml.StartElement) error { return s.measures(d, t) },
	}
	for _, name := range []string{"AreaCode", "Country", "DetailReference", "FeatureType", "IDRegDocType", "NamePartType", "PartySubType", "PartyType", "SanctionsType", "Script"} {
		table := map[string]advancedRef{}
		s.refs[name] = table
		each[name] = func(d *xml.Decoder, t *xml.StartElement) error {
			var r advancedRef
			err := d.DecodeElement(&r, t)
			r.Text = Clean(r.Text)
			table[r.ID] = r
			return err
		}
	}
	if err := eachElement(ctx, in, "Sanctions", nil, each); err != nil {
		return Parsed{}, err
	}
	for i := range s.entities {
		if err := out.add(in.name, s.entities[i]); err != nil {
			return Parsed{}, err
		}
	}
	return out, nil
}

func (d advancedDate) span() (Span, bool) {
	y, err := strconv.Atoi(Clean(d.Year))
	if err != nil {
		return Span{}, false
	}
	m, _ := strconv.Atoi(Clean(d.Month))
	day, _ := strconv.Atoi(Clean(d.Day))
	switch {
	case m == 0:
		return yearSpan(y, y)
	case day == 0:
		return monthSpan(y, m)
	}
	return daySpan(y, m, day)
}

// measures takes the programs of an entry: the comments of its measures of the
// type Program.
func (s *advancedSet) measures(d *xml.Decoder, t *xml.StartElement) error {
	var x struct {
		Profile  string `xml:"ProfileID,attr"`
		Measures []struct {
			Type    string `xml:"SanctionsTypeID,attr"`
			Comment string `xml:"Comment"`
		} `xml:"SanctionsMeasure"`
	}
	if err := d.DecodeElement(&x, t); err != nil {
		return err
	}
	if at, ok := s.byProfile[x.Profile]; ok {
		for _, m := range x.Measures {
			if s.refs["SanctionsType"][m.Type].Text == "Program" {
				s.entities[at].addProgram(m.Comment)
			}
		}
	}
	return nil
}

func (s *advancedSet) party(x *advancedParty) {
	for _, p := range x.Profiles {
		e := Entity{ID: Clean(x.Ref), Type: TypeEntity}
		if e.ID == "" {
			e.ID = Clean(p.ID)
		}
		sub := s.refs["PartySubType"][p.SubType]
		switch {
		case s.refs["PartyType"][sub.Of].Text == "Individual":
			e.Type = TypePerson
		case sub.Text == "Vessel" || sub.Text == "Aircraft":
			e.Type = ofacType(sub.Text)
		}
		for _, i := range p.Identities {
			s.names(&e, &i)
			for _, doc := range s.documents[i.ID] {
				s.document(&e, doc)
			}
		}
		for _, f := range p.Features {
			s.feature(&e, &f)
		}
		s.byProfile[p.ID] = len(s.entities)
		s.entities = append(s.entities, e)
	}
}

// names writes Latin names as OFAC's CSV does ("LAST, First Middle") and those
// of other scripts in the order of the document.
func (s *advancedSet) names(e *Entity, i *advancedIdentity) {
	kinds := map[string]string{}
	for _, g := range i.Groups {
		kinds[g.ID] = s.refs["NamePartType"][g.Type].Text
	}
	for _, a := range i.Aliases {
		for _, n := range a.Names {
			var last, rest, whole []string
			latin := true
			for _, part := range n.Parts {
				text := Clean(part.Value.Text)
				if code := s.refs["Script"][part.Value.Script].Code; code != "" && code != "Latn" {
					latin = false
				}
				whole = append(whole, text)
				if kinds[part.Value.Group] == "Last Name" {
					last = append(last, text)
				} else {
					rest = append(rest, text)
				}
			}
			text, q := joinNonEmpty(" ", whole...), QualityStrong
			if latin && e.Type == TypePerson {
				text = joinNonEmpty(", ", joinNonEmpty(" ", last...), joinNonEmpty(" ", rest...))
			}
			switch {
			case strings.EqualFold(a.Low, "true"):
				q = QualityWeak
			case !latin:
				q = QualityNative
			case strings.EqualFold(a.Primary, "true") && !slices.ContainsFunc(e.Names, func(n Name) bool { return n.Quality == QualityPrimary }):
				q = QualityPrimary
			}
			e.addName(text, q)
		}
	}
}

func (s *advancedSet) document(e *Entity, doc advancedDocument) {
	ofacID(e, s.refs["IDRegDocType"][doc.Type].Text, doc.Number, s.refs["Country"][doc.Country].ISO2)
}

// feature takes over birth dates, places, numbers and wallets.
func (s *advancedSet) feature(e *Entity, f *advancedFeature) {
	kind := s.refs["FeatureType"][f.Type].Text
	for _, v := range f.Versions {
		text := Clean(v.Detail.Text)
		if text == "" {
			text = s.refs["DetailReference"][v.Detail.Reference].Text
		}
		currency, wallet := strings.CutPrefix(kind, "Digital Currency Address - ")
		switch {
		case wallet:
			e.addIdentifier("crypto_"+strings.ToLower(currency), text, "")
		case kind == "Birthdate":
			e.addBirth(v.Period.Start.join(v.Period.End))
		case kind == "Gender":
			e.Gender = Gender(text)
		case strings.Contains(kind, "Call Sign"):
			e.addIdentifier("call_sign", text, "")
		}
		for _, at := range v.Locations {
			s.place(e, kind, s.locations[at.ID])
		}
		ofacID(e, kind, text, "")
	}
}

// join spans from the first day of the start to the last of the end.
func (a advancedSpan) join(b advancedSpan) (Span, bool) {
	from, ok := a.From.span()
	if !ok {
		return Span{}, false
	}
	to := from
	for _, d := range []advancedDate{a.To, b.From, b.To} {
		if s, ok := d.span(); ok && s.To > to.To {
			to = s
		}
	}
	return Span{From: from.From, To: to.To, Circa: strings.EqualFold(a.Approximate, "true") || strings.EqualFold(b.Approximate, "true")}, true
}

// place takes a location: an address, or a country alone. A place of birth
// says nothing about nationality.
func (s *advancedSet) place(e *Entity, kind string, at advancedLocation) {
	if kind == "Place of Birth" {
		return
	}
	var country advancedRef
	for _, c := range at.Countries {
		country = s.refs["Country"][c.ID]
	}
	for _, a := range at.Areas {
		if country.ISO2 == "" {
			country = advancedRef{ISO2: s.refs["AreaCode"][a.ID].Text}
		}
	}
	e.addCountry(country.ISO2)
	if kind == "Location" {
		var parts []string
		for _, p := range at.Parts {
			for _, v := range p.Values {
				parts = append(parts, Clean(v))
			}
		}
		e.addAddress(joinNonEmpty(", ", append(parts, country.Text)...))
	}
}
