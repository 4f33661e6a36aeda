package entities

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"bonafide/api"
	"bonafide/entity"
	"bonafide/kyc"
)

// individualInput is an individual as callers send one. null is the same as
// nothing when one is made, and removes the member when one is changed.
type individualInput struct {
	EntityType     string               `json:"entityType,omitempty" doc:"Only individuals are kept." enum:"INDIVIDUAL" default:"INDIVIDUAL"`
	Name           *NameInput           `json:"name,omitempty" doc:"The main name; a new individual needs familyName."`
	AlternateNames []alternateNameInput `json:"alternateNames,omitempty" doc:"Other names." nullable:"true" maxItems:"100"`
	BirthDate      *dateInput           `json:"dateOfBirth,omitempty" doc:"Date of birth; parts that are unknown are left out." nullable:"true"`
	AlternateDates []datePlain          `json:"alternateDatesOfBirth,omitempty" doc:"Other dates of birth that are known." nullable:"true" maxItems:"100"`
	Gender         string               `json:"gender,omitempty" doc:"MALE, FEMALE, NON_BINARY, OTHER or UNSPECIFIED." nullable:"true" maxLength:"32" example:"UNSPECIFIED"`
	BirthPlace     *placeInput          `json:"placeOfBirth,omitempty" doc:"Where the individual was born." nullable:"true"`
	Nationality    string               `json:"nationality,omitempty" doc:"ISO 3166-1 alpha-3." nullable:"true" maxLength:"8" example:"AUS"`
	Addresses      []addressInput       `json:"addresses,omitempty" doc:"Addresses." nullable:"true" maxItems:"100"`
	Phones         []phoneInput         `json:"phoneNumbers,omitempty" doc:"Telephone numbers." nullable:"true" maxItems:"100"`
	Emails         []emailInput         `json:"emailAddresses,omitempty" doc:"Mail addresses." nullable:"true" maxItems:"100"`
	Consents       []consentInput       `json:"consents,omitempty" doc:"What the individual consented to." nullable:"true" maxItems:"100"`
	Attributes     map[string]any       `json:"customAttributes,omitempty" doc:"Anything of your own." nullable:"true"`
	References     []referenceInput     `json:"externalReferences,omitempty" doc:"What your systems call the individual." nullable:"true" maxItems:"100"`
	Documents      *documentsInput      `json:"documents,omitempty" doc:"Documents by class; only when the individual is made. The class is decided by the type, not by the list it stands in."`
}

type NameInput struct {
	Given    string `json:"givenName,omitempty" doc:"First name." nullable:"true" maxLength:"1000" example:"Ada"`
	Middle   string `json:"middleName,omitempty" doc:"Middle names." nullable:"true" maxLength:"1000"`
	Family   string `json:"familyName,omitempty" doc:"Last name; a name needs one." nullable:"true" maxLength:"1000" example:"Approve"`
	Other    string `json:"otherName,omitempty" doc:"What is none of the others." nullable:"true" maxLength:"1000"`
	Prefix   string `json:"prefix,omitempty" doc:"Dr, Ms and the like." nullable:"true" maxLength:"1000"`
	Suffix   string `json:"suffix,omitempty" doc:"Jr, III and the like." nullable:"true" maxLength:"1000"`
	Display  string `json:"displayName,omitempty" doc:"The name as it is written in one line." nullable:"true" maxLength:"1000"`
	Language string `json:"language,omitempty" doc:"Its language, after BCP 47." nullable:"true" maxLength:"64"`
}

type alternateNameInput struct {
	ID   string `json:"nameId,omitempty" doc:"The name that is replaced; a new one without it." nullable:"true" maxLength:"64"`
	Type string `json:"type,omitempty" doc:"OTHER, ALIAS or PREVIOUS." nullable:"true" maxLength:"32" example:"ALIAS"`
	NameInput
}

