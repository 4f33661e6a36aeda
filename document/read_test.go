package document

import (
	"bytes"
	"encoding/json"
	"image"
	"image/jpeg"
	"image/png"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"bonafide/grey"
	"bonafide/imagefile/made"
	"bonafide/kyc"
)

// drawn is a drawn passport as grey picture, with the zone it carries.
func drawn(t testing.TB, s Specimen, lines []string) *image.Gray {
	t.Helper()
	img, err := drawSpecimen(s, lines)
	if err != nil {
		t.Fatal(err)
	}
	return grey.Of(img)
}

func encode(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// anyReader gives the best Reader that can be had here.
func anyReader(t testing.TB) *Reader {
	t.Helper()
	all := readers(t)
	if r, ok := all["mrz"]; ok {
		return r
	}
	return all["eng"]
}

func TestTurnedAndTiltedPages(t *testing.T) {
	t.Parallel()
	r := anyReader(t)
	lines, _ := example().MRZLines()
	page := drawn(t, example(), lines)
	w, h := page.Rect.Dx(), page.Rect.Dy()
	tilt := func(degrees float64) *image.Gray {
		sin, cos := math.Sincos(degrees * math.Pi / 180)
		m := grey.Affine{A: cos, B: sin, D: -sin, E: cos}
		m.C, m.F = float64(w)/2*(1-m.A)-float64(h)/2*m.B, float64(h)/2*(1-m.E)-float64(w)/2*m.D
		return grey.Warp(page, m, w, h)
	}
	for _, c := range []struct {
		name   string
		img    *image.Gray
		turned int
	}{
		{"sideways", grey.Turn(page, 90), 270}, {"upside down", grey.Turn(page, 180), 180}, {"sideways the other way", grey.Turn(page, 270), 90},
		{"tilted by 4 degrees", tilt(4), 0}, {"tilted by -6 degrees", tilt(-6), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := r.Read(t.Context(), []File{{Bytes: encode(t, c.img)}}, today())
			if err != nil {
				t.Fatal(err)
			}
			if got.MRZ == nil || !got.MRZ.Valid || got.Pages[0].Turned != c.turned {
				t.Fatalf("turned %d, zone %+v", got.Pages[0].Turned, got.MRZ)
			}
			number, _ := got.Field("document_number")
			if number.Value != "BX7410592" || number.Region.Y < 0.7 || number.Region.X > 0.25 || number.Region.W > 0.3 {
				t.Errorf("number %q in %+v", number.Value, number.Region)
			}
			if got.Pages[0].Width < got.Pages[0].Height || got.Quality.Width < got.Quality.Height {
				t.Errorf("the upright page is %d x %d", got.Pages[0].Width, got.Pages[0].Height)
			}
		})
	}
}

func TestEveryFormatIsReadFromAPicture(t *testing.T) {
	t.Parallel()
	r := anyReader(t)
	for name, lines := range map[string][]string{
		"TD1":  {"I<UTOD23145890<7349<<<<<<<<<<<", "3407127M9507122UTO<<<<<<<<<<<2", "STEVENSON<<PETER<JOHN<<<<<<<<<"},
		"TD2":  {"I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6"},
		"MRVA": {"V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L8988901C4XXX4009078F96121096ZE184226B<<<<<<"},
		"MRVB": {"V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "L8988901C4XXX4009078F9612109<<<<<<<<"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := r.Read(t.Context(), []File{{Bytes: encode(t, drawn(t, example(), lines))}}, today())
			if err != nil {
				t.Fatal(err)
			}
			if got.MRZ == nil || string(got.MRZ.Format) != name || !got.MRZ.Valid {
				t.Fatalf("zone %+v", got.MRZ)
			}
			read := slices.Clone(got.MRZ.Lines)
			if name == "MRVA" {
				// No check digit covers a visa's optional data.
				read[1] = read[1][:28] + lines[1][28:]
			}
			if !slices.Equal(read, lines) {
				t.Errorf("zone %+v", got.MRZ)
			}
		})
	}
}

// The name line has no check digit: when the printed name contradicts it, the
// reading must say so.
func TestPrintedNameContradictsZone(t *testing.T) {
	t.Parallel()
	r := anyReader(t)
	s := example()
	s.Surname = "Brandstaetter"
	other := s
	other.Surname = "Brandstaedter"
	lines, _ := other.MRZLines()
	got, err := r.Read(t.Context(), []File{{Bytes: encode(t, drawn(t, s, lines))}}, today())
	if err != nil {
		t.Fatal(err)
	}
	if got.MRZ == nil || !got.MRZ.Valid {
		t.Fatalf("zone %+v", got.MRZ)
	}
	if _, ok := r.findModel("eng"); ok && !got.Has("name_unconfirmed") {
		t.Errorf("findings %v, printed text %q", got.Findings, got.VisualText)
	}
	if f, _ := got.Field("last_name"); f.Confidence > 0.5 {
		t.Errorf("the name has confidence %v", f.Confidence)
	}
}

