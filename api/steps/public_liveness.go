package steps

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"

	"bonafide/api"
	"bonafide/journey"
	"bonafide/kyc"
)

// openedLiveness is an opened liveness check. Its first two members are what
// seed 004's front end takes out of it: where a service films the applicant,
// they are that service's own.
type openedLiveness struct {
	ID                string       `json:"session_id" doc:"The liveness check's id; not the session's. Where a service films the applicant it is the id that its detector wants."`
	Region            string       `json:"region" doc:"Where the detector finds its service; local where the frames come here."`
	StepID            string       `json:"step_id" doc:"The step it belongs to."`
	ChallengeType     string       `json:"challenge_type" doc:"What the applicant does." enum:"FaceMovementChallenge,FaceMovementAndLightChallenge"`
	AttemptsRemaining int          `json:"attempts_remaining" doc:"Attempts left, this one included."`
	Provider          string       `json:"provider" doc:"Who judges it: bonafide by frames that are sent here, aws_rekognition or http by their own detector, unset where the organisation wants one that is not set up, sandbox where nothing is looked at."`
	ExpiresAt         stamp        `json:"expires_at" doc:"Until when it can be done."`
	Nonce             *string      `json:"nonce" doc:"Comes back with the frames; null unless the frames come here."`
	Actions           []string     `json:"actions" doc:"What the applicant is asked to do, in this order; left and right are the applicant's own. Empty unless the frames come here." nullable:"false"`
	Colors            []string     `json:"colors" doc:"Colours to light the screen with, in this order, each for the same share of the film and for a second at least; fade them for applicants who ask for less motion. Empty without the light challenge." nullable:"false"`
	Frames            *framesAsked `json:"frames" doc:"Where and how frames are sent; null unless they come here."`
}

// framesAsked says what a page has to film.
type framesAsked struct {
	URL          string   `json:"url" doc:"Where the frames go as JSON, each of at most 48 KiB."`
	FilmURL      string   `json:"film_url" doc:"Where they go as multipart/form-data, each of at most max_bytes."`
	MinCount     int      `json:"min_count" doc:"Fewer frames show too little; two for each action and colour are good."`
	MaxCount     int      `json:"max_count" doc:"Frames of one check at most."`
	MaxBytes     int      `json:"max_bytes" doc:"Size of one frame at most, in bytes."`
	ContentTypes []string `json:"content_types" doc:"Formats that are taken." nullable:"false"`
}

// livenessOutcome is an evaluated liveness check.
type livenessOutcome struct {
	Passed            bool    `json:"passed" doc:"Whether a person was there."`
	Confidence        float64 `json:"confidence" doc:"How sure that is." minimum:"0" maximum:"100"`
	AttemptsRemaining int     `json:"attempts_remaining" doc:"Attempts left."`
	Reason            *string `json:"reason" doc:"Why it was not passed, as a word; null when it was."`
	StepStatus        string  `json:"step_status" doc:"Where the step stands: after the last attempt a required step is failed, an optional one skipped, and the session goes on."`
}

// Who judges liveness, where nothing else is said.
const (
	sandboxProvider = "sandbox"
	ownProvider     = "bonafide"
	ownRegion       = "local"
	minFrames       = 8
)

