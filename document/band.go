package document

import (
	"image"
	"math"
	"slices"
	"sort"

	"bonafide/grey"
	"bonafide/sheet"
)

// band is a long, dense stripe of print that may be a machine-readable zone,
// in pixels of the page.
type band struct {
	cx, cy        float64
	length, thick float64
	angle         float64 // of its lines, radians, positive clockwise
	// before and after are how far its print reaches from the centre, along its
	// lines, to the left and to the right.
	before, after float64
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
	// Half the pixels are enough to see stripes in: whole blocks are averaged
	// first, which costs a tenth of resampling them.
	small := grey.Resize(sheet.Shrink(page, page.Rect.Dx()/bandWidth), bandWidth, h)
	w := bandWidth
	m := grey.Morph{W: w, H: h}
	hat := slices.Clone(small.Pix)
	m.Dilate(hat, 6, 3)
	m.Erode(hat, 6, 3)
	for i, v := range small.Pix {
		hat[i] -= min(hat[i], v)
	}
	grad := make([]uint8, w*h)
	for y := range h {
		row, out := hat[y*w:(y+1)*w], grad[y*w+1:(y+1)*w-1]
		for x := range out {
			d := int(row[x+2]) - int(row[x])
			out[x] = uint8(max(d, -d))
		}
	}
	m.Dilate(grad, 8, 2)
	m.Erode(grad, 8, 2)
	level := otsu(grad)
	mask := hat
	for i, v := range grad {
		mask[i] = 0
		if v > level {
			mask[i] = 1
		}
	}
	m.Binary = true
	m.Dilate(mask, 10, 8)
	m.Erode(mask, 10, 8)
	m.Erode(mask, 2, 2)

	var bands []band
	for _, c := range components(mask, w, h) {
		length, thick, angle := c.axes()
		if length < 0.3*float64(w) || length < 4*thick || math.Abs(angle) > 0.6 || thick < 3 {
			continue
		}
		across := scale * math.Cos(angle)
		bands = append(bands, band{
			cx: c.cx() / scale, cy: c.cy() / scale, length: length / scale, thick: thick / scale, angle: angle,
			before: (c.cx() - float64(c.left)) / across, after: (float64(c.right) - c.cx()) / across,
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
		for _, m := range members {
			off := (m.cx-joined.cx)*math.Cos(b.angle) + (m.cy-joined.cy)*math.Sin(b.angle)
			joined.before, joined.after = max(joined.before, m.before-off), max(joined.after, m.after+off)
		}
		joined.thick = (top.thick+foot.thick)/2 + math.Hypot(top.cx-foot.cx, top.cy-foot.cy)
		out = append(out, joined)
	}
	return out
}

// straighten cuts a band out of the page, its lines level, at the given
// width, and gives the way back to the page.
func straighten(page *image.Gray, b band, width int) (*image.Gray, grey.Affine) {
	// The moments of a stripe that thins out at its ends make it too short.
	length := b.length*1.12 + b.thick
	// Neither does their centre lie in the middle where one end is set more
	// densely than the other: the cut is moved, or made longer, until it holds all
	// of the print and a little beside it.
	spare := 0.01 * b.length
	if max(b.before, b.after)+spare > length/2 {
		off := (b.after - b.before) / 2
		b.cx, b.cy = b.cx+off*math.Cos(b.angle), b.cy+off*math.Sin(b.angle)
		length = max(length, b.before+b.after+2*spare)
	}
	// A stripe of one line alone has its neighbours next to it.
	height := max(b.thick*1.5+0.02*b.length, 0.16*b.length)
	scale := length / float64(width) // page pixels per new pixel
	h := int(height/scale + 0.5)
	cos, sin := math.Cos(b.angle), math.Sin(b.angle)
	m := grey.Affine{A: scale * cos, B: -scale * sin, D: scale * sin, E: scale * cos}
	m.C = b.cx - m.A*float64(width)/2 - m.B*float64(h)/2
	m.F = b.cy - m.D*float64(width)/2 - m.E*float64(h)/2
	if scale <= 1.6 {
		return grey.Warp(page, m, width, h), m
	}
	// Sampling single pixels would lose thin strokes: what is around the band is
	// averaged first.
	halfW, halfH := (length*math.Abs(cos)+height*math.Abs(sin))/2, (length*math.Abs(sin)+height*math.Abs(cos))/2
	margin := 4 * scale
	around := image.Rect(int(b.cx-halfW-margin), int(b.cy-halfH-margin), int(b.cx+halfW+margin)+1, int(b.cy+halfH+margin)+1).Intersect(page.Rect)
	if around.Dx() < 8 || around.Dy() < 8 {
		return grey.Warp(page, m, width, h), m
	}
	source := grey.Resize(grey.Cut(page, around), int(float64(around.Dx())/scale), int(float64(around.Dy())/scale))
	sx, sy := float64(around.Dx())/float64(source.Rect.Dx()), float64(around.Dy())/float64(source.Rect.Dy())
	toSource := grey.Affine{A: m.A / sx, B: m.B / sx, C: (m.C - float64(around.Min.X)) / sx, D: m.D / sy, E: m.E / sy, F: (m.F - float64(around.Min.Y)) / sy}
	return grey.Warp(source, toSource, width, h), m
}

// otsu finds the threshold that separates two classes best (Otsu 1979).
func otsu(pix []uint8) uint8 {
	var histogram [256]int
	for _, v := range pix {
		histogram[v]++
	}
	total, sum := float64(len(pix)), 0.0
	for t, n := range histogram {
		sum += float64(t) * float64(n)
	}
	below, sumBelow, best, level := 0.0, 0.0, -1.0, 0
	for t, n := range histogram {
		below += float64(n)
		sumBelow += float64(t) * float64(n)
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

// component is a connected set of pixels, as its moments and its first and last
// column.
type component struct {
	n, x, y, xx, yy, xy float64
	left, right         int
}

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
		c := component{left: w}
		for len(stack) > 0 {
			i := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			x, y := float64(i%w), float64(i/w)
			c.n, c.x, c.y, c.xx, c.yy, c.xy = c.n+1, c.x+x, c.y+y, c.xx+x*x, c.yy+y*y, c.xy+x*y
			c.left, c.right = min(c.left, i%w), max(c.right, i%w)
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
