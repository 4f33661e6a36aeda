package provider

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rekognition"
	"github.com/aws/aws-sdk-go-v2/service/rekognition/types"

	"bonafide/face"
	"bonafide/kyc"
)

// livenessLife is how long a liveness session of Rekognition lives, by its
// documentation.
const livenessLife = 3 * time.Minute

// serviceLiveness has a breaker of its own: streaming sessions have their own
// quotas.
const serviceLiveness = "rekognition-liveness"

// Create opens a Face Liveness session. The applicant's page gives its id and
// the region to the detector, which streams to AWS by itself. No bucket is
// named, so the frames come back with the result and stay nowhere else.
func (a *AWS) Create(ctx context.Context, r face.LivenessRequest) (face.LivenessSession, *kyc.Error) {
	challenge, err := challengeOf(r)
	if err != nil {
		return face.LivenessSession{}, err
	}
	in := &rekognition.CreateFaceLivenessSessionInput{Settings: &types.CreateFaceLivenessSessionRequestSettings{
		AuditImagesLimit: aws.Int32(int32(r.Audit)), ChallengePreferences: []types.ChallengePreference{{Type: challenge}}}} //nolint:gosec // challengeOf bounds it
	if token := word(r.Token); token != "" {
		in.ClientRequestToken = aws.String(strings.ReplaceAll(token, ".", "-"))
	}
	now := a.clock.Now()
	var out *rekognition.CreateFaceLivenessSessionOutput
	if err := a.call(ctx, serviceLiveness, func(ctx context.Context) (e error) {
		out, e = a.faces.CreateFaceLivenessSession(ctx, in)
		return e
	}); err != nil {
		return face.LivenessSession{}, err
	}
	id := aws.ToString(out.SessionId)
	if id == "" || word(id) != id {
		return face.LivenessSession{}, fails(codeInvalid, "the answer of CreateFaceLivenessSession has no session id")
	}
	return face.LivenessSession{Made: face.Made{Provider: kyc.ProviderRekognition, Model: livenessModel(nil)}, ID: id, Region: a.cfg.Region, Expires: now.Add(livenessLife)}, nil
}

// challengeOf checks what is asked for. Empty is FaceMovementChallenge.
func challengeOf(r face.LivenessRequest) (types.ChallengeType, *kyc.Error) {
	var problems []kyc.Problem
	challenge := types.ChallengeType(r.Challenge)
	switch challenge {
	case "":
		challenge = types.ChallengeTypeFaceMovementChallenge
	case types.ChallengeTypeFaceMovementChallenge, types.ChallengeTypeFaceMovementAndLightChallenge:
	default:
		problems = append(problems, kyc.Problem{Path: "/challenge", Code: "unknown_challenge", Message: "there is FaceMovementChallenge and FaceMovementAndLightChallenge"})
	}
	if r.Audit < 0 || r.Audit > 4 {
		problems = append(problems, kyc.Problem{Path: "/audit", Code: "out_of_range", Message: "0 to 4 audit frames can be kept"})
	}
	if len(problems) > 0 {
		return "", kyc.InvalidInput("liveness_request_invalid", "no liveness session can be opened like this", problems)
	}
	return challenge, nil
}

// Result asks what became of a session. Only an id that Create gave may be
// passed; the caller keeps them.
func (a *AWS) Result(ctx context.Context, id string) (face.LivenessResult, *kyc.Error) {
	if id == "" || word(id) != id {
		return face.LivenessResult{}, kyc.Errorf(kyc.NotFound, "liveness_session_not_found", "this is no id of a liveness session")
	}
	var out *rekognition.GetFaceLivenessSessionResultsOutput
	if err := a.call(ctx, serviceLiveness, func(ctx context.Context) (e error) {
		out, e = a.faces.GetFaceLivenessSessionResults(ctx, &rekognition.GetFaceLivenessSessionResultsInput{SessionId: aws.String(id)})
		return e
	}); err != nil {
		return face.LivenessResult{}, err
	}
	if aws.ToString(out.SessionId) != id {
		return face.LivenessResult{}, fails(codeInvalid, "the answer of GetFaceLivenessSessionResults is about another session")
	}
	status, known := map[types.LivenessSessionStatus]string{types.LivenessSessionStatusCreated: "created", types.LivenessSessionStatusInProgress: "in_progress",
		types.LivenessSessionStatusSucceeded: "succeeded", types.LivenessSessionStatusFailed: "failed", types.LivenessSessionStatusExpired: "expired"}[out.Status]
	if !known {
		return face.LivenessResult{}, fails(codeInvalid, "the answer of GetFaceLivenessSessionResults has an unknown status")
	}
	r := face.LivenessResult{Made: face.Made{Provider: kyc.ProviderRekognition, Model: livenessModel(out.Challenge)}, Status: status}
	if status != "succeeded" {
		return r, nil
	}
	if !within(out.Confidence, 0, 100) {
		return face.LivenessResult{}, fails(codeInvalid, "the answer of GetFaceLivenessSessionResults has no confidence of 0-100")
	}
	r.Confidence = float64(*out.Confidence)
	if out.ReferenceImage != nil && len(out.ReferenceImage.Bytes) > 0 {
		r.Reference = out.ReferenceImage.Bytes
	}
	for _, f := range out.AuditImages {
		if len(f.Bytes) > 0 && len(r.Audit) < 4 {
			r.Audit = append(r.Audit, f.Bytes)
		}
	}
	if wrong := badFrames(r); wrong != nil {
		return face.LivenessResult{}, wrong
	}
	return r, nil
}

// badFrames refuses frames that are no pictures.
func badFrames(r face.LivenessResult) *kyc.Error {
	frames := r.Audit
	if r.Reference != nil {
		frames = append(frames[:len(frames):len(frames)], r.Reference)
	}
	for _, f := range frames {
		if !jpegOf(f) {
			return fails(codeInvalid, "a frame of the liveness session is no JPEG")
		}
	}
	return nil
}

// livenessModel is what the service says of its own version: that of the
// challenge, once it ran.
func livenessModel(c *types.Challenge) string {
	if c == nil || aws.ToString(c.Version) == "" {
		return "FaceLiveness " + rekognition.ServiceAPIVersion
	}
	return fmt.Sprintf("FaceLiveness %s %s", word(string(c.Type)), word(aws.ToString(c.Version)))
}