// datePlain is a date of birth.
type datePlain struct {
	ID           string `json:"dateOfBirthId,omitempty" doc:"The date that is replaced; a new one without it." nullable:"true" maxLength:"64"`
	Type         string `json:"type,omitempty" doc:"GREGORIAN, or another calendar that you name." nullable:"true" maxLength:"64"`
	Year         digits `json:"year,omitempty" doc:"Year, as a number or as digits."`
	Month        digits `json:"month,omitempty" doc:"Month, 1 to 12."`
	Day          digits `json:"day,omitempty" doc:"Day, 1 to 31."`
	Unstructured string `json:"unstructured,omitempty" doc:"The date as it is written." nullable:"true" maxLength:"200"`
	Normalized   string `json:"normalized,omitempty" doc:"Ignored: made of the parts." nullable:"true" maxLength:"64"`
}

// dateInput is a date of birth that null removes.
type dateInput datePlain

// Schema lets null stand in its place.
func (dateInput) Schema(r huma.Registry) *huma.Schema { return orNull[datePlain](r) }

type placePlain struct {
	Locality    string `json:"locality,omitempty" doc:"Town." nullable:"true" maxLength:"1000"`
	Subdivision string `json:"subdivision,omitempty" doc:"State or province." nullable:"true" maxLength:"1000"`
	Country     string `json:"country,omitempty" doc:"ISO 3166-1 alpha-3." nullable:"true" maxLength:"8" example:"AUS"`
}

// placeInput is a place of birth that null removes.
type placeInput placePlain

// Schema lets null stand in its place.
func (placeInput) Schema(r huma.Registry) *huma.Schema { return orNull[placePlain](r) }

// orNull describes an object that null may stand in for.
func orNull[T any](r huma.Registry) *huma.Schema {
	s := *r.SchemaFromRef(r.Schema(reflect.TypeFor[T](), true, "").Ref)
	s.Nullable = true
	return &s
}

type addressInput struct {
	ID           string `json:"addressId,omitempty" doc:"The address that is replaced; a new one without it." nullable:"true" maxLength:"64"`
	Type         string `json:"type,omitempty" doc:"RESIDENTIAL_ADDRESS, POSTAL_ADDRESS, PLACE_OF_BIRTH or OTHER." nullable:"true" maxLength:"64" example:"RESIDENTIAL_ADDRESS"`
	Status       string `json:"status,omitempty" doc:"CURRENT, PREVIOUS or FUTURE." nullable:"true" maxLength:"32" example:"CURRENT"`
	Unit         string `json:"unitNumber,omitempty" doc:"Unit or flat." nullable:"true" maxLength:"1000"`
	Building     string `json:"buildingName,omitempty" doc:"Building." nullable:"true" maxLength:"1000"`
	StreetNumber string `json:"streetNumber,omitempty" doc:"House number." nullable:"true" maxLength:"1000"`
	StreetName   string `json:"streetName,omitempty" doc:"Street, without its type." nullable:"true" maxLength:"1000"`
	StreetType   string `json:"streetType,omitempty" doc:"Street, Road and the like." nullable:"true" maxLength:"1000"`
	Street       string `json:"street,omitempty" doc:"Number, name and type in one line." nullable:"true" maxLength:"1000"`
	Neighborhood string `json:"neighborhood,omitempty" doc:"Part of the town." nullable:"true" maxLength:"1000"`
	Locality     string `json:"locality,omitempty" doc:"Town or suburb." nullable:"true" maxLength:"1000"`
	District     string `json:"district,omitempty" doc:"District or county." nullable:"true" maxLength:"1000"`
	Subdivision  string `json:"subdivision,omitempty" doc:"State or province." nullable:"true" maxLength:"1000"`
	PostalCode   string `json:"postalCode,omitempty" doc:"Postal code." nullable:"true" maxLength:"1000"`
	Country      string `json:"country,omitempty" doc:"ISO 3166-1 alpha-3." nullable:"true" maxLength:"8" example:"AUS"`
	CareOf       string `json:"careOf,omitempty" doc:"Who takes the post in." nullable:"true" maxLength:"1000"`
	LongForm     string `json:"longForm,omitempty" doc:"The whole address in one line." nullable:"true" maxLength:"4000"`
}

