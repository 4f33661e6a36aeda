package field

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

type addressKind struct{}

// AddressParts are the members of an address in the order they are written.
func AddressParts() []string {
	return []string{"line1", "line2", "city", "region", "postal_code", "country"}
}

func (addressKind) spec() TypeSpec {
	return TypeSpec{
		Name: "address", Category: "complex",
		Summary: "A postal address.",
		Stored:  "{line1,line2,city,region,postal_code,country}, members without an answer left out; country alpha-2, postal code in upper case",
		Options: []OptionSpec{
			opt("require_fields", "string[]", []string{"line1", "city", "country"}, "members that must be answered, of "+strings.Join(AddressParts(), ", ")),
			opt("allowed_countries", "string[]", nil, "countries accepted, ISO 3166-1 alpha-2; absent: all"),
			opt("match_proof_of_address", "boolean", false, "a proof of address must show this address"),
		},
		Rules: pairRules(),
	}
}

func (addressKind) define(d *definer, f *Field, at string) {
	for i, part := range f.RequireFields {
		here := fmt.Sprintf("%s/require_fields/%d", at, i)
		if !slices.Contains(AddressParts(), part) {
			d.add(here, "address_part_unknown", "an address has %s", strings.Join(AddressParts(), ", "))
		} else if slices.Contains(f.RequireFields[:i], part) {
			d.add(here, "duplicate", "%s is named twice", part)
		}
	}
	d.countries(at, "allowed_countries", f.AllowedCountries)
}

func (addressKind) read(c *call, f *Field, at string, v any) (any, bool) {
	m, ok := v.(map[string]any)
	if !ok {
		c.add(at, "wrong_type", "the answer must be an object with %s", strings.Join(AddressParts(), ", "))
		return nil, false
	}
	before := len(c.problems)
	c.members(at, m, AddressParts()...)
	out := map[string]any{}
	for _, part := range AddressParts() {
		here := pointer(at, part)
		if blank(m[part]) {
			if slices.Contains(f.RequireFields, part) {
				c.add(here, "required", "%s is needed", part)
			}
			continue
		}
		text, is := c.text(here, m[part])
		if !is {
			continue
		}
		text = strings.Join(strings.Fields(clean(text)), " ")
		switch {
		case strings.IndexFunc(text, func(r rune) bool { return unicode.IsControl(r) || isBidi(r) }) >= 0:
			c.add(here, "control_character", "control characters are not allowed")
		case utf8.RuneCountInString(text) > 200:
			c.add(here, "too_long", "at most 200 characters are allowed")
		}
		out[part] = text
	}
	country, _ := out["country"].(string)
	if country != "" {
		code, real := CountryCode(country)
		switch {
		case !real:
			c.add(at+"/country", "country_code_invalid", "a country is two letters of ISO 3166-1, such as DE")
		case f.AllowedCountries != nil && !slices.Contains(f.AllowedCountries, code):
			c.add(at+"/country", "country_not_allowed", "addresses in this country are not accepted")
		}
		country, out["country"] = code, code
	}
	if postal, ok := out["postal_code"].(string); ok {
		postal = strings.ToUpper(postal)
		out["postal_code"] = clean(postal)
		if form, sure := postalForms(country); sure && !slices.ContainsFunc(form, func(p string) bool { return fits(postal, p) }) {
			c.add(at+"/postal_code", "postal_code_invalid", "this is no postal code of the country")
		}
	}
	return out, len(c.problems) == before
}

// members refuses every other member of an object.
func (c *call) members(at string, m map[string]any, names ...string) bool {
	ok := true
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if !slices.Contains(names, name) {
			c.add(pointer(at, token(name)), "unknown_field", "there is no such member; there are %s", strings.Join(names, ", "))
			ok = false
		}
	}
	return ok
}

// postalForms gives the forms of a country's postal codes: 9 is a digit, A a
// letter, and ? in front of a character makes it optional.
// Only countries with one nationwide, published form are here; the codes of
// all others are taken as they are.
func postalForms(country string) ([]string, bool) {
	form := ""
	switch country {
	case "US":
		form = "99999|99999-9999"
	case "CA":
		form = "A9A? 9A9"
	case "GB":
		form = "A9? 9AA|A99? 9AA|AA9? 9AA|AA99? 9AA|A9A? 9AA|AA9A? 9AA"
	case "NL":
		form = "9999? AA"
	case "DE", "FR", "IT", "ES", "FI", "TR", "MX", "ID", "MY", "TH", "UA", "HR", "EE", "RS":
		form = "99999"
	case "AT", "BE", "CH", "DK", "NO", "AU", "NZ", "HU", "LU", "BG", "SI", "ZA", "LI":
		form = "9999"
	case "SE", "CZ", "SK", "GR":
		form = "999? 99"
	case "PL":
		form = "99-999"
	case "PT":
		form = "9999-999"
	case "JP":
		form = "999?-9999"
	case "IN", "CN", "SG", "RO", "VN":
		form = "999? 999"
	case "BR":
		form = "99999?-999"
	}
	return strings.Split(form, "|"), form != ""
}

// fits compares a postal code with a form.
func fits(code, form string) bool {
	for i := 0; i < len(form); i++ {
		optional := form[i] == '?'
		if optional {
			i++
		}
		matches := code != "" && func() bool {
			switch form[i] {
			case '9':
				return code[0] >= '0' && code[0] <= '9'
			case 'A':
				return code[0] >= 'A' && code[0] <= 'Z'
			}
			return code[0] == form[i]
		}()
		switch {
		case matches:
			code = code[1:]
		case !optional:
			return false
		}
	}
	return code == ""
}
