package provider

import (
	"cmp"
	"context"
	"image"
	"math"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/rekognition"
	"github.com/aws/aws-sdk-go-v2/service/rekognition/types"

	"bonafide/face"
	"bonafide/kyc"
)

// serviceFaces names Rekognition among the breakers.
const serviceFaces = "rekognition"

// Rekognition says nothing of its model with these answers; the version of its
// interface stands for it.
const (
	compareModel = "CompareFaces " + rekognition.ServiceAPIVersion
	detectModel  = "DetectFaces " + rekognition.ServiceAPIVersion
)

// minFace is the width in pixels below which a face is not judged by
// (documents.md, section 4), and rival how wide another face may be beside the
// largest before nobody can say whose picture it is.
const (
	minFace = 40
	rival   = 0.5
)

// Compare asks CompareFaces without a threshold, so that a weak likeness comes
// back with its number. Of several faces on the selfie the largest counts, never
// the most alike: the document itself may be in the picture.
func (a *AWS) Compare(ctx context.Context, portrait, selfie image.Image) (face.Comparison, *kyc.Error) {
	source, target, err := bothEncoded(portrait, selfie)
	if err != nil {
		return face.Comparison{}, err
	}
	first, all, noFace, err := a.alike(ctx, source, target, portrait, selfie)
	c := face.Comparison{Made: face.Made{Provider: kyc.ProviderRekognition, Model: compareModel, Calibration: similarityCalibration}, Portrait: first}
	switch {
	case err != nil:
		return c, err
	case noFace:
		return face.Comparison{}, a.faceless(ctx, source, target)
	}
	switch {
	case len(all) == 0:
		return c, aboutPicture("face_not_found", "/selfie")
	case len(all) > 1 && all[1].W >= rival*all[0].W:
		return c, aboutPicture("several_faces", "/selfie")
	case c.Portrait.W < minFace:
		return c, aboutPicture("face_too_small", "/portrait")
	case all[0].W < minFace:
		return c, aboutPicture("face_too_small", "/selfie")
	}
	c.Selfie, c.Raw, c.Score = all[0].Face, all[0].similarity, similarityScore(all[0].similarity)
	return c, nil
}

// bothEncoded gives a portrait and a selfie as they are sent.
func bothEncoded(portrait, selfie image.Image) (first, second []byte, err *kyc.Error) {
	if first, err = encoded(portrait); err != nil {
		return nil, nil, at(err, "/portrait")
	}
	if second, err = encoded(selfie); err != nil {
		return nil, nil, at(err, "/selfie")
	}
	return first, second, nil
}

// faceless finds out on which of two pictures there is no face: CompareFaces
// answers InvalidParameterException for either, and for faults of ours.
func (a *AWS) faceless(ctx context.Context, portrait, selfie []byte) *kyc.Error {
	for _, p := range []struct {
		at    string
		bytes []byte
	}{{"/selfie", selfie}, {"/portrait", portrait}} {
		out, err := a.detect(ctx, p.bytes)
		if err != nil {
			return err
		}
		if len(out.FaceDetails) == 0 {
			return aboutPicture("face_not_found", p.at)
		}
	}
	return fails(codeRefused, "AWS refuses the question (InvalidParameterException) although both pictures have a face")
}

func (a *AWS) detect(ctx context.Context, picture []byte, attributes ...types.Attribute) (*rekognition.DetectFacesOutput, *kyc.Error) {
	var out *rekognition.DetectFacesOutput
	err := a.call(ctx, serviceFaces, func(ctx context.Context) (e error) {
		out, e = a.faces.DetectFaces(ctx, &rekognition.DetectFacesInput{Image: &types.Image{Bytes: picture}, Attributes: attributes})
		return e
	})
	if err == nil && out.FaceDetails == nil { // no faces are an empty list
		err = fails(codeInvalid, "the answer of DetectFaces has another shape")
	}
	return out, err
}

// EstimateAge asks DetectFaces for the range of ages of the largest face; Years
// is its middle.
func (a *AWS) EstimateAge(ctx context.Context, selfie image.Image) (face.Age, *kyc.Error) {
	picture, err := encoded(selfie)
	if err != nil {
		return face.Age{}, at(err, "/selfie")
	}
	out, err := a.detect(ctx, picture, types.AttributeDefault, types.AttributeAgeRange)
	if err != nil {
		return face.Age{}, err
	}
	type found struct {
		face.Face
		types.FaceDetail
	}
	var all []found
	for _, d := range out.FaceDetails {
		f, ok := placed(d.BoundingBox, d.Confidence, selfie)
		if !ok {
			return face.Age{}, fails(codeInvalid, "the answer of DetectFaces has a face without a place")
		}
		all = append(all, found{f, d})
	}
	slices.SortStableFunc(all, func(x, y found) int { return cmp.Compare(y.W*y.H, x.W*x.H) })
	switch {
	case len(all) == 0:
		return face.Age{}, aboutPicture("face_not_found", "/selfie")
	case len(all) > 1 && all[1].W >= rival*all[0].W:
		return face.Age{}, aboutPicture("several_faces", "/selfie")
	case all[0].W < minFace:
		return face.Age{}, aboutPicture("face_too_small", "/selfie")
	}
	r := all[0].AgeRange
	if r == nil || r.Low == nil || r.High == nil || *r.Low < 0 || *r.High > 150 || *r.Low > *r.High {
		return face.Age{}, fails(codeInvalid, "the answer of DetectFaces has no possible range of ages")
	}
	age := face.Age{Made: face.Made{Provider: kyc.ProviderRekognition, Model: detectModel}, Low: float64(*r.Low), High: float64(*r.High)}
	age.Years = (age.Low + age.High) / 2
	if q := all[0].Quality; q != nil && within(q.Brightness, 0, 100) && within(q.Sharpness, 0, 100) {
		age.Look = &face.Look{Brightness: float64(*q.Brightness), Sharpness: float64(*q.Sharpness)}
	}
	return age, nil
}

// placed is a face in pixels of the picture it was found on.
func placed(b *types.BoundingBox, confidence *float32, on image.Image) (face.Face, bool) {
	if b == nil || b.Width == nil || b.Height == nil || !within(b.Left, -2, 2) || !within(b.Top, -2, 2) || !within(b.Width, 0, 4) || !within(b.Height, 0, 4) {
		return face.Face{}, false
	}
	size := on.Bounds()
	w, h := float64(size.Dx()), float64(size.Dy())
	f := face.Face{X: float64(*b.Left) * w, Y: float64(*b.Top) * h, W: float64(*b.Width) * w, H: float64(*b.Height) * h}
	if within(confidence, 0, 100) {
		f.Score = float64(*confidence) / 100
	}
	return f, true
}

// within reports whether a service gave a number, and one of a range.
func within(v *float32, low, high float64) bool {
	return v != nil && !math.IsNaN(float64(*v)) && float64(*v) >= low && float64(*v) <= high
}

// at says which picture an error is about.
func at(err *kyc.Error, path string) *kyc.Error {
	err.Problems = []kyc.Problem{{Path: path, Code: err.Code, Message: err.Message}}
	return err
}
