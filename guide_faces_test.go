package main

import (
	"context"
	"encoding/json"
	"maps"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bonafide/check"
	"bonafide/face"
	"bonafide/kyc"
	"bonafide/model"
	"bonafide/provider"
)

// guided is what the guide shows of one check.
type guided struct {
	Check   string         `json:"check"`
	Status  string         `json:"status"`
	Score   float64        `json:"score"`
	Reasons []any          `json:"reasons"`
	Details map[string]any `json:"details"`
}

// guidedFaces are the outputs that docs/guide/documents.md shows of the checks
// that look at people.
func guidedFaces(t *testing.T) map[string]guided {
	t.Helper()
	page, err := os.ReadFile("docs/guide/documents.md")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]guided{}
	for _, block := range strings.Split(string(page), "```json\n")[1:] {
		text, _, _ := strings.Cut(block, "```")
		var g guided
		if err := json.Unmarshal([]byte(text), &g); err == nil && g.Check != "" {
			out[g.Check] = g
		}
	}
	return out
}

// rough rounds numbers to two places, which other processors keep.
func rough(v any) any {
	switch v := v.(type) {
	case float64:
		return math.Round(v*100) / 100
	case []any:
		for i := range v {
			v[i] = rough(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = rough(v[k])
		}
	}
	return v
}

func roughJSON(t *testing.T, v any) json.RawMessage {
	t.Helper()
	var out any
	if err := json.Unmarshal(mustJSONText(t, v), &out); err != nil {
		t.Fatal(err)
	}
	return mustJSONText(t, rough(out))
}

// The guide shows what the checks really answer.
func TestGuideOfFaces(t *testing.T) {
	t.Parallel()
	want := guidedFaces(t)
	for _, name := range []string{"face_match", "liveness", "age_estimation", "face_dedup"} {
		if len(want[name].Details) == 0 {
			t.Fatalf("the guide shows no output of %s", name)
		}
	}
	flags, data := faceTools(t)
	pairs := filepath.Join(data, "faces", "dev", "pairs")
	_, out, _ := call(t, append([]string{"verify", "--data", t.TempDir(), "--workflow", filepath.Join("docs", "guide", "identity.json"), "--json",
		"--document", "passport=" + filepath.Join(data, "documents", "dev", "mrz", "100_pass-fin.png"), "--document", "selfie=" + filepath.Join(pairs, "img1.jpg")}, flags...)...)
	var view struct {
		Checks map[string]map[string]any `json:"checks"`
	}
	if err := json.Unmarshal([]byte(out), &view); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	shown := maps.Clone(view.Checks)
	shown["face_dedup"] = metTwice(t, flags, pairs)
	for name, g := range want {
		g.Check = ""
		said := shown[name]
		if said["check"] = ""; said["status"] == nil {
			t.Errorf("%s was not asked", name)
			continue
		}
		within(t, name, roughJSON(t, g), roughJSON(t, said))
	}
}

// metTwice shows one person in two sessions and gives the second answer.
func metTwice(t *testing.T, flags []string, pairs string) map[string]any {
	t.Helper()
	engine := face.Open(face.Options{Models: model.Open(flags[1]), Library: flags[3]})
	t.Cleanup(engine.Close)
	m := newMeeting(t, nodesOn(t, "")[0])
	reader := newReader(&Globals{Data: t.TempDir()})
	t.Cleanup(func() { _ = reader.Close() })
	menu, err := check.New(kyc.SystemClock(), check.All(check.Deps{Clock: kyc.SystemClock(), Blobs: onDisk{}, Pictures: reader, Templates: m.db,
		Faces: &provider.Router{Local: provider.Local{Encoder: engine}}}), check.NewSimulator())
	if err != nil {
		t.Fatal(err)
	}
	var last kyc.Answer
	for _, file := range []string{"img10.jpg", "img1.jpg"} {
		subject := &kyc.Subject{Meta: m.meta(m.now), Kind: "individual", Status: kyc.SubjectPending}
		session := &kyc.Session{Meta: m.meta(m.now), SubjectID: subject.ID, Status: kyc.SessionApproved, WorkflowID: "w"}
		if err := m.db.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{subject, session}}); err != nil {
			t.Fatal(err)
		}
		last = menu.Run(t.Context(), kyc.CheckRequest{Tenant: m.tenant, SessionID: session.ID, SubjectID: subject.ID, RunID: session.ID, Node: "n", Policy: "face_dedup", Attempt: 1,
			Now: m.now, Settings: kyc.DefaultSettings(), Uploads: []kyc.Upload{{Meta: m.meta(m.now), Kind: "selfie", BlobKey: filepath.Join(pairs, file), ContentType: "image/jpeg"}}})
	}
	status := map[kyc.Verdict]string{kyc.Pass: "passed", kyc.Fail: "failed", kyc.VerdictReview: "review"}[last.Verdict]
	if last.Score == nil {
		t.Fatalf("%+v", last)
	}
	return map[string]any{"status": status, "score": *last.Score, "reasons": last.Reasons, "details": last.Details}
}

// onDisk reads uploads from files.
type onDisk struct{}

func (onDisk) Blob(_ context.Context, _ kyc.Tenant, _ kyc.ID, key string) ([]byte, error) {
	return os.ReadFile(key)
}
