package document

import (
	"image"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/skip2/go-qrcode"

	"bonafide/grey"
	"bonafide/imagefile/made"
	"bonafide/sheet"
)

func TestQRCodeIsRead(t *testing.T) {
	t.Parallel()
	r := New(Config{Deadline: patience, Tesseract: "-"})
	if r.zxing == "" {
		t.Skip("ZXingReader is not installed; " + installBarcodes)
	}
	payload := "line one\nBytes: 00 01\nText: \"x\"\nGrüße"
	b, err := qrcode.Encode(payload, qrcode.Medium, 400)
	if err != nil {
		t.Fatal(err)
	}
	got, fail := r.barcodes(t.Context(), &sheetPage{img: decodeMust(t, b), file: 1, number: 2})
	if fail != nil || len(got) != 1 || got[0].Text != payload || got[0].Format != "QRCode" || got[0].File != 1 || got[0].Page != 2 {
		t.Errorf("%+v, %v", got, fail)
	}
	if got, fail := r.barcodes(t.Context(), &sheetPage{img: decodeMust(t, made.PNG(t, 300, 200))}); fail != nil || len(got) != 0 {
		t.Errorf("on an empty page: %+v, %v", got, fail)
	}
}

// A small code that leans is read at a larger size, and stands where it stands on
// the page as it came.
func TestSmallLeaningQRCode(t *testing.T) {
	t.Parallel()
	r := New(Config{Deadline: patience, Tesseract: "-"})
	if r.zxing == "" {
		t.Skip("ZXingReader is not installed; " + installBarcodes)
	}
	payload := "UI office hours sign-up for nobody, http://www.example.org/somewhere/office_hours/ and more of it"
	b, err := qrcode.Encode(payload, qrcode.High, 1200)
	if err != nil {
		t.Fatal(err)
	}
	page := leaning(t, decodeMust(t, b), 150, 0.1)
	got, fail := r.barcodes(t.Context(), &sheetPage{img: page})
	if fail != nil || len(got) != 1 || got[0].Text != payload {
		t.Fatalf("%+v, %v", got, fail)
	}
	if g := got[0].Region; g == nil || math.Abs(g.X+g.W/2-0.49) > 0.04 || math.Abs(g.Y+g.H/2-0.49) > 0.04 || g.W < 0.55 || g.W > 0.8 {
		t.Errorf("region %+v", g)
	}
}

// leaning photographs a code with its quiet zone, size pixels wide on a page 40
// pixels wider, from the side: each of its pixels is the mean of those of the code
// that fall on it.
func leaning(t *testing.T, code *image.Gray, size, lean float64) *image.Gray {
	t.Helper()
	side := int(size) + 40
	m, ok := sheet.MapTo([4]sheet.Point{{X: 20 + lean*size, Y: 20}, {X: 20 + size, Y: 20 + lean*size/3}, {X: 20 + size*(1-lean/2), Y: 20 + size}, {X: 20, Y: 20 + size*(1-lean/2)}},
		float64(code.Rect.Dx()), float64(code.Rect.Dy()))
	if !ok {
		t.Fatal("no such perspective")
	}
	sum, count := make([]float64, side*side), make([]float64, side*side)
	for y := range code.Rect.Dy() {
		for x := range code.Rect.Dx() {
			px, py := m.At(float64(x)+0.5, float64(y)+0.5)
			i := int(py)*side + int(px)
			sum[i], count[i] = sum[i]+float64(code.Pix[y*code.Stride+x]), count[i]+1
		}
	}
	out := image.NewGray(image.Rect(0, 0, side, side))
	for i := range out.Pix {
		out.Pix[i] = 230
		if count[i] > 0 {
			out.Pix[i] = uint8(40 + 0.75*sum[i]/count[i])
		}
	}
	return out
}

// licencePayload is a licence of nobody, in the standard's tenth edition.
const licencePayload = "@\n\x1e\rANSI 636026100002DL00410200ZA02410020DLDAQD12345678\nDCSQUILLFEATHER\nDDEN\nDACZOLTAN\nDDFN\nDADXERXES\nDDGN\nDBB02291996\nDBD03012020\nDBA02292028\nDBC1\nDAU070 IN\nDAYHAZ\nDAG1 TEST AVE\nDAIPHOENIX\nDAJAZ\nDAK850010000  \nDCGUSA\nDCFABC123\nDDAF\r"

// drawnLicence has ZXingWriter draw the payload, modules wide and three times
// as high.
func drawnLicence(t *testing.T) *image.Gray {
	t.Helper()
	writer, err := exec.LookPath("ZXingWriter")
	if err != nil {
		t.Skip("ZXingWriter is not installed; " + installBarcodes)
	}
	file := filepath.Join(t.TempDir(), "code.png")
	if out, err := exec.Command(writer, "-margin", "20", "-ecc", "5", "PDF417", licencePayload, file).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return decodeMust(t, b)
}

