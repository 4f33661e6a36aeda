package document

import (
	"context"

	"bonafide/kyc"
)

// Look judges how well the first page of a file can be read, without reading
// it, so that whoever sent it hears at once what to do better. It tells nothing
// of a born-digital page, and not whether the document is cut off: that is only
// known once its zone was looked for. Errors: as of Read for a file that cannot
// be opened.
func (r *Reader) Look(ctx context.Context, f File) ([]Verdict, *kyc.Error) {
	// Somebody waits for the answer and gets better ones later.
	warming, cancel := context.WithTimeout(ctx, r.cfg.OpenDeadline)
	defer cancel()
	if err := r.warmPDF(warming, f); err != nil {
		return nil, err
	}
	pages, err := r.open(ctx, f)
	if err != nil || len(pages) == 0 || pages[0].text != "" {
		return nil, err
	}
	q := qualityOf(pages[0].img)
	q.Width, q.Height = pages[0].width, pages[0].height
	return pictureVerdicts(&pages[0], q), nil
}