func (s *surface) livenessRoutes() {
	p := s.Porch
	api.Handle(p, fails(said(public("create-liveness", http.MethodPost, "/liveness/create", "Open a liveness check"),
		"Without a body it is for the first liveness step that waits. 409 `liveness_attempts_exhausted` when no attempt is left. "+
			"With provider `bonafide` the page films the applicant doing the actions and sends the frames to `frames.url`; with any other it gives session_id and region to that service's detector."),
		http.StatusConflict, http.StatusServiceUnavailable), s.createLiveness)
	api.Handle(p, fails(said(public("verify-liveness", http.MethodPost, "/liveness/verify", "Evaluate a liveness check"),
		"Asked again, it answers the same. 409 `liveness_frames_missing` and `liveness_unfinished` where there is nothing to judge yet; that is no attempt. "+
			"What this program judges by frames is not certified (ISO/IEC 30107-3)."), http.StatusConflict), s.verifyLiveness)
	frames := fails(said(public("send-liveness-frames", http.MethodPost, "/liveness/{liveness_id}/frames", "Send frames of a liveness check"),
		"In one request or in several (a body in JSON has at most 1 MiB and a frame in it at most 48 KiB; `…/film` takes more); a frame that came already is left alone. They are kept encrypted until the check is evaluated. "+
			"409 `liveness_not_filmed`, `liveness_evaluated`, `too_many_frames`; 410 `liveness_expired`; 403 `nonce_wrong`; 413 `frame_too_large`."),
		http.StatusConflict, http.StatusGone, http.StatusForbidden, http.StatusRequestEntityTooLarge)
	api.Handle(p, frames, s.sendFrames)
	form := said(public("send-liveness-film", http.MethodPost, "/liveness/{liveness_id}/film", "Send frames of a liveness check as files"),
		"The same as multipart/form-data: parts `frame` in the order of at_ms.")
	form.Upload = &api.Upload{Files: []api.UploadField{{Name: "frame", Doc: "A frame in JPEG, PNG or WebP; repeated.", Required: true}},
		Values: []api.UploadField{{Name: "nonce", Doc: "The nonce of the check.", Required: true},
			{Name: "at_ms", Doc: "When each frame was taken, in milliseconds since the first, as a JSON array in the order of the parts.", Required: true}},
		MaxFiles: kyc.LivenessFrames, MaxBytes: maxFilm}
	api.Handle(p, fails(form, http.StatusConflict, http.StatusGone, http.StatusForbidden, http.StatusRequestEntityTooLarge), s.sendFilm)
}

// maxFilm is what one request with frames as files may have.
const maxFilm = kyc.LivenessFrames * kyc.LivenessFrameBytes / 2

func (s *surface) createLiveness(ctx context.Context, _ api.Principal, in *struct {
	TokenPath
	Base
	Body *struct {
		StepID string `json:"step_id,omitempty" doc:"The liveness step; default: the first that waits." maxLength:"64"`
	}
}) (*answer[openedLiveness], error) {
	step := ""
	if in.Body != nil {
		step = in.Body.StepID
	}
	now, err := s.Machine.Look(ctx, in.Token)
	if err != nil {
		return nil, err
	}
	got, err := s.Machine.OpenLiveness(ctx, in.Token, step)
	if err != nil {
		return nil, err
	}
	try := got.Try
	out := openedLiveness{ID: string(try.ID), Region: ownRegion, StepID: try.StepID, ChallengeType: try.Challenge, AttemptsRemaining: got.Remaining,
		Provider: try.Provider, ExpiresAt: at(now.Session.ExpiresAt), Actions: words(try.Actions), Colors: words(try.Colors)}
	switch {
	case now.Session.Tenant.Env == kyc.Sandbox:
		out.Provider = sandboxProvider
	case try.Provider == "" || try.Provider == kyc.ProviderLocal:
		out.Provider = ownProvider
	}
	if !try.ExpiresAt.IsZero() {
		out.ExpiresAt = at(try.ExpiresAt)
	}
	if try.ServiceID != "" {
		out.ID, out.Region = try.ServiceID, try.Region
	}
	if try.Provider == kyc.ProviderLocal {
		out.Nonce = text(try.Nonce)
		where := s.link(in.Base, "/public/sessions/"+in.Token+"/liveness/"+string(try.ID))
		out.Frames = &framesAsked{URL: where + "/frames", FilmURL: where + "/film", MinCount: minFrames,
			MaxCount: kyc.LivenessFrames, MaxBytes: kyc.LivenessFrameBytes, ContentTypes: []string{"image/jpeg", "image/png", "image/webp"}}
	}
	return &answer[openedLiveness]{Body: out}, nil
}

