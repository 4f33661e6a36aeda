package tamper

import (
	"image"
	"image/draw"
	"testing"
)

// pasted puts a part that was saved in one quality before into a picture that
// was not, and saves all in another.
func pasted(t *testing.T, seed uint64, first, last int) (file []byte, luma *image.Gray, at image.Rectangle) {
	t.Helper()
	host, donor := page(seed, 800, 560), page(seed+1000, 800, 560)
	_, old := saved(t, donor, first)
	at = image.Rect(320, 240, 320+160, 240+64)
	draw.Draw(host, at, old, at.Min, draw.Src)
	file, luma = saved(t, host, last)
	return file, luma, at
}

func TestGhostOfAPastedPart(t *testing.T) {
	t.Parallel()
	found, clean, sent := 0, 0, 0
	for seed := range uint64(12) {
		file, luma, at := pasted(t, seed, 70, 92)
		quality := JPEGQuality(file)
		if quality != 92 {
			t.Fatalf("the file was saved in %d", quality)
		}
		g, ok := Ghost(luma, quality)
		spot := image.Rect(int(g.X*800), int(g.Y*560), int((g.X+g.W)*800), int((g.Y+g.H)*560))
		if ok && g.Value() > 0 {
			if spot.Intersect(at).Empty() {
				t.Errorf("page %d: the ghost is at %v and not at %v", seed, spot, at)
			}
			found++
		}
		_, plain := saved(t, page(seed, 800, 560), 92)
		if g, _ := Ghost(plain, 92); g.Value() > 0 {
			t.Errorf("page %d without a past has a ghost of %v", seed, g)
			clean++
		}
		// One that was saved twice as a whole has a past, but no part of another.
		_, once := saved(t, page(seed, 800, 560), 70)
		_, twice := saved(t, once, 92)
		if g, _ := Ghost(twice, 92); g.Value() > 0.5 {
			sent++
		}
		// Saved lower than before, nothing is left to see.
		_, low, _ := pasted(t, seed, 92, 70)
		if g, _ := Ghost(low, 70); g.Value() > 0.5 {
			t.Errorf("page %d: a ghost of %v where none can be seen", seed, g)
		}
	}
	if found < 9 || clean > 0 || sent > 1 {
		t.Errorf("%d of 12 pasted parts, %d clean pages and %d that were sent on show a ghost", found, clean, sent)
	}
}

func TestGhostNeedsAPicture(t *testing.T) {
	t.Parallel()
	for name, img := range map[string]*image.Gray{"none": nil, "small": page(1, 90, 90), "flat": image.NewGray(image.Rect(0, 0, 400, 400))} {
		if g, ok := Ghost(img, 90); ok || g.Score != 0 {
			t.Errorf("%s: %+v", name, g)
		}
	}
	if _, ok := Ghost(page(1, 400, 400), 52); ok {
		t.Error("a ghost below every quality that is looked at")
	}
}

func TestJPEGQuality(t *testing.T) {
	t.Parallel()
	for _, q := range []int{1, 30, 50, 75, 92, 100} {
		if file, _ := saved(t, page(1, 64, 64), q); JPEGQuality(file) != q {
			t.Errorf("quality %d is taken for %d", q, JPEGQuality(file))
		}
	}
	for _, b := range [][]byte{nil, []byte("\xff\xd8"), []byte("\xff\xd8\xff\xdb\x00\x02"), []byte("\xff\xd8\xff\xdb\xff\xff\x00"), []byte("\xff\xd8\xff\xda\x00\x08xxxxxxxx")} {
		if q := JPEGQuality(b); q != 0 {
			t.Errorf("%x has quality %d", b, q)
		}
	}
}

func FuzzJPEGQuality(f *testing.F) {
	f.Add([]byte("\xff\xd8\xff\xdb\x00\x43\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if q := JPEGQuality(b); q < 0 || q > 100 {
			t.Fatal(q)
		}
	})
}

func BenchmarkGhost(b *testing.B) {
	img := page(1, 2000, 1400)
	for b.Loop() {
		Ghost(img, 92)
	}
}
