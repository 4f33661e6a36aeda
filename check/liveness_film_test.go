package check

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"bonafide/face"
	"bonafide/face/facetest"
	"bonafide/kyc"
)

// pose is what is seen on a frame: the nose beside the middle of the eyes, and
// the width of the face.
func pose(yaw, width, alive float64, i int) face.Observation {
	eyes := 0.45 * width
	f := face.Face{X: 200, Y: 100, W: width, H: width * 1.2, Score: 0.95}
	f.Landmarks = [5]face.Point{{X: 250, Y: 150}, {X: 250 + eyes, Y: 150}, {X: 250 + eyes/2 + yaw*eyes, Y: 180}, {X: 255, Y: 210}, {X: 245 + eyes, Y: 210}}
	o := face.Observation{Width: 640, Height: 480, Faces: []face.Face{f}, Template: face.Template{Model: "net-1", Vector: []float32{1, 0}}, Detail: 200,
		Color: [3]float64{120, 100, 90}, Upright: facetest.Upright(yaw / 3), Thumb: make([]float64, 256)}
	o.Alive = face.Aliveness{Made: face.Made{Provider: "local", Model: "spoof-1"}, Raw: alive, Confidence: 100 * alive, Assessable: true}
	for k := range o.Thumb {
		o.Thumb[k] = float64((i*7 + k) % 255)
	}
	return o
}

// film is a try of these frames, each 400 ms after the one before.
func film(h *house, r *kyc.CheckRequest, actions []string, frames ...face.Observation) {
	h.faces.frames = map[string]face.Observation{}
	fact := kyc.LivenessTryFact{Challenge: face.MovementChallenge, Provider: kyc.ProviderLocal, Actions: actions, Timed: true, ElapsedMillis: 60_000}
	r.Uploads = nil
	for i, o := range frames {
		name := fmt.Sprintf("frame%d", i)
		h.faces.frames[name] = o
		u := upload("liveness", "", fmt.Sprintf("frame_%d", i+1), name)
		r.Uploads = append(r.Uploads, u)
		fact.Frames = append(fact.Frames, kyc.LivenessFrame{ID: u.ID, AtMillis: 400 * i})
	}
	r.Established = map[string]any{kyc.KeyLivenessTry: fact}
}

// followed is a film of somebody who turns left, comes closer and turns right
// and left again.
func followed(alive float64) []face.Observation {
	var out []face.Observation
	for i, p := range []struct{ yaw, width float64 }{{0, 150}, {0.3, 150}, {0, 150}, {0, 200}, {0, 150}, {-0.3, 150}, {0, 150}, {0.3, 150}, {0, 150}} {
		out = append(out, pose(p.yaw, p.width, alive, i))
	}
	return out
}

// withSelfie is a good film in a session that has a selfie that much like it.
func withSelfie(like float64, err *kyc.Error) func(*house, *kyc.CheckRequest) {
	return func(h *house, r *kyc.CheckRequest) {
		film(h, r, moves(), followed(0.97)...)
		r.Uploads = append(r.Uploads, upload("selfie", "", "front", "selfie"))
		h.faces.likeness.Score, h.faces.compareErr = like, err
	}
}

func moves() []string {
	return []string{face.TurnLeft, face.MoveCloser, face.TurnRight, face.TurnLeft}
}

