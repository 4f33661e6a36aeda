package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"bonafide/document"
	"bonafide/face"
	"bonafide/kyc"
)

// kindFace is a further photograph of the applicant on the command line.
const kindFace = "face"

// facesAlike is how alike the faces of two files are.
type facesAlike struct {
	A          string   `json:"a"`
	B          string   `json:"b"`
	Similarity *float64 `json:"similarity"` // 0-1, 0.80 is the operating point
	Cosine     *float64 `json:"cosine"`
	// Status is ok, or why nothing was compared.
	Status  string `json:"status"`
	Message string `json:"message,omitempty"`
}

// String is a line for people.
func (a facesAlike) String() string {
	if a.Similarity == nil {
		return fmt.Sprintf("%s, %s: %s: %s", a.A, a.B, a.Status, a.Message)
	}
	word := "unsure"
	switch {
	case *a.Similarity >= 0.8:
		word = "one person"
	case *a.Similarity < 0.2:
		word = "two people"
	}
	return fmt.Sprintf("%s, %s: similarity %.2f (cosine %.3f), %s", a.A, a.B, *a.Similarity, *a.Cosine, word)
}

// compare holds each further photograph against the selfies and liveness
// pictures.
func (e *evidence) compare(ctx context.Context, reader *document.Reader, faces *face.Engine) []facesAlike {
	var out []facesAlike
	for _, other := range e.others {
		for _, u := range e.uploads {
			if u.Kind != "selfie" && u.Kind != "liveness" {
				continue
			}
			file, _, _ := strings.Cut(u.BlobKey, "#")
			one := facesAlike{A: filepath.Base(file), B: filepath.Base(other), Status: "ok"}
			found, err := e.alike(ctx, reader, faces, u.BlobKey, other)
			if err != nil {
				one.Status, one.Message = err.Code, err.Message
			} else {
				one.Similarity, one.Cosine = &found.Score, &found.Raw
			}
			out = append(out, one)
		}
	}
	return out
}

func (e *evidence) alike(ctx context.Context, reader *document.Reader, faces *face.Engine, a, b string) (face.Comparison, *kyc.Error) {
	first, err := reader.Picture(ctx, document.File{Bytes: e.bytes[a]})
	if err != nil {
		return face.Comparison{}, err
	}
	second, err := reader.Picture(ctx, document.File{Bytes: e.bytes[b]})
	if err != nil {
		return face.Comparison{}, err
	}
	return faces.Compare(ctx, first, second)
}

// measured is the line with the numbers of a check that measured something.
func measured(a kyc.Answer) string {
	if a.Score == nil {
		return ""
	}
	var parts []string
	if a.Threshold != nil {
		parts = append(parts, fmt.Sprintf("score %.4g, threshold %.4g", *a.Score, *a.Threshold))
	} else {
		parts = append(parts, fmt.Sprintf("score %.4g", *a.Score))
	}
	for _, name := range []string{"raw", "model", "calibration"} {
		if v, ok := a.Details[name]; ok {
			parts = append(parts, fmt.Sprintf("%s %v", name, v))
		}
	}
	return strings.Join(parts, ", ")
}
