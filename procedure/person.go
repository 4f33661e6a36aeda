package procedure

import (
	"encoding/json"
	"slices"
	"strings"

	"bonafide/kyc"
)

// Person is an individual with everything that can be compared with lists and
// sources. The machine keeps it in Established[KeyPerson]. Countries are ISO
// 3166-1 alpha-2, dates YYYY-MM-DD, YYYY-MM or YYYY.
type Person struct {
	EntityType string           `json:"entity_type"` // INDIVIDUAL
	Names      []kyc.PersonName `json:"names,omitempty"`
	// BirthDates are normalized, the main one first.
	BirthDates   []string            `json:"birth_dates,omitempty"`
	BirthCountry string              `json:"birth_country,omitempty"`
	Gender       string              `json:"gender,omitempty"`
	Nationality  string              `json:"nationality,omitempty"`
	Addresses    []kyc.PostalAddress `json:"addresses,omitempty"`
	Emails       []string            `json:"emails,omitempty"`
	Phones       []string            `json:"phones,omitempty"`
	Documents    []PersonDocument    `json:"documents,omitempty"`
}

// PersonDocument is one paper of a person.
type PersonDocument struct {
	ID                  kyc.ID `json:"id"`
	Class               string `json:"class"`
	Type                string `json:"type"`
	Country             string `json:"country,omitempty"`
	Subdivision         string `json:"subdivision,omitempty"`
	PrimaryIdentifier   string `json:"primary_identifier,omitempty"`
	SecondaryIdentifier string `json:"secondary_identifier,omitempty"`
	ExpiryDate          string `json:"expiry_date,omitempty"`
}

// PersonOf gathers a Person from an individual and its documents in force.
func PersonOf(p *kyc.IndividualData, documents []kyc.EntityDocument) Person {
	out := Person{EntityType: "INDIVIDUAL", Gender: p.Gender, Nationality: p.Nationality, BirthCountry: p.BirthPlace.Country,
		Names: append([]kyc.PersonName{p.Name}, p.AlternateNames...), Addresses: slices.Clone(p.Addresses)}
	for _, b := range append([]kyc.BirthDate{p.BirthDate}, p.AlternateDates...) {
		if b.Normalized != "" && !slices.Contains(out.BirthDates, b.Normalized) {
			out.BirthDates = append(out.BirthDates, b.Normalized)
		}
	}
	for _, e := range p.Emails {
		out.Emails = append(out.Emails, e.Address)
	}
	for _, n := range p.Phones {
		out.Phones = append(out.Phones, n.Number)
	}
	for _, d := range documents {
		if !d.DeletedAt.IsZero() {
			continue
		}
		out.Documents = append(out.Documents, PersonDocument{ID: d.ID, Class: d.Class, Type: d.Type, Country: d.Country, ExpiryDate: d.ExpiryDate,
			Subdivision: d.Private.Subdivision, PrimaryIdentifier: d.Private.PrimaryIdentifier, SecondaryIdentifier: d.Private.SecondaryIdentifier})
	}
	return out
}

// EstablishedPerson reads the Person that the machine kept; ok is false where
// there is none that can be read.
func EstablishedPerson(established map[string]any) (p Person, ok bool) {
	return p, into(established[KeyPerson], &p)
}

// into reads a value that may be a Go value or what JSON made of one.
func into(v, target any) bool {
	if v == nil {
		return false
	}
	raw, err := json.Marshal(v)
	return err == nil && json.Unmarshal(raw, target) == nil
}

// FullName is a name in the order it is spoken.
func FullName(n kyc.PersonName) string {
	whole := strings.Join(strings.Fields(strings.Join([]string{n.Given, n.Middle, n.Other, n.Family}, " ")), " ")
	if whole == "" {
		return strings.TrimSpace(n.Display)
	}
	return whole
}

// Residence is where a person lives: the first current residential address,
// else the first current one, else the first that is no place of birth; nil
// when there is none.
func Residence(list []kyc.PostalAddress) *kyc.PostalAddress {
	now := func(a kyc.PostalAddress) bool { return a.Status == "" || a.Status == "CURRENT" }
	home := func(a kyc.PostalAddress) bool { return a.Type != "PLACE_OF_BIRTH" }
	for _, fits := range []func(a kyc.PostalAddress) bool{
		func(a kyc.PostalAddress) bool { return a.Type == "RESIDENTIAL_ADDRESS" && now(a) },
		func(a kyc.PostalAddress) bool { return home(a) && now(a) },
		home,
	} {
		if at := slices.IndexFunc(list, fits); at >= 0 {
			return &list[at]
		}
	}
	return nil
}

// Objects gives the ids by object type that process results point at: the
// main name, the address of residence, the main date of birth, the identity
// document, the first e-mail address and phone number, and the individual.
// The identity document is the first passport, else the first driver's
// license, else the first document of class IDENTITY.
func Objects(subject kyc.ID, p *kyc.IndividualData, documents []kyc.EntityDocument) map[string]kyc.ID {
	out := map[string]kyc.ID{"INDIVIDUAL": subject}
	put := func(kind string, id kyc.ID) {
		if id != "" {
			out[kind] = id
		}
	}
	put("NAME", p.Name.ID)
	put("DATE_OF_BIRTH", p.BirthDate.ID)
	if a := Residence(p.Addresses); a != nil {
		put("ADDRESS", a.ID)
	}
	if len(p.Emails) > 0 {
		put("EMAIL_ADDRESS", p.Emails[0].ID)
	}
	if len(p.Phones) > 0 {
		put("PHONE_NUMBER", p.Phones[0].ID)
	}
	for _, fits := range []func(d kyc.EntityDocument) bool{
		func(d kyc.EntityDocument) bool { return d.Type == "PASSPORT" },
		func(d kyc.EntityDocument) bool { return d.Type == "DRIVERS_LICENSE" },
		func(d kyc.EntityDocument) bool { return d.Class == kyc.DocIdentity },
	} {
		at := slices.IndexFunc(documents, func(d kyc.EntityDocument) bool { return d.DeletedAt.IsZero() && fits(d) })
		if at >= 0 {
			put("DOCUMENT", documents[at].ID)
			put("IDENTITY_DOCUMENT", documents[at].ID)
			break
		}
	}
	return out
}
