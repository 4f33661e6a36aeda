package tamper

import (
	"image"
	"math"

	"gonum.org/v1/gonum/dsp/fourier"
)

// Lattice is the pattern of a screen's pixels in a photograph of it.
type Lattice struct {
	// Score is how far the weaker of two crossing waves stands above what lies
	// around it in the spectrum, in nepers of power; see LatticeFloor.
	Score float64
	// Period is the length of the waves in pixels of the picture.
	Period float64
}

// LatticeFloor and LatticeSure are the scores from which a lattice counts at all and
// from which it counts in full.
const (
	LatticeFloor = 2.0
	LatticeSure  = 4.0
)

// Value is what a score is worth, 0 to 1.
func (l Lattice) Value() float64 {
	return min(1, max(0, (l.Score-LatticeFloor)/(LatticeSure-LatticeFloor)))
}

const (
	latticeTile  = 256 // pixels along each side of a part that is transformed
	latticeTiles = 24  // parts that are looked at, at most
	latticeLeast = 6   // parts that there must be
	latticeInner = 20  // waves a part, below which print and pictures have their own
	latticeDrift = 2   // waves by which a lattice may differ from part to part: nobody holds a camera straight
	latticeRing  = 9   // half the side of what lies around
)

// ScreenLattice looks for the pattern that a camera sees on a screen: two waves of
// one length that cross at a right angle, the same all over the picture. Its cause
// are the pixels of the screen, or the beat of their raster with the camera's. gray
// is the picture as it was stored, in its full size; ok is false where it is
// too small.
//
// The logarithms of the power spectra of its parts are averaged, in which what is
// printed differs from part to part and the lattice does not (the peaks that, among
// others, Patel et al. look for in "Secure Face Unlock: Spoof Detection on
// Smartphones", IEEE Transactions on Information Forensics and Security, 2016). The axes
// are left out, where lines of print and the blocks of JPEG are. It is one-sided: a camera that
// is far from the screen, or one that is not in focus, sees none, and rasters of
// print can look the same.
func ScreenLattice(gray *image.Gray) (l Lattice, ok bool) {
	if gray == nil {
		return l, false
	}
	columns, rows := gray.Rect.Dx()/latticeTile, gray.Rect.Dy()/latticeTile
	if columns*rows < latticeLeast {
		return l, false
	}
	step := 1
	for (columns+step-1)/step*((rows+step-1)/step) > latticeTiles {
		step++
	}
	sum, n := make([]float64, latticeTile*latticeTile), 0
	s := newSpectrum()
	for y := 0; y < rows; y += step {
		for x := 0; x < columns; x += step {
			s.add(gray, x*latticeTile, y*latticeTile, sum)
			n++
		}
	}
	for i := range sum {
		sum[i] /= float64(n)
	}
	return peaks(sum), true
}

// peaks looks for the strongest pair of waves in a mean spectrum.
func peaks(mean []float64) (l Lattice) {
	above := standOut(mean)
	at := func(u, v int) float64 {
		best := 0.0
		for dv := -1; dv <= 1; dv++ {
			for du := -1; du <= 1; du++ {
				best = max(best, above[wrap(v+dv)*latticeTile+wrap(u+du)])
			}
		}
		return best
	}
	const half = latticeTile / 2
	for v := -half + 2; v <= half-2; v++ {
		for u := 3; u <= half-2; u++ { // the other half is the same
			r := math.Hypot(float64(u), float64(v))
			if v > -3 && v < 3 || r < latticeInner || r > half-2 || ofBlocks(u) && ofBlocks(v) {
				continue
			}
			one := above[wrap(v)*latticeTile+u]
			if one <= l.Score {
				continue
			}
			if score := min(one, at(-v, u)); score > l.Score {
				l = Lattice{Score: score, Period: latticeTile / r}
			}
		}
	}
	return l
}

// ofBlocks reports whether a frequency is one of the blocks of 8 pixels of JPEG.
func ofBlocks(f int) bool {
	d := ((f % 32) + 32) % 32
	return d <= 1 || d >= 31
}

func wrap(f int) int { return f & (latticeTile - 1) }

// standOut takes from each frequency the mean of what lies around it.
func standOut(mean []float64) []float64 {
	const n = latticeTile
	sums := make([]float64, (n+1)*(n+1))
	for y := range n {
		for x := range n {
			i := (y+1)*(n+1) + x + 1
			sums[i] = mean[y*n+x] + sums[i-1] + sums[i-n-1] - sums[i-n-2]
		}
	}
	// Frequencies go on at the other edge; near it the window is cut, which keeps
	// it on one side.
	area := func(x0, y0, x1, y1 int) (float64, float64) {
		return sums[y1*(n+1)+x1] - sums[y0*(n+1)+x1] - sums[y1*(n+1)+x0] + sums[y0*(n+1)+x0], float64((x1 - x0) * (y1 - y0))
	}
	out := make([]float64, len(mean))
	const inner = latticeDrift + 1
	for y := range n {
		for x := range n {
			all, many := area(max(0, x-latticeRing), max(0, y-latticeRing), min(n, x+latticeRing+1), min(n, y+latticeRing+1))
			own, few := area(max(0, x-inner), max(0, y-inner), min(n, x+inner+1), min(n, y+inner+1))
			out[y*n+x] = mean[y*n+x] - (all-own)/(many-few)
		}
	}
	return out
}

// spectrum transforms parts of a picture.
type spectrum struct {
	window  [latticeTile]float64
	rows    *fourier.FFT
	columns *fourier.CmplxFFT
	line    []float64
	waves   []complex128 // of one row: the other half is the same, mirrored
	half    []complex128 // of all rows, column by column
	power   []float64
}

func newSpectrum() *spectrum {
	const n = latticeTile
	s := &spectrum{rows: fourier.NewFFT(n), columns: fourier.NewCmplxFFT(n), line: make([]float64, n), waves: make([]complex128, n/2+1), half: make([]complex128, n*(n/2+1)), power: make([]float64, n*n)}
	for i := range s.window {
		s.window[i] = 0.5 - 0.5*math.Cos(2*math.Pi*(float64(i)+0.5)/n)
	}
	return s
}

// add adds the logarithm of the power of one part to sum; each frequency has the
// most of those within latticeDrift of it.
func (s *spectrum) add(gray *image.Gray, left, top int, sum []float64) {
	const n = latticeTile
	mean := 0.0
	for y := range n {
		for _, v := range gray.Pix[(top+y)*gray.Stride+left:][:n] {
			mean += float64(v)
		}
	}
	mean /= n * n
	for y := range n {
		for x, v := range gray.Pix[(top+y)*gray.Stride+left:][:n] {
			s.line[x] = (float64(v) - mean) * s.window[x] * s.window[y]
		}
		for u, wave := range s.rows.Coefficients(s.waves, s.line) {
			s.half[u*n+y] = wave
		}
	}
	for u := range n/2 + 1 {
		column := s.half[u*n:][:n]
		for v, wave := range s.columns.Coefficients(column, column) {
			power := math.Log(real(wave)*real(wave) + imag(wave)*imag(wave) + 1)
			s.power[v*n+u] = power
			s.power[wrap(-v)*n+wrap(-u)] = power
		}
	}
	for y := range n {
		for x := range n {
			best := 0.0
			for dy := -latticeDrift; dy <= latticeDrift; dy++ {
				for dx := -latticeDrift; dx <= latticeDrift; dx++ {
					best = max(best, s.power[wrap(y+dy)*n+wrap(x+dx)])
				}
			}
			sum[y*n+x] += best
		}
	}
}
