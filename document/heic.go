//go:build !noheic

package document

import (
	"bytes"
	"image"

	"github.com/gen2brain/heic"
)

// withHEIC tells whether this program can open HEIC pictures. The decoder
// (libheif and libde265 as Go) is under the LGPL; the build tag noheic leaves
// it out.
const withHEIC = true

// decodeHEIC decodes the first picture of a HEIC file. The decoder applies the
// file's own rotation (irot, imir), which is what counts there: ISO/IEC
// 23008-12 makes EXIF's orientation a mere note.
//
// It runs in the decoding child only: the library's memory is not checked at
// each access, and it knows no limit of its own.
func decodeHEIC(b []byte) (image.Image, error) {
	// A shared library of the system may be of any age; the built-in one is
	// the one that was tested. The child does nothing else, so nobody else
	// sees the variable change.
	heic.ForceWasmMode = true
	return heic.Decode(bytes.NewReader(b))
}
