package check

import (
	"context"
	"encoding/json"

	"bonafide/document"
	"bonafide/kyc"
)

// tryOf reads the liveness try that a question is about; ok is false where it
// is about pictures that were sent on their own.
func tryOf(r *kyc.CheckRequest) (t kyc.LivenessTryFact, ok bool, err error) {
	raw, ok := r.Established[kyc.KeyLivenessTry]
	if !ok {
		return t, false, nil
	}
	b, err := json.Marshal(raw)
	if err == nil {
		err = json.Unmarshal(b, &t)
	}
	return t, true, err
}

// judgeService judges a liveness try by what the service says that filmed it.
func judgeService(ctx context.Context, d Deps, r *kyc.CheckRequest, t kyc.LivenessTryFact, threshold float64) kyc.Answer {
	if t.Provider == kyc.ProviderUnset {
		return notConfigured("liveness_not_configured", "none of the organisation's providers for liveness is set up here")
	}
	if d.LivenessResult == nil || t.ServiceID == "" {
		return notConfigured("liveness_not_configured", "the service that filmed the applicant is not set up here")
	}
	seen, err := d.LivenessResult(ctx, kyc.Asking{Tenant: r.Tenant, Providers: r.Settings.Providers, Call: r.CallKey}, t.Provider, t.ServiceID)
	if err != nil {
		return asCheck(r, err)
	}
	var a kyc.Answer
	switch seen.Status {
	case "succeeded":
		if !finite(seen.Confidence) || seen.Confidence < 0 || seen.Confidence > 100 {
			return broken("bad_score", "the service answered a confidence that is none")
		}
		if a = passed("liveness_passed", "the service saw a living person"); seen.Confidence < threshold {
			a = failed("presentation_suspected", "the service is not sure enough that it saw a living person")
		}
		a.Score, a.Threshold = number(round4(seen.Confidence)), number(threshold)
		a.Details = map[string]any{"confidence": round4(seen.Confidence), "threshold": threshold, "assessable": true}
		if len(seen.Reference) > 0 {
			a.Filmed = append(a.Filmed, kyc.AnswerPicture{Side: kyc.SideReference, ContentType: "image/jpeg", Bytes: seen.Reference})
		}
		for _, b := range seen.Audit {
			a.Filmed = append(a.Filmed, kyc.AnswerPicture{Side: kyc.SideAudit, ContentType: "image/jpeg", Bytes: b})
		}
	case "created", "in_progress":
		a = review("liveness_unfinished", "the applicant has not finished this liveness check yet")
	case "expired":
		a = failed("liveness_expired", "the time of this liveness check was over before it was done")
	default:
		a = failed("liveness_failed", "the service did not see a living person")
	}
	if a.Details == nil {
		a.Details = map[string]any{"confidence": 0.0, "threshold": threshold, "assessable": seen.Status == "failed"}
	}
	a.Details["method"], a.Details["challenge"] = "service", t.Challenge
	made(&a, seen.Made)
	if a.Verdict != kyc.Pass || len(selfies(r)) == 0 {
		return a
	}
	if len(seen.Reference) == 0 || d.Pictures == nil {
		return doubted(a, kyc.VerdictReview, reason(warning, "selfie_not_compared", "whether the selfie shows the person whom the service filmed cannot be said: there is no frame to compare it with"))
	}
	best, err := d.Pictures.Picture(ctx, document.File{Name: "reference", Bytes: seen.Reference})
	if err != nil {
		return broken("bad_reference", "the frame that the service kept is no picture")
	}
	return heldToSelfies(ctx, d, r, a, best)
}
