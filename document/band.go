package document

import (
	"image"
	"math"
	"sort"
)

// band is a long, dense stripe of print that may be a machine-readable zone,
// in pixels of the page.
type band struct {
	cx, cy        float64
	length, thick float64
	angle         float64 // of its lines, radians, positive clockwise
}

// bandWidth is the width the page is scaled to before bands are looked for:
// the sizes below are for it.
const bandWidth = 700

// findBands looks for stripes of print: black-hat (dark print on lighter
// paper), horizontal gradient, closing along the lines, threshold, closing
// across them, connected components. It gives at most four, the most likely
// first: long, and low on the page, where the zone is on every format.
func findBands(page *image.Gray) []band {
	scale := float64(bandWidth) / float64(page.Rect.Dx())
	h := int(float64(page.Rect.Dy())*scale + 0.5)
	if h < 20 || h > 4*bandWidth {
		return nil
	}
	small := resize(page, bandWidth, h)
	w := bandWidth
	closed := erode(dilate(small.Pix, w, h, 6, 3), w, h, 6, 3)
	hat := make([]uint8, w*h)
	for i := range hat {
		hat[i] = closed[i] - min(closed[i], small.Pix[i])
	}
	grad := make([]uint8, w*h)
	for y := range h {
		for x := 1; x < w-1; x++ {
			d := int(hat[y*w+x+1]) - int(hat[y*w+x-1])
			if d < 0 {
				d = -d
			}
			grad[y*w+x] = uint8(d)
		}
	}
	grad = erode(dilate(grad, w, h, 8, 2), w, h, 8, 2)
	level := otsu(grad)
	mask := make([]uint8, w*h)
	for i, v := range grad {
		if v > level {
			mask[i] = 1
		}
	}
	mask = erode(dilate(mask, w, h, 10, 8), w, h, 10, 8)
	mask = erode(mask, w, h, 2, 2)

	var bands []band
	for _, c := range components(mask, w, h) {
		length, thick, angle := c.axes()
		if length < 0.3*float64(w) || length < 4*thick || math.Abs(angle) > 0.6 || thick < 3 {
			continue
		}
		bands = append(bands, band{
			cx: c.cx() / scale, cy: c.cy() / scale, length: length / scale, thick: thick / scale, angle: angle,
		})
	}
	bands = joinLines(bands)
	rank := func(b band) float64 {
		return b.length/float64(page.Rect.Dx()) + 0.8*b.cy/float64(page.Rect.Dy())
	}
	sort.SliceStable(bands, func(i, j int) bool { return rank(bands[i]) > rank(bands[j]) })
	return bands[:min(len(bands), 4)]
}

// joinLines puts stripes together that are lines of one zone: parallel, about
// as long, one close above the other. Two lines of a passport are as far apart
// as 6 % of their length, three lines of a card 17 %.
func joinLines(bands []band) []band {
	sort.SliceStable(bands, func(i, j int) bool { return bands[i].cy > bands[j].cy })
	used := make([]bool, len(bands))
	var out []band
	for i, b := range bands {
		if used[i] {
			continue
		}
		members := []band{b}
		for j := i + 1; j < len(bands) && len(members) < 3; j++ {
			last, c := members[len(members)-1], bands[j]
			apart := math.Abs((c.cy-last.cy)*math.Cos(b.angle) - (c.cx-last.cx)*math.Sin(b.angle))
			along := math.Abs((c.cx-last.cx)*math.Cos(b.angle) + (c.cy-last.cy)*math.Sin(b.angle))
			if used[j] || math.Abs(c.angle-b.angle) > 0.05 || apart > 0.14*b.length || along > 0.25*b.length ||
				c.length < 0.6*b.length || c.length > 1.6*b.length || c.thick > 3*b.thick || b.thick > 3*c.thick {
				continue
			}
			used[j] = true
			members = append(members, c)
		}
		top, foot, joined := members[len(members)-1], b, band{angle: b.angle}
		for _, m := range members {
			joined.cx, joined.cy = joined.cx+m.cx/float64(len(members)), joined.cy+m.cy/float64(len(members))
			joined.length = max(joined.length, m.length)
		}
		joined.thick = (top.thick+foot.thick)/2 + math.Hypot(top.cx-foot.cx, top.cy-foot.cy)
		out = append(out, joined)
	}
	return out
}

// straighten cuts a band out of the page, its lines level, at the given
// width, and gives the way back to the page.
func straighten(page *image.Gray, b band, width int) (*image.Gray, affine) {
	// The moments of a stripe that thins out at its ends make it too short.
	length := b.length*1.12 + b.thick
	// A stripe of one line alone has its neighbours next to it.
	height := max(b.thick*1.5+0.02*b.length, 0.16*b.length)
	scale := length / float64(width) // page pixels per new pixel
	h := int(height/scale + 0.5)
	source, shrink := page, 1.0
	if scale > 1.6 {
		// Sampling single pixels would lose thin strokes; average first.
		shrink = scale
		source = resize(page, int(float64(page.Rect.Dx())/shrink), int(float64(page.Rect.Dy())/shrink))
		shrink = float64(page.Rect.Dx()) / float64(source.Rect.Dx())
	}
	cos, sin := math.Cos(b.angle), math.Sin(b.angle)
	m := affine{a: scale * cos, b: -scale * sin, d: scale * sin, e: scale * cos}
	m.c = b.cx - m.a*float64(width)/2 - m.b*float64(h)/2
	m.f = b.cy - m.d*float64(width)/2 - m.e*float64(h)/2
	toSource := affine{m.a / shrink, m.b / shrink, m.c / shrink, m.d / shrink, m.e / shrink, m.f / shrink}
	return warp(source, toSource, width, h), m
}

