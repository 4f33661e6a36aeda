package face

import (
	"context"
	"fmt"
	"image"
	"math"

	"bonafide/kyc"
	"bonafide/model"
)

const (
	// minWidth is the narrowest face in pixels that is compared; below it the
	// measured false non-match passes a tenth (docs/accuracy.md).
	minWidth = 40
	// otherFace is the part of the largest face's width from which another
	// face is somebody who stands there too, not a passer-by.
	otherFace = 0.4
)

// Template of the one face of an upright picture, of unit length. Passers-by, whose
// faces are below 0.4 of its width, do not count. Errors: Invalid face_not_found,
// several_faces, face_too_small (path /picture), Unavailable.
func (e *Engine) Template(ctx context.Context, picture image.Image) (Template, *kyc.Error) {
	t, _, err := e.template(ctx, picture, "picture", true)
	return t, err
}

// Compare compares the largest face of a document's picture with the one face
// of a selfie.
func (e *Engine) Compare(ctx context.Context, portrait, selfie image.Image) (Comparison, *kyc.Error) {
	a, fa, err := e.template(ctx, portrait, "portrait", false)
	if err != nil {
		return Comparison{}, err
	}
	b, fb, err := e.template(ctx, selfie, "selfie", true)
	if err != nil {
		return Comparison{}, err
	}
	c, err := e.Likeness(a, b)
	c.Portrait, c.Selfie = fa, fb
	return c, err
}

// Likeness compares two templates; it needs no network. Errors: Invalid
// template_model_differs, template_invalid; Unavailable face_not_configured
// when nobody knows the model's calibration any more.
func (e *Engine) Likeness(a, b Template) (Comparison, *kyc.Error) {
	if a.Model != b.Model || len(a.Vector) != len(b.Vector) {
		return Comparison{}, kyc.Errorf(kyc.Invalid, "template_model_differs", "the two templates come from different models and cannot be compared")
	}
	entry, ok := e.o.Models.Lookup(model.FaceTemplate, a.Model)
	if !ok {
		return Comparison{}, kyc.Errorf(kyc.Unavailable, "face_not_configured", "the templates' model is in no manifest any more")
	}
	cos, ok := cosine(a.Vector, b.Vector)
	if !ok {
		return Comparison{}, kyc.Errorf(kyc.Invalid, "template_invalid", "a template is damaged")
	}
	c := entry.Calibration
	return Comparison{Made: Made{Provider: Local, Model: a.Model, Calibration: c.ID}, Raw: cos, Score: likeness(c, cos)}, nil
}

// likeness is the logistic curve through the calibration's point, written so
// that the point itself is exact.
func likeness(c model.Calibration, cos float64) float64 {
	return 1 / (1 + (1-c.Gives)/c.Gives*math.Exp(-c.Slope*(cos-c.At)))
}

// Cosine is the inverse of Likeness: the cosine from which two templates of a
// model are as alike as that, 0-1. Errors: Unavailable face_not_configured.
func (e *Engine) Cosine(modelID string, like float64) (float64, *kyc.Error) {
	entry, ok := e.o.Models.Lookup(model.FaceTemplate, modelID)
	if !ok {
		return 0, kyc.Errorf(kyc.Unavailable, "face_not_configured", "the templates' model is in no manifest any more")
	}
	return cosineOf(entry.Calibration, like), nil
}

// cosineOf is likeness turned round; -Inf and +Inf at 0 and 1.
func cosineOf(c model.Calibration, like float64) float64 {
	return c.At - math.Log((1/like-1)*c.Gives/(1-c.Gives))/c.Slope
}

// cosine of two vectors; false where one has no length or is no number.
func cosine(a, b []float32) (float64, bool) {
	var ab, aa, bb float64
	for i := range a {
		x, y := float64(a[i]), float64(b[i])
		ab += x * y
		aa += x * x
		bb += y * y
	}
	n := math.Sqrt(aa) * math.Sqrt(bb)
	if !(n > 0) || math.IsInf(n, 0) {
		return 0, false
	}
	return min(max(ab/n, -1), 1), true
}

// template finds the face that counts and encodes it.
func (e *Engine) template(ctx context.Context, picture image.Image, what string, alone bool) (Template, Face, *kyc.Error) {
	f, face, err := e.face(ctx, picture, what, alone)
	if err != nil {
		return Template{}, Face{}, err
	}
	t, err := e.encode(ctx, f, face, what)
	return t, face.scaled(float64(f.by), 0, 0), err
}

// face finds the largest face of a picture; alone: there may be no other.
func (e *Engine) face(ctx context.Context, picture image.Image, what string, alone bool) (*frame, Face, *kyc.Error) {
	f, faces, err := e.faces(ctx, picture, what, alone)
	if err != nil {
		return nil, Face{}, err
	}
	return f, faces[0], nil
}

// faces finds the faces of a picture, the largest first, of which that one counts;
// alone: there may be no other. What is called portrait is on a document, which may
// lie on its side.
func (e *Engine) faces(ctx context.Context, picture image.Image, what string, alone bool) (*frame, []Face, *kyc.Error) {
	f, err := newFrame(picture)
	if err != nil {
		return nil, nil, err
	}
	look := e.find
	if what == "portrait" {
		look = e.findTurned
	}
	faces, err := look(ctx, f)
	switch {
	case err != nil:
		return nil, nil, err
	case len(faces) == 0:
		return nil, nil, about(what, "face_not_found", "no face was found on the %s")
	case alone && len(faces) > 1 && faces[1].W >= otherFace*faces[0].W:
		return nil, nil, about(what, "several_faces", "more than one face is on the %s; there must be one")
	case faces[0].W < minWidth:
		return nil, nil, about(what, "face_too_small", fmt.Sprintf("the face on the %%s is narrower than %d pixels; a larger picture is needed", minWidth))
	}
	return f, faces, nil
}

// encode straightens a face by its landmarks and runs the network.
func (e *Engine) encode(ctx context.Context, f *frame, face Face, what string) (Template, *kyc.Error) {
	n, err := e.net(ctx, model.FaceTemplate)
	if err != nil {
		return Template{}, err
	}
	w, h := n.entry.Input.Width, n.entry.Input.Height
	reference := make([]Point, len(n.entry.Points))
	for i, p := range n.entry.Points {
		reference[i] = Point{p[0] * float64(w), p[1] * float64(h)}
	}
	m, ok := fit(face.Landmarks[:], reference)
	if !ok {
		return Template{}, about(what, "face_not_found", "no face could be made out on the %s")
	}
	in := n.room()
	f.warp(m, w, h, in, n.order())
	v, err := e.one(ctx, n, in)
	if err != nil {
		return Template{}, err
	}
	if !normalise(v) {
		return Template{}, failed(fmt.Errorf("the template of %s has no length", n.entry.Name))
	}
	return Template{Model: n.entry.ID(), Vector: v}, nil
}

// normalise makes a vector one of unit length.
func normalise(v []float32) bool {
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	if !(sum > 0) || math.IsInf(sum, 0) {
		return false
	}
	n := float32(1 / math.Sqrt(sum))
	for i := range v {
		v[i] *= n
	}
	return true
}

// about is an error that names the picture it is about.
func about(what, code, message string) *kyc.Error {
	m := fmt.Sprintf(message, what)
	return kyc.InvalidInput(code, m, []kyc.Problem{{Path: "/" + what, Code: code, Message: m}})
}