// onCard puts a code on a grey card with lines of print above it, scaled and
// turned by degrees about the card's middle.
func onCard(code *image.Gray, scale, degrees float64) *image.Gray {
	const w, h = 1600, 1200
	card := image.NewGray(image.Rect(0, 0, w, h))
	for i := range card.Pix {
		card.Pix[i] = 225
	}
	for line := range 6 { // something like print
		for x := 300; x < 1200; x += 14 {
			for y := range 16 {
				card.Pix[(300+40*line+y)*card.Stride+x+(y*(line+x))%7] = 60
			}
		}
	}
	s, c := math.Sincos(degrees * math.Pi / 180)
	cw, ch := float64(code.Rect.Dx()), float64(code.Rect.Dy())
	cut := grey.Warp(code, grey.Affine{A: c / scale, B: s / scale, C: cw/2 - (c*w/2+s*(h/2+150))/scale, D: -s / scale, E: c / scale, F: ch/2 - (-s*w/2+c*(h/2+150))/scale}, w, h)
	for i, v := range cut.Pix {
		card.Pix[i] = min(card.Pix[i], v)
	}
	return card
}

func TestTiltedLicence(t *testing.T) {
	t.Parallel()
	r := New(Config{Deadline: patience, Tesseract: "-"})
	if r.zxing == "" {
		t.Skip("ZXingReader is not installed; " + installBarcodes)
	}
	code := drawnLicence(t)
	for _, degrees := range []float64{0, 1.2, 3, 7, -11, 20, 30, 45, -60, 83, 97, 172, 180, 270} {
		page := onCard(code, 1.5, degrees)
		got, fail := r.barcodes(t.Context(), &sheetPage{img: page, file: 1, number: 2, upload: "u"})
		if fail != nil || len(got) != 1 || got[0].licence == nil || got[0].Text != licencePayload || got[0].Fields["DCS"] != "QUILLFEATHER" {
			t.Errorf("at %v degrees: %d codes, %v", degrees, len(got), fail)
			continue
		}
		g := got[0].Region
		if g == nil || g.Upload != "u" || g.Page != 2 || math.Abs(g.X+g.W/2-0.5) > 0.04 || math.Abs(g.Y+g.H/2-0.625) > 0.04 || g.W > 0.8 {
			t.Errorf("at %v degrees: region %+v", degrees, g)
		}
	}
}

// A page without a code costs a bounded number of runs.
func TestPatternWithoutCode(t *testing.T) {
	t.Parallel()
	stripes := image.NewGray(image.Rect(0, 0, 900, 600))
	for y := range 600 {
		for x := range 900 {
			stripes.Pix[y*900+x] = uint8(127 + 120*math.Sin(float64(x)+0.3*float64(y)))
		}
	}
	patches := findPatches(stripes)
	if len(patches) != 1 || math.Abs(patches[0].angle-math.Atan(0.3)) > 0.02 || !patches[0].tilted() {
		t.Fatalf("%+v", patches)
	}
	r := New(Config{Deadline: patience, Tesseract: "-"})
	if r.zxing == "" {
		t.Skip("ZXingReader is not installed; " + installBarcodes)
	}
	var s codeSearch
	got, fail := r.readPatch(t.Context(), &sheetPage{img: stripes}, viewOf(&sheetPage{img: stripes}, nil, 0), patches[0], &s)
	if fail != nil || len(got) != 0 || s.runs > maxBarcodeRuns {
		t.Errorf("%d runs, %+v, %v", s.runs, got, fail)
	}
	for _, empty := range []*image.Gray{image.NewGray(image.Rect(0, 0, 5, 5)), image.NewGray(image.Rect(0, 0, 300, 8)), image.NewGray(image.Rect(0, 0, 300, 300))} {
		if p := findPatches(empty); len(p) != 0 {
			t.Errorf("on an empty picture: %+v", p)
		}
	}
}

func TestCharacterSetsOfCodes(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"]L1AB\\000020\x93\x5f\\000004\xac": "AB点Ź", "]Q2\\000026Grüße": "Grüße", "]L1a\\\\b\\000003\xe9": "a\\bé",
		"]L1\\000009\xe1": "α", "]L1\\000022\x90": "ђ",
	} {
		if got, told := eciText([]byte(raw)); !told || got != want {
			t.Errorf("%q: %q, %v", raw, got, told)
		}
	}
	for _, raw := range []string{"", "]L1plain", "]L1\\999999x", "]L1\\00", "no identifier", "]L1\\00000xy"} {
		if got, told := eciText([]byte(raw)); told {
			t.Errorf("%q: %q", raw, got)
		}
	}
}

func FuzzZXingReport(f *testing.F) {
	f.Add("Text: \"@<LF>ANSI\"\nBytes: 40 0A 41 4E 53 49\nBytesECI: 5D 4C 31 5C 30 30 30 30 32 30 93 5F\nFormat: PDF417\nPosition: 10x10 556x10 556x169 10x169\n")
	f.Fuzz(func(t *testing.T, report string) {
		codes := parseZXing(report)
		page := &sheetPage{img: image.NewGray(image.Rect(0, 0, 100, 50))}
		put(codes, grey.Affine{A: 1, E: 1}, page, viewOf(page, nil, 0))
		for _, c := range codes {
			if c.Fields == nil || c.Region != nil && (c.Region.X < 0 || c.Region.Y < 0 || c.Region.X+c.Region.W > 1.0001 || c.Region.Y+c.Region.H > 1.0001) {
				t.Fatalf("%+v", c)
			}
		}
	})
}

func normalBreaks(s string) string {
	return strings.TrimSpace(strings.ReplaceAll(strings.TrimPrefix(s, "\ufeff"), "\r\n", "\n"))
}
