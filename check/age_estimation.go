package check

import (
	"context"
	"fmt"

	"bonafide/face"
	"bonafide/kyc"
)

// ageEstimation estimates the age from the face.
func ageEstimation(d Deps) Check {
	s := spec("age_estimation", "Age estimate",
		"Estimates the age in years from the selfie or the liveness frame and compares it with a limit. An estimate errs by 4 to 5 years, so it passes from seven years above the limit, fails below three years under it, and asks for a document in between. It is no proof of age.", faceTimeout)
	s.Needs = []string{"selfie"}
	s.Provides = []string{"score", "details.estimated_age", "details.minimum_age", "details.age_check_passed", "details.pass_from", "details.fail_below"}
	s.ConfigSchema = schema(`
"minimum_age":{"type":"integer","minimum":1,"maximum":100,"default":18,"description":"Age in years that the applicant must have reached. The estimate must be seven years above it to pass by itself."}`, "")
	return Check{Spec: s, Run: func(ctx context.Context, r kyc.CheckRequest) kyc.Answer {
		var c struct {
			MinimumAge *int `json:"minimum_age"`
		}
		if err := decode(r.Config, &c); err != nil {
			return broken("config_invalid", "the check's config cannot be read")
		}
		minimum := estimationMinimum
		if c.MinimumAge != nil {
			minimum = float64(*c.MinimumAge)
		}
		if d.Faces == nil || d.Blobs == nil || d.Pictures == nil {
			return noFaces(&r, s.Title)
		}
		estimator := d.Faces.AgeEstimator(&r)
		if estimator == nil {
			return noFaces(&r, s.Title)
		}
		// Never the portrait of a document: it is small, and years old.
		shown, source, ok := applicant(&r)
		if !ok {
			return review("face_missing", "the session has no picture of the applicant's face")
		}
		img, bad := picture(ctx, d, &r, shown, "selfie")
		if bad != nil {
			return *bad
		}
		age, err := estimator.EstimateAge(ctx, img)
		if err != nil {
			return asCheck(&r, err)
		}
		a := judgeEstimate(age, minimum)
		if a.Details != nil {
			a.Details["source"] = source
		}
		if a.Verdict == kyc.Pass && source == sourceSelfie {
			a = heldToFilm(ctx, d, &r, a, shown)
		}
		return a
	}}
}

// estimationMinimum is the default limit of age_estimation in years; an
// estimate passes from surelyAbove more and fails below surelyUnder less. The
// publisher of the local model states a mean error of 4.8 to 5 years around 18.
const (
	estimationMinimum = 18.0
	surelyAbove       = 7.0
	surelyUnder       = 3.0
)

// judgeEstimate gives the three-way answer.
func judgeEstimate(age face.Age, minimum float64) kyc.Answer {
	if !finite(age.Years) || age.Years < 0 || age.Years > 150 {
		return broken("bad_age", "the estimate is no age")
	}
	var a kyc.Answer
	switch {
	case age.Years >= minimum+surelyAbove:
		a = passed("age_estimate_above", fmt.Sprintf("the estimate is %.0f years or more above the limit", surelyAbove))
	case age.Years < minimum-surelyUnder:
		a = failed("age_estimate_below", fmt.Sprintf("the estimate is more than %.0f years under the limit", surelyUnder))
	default:
		a = review("age_estimate_unsure", "the estimate is too close to the limit; a document has to say the age")
	}
	a.Score, a.Threshold = number(round4(age.Years)), number(minimum)
	a.Details = map[string]any{"estimated_age": round4(age.Years), "minimum_age": minimum, "age_check_passed": a.Verdict == kyc.Pass,
		"pass_from": minimum + surelyAbove, "fail_below": minimum - surelyUnder}
	if age.High > 0 {
		a.Details["range"] = map[string]any{"low": round4(age.Low), "high": round4(age.High)}
	}
	made(&a, age.Made)
	return a
}
