package document

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"bonafide/child"
	"bonafide/grey"
	"bonafide/imagefile"
	"bonafide/imagefile/made"
)

// FuzzPDF gives PDFium, in its process, files that nobody wrote: whatever a file
// makes of it is one of the named errors.
func FuzzPDF(f *testing.F) {
	f.Add(made.PDF(1, "BT /F1 18 Tf 40 200 Td (Electricity bill) Tj ET", ""))
	f.Add(made.PDF(2, "0 0 m 354 250 l S 10 w 0 250 m 300 20 200 100 354 0 c S", ""))
	f.Add(made.PDF(1, "q 300 0 0 200 20 20 cm BI /W 2 /H 2 /CS /G /BPC 8 ID \x00\xff\x80\x10 EI Q", "/Outlines 3 0 R"))
	f.Add(made.PDF(0, "", ""))
	r := New(Config{Deadline: patience, Decoder: decoder(), CacheDir: pdfCache(f), Pdftoppm: "-"})
	f.Cleanup(func() { _ = r.Close() })
	named := []string{"pdf_malformed", "pdf_encrypted", "pdf_too_many_pages", "pdf_too_costly"}
	f.Fuzz(func(t *testing.T, b []byte) {
		kind, fail := imagefile.Sniff(b)
		if fail != nil || kind.ContentType != "application/pdf" {
			return
		}
		pages, fail := r.open(t.Context(), File{Bytes: b})
		switch {
		case fail != nil && !slices.Contains(named, fail.Code):
			t.Errorf("%v", fail)
		case fail == nil && (len(pages) < 1 || len(pages) > imagefile.MaxPages):
			t.Errorf("%d pages", len(pages))
		}
		for _, p := range pages {
			if p.img.Rect.Empty() || p.img.Rect.Dx()*p.img.Rect.Dy() > imagefile.MaxPixels {
				t.Errorf("a page of %v", p.img.Rect)
			}
		}
	})
}

// FuzzPDFPages gives the reader of a child's pages what no child of ours prints.
func FuzzPDFPages(f *testing.F) {
	f.Add([]byte("{\"width\":2,\"height\":3,\"text\":\"words\"}\nabcdef{\"width\":1,\"height\":1}\nx"), false)
	f.Add([]byte("{\"width\":1,\"height\":2}\nabcdef"), true)
	f.Add([]byte("{\"problem\":\"pdf_too_many_pages\",\"pages\":500}\n"), false)
	f.Fuzz(func(t *testing.T, b []byte, colour bool) {
		pages, err := readPDFPages(bytes.NewReader(b), colour)
		if err == nil && (len(pages) < 1 || len(pages) > imagefile.MaxPages) || err != nil && pages != nil {
			t.Errorf("%d pages, %v", len(pages), err)
		}
		for _, p := range pages {
			if colour && p.colour.Rect != image.Rect(0, 0, p.width, p.height) || !colour && len(p.img.Pix) != p.width*p.height {
				t.Errorf("%d x %d", p.width, p.height)
			}
		}
	})
}

// FuzzOCR gives tesseract pictures that nobody took, in its process. It may end as a
// program does that makes nothing of them, and never by a signal.
func FuzzOCR(f *testing.F) {
	r := anyReader(f)
	m, missing := r.zoneModel()
	if missing != nil {
		f.Skip(missing)
	}
	if img, err := drawSpecimen(example(), must(example().MRZLines())); err == nil {
		small := grey.Resize(grey.Of(img), 240, 170)
		f.Add(byte(240), small.Pix[240*130:], true)
	}
	f.Add(byte(64), bytes.Repeat([]byte{0, 0, 0, 255, 255, 0, 255, 0, 0, 255}, 300), false)
	f.Add(byte(9), make([]byte, 200), true)
	f.Fuzz(func(t *testing.T, width byte, pix []byte, zone bool) {
		w := max(int(width), 8)
		h := len(pix) / w
		if h < 8 || h > 600 {
			return
		}
		alphabet := ""
		if zone {
			alphabet = zoneAlphabet
		}
		lines, err := r.ocr(t.Context(), &image.Gray{Pix: pix[:w*h], Stride: w, Rect: image.Rect(0, 0, w, h)}, m, alphabet, "6")
		var exit *exec.ExitError
		if err != nil && (!errors.As(err, &exit) || exit.ExitCode() < 0 || exit.ExitCode() >= child.NotRun) {
			t.Errorf("%v", err)
		}
		for _, l := range lines {
			n := utf8.RuneCountInString(l.text)
			if n == 0 || len(l.left) != n || len(l.right) != n || len(l.sure) != n || zone && strings.Trim(l.text, zoneAlphabet+" ") != "" {
				t.Errorf("%q with %d places", l.text, len(l.left))
			}
		}
		if c, found := findMRZ(lines, today()); found && len(c.places) != len(c.mrz.Lines) {
			t.Errorf("%d lines at %d places", len(c.mrz.Lines), len(c.places))
		}
	})
}

// FuzzBarcodes gives the reader of barcodes (PDF417 and QR) pictures that nobody
// drew, in its process.
func FuzzBarcodes(f *testing.F) {
	r := New(Config{Deadline: patience, Tesseract: "-"})
	if r.zxing == "" {
		f.Skip("ZXingReader is not installed; " + installBarcodes)
	}
	if img, err := png.Decode(bytes.NewReader(made.PNG(f, 120, 80))); err == nil {
		f.Add(byte(120), grey.Of(img).Pix)
	}
	f.Add(byte(64), bytes.Repeat([]byte{0, 0, 0, 255, 255, 0, 255, 0, 0, 255}, 600))
	f.Fuzz(func(t *testing.T, width byte, pix []byte) {
		w := max(int(width), 8)
		h := len(pix) / w
		if h < 8 || h > 2000 {
			return
		}
		img := &image.Gray{Pix: pix[:w*h], Stride: w, Rect: image.Rect(0, 0, w, h)}
		codes, fail := r.barcodes(t.Context(), &sheetPage{img: img, width: w, height: h})
		if fail != nil && fail.Code != "barcode_failed" && fail.Code != "ocr_timeout" {
			t.Errorf("%v", fail)
		}
		for _, c := range codes {
			if c.Region == nil || c.Format != formatPDF417 && c.Format != formatQR {
				t.Fatalf("%+v", c)
			}
			if at := *c.Region; !(at.X >= 0 && at.Y >= 0 && at.W >= 0 && at.H >= 0 && at.X+at.W <= 1.0001 && at.Y+at.H <= 1.0001) {
				t.Errorf("%+v", at)
			}
		}
	})
}
