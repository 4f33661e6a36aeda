package document

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"bonafide/kyc"
)

// What two parts of a document say of each other.
const (
	Agrees  = "agrees"
	Close   = "close"   // almost the same: one of the two was misread or changed
	Differs = "differs" // both are known, and contradict
	// NotMade: one side could not be read, or does not stand there. It is never
	// to be taken for agreement.
	NotMade = "not_made"
)

// Side is one side of a comparison: where a value came from (mrz, barcode,
// visual) and where it stands, nil where that is not known.
type Side struct {
	Source string      `json:"source"`
	Region *kyc.Region `json:"region,omitempty"`
}

// Comparison is one value that two parts of a document give. The values
// themselves are in the fields.
type Comparison struct {
	What    string `json:"what"` // name, document_number, date_of_birth, expiry_date, last_name, sex, issuing_country, front
	Verdict string `json:"verdict"`
	A       Side   `json:"a"`
	B       Side   `json:"b"`
}

func (r *Reading) compared(what, verdict string, a, b Side) {
	r.Comparisons = append(r.Comparisons, Comparison{what, verdict, a, b})
}

// printedDate is a date that should be printed, and the finding where one
// nearly like it is.
type printedDate struct {
	what, value, finding string
	at                   *kyc.Region
}

// seenDate is a date as it was printed.
type seenDate struct {
	day    time.Time
	region *kyc.Region
}

// compareDates looks for dates of the machine-readable side, source, in the
// print. It is confirmed where the date stands there. Where it does not, and a
// date that was surely read differs from it in nothing but the day, the month
// or one digit of the year, print and source contradict each other. known are
// all dates the source gives: one that is another of them is no contradiction.
func (v visual) compareDates(reading *Reading, source string, asked []printedDate, known []string) {
	seen := v.dates()
	own := map[string]bool{}
	for _, k := range known {
		own[k] = true
	}
	for _, a := range asked {
		want, err := time.Parse(time.DateOnly, a.value)
		if err != nil {
			continue
		}
		side := Side{Source: source, Region: a.at}
		verdict, where := NotMade, (*kyc.Region)(nil)
		for _, s := range seen {
			if s.day.Equal(want) {
				verdict, where = Agrees, s.region
				break
			}
			if verdict == NotMade && !own[s.day.Format(time.DateOnly)] && nearDate(a.what, want, s.day) {
				verdict, where = Close, s.region
			}
		}
		if verdict == Close {
			reading.Findings = append(reading.Findings, kyc.Reason{Code: a.finding, Severity: warning, Region: first(where, a.at),
				Message: map[string]string{"date_of_birth": "A printed date is almost, but not quite, the date of birth in the ", "expiry_date": "A printed date is almost, but not quite, the expiry date in the "}[a.what] +
					map[string]string{"mrz": "machine-readable zone", "barcode": "barcode"}[source] + "; compare the two."})
		}
		reading.compared(a.what, verdict, side, Side{Source: "visual", Region: where})
	}
}

// nearDate reports whether a printed date can be a changed or miswritten one.
// Documents are issued, and expire, on birthdays and on days of their issue,
// so the same day of another year says nothing of an expiry date, and of a
// birth only within nine years and one digit.
func nearDate(what string, want, seen time.Time) bool {
	sameDay, sameMonth, sameYear := want.Day() == seen.Day(), want.Month() == seen.Month(), want.Year() == seen.Year()
	switch {
	case sameYear && sameMonth != sameDay:
		return true
	case sameDay && sameMonth && what == "date_of_birth":
		a, b := strconv.Itoa(want.Year()), strconv.Itoa(seen.Year())
		digits := 0
		for i := range min(len(a), len(b)) {
			if a[i] != b[i] {
				digits++
			}
		}
		gap := want.Year() - seen.Year()
		return digits == 1 && gap > -10 && gap < 10
	}
	return false
}

var numericDate = regexp.MustCompile(`^([0-9]{1,4})[./-]([0-9]{1,2})[./-]([0-9]{2,4})$`)

// dates gives the dates that were surely read in the print: numbers with
// signs between them (slashes in both orders that are possible), and day, English month,
// year in neighbouring words.
func (v visual) dates() []seenDate {
	var out []seenDate
	add := func(y, m, d int, words ...textLine) {
		day := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
		if y < 1900 || y > 2150 || m < 1 || m > 12 || day.Day() != d || day.Month() != time.Month(m) {
			return
		}
		for _, w := range words {
			if w.confidence < minWordConfidence {
				return
			}
		}
		out = append(out, seenDate{day, v.region(words...)})
	}
	tidy := func(w textLine) string {
		return strings.ToUpper(strings.TrimFunc(w.text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }))
	}
	for i, w := range v.words {
		if m := numericDate.FindStringSubmatch(tidy(w)); m != nil {
			a, _ := strconv.Atoi(m[1])
			b, _ := strconv.Atoi(m[2])
			c, _ := strconv.Atoi(m[3])
			switch {
			case len(m[1]) == 4:
				add(a, b, c, w)
			case len(m[3]) == 4:
				add(c, b, a, w)
				if a != b && strings.Contains(m[0], "/") {
					add(c, a, b, w)
				}
			}
		}
		if i+2 < len(v.words) {
			d, errD := strconv.Atoi(tidy(w))
			y, errY := strconv.Atoi(tidy(v.words[i+2]))
			name := tidy(v.words[i+1])
			if errD != nil || errY != nil || y < 1000 {
				continue
			}
			if m, err := strconv.Atoi(name); err == nil && len(name) == 2 {
				add(y, m, d, w, v.words[i+1], v.words[i+2])
			}
			for n, month := range [12]string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"} {
				if strings.HasPrefix(name, month) {
					add(y, n+1, d, w, v.words[i+1], v.words[i+2])
				}
			}
		}
	}
	return out
}
