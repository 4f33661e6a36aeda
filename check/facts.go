package check

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"bonafide/kyc"
)

// person is what one source says about the applicant. Empty means unknown.
type person struct {
	first, last, full string
	born              string // YYYY-MM-DD when readable
	number            string // of the document
	personal          string // national number
	nationality       string
	issuer            string // country that issued the document
	sex               string
	email, phone      string
	street, city      string
	postcode, country string
}

// Names that forms, prefills and entities use for the same thing; compared
// without case, blanks and punctuation.
var aliases = map[string][]string{
	"first":       {"firstname", "givenname", "givennames", "forename", "namefirst", "first", "given"},
	"last":        {"lastname", "familyname", "surname", "namelast", "last", "family"},
	"full":        {"fullname", "name", "legalname", "displayname", "applicantname", "customername", "full"},
	"born":        {"dateofbirth", "birthdate", "dob", "birthday"},
	"number":      {"documentnumber", "idnumber", "passportnumber", "docnumber"},
	"personal":    {"personalnumber", "nationalid", "nationalidnumber", "ssn", "taxid", "governmentid", "governmentidnumber"},
	"nationality": {"nationality", "citizenship"},
	"issuer":      {"issuingcountry", "documentcountry", "issuer"},
	"sex":         {"sex", "gender"},
	"email":       {"email", "emailaddress", "mail"},
	"phone":       {"phone", "phonenumber", "mobile", "mobilephone", "telephone", "tel"},
	"street":      {"street", "addressline1", "line1", "streetaddress", "address1", "street1"},
	"city":        {"city", "town", "locality"},
	"postcode":    {"postalcode", "postcode", "zip", "zipcode"},
	"country":     {"country", "countrycode", "addresscountry", "countryofresidence"},
	"address":     {"address", "fulladdress", "residentialaddress"},
	"ip":          {"ipaddress", "ip", "clientip", "remoteip"},
	"latitude":    {"latitude", "lat"},
	"longitude":   {"longitude", "lng", "lon", "long"},
	"browser":     {"browserfingerprint", "browserid"},
	"device":      {"devicefingerprint", "deviceid", "device"},
}

// groups are objects that hold such names one level deeper.
var groups = []string{"userinfo", "name", "fullname", "legalname", "person", "individual", "applicant", "entity", "customer", "user", "address", "birth", "document", "contact", "geolocation", "location", "device"}

// facts looks values up in nested maps from outside. It is read once and
// then asked by name: levels hold, from the outside in, the texts of one map
// under their plain keys.
type facts struct{ levels []map[string]string }

// maxLevels bounds how many nested maps are looked into.
const maxLevels = 32

func factsOf(m map[string]any) facts {
	var f facts
	f.add(m, 0)
	return f
}

func (f *facts) add(m map[string]any, depth int) {
	if len(m) == 0 || len(f.levels) >= maxLevels {
		return
	}
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys) // a map has no order; the answer must have one
	level := make(map[string]string, len(m))
	var inner map[string]map[string]any
	for _, k := range keys {
		switch v := m[k].(type) {
		case map[string]any:
			name := plain(k)
			if _, twice := inner[name]; !twice && depth < 3 {
				if inner == nil {
					inner = map[string]map[string]any{}
				}
				inner[name] = v
			}
		default:
			if s := asText(v); s != "" {
				if name := plain(k); level[name] == "" {
					level[name] = s
				}
			}
		}
	}
	f.levels = append(f.levels, level)
	if inner != nil {
		for _, g := range groups {
			f.add(inner[g], depth+1)
		}
	}
}

// plain is a key without case, blanks and punctuation.
func plain(key string) string {
	tidy := true
	for i := range len(key) {
		c := key[i]
		tidy = tidy && (c >= 'a' && c <= 'z' || c >= '0' && c <= '9')
	}
	if tidy {
		return key
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, key)
}

// text finds the first text under any alias of the name, on the outermost
// level that has one.
func (f facts) text(name string) string { return f.find(aliases[name]...) }

// find does the same for plain keys.
func (f facts) find(names ...string) string {
	for _, level := range f.levels {
		for _, n := range names {
			if s := level[n]; s != "" {
				return s
			}
		}
	}
	return ""
}

func asText(v any) string {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(v)
	case json.Number:
		return v.String()
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case int:
		return strconv.Itoa(v)
	case int64:
		return strconv.FormatInt(v, 10)
	}
	return ""
}

func asNumber(s string) (float64, bool) {
	v, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	return v, err == nil && v == v && v-v == 0 // neither NaN nor infinite
}

// who collects what one source says. The full name is split where only it is
// given: the last word is the family name.
func who(f facts) person {
	p := person{
		first: f.text("first"), last: f.text("last"), full: f.text("full"),
		born: f.text("born"), number: f.text("number"), personal: f.text("personal"),
		nationality: strings.ToUpper(f.text("nationality")), issuer: strings.ToUpper(f.text("issuer")),
		sex: strings.ToUpper(f.text("sex")), email: f.text("email"), phone: f.text("phone"),
		street: f.text("street"), city: f.text("city"), postcode: f.text("postcode"), country: strings.ToUpper(f.text("country")),
	}
	if p.street == "" {
		p.street = f.text("address")
	}
	if d, ok := parseDate(p.born); ok {
		p.born = d.Format("2006-01-02")
	}
	words := strings.Fields(p.full)
	if p.last == "" && len(words) > 0 {
		p.last = words[len(words)-1]
		if p.first == "" {
			p.first = strings.Join(words[:len(words)-1], " ")
		}
	}
	return p
}

// name is the whole name, first names first; empty when nothing is known.
func (p person) name() string {
	if p.full != "" && p.first == "" {
		return p.full
	}
	return strings.TrimSpace(p.first + " " + p.last)
}

// onPaper, onForm and onRecord are the applicant as read from the document,
// as typed or prefilled, and as the customer's metadata says.
func onPaper(r kyc.CheckRequest) person  { return who(factsOf(r.Extracted)) }
func onForm(r kyc.CheckRequest) person   { return who(factsOf(r.Fields)) }
func onRecord(r kyc.CheckRequest) person { return who(factsOf(r.Metadata)) }

// contact finds something that documents do not carry: in the form, then in
// the metadata.
func contact(r kyc.CheckRequest, name string) string {
	if s := factsOf(r.Fields).text(name); s != "" {
		return s
	}
	return factsOf(r.Metadata).text(name)
}

// first gives the first non-empty text.
func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// distinct keeps the first of each non-empty value.
func distinct(values ...string) []string {
	var out []string
	for _, v := range values {
		if v = strings.TrimSpace(v); v != "" && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// current gives the uploads of the kinds that are in force.
func current(all []kyc.Upload, kinds ...string) []kyc.Upload {
	var out []kyc.Upload
	for _, kind := range kinds {
		for _, u := range all {
			if u.Kind == kind && !u.Superseded && u.RedactedAt.IsZero() {
				out = append(out, u)
			}
		}
	}
	return out
}