// dilate and erode are grey morphology with a rectangle of (2rx+1) x (2ry+1).
func dilate(pix []uint8, w, h, rx, ry int) []uint8 { return extreme(pix, w, h, rx, ry, 0) }
func erode(pix []uint8, w, h, rx, ry int) []uint8  { return extreme(pix, w, h, rx, ry, 0xff) }

// extreme is the running maximum of the pixels xor flip, xored back: with
// flip 0xff that is the minimum. The maximum over a window is put together
// from windows of doubling size, so its cost grows with the logarithm of the
// radius only.
func extreme(pix []uint8, w, h, rx, ry int, flip uint8) []uint8 {
	// Room for ry rows above and below the picture; outside is nothing.
	tall := make([]uint8, w*(h+2*ry))
	row := make([]uint8, w+2*rx)
	for y := range h {
		clear(row)
		for x, v := range pix[y*w : (y+1)*w] {
			row[rx+x] = v ^ flip
		}
		size := 1
		for ; 2*size <= 2*rx+1; size *= 2 {
			raise(row[:len(row)-size], row[size:])
		}
		out := tall[(y+ry)*w : (y+ry+1)*w]
		copy(out, row)
		raise(out, row[2*rx+1-size:])
	}
	size := 1
	for ; 2*size <= 2*ry+1; size *= 2 {
		raise(tall[:len(tall)-size*w], tall[size*w:])
	}
	out := tall[:w*h]
	raise(out, tall[(2*ry+1-size)*w:])
	for i := range out {
		out[i] ^= flip
	}
	return out
}

// raise makes each element at least as large as its partner. The slices may
// overlap when b lies behind a: a partner is read before it is changed.
func raise(a, b []uint8) {
	b = b[:len(a)]
	for i, v := range b {
		if v > a[i] {
			a[i] = v
		}
	}
}

// otsu finds the threshold that separates two classes best (Otsu 1979).
func otsu(pix []uint8) uint8 {
	var histogram [256]float64
	total, sum := float64(len(pix)), 0.0
	for _, v := range pix {
		histogram[v]++
		sum += float64(v)
	}
	below, sumBelow, best, level := 0.0, 0.0, -1.0, 0
	for t, n := range histogram {
		below += n
		sumBelow += float64(t) * n
		if below == 0 || below == total {
			continue
		}
		d := sumBelow/below - (sum-sumBelow)/(total-below)
		if between := below * (total - below) * d * d; between > best {
			best, level = between, t
		}
	}
	return uint8(level)
}

// component is a connected set of pixels, as its moments.
type component struct{ n, x, y, xx, yy, xy float64 }

func (c component) cx() float64 { return c.x / c.n }
func (c component) cy() float64 { return c.y / c.n }

// axes gives length, thickness and angle of the component, as those of a
// filled rectangle with the same second moments.
func (c component) axes() (length, thick, angle float64) {
	mx, my := c.cx(), c.cy()
	vx, vy, vxy := c.xx/c.n-mx*mx, c.yy/c.n-my*my, c.xy/c.n-mx*my
	root := math.Sqrt((vx-vy)*(vx-vy)/4 + vxy*vxy)
	major, minor := (vx+vy)/2+root, math.Max((vx+vy)/2-root, 0)
	return math.Sqrt(12 * major), math.Sqrt(12 * minor), 0.5 * math.Atan2(2*vxy, vx-vy)
}

// components finds the connected sets (four neighbours) of at least 200
// pixels, in reading order. mask is used up.
func components(mask []uint8, w, h int) []component {
	var out []component
	var stack []int
	for start, v := range mask {
		if v == 0 {
			continue
		}
		mask[start] = 0
		stack = append(stack[:0], start)
		var c component
		for len(stack) > 0 {
			i := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			x, y := float64(i%w), float64(i/w)
			c.n, c.x, c.y, c.xx, c.yy, c.xy = c.n+1, c.x+x, c.y+y, c.xx+x*x, c.yy+y*y, c.xy+x*y
			visit := func(j int, ok bool) {
				if ok && mask[j] != 0 {
					mask[j] = 0
					stack = append(stack, j)
				}
			}
			visit(i-1, i%w > 0)
			visit(i+1, i%w < w-1)
			visit(i-w, i >= w)
			visit(i+w, i < w*(h-1))
		}
		if c.n >= 200 {
			out = append(out, c)
		}
	}
	return out
}
