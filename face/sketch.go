package face

import (
	"math"
	"math/bits"
	"math/rand/v2"
)

// A sketch is a turned vector in two bits a number. The dot product of the
// sketches of two vectors, made free of bias, errs about their cosine by some
// 0.02; a face whose reach, the estimate and seven of its standard deviations,
// is below what is asked for is not compared exactly. The turn is the same
// everywhere and has nothing to do with the faces, so that the errors of the
// numbers are as good as independent: a face at just what is asked for is ruled
// out less than once in 10^11, one above it less often still (docs/decisions/0023). The
// answer depends on the two vectors alone, not on the other faces or on the
// order of their arrival. The estimate is that of RaBitQ (Gao and Long, 2024)
// with uniform steps.
//
// The bits of one significance lie together, so that a dot product is the
// counted ones of some words: the sum of u*w over all numbers is the sum of
// 2^(i+j) times the ones in (plane i of u) AND (plane j of w).
const (
	faceBits = 2 // of a face in the index
	askBits  = 4 // of the face that is looked for
	// faceStep and askStep are the widths of one step, in units of the root
	// mean square of the numbers: those of the smallest error where the numbers
	// are normally distributed (Max, Quantizing for Minimum Distortion, 1960).
	faceStep, askStep = 0.9957, 0.3352
	// deviations is how far an estimate may be off, in standard deviations.
	deviations = 7
)

// sketched says what a sketch stands for.
type sketched struct {
	scale float32 // from the sketch's whole numbers to an estimate without bias
	rest  float32 // length of what the sketch leaves out, of a vector of length 1
	sum   int32   // of the codes
}

// padded is how many numbers the turned vector of a size has.
func padded(size int) int { return max(64, 1<<bits.Len(uint(size-1))) } //nolint:gosec // a size is positive

// planes is how many words the planes of a vector take.
func planes(size, depth int) int { return padded(size) / 64 * depth }

// turn changes signs and mixes all numbers, three times over; lengths and
// cosines stay. The signs come from a fixed seed: an index of another turn
// would answer the same faces.
func turn(v []float32) []float64 {
	n := padded(len(v))
	out := make([]float64, n)
	for i, x := range v {
		out[i] = float64(x)
	}
	signs := rand.New(rand.NewPCG(0x666163, 0x65)) //nolint:gosec // no secret: the same on every machine
	shrink := 1 / math.Sqrt(float64(n))
	for range 3 {
		for i := 0; i < n; i += 64 {
			for k, s := 0, signs.Uint64(); k < 64; k, s = k+1, s>>1 {
				if s&1 == 1 {
					out[i+k] = -out[i+k]
				}
			}
		}
		for half := 1; half < n; half *= 2 { // Walsh and Hadamard
			for i := 0; i < n; i += 2 * half {
				for k := i; k < i+half; k++ {
					out[k], out[k+half] = out[k]+out[k+half], out[k]-out[k+half]
				}
			}
		}
		for i := range out {
			out[i] *= shrink
		}
	}
	return out
}

// sketch writes the planes of a vector of unit length, word by word, and says
// what they stand for. A code u of n bits stands for 2u+1-2^n.
func sketch(v []float32, out []uint64, depth int, step float64) sketched {
	clear(out)
	numbers, levels := turn(v), 1<<depth
	width := step / math.Sqrt(float64(len(numbers)))
	var s sketched
	var along, length float64
	for i, x := range numbers {
		u := min(max(int(math.Floor(x/width))+levels/2, 0), levels-1)
		for p := range depth {
			out[i/64*depth+p] |= uint64(u>>p&1) << (i % 64)
		}
		c := float64(2*u + 1 - levels)
		along += x * c
		length += c * c
		s.sum += int32(u)
	}
	// The part of the vector that lies along its sketch has this share of its
	// squared length; dividing by the whole projection frees the estimate of
	// its bias.
	share := along * along / length
	s.scale = float32(1 / along)
	if along <= 0 { // cannot be: each number has the sign of its code
		s.scale, share = 0, 0
	}
	s.rest = float32(math.Sqrt(max(1-share, 0) / max(share, 1e-9)))
	return s
}

// ask is the face that is looked for, made ready for many comparisons.
type ask struct {
	vector []float32
	planes []uint64
	sketched
	spread float64 // what is allowed for, by what the sketches leave out
	fixed  int     // of each product
}

func newAsk(v []float32) ask {
	a := ask{vector: v, planes: make([]uint64, planes(len(v), askBits)), spread: deviations / math.Sqrt(float64(padded(len(v))))}
	a.sketched = sketch(v, a.planes, askBits, askStep)
	a.fixed = (1<<faceBits-1)*(1<<askBits-1)*padded(len(v)) - 2*(1<<faceBits-1)*int(a.sum)
	return a
}

// reach is what the cosine with the face of a sketch may be at most.
func (a *ask) reach(face []uint64, s sketched) float64 {
	return a.estimate(face, s) + a.margin(s.rest)
}

// margin is how far above its estimate a cosine may be.
func (a *ask) margin(rest float32) float64 {
	r, q := rest*rest, a.rest*a.rest
	return a.spread * math.Sqrt(float64(r+q+r*q))
}

// estimate is the cosine without bias.
func (a *ask) estimate(face []uint64, s sketched) float64 {
	const fl, al = 1<<faceBits - 1, 1<<askBits - 1
	var c0, c1, c2, c3, c4 int
	for ask := a.planes; len(face) >= faceBits && len(ask) >= askBits; face, ask = face[faceBits:], ask[askBits:] {
		u0, u1 := face[0], face[1]
		c0 += bits.OnesCount64(u0 & ask[0])
		c1 += bits.OnesCount64(u0 & ask[1])
		c2 += bits.OnesCount64(u0 & ask[2])
		c3 += bits.OnesCount64(u0 & ask[3])
		c1 += bits.OnesCount64(u1 & ask[0])
		c2 += bits.OnesCount64(u1 & ask[1])
		c3 += bits.OnesCount64(u1 & ask[2])
		c4 += bits.OnesCount64(u1 & ask[3])
	}
	overlap := c0 + c1<<1 + c2<<2 + c3<<3 + c4<<4
	// The sum of (2u-fl)*(2w-al) from that of u*w.
	product := 4*overlap - 2*al*int(s.sum) + a.fixed
	return float64(s.scale) * float64(a.scale) * float64(product)
}
