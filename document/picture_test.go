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

	"bonafide/imagefile"
	"bonafide/imagefile/made"
)

func TestPictureIsUpright(t *testing.T) {
	t.Parallel()
	r := New(Config{Deadline: patience})
	t.Cleanup(func() { _ = r.Close() })
	upright := made.Corners(120, 80)
	for orientation := byte(1); orientation <= 8; orientation++ {
		// What a camera stores is the upright picture sent through the inverse
		// of the orientation: 6 and 8 undo each other, all others themselves.
		inverse := map[byte]int{6: 8, 8: 6}[orientation]
		if inverse == 0 {
			inverse = int(orientation)
		}
		var b bytes.Buffer
		if err := jpeg.Encode(&b, imagefile.OrientColour(upright, inverse), &jpeg.Options{Quality: 95}); err != nil {
			t.Fatal(err)
		}
		got, err := r.Picture(t.Context(), File{Bytes: made.WithOrientation(b.Bytes(), orientation)})
		if err != nil {
			t.Fatal(err)
		}
		if got.Bounds() != upright.Rect || !made.Near(got, 10, 10, made.Red) || !made.Near(got, 110, 10, made.Green) || !made.Near(got, 110, 70, made.Blue) || !made.Near(got, 10, 70, made.White) {
			t.Errorf("orientation %d: %v, corners %v %v %v %v", orientation, got.Bounds(), got.At(10, 10), got.At(110, 10), got.At(110, 70), got.At(10, 70))
		}
	}
}

func TestPictureOfEveryPixelFormat(t *testing.T) {
	t.Parallel()
	r := New(Config{Deadline: patience})
	t.Cleanup(func() { _ = r.Close() })
	rect := image.Rect(0, 0, 40, 30)
	half, deep, palette, grey := image.NewNRGBA(rect), image.NewNRGBA64(rect), image.NewPaletted(rect, color.Palette{made.Red, made.Blue}), image.NewGray(rect)
	for y := range 30 {
		for x := range 40 {
			half.SetNRGBA(x, y, color.NRGBA{255, 0, 0, 0x80})
			deep.SetNRGBA64(x, y, color.NRGBA64{R: 0x1eff, G: 0x1eff, B: 0xdcff, A: 0xffff})
			palette.SetColorIndex(x, y, 1)
			grey.SetGray(x, y, color.Gray{90})
		}
	}
	large := image.NewGray(image.Rect(0, 0, 2*imagefile.KeptSide+100, 40))
	for name, c := range map[string]struct {
		img  image.Image
		want color.RGBA
		w, h int
	}{
		"half transparent on white": {half, color.RGBA{255, 127, 127, 255}, 40, 30},
		"sixteen bits":              {deep, made.Blue, 40, 30},
		"palette":                   {palette, made.Blue, 40, 30},
		"grey":                      {grey, color.RGBA{90, 90, 90, 255}, 40, 30},
		"too large to keep":         {large, color.RGBA{0, 0, 0, 255}, (2*imagefile.KeptSide + 100) / 3, 13},
	} {
		var b bytes.Buffer
		if err := png.Encode(&b, c.img); err != nil {
			t.Fatal(err)
		}
		got, err := r.Picture(t.Context(), File{Bytes: b.Bytes()})
		if err != nil {
			t.Fatal(err)
		}
		if got.Bounds() != image.Rect(0, 0, c.w, c.h) || !made.Near(got, c.w/2, c.h/2, c.want) {
			t.Errorf("%s: %v, %v", name, got.Bounds(), got.At(c.w/2, c.h/2))
		}
	}
}

func TestPictureOfAPDF(t *testing.T) {
	t.Parallel()
	content := "0 0 1 rg 0 0 400 300 re f"
	pdfium := New(Config{Deadline: patience, Decoder: decoder(), CacheDir: pdfCache(t)})
	t.Cleanup(func() { _ = pdfium.Close() })
	poppler := New(Config{Deadline: patience, NoPDFium: true})
	for name, r := range map[string]*Reader{"PDFium": pdfium, "poppler": poppler} {
		if r == poppler && r.pdftoppm == "" {
			continue // the other engine was tried
		}
		got, err := r.Picture(t.Context(), File{Bytes: made.PDF(2, content, "")})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got.Bounds().Dx() < 1000 || !made.Near(got, got.Bounds().Dx()/2, got.Bounds().Dy()/2, color.RGBA{0, 0, 255, 255}) {
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
	good := made.JPEG(t, 400, 300)
	for name, c := range map[string]struct {
		bytes []byte
		codes string
	}{
		"nothing":              {nil, "empty_file"},
		"truncated picture":    {good[:len(good)/2], "image_truncated"},
		"a hundred megapixels": {made.Bomb(10000, 10000, 8, 2), "image_too_many_pixels"},
		"without its pixels":   {made.Bomb(5000, 5000, 8, 0), "image_truncated image_malformed"},
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
				if !made.Near(got, x, y, color.RGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), 255}) {
					differ++
				}
			}
		}
		if got.Bounds() != first.Bounds() || differ > 200 {
			t.Errorf("orientation %c: %v, %d pixels differ", i, got.Bounds(), differ)
		}
	}
}
