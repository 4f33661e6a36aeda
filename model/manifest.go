package model

import (
	"bytes"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"bonafide/kyc"
)

// The slots: what a model is for.
const (
	FaceDetection = "face_detection"
	FaceTemplate  = "face_template"
	AntispoofA    = "antispoof_a" // the nearer crop
	AntispoofB    = "antispoof_b" // the wider crop
	Age           = "age"
	MRZ           = "mrz"
	Eng           = "eng"
)

// Slots lists them in the order they are shown.
func Slots() []string {
	return []string{FaceDetection, FaceTemplate, AntispoofA, AntispoofB, Age, MRZ, Eng}
}

// Entry is one row of the manifest: a file and how it is used.
type Entry struct {
	Slot    string `yaml:"slot" json:"slot"`
	Name    string `yaml:"name" json:"name"`
	Purpose string `yaml:"purpose,omitempty" json:"purpose"`
	File    string `yaml:"file" json:"file"`
	SHA256  string `yaml:"sha256" json:"sha256"` // 64 hexadecimal digits, lower case
	// Size is the file's length in bytes; 0 where the publisher states none.
	Size    int64  `yaml:"size,omitempty" json:"size,omitempty"`
	Licence string `yaml:"licence" json:"licence"`
	Origin  string `yaml:"origin,omitempty" json:"origin,omitempty"`
	// Download is an https address of exactly this file; empty where there is
	// none.
	Download string `yaml:"download,omitempty" json:"download,omitempty"`
	// Measured marks the files docs/accuracy.md was measured with.
	Measured bool `yaml:"measured,omitempty" json:"measured"`

	Input  Input  `yaml:"input,omitempty" json:"-"`
	Output Output `yaml:"output,omitempty" json:"-"`
	// Crop is how much of the picture the network sees, in face boxes.
	Crop float64 `yaml:"crop,omitempty" json:"-"`
	// Points is where eyes, nose and corners of the mouth lie in the input, as
	// parts of its side: the person's right first, as in face.Face.
	Points      [][2]float64 `yaml:"points,omitempty,flow" json:"-"`
	Distance    string       `yaml:"distance,omitempty" json:"-"` // cosine
	Calibration Calibration  `yaml:"calibration,omitempty" json:"-"`
}

// Input is the picture a network takes: one of Width x Height pixels, three
// planes in the order of Color, each value 0-255 less Mean.
type Input struct {
	Width  int       `yaml:"width" json:"width"`
	Height int       `yaml:"height" json:"height"`
	Color  string    `yaml:"color" json:"color"` // bgr or rgb
	Mean   []float32 `yaml:"mean,omitempty,flow" json:"mean,omitempty"`
}

// Output is what a network answers.
type Output struct {
	Size int `yaml:"size,omitempty" json:"size"`
	// Live is the place of the living class.
	Live int `yaml:"live,omitempty" json:"live,omitempty"`
	// Softmax says that the answer still has to be turned into probabilities.
	Softmax bool `yaml:"softmax,omitempty" json:"softmax,omitempty"`
	// Bins are the years each class stands for; empty: the first number is the
	// age itself.
	Bins []float64 `yaml:"bins,omitempty,flow" json:"bins,omitempty"`
}

// Calibration turns a cosine into the API's 0-1: At gives exactly Gives, and
// Slope is that of the logistic curve through it.
type Calibration struct {
	ID    string  `yaml:"id" json:"id"`
	At    float64 `yaml:"at" json:"at"`
	Gives float64 `yaml:"gives" json:"gives"`
	Slope float64 `yaml:"slope" json:"slope"`
}

// Fingerprint is the beginning of the file's checksum.
func (e Entry) Fingerprint() string { return e.SHA256[:min(12, len(e.SHA256))] }

// ID names the model for a record: its name and fingerprint.
func (e Entry) ID() string { return e.Name + " " + e.Fingerprint() }

//go:embed models.yaml
var builtIn []byte

// Manifest gives the built-in entries, each slot's preferred one first.
func Manifest() []Entry {
	entries, err := parse(builtIn)
	if err != nil { // a test reads the same bytes
		panic("model: the built-in manifest is wrong: " + err.Error())
	}
	return entries
}

// parse reads a manifest; unknown fields and anything that does not validate
// make it fail as a whole, with every problem.
func parse(b []byte) ([]Entry, error) {
	var m struct {
		Models []Entry `yaml:"models"`
	}
	d := yaml.NewDecoder(bytes.NewReader(b))
	d.KnownFields(true)
	if err := d.Decode(&m); err != nil && !errors.Is(err, io.EOF) {
		return nil, kyc.Errorf(kyc.Invalid, "model_manifest_malformed", "the manifest of models cannot be read: %w", err)
	}
	var problems []kyc.Problem
	seen := map[string]bool{}
	for i, e := range m.Models {
		for _, p := range e.problems() {
			p.Path = fmt.Sprintf("/models/%d%s", i, p.Path)
			problems = append(problems, p)
		}
		if seen[e.Slot+"/"+e.Name] {
			problems = append(problems, kyc.Problem{Path: fmt.Sprintf("/models/%d/name", i), Code: "name_taken", Message: "another model of this slot has this name"})
		}
		seen[e.Slot+"/"+e.Name] = true
	}
	if len(problems) > 0 {
		return nil, kyc.InvalidInput("model_manifest_invalid", "the manifest of models is wrong", problems)
	}
	return m.Models, nil
}

