package imagefile

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"runtime"
	"runtime/debug"

	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"

	"bonafide/child"
	"bonafide/grey"
)

// How the decoding child ends, beside 0. Any other end is the system's doing:
// it ran into its limits.
const (
	childTruncated = 10 + iota
	childMalformed
	childTooLarge
	// ChildUsage is the end of a child that could not begin, which is no fault of the
	// file.
	ChildUsage
)

// errTooLarge is a picture whose real size is more than its head said.
var errTooLarge = errors.New("the picture has too many pixels")

// decode decodes a picture whose size was checked, and makes it small. A
// decoder that panics on a hostile file is one that could not read it.
func decode[T any](b []byte, contentType string, reduce func(image.Image) T) (out T, size image.Point, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errors.New("the decoder gave up")
		}
	}()
	var img image.Image
	switch in := bytes.NewReader(b); contentType {
	case "image/jpeg":
		img, err = jpeg.Decode(in)
	case "image/png":
		img, err = png.Decode(in)
	case "image/webp":
		img, err = webp.Decode(in)
	case "image/tiff":
		img, err = tiff.Decode(in)
	case "image/heic":
		img, err = decodeHEIC(b)
	default:
		err = errors.New("no decoder")
	}
	if err != nil {
		return out, size, err
	}
	size = img.Bounds().Size()
	if img.Bounds().Empty() {
		return out, size, errors.New("no pixels")
	}
	if size.X > MaxSide || size.Y > MaxSide || size.X*size.Y > MaxPixels {
		return out, size, errTooLarge
	}
	out = reduce(img)
	if late, ok := img.(interface{ failed() error }); ok && late.failed() != nil {
		return out, size, late.failed()
	}
	return out, size, nil
}

// DecodeChild is the whole work of the process that an [Opener] starts:
// it reads one picture from in, bounds its own memory and processor time, and
// writes the size and the pixels to out. args are the content type and "grey"
// or "colour". It gives the exit code.
//
// Whatever a crafted file makes of a decoder happens here and ends with the
// process: 256 MB of memory of its own and 10 seconds of processor time are all there is,
// no file can be opened for writing and no other process be started.
func DecodeChild(in io.Reader, out io.Writer, args ...string) int {
	if len(args) != 2 {
		return ChildUsage
	}
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(25)
	// Nearer to the limit the collector works harder, instead of the system
	// ending the process over memory that nobody uses any more.
	debug.SetMemoryLimit(child.Memory * 5 / 8)
	if err := child.Confine(child.Seconds); err != nil {
		return ChildUsage
	}
	b, err := io.ReadAll(io.LimitReader(in, MaxFileBytes+1))
	if err != nil || len(b) > MaxFileBytes {
		return ChildUsage
	}
	if args[1] == "colour" {
		img, size, err := decode(b, args[0], ColourOf)
		if err != nil {
			return childError(err)
		}
		err = writePixels(out, size, "P6", img.Rect, func(y int) []byte {
			row := img.Pix[y*img.Stride:][:4*img.Rect.Dx()]
			flat := make([]byte, 0, 3*img.Rect.Dx())
			for x := 0; x < len(row); x += 4 {
				flat = append(flat, row[x:x+3]...)
			}
			return flat
		})
		return childError(err)
	}
	img, size, err := decode(b, args[0], grey.Of)
	if err != nil {
		return childError(err)
	}
	return childError(writePixels(out, size, "P5", img.Rect, func(y int) []byte { return img.Pix[y*img.Stride:][:img.Rect.Dx()] }))
}

// writePixels writes the size of the decoded picture on a line of its own and
// behind it what is left of it as PGM or PPM.
func writePixels(out io.Writer, size image.Point, magic string, r image.Rectangle, row func(y int) []byte) error {
	if _, err := fmt.Fprintf(out, "%d %d\n%s\n%d %d\n255\n", size.X, size.Y, magic, r.Dx(), r.Dy()); err != nil {
		return err
	}
	for y := range r.Dy() {
		if _, err := out.Write(row(y)); err != nil {
			return err
		}
	}
	return nil
}

func childError(err error) int {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return childTruncated
	case errors.Is(err, errTooLarge):
		return childTooLarge
	}
	return childMalformed
}
