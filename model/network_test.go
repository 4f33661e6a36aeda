package model

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"bonafide/kyc"
	"bonafide/model/modeltest"
)

// template is a description that modeltest's network fits.
func template() Entry {
	return Entry{Slot: FaceTemplate, Name: "mine", Licence: "MIT", Input: Input{Width: 112, Height: 112, Color: "rgb"}, Output: Output{Size: 3}, Distance: "cosine",
		Points: [][2]float64{{0.3, 0.4}, {0.7, 0.4}, {0.5, 0.6}, {0.4, 0.8}, {0.6, 0.8}}, Calibration: Calibration{ID: "mine", At: 0.3, Gives: 0.8, Slope: 20}}
}

func face112() modeltest.Network { return modeltest.Network{Input: []int64{1, 3, 112, 112}} }

// table is a file of tesseract with components at places; -1: not there.
func table(order binary.AppendByteOrder, at ...int64) []byte {
	out := order.AppendUint32(nil, uint32(len(at)))
	for _, a := range at {
		out = order.AppendUint64(out, uint64(a))
	}
	return append(out, make([]byte, 64)...)
}

func places(n int, at map[int]int64) []int64 {
	out := slices.Repeat([]int64{-1}, n)
	for i, a := range at {
		out[i] = a
	}
	return out
}

func TestAFileThatIsNoModelIsRefusedAndNotStored(t *testing.T) {
	t.Parallel()
	whole := face112().Bytes()
	ocr := Entry{Slot: MRZ, Name: "mine", Licence: "MIT"}
	lstm := table(binary.LittleEndian, places(24, map[int]int64{17: 196, 18: 220})...)
	for name, c := range map[string]struct {
		describe Entry
		file     []byte
		says     string
	}{
		"nothing":              {template(), nil, "empty"},
		"a text":               {template(), []byte("a network"), "no graph"},
		"a page":               {template(), []byte("<!doctype html><title>404</title>"), "no message"},
		"a picture":            {template(), []byte("\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01"), "no ONNX network"},
		"half a network":       {template(), whole[:len(whole)/2], "no message"},
		"a network, empty":     {template(), []byte("\x08\x08\x3a\x00\x42\x02\x10\x0d"), "graph is empty"},
		"a graph alone":        {template(), []byte("\x3a\x02\x0a\x00"), "no version"},
		"a graph of a number":  {template(), []byte("\x08\x08\x38\x01\x42\x02\x10\x0d"), "no graph"},
		"a broken graph":       {template(), []byte("\x08\x08\x3a\x02\x0a\x09\x42\x02\x10\x0d"), "graph cannot be read"},
		"a broken constant":    {template(), []byte("\x08\x08\x3a\x06\x0a\x00\x2a\x02\x0a\x09\x42\x02\x10\x0d"), "constant"},
		"a broken input":       {template(), []byte("\x08\x08\x3a\x06\x0a\x00\x5a\x02\x0a\x09\x42\x02\x10\x0d"), "inputs and outputs"},
		"an OCR table for it":  {template(), lstm, "no ONNX network"},
		"a network for OCR":    {ocr, whole, "no table"},
		"a text for OCR":       {ocr, []byte("eng"), "shorter"},
		"an empty table":       {ocr, table(binary.LittleEndian), "head"},
		"a table cut off":      {ocr, lstm[:100], "head"},
		"a table that points":  {ocr, table(binary.LittleEndian, places(24, map[int]int64{17: 5000})...), "outside"},
		"a table back to back": {ocr, table(binary.LittleEndian, places(24, map[int]int64{3: 230, 17: 200})...), "outside"},
		"a table of nothing":   {ocr, table(binary.LittleEndian, places(24, map[int]int64{1: 200})...), "recognises nothing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "models")
			path := write(t, t.TempDir(), "net.bin", c.file)
			_, err := Open(dir).Add(dir, path, &c.describe, func(Entry, []byte) error { t.Error("it is run"); return nil })
			if !kyc.IsCode(err, "model_unreadable") || !strings.Contains(err.Error(), "net.bin is no ") || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "the slot "+c.describe.Slot+" takes") {
				t.Error(err)
			}
			if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("something was stored: %v", err)
			}
		})
	}
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		if err := readTable(table(order, places(24, map[int]int64{17: 196, 18: 220})...)); err != nil {
			t.Errorf("%v: %v", order, err)
		}
	}
}

