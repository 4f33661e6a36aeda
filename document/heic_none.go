//go:build noheic

package document

import (
	"errors"
	"image"
)

// withHEIC: this program was built without the HEIC decoder.
const withHEIC = false

func decodeHEIC([]byte) (image.Image, error) { return nil, errors.New("built without HEIC") }
