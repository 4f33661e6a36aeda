package entities

import (
	"encoding/base64"
	"strings"

	"bonafide/entity"
	"bonafide/kyc"
)

type documentInput struct {
	Type          string            `json:"type" doc:"Which paper: one of the 43 types, such as PASSPORT, DRIVERS_LICENSE, BIRTH_CERT, VISA, UTILITY_BILL, OTHER." maxLength:"64" example:"PASSPORT"`
	Country       string            `json:"country" doc:"Who issued it, ISO 3166-1 alpha-3." maxLength:"8" example:"AUS"`
	Subdivision   string            `json:"subdivision,omitempty" doc:"State or province that issued it." nullable:"true" maxLength:"1000"`
	Primary       string            `json:"primaryIdentifier,omitempty" doc:"Its number." nullable:"true" maxLength:"1000"`
	Secondary     string            `json:"secondaryIdentifier,omitempty" doc:"Another number, such as that of the card." nullable:"true" maxLength:"1000"`
	IssueDate     string            `json:"issueDate,omitempty" doc:"YYYY-MM-DD." nullable:"true" maxLength:"32"`
	ExpiryDate    string            `json:"expiryDate,omitempty" doc:"YYYY-MM-DD." nullable:"true" maxLength:"32"`
	ValidFrom     string            `json:"validFrom,omitempty" doc:"YYYY-MM-DD." nullable:"true" maxLength:"32"`
	ValidTo       string            `json:"validTo,omitempty" doc:"YYYY-MM-DD." nullable:"true" maxLength:"32"`
	Supplementary map[string]any    `json:"supplementaryData,omitempty" doc:"Anything else about it." nullable:"true"`
	Attachments   []attachmentInput `json:"attachments,omitempty" doc:"Its files, as far as they fit into a body of 1 MiB; larger ones are uploaded by themselves." nullable:"true" maxItems:"40"`
}

// documentChange is documentInput without anything mandatory.
type documentChange struct {
	Type          string            `json:"type,omitempty" doc:"Which paper." maxLength:"64"`
	Country       string            `json:"country,omitempty" doc:"Who issued it, ISO 3166-1 alpha-3." maxLength:"8"`
	Subdivision   string            `json:"subdivision,omitempty" doc:"State or province that issued it; null removes it." nullable:"true" maxLength:"1000"`
	Primary       string            `json:"primaryIdentifier,omitempty" doc:"Its number; null removes it." nullable:"true" maxLength:"1000"`
	Secondary     string            `json:"secondaryIdentifier,omitempty" doc:"Another number; null removes it." nullable:"true" maxLength:"1000"`
	IssueDate     string            `json:"issueDate,omitempty" doc:"YYYY-MM-DD; null removes it." nullable:"true" maxLength:"32"`
	ExpiryDate    string            `json:"expiryDate,omitempty" doc:"YYYY-MM-DD; null removes it." nullable:"true" maxLength:"32"`
	ValidFrom     string            `json:"validFrom,omitempty" doc:"YYYY-MM-DD; null removes it." nullable:"true" maxLength:"32"`
	ValidTo       string            `json:"validTo,omitempty" doc:"YYYY-MM-DD; null removes it." nullable:"true" maxLength:"32"`
	Supplementary map[string]any    `json:"supplementaryData,omitempty" doc:"Merged by key; a key that is null is removed." nullable:"true"`
	Attachments   []attachmentInput `json:"attachments,omitempty" doc:"Further files." maxItems:"40" nullable:"false"`
}

type attachmentInput struct {
	Side     string    `json:"side,omitempty" doc:"FRONT or BACK." nullable:"true" maxLength:"16" example:"FRONT"`
	Type     string    `json:"type,omitempty" doc:"PHOTO, PDF and so on; the bytes decide." nullable:"true" maxLength:"16"`
	MimeType string    `json:"mimeType,omitempty" doc:"What it says it is; the bytes decide." nullable:"true" maxLength:"255"`
	Filename string    `json:"filename,omitempty" doc:"Its name." nullable:"true" maxLength:"255"`
	Page     int       `json:"pageNumber,omitempty" doc:"From 1." nullable:"true" minimum:"1" maximum:"10000"`
	Data     dataInput `json:"data" doc:"The bytes."`
}

type dataInput struct {
	Base64 string `json:"base64" doc:"The bytes in base64 (RFC 4648)."`
}

// read translates the documents of an individual that is made, with the place
// of each in the body.
func (b documentsInput) read(r *reading, prefix string) (out []entity.NewDocument, places []string) {
	for _, l := range b.lists() {
		for i, d := range l.list {
			here := place(prefix+"/"+l.name, i)
			if class := kyc.EntityDocumentClass(d.Type); class != "" && class != l.name {
				r.add(here+"/type", "document_class_mismatch", "a document of this type stands in the list "+class)
			}
			out, places = append(out, d.read(r, here)), append(places, here)
		}
	}
	return out, places
}

func (d documentInput) read(r *reading, at string) entity.NewDocument {
	return documentChange(d).read(r, at)
}

func (d documentChange) read(r *reading, at string) entity.NewDocument {
	out := entity.NewDocument{Type: d.Type, Country: r.country(at+"/country", d.Country), Subdivision: d.Subdivision, PrimaryIdentifier: d.Primary,
		SecondaryIdentifier: d.Secondary, IssueDate: d.IssueDate, ExpiryDate: d.ExpiryDate, ValidFrom: d.ValidFrom, ValidTo: d.ValidTo, Supplementary: d.Supplementary}
	for i, a := range d.Attachments {
		raw, err := decodeBase64(a.Data.Base64)
		if err != nil {
			r.add(place(at+"/attachments", i)+"/data/base64", "format_invalid", "this is not base64")
		}
		out.Attachments = append(out.Attachments, entity.NewAttachment{Data: raw, Name: a.Filename, Side: a.Side, Page: a.Page})
	}
	return out
}

// decodeBase64 takes both alphabets, with padding or without, and the head of a
// data address that browsers put in front.
func decodeBase64(s string) ([]byte, error) {
	if head, rest, ok := strings.Cut(s, ","); ok && strings.HasPrefix(head, "data:") && strings.HasSuffix(head, ";base64") {
		s = rest
	}
	s = strings.NewReplacer("-", "+", "_", "/", "\n", "", "\r", "").Replace(strings.TrimRight(s, "=\r\n"))
	return base64.RawStdEncoding.DecodeString(s)
}
