package document

import (
	"context"
	"image"

	"bonafide/imagefile"
	"bonafide/kyc"
)

// Picture gives the upright colour picture of a file's first page: the EXIF
// orientation is applied, the first page of a PDF is drawn, transparency lies
// on white. A picture whose longest side has more than 4000 pixels is made
// smaller by a whole number. Its origin is (0,0), and it is the caller's own.
//
// The limits of [Reader.Read] hold, and so do its errors about files (kinds
// Invalid, TooLarge, UnsupportedMedia) and its deadline (Unavailable,
// ocr_timeout). No OCR is needed.
func (r *Reader) Picture(ctx context.Context, f File) (image.Image, *kyc.Error) {
	img, err := r.upright(ctx, f)
	if err != nil {
		return nil, err
	}
	return img, nil
}

func (r *Reader) upright(ctx context.Context, f File) (*image.RGBA, *kyc.Error) {
	t, err := imagefile.Sniff(f.Bytes)
	if err != nil {
		return nil, err
	}
	if err := r.warmPDF(ctx, f); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, r.cfg.OpenDeadline)
	defer cancel()
	if t.ContentType == pdfType {
		pages, err := r.openPDF(ctx, f.Bytes, true)
		if err != nil {
			return nil, err
		}
		return pages[0].colour, nil
	}
	img, _, err := r.opener.Colour(ctx, f.Bytes, t)
	if err != nil {
		return nil, err
	}
	return imagefile.OrientColour(img, imagefile.ReadMetadata(f.Bytes, t.ContentType).Orientation), nil
}
