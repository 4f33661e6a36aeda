package check

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"bonafide/kyc"
)

// faceAt is a face of a list that is so like the applicant's, 0-1.
func faceAt(like float64) kyc.ListValue {
	return kyc.ListValue{Vector: []float64{3 * like, 3 * math.Sqrt(1-like*like)}}
}

// TestListsOfFaces asks lists of faces about an applicant who showed a face.
func TestListsOfFaces(t *testing.T) {
	t.Parallel()
	other := kyc.ListValue{Vector: []float64{9, 0}, Extra: map[string]string{"model": "net-0"}}
	short := kyc.ListValue{Vector: []float64{1, 2, 3}}
	for name, c := range map[string]struct {
		mode    kyc.ListMode
		faces   []kyc.ListValue
		config  string
		verdict kyc.Verdict
		code    string
		sure    int
	}{
		"blocked":                      {kyc.ModeBlock, []kyc.ListValue{faceAt(0.1), faceAt(0.93)}, ``, kyc.Fail, "list_blocked", 1},
		"flagged":                      {kyc.ModeFlag, []kyc.ListValue{faceAt(0.95)}, ``, kyc.Pass, "list_flagged", 1},
		"trusted":                      {kyc.ModeAllow, []kyc.ListValue{faceAt(0.95)}, ``, kyc.Pass, "list_allowed", 1},
		"somebody else":                {kyc.ModeBlock, []kyc.ListValue{faceAt(0.1), faceAt(0.79)}, ``, kyc.Pass, "no_list_match", 0},
		"alike, blocked":               {kyc.ModeBlock, []kyc.ListValue{faceAt(0.85), faceAt(0.3)}, ``, kyc.VerdictReview, "list_match_unsure", 0},
		"alike, flagged":               {kyc.ModeFlag, []kyc.ListValue{faceAt(0.85)}, ``, kyc.Pass, "list_match_unsure", 0},
		"alike, trusted":               {kyc.ModeAllow, []kyc.ListValue{faceAt(0.85)}, ``, kyc.Pass, "list_match_unsure", 0},
		"alike, at the own threshold":  {kyc.ModeBlock, []kyc.ListValue{faceAt(0.85)}, `{"face_threshold":0.85}`, kyc.Fail, "list_blocked", 1},
		"a threshold below the point":  {kyc.ModeBlock, []kyc.ListValue{faceAt(0.7)}, `{"face_threshold":0.6}`, kyc.Fail, "list_blocked", 1},
		"another model, blocked":       {kyc.ModeBlock, []kyc.ListValue{other}, ``, kyc.VerdictReview, "faces_not_comparable", 0},
		"another length, blocked":      {kyc.ModeBlock, []kyc.ListValue{short, faceAt(0.2)}, ``, kyc.VerdictReview, "faces_not_comparable", 0},
		"another model, flagged":       {kyc.ModeFlag, []kyc.ListValue{other}, ``, kyc.Pass, "faces_not_comparable", 0},
		"another model beside the own": {kyc.ModeBlock, []kyc.ListValue{other, faceAt(0.99)}, ``, kyc.Fail, "list_blocked", 1},
	} {
		change := func(h *house, _ *kyc.CheckRequest) { h.list(kyc.ListFace, c.mode, c.faces...) }
		a, _ := askedIn(t, "check_against_list", c.config, change)
		matches, _ := a.Details["matches"].([]any)
		sure := 0
		for _, m := range matches {
			if m.(map[string]any)["unsure"] == nil {
				sure++
			}
		}
		if a.Status != kyc.StatusOK || a.Verdict != c.verdict || !codes(a)[c.code] || sure != c.sure || a.Details["model"] != "net-1" || a.Details["source"] != "selfie" {
			t.Errorf("%s: %+v", name, a)
		}
		if raw, err := json.Marshal(a); err != nil || strings.Contains(string(raw), "ector") {
			t.Errorf("%s: the record holds a template: %s (%v)", name, raw, err)
		}
		a, _ = askedIn(t, "check_against_list", c.config, func(h *house, r *kyc.CheckRequest) {
			change(h, r)
			for _, items := range h.items {
				for i := range items {
					items[i].FalsePositive = true
				}
			}
		})
		if a.Status != kyc.StatusOK || a.Verdict != kyc.Pass || !codes(a)["no_list_match"] {
			t.Errorf("%s, dismissed: %+v", name, a)
		}
	}
}

