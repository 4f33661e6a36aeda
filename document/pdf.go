package document

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/klippa-app/go-pdfium"
	pdferrors "github.com/klippa-app/go-pdfium/errors"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"

	"bonafide/child"
	"bonafide/grey"
	"bonafide/imagefile"
	"bonafide/kyc"
)

const (
	// pdfDPI is the resolution a page is drawn at; a page smaller than a card
	// gets at least pdfMinSide pixels, a larger one at most workSide.
	pdfDPI     = 200
	pdfMinSide = 1600
	// pdfMemoryPages bounds the engine's memory: 64 KiB each, 192 MiB.
	pdfMemoryPages = 3072
	// killAfter is how long a call may go on after the deadline.
	killAfter = 2 * time.Second
)

// pdfEngine is PDFium as WebAssembly: it starts on first use, runs one
// document at a time, sees no file system and no network, and dies with the
// deadline of the document it works on.
type pdfEngine struct {
	cacheDir string
	mu       sync.Mutex // one document at a time
	pool     pdfium.Pool
	cache    wazero.CompilationCache
}

func (e *pdfEngine) start() error {
	if e.pool != nil {
		return nil
	}
	config := wazero.NewRuntimeConfig().WithMemoryLimitPages(pdfMemoryPages).WithCloseOnContextDone(true)
	if e.cacheDir != "" {
		// Compiling takes seconds, loading what was compiled a tenth of one.
		cache, err := wazero.NewCompilationCacheWithDir(e.cacheDir)
		if err == nil {
			e.cache = cache
			config = config.WithCompilationCache(cache)
		}
	}
	pool, err := webassembly.Init(webassembly.Config{
		MinIdle: 0, MaxIdle: 1, MaxTotal: 1,
		FSConfig: wazero.NewFSConfig(), RuntimeConfig: config,
		Stdout: io.Discard, Stderr: io.Discard,
	})
	if err != nil {
		return fmt.Errorf("starting the PDF engine: %w", err)
	}
	e.pool = pool
	return nil
}

// warm starts the engine. Compiling it takes seconds on the first use of a
// machine, which is not to count against a document's deadline. An error shows
// again, and is answered, when the document is opened.
func (e *pdfEngine) warm() {
	e.mu.Lock()
	defer e.mu.Unlock()
	_ = e.start()
}

func (e *pdfEngine) close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.pool == nil {
		return nil
	}
	err := e.pool.Close()
	if e.cache != nil {
		err = errors.Join(err, e.cache.Close(context.Background()))
	}
	e.pool, e.cache = nil, nil
	return err
}

// openPDF draws the pages of a PDF and takes the text that is in them. With
// colour it draws the first page only, in colour.
func (r *Reader) openPDF(ctx context.Context, b []byte, colour bool) ([]sheetPage, *kyc.Error) {
	if r.cfg.NoPDFium {
		return r.openPDFWithPoppler(ctx, b, colour)
	}
	pages, err := r.pdf.pages(ctx, b, colour)
	var known *kyc.Error
	switch {
	case err == nil:
		return pages, nil
	case errors.As(err, &known):
		return nil, known
	case ctx.Err() != nil:
		return nil, imagefile.TimedOut(ctx.Err())
	case r.pdftoppm != "":
		return r.openPDFWithPoppler(ctx, b, colour)
	}
	e := kyc.Errorf(kyc.Unavailable, "pdf_failed", "the PDF engine could not be started; install the other one with: %s", installPoppler)
	e.Cause = err
	return nil, e
}

// pages reads one document. The work happens on a goroutine of its own, so
// that the deadline can kill the instance under it.
func (e *pdfEngine) pages(ctx context.Context, b []byte, colour bool) ([]sheetPage, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := e.start(); err != nil {
		return nil, err
	}
	instance, err := e.pool.GetInstance(20 * time.Second)
	if err != nil {
		return nil, fmt.Errorf("getting a PDF instance: %w", err)
	}
	type result struct {
		pages []sheetPage
		err   error
	}
	done := make(chan result, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- result{nil, malformedPDF()}
			}
		}()
		pages, err := readPDF(ctx, instance, b, colour)
		done <- result{pages, err}
	}()
	select {
	case d := <-done:
		_ = instance.Close()
		return d.pages, d.err
	case <-ctx.Done():
	}
	// It looks at the deadline between its calls; only a call that hangs has
	// to be killed, and then everything is started anew next time.
	select {
	case <-done:
		_ = instance.Close()
	case <-time.After(killAfter):
		e.pool = nil
		go func() { _ = instance.Kill() }()
	}
	return nil, ctx.Err()
}

