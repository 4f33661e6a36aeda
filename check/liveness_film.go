package check

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"image"
	"slices"
	"time"

	"bonafide/face"
	"bonafide/kyc"
)

// Films looks at one frame of a liveness try (face.Engine).
type Films interface {
	Observe(ctx context.Context, at time.Duration, frame image.Image) (face.Observation, *kyc.Error)
}

// NewLivenessPlan draws what an applicant does in a try that this program films
// itself. It errs for a challenge that nobody knows.
func NewLivenessPlan(challenge string, now time.Time) (kyc.LivenessPlan, error) {
	nonce := make([]byte, 24)
	_, _ = rand.Read(nonce) // crypto/rand never fails since Go 1.24
	drawn, err := face.NewChallenge(challenge, nonce)
	if err != nil {
		return kyc.LivenessPlan{}, err
	}
	return kyc.LivenessPlan{Provider: kyc.ProviderLocal, Nonce: base64.RawURLEncoding.EncodeToString(nonce), Actions: drawn.Actions, Colors: drawn.Colors,
		ExpiresAt: now.Add(kyc.LivenessTime)}, nil
}

// judgeFilm judges a try by its frames: the actions that were drawn for it, one
// person in all of them, and the look of the frames.
func judgeFilm(ctx context.Context, d Deps, r *kyc.CheckRequest, t kyc.LivenessTryFact, threshold float64) kyc.Answer {
	if d.Films == nil || d.Blobs == nil || d.Pictures == nil {
		return noFaces(r, "Liveness")
	}
	if len(t.Frames) == 0 {
		// What is missing on this machine is said before anybody films for nothing.
		if _, err := d.Films.Observe(ctx, 0, image.NewGray(image.Rect(0, 0, 64, 64))); err != nil && err.Kind == kyc.Unavailable {
			return asCheck(r, err)
		}
		return review("liveness_frames_missing", "no frames have come for this liveness check; send them first")
	}
	var seen []face.Observation
	var uploads []kyc.ID
	for _, f := range t.Frames {
		i := slices.IndexFunc(r.Uploads, func(u kyc.Upload) bool { return u.ID == f.ID })
		if i < 0 {
			continue // its time was over; the film has a gap
		}
		img, bad := picture(ctx, d, r, r.Uploads[i], "frame")
		if bad != nil {
			return *bad
		}
		at := time.Duration(0)
		if t.Timed {
			at = time.Duration(f.AtMillis) * time.Millisecond
		}
		o, err := d.Films.Observe(ctx, at, img)
		if err != nil {
			return asCheck(r, err)
		}
		seen, uploads = append(seen, o), append(uploads, f.ID)
	}
	elapsed := time.Duration(0)
	if t.Timed {
		elapsed = max(time.Duration(t.ElapsedMillis)*time.Millisecond, 1)
	}
	m := face.JudgeMovement(face.Challenge{Kind: t.Challenge, Actions: t.Actions, Colors: t.Colors}, seen, elapsed)
	a := judgeMovement(m, t, uploads, threshold)
	if a.Verdict != kyc.Pass || len(selfies(r)) == 0 {
		return a
	}
	i := slices.IndexFunc(r.Uploads, func(u kyc.Upload) bool { return u.ID == uploads[m.Reference] })
	best, bad := picture(ctx, d, r, r.Uploads[i], "frame")
	if bad != nil {
		return *bad
	}
	return heldToSelfies(ctx, d, r, a, best)
}

// judgeMovement decides by what the movement judge says.
func judgeMovement(m face.Movement, t kyc.LivenessTryFact, uploads []kyc.ID, threshold float64) kyc.Answer {
	if !finite(m.Confidence) || m.Confidence < 0 || m.Confidence > 100 {
		return broken("bad_score", "the judgement of the film is no confidence")
	}
	confidence := round4(m.Confidence)
	var a kyc.Answer
	switch {
	case len(m.Reasons) == 0 && m.Assessable && m.Confidence >= threshold:
		a = passed("liveness_passed", "a living person did what was asked")
	case len(m.Reasons) == 0 && m.Assessable:
		a = failed("presentation_suspected", "the frames look like those of a print, a screen or a mask")
	case m.Assessable:
		a = judged(kyc.Fail)
	default:
		a = judged(kyc.VerdictReview)
	}
	for _, why := range m.Reasons {
		severity := critical
		if !m.Assessable {
			severity = warning
		}
		a.Reasons = append(a.Reasons, reason(severity, why.Code, why.Message))
	}
	if len(a.Reasons) == 0 {
		a.Reasons = []kyc.Reason{reason(warning, "liveness_not_assessable", "the film allows no judgement; please take it again")}
	}
	if m.Assessable {
		a.Score = number(confidence)
	}
	a.Threshold = number(threshold)
	audit := []any{}
	for _, i := range m.Audit {
		if i >= 0 && i < len(uploads) {
			audit = append(audit, string(uploads[i]))
		}
	}
	done := []any{}
	for _, action := range m.Done {
		done = append(done, action)
	}
	a.Details = map[string]any{"confidence": confidence, "threshold": threshold, "method": "active", "challenge": t.Challenge, "assessable": m.Assessable,
		"certified": false, "frames": len(uploads), "timed": t.Timed, "actions": plainly(t.Actions), "done": done, "audit": audit,
		"relief": round4(m.Relief)}
	if len(t.Colors) > 0 {
		a.Details["colors"] = plainly(t.Colors)
	}
	if m.Reference >= 0 && m.Reference < len(uploads) {
		a.Details["reference"] = string(uploads[m.Reference])
	}
	made(&a, m.Made)
	return a
}
