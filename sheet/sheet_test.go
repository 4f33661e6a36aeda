package sheet

import (
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"testing"
)

// table paints a picture: a page (printed with dark stripes and a frame) at
// four corners over a background. Each pixel asks where it lies on the page, by
// solving the map's two equations, so the test does not use the code it tests
// the other way round.
type table struct {
	w, h       int
	background func(x, y int) float64
	paper      float64
	noise      float64
	seed       uint64
}

func (tb table) photo(corners [4]Point, aspect float64) *image.Gray {
	rnd := rand.New(rand.NewPCG(tb.seed, 7))
	img := image.NewGray(image.Rect(0, 0, tb.w, tb.h))
	const pw = 1000.0
	ph := pw / aspect
	m, ok := MapTo(corners, pw, ph)
	if !ok {
		panic("the test's corners are none")
	}
	for y := range tb.h {
		for x := range tb.w {
			value := 0.0
			for _, sub := range [4][2]float64{{0.25, 0.25}, {0.75, 0.25}, {0.25, 0.75}, {0.75, 0.75}} {
				px, py := float64(x)+sub[0], float64(y)+sub[1]
				// px*(gu+hv+1) = au+bv+c, the same for py: two equations for u, v.
				a11, a12, b1 := m.a-px*m.g, m.b-px*m.h, px-m.c
				a21, a22, b2 := m.d-py*m.g, m.e-py*m.h, py-m.f
				det := a11*a22 - a12*a21
				u, v := (b1*a22-b2*a12)/det, (a11*b2-a21*b1)/det
				if u >= 0 && v >= 0 && u < pw && v < ph && m.g*u+m.h*v+1 > 0 {
					value += tb.ink(u, v, pw, ph) / 4
				} else {
					value += tb.background(x, y) / 4
				}
			}
			img.Pix[y*img.Stride+x] = uint8(min(max(value+rnd.NormFloat64()*tb.noise, 0), 255))
		}
	}
	return img
}

// ink is what is printed: lines of letters, a portrait, a zone at the foot.
func (tb table) ink(u, v, pw, ph float64) float64 {
	switch {
	case u > 60 && u < 300 && v > 120 && v < 420:
		return tb.paper * 0.6
	case u > 340 && u < 940 && v > 100 && v < 430 && math.Mod(v, 60) < 22 && math.Mod(u, 24) < 13:
		return 40
	case u > 40 && u < pw-40 && v > ph-150 && v < ph-30 && math.Mod(v-ph, 60) < -30 && math.Mod(u, 21) < 12:
		return 30
	}
	return tb.paper
}

func flat(v float64) func(x, y int) float64 { return func(_, _ int) float64 { return v } }

// wood has grain along its rows, as tables do.
func wood(x, y int) float64 {
	return 95 + 18*math.Sin(float64(y)/9+2*math.Sin(float64(x)/160)) + 8*math.Sin(float64(y)/3.1)
}

// checked is a cloth of squares, whose edges are lines, too.
func checked(x, y int) float64 {
	if (x/90+y/90)%2 == 0 {
		return 70
	}
	return 95
}

