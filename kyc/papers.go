package kyc

import (
	"slices"
	"strings"
	"time"
)

// The classes of a document of surface C (api.md 5.10). A surface groups an
// individual's documents by them.
const (
	DocIdentity   = "IDENTITY"   // issued by a state and says who somebody is
	DocSupporting = "SUPPORTING" // speaks for an address, an account, a right or a change of name
	DocReport     = "REPORT"     // written by somebody else about a person or a company
	DocOther      = "OTHER"
)

// EntityDocumentTypes are the 43 types of documents of surface C, in the order
// of api.md 5.10. The caller owns the result.
func EntityDocumentTypes() []string {
	return []string{
		"OTHER", "DRIVERS_LICENSE", "PASSPORT", "VISA", "IMMIGRATION", "NATIONAL_ID", "TAX_ID", "NATIONAL_HEALTH_ID",
		"CONCESSION", "HEALTH_CONCESSION", "PENSION", "MILITARY_ID", "BIRTH_CERT", "CITIZENSHIP", "MARRIAGE_CERT",
		"DEATH_CERT", "NAME_CHANGE", "UTILITY_BILL", "BANK_STATEMENT", "BANK_ACCOUNT", "INTENT_PROOF", "ATTESTATION",
		"SELF_IMAGE", "DEVICE", "VEHICLE_REGISTRATION", "PROOF_OF_ADDRESS", "HOUSE_REGISTRATION",
		"YELLOW_HOUSE_REGISTRATION", "WORK_PERMIT", "EMPLOYMENT_CERTIFICATE", "NOTARY_PUBLIC_ID", "EXTERNAL_ADMIN",
		"CHARGES", "PRE_ASIC", "ANNUAL_RETURN", "REPORT", "TRUST_DEED", "PARTNERSHIP_AGREEMENT", "ADMIN_CHANGE",
		"COMPANY_REPORT", "CHECK_RESULTS", "AVIATION_SECURITY_ID", "MARITIME_SECURITY_ID",
	}
}

// EntityDocumentClasses are the four classes, in the order a surface shows
// them. The caller owns the result.
func EntityDocumentClasses() []string {
	return []string{DocIdentity, DocSupporting, DocReport, DocOther}
}

// EntityDocumentClass is the class of a type, or "" for a type that does not
// exist.
func EntityDocumentClass(kind string) string {
	switch kind {
	case "DRIVERS_LICENSE", "PASSPORT", "VISA", "IMMIGRATION", "NATIONAL_ID", "TAX_ID", "NATIONAL_HEALTH_ID",
		"CONCESSION", "HEALTH_CONCESSION", "PENSION", "MILITARY_ID", "BIRTH_CERT", "CITIZENSHIP", "MARRIAGE_CERT",
		"DEATH_CERT", "NAME_CHANGE", "NOTARY_PUBLIC_ID", "AVIATION_SECURITY_ID", "MARITIME_SECURITY_ID":
		return DocIdentity
	case "UTILITY_BILL", "BANK_STATEMENT", "BANK_ACCOUNT", "INTENT_PROOF", "ATTESTATION", "SELF_IMAGE",
		"VEHICLE_REGISTRATION", "PROOF_OF_ADDRESS", "HOUSE_REGISTRATION", "YELLOW_HOUSE_REGISTRATION", "WORK_PERMIT",
		"EMPLOYMENT_CERTIFICATE", "TRUST_DEED", "PARTNERSHIP_AGREEMENT":
		return DocSupporting
	case "EXTERNAL_ADMIN", "CHARGES", "PRE_ASIC", "ANNUAL_RETURN", "REPORT", "ADMIN_CHANGE", "COMPANY_REPORT", "CHECK_RESULTS":
		return DocReport
	case "OTHER", "DEVICE":
		return DocOther
	}
	return ""
}

