package main

import (
	"encoding/json"
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bonafide/face"
	"bonafide/model"
)

// faceTools are the flags with which faces can be looked at here; the test is
// skipped where the data folder or ONNX Runtime is missing.
func faceTools(t *testing.T) (flags []string, data string) {
	t.Helper()
	data, err := filepath.Abs(filepath.Join("..", "shared", "data"))
	if err != nil {
		t.Fatal(err)
	}
	library := os.Getenv("BONAFIDE_ONNXRUNTIME")
	if library == "" {
		library, _ = filepath.Abs(filepath.Join(".cache", "onnxruntime", "libonnxruntime.so.1"))
	}
	models := filepath.Join(data, "models")
	engine := face.Open(face.Options{Models: model.Open(models), Library: library})
	defer engine.Close()
	if _, bad := engine.Find(t.Context(), image.NewGray(image.Rect(0, 0, 64, 64))); bad != nil {
		t.Skipf("faces cannot be looked at here: %v", bad)
	}
	return []string{"--models", models, "--onnxruntime", library}, data
}

// The end of issue 6: a passport photo and two face photos, no network.
func TestVerifyLooksAtFaces(t *testing.T) {
	t.Parallel()
	flags, data := faceTools(t)
	pairs := filepath.Join(data, "faces", "dev", "pairs")
	passport := filepath.Join(data, "documents", "dev", "mrz", "100_pass-fin.png")
	verify := func(selfie, other string, more ...string) (int, string, string) {
		args := append([]string{"verify", "--data", t.TempDir(), "--workflow", filepath.Join("docs", "guide", "identity.json"), "--document", "passport=" + passport,
			"--document", "selfie=" + filepath.Join(pairs, selfie), "--document", "face=" + filepath.Join(pairs, other),
			"--field", "first_name=Maria Olivia", "--field", "last_name=Virtanen", "--field", "date_of_birth=1971-12-21"}, flags...)
		return call(t, append(args, more...)...)
	}
	code, out, complaint := verify("img1.jpg", "img10.jpg")
	if code != exitReview || complaint != "" {
		t.Fatalf("exit %d\n%s%s", code, out, complaint)
	}
	for _, want := range []string{"XP8271602", "form_matches_document", "faces_differ", "liveness_passed", "age_estimat", "document_fraud", "img1.jpg, img10.jpg: similarity 1.00", "one person", "decision  needs_review"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing:\n%s", want, out)
		}
	}
	var view struct {
		Outcome string
		Faces   []facesAlike
	}
	if code, out, _ = verify("img1.jpg", "img16.jpg", "--json"); code != exitReview || json.Unmarshal([]byte(out), &view) != nil || len(view.Faces) != 1 || *view.Faces[0].Similarity > 0.2 || view.Faces[0].Status != "ok" {
		t.Errorf("exit %d %+v", code, view)
	}
	// The document's own picture in place of a selfie is its portrait's face, and
	// proves nobody's presence: it never passes.
	args := append([]string{"verify", "--data", t.TempDir(), "--workflow", filepath.Join("docs", "guide", "identity.json"), "--json", "--document", "passport=" + passport, "--document", "selfie=" + passport}, flags...)
	var again struct {
		Checks map[string]struct {
			Status string
			Score  *float64
		}
	}
	if _, out, _ = call(t, args...); json.Unmarshal([]byte(out), &again) != nil || again.Checks["face_match"].Status != "review" || *again.Checks["face_match"].Score < 0.99 {
		t.Errorf("%+v", again)
	}
}
