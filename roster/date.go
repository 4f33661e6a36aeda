package roster

import (
	"strconv"
	"strings"
	"time"
)

// Span is a date of birth as lists give it: a day, a month, a year, a range
// of years, or "about". From and To are inclusive days as yyyymmdd; a
// plain year 1962 is 19620101-19621231. Circa widens a comparison.
type Span struct {
	From  int32 `json:"f"`
	To    int32 `json:"u"`
	Circa bool  `json:"c,omitempty"`
}

// exact reports whether the span is one single day.
func (s Span) Exact() bool { return s.From == s.To }

func (s Span) String() string {
	if s.Exact() {
		return dayString(s.From)
	}
	fy, ty := s.From/10000, s.To/10000
	if fy == ty && s.From/100 == s.To/100 {
		return dayString(s.From)[:7]
	}
	out := strconv.Itoa(int(fy))
	if fy != ty {
		out += "-" + strconv.Itoa(int(ty))
	}
	if s.Circa {
		out = "about " + out
	}
	return out
}

func dayString(d int32) string {
	return time.Date(int(d/10000), time.Month(d/100%100), int(d%100), 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
}

func daySpan(y, m, d int) (Span, bool) {
	if !yearOK(y) || m < 1 || m > 12 || d < 1 || d > daysIn(y, m) {
		return Span{}, false
	}
	n := int32(y*10000 + m*100 + d)
	return Span{From: n, To: n}, true
}

func monthSpan(y, m int) (Span, bool) {
	if !yearOK(y) || m < 1 || m > 12 {
		return Span{}, false
	}
	return Span{From: int32(y*10000 + m*100 + 1), To: int32(y*10000 + m*100 + daysIn(y, m))}, true
}

func yearSpan(from, to int) (Span, bool) {
	if !yearOK(from) || !yearOK(to) || to < from {
		return Span{}, false
	}
	return Span{From: int32(from*10000 + 101), To: int32(to*10000 + 1231)}, true
}

func yearOK(y int) bool { return y >= 1800 && y <= 2200 }

func daysIn(y, m int) int {
	return time.Date(y, time.Month(m)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

var monthNames = []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}

func monthNumber(s string) int {
	if len(s) >= 3 {
		s = strings.ToLower(s[:3])
		for i, m := range monthNames {
			if s == m {
				return i + 1
			}
		}
	}
	return 0
}

// ParseSpan reads the date forms that the lists use: 1962, 1962-03,
// 1962-03-19, 19620319, 19 Mar 1962, Mar 1962, 19/03/1962, 00/00/1962 and
// dd/mm/1962 (day first; month first where only that is a date),
// "circa 1962", "1958 to 1963", "between 1958 and 1963".
func ParseSpan(text string) (Span, bool) {
	s := strings.ToLower(strings.TrimSpace(text))
	if s == "" || len(s) > 60 {
		return Span{}, false
	}
	circa := false
	for _, p := range []string{"approximately", "approx.", "approx", "circa", "about", "late", "early", "mid", "ca.", "c."} {
		if rest, ok := strings.CutPrefix(s, p); ok {
			s, circa = strings.TrimLeft(rest, " .-"), true
			break
		}
	}
	for _, sep := range []string{" to ", " and ", " - "} {
		a, b, ok := strings.Cut(strings.TrimPrefix(s, "between "), sep)
		if !ok {
			continue
		}
		x, okx := ParseSpan(a)
		y, oky := ParseSpan(b)
		if okx && oky && x.From <= y.To {
			return Span{From: x.From, To: y.To, Circa: circa}, true
		}
		return Span{}, false
	}
	out, ok := parsePoint(s)
	out.Circa = out.Circa || circa
	return out, ok
}

// parsePoint reads one date without words around it.
func parsePoint(s string) (Span, bool) {
	if i := strings.IndexAny(s, "t;("); i > 7 { // 1965-12-12T00:00:00, remarks in brackets
		s = strings.TrimSpace(s[:i])
	}
	parts := strings.FieldsFunc(s, func(r rune) bool {
		return r == '-' || r == '/' || r == '.' || r == ' ' || r == ','
	})
	nums := make([]int, len(parts))
	for i, p := range parts {
		switch p {
		case "dd", "mm", "xx", "??": // not known
			continue
		}
		if m := monthNumber(p); m > 0 {
			nums[i] = -m
			continue
		}
		n, err := strconv.Atoi(p)
		if err != nil || n < 0 {
			return Span{}, false
		}
		nums[i] = n
	}
	switch len(nums) {
	case 1:
		if len(parts[0]) == 8 { // 19620319
			return daySpan(nums[0]/10000, nums[0]/100%100, nums[0]%100)
		}
		return yearSpan(nums[0], nums[0])
	case 2:
		switch {
		case nums[0] < 0: // Mar 1962
			return monthSpan(nums[1], -nums[0])
		case nums[0] > 31 && nums[1] > 31: // 1958-1963
			return yearSpan(nums[0], nums[1])
		case nums[0] > 31: // 1962-03
			return monthSpan(nums[0], nums[1])
		}
		return monthSpan(nums[1], nums[0]) // 03/1962
	case 3:
		y, m, d := nums[0], nums[1], nums[2]
		if y <= 12 && y > 0 && m > 12 && m <= 31 && d > 31 {
			nums[0], nums[1], y, m = m, y, m, y // 03/19/1962: no month has that number
		}
		switch {
		case m < 0: // 19 Mar 1962
			y, m, d = nums[2], -nums[1], nums[0]
		case y < 0: // Mar 19, 1962
			y, m, d = nums[2], -nums[0], nums[1]
		case y <= 31: // 19/03/1962
			y, d = nums[2], nums[0]
		}
		if m == 0 {
			return yearSpan(y, y)
		}
		if d == 0 {
			return monthSpan(y, m)
		}
		return daySpan(y, m, d)
	}
	return Span{}, false
}

// gap is how far two spans are apart in days; zero when they overlap.
func (s Span) Gap(o Span) int {
	days := func(a, b int32) int {
		return int(toTime(b).Sub(toTime(a)).Hours() / 24)
	}
	switch {
	case s.To < o.From:
		return days(s.To, o.From)
	case o.To < s.From:
		return days(o.To, s.From)
	}
	return 0
}

func toTime(d int32) time.Time {
	return time.Date(int(d/10000), time.Month(d/100%100), int(d%100), 0, 0, 0, 0, time.UTC)
}

// Mistyped reports whether two exact days differ in one digit of the year alone, or
// in two neighbours of it that changed places. By chance two days of the year agree
// once in 365 times.
func (s Span) Mistyped(o Span) bool {
	if !s.Exact() || !o.Exact() || s.From%10000 != o.From%10000 || s.From == o.From {
		return false
	}
	a, b := strconv.Itoa(int(s.From/10000)), strconv.Itoa(int(o.From/10000))
	differ, at := 0, 0
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			differ, at = differ+1, i
		}
	}
	return differ == 1 || differ == 2 && a[at-1] == b[at] && a[at] == b[at-1]
}

// swapped reports whether two exact days are the same with day and month
// exchanged, a common slip between date orders.
func (s Span) Swapped(o Span) bool {
	return s.Exact() && o.Exact() && s.From != o.From && s.From/10000 == o.From/10000 &&
		s.From/100%100 == o.From%100 && s.From%100 == o.From/100%100
}