func (s *surface) verifyLiveness(ctx context.Context, _ api.Principal, in *struct {
	TokenPath
	Body struct {
		ID string `json:"liveness_session_id" doc:"The session_id of the opened check." maxLength:"200"`
	}
}) (*answer[livenessOutcome], error) {
	got, err := s.Machine.EvaluateLiveness(ctx, in.Token, in.Body.ID)
	if err != nil {
		return nil, err
	}
	return &answer[livenessOutcome]{Body: livenessOutcome{Passed: got.Try.Passed, Confidence: got.Try.Confidence, AttemptsRemaining: got.Remaining,
		Reason: text(got.Try.Reason), StepStatus: string(got.Step)}}, nil
}

type LivenessPath struct {
	TokenPath
	LivenessID string `path:"liveness_id" doc:"The session_id of the opened check." maxLength:"64"`
}

// sentFrame is one frame in JSON.
type sentFrame struct {
	AtMillis int    `json:"at_ms" doc:"When it was taken, in milliseconds since the first frame." minimum:"0" maximum:"180000"`
	Image    string `json:"image_base64" doc:"The frame in JPEG, PNG or WebP, in base64. A text of a JSON body has at most 64 KiB, so that a frame has at most 48 KiB here; larger ones go to …/film."`
}

// framesTaken is the answer to frames.
type framesTaken struct {
	Received  int   `json:"received" doc:"Frames that came for this check so far."`
	Remaining int   `json:"remaining" doc:"Frames that may still come."`
	ExpiresAt stamp `json:"expires_at" doc:"Until when they may come."`
}

func showFrames(got journey.FramesTaken, err error) (*answer[framesTaken], error) {
	if err != nil {
		return nil, err
	}
	return &answer[framesTaken]{Body: framesTaken{Received: len(got.Try.Frames), Remaining: got.Remaining, ExpiresAt: at(got.Try.ExpiresAt)}}, nil
}

func (s *surface) sendFrames(ctx context.Context, _ api.Principal, in *struct {
	LivenessPath
	Body struct {
		Nonce  string      `json:"nonce" doc:"The nonce of the check." maxLength:"200"`
		Frames []sentFrame `json:"frames" doc:"The frames." minItems:"1" maxItems:"40" nullable:"false"`
	}
}) (*answer[framesTaken], error) {
	var frames []journey.NewFrame
	for _, f := range in.Body.Frames {
		b, err := base64.StdEncoding.DecodeString(f.Image)
		if err != nil {
			b = nil // an empty file is told of with its place
		}
		frames = append(frames, journey.NewFrame{AtMillis: f.AtMillis, Bytes: b})
	}
	return showFrames(s.Machine.SendFrames(ctx, in.Token, tryID(in.LivenessID), in.Body.Nonce, frames))
}

func (s *surface) sendFilm(ctx context.Context, _ api.Principal, in *LivenessPath) (*answer[framesTaken], error) {
	form := api.FormFrom(ctx)
	var times []int
	if err := json.Unmarshal([]byte(form.Values["at_ms"]), &times); err != nil || len(times) != len(form.Files) {
		return nil, kyc.InvalidInput("invalid_frames", "the frames cannot be taken",
			[]kyc.Problem{{Path: "/at_ms", Code: "wrong_count", Message: "a JSON array with one number for each frame"}})
	}
	var frames []journey.NewFrame
	for i, f := range form.Files {
		frames = append(frames, journey.NewFrame{AtMillis: times[i], Bytes: f.Bytes})
	}
	return showFrames(s.Machine.SendFrames(ctx, in.Token, tryID(in.LivenessID), form.Values["nonce"], frames))
}

// tryID reads the id of a check; what is none is unknown, after the session
// itself was found.
func tryID(s string) kyc.ID {
	id, ok := kyc.ParseID(s)
	if !ok {
		return "none"
	}
	return id
}
