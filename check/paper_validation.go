package check

import (
	"encoding/json"
	"slices"
	"strings"

	"bonafide/kyc"
)

// validation is one post-upload validation of a requirement (api.md 3.4.1).
type validation struct {
	Type   string `json:"type"`
	Params struct {
		Days      *int        `json:"days"`
		Countries []string    `json:"countries"`
		Types     []string    `json:"types"`
		FieldID   string      `json:"field_id"`
		MinScore  *float64    `json:"min_score"`
		Pixels    json.Number `json:"px"`
		Bytes     json.Number `json:"bytes"`
	} `json:"params"`
	OnFail  string `json:"on_fail"`
	Message string `json:"message"`
}

func validationTypes() []string {
	return []string{"not_expired", "min_validity_days", "max_age_days", "country_in", "country_not_in", "document_type_in", "mrz_checksum",
		"name_matches_field", "min_resolution", "max_file_size", "mime_in", "both_sides"}
}

// paperFacts are what validations look at beside the row itself.
type paperFacts struct {
	name    string    // of the holder; empty when none was read
	text    paperText // of papers that carry their text
	width   int       // of the first page in pixels
	height  int
	uploads []kyc.Upload
	fields  map[string]any
}

// maxAgeDays is how old a paper may be where the author does not say.
const maxAgeDays = 90

// validate applies the validations. One that cannot be judged is no pass: it
// asks for a person, or is recorded where the author only wants a warning.
func (p *paper) validate(list []validation, f paperFacts) {
	for _, v := range list {
		holds, known := p.holds(v, f)
		if holds && known {
			continue
		}
		status, severity := paperInvalid, critical
		code, message := "validation_"+v.Type, "the validation "+v.Type+" does not hold"
		if !known {
			status, severity = paperReview, warning
			code, message = "validation_unknown", "the validation "+v.Type+" cannot be judged, because what it needs was not read"
		}
		if v.OnFail == "warn" {
			status, severity = paperValid, warning
		}
		p.find(status, severity, code, message)
	}
}

// holds judges one validation; known is false when what it needs is missing.
func (p *paper) holds(v validation, f paperFacts) (holds, known bool) {
	in := func(list []string, s string) bool {
		return slices.ContainsFunc(list, func(one string) bool { return strings.EqualFold(one, s) })
	}
	days := func(otherwise int) int {
		if v.Params.Days != nil {
			return *v.Params.Days
		}
		return otherwise
	}
	switch v.Type {
	case "not_expired":
		return p.Expired != nil && !*p.Expired, p.Expired != nil
	case "min_validity_days":
		return p.ExpiresInDays != nil && *p.ExpiresInDays >= days(0), p.ExpiresInDays != nil
	case "max_age_days":
		if p.AgeDays != nil && *p.AgeDays > days(maxAgeDays) {
			p.condition("older_than_days")
		}
		return p.AgeDays != nil && *p.AgeDays <= days(maxAgeDays), p.AgeDays != nil
	case "country_in":
		return in(v.Params.Countries, p.Country), p.Country != ""
	case "country_not_in":
		return !in(v.Params.Countries, p.Country), p.Country != ""
	case "document_type_in":
		detected := p.TypeDetected
		known := detected != "" && detected != "unknown"
		return known && slices.ContainsFunc(v.Params.Types, func(t string) bool { return fitsType(t, detected) }), known
	case "mrz_checksum":
		return p.MRZValid != nil && *p.MRZValid, p.MRZValid != nil
	case "name_matches_field":
		return p.nameMatches(v, f)
	case "min_resolution":
		px, err := v.Params.Pixels.Float64()
		return err == nil && float64(min(f.width, f.height)) >= px, err == nil && f.width > 0
	case "max_file_size":
		limit, err := v.Params.Bytes.Float64()
		fits := err == nil && !slices.ContainsFunc(f.uploads, func(u kyc.Upload) bool { return float64(u.Size) > limit })
		return fits, err == nil
	case "mime_in":
		fits := !slices.ContainsFunc(f.uploads, func(u kyc.Upload) bool { return !inMIME(v.Params.Types, u.ContentType) })
		return fits, true
	case "both_sides":
		front := slices.ContainsFunc(f.uploads, func(u kyc.Upload) bool { return !isBack(u) })
		back := slices.ContainsFunc(f.uploads, isBack)
		// A passport has all it says on one page.
		return front && (back || p.TypeDetected == "passport"), true
	}
	return false, false // a type that this version does not know
}

func (p *paper) nameMatches(v validation, f paperFacts) (holds, known bool) {
	minimum := crossNameMin
	if v.Params.MinScore != nil {
		minimum = *v.Params.MinScore
	}
	wanted := namePerson(valueAt(f.fields, v.Params.FieldID, nil)).name()
	switch {
	case wanted == "":
		return false, false
	case f.name != "":
		holds = nameLikeness(f.name, wanted) >= minimum
	case !f.text.empty():
		holds = f.text.names(wanted)
	default:
		p.unknown("name_mismatch")
		return false, false
	}
	if !holds {
		p.condition("name_mismatch")
	}
	return holds, true
}

// fitsType compares a type of a definition with one that was recognised.
func fitsType(wanted, detected string) bool {
	switch wanted = standardType(wanted); wanted {
	case "id":
		return detected != "visa"
	case "national_id", "national_card":
		return detected == "id_card"
	case "driving_license", "drivers_license":
		return detected == "driving_licence"
	}
	return wanted == detected
}

// inMIME accepts "image/*".
func inMIME(list []string, contentType string) bool {
	return slices.ContainsFunc(list, func(m string) bool {
		if family, ok := strings.CutSuffix(m, "/*"); ok {
			return strings.HasPrefix(contentType, family+"/")
		}
		return strings.EqualFold(m, contentType)
	})
}
