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
	"time"
	"unicode/utf8"

	"bonafide/aamva"
	"bonafide/child"
	"bonafide/grey"
	"bonafide/imagefile"
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
	// straight is true when the code was read off the straightened page.
	straight bool
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

// A picture that looks like codes all over keeps the reader busy for many
// seconds. One run may take barcodeSeconds of processor time, and when the runs
// of a page took barcodeTime together it is not searched any further; the
// longest search that was measured took 0.13 s.
const (
	barcodeSeconds = 3
	barcodeTime    = 2 * time.Second
)

// codeSearch counts the runs on a page and what they took.
type codeSearch struct {
	runs int
	took time.Duration
}

func (s *codeSearch) over() bool { return s.runs >= maxBarcodeRuns || s.took >= barcodeTime }

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
//
// Where that gave no code at all and the picture is small, it is read once more
// at a larger size. Where it gave no PDF417 and a page was found in the photograph,
// the same is done once more with the straightened page.
func (r *Reader) barcodes(ctx context.Context, p *sheetPage) ([]Barcode, *kyc.Error) {
	if r.zxing == "" {
		return nil, nil
	}
	var s codeSearch
	codes, err := r.codesOn(ctx, p, viewOf(p, nil, 0), &s)
	if err == nil && len(codes) == 0 {
		codes, err = r.codesLarger(ctx, p, viewOf(p, nil, 0), &s)
	}
	if err != nil || slices.ContainsFunc(codes, stacked) {
		return codes, err
	}
	flat := p.straight()
	if flat == nil {
		return codes, nil
	}
	s.runs = 0
	found, err := r.codesOn(ctx, p, viewOf(p, flat, 0), &s)
	if len(codes) > 0 { // the QR codes are known
		found = slices.DeleteFunc(found, func(c Barcode) bool { return !stacked(c) })
	}
	return append(codes, found...), err
}

func stacked(c Barcode) bool { return c.Format == formatPDF417 }

// codesOn looks for codes on a page as it is, or on what was straightened out
// of it.
func (r *Reader) codesOn(ctx context.Context, p *sheetPage, page view, s *codeSearch) ([]Barcode, *kyc.Error) {
	patches := findPatches(page.img)
	tilted := len(patches) > 0 && patches[0].tilted()
	formats := formatPDF417 + "," + formatQR
	if tilted {
		formats = formatQR
	}
	codes, err := r.zxingRead(ctx, page.img, formats, s)
	if err != nil {
		return nil, err
	}
	put(codes, grey.Affine{A: 1, E: 1}, p, page)
	if slices.ContainsFunc(codes, stacked) {
		return codes, nil
	}
	for _, patch := range patches {
		found, err := r.readPatch(ctx, p, page, patch, s)
		if err != nil {
			return nil, err
		}
		if len(found) > 0 {
			return append(codes, found...), nil
		}
	}
	if tilted { // the patch was something else, and a code may lie level beside it
		found, err := r.zxingRead(ctx, page.img, formatPDF417, s)
		put(found, grey.Affine{A: 1, E: 1}, p, page)
		return append(codes, found...), err
	}
	return codes, nil
}

// A code of few pixels a module that leans is seen by the reader at a larger size
// and not as it is (docs/accuracy.md). Only small pictures have such codes and
// cost little more: one of largerSide pixels takes some 15 ms.
const (
	largerSide  = 800
	largerScale = 1.5
)

// codesLarger reads a small page once more, larger.
func (r *Reader) codesLarger(ctx context.Context, p *sheetPage, page view, s *codeSearch) ([]Barcode, *kyc.Error) {
	w, h := page.img.Rect.Dx(), page.img.Rect.Dy()
	if max(w, h) > largerSide {
		return nil, nil
	}
	codes, err := r.zxingRead(ctx, grey.Resize(page.img, int(largerScale*float64(w)), int(largerScale*float64(h))), formatPDF417+","+formatQR, s)
	put(codes, grey.Affine{A: 1 / largerScale, E: 1 / largerScale}, p, page)
	return codes, err
}

// readPatch reads a straightened patch: larger for codes of few pixels, and
// beside the measured angle for those whose bars are bent a little.
func (r *Reader) readPatch(ctx context.Context, p *sheetPage, page view, at patch, s *codeSearch) ([]Barcode, *kyc.Error) {
	for _, turn := range []float64{0, 0.7, -0.7} {
		for _, scale := range []float64{1, 1.6, 2.2} {
			if s.over() {
				return nil, nil
			}
			if scale > 1 && max(at.w, at.h)*scale > grey.WorkSide {
				continue
			}
			img, back := at.level(page.img, scale, turn*math.Pi/180)
			codes, err := r.zxingRead(ctx, img, formatPDF417, s)
			if err != nil || len(codes) > 0 {
				put(codes, back, p, page)
				return codes, err
			}
		}
	}
	return nil, nil
}

// put gives codes their file, page and region; back maps the corners to the
// view they were found in.
func put(codes []Barcode, back grey.Affine, p *sheetPage, page view) {
	for i := range codes {
		c := &codes[i]
		c.File, c.Page, c.straight = p.file, p.number, page.flat != nil
		if len(c.corners) == 0 {
			continue
		}
		places := make([][2]float64, len(c.corners))
		for k, corner := range c.corners {
			places[k][0], places[k][1] = back.At(corner[0], corner[1])
		}
		if at := page.region(p.upload, p.number, places...); at.W > 0 && at.H > 0 {
			c.Region = at
		}
	}
}

// zxingRead runs the reader once, unless the page took too long already. The
// picture goes through standard input: nothing is written to disk.
func (r *Reader) zxingRead(ctx context.Context, img *image.Gray, formats string, s *codeSearch) ([]Barcode, *kyc.Error) {
	if s.took >= barcodeTime {
		return nil, nil
	}
	if err := r.slots.Acquire(ctx, 1); err != nil {
		return nil, imagefile.TimedOut(err)
	}
	defer r.slots.Release(1)
	out, took, err := child.Confined(ctx, barcodeSeconds, bytes.NewReader(grey.PGM(img)), r.zxing, "-escape", "-format", formats, "/dev/stdin")
	s.runs++
	s.took += took
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return nil, imagefile.TimedOut(ctx.Err())
	case err != nil && took >= barcodeSeconds*time.Second-barcodeTime/4: // ended by its limit
		return nil, nil
	case errors.As(err, &exit) && exit.Exited() && exit.ExitCode() < child.NotRun:
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
