package imagefile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"os/exec"

	"golang.org/x/sync/semaphore"

	"bonafide/child"
	"bonafide/grey"
	"bonafide/kyc"
)

// memoryBudget is what all running decoders may hold together.
const memoryBudget = 2 * maxDecodedBytes

// Opener opens pictures that strangers send. It is safe for concurrent use;
// what all its decoders hold together in memory is bounded.
type Opener struct {
	decoder []string
	slots   *semaphore.Weighted // child processes
	budget  *semaphore.Weighted // bytes of decoders
}

// NewOpener makes an opener. decoder is the program with its first arguments
// that opens one picture in a process of its own (see DecodeChild); without it
// everything is decoded here, and HEIC not at all. slots bounds how many
// processes run at a time; others may take of them, too.
func NewOpener(decoder []string, slots *semaphore.Weighted) *Opener {
	return &Opener{decoder: decoder, slots: slots, budget: semaphore.NewWeighted(memoryBudget)}
}

// Grey gives the grey picture of a file that Sniff let in, as it is stored
// (see grey.Orient), and its full size in pixels. Errors: image_truncated,
// image_malformed, image_too_many_pixels, image_too_costly, heic_unsupported;
// ocr_timeout and decoder_failed, which may be tried again.
func (o *Opener) Grey(ctx context.Context, b []byte, t Type) (*image.Gray, image.Point, *kyc.Error) {
	return decoded(ctx, o, b, t, "grey", grey.Of, ReadPGM)
}

// Colour gives the picture in colour on white, as it is stored; errors as of
// Grey. A side of more than 4000 pixels is made smaller by a whole number.
func (o *Opener) Colour(ctx context.Context, b []byte, t Type) (*image.RGBA, image.Point, *kyc.Error) {
	return decoded(ctx, o, b, t, "colour", ColourOf, ReadPPM)
}

// Reduced decodes a JPEG or PNG that Sniff let in within this process and gives
// what reduce makes of it; errors as of Grey.
func Reduced[T any](ctx context.Context, o *Opener, b []byte, t Type, reduce func(image.Image) T) (T, *kyc.Error) {
	out, _, err := decoded(ctx, o, b, t, "", reduce, func([]byte) (none T, ok bool) { return none, false })
	return out, err
}

// decoded decodes a picture whose size was checked and gives what reduce makes
// of it, and its full size. JPEG and PNG are decoded here: what they can cost
// is bounded by what Sniff saw. The others go to the decoding child, if there
// is one: their decoders can be made to take many times what the head of the
// file promises (a WebP of a hundred bytes takes 400 MB), and HEIC is
// never decoded here.
func decoded[T any](ctx context.Context, o *Opener, b []byte, t Type, pixels string, reduce func(image.Image) T, read func([]byte) (T, bool)) (T, image.Point, *kyc.Error) {
	var none T
	if t.ContentType == "image/heic" && len(o.decoder) == 0 {
		return none, image.Point{}, noHEIC()
	}
	// The memory of decoders and of what is left of the picture is booked in
	// the budget until they end; the child's limit is its booking.
	memory := t.memory + int64(t.Width)*int64(t.Height)
	apart := len(o.decoder) > 0 && decodedInAChild(t.ContentType)
	if !apart && t.memory > maxDecodedBytes {
		return none, image.Point{}, tooManyPixels(t.Width, t.Height)
	}
	if apart {
		memory = child.Memory
	}
	memory = min(memory, memoryBudget)
	if err := o.budget.Acquire(ctx, memory); err != nil {
		return none, image.Point{}, TimedOut(err)
	}
	if apart {
		defer o.budget.Release(memory)
		return decodedApart(ctx, o, b, t, pixels, read)
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
		defer o.budget.Release(memory)
		out, size, err := decode(b, t.ContentType, reduce)
		done <- result{out, size, err}
	}()
	select {
	case <-ctx.Done():
		return none, image.Point{}, TimedOut(ctx.Err())
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
func decodedApart[T any](ctx context.Context, o *Opener, b []byte, t Type, pixels string, read func([]byte) (T, bool)) (out T, size image.Point, _ *kyc.Error) {
	if err := o.slots.Acquire(ctx, 1); err != nil {
		return out, size, TimedOut(err)
	}
	defer o.slots.Release(1)
	name, args := o.child(t.ContentType, pixels)
	printed, err := child.Run(ctx, bytes.NewReader(b), name, args...)
	if code, ended := exitOf(err); ended && ctx.Err() == nil {
		switch code {
		case childTruncated:
			return out, size, truncated()
		case childMalformed:
			return out, size, decodeError(nil)
		case childTooLarge:
			return out, size, tooManyPixels(t.Width, t.Height)
		}
	}
	costly := kyc.Errorf(kyc.Invalid, "image_too_costly", "opening the picture takes more memory or time than is allowed here; please send it as JPEG")
	if fail := endOf(ctx, err, costly); fail != nil {
		return out, size, fail
	}
	n, err := fmt.Sscanf(string(printed[:min(len(printed), 32)]), "%d %d\n", &size.X, &size.Y)
	out, ok := read(printed[bytes.IndexByte(printed, '\n')+1:])
	if err != nil || n != 2 || !ok || size.X < 1 || size.Y < 1 {
		return out, size, NotStarted(errors.New("the decoding process wrote no picture"))
	}
	return out, size, nil
}

// Apart has the decoding child work on a file and gives read what it prints, as
// [child.Piped] does. args say what is wanted, costly is the answer where the file made
// the child run into its limits. Other errors: ocr_timeout and decoder_failed, which
// may be tried again. Call it only where there is a child.
func (o *Opener) Apart(ctx context.Context, b []byte, read func(io.Reader) error, costly *kyc.Error, args ...string) *kyc.Error {
	if err := o.budget.Acquire(ctx, child.Memory); err != nil {
		return TimedOut(err)
	}
	defer o.budget.Release(child.Memory)
	if err := o.slots.Acquire(ctx, 1); err != nil {
		return TimedOut(err)
	}
	defer o.slots.Release(1)
	name, args := o.child(args...)
	return endOf(ctx, child.Piped(ctx, bytes.NewReader(b), read, name, args...), costly)
}

// child is the command of the decoding child with more arguments.
func (o *Opener) child(args ...string) (string, []string) {
	return child.SmallStacks(o.decoder[0], append(o.decoder[1:len(o.decoder):len(o.decoder)], args...))
}

// exitOf gives the code of a child that ended by itself or was ended (-1).
func exitOf(err error) (code int, ended bool) {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return 0, false
	}
	return exit.ExitCode(), true
}

// endOf says why a child gave no result; costly is the answer where its limits ended it.
func endOf(ctx context.Context, err error, costly *kyc.Error) *kyc.Error {
	switch exit, ended := exitOf(err); {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return TimedOut(ctx.Err())
	case !ended, exit == ChildUsage, exit >= child.NotRun:
		return NotStarted(err)
	}
	return costly
}

// NotStarted is the answer when the decoding child could not do its work for
// reasons that are not the file's. It may be tried again.
func NotStarted(err error) *kyc.Error {
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

// TimedOut is the answer when the deadline passed or the caller went away.
// It may be tried again.
func TimedOut(err error) *kyc.Error {
	e := kyc.Errorf(kyc.Unavailable, "ocr_timeout", "reading the document took too long and was stopped; it may be tried again")
	e.Cause = err
	return e
}
