package aamva

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// date reads MMDDCCYY (the United States from version 02 on) and CCYYMMDD
// (Canada, version 01 and some states). With years of 1800 to 2199 no eight
// digits can be both, because no month is 18 to 21; so the order is known from
// the digits and need not be believed of the issuer. Signs between the digits
// are passed over.
func date(s string) (time.Time, bool) {
	digits := strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case r == '-', r == '/', r == '.', r == ' ':
			return -1
		}
		return 'x'
	}, s)
	if len(digits) != 8 {
		return time.Time{}, false
	}
	for _, layout := range []string{"01022006", "20060102"} {
		if d, err := time.Parse(layout, digits); err == nil && d.Year() >= 1800 && d.Year() < 2200 {
			return d, true
		}
	}
	return time.Time{}, false
}

var (
	canadian = regexp.MustCompile(`^([A-Z][0-9][A-Z]) ?([0-9][A-Z][0-9])$`)
	// zip is five digits and what follows them.
	zip = regexp.MustCompile(`^([0-9]{5})[- ]*([0-9]*)$`)
)

// postalCode writes a postal code as people do: 12345, 12345-6789, A1A 1A1.
// Codes are padded with blanks and noughts to nine or eleven places; what does
// not look like a code of the country stays as it stands.
func postalCode(s, country string) string {
	s = strings.ToUpper(strings.TrimSpace(s))
	if m := canadian.FindStringSubmatch(s); m != nil {
		return m[1] + " " + m[2]
	}
	m := zip.FindStringSubmatch(s)
	switch {
	case m == nil || country == "CA":
		return s
	case strings.Trim(m[2], "0") == "":
		return m[1]
	case len(m[2]) == 4, len(m[2]) > 4 && strings.Trim(m[2][4:], "0") == "":
		return m[1] + "-" + m[2][:4]
	}
	return s
}

var (
	withUnit = regexp.MustCompile(`^([0-9]{2,3}) ?(IN|CM)$`)
	feet     = regexp.MustCompile(`^([1-8])[' -]*([0-9]{2})["']*$`)
)

// body reads sex, colours, height and weight.
func (l *Licence) body() {
	switch strings.ToUpper(l.value("DBC")) {
	case "1", "M":
		l.Sex = "M"
	case "2", "F":
		l.Sex = "F"
	case "9", "X":
		l.Sex = "X"
	}
	l.Eyes, l.Hair = eyes()[strings.ToUpper(l.value("DAY"))], hair()[strings.ToUpper(l.value("DAZ"))]
	l.HeightCM = height(strings.ToUpper(l.value("DAU")))
	if l.HeightCM == 0 {
		if n, err := strconv.Atoi(l.value("DAV")); err == nil && plausible(n, 50, 260) {
			l.HeightCM = n
		}
	}
	l.WeightKG = weight(strings.ToUpper(l.value("DAW")), strings.ToUpper(l.value("DAX")))
}

// height reads "069 IN", "175 CM" and, of version 01, feet and inches ("509",
// "5'09").
func height(s string) int {
	if m := withUnit.FindStringSubmatch(s); m != nil {
		n, _ := strconv.Atoi(m[1])
		if m[2] == "IN" {
			n = int(math.Round(float64(n) * 2.54))
		}
		if plausible(n, 50, 260) {
			return n
		}
		return 0
	}
	if m := feet.FindStringSubmatch(s); m != nil {
		f, _ := strconv.Atoi(m[1])
		i, _ := strconv.Atoi(m[2])
		if n := int(math.Round(float64(12*f+i) * 2.54)); i < 12 && plausible(n, 50, 260) {
			return n
		}
	}
	return 0
}

// weight reads pounds, kilograms with their unit, and the element of
// kilograms.
func weight(pounds, kilograms string) int {
	text, kilo := strings.CutSuffix(pounds, "KG")
	text, _ = strings.CutSuffix(text, "LB")
	if pounds == "" {
		text, kilo = strings.TrimSuffix(kilograms, "KG"), true
	}
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil {
		return 0
	}
	if !kilo {
		n = int(math.Round(float64(n) * 0.45359237))
	}
	if !plausible(n, 10, 400) {
		return 0
	}
	return n
}

func plausible(n, low, high int) bool { return n >= low && n <= high }
