package face

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"
	"math/rand/v2"
	"testing"
)

// invented draws a smooth pattern of its own for each seed, with five places in
// it that stand for landmarks.
func invented(seed uint64) (*image.RGBA, Face) {
	random := rand.New(rand.NewPCG(seed, 1))
	var waves [14][4]float64
	for i := range waves {
		waves[i] = [4]float64{random.NormFloat64() * 0.05, random.NormFloat64() * 0.05, random.Float64() * 6, 8 + 8*random.Float64()}
	}
	img := image.NewRGBA(image.Rect(0, 0, 400, 400))
	for y := range 400 {
		for x := range 400 {
			v := 128.0
			for _, w := range waves {
				v += w[3] * math.Sin(w[0]*float64(x)+w[1]*float64(y)+w[2])
			}
			l := uint8(min(max(v, 0), 255))
			img.SetRGBA(x, y, color.RGBA{l, l / 2, 255 - l/3, 255})
		}
	}
	f := Face{X: 100, Y: 100, W: 200, H: 200, Score: 1}
	for i, p := range copyPoints() {
		f.Landmarks[i] = Point{100 + p.X*200, 100 + p.Y*200}
	}
	return img, f
}

// flipped mirrors a picture and its face.
func flipped(img image.Image, f Face) (image.Image, Face) {
	b := img.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	for y := range b.Dy() {
		for x := range b.Dx() {
			out.Set(b.Dx()-1-x, y, img.At(b.Min.X+x, b.Min.Y+y))
		}
	}
	g, w := f, float64(b.Dx())
	g.X = w - f.X - f.W
	for i, j := range []int{1, 0, 2, 4, 3} {
		g.Landmarks[i] = Point{w - f.Landmarks[j].X, f.Landmarks[j].Y}
	}
	return out, g
}

func TestACopyLiesOverItsPhotograph(t *testing.T) {
	t.Parallel()
	img, f := invented(1)
	small := printed(t, img, f, 48, true, 50)
	s := f.scaled(48.0/200, 0, 0)
	off := s
	for i := range off.Landmarks { // landmarks are never found in the same place twice
		off.Landmarks[i].X += 1.5
		off.Landmarks[i].Y--
	}
	mirror, m := flipped(small, s)
	other, o := invented(2)
	for name, c := range map[string]struct {
		img  image.Image
		face Face
		same bool
	}{
		"itself": {img, f, true}, "small, grey and noisy": {small, s, true}, "with landmarks that are off": {small, off, true},
		"mirrored": {mirror, m, true}, "another": {other, o, false},
	} {
		fit, ok := SamePhotograph(img, f, c.img, c.face)
		if !ok || (fit >= SamePhotographFrom) != c.same || fit > 1+1e-9 {
			t.Errorf("%s: %v %v", name, fit, ok)
		}
	}
	for name, c := range map[string]struct {
		img  image.Image
		face Face
	}{
		"no landmarks": {img, Face{X: 1, Y: 1, W: 50, H: 50}}, "no face": {img, Face{}}, "no picture": {nil, f},
		"a face beside the picture": {img, f.scaled(1, 4000, 0)},
	} {
		if fit, ok := SamePhotograph(img, f, c.img, c.face); ok {
			t.Errorf("%s: a fit of %v", name, fit)
		}
	}
	plain := image.NewRGBA(img.Rect)
	if fit, _ := SamePhotograph(plain, f, plain, f); fit != 0 {
		t.Errorf("plain pictures fit by %v", fit)
	}
}

