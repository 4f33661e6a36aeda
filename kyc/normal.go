package kyc

import (
	"net/netip"
	"slices"
	"strings"
	"unicode"
)

// ListTypes are all list types in the order of the documentation.
func ListTypes() []ListType {
	return []ListType{ListName, ListEmail, ListPhone, ListIP, ListGovID, ListCountry, ListGeo, ListBrowser, ListDevice, ListFace, ListString}
}

// BlindKind is the kind under which values of this list type are hashed for
// look-ups (see the store's Blind). Whoever writes list items and whoever
// looks values up must use it together with Normal.
func (t ListType) BlindKind() string { return "list_" + string(t) }

// Normal brings a value into the form that is hashed and compared. It reports
// false when the value is no value of this type. Geolocations and faces are
// compared by distance, not by hash; their normal form is the trimmed text.
//
//   - name: lower case, letters and digits only, words in alphabetical order
//   - email: lower case; a domain item is written "@example.com"
//   - phone: the last ten digits, at least five
//   - ip_address: the canonical address or masked prefix
//   - government_id, device and browser fingerprints: letters and digits, lower case
//   - country: ISO 3166-1 alpha-2, upper case
//   - string: trimmed, lower case, inner white space single
func (t ListType) Normal(v string) (string, bool) {
	v = strings.TrimSpace(v)
	if v == "" {
		return "", false
	}
	switch t {
	case ListName:
		words := strings.FieldsFunc(strings.ToLower(v), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
		slices.Sort(words)
		v = strings.Join(words, " ")
		return v, v != ""
	case ListEmail:
		v = strings.ToLower(v)
		local, domain, found := strings.Cut(v, "@")
		if !found { // a bare domain
			local, domain = "", v
		}
		ok := domain != "" && strings.Contains(domain, ".") && !strings.ContainsAny(domain, "@ ") && !strings.ContainsAny(local, " ")
		return local + "@" + domain, ok
	case ListPhone:
		digits := only(v, func(r rune) bool { return r >= '0' && r <= '9' })
		if len(digits) > 10 {
			digits = digits[len(digits)-10:]
		}
		return digits, len(digits) >= 5
	case ListIP:
		if p, err := netip.ParsePrefix(v); err == nil {
			return p.Masked().String(), true
		}
		a, err := netip.ParseAddr(v)
		if err != nil {
			return "", false
		}
		return a.Unmap().String(), true
	case ListGovID, ListBrowser, ListDevice:
		v = strings.ToLower(only(v, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }))
		return v, v != ""
	case ListCountry:
		v = strings.ToUpper(v)
		return v, len(v) == 2 && v[0] >= 'A' && v[0] <= 'Z' && v[1] >= 'A' && v[1] <= 'Z'
	case ListString:
		return strings.ToLower(strings.Join(strings.Fields(v), " ")), true
	}
	return v, true
}

func only(s string, keep func(rune) bool) string {
	return strings.Map(func(r rune) rune {
		if keep(r) {
			return r
		}
		return -1
	}, s)
}
