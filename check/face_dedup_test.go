package check

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"bonafide/kyc"
)

func TestFaceDedup(t *testing.T) {
	t.Parallel()
	rule := func(body string) string { return `{"rules":[` + body + `]}` }
	rejected := func(_ *kyc.FaceTemplate, s *kyc.Session) { s.Status = kyc.SessionRejected }
	for name, c := range map[string]struct {
		config string
		change func(*house, *kyc.CheckRequest)
		want   kyc.Verdict
		of     string // of the only match
		score  float64
	}{
		"nobody":         {"", nil, kyc.Pass, "", 0},
		"a stranger":     {"", func(h *house, _ *kyc.CheckRequest) { h.faces.meet(0.4, 3, nil) }, kyc.Pass, "", 0.4},
		"just not alike": {"", func(h *house, _ *kyc.CheckRequest) { h.faces.meet(0.9199, 3, nil) }, kyc.Pass, "", 0.9199},
		"met":            {"", func(h *house, _ *kyc.CheckRequest) { h.faces.meet(0.93, 3, nil) }, kyc.Fail, "approved", 0.93},
		"met, rejected":  {"", func(h *house, _ *kyc.CheckRequest) { h.faces.meet(0.93, 3, rejected) }, kyc.Fail, "rejected", 0.93},
		"met, undecided": {"", func(h *house, _ *kyc.CheckRequest) {
			h.faces.meet(0.95, 3, func(_ *kyc.FaceTemplate, s *kyc.Session) { s.Status = kyc.SessionRunning })
		}, kyc.Fail, "pending", 0.95},
		"the same person comes back": {"", func(h *house, r *kyc.CheckRequest) {
			h.faces.meet(0.99, 3, func(t *kyc.FaceTemplate, _ *kyc.Session) { t.SubjectID = r.SubjectID })
		}, kyc.Pass, "", 0},
		"the same person, asked about": {rule(`{"scope":"tenant"}`), func(h *house, r *kyc.CheckRequest) {
			h.faces.meet(0.99, 3, func(t *kyc.FaceTemplate, _ *kyc.Session) { t.SubjectID = r.SubjectID })
		}, kyc.Fail, "approved", 0.99},
		"the session itself": {"", func(h *house, r *kyc.CheckRequest) {
			h.faces.meet(0.99, 0, func(t *kyc.FaceTemplate, _ *kyc.Session) { t.SessionID = r.SessionID })
		}, kyc.Pass, "", 0},
		"only rejected ones": {rule(`{"against":["rejected"]}`), func(h *house, _ *kyc.CheckRequest) { h.faces.meet(0.99, 3, nil) }, kyc.Pass, "", 0},
		"too long ago":       {rule(`{"lookback_days":30}`), func(h *house, _ *kyc.CheckRequest) { h.faces.meet(0.99, 31, nil) }, kyc.Pass, "", 0},
		"just not too long":  {rule(`{"lookback_days":30}`), func(h *house, _ *kyc.CheckRequest) { h.faces.meet(0.99, 30, nil) }, kyc.Fail, "approved", 0.99},
		"another workflow": {rule(`{"scope":"workflow"}`), func(h *house, r *kyc.CheckRequest) {
			h.faces.meet(0.99, 3, nil)
			h.faces.sessions = append(h.faces.sessions, kyc.Session{Meta: kyc.Meta{ID: r.SessionID}, WorkflowID: "w2"})
		}, kyc.Pass, "", 0},
		"the same workflow": {rule(`{"scope":"workflow"}`), func(h *house, r *kyc.CheckRequest) {
			h.faces.meet(0.99, 3, nil)
			h.faces.sessions = append(h.faces.sessions, kyc.Session{Meta: kyc.Meta{ID: r.SessionID}, WorkflowID: "w1"})
		}, kyc.Fail, "approved", 0.99},
		"two rules, the softer one": {rule(`{"min_similarity":0.99},{"min_similarity":0.6,"against":["rejected"]}`), func(h *house, _ *kyc.CheckRequest) {
			h.faces.meet(0.7, 3, rejected)
			h.faces.meet(0.7, 3, nil)
		}, kyc.Fail, "rejected", 0.7},
		"another environment": {"", func(h *house, _ *kyc.CheckRequest) {
			h.faces.meet(0.99, 3, func(t *kyc.FaceTemplate, _ *kyc.Session) { t.Tenant.Env = kyc.Sandbox })
		}, kyc.Pass, "", 0},
		"another organisation": {"", func(h *house, _ *kyc.CheckRequest) {
			h.faces.meet(0.99, 3, func(t *kyc.FaceTemplate, _ *kyc.Session) { t.Tenant.Org = "other" })
		}, kyc.Pass, "", 0},
		"another model": {"", func(h *house, _ *kyc.CheckRequest) {
			h.faces.meet(0.99, 3, func(t *kyc.FaceTemplate, _ *kyc.Session) { t.Model = "net-0" })
		}, kyc.VerdictReview, "", 0},
		"another model, not asked about": {rule(`{"against":["rejected"]}`), func(h *house, _ *kyc.CheckRequest) {
			h.faces.meet(0.99, 3, func(t *kyc.FaceTemplate, _ *kyc.Session) { t.Model = "net-0" })
		}, kyc.Pass, "", 0},
		"another model, the same person": {"", func(h *house, r *kyc.CheckRequest) {
			h.faces.meet(0.99, 3, func(t *kyc.FaceTemplate, _ *kyc.Session) { t.Model, t.SubjectID = "net-0", r.SubjectID })
		}, kyc.Pass, "", 0},
		"blocked by another model": {rule(`{"against":["blocklist"]}`), func(h *house, _ *kyc.CheckRequest) {
			h.list(kyc.ListFace, kyc.ModeBlock, kyc.ListValue{Vector: []float64{9, 0}, Extra: map[string]string{"model": "net-0"}})
		}, kyc.VerdictReview, "", 0},
		"erased meanwhile": {"", func(h *house, _ *kyc.CheckRequest) {
			h.faces.meet(0.99, 3, func(t *kyc.FaceTemplate, _ *kyc.Session) { t.Unreadable, t.Vector = true, nil })
		}, kyc.Pass, "", 0},
		"blocked": {rule(`{"against":["blocklist"]}`), func(h *house, _ *kyc.CheckRequest) {
			h.list(kyc.ListFace, kyc.ModeBlock, kyc.ListValue{Vector: []float64{7, 0}}, kyc.ListValue{Vector: []float64{1, 2, 3}}, kyc.ListValue{Vector: []float64{9, 0}, Extra: map[string]string{"model": "net-0"}})
			h.faces.meet(0.99, 3, nil)
		}, kyc.Fail, "blocklist", 1},
		"blocked and dismissed": {rule(`{"against":["blocklist"]}`), func(h *house, _ *kyc.CheckRequest) {
			id := h.list(kyc.ListFace, kyc.ModeBlock, kyc.ListValue{Vector: []float64{7, 0}})
			h.items[id][0].FalsePositive = true
		}, kyc.Pass, "", 0},
		"flagged is not blocked": {"", func(h *house, _ *kyc.CheckRequest) {
			h.list(kyc.ListFace, kyc.ModeFlag, kyc.ListValue{Vector: []float64{7, 0}})
		}, kyc.Pass, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, h := askedIn(t, "face_dedup", c.config, c.change)
			if a.Status != kyc.StatusOK || a.Verdict != c.want || *a.Score != c.score {
				t.Fatalf("%+v", a)
			}
			matches, _ := a.Details["matches"].([]any)
			if (c.of == "") != (len(matches) == 0) || len(matches) > 1 {
				t.Fatalf("matches %v", matches)
			}
			if c.of != "" && matches[0].(map[string]any)["of"] != c.of {
				t.Errorf("matches %v", matches)
			}
			if name == "too long ago" && h.faces.asking.Since.IsZero() {
				t.Error("all templates were read for a rule that looks back 30 days")
			}
			if k := h.faces.kept; len(k) != 1 || !k[0].ExpiresAt.Equal(now.AddDate(0, 0, 365)) || k[0].Model != "net-1" || k[0].UploadID == "" || k[0].Rev != 1 {
				t.Errorf("kept: %+v", k)
			}
			if b, _ := json.Marshal(a); strings.Contains(string(b), "vector") || strings.Contains(string(b), "Faces") {
				t.Errorf("the record holds the template: %s", b)
			}
		})
	}
}

