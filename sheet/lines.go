package sheet

import (
	"cmp"
	"image"
	"math"
	"slices"
)

// shrink makes a picture smaller until the longest side has at most side
// pixels, and gives how many pixels of the picture became one.
func shrink(img *image.Gray, side int) (*image.Gray, int) {
	step := max(1, (max(img.Rect.Dx(), img.Rect.Dy())+side-1)/side)
	return Shrink(img, step), step
}

// Shrink makes a picture smaller by a whole number, averaging whole blocks;
// leaving rows out makes lines of a fine pattern. What is left over at the right
// and at the foot is cut off. A step below two gives the picture itself.
func Shrink(img *image.Gray, step int) *image.Gray {
	if step < 2 {
		return img
	}
	w, h := img.Rect.Dx()/step, img.Rect.Dy()/step
	out := image.NewGray(image.Rect(0, 0, w, h))
	sums := make([]uint32, w)
	for y := range h {
		clear(sums)
		for k := range step {
			row := img.Pix[(y*step+k)*img.Stride:][:w*step]
			for x := range sums {
				sum := uint32(row[0]) + uint32(row[1])
				for _, v := range row[2:step] {
					sum += uint32(v)
				}
				sums[x] += sum
				row = row[step:]
			}
		}
		line := out.Pix[y*out.Stride:][:w]
		for x, sum := range sums {
			line[x] = uint8(sum / uint32(step*step))
		}
	}
	return out
}

// slope is a picture's brightness as it changes: its gradient to the right and
// down, in grey levels a pixel, smoothed by Sobel's kernels.
type slope struct {
	w, h   int
	gx, gy []float32
}

func slopeOf(img *image.Gray) slope {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	s := slope{w: w, h: h, gx: make([]float32, w*h), gy: make([]float32, w*h)}
	for y := 1; y < h-1; y++ {
		a, b, c := img.Pix[(y-1)*img.Stride:], img.Pix[y*img.Stride:], img.Pix[(y+1)*img.Stride:]
		for x := 1; x < w-1; x++ {
			nw, n, ne := int(a[x-1]), int(a[x]), int(a[x+1])
			sw, so, se := int(c[x-1]), int(c[x]), int(c[x+1])
			s.gx[y*w+x] = float32(ne+2*int(b[x+1])+se-nw-2*int(b[x-1])-sw) / 8
			s.gy[y*w+x] = float32(sw+2*so+se-nw-2*n-ne) / 8
		}
	}
	return s
}

// line is all places with x cos + y sin = rho; the angle is that of its
// normal, and weight what the edges along it voted.
type line struct {
	cos, sin, rho float64
	weight        float64
}

func lineAt(angle, rho, weight float64) line {
	return line{cos: math.Cos(angle), sin: math.Sin(angle), rho: rho, weight: weight}
}

// cross is where two lines meet; false where they hardly do.
func (l line) cross(m line) (Point, bool) {
	det := l.cos*m.sin - l.sin*m.cos
	if math.Abs(det) < 0.2 {
		return Point{}, false
	}
	return Point{(l.rho*m.sin - m.rho*l.sin) / det, (l.cos*m.rho - m.cos*l.rho) / det}, true
}

const (
	// weakest is the gradient, in grey levels a pixel, from which a place is an
	// edge; strongest is where more contrast brings no more votes, so that black
	// print does not outvote the pale edge of a page.
	weakest   = 2.5
	strongest = 12.0
	// binsOfAngle divide half a turn, spread is how far beside its own angle a
	// gradient still votes, in bins.
	binsOfAngle = 180
	spread      = 2
	// maxLines bounds the lines of each way: with it there are at most
	// (14*13/2)² outlines to judge.
	maxLines = 14
)

// linesOf gives the most voted lines of a picture in two lists: those that lie
// more level than upright, and the others. Each edge votes for the lines
// through it whose normal lies near its gradient.
func linesOf(s slope) (level, upright []line) {
	reach := int(math.Hypot(float64(s.w), float64(s.h))) + 2
	// The normals of lines need half a turn: from -45 to 135 degrees, so that the
	// first half of them belongs to upright lines and the second to level ones.
	rows, far := 2*reach+1, float64(reach)+0.5
	votes := make([]float32, binsOfAngle*rows)
	var cos, sin [binsOfAngle]float64
	for i := range binsOfAngle {
		sin[i], cos[i] = math.Sincos(angleOf(i))
	}
	for y := 1; y < s.h-1; y++ {
		for x := 1; x < s.w-1; x++ {
			gx, gy := float64(s.gx[y*s.w+x]), float64(s.gy[y*s.w+x])
			size := gx*gx + gy*gy
			if size < weakest*weakest {
				continue
			}
			vote := float32(min(math.Sqrt(size), strongest))
			angle := math.Atan2(gy, gx) * binsOfAngle / math.Pi // in bins
			mid := int(math.Round(angle)) + binsOfAngle/4
			for k := mid - spread; k <= mid+spread; k++ {
				i := k
				if i < 0 {
					i += binsOfAngle
				} else if i >= binsOfAngle {
					i -= binsOfAngle
				}
				// Rounded down after half and the reach were added, which keeps it above
				// nothing.
				rho := (float64(x)+0.5)*cos[i] + (float64(y)+0.5)*sin[i]
				votes[i*rows+int(rho+far)] += vote
			}
		}
	}
	upright = peaks(s, votes, rows, reach, 0, binsOfAngle/2)
	level = peaks(s, votes, rows, reach, binsOfAngle/2, binsOfAngle)
	return level, upright
}

// angleOf is the angle of a bin's normal.
func angleOf(bin int) float64 { return (float64(bin)/binsOfAngle - 0.25) * math.Pi }

// peaks gives the strongest lines between two bins of angle, none of them
// close to a stronger one.
func peaks(s slope, votes []float32, rows, reach, from, to int) []line {
	type cell struct {
		bin, row int
		votes    float32
	}
	least := float32(0.12*float64(min(s.w, s.h))) * weakest
	var cells []cell
	at := func(bin, row int) float32 {
		if bin < from || bin >= to || row < 0 || row >= rows {
			return 0
		}
		return votes[bin*rows+row]
	}
	for bin := from; bin < to; bin++ {
		for row := range rows {
			v := votes[bin*rows+row]
			if v < least {
				continue
			}
			top := true
			for db := -1; db <= 1 && top; db++ {
				for dr := -1; dr <= 1 && top; dr++ {
					top = at(bin+db, row+dr) <= v
				}
			}
			if top {
				cells = append(cells, cell{bin, row, v})
			}
		}
	}
	slices.SortStableFunc(cells, func(a, b cell) int { return cmp.Compare(b.votes, a.votes) })
	var out []line
	mx, my := float64(s.w)/2, float64(s.h)/2
	for _, c := range cells {
		l := lineAt(angleOf(c.bin), float64(c.row-reach), float64(c.votes))
		near := slices.ContainsFunc(out, func(k line) bool {
			turn := math.Abs(l.cos*k.sin - l.sin*k.cos)
			// How far the two lie apart in the middle of the picture.
			apart := math.Abs((l.rho - mx*l.cos - my*l.sin) - (k.rho - mx*k.cos - my*k.sin))
			return turn < 0.07 && apart < 0.015*float64(max(s.w, s.h))
		})
		if !near {
			if out = append(out, l); len(out) == maxLines {
				break
			}
		}
	}
	return out
}
