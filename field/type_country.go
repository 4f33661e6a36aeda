package field

import (
	"slices"
	"strings"
)

type countryKind struct{}

// CountryTypes are the meanings a country field can have.
func CountryTypes() []string {
	return []string{"nationality", "residence", "incorporation", "tax_residency", "birth", "operation"}
}

func (countryKind) spec() TypeSpec {
	return TypeSpec{
		Name: "country", Category: "semantic",
		Summary: "A country of ISO 3166-1, fed to country rules by its country_type.",
		Stored:  "alpha-2 code in upper case",
		Options: []OptionSpec{
			opt("country_type", "string", nil, strings.Join(CountryTypes(), ", ")+"; absent: unspecified"),
			opt("allowed", "string[]", nil, "countries accepted, ISO 3166-1 alpha-2; absent: all"),
			opt("denied", "string[]", nil, "countries refused"),
		},
		Rules: plainRules(),
	}
}

func (countryKind) define(d *definer, f *Field, at string) {
	if f.CountryType != "" && !slices.Contains(CountryTypes(), f.CountryType) {
		d.add(at+"/country_type", "country_type_invalid", "country_type is one of %s", strings.Join(CountryTypes(), ", "))
	}
	d.countries(at, "allowed", f.Allowed)
	if len(f.Denied) > 0 {
		d.countries(at, "denied", f.Denied)
	}
	for _, code := range f.Denied {
		if slices.Contains(f.Allowed, code) {
			d.add(at+"/denied", "option_conflict", "%s is allowed and denied at once", code)
		}
	}
}

func (countryKind) read(c *call, f *Field, at string, v any) (any, bool) {
	text, ok := c.text(at, v)
	if !ok {
		return nil, false
	}
	code, ok := CountryCode(strings.TrimSpace(text))
	switch {
	case !ok:
		c.add(at, "country_code_invalid", "a country is two letters of ISO 3166-1, such as DE")
	case f.Allowed != nil && !slices.Contains(f.Allowed, code), slices.Contains(f.Denied, code):
		c.add(at, "country_not_allowed", "this country is not accepted here")
		ok = false
	}
	return code, ok
}

// countryCodes are the 249 officially assigned codes of ISO 3166-1, and XK.
// Kosovo's code is user-assigned, but passports carry it (as RKS in ICAO Doc
// 9303) and the European Union, the IMF and SWIFT use it, so refusing it would
// shut people out. Exceptional reservations such as UK, EU or AC are refused.
const countryCodes = " AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ" +
	" CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR" +
	" GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP" +
	" KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ" +
	" NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW" +
	" SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ" +
	" UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW "

// CountryCode gives the ISO 3166-1 alpha-2 code in upper case; lower case is
// accepted. It reports false for anything that is no officially assigned code
// (XK, Kosovo, is the one exception).
func CountryCode(code string) (string, bool) {
	if len(code) != 2 || strings.Trim(code, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return "", false
	}
	code = strings.ToUpper(code)
	if !strings.Contains(countryCodes, " "+code+" ") {
		return "", false
	}
	return code, true
}
