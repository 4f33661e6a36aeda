package face

import (
	"context"
	"image"
	"time"

	"bonafide/kyc"
)

// Made says what made a number, so that a result of years ago can be
// understood: who, with which network and under which calibration.
type Made struct {
	Provider    string `json:"provider"`              // local, aws_rekognition, http
	Model       string `json:"model,omitempty"`       // name and fingerprint of the model file, or the service's own version
	Calibration string `json:"calibration,omitempty"` // id of the table that made Score of Raw
	// Tried are the providers that were asked before and did not answer.
	Tried []kyc.Tried `json:"tried,omitempty"`
}

// Look is how well a face was taken, as a service sees it, 0-100 each.
type Look struct {
	Brightness float64 `json:"brightness"`
	Sharpness  float64 `json:"sharpness"`
}

// Point is a place on an upright picture in pixels; the origin is top left.
type Point struct{ X, Y float64 }

// Face is one face that was found.
type Face struct {
	// Box is the face in pixels of the picture.
	X, Y, W, H float64
	// Landmarks are right eye, left eye, tip of the nose, right and left
	// corner of the mouth; right and left are the person's own.
	Landmarks [5]Point
	// Score is the detector's own certainty, 0-1.
	Score float64
}

// Comparison is how alike two faces are.
type Comparison struct {
	Made
	// Raw is the model's own measure: the cosine of two templates here (-1 to
	// 1), the service's similarity elsewhere (0-100).
	Raw float64 `json:"raw"`
	// Score is Raw on the one scale of the API, 0-1, where 0.80 is the measured
	// operating point.
	Score float64 `json:"score"`
	// Portrait and Selfie are the faces that were compared.
	Portrait, Selfie Face
}

// Other is a face on a document's picture, wide enough to be compared: the portrait,
// the small second one that many documents print, or somebody else.
type Other struct {
	Face
	// Portrait and Selfie say how alike it is to the largest face and to that of the
	// selfie, on the scale of Comparison.Score.
	Portrait, Selfie float64
}

// Onlookers finds all faces of a document's picture, the largest first, as Comparer
// takes it for the portrait. wide says that the picture may show more than the document: then
// smaller ones and such that lie on their side are looked for as well. Errors: as of
// Comparer.
type Onlookers interface {
	Others(ctx context.Context, portrait, selfie image.Image, wide bool) ([]Other, *kyc.Error)
}

// Comparer compares the portrait of a document with a picture of the
// applicant. Errors: Invalid face_not_found, face_too_small, several_faces
// (each with the picture it is about in its path: /portrait or /selfie);
// Unavailable when it cannot be asked.
type Comparer interface {
	Compare(ctx context.Context, portrait, selfie image.Image) (Comparison, *kyc.Error)
}

// Aliveness is what the look of one picture says about a living person.
type Aliveness struct {
	Made
	// Raw and Confidence: the model's own mean, 0-1, and the API's 0-100.
	Raw        float64 `json:"raw"`
	Confidence float64 `json:"confidence"`
	// Assessable is false where the picture does not allow a judgement, and
	// Reason says why (face_too_close, face_too_far, face_not_found,
	// several_faces). Then the numbers mean nothing.
	Assessable bool   `json:"assessable"`
	Reason     string `json:"reason,omitempty"`
}

// Spoofing judges one picture by its look (passive liveness).
type Spoofing interface {
	Alive(ctx context.Context, selfie image.Image) (Aliveness, *kyc.Error)
}

// Age is an estimate from a face; it is no proof of age.
type Age struct {
	Made
	Years float64 `json:"years"`
	// Low and High are the service's own range where it gives one.
	Low  float64 `json:"low,omitempty"`
	High float64 `json:"high,omitempty"`
	// Look is what the service says of the face's picture, where it does.
	Look *Look `json:"look,omitempty"`
}

// AgeEstimator estimates the age of the largest face of a selfie. Errors:
// Invalid face_not_found, face_too_small, several_faces; Unavailable.
type AgeEstimator interface {
	EstimateAge(ctx context.Context, selfie image.Image) (Age, *kyc.Error)
}

// Template is a face as numbers: a vector of unit length that only the same
// model can compare. It is biometric data.
type Template struct {
	Model  string    `json:"model"`
	Vector []float32 `json:"vector"`
}

// Encoder makes templates and measures how alike two of them are.
type Encoder interface {
	// Template of the one face; errors as for Comparer.
	Template(ctx context.Context, picture image.Image) (Template, *kyc.Error)
	// Likeness of two templates of one model; Invalid template_model_differs
	// otherwise.
	Likeness(a, b Template) (Comparison, *kyc.Error)
	// Cosine is the one from which two templates of a model have that
	// likeness, 0-1; it may err by some 10^-9.
	Cosine(model string, like float64) (float64, *kyc.Error)
}

// LivenessRequest opens a liveness session of a service.
type LivenessRequest struct {
	// Challenge is FaceMovementChallenge or FaceMovementAndLightChallenge.
	Challenge string
	// Audit is how many audit frames to keep, 0-4.
	Audit int
	// Token makes a repeated call open no second session.
	Token string
}

// LivenessSession is an opened one, in the words the applicant's page needs.
type LivenessSession struct {
	Made
	ID      string    `json:"session_id"`
	Region  string    `json:"region"`
	Expires time.Time `json:"expires_at"`
}

// LivenessResult is what a service saw.
type LivenessResult struct {
	Made
	// Status is created, in_progress, succeeded, failed or expired; only
	// succeeded carries a confidence.
	Status     string  `json:"status"`
	Confidence float64 `json:"confidence"` // 0-100
	// Reference is the best frame as JPEG; Audit are the frames kept.
	Reference []byte   `json:"-"`
	Audit     [][]byte `json:"-"`
}

// LivenessProvider is a service that films the applicant itself. The server
// asks for results only with an id it created.
type LivenessProvider interface {
	Create(ctx context.Context, r LivenessRequest) (LivenessSession, *kyc.Error)
	Result(ctx context.Context, id string) (LivenessResult, *kyc.Error)
}
