package imagefile

import (
	"image"
	"image/color"

	"bonafide/grey"
)

// KeptSide bounds the longest side, in pixels, of what [Opener.Colour]
// gives. The portrait of a passport page photographed at this size is more
// than 600 pixels wide, six times what comparing faces needs.
const KeptSide = 4000

// shrinkBy is the whole number by which a picture is made smaller.
func shrinkBy(w, h int) int { return (max(w, h) + KeptSide - 1) / KeptSide }

// ColourOf copies a decoded picture in colour on white, made smaller on the
// way by averaging whole blocks, so that little memory is held.
func ColourOf(img image.Image) *image.RGBA {
	b := img.Bounds()
	step := shrinkBy(b.Dx(), b.Dy())
	w, h := max(1, b.Dx()/step), max(1, b.Dy()/step)
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	at := colourReader(img)
	for y := range h {
		row := out.Pix[y*out.Stride : y*out.Stride+4*w]
		for x := range w {
			var red, green, blue, n uint32
			for sy := y * step; sy < min(b.Dy(), (y+1)*step); sy++ {
				for sx := x * step; sx < min(b.Dx(), (x+1)*step); sx++ {
					cr, cg, cb := at(b.Min.X+sx, b.Min.Y+sy)
					red, green, blue, n = red+cr, green+cg, blue+cb, n+1
				}
			}
			row[4*x], row[4*x+1], row[4*x+2], row[4*x+3] = uint8(red/n), uint8(green/n), uint8(blue/n), 0xff
		}
	}
	return out
}

// colourReader gives red, green and blue of one pixel, 0-255, on white,
// without boxing colours for the usual kinds of picture.
func colourReader(img image.Image) func(x, y int) (r, g, b uint32) {
	switch m := img.(type) {
	case interface {
		colour(x, y int) (r, g, b uint32)
	}: // decoded as it is read
		return m.colour
	case *image.YCbCr:
		return func(x, y int) (uint32, uint32, uint32) {
			i := m.COffset(x, y)
			r, g, b := color.YCbCrToRGB(m.Y[m.YOffset(x, y)], m.Cb[i], m.Cr[i])
			return uint32(r), uint32(g), uint32(b)
		}
	case *image.Gray:
		return func(x, y int) (uint32, uint32, uint32) {
			v := uint32(m.Pix[m.PixOffset(x, y)])
			return v, v, v
		}
	case *image.RGBA:
		return func(x, y int) (uint32, uint32, uint32) {
			p := m.Pix[m.PixOffset(x, y):]
			// Premultiplied: what is missing to full opacity is white paper.
			bare := 255 - uint32(p[3])
			return min(uint32(p[0])+bare, 255), min(uint32(p[1])+bare, 255), min(uint32(p[2])+bare, 255)
		}
	case *image.NRGBA:
		return func(x, y int) (uint32, uint32, uint32) {
			p := m.Pix[m.PixOffset(x, y):]
			a, bare := uint32(p[3]), 255*(255-uint32(p[3]))
			return (uint32(p[0])*a + bare) / 255, (uint32(p[1])*a + bare) / 255, (uint32(p[2])*a + bare) / 255
		}
	case image.RGBA64Image: // all others of the standard library, 16 bits a colour among them
		return func(x, y int) (uint32, uint32, uint32) {
			c := m.RGBA64At(x, y)
			bare := 0xffff - uint32(c.A)
			return (uint32(c.R) + bare) >> 8, (uint32(c.G) + bare) >> 8, (uint32(c.B) + bare) >> 8
		}
	}
	return func(x, y int) (uint32, uint32, uint32) {
		r, g, b, a := img.At(x, y).RGBA()
		bare := 0xffff - a
		return (r + bare) >> 8, (g + bare) >> 8, (b + bare) >> 8
	}
}

// OrientColour applies an EXIF orientation (1-8); [grey.Orient] does the
// same to a grey picture.
func OrientColour(src *image.RGBA, orientation int) *image.RGBA {
	from, swap := grey.Oriented(orientation)
	if from == nil {
		return src
	}
	w, h := src.Rect.Dx(), src.Rect.Dy()
	nw, nh := w, h
	if swap {
		nw, nh = h, w
	}
	out := image.NewRGBA(image.Rect(0, 0, nw, nh))
	for y := range nh {
		for x := range nw {
			sx, sy := from(x, y, w, h)
			copy(out.Pix[y*out.Stride+4*x:][:4], src.Pix[sy*src.Stride+4*sx:][:4])
		}
	}
	return out
}
