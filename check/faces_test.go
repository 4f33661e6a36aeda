package check

import (
	"math"
	"slices"
	"testing"

	"bonafide/face"
	"bonafide/kyc"
)

func unavailableError(code string) *kyc.Error {
	return kyc.Errorf(kyc.Unavailable, code, "run bonafide models pull")
}

// faceCase is one question about a face and what must come of it.
type faceCase struct {
	config  string
	change  func(*house, *kyc.CheckRequest)
	status  kyc.AnswerStatus
	verdict kyc.Verdict
	code    string
}

func (c faceCase) run(t *testing.T, policy string) (kyc.Answer, *house) {
	t.Helper()
	a, h := askedIn(t, policy, c.config, c.change)
	if a.Status != c.status || a.Verdict != c.verdict || !codes(a)[c.code] {
		t.Errorf("want %s %s %s, got %+v", c.status, c.verdict, c.code, a)
	}
	return a, h
}

func TestFaceMatch(t *testing.T) {
	t.Parallel()
	score := func(v float64) func(*house, *kyc.CheckRequest) {
		return func(h *house, _ *kyc.CheckRequest) { h.faces.likeness.Score = v }
	}
	fails := func(err *kyc.Error) func(*house, *kyc.CheckRequest) {
		return func(h *house, _ *kyc.CheckRequest) { h.faces.compareErr = err }
	}
	for name, c := range map[string]faceCase{
		"alike":                  {"", nil, kyc.StatusOK, kyc.Pass, "faces_match"},
		"exactly the threshold":  {`{"threshold":0.8}`, score(0.8), kyc.StatusOK, kyc.Pass, "faces_match"},
		"just below it":          {`{"threshold":0.8}`, score(0.7999), kyc.StatusOK, kyc.VerdictReview, "faces_unsure"},
		"the portrait as selfie": {"", func(h *house, _ *kyc.CheckRequest) { h.faces.likeness.Raw, h.faces.likeness.Score = 0.95, 0.9999 }, kyc.StatusOK, kyc.VerdictReview, "selfie_is_portrait"},
		"one file as both": {"", func(_ *house, r *kyc.CheckRequest) {
			for i := range r.Uploads {
				if r.Uploads[i].Kind == "selfie" || r.Uploads[i].Kind == "document_front" && r.Uploads[i].Asked != "secondary" {
					r.Uploads[i].SHA256 = "one"
				}
			}
		}, kyc.StatusOK, kyc.VerdictReview, "selfie_is_portrait"},
		"standard":            {"", score(0.8), kyc.StatusOK, kyc.Pass, "faces_match"},
		"below standard":      {"", score(0.7999), kyc.StatusOK, kyc.VerdictReview, "faces_unsure"},
		"a threshold of less": {`{"threshold":0.5}`, score(0.6), kyc.StatusOK, kyc.Pass, "below_operating_point"},
		"strict":              {`{"security_level":"strict"}`, score(0.9962), kyc.StatusOK, kyc.Pass, "faces_match"},
		"below strict":        {`{"security_level":"strict"}`, score(0.996), kyc.StatusOK, kyc.VerdictReview, "faces_unsure"},
		"very strict":         {`{"security_level":"very_strict"}`, score(0.9998), kyc.StatusOK, kyc.Pass, "faces_match"},
		"below very strict":   {`{"security_level":"very_strict"}`, score(0.9997), kyc.StatusOK, kyc.VerdictReview, "faces_unsure"},
		"two people":          {"", score(0.19), kyc.StatusOK, kyc.Fail, "faces_differ"},
		"no number":           {"", score(math.NaN()), kyc.StatusError, "", "bad_score"},
		"more than alike":     {"", score(1.2), kyc.StatusError, "", "bad_score"},
		"small portrait":      {"", fails(about("/portrait", "face_too_small")), kyc.StatusOK, kyc.VerdictReview, "portrait_face_too_small"},
		"no portrait":         {"", fails(about("/portrait", "face_not_found")), kyc.StatusOK, kyc.VerdictReview, "portrait_face_not_found"},
		"no face":             {"", fails(about("/selfie", "face_not_found")), kyc.StatusOK, kyc.VerdictReview, "selfie_face_not_found"},
		"two faces":           {"", fails(about("/selfie", "several_faces")), kyc.StatusOK, kyc.VerdictReview, "selfie_several_faces"},
		"nothing installed":   {"", fails(unavailableError("face_not_configured")), kyc.StatusNotConfigured, "", "face_match_not_configured"},
		"the service is away": {"", fails(unavailableError("provider_unavailable")), kyc.StatusUnavailable, "", "provider_unavailable"},
		"it broke":            {"", fails(kyc.Errorf(kyc.Internal, "net", "x")), kyc.StatusError, "", "face_failed"},
		"nobody is set up":    {"", func(h *house, _ *kyc.CheckRequest) { h.faces.absent = true }, kyc.StatusNotConfigured, "", "face_match_not_configured"},
		"a selfie that is no picture": {"", func(h *house, _ *kyc.CheckRequest) {
			h.faces.pictures = map[string]*kyc.Error{"selfie": about("", "image_malformed")}
		}, kyc.StatusOK, kyc.VerdictReview, "selfie_unreadable"},
		"only a side view": {"", func(_ *house, r *kyc.CheckRequest) {
			for i := range r.Uploads {
				if r.Uploads[i].Kind == "selfie" {
					r.Uploads[i].Side = "left"
				}
			}
		}, kyc.StatusOK, kyc.VerdictReview, "face_missing"},
		"no document": {"", func(_ *house, r *kyc.CheckRequest) {
			r.Uploads = slices.DeleteFunc(r.Uploads, func(u kyc.Upload) bool { return u.Kind == "document_front" && u.Asked != "secondary" })
		}, kyc.StatusOK, kyc.VerdictReview, "portrait_missing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, h := c.run(t, "face_match")
			if name != "alike" {
				return
			}
			box, _ := a.Details["portrait"].(map[string]any)
			if a.Details["model"] != "test-net sha256:1234" || a.Details["calibration"] != "test-1" || a.Details["source"] != "selfie" || a.Details["portrait_source"] != "document" ||
				a.Details["level"] != "standard" || *a.Score != 0.95 || *a.Threshold != 0.8 || a.Details["raw"] != 0.41 || box["upload"] == nil || box["page"] == nil {
				t.Errorf("%+v", a)
			}
			if !slices.Equal(h.faces.asked, []string{"document_front:selfie"}) {
				t.Errorf("compared %v", h.faces.asked)
			}
		})
	}
}

