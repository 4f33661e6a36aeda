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
	colour *image.RGBA // in place of img, where colour was asked for
	width  int         // of the page itself, upright; img may be smaller
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
		return r.openPDF(ctx, f.Bytes, false)
	}
	meta := readMetadata(f.Bytes, t.ContentType)
	img, err := decoded(ctx, r, f.Bytes, t.memory, grayOf)
	if err != nil {
		return nil, err
	}
	p := sheetPage{img: orient(img, meta.orientation), width: t.Width, height: t.Height, meta: meta}
	if meta.orientation >= 5 {
		p.width, p.height = t.Height, t.Width
	}
	return []sheetPage{p}, nil
}

// decoded decodes a picture whose size was checked and gives what reduce makes
// of it. memory is what both hold at their peak, in bytes; it is booked in the
// Reader's budget until they end.
func decoded[T any](ctx context.Context, r *Reader, b []byte, memory int64, reduce func(image.Image) T) (T, *kyc.Error) {
	var none T
	if err := r.budget.Acquire(ctx, memory); err != nil {
		return none, timedOut(err)
	}
	type result struct {
		out T
		err error
	}
	done := make(chan result, 1)
	go func() {
		// A decoder cannot be stopped from outside: when the deadline passes
		// it runs on, but its memory stays booked until it ends.
		defer r.budget.Release(memory)
		out, err := decode(b, reduce)
		done <- result{out, err}
	}()
	select {
	case <-ctx.Done():
		return none, timedOut(ctx.Err())
	case d := <-done:
		if d.err != nil {
			return none, decodeError(d.err)
		}
		return d.out, nil
	}
}

// decode decodes a picture whose size was checked. A decoder that panics on a
// hostile file is one that could not read it.
func decode[T any](b []byte, reduce func(image.Image) T) (out T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errors.New("the decoder gave up")
		}
	}()
	img, _, err := image.Decode(bytes.NewReader(b))
	if err != nil {
		return out, err
	}
	if img.Bounds().Empty() {
		return out, errors.New("no pixels")
	}
	return reduce(img), nil
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
