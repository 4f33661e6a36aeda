package document

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"io"
	"os/exec"
	"slices"
	"sync"
	"time"

	"bonafide/child"
	"bonafide/grey"
	"bonafide/imagefile"
	"bonafide/kyc"
)

const (
	// pdfWarmUp bounds the first start of the PDF engine on a machine, which
	// compiles it (see pdfChild). Its processor time is bounded before that.
	pdfWarmUp = 10 * time.Minute
	// pdfRetry is when that is tried again where it could not be done: until then
	// nobody waits for it.
	pdfRetry = time.Minute
	// maxPageText is how much text of one page is taken, in bytes; a page of
	// small print has some 10 KB.
	maxPageText = 1 << 20
	// maxPDFHead is the longest head of a page that the child may print.
	maxPDFHead = 8 * maxPageText
)

// pdfHead is what the child prints before the pixels of a page, as JSON in one
// line. A child that could not open the file prints one head, with a problem.
type pdfHead struct {
	Problem  string   `json:"problem,omitempty"` // pdf_malformed, pdf_encrypted, pdf_too_many_pages, pdf_too_costly
	Pages    int      `json:"pages,omitempty"`   // of the file, with pdf_too_many_pages
	Width    int      `json:"width,omitempty"`   // of the pixels: one byte each in grey, three in colour
	Height   int      `json:"height,omitempty"`
	Software []string `json:"software,omitempty"`
	Text     string   `json:"text,omitempty"`
}

// pdfWarmth remembers that the engine was compiled into the cache folder.
type pdfWarmth struct {
	mu      sync.Mutex
	running chan struct{} // closed when the process under way has ended; nil: none is
	stop    context.CancelFunc
	done    bool        // it is there
	failed  bool        // it could not be made, and is not tried again yet
	again   *time.Timer // ends failed
	closed  bool
}

// drawsPDF reports whether PDF pages are drawn by PDFium.
func (r *Reader) drawsPDF() bool {
	return !r.cfg.NoPDFium && len(r.cfg.Decoder) > 0 && r.cfg.CacheDir != "" && !r.failedPDF()
}

// failedPDF reports whether the engine could not be made.
func (r *Reader) failedPDF() bool {
	r.warmth.mu.Lock()
	defer r.warmth.mu.Unlock()
	return r.warmth.failed
}

// Prepare has the PDF engine compiled into the cache folder where it is not there yet,
// which takes seconds on the first use of a machine, and waits for that as long as
// the context lasts. It is done once, in a process of its own, whoever waits; a
// context that ends first does not end it. Whoever opens a PDF without it waits then.
// Errors: ocr_timeout. That it could not be done is none, but shows in Capabilities:
// for a minute PDF pages are then drawn by pdftoppm, if it is there.
func (r *Reader) Prepare(ctx context.Context) *kyc.Error {
	if !r.drawsPDF() {
		return nil
	}
	w := &r.warmth
	w.mu.Lock()
	if w.done || w.failed || w.closed {
		w.mu.Unlock()
		return nil
	}
	if w.running == nil {
		var compiling context.Context
		compiling, w.stop = context.WithTimeout(context.Background(), pdfWarmUp)
		w.running = make(chan struct{})
		go r.compilePDF(compiling)
	}
	running := w.running
	w.mu.Unlock()
	select {
	case <-running:
		return nil
	case <-ctx.Done():
		return imagefile.TimedOut(ctx.Err())
	}
}

// compilePDF is the work of Prepare. A process that found something broken in the
// folder throws it away and ends, so there is a second one.
func (r *Reader) compilePDF(ctx context.Context) {
	name, args := child.SmallStacks(r.cfg.Decoder[0], append(r.cfg.Decoder[1:len(r.cfg.Decoder):len(r.cfg.Decoder)], pdfType, "warm", r.cfg.CacheDir))
	_, err := child.Run(ctx, nil, name, args...)
	if err != nil && ctx.Err() == nil {
		_, err = child.Run(ctx, nil, name, args...)
	}
	w := &r.warmth
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stop()
	w.done, w.failed = err == nil, err != nil && !w.closed
	if w.failed {
		w.again = time.AfterFunc(pdfRetry, func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.failed = false
		})
	}
	close(w.running)
	w.running = nil
}

// lostPDF has the next who needs it look whether what was compiled is there still.
func (r *Reader) lostPDF() {
	r.warmth.mu.Lock()
	defer r.warmth.mu.Unlock()
	r.warmth.done = false
}