func malformedPDF() *kyc.Error {
	return kyc.Errorf(kyc.Invalid, "pdf_malformed", "the PDF is damaged and cannot be opened; please export it again")
}

// readPDF does the calls. Every error of the engine about the file is the
// file's fault; whatever it says in detail is not for the applicant.
func readPDF(ctx context.Context, instance pdfium.Pdfium, b []byte, colour bool) ([]sheetPage, error) {
	doc, err := instance.OpenDocument(&requests.OpenDocument{File: &b})
	switch {
	case errors.Is(err, pdferrors.ErrPassword), errors.Is(err, pdferrors.ErrSecurity):
		return nil, kyc.Errorf(kyc.Invalid, "pdf_encrypted", "the PDF is encrypted; please send it without a password or print it to a new file")
	case err != nil:
		return nil, malformedPDF()
	}
	defer func() { _, _ = instance.FPDF_CloseDocument(&requests.FPDF_CloseDocument{Document: doc.Document}) }()
	count, err := instance.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: doc.Document})
	if err != nil || count.PageCount < 1 {
		return nil, malformedPDF()
	}
	if count.PageCount > imagefile.MaxPages {
		return nil, imagefile.TooManyPages(count.PageCount)
	}
	var meta imagefile.Metadata
	meta.Orientation = 1
	if tags, err := instance.GetMetaData(&requests.GetMetaData{Document: doc.Document, Tags: &[]string{"Creator", "Producer"}}); err == nil {
		for _, t := range tags.Tags {
			meta.Software = append(meta.Software, t.Value)
		}
	}
	var pages []sheetPage
	for n := range count.PageCount {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		which := requests.Page{ByIndex: &requests.PageByIndex{Document: doc.Document, Index: n}}
		size, err := instance.GetPageSize(&requests.GetPageSize{Page: which})
		if err != nil || size.Width <= 0 || size.Height <= 0 || size.Width > 40*size.Height || size.Height > 40*size.Width {
			return nil, malformedPDF()
		}
		long := min(max(max(size.Width, size.Height)/72*pdfDPI, pdfMinSide), grey.WorkSide)
		scale := long / max(size.Width, size.Height)
		drawn, err := instance.RenderPageInPixels(&requests.RenderPageInPixels{
			Page: which, Width: max(1, int(size.Width*scale)), Height: max(1, int(size.Height*scale)),
		})
		if err != nil {
			return nil, malformedPDF()
		}
		if colour {
			page := sheetPage{colour: imagefile.ColourOf(drawn.Result.Image), meta: meta}
			drawn.Cleanup()
			return []sheetPage{page}, nil
		}
		img := grey.Of(image.Image(drawn.Result.Image))
		drawn.Cleanup()
		page := sheetPage{img: img, width: img.Rect.Dx(), height: img.Rect.Dy(), meta: meta}
		if text, err := instance.GetPageText(&requests.GetPageText{Page: which}); err == nil {
			page.text = strings.ReplaceAll(text.Text, "\r\n", "\n")
		}
		pages = append(pages, page)
	}
	return pages, nil
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
		page := fmt.Sprint(n)
		args := []string{"-q", "-f", page, "-l", page, "-scale-to", fmt.Sprint(pdfDPI * 11), "-"}
		if !colour {
			args = append([]string{"-gray"}, args...)
		}
		out, _, err := child.Confined(ctx, child.Seconds, bytes.NewReader(b), r.pdftoppm, args...)
		if ctx.Err() != nil {
			return nil, imagefile.TimedOut(ctx.Err())
		}
		if colour {
			img, ok := imagefile.ReadPPM(out)
			if err != nil || !ok {
				return nil, malformedPDF()
			}
			return []sheetPage{{colour: img, meta: imagefile.Metadata{Orientation: 1}}}, nil
		}
		img, ok := imagefile.ReadPGM(out)
		if err != nil || !ok {
			// Past the last page the tool complains; on the first it means
			// that there is nothing it can open.
			if n == 1 {
				return nil, malformedPDF()
			}
			break
		}
		if n > imagefile.MaxPages {
			return nil, imagefile.TooManyPages(n)
		}
		pages = append(pages, sheetPage{img: img, width: img.Rect.Dx(), height: img.Rect.Dy(), meta: imagefile.Metadata{Orientation: 1}})
	}
	return pages, nil
}
