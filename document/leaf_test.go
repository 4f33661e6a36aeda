package document

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"testing"

	"bonafide/grey"
)

// marked is a specimen whose place for the portrait is blue, and gives where
// that stands, as shares of the page.
func marked(t *testing.T) (*image.RGBA, image.Rectangle) {
	t.Helper()
	page, err := drawSpecimen(example(), must(example().MRZLines()))
	if err != nil {
		t.Fatal(err)
	}
	unit := float64(page.Rect.Dx()) / 1000
	at := image.Rect(int(40*unit), int(130*unit), int(270*unit), int(430*unit))
	for y := at.Min.Y; y < at.Max.Y; y++ {
		for x := at.Min.X; x < at.Max.X; x++ {
			page.SetRGBA(x, y, color.RGBA{20, 40, 230, 255})
		}
	}
	return page, at
}

// bluePart gives the rectangle around what is blue in a picture, and which share of
// it is.
func bluePart(img image.Image) (image.Rectangle, float64) {
	var out image.Rectangle
	n := 0
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y++ {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x++ {
			if r, g, b, _ := img.At(x, y).RGBA(); b > 0xb000 && r < 0x5000 && g < 0x5000 {
				out = out.Union(image.Rect(x, y, x+1, y+1))
				n++
			}
		}
	}
	return out, float64(n) / float64(max(1, out.Dx()*out.Dy()))
}

// The portrait of a page that was photographed from a side stands upright and
// whole on the straightened page, and is shown where it stands in the picture.
func TestLeafOfALeaningPage(t *testing.T) {
	t.Parallel()
	page, at := marked(t)
	r := New(Config{Deadline: patience, Tesseract: "-", ZXingReader: "-"})
	defer r.Close()
	for name, c := range map[string]struct {
		pose   pose
		turned int // of the straightened page
	}{
		"tilted by 15 degrees":  {pose{1.15, 0, 0, 15}, 0},
		"leaning back":          {pose{1.1, 27, 0, 4}, 0},
		"leaning, rolled by 20": {pose{1.2, 24, -22, 20}, 0},
		"on its side, leaning":  {pose{1.3, 22, 15, 94}, 90},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, _, onPage := photo(t, page, 1600, 1200, c.pose)
			leaf, fail := r.Leaf(t.Context(), File{Bytes: b})
			if fail != nil {
				t.Fatal(fail)
			}
			if leaf.Picture.Bounds() != image.Rect(0, 0, 1600, 1200) {
				t.Errorf("the picture is %v", leaf.Picture.Bounds())
			}
			if leaf.Straight == nil {
				t.Fatal("it was not straightened")
			}
			size := leaf.Straight.Bounds().Size()
			proportions := float64(size.X) / float64(size.Y)
			if c.turned == 90 {
				proportions = 1 / proportions
			}
			// Which format a page has is told from its perspective; the next one differs
			// by a tenth.
			if math.Abs(proportions*88/125-1) > 0.1 {
				t.Errorf("the page has %v", size)
			}
			// On the straightened page the portrait is a rectangle, in its place.
			got, filled := bluePart(leaf.Straight)
			if filled < 0.96 {
				t.Errorf("%.3f of the portrait's rectangle is portrait", filled)
			}
			if c.turned == 0 {
				for i, corner := range [2]image.Point{got.Min, got.Max} {
					u, v := float64(corner.X)/float64(size.X), float64(corner.Y)/float64(size.Y)
					want := [2]image.Point{at.Min, at.Max}[i]
					if math.Abs(u-float64(want.X)/float64(page.Rect.Dx())) > 0.012 || math.Abs(v-float64(want.Y)/float64(page.Rect.Dy())) > 0.012 {
						t.Errorf("corner %d at %.3f, %.3f of the page, want %v of %v", i, u, v, want, page.Rect.Max)
					}
				}
			}
			// The way back leads to the corners of the portrait in the photograph.
			for i, corner := range leaf.Corners(float64(got.Min.X), float64(got.Min.Y), float64(got.Dx()), float64(got.Dy())) {
				u, v := onPage(corner[0], corner[1])
				x, y := u*float64(page.Rect.Dx()), v*float64(page.Rect.Dy())
				off := math.Inf(1)
				for _, want := range [4][2]int{{at.Min.X, at.Min.Y}, {at.Max.X, at.Min.Y}, {at.Max.X, at.Max.Y}, {at.Min.X, at.Max.Y}} {
					off = min(off, math.Hypot(x-float64(want[0]), y-float64(want[1])))
				}
				if off > 0.012*float64(page.Rect.Dx()) {
					t.Errorf("corner %d of the portrait is shown %.0f pixels off", i, off)
				}
			}
		})
	}
}

// A scan is its own page, in colour as it is.
func TestLeafOfAScan(t *testing.T) {
	t.Parallel()
	page, at := marked(t)
	var b bytes.Buffer
	if err := png.Encode(&b, page); err != nil {
		t.Fatal(err)
	}
	r := New(Config{Deadline: patience, Tesseract: "-", ZXingReader: "-"})
	defer r.Close()
	leaf, fail := r.Leaf(t.Context(), File{Bytes: b.Bytes()})
	if fail != nil {
		t.Fatal(fail)
	}
	if leaf.Straight != nil {
		t.Errorf("it was straightened to %v", leaf.Straight.Bounds())
	}
	if got, _ := bluePart(leaf.Picture); got != at {
		t.Errorf("the portrait is at %v, want %v", got, at)
	}
	w, h := float64(page.Rect.Dx()), float64(page.Rect.Dy())
	want := [4][2]float64{{0.25, 0.5}, {0.75, 0.5}, {0.75, 1}, {0.25, 1}}
	if got := leaf.Corners(w/4, h/2, w/2, h); got != want { // beyond the foot
		t.Errorf("%v, want %v", got, want)
	}
	if _, fail := r.Leaf(t.Context(), File{Bytes: []byte("no picture")}); fail == nil {
		t.Error("what is no picture was opened")
	}
}

// A page that fills a picture of many pixels is not made larger than is read.
func TestLeafIsBounded(t *testing.T) {
	t.Parallel()
	page, _ := marked(t)
	b, _, _ := photo(t, page, 3600, 2700, pose{1.05, 12, 0, 8})
	r := New(Config{Deadline: patience, Tesseract: "-", ZXingReader: "-"})
	defer r.Close()
	leaf, fail := r.Leaf(t.Context(), File{Bytes: b})
	if fail != nil || leaf.Straight == nil {
		t.Fatal(leaf.Straight, fail)
	}
	if s := leaf.Straight.Bounds().Size(); max(s.X, s.Y) != grey.WorkSide {
		t.Errorf("%v", s)
	}
	if got, filled := bluePart(leaf.Straight); filled < 0.96 || got.Dx() < 500 {
		t.Errorf("the portrait is %v, %.3f of it", got, filled)
	}
}