// closePDF ends a process that compiles.
func (r *Reader) closePDF() {
	w := &r.warmth
	w.mu.Lock()
	w.closed = true
	running := w.running
	if running != nil {
		w.stop()
	}
	if w.again != nil {
		w.again.Stop()
	}
	w.mu.Unlock()
	if running != nil {
		<-running
	}
}

// warmPDF prepares where one of the files is a PDF.
func (r *Reader) warmPDF(ctx context.Context, files ...File) *kyc.Error {
	if !slices.ContainsFunc(files, func(f File) bool { return bytes.HasPrefix(f.Bytes, []byte("%PDF-")) }) {
		return nil
	}
	return r.Prepare(ctx)
}

// openPDF draws the pages of a PDF and takes the text that is in them. With
// colour it draws the first page only, in colour.
func (r *Reader) openPDF(ctx context.Context, b []byte, colour bool) ([]sheetPage, *kyc.Error) {
	if !r.drawsPDF() {
		return r.openPDFWithPoppler(ctx, b, colour)
	}
	pixels := "grey"
	if colour {
		pixels = "colour"
	}
	var pages []sheetPage
	var known *kyc.Error
	started := false
	fail := r.opener.Apart(ctx, b, func(out io.Reader) error {
		if err := readStart(out); err != nil {
			return err
		}
		started = true
		var err error
		pages, err = readPDFPages(out, colour)
		if errors.As(err, &known) {
			return nil
		}
		return err
	}, pdfTooCostly(), pdfType, pixels, r.cfg.CacheDir)
	switch {
	case known != nil:
		return nil, known
	case fail == nil:
		return pages, nil
	case !started && ctx.Err() == nil:
		r.lostPDF()
		fail = imagefile.NotStarted(fail)
	}
	if fail.Code == "decoder_failed" && r.pdftoppm != "" {
		return r.openPDFWithPoppler(ctx, b, colour)
	}
	return nil, fail
}

// readStart reads what the child prints once the engine runs.
func readStart(out io.Reader) error {
	word := make([]byte, len(pdfStarted))
	if _, err := io.ReadFull(out, word); err != nil {
		return fmt.Errorf("waiting for the PDF engine: %w", err)
	}
	if string(word) != pdfStarted {
		return errors.New("the PDF engine did not say that it runs")
	}
	return nil
}

// readPDFPages reads what the child prints. It trusts nothing of it: the child
// worked on a stranger's file.
func readPDFPages(out io.Reader, colour bool) ([]sheetPage, error) {
	bytesEach := 1
	if colour {
		bytesEach = 3
	}
	in := bufio.NewReader(out)
	var pages []sheetPage
	for {
		line, err := readHead(in)
		if errors.Is(err, io.EOF) && len(line) == 0 && len(pages) > 0 {
			return pages, nil
		}
		if err != nil {
			return nil, err
		}
		var head pdfHead
		if err := json.Unmarshal(line, &head); err != nil {
			return nil, fmt.Errorf("the head of a page: %w", err)
		}
		switch head.Problem {
		case "":
		case "pdf_encrypted":
			return nil, pdfEncrypted()
		case "pdf_too_many_pages":
			return nil, imagefile.TooManyPages(head.Pages)
		case "pdf_too_costly":
			return nil, pdfTooCostly()
		default:
			return nil, malformedPDF()
		}
		if head.Width < 1 || head.Height < 1 || head.Width > grey.WorkSide || head.Height > grey.WorkSide || len(pages) == imagefile.MaxPages {
			return nil, fmt.Errorf("page %d of %d x %d pixels", len(pages), head.Width, head.Height)
		}
		pix := make([]byte, bytesEach*head.Width*head.Height)
		if _, err := io.ReadFull(in, pix); err != nil {
			return nil, fmt.Errorf("the pixels of page %d: %w", len(pages), err)
		}
		page := sheetPage{width: head.Width, height: head.Height, text: head.Text, meta: imagefile.Metadata{Orientation: 1, Software: head.Software}}
		rect := image.Rect(0, 0, head.Width, head.Height)
		if colour {
			page.colour = image.NewRGBA(rect)
			for i, v := range pix {
				page.colour.Pix[i/3*4+i%3] = v
			}
			for i := 3; i < len(page.colour.Pix); i += 4 {
				page.colour.Pix[i] = 0xff
			}
			return []sheetPage{page}, nil
		}
		page.img = &image.Gray{Pix: pix, Stride: head.Width, Rect: rect}
		pages = append(pages, page)
	}
}

