package face

import (
	"context"
	"image"
	"image/color"
	"image/draw"
	"math"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"bonafide/kyc"
	"bonafide/model"
)

// turned is a picture turned a quarter to the right, as the tag "upper right"
// of the anti-spoofing samples asks.
func turned(img image.Image) image.Image {
	b := img.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, b.Dy(), b.Dx()))
	for y := range b.Dy() {
		for x := range b.Dx() {
			out.Set(b.Dy()-1-y, x, img.At(b.Min.X+x, b.Min.Y+y))
		}
	}
	return out
}

// onGrey puts a picture on a larger one at x, y.
func onGrey(img image.Image, w, h, x, y int) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(out, out.Bounds(), image.NewUniform(color.Gray{128}), image.Point{}, draw.Src)
	draw.Draw(out, img.Bounds().Sub(img.Bounds().Min).Add(image.Pt(x, y)), img, img.Bounds().Min, draw.Over)
	return out
}

// resized is a picture at another size.
func resized(img image.Image, w, h int) *image.RGBA {
	f, err := newFrame(img)
	if err != nil {
		panic(err)
	}
	planes := make([]float32, 3*w*h)
	f = f.reduced(max(1, min(f.w/w, f.h/h)))
	f.crop(0, 0, float64(f.w), float64(f.h), w, h, planes, [3]int{0, 1, 2})
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		for c := range 3 {
			out.Pix[i*4+c] = uint8(planes[c*w*h+i] + 0.5)
		}
		out.Pix[i*4+3] = 255
	}
	return out
}

func TestTheFacesOfOnePersonAreAlikeAndOthersAreNot(t *testing.T) {
	t.Parallel()
	e := engine(t)
	templates := map[string]Template{}
	of := func(name string) Template {
		if _, ok := templates[name]; !ok {
			v, err := e.Template(ctx, picture(t, "pairs/"+name))
			if err != nil {
				t.Fatal(name, err)
			}
			templates[name] = v
		}
		return templates[name]
	}
	for _, p := range pairs(t) {
		c, err := e.Likeness(of(p.a), of(p.b))
		if err != nil {
			t.Fatal(err)
		}
		if (c.Score >= 0.80) != p.same {
			t.Errorf("%s and %s: cosine %.3f, likeness %.3f, same person: %v", p.a, p.b, c.Raw, c.Score, p.same)
		}
		if c.Provider != Local || c.Calibration != "retail0095-2026-11" || c.Model != "face-reidentification-retail-0095 0fb85c5d1439" {
			t.Fatalf("made by %+v", c.Made)
		}
	}
}

// Section 9, point 7 of the design: the documented default 0.8 is cosine 0.35,
// exactly.
func TestTheOperatingPointIsExact(t *testing.T) {
	t.Parallel()
	for _, m := range model.Manifest() {
		if m.Slot != model.FaceTemplate {
			continue
		}
		c := m.Calibration
		if got := likeness(c, c.At); got != 0.80 {
			t.Errorf("%s: %v gives %v", m.Name, c.At, got)
		}
		if m.Measured && c.At != 0.35 {
			t.Errorf("%s: the measured point is 0.35, not %v", m.Name, c.At)
		}
		for cos, want := range map[float64]float64{c.At - 0.05: 0.5, c.At + 0.05: 0.9412, 1: 1, -1: 0} {
			if got := likeness(c, cos); math.Abs(got-want) > 1e-4 {
				t.Errorf("%s: %v gives %v, want %v", m.Name, cos, got, want)
			}
		}
	}
}

