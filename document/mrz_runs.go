package document

import (
	"slices"
	"strings"
	"time"
)

// maxCombined bounds how many sheets are put together of the lines of several
// runs.
const maxCombined = 200

// combined looks for a zone that verifies and is plausible in the lines that
// several OCR runs gave: one may have read the first line well and another the
// second. No character is changed, each line is what some run saw. There must
// be exactly one such zone; two, which can only differ where no check digit
// looks, leave everything as it is.
func combined(best candidate, runs []candidate, now time.Time) (candidate, bool) {
	l, ok := layoutOf(best.mrz.Lines)
	if !ok {
		return candidate{}, false
	}
	sheets := [][]string{{}}
	for i := range best.mrz.Lines {
		var seen []string
		for _, r := range runs {
			if r.mrz.Format == best.mrz.Format && !slices.Contains(seen, r.mrz.Lines[i]) {
				seen = append(seen, r.mrz.Lines[i])
			}
		}
		var next [][]string
		for _, s := range sheets {
			for _, line := range seen {
				next = append(next, append(s[:len(s):len(s)], line))
			}
		}
		if sheets = next; len(sheets) > maxCombined {
			return candidate{}, false
		}
	}
	var only candidate
	found := 0
	for _, lines := range sheets {
		m := parse(l, lines, now)
		c := candidate{mrz: m, places: best.places, score: m.score()}
		if !c.good() {
			continue
		}
		if found++; found > 1 {
			return candidate{}, false
		}
		only = c
	}
	if found == 0 {
		return candidate{}, false
	}
	// What was put right in the runs that gave the lines stays on record.
	for i, line := range only.mrz.Lines {
		for _, r := range runs {
			if r.mrz.Format != best.mrz.Format || r.mrz.Lines[i] != line {
				continue
			}
			for _, repair := range r.mrz.Repairs {
				if repair.Line == i {
					only.mrz.Repairs = append(only.mrz.Repairs, repair)
				}
			}
			break
		}
	}
	only.mrz.Repaired = len(only.mrz.Repairs) > 0
	return only, true
}

// key names the lines of a zone.
func (m MRZ) key() string { return strings.Join(m.Lines, "\n") }
