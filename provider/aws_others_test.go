package provider

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"

	"bonafide/face"
	"bonafide/kyc"
)

// person is how the stand-in of this file sees somebody: a patch of one colour whose
// upper half is the lighter one. Upside down or on its side it is no face to it.
type person int

const (
	ada person = iota
	eve
	bob
)

func (p person) colour(upper bool) color.RGBA {
	c := [3]uint8{}
	c[p] = 110
	if upper {
		c[p] = 240
	}
	return color.RGBA{c[0], c[1], c[2], 255}
}

// patch is a person on a picture, turned clockwise by quarters.
type patch struct {
	who   person
	at    image.Rectangle
	turns int
}

func scene(w, h int, patches ...patch) image.Image {
	img := image.NewRGBA(image.Rect(10, 20, 10+w, 20+h)) // a part of a larger one
	for _, p := range patches {
		for y := p.at.Min.Y; y < p.at.Max.Y; y++ {
			for x := p.at.Min.X; x < p.at.Max.X; x++ {
				mid := p.at.Min.Add(p.at.Max).Div(2)
				upper := []bool{y < mid.Y, x >= mid.X, y >= mid.Y, x < mid.X}[p.turns]
				img.SetRGBA(10+x, 20+y, p.who.colour(upper))
			}
		}
	}
	return img
}

// looked finds the upright patches of a JPEG, as shares of its sides, the largest first.
func looked(b []byte) (out []patch, size image.Point) {
	img, err := jpeg.Decode(bytes.NewReader(b))
	if err != nil {
		return nil, size
	}
	size = img.Bounds().Size()
	for who := ada; who <= bob; who++ {
		box := image.Rectangle{}
		sum, n := [2]float64{}, [2]float64{}
		level := func(x, y int) float64 {
			r, g, b, _ := img.At(x, y).RGBA()
			c := [3]float64{float64(r >> 8), float64(g >> 8), float64(b >> 8)}
			rest := max(c[(who+1)%3], c[(who+2)%3])
			if c[who] < 80 || rest > c[who]/2 {
				return 0
			}
			return c[who]
		}
		for y := range size.Y {
			for x := range size.X {
				if level(x, y) > 0 {
					box = box.Union(image.Rect(x, y, x+1, y+1))
				}
			}
		}
		for y := box.Min.Y; y < box.Max.Y; y++ {
			for x := box.Min.X; x < box.Max.X; x++ {
				half := 0
				if y >= (box.Min.Y+box.Max.Y)/2 {
					half = 1
				}
				sum[half] += level(x, y)
				n[half]++
			}
		}
		if !box.Empty() && sum[0]/n[0] > 1.5*sum[1]/n[1] {
			out = append(out, patch{who, box, 0})
		}
	}
	slices.SortFunc(out, func(a, b patch) int { return b.at.Dx()*b.at.Dy() - a.at.Dx()*a.at.Dy() })
	return out, size
}

