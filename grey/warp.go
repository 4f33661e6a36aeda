package grey

import "image"

// Affine maps pixels of a derived picture back to pixels of its page:
// px = a*x + b*y + c, py = d*x + e*y + f.
type Affine struct{ A, B, C, D, E, F float64 }

// At gives where a pixel of the derived picture lies on its page.
func (m Affine) At(x, y float64) (float64, float64) {
	return m.A*x + m.B*y + m.C, m.D*x + m.E*y + m.F
}

// Warp samples a w by h picture through the map, bilinearly. Outside the
// source it repeats the border, so that no dark edge looks like print.
func Warp(src *image.Gray, m Affine, w, h int) *image.Gray {
	out := image.NewGray(image.Rect(0, 0, w, h))
	sw, sh := src.Rect.Dx(), src.Rect.Dy()
	for y := range h {
		for x := range w {
			fx, fy := m.At(float64(x)+0.5, float64(y)+0.5)
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
