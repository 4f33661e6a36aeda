package entities

import (
	"strconv"

	"bonafide/kyc"
)

// individual is a person as this surface shows one (api.md 5.10).
type individual struct {
	EntityID       string              `json:"entityId" doc:"Names the individual." example:"3fa85f64-5717-4562-b3fc-2c963f66afa6"`
	EntityType     string              `json:"entityType" doc:"Always INDIVIDUAL." enum:"INDIVIDUAL"`
	SchemaVersion  int                 `json:"schemaVersion" doc:"Version of this form."`
	Name           PersonName          `json:"name" doc:"The main name."`
	AlternateNames []alternateName     `json:"alternateNames" doc:"Other names." nullable:"false"`
	BirthDate      *birthDate          `json:"dateOfBirth" doc:"Date of birth; null where it is unknown."`
	AlternateDates []birthDate         `json:"alternateDatesOfBirth" doc:"Other dates of birth." nullable:"false"`
	Gender         *string             `json:"gender" doc:"MALE, FEMALE, NON_BINARY, OTHER or UNSPECIFIED; null where nothing was said."`
	BirthPlace     *birthPlace         `json:"placeOfBirth" doc:"Where the individual was born; null where it is unknown."`
	Nationality    *string             `json:"nationality" doc:"ISO 3166-1 alpha-3; null where it is unknown." example:"AUS"`
	Addresses      []address           `json:"addresses" doc:"Addresses." nullable:"false"`
	Phones         []phone             `json:"phoneNumbers" doc:"Telephone numbers." nullable:"false"`
	Emails         []email             `json:"emailAddresses" doc:"Mail addresses." nullable:"false"`
	Consents       []consent           `json:"consents" doc:"What the individual consented to." nullable:"false"`
	Attributes     map[string]any      `json:"customAttributes" doc:"Your own, unchanged."`
	References     []externalReference `json:"externalReferences" doc:"What your systems call the individual." nullable:"false"`
	Documents      *documentLists      `json:"documents,omitempty" doc:"Documents by class; absent where level does not ask for them."`
	Relationships  relationships       `json:"relationships" doc:"Who else it is connected with."`
	Sources        map[string]any      `json:"informationSources" doc:"Where parts of it came from; empty."`
	CreatedAt      stamp               `json:"createdAt" doc:"When it was made."`
	UpdatedAt      stamp               `json:"updatedAt" doc:"When it last changed."`
}

type PersonName struct {
	ID       *string `json:"nameId" doc:"Names this name; null for none."`
	Given    string  `json:"givenName" doc:"First name."`
	Middle   string  `json:"middleName" doc:"Middle names."`
	Family   string  `json:"familyName" doc:"Last name."`
	Other    string  `json:"otherName" doc:"What is none of the others."`
	Prefix   string  `json:"prefix" doc:"Dr, Ms and the like."`
	Suffix   string  `json:"suffix" doc:"Jr, III and the like."`
	Display  string  `json:"displayName" doc:"The name as it is written in one line."`
	Language string  `json:"language" doc:"Its language, after BCP 47."`
}

type alternateName struct {
	Type string `json:"type" doc:"Which kind of other name." enum:"OTHER,ALIAS,PREVIOUS"`
	PersonName
}

type birthDate struct {
	ID           *string `json:"dateOfBirthId" doc:"Names this date; null for none."`
	Type         *string `json:"type" doc:"GREGORIAN, or another calendar; null where nothing was said."`
	Year         *int    `json:"year" doc:"Year; null where it is unknown."`
	Month        *int    `json:"month" doc:"Month, 1 to 12; null where it is unknown."`
	Day          *int    `json:"day" doc:"Day, 1 to 31; null where it is unknown."`
	Unstructured string  `json:"unstructured" doc:"The date as it was written."`
	Normalized   string  `json:"normalized" doc:"YYYY-MM-DD, YYYY-MM or YYYY." example:"1990-05-17"`
}

type birthPlace struct {
	Locality    string `json:"locality" doc:"Town."`
	Subdivision string `json:"subdivision" doc:"State or province."`
	Country     string `json:"country" doc:"ISO 3166-1 alpha-3." example:"AUS"`
}

