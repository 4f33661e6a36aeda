package tamper

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"bonafide/kyc"
)

// page draws a page that no other seed draws: shapes, writing and grain.
func page(seed uint64, w, h int) *image.Gray {
	r := rand.New(rand.NewPCG(seed, 1))
	img := image.NewGray(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		x, y := i%w, i/w
		img.Pix[i] = uint8(190 + 30*math.Sin(float64(x)/37+float64(seed))*math.Cos(float64(y)/53) + 6*r.NormFloat64())
	}
	box := func(x0, y0, x1, y1 int, v uint8) {
		for y := max(0, y0); y < min(h, y1); y++ {
			for x := max(0, x0); x < min(w, x1); x++ {
				img.SetGray(x, y, color.Gray{Y: uint8(int(v) + r.IntN(9))})
			}
		}
	}
	for range 6 {
		x, y := r.IntN(w), r.IntN(h)
		box(x, y, x+w/8+r.IntN(w/4), y+h/8+r.IntN(h/4), uint8(40+r.IntN(180)))
	}
	for y := h / 10; y < h; y += h / 16 {
		for x := w / 12; x < w-w/12; x += 9 {
			if r.IntN(5) > 0 {
				box(x, y, x+2+r.IntN(4), y+12, uint8(20+r.IntN(40)))
			}
		}
	}
	return img
}

func saved(t *testing.T, img image.Image, quality int) (file []byte, luma *image.Gray) {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	again, err := jpeg.Decode(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	gray, ok := again.(*image.Gray)
	if !ok {
		t.Fatalf("a grey picture became %T", again)
	}
	return b.Bytes(), gray
}

func look(t *testing.T, img *image.Gray) kyc.Look {
	t.Helper()
	l, ok := LookOf(img)
	if !ok {
		t.Fatal("there is nothing to see")
	}
	return l
}

func TestAPictureIsKnownAgain(t *testing.T) {
	t.Parallel()
	first := page(1, 900, 600)
	l := look(t, first)
	_, poor := saved(t, first, 40)
	half := image.NewGray(image.Rect(0, 0, 450, 300))
	brighter := image.NewGray(first.Rect)
	for y := range 600 {
		for x := range 900 {
			brighter.Pix[y*900+x] = uint8(min(255, int(first.Pix[y*900+x])*11/10))
			half.Pix[y/2*450+x/2] = first.Pix[y*900+x]
		}
	}
	for name, img := range map[string]*image.Gray{"itself": first, "saved poorly": poor, "half as large": half, "brighter": brighter} {
		o := look(t, img)
		if p, g := Distance(l, o); !Near(l, o) {
			t.Errorf("%s: %d and %d bits off", name, p, g)
		}
	}
	for seed := range uint64(40) {
		if o := look(t, page(seed+2, 900, 600)); Near(l, o) {
			t.Errorf("page %d counts as the first", seed+2)
		}
	}
}

func TestWhatIsPlainIsNotKnown(t *testing.T) {
	t.Parallel()
	blank := image.NewGray(image.Rect(0, 0, 400, 300))
	for i := range blank.Pix {
		blank.Pix[i] = uint8(200 + i%3)
	}
	for name, img := range map[string]*image.Gray{"nothing": nil, "a blank page": blank, "a thumbnail": page(1, 31, 300)} {
		if _, ok := LookOf(img); ok {
			t.Errorf("%s is known", name)
		}
	}
}

// Whatever differs in at most NearLimit bits is found by one of the bands.
func TestBandsFindEveryNearLook(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 7))
	for range 3000 {
		a := kyc.Look{Perceptual: r.Uint64()}
		b := a
		for _, i := range r.Perm(64)[:NearLimit] {
			b.Perceptual ^= 1 << i
		}
		if !Near(a, b) {
			t.Fatal("eight bits are not near")
		}
		probes := Probes(a)
		if len(probes) != 718 || !slices.ContainsFunc(Bands(b), func(s string) bool { return slices.Contains(probes, s) }) {
			t.Fatalf("%d probes of %x do not find %x", len(probes), a.Perceptual, b.Perceptual)
		}
		far := kyc.Look{Perceptual: a.Perceptual, Gradient: 1<<9 - 1}
		if Near(a, far) {
			t.Fatal("nine bits of the other hash are near")
		}
	}
}

func BenchmarkLookOf(b *testing.B) {
	img := page(1, 1700, 1200)
	for b.Loop() {
		if _, ok := LookOf(img); !ok {
			b.Fatal("nothing")
		}
	}
}
