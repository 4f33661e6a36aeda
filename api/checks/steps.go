package checks

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"bonafide/api"
	"bonafide/intake"
	"bonafide/kyc"
)

func (s *surface) executionRoutes() {
	p := s.Porch
	api.Handle(p, op("get-check-session-workflow", http.MethodGet, "/sessions/{id}/workflow", groupSessions, "Where the steps stand", readSessions),
		func(ctx context.Context, who api.Principal, in *SessionPath) (*tagged[execution], error) {
			return s.onSession(in.ID, func(sid kyc.ID) (intake.State, error) { return s.Machine.State(ctx, who.Tenant, sid) })
		})
	api.Handle(p, fails(said(op("start-check-session", http.MethodPost, "/sessions/{id}/workflow/start", groupSessions, "Begin or resume", writeSessions), "Safe to repeat."),
		http.StatusGone, http.StatusPreconditionFailed),
		func(ctx context.Context, who api.Principal, in *struct {
			SessionPath
			api.IfMatch
		}) (*tagged[execution], error) {
			return s.onSession(in.ID, func(sid kyc.ID) (intake.State, error) {
				return s.Machine.Start(ctx, who.Tenant, who.Actor, sid, in.Rev())
			})
		})
	api.Handle(p, fails(said(op("submit-check-step", http.MethodPost, "/sessions/{id}/steps/{step_id}", groupSessions, "Submit a step", writeSessions),
		"Only the current step. What it brings depends on the step. A check that says no uses up an attempt; when none is left the step is FAILED and the next one is asked for, so that a reviewer sees everything. "+
			"Send an Idempotency-Key: a submission must not be repeated blindly."), http.StatusGone, http.StatusPreconditionFailed), s.submit)
	s.chipRoute()
}

func (s *surface) onSession(text string, do func(kyc.ID) (intake.State, error)) (*tagged[execution], error) {
	sid, err := id("session", text)
	if err != nil {
		return nil, err
	}
	st, err := do(sid)
	if err != nil {
		return nil, err
	}
	return tag(st.Session.Meta, showExecution(st)), nil
}

// The bodies of submissions, for the reader of the documentation; the intake
// room reads them.

type IDVerificationBody struct {
	DocumentType          string          `json:"document_type,omitempty" doc:"The kind of the first ID: passport, id_card, drivers_license or residence_permit." example:"passport"`
	SecondaryDocumentType string          `json:"secondary_document_type,omitempty" doc:"The kind of the second ID."`
	TertiaryDocumentType  string          `json:"tertiary_document_type,omitempty" doc:"The kind of the third ID."`
	Uploads               *IDUploads      `json:"uploads,omitempty" doc:"The files, by upload_id."`
	Escalation            *EscalationBody `json:"escalation,omitempty" doc:"The further proof, in place of everything else, while the step asks for it."`
}

type IDUploads struct {
	IDFront          string `json:"id_front" doc:"Front of the first ID."`
	IDBack           string `json:"id_back,omitempty" doc:"Its back; of a passport there is none."`
	SecondaryIDFront string `json:"secondary_id_front,omitempty" doc:"Front of the second ID."`
	SecondaryIDBack  string `json:"secondary_id_back,omitempty" doc:"Its back."`
	TertiaryIDFront  string `json:"tertiary_id_front,omitempty" doc:"Front of the third ID."`
	TertiaryIDBack   string `json:"tertiary_id_back,omitempty" doc:"Its back."`
	SelfieFront      string `json:"selfie_front" doc:"The face from the front."`
	SelfieLeft       string `json:"selfie_left,omitempty" doc:"The face from the left; not with face_front_photo_only."`
	SelfieRight      string `json:"selfie_right,omitempty" doc:"The face from the right; not with face_front_photo_only."`
}

type EscalationBody struct {
	Type       string            `json:"type" doc:"What was asked for." enum:"nfc-passport"`
	SOD        string            `json:"sod,omitempty" doc:"EF.SOD, the object that the state signed, base64 of the whole file (its first byte is 77)." example:"d4IG…"`
	DataGroups map[string]string `json:"data_groups,omitempty" doc:"The chip's data groups by name (DG1 to DG16), base64 of the whole files (DG1 begins with 61, DG2 with 75). DG1, the machine-readable zone, and DG2, the portrait, are needed; DG11, DG12, DG14 and DG15 may come along." example:"{\"DG1\":\"YVtfH1g…\",\"DG2\":\"dYI…\"}"`
	Uploads    map[string]string `json:"uploads,omitempty" doc:"The same files by upload_id, in place of sod and data_groups: SOD, DG1, …; needed where one has more than 48 KiB, because a text in a body has at most 64. Files of any size go to /steps/{step_id}/chip, too."`
	Refused    bool              `json:"refused,omitempty" doc:"The applicant cannot or will not: the step fails."`
}