// readHead reads one line of bounded length; io.EOF without one is the end, in the
// middle of one io.ErrUnexpectedEOF.
func readHead(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case err == nil:
			return line, nil
		case len(line) > maxPDFHead:
			return nil, errors.New("the head of a page is too long")
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && len(line) > 0:
			return nil, io.ErrUnexpectedEOF
		default:
			return nil, err
		}
	}
}

func malformedPDF() *kyc.Error {
	return kyc.Errorf(kyc.Invalid, "pdf_malformed", "the PDF is damaged and cannot be opened; please export it again")
}

func pdfEncrypted() *kyc.Error {
	return kyc.Errorf(kyc.Invalid, "pdf_encrypted", "the PDF is encrypted; please send it without a password or print it to a new file")
}

func pdfTooCostly() *kyc.Error {
	return kyc.Errorf(kyc.Invalid, "pdf_too_costly", "opening the PDF takes more memory or time than is allowed here; please send a smaller one or pictures of its pages")
}

// openPDFWithPoppler draws the pages with pdftoppm, one child a page.
func (r *Reader) openPDFWithPoppler(ctx context.Context, b []byte, colour bool) ([]sheetPage, *kyc.Error) {
	if r.pdftoppm == "" {
		return nil, kyc.Errorf(kyc.Unavailable, "pdf_not_configured", "no program is installed that opens PDF files; install it with: %s", installPoppler)
	}
	if err := r.slots.Acquire(ctx, 1); err != nil {
		return nil, imagefile.TimedOut(err)
	}
	defer r.slots.Release(1)
	var pages []sheetPage
	for n := 1; n <= imagefile.MaxPages+1; n++ {
		out, _, err := child.Confined(ctx, child.Seconds, bytes.NewReader(b), r.pdftoppm, popplerArgs(n, colour)...)
		if ctx.Err() != nil {
			return nil, imagefile.TimedOut(ctx.Err())
		}
		if past, fail := popplerEnd(err); fail != nil {
			return nil, fail
		} else if past && n > 1 {
			break
		}
		if colour {
			img, ok := imagefile.ReadPPM(out)
			if !ok || max(img.Rect.Dx(), img.Rect.Dy()) < popplerSide/2 {
				return nil, malformedPDF()
			}
			return []sheetPage{{colour: img, meta: imagefile.Metadata{Orientation: 1}}}, nil
		}
		img, ok := imagefile.ReadPGM(out)
		// A page that is there and cannot be drawn must not be left out; pdftoppm
		// gives one pixel for it.
		if !ok || max(img.Rect.Dx(), img.Rect.Dy()) < popplerSide/2 {
			return nil, malformedPDF()
		}
		if n > imagefile.MaxPages {
			return nil, imagefile.TooManyPages(n)
		}
		pages = append(pages, sheetPage{img: img, width: img.Rect.Dx(), height: img.Rect.Dy(), meta: imagefile.Metadata{Orientation: 1}})
	}
	return pages, nil
}

// popplerSide is the longer side of a page that pdftoppm draws, in pixels.
const popplerSide = pdfDPI * 11

// popplerArgs have pdftoppm draw one page, counted from 1, to its output.
func popplerArgs(n int, colour bool) []string {
	page := fmt.Sprint(n)
	args := []string{"-q", "-f", page, "-l", page, "-scale-to", fmt.Sprint(popplerSide), "-"}
	if !colour {
		args = append([]string{"-gray"}, args...)
	}
	return args
}

// popplerOther is the exit code with which pdftoppm says, among other things, that
// a page lies past the last one; a file that it cannot open is 1 (its manual).
const popplerOther = 99

// popplerEnd tells what an end of pdftoppm means: that the page lies past the last
// one, or that there are no pages to be had.
func popplerEnd(err error) (past bool, _ *kyc.Error) {
	if err == nil {
		return false, nil
	}
	var exit *exec.ExitError
	switch ended := errors.As(err, &exit); {
	case !ended || exit.ExitCode() >= child.NotRun:
		return false, imagefile.NotStarted(err)
	case exit.ExitCode() < 0: // its limits ended it
		return false, pdfTooCostly()
	case exit.ExitCode() == popplerOther:
		return true, nil
	}
	return false, malformedPDF()
}