func TestFailedCheckDigitsAreFindings(t *testing.T) {
	t.Parallel()
	r := anyReader(t)
	lines, _ := example().MRZLines()
	// A date of birth changed without its check digit, as forgers do.
	lines[1] = lines[1][:13] + "990417" + lines[1][19:]
	got, err := r.Read(t.Context(), []File{{Bytes: encode(t, drawn(t, example(), lines)), Upload: "u-1"}}, today())
	if err != nil {
		t.Fatal(err)
	}
	if got.MRZ == nil || got.MRZ.Valid || got.MRZ.Checks["dob"] || !got.MRZ.Checks["number"] {
		t.Fatalf("zone %+v", got.MRZ)
	}
	if f := got.Findings[0]; f.Severity != critical || !got.Has("mrz_check_digit_failed") || f.Region.Upload != "u-1" {
		t.Errorf("findings %+v", got.Findings)
	}
}

func TestReadingIsDeterministic(t *testing.T) {
	t.Parallel()
	r := anyReader(t)
	page, err := DrawSpecimen(example())
	if err != nil {
		t.Fatal(err)
	}
	first, fail := r.Read(t.Context(), []File{{Bytes: page}}, today())
	if fail != nil {
		t.Fatal(fail)
	}
	second, fail := r.Read(t.Context(), []File{{Bytes: page}}, today())
	if fail != nil || !reflect.DeepEqual(first, second) {
		t.Errorf("two readings differ (%v):\n%+v\n%+v", fail, first, second)
	}
}

func TestMissingToolsAreSaid(t *testing.T) {
	t.Parallel()
	r := New(Config{Deadline: patience, Tesseract: "-", ZXingReader: "-", Pdftoppm: "-", NoPDFium: true})
	_, err := r.Read(t.Context(), []File{{Bytes: made.PNG(t, 400, 300)}}, today())
	if err == nil || err.Kind != kyc.Unavailable || err.Code != "ocr_not_configured" || !strings.Contains(err.Message, installOCR) {
		t.Errorf("without OCR: %v", err)
	}
	_, err = r.Read(t.Context(), []File{{Bytes: made.PDF(1, "", "")}}, today())
	if err == nil || err.Code != "pdf_not_configured" {
		t.Errorf("without PDF: %v", err)
	}
	for _, c := range r.Capabilities(t.Context()) {
		if c.Name != "ocr_model_mrz" && c.Name != "ocr_model_eng" && (c.Available || c.Install == "") {
			t.Errorf("capability %+v", c)
		}
	}
	// What can be seen without OCR is shown all the same.
	got := r.Inspect(t.Context(), File{Name: "a.png", Bytes: made.PNG(t, 400, 300)}, today())
	if got.Error == nil || got.Error.Code != "ocr_not_configured" || got.Type != "image/png" || got.Quality.Width != 400 {
		t.Errorf("inspection %+v", got)
	}
}

func TestInspectShape(t *testing.T) {
	t.Parallel()
	r := anyReader(t)
	page, err := DrawSpecimen(example())
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(r.Inspect(t.Context(), File{Name: "passport.png", Bytes: page}, today()))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		File    string             `json:"file"`
		Kind    string             `json:"kind"`
		Quality map[string]float64 `json:"quality"`
		MRZ     struct {
			Format string          `json:"format"`
			Lines  []string        `json:"lines"`
			Fields map[string]any  `json:"fields"`
			Checks map[string]bool `json:"check_digits"`
			Valid  bool            `json:"valid"`
		} `json:"mrz"`
		Barcodes []any            `json:"barcodes"`
		Fraud    []map[string]any `json:"fraud"`
	}
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if got.File != "passport.png" || got.Kind != "passport" || got.MRZ.Format != "TD3" || !got.MRZ.Valid || len(got.MRZ.Checks) != 5 ||
		got.MRZ.Fields["number"] != "BX7410592" || got.MRZ.Fields["date_of_birth"] != "1991-04-17" || got.Barcodes == nil || len(got.Fraud) == 0 {
		t.Errorf("%s", b)
	}
	for _, key := range []string{"width", "height", "blur", "luma", "glare"} {
		if _, ok := got.Quality[key]; !ok {
			t.Errorf("quality has no %s", key)
		}
	}
	b, _ = json.Marshal(r.Inspect(t.Context(), File{Name: "empty"}, today()))
	if !strings.Contains(string(b), `"code":"empty_file"`) || !strings.Contains(string(b), `"mrz":null`) {
		t.Errorf("%s", b)
	}
}

