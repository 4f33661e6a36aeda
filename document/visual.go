package document

import (
	"context"
	"math"
	"strings"
	"unicode/utf8"

	"bonafide/grey"
	"bonafide/imagefile"
	"bonafide/kyc"
)

// visualWidth is the width a page is scaled to for its printed text.
const visualWidth = 1250

// minWordConfidence is how sure OCR must be of a printed word before a
// difference from the zone counts against the document. Below it the
// difference is more likely OCR's own.
const minWordConfidence = 75

// visual is the printed text of a page outside its zone.
type visual struct {
	lines []textLine
	words []textLine
	// scale is the view's pixels to one of the boxes', view what was read; upload
	// and number say which page it is.
	scale  float64
	view   view
	upload kyc.ID
	number int
	// turned is how far the view was turned clockwise to be read, where its
	// regions are to be those of the page as it came.
	turned int
}

// on says which page the text stands on.
func (v visual) on(p *sheetPage) visual {
	v.upload, v.number = p.upload, p.number
	return v
}

// region gives where words stand together, nil where that is not known, as in
// the text of a PDF.
func (v visual) region(words ...textLine) *kyc.Region {
	if v.scale == 0 || len(words) == 0 {
		return nil
	}
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), 0.0, 0.0
	for _, w := range words {
		if len(w.left) == 0 || w.foot <= w.top {
			return nil
		}
		x0, y0, x1, y1 = min(x0, w.left[0]), min(y0, w.top), max(x1, w.right[len(w.right)-1]), max(y1, w.foot)
	}
	at := *v.view.region(v.upload, v.number, boxOf(x0*v.scale, y0*v.scale, x1*v.scale, y1*v.scale)...)
	left, top, right, foot := at.X, at.Y, at.X+at.W, at.Y+at.H
	switch v.turned {
	case 90:
		left, top, right, foot = top, 1-right, foot, 1-left
	case 180:
		left, top, right, foot = 1-right, 1-foot, 1-left, 1-top
	case 270:
		left, top, right, foot = 1-foot, left, 1-top, right
	}
	at.X, at.Y, at.W, at.H = round4(left), round4(top), round4(right-left), round4(foot-top)
	return &at
}

func (v visual) text() string {
	var b strings.Builder
	for _, l := range v.lines {
		b.WriteString(l.text + "\n")
	}
	return b.String()
}

// VisualText reads the printed text of the first file's first page with the
// ordinary OCR model, the machine-readable zone left out where one is found.
// It is "" when there is nothing to read or no such model.
func (r *Reader) VisualText(ctx context.Context, f File) (string, *kyc.Error) {
	if err := r.warmPDF(ctx, f); err != nil {
		return "", err
	}
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
	v, err := r.printed(ctx, &pages[0])
	return v.text(), err
}

// printed reads the printed text of a page as it came: of the straightened page
// where there is one, and of the photograph where that gives nothing.
func (r *Reader) printed(ctx context.Context, p *sheetPage) (visual, *kyc.Error) {
	if flat := p.straight(); flat != nil {
		v, err := r.visual(ctx, viewOf(p, flat, 0), nil)
		if err != nil || len(v.words) > 0 {
			return v.on(p), err
		}
	}
	v, err := r.visual(ctx, viewOf(p, nil, 0), nil)
	return v.on(p), err
}

// visual reads the printed text of an upright page. z marks the zone, whose
// lines are left out.
func (r *Reader) visual(ctx context.Context, page view, z *zone) (visual, *kyc.Error) {
	m, ok := r.findModel("eng")
	if !ok || r.tesseract == "" {
		return visual{}, nil
	}
	w, h := page.img.Rect.Dx(), page.img.Rect.Dy()
	width := visualWidth
	if h > 2*w { // a narrow strip would become enormous
		width = visualWidth / 2
	}
	scale := float64(w) / float64(width)
	lines, err := r.ocr(ctx, grey.Resize(page.img, width, int(float64(h)/scale+0.5)), m, "", "6")
	if err != nil {
		if ctx.Err() != nil {
			return visual{}, imagefile.TimedOut(ctx.Err())
		}
		// The printed text only confirms; failing to read it is no failure.
		return visual{}, nil
	}
	v := visual{scale: scale, view: page}
	for _, l := range lines {
		if looksLikeZone(l.text) {
			continue
		}
		if z != nil {
			middle := (l.top + l.foot) / 2 * scale
			inside := false
			for _, at := range z.places {
				_, y0 := z.back.At((at.x0+at.x1)/2, at.y0)
				_, y1 := z.back.At((at.x0+at.x1)/2, at.y1)
				inside = inside || middle > y0 && middle < y1
			}
			if inside {
				continue
			}
		}
		v.lines = append(v.lines, l)
		v.words = append(v.words, l.words()...)
	}
	return v, nil
}

