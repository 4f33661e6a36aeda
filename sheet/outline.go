package sheet

import (
	"image"
	"math"
)

// outline is four lines that may be the edges of a page, and how well they are.
type outline struct {
	corners [4]Point
	// rising tells for each side whether the page is brighter than what lies
	// around it.
	rising [4]bool
	// steep is the mean gradient of each side, in grey levels a pixel.
	steep [4]float64
	score float64
}

// samples is at how many places of a side it is looked for an edge; rounded is
// the share at each end that is left out, where cards are rounded and fingers
// hold them.
const (
	samples = 48
	rounded = 0.06
)

// outlineOf puts four lines (two more level ones and two more upright ones, as
// top, right, foot, left in any order of the pairs) together and judges them.
func outlineOf(s slope, l [4]line) (outline, bool) {
	var c [4]Point
	for i := range 4 {
		var ok bool
		if c[i], ok = l[(i+3)%4].cross(l[i]); !ok {
			return outline{}, false
		}
	}
	if (c[0].Y+c[1].Y)/2 > (c[2].Y+c[3].Y)/2 {
		c[0], c[1], c[2], c[3] = c[3], c[2], c[1], c[0]
	}
	if (c[0].X+c[3].X)/2 > (c[1].X+c[2].X)/2 {
		c[0], c[1], c[2], c[3] = c[1], c[0], c[3], c[2]
	}
	if !plausible(c, s.w, s.h) {
		return outline{}, false
	}
	if _, ok := proportions(c, s.w, s.h); !ok {
		return outline{}, false
	}
	o := outline{corners: c}
	mean := 0.0
	for i := range 4 {
		share, steep, rising := s.support(c[i], c[(i+1)%4], weakest)
		if share < leastSupport {
			return outline{}, false
		}
		o.rising[i], o.steep[i] = rising, steep
		mean += share / 4
	}
	if mean < meanSupport || s.goesOn(o) > 1 {
		return outline{}, false
	}
	// Frames and lines of print lie inside of the page, so of two outlines that
	// are as good the larger one is the page.
	o.score = mean + 0.6*math.Sqrt(area(c)/(float64(s.w)*float64(s.h)))
	return o, true
}

// support gives which share of the way from p to q, clockwise around a page,
// is an edge across that way of at least so many grey levels a pixel, how steep
// it is in the mean, and whether it is brighter inside. Only edges that change
// the same way count: those of print change back at once.
func (s slope) support(p, q Point, least float64) (share, steep float64, rising bool) {
	dx, dy := q.X-p.X, q.Y-p.Y
	length := math.Hypot(dx, dy)
	nx, ny := -dy/length, dx/length // to the inside
	up, down, rises, falls := 0.0, 0.0, 0.0, 0.0
	for k := range samples {
		t := rounded + (1-2*rounded)*(float64(k)+0.5)/samples
		rise, fall := 0.0, 0.0
		for _, off := range [3]float64{-1, 0, 1} {
			x, y := int(p.X+t*dx+off*nx), int(p.Y+t*dy+off*ny)
			if x < 1 || y < 1 || x >= s.w-1 || y >= s.h-1 {
				continue
			}
			g := float64(s.gx[y*s.w+x])*nx + float64(s.gy[y*s.w+x])*ny
			rise, fall = max(rise, g), max(fall, -g)
		}
		switch {
		case rise >= least && rise >= fall:
			up, rises = up+1, rises+rise
		case fall >= least:
			down, falls = down+1, falls+fall
		}
	}
	if up >= down {
		return up / samples, rises / max(up, 1), true
	}
	return down / samples, falls / down, false
}

// goesOn counts the ends of sides behind which the same edge goes on, as that
// of a page does where a frame on it is taken for the page. An edge of the
// table may lie in one line with the page's once.
func (s slope) goesOn(o outline) int {
	const reach = 0.2
	n := 0
	for i := range 4 {
		p, q := o.corners[i], o.corners[(i+1)%4]
		dx, dy := reach*(q.X-p.X), reach*(q.Y-p.Y)
		for _, end := range [2][2]Point{{{p.X - dx, p.Y - dy}, p}, {q, {q.X + dx, q.Y + dy}}} {
			if share, _, rising := s.support(end[0], end[1], max(weakest, o.steep[i]/2)); share >= leastSupport && rising == o.rising[i] {
				n++
			}
		}
	}
	return n
}

