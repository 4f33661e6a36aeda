package document

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/klippa-app/go-pdfium"
	pdferrors "github.com/klippa-app/go-pdfium/errors"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"bonafide/child"
	"bonafide/grey"
	"bonafide/imagefile"
)

const (
	pdfType = "application/pdf"
	// pdfDPI is the resolution a page is drawn at; a page smaller than a card
	// gets at least pdfMinSide pixels, a larger one at most grey.WorkSide.
	pdfDPI     = 200
	pdfMinSide = 1600
	// pdfMemoryPages bounds what the engine has inside: 64 KiB each, 96 MiB.
	pdfMemoryPages = 1536
	// pdfMemory is what the process may take besides, once it runs: the file, a
	// page's text, and what the collector has not let go of yet.
	pdfMemory = 48 << 20
	// pdfStrip is how many rows of a page are taken out of the engine at a time.
	pdfStrip = 64
	// pdfSeconds is the processor time for one file. It ends before the deadline of
	// opening a file does, so that a file that is at fault for it is told from a
	// machine that has no time.
	pdfSeconds = 7

	// pdfCompileSeconds, pdfCompileMemory and pdfCode bound compiling the engine: it
	// takes 5 s and 340 MB, most of them for its largest function, and writes 19 MB
	// (docs/accuracy.md).
	pdfCompileSeconds = 60
	pdfCompileMemory  = 512 << 20
	pdfCode           = 64 << 20

	// pdfStarted is what the child prints first, once the engine runs. What ends it
	// before that is no fault of the file.
	pdfStarted = "%started\n"
)

// DecodeChild is the whole work of the process that [Config.Decoder] starts: it
// reads one file from in and writes its pixels to out, within bounds on its memory
// and processor time that the system enforces. args are the content type and
// "grey" or "colour"; see imagefile.DecodeChild. For PDF the folder of what was
// compiled follows, and "warm" fills it. It gives the exit code.
func DecodeChild(in io.Reader, out io.Writer, args ...string) int {
	switch {
	case len(args) == 3 && args[0] == pdfType && args[1] == "warm":
		return compileChild(args[2])
	case len(args) == 3 && args[0] == pdfType:
		return pdfChild(in, out, args[1], args[2])
	}
	return imagefile.DecodeChild(in, out, args...)
}

// compileChild compiles PDFium into the folder, where it is not there yet, and reads
// no file.
func compileChild(cacheDir string) int {
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(10)
	if err := child.ConfineWriter(pdfCompileSeconds, pdfCompileMemory, pdfCode); err != nil {
		return imagefile.ChildUsage
	}
	if err := writable(cacheDir); err != nil {
		fmt.Fprintln(os.Stderr, err) // for whoever starts it by hand
		return imagefile.ChildUsage
	}
	if _, err := startPDFium(cacheDir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return imagefile.ChildUsage
	}
	return 0
}

