package document

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"image"
	"math"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"bonafide/aamva"
	"bonafide/kyc"
)

// Barcode is one code found on a page.
type Barcode struct {
	Format string `json:"format"` // PDF417, QRCode
	Text   string `json:"text"`
	// Fields are the elements of a licence's payload by their AAMVA identifier
	// (DAQ, DCS …), empty for other codes.
	Fields map[string]string `json:"fields"`
	File   int               `json:"file"`
	Page   int               `json:"page"`
	// Region is where the code stands on the page.
	Region *kyc.Region `json:"region,omitempty"`
	// Raw are the bytes of the code, which are no text in every code.
	Raw []byte `json:"-"`
	// licence is what the elements mean, nil for other codes.
	licence *aamva.Licence
	corners [][2]float64
}

// Licence gives the meaning of the payload of a North American licence.
func (b Barcode) Licence() (aamva.Licence, bool) {
	if b.licence != nil {
		return *b.licence, true
	}
	if b.Format != formatPDF417 || !aamva.Looks(b.Text) {
		return aamva.Licence{}, false
	}
	l, err := aamva.Parse(b.Text)
	return l, err == nil
}

// maxBarcodeRuns bounds how often a page is given to the reader of barcodes:
// as it is, and straightened patches at three sizes and three angles. Runs are
// counted, not timed, so that a busy machine reads the same as an idle one.
const maxBarcodeRuns = 12

// The formats that are looked for, as the reader names them.
const (
	formatPDF417 = "PDF417"
	formatQR     = "QRCode"
)

// barcodes asks ZXingReader for QR codes and PDF417 on a page. Where the tool
// is missing there are none; Capabilities says so.
//
// The reader finds codes that lie level or at right angles; a PDF417 tilted by
// more than two or three degrees it searches for long and does not see. So
// patches of bars are looked for first. Where the strongest is tilted it is
// straightened and read, and the page itself only searched for QR codes;
// otherwise the page is read as it is, and patches only when it had nothing.
func (r *Reader) barcodes(ctx context.Context, p *sheetPage) ([]Barcode, *kyc.Error) {
	if r.zxing == "" {
		return nil, nil
	}
	patches := findPatches(p.img)
	tilted := len(patches) > 0 && patches[0].tilted()
	formats := formatPDF417 + "," + formatQR
	if tilted {
		formats = formatQR
	}
	codes, err := r.zxingRead(ctx, p.img, formats)
	if err != nil {
		return nil, err
	}
	put(codes, affine{a: 1, e: 1}, p)
	if slices.ContainsFunc(codes, func(c Barcode) bool { return c.Format == formatPDF417 }) {
		return codes, nil
	}
	runs := 1
	for _, patch := range patches {
		found, err := r.readPatch(ctx, p, patch, &runs)
		if err != nil {
			return nil, err
		}
		if len(found) > 0 {
			return append(codes, found...), nil
		}
	}
	if tilted { // the patch was something else, and a code may lie level beside it
		found, err := r.zxingRead(ctx, p.img, formatPDF417)
		put(found, affine{a: 1, e: 1}, p)
		return append(codes, found...), err
	}
	return codes, nil
}

// readPatch reads a straightened patch: larger for codes of few pixels, and
// beside the measured angle for those whose bars are bent a little.
func (r *Reader) readPatch(ctx context.Context, p *sheetPage, at patch, runs *int) ([]Barcode, *kyc.Error) {
	for _, turn := range []float64{0, 0.7, -0.7} {
		for _, scale := range []float64{1, 1.6, 2.2} {
			if *runs >= maxBarcodeRuns {
				return nil, nil
			}
			if scale > 1 && max(at.w, at.h)*scale > workSide {
				continue
			}
			*runs++
			img, back := at.level(p.img, scale, turn*math.Pi/180)
			codes, err := r.zxingRead(ctx, img, formatPDF417)
			if err != nil || len(codes) > 0 {
				put(codes, back, p)
				return codes, err
			}
		}
	}
	return nil, nil
}