type FaceLivenessBody struct {
	Action       string `json:"action" doc:"start begins a try, upload-url announces its frames, complete evaluates it." enum:"start,upload-url,complete"`
	FrameCount   int    `json:"frame_count,omitempty" doc:"Of upload-url: how many frames." minimum:"1" maximum:"8"`
	ClipMIMEType string `json:"clip_mime_type,omitempty" doc:"Of upload-url: a clip comes too, of this type." example:"video/webm"`
	FrameTimes   []int  `json:"frame_times_ms,omitempty" doc:"Of complete: when each frame was taken, in milliseconds since the first; without it only their order counts." maxItems:"8" nullable:"false"`
}

type AgeEstimationBody struct {
	Uploads SelfieUpload `json:"uploads" doc:"The file, by upload_id."`
}

type SelfieUpload struct {
	SelfieFront string `json:"selfie_front" doc:"The face from the front."`
}

type PEPSanctionsBody struct {
	Email       string `json:"email,omitempty" doc:"Mail address." format:"email"`
	FirstName   string `json:"first_name" doc:"Given names."`
	LastName    string `json:"last_name" doc:"Family name."`
	DateOfBirth string `json:"date_of_birth" doc:"YYYY-MM-DD." example:"1990-01-15"`
}

type AdverseMediaBody struct {
	Action      string `json:"action" doc:"start begins the search, complete asks how it ended." enum:"start,complete"`
	Email       string `json:"email,omitempty" doc:"Of start: mail address." format:"email"`
	FirstName   string `json:"first_name,omitempty" doc:"Of start: given names."`
	LastName    string `json:"last_name,omitempty" doc:"Of start: family name."`
	DateOfBirth string `json:"date_of_birth,omitempty" doc:"Of start: YYYY-MM-DD."`
	Country     string `json:"country,omitempty" doc:"Of start: ISO 3166-1 alpha-2." example:"NL"`
}

type ConsentBody struct {
	Accepted        bool   `json:"accepted" doc:"false refuses, and the step fails."`
	LegalName       string `json:"legal_name,omitempty" doc:"The name that the applicant signs with; required when accepted."`
	SignatureUpload string `json:"signature_upload,omitempty" doc:"A picture of the signature, by upload_id."`
}

type DocumentUploadBody struct {
	Uploads map[string]string `json:"uploads" doc:"upload_id by document type, one for each of document_types."`
}

// submissionText is the body of a submission as it was sent.
type submissionText json.RawMessage

// UnmarshalJSON keeps the text.
func (b *submissionText) UnmarshalJSON(raw []byte) error {
	*b = append((*b)[:0], raw...)
	return nil
}

// Schema describes the bodies of all steps and takes anything: which of them is
// meant depends on the step.
func (submissionText) Schema(r huma.Registry) *huma.Schema {
	s := &huma.Schema{Description: "What the step asks for."}
	for _, t := range []reflect.Type{reflect.TypeFor[IDVerificationBody](), reflect.TypeFor[FaceLivenessBody](), reflect.TypeFor[AgeEstimationBody](), reflect.TypeFor[PEPSanctionsBody](),
		reflect.TypeFor[AdverseMediaBody](), reflect.TypeFor[ConsentBody](), reflect.TypeFor[DocumentUploadBody]()} {
		s.AnyOf = append(s.AnyOf, r.Schema(t, true, t.Name()))
	}
	s.AnyOf = append(s.AnyOf, &huma.Schema{Description: "Whatever fits no step is answered with 400 and the list of everything that is wrong with it."})
	return s
}

// checked is what one check said of a submission.
type checked struct {
	Check     string   `json:"check" doc:"The check." example:"document_ocr"`
	Status    string   `json:"status" doc:"What it said." enum:"passed,failed,review,error,skipped"`
	Score     *float64 `json:"score" doc:"Its score; the scale is the check's own. Null without one."`
	Threshold *float64 `json:"threshold" doc:"What the score was compared with; null without one."`
	Hits      int      `json:"hits" doc:"How many listed parties are like the applicant."`
	Reasons   []reason `json:"reasons" doc:"What it found." nullable:"false"`
}

// submitted is the answer to a submission.
type submitted struct {
	StepID            string         `json:"step_id" doc:"The step that was submitted."`
	StepStatus        string         `json:"step_status" doc:"Where it stands now." enum:"PENDING,IN_PROGRESS,COMPLETED,FAILED,SKIPPED"`
	FailureReason     *string        `json:"failure_reason" doc:"Why the attempt or the step failed, as a word; null otherwise."`
	CurrentStep       *int           `json:"current_step" doc:"0-based place of the step to submit next; null when all are done."`
	AttemptsRemaining int            `json:"attempts_remaining" doc:"Attempts left in the current step."`
	SessionStatus     string         `json:"session_status" doc:"Where the session stands." enum:"PENDING,SUBMITTED,VERIFIED,REJECTED,VOIDED"`
	SessionProgress   string         `json:"session_progress" doc:"How far the applicant is." enum:"PENDING,STARTED,COMPLETED"`
	Requirements      map[string]any `json:"requirements" doc:"What the submitted step still asks for; escalation stands here while a further proof is asked for."`
	Checks            []checked      `json:"checks" doc:"What the step's checks said, in the order they were asked." nullable:"false"`
	Advice            []advice       `json:"advice" doc:"What of it the applicant can do better in another attempt, as sentences to show them." nullable:"false"`
	DocumentRiskData  *documentRisk  `json:"document_risk_data" doc:"The fraud analysis that was made in line; null where there was none."`
	Liveness          *liveness      `json:"liveness" doc:"Of FACE_LIVENESS: the try; null for other steps."`
}

