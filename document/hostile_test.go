package document

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"bonafide/grey"
	"bonafide/imagefile"
	"bonafide/imagefile/made"
	"bonafide/kyc"
)

func TestHostileFilesAreRefused(t *testing.T) {
	t.Parallel()
	r := New(Config{Deadline: patience, Decoder: decoder(), CacheDir: pdfCache(t)})
	t.Cleanup(func() { _ = r.Close() })
	good := made.JPEG(t, 400, 300)
	broken := bytes.Clone(good)
	for i := len(broken) / 2; i < len(broken)-4; i++ {
		broken[i] = 0xff
	}
	for _, c := range []struct {
		name  string
		bytes []byte
		codes string
	}{
		{"nothing", nil, "empty_file"},
		{"truncated picture", good[:len(good)/2], "image_truncated"},
		{"truncated picture with its end put back", append(bytes.Clone(good[:len(good)-60]), 0xff, 0xd9), "image_truncated image_malformed"},
		{"broken picture", broken, "image_truncated image_malformed"},
		{"a hundred megapixels", made.Bomb(10000, 10000, 8, 2), "image_too_many_pixels"},
		{"a picture without its pixels", made.Bomb(5000, 5000, 8, 0), "image_truncated image_malformed"},
		{"pdf without pages", made.PDF(0, "", ""), "pdf_malformed"},
		{"pdf that is no pdf", []byte("%PDF-1.7\nnothing here\n%%EOF"), "pdf_malformed"},
		{"encrypted pdf", made.PDF(1, "", "/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 >>"), "pdf_encrypted"},
		{"five hundred pages", made.PDF(500, "", ""), "pdf_too_many_pages"},
		{"many pages behind an outline", made.PDF(40, "", "/Outlines 3 0 R"), "pdf_too_many_pages"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := r.Read(t.Context(), []File{{Bytes: c.bytes}}, today())
			if err == nil || !strings.Contains(c.codes, err.Code) {
				t.Errorf("got %v, want %s", err, c.codes)
			}
		})
	}
}

func TestBornDigitalPDF(t *testing.T) {
	t.Parallel()
	r := anyReader(t)
	r = New(Config{Deadline: patience, ModelsDir: r.cfg.ModelsDir, Decoder: decoder(), CacheDir: pdfCache(t)})
	t.Cleanup(func() { _ = r.Close() })
	content := "BT /F1 14 Tf 30 200 Td (Electricity bill for MIRA LINDQVIST) Tj ET"
	got, err := r.Read(t.Context(), []File{{Bytes: made.PDF(2, content, "")}}, today())
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Pages) != 2 || !strings.Contains(got.Pages[1].Text, "MIRA LINDQVIST") || got.MRZ != nil || got.Kind != Unknown {
		t.Errorf("reading %+v", got)
	}
	if got.Quality.Width < 1500 {
		t.Errorf("a small page was drawn %d pixels wide", got.Quality.Width)
	}
	text, err := r.VisualText(t.Context(), File{Bytes: made.PDF(1, content, "")})
	if err != nil || !strings.Contains(text, "Electricity bill") {
		t.Errorf("text %q, %v", text, err)
	}
	poppler := New(Config{Deadline: patience, ModelsDir: r.cfg.ModelsDir, NoPDFium: true})
	if poppler.pdftoppm == "" {
		t.Skip("pdftoppm is not installed")
	}
	if got, err := poppler.Read(t.Context(), []File{{Bytes: made.PDF(2, content, "")}}, today()); err != nil || len(got.Pages) != 2 {
		t.Errorf("with pdftoppm: %+v, %v", got.Pages, err)
	}
	if _, err := poppler.Read(t.Context(), []File{{Bytes: []byte("%PDF-1.7\nnothing\n%%EOF")}}, today()); err == nil || err.Code != "pdf_malformed" {
		t.Errorf("with pdftoppm: %v", err)
	}
}

