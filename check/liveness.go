package check

import (
	"context"

	"bonafide/face"
	"bonafide/kyc"
)

// liveness looks whether a living person stood before the camera.
func liveness(d Deps) Check {
	s := spec("liveness", "Liveness",
		"Looks whether a living person stood before the camera: by the frames of a liveness try where there was one, otherwise by the look of the newest picture alone. Who was filmed must be who is on the session's selfies, at a likeness of 0.80. The score is a confidence from 0 to 100. What this machine judges by itself is no certified presentation attack detection (ISO/IEC 30107-3), and says so.", faceTimeout)
	s.Needs = []string{"liveness|selfie"}
	s.Provides = []string{"score", "details.confidence", "details.method", "details.assessable", "details.certified"}
	s.ConfigSchema = schema(`
"threshold":{"type":"number","minimum":0,"maximum":100,"default":60,"description":"Confidence from which the check passes, 0-100."}`, "")
	return Check{Spec: s, Run: func(ctx context.Context, r kyc.CheckRequest) kyc.Answer {
		threshold := configNumber(r.Config, "threshold", livenessThreshold)
		try, tried, err := tryOf(&r)
		if err != nil {
			return broken("established_unreadable", "the record of the liveness try cannot be read")
		}
		if tried && try.Provider != kyc.ProviderLocal {
			return judgeService(ctx, d, &r, try, threshold)
		}
		if d.Faces == nil || d.Blobs == nil || d.Pictures == nil {
			return noFaces(&r, s.Title)
		}
		if tried {
			return judgeFilm(ctx, d, &r, try, threshold)
		}
		return alivePicture(ctx, d, &r, threshold)
	}}
}

// livenessThreshold is the default confidence, 0-100.
const livenessThreshold = 60.0

// alivePicture judges the newest picture of the applicant by its look.
func alivePicture(ctx context.Context, d Deps, r *kyc.CheckRequest, threshold float64) kyc.Answer {
	spoofing := d.Faces.Spoofing(r)
	if spoofing == nil {
		return noFaces(r, "Liveness")
	}
	shown, source, ok := applicant(r)
	if !ok {
		return review("face_missing", "the session has no picture of the applicant's face")
	}
	img, bad := picture(ctx, d, r, shown, "selfie")
	if bad != nil {
		return *bad
	}
	seen, err := spoofing.Alive(ctx, img)
	if err != nil {
		return asCheck(r, err)
	}
	a := judgeAliveness(seen, threshold)
	if a.Details != nil {
		a.Details["source"], a.Details["method"] = source, "passive"
	}
	return a
}

// judgeAliveness decides by a confidence of 0-100. A picture that allows no
// judgement is for a person, whatever its numbers.
func judgeAliveness(seen face.Aliveness, threshold float64) kyc.Answer {
	if !seen.Assessable {
		code := first(seen.Reason, "not_assessable")
		a := review("liveness_"+code, "the picture allows no judgement: "+notAssessable(code))
		a.Threshold = number(threshold)
		a.Details = map[string]any{"confidence": 0.0, "threshold": threshold, "assessable": false, "certified": false}
		made(&a, seen.Made)
		return a
	}
	if !finite(seen.Confidence, seen.Raw) || seen.Confidence < 0 || seen.Confidence > 100 {
		return broken("bad_score", "whoever judged liveness answered a confidence that is none")
	}
	confidence := round4(seen.Confidence)
	a := passed("liveness_passed", "the picture looks like one of a living person")
	if seen.Confidence < threshold {
		a = failed("presentation_suspected", "the picture looks like one of a print, a screen or a mask")
	}
	a.Score, a.Threshold = number(confidence), number(threshold)
	a.Details = map[string]any{"confidence": confidence, "threshold": threshold, "raw": round4(seen.Raw), "assessable": true, "certified": false}
	made(&a, seen.Made)
	return a
}

// notAssessable says in the applicant's words what to do better.
func notAssessable(code string) string {
	switch code {
	case "face_too_close":
		return "the face fills too much of it; please hold the camera further away"
	case "face_too_far", "face_too_small":
		return "the face is too small on it; please come closer to the camera"
	case "face_not_found":
		return "no face can be found on it; please look straight into the camera"
	case "several_faces":
		return "more than one face is on it; please take it alone"
	}
	return "please take it again, alone, in good light and looking straight into the camera"
}
