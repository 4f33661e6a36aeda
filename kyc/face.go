package kyc

import (
	"encoding/binary"
	"math"
	"time"
)

// FaceTemplate is the face of one session as numbers: biometric data, kept so
// that the same face is known when it comes back (face_dedup). It lives in its
// own retention class (FaceSettings), ends with its person, can be deleted by
// session, and leaves with no export.
type FaceTemplate struct {
	Meta
	SessionID ID `json:"session_id"`
	SubjectID ID `json:"subject_id"`
	UploadID  ID `json:"upload_id,omitempty"` // the picture it was made of
	// Model made it; templates of two models cannot be compared.
	Model     string    `json:"model"`
	Source    string    `json:"source,omitempty"` // liveness_reference, selfie
	ExpiresAt time.Time `json:"expires_at"`
	// Vector has unit length. It is stored encrypted under the subject's key.
	Vector FaceVector `json:"-"`
	// Unreadable is set by the store when the subject's key was destroyed.
	Unreadable bool `json:"-"`
}

// FaceVector are the numbers of a template. As text it is the base64 of its
// IEEE 754 single-precision numbers, little-endian.
type FaceVector []float32

// MarshalBinary gives the numbers as bytes.
func (v FaceVector) MarshalBinary() ([]byte, error) {
	out := make([]byte, 0, 4*len(v))
	for _, x := range v {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(x))
	}
	return out, nil
}

// UnmarshalBinary reads them back.
func (v *FaceVector) UnmarshalBinary(b []byte) error {
	if len(b)%4 != 0 {
		return Errorf(Internal, "bad_template", "a face template of %d bytes", len(b))
	}
	*v = make(FaceVector, len(b)/4)
	for i := range *v {
		(*v)[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return nil
}

// FaceFilter selects templates of a tenant that have not expired at Now.
type FaceFilter struct {
	Model     string
	Except    string // leaves out the templates of this model
	SessionID ID
	SubjectID ID
	Now       time.Time
	// Since leaves out those that were stored before; zero keeps all.
	Since time.Time
}

// FaceChange is one line of what happened to a tenant's templates, in the order
// of its happening (1, 2, 3 …). Lines are kept for some time only; the newest of
// a tenant always.
type FaceChange struct {
	Seq int64
	// Mark is different wherever the line is: a restored copy of a database
	// gives a Seq again, but never a Mark.
	Mark       string
	TemplateID ID
	Gone       bool // removed; otherwise stored
}

// FaceSettings are an organisation's rules for templates.
type FaceSettings struct {
	// TemplateDays is how long a template is kept after its session's face was
	// compared; 0 is DefaultTemplateDays.
	TemplateDays int `json:"template_days,omitempty"`
}

// DefaultTemplateDays is as far back as a face_dedup rule looks by default.
const DefaultTemplateDays = 365

// Keep is how long a template lives.
func (s FaceSettings) Keep() time.Duration {
	days := s.TemplateDays
	if days <= 0 {
		days = DefaultTemplateDays
	}
	return time.Duration(days) * 24 * time.Hour
}
