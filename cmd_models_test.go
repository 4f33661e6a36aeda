package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bonafide/model/modeltest"
)

func TestModelsCommands(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	code, out, _ := call(t, "models", "status", "--data", dir, "--json")
	var status struct {
		Models []struct {
			Slot, Name, Status, Install string
			InUse                       bool `json:"in_use"`
		}
	}
	if err := json.Unmarshal([]byte(out), &status); err != nil || code != 0 || len(status.Models) < 7 {
		t.Fatalf("status: %d %s", code, out)
	}
	if m := status.Models[0]; m.Slot != "face_detection" || m.Status != "missing" || m.InUse || m.Install != "bonafide models pull face_detection" {
		t.Errorf("%+v", m)
	}
	if code, out, _ := call(t, "models", "status", "--data", dir); code != 0 || !strings.Contains(out, "yunet-2023mar") || strings.Contains(out, "retail-0095") {
		t.Errorf("status shows %d %s", code, out)
	}
	if code, out, _ := call(t, "models", "status", "--all", "--data", dir); code != 0 || !strings.Contains(out, "retail-0095") {
		t.Errorf("status --all shows %d %s", code, out)
	}
	from := t.TempDir()
	put := func(name string, b []byte) string {
		path := filepath.Join(from, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	picture := []int64{1, 3, 112, 112}
	file, text := put("net.onnx", modeltest.Network{Input: picture}.Bytes()), put("page.onnx", []byte("<html>404 Not Found</html>"))
	whole := []string{"--slot", "face_template", "--name", "mine", "--licence", "MIT", "--input", "112x112", "--color", "rgb", "--output", "3",
		"--points", "0.34,0.46,0.66,0.46,0.5,0.64,0.37,0.82,0.63,0.82", "--at", "0.36"}
	add := func(file string, flags ...string) []string {
		return append(append([]string{"models", "add", file}, whole...), flags...)
	}
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"models", "pull", "nose"}, 2, "neither a slot"},
		{[]string{"models", "add", file}, 2, "model_unknown"},
		{[]string{"models", "add", file, "--slot", "age"}, 2, "--input"},
		{[]string{"models", "add", file, "--slot", "age", "--input", "9x9", "--mean", "1,x"}, 2, "no number"},
		{[]string{"models", "add", file, "--slot", "face_template", "--input", "9x9"}, 2, "/points points_invalid"},
		{[]string{"models", "add", filepath.Join(dir, "none")}, 2, ""},
		{add(text), 2, "model_unreadable: page.onnx is no ONNX network"},
		{add(text), 2, "the slot face_template takes an .onnx file with one input of 1x3x112x112 floats"},
		{add(text, "--slot", "mrz"), 2, "model_unreadable: page.onnx is no table of tesseract"},
		{add(put("small.onnx", modeltest.Network{Input: []int64{1, 3, 64, 64}}.Bytes())), 2, "model_unfit: small.onnx does not fit the slot face_template"},
		{add(put("wide.onnx", modeltest.Network{Input: picture, Output: []int64{1, 512}}.Bytes())), 2, "/output/size output_differs"},
	} {
		code, out, complaint := call(t, append(c.args, "--data", dir)...)
		if code != c.code || !strings.Contains(complaint, c.says) || strings.Count(complaint, "\n") > 1 {
			t.Errorf("%v: %d %s %s", c.args, code, out, complaint)
		}
		if left, _ := os.ReadDir(filepath.Join(dir, "models")); len(left) > 0 {
			t.Fatalf("%v stored %v", c.args, left)
		}
	}
	// What has the right frame only is found out where ONNX Runtime is here.
	if found, _ := filepath.Glob(".cache/onnxruntime/libonnxruntime.*"); len(found) > 0 {
		for name, net := range map[string]modeltest.Network{"model_unreadable: guess.onnx": {Input: picture, Operator: "Guess"}, "model_unfit: two.onnx": {Input: picture}} {
			args := add(put(strings.Fields(name)[1], net.Bytes()), "--onnxruntime", found[0], "--data", dir)
			if net.Operator == "" {
				args = append(args, "--output", "2")
			}
			if code, out, complaint := call(t, args...); code != 2 || !strings.Contains(complaint, name) {
				t.Errorf("%v: %d %s %s", args, code, out, complaint)
			}
		}
		if left, _ := os.ReadDir(filepath.Join(dir, "models")); len(left) > 0 {
			t.Fatalf("stored: %v", left)
		}
	}
	if code, out, complaint := call(t, add(file, "--data", dir, "--onnxruntime", filepath.Join(dir, "none"))...); code != 1 || !strings.Contains(complaint, "face_not_configured") {
		t.Errorf("a library that is not there: %d %s %s", code, out, complaint)
	}
	if left, _ := os.ReadDir(filepath.Join(dir, "models")); len(left) > 0 {
		t.Fatalf("stored: %v", left)
	}
	if code, out, complaint := call(t, add(file, "--data", dir)...); code != 0 || complaint != "" && !strings.Contains(complaint, "net.onnx was not run") {
		t.Errorf("a network: %d %s %s", code, out, complaint)
	}
	if _, out, _ := call(t, "models", "status", "--data", dir); !strings.Contains(out, "mine") || !strings.Contains(out, "in use") {
		t.Errorf("the added model is not in use:\n%s", out)
	}
}