var safeName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)

// Limits of what a network may take and answer; the engine books memory by
// them.
const (
	maxSide   = 1024
	maxOutput = 4096
	// MaxFile is the largest model file in bytes.
	MaxFile = 256 << 20
)

// Validate lists everything that is wrong with an entry, each with its path.
func (e Entry) Validate() *kyc.Error {
	if p := e.problems(); len(p) > 0 {
		return kyc.InvalidInput("model_invalid", "the model's description is wrong", p)
	}
	return nil
}

func (e Entry) problems() []kyc.Problem {
	var out []kyc.Problem
	wrong := func(ok bool, path, code, message string) {
		if !ok {
			out = append(out, kyc.Problem{Path: path, Code: code, Message: message})
		}
	}
	sum, err := hex.DecodeString(e.SHA256)
	wrong(slices.Contains(Slots(), e.Slot), "/slot", "slot_unknown", "must be one of "+strings.Join(Slots(), ", "))
	wrong(safeName.MatchString(e.Name), "/name", "name_invalid", "must be letters, digits, dots, dashes and underscores, at most 100")
	wrong(safeName.MatchString(e.File) && filepath.Base(e.File) == e.File && !strings.HasSuffix(e.File, partSuffix), "/file", "file_invalid", "must be a plain file name")
	wrong(err == nil && len(sum) == 32 && strings.ToLower(e.SHA256) == e.SHA256, "/sha256", "sha256_invalid", "must be 64 hexadecimal digits in lower case")
	wrong(e.Size >= 0 && e.Size <= MaxFile, "/size", "size_invalid", fmt.Sprintf("must be 0 to %d", MaxFile))
	wrong(e.Licence != "", "/licence", "licence_missing", "name the licence of the weights")
	wrong(e.Download == "" || strings.HasPrefix(e.Download, "https://"), "/download", "download_invalid", "must be an https address")
	if e.Slot == MRZ || e.Slot == Eng {
		wrong(e.File == e.Slot+".traineddata", "/file", "file_invalid", "must be "+e.Slot+".traineddata, as the OCR program looks for it")
		return out
	}
	in := e.Input
	wrong(in.Width > 0 && in.Width <= maxSide && in.Height > 0 && in.Height <= maxSide, "/input", "input_invalid", fmt.Sprintf("width and height must be 1 to %d pixels", maxSide))
	wrong(in.Color == "bgr" || in.Color == "rgb", "/input/color", "color_invalid", "must be bgr or rgb")
	wrong(len(in.Mean) == 0 || len(in.Mean) == 3, "/input/mean", "mean_invalid", "must be three numbers, in the order of color")
	if e.Slot == FaceDetection {
		wrong(in.Width == in.Height && in.Width%32 == 0, "/input", "input_invalid", "a detector's side must be a multiple of 32")
		return out
	}
	wrong(e.Output.Size > 0 && e.Output.Size <= maxOutput, "/output/size", "output_invalid", fmt.Sprintf("must be 1 to %d", maxOutput))
	switch e.Slot {
	case FaceTemplate:
		c := e.Calibration
		wrong(in.Width == in.Height, "/input", "input_invalid", "must be square")
		wrong(len(e.Points) == 5, "/points", "points_invalid", "must be five points: right eye, left eye, nose, right and left corner of the mouth")
		wrong(e.Distance == "cosine", "/distance", "distance_invalid", "must be cosine")
		wrong(c.ID != "" && c.At > -1 && c.At < 1 && c.Gives > 0 && c.Gives < 1 && c.Slope > 0 && c.Slope <= 1000, "/calibration", "calibration_invalid",
			"needs an id, a cosine (at), the likeness it gives (0-1) and a slope above 0")
	case AntispoofA, AntispoofB:
		wrong(e.Output.Live >= 0 && e.Output.Live < e.Output.Size, "/output/live", "output_invalid", "must be the place of the living class")
		wrong(e.Crop >= 1 && e.Crop <= 10, "/crop", "crop_invalid", "must be 1 to 10 face boxes")
	case Age:
		wrong(e.Crop >= 0.5 && e.Crop <= 10, "/crop", "crop_invalid", "must be 0.5 to 10 face boxes")
		wrong(len(e.Output.Bins) == 0 || len(e.Output.Bins) == e.Output.Size, "/output/bins", "output_invalid", "must be one number of years for each class")
	}
	for i, p := range e.Points {
		wrong(p[0] > 0 && p[0] < 1 && p[1] > 0 && p[1] < 1, fmt.Sprintf("/points/%d", i), "points_invalid", "must be parts of the side, between 0 and 1")
	}
	return out
}
