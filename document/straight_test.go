package document

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"bonafide/grey"
	"bonafide/sheet"
)

// pose is how a camera looks at a page: tipped back, turned to a side and
// rolled by so many degrees, from a distance of so many widths of the page.
type pose struct{ distance, tip, side, roll float64 }

// corners gives where the corners of a page of a size stand in a picture, for
// a lens of 0.8 times the picture's longest side.
func (v pose) corners(w, h int, pageW, pageH float64) [4]sheet.Point {
	focal := 0.8 * float64(max(w, h))
	st, ct := math.Sincos(v.tip * math.Pi / 180)
	ss, cs := math.Sincos(v.side * math.Pi / 180)
	sr, cr := math.Sincos(v.roll * math.Pi / 180)
	var out [4]sheet.Point
	for i, at := range [4][2]float64{{-0.5, -0.5}, {0.5, -0.5}, {0.5, 0.5}, {-0.5, 0.5}} {
		x, y := at[0], at[1]*pageH/pageW*ct
		z := -at[1] * pageH / pageW * st
		x, z = x*cs+z*ss, -x*ss+z*cs
		x, y = x*cr-y*sr, x*sr+y*cr
		out[i] = sheet.Point{X: float64(w)/2 + focal*x/(z+v.distance), Y: float64(h)/2 + focal*y/(z+v.distance)}
	}
	return out
}

// photo lays a drawn page on a wooden table and photographs it, as JPEG. It
// gives the way from the picture's pixels to the page's, in shares of it.
func photo(t testing.TB, page image.Image, w, h int, v pose) ([]byte, [4]sheet.Point, func(x, y float64) (float64, float64)) {
	t.Helper()
	b := page.Bounds()
	pw, ph := float64(b.Dx()), float64(b.Dy())
	corners := v.corners(w, h, pw, ph)
	// The homography from the picture to the page by Gaussian elimination: eight
	// equations, independent of what is tested.
	var m [8][9]float64
	for i, at := range [4][2]float64{{0, 0}, {pw, 0}, {pw, ph}, {0, ph}} {
		x, y := corners[i].X, corners[i].Y
		m[2*i] = [9]float64{x, y, 1, 0, 0, 0, -at[0] * x, -at[0] * y, at[0]}
		m[2*i+1] = [9]float64{0, 0, 0, x, y, 1, -at[1] * x, -at[1] * y, at[1]}
	}
	for c := range 8 {
		best := c
		for r := c + 1; r < 8; r++ {
			if math.Abs(m[r][c]) > math.Abs(m[best][c]) {
				best = r
			}
		}
		m[c], m[best] = m[best], m[c]
		for r := range 8 {
			if r != c {
				f := m[r][c] / m[c][c]
				for k := c; k < 9; k++ {
					m[r][k] -= f * m[c][k]
				}
			}
		}
	}
	var k [8]float64
	for i := range k {
		k[i] = m[i][8] / m[i][i]
	}
	back := func(x, y float64) (float64, float64) {
		d := k[6]*x + k[7]*y + 1
		return (k[0]*x + k[1]*y + k[2]) / d, (k[3]*x + k[4]*y + k[5]) / d
	}
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	const sub = 2
	for y := range h {
		for x := range w {
			var sum [3]int
			for i := range sub * sub {
				u, v := back(float64(x)+(float64(i%sub)+0.5)/sub, float64(y)+(float64(i/sub)+0.5)/sub)
				c := color.RGBA{uint8(96 + 14*math.Sin(float64(y)/7+2*math.Sin(float64(x)/150))), 74, 52, 255}
				if u >= 0 && v >= 0 && u < pw && v < ph {
					c, _ = color.RGBAModel.Convert(page.At(b.Min.X+int(u), b.Min.Y+int(v))).(color.RGBA)
				}
				sum[0], sum[1], sum[2] = sum[0]+int(c.R), sum[1]+int(c.G), sum[2]+int(c.B)
			}
			img.SetRGBA(x, y, color.RGBA{uint8(sum[0] / sub / sub), uint8(sum[1] / sub / sub), uint8(sum[2] / sub / sub), 255})
		}
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: 88}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), corners, func(x, y float64) (float64, float64) {
		u, v := back(x*float64(w), y*float64(h))
		return u / pw, v / ph
	}
}

