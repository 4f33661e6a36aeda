package check

import (
	"context"
	"encoding/json"
	"fmt"
	"image"
	"math"
	"slices"

	"bonafide/face"
	"bonafide/kyc"
)

// faceMatch compares the selfie with the portrait.
func faceMatch(d Deps) Check {
	s := spec("face_match", "Face comparison",
		"Compares the applicant's face with the largest portrait on the document, or with the chip's once that was verified. The score is a likeness of 0-1 on which 0.80 is the operating point that was measured. The levels are cosines of the local model: standard 0.35 (a likeness of 0.80), strict 0.50 (0.9961), very_strict 0.60 (0.9998). Below 0.20 they are two people; between that and the threshold a person looks.", faceTimeout)
	s.Identity = true
	s.Needs = []string{"document_front", "selfie"}
	s.Provides = []string{"score", "details.similarity", "details.level", "details.source", "details.raw", "details.model", "details.calibration", "details.portrait_source", "details.other_faces", "details.other_faces_looked_for"}
	s.ConfigSchema = schema(`
"security_level":{"type":"string","enum":["standard","strict","very_strict"],"default":"standard","description":"How alike the faces must be: a cosine of 0.35, 0.50 or 0.60, that is a likeness of 0.80, 0.9961 or 0.9998."},
"sources":{"type":"array","maxItems":100,"items":{"type":"object","additionalProperties":false,"required":["source","step_id"],"properties":{
"source":{"type":"string","enum":["liveness_reference","selfie","selfie_document"],"description":"What shows the applicant's face."},
"step_id":{"type":"string","maxLength":64,"description":"The step that takes it."}}},
"description":"Where the face may come from, preferred first; the first that the session has is compared. Absent: whatever was uploaded."},
"threshold":{"type":"number","minimum":0,"maximum":1,"description":"Likeness from which the faces match, 0-1; replaces the level's."}`, "")
	return Check{Spec: s, Run: func(ctx context.Context, r kyc.CheckRequest) kyc.Answer {
		var c faceConfig
		if err := decode(r.Config, &c); err != nil {
			return broken("config_invalid", "the check's config cannot be read")
		}
		if d.Faces == nil || d.Blobs == nil || d.Pictures == nil {
			return noFaces(&r, s.Title)
		}
		return matchFaces(ctx, d, &r, c)
	}}
}

type faceConfig struct {
	SecurityLevel string       `json:"security_level"`
	Sources       []faceSource `json:"sources"`
	Threshold     *float64     `json:"threshold"`
}

// level gives the name of the level and the likeness it asks for.
func (c faceConfig) level() (string, float64) {
	name := first(c.SecurityLevel, "standard")
	if c.Threshold != nil {
		return name, *c.Threshold
	}
	return name, faceThreshold(name)
}

// matchFaces compares the applicant's picture with each portrait there may be
// until one has a face.
func matchFaces(ctx context.Context, d Deps, r *kyc.CheckRequest, c faceConfig) kyc.Answer {
	if d.Faces.Comparer(r) == nil {
		return noFaces(r, "Face comparison")
	}
	selfie, source, ok := applicant(r)
	if !ok {
		return review("face_missing", "the session has no picture of the applicant's face to compare")
	}
	shown, bad := picture(ctx, d, r, selfie, "selfie")
	if bad != nil {
		return *bad
	}
	portraits := portraitsOf(r)
	if len(portraits) == 0 {
		return review("portrait_missing", "the session has no document with the applicant's portrait")
	}
	var last kyc.Answer
	var notes []kyc.Reason
	asked := 0
	for _, p := range portraits {
		shows, bad := p.pictures(ctx, d, r)
		if bad != nil {
			if bad.Status != kyc.StatusOK {
				return *bad
			}
			notes = append(notes, bad.Reasons...)
			last = *bad
			continue
		}
		var a kyc.Answer
		seen := false
		var at *kyc.Region // where the face stands that was seen first
		for i, h := range shows {
			one := *r
			if asked > 0 && r.CallKey != "" { // each pair of pictures is a question of its own
				one.CallKey = fmt.Sprintf("%s-%d", r.CallKey, asked)
			}
			asked++
			comparer := d.Faces.Comparer(&one)
			found, err := comparer.Compare(ctx, h.img, shown)
			if err != nil {
				failure := asCheck(r, err)
				switch {
				case seen && err.Kind == kyc.Invalid:
					continue // what the other view said stands
				case !seen && aboutPortrait(err) && err.Kind == kyc.Invalid && err.Code == "face_not_found":
					last = failure // perhaps on the picture as it was taken, or on another page
					continue
				}
				return failure
			}
			next := judgeLikeness(found, c)
			if next.Status != kyc.StatusOK {
				return next
			}
			tooAlike(&next, found, h.img, shown, selfie.SHA256 != "" && selfie.SHA256 == h.sum)
			next.Details["source"], next.Details["portrait_source"] = source, p.source
			boxes(&next, found, h, p.upload.ID, shown, selfie.ID)
			spot, _ := h.region(found.Portrait, p.upload.ID)
			switch {
			case seen && !sameSpot(at, spot):
				continue // whoever else is on the photograph is not the document's holder
			case !seen && i > 0 && !shows[0].holds(spot):
				offPage(&next)
			default:
				if next = besides(ctx, comparer, next, found, shows, i, shown, p.upload.ID); next.Status != kyc.StatusOK {
					return next
				}
			}
			// A page that was straightened along the wrong edges has a bent portrait:
			// before the applicant is held to it, the picture as it was taken counts.
			if !seen {
				at = spot
			}
			if !seen || *next.Score > *a.Score {
				a, seen = next, true
			}
			if settled(a) {
				break
			}
		}
		if !seen {
			continue
		}
		for _, n := range notes {
			n.Severity = info
			a.Reasons = append(a.Reasons, n)
		}
		if a.Verdict == kyc.Pass && source == sourceSelfie {
			a = heldToFilm(ctx, d, r, a, selfie)
		}
		return a
	}
	return last
}

