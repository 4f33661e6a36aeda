//go:build noheic

package imagefile

import (
	"errors"
	"image"
)

// HasHEIC: this program was built without the HEIC decoder.
const HasHEIC = false

func decodeHEIC([]byte) (image.Image, error) { return nil, errors.New("built without HEIC") }
