package document

import (
	"context"
	"strings"
	"unicode"

	"bonafide/grey"
	"bonafide/imagefile"
	"bonafide/kyc"
)

// Print is the text of a paper: what a PDF carries, or what OCR read in a
// picture of it.
type Print struct {
	Text string
	// Source is "pdf" for text that a file carries, "visual" for OCR. OCR
	// misreads: that something is not in its text means little.
	Source string
	Lines  []PrintLine
}

// PrintLine is one line of a Print; Region is nil for the text of a PDF.
type PrintLine struct {
	Text   string
	Region *kyc.Region
}

const (
	// letterWidth is the width a page of a letter is scaled to, so that print
	// of ten points has letters of about 20 pixels.
	letterWidth = 1800
	// maxPrintPages is how many pages of a letter are read: name, address and
	// date stand on the first ones.
	maxPrintPages = 3
	// minPrint is how many letters a page's own text must have to be the page's
	// text; a stray line on a scan is not.
	minPrint = 40
	// enoughWords is how many surely read words make a page readable; with
	// fewer it may lie on its side.
	enoughWords = 12
)

// Print reads the text of a letter, a bill or a statement. Pages that carry
// text need no OCR; others are read as a whole, turned when they give hardly
// anything upright. Errors are those of Read: ocr_not_configured or
// ocr_model_not_configured when a picture is to be read and there is no OCR or no
// model "eng".
func (r *Reader) Print(ctx context.Context, files []File) (Print, *kyc.Error) {
	out := Print{Source: "pdf"}
	if len(files) == 0 {
		return out, kyc.Errorf(kyc.Invalid, "empty_file", "there is no file to read")
	}
	if err := r.warmPDF(ctx, files...); err != nil {
		return out, err
	}
	ctx, cancel := context.WithTimeout(ctx, r.cfg.Deadline)
	defer cancel()
	var text strings.Builder
	left := maxPrintPages
	for i, f := range files {
		pages, err := r.open(ctx, f)
		if err != nil {
			return out, err
		}
		for n := range pages {
			if left == 0 {
				break
			}
			left--
			p := &pages[n]
			p.file, p.upload, p.number = i, f.Upload, n
			if lettersIn(p.text) >= minPrint {
				for line := range strings.SplitSeq(p.text, "\n") {
					out.Lines = append(out.Lines, PrintLine{Text: strings.TrimSpace(line)})
				}
				text.WriteString(p.text + "\n")
				continue
			}
			out.Source = "visual"
			v, err := r.letter(ctx, p)
			if err != nil {
				return out, err
			}
			for _, l := range v.lines {
				out.Lines = append(out.Lines, PrintLine{l.text, v.region(l)})
			}
			text.WriteString(v.text())
		}
	}
	out.Text = text.String()
	return out, nil
}

func lettersIn(s string) int {
	n := 0
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			n++
		}
	}
	return n
}

// letter reads a page of print by OCR, on the side on which it gives most.
func (r *Reader) letter(ctx context.Context, p *sheetPage) (visual, *kyc.Error) {
	if r.tesseract == "" {
		return visual{}, kyc.Errorf(kyc.Unavailable, "ocr_not_configured", "no program is installed that reads print; install it with: %s", installOCR)
	}
	m, ok := r.findModel("eng")
	if !ok {
		return visual{}, kyc.Errorf(kyc.Unavailable, "ocr_model_not_configured", "the OCR program has no model for print; install it with: %s", installOCR)
	}
	var best visual
	most := -1
	views := []view{viewOf(p, nil, 0)}
	if flat := p.straight(); flat != nil {
		views = []view{viewOf(p, flat, 0), views[0]}
	}
	for _, degrees := range []int{90, 270, 180} {
		views = append(views, view{turned: degrees})
	}
	for _, page := range views {
		degrees := page.turned
		if degrees != 0 {
			page = viewOf(p, nil, degrees)
		}
		v, err := r.printOn(ctx, page, m)
		if err != nil {
			if ctx.Err() != nil {
				return best, imagefile.TimedOut(ctx.Err())
			}
			e := kyc.Errorf(kyc.Unavailable, "ocr_failed", "the OCR program could not read the page; it may be tried again")
			e.Cause = err
			return best, e
		}
		sure := 0
		for _, w := range v.words {
			if w.confidence >= minWordConfidence && len(w.text) > 2 {
				sure++
			}
		}
		if sure > most {
			best, most = v.on(p), sure
			best.turned = degrees
		}
		if sure >= enoughWords {
			break
		}
	}
	return best, nil
}

func (r *Reader) printOn(ctx context.Context, page view, m model) (visual, error) {
	w, h := page.img.Rect.Dx(), page.img.Rect.Dy()
	width := letterWidth
	if h > 2*w {
		width /= 2
	}
	scale := float64(w) / float64(width)
	lines, err := r.ocr(ctx, grey.Resize(page.img, width, int(float64(h)/scale+0.5)), m, "", "3")
	if err != nil {
		return visual{}, err
	}
	v := visual{lines: lines, scale: scale, view: page}
	for _, l := range lines {
		v.words = append(v.words, l.words()...)
	}
	return v, nil
}
