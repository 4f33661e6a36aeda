package imagefile

import (
	"bytes"
	"image"
	"image/jpeg"
	"testing"

	"golang.org/x/image/webp"

	"bonafide/imagefile/made"
)

// A JPEG that makes a decoder go over its pixels again and again is refused
// before it is decoded, and so is one with two heads, of which the decoder takes
// its memory by the first.
func TestJPEGOfManyScans(t *testing.T) {
	t.Parallel()
	twice := made.JPEGBomb(5000, 5000, 1, true)
	twice = append(twice[:len(twice)-2:len(twice)-2], made.JPEGBomb(8, 8, 1, false)[2:]...)
	for name, c := range map[string]struct {
		file []byte
		code string
	}{
		"one scan":                        {made.JPEGBomb(64, 64, 1, false), ""},
		"one whole picture after another": {made.JPEGBomb(64, 64, 2, false), "image_too_costly"},
		"as many as may be":               {made.JPEGBomb(64, 64, maxScans, true), ""},
		"one more":                        {made.JPEGBomb(64, 64, maxScans+1, true), "image_too_costly"},
		"two heads":                       {twice, "image_malformed"},
	} {
		code := ""
		kind, err := Sniff(c.file)
		if err != nil {
			code = err.Code
		} else if _, _, err := decode(c.file, kind.ContentType, ColourOf); err != nil {
			t.Errorf("%s: the decoder says %v", name, err)
		}
		if code != c.code {
			t.Errorf("%s: %q, want %q", name, code, c.code)
		}
	}
	f := jpegFrameOf(made.JPEGBomb(64, 64, 7, true))
	if f.scans != 7 || !f.progressive || f.components != 1 || f.frames != 1 {
		t.Errorf("%+v", f)
	}
	// A component a scan is what some writers do.
	split := []byte{0xff, 0xd8}
	for _, component := range []byte{1, 2, 3} {
		split = append(split, 0xff, 0xda, 0, 8, 1, component, 0, 0, 63, 0, 0x55)
	}
	if f := jpegFrameOf(split); f.scans != 3 || f.costly() {
		t.Errorf("%+v", f)
	}
}

// The memory that a JPEG is booked with follows its sampling.
func TestMemoryOfJPEGs(t *testing.T) {
	t.Parallel()
	frame := func(marker byte, components ...byte) *jpegFrame {
		b := []byte{0xff, 0xd8, 0xff, marker, 0, byte(8 + 3*len(components)), 8, 0, 100, 0, 100, byte(len(components))}
		for i, c := range components {
			b = append(b, byte(i+1), c, 0)
		}
		return jpegFrameOf(append(b, 0xff, 0xd9, 0, 0))
	}
	for name, c := range map[string]struct {
		frame *jpegFrame
		want  int64
	}{
		"grey":                      {frame(0xc0, 0x11), 100},
		"quarter of the colour":     {frame(0xc0, 0x22, 0x11, 0x11), 150},
		"all of the colour":         {frame(0xc0, 0x11, 0x11, 0x11), 300},
		"progressive":               {frame(0xc2, 0x22, 0x11, 0x11), 750},
		"progressive, all":          {frame(0xc2, 0x11, 0x11, 0x11), 1500},
		"four inks":                 {frame(0xc0, 0x11, 0x11, 0x11, 0x11), 800},
		"a head that promises more": {jpegFrameOf([]byte{0xff, 0xd8, 0xff, 0xc0, 0, 8, 8, 0, 1, 0, 1, 200}), 300},
	} {
		if got := c.frame.memory(100); got != c.want {
			t.Errorf("%s: %d bytes, want %d", name, got, c.want)
		}
	}
}

