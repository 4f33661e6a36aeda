//go:build unix

package document

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/child"
	"bonafide/child/cost"
	"bonafide/grey"
	"bonafide/imagefile"
	"bonafide/imagefile/made"
	"bonafide/kyc"
)

// No PDF makes its process take more than 256 MB, with the program and PDFium
// itself, or 10 seconds of a processor, and each ends in a page or in an error
// with a name.
func TestHostilePDFsAreBounded(t *testing.T) {
	t.Parallel()
	r := New(Config{Deadline: patience, Decoder: decoder(), CacheDir: pdfCache(t), Pdftoppm: "-"})
	t.Cleanup(func() { _ = r.Close() })
	ordinary := made.PDF(1, "BT /F1 14 Tf 30 200 Td (Electricity bill) Tj ET", "")
	prepared(t, r)
	files := hostilePDFs(t)
	files["an ordinary one"] = ordinary
	bare := cost.Of(t, files["pages that are their own parents"], os.Args[0], decodeWord, pdfType, "grey", pdfCache(t))
	for name, b := range files {
		shapes := []string{"grey"}
		if strings.Contains(name, "page") || strings.Contains(name, "scans") || strings.Contains(name, "ordinary") {
			shapes = append(shapes, "colour") // the largest ones
		}
		for _, pixels := range shapes {
			took := cost.Of(t, b, os.Args[0], decodeWord, pdfType, pixels, pdfCache(t))
			t.Logf("%-36s in %-6s: exit %d, %d MB held, %d mapped, %v", name, pixels, took.Exit, took.Held>>20, took.Mapped>>20, took.Time)
			if took.Held > child.Memory || took.Time > (child.Seconds+1)*time.Second {
				t.Errorf("%s in %s: %+v", name, pixels, took)
			}
			if strings.Contains(name, "ordinary") && (took.Exit != 0 || took.Mapped > bare.Mapped+pdfMemory/2) {
				t.Errorf("%s in %s leaves no room for others: %+v, at its start %+v", name, pixels, took, bare)
			}
		}
		pages, err := r.open(t.Context(), File{Bytes: b})
		named := []string{"pdf_malformed", "pdf_too_costly", "pdf_too_many_pages"}
		switch {
		case err == nil && len(pages) > 0 && !pages[0].img.Rect.Empty():
			t.Logf("%s: %d pages", name, len(pages))
		case err != nil && slices.Contains(named, err.Code) && !strings.Contains(name, "ordinary"):
			t.Logf("%s: %s", name, err.Code)
		default:
			t.Errorf("%s: %v, %d pages", name, err, len(pages))
		}
	}
}

// prepared has what draws PDF files compiled; the machine may be busy with anything.
func prepared(t testing.TB, r *Reader) {
	t.Helper()
	if err := r.Prepare(t.Context()); err != nil || r.failedPDF() {
		t.Fatal(err, r.failedPDF())
	}
}

// Where the folder for what is compiled cannot be one, nothing is compiled for a
// file; where what lies in it is broken, it is made anew.
func TestPDFWithoutACache(t *testing.T) {
	t.Parallel()
	with := func(dir, pdftoppm string) *Reader {
		r := New(Config{Deadline: patience, Decoder: decoder(), CacheDir: dir, Pdftoppm: pdftoppm})
		t.Cleanup(func() { _ = r.Close() })
		return r
	}
	prepared(t, with(pdfCache(t), "-"))
	file, broken, small := t.TempDir()+"/file", t.TempDir(), File{Bytes: made.PDF(1, "", "")}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	pdf := func(r *Reader) Capability {
		all := r.Capabilities(t.Context())
		return all[slices.IndexFunc(all, func(c Capability) bool { return c.Name == "pdf" })]
	}
	r := with(file, "-")
	if got := pdf(r); !got.Available || got.Reason != "" {
		t.Errorf("before anybody needed it: %+v", got)
	}
	if _, err := r.Picture(t.Context(), small); err == nil || err.Code != "pdf_not_configured" || err.Kind != kyc.Unavailable {
		t.Errorf("nothing opens PDF files: %v", err)
	}
	if got := pdf(r); got.Available || !strings.Contains(got.Reason, file) || got.Install == "" {
		t.Errorf("%+v", got)
	}
	if r = with(file, ""); r.pdftoppm != "" {
		if img, err := r.Picture(t.Context(), small); err != nil || img.Bounds().Empty() {
			t.Errorf("with pdftoppm: %v", err)
		}
		if got := pdf(r); !got.Available || !strings.Contains(got.Reason, file) {
			t.Errorf("with pdftoppm: %+v", got)
		}
	}
	if took := cost.Of(t, small.Bytes, os.Args[0], decodeWord, pdfType, "grey", t.TempDir()); took.Exit == 0 || took.Held > child.Memory {
		t.Errorf("a process that has a file compiles: %+v", took)
	}

	spoilt := spoilt(t, pdfCache(t), broken)
	r = with(broken, "-")
	if img, err := r.Picture(t.Context(), small); err != nil || img.Bounds().Empty() {
		t.Errorf("broken: %v", err)
	}
	if got := pdf(r); !got.Available || got.Reason != "" {
		t.Errorf("broken: %+v", got)
	}
	// Other builds of this program keep theirs beside it.
	if !slices.ContainsFunc(spoilt, func(path string) bool {
		info, err := os.Stat(path)
		return err == nil && info.Size() > 1<<20
	}) {
		t.Error("what was broken was not made anew")
	}
}