// Which two pictures are compared.
func TestFacesComeFromTheRightPlace(t *testing.T) {
	t.Parallel()
	frame := kyc.Upload{Kind: "liveness", Side: kyc.SideReference, StepID: "live", BlobKey: "frame", SHA256: "frame", ContentType: "image/jpeg"}
	second := kyc.Upload{Kind: "document_front", BlobKey: "page2", SHA256: "page2"}
	live := func(status string) map[string]any {
		return map[string]any{"liveness": map[string]any{"status": status}}
	}
	sources := `{"sources":[{"source":"liveness_reference","step_id":"live"},{"source":"selfie","step_id":"photo"}]}`
	for name, c := range map[string]struct {
		config string
		change func(*house, *kyc.CheckRequest)
		want   string // portrait:selfie of the last comparison
		source string
	}{
		"the frame of a passed try": {sources, func(_ *house, r *kyc.CheckRequest) {
			r.Uploads, r.Established = append(r.Uploads, frame), live("passed")
		}, "document_front:frame", "liveness_reference"},
		"not that of a failed one": {sources, func(_ *house, r *kyc.CheckRequest) {
			r.Uploads, r.Established = append(r.Uploads, frame), live("failed")
			r.Uploads[slices.IndexFunc(r.Uploads, func(u kyc.Upload) bool { return u.Kind == "selfie" })].StepID = "photo"
		}, "document_front:selfie", "selfie"},
		"unasked, the frame first": {"", func(_ *house, r *kyc.CheckRequest) { r.Uploads = append(r.Uploads, frame) }, "document_front:frame", "liveness_reference"},
		"never an audit frame": {"", func(_ *house, r *kyc.CheckRequest) {
			f := frame
			f.Side = kyc.SideAudit
			r.Uploads = append(r.Uploads, f)
		}, "document_front:selfie", "selfie"},
		"never a destroyed one": {"", func(_ *house, r *kyc.CheckRequest) {
			f := frame
			f.RedactedAt = now
			r.Uploads = append(r.Uploads, f)
		}, "document_front:selfie", "selfie"},
		"not after liveness failed": {"", func(_ *house, r *kyc.CheckRequest) {
			r.Uploads, r.Checks["liveness"] = append(r.Uploads, frame), kyc.CheckFact{Status: "failed"}
		}, "document_front:selfie", "selfie"},
		"the page with the portrait": {"", func(h *house, r *kyc.CheckRequest) {
			r.Uploads = append(r.Uploads, second)
			h.faces.strangers = map[string]*kyc.Error{"document_front": about("/portrait", "face_not_found")}
		}, "page2:selfie", "selfie"},
		"a straightened page": {"", func(h *house, _ *kyc.CheckRequest) {
			h.faces.straightened = map[string]bool{"document_front": true}
		}, "document_front':selfie", "selfie"},
		"no portrait where it was straightened": {"", func(h *house, _ *kyc.CheckRequest) {
			h.faces.straightened = map[string]bool{"document_front": true}
			h.faces.strangers = map[string]*kyc.Error{"document_front'": about("/portrait", "face_not_found")}
		}, "document_front:selfie", "selfie"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, h := askedIn(t, "face_match", c.config, func(h *house, r *kyc.CheckRequest) {
				r.Checks = map[string]kyc.CheckFact{}
				c.change(h, r)
			})
			if a.Verdict != kyc.Pass || len(h.faces.asked) == 0 || h.faces.asked[len(h.faces.asked)-1] != c.want || a.Details["source"] != c.source {
				t.Errorf("compared %v: %+v", h.faces.asked, a)
			}
		})
	}
	// A small portrait is an answer; another page does not make up for it.
	a, _ := askedIn(t, "face_match", "", func(h *house, r *kyc.CheckRequest) {
		r.Uploads = append(r.Uploads, second)
		h.faces.strangers = map[string]*kyc.Error{"document_front": about("/portrait", "face_too_small")}
	})
	if a.Verdict != kyc.VerdictReview || !codes(a)["portrait_face_too_small"] {
		t.Errorf("%+v", a)
	}
}

