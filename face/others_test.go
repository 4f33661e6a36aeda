package face

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"testing"
)

// page is a drawn page of a document, w by h pixels, without any face: light paper
// with the fine waves that documents print.
func page(w, h int) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			wave := 10*math.Sin(float64(x)/7+3*math.Sin(float64(y)/23)) + 8*math.Sin(float64(y)/5+2*math.Sin(float64(x)/31))
			out.SetRGBA(x, y, color.RGBA{uint8(218 + wave), uint8(222 + wave), uint8(214 + wave/2), 255})
		}
	}
	return out
}

// lay puts a photograph on a page so that its face is width pixels wide with its
// middle at x, y, cut like a portrait. part is how much of it covers the page: 1 is
// a portrait, less a washed-out one; grey takes its colour.
func lay(onto *image.RGBA, photo image.Image, f Face, width, x, y, part float64, grey bool) {
	s := width / f.W
	b := photo.Bounds()
	small := resized(photo, max(1, int(float64(b.Dx())*s)), max(1, int(float64(b.Dy())*s)))
	mx, my := (f.X+f.W/2)*s, (f.Y+f.H/2)*s
	for dy := -int(width); dy < int(1.1*width); dy++ {
		for dx := -int(0.85 * width); dx < int(0.85*width); dx++ {
			from, to := image.Pt(int(mx)+dx, int(my)+dy), image.Pt(int(x)+dx, int(y)+dy)
			if !from.In(small.Rect) || !to.In(onto.Rect) {
				continue
			}
			c, under := small.RGBAAt(from.X, from.Y), onto.RGBAAt(to.X, to.Y)
			if grey {
				l := uint8(luma(float64(c.R), float64(c.G), float64(c.B)))
				c = color.RGBA{l, l, l, 255}
			}
			mix := func(over, under uint8) uint8 { return uint8(part*float64(over) + (1-part)*float64(under)) }
			onto.SetRGBA(to.X, to.Y, color.RGBA{mix(c.R, under.R), mix(c.G, under.G), mix(c.B, under.B), 255})
		}
	}
}

// twoOfEach gives for each person of the pairs two photographs, and the faces on them.
func twoOfEach(t *testing.T, e *Engine) (two [][2]string, faces map[string]Face) {
	t.Helper()
	faces = map[string]Face{}
	seen := map[string]bool{}
	for _, p := range pairs(t) {
		for _, name := range []string{p.a, p.b} {
			if _, ok := faces[name]; !ok {
				_, f, err := e.face(ctx, picture(t, "pairs/"+name), "picture", false)
				if err != nil {
					t.Fatal(name, err)
				}
				faces[name] = f
			}
		}
		if p.same && !seen[p.a] {
			two = append(two, [2]string{p.a, p.b})
			seen[p.a] = true
		}
	}
	return two, faces
}

// The second portrait of a document is its holder once more, and somebody else beside
// it is somebody else, also where they are much smaller or the document lies on its
// side.
func TestOtherFacesOnADocument(t *testing.T) {
	t.Parallel()
	e := engine(t)
	two, faces := twoOfEach(t, e)
	holder, other := two[0], two[len(two)/2]
	if sameFirst(t, holder[0], other[0]) {
		t.Fatal("the pairs are of one person")
	}
	with := func(name string, width, part float64, grey bool) *image.RGBA {
		doc := page(1200, 840)
		lay(doc, picture(t, "pairs/"+holder[0]), faces[holder[0]], 150, 300, 400, 1, false)
		if name != "" {
			lay(doc, picture(t, "pairs/"+name), faces[name], width, 900, 400, part, grey)
		}
		return doc
	}
	for name, c := range map[string]struct {
		doc   image.Image
		wide  bool
		faces int
		alike bool
	}{
		"the portrait alone":            {with("", 0, 0, false), false, 1, true},
		"the portrait alone, all turns": {with("", 0, 0, false), true, 1, true},
		"its washed-out copy":           {with(holder[0], 60, 0.4, true), false, 2, true},
		"its washed-out copy, turned":   {turned(with(holder[0], 60, 0.4, true)), true, 2, true},
		"somebody else":                 {with(other[0], 75, 1, false), false, 2, false},
		"somebody else, all turns":      {with(other[0], 75, 1, false), true, 2, false},
		"too small to be compared":      {with(other[0], 30, 1, false), false, 1, true},
	} {
		got, err := e.Others(ctx, c.doc, picture(t, "pairs/"+holder[1]), c.wide)
		if err != nil || len(got) != c.faces || got[0].Portrait < 0.999 || got[0].Selfie < 0.8 {
			t.Errorf("%s: %+v, %v", name, got, err)
			continue
		}
		if o := got[len(got)-1]; (o.Portrait >= 0.8) != c.alike || (o.Selfie >= 0.8) != c.alike {
			t.Errorf("%s: %+v", name, o)
		}
	}
	// Somebody holds a document on its side beside their face, which is larger.
	shot := image.NewRGBA(image.Rect(0, 0, 2000, 1400))
	held := turned(with("", 0, 0, false))
	for y := range held.Bounds().Dy() {
		for x := range held.Bounds().Dx() {
			shot.Set(1100+x, 150+y, held.At(x, y))
		}
	}
	lay(shot, picture(t, "pairs/"+other[0]), faces[other[0]], 300, 500, 700, 1, false)
	got, err := e.Others(ctx, shot, picture(t, "pairs/"+other[1]), true)
	if err != nil || len(got) != 2 || got[0].Selfie < 0.8 || got[1].Selfie >= 0.8 || got[1].X < 1100 {
		t.Errorf("a document on its side: %+v, %v", got, err)
	}
}

