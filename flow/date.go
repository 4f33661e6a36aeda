package flow

import "time"

// dateOf reads an ISO 8601 calendar date (YYYY-MM-DD, taken as midnight UTC)
// or an RFC 3339 time.
func dateOf(s string) (time.Time, bool) {
	// The shape is looked at first: most text is no date, and time.Parse is
	// slow in saying so.
	if len(s) < 10 || s[4] != '-' || s[7] != '-' {
		return time.Time{}, false
	}
	layout := time.RFC3339Nano
	if len(s) == 10 {
		layout = time.DateOnly
	}
	t, err := time.Parse(layout, s)
	return t, err == nil
}
