package document

import (
	"context"
	"image"

	"bonafide/grey"
	"bonafide/kyc"
	"bonafide/sheet"
)

// Leaf is one side of a document in colour, to look for the portrait on.
type Leaf struct {
	// Picture is upright, as [Reader.Picture] gives it.
	Picture image.Image
	// Straight is the page that was found in it, level and without perspective;
	// nil where none was found or nothing is gained by it. Its longest side has
	// at most 2600 pixels. A page on its side stays on its side.
	Straight image.Image
	// Back takes places of Straight to the picture.
	Back sheet.Map
}

// Leaf gives a file's first page as [Reader.Picture] does, with the same
// errors, and the straightened page where the picture is a photograph of one.
func (r *Reader) Leaf(ctx context.Context, f File) (Leaf, *kyc.Error) {
	img, err := r.upright(ctx, f)
	if err != nil {
		return Leaf{}, err
	}
	out := Leaf{Picture: img}
	page, found := sheet.Find(lightness(img))
	if !found || !gains(page) {
		return out, nil
	}
	w, h := page.Width, page.Height
	if longest := max(w, h); longest > grey.WorkSide {
		w, h = max(1, w*grey.WorkSide/longest), max(1, h*grey.WorkSide/longest)
	}
	if m, ok := sheet.MapTo(page.Corners, float64(w), float64(h)); ok {
		out.Straight, out.Back = m.WarpColour(img, w, h), m
	}
	return out, nil
}

// Corners gives where a rectangle of Straight, in pixels, stands on the
// picture: from its upper left corner clockwise, each as X and Y in shares
// (0-1). Without Straight it is a rectangle of Picture.
func (l Leaf) Corners(x, y, w, h float64) [4][2]float64 {
	var out [4][2]float64
	b := l.Picture.Bounds()
	for i, c := range boxOf(x, y, x+w, y+h) {
		if l.Straight != nil {
			c[0], c[1] = l.Back.At(c[0], c[1])
		}
		out[i] = [2]float64{round4(clamped(c[0] / float64(b.Dx()))), round4(clamped(c[1] / float64(b.Dy())))}
	}
	return out
}

// lightness is the grey of an opaque colour picture, of its size.
func lightness(img *image.RGBA) *image.Gray {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	out := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		from, row := img.Pix[y*img.Stride:][:4*w], out.Pix[y*out.Stride:][:w]
		for x := range row {
			p := from[4*x:][:3]
			row[x] = uint8((299*uint32(p[0]) + 587*uint32(p[1]) + 114*uint32(p[2])) / 1000)
		}
	}
	return out
}
