package tamper

import (
	"image"
	"math"
	"slices"
)

// GhostArea is a part of a JPEG whose past differs from that of the rest.
type GhostArea struct {
	// Score is how far the part stands out, in standard deviations of parts of
	// its size; see GhostFloor.
	Score float64
	// Quality is the quality (1-100, tables of the Independent JPEG Group) in
	// which the part, or everything but the part, was saved before.
	Quality int
	// X, Y, W and H are shares of the picture, 0 to 1, as it is stored.
	X, Y, W, H float64
}

// GhostFloor and GhostSure are the scores from which a ghost counts at all and
// from which it counts in full.
const (
	GhostFloor = 6.0
	GhostSure  = 10.0
)

// Value is what a score is worth, 0 to 1.
func (g GhostArea) Value() float64 {
	return min(1, max(0, (g.Score-GhostFloor)/(GhostSure-GhostFloor)))
}

const (
	ghostBlocks = 120_000 // that are looked at; of a larger picture every second or third
	ghostCoeffs = 14      // frequencies of a block, lowest first
	ghostWindow = 6       // blocks along each side of a window
	ghostLeast  = 60      // coefficients that a window needs
)

// Ghost looks for a part of a JPEG that was saved in another quality than the
// rest before all was saved once more (after Farid, "Exposing Digital Forgeries
// from JPEG Ghosts", IEEE Transactions on Information Forensics and Security,
// 2009). luma is the decoded brightness in its stored orientation and size, so
// that its blocks are those of the file, and last the quality in which the file
// was saved last.
//
// In place of saving the picture again in ten qualities it asks, in the
// transform itself, how close each coefficient lies to a multiple of the step of
// each quality. The work is bounded by ghostBlocks, about 0.1 s.
//
// It is one-sided and weak: a part of the same past is not seen, nor is one
// whose blocks were moved against the grid, nor any where the last quality is
// not higher than the former ones. ok is false where there is nothing to go by.
func Ghost(luma *image.Gray, last int) (g GhostArea, ok bool) {
	if luma == nil {
		return g, false
	}
	bw, bh := luma.Rect.Dx()/8, luma.Rect.Dy()/8
	step := 1
	for (bw/step)*(bh/step) > ghostBlocks {
		step++
	}
	bw, bh = bw/step, bh/step
	if bw < 2*ghostWindow || bh < 2*ghostWindow {
		return g, false
	}
	blocks := transform(luma, bw, bh, step)
	for quality := 50; quality <= 95 && quality < last-3; quality += 5 {
		if found, seen := ghostAt(blocks, bw, bh, quality); seen {
			ok = true
			if found.Score > g.Score {
				g = found
			}
		}
	}
	return g, ok
}

// ghostAt looks at one quality. The mean over a window of the squared distance
// to the next multiple of the step, in units of its variance if the coefficient
// knew nothing of the step, is about 1 in a part that was never saved so and
// less in one that was.
func ghostAt(blocks []float32, bw, bh, quality int) (g GhostArea, ok bool) {
	steps := stepsOf(quality)
	sums, counts := make([]float64, (bw+1)*(bh+1)), make([]float64, (bw+1)*(bh+1))
	var total, squares, n float64
	for y := range bh {
		for x := range bw {
			sum, count := 0.0, 0.0
			for k, c := range blocks[(y*bw+x)*ghostCoeffs : (y*bw+x+1)*ghostCoeffs] {
				q := steps[k]
				// One that would be rounded to nothing or to the first step says
				// more of the picture than of its past.
				if c > -1.5*q && c < 1.5*q || q < 3 {
					continue
				}
				d := float64(c/q) - math.Round(float64(c/q))
				v := d * d * 12
				sum, count = sum+v, count+1
				total, squares, n = total+v, squares+v*v, n+1
			}
			i := (y+1)*(bw+1) + x + 1
			sums[i] = sum + sums[i-1] + sums[i-bw-1] - sums[i-bw-2]
			counts[i] = count + counts[i-1] + counts[i-bw-1] - counts[i-bw-2]
		}
	}
	if n < 20*ghostLeast {
		return g, false
	}
	mean := total / n
	deviation := math.Sqrt(max(1e-9, squares/n-mean*mean))
	area := func(s []float64, x, y, w, h int) float64 {
		return s[(y+h)*(bw+1)+x+w] - s[y*(bw+1)+x+w] - s[(y+h)*(bw+1)+x] + s[y*(bw+1)+x]
	}
	const half = ghostWindow / 2
	var all []window
	for y := 0; y+ghostWindow <= bh; y += half {
		for x := 0; x+ghostWindow <= bw; x += half {
			if count := area(counts, x, y, ghostWindow, ghostWindow); count >= ghostLeast {
				all = append(all, window{x, y, area(sums, x, y, ghostWindow, ghostWindow) / count, count})
			}
		}
	}
	if len(all) < 8 {
		return g, false
	}
	// Parts of one past differ, too, because writing is not skin: how much they
	// do is measured by the middle of all, which a pasted part does not move.
	middle := medianOf(all, func(w window) float64 { return w.mean })
	spread := 1.4826 * medianOf(all, func(w window) float64 { return math.Abs(w.mean - middle) })
	if middle < 0.75 {
		return g, true // all of it was saved so before: a picture that somebody sent on
	}
	for _, w := range all {
		expected := math.Hypot(spread, deviation/math.Sqrt(w.count))
		if score := (middle - w.mean) / expected; score > g.Score {
			g = GhostArea{Score: score, Quality: quality, X: float64(w.x) / float64(bw), Y: float64(w.y) / float64(bh),
				W: ghostWindow / float64(bw), H: ghostWindow / float64(bh)}
		}
	}
	return g, true
}

