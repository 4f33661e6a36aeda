package check

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"bonafide/kyc"
)

type checklistConfig struct {
	Steps        []string `json:"steps"`
	RejectFailed bool     `json:"reject_failed"`
}

// seenStep is how one step of a checklist ended, as the machine of surface B
// saw it.
type seenStep struct {
	Status string `json:"status"` // COMPLETED, FAILED, SKIPPED
	Reason string `json:"reason"` // snake_case, of a failed step
	// Unanswered says that it failed because a check could not answer.
	Unanswered bool `json:"unanswered"`
}

// checklistOutcome judges how the steps of a checklist ended. The machine saw
// it (kyc.SessionData.Established), so that no run can approve a session one of
// whose steps failed, whatever the checks answer when they are asked again:
//
//	"checklist": {"steps":{"ID_VERIFICATION":{"status":"COMPLETED"},
//	              "CONSENT":{"status":"FAILED","reason":"consent_refused"}}}
func checklistOutcome() Check {
	s := spec("checklist_outcome", "Steps of the checklist",
		"Looks whether every step of a checklist was completed. A step that failed, was left out or is not on record is never a pass.", 0)
	s.Provides = []string{"details.steps", "details.failed", "details.not_completed"}
	s.ConfigSchema = schema(`
"steps":{"type":"array","minItems":1,"maxItems":10,"uniqueItems":true,"items":{"type":"string","pattern":"^[A-Z][A-Z_]{0,39}$"},"description":"The steps that must be completed."},
"reject_failed":{"type":"boolean","default":false,"description":"A step that the applicant failed fails the check; otherwise, and where a provider could not answer, a person looks."}`, `"required":["steps"]`)
	return Check{Spec: s, Own: true, Run: func(_ context.Context, r kyc.CheckRequest) kyc.Answer {
		var c checklistConfig
		if err := decode(r.Config, &c); err != nil || len(c.Steps) == 0 {
			return broken("config_invalid", "the check's config cannot be read")
		}
		var seen struct {
			Steps map[string]seenStep `json:"steps"`
		}
		raw, err := json.Marshal(r.Established["checklist"])
		if err == nil {
			err = json.Unmarshal(raw, &seen)
		}
		if err != nil || seen.Steps == nil {
			return broken("checklist_not_recorded", "nobody recorded how the steps ended")
		}
		return judgeChecklist(c, seen.Steps)
	}}
}

func judgeChecklist(c checklistConfig, seen map[string]seenStep) kyc.Answer {
	a := judged(kyc.Pass)
	rows, failed, open := []any{}, []any{}, []any{}
	for _, id := range c.Steps {
		s := seen[id]
		row := map[string]any{"step_id": id, "status": first(s.Status, "MISSING")}
		if s.Reason != "" {
			row["reason"] = s.Reason
		}
		rows = append(rows, row)
		switch {
		case s.Status == "COMPLETED":
		case s.Status == "FAILED" && c.RejectFailed && !s.Unanswered && !technical(s.Reason):
			failed = append(failed, id)
			a.Verdict = worse(a.Verdict, kyc.Fail)
			a.Reasons = append(a.Reasons, reason(critical, "step_failed", "step "+id+" failed"))
		case s.Status == "FAILED":
			failed = append(failed, id)
			a.Verdict = worse(a.Verdict, kyc.VerdictReview)
			a.Reasons = append(a.Reasons, reason(warning, "step_failed", "step "+id+" failed; a person must look"))
		default:
			open = append(open, id)
			a.Verdict = worse(a.Verdict, kyc.VerdictReview)
			a.Reasons = append(a.Reasons, reason(warning, "step_not_completed", "step "+id+" was not completed"))
		}
	}
	if a.Verdict == kyc.Pass {
		a.Reasons = append(a.Reasons, reason(info, "steps_completed", fmt.Sprintf("all %d steps were completed", len(c.Steps))))
	}
	a.Details = map[string]any{"steps": rows, "failed": failed, "not_completed": open}
	return a
}

// technical reports whether a step failed because somebody could not be asked.
// That is nothing the applicant did, so it never refuses them (api.md 2.3).
func technical(reason string) bool {
	switch reason {
	case "provider_unavailable", "provider_error", "not_configured", "internal_error":
		return true
	}
	return strings.HasSuffix(reason, "_not_configured") || strings.HasSuffix(reason, "_unavailable") || strings.HasSuffix(reason, "_stale")
}
