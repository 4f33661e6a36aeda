package grey

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// naive is the greatest or smallest value of each window, looked up one by one.
func naive(pix []uint8, w, h, rx, ry int, least bool) []uint8 {
	out := make([]uint8, len(pix))
	for y := range h {
		for x := range w {
			best := pix[y*w+x]
			for v := max(0, y-ry); v <= min(h-1, y+ry); v++ {
				for u := max(0, x-rx); u <= min(w-1, x+rx); u++ {
					if p := pix[v*w+u]; p > best != least && p != best {
						best = p
					}
				}
			}
			out[y*w+x] = best
		}
	}
	return out
}

func TestMorphologyIsTheExtremeOfEachWindow(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 11))
	for _, size := range [][2]int{{1, 1}, {3, 40}, {61, 17}, {64, 9}, {101, 33}} {
		w, h := size[0], size[1]
		m := Morph{W: w, H: h}
		for _, window := range [][2]int{{0, 0}, {1, 0}, {2, 2}, {6, 3}, {8, 2}, {10, 8}} {
			for _, binary := range []bool{false, true} {
				pix := make([]uint8, w*h)
				for i := range pix {
					pix[i] = uint8(random.Uint32())
					if binary {
						pix[i] &= 1
					}
				}
				m.Binary = binary
				for _, least := range []bool{false, true} {
					got := slices.Clone(pix)
					if least {
						m.Erode(got, window[0], window[1])
					} else {
						m.Dilate(got, window[0], window[1])
					}
					if want := naive(pix, w, h, window[0], window[1], least); !slices.Equal(got, want) {
						t.Fatalf("%v, window %v, binary %v, least %v: %v, want %v", size, window, binary, least, got, want)
					}
				}
			}
		}
	}
}
