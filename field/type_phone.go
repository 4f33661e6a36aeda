package field

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

type phoneKind struct{}

func (phoneKind) spec() TypeSpec {
	return TypeSpec{
		Name: "phone", Category: "contact",
		Summary: "A telephone number that is valid in the numbering plan of its region.",
		Stored:  "E.164, such as +14155552671",
		Options: []OptionSpec{
			opt("format", "string", "international", "international: the number starts with +; national: without + it is read in the applicant's region"),
			opt("require_mobile", "boolean", false, "only mobile numbers; where the region's plan does not tell mobile from fixed lines (as in North America) such a number is accepted"),
			opt("allowed_countries", "string[]", nil, "regions allowed, ISO 3166-1 alpha-2; absent: all"),
			opt("verify_otp", "boolean", false, "only false: nothing here can send a one-time code yet"),
		},
		Rules: textRules(),
	}
}

func (phoneKind) define(d *definer, f *Field, at string) {
	if f.Format != "international" && f.Format != "national" {
		d.add(at+"/format", "phone_format_invalid", "format is international or national")
	}
	d.countries(at, "allowed_countries", f.AllowedCountries)
	d.noOTP(f, at)
}

// noOTP refuses a promise that nothing here can keep.
func (d *definer) noOTP(f *Field, at string) {
	if on(f.VerifyOTP) {
		d.add(at+"/verify_otp", "option_not_available", "nothing here can send a one-time code yet, so verify_otp cannot be true")
	}
}

func (phoneKind) read(c *call, f *Field, at string, v any) (any, bool) {
	text, ok := c.text(at, v)
	if !ok {
		return nil, false
	}
	fail := func(code, format string, args ...any) (any, bool) {
		c.add(at, code, format, args...)
		return nil, false
	}
	text = clean(text)
	if len(text) > 40 || strings.Trim(text, "+0123456789 -.()/\u00a0\u2010\u2011") != "" || strings.LastIndexByte(text, '+') > 0 {
		return fail("phone_invalid", "a number has digits, one + in front, and spaces, hyphens, dots, slashes or brackets between")
	}
	region := c.env.Region
	if !strings.HasPrefix(text, "+") {
		if f.Format != "national" {
			return fail("phone_not_international", "the number must start with + and the country code")
		}
		if region == "" {
			return fail("phone_region_unknown", "without the applicant's region the number must start with + and the country code")
		}
	}
	number, err := phonenumbers.Parse(text, region)
	if err != nil || !phonenumbers.IsValidNumber(number) {
		return fail("phone_invalid", "this is no valid telephone number")
	}
	before := len(c.problems)
	if on(f.RequireMobile) {
		switch phonenumbers.GetNumberType(number) {
		case phonenumbers.MOBILE, phonenumbers.FIXED_LINE_OR_MOBILE:
		default:
			c.add(at, "phone_not_mobile", "a mobile number is needed")
		}
	}
	if f.AllowedCountries != nil && !slices.Contains(f.AllowedCountries, phonenumbers.GetRegionCodeForNumber(number)) {
		c.add(at, "country_not_allowed", "numbers of this country are not accepted")
	}
	return phonenumbers.Format(number, phonenumbers.E164), len(c.problems) == before
}

// phoneRegion gives the region of a stored number, "" when it belongs to none
// (satellite and other global networks).
func phoneRegion(e164 string) string {
	number, err := phonenumbers.Parse(e164, "")
	if err != nil {
		return ""
	}
	code, _ := CountryCode(phonenumbers.GetRegionCodeForNumber(number))
	return code
}

// countries checks a list of country codes and brings them into upper case.
func (d *definer) countries(at, name string, codes []string) {
	if codes != nil && len(codes) == 0 {
		d.add(pointer(at, name), "range_invalid", "an empty list allows no country at all; leave it out to allow all")
	}
	for i, code := range codes {
		normal, ok := CountryCode(code)
		if !ok {
			d.add(fmt.Sprintf("%s/%d", pointer(at, name), i), "country_code_invalid", "%q is no ISO 3166-1 alpha-2 country", code)
			continue
		}
		codes[i] = normal
	}
}