type address struct {
	ID           string `json:"addressId" doc:"Names this address."`
	Type         string `json:"type" doc:"RESIDENTIAL_ADDRESS, POSTAL_ADDRESS, PLACE_OF_BIRTH or OTHER."`
	Status       string `json:"status" doc:"CURRENT, PREVIOUS or FUTURE."`
	Unit         string `json:"unitNumber" doc:"Unit or flat."`
	Building     string `json:"buildingName" doc:"Building."`
	StreetNumber string `json:"streetNumber" doc:"House number."`
	StreetName   string `json:"streetName" doc:"Street, without its type."`
	StreetType   string `json:"streetType" doc:"Street, Road and the like."`
	Street       string `json:"street" doc:"Number, name and type in one line."`
	Neighborhood string `json:"neighborhood" doc:"Part of the town."`
	Locality     string `json:"locality" doc:"Town or suburb."`
	District     string `json:"district" doc:"District or county."`
	Subdivision  string `json:"subdivision" doc:"State or province."`
	PostalCode   string `json:"postalCode" doc:"Postal code."`
	Country      string `json:"country" doc:"ISO 3166-1 alpha-3." example:"AUS"`
	CareOf       string `json:"careOf" doc:"Who takes the post in."`
	LongForm     string `json:"longForm" doc:"The whole address in one line."`
}

type phone struct {
	ID     string `json:"phoneNumberId" doc:"Names this number."`
	Type   string `json:"type" doc:"MOBILE, HOME, WORK or OTHER."`
	Number string `json:"number" doc:"The number; after E.164 where it could be read." example:"+61412345678"`
}

type email struct {
	ID      string `json:"emailAddressId" doc:"Names this address."`
	Address string `json:"email" doc:"The address."`
}

type consent struct {
	Type        string `json:"type" doc:"What was consented to." enum:"GENERAL,DOCS,CREDITHEADER,UNDER18,PAYROLL,INSURANCE,SUPERANNUATION"`
	GivenAt     stamp  `json:"givenAt" doc:"When it was given."`
	WithdrawnAt stamp  `json:"withdrawnAt" doc:"When it was withdrawn; null while it holds."`
}

type externalReference struct {
	ID          string `json:"referenceId" doc:"Names this reference."`
	Type        string `json:"type" doc:"What kind of reference."`
	Name        string `json:"name" doc:"Whose name for the individual it is."`
	Value       string `json:"value" doc:"The name."`
	Description string `json:"description" doc:"What it is for."`
}

type relationships struct {
	Duplicates []duplicate `json:"duplicates" doc:"Individuals that were called the same person." nullable:"false"`
}

type duplicate struct {
	EntityID string  `json:"entityId" doc:"The other individual."`
	Role     string  `json:"role" doc:"keep: both are people of their own; duplicate: this one was marked; original: the other one was." enum:"keep,duplicate,original"`
	By       *string `json:"by" doc:"Who said so; null for the machine."`
	At       stamp   `json:"at" doc:"When."`
}

// documentLists are the documents of an individual by class.
type documentLists struct {
	Identity   []document `json:"IDENTITY" doc:"Issued by a state; they say who somebody is." nullable:"false"`
	Supporting []document `json:"SUPPORTING" doc:"They speak for an address, an account or a right." nullable:"false"`
	Report     []document `json:"REPORT" doc:"Written by somebody else about the individual." nullable:"false"`
	Other      []document `json:"OTHER" doc:"All others." nullable:"false"`
}

func sortDocuments(list []document) *documentLists {
	out := &documentLists{Identity: []document{}, Supporting: []document{}, Report: []document{}, Other: []document{}}
	for _, d := range list {
		switch d.Class {
		case kyc.DocIdentity:
			out.Identity = append(out.Identity, d)
		case kyc.DocSupporting:
			out.Supporting = append(out.Supporting, d)
		case kyc.DocReport:
			out.Report = append(out.Report, d)
		default:
			out.Other = append(out.Other, d)
		}
	}
	return out
}

