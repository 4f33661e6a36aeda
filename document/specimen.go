package document

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"strings"
	"time"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"bonafide/kyc"
)

// Specimen is what stands on a drawn example passport. The issuing state is
// always UTO, ICAO's fictional Utopia, and the page says in print that it is
// fictional: a reading of it carries the critical finding fictional_issuer,
// so that no live check can ever take it for an identity document.
type Specimen struct {
	Surname     string
	GivenNames  string
	DateOfBirth time.Time
	Sex         string // M, F or X
	Number      string // 1-9 characters out of A-Z and 0-9
	Expiry      time.Time
	// Width of the picture in pixels, 800-3000; 0 means 1704, which makes two
	// megapixels.
	Width int
}

// MRZLines gives the two lines of the specimen's zone (TD3, Doc 9303 part 4).
func (s Specimen) MRZLines() ([]string, *kyc.Error) {
	number := strings.ToUpper(s.Number)
	if len(number) < 1 || len(number) > 9 || strings.Trim(number, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
		return nil, kyc.Errorf(kyc.Invalid, "specimen_number", "a specimen's number has 1 to 9 characters out of A-Z and 0-9")
	}
	surname, given := zoneName(s.Surname), zoneName(s.GivenNames)
	if surname == "" {
		return nil, kyc.Errorf(kyc.Invalid, "specimen_name", "a specimen needs a family name with at least one Latin letter")
	}
	sex := s.Sex
	if sex != "M" && sex != "F" {
		sex = "<"
	}
	return td3Lines("P<", "UTO", surname, given, number, "UTO", s.DateOfBirth.Format("060102"), sex, s.Expiry.Format("060102"), ""), nil
}

// td3Lines builds a passport's zone with all its check digits.
func td3Lines(class, issuer, surname, given, number, nationality, dob, sex, expiry, optional string) []string {
	first := pad(class+pad(issuer, 3)+surname+"<<"+given, 44)
	number, optional = pad(number, 9), pad(optional, 14)
	check := func(s string) string { return string(CheckDigit(s)) }
	number += check(number)
	dob += check(dob)
	expiry += check(expiry)
	optional += check(optional)
	return []string{first, number + pad(nationality, 3) + dob + sex + expiry + optional + check(number+dob+expiry+optional)}
}

// zoneName writes a name as the zone does: Doc 9303 part 3, section 6, for
// Latin letters; what cannot be written is left out; blanks and hyphens
// become single fillers.
func zoneName(s string) string {
	var b strings.Builder
	for _, c := range strings.ToUpper(s) {
		switch {
		case c >= 'A' && c <= 'Z':
			b.WriteRune(c)
		case c == ' ' || c == '-':
			b.WriteByte('<')
		default:
			b.WriteString(latin(c))
		}
	}
	words := strings.FieldsFunc(b.String(), func(r rune) bool { return r == '<' })
	return strings.Join(words, "<")
}

// latin is the transliteration of capital letters outside A-Z.
func latin(c rune) string {
	for _, row := range [...][2]string{
		{"ÀÁÂÃĀĂĄ", "A"}, {"ÄÆ", "AE"}, {"Å", "AA"}, {"ÇĆĈĊČ", "C"}, {"ĎĐÐ", "D"}, {"ÈÉÊËĒĔĖĘĚ", "E"}, {"ĜĞĠĢ", "G"}, {"ĤĦ", "H"},
		{"ÌÍÎÏĨĪĬĮİ", "I"}, {"Ĵ", "J"}, {"Ķ", "K"}, {"ĹĻĽĿŁ", "L"}, {"ÑŃŅŇ", "N"}, {"ÒÓÔÕŌŎŐ", "O"}, {"ÖØŒ", "OE"},
		{"ŔŖŘ", "R"}, {"ŚŜŞŠȘ", "S"}, {"ẞß", "SS"}, {"ŢŤŦȚ", "T"}, {"Þ", "TH"}, {"ÙÚÛŨŪŬŮŰŲ", "U"}, {"Ü", "UE"}, {"Ŵ", "W"}, {"ÝŶŸ", "Y"}, {"ŹŻŽ", "Z"},
	} {
		if strings.ContainsRune(row[0], c) {
			return row[1]
		}
	}
	return ""
}

