package field

import (
	"strings"
	"time"
)

type dateKind struct{}

func (dateKind) spec() TypeSpec {
	return TypeSpec{
		Name: "date", Category: "basic",
		Summary: "A day of the Gregorian calendar.",
		Stored:  "YYYY-MM-DD",
		Options: []OptionSpec{
			opt("min_date", "string", nil, "earliest day allowed, YYYY-MM-DD or the word today"),
			opt("max_date", "string", nil, "latest day allowed, YYYY-MM-DD or the word today"),
			opt("min_age_years", "integer", nil, "completed years since that day, at least; somebody born on 29 February completes a year on 1 March where there is no 29th"),
			opt("max_age_years", "integer", nil, "completed years since that day, at most"),
		},
		Rules: plainRules(),
	}
}

func (dateKind) define(d *definer, f *Field, at string) {
	for _, one := range []struct{ name, v string }{{"min_date", f.MinDate}, {"max_date", f.MaxDate}} {
		if one.v != "" && one.v != "today" && !isDate(one.v) {
			d.add(pointer(at, one.name), "date_invalid", "%s is a day YYYY-MM-DD or the word today", one.name)
		}
	}
	if isDate(f.MinDate) && isDate(f.MaxDate) && f.MinDate > f.MaxDate {
		d.add(pointer(at, "min_date"), "range_invalid", "min_date is after max_date")
	}
	d.span(at, "min_age_years", f.MinAgeYears, "max_age_years", f.MaxAgeYears, 0, 150)
}

func (dateKind) read(c *call, f *Field, at string, v any) (any, bool) {
	text, ok := v.(string)
	if !ok {
		c.add(at, "wrong_type", "a date is a text YYYY-MM-DD")
		return nil, false
	}
	text = strings.TrimSpace(text)
	if !isDate(text) {
		c.add(at, "date_invalid", "this is no day of the calendar in the form YYYY-MM-DD")
		return nil, false
	}
	before := len(c.problems)
	now := c.env.Now
	known := func(limit string) bool { return limit != "" && (limit != "today" || !now.IsZero()) }
	if known(f.MinDate) && text < dayOf(f.MinDate, now) {
		c.add(at, "date_too_early", "the earliest day allowed is %s", dayOf(f.MinDate, now))
	}
	if known(f.MaxDate) && text > dayOf(f.MaxDate, now) {
		c.add(at, "date_too_late", "the latest day allowed is %s", dayOf(f.MaxDate, now))
	}
	if now.IsZero() || f.MinAgeYears == nil && f.MaxAgeYears == nil {
		return text, len(c.problems) == before
	}
	age := ageAt(text, now)
	switch {
	case text > dayOf("today", now):
		c.add(at, "date_in_future", "the day is in the future")
	case f.MinAgeYears != nil && age < *f.MinAgeYears:
		c.add(at, "age_too_low", "at least %d completed years are needed", *f.MinAgeYears)
	case f.MaxAgeYears != nil && age > *f.MaxAgeYears:
		c.add(at, "age_too_high", "at most %d completed years are allowed", *f.MaxAgeYears)
	}
	return text, len(c.problems) == before
}

// isDate reports whether the text is a real day written YYYY-MM-DD. Days
// written so sort as text.
func isDate(s string) bool {
	if len(s) != 10 || s < "0001" {
		return false
	}
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// dayOf resolves the word today, in UTC.
func dayOf(s string, now time.Time) string {
	if s == "today" {
		return now.UTC().Format(time.DateOnly)
	}
	return s
}

// ageAt counts the years completed between a day and now. Without a 29
// February in the year, a year counts as completed on 1 March: a day late
// rather than a day early.
func ageAt(day string, now time.Time) int {
	born, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return 0
	}
	now = now.UTC()
	age := now.Year() - born.Year()
	if now.Month() < born.Month() || now.Month() == born.Month() && now.Day() < born.Day() {
		age--
	}
	return age
}
