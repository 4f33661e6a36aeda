package entities

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"bonafide/kyc"
)

// tongue translates JSON Pointers between the words of the house (/birth_date/year)
// and those of this surface (/dateOfBirth/year).
type tongue struct {
	// prefix is where the object stands in the body.
	prefix string
	// documents are the places of the documents that the house counts through.
	documents []string
}

// pairs are the members by their names here and there. A name that depends on
// where it stands has its parent in front.
func pairs() [][2]string {
	return [][2]string{
		{"name", "name"}, {"alternateNames", "alternate_names"}, {"dateOfBirth", "birth_date"}, {"alternateDatesOfBirth", "alternate_dates"},
		{"placeOfBirth", "birth_place"}, {"phoneNumbers", "phones"}, {"emailAddresses", "emails"}, {"externalReferences", "references"}, {"customAttributes", "attributes"},
		{"givenName", "given"}, {"middleName", "middle"}, {"familyName", "family"}, {"otherName", "other"}, {"displayName", "display"},
		{"unitNumber", "unit"}, {"buildingName", "building_name"}, {"streetNumber", "street_number"}, {"streetName", "street_name"}, {"streetType", "street_type"},
		{"postalCode", "postal_code"}, {"careOf", "care_of"}, {"longForm", "long_form"},
		{"emailAddresses/email", "emails/address"}, {"consents/givenAt", "consents/given_at"},
		{"alternateNames/nameId", "alternate_names/id"}, {"dateOfBirth/dateOfBirthId", "birth_date/id"}, {"alternateDatesOfBirth/dateOfBirthId", "alternate_dates/id"},
		{"addresses/addressId", "addresses/id"}, {"phoneNumbers/phoneNumberId", "phones/id"}, {"emailAddresses/emailAddressId", "emails/id"},
		{"externalReferences/referenceId", "references/id"},
		{"primaryIdentifier", "primary_identifier"}, {"secondaryIdentifier", "secondary_identifier"}, {"issueDate", "issue_date"}, {"expiryDate", "expiry_date"},
		{"validFrom", "valid_from"}, {"validTo", "valid_to"}, {"supplementaryData", "supplementary"},
		{"attachments/data", "attachments/data"}, {"attachments/filename", "attachments/name"}, {"attachments/pageNumber", "attachments/page"},
		{"customerReference", "customer_reference"},
	}
}

// free are the members below which names are the customer's own.
func free() []string {
	return []string{"customAttributes", "supplementaryData", "attributes", "supplementary"}
}

// outside writes a pointer of the house as this surface does.
func (t *tongue) outside(pointer string) string {
	if rest, ok := strings.CutPrefix(pointer, "/documents/"); ok {
		index, rest, _ := strings.Cut(rest, "/")
		if i, err := strconv.Atoi(index); err == nil && i >= 0 && i < len(t.documents) {
			if rest != "" {
				rest = "/" + rest
			}
			return t.documents[i] + reword(rest, 1, 0)
		}
	}
	if t.prefix != "" && (pointer == t.prefix || strings.HasPrefix(pointer, t.prefix+"/")) {
		return pointer // in our words already, as the law says what an individual lacks
	}
	if pointer == "" || pointer[0] != '/' {
		return t.prefix + pointer
	}
	return t.prefix + reword(pointer, 1, 0)
}

// inside writes a pointer of this surface as the house does.
func inside(pointer string) string { return reword(pointer, 0, 1) }

// reword translates each name of a pointer from one column of pairs to the
// other.
func reword(pointer string, from, to int) string {
	tokens := strings.Split(pointer, "/")
	parent := ""
	for i, token := range tokens {
		if i == 0 || token == "" || number(token) {
			continue
		}
		here := token
		rows := pairs()
		if k := slices.IndexFunc(rows, func(p [2]string) bool { return p[from] == parent+"/"+token }); k >= 0 {
			_, token, _ = strings.Cut(rows[k][to], "/")
		} else if k := slices.IndexFunc(rows, func(p [2]string) bool { return p[from] == token }); k >= 0 {
			token = rows[k][to]
		}
		tokens[i] = token
		if slices.Contains(free(), here) {
			break
		}
		parent = here
	}
	return strings.Join(tokens, "/")
}

func number(token string) bool {
	_, err := strconv.Atoi(token)
	return err == nil
}

// explain puts the problems of an error into the words of this surface.
func (t *tongue) explain(err error) error {
	var e *kyc.Error
	if !errors.As(err, &e) || len(e.Problems) == 0 {
		return err
	}
	out := *e
	out.Problems = slices.Clone(e.Problems)
	for i := range out.Problems {
		out.Problems[i].Path = t.outside(out.Problems[i].Path)
	}
	return &out
}

// escape writes a name as a token of a JSON Pointer.
func escape(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}
