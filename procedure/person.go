package procedure

import "bonafide/kyc"

// Person is an individual with everything that can be compared with lists and
// sources. The machine keeps it in Established[KeyPerson]. Countries are ISO
// 3166-1 alpha-2, dates YYYY-MM-DD, YYYY-MM or YYYY.
type Person struct {
	EntityType string           `json:"entity_type"` // INDIVIDUAL
	Names      []kyc.PersonName `json:"names,omitempty"`
	// BirthDates are normalized, the main one first.
	BirthDates  []string            `json:"birth_dates,omitempty"`
	Gender      string              `json:"gender,omitempty"`
	Nationality string              `json:"nationality,omitempty"`
	Addresses   []kyc.PostalAddress `json:"addresses,omitempty"`
	Emails      []string            `json:"emails,omitempty"`
	Phones      []string            `json:"phones,omitempty"`
	Documents   []PersonDocument    `json:"documents,omitempty"`
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