func TestACompareSaysWhichPictureIsWrong(t *testing.T) {
	t.Parallel()
	e := engine(t)
	good, empty := picture(t, "pairs/img1.jpg"), onGrey(image.NewRGBA(image.Rect(0, 0, 1, 1)), 640, 480, 0, 0)
	// The face is 294 of 666 pixels wide; at a tenth it is 29.
	small := onGrey(resized(good, 66, 90), 320, 240, 100, 60)
	two := image.NewRGBA(image.Rect(0, 0, 1332, 900))
	draw.Draw(two, image.Rect(0, 0, 666, 900), good, image.Point{}, draw.Src)
	draw.Draw(two, image.Rect(666, 0, 1332, 900), picture(t, "pairs/img19.jpg"), image.Point{}, draw.Src)
	for _, c := range []struct {
		name             string
		portrait, selfie image.Image
		path, code       string
	}{
		{"no portrait", empty, good, "/portrait", "face_not_found"},
		{"no selfie", good, empty, "/selfie", "face_not_found"},
		{"a portrait of 29 pixels", small, good, "/portrait", "face_too_small"},
		{"two people in the selfie", good, two, "/selfie", "several_faces"},
	} {
		_, err := e.Compare(ctx, c.portrait, c.selfie)
		if err == nil || err.Kind != kyc.Invalid || err.Code != c.code || len(err.Problems) != 1 || err.Problems[0].Path != c.path {
			t.Errorf("%s: %+v", c.name, err)
		}
	}
	// Of two portraits the larger one counts, wherever it stands and whoever it shows.
	other := picture(t, "pairs/img19.jpg")
	faces := map[image.Image]Face{}
	for _, img := range []image.Image{good, other} {
		found, err := e.Find(ctx, img)
		if err != nil || len(found) != 1 {
			t.Fatal(found, err)
		}
		faces[img] = found[0]
	}
	for _, largest := range []image.Image{good, other} {
		for _, places := range [][2]float64{{250, 900}, {900, 250}} {
			doc := page(1200, 840)
			for _, img := range []image.Image{good, other} {
				width, x := 90.0, places[1]
				if img == largest {
					width, x = 150, places[0]
				}
				lay(doc, img, faces[img], width, x, 420, 1, false)
			}
			got, err := e.Compare(ctx, doc, good)
			if err != nil || (got.Score >= 0.8) != (largest == good) || (got.Score < 0.2) != (largest == other) || math.Abs(got.Portrait.W-150) > 40 {
				t.Errorf("two portraits, the larger at %v, the applicant's %v: %+v %v", places[0], largest == good, got, err)
			}
		}
	}
	if _, err := e.EstimateAge(ctx, two); err == nil || err.Code != "several_faces" {
		t.Errorf("the age of two: %v", err)
	}
	if _, err := e.Template(ctx, two); err == nil || err.Code != "several_faces" {
		t.Errorf("the template of two: %v", err)
	}
	if _, err := e.Compare(ctx, nil, good); err == nil || err.Code != "image_empty" {
		t.Errorf("no picture at all: %v", err)
	}
}

func TestAPassportInAHundredMegapixelsIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := newFrame(image.NewUniform(color.Black)); err == nil || err.Code != "image_too_large" {
		t.Errorf("an endless picture: %v", err)
	}
}

func TestLargePicturesGiveTheSamePlaces(t *testing.T) {
	t.Parallel()
	e := engine(t)
	img := picture(t, "pairs/img1.jpg")
	small, err := e.Find(ctx, img)
	if err != nil || len(small) != 1 {
		t.Fatal(small, err)
	}
	large, err := e.Find(ctx, resized(img, 666*6, 900*6)) // 21 megapixels: halved first
	if err != nil || len(large) != 1 {
		t.Fatal(large, err)
	}
	back := large[0].scaled(1.0/6, 0, 0)
	for i, p := range back.Landmarks {
		if math.Hypot(p.X-small[0].Landmarks[i].X, p.Y-small[0].Landmarks[i].Y) > 6 {
			t.Errorf("landmark %d: %v, in the small picture %v", i, p, small[0].Landmarks[i])
		}
	}
}

