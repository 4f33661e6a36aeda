package entities

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/execution"
	"bonafide/kyc"
)

func TestNewsAreComplete(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	e := &kyc.Execution{Meta: kyc.Meta{ID: kyc.NewID(now)}, SubjectID: kyc.NewID(now), ServiceName: "AML Screening", WorkflowName: "PEP & Sanctions", State: "COMPLETED",
		Status: "APPROVED", Result: "REVIEW", RequestID: "REQ1", Overrides: []kyc.StatusOverride{{RequestID: "REQ2"}},
		Private: kyc.ExecutionWords{Comment: "called Ada Approve"}}
	for _, c := range []struct {
		what, event, function, kind, request, result string
		state                                        string
	}{
		{execution.NewsCompleted, "workflow.complete", "WorkflowComplete", "EVENT", "REQ1", "SUCCESS", "COMPLETED"},
		{execution.NewsCompleted, "workflow.complete", "WorkflowComplete", "EVENT", "REQ1", "ERROR", "ERROR"},
		{execution.NewsOverridden, "status.overridden", "StatusOverridden", "EVENT", "REQ2", "SUCCESS", "COMPLETED"},
		{execution.NewsAlert, "monitoring.alert", "MonitoringAlert", "ALERT", "REQ1", "SUCCESS", "COMPLETED"},
	} {
		e.State = c.state
		name, raw := News(e, c.what, map[string]any{"process_result_id": kyc.ID("p")})
		var got map[string]any
		if err := json.Unmarshal(raw, &got); err != nil || name != c.event {
			t.Errorf("%s: %s %v", c.what, name, err)
			continue
		}
		want := map[string]string{"workflowExecutionId": kyc.ULID(e.ID), "entityId": string(e.SubjectID), "entityType": "INDIVIDUAL", "workflowName": "PEP & Sanctions",
			"serviceName": "AML Screening", "function": c.function, "functionResult": c.result, "notificationType": c.kind, "requestId": c.request, "version": "2.0.0"}
		for member, value := range want {
			if got[member] != value {
				t.Errorf("%s: %s is %v, want %s", c.what, member, got[member], value)
			}
		}
		if got["message"] == "" || strings.Contains(string(raw), "Ada") {
			t.Errorf("%s: %s", c.what, raw)
		}
		if !slices.Contains(Events(), name) {
			t.Errorf("%s cannot be subscribed to", name)
		}
	}
	if name, _ := News(e, "created", nil); name != "" {
		t.Error(name)
	}
	if name, _ := News(&kyc.Individual{}, "created", nil); name != "" {
		t.Error(name)
	}
}
