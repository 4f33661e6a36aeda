package document

import (
	"context"
	"image"
	"strings"

	"bonafide/kyc"
)

// visualWidth is the width a page is scaled to for its printed text.
const visualWidth = 1250

// minWordConfidence is how sure OCR must be of a printed word before a
// difference from the zone counts against the document. Below it the
// difference is more likely OCR's own.
const minWordConfidence = 80

// visual is the printed text of a page outside its zone.
type visual struct {
	lines []string // as read
	words []textLine
}

func (v visual) text() string { return strings.Join(v.lines, "\n") }

// VisualText reads the printed text of the first file's first page with the
// ordinary OCR model, the machine-readable zone left out where one is found.
// It is "" when there is nothing to read or no such model.
func (r *Reader) VisualText(ctx context.Context, f File) (string, *kyc.Error) {
	ctx, cancel := context.WithTimeout(ctx, r.cfg.Deadline)
	defer cancel()
	pages, err := r.open(ctx, f)
	if err != nil {
		return "", err
	}
	if len(pages) == 0 {
		return "", nil
	}
	if text := strings.TrimSpace(pages[0].text); text != "" {
		return text, nil
	}
	v, err := r.visual(ctx, pages[0].img, nil)
	return v.text(), err
}

// visual reads the printed text of an upright page. z marks the zone, whose
// lines are left out.
func (r *Reader) visual(ctx context.Context, page *image.Gray, z *zone) (visual, *kyc.Error) {
	m, ok := r.findModel("eng")
	if !ok || r.tesseract == "" {
		return visual{}, nil
	}
	w, h := page.Rect.Dx(), page.Rect.Dy()
	width := visualWidth
	if h > 2*w { // a narrow strip would become enormous
		width = visualWidth / 2
	}
	scale := float64(w) / float64(width)
	lines, err := r.ocr(ctx, resize(page, width, int(float64(h)/scale+0.5)), m, "", "6")
	if err != nil {
		if ctx.Err() != nil {
			return visual{}, timedOut(ctx.Err())
		}
		// The printed text only confirms; failing to read it is no failure.
		return visual{}, nil
	}
	var v visual
	for _, l := range lines {
		if looksLikeZone(l.text) {
			continue
		}
		if z != nil {
			middle := (l.top + l.foot) / 2 * scale
			inside := false
			for _, at := range z.places {
				_, y0 := z.back.at((at.x0+at.x1)/2, at.y0)
				_, y1 := z.back.at((at.x0+at.x1)/2, at.y1)
				inside = inside || middle > y0 && middle < y1
			}
			if inside {
				continue
			}
		}
		v.lines = append(v.lines, l.text)
		v.words = append(v.words, l.words()...)
	}
	return v, nil
}

// looksLikeZone recognises the zone's lines however badly they were read.
func looksLikeZone(s string) bool {
	s = strings.ReplaceAll(s, " ", "")
	return strings.Contains(s, "<<") || len(s) >= 28 && strings.Contains(s, "<")
}

// fold brings a name to a form in which the zone's transliteration and OCR's
// confusions make no difference: look-alike digits become letters, and the
// two-letter spellings of umlauts one letter.
func fold(s string) string {
	var b strings.Builder
	for _, c := range strings.ToUpper(s) {
		switch c {
		case 'Ä', 'À', 'Á', 'Â', 'Ã', 'Å':
			c = 'A'
		case 'Ö', 'Ò', 'Ó', 'Ô', 'Õ', 'Ø':
			c = 'O'
		case 'Ü', 'Ù', 'Ú', 'Û':
			c = 'U'
		case 'È', 'É', 'Ê', 'Ë':
			c = 'E'
		case 'Ì', 'Í', 'Î', 'Ï', '|', '!':
			c = 'I'
		case 'Ç':
			c = 'C'
		case 'Ñ':
			c = 'N'
		}
		if c < 128 {
			if l := asLetter(byte(c)); l >= 'A' && l <= 'Z' {
				b.WriteByte(l)
			}
		}
	}
	return strings.NewReplacer("AE", "A", "OE", "O", "UE", "U", "SS", "S", "I", "L").Replace(b.String())
}

// nameCheck is what the printed text says about the zone's names.
type nameCheck struct {
	confirmed bool // every word of three letters and more was found
	near      string
	seen      string // the printed word that is nearly a word of the name
}

// checkName compares each word of the zone's name with the printed words. A
// word that is not there says nothing. A word that is there almost, at an
// edit distance of 1 (or 2, in words of seven letters and more), contradicts
// the zone: one of the two was misread or changed.
func (v visual) checkName(f MRZFields) nameCheck {
	names := strings.Fields(f.Surname + " " + f.GivenNames)
	var check nameCheck
	check.confirmed = len(names) > 0
	exact := map[string]bool{}
	for _, n := range names {
		exact[fold(n)] = true
	}
	for _, n := range names {
		want := fold(n)
		if len(want) < 3 {
			continue
		}
		found, near := false, ""
		for _, w := range v.words {
			for _, part := range strings.FieldsFunc(w.text, func(r rune) bool { return r == '-' || r == '\'' || r == ',' || r == '.' || r == '/' }) {
				got := fold(part)
				if got == want {
					found = true
					break
				}
				limit := 1
				if len(want) >= 7 {
					limit = 2
				}
				if near == "" && len(want) >= 4 && len(got) >= 4 && w.confidence >= minWordConfidence && upper(part) && !exact[got] && editDistance(got, want) <= limit {
					near = part
				}
			}
		}
		if !found {
			check.confirmed = false
			if near != "" && check.near == "" {
				check.near, check.seen = n, near
			}
		}
	}
	return check
}

// upper reports whether a word is in capitals, as names on documents are;
// labels and running text are not compared with names.
func upper(s string) bool { return s == strings.ToUpper(s) }

// checkNumber compares the zone's document number with the printed text:
// confirmed when it stands there, near when something of the same length that
// differs in exactly one character stands there and the number does not.
func (v visual) checkNumber(number string) (confirmed bool, near string) {
	if len(number) < 6 {
		return false, ""
	}
	same := func(a, b byte) bool { return a == b || asDigit(a) == asDigit(b) }
	for _, line := range v.lines {
		joined := make([]byte, 0, len(line))
		for _, c := range []byte(strings.ToUpper(line)) {
			if c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
				joined = append(joined, c)
			}
		}
		for i := 0; i+len(number) <= len(joined); i++ {
			wrong, digits := 0, 0
			for k := range len(number) {
				c := joined[i+k]
				if c >= '0' && c <= '9' {
					digits++
				}
				if !same(c, number[k]) {
					wrong++
				}
			}
			if wrong == 0 {
				return true, ""
			}
			if wrong == 1 && digits >= 4 && near == "" {
				near = string(joined[i : i+len(number)])
			}
		}
	}
	return false, near
}

// editDistance is Levenshtein's.
func editDistance(a, b string) int {
	if d := len(a) - len(b); d > 2 || d < -2 {
		return 3 // more than anybody here asks for
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			diagonal, row[j] = row[j], min(row[j]+1, row[j-1]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