func TestPDFDeadline(t *testing.T) {
	t.Parallel()
	r := New(Config{Deadline: patience, Decoder: decoder(), CacheDir: pdfCache(t), Pdftoppm: "-"})
	t.Cleanup(func() { _ = r.Close() })
	// Thousands of strokes a page keep the engine at work past any deadline.
	heavy := made.PDF(imagefile.MaxPages, strings.Repeat("0 0 m 354 250 l S 10 w 0 250 m 300 20 200 100 354 0 c S\n", 60_000), "")
	small := File{Bytes: made.PDF(1, "", "")}
	prepared(t, r)
	// A process that worked on until its own limit would be told as such.
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if _, err := r.open(ctx, File{Bytes: heavy}); err == nil || err.Code != "ocr_timeout" {
		t.Errorf("the heavy file ended with %v", err)
	}
	if pages, err := r.open(t.Context(), small); err != nil || len(pages) != 1 {
		t.Errorf("after a killed document: %v", err)
	}
}

// Section 9, point 1 of the design: a missing tool, a missing model, a time-out,
// a tool that breaks and a picture that cannot be opened have a reason each, and
// none of them gives half a reading.
func TestWhyNothingWasRead(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("there is no shell here")
	}
	dir := t.TempDir()
	tool := func(name, does string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"+does+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		return path
	}
	if err := os.WriteFile(filepath.Join(dir, "mrz.traineddata"), []byte("a model"), 0o600); err != nil {
		t.Fatal(err)
	}
	page, err := drawSpecimen(example(), must(example().MRZLines()))
	if err != nil {
		t.Fatal(err)
	}
	whole := pngBytes(t, grey.Of(page))
	seen := map[string]string{}
	for name, c := range map[string]struct {
		cfg  Config
		file []byte
		kind kyc.Kind
		code string
	}{
		"no tool":            {Config{Tesseract: "-", ModelsDir: dir}, whole, kyc.Unavailable, "ocr_not_configured"},
		"no model":           {Config{Tesseract: tool("silent", "exit 0")}, whole, kyc.Unavailable, "ocr_model_not_configured"},
		"too slow":           {Config{Tesseract: tool("slow", "exec sleep 600"), ModelsDir: dir, Deadline: 2 * time.Second}, whole, kyc.Unavailable, "ocr_timeout"},
		"a tool that breaks": {Config{Tesseract: tool("broken", "exit 3"), ModelsDir: dir}, whole, kyc.Unavailable, "ocr_failed"},
		"no whole picture":   {Config{Tesseract: tool("quiet", "exit 0"), ModelsDir: dir}, whole[:len(whole)/2], kyc.Invalid, "image_truncated"},
	} {
		c.cfg.ZXingReader = "-"
		if c.cfg.Deadline == 0 {
			c.cfg.Deadline = patience
		}
		r := New(c.cfg)
		r.system = func() []string { return nil }
		got, fail := r.Read(t.Context(), []File{{Bytes: c.file}}, today())
		if fail == nil || fail.Kind != c.kind || fail.Code != c.code || !reflect.DeepEqual(got, Reading{}) {
			t.Errorf("%s: %v, want %s; %+v", name, fail, c.code, got)
			continue
		}
		if other, twice := seen[fail.Message]; twice {
			t.Errorf("%s is told as %s", name, other)
		}
		seen[fail.Message] = name
		_ = r.Close()
	}
}

// A long scan without a zone must not cost ten full searches.
func TestLongDocumentsAreBounded(t *testing.T) {
	t.Parallel()
	r := anyReader(t)
	spent := 0
	blank := &sheetPage{img: grey.Resize(decodeMust(t, made.PNG(t, 40, 30)), 800, 600)}
	for range imagefile.MaxPages {
		if _, err := r.findZone(t.Context(), blank, today(), &spent); err != nil {
			t.Fatal(err)
		}
	}
	if spent > maxDocumentTries+imagefile.MaxPages {
		t.Errorf("%d OCR runs", spent)
	}
	letter := &sheetPage{img: blank.img, text: strings.Repeat("Dear customer, this is your bill. ", 40)}
	before := spent
	if _, err := r.findZone(t.Context(), letter, today(), &spent); err != nil || spent != before {
		t.Errorf("a letter was searched for a zone: %d runs, %v", spent-before, err)
	}
}

func decodeMust(t *testing.T, b []byte) *image.Gray {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return grey.Of(img)
}