func TestALikenessThatIsNoneIsAnError(t *testing.T) {
	t.Parallel()
	faceCase{"", func(h *house, _ *kyc.CheckRequest) { h.faces.meet(float32(math.NaN()), 1, nil) }, kyc.StatusError, "", "bad_score"}.run(t, "face_dedup")
}

// A face is kept once for each picture, and only where it was compared.
func TestTemplatesAreKeptOnce(t *testing.T) {
	t.Parallel()
	a, h := askedIn(t, "face_dedup", "", func(h *house, r *kyc.CheckRequest) {
		selfie := r.Uploads[slices.IndexFunc(r.Uploads, func(u kyc.Upload) bool { return u.Kind == "selfie" })].ID
		h.faces.meet(0.99, 0, func(t *kyc.FaceTemplate, _ *kyc.Session) { t.SessionID, t.UploadID = r.SessionID, selfie })
	})
	if len(h.faces.kept) != 0 || a.Verdict != kyc.Pass {
		t.Errorf("%+v, kept %+v", a, h.faces.kept)
	}
	settings := func(days int) kyc.FaceTemplate {
		_, h := askedIn(t, "face_dedup", "", func(_ *house, r *kyc.CheckRequest) { r.Settings.Faces.TemplateDays = days })
		return h.faces.kept[0]
	}
	if got := settings(30).ExpiresAt; !got.Equal(now.AddDate(0, 0, 30)) {
		t.Errorf("it lives until %s", got)
	}
	for name, c := range map[string]faceCase{
		"two faces":                {"", func(h *house, _ *kyc.CheckRequest) { h.faces.templateErr = about("/selfie", "several_faces") }, kyc.StatusOK, kyc.VerdictReview, "selfie_several_faces"},
		"nothing installed":        {"", func(h *house, _ *kyc.CheckRequest) { h.faces.templateErr = unavailableError("face_not_configured") }, kyc.StatusNotConfigured, "", "face_dedup_not_configured"},
		"the store is away":        {"", func(h *house, _ *kyc.CheckRequest) { h.faces.storeErr = errStore }, kyc.StatusUnavailable, "", "faces_unavailable"},
		"it cannot be stored":      {"", func(h *house, _ *kyc.CheckRequest) { h.faces.commitErr = errStore }, kyc.StatusUnavailable, "", "faces_unavailable"},
		"the sandbox keeps nobody": {"", func(_ *house, r *kyc.CheckRequest) { r.Tenant.Env = kyc.Sandbox }, kyc.StatusNotConfigured, "", "no_simulator"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, h := c.run(t, "face_dedup"); len(h.faces.kept) != 0 {
				t.Errorf("kept %+v", h.faces.kept)
			}
		})
	}
}
