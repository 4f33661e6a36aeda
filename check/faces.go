package check

import (
	"context"
	"fmt"
	"image"
	"math"
	"slices"
	"strings"
	"time"

	"bonafide/document"
	"bonafide/face"
	"bonafide/kyc"
)

// Faces gives whoever looks at faces for one question: the engine of this
// machine, or the services that the organisation of the request asks first
// (provider). The request says whose question it is and which (Policy). Nil
// means that nobody is set up; the check then answers not_configured.
type Faces interface {
	Comparer(r *kyc.CheckRequest) face.Comparer
	Spoofing(r *kyc.CheckRequest) face.Spoofing
	AgeEstimator(r *kyc.CheckRequest) face.AgeEstimator
	Encoder(r *kyc.CheckRequest) face.Encoder
}

// Pictures decodes a file within the limits of reading documents
// (document.Reader). Leaf does it for a side of a document, and straightens the
// page where the picture is a photograph of one.
type Pictures interface {
	Picture(ctx context.Context, f document.File) (image.Image, *kyc.Error)
	Leaf(ctx context.Context, f document.File) (document.Leaf, *kyc.Error)
}

var _ Pictures = (*document.Reader)(nil)

// Likeness on the API's scale of 0-1 (docs/guide/documents.md): from
// operatingPoint no two people of the measured sets are taken for one; below
// noMatch (a cosine of 0.25 with the local model) they are two.
const (
	operatingPoint = 0.80
	noMatch        = 0.20
)

// asCheck turns an error of whoever looks at faces into an answer. What the
// picture does not allow is for a person; it never is a pass.
func asCheck(r *kyc.CheckRequest, err *kyc.Error) kyc.Answer {
	switch {
	case err.Kind == kyc.Unavailable && strings.HasSuffix(err.Code, "_not_configured"):
		return notConfigured(r.Policy+"_not_configured", err.Message)
	case err.Kind == kyc.Unavailable, err.Kind == kyc.RateLimited:
		return unavailable(err.Code, err.Message)
	case err.Kind == kyc.Invalid, err.Kind == kyc.Malformed, err.Kind == kyc.TooLarge, err.Kind == kyc.UnsupportedMedia:
		which := "selfie"
		if aboutPortrait(err) {
			which = "portrait"
		}
		message := map[string]string{
			"selfie face_not_found": "no face can be found on the applicant's picture", "selfie several_faces": "more than one face is on the applicant's picture",
			"selfie face_too_small": "the face on the applicant's picture is too small", "portrait face_not_found": "no portrait can be found on the document",
			"portrait face_too_small": "the portrait on the document is too small to decide by", "portrait several_faces": "more than one face is on the picture of the document",
		}[which+" "+err.Code]
		if message == "" {
			message = err.Message
		}
		return review(which+"_"+err.Code, message)
	}
	if strings.HasPrefix(err.Code, "provider") { // a service said no, or nothing that can be read
		return broken(err.Code, err.Message)
	}
	return broken("face_failed", "whoever looks at faces broke")
}

// aboutPortrait reports whether an error is about the document's picture.
func aboutPortrait(err *kyc.Error) bool {
	return slices.ContainsFunc(err.Problems, func(p kyc.Problem) bool { return p.Path == "/portrait" })
}

// noFaces is the answer where nobody is set up.
func noFaces(r *kyc.CheckRequest, title string) kyc.Answer {
	return notConfigured(r.Policy+"_not_configured", fmt.Sprintf("no provider for %s is set up here", title))
}

// picture decodes an upload. A file that is no picture is for a person, with
// the reason under the name of what it shows.
func picture(ctx context.Context, d Deps, r *kyc.CheckRequest, u kyc.Upload, what string) (image.Image, *kyc.Answer) {
	files, bad := bytesOf(ctx, d, *r, []kyc.Upload{u})
	if bad != nil {
		return nil, bad
	}
	img, err := d.Pictures.Picture(ctx, files[0])
	if err == nil {
		return img, nil
	}
	return nil, noPicture(err, what)
}

