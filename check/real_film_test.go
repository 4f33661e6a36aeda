package check

import (
	"fmt"
	"image"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"bonafide/document"
	"bonafide/face"
	"bonafide/face/facetest"
	"bonafide/kyc"
	"bonafide/model"
)

// A rendered film goes the way of an applicant's: frames as files, decoded as
// uploads are, looked at by the real networks and judged by the check.
func TestRealFilmOfARenderedHead(t *testing.T) {
	t.Parallel()
	models, photo := sharedData(t, "models"), sharedData(t, "faces", "dev", "pairs", "img8.jpg")
	engine := face.Open(face.Options{Models: model.Open(models), Library: os.Getenv("BONAFIDE_ONNXRUNTIME"), Dirs: []string{filepath.Join("..", ".cache", "onnxruntime")}})
	t.Cleanup(engine.Close)
	raw, err := os.Open(photo)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	img, _, err := image.Decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	// The photograph stands upright; a strip of it as wide as a webcam's picture
	// leaves the head room.
	frame := image.NewRGBA(image.Rect(0, 0, 480, 480*img.Bounds().Dy()/img.Bounds().Dx()))
	for y := range frame.Rect.Dy() {
		for x := range frame.Rect.Dx() {
			frame.Set(x, y, img.At(x*img.Bounds().Dx()/480, y*img.Bounds().Dx()/480))
		}
	}
	found, bad := engine.Find(t.Context(), frame)
	switch {
	case bad != nil && bad.Code == "face_not_configured":
		t.Skip("the face engine is not set up here: " + bad.Message)
	case bad != nil:
		t.Fatal(bad) // a photograph on which no face is found any more is a fault
	}
	l := found[0].Landmarks
	s := facetest.New(frame, [2]float64{l[0].X, l[0].Y}, [2]float64{l[1].X, l[1].Y}, [2]float64{l[2].X, l[2].Y})
	reader := document.New(document.Config{})
	t.Cleanup(func() { _ = reader.Close() })
	plan, bad := face.NewChallenge(face.MovementLightChallenge, []byte("0123456789abcdef"))
	if bad != nil {
		t.Fatal(bad)
	}
	for _, c := range []struct {
		name    string
		shape   facetest.Shape
		actions []string
		verdict kyc.Verdict
	}{
		{"done as asked", facetest.Head, plan.Actions, kyc.Pass},
		{"in another order", facetest.Head, reversed(plan.Actions), kyc.Fail},
		{"a print that is turned", facetest.Flat, plan.Actions, kyc.Fail},
	} {
		blobs := files{}
		r := request("liveness")
		r.Uploads = nil
		fact := kyc.LivenessTryFact{Challenge: face.MovementLightChallenge, Provider: kyc.ProviderLocal, Actions: plan.Actions, Colors: plan.Colors, Timed: true, ElapsedMillis: 60_000}
		for i, p := range (facetest.Script{Actions: c.actions, Turn: 38, Near: 1.3, Colors: plan.Colors, Light: 0.08}).Film() {
			_, b, err := facetest.Camera(s.Frame(c.shape, p, 2, uint64(i)), 88)
			if err != nil {
				t.Fatal(err)
			}
			u := upload("liveness", "", fmt.Sprintf("frame_%d", i+1), fmt.Sprintf("frame%d", i))
			blobs[u.BlobKey] = b
			r.Uploads = append(r.Uploads, u)
			fact.Frames = append(fact.Frames, kyc.LivenessFrame{ID: u.ID, AtMillis: 400 * i})
		}
		r.Established = map[string]any{kyc.KeyLivenessTry: fact}
		a := runCheck(liveness(Deps{Clock: clock(), Blobs: blobs, Pictures: reader, Faces: &gallery{}, Films: engine}), r)
		if a.Status != kyc.StatusOK || a.Verdict != c.verdict {
			t.Errorf("%s: %s %s %+v %v", c.name, a.Status, a.Verdict, a.Reasons, a.Details)
		}
	}
}

func reversed(list []string) []string {
	out := slices.Clone(list)
	slices.Reverse(out)
	if slices.Equal(out, list) { // an order that reads the same both ways
		out[0], out[1] = out[1], out[0]
	}
	return out
}
