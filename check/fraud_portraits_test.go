package check

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"bonafide/face"
	"bonafide/kyc"
)

// The second portrait of a document must be the first one's face; one that cannot be
// compared says nothing, and that nobody looked is told.
func TestSecondPortraits(t *testing.T) {
	t.Parallel()
	second := func(likes ...float64) func(*house, *kyc.CheckRequest) {
		return func(h *house, _ *kyc.CheckRequest) {
			for i, like := range likes {
				h.faces.onPage = append(h.faces.onPage, face.Other{Face: face.Face{X: 200, Y: 60 + 50*float64(i), W: 40, H: 45}, Portrait: like})
			}
		}
	}
	fails := func(kind kyc.Kind, code string) func(*house, *kyc.CheckRequest) {
		return func(h *house, _ *kyc.CheckRequest) { h.faces.onPageErr = kyc.Errorf(kind, code, "x") }
	}
	for name, c := range map[string]struct {
		change func(*house, *kyc.CheckRequest)
		config string
		points float64
		looked bool
	}{
		"one portrait":            {nil, "", 0, true},
		"the holder once more":    {second(0.97), "", 0, true},
		"too little to decide by": {second(0.21), "", 0, true},
		"somebody else":           {second(0.19), "", 30, true},
		"two others count once":   {second(0.9, 0.01, 0.02), "", 30, true},
		"nobody is to look":       {second(0.01), `{"compare_portraits":false}`, 0, false},
		"no picture of the applicant": {func(h *house, r *kyc.CheckRequest) {
			second(0.01)(h, r)
			r.Uploads = slices.DeleteFunc(r.Uploads, func(u kyc.Upload) bool { return u.Kind == "selfie" })
		}, "", 0, false},
		"no picture of the applicant, but asked for": {func(h *house, r *kyc.CheckRequest) {
			second(0.01)(h, r)
			r.Uploads = slices.DeleteFunc(r.Uploads, func(u kyc.Upload) bool { return u.Kind == "selfie" })
		}, `{"compare_portraits":true}`, 30, true},
		"no portrait": {fails(kyc.Invalid, "face_not_found"), "", 0, false},
		"no models":   {fails(kyc.Unavailable, "face_not_configured"), "", 0, false},
		"a page that is straighter": {func(h *house, r *kyc.CheckRequest) {
			second(0.1)(h, r)
			h.faces.straightened = map[string]bool{"document_front": true}
		}, "", 30, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, _ := askedIn(t, "document_fraud", c.config, c.change)
			s, found := signalsOf(t, a)["second_portrait_differs"]
			if found != (c.points > 0) || s.Points != c.points || a.Score == nil || *a.Score != c.points || a.Verdict != kyc.Pass {
				t.Errorf("%+v, %+v", s, a)
			}
			if found && (s.Region == nil || s.Region.W <= 0 || s.Evidence["width"] != 0.5 || s.Evidence["likeness"] == nil) {
				t.Errorf("%+v", s)
			}
			if said := strings.Contains(fmt.Sprint(a.Details["not_checked"]), "ghost_portrait"); said == c.looked {
				t.Errorf("not checked: %v", a.Details["not_checked"])
			}
		})
	}
	if a, _ := askedIn(t, "document_fraud", "", fails(kyc.Unavailable, "face_failed")); a.Status != kyc.StatusUnavailable || !a.Transient || a.Verdict == kyc.Pass {
		t.Errorf("an engine that fails: %+v", a)
	}
	unopened := func(h *house, _ *kyc.CheckRequest) {
		h.faces.pictures = map[string]*kyc.Error{"document_front": kyc.Errorf(kyc.Invalid, "image_malformed", "x")}
	}
	if a, _ := askedIn(t, "document_fraud", "", unopened); !strings.Contains(fmt.Sprint(a.Details["not_checked"]), "ghost_portrait") {
		t.Errorf("%+v", a)
	}
}
