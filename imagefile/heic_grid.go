//go:build !noheic

package imagefile

import (
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"slices"

	"bonafide/grey"
)

// Phones write a large picture as a grid of small ones (ISO/IEC 23008-12,
// 6.6.2.3.2), 512 pixels wide each. The decoder holds the whole picture several
// times over; a grid is therefore decoded tile by tile here, so that a picture
// of 48 million pixels takes hardly more than one of two.

// mostTiles bounds a grid, leastTile the sides of its tiles in pixels: each tile
// costs a start of the decoder.
const (
	mostTiles = 1024
	leastTile = 64
)

// tileGrid is a picture of tiles that are decoded as they are asked for. It is
// an image.Image whose pixels are read best row by row, or column by column.
type tileGrid struct {
	columns, rows int
	w, h          int // of the picture as it is stored
	view          heicView
	file          heicItems
	tiles         []uint32 // of the file's pictures, row by row
	tileW, tileH  int
	open          map[int]image.Image
	order         []int // of the open ones, oldest first
	decode        func([]byte) (image.Image, error)
	err           error // of the first tile that could not be decoded
	last          int   // the tile that was asked for last, and
	lastColour    bool  // how
	lastTile      image.Image
}

// gridOf reads the boxes of a HEIC file whose picture is a grid of HEVC tiles,
// or one HEVC picture, which is a grid of one. It is false for all others, which
// the decoder does as a whole.
func gridOf(b []byte) (*tileGrid, bool) {
	f, ok := heicItemsOf(b)
	if !ok {
		return nil, false
	}
	g := &tileGrid{file: f, last: -1, open: map[int]image.Image{}}
	if f.kinds[f.primary] == "hvc1" {
		g.w, g.h, ok = f.size(f.primary)
		g.columns, g.rows, g.tiles, g.tileW, g.tileH = 1, 1, []uint32{f.primary}, g.w, g.h
		return g, ok && g.w*g.h <= MaxPixels && g.turned()
	}
	head, ok := f.data(f.primary)
	if f.kinds[f.primary] != "grid" {
		return nil, false
	}
	if !ok || len(head) < 8 {
		return nil, false
	}
	g.rows, g.columns = int(head[2])+1, int(head[3])+1
	if head[1]&1 != 0 {
		if len(head) < 12 {
			return nil, false
		}
		g.w, g.h = int(binary.BigEndian.Uint32(head[4:])), int(binary.BigEndian.Uint32(head[8:]))
	} else {
		g.w, g.h = int(binary.BigEndian.Uint16(head[4:])), int(binary.BigEndian.Uint16(head[6:]))
	}
	ids := f.parts[f.primary]
	if len(ids) != g.rows*g.columns || len(ids) > mostTiles || g.w < 1 || g.h < 1 || g.w > MaxSide || g.h > MaxSide || g.w*g.h > MaxPixels {
		return nil, false
	}
	for _, id := range ids {
		w, h, ok := f.size(id)
		if !ok || g.tileW > 0 && (w != g.tileW || h != g.tileH) {
			return nil, false
		}
		g.tileW, g.tileH = w, h
	}
	g.tiles = ids
	// The tiles cover the picture, and none lies outside of it.
	fits := func(tile, n, whole int) bool { return tile >= leastTile && tile*n >= whole && tile*(n-1) < whole }
	return g, fits(g.tileW, g.columns, g.w) && fits(g.tileH, g.rows, g.h) && g.tileW*g.tileH <= MaxPixels/2 && g.turned()
}

func (g *tileGrid) ColorModel() color.Model { return color.RGBAModel }

func (g *tileGrid) Bounds() image.Rectangle {
	return image.Rect(0, 0, g.view.w, g.view.h)
}

func (g *tileGrid) At(x, y int) color.Color {
	red, green, blue := g.colour(x, y)
	return color.RGBA{uint8(red), uint8(green), uint8(blue), 0xff}
}

// Luma and colour read a pixel without boxing it; see grey.Luma. A grid is read
// in one of the two ways only.
func (g *tileGrid) Luma(x, y int) uint32 {
	tile, x, y := g.tile(x, y, false)
	switch m := tile.(type) {
	case nil:
		return 0
	case *image.YCbCr:
		return uint32(m.Y[m.YOffset(x, y)])
	}
	return grey.Luma(tile)(x, y)
}

func (g *tileGrid) colour(x, y int) (red, green, blue uint32) {
	tile, x, y := g.tile(x, y, true)
	switch m := tile.(type) {
	case nil:
		return 0, 0, 0
	case *image.RGBA:
		p := m.Pix[m.PixOffset(x, y):]
		return uint32(p[0]), uint32(p[1]), uint32(p[2])
	}
	return colourReader(tile)(x, y)
}

// failed tells after reading why a part of the picture could not be decoded.
func (g *tileGrid) failed() error { return g.err }

// tile gives the tile of a pixel and where the pixel lies in it; nil where it
// could not be decoded.
func (g *tileGrid) tile(x, y int, colour bool) (image.Image, int, int) {
	if g.view.from != nil {
		x, y = g.view.from(x, y)
	}
	column, row := x/g.tileW, y/g.tileH
	n := row*g.columns + column
	if n != g.last || colour != g.lastColour {
		g.lastTile, g.last, g.lastColour = g.opened(n, colour), n, colour
	}
	return g.lastTile, x - column*g.tileW, y - row*g.tileH
}

// kept is how many tiles stay decoded: those of a row of the upright picture,
// and two where a block of pixels lies across the seam to the next row.
func (g *tileGrid) kept() int {
	if g.view.swap {
		return g.rows + 2
	}
	return g.columns + 2
}

// opened decodes a tile, unless it is one of those that are kept.
func (g *tileGrid) opened(n int, colour bool) image.Image {
	key := n
	if colour {
		key = -1 - n
	}
	if tile, ok := g.open[key]; ok {
		return tile
	}
	if g.err != nil {
		return nil
	}
	file, ok := g.file.alone(g.tiles[n], colour)
	if !ok {
		g.err = errors.New("a tile is not in the file")
		return nil
	}
	tile, err := g.decode(file)
	if err == nil && (tile.Bounds().Min != image.Point{} || tile.Bounds().Dx() < g.tileW || tile.Bounds().Dy() < g.tileH) {
		err = errors.New("a tile is smaller than it says")
	}
	if err != nil {
		g.err = err
		return nil
	}
	if len(g.order) >= g.kept() {
		delete(g.open, g.order[0])
		g.order = g.order[1:]
	}
	tile = ownPixels(tile)
	g.open[key], g.order = tile, append(g.order, key)
	return tile
}

// ownPixels copies a tile of the usual kind: what the decoder gives is a part of
// all the memory it used, which would be kept with it.
func ownPixels(img image.Image) image.Image {
	m, ok := img.(*image.YCbCr)
	if !ok {
		return ColourOf(img)
	}
	own := *m
	own.Y, own.Cb, own.Cr = slices.Clone(m.Y), slices.Clone(m.Cb), slices.Clone(m.Cr)
	return &own
}