// liveness is the answer to an action of FACE_LIVENESS.
type liveness struct {
	TryID               string      `json:"try_id" doc:"The try."`
	ChallengeType       string      `json:"challenge_type" doc:"What the applicant is to do."`
	Provider            string      `json:"provider" doc:"Who judges it: bonafide by frames that are sent here, aws_rekognition or http by their own detector, unset where the organisation wants one that is not set up, sandbox where nothing is looked at."`
	SessionID           *string     `json:"session_id" doc:"Where a service films the applicant: the id that its detector wants; null otherwise."`
	Region              *string     `json:"region" doc:"Where that detector finds its service; null otherwise."`
	Actions             []string    `json:"actions" doc:"What the applicant is asked to do while the frames are taken, in this order; left and right are the applicant's own." nullable:"false"`
	ExpiresAt           stamp       `json:"expires_at" doc:"Until when the try can be completed; null where it has no end of its own."`
	ConfidenceThreshold float64     `json:"confidence_threshold" doc:"Lowest confidence that passes, 0-100."`
	Confidence          *float64    `json:"confidence" doc:"How sure the check is, 0-100; null before complete."`
	Passed              *bool       `json:"passed" doc:"Whether that is enough; null before complete."`
	FrameUploadURLs     []announced `json:"frame_upload_urls" doc:"Where the frames go, in order; of upload-url only." nullable:"false"`
	ClipUploadURL       *announced  `json:"clip_upload_url" doc:"Where the clip goes; of upload-url with clip_mime_type only."`
}

func (s *surface) submit(ctx context.Context, who api.Principal, in *struct {
	SessionPath
	Base
	api.IfMatch
	StepID string `path:"step_id" doc:"The step, in any spelling." maxLength:"64" example:"ID_VERIFICATION"`
	Body   submissionText
}) (*tagged[submitted], error) {
	return s.submitted(ctx, who, in.ID, in.Base, in.StepID, intake.Submission{Body: json.RawMessage(in.Body), Rev: in.Rev()})
}

// submitted submits a step and shows the answer.
func (s *surface) submitted(ctx context.Context, who api.Principal, session string, b Base, step string, in intake.Submission) (*tagged[submitted], error) {
	sid, err := id("session", session)
	if err != nil {
		return nil, err
	}
	got, err := s.Machine.Submit(ctx, who.Tenant, who.Actor, sid, step, in)
	if err != nil {
		return nil, err
	}
	st := got.State
	out := submitted{StepID: got.Step.ID, StepStatus: got.Step.Status, FailureReason: text(got.Step.FailureReason), CurrentStep: current(st), AttemptsRemaining: st.AttemptsRemaining,
		SessionStatus: st.Status, SessionProgress: st.Progress, Requirements: given(got.Step.Requirements), Checks: shown(got.Checks, func(c intake.Checked) checked {
			return checked{Check: c.Policy, Status: c.Status, Score: c.Score, Threshold: c.Threshold, Hits: c.Hits, Reasons: showReasons(c.Reasons)}
		}), Advice: adviceOf(got.Checks)}
	if f := got.Fraud; f != nil {
		out.DocumentRiskData = riskOf(f.Status, f.RiskScore, f.Details, f.Reasons)
		out.DocumentRiskData.Escalated = f.Escalated
	}
	if l := got.Liveness; l != nil {
		out.Liveness = s.showLiveness(b, l)
	}
	return tag(st.Session.Meta, out), nil
}

func (s *surface) showLiveness(b Base, l *intake.LivenessReply) *liveness {
	out := &liveness{TryID: string(l.Try.ID), ChallengeType: l.Try.Challenge, Actions: append([]string{}, l.Try.Actions...), ExpiresAt: at(l.Try.ExpiresAt), ConfidenceThreshold: l.Threshold,
		FrameUploadURLs: shown(l.Frames, func(a intake.Announced) announced { return s.announced(b, a) })}
	switch l.Try.Provider {
	case kyc.ProviderLocal:
		out.Provider = "bonafide"
	case "":
		out.Provider = "sandbox"
	default:
		out.Provider, out.SessionID, out.Region = l.Try.Provider, text(l.Try.ServiceID), text(l.Try.Region)
	}
	if l.Clip != nil {
		clip := s.announced(b, *l.Clip)
		out.ClipUploadURL = &clip
	}
	if !l.Try.Done.IsZero() {
		out.Confidence, out.Passed = &l.Try.Confidence, &l.Try.Passed
	}
	return out
}
