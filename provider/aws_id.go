package provider

import (
	"context"
	"fmt"
	"image"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"

	"bonafide/document"
	"bonafide/kyc"
)

// servicePapers names Textract among the breakers.
const servicePapers = "textract"

// maxPages is how many pages AnalyzeID takes as one document.
const maxPages = 2

// ReadID asks AnalyzeID, which is made for passports and driving licences of
// the United States; what it says of others is less.
func (a *AWS) ReadID(ctx context.Context, pages []image.Image, now time.Time) (document.IDReading, *kyc.Error) {
	sent, err := encodedPages(pages)
	if err != nil {
		return document.IDReading{}, err
	}
	in := &textract.AnalyzeIDInput{}
	for _, p := range sent {
		in.DocumentPages = append(in.DocumentPages, types.Document{Bytes: p})
	}
	var out *textract.AnalyzeIDOutput
	if err := a.call(ctx, servicePapers, func(ctx context.Context) (e error) {
		out, e = a.papers.AnalyzeID(ctx, in)
		return e
	}); err != nil {
		return document.IDReading{}, err
	}
	if out.AnalyzeIDModelVersion == nil || out.IdentityDocuments == nil || len(out.IdentityDocuments) > len(sent) {
		return document.IDReading{}, fails(codeInvalid, "the answer of AnalyzeID has another shape")
	}
	r := document.IDReading{Provider: kyc.ProviderTextract, Model: "AnalyzeID " + word(*out.AnalyzeIDModelVersion), Fields: []kyc.Field{}}
	names := map[string]kyc.Field{}
	for _, d := range out.IdentityDocuments {
		for _, f := range d.IdentityDocumentFields {
			if f.Type == nil || f.ValueDetection == nil || f.Type.Text == nil || !within(f.ValueDetection.Confidence, 0, 100) {
				return document.IDReading{}, fails(codeInvalid, "the answer of AnalyzeID has a field without a name, a value or a confidence of 0-100")
			}
			value := strings.TrimSpace(aws.ToString(f.ValueDetection.Text))
			if value == "" {
				continue // what is not on the document comes as an empty value
			}
			what := strings.ToUpper(*f.Type.Text)
			if what == "MRZ_CODE" {
				if m, err := document.ZoneOf(value, now); err == nil && r.Zone == nil {
					r.Zone = &m
				}
				continue
			}
			if n := f.ValueDetection.NormalizedValue; n != nil && n.ValueType == types.ValueTypeDate {
				value = aws.ToString(n.Value)
			}
			name, value := textractField(what, value)
			field := kyc.Field{Name: name, Value: value, Source: kyc.ProviderTextract, Confidence: float64(*f.ValueDetection.Confidence) / 100}
			if have, twice := names[name]; name != "" && value != "" && (!twice || have.Confidence < field.Confidence) {
				names[name] = field
			}
		}
	}
	r.Fields = idFields(names)
	return r, nil
}

// textractField gives a value under its name in kyc.Field; both are empty for
// what is not used.
func textractField(what, value string) (string, string) {
	switch what {
	case "DATE_OF_BIRTH", "EXPIRATION_DATE", "DATE_OF_ISSUE":
		// Normalised dates are 2028-03-09T00:00:00; others are not guessed.
		day, _, _ := strings.Cut(value, "T")
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			return "", ""
		}
		return map[string]string{"DATE_OF_BIRTH": "date_of_birth", "EXPIRATION_DATE": "expiry_date", "DATE_OF_ISSUE": "issue_date"}[what], day
	case "ID_TYPE":
		kind := strings.ToUpper(value)
		switch {
		case strings.Contains(kind, "PASSPORT"):
			return "document_type", "passport"
		case strings.Contains(kind, "DRIVER"):
			return "document_type", "driving_licence"
		}
		return "", ""
	}
	return map[string]string{"FIRST_NAME": "first_name", "MIDDLE_NAME": "middle_name", "LAST_NAME": "last_name", "SUFFIX": "suffix", "DOCUMENT_NUMBER": "document_number",
		"ADDRESS": "street", "CITY_IN_ADDRESS": "city", "ZIP_CODE_IN_ADDRESS": "postal_code", "STATE_IN_ADDRESS": "state"}[what], value
}

// idFields joins parts to the well-known fields, in one order. A joined field is
// as sure as its least sure part.
func idFields(parts map[string]kyc.Field) []kyc.Field {
	out := []kyc.Field{}
	join := func(name string, of ...string) {
		joined := kyc.Field{Name: name, Confidence: 1}
		var words []string
		for _, n := range of {
			if p, ok := parts[n]; ok {
				words = append(words, p.Value)
				joined.Source, joined.Confidence = p.Source, min(joined.Confidence, p.Confidence)
			}
		}
		if joined.Value = strings.Join(words, " "); joined.Value != "" {
			out = append(out, joined)
		}
	}
	join("first_name", "first_name", "middle_name")
	join("last_name", "last_name", "suffix")
	join("full_name", "first_name", "middle_name", "last_name", "suffix")
	join("address", "street", "city", "state", "postal_code")
	for _, n := range []string{"document_type", "document_number", "date_of_birth", "expiry_date", "issue_date"} {
		join(n, n)
	}
	return out
}

// encodedPages makes the pages ready to be sent.
func encodedPages(pages []image.Image) ([][]byte, *kyc.Error) {
	if len(pages) == 0 || len(pages) > maxPages {
		return nil, kyc.Errorf(kyc.Invalid, "too_many_pages", "one or two pages can be read as one document, not %d", len(pages))
	}
	var out [][]byte
	for i, p := range pages {
		b, err := encoded(p)
		if err != nil {
			return nil, at(err, fmt.Sprintf("/pages/%d", i))
		}
		out = append(out, b)
	}
	return out, nil
}
