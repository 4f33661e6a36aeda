package face

import (
	"context"
	"image"
	"math"
	"slices"

	"bonafide/kyc"
	"bonafide/model"
)

// mostOthers bounds how many other faces of a picture are compared; each costs
// some 16 ms.
const mostOthers = 8

var _ Onlookers = (*Engine)(nil)

// Others finds the faces of a document's picture, the largest first, and how alike
// they are to that one and to the one face of a selfie. Other faces narrower than 40
// pixels are left out: they cannot be compared, and a document whose portrait is that
// small is none that could be.
func (e *Engine) Others(ctx context.Context, portrait, selfie image.Image, wide bool) ([]Other, *kyc.Error) {
	f, faces, err := e.faces(ctx, portrait, "portrait", false)
	if err != nil {
		return nil, err
	}
	if wide {
		if faces, err = e.everywhere(ctx, f, faces); err != nil {
			return nil, err
		}
	}
	first, err := e.encode(ctx, f, faces[0], "portrait")
	if err != nil {
		return nil, err
	}
	second, _, err := e.template(ctx, selfie, "selfie", true)
	if err != nil {
		return nil, err
	}
	var out []Other
	for _, face := range faces {
		if face.W < minWidth || len(out) > mostOthers {
			continue
		}
		t, err := e.encode(ctx, f, face, "portrait")
		if err != nil {
			return nil, err
		}
		toPortrait, err := e.Likeness(t, first)
		if err != nil {
			return nil, err
		}
		toSelfie, err := e.Likeness(t, second)
		if err != nil {
			return nil, err
		}
		out = append(out, Other{Face: face.scaled(float64(f.by), 0, 0), Portrait: toPortrait.Score, Selfie: toSelfie.Score})
	}
	return out, nil
}

// everywhere adds what the usual look at a frame leaves out: faces too small for it
// beside a larger one, and in the three other turns of the picture those that are
// surely one, for a document may lie on its side before somebody who does not. What
// lies over a face that is known is that face, seen wrongly; and so are less sure
// finds of the turn in which the first face does not stand upright. The first face
// stays the first.
func (e *Engine) everywhere(ctx context.Context, f *frame, faces []Face) ([]Face, *kyc.Error) {
	n, err := e.net(ctx, model.FaceDetection)
	if err != nil {
		return nil, err
	}
	more, err := e.findSmall(ctx, n, f)
	if err != nil {
		return nil, err
	}
	if !faces[0].upright() {
		more = slices.DeleteFunc(more, func(face Face) bool { return face.Score < sureFace })
	}
	g := f
	for k := 1; k < 4; k++ {
		g = g.quarter()
		turned, err := e.detect(ctx, n, g, float64(n.entry.Input.Width)/float64(max(g.w, g.h)), 0, 0)
		if err != nil {
			return nil, err
		}
		for _, face := range turned {
			if face.Score < sureFace { // print, or an upright face seen wrongly
				continue
			}
			for i := range k { // the width of the turned frame alternates
				face = face.unquarter([2]int{g.w, g.h}[i%2])
			}
			more = append(more, face)
		}
	}
	out := slices.Clone(faces)
	for _, face := range distinct(more) {
		if !slices.ContainsFunc(out, face.over) {
			out = append(out, face)
		}
	}
	slices.SortStableFunc(out[1:], func(a, b Face) int { return compare(b.W*b.H, a.W*a.H) })
	return out, nil
}

// overLimit is the part of the smaller of two faces that lies in the other from which
// they are one, seen in two turns: its box is somewhat elsewhere in each.
const overLimit = 0.25

// over reports whether two finds of different turns are one face.
func (f Face) over(o Face) bool {
	w := min(f.X+f.W, o.X+o.W) - max(f.X, o.X)
	h := min(f.Y+f.H, o.Y+o.H) - max(f.Y, o.Y)
	return w > 0 && h > 0 && w*h > overLimit*min(f.W*f.H, o.W*o.H)
}

// upright reports whether the mouth of a face is rather below its eyes than beside or
// above them.
func (f Face) upright() bool {
	l := f.Landmarks
	dx, dy := l[3].X+l[4].X-l[0].X-l[1].X, l[3].Y+l[4].Y-l[0].Y-l[1].Y
	return dy > 0 && dy > math.Abs(dx)
}
