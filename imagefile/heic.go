//go:build !noheic

package imagefile

import (
	"bytes"
	"errors"
	"image"

	"github.com/gen2brain/heic"
)

// HasHEIC tells whether this program can open HEIC pictures. The decoder
// (libheif and libde265 as Go) is under the LGPL; the build tag noheic leaves
// it out.
const HasHEIC = true

// decodeHEIC decodes the first picture of a HEIC file. The decoder applies the
// file's own rotation (irot, imir), which is what counts there: ISO/IEC
// 23008-12 makes EXIF's orientation a mere note.
//
// It runs in the decoding child only: the library's memory is not checked at
// each access, and it knows no limit of its own.
//
// A grid of tiles comes back undecoded: its tiles are decoded as its pixels are
// read (see tileGrid).
func decodeHEIC(b []byte) (image.Image, error) {
	// A shared library of the system may be of any age; the built-in one is
	// the one that was tested. The child does nothing else, so nobody else
	// sees the variable change.
	heic.ForceWasmMode = true
	if grid, ok := gridOf(b); ok {
		grid.decode = wholeHEIC
		return grid, nil
	}
	img, err := wholeHEIC(b)
	if m, ok := img.(*image.YCbCr); ok && err == nil {
		return &brightness{YCbCr: m}, nil
	}
	return img, err
}

// brightness is a picture whose colours were not copied (see heicItems.alone):
// who asks for them gets none, and an error.
type brightness struct {
	*image.YCbCr
	asked bool
}

func (b *brightness) Luma(x, y int) uint32 { return uint32(b.Y[b.YOffset(x, y)]) }

func (b *brightness) colour(int, int) (red, green, blue uint32) {
	b.asked = true
	return 0, 0, 0
}

func (b *brightness) failed() error {
	if b.asked {
		return errors.New("the colours of the picture cannot be had")
	}
	return nil
}

// freedBytes is how much of a picture the library's allocator has written over
// by the time it is handed out: the pixels are freed before they are read.
const freedBytes = 24

// wholeHEIC decodes a file as one picture. The first few pixels, which are lost
// (see freedBytes), are those of the second row.
func wholeHEIC(b []byte) (image.Image, error) {
	img, err := heic.Decode(bytes.NewReader(b))
	mend := func(pix []byte, stride int) {
		if stride >= freedBytes && len(pix) >= stride+freedBytes {
			copy(pix[:freedBytes], pix[stride:])
		}
	}
	switch m := img.(type) {
	case *image.YCbCr:
		mend(m.Y, m.YStride)
	case *image.Gray:
		mend(m.Pix, m.Stride)
	case *image.RGBA:
		mend(m.Pix, m.Stride)
	case *image.NRGBA:
		mend(m.Pix, m.Stride)
	}
	return img, err
}