// put gives codes their file, page and region; back maps the corners to the
// page's pixels.
func put(codes []Barcode, back affine, p *sheetPage) {
	w, h := float64(p.img.Rect.Dx()), float64(p.img.Rect.Dy())
	for i := range codes {
		c := &codes[i]
		c.File, c.Page = p.file, p.number
		if len(c.corners) == 0 {
			continue
		}
		x0, y0, x1, y1 := w, h, 0.0, 0.0
		for _, corner := range c.corners {
			x, y := back.at(corner[0], corner[1])
			x0, y0, x1, y1 = min(x0, x), min(y0, y), max(x1, x), max(y1, y)
		}
		x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, w), min(y1, h)
		if x1 > x0 && y1 > y0 {
			c.Region = &kyc.Region{Upload: p.upload, Page: p.number, X: x0 / w, Y: y0 / h, W: (x1 - x0) / w, H: (y1 - y0) / h}
		}
	}
}

// zxingRead runs the reader once. The picture goes through standard input:
// nothing is written to disk.
func (r *Reader) zxingRead(ctx context.Context, img *image.Gray, formats string) ([]Barcode, *kyc.Error) {
	if err := r.slots.Acquire(ctx, 1); err != nil {
		return nil, timedOut(err)
	}
	defer r.slots.Release(1)
	out, err := runChild(ctx, bytes.NewReader(pgm(img)), r.zxing, "-escape", "-format", formats, "/dev/stdin")
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return nil, timedOut(ctx.Err())
	case errors.As(err, &exit) && exit.Exited():
		return nil, nil // it could not make anything of the picture
	case err != nil:
		e := kyc.Errorf(kyc.Unavailable, "barcode_failed", "the barcode reader could not be run; it may be tried again")
		e.Cause = err
		return nil, e
	}
	return parseZXing(string(out)), nil
}

// parseZXing reads the tool's report: lines of "Key: value", a new code at
// each Text. The text itself is taken from the hexadecimal Bytes, because a
// payload may contain line breaks and lines that look like keys; the tool was
// asked to escape those, so a line that begins with Bytes is the tool's own.
// A code that says in what character sets it is written is read by those.
func parseZXing(out string) []Barcode {
	codes := []Barcode{}
	for line := range strings.SplitSeq(out, "\n") {
		key, value, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		value = strings.TrimSpace(value)
		if key == "Text" {
			codes = append(codes, Barcode{Fields: map[string]string{}})
			continue
		}
		if len(codes) == 0 {
			continue
		}
		code := &codes[len(codes)-1]
		switch key {
		case "Format":
			code.Format = value
		case "Bytes":
			if raw, err := hex.DecodeString(strings.ReplaceAll(value, " ", "")); err == nil {
				code.Raw, code.Text = raw, plainText(raw)
			}
		case "BytesECI":
			raw, err := hex.DecodeString(strings.ReplaceAll(value, " ", ""))
			if text, told := eciText(raw); err == nil && told {
				code.Text = text
			}
		case "Position":
			for corner := range strings.FieldsSeq(value) {
				across, down, _ := strings.Cut(corner, "x")
				x, bad := strconv.ParseFloat(across, 64)
				y, worse := strconv.ParseFloat(down, 64)
				if bad == nil && worse == nil {
					code.corners = append(code.corners, [2]float64{x, y})
				}
			}
		}
	}
	for i := range codes {
		if code := &codes[i]; code.Format == formatPDF417 && aamva.Looks(code.Text) {
			if l, err := aamva.Parse(code.Text); err == nil {
				code.licence, code.Fields = &l, l.Elements
			}
		}
	}
	return codes
}

// plainText reads bytes without a word on their character set: UTF-8 where
// they are that, and ISO 8859-1, which both kinds of code mean by default.
func plainText(raw []byte) string {
	if utf8.Valid(raw) {
		return string(raw)
	}
	runes := make([]rune, len(raw))
	for i, c := range raw {
		runes[i] = rune(c)
	}
	return string(runes)
}