func TestANetworkThatDoesNotFitItsSlotIsRefusedAndNotStored(t *testing.T) {
	t.Parallel()
	detector := Entry{Slot: FaceDetection, Name: "mine", Licence: "MIT", Input: Input{Width: 640, Height: 640, Color: "bgr"}}
	with := func(change func(*modeltest.Network)) modeltest.Network {
		n := face112()
		change(&n)
		return n
	}
	for name, c := range map[string]struct {
		describe Entry
		net      modeltest.Network
		says     []string // none: it fits
	}{
		"as described":               {template(), face112(), nil},
		"of any size":                {template(), modeltest.Network{Input: []int64{-1, 3, -1, -1}, Output: []int64{-1, 3}}, nil},
		"that states no shape":       {template(), modeltest.Network{}, nil},
		"with its constants listed":  {template(), with(func(n *modeltest.Network) { n.Listed = true }), nil},
		"a detector":                 {detector, modeltest.Network{Input: []int64{1, 3, 640, 640}, Outputs: detectorOutputs()}, nil},
		"of another size":            {template(), modeltest.Network{Input: []int64{1, 3, 128, 128}}, []string{"/input input_differs: the network takes 1x3x128x128 of type 1 instead of 1x3x112x112"}},
		"of one plane":               {template(), modeltest.Network{Input: []int64{1, 1, 112, 112}}, []string{"/input"}},
		"that takes a row":           {template(), modeltest.Network{Input: []int64{1, -1}}, []string{"takes 1x?"}},
		"of bytes":                   {template(), with(func(n *modeltest.Network) { n.Kind = 2 }), []string{"of type 2 instead of"}},
		"of two pictures":            {template(), with(func(n *modeltest.Network) { n.Inputs = []string{"a", "b"} }), []string{"takes 2 inputs"}},
		"that answers too much":      {template(), with(func(n *modeltest.Network) { n.Output = []int64{1, 512} }), []string{"/output/size output_differs: the network answers 512 numbers (1x512) instead of 3"}},
		"with two faults":            {template(), modeltest.Network{Input: []int64{1, 3, 9, 9}, Output: []int64{1, 4}}, []string{"/input ", "/output/size "}},
		"that answers in many parts": {template(), with(func(n *modeltest.Network) { n.Outputs = strings.Fields(strings.Repeat("a ", 33)) }), []string{"answers 33 tensors"}},
		"no detector":                {detector, modeltest.Network{Input: []int64{1, 3, 640, 640}, Outputs: detectorOutputs()[1:]}, []string{"no cls_8"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "models")
			path := write(t, t.TempDir(), "net.onnx", c.net.Bytes())
			_, err := Open(dir).Add(dir, path, &c.describe, nil)
			if c.says == nil {
				if err != nil {
					t.Error(err)
				}
				return
			}
			for _, says := range c.says {
				if !kyc.IsCode(err, "model_unfit") || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "net.onnx does not fit the slot "+c.describe.Slot) {
					t.Errorf("%v does not say %q", err, says)
				}
			}
			if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("something was stored: %v", err)
			}
		})
	}
	// Whoever can run it has the last word.
	dir := filepath.Join(t.TempDir(), "models")
	path, e := write(t, t.TempDir(), "net.onnx", face112().Bytes()), template()
	no := errors.New("it cannot be run")
	if _, err := Open(dir).Add(dir, path, &e, func(got Entry, b []byte) error {
		if got.SHA256 != sumOf(b) || !bytes.Equal(b, face112().Bytes()) {
			t.Errorf("judged: %+v", got)
		}
		return no
	}); !errors.Is(err, no) {
		t.Error(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("something was stored: %v", err)
	}
}

// The published networks are what the manifest says of them.
func TestPublishedModelsFitTheManifest(t *testing.T) {
	t.Parallel()
	data := os.Getenv("BONAFIDE_DATA_FOLDER")
	if data == "" {
		_, here, _, _ := runtime.Caller(0)
		data = filepath.Join(filepath.Dir(here), "..", "..", "shared", "data")
	}
	looked := 0
	for _, e := range Manifest() {
		b, err := os.ReadFile(filepath.Join(data, "models", e.File))
		if err != nil || sumOf(b) != e.SHA256 {
			continue
		}
		looked++
		if err := e.inspect(e.File, b); err != nil {
			t.Error(err)
		}
		if err := e.inspect(e.File, b[:len(b)*2/3]); e.Slot != MRZ && !kyc.IsCode(err, "model_unreadable") {
			t.Errorf("%s, cut off: %v", e.File, err)
		}
	}
	if looked == 0 {
		t.Skip("the data folder ../shared/data is not here; set BONAFIDE_DATA_FOLDER to look at its models")
	}
}

func FuzzInspect(f *testing.F) {
	f.Add(face112().Bytes())
	f.Add(modeltest.Network{Input: []int64{-1, 3}, Outputs: detectorOutputs(), Listed: true}.Bytes())
	f.Add(table(binary.LittleEndian, places(24, map[int]int64{17: 196})...))
	f.Add(table(binary.BigEndian, 1, -2))
	f.Add([]byte("a network"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, e := range []Entry{template(), {Slot: FaceDetection}, {Slot: Age}, {Slot: MRZ}} {
			if err := e.inspect("x", b); err != nil && !kyc.IsCode(err, "model_unreadable") && !kyc.IsCode(err, "model_unfit") {
				t.Error(err)
			}
		}
	})
}