type phoneInput struct {
	ID     string `json:"phoneNumberId,omitempty" doc:"The number that is replaced; a new one without it." nullable:"true" maxLength:"64"`
	Type   string `json:"type,omitempty" doc:"MOBILE, HOME, WORK or OTHER." nullable:"true" maxLength:"32" example:"MOBILE"`
	Number string `json:"number" doc:"The number, with the country's code." maxLength:"200" example:"+61412345678"`
}

type emailInput struct {
	ID      string `json:"emailAddressId,omitempty" doc:"The address that is replaced; a new one without it." nullable:"true" maxLength:"64"`
	Address string `json:"email" doc:"The address." maxLength:"1000" example:"ada@example.com"`
}

type consentInput struct {
	Type    string    `json:"type" doc:"What was consented to: GENERAL, DOCS, CREDITHEADER, UNDER18, PAYROLL, INSURANCE or SUPERANNUATION." maxLength:"64" example:"GENERAL"`
	GivenAt time.Time `json:"givenAt,omitzero" doc:"When; now without it."`
}

type referenceInput struct {
	ID          string `json:"referenceId,omitempty" doc:"The reference that is replaced; a new one without it." nullable:"true" maxLength:"64"`
	Type        string `json:"type,omitempty" doc:"What kind of reference, in your words." nullable:"true" maxLength:"1000"`
	Name        string `json:"name" doc:"Whose name for the individual it is." maxLength:"1000" example:"crm"`
	Value       string `json:"value" doc:"The name." maxLength:"1000" example:"customer-42"`
	Description string `json:"description,omitempty" doc:"What it is for." nullable:"true" maxLength:"4000"`
}

// digits is a part of a date: a number, or digits as other systems send them.
type digits int

// UnmarshalJSON reads both.
func (d *digits) UnmarshalJSON(raw []byte) error {
	text := string(raw)
	if text == "null" {
		*d = 0
		return nil
	}
	if unquoted := ""; json.Unmarshal(raw, &unquoted) == nil {
		text = unquoted
	}
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return kyc.Errorf(kyc.Malformed, "wrong_type", "a part of a date is a number")
	}
	*d = digits(n) //nolint:gosec // 16 bits
	return nil
}

// Schema describes both.
func (digits) Schema(huma.Registry) *huma.Schema {
	zero, most := 0.0, 9999.0
	return &huma.Schema{AnyOf: []*huma.Schema{{Type: huma.TypeInteger, Minimum: &zero, Maximum: &most, Nullable: true}, {Type: huma.TypeString, Pattern: `^[0-9]{1,4}$`}},
		Examples: []any{1990}}
}

// patch is the body of a change: its members, and those that are null.
type patch[T any] struct {
	Set T
	// Null are JSON Pointers of the members that are null.
	Null []string
}

// UnmarshalJSON keeps both.
func (p *patch[T]) UnmarshalJSON(raw []byte) error {
	if err := api.DecodeInto(raw, &p.Set); err != nil {
		return err
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		return err
	}
	p.Null = nulls("", tree)
	return nil
}

// Schema describes the members.
func (patch[T]) Schema(r huma.Registry) *huma.Schema { return r.Schema(reflect.TypeFor[T](), true, "") }

// nulls finds what is null. It does not look into lists, whose elements are
// replaced as a whole, nor into the values of free zones, where null is a value
// like any other.
func nulls(at string, v any) []string {
	object, ok := v.(map[string]any)
	if !ok {
		return nil
	}
	var out []string
	for name, inner := range object {
		here := at + "/" + escape(name)
		switch {
		case inner == nil:
			out = append(out, here)
		case slices.Contains(free(), name):
			zone, _ := inner.(map[string]any)
			for key, value := range zone {
				if value == nil {
					out = append(out, here+"/"+escape(key))
				}
			}
		default:
			out = append(out, nulls(here, inner)...)
		}
	}
	return out
}

