package grey

import (
	"bytes"
	"fmt"
	"image"

	"bonafide/sheet"
)

// WorkSide is the longest side, in pixels, a page keeps for reading. A
// passport page photographed at this size has its zone in letters about 30
// pixels wide, twice what OCR needs.
const WorkSide = 2600

// Of makes a grey picture of any decoded one; what is transparent becomes
// white, as on paper. A picture that is larger than WorkSide is made smaller
// on the way by averaging whole blocks, so that little memory is held.
func Of(img image.Image) *image.Gray {
	b := img.Bounds()
	step := 1
	for max(b.Dx(), b.Dy())/(step+1) >= WorkSide {
		step++
	}
	if plane := lumaPlane(img); plane != nil && step > 1 {
		return sheet.Shrink(plane, step)
	} else if plane != nil {
		return Cut(plane, plane.Rect) // a copy: the colours are let go
	}
	w, h := b.Dx()/step, b.Dy()/step
	out := image.NewGray(image.Rect(0, 0, w, h))
	lumaAt := Luma(img)
	for y := range h {
		row := out.Pix[y*out.Stride : y*out.Stride+w]
		for x := range w {
			if step == 1 {
				row[x] = uint8(lumaAt(b.Min.X+x, b.Min.Y+y))
				continue
			}
			sum := uint32(0)
			for dy := range step {
				for dx := range step {
					sum += lumaAt(b.Min.X+x*step+dx, b.Min.Y+y*step+dy)
				}
			}
			row[x] = uint8(sum / uint32(step*step))
		}
	}
	return out
}

// lumaPlane gives the brightness of a picture that keeps it apart from its
// colours, as JPEG does; nil for others. Its origin is (0,0), and it shares the
// picture's memory.
func lumaPlane(img image.Image) *image.Gray {
	b := img.Bounds()
	at := image.Rect(0, 0, b.Dx(), b.Dy())
	switch m := img.(type) {
	case *image.YCbCr:
		return &image.Gray{Pix: m.Y[m.YOffset(b.Min.X, b.Min.Y):], Stride: m.YStride, Rect: at}
	case *image.Gray:
		return &image.Gray{Pix: m.Pix[m.PixOffset(b.Min.X, b.Min.Y):], Stride: m.Stride, Rect: at}
	}
	return nil
}

// Luma gives the brightness of one pixel, 0-255, without boxing colours
// for the usual kinds of picture.
func Luma(img image.Image) func(x, y int) uint32 {
	switch m := img.(type) {
	case interface{ Luma(x, y int) uint32 }: // decoded as it is read
		return m.Luma
	case *image.YCbCr:
		return func(x, y int) uint32 { return uint32(m.Y[m.YOffset(x, y)]) }
	case *image.Gray:
		return func(x, y int) uint32 { return uint32(m.Pix[m.PixOffset(x, y)]) }
	case *image.RGBA:
		return func(x, y int) uint32 {
			p := m.Pix[m.PixOffset(x, y):]
			// Premultiplied: what is missing to full opacity is white paper.
			return (299*uint32(p[0])+587*uint32(p[1])+114*uint32(p[2]))/1000 + 255 - uint32(p[3])
		}
	case *image.NRGBA:
		return func(x, y int) uint32 {
			p := m.Pix[m.PixOffset(x, y):]
			a := uint32(p[3])
			return ((299*uint32(p[0])+587*uint32(p[1])+114*uint32(p[2]))/1000*a + 255*(255-a)) / 255
		}
	case image.RGBA64Image: // all others of the standard library, 16 bits a colour among them
		return func(x, y int) uint32 {
			c := m.RGBA64At(x, y)
			return ((299*uint32(c.R)+587*uint32(c.G)+114*uint32(c.B))/1000 + 0xffff - uint32(c.A)) >> 8
		}
	}
	return func(x, y int) uint32 {
		r, g, b, a := img.At(x, y).RGBA()
		return ((299*r+587*g+114*b)/1000 + 0xffff - a) >> 8
	}
}

// Cut copies a rectangle, clipped to the picture.
func Cut(src *image.Gray, r image.Rectangle) *image.Gray {
	r = r.Intersect(src.Rect)
	out := image.NewGray(image.Rect(0, 0, r.Dx(), r.Dy()))
	for y := range r.Dy() {
		copy(out.Pix[y*out.Stride:y*out.Stride+r.Dx()], src.Pix[(r.Min.Y+y)*src.Stride+r.Min.X:])
	}
	return out
}

// PGM writes a picture in the simplest format every tool reads.
func PGM(img *image.Gray) []byte {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	var b bytes.Buffer
	b.Grow(w*h + 32)
	fmt.Fprintf(&b, "P5\n%d %d\n255\n", w, h)
	for y := range h {
		b.Write(img.Pix[y*img.Stride : y*img.Stride+w])
	}
	return b.Bytes()
}