// samePicture is the cosine of the local model from which two pictures are taken
// for one photograph: those of one person taken at two times stay well below. A
// small or grey copy stays below it, too; how the faces lie over each other
// tells that one.
const samePicture = 0.95

// selfieIsPortrait is the code of a selfie that shows nobody but the portrait.
const selfieIsPortrait = "selfie_is_portrait"

// tooAlike sends a selfie that is the portrait itself to a person: whoever holds
// a document, or a picture of it, has that picture, too.
func tooAlike(a *kyc.Answer, c face.Comparison, portrait, selfie image.Image, sameFile bool) {
	if a.Verdict != kyc.Pass {
		return
	}
	local := c.Provider == "" || c.Provider == face.Local
	if !sameFile && !(local && c.Raw >= samePicture) {
		fit, ok := face.SamePhotograph(portrait, c.Portrait, selfie, c.Selfie)
		if !ok || fit < face.SamePhotographFrom {
			return
		}
	}
	a.Verdict = kyc.VerdictReview
	a.Reasons = []kyc.Reason{reason(critical, selfieIsPortrait, "the applicant's picture is the portrait itself, or a copy of it, and proves nobody's presence")}
}

// boxes shows the reviewer which faces were compared: in the details, and the
// document's with the reason, which the console draws on the picture.
func boxes(a *kyc.Answer, c face.Comparison, portrait holder, paper kyc.ID, selfie image.Image, shown kyc.ID) {
	if box, corners := portrait.region(c.Portrait, paper); box != nil {
		details, _ := plainly(box).(map[string]any)
		if corners != nil {
			details["straightened"], details["corners"] = true, plainly(corners)
		}
		a.Details["portrait"] = details
		if portrait.leaf != nil && len(a.Reasons) > 0 {
			a.Reasons[0].Region = box
		}
	}
	if box := regionOf(c.Selfie, selfie, shown); box != nil {
		a.Details["selfie"] = plainly(box)
	}
}

// judgeLikeness decides by a likeness of 0-1.
func judgeLikeness(c face.Comparison, config faceConfig) kyc.Answer {
	level, threshold := config.level()
	if !finite(c.Score, c.Raw) || c.Score < 0 || c.Score > 1 {
		return broken("bad_score", "the comparison answered a likeness that is none")
	}
	score := round4(c.Score)
	verdict, reasons := judgedLike(c.Score, threshold)
	a := judged(verdict, reasons...)
	a.Score, a.Threshold = number(score), number(round4(threshold))
	a.Details = map[string]any{"similarity": score, "raw": round4(c.Raw), "level": level, "threshold": round4(threshold)}
	made(&a, c.Made)
	return a
}

// Codes of what a likeness alone says.
const (
	facesMatch     = "faces_match"
	facesUnsure    = "faces_unsure"
	facesDiffer    = "faces_differ"
	belowOperating = "below_operating_point"
)

// judgedLike is what a likeness of 0-1 says under a threshold.
func judgedLike(score, threshold float64) (kyc.Verdict, []kyc.Reason) {
	switch {
	case score >= threshold:
		a := passed(facesMatch, "the applicant's face is that of the portrait")
		if threshold < operatingPoint && score < operatingPoint {
			a.Reasons = append(a.Reasons, reason(info, belowOperating, "the likeness reaches this workflow's threshold, but not the 0.80 that was measured"))
		}
		return a.Verdict, a.Reasons
	case score < noMatch:
		a := failed(facesDiffer, "the applicant's face is not that of the portrait")
		return a.Verdict, a.Reasons
	}
	a := review(facesUnsure, "the faces are too little alike to be taken for one and too much for two")
	return a.Verdict, a.Reasons
}

// faceSource is one place a face may come from (onboarding's config).
type faceSource struct {
	Source string `json:"source"`
	StepID string `json:"step_id"`
}

// faceSources are the places that the config names; limited is false where it
// names none.
func faceSources(r kyc.CheckRequest) (list []faceSource, limited bool) {
	var c struct {
		Sources []faceSource `json:"sources"`
	}
	if len(r.Config) == 0 || json.Unmarshal(r.Config, &c) != nil || c.Sources == nil {
		return nil, false
	}
	return c.Sources, true
}

// faceOf names the source that the session has, preferred first. A liveness
// step gives its reference frame when it was passed: a frame of a failed one
// may be a photograph of somebody.
func faceOf(r kyc.CheckRequest) (source string, limited bool) {
	sources, limited := faceSources(r)
	live, _ := r.Established["liveness"].(map[string]any)
	for _, s := range sources {
		if s.Source == sourceLiveness {
			if live["status"] == "passed" {
				return s.Source, true
			}
			continue
		}
		if slices.ContainsFunc(current(r.Uploads, "selfie"), func(u kyc.Upload) bool { return u.StepID == s.StepID }) {
			return s.Source, true
		}
	}
	return "", limited
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

// faceThreshold is the likeness a level asks for. The levels of api.md 6.9
// (0.35, 0.50, 0.60) are cosines: as likenesses of 0-1 they would lie far below
// the point at which no two people were measured to be taken for one, and let
// the wrong person through. The curve is that of design/documents.md, section 4;
// cosine 0.35 is the likeness 0.80.
func faceThreshold(level string) float64 {
	cosine := 0.35
	switch level {
	case "strict":
		cosine = 0.50
	case "very_strict":
		cosine = 0.60
	}
	return 1 / (1 + (1-operatingPoint)/operatingPoint*math.Exp(-27.7*(cosine-0.35)))
}
