package tamper

import (
	"image"
	"math"
	"math/rand/v2"
	"testing"
)

// screen is a photograph of a screen that shows a slope and some print: dots with
// dark gaps, so many pixels a dot, turned by some degrees; without dots it is the
// slope itself.
func screen(side int, pixelsADot, degrees float64) *image.Gray {
	noise := rand.New(rand.NewPCG(1, 2))
	var letters [1 << 14]bool
	for i := range letters {
		letters[i] = noise.IntN(5) == 0
	}
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	out := image.NewGray(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			sum := 0.0
			for n := range 9 {
				px, py := float64(x)+float64(n%3)/2-0.5, float64(y)+float64(n/3)/2-0.5
				light := 0.3 + 0.4*px/float64(side)
				if letters[(int(py)/14*128+int(px)/9)%len(letters)] {
					light = 0.1
				}
				u, v := (px*cos-py*sin)/pixelsADot, (px*sin+py*cos)/pixelsADot
				if fu, fv := u-math.Floor(u), v-math.Floor(v); pixelsADot > 0 && (fu < 0.3 || fv < 0.15) {
					light = 0.02
				}
				sum += light / 9
			}
			out.Pix[y*side+x] = uint8(min(255, max(0, 255*math.Pow(sum, 1/2.2)+2*noise.NormFloat64())))
		}
	}
	return out
}

func TestScreenLattice(t *testing.T) {
	t.Parallel()
	for _, pixelsADot := range []float64{2.2, 3} {
		l, ok := ScreenLattice(screen(800, pixelsADot, 4))
		if !ok || l.Value() <= 0 || math.Abs(l.Period-pixelsADot) > 0.15 {
			t.Errorf("%v pixels a dot: %+v, %v", pixelsADot, l, ok)
		}
	}
	if l, ok := ScreenLattice(screen(800, 0, 4)); !ok || l.Value() > 0 {
		t.Errorf("no screen: %+v, %v", l, ok)
	}
	for name, img := range map[string]*image.Gray{"none": nil, "too small": screen(500, 3, 4), "a part": screen(800, 3, 4).SubImage(image.Rect(0, 0, 800, 300)).(*image.Gray)} {
		if l, ok := ScreenLattice(img); ok || l != (Lattice{}) {
			t.Errorf("%s: %+v", name, l)
		}
	}
	if l, ok := ScreenLattice(image.NewGray(image.Rect(0, 0, 800, 800))); !ok || l.Value() > 0 {
		t.Errorf("black: %+v", l)
	}
}