// noPicture is the answer about a file that could not be decoded.
func noPicture(err *kyc.Error, what string) *kyc.Answer {
	var a kyc.Answer
	switch {
	case err.Kind == kyc.Unavailable && strings.HasSuffix(err.Code, "_not_configured"):
		a = notConfigured(err.Code, err.Message)
	case err.Kind == kyc.Unavailable:
		a = unavailable(err.Code, err.Message)
	case err.Kind == kyc.Internal:
		a = broken("picture_failed", "the picture could not be decoded")
	default:
		a = review(what+"_unreadable", "the picture cannot be read: "+err.Message)
		a.Details = map[string]any{"refused": err.Code}
	}
	return &a
}

// Where the applicant's face came from, in onboarding's words.
const (
	sourceLiveness = "liveness_reference"
	sourceSelfie   = "selfie"
	sourcePaper    = "selfie_document"
)

// selfies are the pictures of the applicant's face, newest first: selfies,
// without those that show the head from a side.
func selfies(r *kyc.CheckRequest) []kyc.Upload {
	out := slices.DeleteFunc(current(r.Uploads, "selfie"), func(u kyc.Upload) bool { return u.Side == "left" || u.Side == "right" })
	slices.Reverse(out)
	return out
}

// references are the reference frames of liveness tries, newest first, and
// pictures that were sent for liveness on their own. A frame of a failed try
// may be a photograph of somebody, so there are none after one.
func references(r *kyc.CheckRequest) []kyc.Upload {
	live, _ := r.Established["liveness"].(map[string]any)
	last := r.Checks["liveness"].Status
	if live != nil && live["status"] != "passed" || r.Policy != "liveness" && (last == "failed" || last == "error") {
		return nil
	}
	out := slices.DeleteFunc(current(r.Uploads, "liveness"), func(u kyc.Upload) bool {
		return u.Side != "" && u.Side != kyc.SideReference || !strings.HasPrefix(u.ContentType, "image/") && u.ContentType != ""
	})
	slices.Reverse(out)
	return out
}

// applicant finds the picture of the applicant's face: by the sources of the
// config where it names some, otherwise the newest liveness frame, otherwise
// the newest selfie.
func applicant(r *kyc.CheckRequest) (u kyc.Upload, source string, ok bool) {
	if sources, limited := faceSources(*r); limited {
		for _, s := range sources {
			from := selfies(r)
			if s.Source == sourceLiveness {
				from = references(r)
			}
			if i := slices.IndexFunc(from, func(u kyc.Upload) bool { return u.StepID == s.StepID }); i >= 0 {
				return from[i], s.Source, true
			}
		}
		return kyc.Upload{}, "", false
	}
	if list := references(r); len(list) > 0 {
		return list[0], sourceLiveness, true
	}
	if list := selfies(r); len(list) > 0 {
		return list[0], sourceSelfie, true
	}
	return kyc.Upload{}, "", false
}

// regionOf is a face as a part of its picture; nil where it has no place.
func regionOf(f face.Face, img image.Image, u kyc.ID) *kyc.Region {
	b := img.Bounds()
	w, h := float64(b.Dx()), float64(b.Dy())
	if w <= 0 || h <= 0 || !placed(f) {
		return nil
	}
	x, y := clamp01(f.X/w), clamp01(f.Y/h)
	return &kyc.Region{Upload: u, X: round4(x), Y: round4(y), W: round4(min(f.W/w, 1-x)), H: round4(min(f.H/h, 1-y))}
}

// placed reports whether whoever compared said where the face is.
func placed(f face.Face) bool { return finite(f.X, f.Y, f.W, f.H) && f.W > 0 && f.H > 0 }

func clamp01(v float64) float64 { return math.Max(0, math.Min(1, v)) }

// made writes into an answer who said it: the service, or this machine's own
// model, which is part of the house.
func made(a *kyc.Answer, m face.Made) {
	if a.Details == nil {
		a.Details = map[string]any{}
	}
	a.Details["provider"] = first(m.Provider, "local")
	if m.Model != "" {
		a.Details["model"] = m.Model
	}
	if m.Calibration != "" {
		a.Details["calibration"] = m.Calibration
	}
	if m.Provider != "" && m.Provider != "local" {
		a.Provider, a.Version = m.Provider, m.Model
	}
	tellTried(a, m.Tried)
}

// finite reports whether a number of a provider is one.
func finite(numbers ...float64) bool {
	return !slices.ContainsFunc(numbers, func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) })
}

// faceTimeout is the limit of one attempt of a check that looks at faces.
const faceTimeout = time.Minute