// standsOut reports whether there is more to see on the page than around it. A
// portrait on a page, or some bars of a barcode, have print around them.
func (s slope) standsOut(o outline) bool {
	steep := max(2*weakest, (o.steep[0]+o.steep[1]+o.steep[2]+o.steep[3])/8)
	margin := 0.02 * float64(max(s.w, s.h))
	const on = 4
	// The distances from the four sides, positive inside, grow by a constant each
	// along a row.
	var across, down, start [4]float64
	for i, p := range o.corners {
		q := o.corners[(i+1)%4]
		dx, dy := q.X-p.X, q.Y-p.Y
		length := math.Hypot(dx, dy)
		across[i], down[i] = -dy/length, dx/length
		start[i] = (dx*(0.5-p.Y) - dy*(0.5-p.X)) / length
	}
	var seen, edges [5]float64 // beside each side, and on the page
	for y := 1; y < s.h-1; y++ {
		for x := 1; x < s.w-1; x++ {
			depth, where := math.Inf(1), on
			for i := range on {
				if d := start[i] + down[i]*float64(y) + across[i]*float64(x); d < depth {
					depth = d
					if d < 0 {
						where = i
					}
				}
			}
			if math.Abs(depth) < margin { // the outline itself
				continue
			}
			seen[where]++
			if gx, gy := float64(s.gx[y*s.w+x]), float64(s.gy[y*s.w+x]); gx*gx+gy*gy >= steep*steep {
				edges[where]++
			}
		}
	}
	for i := range on {
		if around := edges[i] / max(seen[i], 1); around > quiet && around > mostAround*edges[on]/max(seen[on], 1) {
			return false
		}
	}
	return true
}

// fit moves the sides of an outline, found in a picture made smaller by step,
// to the edges of the picture itself: across each side the steepest place of
// the right kind is looked for, and a line laid through those places.
func fit(img *image.Gray, o outline, step float64) ([4]Point, bool) {
	large, shrunk := shrink(img, fitSide)
	scale := step / float64(shrunk)
	reach := int(math.Ceil(2*scale)) + 1
	var sides [4]line
	for i := range 4 {
		p, q := o.corners[i], o.corners[(i+1)%4]
		l, ok := fitSideOf(large, Point{p.X * scale, p.Y * scale}, Point{q.X * scale, q.Y * scale}, o.rising[i], reach)
		if !ok {
			return [4]Point{}, false
		}
		sides[i] = l
	}
	var out [4]Point
	for i := range 4 {
		at, ok := sides[(i+3)%4].cross(sides[i])
		if !ok {
			return [4]Point{}, false
		}
		out[i] = Point{at.X * float64(shrunk), at.Y * float64(shrunk)}
	}
	return out, true
}

// fitSideOf lays a line through the edge near the way from p to q.
func fitSideOf(img *image.Gray, p, q Point, rising bool, reach int) (line, bool) {
	const places = 120
	dx, dy := q.X-p.X, q.Y-p.Y
	length := math.Hypot(dx, dy)
	nx, ny := -dy/length, dx/length
	w, h := img.Rect.Dx(), img.Rect.Dy()
	along, across := make([]float64, 0, places), make([]float64, 0, places)
	profile := make([]float64, 2*reach+3)
	for k := range places {
		t := rounded + (1-2*rounded)*(float64(k)+0.5)/places
		inside := true
		for j := range profile {
			off := float64(j - reach - 1)
			x, y := int(math.Floor(p.X+t*dx+off*nx)), int(math.Floor(p.Y+t*dy+off*ny))
			if x < 0 || y < 0 || x >= w || y >= h {
				inside = false
				break
			}
			profile[j] = float64(img.Pix[y*img.Stride+x])
		}
		if !inside {
			continue
		}
		// The middle of the change is steadier than its steepest pixel.
		mass, moment := 0.0, 0.0
		for j := 1; j < len(profile)-1; j++ {
			g := (profile[j+1] - profile[j-1]) / 2
			if !rising {
				g = -g
			}
			if g > weakest {
				mass += g * g
				moment += g * g * float64(j-reach-1)
			}
		}
		if mass > 0 {
			along, across = append(along, t*length), append(across, moment/mass)
		}
	}
	if len(along) < places/3 {
		return line{}, false
	}
	slope, start := straightLine(along, across, float64(reach)/2)
	// Back from the frame of the side: a point on it and its direction.
	a := Point{p.X + nx*start, p.Y + ny*start}
	ux, uy := dx/length+slope*nx, dy/length+slope*ny
	size := math.Hypot(ux, uy)
	l := line{cos: -uy / size, sin: ux / size}
	l.rho = a.X*l.cos + a.Y*l.sin
	return l, true
}

// straightLine fits y = slope*x + start by least squares, again and again with
// less weight for what lies far off (Tukey's biweight), so that a finger or a
// shadow does not bend it.
func straightLine(x, y []float64, width float64) (slope, start float64) {
	for range 6 {
		var n, sx, sy, sxx, sxy float64
		for i := range x {
			off := (y[i] - slope*x[i] - start) / (2 * width)
			weight := 0.0
			if math.Abs(off) < 1 {
				weight = (1 - off*off) * (1 - off*off)
			}
			n, sx, sy, sxx, sxy = n+weight, sx+weight*x[i], sy+weight*y[i], sxx+weight*x[i]*x[i], sxy+weight*x[i]*y[i]
		}
		det := n*sxx - sx*sx
		if n < 3 || det < 1e-9 {
			return slope, start
		}
		slope, start = (n*sxy-sx*sy)/det, (sy*sxx-sx*sxy)/det
		width = max(1, width*0.7)
	}
	return slope, start
}
