package provider

import (
	"bytes"
	"image"
	"image/jpeg"

	"golang.org/x/image/draw"

	"bonafide/kyc"
)

// maxPicture is the size in bytes that Rekognition and Textract take inline
// (5 MB by their documentation); the published protocol keeps to it, too.
const maxPicture = 5 << 20

// maxSide is the longest side in pixels that is sent. A face of a document is
// read no better from more.
const maxSide = 4096

// encoded writes a picture as JPEG of at most maxPicture bytes, losing quality
// before size. Whatever the applicant's file carried besides pixels (place,
// camera, comments) does not leave.
func encoded(img image.Image) ([]byte, *kyc.Error) {
	if img == nil || img.Bounds().Empty() {
		return nil, kyc.Errorf(kyc.Invalid, "image_malformed", "the picture has no pixels")
	}
	b := img.Bounds()
	scale := min(1, float64(maxSide)/float64(max(b.Dx(), b.Dy())))
	for range 8 {
		sent := img
		if scale < 1 {
			small := image.NewRGBA(image.Rect(0, 0, max(1, int(float64(b.Dx())*scale)), max(1, int(float64(b.Dy())*scale))))
			draw.BiLinear.Scale(small, small.Bounds(), img, b, draw.Src, nil)
			sent = small
		}
		for _, quality := range []int{92, 85, 75} {
			var out bytes.Buffer
			if err := jpeg.Encode(&out, sent, &jpeg.Options{Quality: quality}); err != nil {
				return nil, kyc.Errorf(kyc.Invalid, "image_malformed", "the picture cannot be written as JPEG")
			}
			if out.Len() <= maxPicture {
				return out.Bytes(), nil
			}
		}
		scale *= 0.7
	}
	return nil, kyc.Errorf(kyc.TooLarge, "image_too_large", "the picture cannot be made small enough to send")
}

// jpegOf looks at a frame that a service gave: it must be a JPEG of a sensible
// size.
func jpegOf(b []byte) bool {
	c, err := jpeg.DecodeConfig(bytes.NewReader(b))
	return err == nil && c.Width > 0 && c.Height > 0 && c.Width*c.Height <= 50_000_000
}
