package document

import (
	"strings"
	"time"
)

// birthDate reads YYMMDD as a date that is not after today. A date whose day
// or month is unknown (fillers, as Doc 9303 allows) gives "" and is possible.
// Nobody older than a hundred years can be told from a child by two digits.
func birthDate(yymmdd string, now time.Time) (string, bool) {
	if strings.Contains(yymmdd, "<") {
		return "", unknownDate(yymmdd)
	}
	for _, century := range []int{now.Year() / 100 * 100, now.Year()/100*100 - 100} {
		if t, ok := civil(century, yymmdd); ok && !t.After(now) {
			return t.Format(time.DateOnly), true
		}
	}
	return "", false
}

// expiryDate reads YYMMDD as the date nearest to today, at most 50 years
// away.
func expiryDate(yymmdd string, now time.Time) (string, bool) {
	if strings.Contains(yymmdd, "<") {
		return "", unknownDate(yymmdd)
	}
	base := now.Year() / 100 * 100
	for _, century := range []int{base, base - 100, base + 100} {
		t, ok := civil(century, yymmdd)
		if ok && t.Year() >= now.Year()-50 && t.Year() < now.Year()+50 {
			return t.Format(time.DateOnly), true
		}
	}
	return "", false
}

// civil makes a date of a century and six digits, refusing days that do not
// exist.
func civil(century int, yymmdd string) (time.Time, bool) {
	var n [3]int
	if len(yymmdd) != 6 {
		return time.Time{}, false
	}
	for i := range 6 {
		if yymmdd[i] < '0' || yymmdd[i] > '9' {
			return time.Time{}, false
		}
		n[i/2] = n[i/2]*10 + int(yymmdd[i]-'0')
	}
	t := time.Date(century+n[0], time.Month(n[1]), n[2], 0, 0, 0, 0, time.UTC)
	if t.Month() != time.Month(n[1]) || t.Day() != n[2] {
		return time.Time{}, false
	}
	return t, true
}

// unknownDate accepts fillers for whole parts only: YYMM<<, YY<<<<, <<<<<<.
func unknownDate(s string) bool {
	if len(s) != 6 {
		return false
	}
	for i := 0; i < 6; i += 2 {
		part := s[i : i+2]
		if part != "<<" && (part[0] < '0' || part[0] > '9' || part[1] < '0' || part[1] > '9') {
			return false
		}
	}
	return true
}