func TestQualityFigures(t *testing.T) {
	t.Parallel()
	lines, _ := example().MRZLines()
	sharp := drawn(t, example(), lines)
	soft := grey.Resize(grey.Resize(sharp, 120, 84), sharp.Rect.Dx(), sharp.Rect.Dy())
	dark := image.NewGray(sharp.Rect)
	for i, v := range sharp.Pix {
		dark.Pix[i] = v / 6
	}
	spot := image.NewGray(sharp.Rect)
	copy(spot.Pix, sharp.Pix)
	for y := range 400 {
		for x := range 500 {
			spot.Pix[y*spot.Stride+x] = 255
		}
	}
	a, b, c, d := qualityOf(sharp), qualityOf(soft), qualityOf(dark), qualityOf(spot)
	if a.Blur < 300 || b.Blur > 60 {
		t.Errorf("blur: sharp %v, soft %v", a.Blur, b.Blur)
	}
	if a.Luma < 180 || c.Luma > 50 {
		t.Errorf("luma: %v, dark %v", a.Luma, c.Luma)
	}
	if a.Glare > 0.01 || d.Glare < 0.05 {
		t.Errorf("glare: %v, with a spot %v", a.Glare, d.Glare)
	}
}

func TestParseZXing(t *testing.T) {
	t.Parallel()
	out := "Text:       \"@<LF>ANSI\"\nBytes:      40 0A 41 4E 53 49\nBytesECI:   5D\nFormat:     PDF417\n\nText: \"x\"\nBytes: E9\nFormat: QRCode\n"
	got := parseZXing(out)
	if len(got) != 2 || got[0].Text != "@\nANSI" || got[0].Format != "PDF417" || got[1].Text != "é" || got[1].Format != "QRCode" {
		t.Errorf("%+v", got)
	}
	if got := parseZXing("No barcode found\n"); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

func FuzzTSV(f *testing.F) {
	f.Add("5\t1\t1\t1\t1\t1\t10\t10\t200\t20\t96.1\tP<UTOERIKSSON<<ANNA")
	f.Fuzz(func(t *testing.T, s string) {
		for _, l := range tsvLines(s) {
			n := len([]rune(l.text))
			if len(l.left) != n || len(l.right) != n {
				t.Fatalf("%d characters, %d boxes", n, len(l.left))
			}
			l.words()
		}
		findMRZ(tsvLines(s), today())
	})
}

// BenchmarkReadPassport2MP is the whole reading of a photo of two megapixels:
// decoding, zone, printed text, barcodes. cpu-ms is the processor time of
// this process and its children, which is what one core would need.
func BenchmarkReadPassport2MP(b *testing.B) {
	page, err := drawSpecimen(example(), must(example().MRZLines()))
	if err != nil {
		b.Fatal(err)
	}
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, page, &jpeg.Options{Quality: 90}); err != nil {
		b.Fatal(err)
	}
	for name, r := range readers(b) {
		b.Run(name, func(b *testing.B) {
			start := cpuTime()
			for b.Loop() {
				if got, err := r.Read(b.Context(), []File{{Bytes: photo.Bytes()}}, today()); err != nil || got.MRZ == nil || !got.MRZ.Valid {
					b.Fatalf("%+v %v", got.MRZ, err)
				}
			}
			b.ReportMetric(float64((cpuTime()-start).Milliseconds())/float64(b.N), "cpu-ms/op")
		})
	}
}

// BenchmarkUnreadable is a page of noise: everything is tried in vain.
func BenchmarkUnreadable(b *testing.B) {
	img := image.NewGray(image.Rect(0, 0, 1600, 1200))
	seed := uint32(1)
	for i := range img.Pix {
		seed = seed*1664525 + 1013904223
		img.Pix[i] = uint8(seed >> 24)
	}
	file := encode(b, grey.Resize(grey.Resize(img, 400, 300), 1600, 1200))
	r := anyReader(b)
	start := cpuTime()
	for b.Loop() {
		if _, err := r.Read(b.Context(), []File{{Bytes: file}}, today()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64((cpuTime()-start).Milliseconds())/float64(b.N), "cpu-ms/op")
}

func must(lines []string, err *kyc.Error) []string {
	if err != nil {
		panic(err)
	}
	return lines
}
