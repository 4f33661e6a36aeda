package field

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// Holder is what an identity document says of the person it belongs to. Empty
// parts were not read.
type Holder struct {
	Given, Family, Full string
	BirthDate           string // YYYY-MM-DD
	Nationality         string // ISO 3166-1 alpha-2
	DocumentNumber      string
	DocumentCountry     string // ISO 3166-1 alpha-2
	ExpiryDate          string // YYYY-MM-DD
	Sex                 string // M, F, X
}

// IsBirthDate recognises the date of birth among the date fields, which have no
// semantic type of their own: by its name, or because an age is asked of it.
func (f *Field) IsBirthDate() bool {
	return f.Type == "date" && (f.MinAgeYears != nil || f.MaxAgeYears != nil || f.named("date_of_birth", "dateofbirth", "birth_date", "birthdate", "birthday", "dob"))
}

// named reports whether a field's id or key is one of these words, or ends with
// one behind an underscore.
func (f *Field) named(known ...string) bool {
	for _, name := range []string{f.FieldID, f.FieldKey} {
		name = strings.ReplaceAll(strings.ToLower(name), "-", "_")
		if slices.ContainsFunc(known, func(k string) bool { return name == k || strings.HasSuffix(name, "_"+k) }) {
			return true
		}
	}
	return false
}

// Prefill gives the answers of a form that the document of the person who
// answers it tells, by field_id: name, date of birth, nationality, and the
// number, country and expiry of the document where a field is named for them.
// Only the first field of each meaning is answered, because further ones are
// other people's; fields in lists and objects are left alone, and so is a value
// that its field would refuse.
func Prefill(ctx context.Context, fields []Field, h Holder, now time.Time) map[string]any {
	out, told := map[string]any{}, map[string]bool{}
	for i := range fields {
		f := &fields[i]
		meaning, value := h.says(f)
		if meaning == "" || told[meaning] {
			continue
		}
		told[meaning] = true
		alone := *f
		alone.Required, alone.ConditionalLogic = false, nil
		if f.ValidationRules != nil {
			rules := *f.ValidationRules
			rules.EqualsField, rules.DiffersFromField = "", ""
			alone.ValidationRules = &rules
		}
		got := Validate(ctx, []Field{alone}, map[string]any{f.FieldID: value}, Env{Now: now})
		if v, ok := got.Values[f.FieldID]; ok && len(got.Problems) == 0 {
			out[f.FieldID] = v
		}
	}
	return out
}

// says is what the document tells of a field, and what the field means; "" where
// it tells nothing.
func (h Holder) says(f *Field) (meaning string, value any) {
	full := h.Full
	if h.Given != "" && h.Family != "" {
		full = h.Given + " " + h.Family
	}
	text := func(meaning, value string) (string, any) {
		if value == "" {
			return "", nil
		}
		return meaning, value
	}
	switch f.Type {
	case "name":
		switch {
		case f.NameType == "company" || f.EntityRole != "" && f.EntityRole != "individual":
			return "", nil
		case !on(f.Parts):
			return text("name", full)
		case h.Given == "" && h.Family == "":
			return "", nil
		}
		parts := map[string]any{}
		for name, part := range map[string]string{"given": h.Given, "family": h.Family} {
			if part != "" {
				parts[name] = part
			}
		}
		return "name", parts
	case "date":
		switch {
		case f.IsBirthDate():
			return text("birth", h.BirthDate)
		case f.named("expiry_date", "expiration_date", "document_expiry"):
			return text("expiry", h.ExpiryDate)
		}
	case "country":
		code, _ := CountryCode(h.Nationality)
		issuer, _ := CountryCode(h.DocumentCountry)
		switch {
		case f.CountryType == "nationality":
			return text("nationality", code)
		case f.named("issuing_country", "document_country"):
			return text("issuer", issuer)
		}
	case "text":
		switch {
		case f.named("first_name", "given_name", "first_names", "given_names"):
			return text("given", h.Given)
		case f.named("last_name", "family_name", "surname"):
			return text("family", h.Family)
		case f.named("full_name"):
			return text("name", full)
		case f.named("document_number", "passport_number", "id_number", "id_card_number"):
			return text("number", h.DocumentNumber)
		}
	}
	return "", nil
}

// Defaults are the default values of the fields that have one and are not among
// the answers, by field_id.
func Defaults(fields []Field, answers map[string]any) map[string]any {
	out := map[string]any{}
	for i := range fields {
		f := &fields[i]
		var v any
		if _, answered := answers[f.FieldID]; !answered && len(f.DefaultValue) > 0 && json.Unmarshal(f.DefaultValue, &v) == nil {
			out[f.FieldID] = v
		}
	}
	return out
}
