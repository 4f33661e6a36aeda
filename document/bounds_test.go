package document

import (
	"bytes"
	"compress/zlib"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"testing"
	"time"

	"golang.org/x/image/webp"
)

// withScans repeats the last scan of a JPEG.
func withScans(t *testing.T, n int) []byte {
	t.Helper()
	b := jpegOf(t, 64, 64)
	at := bytes.LastIndex(b, []byte{0xff, 0xda})
	scan, end := b[at:len(b)-2], b[len(b)-2:]
	out := bytes.Clone(b[:at])
	for range n {
		out = append(out, scan...)
	}
	return append(out, end...)
}

func TestJPEGOfManyScans(t *testing.T) {
	t.Parallel()
	if f := jpegFrameOf(withScans(t, 7)); f.scans != 7 || f.progressive || f.components != 1 {
		t.Errorf("%+v", f)
	}
	if _, err := Sniff(withScans(t, maxScans)); err != nil {
		t.Errorf("%d scans: %v", maxScans, err)
	}
	if _, err := Sniff(withScans(t, maxScans+1)); err == nil || err.Code != "image_too_costly" {
		t.Errorf("one more: %v", err)
	}
}

// The memory that a JPEG is booked with follows its sampling.
func TestMemoryOfJPEGs(t *testing.T) {
	t.Parallel()
	frame := func(marker byte, components ...byte) jpegFrame {
		b := []byte{0xff, 0xd8, 0xff, marker, 0, byte(8 + 3*len(components)), 8, 0, 100, 0, 100, byte(len(components))}
		for i, c := range components {
			b = append(b, byte(i+1), c, 0)
		}
		return jpegFrameOf(append(b, 0xff, 0xd9, 0, 0))
	}
	for name, c := range map[string]struct {
		frame jpegFrame
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

// pdfOfImage is a page that shows one compressed picture of w by h pixels.
func pdfOfImage(t *testing.T, w, h int) []byte {
	t.Helper()
	var body bytes.Buffer
	z := zlib.NewWriter(&body)
	row := make([]byte, 3*w)
	for range h {
		_, _ = z.Write(row) // a bytes.Buffer takes everything
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	at := make([]int, 6)
	object := func(n int, text string) {
		at[n] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", n, text)
	}
	b.WriteString("%PDF-1.7\n")
	object(1, "<< /Type /Catalog /Pages 2 0 R >>")
	object(2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>")
	object(3, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R /Resources << /XObject << /I 5 0 R >> >> >>")
	object(4, "<< /Length 27 >>\nstream\nq 300 0 0 200 0 0 cm /I Do Q\nendstream")
	object(5, fmt.Sprintf("<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream", w, h, body.Len(), body.String()))
	start := b.Len()
	b.WriteString("xref\n0 6\n0000000000 65535 f \n")
	for _, offset := range at[1:] {
		fmt.Fprintf(&b, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", start)
	return b.Bytes()
}

// A PDF that holds an enormous picture, which would take the engine most of a
// minute, ends with the deadline, and the engine serves the next one.
func TestPDFBomb(t *testing.T) {
	t.Parallel()
	r := New(Config{Deadline: patience, CacheDir: pdfCache(t), Pdftoppm: "-"})
	t.Cleanup(func() { _ = r.Close() })
	bomb := pdfOfImage(t, 20_000, 20_000)
	if len(bomb) > 3<<20 {
		t.Fatalf("the bomb has %d bytes", len(bomb))
	}
	r.pdf.warm()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := r.Picture(ctx, File{Bytes: bomb}); err == nil || err.Code != "ocr_timeout" {
		t.Errorf("the bomb ended with %v", err)
	}
	if _, err := r.Picture(t.Context(), File{Bytes: pdfOf(1, "", "")}); err != nil {
		t.Errorf("after it: %v", err)
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
	f.Add(jpegOf(f, 24, 16))
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
		if img, size, err := decode(b, kind.ContentType, colourOf); err == nil && (img.Rect.Empty() || size != image.Pt(kind.Width, kind.Height)) {
			t.Errorf("%v, sniffed %+v", size, kind)
		}
	})
}

// FuzzWebPAndTIFF decodes what passes the door, in a child's way.
func FuzzWebPAndTIFF(f *testing.F) {
	f.Add(webpBomb(30, 20))
	f.Add(tiffOfTiles(30, 20))
	f.Add(tiffOf(f, corners(20, 10)))
	f.Fuzz(func(t *testing.T, b []byte) {
		kind, fail := Sniff(b)
		if fail != nil || kind.ContentType != "image/webp" && kind.ContentType != "image/tiff" || kind.Width*kind.Height > 1<<18 {
			return
		}
		if img, _, err := decode(b, kind.ContentType, colourOf); err == nil && img.Rect.Empty() {
			t.Error("a picture without pixels")
		}
	})
}

// The bombs of the tests are pictures that the decoder takes.
func TestBombsArePictures(t *testing.T) {
	t.Parallel()
	if img, err := webp.Decode(bytes.NewReader(webpBomb(30, 20))); err != nil || img.Bounds() != image.Rect(0, 0, 30, 20) {
		t.Errorf("WebP: %v", err)
	}
	if img, _, err := decode(tiffOfTiles(30, 20), "image/tiff", colourOf); err != nil || img.Rect != image.Rect(0, 0, 30, 20) {
		t.Errorf("TIFF: %v", err)
	}
}
