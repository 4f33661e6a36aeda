package check

import (
	"strings"
	"time"
)

// parseDate reads YYYY-MM-DD, also with a time after it. Impossible dates
// (30 February) are refused.
func parseDate(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	if len(s) > 10 && (s[10] == 'T' || s[10] == ' ') {
		s = s[:10]
	}
	d, err := time.Parse(time.DateOnly, s)
	return d, err == nil
}

// today cuts a time to its UTC day.
func today(now time.Time) time.Time {
	y, m, d := now.UTC().Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// ageOn is the number of birthdays up to and including a day. Who was born on
// 29 February has the birthday on 1 March in common years: the stricter
// reading, because a minor is never counted as grown up a day early.
func ageOn(born, day time.Time) int {
	years := day.Year() - born.Year()
	if day.Month() < born.Month() || day.Month() == born.Month() && day.Day() < born.Day() {
		years--
	}
	return years
}
