package document

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// near reports whether a pixel has about that colour.
func near(img image.Image, x, y int, want color.RGBA) bool {
	r, g, b, _ := img.At(x, y).RGBA()
	off := func(v uint32, w uint8) bool { return max(v>>8, uint32(w))-min(v>>8, uint32(w)) > 24 }
	return !off(r, want.R) && !off(g, want.G) && !off(b, want.B)
}

var (
	red   = color.RGBA{220, 30, 30, 255}
	green = color.RGBA{30, 200, 30, 255}
	blue  = color.RGBA{30, 30, 220, 255}
	white = color.RGBA{255, 255, 255, 255}
)

// corners is a picture whose corners are red, green, blue and white, clockwise
// from the top left.
func corners(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			switch {
			case x < w/2 && y < h/2:
				img.SetRGBA(x, y, red)
			case y < h/2:
				img.SetRGBA(x, y, green)
			case x >= w/2:
				img.SetRGBA(x, y, blue)
			default:
				img.SetRGBA(x, y, white)
			}
		}
	}
	return img
}

// withOrientation puts an EXIF segment with that orientation behind the head
// of a JPEG.
func withOrientation(b []byte, orientation byte) []byte {
	exif := "Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00" + string(orientation) + "\x00\x00\x00\x00\x00\x00"
	segment := append([]byte{0xff, 0xe1, 0, byte(len(exif) + 2)}, exif...)
	return append(append(bytes.Clone(b[:2]), segment...), b[2:]...)
}

func TestPictureIsUpright(t *testing.T) {
	t.Parallel()
	r := New(Config{Deadline: patience})
	t.Cleanup(func() { _ = r.Close() })
	upright := corners(120, 80)
	for orientation := byte(1); orientation <= 8; orientation++ {
		// What a camera stores is the upright picture sent through the inverse
		// of the orientation: 6 and 8 undo each other, all others themselves.
		inverse := map[byte]int{6: 8, 8: 6}[orientation]
		if inverse == 0 {
			inverse = int(orientation)
		}
		var b bytes.Buffer
		if err := jpeg.Encode(&b, orientColour(upright, inverse), &jpeg.Options{Quality: 95}); err != nil {
			t.Fatal(err)
		}
		got, err := r.Picture(t.Context(), File{Bytes: withOrientation(b.Bytes(), orientation)})
		if err != nil {
			t.Fatal(err)
		}
		if got.Bounds() != upright.Rect || !near(got, 10, 10, red) || !near(got, 110, 10, green) || !near(got, 110, 70, blue) || !near(got, 10, 70, white) {
			t.Errorf("orientation %d: %v, corners %v %v %v %v", orientation, got.Bounds(), got.At(10, 10), got.At(110, 10), got.At(110, 70), got.At(10, 70))
		}
	}
}

func TestPictureOfEveryPixelFormat(t *testing.T) {
	t.Parallel()
	r := New(Config{Deadline: patience})
	t.Cleanup(func() { _ = r.Close() })
	rect := image.Rect(0, 0, 40, 30)
	half, deep, palette, grey := image.NewNRGBA(rect), image.NewNRGBA64(rect), image.NewPaletted(rect, color.Palette{red, blue}), image.NewGray(rect)
	for y := range 30 {
		for x := range 40 {
			half.SetNRGBA(x, y, color.NRGBA{255, 0, 0, 0x80})
			deep.SetNRGBA64(x, y, color.NRGBA64{R: 0x1eff, G: 0x1eff, B: 0xdcff, A: 0xffff})
			palette.SetColorIndex(x, y, 1)
			grey.SetGray(x, y, color.Gray{90})
		}
	}
	large := image.NewGray(image.Rect(0, 0, 2*pictureSide+100, 40))
	for name, c := range map[string]struct {
		img  image.Image
		want color.RGBA
		w, h int
	}{
		"half transparent on white": {half, color.RGBA{255, 127, 127, 255}, 40, 30},
		"sixteen bits":              {deep, blue, 40, 30},
		"palette":                   {palette, blue, 40, 30},
		"grey":                      {grey, color.RGBA{90, 90, 90, 255}, 40, 30},
		"too large to keep":         {large, color.RGBA{0, 0, 0, 255}, (2*pictureSide + 100) / 3, 13},
	} {
		var b bytes.Buffer
		if err := png.Encode(&b, c.img); err != nil {
			t.Fatal(err)
		}
		got, err := r.Picture(t.Context(), File{Bytes: b.Bytes()})
		if err != nil {
			t.Fatal(err)
		}
		if got.Bounds() != image.Rect(0, 0, c.w, c.h) || !near(got, c.w/2, c.h/2, c.want) {
			t.Errorf("%s: %v, %v", name, got.Bounds(), got.At(c.w/2, c.h/2))
		}
	}
}

