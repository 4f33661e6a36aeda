package document

import (
	"bytes"
	"compress/zlib"
	"context"
	"fmt"
	"testing"
	"time"

	"bonafide/imagefile/made"
)

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
	if _, err := r.Picture(t.Context(), File{Bytes: made.PDF(1, "", "")}); err != nil {
		t.Errorf("after it: %v", err)
	}
}
