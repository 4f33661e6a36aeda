package imagefile

import (
	"fmt"
	"image"
)

// ReadPGM reads the binary grey format of netpbm, which the decoding child and
// pdftoppm write; ok is false where the pixels are not there or are too many.
func ReadPGM(b []byte) (*image.Gray, bool) {
	w, h, ok := netpbm(b, "P5", 1)
	if !ok {
		return nil, false
	}
	return &image.Gray{Pix: b[len(b)-w*h:], Stride: w, Rect: image.Rect(0, 0, w, h)}, true
}

// ReadPPM reads the same in colour.
func ReadPPM(b []byte) (*image.RGBA, bool) {
	w, h, ok := netpbm(b, "P6", 3)
	if !ok {
		return nil, false
	}
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i, v := range b[len(b)-3*w*h:] {
		img.Pix[i/3*4+i%3] = v
	}
	for i := 3; i < len(img.Pix); i += 4 {
		img.Pix[i] = 0xff
	}
	return img, true
}

// netpbm reads the head of one of the two formats and makes sure that the
// pixels are there.
func netpbm(b []byte, magic string, bytesEach int) (w, h int, ok bool) {
	var high int
	n, err := fmt.Sscanf(string(b[:min(len(b), 64)]), magic+"\n%d %d\n%d\n", &w, &h, &high)
	ok = err == nil && n == 3 && high == 255 && w >= 1 && h >= 1 && w <= MaxSide && h <= MaxSide && len(b) >= bytesEach*w*h
	return w, h, ok
}
