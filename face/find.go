package face

import (
	"context"
	"fmt"
	"image"
	"math"
	"slices"

	"bonafide/kyc"
	"bonafide/model"
)

const (
	// faceScore is the certainty from which something is a face.
	faceScore = 0.7
	// overlapLimit is the overlap (intersection over union) from which two
	// finds are one face; insideLimit the part of the smaller one that lies in
	// the larger.
	overlapLimit = 0.3
	insideLimit  = 0.7
	// maxFaces is how many are kept.
	maxFaces = 50
)

// Find gives the faces of an upright picture, the largest first, in pixels of
// the picture. The picture is looked at in two sizes, and in parts where
// nothing was found. No face is no error. Errors: Invalid image_empty,
// TooLarge image_too_large; Unavailable face_not_configured, face_failed, or
// the context's end.
func (e *Engine) Find(ctx context.Context, img image.Image) ([]Face, *kyc.Error) {
	f, err := newFrame(img)
	if err != nil {
		return nil, err
	}
	faces, err := e.find(ctx, f)
	for i := range faces {
		faces[i] = faces[i].scaled(float64(f.by), 0, 0)
	}
	return faces, err
}

// find works in pixels of the frame.
func (e *Engine) find(ctx context.Context, f *frame) ([]Face, *kyc.Error) {
	n, err := e.net(ctx, model.FaceDetection)
	if err != nil {
		return nil, err
	}
	side := n.entry.Input.Width
	var found []Face
	for _, size := range []int{side, side / 2} {
		s := float64(size) / float64(max(f.w, f.h))
		faces, err := e.detect(ctx, n, f, s, 0, 0)
		if err != nil {
			return nil, err
		}
		found = append(found, faces...)
	}
	if len(found) == 0 {
		if found, err = e.findSmall(ctx, n, f); err != nil {
			return nil, err
		}
	}
	return distinct(found), nil
}

// findSmall looks at a frame in twice the size, in parts that overlap by half.
func (e *Engine) findSmall(ctx context.Context, n *loaded, f *frame) ([]Face, *kyc.Error) {
	side := n.entry.Input.Width
	var found []Face
	if max(f.w, f.h) > side {
		s := 2 * float64(side) / float64(max(f.w, f.h))
		step := float64(side) / s / 2
		for y := 0.0; y == 0 || y+step < float64(f.h); y += step {
			for x := 0.0; x == 0 || x+step < float64(f.w); x += step {
				faces, err := e.detect(ctx, n, f, s, x, y)
				if err != nil {
					return nil, err
				}
				found = append(found, faces...)
			}
		}
	}
	return found, nil
}

// detect looks at the part of the frame that begins at x, y and fits into the
// network's square at scale s.
func (e *Engine) detect(ctx context.Context, n *loaded, f *frame, s, x, y float64) ([]Face, *kyc.Error) {
	side := n.entry.Input.Width
	in := make([]float32, 3*side*side)
	by := max(1, int(1/s))
	small := f.reduced(by)
	order := n.order()
	rs := s * float64(by)
	w := min(side, int(math.Ceil((float64(f.w)-x)*s)))
	h := min(side, int(math.Ceil((float64(f.h)-y)*s)))
	xs, ys := make([]float64, w), make([]float64, h)
	for i := range xs {
		xs[i] = x/float64(by) + (float64(i)+0.5)/rs - 0.5
	}
	for i := range ys {
		ys[i] = y/float64(by) + (float64(i)+0.5)/rs - 0.5
	}
	small.grid(xs, ys, in, side, side*side, order)
	n.center(in)
	out, err := e.run(ctx, n, in)
	if err != nil {
		return nil, err
	}
	faces, wrong := decode(out, side)
	if wrong != nil {
		return nil, failed(wrong)
	}
	for i := range faces {
		faces[i] = faces[i].scaled(1/s, x, y)
	}
	return faces, nil
}

// decode reads YuNet's answer: at each place of three grids the chance of a
// face, the chance of an object, its box and its landmarks, as OpenCV's
// FaceDetectorYN reads them.
func decode(out map[string][]float32, side int) ([]Face, error) {
	var faces []Face
	for _, stride := range []int{8, 16, 32} {
		n := side / stride
		part := func(name string, each int) []float32 {
			if v := out[fmt.Sprintf("%s_%d", name, stride)]; len(v) == n*n*each {
				return v
			}
			return nil
		}
		class, object, box, marks := part("cls", 1), part("obj", 1), part("bbox", 4), part("kps", 10)
		if class == nil || object == nil || box == nil || marks == nil {
			return nil, fmt.Errorf("the detector's answer at stride %d has another shape", stride)
		}
		for i := range n * n {
			score := math.Sqrt(unit(class[i]) * unit(object[i]))
			if !(score >= faceScore) { // NaN is no face
				continue
			}
			col, row, s := float64(i%n), float64(i/n), float64(stride)
			b := box[i*4 : i*4+4]
			f := Face{Score: score, W: math.Exp(min(float64(b[2]), 10)) * s, H: math.Exp(min(float64(b[3]), 10)) * s}
			f.X, f.Y = (col+float64(b[0]))*s-f.W/2, (row+float64(b[1]))*s-f.H/2
			for k := range f.Landmarks {
				f.Landmarks[k] = Point{(col + float64(marks[i*10+2*k])) * s, (row + float64(marks[i*10+2*k+1])) * s}
			}
			if f.sound() {
				faces = append(faces, f)
			}
		}
	}
	return faces, nil
}

func unit(v float32) float64 { return min(max(float64(v), 0), 1) }

// sound reports whether every number of a face is one.
func (f Face) sound() bool {
	sum := f.X + f.Y + f.W + f.H
	for _, p := range f.Landmarks {
		sum += p.X + p.Y
	}
	return !math.IsNaN(sum) && !math.IsInf(sum, 0) && f.W > 0 && f.H > 0
}

// scaled is the face times s, moved by x, y.
func (f Face) scaled(s, x, y float64) Face {
	f.X, f.Y, f.W, f.H = f.X*s+x, f.Y*s+y, f.W*s, f.H*s
	for i, p := range f.Landmarks {
		f.Landmarks[i] = Point{p.X*s + x, p.Y*s + y}
	}
	return f
}

// distinct keeps the surest of finds that are one face, the largest first.
func distinct(found []Face) []Face {
	slices.SortStableFunc(found, func(a, b Face) int { return compare(b.Score, a.Score) })
	var out []Face
	for _, f := range found {
		if len(out) < maxFaces && !slices.ContainsFunc(out, f.same) {
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(a, b Face) int { return compare(b.W*b.H, a.W*a.H) })
	return out
}

func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// same reports whether two finds are one face.
func (f Face) same(o Face) bool {
	w := min(f.X+f.W, o.X+o.W) - max(f.X, o.X)
	h := min(f.Y+f.H, o.Y+o.H) - max(f.Y, o.Y)
	if w <= 0 || h <= 0 {
		return false
	}
	both := w * h
	return both/(f.W*f.H+o.W*o.H-both) > overlapLimit || both/min(f.W*f.H, o.W*o.H) > insideLimit
}
