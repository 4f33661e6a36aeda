package face

import (
	"context"
	"image"

	"bonafide/kyc"
	"bonafide/model"
)

// EstimateAge estimates the age in years, 0-120, of the one face of a selfie.
// Faces on documents are too small for it: errors of 4 to 25 years were
// measured there.
func (e *Engine) EstimateAge(ctx context.Context, selfie image.Image) (Age, *kyc.Error) {
	f, face, err := e.face(ctx, selfie, "selfie", true)
	if err != nil {
		return Age{}, err
	}
	return e.age(ctx, f, face)
}

func (e *Engine) age(ctx context.Context, f *frame, face Face) (Age, *kyc.Error) {
	n, err := e.net(ctx, model.Age)
	if err != nil {
		return Age{}, err
	}
	// A square around the box, as the publisher's network takes it.
	side := max(face.W, face.H) * n.entry.Crop
	x, y := face.X+face.W/2-side/2, face.Y+face.H/2-side/2
	w, h := n.entry.Input.Width, n.entry.Input.Height
	in := n.room()
	m := similarity{a: complex(float64(w)/side, 0)}
	m.b = -m.a * complex(x, y)
	f.warp(m, w, h, in, n.order())
	v, err := e.one(ctx, n, in)
	if err != nil {
		return Age{}, err
	}
	return Age{Made: n.made(), Years: min(max(years(n.entry.Output, v), 0), 120)}, nil
}

// years reads the network's answer: the age itself, or the chances of classes,
// of which the mean is taken; no number where no class has a chance.
func years(o model.Output, v []float32) float64 {
	if len(o.Bins) == 0 {
		return float64(v[0])
	}
	if o.Softmax {
		softmax(v)
	}
	var sum, weight float64
	for i, p := range v {
		sum += max(float64(p), 0) * o.Bins[i]
		weight += max(float64(p), 0)
	}
	return sum / weight // NaN, which nobody takes for an age
}
