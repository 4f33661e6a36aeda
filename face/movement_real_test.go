package face

import (
	"image"
	"math"
	"testing"
	"time"
)

// bent moves the middle of a face sideways, as a turn of the head moves the
// nose between the eyes: what a still photograph can be made to do.
func bent(img image.Image, f Face, yaw float64) image.Image {
	src, err := newFrame(img)
	if err != nil {
		panic(err)
	}
	eye := math.Hypot(f.Landmarks[1].X-f.Landmarks[0].X, f.Landmarks[1].Y-f.Landmarks[0].Y)
	nose, s := f.Landmarks[2], 0.6*eye
	out := image.NewRGBA(image.Rect(0, 0, src.w, src.h))
	var px [3]float32
	for y := range src.h {
		for x := range src.w {
			d := math.Pow((float64(x)-nose.X)/s, 2) + math.Pow((float64(y)-nose.Y)/s, 2)
			src.at(float64(x)-yaw*eye*math.Exp(-d/2), float64(y), &px)
			for c := range 3 {
				out.Pix[out.PixOffset(x, y)+c] = uint8(px[c])
			}
			out.Pix[out.PixOffset(x, y)+3] = 255
		}
	}
	return out
}

// placed puts a face of the given width into the middle of a frame of 640 x
// 480; around the picture its edge goes on.
func placed(img image.Image, f Face, width float64) image.Image {
	src, err := newFrame(img)
	if err != nil {
		panic(err)
	}
	s := width / f.W
	m := similarity{a: complex(s, 0)}
	m.b = complex(320, 240) - m.a*complex(f.X+f.W/2, f.Y+f.H/2)
	planes := make([]float32, 3*640*480)
	src.warp(m, 640, 480, planes, [3]int{0, 1, 2})
	out := image.NewRGBA(image.Rect(0, 0, 640, 480))
	for i := range 640 * 480 {
		for c := range 3 {
			out.Pix[i*4+c] = uint8(planes[c*640*480+i])
		}
		out.Pix[i*4+3] = 255
	}
	return out
}

// filmed looks at frames that a small step of the camera lies between.
func filmed(t *testing.T, e *Engine, frames []image.Image) []Observation {
	t.Helper()
	var out []Observation
	for i, img := range frames {
		b := img.Bounds()
		k := 3 * (i % 3)
		moved := cut(img, image.Rect(b.Min.X+k, b.Min.Y+k, b.Max.X-9+k, b.Max.Y-9+k))
		o, err := e.Observe(ctx, time.Duration(i)*500*time.Millisecond, moved)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, o)
	}
	return out
}

func TestAPhotographThatIsHeldStillFails(t *testing.T) {
	t.Parallel()
	e := engine(t)
	img := picture(t, "pairs/img1.jpg")
	c := challenge(t, MovementChallenge, longNonce)
	frames := make([]image.Image, 12)
	for i := range frames {
		frames[i] = img
	}
	// Held by a hand that shakes, it still does nothing that was asked.
	m := JudgeMovement(c, filmed(t, e, frames), time.Minute)
	if m.Confidence != 0 || !m.Assessable || !m.has("actions_missing") {
		t.Errorf("shaken: %+v", m)
	}
	// And the same file again and again does not even move.
	var same []Observation
	o, err := e.Observe(ctx, 0, img)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 12 {
		o.At = time.Duration(i) * 500 * time.Millisecond
		same = append(same, o)
	}
	if m := JudgeMovement(c, same, time.Minute); m.Confidence != 0 || !m.has("frames_repeated") {
		t.Errorf("repeated: %+v", m)
	}
}

// The nearest thing to a film of a person that the data folder gives: its
// photographs, bent and brought closer. The detector sees which way the nose
// went, but one photograph bent so far is no longer the same person or does not
// count as turned: no film made of it passes.
func TestABentPhotographTurnsAndDoesNotPass(t *testing.T) {
	t.Parallel()
	e := engine(t)
	for _, name := range []string{"img1.jpg", "img5.jpg", "img20.jpg"} {
		img := picture(t, "pairs/"+name)
		faces, err := e.Find(ctx, img)
		if err != nil || len(faces) != 1 {
			t.Fatal(faces, err)
		}
		f, width := faces[0], 120.0
		left, right := bent(img, f, 0.7), bent(img, f, -0.7)
		var frames []image.Image
		shot := func(img image.Image) { frames = append(frames, placed(img, f, width)) }
		for _, img := range []image.Image{img, img, left, img, right, img, left, img} {
			shot(img)
		}
		width *= 1.35
		shot(img)
		seen := filmed(t, e, frames)
		straight := Yaw(seen[0].Faces[0])
		if l, r := Yaw(seen[2].Faces[0])-straight, Yaw(seen[4].Faces[0])-straight; l < 0.05 || r > -0.05 {
			t.Errorf("%s: bent to the left %.2f, to the right %.2f", name, l, r)
		}
		if grew := seen[8].Faces[0].W / seen[0].Faces[0].W; grew < grown {
			t.Errorf("%s: brought closer by 1.35 it grew by %.2f", name, grew)
		}
		c := Challenge{Kind: MovementChallenge, Actions: []string{TurnLeft, TurnRight, TurnLeft, MoveCloser}}
		if m := JudgeMovement(c, seen, time.Minute); m.Confidence != 0 || len(m.Reasons) == 0 {
			t.Errorf("%s: %+v", name, m)
		}
	}
}
