package grey

import (
	"bytes"
	"image"
	"image/color"
	"slices"
	"testing"
)

func TestOrientations(t *testing.T) {
	t.Parallel()
	// 1 2 3
	// 4 5 6   stored so that each orientation shows it upright.
	upright := []uint8{1, 2, 3, 4, 5, 6}
	for orientation, stored := range map[int]struct {
		w   int
		pix []uint8
	}{
		1: {3, []uint8{1, 2, 3, 4, 5, 6}}, 2: {3, []uint8{3, 2, 1, 6, 5, 4}}, 3: {3, []uint8{6, 5, 4, 3, 2, 1}}, 4: {3, []uint8{4, 5, 6, 1, 2, 3}},
		5: {2, []uint8{1, 4, 2, 5, 3, 6}}, 6: {2, []uint8{3, 6, 2, 5, 1, 4}}, 7: {2, []uint8{6, 3, 5, 2, 4, 1}}, 8: {2, []uint8{4, 1, 5, 2, 6, 3}},
	} {
		img := &image.Gray{Pix: stored.pix, Stride: stored.w, Rect: image.Rect(0, 0, stored.w, len(stored.pix)/stored.w)}
		if got := Orient(img, orientation); got.Rect.Dx() != 3 || !bytes.Equal(got.Pix, upright) {
			t.Errorf("orientation %d: %d wide, %v", orientation, got.Rect.Dx(), got.Pix)
		}
	}
}

func TestTransparentIsWhite(t *testing.T) {
	t.Parallel()
	rect := image.Rect(5, 7, 8, 9)
	bare, plain := image.NewNRGBA(rect), image.NewRGBA(rect)
	plain.SetRGBA(6, 8, color.RGBA{0, 0, 0, 0xff})
	for _, img := range []image.Image{bare, image.NewNRGBA64(rect), image.NewRGBA(rect)} {
		got := Of(img)
		if got.Rect != image.Rect(0, 0, 3, 2) || slices.ContainsFunc(got.Pix, func(v uint8) bool { return v < 0xfe }) {
			t.Errorf("%T: %v %v", img, got.Rect, got.Pix)
		}
	}
	if got := Of(plain); got.GrayAt(1, 1).Y != 0 || got.GrayAt(0, 0).Y != 0xff {
		t.Errorf("one black pixel: %v", got.Pix)
	}
	if got := Of(image.NewGray(image.Rect(0, 0, 3*WorkSide, 3))); max(got.Rect.Dx(), got.Rect.Dy()) > WorkSide {
		t.Errorf("%v is larger than a page is kept", got.Rect)
	}
}

// A ramp stays one when it is scaled and when it is warped onto itself.
func TestScalingKeepsARamp(t *testing.T) {
	t.Parallel()
	ramp := image.NewGray(image.Rect(0, 0, 60, 20))
	for y := range 20 {
		for x := range 60 {
			ramp.Pix[y*ramp.Stride+x] = uint8(4 * x)
		}
	}
	for _, w := range []int{30, 60, 120} {
		got := Resize(ramp, w, 10)
		if got.Rect != image.Rect(0, 0, w, 10) && w != 60 {
			t.Fatalf("%v", got.Rect)
		}
		for x := 2; x < w-2; x++ { // at the border less is averaged
			want := 4 * ((float64(x)+0.5)*60/float64(w) - 0.5)
			if v := float64(got.Pix[5*got.Stride+x]); v < want-2 || v > want+2 {
				t.Errorf("%d wide, at %d: %v, want %v", w, x, v, want)
			}
		}
	}
	if got := Warp(ramp, Affine{A: 1, E: 1}, 60, 20); !bytes.Equal(got.Pix, ramp.Pix) {
		t.Error("the map that changes nothing changed the picture")
	}
	if x, y := (Affine{A: 2, B: 1, C: 3, D: -1, E: 4, F: 5}).At(10, 20); x != 43 || y != 75 {
		t.Errorf("%v %v", x, y)
	}
	if got := Warp(ramp, Affine{A: 1, E: 1, C: 10}, 20, 20); got.Pix[5*got.Stride] != 40 {
		t.Errorf("moved by ten pixels: %d", got.Pix[5*got.Stride])
	}
}

func TestPGMSaysItsSize(t *testing.T) {
	t.Parallel()
	img := image.NewGray(image.Rect(0, 0, 4, 3))
	img.Pix[5] = 7
	part := img.SubImage(image.Rect(0, 0, 2, 3)).(*image.Gray)
	if got := PGM(part); !bytes.Equal(got, append([]byte("P5\n2 3\n255\n"), 0, 0, 0, 7, 0, 0)) {
		t.Errorf("%q", got)
	}
	if got := Cut(img, image.Rect(1, 1, 9, 9)); got.Rect != image.Rect(0, 0, 3, 2) || got.Pix[0] != 7 {
		t.Errorf("%v %v", got.Rect, got.Pix)
	}
}