// writable errs where nothing can be written into a folder, before it is worked for.
func writable(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making the folder of what is compiled: %w", err)
	}
	f, err := os.CreateTemp(dir, "writable-*")
	if err != nil {
		return fmt.Errorf("writing into the folder of what is compiled: %w", err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// pdfChild starts PDFium as WebAssembly, which sees no file system and no network,
// takes the memory for it, then takes away from this process what it does not need
// any more, and only then reads the file: that may cost what the engine has inside
// and pdfMemory. What was compiled (see compileChild) is loaded in a tenth of a
// second, within bounds in which nothing can be compiled.
func pdfChild(in io.Reader, out io.Writer, wants, cacheDir string) int {
	b, engine, err := startAndRead(in, out, cacheDir)
	if err != nil {
		fmt.Fprintln(os.Stderr, err) // for whoever starts it by hand
		return imagefile.ChildUsage
	}
	to := bufio.NewWriterSize(out, 64<<10)
	if err := drawPDF(engine, b, wants == "colour", to); err != nil {
		var known *pdfProblem
		if !errors.As(err, &known) {
			return imagefile.ChildUsage // nobody listens any more
		}
		if err := json.NewEncoder(to).Encode(pdfHead{Problem: known.code, Pages: known.pages}); err != nil {
			return imagefile.ChildUsage
		}
	}
	if err := to.Flush(); err != nil {
		return imagefile.ChildUsage
	}
	return 0
}

// startAndRead is what comes before the file is looked at.
func startAndRead(in io.Reader, out io.Writer, cacheDir string) (file []byte, engine pdfium.Pdfium, err error) {
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(10)
	if err := child.ConfineWriter(child.Seconds, child.Memory+pdfMemory, 0); err != nil {
		return nil, nil, err
	}
	pool, err := startPDFium(cacheDir)
	if err != nil {
		return nil, nil, err
	}
	if engine, err = pool.GetInstance(20 * time.Second); err != nil {
		return nil, nil, fmt.Errorf("starting the PDF engine: %w", err)
	}
	if err := takeMemory(engine); err != nil {
		return nil, nil, err
	}
	debug.FreeOSMemory()
	if err := child.ConfineFrom(pdfSeconds, pdfMemory); err != nil {
		return nil, nil, err
	}
	if _, err := io.WriteString(out, pdfStarted); err != nil {
		return nil, nil, fmt.Errorf("saying that it runs: %w", err)
	}
	b := make([]byte, imagefile.MaxFileBytes+1) // what is not filled takes nothing
	n, err := io.ReadFull(in, b)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, nil, fmt.Errorf("reading a file of at most %d bytes: %w", imagefile.MaxFileBytes, err)
	}
	return b[:n], engine, nil
}

// startPDFium loads PDFium out of the folder, or compiles it into it. Where the folder
// cannot be used it errs; what lies there broken is thrown away, so that the next
// process makes it anew.
func startPDFium(cacheDir string) (pdfium.Pool, error) {
	cache, err := wazero.NewCompilationCacheWithDir(cacheDir)
	if err != nil {
		return nil, fmt.Errorf("opening the folder of what is compiled: %w", err)
	}
	pool, err := webassembly.Init(webassembly.Config{
		MinIdle: 0, MaxIdle: 1, MaxTotal: 1,
		RuntimeConfig: wazero.NewRuntimeConfig().WithCompilationCache(cache).WithMemoryLimitPages(pdfMemoryPages).WithDebugInfoEnabled(false),
		FSConfig:      wazero.NewFSConfig(),
		Stdout:        io.Discard, Stderr: io.Discard,
	})
	if err != nil {
		forgetPDFium(cacheDir)
		return nil, fmt.Errorf("starting the PDF engine: %w", err)
	}
	return pool, nil
}

// forgetPDFium throws away what was compiled into a folder. A process that has
// loaded it, or writes another one, is not disturbed.
func forgetPDFium(cacheDir string) {
	dirs, _ := os.ReadDir(cacheDir) // there may be none
	for _, dir := range dirs {
		if !strings.HasPrefix(dir.Name(), "wazero-") {
			continue
		}
		files, _ := os.ReadDir(filepath.Join(cacheDir, dir.Name()))
		for _, file := range files {
			if !strings.HasSuffix(file.Name(), ".tmp") {
				_ = os.Remove(filepath.Join(cacheDir, dir.Name(), file.Name())) // another may have been quicker
			}
		}
	}
}

// takeMemory gives the engine all the memory that it may have at once. Grown step by
// step it would be copied each time, and be held twice. The library has no word for
// it, but shows the module.
func takeMemory(engine pdfium.Pdfium) error {
	field := reflect.Indirect(reflect.ValueOf(engine.GetImplementation())).FieldByName("Module")
	if !field.IsValid() {
		return errors.New("the PDF engine has no module")
	}
	module, ok := field.Interface().(api.Module)
	if !ok || module.Memory() == nil {
		return errors.New("the PDF engine has no memory")
	}
	memory := module.Memory()
	if _, grown := memory.Grow(pdfMemoryPages - memory.Size()>>16); !grown {
		return fmt.Errorf("the PDF engine cannot have %d pages of memory", pdfMemoryPages)
	}
	return nil
}

// pdfProblem is why a file cannot be opened, as a pdfHead says it.
type pdfProblem struct {
	code  string
	pages int
}

func (p *pdfProblem) Error() string { return p.code }

func badPDF() error { return &pdfProblem{code: "pdf_malformed"} }

// problemOf says what an error of the engine means. Those that it has words for are
// about the file; any other ended the engine: it ran out of memory or of stack.
func problemOf(err error) error {
	switch {
	case errors.Is(err, pdferrors.ErrPassword), errors.Is(err, pdferrors.ErrSecurity):
		return &pdfProblem{code: "pdf_encrypted"}
	case errors.Is(err, pdferrors.ErrUnknown), errors.Is(err, pdferrors.ErrFile), errors.Is(err, pdferrors.ErrFormat), errors.Is(err, pdferrors.ErrPage),
		errors.Is(err, pdferrors.ErrUnexpected), errors.Is(err, pdferrors.ErrSuccess):
		return badPDF()
	}
	return &pdfProblem{code: "pdf_too_costly"}
}

// drawPDF writes the pages as they are drawn. Every error of the engine about the
// file is the file's fault; whatever it says in detail is not for the applicant.
func drawPDF(engine pdfium.Pdfium, b []byte, colour bool, out *bufio.Writer) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = badPDF()
		}
	}()
	doc, err := engine.OpenDocument(&requests.OpenDocument{FileReader: bytes.NewReader(b), FileReaderSize: int64(len(b))})
	if err != nil {
		return problemOf(err)
	}
	count, err := engine.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: doc.Document})
	switch {
	case err != nil:
		return problemOf(err)
	case count.PageCount < 1:
		return badPDF()
	}
	if count.PageCount > imagefile.MaxPages {
		return &pdfProblem{code: "pdf_too_many_pages", pages: count.PageCount}
	}
	var software []string
	if tags, err := engine.GetMetaData(&requests.GetMetaData{Document: doc.Document, Tags: &[]string{"Creator", "Producer"}}); err == nil {
		for _, t := range tags.Tags {
			software = append(software, clip(t.Value, 1000))
		}
	}
	for n := range count.PageCount {
		which := requests.Page{ByIndex: &requests.PageByIndex{Document: doc.Document, Index: n}}
		head := pdfHead{Software: software}
		if err := drawPage(engine, which, head, colour, out); err != nil {
			return err
		}
		if colour {
			return nil
		}
	}
	return nil
}

