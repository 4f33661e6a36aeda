package sheet

import (
	"image"
	"math"
)

// Page is a page that was found in a picture.
type Page struct {
	// Corners are in pixels of the picture, from the upper left one clockwise.
	// The upper edge is the one that lies more level and higher: a page on its
	// side stays on its side.
	Corners [4]Point
	// Width and Height are of the straightened page in pixels, as large as it is
	// in the picture.
	Width, Height int
	// Share is the part of the picture that the page takes, 0-1.
	Share float64
	// Tilt is the angle of the upper edge in degrees, positive clockwise, and
	// Lean how far opposite edges are from parallel, in degrees.
	Tilt, Lean float64
	// Map is the way from the straightened page to the picture.
	Map Map
}

const (
	// findSide is the longest side of the picture in which lines are looked for,
	// fitSide of that in which they are fitted.
	findSide = 400
	fitSide  = 1600
	// leastSide is the shortest side of a picture worth looking at; pictures
	// more than mostStrip times as long as wide are no photographs of pages.
	leastSide = 120
	mostStrip = 4
	// leastShare is how much of the picture a page takes at least, and leastPage
	// its shorter side in pixels.
	leastShare = 0.2
	leastPage  = 100
	// leastSupport is how much of each side of the outline must be an edge, and
	// meanSupport of all four.
	leastSupport = 0.65
	meanSupport  = 0.8
	// farthest is how far out of the picture a corner may lie, as a share of its
	// longest side.
	farthest = 0.01
	// mostAround is how dense edges may lie around a page, as a share of how
	// dense they lie on it; quiet is the share of places that counts as none.
	mostAround = 0.5
	quiet      = 0.01
	// mostOff is how far the proportions may lie from those of a format.
	mostOff = 0.12
)

// formats are the proportions of what people photograph: ID-1 cards (ISO/IEC
// 7810, 85.60 x 53.98 mm), ID-2 and ID-3 with A4 and the open passport (105 x
// 74, 125 x 88, 210 x 297, 125 x 176 mm, which differ by less than 1 %), and
// the American letter.
func formats() [3]float64 { return [3]float64{85.60 / 53.98, 125.0 / 88, 11 / 8.5} }

// Find finds the page in a picture: its four edges, which must be straight and
// nearly all to be seen, with the proportions of a document. It is false where
// there is none or where that is not sure, such as for a scan, whose page is
// the picture. It takes some 20 ms for a picture of 2600 pixels, and looks at
// no more than (14*13/2)² outlines whatever the picture shows.
func Find(img *image.Gray) (Page, bool) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	if min(w, h) < leastSide || max(w, h) > mostStrip*min(w, h) {
		return Page{}, false
	}
	small, step := shrink(img, findSide)
	s := slopeOf(small)
	level, upright := linesOf(s)
	best, found := outline{}, false
	for i, top := range level {
		for _, foot := range level[i+1:] {
			for j, left := range upright {
				for _, right := range upright[j+1:] {
					o, ok := outlineOf(s, [4]line{top, right, foot, left})
					if ok && (!found || o.score > best.score) {
						best, found = o, true
					}
				}
			}
		}
	}
	if !found || !s.standsOut(best) {
		return Page{}, false
	}
	corners, ok := fit(img, best, float64(step))
	if !ok {
		return Page{}, false
	}
	return pageOf(corners, w, h)
}

