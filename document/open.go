package document

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"os/exec"

	"bonafide/child"
	"bonafide/grey"
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
	// flat is the straightened page, once it was looked for; see straight.
	flat   *flatPage
	looked bool
}

// open turns one file into pages, within Config.OpenDeadline.
func (r *Reader) open(ctx context.Context, f File) ([]sheetPage, *kyc.Error) {
	t, err := Sniff(f.Bytes)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, r.cfg.OpenDeadline)
	defer cancel()
	if t.ContentType == "application/pdf" {
		return r.openPDF(ctx, f.Bytes, false)
	}
	meta := readMetadata(f.Bytes, t.ContentType)
	img, size, err := decoded(ctx, r, f.Bytes, t, "grey", grey.Of, readPGM)
	if err != nil {
		return nil, err
	}
	p := sheetPage{img: grey.Orient(img, meta.orientation), width: size.X, height: size.Y, meta: meta}
	if meta.orientation >= 5 {
		p.width, p.height = size.Y, size.X
	}
	return []sheetPage{p}, nil
}

// decoded decodes a picture whose size was checked and gives what reduce makes
// of it, and its full size. JPEG and PNG are decoded here: what they can cost
// is bounded by what Sniff saw. The others go to the decoding child, if there
// is one: their decoders can be made to take many times what the head of the
// file promises (a WebP of a hundred bytes takes 400 MB), and HEIC is
// never decoded here.
func decoded[T any](ctx context.Context, r *Reader, b []byte, t Type, pixels string, reduce func(image.Image) T, read func([]byte) (T, bool)) (T, image.Point, *kyc.Error) {
	var none T
	if t.ContentType == "image/heic" && len(r.cfg.Decoder) == 0 {
		return none, image.Point{}, noHEIC()
	}
	// The memory of decoders and of what is left of the picture is booked in
	// the Reader's budget until they end; the child's limit is its booking.
	memory := t.memory + int64(t.Width)*int64(t.Height)
	apart := len(r.cfg.Decoder) > 0 && decodedInAChild(t.ContentType)
	if !apart && t.memory > maxDecodedBytes {
		return none, image.Point{}, tooManyPixels(t.Width, t.Height)
	}
	if apart {
		memory = child.Memory
	}
	memory = min(memory, memoryBudget)
	if err := r.budget.Acquire(ctx, memory); err != nil {
		return none, image.Point{}, timedOut(err)
	}
	if apart {
		defer r.budget.Release(memory)
		return decodedApart(ctx, r, b, t, pixels, read)
	}
	type result struct {
		out  T
		size image.Point
		err  error
	}
	done := make(chan result, 1)
	go func() {
		// A decoder cannot be stopped from outside: when the deadline passes
		// it runs on, but its memory stays booked until it ends.
		defer r.budget.Release(memory)
		out, size, err := decode(b, t.ContentType, reduce)
		done <- result{out, size, err}
	}()
	select {
	case <-ctx.Done():
		return none, image.Point{}, timedOut(ctx.Err())
	case d := <-done:
		if d.err != nil {
			return none, image.Point{}, decodeError(d.err)
		}
		return d.out, d.size, nil
	}
}

// decodedInAChild tells the types whose decoders are not bounded by what the
// head of a file says.
func decodedInAChild(contentType string) bool {
	return contentType != "image/jpeg" && contentType != "image/png"
}

// decodedApart has the decoding child do it; see DecodeChild.
func decodedApart[T any](ctx context.Context, r *Reader, b []byte, t Type, pixels string, read func([]byte) (T, bool)) (out T, size image.Point, _ *kyc.Error) {
	if err := r.slots.Acquire(ctx, 1); err != nil {
		return out, size, timedOut(err)
	}
	defer r.slots.Release(1)
	args := append(r.cfg.Decoder[1:len(r.cfg.Decoder):len(r.cfg.Decoder)], t.ContentType, pixels)
	name, args := child.SmallStacks(r.cfg.Decoder[0], args)
	printed, err := child.Run(ctx, bytes.NewReader(b), name, args...)
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return out, size, timedOut(ctx.Err())
	case errors.As(err, &exit):
		switch exit.ExitCode() {
		case childTruncated:
			return out, size, truncated()
		case childMalformed:
			return out, size, decodeError(nil)
		case childTooLarge:
			return out, size, tooManyPixels(t.Width, t.Height)
		case childUsage:
			return out, size, notStarted(err)
		}
		if exit.ExitCode() >= child.NotRun { // one that was ended by its limits has no code
			return out, size, notStarted(err)
		}
		return out, size, kyc.Errorf(kyc.Invalid, "image_too_costly", "opening the picture takes more memory or time than is allowed here; please send it as JPEG")
	case err != nil:
		return out, size, notStarted(err)
	}
	n, err := fmt.Sscanf(string(printed[:min(len(printed), 32)]), "%d %d\n", &size.X, &size.Y)
	out, ok := read(printed[bytes.IndexByte(printed, '\n')+1:])
	if err != nil || n != 2 || !ok || size.X < 1 || size.Y < 1 {
		return out, size, notStarted(errors.New("the decoding process wrote no picture"))
	}
	return out, size, nil
}

// notStarted is the answer when the decoding child could not do its work for
// reasons that are not the file's. It may be tried again.
func notStarted(err error) *kyc.Error {
	e := kyc.Errorf(kyc.Unavailable, "decoder_failed", "the process that opens pictures could not be run; it may be tried again")
	e.Cause = err
	return e
}

func noHEIC() *kyc.Error {
	return kyc.Errorf(kyc.UnsupportedMedia, "heic_unsupported", "this is a HEIC/HEIF picture, which cannot be opened here; please send JPEG")
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