// window is a square of blocks.
type window struct {
	x, y        int
	mean, count float64
}

func medianOf(all []window, of func(window) float64) float64 {
	values := make([]float64, len(all))
	for i, w := range all {
		values[i] = of(w)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// zigzag are the lowest frequencies of a block in their order, without the mean:
// row and column.
var zigzag = [ghostCoeffs][2]int{{0, 1}, {1, 0}, {2, 0}, {1, 1}, {0, 2}, {0, 3}, {1, 2}, {2, 1}, {3, 0}, {4, 0}, {3, 1}, {2, 2}, {1, 3}, {0, 4}}

// transform gives the low coefficients of every step-th block in both
// directions (ITU-T T.81, A.3.3).
func transform(luma *image.Gray, bw, bh, step int) []float32 {
	var basis [5][8]float32
	for u := range basis {
		scale := 0.5
		if u == 0 {
			scale = 1 / (2 * math.Sqrt2)
		}
		for x := range 8 {
			basis[u][x] = float32(scale * math.Cos(float64(2*x+1)*float64(u)*math.Pi/16))
		}
	}
	out := make([]float32, bw*bh*ghostCoeffs)
	for by := range bh {
		for bx := range bw {
			var rows [8][5]float32
			for y := range 8 {
				at := (by*step*8+y)*luma.Stride + bx*step*8
				line := luma.Pix[at : at+8]
				for u := range basis {
					b := &basis[u]
					rows[y][u] = b[0]*float32(line[0]) + b[1]*float32(line[1]) + b[2]*float32(line[2]) + b[3]*float32(line[3]) +
						b[4]*float32(line[4]) + b[5]*float32(line[5]) + b[6]*float32(line[6]) + b[7]*float32(line[7])
				}
			}
			at := (by*bw + bx) * ghostCoeffs
			for k, f := range zigzag {
				b := &basis[f[0]]
				sum := float32(0)
				for y := range 8 {
					sum += b[y] * rows[y][f[1]]
				}
				out[at+k] = sum
			}
		}
	}
	return out
}

// lumaTable is the luminance table of ITU-T T.81, annex K, in rows.
var lumaTable = [64]int{
	16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
	18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
}

// stepOf scales an entry of the table to a quality as libjpeg does.
func stepOf(base, quality int) int {
	scale := 200 - 2*quality
	if quality < 50 {
		scale = 5000 / quality
	}
	return min(255, max(1, (base*scale+50)/100))
}

func stepsOf(quality int) (out [ghostCoeffs]float32) {
	for k, f := range zigzag {
		out[k] = float32(stepOf(lumaTable[f[0]*8+f[1]], quality))
	}
	return out
}

// JPEGQuality tells in which quality (1-100) a JPEG was saved last, by the sum
// of its first quantisation table; 0 when it has none that can be read. Programs
// with tables of their own get the nearest.
func JPEGQuality(file []byte) int {
	sum, ok := tableSum(file)
	if !ok {
		return 0
	}
	best, least := 0, math.MaxInt
	for quality := 1; quality <= 100; quality++ {
		have := 0
		for _, base := range lumaTable {
			have += stepOf(base, quality)
		}
		if d := max(have-sum, sum-have); d < least {
			best, least = quality, d
		}
	}
	return best
}

// tableSum adds up the first quantisation table of a JPEG.
func tableSum(b []byte) (sum int, ok bool) {
	for i := 2; i+4 <= len(b) && b[i] == 0xff; {
		marker, length := b[i+1], int(b[i+2])<<8|int(b[i+3])
		if length < 2 || i+2+length > len(b) || marker == 0xda {
			return 0, false
		}
		if body := b[i+4 : i+2+length]; marker == 0xdb && len(body) >= 65 {
			wide := body[0]>>4 != 0
			for k := range 64 {
				switch {
				case !wide:
					sum += int(body[1+k])
				case len(body) >= 129:
					sum += int(body[1+2*k])<<8 | int(body[2+2*k])
				default:
					return 0, false
				}
			}
			return sum, true
		}
		i += 2 + length
	}
	return 0, false
}
