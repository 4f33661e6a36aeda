package document

import (
	"strings"
	"time"
)

// textLine is one line as OCR saw it, in pixels of the picture it was given:
// one box per character.
type textLine struct {
	text       string
	left       []float64
	right      []float64
	top, foot  float64
	confidence float64   // 0-100, of the least certain word
	sure       []float64 // 0-100, of the word each character belongs to
}

// place is where one line of the zone stood.
type place struct{ x0, x1, y0, y1 float64 }

// candidate is a possible zone in a piece of text.
type candidate struct {
	mrz    MRZ
	places []place
	score  int
}

// good reports that the search may stop: everything verifies and the first
// line is plausible too. (A garbled first line has been seen above a second
// line that verified.)
func (c candidate) good() bool { return c.mrz.Valid && len(c.mrz.Doubts) == 0 }

// findMRZ looks for a zone in lines of OCR text. The anchor is the part every
// layout has: birth date, check digit, sex, expiry date, check digit. It
// gives the best candidate, preferring verified and plausible ones, then
// those with fewer repairs; ties go to the earlier one, so the answer is
// always the same.
func findMRZ(lines []textLine, now time.Time) (candidate, bool) {
	var best candidate
	found := false
	clean := make([]textLine, len(lines))
	for i, l := range lines {
		clean[i] = cleanLine(l)
	}
	consider := func(l layout, at []int, from []int) {
		for _, variant := range fitLines(l, clean, at, from) {
			m := restore(l, variant.lines, now)
			c := candidate{mrz: m, places: variant.places, score: m.score() - variant.off}
			if !found || c.score > best.score {
				best, found = c, true
			}
		}
	}
	all := layouts()
	for i := range clean {
		for _, p := range datePositions(clean[i].text) {
			if p >= 13 && i > 0 {
				above := i - 1
				if above > 0 && len(clean[above].text) < 15 { // a stray mark between
					above--
				}
				for _, l := range all {
					width := len(clean[i].text) - (p - 13)
					if l.lines != 2 || width < l.width-7 {
						continue
					}
					first := firstLineStart(clean[above].text)
					if l.suits(clean[above].text[min(first, len(clean[above].text)):]) {
						consider(l, []int{above, i}, []int{first, p - 13})
					}
				}
			}
			if p <= 4 && i > 0 && i+1 < len(clean) && len(clean[i].text)-p >= 22 && len(clean[i].text)-p <= 40 {
				first := firstLineStart(clean[i-1].text)
				consider(all[0], []int{i - 1, i, i + 1}, []int{first, p, nameStart(clean[i+1], clean[i], p)})
			}
		}
	}
	return best, found && best.score >= 20
}

// score orders candidates. A check digit counts most: a random one verifies
// once in ten times.
func (m MRZ) score() int {
	n := 0
	for _, good := range m.Checks {
		if good {
			n += 10
		}
	}
	if m.Valid {
		n += 20
	}
	n -= 6 * len(m.Doubts)
	for _, r := range m.Repairs {
		n--
		if r.Why == "check_digit" {
			n -= 3
		}
	}
	// Where nothing can be verified, a longer filler run at the end of the
	// name speaks for a whole line.
	if strings.Contains(m.Lines[0], "<<") {
		n += 2
	}
	return n
}

// cleanLine keeps the characters of the zone: upper case, digits, fillers.
// Blanks inside a word gap are dropped, quotation marks and brackets that OCR
// makes of fillers become fillers.
func cleanLine(l textLine) textLine {
	out := textLine{top: l.top, foot: l.foot, confidence: l.confidence}
	var b strings.Builder
	i := 0
	for _, r := range l.text {
		left, right := l.left[i], l.right[i]
		i++
		n := 1
		switch {
		case r >= 'a' && r <= 'z':
			r -= 'a' - 'A'
		case r == '«':
			r, n = '<', 2
		case r == '‹', r == '(', r == '{', r == '[', r == '¢', r == '€', r == '£':
			r = '<'
		case r == '|', r == '!':
			r = 'I'
		case r == '§':
			r = 'S'
		}
		if r != '<' && (r < 'A' || r > 'Z') && (r < '0' || r > '9') {
			continue
		}
		for range n {
			b.WriteRune(r)
			out.left, out.right = append(out.left, left), append(out.right, right)
		}
	}
	out.text = b.String()
	return out
}

