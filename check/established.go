package check

import (
	"encoding/json"
	"slices"
	"strings"

	"bonafide/kyc"
	"bonafide/procedure"
)

// established answers a check from what the capture machine saw happen while
// the applicant was there (kyc.SessionData.Established). Such a check was asked
// then, by the same provider, and cannot be asked again; only a whole record
// answers it. Reports false where nothing of the kind was recorded.
//
// Liveness: {"status":"passed|failed|skipped|not_run","confidence":0-100,
// "threshold":0-100,"attempts":n,"challenge","exam_id","reason"}. Manual KYC:
// procedure.ManualKYC.
func established(r kyc.CheckRequest) (kyc.Answer, bool) {
	switch r.Policy {
	case "face_match":
		return nothingToMatch(r)
	case "document_ocr":
		if ownPaper(r) {
			return kyc.Answer{}, false
		}
		return skipped(r, "document_not_given", "the applicant gave no identity document of their own"), true
	}
	if r.Policy == policyKYC {
		return manualKYC(r)
	}
	if r.Policy != "liveness" {
		return kyc.Answer{}, false
	}
	raw, ok := r.Established["liveness"]
	if !ok {
		return kyc.Answer{}, false
	}
	var seen struct {
		Status     string  `json:"status"`
		Confidence float64 `json:"confidence"`
		Threshold  float64 `json:"threshold"`
		Attempts   int     `json:"attempts"`
		Challenge  string  `json:"challenge"`
		ExamID     string  `json:"exam_id"`
		Reason     string  `json:"reason"`
	}
	b, err := json.Marshal(raw)
	if err == nil {
		err = json.Unmarshal(b, &seen)
	}
	if err != nil {
		return broken("established_unreadable", "the record of the liveness step cannot be read"), true
	}
	threshold := max(configNumber(r.Config, "threshold", 0), seen.Threshold)
	details := map[string]any{"confidence": seen.Confidence, "attempts": seen.Attempts, "challenge": seen.Challenge}
	if seen.ExamID != "" {
		details["reused_from"] = seen.ExamID
	}
	var a kyc.Answer
	switch {
	case seen.Reason == "liveness_not_configured":
		a = notConfigured("liveness_not_configured", "no provider for liveness is set up here")
	case seen.Status == "passed" && seen.Confidence >= threshold:
		a = passed("liveness_passed", "a living person stood before the camera")
	case seen.Status == "passed", seen.Status == "failed":
		a = failed("liveness_failed", "the applicant did not pass the liveness step")
	case seen.Status == "skipped":
		a = judged(kyc.Skip, reason(info, "liveness_skipped", "the liveness step was optional and left out, or not shown"))
	default:
		a = broken("liveness_not_run", "the liveness step was never evaluated")
	}
	if a.Status == kyc.StatusOK && a.Verdict != kyc.Skip {
		a.Score, a.Threshold = number(seen.Confidence), number(threshold)
	}
	if a.Status == kyc.StatusOK && r.Tenant.Env == kyc.Sandbox {
		a.Provider = providerSandbox
	}
	a.Details = details
	return a, true
}

// manualKYC answers electronic verification while manual evidence is in force
// (procedure.KeyManualKYC): a person approved documents, so nobody is asked.
func manualKYC(r kyc.CheckRequest) (kyc.Answer, bool) {
	raw, ok := r.Established[procedure.KeyManualKYC]
	if !ok {
		return kyc.Answer{}, false
	}
	var seen procedure.ManualKYC
	b, err := json.Marshal(raw)
	if err == nil {
		err = json.Unmarshal(b, &seen)
	}
	if err != nil || seen.ProcessResultID == "" || !slices.Contains(procedure.Combinations(), seen.Combination) || seen.ApprovedAt.IsZero() || seen.ApprovedAt.After(r.Now) {
		return broken("established_unreadable", "the record of manual KYC cannot be read"), true
	}
	a := passed("manual_kyc", "a person verified the individual by documents: "+strings.ToLower(strings.ReplaceAll(seen.Combination, "_", " ")))
	if r.Tenant.Env == kyc.Sandbox {
		a.Provider = providerSandbox
	}
	a.Details = map[string]any{"manual": true, "process_result_id": string(seen.ProcessResultID), "combination": seen.Combination, "sources": []any{},
		"matched_rules": []any{}, "unmatched_rules": []any{}}
	return a, true
}
