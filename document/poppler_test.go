//go:build unix

package document

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bonafide/child"
	"bonafide/child/cost"
	"bonafide/imagefile/made"
	"bonafide/kyc"
)

// brokenSecondPage is a PDF of two pages whose second one is not there.
func brokenSecondPage() []byte {
	return pdfOf("<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R 9 0 R] /Count 2 >>", "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] >>")
}

// Where PDFium cannot be had, pdftoppm draws the pages. How it ended tells the end of
// the file from pages that it cannot draw, from a file that takes too much and from a
// program that cannot be run: no page is left out in silence, and nobody is told that
// a sound file is broken.
func TestEndsOfPoppler(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const page = "printf 'P5\\n2200 1\\n255\\n'; head -c 2200 /dev/zero"
	for i, c := range []struct {
		name, second string // what the program does for page 2
		pages        int
		code         string
		kind         kyc.Kind
	}{
		{"one page", "exit 99", 1, "", 0},
		{"ten pages", "[ $2 -gt 10 ] && exit 99; " + page, 10, "", 0},
		{"eleven pages", page, 0, "pdf_too_many_pages", kyc.TooLarge},
		{"a page of one pixel", "printf 'P5\\n1 1\\n255\\na'", 0, "pdf_malformed", kyc.Invalid},
		{"a page without pixels", "printf 'P5\\n0 0\\n255\\n'", 0, "pdf_malformed", kyc.Invalid},
		{"a page cut off", "printf 'P5\\n2200 10\\n255\\nab'", 0, "pdf_malformed", kyc.Invalid},
		{"nothing", "exit 0", 0, "pdf_malformed", kyc.Invalid},
		{"refused", "exit 1", 0, "pdf_malformed", kyc.Invalid},
		{"ended by its limits", "kill -9 $$", 0, "pdf_too_costly", kyc.Invalid},
		{"not to be run", "exec /nonexistent/program", 0, "decoder_failed", kyc.Unavailable},
	} {
		program := filepath.Join(dir, fmt.Sprint(i))
		script := "#!/bin/sh\nwhile [ \"$1\" != -f ]; do shift; done\nif [ $2 -gt 1 ]; then\n" + c.second + "\nelse\n" + page + "\nfi\n"
		if err := os.WriteFile(program, []byte(script), 0o700); err != nil { //nolint:gosec // a program must be executable
			t.Fatal(err)
		}
		r := New(Config{Deadline: patience, NoPDFium: true, Pdftoppm: program})
		pages, err := r.open(t.Context(), File{Bytes: made.PDF(1, "", "")})
		if c.code == "" && (err != nil || len(pages) != c.pages) || c.code != "" && (err == nil || err.Code != c.code || err.Kind != c.kind || pages != nil) {
			t.Errorf("%s: %d pages, %v", c.name, len(pages), err)
		}
	}
}

// A page that is not there, or a file without any, is a broken file to both programs
// that draw pages, and not one of fewer pages.
func TestPagesThatAreNotThere(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]*Reader{"PDFium": New(Config{Deadline: patience, Decoder: decoder(), CacheDir: pdfCache(t), Pdftoppm: "-"}),
		"pdftoppm": New(Config{Deadline: patience, NoPDFium: true})} {
		t.Cleanup(func() { _ = r.Close() })
		if name == "pdftoppm" && r.pdftoppm == "" {
			t.Log("pdftoppm is not installed; " + installPoppler)
			continue
		}
		for what, b := range map[string][]byte{"a page that is not there": brokenSecondPage(), "no page": made.PDF(0, "", "")} {
			if pages, err := r.open(t.Context(), File{Bytes: b}); err == nil || err.Code != "pdf_malformed" {
				t.Errorf("%s, %s: %d pages, %v", name, what, len(pages), err)
			}
		}
	}
}

// No PDF makes pdftoppm take more memory than a file may or more than 10 seconds of a
// processor for a page, and each ends in pages or in an error with a name.
func TestHostilePDFsAreBoundedInPoppler(t *testing.T) {
	t.Parallel()
	r := New(Config{Deadline: patience, NoPDFium: true})
	if r.pdftoppm == "" {
		t.Skip("pdftoppm is not installed; " + installPoppler)
	}
	files := hostilePDFs(t)
	files["an ordinary one"] = made.PDF(1, "BT /F1 14 Tf 30 200 Td (Electricity bill) Tj ET", "")
	for name, b := range files {
		if strings.HasPrefix(name, "text") || strings.HasPrefix(name, "content") || strings.Contains(name, "JBIG2") || strings.Contains(name, "tiles") || strings.Contains(name, "400") {
			continue // to the limit of time once is enough: these were measured by hand
		}
		took := cost.OfTool(t, b, r.pdftoppm, popplerArgs(1, true)...)
		t.Logf("%-36s exit %d, %d MB held, %v", name, took.Exit, took.Held>>20, took.Time)
		if took.Held > child.Memory || took.Time > (child.Seconds+1)*time.Second {
			t.Errorf("%s: %+v", name, took)
		}
		if took.Time > 2*time.Second {
			continue // once is enough; what its end means is TestEndsOfPoppler's
		}
		pages, err := r.open(t.Context(), File{Bytes: b})
		switch {
		case err == nil && len(pages) > 0 && !pages[0].img.Rect.Empty():
		case err != nil && !strings.Contains(name, "ordinary") && (err.Code == "pdf_malformed" || err.Code == "pdf_too_costly" || err.Code == "pdf_too_many_pages"):
		default:
			t.Errorf("%s: %v, %d pages", name, err, len(pages))
		}
	}
}