// A passport that lies tilted and leaning on a table is straightened and read
// whole, and what is read is shown where it stands in the photograph.
func TestLeaningPagesAreStraightened(t *testing.T) {
	t.Parallel()
	r := anyReader(t)
	if r == nil {
		t.Skip("tesseract is not here")
	}
	// The face that specimens are drawn with has an O that is nearly a Q, and a 1
	// that is nearly an I; neither is what is tested here.
	s := example()
	s.Surname, s.GivenNames, s.Number = "Hansen-Vestby", "Karen Mette", "BX7430592"
	lines := must(s.MRZLines())
	page, err := drawSpecimen(s, lines)
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]pose{
		"tilted by 15 degrees":  {1.15, 0, 0, 15},
		"leaning back":          {1.1, 27, 0, 4},
		"leaning to a side":     {1.1, 5, 35, -6},
		"leaning, rolled by 20": {1.2, 24, -22, 20},
		"on its side, leaning":  {1.3, 22, 15, 94},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, corners, onPage := photo(t, page, 1600, 1200, v)
			got, fail := r.Read(t.Context(), []File{{Bytes: b, Upload: "U"}}, today())
			if fail != nil {
				t.Fatal(fail)
			}
			if got.MRZ == nil || !slices.Equal(got.MRZ.Lines, lines) {
				t.Fatalf("read %+v, want %v", got.MRZ, lines)
			}
			p := got.Pages[0]
			if p.Straight == nil {
				t.Fatal("it was not straightened")
			}
			// The corners are shown as the page was turned.
			for i, c := range p.Straight.Corners {
				x, y := turnedBack(c[0], c[1], p.Turned)
				near := slices.ContainsFunc(corners[:], func(want sheet.Point) bool { return math.Hypot(x*1600-want.X, y*1200-want.Y) < 6 })
				if !near {
					t.Errorf("corner %d at %.0f, %.0f, want one of %v", i, x*1600, y*1200, corners)
				}
			}
			// The date of birth stands in the second line of the zone, the places 13-19
			// of 44: at 40+920*13/44 of 1000 across and 630-650 of 704 down.
			for field, at := range map[string][2]float64{"date_of_birth": {0.362, 0.912}, "last_name": {0.27, 0.83}} {
				f, ok := got.Field(field)
				if !ok || f.Region == nil || f.Region.Upload != "U" {
					t.Fatalf("%s: %+v", field, f)
				}
				cx, cy := turnedBack(f.Region.X+f.Region.W/2, f.Region.Y+f.Region.H/2, p.Turned)
				u, w := onPage(cx, cy)
				if math.Abs(u-at[0]) > 0.08 || math.Abs(w-at[1]) > 0.035 {
					t.Errorf("%s is shown at %.3f, %.3f of the page, stands at %v", field, u, w, at)
				}
			}
			if !slices.ContainsFunc(got.Comparisons, func(c Comparison) bool { return c.What == "name" && c.Verdict == Agrees }) {
				t.Logf("the print does not confirm the name: %+v", got.Comparisons)
			}
		})
	}
}

// The same page without a table around it is not touched.
func TestScansAreNotStraightened(t *testing.T) {
	t.Parallel()
	page, err := drawSpecimen(example(), must(example().MRZLines()))
	if err != nil {
		t.Fatal(err)
	}
	p := sheetPage{img: grey.Of(page)}
	if flat := p.straight(); flat != nil {
		t.Errorf("%+v", flat.page)
	}
	own := sheetPage{img: grey.Of(page), text: "a page that a program drew"}
	if own.straight() != nil || own.looked {
		t.Error("a page with its own text was looked at")
	}
}

