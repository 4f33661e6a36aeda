package face

import (
	"image"
	"image/color"
	"math"

	"bonafide/kyc"
)

// Limits of a picture. Room document holds uploads to the same number of
// pixels before it decodes them.
const (
	maxPixels = 50_000_000
	// workPixels is the size above which a picture is made smaller first, by a
	// whole factor; a frame then takes at most 48 MB.
	workPixels = 16_000_000
)

// frame is a picture as the networks' preparation needs it: rows of red,
// green, blue.
type frame struct {
	w, h int
	pix  []uint8
	// by is the whole factor the picture was made smaller by.
	by int
}

// newFrame copies a picture. Transparent parts are black.
func newFrame(img image.Image) (*frame, *kyc.Error) {
	if img == nil || img.Bounds().Empty() {
		return nil, kyc.Errorf(kyc.Invalid, "image_empty", "the picture has no pixels")
	}
	b := img.Bounds()
	if b.Dx() > maxPixels/b.Dy() {
		return nil, kyc.Errorf(kyc.TooLarge, "image_too_large", "the picture has more than %d megapixels", maxPixels/1_000_000)
	}
	by := 1
	for (b.Dx()/by)*(b.Dy()/by) > workPixels {
		by++
	}
	f := &frame{w: max(1, b.Dx()/by), h: max(1, b.Dy()/by), by: by}
	f.pix = make([]uint8, f.w*f.h*3)
	row := make([]uint8, b.Dx()*3)
	if by == 1 {
		for y := range f.h {
			readRow(img, b.Min.Y+y, f.pix[y*f.w*3:(y+1)*f.w*3])
		}
		return f, nil
	}
	sums := make([]uint32, f.w*3)
	for y := range f.h {
		clear(sums)
		for k := range min(by, b.Dy()-y*by) {
			readRow(img, b.Min.Y+y*by+k, row)
			addRow(sums, row, by)
		}
		meanRow(f.pix[y*f.w*3:], sums, uint32(by*by))
	}
	return f, nil
}

// readRow reads one row of a picture.
func readRow(img image.Image, y int, out []uint8) {
	b := img.Bounds()
	switch m := img.(type) {
	case *image.YCbCr:
		for x := range b.Dx() {
			yi, ci := m.YOffset(b.Min.X+x, y), m.COffset(b.Min.X+x, y)
			out[x*3], out[x*3+1], out[x*3+2] = color.YCbCrToRGB(m.Y[yi], m.Cb[ci], m.Cr[ci])
		}
	case *image.RGBA:
		src := m.Pix[m.PixOffset(b.Min.X, y):]
		for x := range b.Dx() {
			copy(out[x*3:x*3+3], src[x*4:x*4+3])
		}
	case *image.NRGBA:
		src := m.Pix[m.PixOffset(b.Min.X, y):]
		for x := range b.Dx() {
			a := uint32(src[x*4+3])
			for c := range 3 {
				out[x*3+c] = uint8(uint32(src[x*4+c]) * a / 255)
			}
		}
	case *image.Gray:
		src := m.Pix[m.PixOffset(b.Min.X, y):]
		for x := range b.Dx() {
			out[x*3], out[x*3+1], out[x*3+2] = src[x], src[x], src[x]
		}
	default:
		for x := range b.Dx() {
			r, g, bl, _ := img.At(b.Min.X+x, y).RGBA()
			out[x*3], out[x*3+1], out[x*3+2] = uint8(r>>8), uint8(g>>8), uint8(bl>>8)
		}
	}
}

// addRow adds a row to the sums of blocks of by pixels.
func addRow(sums []uint32, row []uint8, by int) {
	i := 0
	for x := 0; x < len(sums); x += 3 {
		for range by {
			sums[x] += uint32(row[i])
			sums[x+1] += uint32(row[i+1])
			sums[x+2] += uint32(row[i+2])
			i += 3
		}
	}
}

func meanRow(out []uint8, sums []uint32, n uint32) {
	for i, s := range sums {
		out[i] = uint8((s + n/2) / n)
	}
}

// reduced averages blocks of by x by pixels; by 1 is the frame itself.
func (f *frame) reduced(by int) *frame {
	if by <= 1 || f.w/by == 0 || f.h/by == 0 {
		return f
	}
	out := &frame{w: f.w / by, h: f.h / by, by: f.by * by}
	out.pix = make([]uint8, out.w*out.h*3)
	sums := make([]uint32, out.w*3)
	for y := range out.h {
		clear(sums)
		for k := range by {
			addRow(sums, f.pix[(y*by+k)*f.w*3:], by)
		}
		meanRow(out.pix[y*out.w*3:], sums, uint32(by*by))
	}
	return out
}

