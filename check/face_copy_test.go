package check

import (
	"image"
	"math"
	"testing"

	"bonafide/face"
	"bonafide/kyc"
)

// pattern is a picture with a face in it, of the given side; its light follows
// phase.
func pattern(side int, phase float64) (image.Image, face.Face) {
	img := image.NewGray(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			u, v := float64(x)/float64(side)*20, float64(y)/float64(side)*20
			img.Pix[y*img.Stride+x] = uint8(128 + 30*math.Sin(u+phase*v) + 30*math.Sin(1.7*v-phase*u*u/9) + 30*math.Sin(0.9*u*phase+0.6*v))
		}
	}
	s := float64(side)
	f := face.Face{X: s / 4, Y: s / 4, W: s / 2, H: s / 2}
	for i, p := range [5]face.Point{{X: 0.38, Y: 0.4}, {X: 0.62, Y: 0.4}, {X: 0.5, Y: 0.54}, {X: 0.4, Y: 0.66}, {X: 0.6, Y: 0.66}} {
		f.Landmarks[i] = face.Point{X: p.X * s, Y: p.Y * s}
	}
	return img, f
}

// A small grey copy of the portrait is a stranger to nobody and stays below the
// cosine of one photograph.
func TestASmallCopyOfThePortraitIsNoSelfie(t *testing.T) {
	t.Parallel()
	portrait, at := pattern(400, 1)
	for name, c := range map[string]struct {
		side     int
		phase    float64
		raw      float64
		provider string
		want     kyc.Verdict
	}{
		"a small copy":                   {100, 1, 0.7, face.Local, kyc.VerdictReview},
		"a small copy, seen by another":  {100, 1, 99, "aws_rekognition", kyc.VerdictReview},
		"another photograph":             {100, 2.3, 0.7, face.Local, kyc.Pass},
		"another photograph, as another": {400, 2.3, 99, "aws_rekognition", kyc.Pass},
		"nearly the same numbers":        {400, 2.3, 0.95, face.Local, kyc.VerdictReview},
	} {
		selfie, on := pattern(c.side, c.phase)
		a := passed("faces_match", "the applicant's face is that of the portrait")
		tooAlike(&a, face.Comparison{Made: face.Made{Provider: c.provider}, Raw: c.raw, Portrait: at, Selfie: on}, portrait, selfie, false)
		if a.Verdict != c.want || codes(a)["selfie_is_portrait"] != (c.want != kyc.Pass) {
			t.Errorf("%s: %+v", name, a)
		}
	}
	// What did not match is not raised to a review.
	a := failed("faces_differ", "the applicant's face is not that of the portrait")
	tooAlike(&a, face.Comparison{Raw: 1, Portrait: at, Selfie: at}, portrait, portrait, true)
	if a.Verdict != kyc.Fail {
		t.Errorf("%+v", a)
	}
}
