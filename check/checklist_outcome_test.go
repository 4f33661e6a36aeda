package check

import (
	"encoding/json"
	"fmt"
	"testing"

	"bonafide/kyc"
)

func TestOnlyCompletedStepsPass(t *testing.T) {
	t.Parallel()
	menu, err := New(kyc.SystemClock(), All(Deps{}), NewSimulator())
	if err != nil {
		t.Fatal(err)
	}
	step := func(status, reason string) map[string]any { return map[string]any{"status": status, "reason": reason} }
	seen := func(steps map[string]any) map[string]any {
		return map[string]any{"checklist": map[string]any{"steps": steps}}
	}
	done := step("COMPLETED", "")
	tests := map[string]struct {
		established map[string]any
		reject      bool
		status      kyc.AnswerStatus
		verdict     kyc.Verdict
		code        string
	}{
		"all completed":                 {seen(map[string]any{"ID_VERIFICATION": done, "CONSENT": done}), true, kyc.StatusOK, kyc.Pass, "steps_completed"},
		"one failed":                    {seen(map[string]any{"ID_VERIFICATION": done, "CONSENT": step("FAILED", "consent_refused")}), false, kyc.StatusOK, kyc.VerdictReview, "step_failed"},
		"one failed, failures refuse":   {seen(map[string]any{"ID_VERIFICATION": done, "CONSENT": step("FAILED", "consent_refused")}), true, kyc.StatusOK, kyc.Fail, "step_failed"},
		"a provider was away":           {seen(map[string]any{"ID_VERIFICATION": step("FAILED", "provider_unavailable"), "CONSENT": done}), true, kyc.StatusOK, kyc.VerdictReview, "step_failed"},
		"a provider is not set up":      {seen(map[string]any{"ID_VERIFICATION": step("FAILED", "face_match_not_configured"), "CONSENT": done}), true, kyc.StatusOK, kyc.VerdictReview, "step_failed"},
		"nobody could answer":           {seen(map[string]any{"ID_VERIFICATION": map[string]any{"status": "FAILED", "reason": "escalation_failed", "unanswered": true}, "CONSENT": done}), true, kyc.StatusOK, kyc.VerdictReview, "step_failed"},
		"one skipped":                   {seen(map[string]any{"ID_VERIFICATION": step("SKIPPED", ""), "CONSENT": done}), true, kyc.StatusOK, kyc.VerdictReview, "step_not_completed"},
		"one in progress":               {seen(map[string]any{"ID_VERIFICATION": step("IN_PROGRESS", ""), "CONSENT": done}), true, kyc.StatusOK, kyc.VerdictReview, "step_not_completed"},
		"one not on record":             {seen(map[string]any{"ID_VERIFICATION": done}), true, kyc.StatusOK, kyc.VerdictReview, "step_not_completed"},
		"completed in another spelling": {seen(map[string]any{"ID_VERIFICATION": step("completed", ""), "CONSENT": done}), false, kyc.StatusOK, kyc.VerdictReview, "step_not_completed"},
		"no record":                     {nil, false, kyc.StatusError, "", "checklist_not_recorded"},
		"a broken record":               {map[string]any{"checklist": "all fine"}, false, kyc.StatusError, "", "checklist_not_recorded"},
		"an empty record":               {map[string]any{"checklist": map[string]any{}}, false, kyc.StatusError, "", "checklist_not_recorded"},
	}
	for name, tt := range tests {
		for _, env := range []kyc.Env{kyc.Live, kyc.Sandbox} {
			config := fmt.Sprintf(`{"steps":["ID_VERIFICATION","CONSENT"],"reject_failed":%v}`, tt.reject)
			a := menu.Run(t.Context(), kyc.CheckRequest{Tenant: kyc.Tenant{Org: "o", Env: env}, Policy: "checklist_outcome", Config: json.RawMessage(config), Established: tt.established})
			if a.Status != tt.status || a.Verdict != tt.verdict || len(a.Reasons) != 1 || a.Reasons[0].Code != tt.code {
				t.Errorf("%s, %s: %s %s %+v", name, env, a.Status, a.Verdict, a.Reasons)
			}
		}
	}
	// Steps that the config does not name say nothing, and a config without
	// steps is none.
	if a := menu.Run(t.Context(), kyc.CheckRequest{Tenant: kyc.Tenant{Org: "o", Env: kyc.Live}, Policy: "checklist_outcome", Config: json.RawMessage(`{"steps":[]}`),
		Established: seen(map[string]any{"CONSENT": done})}); a.Status != kyc.StatusError {
		t.Errorf("an empty config: %+v", a)
	}
}

