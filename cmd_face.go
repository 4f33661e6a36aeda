package main

import (
	"context"
	"encoding/json"
	"fmt"
	"image"
	"os"
	"path/filepath"

	"bonafide/document"
	"bonafide/face"
	"bonafide/kyc"
	"bonafide/model"
)

// newModels looks for models in the models folder and, for OCR, where
// operating systems keep its tables.
func newModels(g *Globals) *model.Store {
	system, _ := filepath.Glob("/usr/share/tesseract-ocr/*/tessdata") // the pattern is sound
	return model.Open(append([]string{g.modelsDir()}, system...)...)
}

// newFaces makes the face engine of this machine. It loads nothing before it
// is asked.
func newFaces(g *Globals) *face.Engine {
	return face.Open(face.Options{Models: newModels(g), Library: g.ONNXRuntime, Dirs: []string{g.modelsDir()}})
}

type faceCmd struct {
	Compare faceCompareCmd `cmd:"" help:"How alike the faces of two pictures are."`
}

type faceCompareCmd struct {
	A    string `arg:"" help:"First picture: of a person or of a document with a portrait." type:"existingfile"`
	B    string `arg:"" help:"Second picture." type:"existingfile"`
	JSON bool   `help:"One JSON object."`
}

// facesCompared is what the command prints. Numbers are null where nothing was
// compared; Status is then the error's code, such as not_configured.
type facesCompared struct {
	Similarity  *float64   `json:"similarity"` // 0-1, 0.80 is the operating point
	Cosine      *float64   `json:"cosine"`
	Faces       []faceSeen `json:"faces"` // the two that were compared
	Model       *string    `json:"model"`
	Calibration *string    `json:"calibration"`
	Status      string     `json:"status"` // ok, not_configured, face_not_found, face_too_small …
	Message     string     `json:"message,omitempty"`
}

// faceSeen is a face in pixels of its upright picture.
type faceSeen struct {
	File      string       `json:"file"`
	X         float64      `json:"x"`
	Y         float64      `json:"y"`
	Width     float64      `json:"width"`
	Height    float64      `json:"height"`
	Score     float64      `json:"score"`
	Landmarks [][2]float64 `json:"landmarks"` // right eye, left eye, nose, right and left corner of the mouth
}

// Run compares the largest face of each picture. Exit 1 when nothing could be
// compared.
func (f faceCompareCmd) Run(ctx context.Context, c *console, g *Globals) error {
	reader, faces := newReader(g), newFaces(g)
	defer faces.Close()
	defer func() { _ = reader.Close() }() // it was only read with
	answer, err := f.compare(ctx, reader, faces)
	if f.JSON {
		enc := json.NewEncoder(c.out)
		enc.SetEscapeHTML(false)
		if wrong := enc.Encode(answer); wrong != nil {
			return wrong
		}
		if err != nil {
			return exitCode{code: exitError}
		}
		return nil
	}
	if err != nil {
		return err
	}
	c.printf("similarity %.3f (0.80 is the operating point), cosine %.3f\n%s, calibration %s\n", *answer.Similarity, *answer.Cosine, *answer.Model, *answer.Calibration)
	for _, s := range answer.Faces {
		c.printf("%s: face of %.0fx%.0f pixels at %.0f,%.0f\n", s.File, s.Width, s.Height, s.X, s.Y)
	}
	return nil
}

func (f faceCompareCmd) compare(ctx context.Context, reader *document.Reader, faces *face.Engine) (facesCompared, error) {
	out := facesCompared{Faces: []faceSeen{}}
	fail := func(err *kyc.Error) (facesCompared, error) {
		out.Faces, out.Status, out.Message = []faceSeen{}, err.Code, err.Message
		if err.Code == "face_not_configured" {
			out.Status = string(kyc.StatusNotConfigured)
		}
		return out, err
	}
	var templates [2]face.Template
	for i, path := range []string{f.A, f.B} {
		img, err := openPicture(ctx, reader, path)
		if err != nil {
			return fail(kyc.AsError(err))
		}
		found, wrong := faces.Find(ctx, img)
		if wrong != nil {
			return fail(wrong)
		}
		if templates[i], wrong = faces.Template(ctx, img); wrong != nil {
			wrong.Message = path + ": " + wrong.Message
			return fail(wrong)
		}
		out.Faces = append(out.Faces, seenFace(path, found[0]))
	}
	like, wrong := faces.Likeness(templates[0], templates[1])
	if wrong != nil {
		return fail(wrong)
	}
	out.Similarity, out.Cosine, out.Model, out.Calibration, out.Status = &like.Score, &like.Raw, &like.Model, &like.Calibration, string(kyc.StatusOK)
	return out, nil
}

// openPicture decodes a file as an upload is.
func openPicture(ctx context.Context, reader *document.Reader, path string) (image.Image, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, kyc.Errorf(kyc.Invalid, "file_unreadable", "%w", err)
	}
	img, wrong := reader.Picture(ctx, document.File{Bytes: raw})
	if wrong != nil {
		wrong.Message = fmt.Sprintf("%s: %s", path, wrong.Message)
		return nil, wrong
	}
	return img, nil
}

func seenFace(path string, f face.Face) faceSeen {
	out := faceSeen{File: path, X: f.X, Y: f.Y, Width: f.W, Height: f.H, Score: f.Score}
	for _, p := range f.Landmarks {
		out.Landmarks = append(out.Landmarks, [2]float64{p.X, p.Y})
	}
	return out
}