// datePositions gives where "YYMMDDcSYYMMDDc" may start.
func datePositions(s string) []int {
	var at []int
	for p := 0; p+15 <= len(s) && p < 24; p++ {
		real, like := 0, 0
		for k := range 15 {
			c := s[p+k]
			switch {
			case k == 7:
				if strings.IndexByte("MFX<KC", c) < 0 {
					like = -100
				}
			case c >= '0' && c <= '9':
				real, like = real+1, like+1
			case asDigit(c) != c, c == '<':
				like++
			}
		}
		if like == 14 && real >= 9 {
			at = append(at, p)
		}
	}
	return at
}

// firstLineStart finds the document class near the start of a first line,
// past a mark or a border that OCR read as characters.
func firstLineStart(s string) int {
	for k := 0; k < 6 && k+5 <= len(s); k++ {
		if strings.IndexByte("PIACV", s[k]) < 0 {
			continue
		}
		code := []byte(s[k+2 : k+5])
		for i, c := range code {
			code[i] = asLetter(c)
		}
		if _, known := Country(string(code)); known {
			return k
		}
	}
	for k := 0; k < 4 && k < len(s); k++ {
		if strings.IndexByte("PIACV", s[k]) >= 0 {
			return k
		}
	}
	return 0
}

// nameStart lines the third line of a TD1 up with the second one by their
// left edges.
func nameStart(third, second textLine, p int) int {
	if len(third.left) == 0 || p >= len(second.left) {
		return 0
	}
	pitch := (second.right[len(second.right)-1] - second.left[0]) / float64(len(second.text))
	for k := 0; k < 4 && k < len(third.left); k++ {
		if third.left[k] > second.left[p]-0.6*pitch {
			return k
		}
	}
	return 0
}

// variant is one way to bring lines to their width.
type variant struct {
	lines  []string
	places []place
	off    int // characters too many or too few, of all lines
}

// fitLines cuts the lines at their starts and brings them to the layout's
// width. OCR miscounts long runs of fillers; so a data line of the wrong
// length is tried cut or padded at its end, and with the difference taken out
// of or put into its longest run of fillers.
func fitLines(l layout, clean []textLine, at, from []int) []variant {
	out := []variant{{}}
	for i, index := range at {
		line, start := clean[index], min(from[i], len(clean[index].text))
		text := line.text[start:]
		if len(text) < l.width/2 {
			return nil
		}
		end := min(len(text), l.width+6)
		var fits []string
		if i == l.names.line {
			fits = []string{pad(text, l.width)}
		} else {
			fits = fitData(text, l.width)
		}
		where := place{x0: line.left[start], x1: line.right[start+end-1], y0: line.top, y1: line.foot}
		if len(text) > l.width && len(fits) == 1 {
			where.x1 = line.right[start+l.width-1]
		}
		var next []variant
		for _, v := range out {
			for _, f := range fits {
				next = append(next, variant{append(v.lines[:len(v.lines):len(v.lines)], f), append(v.places[:len(v.places):len(v.places)], where), v.off + min(max(len(text)-l.width, l.width-len(text)), 6)})
			}
		}
		out = next
	}
	return out
}

func pad(s string, width int) string {
	if len(s) >= width {
		return s[:width]
	}
	return s + strings.Repeat("<", width-len(s))
}

func fitData(s string, width int) []string {
	if len(s) == width {
		return []string{s}
	}
	fits := []string{pad(s, width)}
	start, length := longestRun(s)
	if length == 0 || start < 9 {
		return fits
	}
	if diff := len(s) - width; diff < length && diff <= 6 {
		if diff > 0 {
			fits = append(fits, s[:start]+s[start+diff:])
		} else {
			fits = append(fits, s[:start]+strings.Repeat("<", -diff)+s[start:])
		}
	}
	return fits
}

// longestRun finds the longest run of fillers.
func longestRun(s string) (start, length int) {
	for i := 0; i < len(s); {
		if s[i] != '<' {
			i++
			continue
		}
		j := i
		for j < len(s) && s[j] == '<' {
			j++
		}
		if j-i > length {
			start, length = i, j-i
		}
		i = j
	}
	return start, length
}