func TestFilmsAreJudged(t *testing.T) {
	t.Parallel()
	with := func(alive float64, actions []string, change func(*house, *kyc.CheckRequest, []face.Observation) []face.Observation) func(*house, *kyc.CheckRequest) {
		return func(h *house, r *kyc.CheckRequest) {
			frames := followed(alive)
			if change != nil {
				frames = change(h, r, frames)
			}
			film(h, r, actions, frames...)
		}
	}
	changed := func(change func(o *face.Observation)) func(*house, *kyc.CheckRequest) {
		return with(0.97, moves(), func(_ *house, _ *kyc.CheckRequest, f []face.Observation) []face.Observation {
			change(&f[4])
			return f
		})
	}
	for name, c := range map[string]faceCase{
		"done":                {`{"threshold":90}`, with(0.97, moves(), nil), kyc.StatusOK, kyc.Pass, "liveness_passed"},
		"not alive enough":    {`{"threshold":90}`, with(0.6, moves(), nil), kyc.StatusOK, kyc.Fail, "presentation_suspected"},
		"another challenge":   {"", with(0.97, []string{face.TurnRight, face.MoveCloser, face.TurnLeft, face.TurnRight}, nil), kyc.StatusOK, kyc.Fail, "actions_wrong"},
		"not all of it":       {"", with(0.97, append(moves(), face.TurnRight), nil), kyc.StatusOK, kyc.Fail, "actions_missing"},
		"somebody else":       {"", changed(func(o *face.Observation) { o.Template.Vector = []float32{0, 1} }), kyc.StatusOK, kyc.Fail, "person_changed"},
		"two people":          {"", changed(func(o *face.Observation) { o.Faces = append(o.Faces, o.Faces[0]) }), kyc.StatusOK, kyc.Fail, "several_faces"},
		"nobody for a moment": {"", changed(func(o *face.Observation) { o.Faces = nil }), kyc.StatusOK, kyc.VerdictReview, "face_not_found"},
		"too few frames":      {"", with(0.97, moves(), func(_ *house, _ *kyc.CheckRequest, f []face.Observation) []face.Observation { return f[:5] }), kyc.StatusOK, kyc.VerdictReview, "frames_count"},
		"too close to judge": {"", with(0.97, moves(), func(_ *house, _ *kyc.CheckRequest, f []face.Observation) []face.Observation {
			for i := range f {
				f[i].Alive.Assessable = false
			}
			return f
		}), kyc.StatusOK, kyc.VerdictReview, "face_too_close"},
		"longer than it took": {"", func(h *house, r *kyc.CheckRequest) {
			film(h, r, moves(), followed(0.97)...)
			fact, _ := r.Established[kyc.KeyLivenessTry].(kyc.LivenessTryFact)
			fact.ElapsedMillis = 500
			r.Established[kyc.KeyLivenessTry] = fact
		}, kyc.StatusOK, kyc.Fail, "times_wrong"},
		"without times": {"", func(h *house, r *kyc.CheckRequest) {
			film(h, r, moves(), followed(0.97)...)
			fact, _ := r.Established[kyc.KeyLivenessTry].(kyc.LivenessTryFact)
			fact.Timed = false
			r.Established[kyc.KeyLivenessTry] = fact
		}, kyc.StatusOK, kyc.Pass, "liveness_passed"},
		"with a selfie of the same person": {"", withSelfie(0.9, nil), kyc.StatusOK, kyc.Pass, "liveness_passed"},
		"with a selfie of somebody else":   {"", withSelfie(0.05, nil), kyc.StatusOK, kyc.Fail, "selfie_of_another_person"},
		"with a selfie hardly alike":       {"", withSelfie(0.7999, nil), kyc.StatusOK, kyc.VerdictReview, "selfie_unsure"},
		"with a selfie without a face":     {"", withSelfie(0.9, about("/selfie", "face_not_found")), kyc.StatusOK, kyc.VerdictReview, "selfie_not_compared"},
		"with nobody to compare a selfie":  {"", withSelfie(0.9, unavailableError("face_not_configured")), kyc.StatusNotConfigured, "", "liveness_not_configured"},
		"no frames":                        {"", func(h *house, r *kyc.CheckRequest) { film(h, r, moves()) }, kyc.StatusOK, kyc.VerdictReview, "liveness_frames_missing"},
		"no frames, no engine": {"", func(h *house, r *kyc.CheckRequest) {
			film(h, r, moves())
			h.faces.observeErr = unavailableError("face_not_configured")
		}, kyc.StatusNotConfigured, "", "liveness_not_configured"},
		"the engine is busy": {"", func(h *house, r *kyc.CheckRequest) {
			film(h, r, moves(), followed(1)...)
			h.faces.observeErr = unavailableError("face_timeout")
		}, kyc.StatusUnavailable, "", "face_timeout"},
		"a frame is no picture": {"", func(h *house, r *kyc.CheckRequest) {
			film(h, r, moves(), followed(1)...)
			h.faces.pictures = map[string]*kyc.Error{"frame3": about("", "image_malformed")}
		}, kyc.StatusOK, kyc.VerdictReview, "frame_unreadable"},
		"nobody is set up": {"", func(h *house, r *kyc.CheckRequest) {
			r.Established = map[string]any{kyc.KeyLivenessTry: kyc.LivenessTryFact{Provider: kyc.ProviderUnset}}
		}, kyc.StatusNotConfigured, "", "liveness_not_configured"},
		"no record": {"", func(h *house, r *kyc.CheckRequest) { r.Established = map[string]any{kyc.KeyLivenessTry: "soon"} }, kyc.StatusError, "", "established_unreadable"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, _ := c.run(t, "liveness")
			if a.Details["method"] != nil && a.Details["certified"] != false {
				t.Errorf("it does not say that it is not certified: %+v", a)
			}
			if a.Verdict == kyc.VerdictReview && a.Score != nil {
				t.Errorf("a number that means nothing: %+v", a)
			}
			if name != "done" {
				return
			}
			audit, _ := a.Details["audit"].([]any)
			if a.Details["reference"] == "" || a.Details["reference"] == nil || len(audit) == 0 || len(audit) > kyc.LivenessAudit || slices.Contains(audit, a.Details["reference"]) || a.Details["method"] != "active" ||
				*a.Score < 90 || a.Details["frames"] != 9 {
				t.Errorf("%+v", a.Details)
			}
		})
	}
}

