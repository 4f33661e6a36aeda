//go:build unix

package document

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"context"
	"encoding/json"
	"fmt"
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
