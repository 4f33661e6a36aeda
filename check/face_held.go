package check

import (
	"context"
	"fmt"
	"image"
	"slices"

	"bonafide/kyc"
)

// A living person before the camera and a photograph that is like the document
// prove nothing together while they may be two people: somebody films the own
// face and sends a picture of the document's holder. Whichever of the two comes
// second is held against the first.

// heldToSelfies holds who was filmed against every selfie of the session. film
// is the frame that shows the applicant best; a is the answer that passed.
func heldToSelfies(ctx context.Context, d Deps, r *kyc.CheckRequest, a kyc.Answer, film image.Image) kyc.Answer {
	for i, u := range selfies(r) {
		if a = heldTo(ctx, d, r, a, film, u, i); a.Verdict != kyc.Pass {
			break
		}
	}
	return a
}

// heldToFilm holds a selfie that an answer passed against the film of the
// session's liveness check, where its frames are kept by number, or the frame
// that a service gave. A film begins with the applicant looking straight into
// the camera.
func heldToFilm(ctx context.Context, d Deps, r *kyc.CheckRequest, a kyc.Answer, selfie kyc.Upload) kyc.Answer {
	frames := current(r.Uploads, "liveness")
	i := slices.IndexFunc(frames, func(u kyc.Upload) bool { return u.Side == "frame_1" })
	if i < 0 { // after a failed try it may be a photograph of somebody
		frames = references(r)
		i = slices.IndexFunc(frames, func(u kyc.Upload) bool { return u.Side == kyc.SideReference })
	}
	if i < 0 {
		return a
	}
	film, bad := picture(ctx, d, r, frames[i], "frame")
	if bad != nil {
		return *bad
	}
	return heldTo(ctx, d, r, a, film, selfie, 0)
}

// heldTo asks whether film and selfie show one person. Only a likeness at the
// operating point leaves the answer as it is; whoever cannot be asked makes the
// answer their own.
func heldTo(ctx context.Context, d Deps, r *kyc.CheckRequest, a kyc.Answer, film image.Image, selfie kyc.Upload, number int) kyc.Answer {
	if d.Faces == nil || d.Pictures == nil || d.Blobs == nil {
		return noFaces(r, "Face comparison")
	}
	comparer := d.Faces.Comparer(asking(r, number))
	if comparer == nil {
		return noFaces(r, "Face comparison")
	}
	shown, bad := picture(ctx, d, r, selfie, "selfie")
	if bad != nil {
		return *bad
	}
	found, err := comparer.Compare(ctx, film, shown)
	if err != nil {
		b := asCheck(r, err)
		if b.Status != kyc.StatusOK {
			return b
		}
		return doubted(a, kyc.VerdictReview, reason(warning, "selfie_not_compared", "whether the selfie shows the person who was filmed cannot be said; please take it again, alone and looking straight into the camera"))
	}
	threshold := operatingPoint
	like := judgeLikeness(found, faceConfig{Threshold: &threshold})
	switch {
	case like.Status != kyc.StatusOK:
		return like
	case like.Verdict == kyc.Pass:
		if a.Details == nil {
			a.Details = map[string]any{}
		}
		a.Details["same_person"] = round4(found.Score)
		return a
	case like.Verdict == kyc.Fail:
		a = doubted(a, kyc.Fail, reason(critical, "selfie_of_another_person", "the person who was filmed is not the one on the selfie"))
	default:
		a = doubted(a, kyc.VerdictReview, reason(warning, "selfie_unsure", "the person who was filmed is too little like the one on the selfie to be taken for the same"))
	}
	a.Details["same_person"] = round4(found.Score)
	return a
}

// asking is the question of one more pair of pictures.
func asking(r *kyc.CheckRequest, number int) *kyc.CheckRequest {
	one := *r
	switch {
	case r.CallKey != "":
		one.CallKey = fmt.Sprintf("%s-same-%d", r.CallKey, number)
	case r.RunID != "":
		one.CallKey = fmt.Sprintf("%s-%s-%d-same-%d", r.RunID, r.Node, r.Attempt, number)
	}
	return &one
}

// doubted takes a pass back. Its number spoke for somebody, but not for this
// session's applicant.
func doubted(a kyc.Answer, v kyc.Verdict, why kyc.Reason) kyc.Answer {
	a.Verdict, a.Score, a.Fields = v, nil, nil
	a.Reasons = []kyc.Reason{why}
	if a.Details == nil {
		a.Details = map[string]any{}
	}
	if _, has := a.Details["confidence"]; has {
		a.Details["confidence"] = 0.0
	}
	if _, has := a.Details["age_check_passed"]; has {
		a.Details["age_check_passed"] = false
	}
	return a
}