// newGallery is Rekognition's CompareFaces over patches.
func newGallery(t *testing.T) (*stand, *AWS) {
	t.Helper()
	s, a, _ := newAWSStand(t, []step{good}, nil)
	s.wire = func(w http.ResponseWriter, r *http.Request, body []byte, _ step) {
		var in struct{ SourceImage, TargetImage struct{ Bytes []byte } }
		if !strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".CompareFaces") || json.Unmarshal(body, &in) != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		source, on := looked(in.SourceImage.Bytes)
		target, size := looked(in.TargetImage.Bytes)
		if len(source) == 0 || len(target) == 0 {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"__type":"InvalidParameterException","message":"Request has invalid parameters"}`)
			return
		}
		seen := func(p patch, size image.Point) map[string]any {
			return map[string]any{"Confidence": 99.5, "BoundingBox": map[string]float64{"Left": float64(p.at.Min.X) / float64(size.X), "Top": float64(p.at.Min.Y) / float64(size.Y),
				"Width": float64(p.at.Dx()) / float64(size.X), "Height": float64(p.at.Dy()) / float64(size.Y)}}
		}
		matches := []any{}
		for _, p := range slices.Backward(target) {
			like := 3.0
			if p.who == source[0].who {
				like = 99.9
			}
			matches = append(matches, map[string]any{"Similarity": like, "Face": seen(p, size)})
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"SourceImageFace": seen(source[0], on), "FaceMatches": matches, "UnmatchedFaces": []any{}})
	}
	return s, a
}

// TestOtherFacesOfRekognition are found in whatever direction they lie, compared with
// the applicant and, where that says no, with the largest; places are those of the
// picture as it was given.
func TestOtherFacesOfRekognition(t *testing.T) {
	t.Parallel()
	selfie := scene(200, 200, patch{ada, image.Rect(50, 40, 150, 160), 0})
	largest := patch{ada, image.Rect(20, 20, 120, 140), 0}
	type other struct {
		at               image.Rectangle
		portrait, selfie float64
	}
	for name, c := range map[string]struct {
		paper image.Image
		wide  bool
		asked int
		want  []other
	}{
		"alone":                   {scene(400, 300, largest), false, 1, []other{{largest.at, 1, 0.98}}},
		"alone, looked all round": {scene(400, 300, largest), true, 4, []other{{largest.at, 1, 0.98}}},
		"somebody upright": {scene(400, 300, largest, patch{eve, image.Rect(200, 60, 260, 140), 0}), false, 2,
			[]other{{largest.at, 1, 0.98}, {image.Rect(200, 60, 260, 140), 0.02, 0.02}}},
		"too small to compare":  {scene(400, 300, largest, patch{eve, image.Rect(200, 60, 230, 100), 0}), false, 1, []other{{largest.at, 1, 0.98}}},
		"somebody on the side":  {scene(400, 300, largest, patch{eve, image.Rect(200, 60, 280, 120), 1}), false, 1, []other{{largest.at, 1, 0.98}}},
		"found by turning once": {scene(400, 300, largest, patch{eve, image.Rect(200, 60, 280, 120), 3}), true, 5, []other{{largest.at, 1, 0.98}, {image.Rect(200, 60, 280, 120), 0.02, 0.02}}},
		"upside down":           {scene(400, 300, largest, patch{eve, image.Rect(200, 60, 280, 160), 2}), true, 5, []other{{largest.at, 1, 0.98}, {image.Rect(200, 60, 280, 160), 0.02, 0.02}}},
		"two, one of them lying": {scene(400, 300, largest, patch{eve, image.Rect(150, 60, 200, 120), 0}, patch{bob, image.Rect(250, 100, 330, 160), 1}), true, 6,
			[]other{{largest.at, 1, 0.98}, {image.Rect(250, 100, 330, 160), 0.02, 0.02}, {image.Rect(150, 60, 200, 120), 0.02, 0.02}}},
		"the largest is a stranger's": {scene(400, 300, patch{eve, largest.at, 0}, patch{ada, image.Rect(200, 60, 260, 140), 0}), false, 2,
			[]other{{largest.at, 1, 0.02}, {image.Rect(200, 60, 260, 140), 0.02, 0.98}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, a := newGallery(t)
			others, err := a.Others(t.Context(), c.paper, selfie, c.wide)
			if err != nil || s.requests() != c.asked || len(others) != len(c.want) {
				t.Fatalf("%v after %d questions: %+v", err, s.requests(), others)
			}
			for i, w := range c.want {
				o := others[i]
				off := func(got float64, want int) bool { return math.Abs(got-float64(want)) > 4 } // JPEG's blocks
				if off(o.X, w.at.Min.X) || off(o.Y, w.at.Min.Y) || off(o.W, w.at.Dx()) || off(o.H, w.at.Dy()) || math.Abs(o.Portrait-w.portrait) > 0.011 || math.Abs(o.Selfie-w.selfie) > 0.011 {
					t.Errorf("face %d: %+v, want %+v", i, o, w)
				}
			}
		})
	}
}

// TestWhoLooksForOtherFaces: this machine where it can, then whoever compares.
func TestWhoLooksForOtherFaces(t *testing.T) {
	t.Parallel()
	paper := scene(400, 300, patch{ada, image.Rect(20, 20, 120, 140), 0})
	selfie := scene(200, 200, patch{ada, image.Rect(50, 40, 150, 160), 0})
	one := []face.Other{{Face: face.Face{X: 1, W: 50, H: 50}, Portrait: 1, Selfie: 1}}
	gone := kyc.Errorf(kyc.Unavailable, "face_not_configured", "no model")
	for name, c := range map[string]struct {
		local *onlooker
		order []string
		code  string
		faces int
		asked int
	}{
		"this machine":                     {&onlooker{one, nil}, []string{"aws_rekognition"}, "", 1, 0},
		"this machine has no model":        {&onlooker{nil, gone}, []string{"aws_rekognition"}, "", 1, 1},
		"this machine sees no face":        {&onlooker{nil, aboutPicture("face_not_found", "/portrait")}, []string{"local", "aws_rekognition"}, "", 1, 1},
		"this machine's network breaks":    {&onlooker{nil, kyc.Errorf(kyc.Unavailable, "face_failed", "x")}, []string{"aws_rekognition"}, "face_failed", 0, 0},
		"nobody else may be asked":         {&onlooker{nil, gone}, []string{"local"}, "face_not_configured", 0, 0},
		"no engine here":                   {nil, []string{"aws_rekognition"}, "", 1, 1},
		"no engine here and nobody else":   {nil, []string{"local"}, "local_not_configured", 0, 0},
		"no engine here and no own server": {nil, []string{"http"}, "http_not_configured", 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, a := newGallery(t)
			r := &Router{AWS: a}
			if c.local != nil {
				r.Local.Comparer = c.local
			}
			q := &kyc.CheckRequest{Tenant: theirs()}
			q.Settings.Providers.FaceMatch = c.order
			others, err := r.Comparer(q).(face.Onlookers).Others(t.Context(), paper, selfie, false)
			code := ""
			if err != nil {
				code = err.Code
			}
			if code != c.code || len(others) != c.faces || s.requests() != c.asked {
				t.Errorf("%v after %d questions: %+v", err, s.requests(), others)
			}
		})
	}
}

// onlooker is an engine of this machine.
type onlooker struct {
	others []face.Other
	err    *kyc.Error
}

func (o *onlooker) Others(context.Context, image.Image, image.Image, bool) ([]face.Other, *kyc.Error) {
	return o.others, o.err
}

func (o *onlooker) Compare(context.Context, image.Image, image.Image) (face.Comparison, *kyc.Error) {
	return face.Comparison{}, o.err
}