// TestAccuracyOtherFacesOfSpecimens counts the specimens, in all four turns, on which
// another face is seen that is wide enough to be compared. They show one person each.
func TestAccuracyOtherFacesOfSpecimens(t *testing.T) {
	e := measuring(t)
	all, more := 0, 0
	for name, img := range portraits(t, e) {
		for range 4 {
			found, err := e.Others(ctx, img, picture(t, "pairs/img1.jpg"), true)
			if err != nil {
				t.Fatal(name, err)
			}
			all++
			for _, o := range found[1:] {
				t.Logf("%s: %.0f px of %.0f, likeness %.3f", name, o.W, found[0].W, o.Portrait)
				if o.Portrait < 0.8 {
					more++
				}
			}
			img = turned(img)
		}
	}
	figure("faces of somebody else seen on specimens in four turns", fmt.Sprintf("%d on %d", more, all), "0")
	if more > 0 {
		t.Error("a specimen of one person shows two")
	}
}

// TestAccuracyGhosts measures how small washed-out second portraits, and portraits
// of other people, are seen beside a portrait of 150 pixels.
func TestAccuracyGhosts(t *testing.T) {
	e := measuring(t)
	two, faces := twoOfEach(t, e)
	for _, width := range []float64{45, 60, 75, 120} {
		for _, style := range []struct {
			name string
			part float64
			grey bool
		}{{"colour", 1, false}, {"grey at 60 %", 0.6, true}, {"grey at 40 %", 0.4, true}} {
			for _, own := range []bool{true, false} {
				seen, alike, lowest, highest := 0, 0, 2.0, -1.0
				for i, p := range two {
					second := p[0]
					for k := 1; !own && (second == p[0] || sameFirst(t, second, p[0])); k++ {
						second = two[(i+k)%len(two)][0]
					}
					doc := page(1200, 840)
					lay(doc, picture(t, "pairs/"+p[0]), faces[p[0]], 150, 300, 400, 1, false)
					lay(doc, picture(t, "pairs/"+second), faces[second], width, 900, 400, style.part, style.grey)
					others, err := e.Others(ctx, doc, picture(t, "pairs/"+p[1]), false)
					if err != nil {
						t.Fatal(p, err)
					}
					for _, o := range others[1:] {
						like := max(o.Portrait, o.Selfie)
						seen++
						lowest, highest = min(lowest, like), max(highest, like)
						if like >= 0.8 {
							alike++
						}
					}
				}
				whose := map[bool]string{true: "of the same person", false: "of somebody else"}[own]
				figure(fmt.Sprintf("second portrait %s, %.0f px wide in %s: seen, alike", whose, width, style.name),
					fmt.Sprintf("%d of %d, %d (likeness %.3f to %.3f)", seen, len(two), alike, lowest, highest), "-")
			}
		}
	}
}

// sameFirst reports whether two photographs are of one person.
func sameFirst(t *testing.T, a, b string) bool {
	t.Helper()
	for _, p := range pairs(t) {
		if p.same && (p.a == a && p.b == b || p.a == b && p.b == a) {
			return true
		}
	}
	return false
}

// TestAccuracyHeldDocuments measures whether the portrait of a document that
// somebody holds up is seen beside their own face, which is much larger.
func TestAccuracyHeldDocuments(t *testing.T) {
	e := measuring(t)
	two, faces := twoOfEach(t, e)
	for _, side := range []bool{false, true} {
		for _, width := range []float64{120, 80, 60} {
			seen, large := 0, 0
			for i, p := range two {
				doc := page(700, 490)
				other := two[(i+len(two)/2)%len(two)][0]
				lay(doc, picture(t, "pairs/"+other), faces[other], width, 180, 240, 1, false)
				var held image.Image = doc
				if side {
					held = turned(doc)
				}
				shot := onGrey(resized(picture(t, "pairs/"+p[0]), 1200, 1200*boundsOf(t, p[0]).Dy()/boundsOf(t, p[0]).Dx()), 2400, 1800, 50, 50)
				for y := range held.Bounds().Dy() {
					for x := range held.Bounds().Dx() {
						shot.Set(1500+x, 900+y, held.At(x, y))
					}
				}
				others, err := e.Others(ctx, shot, picture(t, "pairs/"+p[1]), true)
				if err != nil {
					t.Log(p, err)
					continue
				}
				large++
				for _, o := range others[1:] {
					if o.X > 1500 && o.Y > 900 {
						seen++
						break
					}
				}
			}
			figure(fmt.Sprintf("held document with a portrait of %.0f px in 2400, on its side %v: portrait seen beside the holder's face", width, side), fmt.Sprintf("%d of %d", seen, large), "-")
		}
	}
}

func boundsOf(t *testing.T, name string) image.Rectangle {
	t.Helper()
	return picture(t, "pairs/"+name).Bounds()
}