// MatchlistKinds are the 30 kinds of attributes that an entry of a matchlist
// can have (api.md 5.10), with what is compared. Kinds that begin with IND_
// describe a person and those that begin with ORG_ a company; an entry has only
// one of the two. The caller owns the result.
//
//   - ENTITY_TYPE: INDIVIDUAL or ORGANIZATION
//   - EMAIL_ADDRESS, EMAIL_DOMAIN, PHONE_NUMBER
//   - ADDRESS_*: parts of one address; ADDRESS_COUNTRY is ISO 3166-1 alpha-2
//     inside
//   - DOCUMENT_*: of one document; DOCUMENT_TYPE is of EntityDocumentTypes,
//     DOCUMENT_CLASS of EntityDocumentClasses, DOCUMENT_COUNTRY alpha-2
//   - IND_DATE_OF_BIRTH: YYYY-MM-DD, YYYY-MM or YYYY; IND_NATIONALITY: alpha-2
//   - ORG_REGISTRATION_COUNTRY: alpha-2
func MatchlistKinds() []string {
	return []string{
		"ENTITY_TYPE", "EMAIL_ADDRESS", "EMAIL_DOMAIN", "PHONE_NUMBER",
		"ADDRESS_LONG_FORM", "ADDRESS_UNIT", "ADDRESS_STREET_NUMBER", "ADDRESS_STREET_NAME", "ADDRESS_STREET_TYPE",
		"ADDRESS_LOCALITY", "ADDRESS_DISTRICT", "ADDRESS_SUBDIVISION", "ADDRESS_POSTAL_CODE", "ADDRESS_COUNTRY",
		"DOCUMENT_CLASS", "DOCUMENT_TYPE", "DOCUMENT_COUNTRY", "DOCUMENT_SUBDIVISION",
		"DOCUMENT_PRIMARY_IDENTIFIER", "DOCUMENT_SECONDARY_IDENTIFIER",
		"IND_FULL_NAME", "IND_GIVEN_NAME", "IND_MIDDLE_NAME", "IND_FAMILY_NAME", "IND_DATE_OF_BIRTH", "IND_NATIONALITY",
		"ORG_NAME", "ORG_TYPE", "ORG_REGISTRATION_NUMBER", "ORG_REGISTRATION_COUNTRY",
	}
}

// IsMatchlistKind reports whether an attribute of that kind exists.
func IsMatchlistKind(kind string) bool { return slices.Contains(MatchlistKinds(), kind) }

// MatchlistNormal brings an attribute of an entry, or what it is compared with,
// into the form that is compared. It reports false when the value is no value
// of this kind.
//
//   - names, streets, places: as ListName (case, order and punctuation do not
//     count)
//   - numbers of documents, registrations, houses and units, postal codes: as
//     ListGovID
//   - EMAIL_ADDRESS: lower case, with a local part; EMAIL_DOMAIN: lower case,
//     without "@"
//   - PHONE_NUMBER: as ListPhone
//   - countries: ISO 3166-1 alpha-2, upper case
//   - IND_DATE_OF_BIRTH: YYYY-MM-DD, YYYY-MM or YYYY
//   - ENTITY_TYPE, DOCUMENT_TYPE, DOCUMENT_CLASS: a word of the closed list
func MatchlistNormal(kind, value string) (string, bool) {
	word := strings.ToUpper(strings.TrimSpace(value))
	switch kind {
	case "ENTITY_TYPE":
		return word, word == "INDIVIDUAL" || word == "ORGANIZATION"
	case "DOCUMENT_TYPE":
		return word, EntityDocumentClass(word) != ""
	case "DOCUMENT_CLASS":
		return word, slices.Contains(EntityDocumentClasses(), word)
	case "EMAIL_ADDRESS":
		v, ok := ListEmail.Normal(value)
		return v, ok && !strings.HasPrefix(v, "@")
	case "EMAIL_DOMAIN":
		v, ok := ListEmail.Normal(value)
		return strings.TrimPrefix(v, "@"), ok && strings.HasPrefix(v, "@")
	case "PHONE_NUMBER":
		return ListPhone.Normal(value)
	case "ADDRESS_COUNTRY", "DOCUMENT_COUNTRY", "IND_NATIONALITY", "ORG_REGISTRATION_COUNTRY":
		return ListCountry.Normal(value)
	case "DOCUMENT_PRIMARY_IDENTIFIER", "DOCUMENT_SECONDARY_IDENTIFIER", "ORG_REGISTRATION_NUMBER",
		"ADDRESS_POSTAL_CODE", "ADDRESS_UNIT", "ADDRESS_STREET_NUMBER":
		return ListGovID.Normal(value)
	case "IND_DATE_OF_BIRTH":
		for _, layout := range []string{time.DateOnly, "2006-01", "2006"} {
			if _, err := time.Parse(layout, word); err == nil {
				return word, true
			}
		}
		return "", false
	}
	if !IsMatchlistKind(kind) {
		return "", false
	}
	return ListName.Normal(value)
}
