package check

import (
	"encoding/json"
	"slices"

	"bonafide/kyc"
)

// faceMatch compares the selfie with the portrait.
// Nothing here can answer it for live applicants yet: without Run the menu
// says not_configured, which never passes. The sandbox simulates it.
func faceMatch() Check {
	s := spec("face_match", "Face comparison", "Compares the selfie with the portrait on the document. Levels: standard 0.35, strict 0.50, very_strict 0.60.", 0)
	s.Identity = true
	s.Needs = []string{"document_front", "selfie"}
	s.Provides = []string{"score", "details.similarity", "details.level", "details.source"}
	s.ConfigSchema = schema(`
"security_level":{"type":"string","enum":["standard","strict","very_strict"],"default":"standard","description":"How alike the faces must be: 0.35, 0.50 or 0.60."},
"sources":{"type":"array","maxItems":100,"items":{"type":"object","additionalProperties":false,"required":["source","step_id"],"properties":{
"source":{"type":"string","enum":["liveness_reference","selfie","selfie_document"],"description":"What shows the applicant's face."},
"step_id":{"type":"string","maxLength":64,"description":"The step that takes it."}}},
"description":"Where the face may come from, preferred first; the first that the session has is compared. Absent: whatever was uploaded."},
"threshold":{"type":"number","minimum":0,"maximum":1,"description":"Likeness from which the faces match, 0-1; replaces the level's."}`, "")
	return Check{Spec: s}
}

// faceSource is one place a face may come from (onboarding's config).
type faceSource struct {
	Source string `json:"source"`
	StepID string `json:"step_id"`
}

// faceOf names the source that the session has, preferred first. A liveness
// step gives its reference frame when it was passed: a frame of a failed one
// may be a photograph of somebody.
func faceOf(r kyc.CheckRequest) (source string, limited bool) {
	var c struct {
		Sources []faceSource `json:"sources"`
	}
	if len(r.Config) == 0 || json.Unmarshal(r.Config, &c) != nil || c.Sources == nil {
		return "", false
	}
	live, _ := r.Established["liveness"].(map[string]any)
	for _, s := range c.Sources {
		if s.Source == "liveness_reference" {
			if live["status"] == "passed" {
				return s.Source, true
			}
			continue
		}
		if slices.ContainsFunc(current(r.Uploads, "selfie"), func(u kyc.Upload) bool { return u.StepID == s.StepID }) {
			return s.Source, true
		}
	}
	return "", true
}

// nothingToMatch answers a face comparison for which the session lacks one of
// the two faces, so that it never looks like one that was made. It reports
// false where there is something to compare, or where nobody says what counts.
func nothingToMatch(r kyc.CheckRequest) (kyc.Answer, bool) {
	source, limited := faceOf(r)
	if !limited {
		return kyc.Answer{}, false
	}
	code, message := "face_missing", "the session has no picture of the applicant's face to compare"
	if source != "" {
		if ownPaper(r) {
			return kyc.Answer{}, false
		}
		code, message = "portrait_missing", "the session has no document with the applicant's portrait"
	}
	return skipped(r, code, message), true
}

// ownPaper reports whether the session has, or may have, an identity document
// of the applicant's own. A step that asks for it by rank says so; otherwise
// document_set knows once it has answered.
func ownPaper(r kyc.CheckRequest) bool {
	if slices.ContainsFunc(idUploads(r.Uploads, idPrimary), func(u kyc.Upload) bool { return u.Asked == idPrimary }) {
		return true
	}
	var papers []paper
	fact, ran := r.Checks["document_set"]
	return !ran || fact.Status == "error" || !detail(fact.Details, "documents", &papers) || slices.ContainsFunc(papers, func(p paper) bool { return p.Own })
}

// skipped answers a check for which the session lacks the material.
func skipped(r kyc.CheckRequest, code, message string) kyc.Answer {
	a := judged(kyc.Skip, reason(warning, code, message))
	if r.Tenant.Env == kyc.Sandbox {
		a.Provider = providerSandbox
	}
	return a
}

// faceThreshold is the likeness a level asks for (api.md 6.9).
func faceThreshold(level string) float64 {
	switch level {
	case "strict":
		return 0.50
	case "very_strict":
		return 0.60
	}
	return 0.35
}
