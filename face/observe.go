package face

import (
	"context"
	"image"
	"time"

	"bonafide/kyc"
)

// thumbSide is the side of the picture that tells whether a film moves.
const thumbSide = 16

// Observe looks at one upright frame of a challenge: faces, template, passive
// liveness and colour. A frame without a face is an observation, too. Errors:
// as of Find.
func (e *Engine) Observe(ctx context.Context, at time.Duration, img image.Image) (Observation, *kyc.Error) {
	f, err := newFrame(img)
	if err != nil {
		return Observation{}, err
	}
	o := Observation{At: at, Width: f.w * f.by, Height: f.h * f.by, Thumb: f.thumb()}
	faces, err := e.find(ctx, f)
	if err != nil || len(faces) == 0 {
		return o, err
	}
	if o.Template, err = e.encode(ctx, f, faces[0], "frame"); err != nil {
		return Observation{}, err
	}
	if o.Alive, err = e.alive(ctx, f, faces); err != nil {
		return Observation{}, err
	}
	o.Color, o.Upright = f.tint(faces[0]), f.upright(faces[0])
	for _, face := range faces {
		o.Faces = append(o.Faces, face.scaled(float64(f.by), 0, 0))
	}
	o.Detail = laplacian(patch(img, o.Faces[0]), detailSide)
	return o, nil
}

// thumb is the frame as few grey values.
func (f *frame) thumb() []float64 {
	small := f.reduced(max(1, min(f.w, f.h)/(4*thumbSide)))
	planes := make([]float32, 3*thumbSide*thumbSide)
	small.warpBox(thumbSide, planes)
	out := make([]float64, thumbSide*thumbSide)
	for i := range out {
		out[i] = luma(float64(planes[i]), float64(planes[len(out)+i]), float64(planes[2*len(out)+i]))
	}
	return out
}

// warpBox samples the whole frame onto a square, each value the mean of
// sixteen places.
func (f *frame) warpBox(side int, planes []float32) {
	const n = 4
	var px [3]float32
	for y := range side {
		for x := range side {
			for k := range n * n {
				f.at((float64(x)+(float64(k%n)+0.5)/n)*float64(f.w)/float64(side)-0.5, (float64(y)+(float64(k/n)+0.5)/n)*float64(f.h)/float64(side)-0.5, &px)
				for c := range 3 {
					planes[c*side*side+y*side+x] += px[c] / (n * n)
				}
			}
		}
	}
}

// tint is the mean colour of the middle of a face, where skin is.
func (f *frame) tint(face Face) [3]float64 {
	x0, x1 := max(0, int(face.X+face.W*0.25)), min(f.w, int(face.X+face.W*0.75))
	y0, y1 := max(0, int(face.Y+face.H*0.3)), min(f.h, int(face.Y+face.H*0.8))
	var sum [3]float64
	n := 0.0
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; x++ {
			for c := range 3 {
				sum[c] += float64(f.pix[(y*f.w+x)*3+c])
			}
			n++
		}
	}
	for c := range sum {
		sum[c] /= max(n, 1)
	}
	return sum
}
