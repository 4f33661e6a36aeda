package sheet

import "image"

// WarpColour gives the page of w by h pixels that the map shows, in colour, as
// [Map.Warp] does in grey. The picture is opaque, its origin (0,0), and so are
// the page's.
func (m Map) WarpColour(src *image.RGBA, w, h int) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	sw, sh := src.Rect.Dx(), src.Rect.Dy()
	if sw == 0 || sh == 0 {
		return out
	}
	lastX, lastY := float64(sw-1), float64(sh-1)
	for y := range h {
		row := out.Pix[y*out.Stride : y*out.Stride+4*w]
		for x := range w {
			px, py := m.At(float64(x)+0.5, float64(y)+0.5)
			px, py = min(max(px-0.5, 0), lastX), min(max(py-0.5, 0), lastY)
			x0, y0 := int(px), int(py)
			at := y0*src.Stride + 4*x0
			right, down := 4, src.Stride
			if x0 == sw-1 {
				right = 0
			}
			if y0 == sh-1 {
				down = 0
			}
			dx, dy := int32((px-float64(x0))*256), int32((py-float64(y0))*256)
			for c := range 3 {
				top := int32(src.Pix[at+c])*(256-dx) + int32(src.Pix[at+right+c])*dx
				foot := int32(src.Pix[at+down+c])*(256-dx) + int32(src.Pix[at+down+right+c])*dx
				row[4*x+c] = uint8((top*(256-dy) + foot*dy + 1<<15) >> 16)
			}
			row[4*x+3] = 0xff
		}
	}
	return out
}
