package document

import (
	"image"
	"math"
	"slices"

	"bonafide/grey"
)

// Where a PDF417 lies on a page is found by its bars: a patch of strong edges
// that nearly all run one way. Print has such edges too, but in both ways.
const (
	// findSide is the longest side of the picture in which codes are looked
	// for; findTile the side of the tiles it is cut into.
	findSide = 1600
	findTile = 16
	// barEnergy is the mean gradient of a tile, in grey levels a pixel, from
	// which it can be part of a code, and barCoherence how much of it runs
	// along one axis: 0 is any way, 1 all the same.
	barEnergy    = 12
	barCoherence = 0.45
	// barTurn is how far the directions of neighbouring tiles may differ.
	barTurn = 18 * math.Pi / 180
	// minBarTiles is how many tiles make a code worth trying.
	minBarTiles = 10
	maxPatches  = 3
)

// patch is a part of a page that may be a code: its middle in pixels of the
// page, its size along and across the reading direction, and the angle of that
// direction in radians, clockwise, within a quarter turn of level.
type patch struct {
	x, y, w, h, angle float64
}

// tilted reports whether a patch lies further off the axes of its page than
// the reader of barcodes can bear.
func (p patch) tilted() bool {
	return math.Abs(math.Remainder(p.angle, math.Pi/2)) > 1.5*math.Pi/180
}

// tile is what a square of the picture holds: the sum of its gradients, and of
// their directions as vectors of twice the angle, so that the two sides of a
// bar count as one direction.
type tile struct {
	sum, cos, sin float64
	coherent      bool
}

// findPatches gives the parts of a page that may be a linear-stacked barcode,
// the strongest first.
func findPatches(page *image.Gray) []patch {
	small, scale := page, 1.0
	if side := max(page.Rect.Dx(), page.Rect.Dy()); side > findSide {
		scale = float64(side) / findSide
		small = grey.Resize(page, int(float64(page.Rect.Dx())/scale+0.5), int(float64(page.Rect.Dy())/scale+0.5))
	}
	tiles, across := tilesOf(small)
	if across == 0 {
		return nil
	}
	var groups [][]int
	taken := make([]bool, len(tiles))
	for i := range tiles {
		if !tiles[i].coherent || taken[i] {
			continue
		}
		if group := grow(tiles, across, i, taken); len(group) >= minBarTiles {
			groups = append(groups, group)
		}
	}
	energy := func(group []int) float64 {
		sum := 0.0
		for _, i := range group {
			sum += tiles[i].sum
		}
		return sum
	}
	slices.SortStableFunc(groups, func(a, b []int) int { return int(energy(b) - energy(a)) })
	if len(groups) == 0 {
		return nil
	}
	var out []patch
	for _, group := range groups[:min(len(groups), maxPatches)] {
		if p, ok := measure(page, scale, tiles, across, group); ok {
			out = append(out, patch{p.x * scale, p.y * scale, p.w * scale, p.h * scale, p.angle})
		}
	}
	return out
}

// tilesOf sums the gradients of every other row of a picture up in tiles.
func tilesOf(img *image.Gray) (tiles []tile, across int) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	across = w / findTile
	down := h / findTile
	if across == 0 || down == 0 {
		return nil, 0
	}
	tiles = make([]tile, across*down)
	for y := 1; y < min(h-1, down*findTile); y += 2 {
		above, row, below := img.Pix[(y-1)*img.Stride:], img.Pix[y*img.Stride:], img.Pix[(y+1)*img.Stride:]
		for x := 1; x < min(w-1, across*findTile); x++ {
			gx, gy := float64(int(row[x+1])-int(row[x-1])), float64(int(below[x])-int(above[x]))
			square := gx*gx + gy*gy
			if square < 64 { // noise of the paper
				continue
			}
			m := math.Sqrt(square)
			t := &tiles[y/findTile*across+x/findTile]
			t.sum += m
			t.cos += (gx*gx - gy*gy) / m
			t.sin += 2 * gx * gy / m
		}
	}
	for i := range tiles {
		t := &tiles[i]
		t.coherent = 2*t.sum >= barEnergy*findTile*findTile && math.Hypot(t.cos, t.sin) >= barCoherence*t.sum
	}
	return tiles, across
}

// grow collects the tiles around one that point the same way.
func grow(tiles []tile, across, from int, taken []bool) []int {
	group := []int{from}
	taken[from] = true
	for k := 0; k < len(group); k++ {
		i := group[k]
		x, y := i%across, i/across
		for dy := -1; dy <= 1; dy++ {
			for dx := -1; dx <= 1; dx++ {
				nx, ny := x+dx, y+dy
				n := ny*across + nx
				if nx < 0 || nx >= across || ny < 0 || n >= len(tiles) || taken[n] || !tiles[n].coherent {
					continue
				}
				turn := math.Atan2(tiles[n].sin, tiles[n].cos) - math.Atan2(tiles[i].sin, tiles[i].cos)
				if math.Abs(math.Remainder(turn, 2*math.Pi))/2 <= barTurn {
					taken[n] = true
					group = append(group, n)
				}
			}
		}
	}
	return group
}

