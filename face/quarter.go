package face

import (
	"context"

	"bonafide/kyc"
)

// sureFace is the certainty from which a face need not be looked for in a
// document that is turned. Upright portraits of the specimens in the data folder
// gave 0.91 to 0.95 (one 0.80), and what was taken for a face on the same pages
// turned by a quarter or a half at most 0.88.
const sureFace = 0.9

// findTurned finds the faces of a document that may lie on its side or upside
// down: where the surest face is not sure enough, the picture is looked at in
// all four quarter turns, and the faces of the turn with the surest one are
// given, in places of the picture as it is. Errors: as of Find.
func (e *Engine) findTurned(ctx context.Context, f *frame) ([]Face, *kyc.Error) {
	upright, err := e.find(ctx, f)
	if err != nil || surest(upright) >= sureFace {
		return upright, err
	}
	g, best := f, upright
	for k := 1; k < 4; k++ {
		g = g.quarter()
		faces, err := e.find(ctx, g)
		if err != nil {
			return nil, err
		}
		if surest(faces) <= surest(best) || len(upright) > 0 && surest(faces) < sureFace {
			continue
		}
		best = best[:0:0]
		for _, face := range faces {
			for i := range k { // the width of the turned frame alternates
				face = face.unquarter([2]int{g.w, g.h}[i%2])
			}
			best = append(best, face)
		}
	}
	return best, nil
}

// surest is the certainty of the surest face; 0 where there is none.
func surest(faces []Face) float64 {
	top := 0.0
	for _, f := range faces {
		top = max(top, f.Score)
	}
	return top
}

// quarter is the frame turned clockwise by 90 degrees.
func (f *frame) quarter() *frame {
	out := &frame{w: f.h, h: f.w, by: f.by, pix: make([]uint8, len(f.pix))}
	for y := range f.h {
		for x := range f.w {
			copy(out.pix[(x*out.w+f.h-1-y)*3:][:3], f.pix[(y*f.w+x)*3:][:3])
		}
	}
	return out
}

// unquarter gives a face of a frame that was turned clockwise, w pixels wide, as
// it lies on the frame before that turn. Box and landmarks are turned; the box
// stays level.
func (f Face) unquarter(w int) Face {
	wide := float64(w)
	out := Face{X: f.Y, Y: wide - f.X - f.W, W: f.H, H: f.W, Score: f.Score}
	for i, p := range f.Landmarks {
		out.Landmarks[i] = Point{p.Y, wide - p.X}
	}
	return out
}
