package tamper

import (
	"fmt"
	"image"
	"math"
	"math/bits"
	"slices"

	"bonafide/kyc"
)

// NearLimit is the highest Hamming distance, of each of the two hashes, at
// which two pictures count as one (design/documents.md, section 5: saved or
// scaled anew at most 4, cropped by 3 % 8 in the middle; different documents
// at least 12 and, blank backs of cards, 5).
const NearLimit = 8

// plainest is the standard deviation of brightness, of 255, below which a
// picture has nothing to be known by: a blank page looks like any other.
const plainest = 4.0

// LookOf gives the look of an upright grey picture: Perceptual is of the lowest
// frequencies of its cosine transform ("pHash"), Gradient of which of two
// neighbours is brighter ("dHash"). ok is false for a picture that is too small
// (under 32 pixels) or too plain to be known again.
func LookOf(img *image.Gray) (l kyc.Look, ok bool) {
	if img == nil || img.Rect.Dx() < 32 || img.Rect.Dy() < 32 {
		return l, false
	}
	small := shrink(img, 32, 32)
	mean, squares := 0.0, 0.0
	for _, v := range small {
		mean, squares = mean+v, squares+v*v
	}
	n := float64(len(small))
	if mean /= n; math.Sqrt(max(0, squares/n-mean*mean)) < plainest {
		return l, false
	}
	return kyc.Look{Perceptual: perceptual(small), Gradient: gradient(shrink(img, 9, 8))}, true
}

// perceptual compares the 8 by 8 lowest frequencies with their median (after
// Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions",
// 2010). The mean brightness is none of them.
func perceptual(p []float64) (h uint64) {
	const side, kept = 32, 8
	var cosine [kept][side]float64
	for u := range kept {
		for x := range side {
			cosine[u][x] = math.Cos(float64(u+1) * (2*float64(x) + 1) * math.Pi / (2 * side))
		}
	}
	var rows [side][kept]float64
	for y := range side {
		for u := range kept {
			for x := range side {
				rows[y][u] += p[y*side+x] * cosine[u][x]
			}
		}
	}
	all := make([]float64, 0, kept*kept)
	for v := range kept {
		for u := range kept {
			sum := 0.0
			for y := range side {
				sum += rows[y][u] * cosine[v][y]
			}
			all = append(all, sum)
		}
	}
	sorted := slices.Sorted(slices.Values(all))
	median := (sorted[31] + sorted[32]) / 2
	for i, v := range all {
		if v > median {
			h |= 1 << i
		}
	}
	return h
}

// gradient compares each of 9 by 8 cells with its neighbour to the right.
func gradient(p []float64) (h uint64) {
	for y := range 8 {
		for x := range 8 {
			if p[y*9+x] < p[y*9+x+1] {
				h |= 1 << (y*8 + x)
			}
		}
	}
	return h
}

// shrink averages a picture into w by h cells.
func shrink(img *image.Gray, w, h int) []float64 {
	sw, sh := img.Rect.Dx(), img.Rect.Dy()
	out := make([]float64, w*h)
	for y := range h {
		y0, y1 := y*sh/h, max((y+1)*sh/h, y*sh/h+1)
		for x := range w {
			x0, x1 := x*sw/w, max((x+1)*sw/w, x*sw/w+1)
			sum := 0
			for yy := y0; yy < y1; yy++ {
				for _, v := range img.Pix[yy*img.Stride+x0 : yy*img.Stride+x1] {
					sum += int(v)
				}
			}
			out[y*w+x] = float64(sum) / float64((y1-y0)*(x1-x0))
		}
	}
	return out
}

// Distance gives in how many bits of 64 the two hashes differ.
func Distance(a, b kyc.Look) (perceptual, gradient int) {
	return bits.OnesCount64(a.Perceptual ^ b.Perceptual), bits.OnesCount64(a.Gradient ^ b.Gradient)
}

// Near reports whether two pictures count as one.
func Near(a, b kyc.Look) bool {
	p, g := Distance(a, b)
	return p <= NearLimit && g <= NearLimit
}

// bands are the pieces that the perceptual hash is cut into: where each begins
// and how many bits it has.
func bands() [3]struct{ from, size int } {
	return [3]struct{ from, size int }{{0, 22}, {22, 21}, {43, 21}}
}

// Bands gives three names under which a look is stored. Two looks whose
// perceptual hashes differ in at most NearLimit bits differ in at most two bits
// of one band, so that one of the other's Probes is among them.
func Bands(l kyc.Look) []string {
	var out []string
	for i, b := range bands() {
		out = append(out, bandName(i, l.Perceptual>>b.from&(1<<b.size-1)))
	}
	return out
}

// Probes gives the names under which near looks can be stored: each band with
// none, one and two of its bits changed, 718 in all.
func Probes(l kyc.Look) []string {
	var out []string
	for i, b := range bands() {
		v := l.Perceptual >> b.from & (1<<b.size - 1)
		out = append(out, bandName(i, v))
		for j := range b.size {
			one := v ^ 1<<j
			out = append(out, bandName(i, one))
			for k := j + 1; k < b.size; k++ {
				out = append(out, bandName(i, one^1<<k))
			}
		}
	}
	return out
}

func bandName(i int, v uint64) string { return fmt.Sprintf("%d:%06x", i, v) }
