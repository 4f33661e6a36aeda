package face

import (
	"context"
	"image"
	"math"

	"bonafide/kyc"
	"bonafide/model"
)

const (
	// tooFar is the part of the frame's width below which a face is too small
	// for a judgement; farPixels the same in pixels.
	tooFar    = 0.12
	farPixels = 48
	// minRoom is how many face boxes the frame must hold in each direction:
	// the face at most half of it. Below it the sample of a replayed video
	// scored up to 0.43 and more the tighter it was cut, from 0.002 whole.
	minRoom = 2.0
)

// Reasons why a picture allows no judgement of liveness.
const (
	FaceTooClose = "face_too_close"
	FaceTooFar   = "face_too_far"
	FaceNotFound = "face_not_found"
	SeveralFaces = "several_faces"
)

// Alive judges the look of one upright picture with two networks that see the
// face in nearer and wider surroundings; Raw is their mean. Where the
// surroundings do not fit into the frame nothing is judged: a tight crop gives
// low numbers that mean nothing. It is no certified detector of presentation
// attacks (ISO/IEC 30107-3).
func (e *Engine) Alive(ctx context.Context, selfie image.Image) (Aliveness, *kyc.Error) {
	f, err := newFrame(selfie)
	if err != nil {
		return Aliveness{}, err
	}
	faces, err := e.find(ctx, f)
	if err != nil {
		return Aliveness{}, err
	}
	return e.alive(ctx, f, faces)
}

func (e *Engine) alive(ctx context.Context, f *frame, faces []Face) (Aliveness, *kyc.Error) {
	a, err := e.net(ctx, model.AntispoofA)
	if err != nil {
		return Aliveness{}, err
	}
	b, err := e.net(ctx, model.AntispoofB)
	if err != nil {
		return Aliveness{}, err
	}
	out := Aliveness{Made: Made{Provider: Local, Model: a.entry.ID() + " + " + b.entry.ID(), Calibration: "mean of two"}}
	if out.Reason = assessable(f, faces); out.Reason != "" {
		return out, nil
	}
	for _, n := range []*loaded{a, b} {
		live, err := e.living(ctx, n, f, faces[0])
		if err != nil {
			return Aliveness{}, err
		}
		out.Raw += live / 2
	}
	out.Assessable, out.Confidence = true, 100*out.Raw
	return out, nil
}

// assessable says why a picture cannot be judged; "" where it can.
func assessable(f *frame, faces []Face) string {
	switch {
	case len(faces) == 0:
		return FaceNotFound
	case len(faces) > 1 && faces[1].W >= otherFace*faces[0].W:
		return SeveralFaces
	}
	face := faces[0]
	switch {
	case face.W < farPixels || face.W < tooFar*float64(f.w):
		return FaceTooFar
	case room(f, face) < minRoom:
		return FaceTooClose
	}
	return ""
}

// room is how many face boxes the frame holds, in the direction it holds
// fewer.
func room(f *frame, face Face) float64 {
	return min(float64(f.w-1)/face.W, float64(f.h-1)/face.H)
}

// living is one network's probability of a living face. A crop that does not
// fit is made smaller and moved into the frame, as the publisher does.
func (e *Engine) living(ctx context.Context, n *loaded, f *frame, face Face) (float64, *kyc.Error) {
	s := min(n.entry.Crop, room(f, face))
	w, h := face.W*s, face.H*s
	x := min(max(face.X+face.W/2-w/2, 0), float64(f.w)-w)
	y := min(max(face.Y+face.H/2-h/2, 0), float64(f.h)-h)
	in := n.room()
	f.crop(x, y, w, h, n.entry.Input.Width, n.entry.Input.Height, in, n.order())
	v, err := e.one(ctx, n, in)
	if err != nil {
		return 0, err
	}
	if n.entry.Output.Softmax {
		softmax(v)
	}
	return unit(v[n.entry.Output.Live]), nil
}

// softmax turns scores into probabilities.
func softmax(v []float32) {
	top := v[0]
	for _, x := range v {
		top = max(top, x)
	}
	var sum float64
	for i, x := range v {
		v[i] = float32(math.Exp(float64(x - top)))
		sum += float64(v[i])
	}
	for i := range v {
		v[i] = float32(float64(v[i]) / sum)
	}
}
