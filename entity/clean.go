package entity

import (
	"encoding/json"
	"fmt"
	"net/mail"
	"reflect"
	"strings"
	"time"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"bonafide/kyc"
)

// Limits of what is kept about a person.
const (
	maxElements   = 100 // of each list
	maxEmail      = 254 // RFC 5321
	maxPhone      = 64
	maxAttributes = 64 << 10 // bytes of JSON
	maxDepth      = 32
	firstYear     = 1850
)

// The closed lists of api.md 5.10.
func genders() []string   { return []string{"MALE", "FEMALE", "NON_BINARY", "OTHER", "UNSPECIFIED"} }
func nameTypes() []string { return []string{"OTHER", "ALIAS", "PREVIOUS"} }
func addressTypes() []string {
	return []string{"RESIDENTIAL_ADDRESS", "POSTAL_ADDRESS", "PLACE_OF_BIRTH", "OTHER"}
}
func addressStates() []string { return []string{"CURRENT", "PREVIOUS", "FUTURE"} }
func phoneTypes() []string    { return []string{"MOBILE", "HOME", "WORK", "OTHER"} }
func consentTypes() []string {
	return []string{"GENERAL", "DOCS", "CREDITHEADER", "UNDER18", "PAYROLL", "INSURANCE", "SUPERANNUATION"}
}

// gregorian is the calendar of a date of birth unless the customer names
// another one.
const gregorian = "GREGORIAN"

// wash trims every text below v, brings it into NFC and checks it. IDs and the
// customer's own attributes are left alone. path is v's JSON Pointer.
func (p *problems) wash(v reflect.Value, path string) {
	switch v.Kind() {
	case reflect.String:
		if v.Type() != reflect.TypeFor[string]() {
			return
		}
		s := norm.NFC.String(strings.TrimSpace(v.String()))
		p.text(path, s, maxText)
		v.SetString(s)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			p.wash(v.Field(i), path+"/"+member(v.Type().Field(i)))
		}
	case reflect.Slice:
		for i := range v.Len() {
			p.wash(v.Index(i), fmt.Sprintf("%s/%d", path, i))
		}
	}
}

// member is the name of a field in JSON.
func member(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// country checks an ISO 3166-1 alpha-2 code in upper case; empty is allowed.
func (p *problems) country(path, code string) {
	if code != "" && !isCountry(code) {
		p.add(path, "country_invalid", "use an ISO 3166-1 alpha-2 country")
	}
}

func isCountry(code string) bool {
	if len(code) != 2 || strings.ToUpper(code) != code {
		return false
	}
	r, err := language.ParseRegion(code)
	return err == nil && r.IsCountry() && r.String() == code && r.Canonicalize() == r
}

// name checks one name. Which parts it needs, the caller says. A part that no
// list could be asked about (marks, signs, invisible characters alone) is none.
func (p *problems) name(path string, n *kyc.PersonName) {
	for _, part := range []struct{ at, text string }{{"given", n.Given}, {"middle", n.Middle}, {"family", n.Family}, {"other", n.Other}, {"display", n.Display}} {
		if _, readable := kyc.ListName.Normal(part.text); part.text != "" && !readable {
			p.add(path+"/"+part.at, "name_invalid", "a name has at least one letter")
		}
	}
	if n.Language != "" {
		if _, err := language.Parse(n.Language); err != nil {
			p.add(path+"/language", "language_invalid", "use a BCP 47 language tag such as en or zh-Hant")
		}
	}
}

// alternateName checks a further name.
func (p *problems) alternateName(path string, n *kyc.PersonName) {
	p.name(path, n)
	p.oneOf(path+"/type", n.Type, nameTypes())
	if n.Type == "" {
		n.Type = "OTHER"
	}
	if n.Given+n.Middle+n.Family+n.Other+n.Display == "" {
		p.add(path+"/family", "required", "a name needs at least one of its parts")
	}
}

// birthDate checks a date and fills what follows from its parts. Of a calendar
// other than the Gregorian only the ranges are checked, and nothing follows.
func (p *problems) birthDate(path string, d *kyc.BirthDate, now time.Time) {
	d.Normalized = ""
	if d.Type == "" {
		d.Type = gregorian
	}
	if d.Year == 0 && d.Month == 0 && d.Day == 0 {
		if d.Unstructured == "" {
			p.add(path+"/year", "required", "a date needs at least a year")
			return
		}
		if !parts(d) {
			return // words that only a person can read
		}
	}
	before := len(*p)
	months, days := 12, 31
	if d.Type != gregorian {
		months, days = 13, 32
	}
	if d.Month < 0 || d.Month > months {
		p.add(path+"/month", "month_invalid", "a month is 1 to %d", months)
	}
	if d.Day < 0 || d.Day > days {
		p.add(path+"/day", "day_invalid", "a day is 1 to %d", days)
	}
	if d.Day != 0 && d.Month == 0 {
		p.add(path+"/month", "required", "a day needs its month")
	}
	switch {
	case d.Year == 0:
		p.add(path+"/year", "required", "a date needs at least a year")
	case d.Type != gregorian && (d.Year < 1 || d.Year > 9999):
		p.add(path+"/year", "year_invalid", "a year is 1 to 9999")
	case d.Type == gregorian && (d.Year < firstYear || d.Year > now.Year()):
		p.add(path+"/year", "year_invalid", "a year of birth is %d to %d", firstYear, now.Year())
	}
	if len(*p) > before || d.Type != gregorian {
		return
	}
	day := time.Date(d.Year, time.Month(max(d.Month, 1)), max(d.Day, 1), 0, 0, 0, 0, time.UTC)
	if d.Day != 0 && day.Day() != d.Day {
		p.add(path+"/day", "date_invalid", "this month of this year has no day %d", d.Day)
		return
	}
	if day.After(now) {
		p.add(path, "date_in_future", "a date of birth cannot lie in the future")
		return
	}
	switch {
	case d.Day != 0:
		d.Normalized = day.Format(time.DateOnly)
	case d.Month != 0:
		d.Normalized = day.Format("2006-01")
	default:
		d.Normalized = day.Format("2006")
	}
}

// parts reads a date that was written in one piece, as ISO 8601 writes it.
func parts(d *kyc.BirthDate) bool {
	for _, layout := range []string{time.DateOnly, "2006-01", "2006"} {
		t, err := time.Parse(layout, d.Unstructured)
		if err != nil {
			continue
		}
		d.Year = t.Year()
		if layout != "2006" {
			d.Month = int(t.Month())
		}
		if layout == time.DateOnly {
			d.Day = t.Day()
		}
		return true
	}
	return false
}

// address checks one address and fills its defaults.
func (p *problems) address(path string, a *kyc.PostalAddress) {
	p.oneOf(path+"/type", a.Type, addressTypes())
	p.oneOf(path+"/status", a.Status, addressStates())
	p.country(path+"/country", a.Country)
	bare := *a
	bare.ID, bare.Type, bare.Status = "", "", ""
	if bare == (kyc.PostalAddress{}) {
		p.add(path, "required", "an address needs at least one of its parts")
	}
	if a.Type == "" {
		a.Type = "OTHER"
	}
	if a.Status == "" {
		a.Status = "CURRENT"
	}
}

// phone brings a number into E.164 where the numbering plans know it, read in
// the region where it has no country code. A number that they do not know is
// kept as it was given, if it looks like one at all.
func (p *problems) phone(path string, n *kyc.PhoneNumber, region string) {
	p.oneOf(path+"/type", n.Type, phoneTypes())
	if n.Type == "" {
		n.Type = "OTHER"
	}
	given := n.Number
	n.Original = ""
	if given == "" {
		p.add(path+"/number", "required", "a telephone number is needed")
		return
	}
	digits := strings.Count(strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return '0'
		}
		return -1
	}, given), "0")
	if len(given) > maxPhone || digits < 5 || strings.Trim(given, "+0123456789 -.()/\u00a0\u2010\u2011") != "" || strings.LastIndexByte(given, '+') > 0 {
		p.add(path+"/number", "phone_invalid", "a number has at least five digits, one + in front, and spaces, hyphens, dots, slashes or brackets between")
		return
	}
	number, err := phonenumbers.Parse(given, region)
	if err != nil || !phonenumbers.IsValidNumber(number) {
		return
	}
	if n.Number = phonenumbers.Format(number, phonenumbers.E164); n.Number != given {
		n.Original = given
	}
}

