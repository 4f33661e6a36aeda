package check

import (
	"encoding/json"
	"testing"

	"bonafide/kyc"
)

func TestAnEstablishedLivenessAnswersTheRun(t *testing.T) {
	t.Parallel()
	menu, err := New(kyc.SystemClock(), All(Deps{}), NewSimulator())
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		seen    map[string]any
		status  kyc.AnswerStatus
		verdict kyc.Verdict
		score   float64
	}{
		"passed":                   {map[string]any{"status": "passed", "confidence": 97.3, "threshold": 90, "attempts": 1, "exam_id": "e1"}, kyc.StatusOK, kyc.Pass, 97.3},
		"below a raised threshold": {map[string]any{"status": "passed", "confidence": 85.0, "threshold": 80, "attempts": 1}, kyc.StatusOK, kyc.Fail, 85},
		"failed":                   {map[string]any{"status": "failed", "confidence": 12.0, "threshold": 90, "attempts": 4, "reason": "spoof"}, kyc.StatusOK, kyc.Fail, 12},
		"skipped":                  {map[string]any{"status": "skipped", "attempts": 0}, kyc.StatusOK, kyc.Skip, 0},
		"never evaluated":          {map[string]any{"status": "not_run"}, kyc.StatusError, "", 0},
		"no provider":              {map[string]any{"status": "failed", "reason": "liveness_not_configured"}, kyc.StatusNotConfigured, "", 0},
		"a broken record":          {map[string]any{"status": 7}, kyc.StatusError, "", 0},
	}
	for name, tt := range tests {
		for _, env := range []kyc.Env{kyc.Live, kyc.Sandbox} {
			a := menu.Run(t.Context(), kyc.CheckRequest{Tenant: kyc.Tenant{Org: "o", Env: env}, Policy: "liveness", Config: json.RawMessage(`{"threshold":90}`),
				Established: map[string]any{"liveness": tt.seen}})
			if a.Status != tt.status || a.Verdict != tt.verdict || (tt.score > 0 && (a.Score == nil || *a.Score != tt.score)) {
				t.Errorf("%s, %s: %+v", name, env, a)
			}
		}
	}
	// Without a record the check is asked as always.
	if a := menu.Run(t.Context(), kyc.CheckRequest{Tenant: kyc.Tenant{Org: "o", Env: kyc.Live}, Policy: "liveness"}); a.Status != kyc.StatusNotConfigured {
		t.Errorf("live without a record: %+v", a)
	}
}