// addText adds text that needed no OCR, such as that of a born-digital PDF.
func (v *visual) addText(text string) {
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.Join(strings.Fields(line), " "); line == "" || looksLikeZone(line) {
			continue
		}
		l := textLine{text: line, confidence: 100}
		n := utf8.RuneCountInString(line)
		l.left, l.right = make([]float64, n), make([]float64, n)
		v.lines, v.words = append(v.lines, l), append(v.words, l.words()...)
	}
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
	confirmed bool // every word was found
	near      string
	seen      string // the printed word that is nearly a word of the name
	// region is where the name, or what is nearly it, is printed.
	region *kyc.Region
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
	var places []textLine
	for _, n := range names {
		want := fold(n)
		found, near := false, ""
		var at textLine
		for _, w := range v.words {
			for _, part := range strings.FieldsFunc(w.text, func(r rune) bool { return r == '-' || r == '\'' || r == ',' || r == '.' || r == '/' }) {
				got := fold(part)
				if got == want {
					found, at = true, w
					break
				}
				limit := 1
				if len(want) >= 7 {
					limit = 2
				}
				if near == "" && len(want) >= 4 && len(got) >= 4 && w.confidence >= minWordConfidence && capital(part) && !exact[got] && editDistance(got, want) <= limit {
					near, at = part, w
				}
			}
		}
		if found {
			places = append(places, at)
			continue
		}
		check.confirmed = false
		if near != "" && check.near == "" {
			check.near, check.seen, check.region = n, near, v.region(at)
		}
	}
	if check.confirmed {
		check.region = v.region(places...)
	}
	return check
}

// capital reports whether a word begins with a capital, as names on documents
// do.
func capital(s string) bool { return s[:1] == strings.ToUpper(s[:1]) }

// checkNumber compares the zone's document number with the printed text:
// confirmed when it stands there, near when something of the same length that
// surely differs in exactly one character stands there and the number does
// not.
func (v visual) checkNumber(number string) (confirmed bool, near string) {
	confirmed, near, _ = v.findNumber(number)
	return confirmed, near
}

// findNumber does that, and says where the line with it stands.
func (v visual) findNumber(number string) (confirmed bool, near string, at *kyc.Region) {
	if len(number) < 6 {
		return false, "", nil
	}
	for _, line := range v.lines {
		var joined []byte
		var sure []float64
		i := 0
		for _, c := range strings.ToUpper(line.text) {
			if c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
				joined = append(joined, byte(c))
				sure = append(sure, line.confidenceAt(i))
			}
			i++
		}
		for i := 0; i+len(number) <= len(joined); i++ {
			wrong, digits, certain := 0, 0, true
			for k := range len(number) {
				c := joined[i+k]
				if c >= '0' && c <= '9' {
					digits++
				}
				certain = certain && sure[i+k] >= minWordConfidence
				if c != number[k] && !confusable(c, number[k]) {
					wrong++
				}
			}
			if wrong == 0 {
				return true, "", v.region(line)
			}
			if wrong == 1 && digits >= 4 && certain && near == "" {
				near, at = string(joined[i:i+len(number)]), v.region(line)
			}
		}
	}
	return false, near, at
}

// confusable is wider than lookAlikes: small print is confused more freely,
// and a confusion must not be held against the document.
func confusable(a, b byte) bool {
	for _, group := range [...]string{"0OQDCGU6", "1ILJT7", "2Z7", "5S8B3639G", "8BERS3", "4A", "MNHW", "UVWY", "KX"} {
		if strings.IndexByte(group, a) >= 0 && strings.IndexByte(group, b) >= 0 {
			return true
		}
	}
	return false
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
