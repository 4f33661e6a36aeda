package face

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bonafide/kyc"
	"bonafide/model"
	"bonafide/model/modeltest"
)

// What is added is opened and run before it is stored.
func TestANetworkIsTriedBeforeItIsStored(t *testing.T) {
	t.Parallel()
	e := engine(t)
	template := model.Entry{Slot: model.FaceTemplate, Name: "mine", Input: model.Input{Width: 112, Height: 112, Color: "rgb"}, Output: model.Output{Size: 3}}
	detector := model.Entry{Slot: model.FaceDetection, Name: "mine", Input: model.Input{Width: 64, Height: 64, Color: "rgb"}}
	picture, small := []int64{1, 3, 112, 112}, []int64{1, 3, 64, 64}
	wide := template
	wide.Output.Size = 128
	for name, c := range map[string]struct {
		entry model.Entry
		file  []byte
		code  string // empty: it is taken
		says  string
	}{
		"a network":              {template, modeltest.Network{Input: picture}.Bytes(), "", ""},
		"of any size":            {template, modeltest.Network{Input: []int64{1, 3, -1, -1}}.Bytes(), "", ""},
		"no network":             {template, []byte("a network"), "model_unreadable", "ONNX Runtime"},
		"an unknown operator":    {template, modeltest.Network{Input: picture, Operator: "Guess"}.Bytes(), "model_unreadable", "Guess"},
		"another size":           {template, modeltest.Network{Input: small}.Bytes(), "model_unreadable", "instead of"},
		"another answer":         {wide, modeltest.Network{Input: picture}.Bytes(), "model_unfit", "another shape"},
		"no detector":            {detector, modeltest.Network{Input: small}.Bytes(), "model_unfit", "stride 8"},
		"a template as detector": {detector, modeltest.Network{Input: picture}.Bytes(), "model_unreadable", "instead of"},
	} {
		err := e.Try(ctx, c.entry, c.file)
		switch {
		case c.code == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.code != "" && (err == nil || err.Kind != kyc.Invalid || err.Code != c.code || !strings.Contains(err.Message, c.says)):
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, entry := range model.Manifest() {
		b, err := os.ReadFile(filepath.Join(dataFolder(t), "models", entry.File))
		if err != nil || !entry.Measured || entry.Slot == model.MRZ || entry.Slot == model.Eng {
			continue
		}
		if err := e.Try(ctx, entry, b); err != nil {
			t.Errorf("%s: %v", entry.Name, err)
		}
	}
	if err := Open(Options{Library: filepath.Join(t.TempDir(), "none")}).Try(ctx, template, nil); err == nil || err.Code != "face_not_configured" {
		t.Errorf("without a library: %v", err)
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if err := e.Try(gone, template, modeltest.Network{Input: picture}.Bytes()); err == nil || err.Code != "face_timeout" {
		t.Errorf("cancelled: %v", err)
	}
}