// FuzzHEICHead: the boxes of a HEIC file are read without a panic and never
// promise more than may be opened.
func FuzzHEICHead(f *testing.F) {
	head := append([]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), heicHead(640, 480)...)
	f.Add(head)
	f.Add(head[:40])
	f.Fuzz(func(t *testing.T, b []byte) {
		kind, err := sniffHEIC(b)
		if err == nil && (kind.Width < 1 || kind.Height < 1 || kind.Width*kind.Height > MaxPixels) {
			t.Errorf("%+v", kind)
		}
	})
}

// FuzzJPEG: what is told of a JPEG before it is decoded is right about it.
func FuzzJPEG(f *testing.F) {
	f.Add(made.JPEG(f, 24, 16))
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 9, 9)), nil); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		kind, fail := Sniff(b)
		if fail != nil || kind.ContentType != "image/jpeg" || kind.Width*kind.Height > 1<<20 {
			return
		}
		if img, size, err := decode(b, kind.ContentType, ColourOf); err == nil && (img.Rect.Empty() || size != image.Pt(kind.Width, kind.Height)) {
			t.Errorf("%v, sniffed %+v", size, kind)
		}
	})
}

// FuzzWebPAndTIFF decodes what passes the door, in a child's way.
func FuzzWebPAndTIFF(f *testing.F) {
	f.Add(made.WebPBomb(30, 20))
	f.Add(tiffOfTiles(30, 20))
	f.Add(made.TIFF(f, made.Corners(20, 10)))
	f.Fuzz(func(t *testing.T, b []byte) {
		kind, fail := Sniff(b)
		if fail != nil || kind.ContentType != "image/webp" && kind.ContentType != "image/tiff" || kind.Width*kind.Height > 1<<18 {
			return
		}
		if img, _, err := decode(b, kind.ContentType, ColourOf); err == nil && img.Rect.Empty() {
			t.Error("a picture without pixels")
		}
	})
}

// FuzzPNG: what is told of a PNG before it is decoded is right about it.
func FuzzPNG(f *testing.F) {
	f.Add(made.PNG(f, 24, 16))
	f.Add(made.Bomb(20, 10, 8, 2))
	f.Add(made.Bomb(9, 9, 16, 6))
	f.Fuzz(func(t *testing.T, b []byte) {
		kind, fail := Sniff(b)
		if fail != nil || kind.ContentType != "image/png" || kind.Width*kind.Height > 1<<20 {
			return
		}
		if img, size, err := decode(b, kind.ContentType, ColourOf); err == nil && (img.Rect.Empty() || size != image.Pt(kind.Width, kind.Height)) {
			t.Errorf("%v, sniffed %+v", size, kind)
		}
	})
}

// FuzzMetadata: EXIF and XMP of any file end in an orientation there is.
func FuzzMetadata(f *testing.F) {
	f.Add(made.JPEG(f, 24, 16), byte(0))
	f.Add(made.PNG(f, 24, 16), byte(1))
	f.Add(made.WebPBomb(30, 20), byte(2))
	f.Add(made.TIFF(f, made.Corners(20, 10)), byte(3))
	f.Add(append([]byte("\xff\xd8\xff\xe1\x00\x22Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"), 0xff, 0xd9), byte(0))
	f.Fuzz(func(t *testing.T, b []byte, kind byte) {
		types := []string{"image/jpeg", "image/png", "image/webp", "image/tiff", "image/heic"}
		if m := ReadMetadata(b, types[int(kind)%len(types)]); m.Orientation < 1 || m.Orientation > 8 {
			t.Errorf("%+v", m)
		}
	})
}

// The bombs of the tests are pictures that the decoder takes.
func TestBombsArePictures(t *testing.T) {
	t.Parallel()
	if img, err := webp.Decode(bytes.NewReader(made.WebPBomb(30, 20))); err != nil || img.Bounds() != image.Rect(0, 0, 30, 20) {
		t.Errorf("WebP: %v", err)
	}
	if img, _, err := decode(tiffOfTiles(30, 20), "image/tiff", ColourOf); err != nil || img.Rect != image.Rect(0, 0, 30, 20) {
		t.Errorf("TIFF: %v", err)
	}
}