// spoilt fills a folder with files of the names of another one's, of another
// content.
func spoilt(t *testing.T, from, dir string) (files []string) {
	t.Helper()
	folders, err := filepath.Glob(filepath.Join(from, "wazero-*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		entries, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		inner := filepath.Join(dir, filepath.Base(folder))
		if err := os.MkdirAll(inner, 0o700); err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), ".tmp") {
				continue // another test writes it
			}
			files = append(files, filepath.Join(inner, e.Name()))
			if err := os.WriteFile(files[len(files)-1], []byte("this is no code"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(files) == 0 {
		t.Fatal("nothing was compiled into the folder")
	}
	return files
}

// Compiling is bounded, and is done once, whoever waits: who does not want to wait
// ends nothing, and who closes the reader ends it.
func TestPreparingForPDF(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	took := cost.Of(t, nil, os.Args[0], decodeWord, pdfType, "warm", dir)
	t.Logf("%+v, %d MB held", took, took.Held>>20)
	if took.Exit != 0 || took.Held > pdfCompileMemory {
		t.Errorf("compiling: %+v", took)
	}
	again := cost.Of(t, nil, os.Args[0], decodeWord, pdfType, "warm", dir)
	if again.Exit != 0 || again.Time > took.Time/2 {
		t.Errorf("the second time takes %v after %v", again.Time, took.Time)
	}

	// A program that never ends stands for the one that compiles.
	r := New(Config{Deadline: patience, Decoder: []string{"/bin/sh", "-c", "exec sleep 600"}, CacheDir: t.TempDir(), Pdftoppm: "-"})
	gone, leave := context.WithCancel(t.Context())
	leave()
	for range 2 {
		if err := r.Prepare(gone); err == nil || err.Code != "ocr_timeout" {
			t.Errorf("who does not wait hears %v", err)
		}
	}
	if _, err := r.Read(gone, []File{{Bytes: made.PDF(1, "", "")}}, today()); err == nil || err.Kind != kyc.Unavailable {
		t.Errorf("a reader that does not wait: %v", err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if r.warmth.running != nil || r.warmth.done {
		t.Errorf("after Close: %+v", r.warmth.done)
	}
	if err := r.Prepare(t.Context()); err != nil {
		t.Errorf("after Close: %v", err)
	}
}

// An engine that does not start is no fault of the file, and a program that is no
// engine none that is believed.
func TestPDFEngineThatDoesNotStart(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{"killed": "kill -9 $$", "out of memory": "exit 2", "silent": "exit 0", "another program": "echo hello, this is another one"} {
		r := New(Config{Deadline: patience, Decoder: []string{"/bin/sh", "-c", script}, CacheDir: t.TempDir(), Pdftoppm: "-"})
		if _, err := r.open(t.Context(), File{Bytes: made.PDF(1, "", "")}); err == nil || err.Code != "decoder_failed" || err.Kind != kyc.Unavailable {
			t.Errorf("%s: %v", name, err)
		}
		_ = r.Close()
	}
}

// What a child prints is believed in nothing.
func TestPagesOfAChildThatLies(t *testing.T) {
	t.Parallel()
	head := func(h pdfHead) string {
		b, err := json.Marshal(h)
		if err != nil {
			t.Fatal(err)
		}
		return string(b) + "\n"
	}
	good := head(pdfHead{Width: 2, Height: 3, Text: "words"}) + "abcdef"
	pages, err := readPDFPages(strings.NewReader(good+good), false)
	if err != nil || len(pages) != 2 || string(pages[1].img.Pix) != "abcdef" || pages[1].text != "words" {
		t.Fatalf("%v, %+v", err, pages)
	}
	for name, c := range map[string]struct {
		out  string
		code string // in the error's words
	}{
		"nothing":             {"", "EOF"},
		"half a head":         {`{"width":`, "unexpected EOF"},
		"no JSON":             {"hello\n", "invalid character"},
		"half of its pixels":  {good[:len(good)-2], "unexpected EOF"},
		"no size":             {head(pdfHead{}), "0 x 0"},
		"less than nothing":   {head(pdfHead{Width: -1, Height: 3}), "-1 x 3"},
		"too wide":            {head(pdfHead{Width: grey.WorkSide + 1, Height: 3}), "2601 x 3"},
		"eleven pages":        {strings.Repeat(good, imagefile.MaxPages+1), "page 10"},
		"a head without end":  {strings.Repeat("a", maxPDFHead+70_000), "too long"},
		"a problem":           {head(pdfHead{Problem: "pdf_encrypted"}), "pdf_encrypted"},
		"an unknown problem":  {head(pdfHead{Problem: "what?"}), "pdf_malformed"},
		"too many pages":      {head(pdfHead{Problem: "pdf_too_many_pages", Pages: 44}), "44 pages"},
		"more than it can do": {head(pdfHead{Problem: "pdf_too_costly"}), "pdf_too_costly"},
	} {
		if _, err := readPDFPages(strings.NewReader(c.out), false); err == nil || !strings.Contains(err.Error(), c.code) {
			t.Errorf("%s: %v, want %q", name, err, c.code)
		}
	}
	line, err := readHead(bufio.NewReader(strings.NewReader(strings.Repeat("x", 9000) + "\nrest")))
	if err != nil || len(line) != 9001 {
		t.Errorf("%d bytes, %v", len(line), err)
	}
	if _, err := readHead(bufio.NewReader(strings.NewReader(""))); err != io.EOF { //nolint:errorlint // the very value is what callers ask for
		t.Error(err)
	}
}
