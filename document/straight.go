package document

import (
	"image"
	"math"

	"bonafide/grey"
	"bonafide/kyc"
	"bonafide/sheet"
)

// Straight is a page that was found in a photograph and straightened to be
// read.
type Straight struct {
	// Corners are the page's in the picture, from the upper left one clockwise,
	// each as X and Y in shares (0-1) of the upright picture, as regions are.
	Corners [4][2]float64 `json:"corners"`
	// Width and Height are of the straightened page in pixels.
	Width  int `json:"width"`
	Height int `json:"height"`
	// Tilt is the angle of its upper edge in the picture, and Lean how far
	// opposite edges are from parallel there, in degrees; both before the page
	// was turned.
	Tilt float64 `json:"tilt"`
	Lean float64 `json:"lean"`
}

// A page is straightened where it is tilted, its edges are not parallel, or it
// is a smaller part of the picture.
const (
	leastTilt = 1.0 // degrees
	leastLean = 1.0
	mostShare = 0.75
)

// gains reports whether straightening a page makes a difference.
func gains(p sheet.Page) bool {
	return math.Abs(p.Tilt) >= leastTilt || p.Lean >= leastLean || p.Share <= mostShare
}

// flatPage is a page of a photograph, straightened.
type flatPage struct {
	page sheet.Page
	img  *image.Gray
}

// straight gives the straightened page of a photograph, nil where none was
// found or nothing is gained by it. It looks once. A page that carries its own
// text was drawn by a program and needs none.
func (p *sheetPage) straight() *flatPage {
	if p.looked || p.text != "" {
		return p.flat
	}
	p.looked = true
	if page, ok := sheet.Find(p.img); ok && gains(page) {
		p.flat = &flatPage{page, page.Straight(p.img)}
	}
	return p.flat
}

// view is a picture that is read in place of its page: the page itself, or
// what was straightened out of it, turned clockwise.
type view struct {
	img    *image.Gray // turned
	turned int
	flat   *flatPage // nil for the page itself
	// w and h are the page's, before it was turned.
	w, h float64
}

// viewOf gives a page turned to be read, or its straightened part.
func viewOf(p *sheetPage, flat *flatPage, turned int) view {
	v := view{turned: turned, flat: flat, w: float64(p.img.Rect.Dx()), h: float64(p.img.Rect.Dy())}
	if flat != nil {
		v.img = grey.Turn(flat.img, turned)
	} else {
		v.img = grey.Turn(p.img, turned)
	}
	return v
}

// at gives where a place of the view lies on the page, in shares of it, the
// page turned as the view is.
func (v view) at(x, y float64) (float64, float64) {
	x, y = x/float64(v.img.Rect.Dx()), y/float64(v.img.Rect.Dy())
	if v.flat != nil {
		x, y = turnedBack(x, y, v.turned)
		x, y = v.flat.page.Map.At(x*float64(v.flat.img.Rect.Dx()), y*float64(v.flat.img.Rect.Dy()))
		x, y = turnedBack(x/v.w, y/v.h, 360-v.turned)
	}
	return clamped(x), clamped(y)
}

// clamped keeps a share within 0 and 1; what is no number is 0, which a region
// can be written with.
func clamped(x float64) float64 {
	if !(x > 0) {
		return 0
	}
	return min(x, 1)
}

// turnedBack gives where a place of a page that was turned clockwise lies on
// the page as it was, both in shares.
func turnedBack(x, y float64, degrees int) (float64, float64) {
	switch degrees % 360 {
	case 90:
		return y, 1 - x
	case 180:
		return 1 - x, 1 - y
	case 270:
		return 1 - y, x
	}
	return x, y
}

// region gives the smallest region of the page that holds places of the view.
func (v view) region(upload kyc.ID, number int, places ...[2]float64) *kyc.Region {
	x0, y0, x1, y1 := 1.0, 1.0, 0.0, 0.0
	for _, place := range places {
		x, y := v.at(place[0], place[1])
		x0, y0, x1, y1 = min(x0, x), min(y0, y), max(x1, x), max(y1, y)
	}
	x0, y0 = round4(x0), round4(y0)
	return &kyc.Region{Upload: upload, Page: number, X: x0, Y: y0, W: round4(round4(x1) - x0), H: round4(round4(y1) - y0)}
}

// box is the four corners of a rectangle.
func boxOf(x0, y0, x1, y1 float64) [][2]float64 {
	return [][2]float64{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}}
}

// shown says how a page was straightened, turned as it was read.
func (f *flatPage) shown(p *sheetPage, turned int) *Straight {
	out := &Straight{Width: f.page.Width, Height: f.page.Height, Tilt: round2(f.page.Tilt), Lean: round2(f.page.Lean)}
	w, h := float64(p.img.Rect.Dx()), float64(p.img.Rect.Dy())
	for i, c := range f.page.Corners {
		x, y := turnedBack(c.X/w, c.Y/h, 360-turned)
		// The corner that was the upper left one is another after a turn.
		out.Corners[(i+turned/90)%4] = [2]float64{round4(x), round4(y)}
	}
	return out
}

// straightened notes that something was read off the straightened page, where
// that is not known from its zone.
func (r *Reading) straightened(p *sheetPage) {
	for i := range r.Pages {
		if page := &r.Pages[i]; page.File == p.file && page.Page == p.number && page.Straight == nil {
			page.Straight = p.flat.shown(p, page.Turned)
		}
	}
}