// measure finds the direction of a group of tiles and how far it reaches. The
// direction is the peak of a histogram of the gradients' directions, folded to
// a quarter turn, so that the edges between rows help the bars.
func measure(page *image.Gray, scale float64, tiles []tile, across int, group []int) (patch, bool) {
	cos, sin := 0.0, 0.0
	for _, i := range group {
		cos, sin = cos+tiles[i].cos, sin+tiles[i].sin
	}
	coarse := math.Atan2(sin, cos) / 2 // of the gradient, so along the reading direction
	angle := coarse + refine(page, scale, across, group, coarse)
	c, s := math.Cos(angle), math.Sin(angle)
	low, high := [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	for _, i := range group {
		// The corners of the tile along and across the reading direction.
		for _, corner := range [4][2]float64{{0, 0}, {1, 0}, {0, 1}, {1, 1}} {
			x, y := (float64(i%across)+corner[0])*findTile, (float64(i/across)+corner[1])*findTile
			u, v := c*x+s*y, c*y-s*x
			low[0], low[1] = min(low[0], u), min(low[1], v)
			high[0], high[1] = max(high[0], u), max(high[1], v)
		}
	}
	u, v := (low[0]+high[0])/2, (low[1]+high[1])/2
	p := patch{x: c*u - s*v, y: s*u + c*v, w: high[0] - low[0], h: high[1] - low[1], angle: angle}
	// A code lies along its reading direction, and fills its box.
	filled := float64(len(group)) * findTile * findTile / (p.w * p.h)
	return p, p.w > 0.6*p.h && filled > 0.25
}

// refine gives the angle, in radians, by which the peak of the directions near
// a coarse one lies beside it. It looks at the page itself: differences see
// less of bars of one or two pixels than of the edges between rows, and would
// turn the direction towards those. scale is the page's pixels to one of the
// tiles'.
func refine(page *image.Gray, scale float64, across int, group []int, coarse float64) float64 {
	const bins, width = 121, 0.25 * math.Pi / 180 // 15 degrees to each side
	var histogram [bins]float64
	c, s := math.Cos(coarse), math.Sin(coarse)
	w, h, stride := page.Rect.Dx(), page.Rect.Dy(), page.Stride
	side := findTile * scale
	for _, i := range group {
		left, top := int(float64(i%across)*side), int(float64(i/across)*side)
		for y := max(2, top); y < min(h-2, top+int(side)); y += int(scale + 1) {
			for x := max(2, left); x < min(w-2, left+int(side)); x++ {
				gx, gy := gradient(page.Pix, y*stride+x, stride)
				square := gx*gx + gy*gy
				if square < 100 {
					continue
				}
				along, aside := c*gx+s*gy, c*gy-s*gx
				if math.Abs(aside) > math.Abs(along) { // the edges between rows
					along, aside = aside, -along
				}
				bin := int(math.Round(math.Atan(aside/along)/width)) + bins/2
				if bin >= 0 && bin < bins {
					histogram[bin] += math.Sqrt(square)
				}
			}
		}
	}
	// The pixel grid draws gradients to its axes and diagonals; a window of
	// three degrees and its centre of mass are steadier than the highest bin.
	const window = 6
	best, at := 0.0, bins/2
	for i := window; i < bins-window; i++ {
		sum := 0.0
		for k := -window; k <= window; k++ {
			sum += histogram[i+k]
		}
		if sum > best {
			best, at = sum, i
		}
	}
	mass, moment := 0.0, 0.0
	for k := -window; k <= window; k++ {
		mass += histogram[at+k]
		moment += histogram[at+k] * float64(at+k-bins/2)
	}
	if mass == 0 {
		return 0
	}
	return moment / mass * width
}

// gradient is the difference of brightness at a pixel across and down, by the
// weights of Farid and Simoncelli (IEEE Transactions on Image Processing 13,
// 2004, five taps), which tell the direction truly where three-tap ones are
// degrees off.
func gradient(pix []uint8, at, stride int) (gx, gy float64) {
	smooth := [5]float64{0.037659, 0.249153, 0.426375, 0.249153, 0.037659}
	differ := [5]float64{-0.109604, -0.276691, 0, 0.276691, 0.109604}
	for dy := range 5 {
		row := pix[at+(dy-2)*stride-2 : at+(dy-2)*stride+3]
		across, mean := 0.0, 0.0
		for dx, v := range row {
			across += differ[dx] * float64(v)
			mean += smooth[dx] * float64(v)
		}
		gx += smooth[dy] * across
		gy += differ[dy] * mean
	}
	return gx, gy
}

// level cuts a patch out of its page, turned level, with a quiet margin around
// it, at a scale. It gives the map back to the page's pixels.
func (p patch) level(page *image.Gray, scale, turn float64) (*image.Gray, grey.Affine) {
	margin := max(24, 0.06*p.w)
	w, h := p.w+2*margin, p.h+2*margin
	c, s := math.Cos(p.angle+turn)/scale, math.Sin(p.angle+turn)/scale
	ow, oh := int(w*scale), int(h*scale)
	m := grey.Affine{A: c, B: -s, D: s, E: c}
	m.C = p.x - (c*float64(ow)/2 - s*float64(oh)/2)
	m.F = p.y - (s*float64(ow)/2 + c*float64(oh)/2)
	return grey.Warp(page, m, ow, oh), m
}
