package kyc

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // a small container has no time zones of its own
)

// OpeningHours are when a queue of reviews is worked. Hours that a case may wait
// count within them alone.
type OpeningHours struct {
	Zone string     `json:"zone"` // IANA time zone, such as Europe/Berlin
	Open []OpenSpan `json:"open"`
	// Closed are days on which nobody works, YYYY-MM-DD in the zone.
	Closed []string `json:"closed,omitempty"`
}

// OpenSpan is a time of one weekday; To is 24:00 at the latest.
type OpenSpan struct {
	Day  string `json:"day"`  // mon, tue, wed, thu, fri, sat, sun
	From string `json:"from"` // HH:MM
	To   string `json:"to"`
}

// Bounds of opening hours.
const (
	maxSpans  = 50
	maxClosed = 400
	// furthest is how far ahead working time is looked for: ten years.
	furthest = 3660
)

// weekdays are the days of a week in the order of time.Weekday.
func weekdays() []string { return []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} }

// minutes of a day, 0 to 1440, written HH:MM.
func minutes(text string) (int, bool) {
	hour, minute, ok := strings.Cut(text, ":")
	h, err1 := strconv.Atoi(hour)
	m, err2 := strconv.Atoi(minute)
	if !ok || len(hour) != 2 || len(minute) != 2 || err1 != nil || err2 != nil || h < 0 || m < 0 || m > 59 || h*60+m > 24*60 {
		return 0, false
	}
	return h*60 + m, true
}

// After is the moment at which so much open time has passed since start; with no
// time at all, the next open moment. Hours that cannot be read count as always
// open, and so does time more than ten years ahead: a case is due too early rather
// than too late.
func (o *OpeningHours) After(start time.Time, work time.Duration) time.Time {
	zone, err := time.LoadLocation(o.Zone)
	if err != nil {
		return start.Add(work)
	}
	left := work
	y, m, d := start.In(zone).Date()
	for i := range furthest {
		noon := time.Date(y, m, d+i, 12, 0, 0, 0, zone)
		if slices.Contains(o.Closed, noon.Format(time.DateOnly)) {
			continue
		}
		for _, span := range o.on(noon.Weekday()) {
			from := time.Date(y, m, d+i, 0, span[0], 0, 0, zone)
			to := time.Date(y, m, d+i, 0, span[1], 0, 0, zone)
			if from.Before(start) {
				from = start
			}
			open := to.Sub(from)
			switch {
			case open <= 0: // over, or in an hour that the clocks left out
			case open >= left:
				return from.Add(left).In(start.Location())
			default:
				left -= open
			}
		}
	}
	return start.Add(work)
}

// on are the spans of a weekday in minutes, the earliest first.
func (o *OpeningHours) on(day time.Weekday) [][2]int {
	var out [][2]int
	for _, s := range o.Open {
		from, ok1 := minutes(s.From)
		to, ok2 := minutes(s.To)
		if ok1 && ok2 && s.Day == weekdays()[day] {
			out = append(out, [2]int{from, to})
		}
	}
	slices.SortFunc(out, func(a, b [2]int) int { return a[0] - b[0] })
	return out
}

// Problems are what keeps the hours from being used.
func (o *OpeningHours) Problems(at string) []Problem {
	var out []Problem
	if _, err := time.LoadLocation(o.Zone); err != nil || o.Zone == "" || o.Zone == "Local" {
		out = append(out, Problem{Path: at + "/zone", Code: "unknown_zone", Message: "there is no such time zone; write it as Europe/Berlin"})
	}
	if len(o.Open) == 0 || len(o.Open) > maxSpans {
		out = append(out, Problem{Path: at + "/open", Code: "required", Message: fmt.Sprintf("1 to %d times of a day at which somebody works", maxSpans)})
	}
	for i, s := range o.Open {
		here := at + "/open/" + strconv.Itoa(i)
		if !slices.Contains(weekdays(), s.Day) {
			out = append(out, Problem{Path: here + "/day", Code: "not_allowed_value", Message: "allowed: mon, tue, wed, thu, fri, sat, sun"})
		}
		from, ok1 := minutes(s.From)
		if !ok1 {
			out = append(out, Problem{Path: here + "/from", Code: "format_invalid", Message: "a time is written HH:MM"})
		}
		to, ok2 := minutes(s.To)
		if !ok2 {
			out = append(out, Problem{Path: here + "/to", Code: "format_invalid", Message: "a time is written HH:MM, 24:00 at the latest"})
		}
		if ok1 && ok2 && from >= to {
			out = append(out, Problem{Path: here + "/to", Code: "out_of_range", Message: "the end is after the beginning, on the same day"})
		}
		for _, other := range o.Open[:i] {
			of, okf := minutes(other.From)
			ot, okt := minutes(other.To)
			if ok1 && ok2 && okf && okt && other.Day == s.Day && from < ot && of < to {
				out = append(out, Problem{Path: here, Code: "overlap", Message: "the time overlaps another one of that day"})
				break
			}
		}
	}
	if len(o.Closed) > maxClosed {
		out = append(out, Problem{Path: at + "/closed", Code: "too_many", Message: fmt.Sprintf("at most %d days", maxClosed)})
	}
	for i, day := range o.Closed {
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			out = append(out, Problem{Path: at + "/closed/" + strconv.Itoa(i), Code: "format_invalid", Message: "a day is written YYYY-MM-DD"})
		}
	}
	return out
}