func TestFindsThePageWhereItWasPut(t *testing.T) {
	t.Parallel()
	id1, id3, letter := 85.60/53.98, 125.0/88, 11/8.5
	for name, c := range map[string]struct {
		table   table
		corners [4]Point
		aspect  float64
	}{
		"level card on a dark table":   {table{w: 1600, h: 1200, background: flat(60), paper: 225, noise: 4}, [4]Point{{300, 300}, {1300, 300}, {1300, 930.6}, {300, 930.6}}, id1},
		"turned by 9 degrees":          {table{w: 1600, h: 1200, background: wood, paper: 220, noise: 5}, turned(800, 600, 1000, id1, 9), id1},
		"turned by -17 degrees":        {table{w: 1600, h: 1200, background: flat(40), paper: 200, noise: 5}, turned(800, 600, 950, id3, -17), id3},
		"leaning back":                 {table{w: 1600, h: 1200, background: wood, paper: 215, noise: 5}, seen(1600, 1200, id3, 1.35, 30, 0, 4), id3},
		"leaning to a side and turned": {table{w: 1600, h: 1200, background: checked, paper: 225, noise: 5}, seen(1600, 1200, id1, 1.3, 12, 28, -8), id1},
		"dark page on a light table":   {table{w: 1600, h: 1200, background: flat(235), paper: 150, noise: 4}, seen(1600, 1200, id3, 1.5, 18, -15, 6), id3},
		"pale edge":                    {table{w: 1600, h: 1200, background: flat(205), paper: 232, noise: 3}, turned(800, 600, 1000, id3, 5), id3},
		"letter, upright":              {table{w: 1200, h: 1600, background: wood, paper: 240, noise: 4}, seen(1200, 1600, 1/letter, 1.2, -20, 8, 3), 1 / letter},
		"large picture":                {table{w: 2600, h: 1950, background: wood, paper: 220, noise: 6}, seen(2600, 1950, id1, 1.25, 20, 15, 11), id1},
		"small picture":                {table{w: 420, h: 320, background: flat(70), paper: 220, noise: 4}, seen(420, 320, id1, 1.3, 15, 10, 5), id1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			img := c.table.photo(c.corners, c.aspect)
			p, ok := Find(img)
			if !ok {
				t.Fatal("not found")
			}
			far := 0.0
			for i, want := range c.corners {
				far = max(far, math.Hypot(p.Corners[i].X-want.X, p.Corners[i].Y-want.Y))
			}
			t.Logf("corners within %.2f pixels of %dx%d; %dx%d, tilt %.1f, lean %.1f, share %.2f", far, c.table.w, c.table.h, p.Width, p.Height, p.Tilt, p.Lean, p.Share)
			if limit := 0.0025 * float64(max(c.table.w, c.table.h)); far > limit {
				t.Errorf("a corner lies %.1f pixels off, at most %.1f: %v, put at %v", far, limit, p.Corners, c.corners)
			}
			if got := float64(p.Width) / float64(p.Height); math.Abs(math.Log(got/c.aspect)) > 0.01 {
				t.Errorf("proportions %.3f, want %.3f", got, c.aspect)
			}
			// What is printed in the middle of the page lies there again.
			x, y := p.Map.At(float64(p.Width)/2, float64(p.Height)/2)
			wantX, wantY := diagonals(c.corners)
			if math.Hypot(x-wantX, y-wantY) > 0.004*float64(max(c.table.w, c.table.h)) {
				t.Errorf("the middle lies at %.1f, %.1f, want %.1f, %.1f", x, y, wantX, wantY)
			}
		})
	}
}

// diagonals is where the diagonals cross: perspective keeps that the middle.
func diagonals(c [4]Point) (x, y float64) {
	d1x, d1y, d2x, d2y := c[2].X-c[0].X, c[2].Y-c[0].Y, c[3].X-c[1].X, c[3].Y-c[1].Y
	t := ((c[1].X-c[0].X)*d2y - (c[1].Y-c[0].Y)*d2x) / (d1x*d2y - d1y*d2x)
	return c[0].X + t*d1x, c[0].Y + t*d1y
}

// turned gives the corners of a page of a width around a middle.
func turned(x, y, width, aspect, degrees float64) [4]Point {
	s, c := math.Sincos(degrees * math.Pi / 180)
	var out [4]Point
	for i, at := range [4][2]float64{{-0.5, -0.5}, {0.5, -0.5}, {0.5, 0.5}, {-0.5, 0.5}} {
		u, v := at[0]*width, at[1]*width/aspect
		out[i] = Point{x + c*u - s*v, y + s*u + c*v}
	}
	return out
}