func TestPassiveLiveness(t *testing.T) {
	t.Parallel()
	fails := func(err *kyc.Error) func(*house, *kyc.CheckRequest) {
		return func(h *house, _ *kyc.CheckRequest) { h.faces.aliveErr = err }
	}
	seen := func(confidence float64, assessable bool, why string) func(*house, *kyc.CheckRequest) {
		return func(h *house, _ *kyc.CheckRequest) {
			h.faces.alive.Confidence, h.faces.alive.Assessable, h.faces.alive.Reason = confidence, assessable, why
		}
	}
	for name, c := range map[string]faceCase{
		"alive":                      {"", nil, kyc.StatusOK, kyc.Pass, "liveness_passed"},
		"the threshold itself":       {`{"threshold":90}`, seen(90, true, ""), kyc.StatusOK, kyc.Pass, "liveness_passed"},
		"just below it":              {`{"threshold":90}`, seen(89.99, true, ""), kyc.StatusOK, kyc.Fail, "presentation_suspected"},
		"a print":                    {"", seen(2, true, ""), kyc.StatusOK, kyc.Fail, "presentation_suspected"},
		"too close to judge":         {"", seen(99, false, "face_too_close"), kyc.StatusOK, kyc.VerdictReview, "liveness_face_too_close"},
		"not to judge, nobody knows": {"", seen(99, false, ""), kyc.StatusOK, kyc.VerdictReview, "liveness_not_assessable"},
		"no number":                  {"", seen(math.Inf(1), true, ""), kyc.StatusError, "", "bad_score"},
		"two faces":                  {"", fails(about("/selfie", "several_faces")), kyc.StatusOK, kyc.VerdictReview, "selfie_several_faces"},
		"nothing installed":          {"", fails(unavailableError("face_not_configured")), kyc.StatusNotConfigured, "", "liveness_not_configured"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, _ := c.run(t, "liveness")
			if a.Status == kyc.StatusOK && a.Details["assessable"] != nil && a.Details["certified"] != false {
				t.Errorf("it does not say that it is not certified: %+v", a)
			}
			if name == "too close to judge" && (a.Score != nil || a.Details["confidence"] != 0.0) {
				t.Errorf("a number that means nothing: %+v", a)
			}
		})
	}
}

