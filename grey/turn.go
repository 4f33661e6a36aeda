package grey

import "image"

// Turn gives the picture turned clockwise by 90, 180 or 270 degrees.
func Turn(src *image.Gray, degrees int) *image.Gray {
	return Orient(src, map[int]int{90: 6, 180: 3, 270: 8}[degrees])
}

// Orient applies an EXIF orientation (1-8) to a stored picture.
func Orient(src *image.Gray, orientation int) *image.Gray {
	if from, swap := Oriented(orientation); from != nil {
		return remap(src, swap, from)
	}
	return src
}

// Source gives the stored pixel that is seen at (x, y) of an upright picture;
// w and h are those of the stored one.
type Source func(x, y, w, h int) (int, int)

// Oriented gives the way from the upright picture back to the stored one for
// an EXIF orientation, and whether width and height change places. It is nil
// where nothing is to do.
func Oriented(orientation int) (from Source, swap bool) {
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
func remap(src *image.Gray, swap bool, from Source) *image.Gray {
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