func TestServicesThatFilm(t *testing.T) {
	t.Parallel()
	says := func(status string, confidence float64, err *kyc.Error) func(*house, *kyc.CheckRequest) {
		return func(h *house, r *kyc.CheckRequest) {
			r.Established = map[string]any{kyc.KeyLivenessTry: kyc.LivenessTryFact{Provider: kyc.ProviderRekognition, ServiceID: "aws-1", Challenge: face.MovementChallenge}}
			h.faces.service = face.LivenessResult{Made: face.Made{Provider: kyc.ProviderRekognition, Model: "FaceLiveness 2"}, Status: status, Confidence: confidence,
				Reference: []byte("reference"), Audit: [][]byte{[]byte("one"), []byte("two")}}
			h.faces.serviceErr = err
		}
	}
	for name, c := range map[string]faceCase{
		"sure":              {`{"threshold":90}`, says("succeeded", 90, nil), kyc.StatusOK, kyc.Pass, "liveness_passed"},
		"not sure enough":   {`{"threshold":90}`, says("succeeded", 89.9, nil), kyc.StatusOK, kyc.Fail, "presentation_suspected"},
		"failed":            {"", says("failed", 99, nil), kyc.StatusOK, kyc.Fail, "liveness_failed"},
		"expired":           {"", says("expired", 99, nil), kyc.StatusOK, kyc.Fail, "liveness_expired"},
		"not begun":         {"", says("created", 99, nil), kyc.StatusOK, kyc.VerdictReview, "liveness_unfinished"},
		"not finished":      {"", says("in_progress", 99, nil), kyc.StatusOK, kyc.VerdictReview, "liveness_unfinished"},
		"a word of its own": {"", says("SUCCESS", 99, nil), kyc.StatusOK, kyc.Fail, "liveness_failed"},
		"no confidence":     {"", says("succeeded", 101, nil), kyc.StatusError, "", "bad_score"},
		"away":              {"", says("", 0, unavailableError("provider_unavailable")), kyc.StatusUnavailable, "", "provider_unavailable"},
		"not set up":        {"", says("", 0, unavailableError("aws_rekognition_not_configured")), kyc.StatusNotConfigured, "", "liveness_not_configured"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, h := c.run(t, "liveness")
			if h.faces.serviceAsk != "org call-1 aws_rekognition aws-1" {
				t.Errorf("asked %q", h.faces.serviceAsk)
			}
			if len(a.Filmed) > 0 && a.Verdict != kyc.Pass && name != "not sure enough" {
				t.Errorf("frames of a try that did not succeed: %+v", a.Filmed)
			}
			if name == "sure" && (len(a.Filmed) != 3 || a.Filmed[0].Side != kyc.SideReference || a.Filmed[2].Side != kyc.SideAudit || a.Provider != kyc.ProviderRekognition || a.Details["certified"] != nil) {
				t.Errorf("%+v", a)
			}
		})
	}
}

func TestPlansAreDrawnAfresh(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 50 {
		p, err := NewLivenessPlan(face.MovementLightChallenge, now)
		if err != nil || len(p.Nonce) < 22 || len(p.Actions) < 3 || len(p.Colors) < 3 || !p.ExpiresAt.Equal(now.Add(3*time.Minute)) || p.Provider != kyc.ProviderLocal {
			t.Fatalf("%+v %v", p, err)
		}
		if seen[p.Nonce] {
			t.Fatal("a nonce came twice")
		}
		seen[p.Nonce] = true
	}
	if _, err := NewLivenessPlan("Dance", now); !kyc.IsCode(err, "challenge_unknown") {
		t.Errorf("%v", err)
	}
}