// at samples between pixels; coordinates are of pixel centres, and outside the
// picture its edge goes on.
func (f *frame) at(x, y float64, out *[3]float32) {
	x, y = min(max(x, 0), float64(f.w-1)), min(max(y, 0), float64(f.h-1))
	x0, y0 := int(x), int(y)
	fx, fy := float32(x-float64(x0)), float32(y-float64(y0))
	right, below := 3, f.w*3
	if x0 == f.w-1 {
		right = 0
	}
	if y0 == f.h-1 {
		below = 0
	}
	p := f.pix[(y0*f.w+x0)*3:]
	for c := range 3 {
		top := float32(p[c])*(1-fx) + float32(p[c+right])*fx
		low := float32(p[c+below])*(1-fx) + float32(p[c+below+right])*fx
		out[c] = top*(1-fy) + low*fy
	}
}

// column is where the samples of one column of a grid lie.
type column struct {
	at, next int // offsets in a row of pixels
	share    float32
}

// grid fills planes with what at gives at every xs of every row of ys: the same
// numbers, with each column's place worked out once. Planes are plane numbers
// apart and their rows wide.
func (f *frame) grid(xs, ys []float64, planes []float32, wide, plane int, order [3]int) {
	columns := make([]column, len(xs))
	for i, x := range xs {
		x = min(max(x, 0), float64(f.w-1))
		x0 := int(x)
		columns[i] = column{at: x0 * 3, next: min(x0+1, f.w-1) * 3, share: float32(x - float64(x0))}
	}
	var px [3]float32
	for oy, y := range ys {
		y = min(max(y, 0), float64(f.h-1))
		y0 := int(y)
		fy := float32(y - float64(y0))
		row, below := f.pix[y0*f.w*3:][:f.w*3], f.pix[min(y0+1, f.h-1)*f.w*3:][:f.w*3]
		first, second, third := planes[oy*wide:][:len(xs)], planes[plane+oy*wide:][:len(xs)], planes[2*plane+oy*wide:][:len(xs)]
		for i, c := range columns {
			a, b := row[c.at:][:3], row[c.next:][:3]
			d, e := below[c.at:][:3], below[c.next:][:3]
			fx := c.share
			for k := range 3 {
				top := float32(a[k])*(1-fx) + float32(b[k])*fx
				low := float32(d[k])*(1-fx) + float32(e[k])*fx
				px[k] = top*(1-fy) + low*fy
			}
			first[i], second[i], third[i] = px[order[0]], px[order[1]], px[order[2]]
		}
	}
}

// similarity maps p to A*p + B, both taken as complex numbers: a turn, one
// scale and a move.
type similarity struct{ a, b complex128 }

// fit finds the similarity that carries the points of from to those of to with
// the least squared error (Umeyama 1991, in the plane). It reports false where
// the points of from are one.
func fit(from, to []Point) (similarity, bool) {
	var cf, ct complex128
	n := complex(float64(len(from)), 0)
	for i := range from {
		cf += complex(from[i].X, from[i].Y) / n
		ct += complex(to[i].X, to[i].Y) / n
	}
	var cross complex128
	var norm float64
	for i := range from {
		p, q := complex(from[i].X, from[i].Y)-cf, complex(to[i].X, to[i].Y)-ct
		cross += complex(real(p), -imag(p)) * q
		norm += real(p)*real(p) + imag(p)*imag(p)
	}
	if norm < 1e-9 || math.IsNaN(norm) {
		return similarity{}, false
	}
	a := cross / complex(norm, 0)
	if math.Hypot(real(a), imag(a)) < 1e-6 {
		return similarity{}, false
	}
	return similarity{a, ct - a*cf}, true
}

// maxSamples bounds the samples along a side of one output pixel.
const maxSamples = 8

// warp fills planes of w x h pixels with what the frame shows under m, which
// maps places of the frame to places of the output. Where the output is
// smaller, each pixel is the mean of several samples.
func (f *frame) warp(m similarity, w, h int, planes []float32, order [3]int) {
	inverse := 1 / m.a
	n := int(math.Ceil(math.Hypot(real(inverse), imag(inverse))))
	n = min(max(n, 1), maxSamples)
	var px, sum [3]float32
	for y := range h {
		for x := range w {
			sum = [3]float32{}
			for j := range n {
				for i := range n {
					q := complex(float64(x)+(float64(i)+0.5)/float64(n), float64(y)+(float64(j)+0.5)/float64(n))
					p := (q - m.b) * inverse
					f.at(real(p)-0.5, imag(p)-0.5, &px)
					for c := range 3 {
						sum[c] += px[c]
					}
				}
			}
			for c := range 3 {
				planes[c*w*h+y*w+x] = sum[order[c]] / float32(n*n)
			}
		}
	}
}

// crop fills planes of w x h pixels with a rectangle of the frame, stretched.
// It samples the four nearest pixels only, as the publishers' own code does;
// a frame much larger than the output is reduced first by the caller.
func (f *frame) crop(x, y, cw, ch float64, w, h int, planes []float32, order [3]int) {
	xs, ys := make([]float64, w), make([]float64, h)
	for i := range xs {
		xs[i] = x + (float64(i)+0.5)*cw/float64(w) - 0.5
	}
	for i := range ys {
		ys[i] = y + (float64(i)+0.5)*ch/float64(h) - 0.5
	}
	f.grid(xs, ys, planes, w, w*h, order)
}
