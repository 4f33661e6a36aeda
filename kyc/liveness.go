package kyc

import "time"

// Limits of a liveness try that this program films by frames.
const (
	// LivenessFrames is how many frames a try takes, LivenessFrameBytes how
	// large each may be.
	LivenessFrames     = 40
	LivenessFrameBytes = 1 << 20
	// LivenessTime is how long the applicant has from the opening of a try to
	// its last frame.
	LivenessTime = 3 * time.Minute
	// LivenessAudit is how many frames are kept for an audit.
	LivenessAudit = 4
)

// ProviderUnset stands in a try whose organisation wants a provider that is
// not set up here: nothing can judge it.
const ProviderUnset = "unset"

// LivenessPlan says who judges a liveness try and what the applicant has to do
// in it. It is made when the try is opened.
type LivenessPlan struct {
	// Provider is ProviderLocal where frames are sent to this program, the name
	// of a service that films the applicant itself, or ProviderUnset. Empty in
	// the sandbox, which looks at nothing.
	Provider string `json:"provider,omitempty"`
	// ServiceID and Region find the try at the service.
	ServiceID string    `json:"service_id,omitempty"`
	Region    string    `json:"region,omitempty"`
	ExpiresAt time.Time `json:"expires_at,omitzero"`
	// Nonce comes back with the frames. Actions and Colors were drawn at random
	// for this try, in their order; Colors only with
	// FaceMovementAndLightChallenge.
	Nonce   string   `json:"nonce,omitempty"`
	Actions []string `json:"actions,omitempty"`
	Colors  []string `json:"colors,omitempty"`
}

// LivenessQuestion asks for a plan.
type LivenessQuestion struct {
	Asking
	Challenge string // FaceMovementChallenge or FaceMovementAndLightChallenge
	Audit     int    // frames to keep, 0-4
	Now       time.Time
}

// LivenessFrame is one frame of a try: the transfer it came as, and when it was
// taken, in milliseconds since the first.
type LivenessFrame struct {
	ID       ID  `json:"id"`
	AtMillis int `json:"at_ms"`
}

// Sides of what is kept of a liveness try (Upload.Side): the frame that shows
// the applicant best, and those that are kept for an audit.
const (
	SideReference = "reference"
	SideAudit     = "audit"
)

// AnswerPicture is a picture that a service gave with its answer.
type AnswerPicture struct {
	Side        string // SideReference or SideAudit
	ContentType string
	Bytes       []byte
}

// KeyLivenessTry is where a question about a liveness try says which
// (CheckRequest.Established): LivenessTryFact.
const KeyLivenessTry = "liveness_try"

// LivenessTryFact is a try as its check sees it. The frames are uploads of kind
// liveness in the request, by ID.
type LivenessTryFact struct {
	Challenge string          `json:"challenge"`
	Provider  string          `json:"provider"`
	ServiceID string          `json:"service_id,omitempty"`
	Actions   []string        `json:"actions,omitempty"`
	Colors    []string        `json:"colors,omitempty"`
	Frames    []LivenessFrame `json:"frames,omitempty"`
	// Timed says that the frames carry the times at which they were taken, and
	// ElapsedMillis how long it really was from the opening of the try to the
	// coming of its last frame.
	Timed         bool  `json:"timed"`
	ElapsedMillis int64 `json:"elapsed_ms,omitempty"`
}

// Fact gives a try to its check; timed says whether its frames carry times, and
// received are the transfers they came as.
func (t *LivenessTry) Fact(timed bool, received []Transfer) LivenessTryFact {
	f := LivenessTryFact{Challenge: t.Challenge, Provider: t.Provider, ServiceID: t.ServiceID, Actions: t.Actions, Colors: t.Colors, Frames: t.Frames, Timed: timed}
	for i := range received {
		if timed {
			f.ElapsedMillis = max(f.ElapsedMillis, received[i].ReceivedAt.Sub(t.CreatedAt).Milliseconds())
		}
	}
	return f
}

// Late reports whether the time of a try is over.
func (t *LivenessTry) Late(now time.Time) bool {
	return !t.ExpiresAt.IsZero() && !now.Before(t.ExpiresAt)
}
