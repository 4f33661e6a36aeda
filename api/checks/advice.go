package checks

import (
	"slices"

	"bonafide/intake"
)

// advice is something the applicant can do better.
type advice struct {
	Check   string `json:"check" doc:"The check that found it." example:"document_ocr"`
	Code    string `json:"code" doc:"What was found, in snake_case." example:"picture_blurred"`
	Message string `json:"message" doc:"The same as a sentence for the applicant."`
}

// adviceOf picks what of the reasons an applicant can act on, in words for
// them. What speaks of forgery is not among it: whoever tries a forged paper
// must not learn what gave it away.
func adviceOf(list []intake.Checked) []advice {
	out := []advice{}
	for _, c := range list {
		for _, r := range c.Reasons {
			a := advice{Check: c.Policy, Code: r.Code, Message: r.Message}
			if own := sentence(r.Code); own != "" {
				a.Message = own
			} else if !actionable(r.Code) {
				continue
			}
			if !slices.ContainsFunc(out, func(have advice) bool { return have.Message == a.Message }) {
				out = append(out, a)
			}
		}
	}
	return out
}

// actionable reports whether a reason's own sentence is for the applicant:
// those of pictures (document.Verdict) and of films (face.Reason).
func actionable(code string) bool {
	switch code {
	case "picture_blurred", "picture_glare", "picture_dark", "document_cut_off", "picture_too_small",
		"face_not_found", "several_faces", "face_too_close", "face_too_far", "start_not_frontal", "relief_unclear", "actions_wrong", "actions_missing", "frames_count", "frames_missing",
		"film_length", "light_not_reflected", "light_frames_missing":
		return true
	}
	return false
}

// sentence is what the applicant is told where the reason's own words are for
// the reviewer; "" where they are not, or where nothing can be done.
func sentence(code string) string {
	switch code {
	case "selfie_face_not_found", "liveness_face_not_found":
		return "No face can be seen. Look straight into the camera and take off whatever covers the face."
	case "selfie_several_faces", "liveness_several_faces":
		return "More than one face can be seen. Make sure that you are alone in the picture."
	case "selfie_face_too_small", "liveness_face_too_small", "liveness_face_too_far":
		return "The face is too small. Come closer to the camera."
	case "liveness_face_too_close":
		return "The face fills too much of the picture. Hold the camera further away."
	case "portrait_face_not_found":
		return "The portrait on the document cannot be seen. Take a picture of the side with the portrait, with all four corners in view."
	case "portrait_several_faces":
		return "More than one face can be seen on the picture of the document. Take it of the document alone, lying flat."
	case "portrait_face_too_small":
		return "The portrait on the document is too small. Take the picture closer to the document."
	case "zone_not_found":
		return "The document cannot be read. Take a picture of the page with the printed lines of letters and arrows, flat and with all four corners in view."
	}
	return ""
}