// TestListsOfFacesThatCannotBeAsked holds that a block list nobody compared with is
// never a pass, and that nothing is looked at where no list holds faces.
func TestListsOfFacesThatCannotBeAsked(t *testing.T) {
	t.Parallel()
	noSelfie := func(_ *house, r *kyc.CheckRequest) { r.Uploads = nil }
	unclear := func(h *house, _ *kyc.CheckRequest) {
		h.faces.templateErr = kyc.Errorf(kyc.Invalid, "several_faces", "two")
	}
	for name, c := range map[string]struct {
		mode    kyc.ListMode
		config  string
		change  func(*house, *kyc.CheckRequest)
		status  kyc.AnswerStatus
		verdict kyc.Verdict
		code    string
	}{
		"no engine, blocked": {kyc.ModeBlock, ``, func(h *house, _ *kyc.CheckRequest) { h.faces.absent = true }, kyc.StatusNotConfigured, "", "face_lists_not_configured"},
		"no engine, flagged": {kyc.ModeFlag, ``, func(h *house, _ *kyc.CheckRequest) { h.faces.absent = true }, kyc.StatusOK, kyc.Pass, "no_list_match"},
		"no model, blocked": {kyc.ModeBlock, ``, func(h *house, _ *kyc.CheckRequest) {
			h.faces.templateErr = kyc.Errorf(kyc.Unavailable, "face_not_configured", "no model")
		}, kyc.StatusNotConfigured, "", "face_lists_not_configured"},
		"no picture, blocked":            {kyc.ModeBlock, ``, noSelfie, kyc.StatusOK, kyc.VerdictReview, "list_not_compared"},
		"two people, blocked":            {kyc.ModeBlock, ``, unclear, kyc.StatusOK, kyc.VerdictReview, "selfie_several_faces"},
		"two people, blocked, no matter": {kyc.ModeBlock, `{"on_missing":"ignore"}`, unclear, kyc.StatusOK, kyc.VerdictReview, "selfie_several_faces"},
		"engine away": {kyc.ModeFlag, ``, func(h *house, _ *kyc.CheckRequest) {
			h.faces.templateErr = kyc.Errorf(kyc.Unavailable, "busy", "no time")
		}, kyc.StatusUnavailable, "", "busy"},
		"store away":              {kyc.ModeBlock, ``, func(h *house, _ *kyc.CheckRequest) { h.storeErr = errStore }, kyc.StatusUnavailable, "", "lists_unavailable"},
		"another length, flagged": {kyc.ModeFlag, ``, func(h *house, _ *kyc.CheckRequest) { h.faces.template.Vector = []float32{2, 0, 0} }, kyc.StatusOK, kyc.Pass, "faces_not_comparable"},
	} {
		a, _ := askedIn(t, "check_against_list", c.config, func(h *house, r *kyc.CheckRequest) {
			h.list(kyc.ListFace, c.mode, faceAt(0.99))
			c.change(h, r)
		})
		if a.Status != c.status || a.Verdict != c.verdict || !codes(a)[c.code] {
			t.Errorf("%s: %+v", name, a)
		}
	}
	a, _ := askedIn(t, "check_against_list", ``, func(h *house, _ *kyc.CheckRequest) {
		h.faces.absent = true
		h.list(kyc.ListFace, kyc.ModeBlock)
		h.list(kyc.ListEmail, kyc.ModeBlock, kyc.ListValue{Value: "nobody@example.net"})
	})
	if a.Status != kyc.StatusOK || a.Verdict != kyc.Pass {
		t.Errorf("an empty list of faces: %+v", a)
	}
}

// TestListsOfFacesAskAnewAfterLiveness holds that the question of a session's lists
// changes with how its liveness check ended, because that decides which picture is
// compared.
func TestListsOfFacesAskAnewAfterLiveness(t *testing.T) {
	t.Parallel()
	m, r := menu(t, goodHouse(), NewSimulator()), request("check_against_list")
	_, before := m.Question(r)
	r.Checks = map[string]kyc.CheckFact{"liveness": {Status: "failed"}}
	if _, after := m.Question(r); before == "" || after == "" || after == before {
		t.Errorf("%q and %q", before, after)
	}
}
