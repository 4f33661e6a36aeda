package document

import (
	"context"
	"image"

	"bonafide/grey"
	"bonafide/imagefile"
	"bonafide/kyc"
)

// sheetPage is one page ready to be read: grey, upright as far as its
// metadata tells.
type sheetPage struct {
	img    *image.Gray
	colour *image.RGBA // in place of img, where colour was asked for
	width  int         // of the page itself, upright; img may be smaller
	height int
	text   string // of a born-digital PDF page
	meta   imagefile.Metadata
	file   int
	number int
	upload kyc.ID
	// flat is the straightened page, once it was looked for; see straight.
	flat   *flatPage
	looked bool
}

// open turns one file into pages, within Config.OpenDeadline.
func (r *Reader) open(ctx context.Context, f File) ([]sheetPage, *kyc.Error) {
	t, err := imagefile.Sniff(f.Bytes)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, r.cfg.OpenDeadline)
	defer cancel()
	if t.ContentType == pdfType {
		return r.openPDF(ctx, f.Bytes, false)
	}
	meta := imagefile.ReadMetadata(f.Bytes, t.ContentType)
	img, size, err := r.opener.Grey(ctx, f.Bytes, t)
	if err != nil {
		return nil, err
	}
	p := sheetPage{img: grey.Orient(img, meta.Orientation), width: size.X, height: size.Y, meta: meta}
	if meta.Orientation >= 5 {
		p.width, p.height = size.Y, size.X
	}
	return []sheetPage{p}, nil
}
