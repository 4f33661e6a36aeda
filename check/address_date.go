package check

import (
	"strings"
	"time"

	"bonafide/document"
)

// dateLabels are the words before the date on which a paper was written.
func dateLabels() []string {
	return []string{"date of issue", "issue date", "issued", "bill date", "billing date", "statement date", "invoice date", "date of bill", "date of statement",
		"letter date", "rechnungsdatum", "ausstellungsdatum", "datum", "date de facture", "date d'émission", "fecha de emisión", "fecha de factura", "data emissione", "date"}
}

// issueDate gives the date on which a paper was written: the one behind a
// label, where there is one, and otherwise the newest that does not lie in the
// future. A label with a date in the future (due date) is none.
func issueDate(p document.Print, now time.Time) (time.Time, bool) {
	flat := strings.ToLower(p.Text)
	for _, label := range dateLabels() {
		for at := 0; ; {
			i := strings.Index(flat[at:], label)
			if i < 0 {
				break
			}
			at += i + len(label)
			before := flat[:at-len(label)]
			if strings.HasSuffix(before, "due ") || strings.HasSuffix(before, "birth ") || len(before) > 0 && letters(before[len(before)-1:]) != "" {
				continue
			}
			rest := strings.TrimLeft(flat[at:], " :.\t\n")
			if strings.HasPrefix(rest, "of birth") {
				continue
			}
			// Only what stands right behind the label.
			if d, ok := newestDate(firstWords(rest, 4), now); ok {
				return d, true
			}
		}
	}
	return newestDate(p.Text, now)
}

func firstWords(s string, n int) string {
	w := strings.Fields(s[:min(len(s), 120)])
	return strings.Join(w[:min(len(w), n)], " ")
}

// monthWords are months in the languages of our neighbours, in English.
func monthWords() map[string]string {
	out := map[string]string{}
	for _, names := range []string{
		"januar februar märz april mai juni juli august september oktober november dezember",
		"janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
		"enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
		"gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
		"january february march april may june july august september october november december",
		"jan feb mar apr may jun jul aug sep oct nov dec",
	} {
		for i, name := range strings.Fields(names) {
			out[name] = time.Month(i + 1).String()
		}
	}
	return out
}

// newestDate finds the latest date of a text that does not lie in the future.
// Numbers alone are read day first; where only the month-first reading exists
// (05/23/2026) it is that one.
func newestDate(text string, now time.Time) (time.Time, bool) {
	layouts := []string{"2006-01-02", "2006/01/02", "02.01.2006", "2.1.2006", "02/01/2006", "2/1/2006", "01/02/2006", "1/2/2006", "02-01-2006",
		"2 January 2006", "2 Jan 2006", "January 2 2006", "Jan 2 2006", "2. January 2006"}
	tokens := strings.Fields(strings.NewReplacer(",", " ", ";", " ", "(", " ", ")", " ", ":", " ").Replace(text))
	months := monthWords()
	for i, t := range tokens {
		if english, ok := months[strings.ToLower(strings.TrimSuffix(t, "."))]; ok {
			tokens[i] = english
		}
	}
	var newest time.Time
	found := false
	for i := range tokens {
		for n := 1; n <= 3 && i+n <= len(tokens); n += 2 {
			candidate := strings.TrimRight(strings.Join(tokens[i:i+n], " "), ".")
			if len(candidate) < 8 || len(candidate) > 20 {
				continue
			}
			for _, l := range layouts {
				if d, err := time.Parse(l, candidate); err == nil {
					if !d.After(now) && (!found || d.After(newest)) {
						newest, found = d, true
					}
					break
				}
			}
		}
	}
	return newest, found
}
