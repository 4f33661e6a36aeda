// Package made makes pictures and files for the tests of the rooms that
// open them. It is imported by tests only.
package made

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"golang.org/x/image/tiff"
)

// PNG is a black picture of w by h pixels.
func PNG(t testing.TB, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, w, h))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// JPEG is a black picture of w by h pixels.
func JPEG(t testing.TB, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, w, h)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// JPEGBomb is a JPEG of w by h pixels whose scans say next to nothing, a bit or
// two a block: of three full components that come whole with each scan, or grey and
// progressive, each scan after the first one refining what the one before it left.
func JPEGBomb(w, h, scans int, progressive bool) []byte {
	out := []byte{0xff, 0xd8}
	segment := func(marker byte, body ...byte) {
		out = append(out, 0xff, marker)
		out = binary.BigEndian.AppendUint16(out, uint16(len(body)+2))
		out = append(out, body...)
	}
	segment(0xdb, append([]byte{0}, bytes.Repeat([]byte{1}, 64)...)...)
	frame, bits, marker := []byte{3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0}, 2*3, byte(0xc0)
	if progressive {
		frame, bits, marker = []byte{1, 1, 0x11, 0}, 1, 0xc2
	}
	segment(marker, append([]byte{8, byte(h >> 8), byte(h), byte(w >> 8), byte(w)}, frame...)...)
	for _, class := range []byte{0x00, 0x10} { // one symbol of one bit, which is 0
		segment(0xc4, append([]byte{class, 1}, make([]byte, 16)...)...)
	}
	data := make([]byte, ((w+7)/8*((h+7)/8)*bits+7)/8)
	for n := range scans {
		switch {
		case !progressive:
			segment(0xda, 3, 1, 0, 2, 0, 3, 0, 0, 63, 0)
		case n == 0:
			segment(0xda, 1, 1, 0, 0, 0, 0)
		default:
			segment(0xda, 1, 1, 0, 1, 63, 0x10)
		}
		out = append(out, data...)
	}
	return append(out, 0xff, 0xd9)
}

// Bomb is a PNG of a few bytes that claims w by h pixels.
func Bomb(w, h uint32, depth, kind byte) []byte {
	var b bytes.Buffer
	b.WriteString("\x89PNG\r\n\x1a\n")
	chunk := func(name string, data []byte) {
		_ = binary.Write(&b, binary.BigEndian, uint32(len(data)))
		body := append([]byte(name), data...)
		b.Write(body)
		_ = binary.Write(&b, binary.BigEndian, crc32.ChecksumIEEE(body))
	}
	head := binary.BigEndian.AppendUint32(nil, w)
	head = binary.BigEndian.AppendUint32(head, h)
	chunk("IHDR", append(head, depth, kind, 0, 0, 0))
	chunk("IDAT", []byte{0x78, 0x9c, 0x03, 0x00, 0x00, 0x00, 0x00, 0x01})
	chunk("IEND", nil)
	return b.Bytes()
}

// PDF writes a PDF with the given number of empty card-sized pages; trailer
// is added to its trailer dictionary.
func PDF(pages int, content, trailer string) []byte {
	var b bytes.Buffer
	var offsets []int
	object := func(body string) {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(offsets), body)
	}
	b.WriteString("%PDF-1.4\n")
	object("<< /Type /Catalog /Pages 2 0 R >>")
	var kids []string
	for n := range pages {
		kids = append(kids, fmt.Sprintf("%d 0 R", 5+n))
	}
	object(fmt.Sprintf("<< /Type /Pages /Count %d /Kids [%s] >>", pages, strings.Join(kids, " ")))
	object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
	object(fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(content), content))
	for range pages {
		object("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 354 250] /Contents 4 0 R /Resources << /Font << /F1 3 0 R >> >> >>")
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, o := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, trailer, start)
	return b.Bytes()
}

// TIFF is a picture, compressed without loss.
func TIFF(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := tiff.Encode(&b, img, &tiff.Options{Compression: tiff.Deflate}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// WebPBomb is a lossless WebP of one colour: a few bytes that are w by h
// pixels, sent through every transform that holds a copy of them.
func WebPBomb(w, h int) []byte {
	var out []byte
	var acc uint64
	n := 0
	put := func(v uint64, count int) {
		acc |= v << n
		for n += count; n >= 8; n -= 8 {
			out, acc = append(out, byte(acc)), acc>>8
		}
	}
	one := func() { // five codes of one symbol each
		for range 5 {
			put(1, 1) // simple
			put(0, 1) // one symbol
			put(0, 1) // of one bit
			put(0, 1) // which is 0
		}
	}
	put(0x2f, 8)
	put(uint64(w-1), 14)
	put(uint64(h-1), 14)
	put(0, 4) // no alpha, version 0
	put(1, 1) // a transform:
	put(3, 2) // colour indexing
	put(0, 8) // of one colour
	put(0, 1) // its table: no cache
	one()
	put(0, 1) // no more transforms
	put(0, 1) // no colour cache
	put(0, 1) // no groups
	one()
	put(0, 16)
	if len(out)%2 == 1 {
		out = append(out, 0)
	}
	head := []byte("RIFF\x00\x00\x00\x00WEBPVP8L\x00\x00\x00\x00")
	binary.LittleEndian.PutUint32(head[4:], uint32(len(out)+12))
	binary.LittleEndian.PutUint32(head[16:], uint32(len(out)))
	return append(head, out...)
}

// Near reports whether a pixel has about that colour.
func Near(img image.Image, x, y int, want color.RGBA) bool {
	r, g, b, _ := img.At(x, y).RGBA()
	off := func(v uint32, w uint8) bool { return max(v>>8, uint32(w))-min(v>>8, uint32(w)) > 24 }
	return !off(r, want.R) && !off(g, want.G) && !off(b, want.B)
}

var (
	Red   = color.RGBA{220, 30, 30, 255}
	Green = color.RGBA{30, 200, 30, 255}
	Blue  = color.RGBA{30, 30, 220, 255}
	White = color.RGBA{255, 255, 255, 255}
)

// Corners is a picture whose corners are red, green, blue and white, clockwise
// from the top left.
func Corners(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			switch {
			case x < w/2 && y < h/2:
				img.SetRGBA(x, y, Red)
			case y < h/2:
				img.SetRGBA(x, y, Green)
			case x >= w/2:
				img.SetRGBA(x, y, Blue)
			default:
				img.SetRGBA(x, y, White)
			}
		}
	}
	return img
}

// WithOrientation puts an EXIF segment with that orientation behind the head
// of a JPEG.
func WithOrientation(b []byte, orientation byte) []byte {
	exif := "Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00" + string(orientation) + "\x00\x00\x00\x00\x00\x00"
	segment := append([]byte{0xff, 0xe1, 0, byte(len(exif) + 2)}, exif...)
	return append(append(bytes.Clone(b[:2]), segment...), b[2:]...)
}
