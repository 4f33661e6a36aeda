package face

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"path/filepath"
	"slices"
	"testing"
)

// Turned there and back a place is where it was.
func TestAQuarterTurnIsUndone(t *testing.T) {
	t.Parallel()
	img := image.NewRGBA(image.Rect(0, 0, 7, 4))
	for i := range 28 {
		img.SetRGBA(i%7, i/7, color.RGBA{uint8(9 * i), uint8(i), 0, 255})
	}
	f, err := newFrame(img)
	if err != nil {
		t.Fatal(err)
	}
	g := f.quarter()
	if g.w != 4 || g.h != 7 {
		t.Fatalf("%d x %d", g.w, g.h)
	}
	for y := range g.h {
		for x := range g.w {
			// The middle of a pixel, as a face of one pixel.
			here := Face{X: float64(x), Y: float64(y), W: 1, H: 1, Landmarks: [5]Point{{float64(x) + 0.5, float64(y) + 0.5}}}
			there := here.unquarter(g.w)
			if there.Landmarks[0] != (Point{there.X + 0.5, there.Y + 0.5}) {
				t.Fatalf("box and landmark part: %+v", there)
			}
			if a, b := g.pix[(y*g.w+x)*3:][:3], f.pix[(int(there.Y)*f.w+int(there.X))*3:][:3]; !slices.Equal(a, b) {
				t.Fatalf("%d,%d came from %v,%v", x, y, there.X, there.Y)
			}
		}
	}
	if back := f.quarter().quarter().quarter().quarter(); !slices.Equal(back.pix, f.pix) {
		t.Error("four quarters are no whole turn")
	}
}

// portraits gives the documents of the data folder with a portrait wide enough.
func portraits(t *testing.T, e *Engine) map[string]image.Image {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dataFolder(t), "documents", "dev", "mrz", "*"))
	if err != nil || len(files) == 0 {
		t.Skip("no documents are in the data folder")
	}
	out := map[string]image.Image{}
	for _, file := range files {
		if ext := filepath.Ext(file); ext != ".jpg" && ext != ".png" {
			continue
		}
		img := picture(t, filepath.Join("..", "..", "documents", "dev", "mrz", filepath.Base(file)))
		if faces, bad := e.Find(ctx, img); bad != nil {
			t.Fatal(bad)
		} else if len(faces) > 0 && faces[0].W >= minWidth {
			out[filepath.Base(file)] = img
		}
	}
	return out
}

// The portrait of a document that lies on its side or upside down is the same
// face, shown where it is.
func TestAccuracyOfPortraitsOnTheirSide(t *testing.T) {
	t.Parallel()
	e := engine(t)
	turns, right := 0, 0
	for name, img := range portraits(t, e) {
		upright, was, err := e.template(ctx, img, "portrait", false)
		if err != nil {
			t.Fatal(name, err)
		}
		for k := 1; k < 4; k++ {
			img = turned(img)
			turns++
			got, face, err := e.template(ctx, img, "portrait", false)
			if err != nil {
				t.Errorf("%s turned by %d: %v", name, 90*k, err)
				continue
			}
			for i := range k {
				face = face.unquarter([2]int{img.Bounds().Dx(), img.Bounds().Dy()}[i%2])
			}
			cos, _ := cosine(got.Vector, upright.Vector)
			aside := math.Hypot(face.X+face.W/2-was.X-was.W/2, face.Y+face.H/2-was.Y-was.H/2) / was.W
			if cos < 0.9 || aside > 0.1 {
				t.Errorf("%s turned by %d: cosine %.2f, %.2f aside", name, 90*k, cos, aside)
				continue
			}
			right++
		}
	}
	if *accuracy {
		figure("portraits of specimens turned by 90, 180 and 270 degrees, found as upright", fmt.Sprintf("%d of %d", right, turns), "all")
	}
	// A selfie that lies on its side is not turned: it is for the applicant to
	// hold the camera upright.
	if c, err := e.Compare(ctx, turned(picture(t, "pairs/img1.jpg")), picture(t, "pairs/img2.jpg")); err != nil || c.Score < 0.8 {
		t.Errorf("a portrait on its side against a selfie: %+v %v", c, err)
	}
	if c, err := e.Compare(ctx, picture(t, "pairs/img1.jpg"), turned(picture(t, "pairs/img2.jpg"))); err == nil && c.Score >= 0.8 {
		t.Errorf("a selfie on its side was turned: %+v", c)
	}
}