// DrawSpecimen draws the data page of a fictional passport as PNG. The same
// specimen always gives the same bytes.
func DrawSpecimen(s Specimen) ([]byte, error) {
	var b bytes.Buffer
	if err := WriteSpecimen(&b, s); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// WriteSpecimen is DrawSpecimen into a writer.
func WriteSpecimen(w io.Writer, s Specimen) error {
	lines, problem := s.MRZLines()
	if problem != nil {
		return problem
	}
	page, err := drawSpecimen(s, lines)
	if err != nil {
		return err
	}
	return (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(w, page)
}

// easel draws text in one unit: thousandths of the page's width.
type easel struct {
	img  *image.RGBA
	unit float64
	err  error
}

// text writes one line; pitch 0 sets it as the font says, otherwise every
// character gets that many units.
func (e *easel) text(ttf []byte, size, x, y, pitch float64, ink color.Color, s string) {
	if e.err != nil {
		return
	}
	parsed, err := opentype.Parse(ttf)
	if err != nil {
		e.err = fmt.Errorf("reading a built-in font: %w", err)
		return
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: size * e.unit, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		e.err = fmt.Errorf("opening a built-in font: %w", err)
		return
	}
	defer face.Close()
	d := font.Drawer{Dst: e.img, Src: image.NewUniform(ink), Face: face, Dot: fixed.P(int(x*e.unit), int(y*e.unit))}
	if pitch == 0 {
		d.DrawString(s)
		return
	}
	for i, c := range s {
		// In the middle of its cell, as on a printer.
		advance := d.MeasureString(string(c))
		cell := fixed.Int26_6(pitch * e.unit * 64)
		d.Dot.X = fixed.Int26_6(x*e.unit*64) + cell.Mul(fixed.I(i)) + (cell-advance)/2
		d.DrawString(string(c))
	}
}

// fill paints every pixel for which inside says yes, in units.
func (e *easel) fill(c color.RGBA, inside func(x, y float64) bool) {
	b := e.img.Rect
	for y := range b.Dy() {
		for x := range b.Dx() {
			if inside(float64(x)/e.unit, float64(y)/e.unit) {
				e.img.SetRGBA(x, y, c)
			}
		}
	}
}

// drawSpecimen draws a page of 125 x 88 mm with the given zone. Tests give
// other lines to get documents that contradict themselves.
func drawSpecimen(s Specimen, lines []string) (*image.RGBA, error) {
	width := s.Width
	if width == 0 {
		width = 1704
	}
	if width < 800 || width > 3000 {
		return nil, kyc.Errorf(kyc.Invalid, "specimen_width", "a specimen is 800 to 3000 pixels wide")
	}
	e := &easel{img: image.NewRGBA(image.Rect(0, 0, width, width*88/125)), unit: float64(width) / 1000}
	// Paper with the faint waves that such pages have.
	for y := range e.img.Rect.Dy() {
		for x := range width {
			wave := math.Sin(float64(x)/e.unit/9+4*math.Sin(float64(y)/e.unit/40)) * 4
			e.img.SetRGBA(x, y, color.RGBA{uint8(236 + wave), uint8(240 + wave), uint8(244 + wave), 255})
		}
	}
	var (
		ink   = color.RGBA{24, 26, 34, 255}
		label = color.RGBA{90, 98, 120, 255}
		stamp = color.RGBA{168, 44, 52, 255}
	)
	e.text(gobold.TTF, 34, 40, 58, 0, ink, "UTOPIA")
	e.text(gobold.TTF, 26, 400, 56, 0, stamp, "SPECIMEN - FICTIONAL")

	// A drawn silhouette: nobody's face.
	e.fill(color.RGBA{205, 212, 220, 255}, func(x, y float64) bool { return x > 40 && x < 270 && y > 130 && y < 430 })
	e.fill(color.RGBA{120, 130, 145, 255}, func(x, y float64) bool {
		head := (x-155)*(x-155)/(58*58)+(y-240)*(y-240)/(74*74) < 1
		body := (x-155)*(x-155)/(105*105)+(y-440)*(y-440)/(110*110) < 1
		return x > 40 && x < 270 && y > 130 && y < 430 && (head || body)
	})
	row := func(x, y float64, name, value string) {
		e.text(goregular.TTF, 15, x, y, 0, label, name)
		e.text(gobold.TTF, 25, x, y+30, 0, ink, value)
	}
	day := func(t time.Time) string { return strings.ToUpper(t.Format("02 Jan 2006")) }
	row(320, 110, "Type", "P")
	row(450, 110, "Country", "UTO")
	row(640, 110, "Passport No.", strings.ToUpper(s.Number))
	row(320, 180, "Surname", strings.ToUpper(s.Surname))
	row(320, 250, "Given names", strings.ToUpper(s.GivenNames))
	row(320, 320, "Nationality", "UTOPIAN")
	row(640, 320, "Sex", s.Sex)
	row(320, 390, "Date of birth", day(s.DateOfBirth))
	row(640, 390, "Date of expiry", day(s.Expiry))
	row(320, 460, "Authority", "EXAMPLE OFFICE")
	pitch := 920 / float64(len(lines[0]))
	for i, line := range lines {
		// A sans-serif face set at a fixed pitch is closer to OCR-B than the
		// monospaced faces at hand, whose slabs and slashed zeros are misread.
		e.text(gomedium.TTF, pitch*1.42, 40, 647-float64(len(lines)-1-i)*62, pitch, ink, line)
	}
	return e.img, e.err
}