// TestAccuracyCopies measures copies of a photograph against other photographs
// of the same person.
func TestAccuracyCopies(t *testing.T) {
	e := measuring(t)
	type shown struct {
		img  image.Image
		face Face
		v    Template
	}
	look := func(img image.Image) (shown, bool) {
		v, f, err := e.template(ctx, img, "picture", false)
		return shown{img, f, v}, err == nil
	}
	worse := map[string]func(shown) image.Image{
		"96 px colour q80": func(p shown) image.Image { return printed(t, p.img, p.face, 96, false, 80) },
		"64 px grey q60":   func(p shown) image.Image { return printed(t, p.img, p.face, 64, true, 60) },
		"48 px grey q50":   func(p shown) image.Image { return printed(t, p.img, p.face, 48, true, 50) },
		"43 px grey q40":   func(p shown) image.Image { return printed(t, p.img, p.face, 43, true, 40) },
		"64 px mirrored": func(p shown) image.Image {
			img, _ := flipped(printed(t, p.img, p.face, 64, true, 60), Face{})
			return img
		},
		"cropped": func(p shown) image.Image {
			f := p.face
			at := image.Rect(int(f.X-0.2*f.W), int(f.Y-0.2*f.H), int(f.X+1.2*f.W), int(f.Y+1.2*f.H)).Add(p.img.Bounds().Min).Intersect(p.img.Bounds())
			out := image.NewRGBA(image.Rect(0, 0, at.Dx(), at.Dy()))
			draw.Draw(out, out.Rect, p.img, at.Min, draw.Src)
			return out
		},
	}
	photographs, copies := map[string]shown{}, map[string]map[string]shown{}
	all := pairs(t)
	for _, p := range all {
		for _, name := range []string{p.a, p.b} {
			if _, ok := photographs[name]; ok {
				continue
			}
			s, ok := look(picture(t, "pairs/"+name))
			if !ok {
				t.Fatal(name)
			}
			photographs[name], copies[name] = s, map[string]shown{}
			for kind, change := range worse {
				if c, ok := look(change(s)); ok {
					copies[name][kind] = c
				}
			}
		}
	}
	made, caught, lowest, leastAlike, byCosine := 0, 0, 2.0, 2.0, 0
	others, accused, highest, mostAlike := 0, 0, -2.0, -2.0
	measure := func(a, b shown) (fit, cosine float64) {
		fit, ok := SamePhotograph(a.img, a.face, b.img, b.face)
		c, err := e.Likeness(a.v, b.v)
		if !ok || err != nil {
			t.Fatal(ok, err)
		}
		return fit, c.Raw
	}
	copied := func(a, b shown) {
		fit, c := measure(a, b)
		made, lowest, leastAlike = made+1, min(lowest, fit), min(leastAlike, c)
		if fit >= SamePhotographFrom {
			caught++
		}
		if c >= 0.95 {
			byCosine++
		}
	}
	apart := func(a, b shown) {
		fit, c := measure(a, b)
		others, highest, mostAlike = others+1, max(highest, fit), max(mostAlike, c)
		if fit >= SamePhotographFrom || c >= 0.95 {
			accused++
		}
	}
	for name, p := range photographs {
		for _, c := range copies[name] {
			copied(p, c)
		}
		if a, ok := copies[name]["96 px colour q80"]; ok { // a portrait in print, and a copy of it
			for kind, c := range copies[name] {
				if kind != "96 px colour q80" {
					copied(a, c)
				}
			}
		}
	}
	for _, p := range all {
		if !p.same || p.a == p.b {
			continue
		}
		apart(photographs[p.a], photographs[p.b])
		for kind := range worse {
			if c, ok := copies[p.b][kind]; ok {
				apart(photographs[p.a], c)
			}
			if c, ok := copies[p.a][kind]; ok {
				apart(c, photographs[p.b])
			}
		}
	}
	figure("copies of a photograph, caught", fmt.Sprintf("%d of %d", caught, made), "all")
	figure("copies of a photograph, caught by the cosine alone", fmt.Sprintf("%d of %d", byCosine, made), "-")
	figure("copies of a photograph, lowest fit", lowest, "0.965 or more")
	figure("copies of a photograph, lowest cosine", leastAlike, "-")
	figure("other photographs of one person, taken for copies", fmt.Sprintf("%d of %d", accused, others), "0")
	figure("other photographs of one person, highest fit", highest, "below 0.965")
	figure("other photographs of one person, highest cosine", mostAlike, "below 0.95")
	if caught != made || accused != 0 {
		t.Errorf("%d of %d copies caught, %d of %d others accused", caught, made, accused, others)
	}
}
