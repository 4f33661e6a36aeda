package onboarding

import (
	"fmt"
	"slices"
)

// doubt gives the warnings of api.md 3.13 that look at the definition as a
// whole; those of the rules come from the room rule. They are given although
// there are errors, so that an author sees both at once.
func (r *reader) doubt(d *Definition, steps []placed) {
	config := "/validation_config/"
	if n := len(d.Parties()); n > MaxParties {
		r.fail("/steps", "parties_too_many", "the forms have %d name fields; at most %d can be screened", n, MaxParties)
	}
	papers := 0
	for _, s := range d.Steps {
		papers += len(s.DocumentRequirements)
	}
	if papers > maxRequirements {
		r.fail("/steps", "document_requirements_too_many", "a workflow asks for at most %d documents; these are %d", maxRequirements, papers)
	}
	if d.FaceMatch() {
		at := config + "auto_face_match"
		if !d.ValidationConfig.AutoFaceMatch {
			at = taskAt(steps, RunFaceMatch)
		}
		if !d.asksOwnID() {
			r.warn(at, "face_match_without_id", "the faces are to be compared, but no step asks for the applicant's own ID or passport")
		}
		if len(d.FaceSources()) == 0 {
			r.warn(at, "face_match_without_face_source", "the faces are to be compared, but no step takes the applicant's face: a liveness step with use_for_face_match, a selfie step or a selfie document")
		}
	}
	live := slices.ContainsFunc(d.Steps, func(s Step) bool { return s.Type == Liveness })
	for _, p := range steps {
		if p.Type == Selfie && !live {
			r.warn(p.at+"/type", "selfie_without_liveness", "a selfie can be a photo of a photo; a liveness step is the safer choice")
		}
	}
	if d.ValidationConfig.RunCrypto || d.HasTask(RunCryptoCheck) {
		if len(d.wallets()) == 0 {
			at := config + "run_crypto"
			if !d.ValidationConfig.RunCrypto {
				at = taskAt(steps, RunCryptoCheck)
			}
			r.warn(at, "crypto_without_wallet", "wallets are to be screened, but no form has a wallet field")
		}
	}
}

// taskAt points to a task in the step that names it first.
func taskAt(steps []placed, t Task) string {
	for _, p := range steps {
		if i := slices.Index(p.ValidationTasks, t); i >= 0 {
			return fmt.Sprintf("%s/validation_tasks/%d", p.at, i)
		}
	}
	return ""
}

// asksOwnID reports whether a step asks for the applicant's own identity paper.
func (d *Definition) asksOwnID() bool {
	return slices.ContainsFunc(d.Steps, func(s Step) bool {
		return slices.ContainsFunc(s.DocumentRequirements, d.Own)
	})
}