func TestLivenessIsJudgedOnlyWithSurroundings(t *testing.T) {
	t.Parallel()
	e := engine(t)
	live := turned(picture(t, "antispoof/live_image_T1.jpg"))
	got, err := e.Alive(ctx, live)
	if err != nil || !got.Assessable || got.Confidence < 90 {
		t.Errorf("live: %+v %v", got, err)
	}
	for _, name := range []string{"print_image_F1", "replay_image_F2"} {
		if got, err := e.Alive(ctx, turned(picture(t, "antispoof/"+name+".jpg"))); err != nil || !got.Assessable || got.Confidence > 40 {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
	// Section 9, point 6: a tight crop is not assessable, never a spoof.
	faces, err := e.Find(ctx, live)
	if err != nil {
		t.Fatal(err)
	}
	f := faces[0]
	tight := cut(live, image.Rect(int(f.X-f.W*0.2), int(f.Y-f.H*0.2), int(f.X+f.W*1.2), int(f.Y+f.H*1.2)))
	small := onGrey(resized(live, 120, 160), 640, 480, 200, 100)
	for name, c := range map[string]struct {
		img    image.Image
		reason string
	}{
		"tight":   {tight, FaceTooClose},
		"far":     {small, FaceTooFar},
		"nobody":  {onGrey(image.NewRGBA(image.Rect(0, 0, 1, 1)), 640, 480, 0, 0), FaceNotFound},
		"twosome": {beside(live, live), SeveralFaces},
	} {
		if got, err := e.Alive(ctx, c.img); err != nil || got.Assessable || got.Reason != c.reason || got.Confidence != 0 {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
}

func beside(a, b image.Image) image.Image {
	out := onGrey(a, a.Bounds().Dx()+b.Bounds().Dx(), max(a.Bounds().Dy(), b.Bounds().Dy()), 0, 0)
	draw.Draw(out, b.Bounds().Add(image.Pt(a.Bounds().Dx(), 0)), b, b.Bounds().Min, draw.Src)
	return out
}

func TestAgesAreThoseOfGrownPeople(t *testing.T) {
	t.Parallel()
	e := engine(t)
	for _, name := range []string{"img1.jpg", "img18.jpg", "img24.jpg"} {
		got, err := e.EstimateAge(ctx, picture(t, "pairs/"+name))
		if err != nil || got.Years < 20 || got.Years > 65 {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
}

func TestWhatIsMissingIsNamedWithTheCommandThatInstallsIt(t *testing.T) {
	t.Parallel()
	img := image.NewGray(image.Rect(0, 0, 64, 64))
	nothing := Open(Options{Library: filepath.Join(t.TempDir(), "libonnxruntime.so")})
	if _, err := nothing.Find(ctx, img); err == nil || err.Kind != kyc.Unavailable || err.Code != "face_not_configured" {
		t.Errorf("no library: %v", err)
	}
	text := filepath.Join(t.TempDir(), "libonnxruntime.so")
	if err := os.WriteFile(text, []byte("no library"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(Options{Library: text}).EstimateAge(ctx, img); err == nil || err.Code != "face_not_configured" {
		t.Errorf("a text file: %v", err)
	}
	real := engine(t)
	if _, err := Open(Options{Library: real.libraryPath()}).Alive(ctx, img); err == nil || err.Code != "face_not_configured" || err.Message != "the model for face_detection is missing; install it with: bonafide models pull face_detection" {
		t.Errorf("no models: %v", err)
	}
	// A model that was exchanged is no model.
	dir := t.TempDir()
	for _, name := range []string{"face_detection_yunet_2023mar.onnx", "face_reidentification_retail_0095.onnx"} {
		b, err := os.ReadFile(filepath.Join(dataFolder(t), "models", name))
		if err != nil {
			t.Fatal(err)
		}
		b[len(b)/2] ^= 1
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Open(Options{Library: real.libraryPath(), Models: model.Open(dir)}).Find(ctx, img); err == nil || err.Code != "face_not_configured" {
		t.Errorf("an exchanged model: %v", err)
	}
}

func TestACancelledContextStops(t *testing.T) {
	t.Parallel()
	e := engine(t)
	done, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := e.Find(done, picture(t, "pairs/img1.jpg")); err == nil || err.Kind != kyc.Unavailable || err.Code != "face_timeout" {
		t.Errorf("cancelled: %v", err)
	}
}

func TestAnEngineWorksForManyAtATimeAndCloses(t *testing.T) {
	t.Parallel()
	e := engine(t)
	img := picture(t, "pairs/img25.jpg")
	want, err := e.Template(ctx, img)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			got, err := e.Template(ctx, img)
			if err != nil {
				t.Error(err)
				return
			}
			for i := range got.Vector {
				if got.Vector[i] != want.Vector[i] {
					t.Error("the same picture gave another template")
					return
				}
			}
		})
	}
	all.Wait()
	e.Close()
	if _, err := e.Template(ctx, img); err == nil || err.Kind != kyc.Unavailable {
		t.Errorf("closed: %v", err)
	}
}

func TestTemplatesOfTwoModelsAreNotCompared(t *testing.T) {
	t.Parallel()
	e := Open(Options{})
	id := ""
	for _, m := range model.Manifest() {
		if m.Slot == model.FaceTemplate && m.Measured {
			id = m.ID()
		}
	}
	v := make([]float32, 256)
	v[0] = 1
	if c, err := e.Likeness(Template{id, v}, Template{id, v}); err != nil || c.Raw != 1 {
		t.Errorf("the same: %v %v", c, err)
	}
	nan := append([]float32(nil), v...)
	nan[3] = float32(math.NaN())
	for name, c := range map[string]struct {
		a, b Template
		code string
	}{
		"models":  {Template{id, v}, Template{"other", v}, "template_model_differs"},
		"lengths": {Template{id, v}, Template{id, v[:128]}, "template_model_differs"},
		"unknown": {Template{"gone", v}, Template{"gone", v}, "face_not_configured"},
		"zero":    {Template{id, v}, Template{id, make([]float32, 256)}, "template_invalid"},
		"nan":     {Template{id, v}, Template{id, nan}, "template_invalid"},
		"empty":   {Template{id, nil}, Template{id, nil}, "template_invalid"},
	} {
		if _, err := e.Likeness(c.a, c.b); err == nil || err.Code != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}