// showIndividual translates a person, without the documents.
func showIndividual(i kyc.Individual) individual {
	p := i.Private
	return individual{EntityID: string(i.ID), EntityType: "INDIVIDUAL", SchemaVersion: schemaVersion, Name: showName(p.Name),
		AlternateNames: shown(p.AlternateNames, func(n kyc.PersonName) alternateName { return alternateName{Type: n.Type, PersonName: showName(n)} }),
		BirthDate:      showDate(p.BirthDate), Gender: text(p.Gender), BirthPlace: showPlace(p.BirthPlace), Nationality: text(alpha3(p.Nationality)),
		AlternateDates: shown(p.AlternateDates, func(d kyc.BirthDate) birthDate { return *showDate(d) }),
		Addresses: shown(p.Addresses, func(a kyc.PostalAddress) address {
			return address{ID: string(a.ID), Type: a.Type, Status: a.Status, Unit: a.Unit, Building: a.BuildingName, StreetNumber: a.StreetNumber, StreetName: a.StreetName,
				StreetType: a.StreetType, Street: a.Street, Neighborhood: a.Neighborhood, Locality: a.Locality, District: a.District, Subdivision: a.Subdivision,
				PostalCode: a.PostalCode, Country: alpha3(a.Country), CareOf: a.CareOf, LongForm: a.LongForm}
		}),
		Phones:   shown(p.Phones, func(n kyc.PhoneNumber) phone { return phone{ID: string(n.ID), Type: n.Type, Number: n.Number} }),
		Emails:   shown(p.Emails, func(e kyc.EmailAddress) email { return email{ID: string(e.ID), Address: e.Address} }),
		Consents: shown(p.Consents, showConsent), Attributes: object(p.Attributes), References: shown(p.References, showReference),
		Relationships: relationships{Duplicates: shown(p.Duplicates, func(d kyc.DuplicateOf) duplicate {
			return duplicate{EntityID: string(d.SubjectID), Role: d.Role, By: text(d.By), At: at(d.At)}
		})},
		Sources: map[string]any{}, CreatedAt: at(i.CreatedAt), UpdatedAt: at(i.UpdatedAt)}
}

func showName(n kyc.PersonName) PersonName {
	return PersonName{ID: reference(n.ID), Given: n.Given, Middle: n.Middle, Family: n.Family, Other: n.Other, Prefix: n.Prefix, Suffix: n.Suffix, Display: n.Display, Language: n.Language}
}

// showDate is nil for a date nobody knows anything of.
func showDate(d kyc.BirthDate) *birthDate {
	if d == (kyc.BirthDate{}) {
		return nil
	}
	part := func(n int) *int {
		if n == 0 {
			return nil
		}
		return &n
	}
	return &birthDate{ID: reference(d.ID), Type: text(d.Type), Year: part(d.Year), Month: part(d.Month), Day: part(d.Day), Unstructured: d.Unstructured, Normalized: d.Normalized}
}

func showPlace(p kyc.BirthPlace) *birthPlace {
	if p == (kyc.BirthPlace{}) {
		return nil
	}
	return &birthPlace{Locality: p.Locality, Subdivision: p.Subdivision, Country: alpha3(p.Country)}
}

func showConsent(c kyc.EntityConsent) consent {
	return consent{Type: c.Type, GivenAt: at(c.GivenAt), WithdrawnAt: at(c.WithdrawnAt)}
}

func showReference(r kyc.EntityReference) externalReference {
	return externalReference{ID: string(r.ID), Type: r.Type, Name: r.Name, Value: r.Value, Description: r.Description}
}

// document is a paper of an individual (api.md 5.10). With level id only its
// names are told.
type document struct {
	ID            string         `json:"documentId" doc:"Names the document."`
	Type          string         `json:"type" doc:"Which paper." example:"PASSPORT"`
	Class         string         `json:"class" doc:"The class of its type." enum:"IDENTITY,SUPPORTING,REPORT,OTHER"`
	Country       *string        `json:"country" doc:"Who issued it, ISO 3166-1 alpha-3; null where it is unknown." example:"AUS"`
	Subdivision   string         `json:"subdivision" doc:"State or province that issued it."`
	Primary       string         `json:"primaryIdentifier" doc:"Its number."`
	Secondary     string         `json:"secondaryIdentifier" doc:"Another number, such as that of the card."`
	IssueDate     *string        `json:"issueDate" doc:"YYYY-MM-DD; null where it is unknown." example:"2020-01-31"`
	ExpiryDate    *string        `json:"expiryDate" doc:"YYYY-MM-DD; null where it has none or none is known." example:"2030-01-31"`
	ValidFrom     *string        `json:"validFrom" doc:"YYYY-MM-DD; null where it is unknown."`
	ValidTo       *string        `json:"validTo" doc:"YYYY-MM-DD; null where it is unknown."`
	Supplementary map[string]any `json:"supplementaryData" doc:"Anything else about it, as you sent it."`
	Attachments   []attachment   `json:"attachments" doc:"Its files." nullable:"false"`
	CreatedAt     stamp          `json:"createdAt" doc:"When it was added."`
	UpdatedAt     stamp          `json:"updatedAt" doc:"When it last changed."`
}