// A PDF417 on a card that leans too far for the reader of barcodes is read off
// the straightened card, and shown where it is.
func TestBarcodeOfALeaningCard(t *testing.T) {
	t.Parallel()
	writer, err := exec.LookPath("ZXingWriter")
	r := New(Config{Deadline: patience, Tesseract: "-"})
	if err != nil || r.zxing == "" {
		t.Skip("ZXingReader and ZXingWriter are not installed; " + installBarcodes)
	}
	payload := "@\n\x1e\rANSI 636026100001DL00310200DLDAQD12345678\nDCSQUILLFEATHER\nDACZOLTAN\nDADXERXES\nDBB02291996\nDBD03012024\nDBA02292064\nDBC1\nDAG1 TEST AVE\nDAIPHOENIX\nDAJAZ\nDAK850010000  \nDCGUSA\nDDAF\r"
	file := t.TempDir() + "/code.png"
	if out, err := exec.CommandContext(t.Context(), writer, "-size", "900x300", "-margin", "4", "PDF417", payload, file).CombinedOutput(); err != nil {
		t.Fatal(err, string(out))
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	code, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	card := image.NewRGBA(image.Rect(0, 0, 1200, 757))
	for y := range 757 {
		for x := range 1200 {
			card.Set(x, y, color.RGBA{228, 232, 226, 255})
			if at := image.Pt(x-150, y-90); at.In(code.Bounds()) {
				card.Set(x, y, code.At(at.X, at.Y))
			}
		}
	}
	read := 0
	for _, v := range []pose{{1.1, 0, 0, 0}, {1.15, 38, 0, 3}, {1.2, 35, 20, -12}, {1.2, 20, 42, 9}} {
		b, _, onPage := photo(t, card, 1800, 1350, v)
		got := r.Inspect(t.Context(), File{Bytes: b}, today())
		if got.Error != nil && !strings.HasSuffix(got.Error.Code, "_not_configured") {
			t.Fatal(got.Error)
		}
		if len(got.Barcodes) != 1 || got.Barcodes[0].Fields["DAQ"] != "D12345678" {
			t.Errorf("%+v: %+v", v, got.Barcodes)
			continue
		}
		read++
		at := got.Barcodes[0].Region
		if u, w := onPage(at.X+at.W/2, at.Y+at.H/2); math.Abs(u-0.5) > 0.1 || w < 0.1 || w > 0.6 {
			t.Errorf("%+v: shown at %.2f, %.2f of the card: %+v", v, u, w, at)
		}
	}
	t.Logf("%d read", read)
}

// Whatever is done to a page's map, a region stays within the page.
func TestRegionsStayOnThePage(t *testing.T) {
	t.Parallel()
	p := &sheetPage{img: image.NewGray(image.Rect(0, 0, 400, 300))}
	m, ok := sheet.MapTo([4]sheet.Point{{X: 40, Y: 60}, {X: 390, Y: 20}, {X: 399, Y: 280}, {X: 5, Y: 220}}, 300, 200)
	if !ok {
		t.Fatal("no map")
	}
	flat := &flatPage{page: sheet.Page{Map: m, Width: 300, Height: 200}, img: image.NewGray(image.Rect(0, 0, 300, 200))}
	for _, degrees := range []int{0, 90, 180, 270} {
		v := viewOf(p, flat, degrees)
		for _, place := range [][2]float64{{0, 0}, {1e9, -1e9}, {math.Inf(1), 5}, {150, 100}} {
			at := v.region("", 0, place, [2]float64{10, 10})
			for _, share := range []float64{at.X, at.Y, at.W, at.H, at.X + at.W, at.Y + at.H} {
				if !(share >= 0 && share <= 1.0001) {
					t.Errorf("%d degrees, %v: %+v", degrees, place, at)
				}
			}
		}
		// The middle of the straight page lies where the diagonals of the corners
		// cross, whichever way it is turned.
		x, y := v.at(float64(v.img.Rect.Dx())/2, float64(v.img.Rect.Dy())/2)
		x, y = turnedBack(x, y, degrees)
		wantX, wantY := m.At(150, 100)
		if math.Hypot(x*400-wantX, y*300-wantY) > 0.01 {
			t.Errorf("%d degrees: the middle at %.1f, %.1f, want %.1f, %.1f", degrees, x*400, y*300, wantX, wantY)
		}
	}
	if _, err := json.Marshal(viewOf(p, flat, 0).region("", 0, [2]float64{math.NaN(), 0})); err != nil {
		t.Error(err)
	}
}