func TestAgeEstimate(t *testing.T) {
	t.Parallel()
	years := func(v float64) func(*house, *kyc.CheckRequest) {
		return func(h *house, _ *kyc.CheckRequest) { h.faces.age.Years = v }
	}
	for name, c := range map[string]faceCase{
		"grown up":             {"", years(25), kyc.StatusOK, kyc.Pass, "age_estimate_above"},
		"nearly sure":          {"", years(24.99), kyc.StatusOK, kyc.VerdictReview, "age_estimate_unsure"},
		"perhaps":              {"", years(18), kyc.StatusOK, kyc.VerdictReview, "age_estimate_unsure"},
		"perhaps too young":    {"", years(15), kyc.StatusOK, kyc.VerdictReview, "age_estimate_unsure"},
		"a child":              {"", years(14.9), kyc.StatusOK, kyc.Fail, "age_estimate_below"},
		"another limit":        {`{"minimum_age":21}`, years(27.9), kyc.StatusOK, kyc.VerdictReview, "age_estimate_unsure"},
		"another limit passed": {`{"minimum_age":21}`, years(28), kyc.StatusOK, kyc.Pass, "age_estimate_above"},
		"no age":               {"", years(math.NaN()), kyc.StatusError, "", "bad_age"},
		"never the portrait": {"", func(_ *house, r *kyc.CheckRequest) {
			r.Uploads = slices.DeleteFunc(r.Uploads, func(u kyc.Upload) bool { return u.Kind == "selfie" })
		}, kyc.StatusOK, kyc.VerdictReview, "face_missing"},
		"nothing installed": {"", func(h *house, _ *kyc.CheckRequest) { h.faces.ageErr = unavailableError("face_not_configured") }, kyc.StatusNotConfigured, "", "age_estimation_not_configured"},
		"a service": {"", func(h *house, _ *kyc.CheckRequest) {
			h.faces.age = face.Age{Made: face.Made{Provider: "aws_rekognition", Model: "7"}, Years: 41, Low: 36, High: 46}
		}, kyc.StatusOK, kyc.Pass, "age_estimate_above"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, _ := c.run(t, "age_estimation")
			if name == "a service" && (a.Provider != "aws_rekognition" || a.Version != "7" || a.Details["range"] == nil) {
				t.Errorf("%+v", a)
			}
			if a.Status == kyc.StatusOK && a.Details["age_check_passed"] != nil && a.Details["age_check_passed"] != (a.Verdict == kyc.Pass) {
				t.Errorf("%+v", a)
			}
		})
	}
}

// A selfie that was sent beside a film of somebody else passes nothing, whichever
// of the two came first.
func TestASelfieIsHeldToTheFilm(t *testing.T) {
	t.Parallel()
	filmed := func(like float64) func(*house, *kyc.CheckRequest) {
		return func(h *house, r *kyc.CheckRequest) {
			r.Uploads = append(r.Uploads, upload("liveness", "", "frame_1", "frame0"), upload("liveness", "", "frame_2", "frame1"))
			h.faces.alike = map[string]float64{"frame0:selfie": like}
		}
	}
	// What a service kept is a film of one frame.
	kept := func(h *house, r *kyc.CheckRequest) {
		frame := upload("liveness", "", kyc.SideReference, "frame0")
		frame.StepID = "live"
		r.Uploads = append(r.Uploads, frame)
		for i := range r.Uploads {
			if r.Uploads[i].Kind == "selfie" {
				r.Uploads[i].StepID = "photo"
			}
		}
		h.faces.alike = map[string]float64{"frame0:selfie": 0.1}
	}
	faceCase{`{"sources":[{"source":"selfie","step_id":"photo"}]}`, kept, kyc.StatusOK, kyc.Fail, "selfie_of_another_person"}.run(t, "face_match")
	for _, policy := range []string{"face_match", "age_estimation"} {
		for name, c := range map[string]faceCase{
			"one person": {"", filmed(0.8), kyc.StatusOK, kyc.Pass, map[string]string{"face_match": "faces_match", "age_estimation": "age_estimate_above"}[policy]},
			"two people": {"", filmed(0.1), kyc.StatusOK, kyc.Fail, "selfie_of_another_person"},
			"unsure":     {"", filmed(0.5), kyc.StatusOK, kyc.VerdictReview, "selfie_unsure"},
			"no number":  {"", filmed(math.NaN()), kyc.StatusError, "", "bad_score"},
		} {
			t.Run(policy+" "+name, func(t *testing.T) {
				t.Parallel()
				a, h := c.run(t, policy)
				if !slices.Contains(h.faces.asked, "frame0:selfie") {
					t.Errorf("compared %v", h.faces.asked)
				}
				if a.Verdict != kyc.Pass && (a.Score != nil || a.Details["age_check_passed"] == true) {
					t.Errorf("a number of somebody else: %+v", a)
				}
			})
		}
	}
}