type attachment struct {
	ID        string         `json:"attachmentId" doc:"Names the file."`
	Side      *string        `json:"side" doc:"FRONT or BACK; null where nothing was said."`
	Type      string         `json:"type" doc:"What kind of file." enum:"PHOTO,VIDEO,AUDIO,PDF,DOC,ZIP"`
	MimeType  string         `json:"mimeType" doc:"As detected from the bytes." example:"image/jpeg"`
	Filename  string         `json:"filename" doc:"The name it was sent with."`
	Page      *int           `json:"pageNumber" doc:"From 1; null where nothing was said."`
	Size      int64          `json:"size" doc:"Bytes."`
	SHA256    string         `json:"sha256" doc:"Of the bytes, hex."`
	Data      attachmentData `json:"data" doc:"The bytes, or where they are."`
	Retrieval string         `json:"retrievalStatus" doc:"EXCLUDED: only the address is told (level=base64 shows the bytes, of at most 10 MiB in one answer)." enum:"NORMAL,EXCLUDED,FAILED"`
	CreatedAt stamp          `json:"createdAt" doc:"When it came."`
}

type attachmentData struct {
	Base64 string `json:"base64,omitempty" doc:"The bytes; only with level=base64."`
	URI    string `json:"uri" doc:"Path that answers with the bytes (GET, with your key)."`
}

func showDocument(d kyc.EntityDocument) document {
	out := document{ID: string(d.ID), Type: d.Type, Class: d.Class, Country: text(alpha3(d.Country)), Subdivision: d.Private.Subdivision,
		Primary: d.Private.PrimaryIdentifier, Secondary: d.Private.SecondaryIdentifier, IssueDate: text(d.Private.IssueDate), ExpiryDate: text(d.ExpiryDate),
		ValidFrom: text(d.Private.ValidFrom), ValidTo: text(d.Private.ValidTo), Supplementary: object(d.Private.Supplementary), Attachments: []attachment{},
		CreatedAt: at(d.CreatedAt), UpdatedAt: at(d.UpdatedAt)}
	for _, a := range d.Attachments {
		if !a.DeletedAt.IsZero() {
			continue
		}
		one := attachment{ID: string(a.ID), Side: text(a.Side), Type: a.Type, MimeType: a.ContentType, Filename: d.Private.Files[a.ID], Size: a.Size, SHA256: a.SHA256,
			Retrieval: "EXCLUDED", CreatedAt: at(a.CreatedAt)}
		one.Data.URI = "/v2/individuals/" + string(d.SubjectID) + "/documents/" + string(d.ID) + "/attachments/" + string(a.ID)
		if a.Page > 0 {
			one.Page = &a.Page
		}
		out.Attachments = append(out.Attachments, one)
	}
	return out
}

// documentsInput are documents of an individual that is made.
type documentsInput struct {
	Identity   []documentInput `json:"IDENTITY,omitempty" doc:"Identity documents." nullable:"true" maxItems:"40"`
	Supporting []documentInput `json:"SUPPORTING,omitempty" doc:"Supporting documents." nullable:"true" maxItems:"40"`
	Report     []documentInput `json:"REPORT,omitempty" doc:"Reports." nullable:"true" maxItems:"40"`
	Other      []documentInput `json:"OTHER,omitempty" doc:"Others." nullable:"true" maxItems:"40"`
}

// lists are the four lists by name, in the order of the house.
func (b documentsInput) lists() []struct {
	name string
	list []documentInput
} {
	return []struct {
		name string
		list []documentInput
	}{{kyc.DocIdentity, b.Identity}, {kyc.DocSupporting, b.Supporting}, {kyc.DocReport, b.Report}, {kyc.DocOther, b.Other}}
}

func place(at string, i int) string { return at + "/" + strconv.Itoa(i) }