// email checks a mail address.
func (p *problems) email(path string, e *kyc.EmailAddress) {
	if e.Address == "" {
		p.add(path+"/address", "required", "a mail address is needed")
		return
	}
	a, err := mail.ParseAddress(e.Address)
	if err != nil || a.Address != e.Address || len(e.Address) > maxEmail {
		p.add(path+"/address", "email_invalid", "this is no e-mail address")
	}
}

// consent checks one consent; one that names no time was given now.
func (p *problems) consent(path string, c *kyc.EntityConsent, now time.Time) {
	if c.Type == "" {
		p.add(path+"/type", "required", "say what the consent is for")
	}
	p.oneOf(path+"/type", c.Type, consentTypes())
	if c.GivenAt.IsZero() {
		c.GivenAt = now
	}
	if c.GivenAt.After(now) {
		p.add(path+"/given_at", "date_in_future", "a consent cannot be given in the future")
	}
	if !c.WithdrawnAt.IsZero() && (c.WithdrawnAt.Before(c.GivenAt) || c.WithdrawnAt.After(now)) {
		p.add(path+"/withdrawn_at", "date_invalid", "a consent is withdrawn after it was given, and not in the future")
	}
}

// reference checks one external reference.
func (p *problems) reference(path string, r *kyc.EntityReference) {
	if r.Name == "" {
		p.add(path+"/name", "required", "a reference needs a name")
	}
	if r.Value == "" {
		p.add(path+"/value", "required", "a reference needs a value")
	}
}

// custom checks a map of the customer's own.
func (p *problems) custom(path string, all map[string]any) {
	raw, err := json.Marshal(all)
	switch {
	case err != nil:
		p.add(path, "attributes_invalid", "this cannot be written as JSON")
	case len(raw) > maxAttributes:
		p.add(path, "too_long", "at most %d bytes of JSON in all", maxAttributes)
	case depth(all) > maxDepth:
		p.add(path, "too_deep", "at most %d levels", maxDepth)
	}
}

// depth is how deep a JSON value nests; a value that is no container has 0.
func depth(v any) int {
	deepest := 0
	switch v := v.(type) {
	case map[string]any:
		for _, x := range v {
			deepest = max(deepest, depth(x))
		}
	case []any:
		for _, x := range v {
			deepest = max(deepest, depth(x))
		}
	default:
		return 0
	}
	return deepest + 1
}