func TestYearsOfGraceFollowTheCalendar(t *testing.T) {
	t.Parallel()
	menu, err := New(kyc.SystemClock(), All(Deps{}), NewSimulator())
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		config, ends, now string
		verdict           kyc.Verdict
		code              string
	}{
		{`{"grace_years":2}`, "2024-11-21", "2026-11-21", kyc.Pass, "document_in_grace"},
		{`{"grace_years":2}`, "2024-11-20", "2026-11-21", kyc.Fail, "document_expired"},
		{`{"grace_years":2}`, "2024-02-29", "2026-02-28", kyc.Pass, "document_in_grace"},
		{`{"grace_years":2}`, "2024-02-29", "2026-03-01", kyc.Pass, "document_in_grace"}, // the day that 2026 has no 29th for
		{`{"grace_years":2}`, "2024-02-29", "2026-03-02", kyc.Fail, "document_expired"},
		{`{"grace_years":0}`, "2026-11-21", "2026-11-21", kyc.Pass, "document_valid"},
		{`{"grace_years":0}`, "2026-11-20", "2026-11-21", kyc.Fail, "document_expired"},
		{`{"grace_years":1,"grace_days":10}`, "2025-11-11", "2026-11-21", kyc.Pass, "document_in_grace"},
		{`{"grace_years":1,"grace_days":10}`, "2025-11-10", "2026-11-21", kyc.Fail, "document_expired"},
		{`{"maximum_validity_years":2}`, "2028-11-21", "2026-11-21", kyc.Pass, "document_valid"},
		{`{"maximum_validity_years":2}`, "2028-11-22", "2026-11-21", kyc.Fail, "validity_too_long"},
		{`{"maximum_validity_years":2}`, "2026-11-20", "2026-11-21", kyc.Fail, "document_expired"},
		{`{}`, "2026-11-20", "2026-11-21", kyc.Fail, "document_expired"},
		{`{}`, "2066-11-20", "2026-11-21", kyc.Pass, "document_valid"},
		{`{"grace_days":5,"minimum_validity_days":1}`, "2026-11-20", "2026-11-21", kyc.Fail, "validity_too_short"},
	}
	for _, tt := range tests {
		now, _ := parseDate(tt.now)
		a := menu.Run(t.Context(), kyc.CheckRequest{Tenant: kyc.Tenant{Org: "o", Env: kyc.Live}, Policy: "document_expiration", Config: json.RawMessage(tt.config),
			Now: now, Extracted: map[string]any{"expiry_date": tt.ends}})
		if a.Status != kyc.StatusOK || a.Verdict != tt.verdict || a.Reasons[0].Code != tt.code {
			t.Errorf("%s on %s, valid to %s: %s %+v", tt.config, tt.now, tt.ends, a.Verdict, a.Reasons)
		}
	}
	for _, config := range []string{`{"grace_years":51}`, `{"grace_years":-1}`, `{"maximum_validity_years":0}`} {
		if a := menu.Run(t.Context(), kyc.CheckRequest{Tenant: kyc.Tenant{Org: "o", Env: kyc.Live}, Policy: "document_expiration", Config: json.RawMessage(config)}); a.Status != kyc.StatusError {
			t.Errorf("%s: %+v", config, a)
		}
	}
}

func TestTheSandboxToleratesWhatTheConfigTolerates(t *testing.T) {
	t.Parallel()
	menu, err := New(kyc.SystemClock(), All(Deps{}), NewSimulator())
	if err != nil {
		t.Fatal(err)
	}
	for config, want := range map[string]kyc.Verdict{`{}`: kyc.Fail, `{"grace_days":29}`: kyc.Fail, `{"grace_days":30}`: kyc.Pass, `{"grace_years":2}`: kyc.Pass, `{"grace_years":0}`: kyc.Fail} {
		a := menu.Run(t.Context(), kyc.CheckRequest{Tenant: kyc.Tenant{Org: "o", Env: kyc.Sandbox}, Policy: "document_expiration", Attempt: 1, Config: json.RawMessage(config),
			Fields: map[string]any{"last_name": "EXPIRED"}})
		if a.Status != kyc.StatusOK || a.Verdict != want || a.Details["expired"] != true {
			t.Errorf("%s: %s %s %+v", config, a.Status, a.Verdict, a.Details)
		}
	}
}