func TestPictureOfAPDF(t *testing.T) {
	t.Parallel()
	content := "0 0 1 rg 0 0 400 300 re f"
	pdfium := New(Config{Deadline: patience, CacheDir: pdfCache(t)})
	t.Cleanup(func() { _ = pdfium.Close() })
	poppler := New(Config{Deadline: patience, NoPDFium: true})
	for name, r := range map[string]*Reader{"PDFium": pdfium, "poppler": poppler} {
		if r == poppler && r.pdftoppm == "" {
			continue // the other engine was tried
		}
		got, err := r.Picture(t.Context(), File{Bytes: pdfOf(2, content, "")})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got.Bounds().Dx() < 1000 || !near(got, got.Bounds().Dx()/2, got.Bounds().Dy()/2, color.RGBA{0, 0, 255, 255}) {
			t.Errorf("%s: %v, %v", name, got.Bounds(), got.At(got.Bounds().Dx()/2, got.Bounds().Dy()/2))
		}
		if _, err := r.Picture(t.Context(), File{Bytes: []byte("%PDF-1.7\nnothing here\n%%EOF")}); err == nil || err.Code != "pdf_malformed" {
			t.Errorf("%s: a broken file gives %v", name, err)
		}
	}
}

func TestPictureRefusesWhatReadRefuses(t *testing.T) {
	t.Parallel()
	r := New(Config{Deadline: patience})
	t.Cleanup(func() { _ = r.Close() })
	good := jpegOf(t, 400, 300)
	for name, c := range map[string]struct {
		bytes []byte
		codes string
	}{
		"nothing":              {nil, "empty_file"},
		"truncated picture":    {good[:len(good)/2], "image_truncated"},
		"a hundred megapixels": {bomb(10000, 10000, 8, 2), "image_too_many_pixels"},
		"without its pixels":   {bomb(5000, 5000, 8, 0), "image_truncated image_malformed"},
		"no picture":           {[]byte("hello, this is text"), "unsupported_type"},
	} {
		if _, err := r.Picture(t.Context(), File{Bytes: c.bytes}); err == nil || !strings.Contains(c.codes, err.Code) {
			t.Errorf("%s: %v, want %s", name, err, c.codes)
		}
	}
}

// The same passport in every orientation gives the same picture.
func TestPictureOfUploadVariants(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(dataFolder(t), "documents", "dev", "upload-variants")
	r := New(Config{Deadline: patience})
	t.Cleanup(func() { _ = r.Close() })
	var first image.Image
	for i := '1'; i <= '8'; i++ {
		b, err := os.ReadFile(filepath.Join(dir, "td3-orient"+string(i)+".jpg"))
		if err != nil {
			t.Fatal(err)
		}
		got, fail := r.Picture(t.Context(), File{Bytes: b})
		if fail != nil {
			t.Fatal(fail)
		}
		if first == nil {
			first = got
			continue
		}
		differ := 0
		for y := 0; y < got.Bounds().Dy(); y += 7 {
			for x := 0; x < got.Bounds().Dx(); x += 7 {
				r, g, b, _ := first.At(x, y).RGBA()
				if !near(got, x, y, color.RGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), 255}) {
					differ++
				}
			}
		}
		if got.Bounds() != first.Bounds() || differ > 200 {
			t.Errorf("orientation %c: %v, %d pixels differ", i, got.Bounds(), differ)
		}
	}
}
