package document

import (
	"bytes"
	"context"
	"errors"
	"image"
	"io"

	"bonafide/kyc"
)

// sheetPage is one page ready to be read: grey, upright as far as its
// metadata tells.
type sheetPage struct {
	img    *image.Gray
	width  int // of the page itself, upright; img may be smaller
	height int
	text   string // of a born-digital PDF page
	meta   metadata
	file   int
	number int
	upload kyc.ID
}

// open turns one file into pages.
func (r *Reader) open(ctx context.Context, f File) ([]sheetPage, *kyc.Error) {
	t, err := Sniff(f.Bytes)
	if err != nil {
		return nil, err
	}
	if t.ContentType == "application/pdf" {
		return r.openPDF(ctx, f.Bytes)
	}
	if err := r.budget.Acquire(ctx, t.memory); err != nil {
		return nil, timedOut(err)
	}
	meta := readMetadata(f.Bytes, t.ContentType)
	type result struct {
		img *image.Gray
		err error
	}
	done := make(chan result, 1)
	go func() {
		// A decoder cannot be stopped from outside: when the deadline passes
		// it runs on, but its memory stays booked until it ends.
		defer r.budget.Release(t.memory)
		img, err := decodeGray(f.Bytes)
		done <- result{img, err}
	}()
	select {
	case <-ctx.Done():
		return nil, timedOut(ctx.Err())
	case d := <-done:
		if d.err != nil {
			return nil, decodeError(d.err)
		}
		p := sheetPage{img: orient(d.img, meta.orientation), width: t.Width, height: t.Height, meta: meta}
		if meta.orientation >= 5 {
			p.width, p.height = t.Height, t.Width
		}
		return []sheetPage{p}, nil
	}
}

// decodeGray decodes a picture whose size was checked. A decoder that panics
// on a hostile file is one that could not read it.
func decodeGray(b []byte) (img *image.Gray, err error) {
	defer func() {
		if p := recover(); p != nil {
			img, err = nil, errors.New("the decoder gave up")
		}
	}()
	decoded, _, err := image.Decode(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	if decoded.Bounds().Empty() {
		return nil, errors.New("no pixels")
	}
	return grayOf(decoded), nil
}

func decodeError(err error) *kyc.Error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return truncated()
	}
	return kyc.Errorf(kyc.Invalid, "image_malformed", "the picture is damaged and cannot be opened; please take or export it again")
}

// timedOut is the answer when the deadline passed or the caller went away.
// It may be tried again.
func timedOut(err error) *kyc.Error {
	e := kyc.Errorf(kyc.Unavailable, "ocr_timeout", "reading the document took too long and was stopped; it may be tried again")
	e.Cause = err
	return e
}
