package face

import (
	"context"
	"image"

	"bonafide/kyc"
)

// Portraits finds the faces on one side of a document, the largest first, and how
// alike each is to that one; Other.Selfie is 0. Faces narrower than 40 pixels are left
// out, for they cannot be compared. Nothing of it is kept. Errors: Invalid
// face_not_found and face_too_small where there is no portrait to compare with;
// Unavailable.
func (e *Engine) Portraits(ctx context.Context, page image.Image) ([]Other, *kyc.Error) {
	f, faces, err := e.faces(ctx, page, "portrait", false)
	if err != nil {
		return nil, err
	}
	var first Template
	var out []Other
	for i, face := range faces {
		if face.W < minWidth || len(out) > mostOthers {
			continue
		}
		t, err := e.encode(ctx, f, face, "portrait")
		if err != nil {
			return nil, err
		}
		if i == 0 {
			first = t
		}
		like, err := e.Likeness(t, first)
		if err != nil {
			return nil, err
		}
		out = append(out, Other{Face: face.scaled(float64(f.by), 0, 0), Portrait: like.Score})
	}
	return out, nil
}