// read translates into the house's words. What is wrong goes to r, with paths
// below prefix.
func (b individualInput) read(r *reading, prefix string) kyc.IndividualData {
	out := kyc.IndividualData{Gender: b.Gender, Nationality: r.country(prefix+"/nationality", b.Nationality), Attributes: b.Attributes}
	if b.Name != nil {
		out.Name = b.Name.read()
	}
	if b.BirthDate != nil {
		out.BirthDate = datePlain(*b.BirthDate).read(r, prefix+"/dateOfBirth")
		if given := out.BirthDate; given == (kyc.BirthDate{ID: given.ID}) { // null takes a date away; what says nothing is a mistake
			r.add(prefix+"/dateOfBirth/year", "required", "a date needs at least a year")
		}
	}
	if p := b.BirthPlace; p != nil {
		out.BirthPlace = kyc.BirthPlace{Locality: p.Locality, Subdivision: p.Subdivision, Country: r.country(prefix+"/placeOfBirth/country", p.Country)}
	}
	for i, n := range b.AlternateNames {
		name := n.NameInput.read()
		name.ID, name.Type = r.element(prefix+"/alternateNames/"+strconv.Itoa(i)+"/nameId", n.ID), n.Type
		out.AlternateNames = append(out.AlternateNames, name)
	}
	for i, d := range b.AlternateDates {
		out.AlternateDates = append(out.AlternateDates, d.read(r, prefix+"/alternateDatesOfBirth/"+strconv.Itoa(i)))
	}
	for i, a := range b.Addresses {
		here := prefix + "/addresses/" + strconv.Itoa(i)
		out.Addresses = append(out.Addresses, kyc.PostalAddress{ID: r.element(here+"/addressId", a.ID), Type: a.Type, Status: a.Status, Unit: a.Unit, BuildingName: a.Building,
			StreetNumber: a.StreetNumber, StreetName: a.StreetName, StreetType: a.StreetType, Street: a.Street, Neighborhood: a.Neighborhood, Locality: a.Locality,
			District: a.District, Subdivision: a.Subdivision, PostalCode: a.PostalCode, Country: r.country(here+"/country", a.Country), CareOf: a.CareOf, LongForm: a.LongForm})
	}
	for i, p := range b.Phones {
		out.Phones = append(out.Phones, kyc.PhoneNumber{ID: r.element(prefix+"/phoneNumbers/"+strconv.Itoa(i)+"/phoneNumberId", p.ID), Type: p.Type, Number: p.Number})
	}
	for i, e := range b.Emails {
		out.Emails = append(out.Emails, kyc.EmailAddress{ID: r.element(prefix+"/emailAddresses/"+strconv.Itoa(i)+"/emailAddressId", e.ID), Address: e.Address})
	}
	for _, c := range b.Consents {
		out.Consents = append(out.Consents, kyc.EntityConsent{Type: c.Type, GivenAt: c.GivenAt})
	}
	for i, x := range b.References {
		out.References = append(out.References, kyc.EntityReference{ID: r.element(prefix+"/externalReferences/"+strconv.Itoa(i)+"/referenceId", x.ID), Type: x.Type,
			Name: x.Name, Value: x.Value, Description: x.Description})
	}
	return out
}

func (n NameInput) read() kyc.PersonName {
	return kyc.PersonName{Given: n.Given, Middle: n.Middle, Family: n.Family, Other: n.Other, Prefix: n.Prefix, Suffix: n.Suffix, Display: n.Display, Language: n.Language}
}

func (d datePlain) read(r *reading, at string) kyc.BirthDate {
	return kyc.BirthDate{ID: r.element(at+"/dateOfBirthId", d.ID), Type: d.Type, Year: int(d.Year), Month: int(d.Month), Day: int(d.Day), Unstructured: d.Unstructured}
}

// element reads the id of an element; empty stays empty.
func (r *reading) element(path, text string) kyc.ID {
	if text == "" {
		return ""
	}
	got, ok := kyc.ParseID(text)
	if !ok {
		r.add(path, "unknown_id", "there is no such element")
	}
	return got
}

// fresh translates an individual that shall be made, with its documents.
func (b individualInput) fresh(prefix string) (entity.NewIndividual, *tongue, error) {
	r := &reading{}
	out := entity.NewIndividual{Data: b.read(r, prefix)}
	words := &tongue{prefix: prefix}
	if b.Documents != nil {
		out.Documents, words.documents = b.Documents.read(r, prefix+"/documents")
	}
	return out, words, r.err()
}
