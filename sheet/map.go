package sheet

import (
	"image"
	"math"
)

// Point is a place in a picture, in pixels; the middle of the first pixel is
// (0.5, 0.5).
type Point struct{ X, Y float64 }

// Map is the perspective from a straightened page to the picture it was taken
// from: x' = (ax+by+c)/(gx+hy+1), y' = (dx+ey+f)/(gx+hy+1).
type Map struct{ a, b, c, d, e, f, g, h float64 }

// At gives where a place of the straightened page lies in the picture.
func (m Map) At(x, y float64) (float64, float64) {
	w := m.g*x + m.h*y + 1
	return (m.a*x + m.b*y + m.c) / w, (m.d*x + m.e*y + m.f) / w
}

// MapTo gives the perspective that takes the corners of a page of w by h
// pixels, from the upper left one clockwise, to four places (Heckbert, 1989,
// section 2.2.3). It is false where there is none that can be computed with:
// corners that are no numbers, that lie on a line, or that do not go around
// clockwise without a dent.
func MapTo(corners [4]Point, w, h float64) (Map, bool) {
	if !convex(corners) || !(w >= 1) || !(h >= 1) || math.IsInf(w, 0) || math.IsInf(h, 0) {
		return Map{}, false
	}
	p0, p1, p2, p3 := corners[0], corners[1], corners[2], corners[3]
	dx1, dx2, sx := p1.X-p2.X, p3.X-p2.X, p0.X-p1.X+p2.X-p3.X
	dy1, dy2, sy := p1.Y-p2.Y, p3.Y-p2.Y, p0.Y-p1.Y+p2.Y-p3.Y
	whole := dx1*dy2 - dx2*dy1
	g, hh := (sx*dy2-dx2*sy)/whole, (dx1*sy-sx*dy1)/whole
	m := Map{
		a: (p1.X - p0.X + g*p1.X) / w, b: (p3.X - p0.X + hh*p3.X) / h, c: p0.X,
		d: (p1.Y - p0.Y + g*p1.Y) / w, e: (p3.Y - p0.Y + hh*p3.Y) / h, f: p0.Y,
		g: g / w, h: hh / h,
	}
	// A denominator that comes near nothing inside the page is a horizon in it.
	for _, at := range [4]float64{1, 1 + g, 1 + hh, 1 + g + hh} {
		if !(at > 0.2) || math.IsInf(at, 0) {
			return Map{}, false
		}
	}
	return m, true
}

// convex reports whether four finite corners go around clockwise, as seen in a
// picture whose rows go down, with a real turn at each.
func convex(c [4]Point) bool {
	for i, p := range c {
		q, r := c[(i+1)%4], c[(i+2)%4]
		turn := (q.X-p.X)*(r.Y-q.Y) - (q.Y-p.Y)*(r.X-q.X)
		if !(turn > 1e-6) || math.IsInf(turn, 0) {
			return false
		}
	}
	return true
}

// Warp gives the page of w by h pixels that the map shows, each pixel mixed
// from the four around its place. Outside of the picture its border is
// repeated, so that no dark edge looks like print.
func (m Map) Warp(src *image.Gray, w, h int) *image.Gray {
	out := image.NewGray(image.Rect(0, 0, w, h))
	r := src.Rect
	sw, sh := r.Dx(), r.Dy()
	if sw == 0 || sh == 0 {
		return out
	}
	lastX, lastY := float64(sw-1), float64(sh-1)
	for y := range h {
		fy := float64(y) + 0.5
		// Along a row the three sums grow by a constant each.
		nx, ny, d := m.a*0.5+m.b*fy+m.c, m.d*0.5+m.e*fy+m.f, m.g*0.5+m.h*fy+1
		row := out.Pix[y*out.Stride : y*out.Stride+w]
		for x := range row {
			over := 1 / d
			px, py := min(max(nx*over-0.5, 0), lastX), min(max(ny*over-0.5, 0), lastY)
			nx, ny, d = nx+m.a, ny+m.d, d+m.g
			x0, y0 := int(px), int(py)
			at := y0*src.Stride + x0
			right, down := 1, src.Stride
			if x0 == sw-1 {
				right = 0
			}
			if y0 == sh-1 {
				down = 0
			}
			dx, dy := int32((px-float64(x0))*256), int32((py-float64(y0))*256)
			top := int32(src.Pix[at])*(256-dx) + int32(src.Pix[at+right])*dx
			foot := int32(src.Pix[at+down])*(256-dx) + int32(src.Pix[at+down+right])*dx
			row[x] = uint8((top*(256-dy) + foot*dy + 1<<15) >> 16)
		}
	}
	return out
}