// seen gives the corners of a page of width 1 that a camera with a lens of 0.8
// times the longest side looks at from a distance, tipped back, turned to a side
// and rolled by so many degrees.
func seen(w, h int, aspect, distance, tip, side, roll float64) [4]Point {
	focal := 0.8 * float64(max(w, h))
	st, ct := math.Sincos(tip * math.Pi / 180)
	ss, cs := math.Sincos(side * math.Pi / 180)
	sr, cr := math.Sincos(roll * math.Pi / 180)
	width := min(1, aspect)
	var out [4]Point
	for i, at := range [4][2]float64{{-0.5, -0.5}, {0.5, -0.5}, {0.5, 0.5}, {-0.5, 0.5}} {
		x, y := at[0]*width, at[1]*width/aspect*ct
		z := -at[1] * width / aspect * st
		x, z = x*cs+z*ss, -x*ss+z*cs
		x, y = x*cr-y*sr, x*sr+y*cr
		out[i] = Point{float64(w)/2 + focal*x/(z+distance), float64(h)/2 + focal*y/(z+distance)}
	}
	return out
}

func TestFindsNothingWhereThereIsNoPage(t *testing.T) {
	t.Parallel()
	tb := table{w: 1000, h: 700, background: flat(200), paper: 225, noise: 4}
	// A scan: the page is the whole picture, printed as the others.
	scan := image.NewGray(image.Rect(0, 0, 1000, 704))
	for y := range 704 {
		for x := range 1000 {
			scan.Pix[y*scan.Stride+x] = uint8(tb.ink(float64(x), float64(y), 1000, 704))
		}
	}
	stripes := image.NewGray(image.Rect(0, 0, 900, 700))
	noise := image.NewGray(image.Rect(0, 0, 900, 700))
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range noise.Pix {
		noise.Pix[i] = uint8(rnd.UintN(256))
		if i/900/20%2 == 0 {
			stripes.Pix[i] = 200
		}
	}
	// The page's one side lies out of the picture.
	cut := table{w: 1000, h: 700, background: flat(60), paper: 220, noise: 4}.photo([4]Point{{300, 100}, {1150, 100}, {1150, 636}, {300, 636}}, 85.60/53.98)
	square := table{w: 1000, h: 700, background: flat(60), paper: 220, noise: 4}.photo([4]Point{{200, 100}, {700, 100}, {700, 600}, {200, 600}}, 1)
	small := table{w: 1600, h: 1200, background: flat(60), paper: 220, noise: 4}.photo([4]Point{{200, 100}, {500, 100}, {500, 289}, {200, 289}}, 85.60/53.98)
	for name, img := range map[string]*image.Gray{
		"scan": scan, "stripes": stripes, "noise": noise, "cut off": cut, "square": square, "far away": small,
		"black": image.NewGray(image.Rect(0, 0, 800, 600)),
	} {
		if p, ok := Find(img); ok {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

// Pictures of any size, down to none, are answered.
func TestFindBearsAnySize(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{0, 0}, {1, 1}, {1, 5000}, {5000, 1}, {119, 119}, {120, 120}, {120, 481}, {3, 2}, {30000, 130}, {121, 479}} {
		img := image.NewGray(image.Rect(0, 0, size[0], size[1]))
		for i := range img.Pix {
			img.Pix[i] = uint8(i * 37)
		}
		if p, ok := Find(img); ok && (p.Width < 1 || p.Height < 1 || p.Width > 2*size[0]+2*size[1]) {
			t.Errorf("%v: %+v", size, p)
		}
	}
}

func TestMapRefusesWhatIsNoPage(t *testing.T) {
	t.Parallel()
	nan, inf := math.NaN(), math.Inf(1)
	for name, c := range map[string]struct {
		corners [4]Point
		w, h    float64
	}{
		"no numbers":        {[4]Point{{nan, 0}, {10, 0}, {10, 10}, {0, 10}}, 5, 5},
		"without end":       {[4]Point{{0, 0}, {inf, 0}, {10, 10}, {0, 10}}, 5, 5},
		"a line":            {[4]Point{{0, 0}, {1, 1}, {2, 2}, {3, 3}}, 5, 5},
		"a point":           {[4]Point{}, 5, 5},
		"anticlockwise":     {[4]Point{{0, 0}, {0, 10}, {10, 10}, {10, 0}}, 5, 5},
		"a bow tie":         {[4]Point{{0, 0}, {10, 10}, {10, 0}, {0, 10}}, 5, 5},
		"a dent":            {[4]Point{{0, 0}, {10, 0}, {2, 2}, {0, 10}}, 5, 5},
		"no size":           {[4]Point{{0, 0}, {10, 0}, {10, 10}, {0, 10}}, 0, 5},
		"a size of nothing": {[4]Point{{0, 0}, {10, 0}, {10, 10}, {0, 10}}, 5, nan},
		"a horizon inside":  {[4]Point{{4.99, 0}, {5.01, 0}, {1000, 10}, {-1000, 10}}, 5, 5},
	} {
		if m, ok := MapTo(c.corners, c.w, c.h); ok {
			t.Errorf("%s: %+v", name, m)
		}
	}
}

func TestMapMeetsItsCorners(t *testing.T) {
	t.Parallel()
	corners := [4]Point{{30, 40}, {520, 10}, {560, 380}, {12, 330}}
	m, ok := MapTo(corners, 400, 250)
	if !ok {
		t.Fatal("no map")
	}
	for i, at := range [4][2]float64{{0, 0}, {400, 0}, {400, 250}, {0, 250}} {
		if x, y := m.At(at[0], at[1]); math.Hypot(x-corners[i].X, y-corners[i].Y) > 1e-9 {
			t.Errorf("%v goes to %v, %v, want %v", at, x, y, corners[i])
		}
	}
}

// FuzzFind lets nothing that a picture holds break the search, and what is
// found be less than a page.
func FuzzFind(f *testing.F) {
	f.Add(uint16(200), uint16(150), []byte{1, 200, 3})
	f.Add(uint16(1), uint16(900), []byte{})
	f.Add(uint16(400), uint16(300), []byte("P<UTOERIKSSON<<ANNA"))
	f.Fuzz(func(t *testing.T, w, h uint16, pix []byte) {
		img := image.NewGray(image.Rect(0, 0, int(w%700), int(h%700)))
		for i := range img.Pix {
			if len(pix) > 0 {
				img.Pix[i] = pix[(i/7+i/(1+img.Stride*5)*3)%len(pix)]
			}
		}
		p, ok := Find(img)
		if !ok {
			return
		}
		flat := p.Straight(img)
		if flat.Rect.Dx() != p.Width || flat.Rect.Dy() != p.Height || p.Share < leastShare || p.Share > 1.1 || len(flat.Pix) > 4*len(img.Pix) {
			t.Errorf("%+v of %v", p, img.Rect)
		}
	})
}

func BenchmarkFind(b *testing.B) {
	img := table{w: 2600, h: 1950, background: wood, paper: 220, noise: 6}.photo(seen(2600, 1950, 85.60/53.98, 1.25, 20, 15, 11), 85.60/53.98)
	for _, what := range []string{"find", "straighten"} {
		b.Run(fmt.Sprint(what), func(b *testing.B) {
			p, ok := Find(img)
			if !ok {
				b.Fatal("not found")
			}
			for b.Loop() {
				if what == "find" {
					_, _ = Find(img)
				} else {
					p.Straight(img)
				}
			}
		})
	}
}

// A picture is made smaller by the mean of whole blocks; what is left over at
// its right and foot is cut off.
func TestShrinkAveragesWholeBlocks(t *testing.T) {
	t.Parallel()
	img := image.NewGray(image.Rect(0, 0, 11, 9))
	for i := range img.Pix {
		img.Pix[i] = uint8(i * 37)
	}
	if Shrink(img, 1) != img || Shrink(img, 0) != img {
		t.Error("a step of one made another picture")
	}
	for _, step := range []int{2, 3, 4, 5} {
		got := Shrink(img, step)
		if got.Rect != image.Rect(0, 0, 11/step, 9/step) {
			t.Fatalf("step %d: %v", step, got.Rect)
		}
		for y := range got.Rect.Dy() {
			for x := range got.Rect.Dx() {
				sum := 0
				for k := range step * step {
					sum += int(img.GrayAt(x*step+k%step, y*step+k/step).Y)
				}
				if want := uint8(sum / (step * step)); got.GrayAt(x, y).Y != want {
					t.Errorf("step %d at %d, %d: %d, want %d", step, x, y, got.GrayAt(x, y).Y, want)
				}
			}
		}
	}
}