// pageOf measures a page by its corners. It is false where they are not
// plausible for one.
func pageOf(corners [4]Point, w, h int) (Page, bool) {
	p := Page{Corners: corners, Share: area(corners) / (float64(w) * float64(h))}
	if !plausible(corners, w, h) {
		return Page{}, false
	}
	aspect, ok := proportions(corners, w, h)
	if !ok {
		return Page{}, false
	}
	length := func(i, j int) float64 {
		return math.Hypot(corners[i].X-corners[j].X, corners[i].Y-corners[j].Y)
	}
	// As large as the page is where it is nearest.
	width, height := max(length(0, 1), length(3, 2)), max(length(0, 3), length(1, 2))
	if width/height > aspect {
		height = width / aspect
	} else {
		width = height * aspect
	}
	if most := float64(max(w, h)) * 1.25; max(width, height) > most {
		width, height = width*most/max(width, height), height*most/max(width, height)
	}
	if p.Width, p.Height = int(width+0.5), int(height+0.5); min(p.Width, p.Height) < leastPage {
		return Page{}, false
	}
	if p.Map, ok = MapTo(corners, float64(p.Width), float64(p.Height)); !ok {
		return Page{}, false
	}
	angle := func(i, j int) float64 {
		return math.Atan2(corners[j].Y-corners[i].Y, corners[j].X-corners[i].X) * 180 / math.Pi
	}
	p.Tilt = angle(0, 1)
	p.Lean = max(math.Abs(angle(0, 1)-angle(3, 2)), math.Abs(angle(0, 3)-angle(1, 2)))
	return p, true
}

// Straight gives the page of a picture level and without perspective.
func (p Page) Straight(img *image.Gray) *image.Gray { return p.Map.Warp(img, p.Width, p.Height) }

// area is that of a polygon whose corners go around clockwise.
func area(c [4]Point) float64 {
	sum := 0.0
	for i, p := range c {
		q := c[(i+1)%4]
		sum += p.X*q.Y - q.X*p.Y
	}
	return sum / 2
}

// plausible reports whether corners can be those of a page in a picture of w by
// h pixels: inside of it, without a dent, large enough.
func plausible(c [4]Point, w, h int) bool {
	far := farthest * float64(max(w, h))
	for _, p := range c {
		if !(p.X >= -far && p.X <= float64(w)+far && p.Y >= -far && p.Y <= float64(h)+far) {
			return false
		}
	}
	return convex(c) && area(c) >= leastShare*float64(w)*float64(h)
}

// proportions gives width by height of the page behind four corners, brought to
// those of the format that it is nearest to, after Zhang and He, "Whiteboard
// scanning and image enhancement" (2007), section 3: the middle of the picture
// is taken for the middle of the lens. It is false where the page has no format
// of documents.
func proportions(c [4]Point, w, h int) (float64, bool) {
	long := float64(max(w, h))
	vec := func(p Point) [3]float64 {
		return [3]float64{(p.X - float64(w)/2) / long, (p.Y - float64(h)/2) / long, 1}
	}
	m1, m2, m4, m3 := vec(c[0]), vec(c[1]), vec(c[2]), vec(c[3])
	k2 := dot(product(m1, m4), m3) / dot(product(m2, m4), m3)
	k3 := dot(product(m1, m4), m2) / dot(product(m3, m4), m2)
	n2, n3 := [3]float64{}, [3]float64{}
	for i := range 3 {
		n2[i], n3[i] = k2*m2[i]-m1[i], k3*m3[i]-m1[i]
	}
	// The focal length as a share of the longest side. Phones have 0.7 to 2; from
	// little perspective it cannot be told, and then hardly matters.
	focal := -(n2[0]*n3[0] + n2[1]*n3[1]) / (n2[2] * n3[2])
	if !(focal > 0.3 && focal < 16) {
		focal = 1
	}
	size := func(n [3]float64) float64 { return (n[0]*n[0]+n[1]*n[1])/focal + n[2]*n[2] }
	aspect := math.Sqrt(size(n2) / size(n3))
	if !(aspect > 0.1 && aspect < 10) {
		return 0, false
	}
	nearest, off := 0.0, mostOff
	for _, f := range formats() {
		for _, one := range [2]float64{f, 1 / f} {
			if d := math.Abs(math.Log(aspect / one)); d < off {
				nearest, off = one, d
			}
		}
	}
	return nearest, nearest > 0
}

func dot(a, b [3]float64) float64 { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }

func product(a, b [3]float64) [3]float64 {
	return [3]float64{a[1]*b[2] - a[2]*b[1], a[2]*b[0] - a[0]*b[2], a[0]*b[1] - a[1]*b[0]}
}