func TestDoctorNamesWhatIsMissingAndHowToGetIt(t *testing.T) {
	t.Parallel()
	code, out, _ := call(t, "doctor", "--data", t.TempDir(), "--json")
	var found struct {
		Complete     bool
		Missing      int
		Capabilities []struct {
			Area, Name, Reason, Install string
			Available                   bool
		}
	}
	if err := json.Unmarshal([]byte(out), &found); err != nil || code != 1 || found.Complete || found.Missing < 7 {
		t.Fatalf("doctor: %d %s", code, out)
	}
	missing := 0
	for _, c := range found.Capabilities {
		if !c.Available {
			missing++
		}
		if !c.Available && c.Install == "" || c.Available && c.Reason == "" && c.Install != "" {
			t.Errorf("%+v", c)
		}
		if c.Name == "face_template" && c.Install != "bonafide models pull face_template" {
			t.Errorf("%+v", c)
		}
	}
	if missing != found.Missing {
		t.Errorf("%d missing, told of %d", missing, found.Missing)
	}
	// Services are told where this node may ask them, and nothing is missing
	// where it may not; what they would be asked with is nobody's to read.
	if strings.Contains(out, "aws_") || !strings.Contains(out, `"area":"providers","name":"http","available":true`) {
		t.Errorf("providers: %s", out)
	}
	_, out, _ = call(t, "doctor", "--data", t.TempDir(), "--json", "--aws-region", "eu-test-1")
	for _, want := range []string{`{"area":"providers","name":"aws_rekognition","available":true,"version":"eu-test-1: face_match, liveness, age_estimation"}`,
		`{"area":"providers","name":"aws_textract","available":true,"version":"eu-test-1: document_ocr"}`} {
		if !strings.Contains(out, want) {
			t.Errorf("no %s in %s", want, out)
		}
	}
	code, out, _ = call(t, "doctor", "--data", t.TempDir())
	if code != 1 || !strings.Contains(out, "never passes") {
		t.Errorf("doctor: %d %s", code, out)
	}
	for _, c := range found.Capabilities {
		for row := range strings.Lines(out) {
			cells := strings.Fields(row)
			if len(cells) > 2 && cells[0] == c.Area && cells[1] == c.Name && strings.Count(row, c.Install) > 1 && c.Install != "" {
				t.Errorf("the command is said twice: %s", row)
			}
		}
	}
}

func TestFaceCompareCommand(t *testing.T) {
	t.Parallel()
	data, err := filepath.Abs("../shared/data")
	if err != nil {
		t.Fatal(err)
	}
	if from := os.Getenv("BONAFIDE_DATA_FOLDER"); from != "" {
		data = from
	}
	one, two, other := filepath.Join(data, "faces/dev/pairs/img1.jpg"), filepath.Join(data, "faces/dev/pairs/img2.jpg"), filepath.Join(data, "faces/dev/pairs/img19.jpg")
	if _, err := os.Stat(one); err != nil {
		t.Skip("the data folder ../shared/data is not here; set BONAFIDE_DATA_FOLDER to look at its faces")
	}
	type answer struct {
		Similarity, Cosine *float64
		Faces              []struct{ X, Width float64 }
		Model              *string
		Status             string
	}
	ask := func(args ...string) (int, answer) {
		code, out, _ := call(t, append([]string{"face", "compare", "--json"}, args...)...)
		var a answer
		if err := json.Unmarshal([]byte(out), &a); err != nil {
			t.Fatalf("%v: %s", args, out)
		}
		return code, a
	}
	if code, a := ask(one, two, "--data", t.TempDir()); code != 1 || a.Status != "not_configured" || a.Similarity != nil || a.Model != nil {
		t.Errorf("without models: %d %+v", code, a)
	}
	library := ".cache/onnxruntime"
	found, _ := filepath.Glob(library + "/libonnxruntime.*")
	if len(found) == 0 {
		t.Skip("ONNX Runtime is not here; install it with: make tools")
	}
	flags := []string{"--models", filepath.Join(data, "models"), "--onnxruntime", found[0]}
	if code, a := ask(append(flags, one, two)...); code != 0 || a.Status != "ok" || *a.Similarity < 0.8 || len(a.Faces) != 2 || !strings.Contains(*a.Model, "retail") {
		t.Errorf("one person: %d %+v", code, a)
	}
	if code, a := ask(append(flags, one, other)...); code != 0 || *a.Similarity > 0.5 {
		t.Errorf("two people: %d %+v", code, a)
	}
	if code, a := ask(append(flags, one, "go.mod")...); code != 1 || a.Status != "unsupported_type" || len(a.Faces) != 0 {
		t.Errorf("a text: %d %+v", code, a)
	}
}
