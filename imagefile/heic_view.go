//go:build !noheic

package imagefile

import (
	"encoding/binary"
	"image"

	"bonafide/grey"
)

// heicView is how a stored picture is seen: cut, turned and mirrored by the
// file's own properties (ISO/IEC 23008-12, 6.5.9 and on).
type heicView struct {
	w, h int
	from func(x, y int) (int, int) // where a pixel is stored, nil for there
	swap bool                      // rows are columns of what is stored
}

// mostTurns bounds how often a picture is cut, turned and mirrored: cameras do
// each once, and each costs something for every pixel.
const mostTurns = 8

// turned reads the properties of the picture, in the order in which the file
// applies them. It is false where it cannot be said which pixels are meant.
func (g *tileGrid) turned() bool {
	v, turns := heicView{w: g.w, h: g.h}, 0
	for _, p := range g.file.properties[g.file.primary] {
		w, h := v.w, v.h
		var back grey.Source
		swap := false
		switch p.kind {
		case "irot": // quarter turns against the clock, as orientations of EXIF
			if len(p.body) < 1 {
				return false
			}
			back, swap = grey.Oriented([4]int{1, 8, 3, 6}[p.body[0]&3])
		case "imir": // 0 changes top and foot, 1 left and right (edition of 2022)
			if len(p.body) < 1 {
				return false
			}
			back, _ = grey.Oriented([2]int{4, 2}[p.body[0]&1])
		case "clap":
			at, ok := aperture(p.body, w, h)
			if !ok {
				return false
			}
			back = func(x, y, _, _ int) (int, int) { return x + at.Min.X, y + at.Min.Y }
			v.w, v.h = at.Dx(), at.Dy()
		}
		if back == nil {
			continue
		}
		if turns++; turns > mostTurns {
			return false
		}
		if swap {
			v.w, v.h, v.swap = h, w, !v.swap
		}
		before := v.from
		v.from = func(x, y int) (int, int) {
			x, y = back(x, y, w, h)
			if before != nil {
				return before(x, y)
			}
			return x, y
		}
	}
	g.view = v
	return true
}

// aperture reads which part of a picture of w by h pixels is to be seen (clap,
// ISO/IEC 14496-12, 12.1.4): width, height, and how far its middle lies right
// of and below the picture's, each as a fraction. It is false for parts that do
// not begin and end between pixels, or that lie outside.
func aperture(body []byte, w, h int) (image.Rectangle, bool) {
	if len(body) < 32 {
		return image.Rectangle{}, false
	}
	side := func(at, whole int) (from, to int, ok bool) {
		number := func(k int) int64 { return int64(binary.BigEndian.Uint32(body[at+k:])) }
		n, d, offset, per := number(0), number(4), int64(int32(binary.BigEndian.Uint32(body[at+16:]))), number(20)
		if n < 1 || d < 1 || per < 1 || n%d != 0 || n/d > int64(whole) {
			return 0, 0, false
		}
		size := n / d
		start := (int64(whole)-size)*per + 2*offset
		if start%(2*per) != 0 {
			return 0, 0, false
		}
		start /= 2 * per
		return int(start), int(start + size), start >= 0 && start+size <= int64(whole)
	}
	x0, x1, across := side(0, w)
	y0, y1, down := side(8, h)
	return image.Rect(x0, y0, x1, y1), across && down
}
