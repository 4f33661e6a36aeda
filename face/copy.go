package face

import (
	"image"
	"math"
	"slices"
)

// SamePhotographFrom is the fit from which two pictures of a face are taken for
// one photograph. Measured (docs/accuracy.md): copies 0.99 and more, other
// photographs of the same person, some taken minutes apart, 0.94 at most.
const SamePhotographFrom = 0.965

// copySide is the side, in pixels, of the straightened faces that are laid over
// each other. A face of minWidth pixels fills it.
const copySide = 40

// copyPoints is where eyes, nose and corners of the mouth lie in them, as parts
// of the side: the middle of a face, without hair and background, which a copy
// may leave out.
func copyPoints() [5]Point {
	return [5]Point{{0.26, 0.30}, {0.74, 0.30}, {0.50, 0.58}, {0.31, 0.82}, {0.69, 0.82}}
}

// SamePhotograph says how well one face lies over the other, light for light:
// the correlation, -1 to 1, of the two faces, straightened by their landmarks,
// grey, freed of differences of light over more than an eighth of the face, and
// shifted, turned and scaled a little until they fit best, as they are or one of
// them mirrored. A copy of a photograph, small, grey or saved anew, fits better
// than another photograph of the same person, where the cosine of two templates
// does not tell them apart (docs/accuracy.md). ok is false where a face
// has no landmarks or a picture cannot be read: then nothing is known.
func SamePhotograph(a image.Image, fa Face, b image.Image, fb Face) (fit float64, ok bool) {
	one, ok := layerOf(a, fa)
	if !ok {
		return 0, false
	}
	two, ok := layerOf(b, fb)
	if !ok {
		return 0, false
	}
	return one.laidOver(two), true
}

// layer is a face that can be straightened with small changes.
type layer struct {
	f *frame
	m similarity // from the frame to the square
}

func layerOf(img image.Image, face Face) (layer, bool) {
	if img == nil || !(face.W > 1 && face.H > 1) {
		return layer{}, false
	}
	// Nothing but the face and what is around it is copied.
	b := img.Bounds()
	box := image.Rect(int(face.X-face.W/2), int(face.Y-face.H/2), int(face.X+1.5*face.W)+1, int(face.Y+1.5*face.H)+1).Add(b.Min).Intersect(b)
	if box.Dx() < 8 || box.Dy() < 8 {
		return layer{}, false
	}
	f, err := newFrame(cut(img, box))
	if err != nil {
		return layer{}, false
	}
	by := max(1, int(face.W/float64(f.by)/(2*copySide)))
	if by > 1 {
		f = f.reduced(by)
	}
	var from, to []Point
	for i, p := range copyPoints() {
		q := face.Landmarks[i]
		from = append(from, Point{(q.X - float64(box.Min.X-b.Min.X)) / float64(f.by), (q.Y - float64(box.Min.Y-b.Min.Y)) / float64(f.by)})
		to = append(to, Point{p.X * copySide, p.Y * copySide})
	}
	m, ok := fit(from, to)
	return layer{f, m}, ok
}

// square is the straightened face in even light, of mean nothing and of length
// one. The changes are of the square: a shift in its pixels, a turn in radians
// and the logarithm of a scale, about its middle.
func (l layer) square(p [4]float64) []float64 {
	const n = copySide
	mid := complex(n/2.0, n/2.0)
	by := complex(math.Cos(p[2]), math.Sin(p[2])) * complex(math.Exp(p[3]), 0)
	m := similarity{by * l.m.a, by*(l.m.b-mid) + mid + complex(p[0], p[1])}
	planes := make([]float32, 3*n*n)
	l.f.warp(m, n, n, planes, [3]int{0, 1, 2})
	grey := make([]float64, n*n)
	for i := range grey {
		grey[i] = luma(float64(planes[i]), float64(planes[n*n+i]), float64(planes[2*n*n+i]))
	}
	return evened(grey, n)
}

// The furthest that a face is moved to fit, beyond what its landmarks say:
// pixels of the square, radians, logarithm of the scale.
const (
	maxShift = 6
	maxTurn  = 0.2
	maxScale = 0.2
)

// laidOver moves another face over this one, a step at a time and each time in
// smaller steps, and gives the best correlation.
func (l layer) laidOver(o layer) float64 {
	fixed := l.square([4]float64{})
	mirrored := make([]float64, len(fixed))
	for i := range fixed {
		mirrored[i] = fixed[i/copySide*copySide+copySide-1-i%copySide]
	}
	return max(follow(fixed, o), follow(mirrored, o))
}

func follow(fixed []float64, o layer) float64 {
	like := func(p [4]float64) float64 {
		sum := 0.0
		for i, v := range o.square(p) {
			sum += v * fixed[i]
		}
		return sum
	}
	at := [4]float64{}
	best := like(at)
	step := [4]float64{2, 2, 0.06, 0.06}
	for range 4 {
		for moved := true; moved; {
			moved = false
			for i := range at {
				for _, d := range []float64{-1, 1} {
					next := at
					next[i] += d * step[i]
					if math.Hypot(next[0], next[1]) > maxShift || math.Abs(next[2]) > maxTurn || math.Abs(next[3]) > maxScale {
						continue
					}
					if v := like(next); v > best {
						best, at, moved = v, next, true
					}
				}
			}
		}
		for i := range step {
			step[i] /= 2
		}
	}
	return best
}

// evened takes the noise of single pixels and the light of larger parts out of
// a square, and gives what is left the same strength everywhere.
func evened(v []float64, n int) []float64 {
	const fine, wide = 1, 5
	v = blurred(v, n, fine)
	light := blurred(v, n, wide)
	squares := make([]float64, len(v))
	for i := range v {
		v[i] -= light[i]
		squares[i] = v[i] * v[i]
	}
	mid := 0.0
	for i, s := range blurred(squares, n, 2*wide) {
		// One level of 255 more, so that a plain part does not become loud.
		v[i] /= math.Sqrt(max(s, 0)) + 1
		mid += v[i] / float64(len(v))
	}
	size := 0.0
	for i := range v {
		v[i] -= mid
		size += v[i] * v[i]
	}
	if size = math.Sqrt(size); size > 0 {
		for i := range v {
			v[i] /= size
		}
	}
	return v
}

// blurred gives the means over squares of 2r+1 pixels, taken twice; outside is
// nothing.
func blurred(v []float64, n, r int) []float64 {
	out, half := slices.Clone(v), make([]float64, len(v))
	for range 2 {
		means(half, out, n, n, 1, r)
		means(out, half, n, 1, n, r)
	}
	return out
}

// means writes the means along lines: n lines that begin a line apart, of n
// numbers each, a step apart.
func means(to, from []float64, n, line, step, r int) {
	for k := range n {
		sum, count := 0.0, 0.0
		for i := -r; i < n; i++ {
			if j := i + r; j < n {
				sum, count = sum+from[k*line+j*step], count+1
			}
			if j := i - r - 1; j >= 0 {
				sum, count = sum-from[k*line+j*step], count-1
			}
			if i >= 0 {
				to[k*line+i*step] = sum / count
			}
		}
	}
}
