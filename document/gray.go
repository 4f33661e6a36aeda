package document

import (
	"bytes"
	"fmt"
	"image"
	"math"

	"bonafide/sheet"
)

// workSide is the longest side, in pixels, a page keeps for reading. A
// passport page photographed at this size has its zone in letters about 30
// pixels wide, twice what OCR needs.
const workSide = 2600

// grayOf makes a grey picture of any decoded one; what is transparent becomes
// white, as on paper. A picture that is larger than workSide is made smaller
// on the way by averaging whole blocks, so that little memory is held.
func grayOf(img image.Image) *image.Gray {
	b := img.Bounds()
	step := 1
	for max(b.Dx(), b.Dy())/(step+1) >= workSide {
		step++
	}
	if plane := lumaPlane(img); plane != nil && step > 1 {
		return sheet.Shrink(plane, step)
	} else if plane != nil {
		return cut(plane, plane.Rect) // a copy: the colours are let go
	}
	w, h := b.Dx()/step, b.Dy()/step
	out := image.NewGray(image.Rect(0, 0, w, h))
	lumaAt := lumaReader(img)
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

// lumaReader gives the brightness of one pixel, 0-255, without boxing colours
// for the usual kinds of picture.
func lumaReader(img image.Image) func(x, y int) uint32 {
	switch m := img.(type) {
	case interface{ luma(x, y int) uint32 }: // decoded as it is read
		return m.luma
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
	}
	return func(x, y int) uint32 {
		r, g, b, a := img.At(x, y).RGBA()
		return ((299*r+587*g+114*b)/1000 + 0xffff - a) >> 8
	}
}

// turn gives the picture turned clockwise by 90, 180 or 270 degrees.
func turn(src *image.Gray, degrees int) *image.Gray {
	return orient(src, map[int]int{90: 6, 180: 3, 270: 8}[degrees])
}

// orient applies an EXIF orientation (1-8) to a stored picture.
func orient(src *image.Gray, orientation int) *image.Gray {
	if from, swap := oriented(orientation); from != nil {
		return remap(src, swap, from)
	}
	return src
}

// source gives the stored pixel that is seen at (x, y) of an upright picture;
// w and h are those of the stored one.
type source func(x, y, w, h int) (int, int)

// oriented gives the way from the upright picture back to the stored one for
// an EXIF orientation, and whether width and height change places. It is nil
// where nothing is to do.
func oriented(orientation int) (from source, swap bool) {
	switch orientation {
	case 2:
		return func(x, y, w, _ int) (int, int) { return w - 1 - x, y }, false
	case 3:
		return func(x, y, w, h int) (int, int) { return w - 1 - x, h - 1 - y }, false
	case 4:
		return func(x, y, _, h int) (int, int) { return x, h - 1 - y }, false
	case 5:
		return func(x, y, _, _ int) (int, int) { return y, x }, true
	case 6:
		return func(x, y, _, h int) (int, int) { return y, h - 1 - x }, true
	case 7:
		return func(x, y, w, h int) (int, int) { return w - 1 - y, h - 1 - x }, true
	case 8:
		return func(x, y, w, _ int) (int, int) { return w - 1 - y, x }, true
	}
	return nil, false
}

// remap builds a picture by asking for each new pixel where it comes from.
func remap(src *image.Gray, swap bool, from source) *image.Gray {
	w, h := src.Rect.Dx(), src.Rect.Dy()
	nw, nh := w, h
	if swap {
		nw, nh = h, w
	}
	out := image.NewGray(image.Rect(0, 0, nw, nh))
	for y := range nh {
		for x := range nw {
			sx, sy := from(x, y, w, h)
			out.Pix[y*out.Stride+x] = src.Pix[sy*src.Stride+sx]
		}
	}
	return out
}

// cut copies a rectangle, clipped to the picture.
func cut(src *image.Gray, r image.Rectangle) *image.Gray {
	r = r.Intersect(src.Rect)
	out := image.NewGray(image.Rect(0, 0, r.Dx(), r.Dy()))
	for y := range r.Dy() {
		copy(out.Pix[y*out.Stride:y*out.Stride+r.Dx()], src.Pix[(r.Min.Y+y)*src.Stride+r.Min.X:])
	}
	return out
}

// tap is one source pixel of a resampled one.
type taps struct {
	first   int
	weights []float32
}

// kernel gives the source pixels of each new one along one axis: Catmull-Rom
// when enlarging, stretched to average when shrinking.
func kernel(from, to int) []taps {
	scale := float64(from) / float64(to)
	stretch := math.Max(1, scale)
	out := make([]taps, to)
	weights := make([]float32, 0, to*(int(4*stretch)+2))
	values := make([]float64, 0, int(4*stretch)+2)
	for i := range out {
		center := (float64(i)+0.5)*scale - 0.5
		first := int(math.Ceil(center - 2*stretch))
		last := int(math.Floor(center + 2*stretch))
		t := taps{first: max(first, 0)}
		sum := 0.0
		values = values[:0]
		for k := max(first, 0); k <= min(last, from-1); k++ {
			x := math.Abs(float64(k)-center) / stretch
			v := 0.0
			switch {
			case x < 1:
				v = 1.5*x*x*x - 2.5*x*x + 1
			case x < 2:
				v = -0.5*x*x*x + 2.5*x*x - 4*x + 2
			}
			values = append(values, v)
			sum += v
		}
		for _, v := range values {
			weights = append(weights, float32(v/sum))
		}
		t.weights = weights[len(weights)-len(values) : len(weights) : len(weights)]
		out[i] = t
	}
	return out
}

// resize scales a picture to w by h pixels.
func resize(src *image.Gray, w, h int) *image.Gray {
	sw, sh := src.Rect.Dx(), src.Rect.Dy()
	w, h = max(w, 1), max(h, 1)
	if w == sw && h == sh {
		return src
	}
	across, down := kernel(sw, w), kernel(sh, h)
	middle := make([]float32, w*sh)
	for y := range sh {
		row := src.Pix[y*src.Stride : y*src.Stride+sw]
		for x, t := range across {
			sum := float32(0)
			from := row[t.first:][:len(t.weights)]
			for k, weight := range t.weights {
				sum += weight * float32(from[k])
			}
			middle[y*w+x] = sum
		}
	}
	out := image.NewGray(image.Rect(0, 0, w, h))
	sums := make([]float32, w)
	for y, t := range down {
		clear(sums)
		for k, weight := range t.weights {
			row := middle[(t.first+k)*w:][:len(sums)]
			for x, v := range row {
				sums[x] += weight * v
			}
		}
		row := out.Pix[y*out.Stride : y*out.Stride+w]
		for x, v := range sums {
			row[x] = uint8(min(max(v+0.5, 0), 255))
		}
	}
	return out
}

// affine maps pixels of a derived picture back to pixels of its page:
// px = a*x + b*y + c, py = d*x + e*y + f.
type affine struct{ a, b, c, d, e, f float64 }

func (m affine) at(x, y float64) (float64, float64) {
	return m.a*x + m.b*y + m.c, m.d*x + m.e*y + m.f
}

// warp samples a w by h picture through the map, bilinearly. Outside the
// source it repeats the border, so that no dark edge looks like print.
func warp(src *image.Gray, m affine, w, h int) *image.Gray {
	out := image.NewGray(image.Rect(0, 0, w, h))
	sw, sh := src.Rect.Dx(), src.Rect.Dy()
	for y := range h {
		for x := range w {
			fx, fy := m.at(float64(x)+0.5, float64(y)+0.5)
			fx, fy = min(max(fx-0.5, 0), float64(sw-1)), min(max(fy-0.5, 0), float64(sh-1))
			x0, y0 := int(fx), int(fy)
			x1, y1 := min(x0+1, sw-1), min(y0+1, sh-1)
			dx, dy := fx-float64(x0), fy-float64(y0)
			top := float64(src.Pix[y0*src.Stride+x0])*(1-dx) + float64(src.Pix[y0*src.Stride+x1])*dx
			foot := float64(src.Pix[y1*src.Stride+x0])*(1-dx) + float64(src.Pix[y1*src.Stride+x1])*dx
			out.Pix[y*out.Stride+x] = uint8(top*(1-dy) + foot*dy + 0.5)
		}
	}
	return out
}

// pgm writes a picture in the simplest format every tool reads.
func pgm(img *image.Gray) []byte {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	var b bytes.Buffer
	b.Grow(w*h + 32)
	fmt.Fprintf(&b, "P5\n%d %d\n255\n", w, h)
	for y := range h {
		b.Write(img.Pix[y*img.Stride : y*img.Stride+w])
	}
	return b.Bytes()
}