func drawPage(engine pdfium.Pdfium, which requests.Page, head pdfHead, colour bool, out *bufio.Writer) error {
	size, err := engine.GetPageSize(&requests.GetPageSize{Page: which})
	if err != nil {
		return problemOf(err)
	}
	if !(size.Width > 0 && size.Height > 0 && size.Width <= 40*size.Height && size.Height <= 40*size.Width) {
		return badPDF()
	}
	long := min(max(max(size.Width, size.Height)/72*pdfDPI, pdfMinSide), grey.WorkSide)
	scale := long / max(size.Width, size.Height)
	drawn, err := engine.RenderPageInPixels(&requests.RenderPageInPixels{
		Page: which, Width: max(1, int(size.Width*scale)), Height: max(1, int(size.Height*scale)),
	})
	if err != nil {
		return problemOf(err)
	}
	page := drawn.Result.Image // lies in the engine's memory
	head.Width, head.Height = page.Rect.Dx(), page.Rect.Dy()
	if !colour {
		text, err := engine.GetPageText(&requests.GetPageText{Page: which})
		if err != nil {
			return problemOf(err)
		}
		head.Text = clip(strings.ReplaceAll(text.Text, "\r\n", "\n"), maxPageText)
	}
	if err := json.NewEncoder(out).Encode(head); err != nil {
		return fmt.Errorf("writing a page: %w", err)
	}
	for y := 0; y < head.Height; y += pdfStrip {
		if err := writeStrip(page.SubImage(image.Rect(0, y, head.Width, min(y+pdfStrip, head.Height))), colour, out); err != nil {
			return fmt.Errorf("writing a page: %w", err)
		}
	}
	drawn.Cleanup()
	return nil
}

// writeStrip writes the pixels of a part of a page, on white.
func writeStrip(part image.Image, colour bool, out *bufio.Writer) error {
	if !colour {
		_, err := out.Write(grey.Of(part).Pix)
		return err
	}
	pix := imagefile.ColourOf(part).Pix
	for i := 0; i < len(pix); i += 4 {
		if _, err := out.Write(pix[i : i+3]); err != nil {
			return err
		}
	}
	return nil
}

// clip cuts a text to at most so many bytes, between two characters.
func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}
