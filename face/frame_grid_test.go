package face

import (
	"math/rand/v2"
	"testing"
)

// TestGridIsAt: the quick way over many places gives the very numbers of the plain one,
// beyond the edges, too.
func TestGridIsAt(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // not for secrets
	for _, size := range [][2]int{{1, 1}, {2, 1}, {1, 3}, {17, 9}} {
		f := &frame{w: size[0], h: size[1], pix: make([]uint8, size[0]*size[1]*3), by: 1}
		for i := range f.pix {
			f.pix[i] = uint8(rnd.IntN(256))
		}
		places := func(n, side int) []float64 {
			out := []float64{0, float64(side - 1), -1, float64(side)}
			for range n {
				out = append(out, (rnd.Float64()*1.4-0.2)*float64(side))
			}
			return out
		}
		xs, ys := places(19, f.w), places(13, f.h)
		const wide = 40
		plane := wide * len(ys)
		for _, order := range [][3]int{{0, 1, 2}, {2, 1, 0}} {
			planes := make([]float32, 3*plane)
			f.grid(xs, ys, planes, wide, plane, order)
			var px [3]float32
			for j, y := range ys {
				for i, x := range xs {
					f.at(x, y, &px)
					for c := range 3 {
						if got := planes[c*plane+j*wide+i]; got != px[order[c]] {
							t.Fatalf("%v at %v, %v: %v, want %v", size, x, y, got, px[order[c]])
						}
					}
				}
			}
		}
	}
}
