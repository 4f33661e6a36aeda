//go:build unix

package document

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"bonafide/imagefile"
)

// pdfOf is a PDF of its objects, of which the first is the catalogue.
func pdfOf(objects ...string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	at := make([]int, len(objects))
	for i, text := range objects {
		at[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, text)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, offset := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
	return b.Bytes()
}

// packed is a compressed stream of the same bytes many times.
func packed(t testing.TB, head string, part []byte, times int) string {
	t.Helper()
	var body bytes.Buffer
	z := zlib.NewWriter(&body)
	for range times {
		if _, err := z.Write(part); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("<< %s /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream", head, body.Len(), body.String())
}

// onePage is the catalogue, the pages and a page of a box whose content and
// resources are objects 4 and 5.
func onePage(box string) []string {
	return []string{
		"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 " + box + "] /Contents 4 0 R /Resources << /XObject << /I 5 0 R >> /Pattern << /P 5 0 R >> /Font << /F1 5 0 R >> >> >>",
	}
}

func stream(content string) string {
	return fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(content), content)
}

// pdfOfImage is a page that shows one compressed picture of w by h pixels.
func pdfOfImage(t testing.TB, w, h int) []byte {
	t.Helper()
	head := fmt.Sprintf("/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceRGB /BitsPerComponent 8", w, h)
	return pdfOf(append(onePage("300 200"), stream("q 300 0 0 200 0 0 cm /I Do Q"), packed(t, head, make([]byte, 3*w), h))...)
}

// pdfOfCoded is a page that shows one picture as its filter's decoder gets it.
func pdfOfCoded(filter, more string, w, h int, coded []byte) []byte {
	head := fmt.Sprintf("<< /Type /XObject /Subtype /Image /Width %d /Height %d /Filter /%s %s /Length %d", w, h, filter, more, len(coded))
	if filter != "JPXDecode" { // which has colours of its own
		head += " /ColorSpace /DeviceGray /BitsPerComponent 1"
	}
	return pdfOf(append(onePage("300 200"), stream("q 300 0 0 200 0 0 cm /I Do Q"), head+" >>\nstream\n"+string(coded)+"\nendstream")...)
}

// jpeg2000 is a grey codestream (ISO/IEC 15444-1, annex A) of w by h pixels in tiles of
// tw by th, of which the first is there and has empty packets only.
func jpeg2000(w, h, tw, th uint32) []byte {
	var b bytes.Buffer
	put := func(values ...any) {
		for _, v := range values {
			_ = binary.Write(&b, binary.BigEndian, v) // into memory
		}
	}
	put([]byte("\xff\x4f\xff\x51"), uint16(41), uint16(0), w, h, uint32(0), uint32(0), tw, th, uint32(0), uint32(0), uint16(1), []byte{7, 1, 1})
	put([]byte("\xff\x52"), uint16(12), []byte{0, 0, 0, 1, 0, 0, 4, 4, 0, 1})
	put([]byte("\xff\x5c"), uint16(4), []byte{0x40, 0x40})
	put([]byte("\xff\x90"), uint16(10), uint16(0), uint32(12+2+1), []byte{0, 1}, []byte("\xff\x93"), byte(0))
	put([]byte("\xff\xd9"))
	return b.Bytes()
}

// jbig2Page is the segment that says how large the page of a JBIG2 is, and a region of
// that size that ends at once (ITU-T T.88, 7.2 and 7.4).
func jbig2Page(w, h uint32) []byte {
	var b bytes.Buffer
	put := func(values ...any) {
		for _, v := range values {
			_ = binary.Write(&b, binary.BigEndian, v) // into memory
		}
	}
	put(uint32(0), []byte{48, 0, 1}, uint32(19), w, h, uint32(0), uint32(0), byte(0), uint16(0))
	put(uint32(1), []byte{38, 0, 1}, uint32(30), w, h, uint32(0), uint32(0), byte(0), []byte{0, 3, 0xff, 0xfd, 0xff, 2, 0xfe, 0xfe, 0xfe, 0, 0, 0xff, 0xac})
	return b.Bytes()
}

// FuzzJPEG2000 gives PDFium, in its process, portraits of chips that no state wrote: the
// only way in which this program decodes JPEG 2000.
func FuzzJPEG2000(f *testing.F) {
	f.Add(jpeg2000(30, 40, 30, 40))
	f.Add(jpeg2000(30, 40, 8, 8))
	f.Add(append([]byte("\x00\x00\x00\x0cjP  \r\n\x87\n\x00\x00\x00\x14ftypjp2 \x00\x00\x00\x00jp2 \x00\x00\x00\x2djp2h\x00\x00\x00\x16ihdr\x00\x00\x00\x28\x00\x00\x00\x1e\x00\x01\x07\x07\x00\x00\x00\x00\x00\x0fcolr\x01\x00\x00\x00\x00\x00\x11\x00\x00\x00\x00jp2c"), jpeg2000(30, 40, 30, 40)...))
	r := New(Config{Deadline: patience, Decoder: decoder(), CacheDir: pdfCache(f), Pdftoppm: "-"})
	f.Cleanup(func() { _ = r.Close() })
	f.Fuzz(func(t *testing.T, b []byte) {
		pages, fail := r.open(t.Context(), File{Bytes: pdfOfCoded("JPXDecode", "", 30, 40, b)})
		switch {
		case fail != nil && fail.Code != "pdf_malformed" && fail.Code != "pdf_too_costly" && fail.Code != "pdf_encrypted" && fail.Code != "pdf_too_many_pages" && fail.Code != "file_polyglot":
			t.Errorf("%v", fail)
		case fail == nil && (len(pages) != 1 || pages[0].img.Rect.Empty()):
			t.Errorf("%d pages", len(pages))
		}
	})
}

// hostilePDFs are files that take much when they are opened.
func hostilePDFs(t testing.TB) map[string][]byte {
	t.Helper()
	const font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
	strokes := []byte("0 0 m 354 250 l S 10 w 0 250 m 300 20 200 100 354 0 c S\n")
	deep := strings.Repeat("[", 400_000) + strings.Repeat("]", 400_000)
	noise := make([]byte, imagefile.MaxFileBytes-100)
	for i := range noise {
		noise[i] = byte(i * i >> 7)
	}
	return map[string][]byte{
		"picture of 400 million pixels":       pdfOfImage(t, 20_000, 20_000),
		"picture of 45 million pixels":        pdfOfImage(t, 9000, 5000),
		"picture of 35 million, as scans are": pdfOfImage(t, 4960, 7016),
		"content of a gigabyte":               pdfOf(append(onePage("300 200"), packed(t, "", bytes.Repeat([]byte(" "), 1<<20), 1<<10), font)...),
		"strokes without end":                 pdfOf(append(onePage("300 200"), packed(t, "", strokes, 2_000_000), font)...),
		"text without end":                    pdfOf(append(onePage("300 200"), packed(t, "", []byte("BT /F1 9 Tf (a letter after a letter after a letter) Tj ET\n"), 400_000), font)...),
		"a form that shows itself":            pdfOf(append(onePage("300 200"), stream("/I Do"), "<< /Type /XObject /Subtype /Form /BBox [0 0 300 200] /Resources << /XObject << /I 5 0 R >> >> /Length 11 >>\nstream\n/I Do /I Do\nendstream")...),
		"a pattern of tiny tiles":             pdfOf(append(onePage("300 200"), stream("/Pattern cs /P scn 0 0 300 200 re f"), "<< /Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 300 200] /XStep 0.01 /YStep 0.01 /Resources << >> /Length 32 >>\nstream\n1 0 0 rg 0 0 200 100 re f 5 w S \nendstream")...),
		"pages that are their own parents":    pdfOf("<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"),
		"lists in lists":                      pdfOf(append(onePage("300 200"), stream(deep), deep)...),
		"a JPEG 2000 of 49 million pixels":    pdfOfCoded("JPXDecode", "", 7000, 7000, jpeg2000(7000, 7000, 7000, 7000)),
		"a JPEG 2000 of 62,500 tiles":         pdfOfCoded("JPXDecode", "", 7000, 7000, jpeg2000(7000, 7000, 28, 28)),
		"a JPEG 2000 of one pixel a tile":     pdfOfCoded("JPXDecode", "", 250, 250, jpeg2000(250, 250, 1, 1)),
		"a JBIG2 of 3600 million pixels":      pdfOfCoded("JBIG2Decode", "", 60_000, 60_000, jbig2Page(60_000, 60_000)),
		"a fax of 400 million pixels":         pdfOfCoded("CCITTFaxDecode", "/DecodeParms << /K -1 /Columns 20000 /Rows 20000 >>", 20_000, 20_000, bytes.Repeat([]byte{0xff}, 1000)),
		"a page of a kilometre":               pdfOf(append(onePage("2834645 2834645"), stream("0 0 m 2834645 2834645 l S"), font)...),
		"ten square pages":                    squarePages(imagefile.MaxPages),
		"twenty megabytes of noise":           append(append([]byte("%PDF-1.7\n"), noise...), "\n%%EOF\n"...),
	}
}

// squarePages are as many pixels as pages can be.
func squarePages(n int) []byte {
	objects := []string{"<< /Type /Catalog /Pages 2 0 R >>", ""}
	kids := ""
	for i := range n {
		kids += fmt.Sprintf("%d 0 R ", i+3)
		objects = append(objects, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 2000 2000] >>")
	}
	objects[1] = fmt.Sprintf("<< /Type /Pages /Kids [%s] /Count %d >>", kids, n)
	return pdfOf(objects...)
}
