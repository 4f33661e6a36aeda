package entities

import (
	"encoding/json"

	"bonafide/execution"
	"bonafide/kyc"
	"bonafide/procedure"
)

// notificationVersion is the version of the messages (api.md 5.11).
const notificationVersion = "2.0.0"

// Names of the messages, for the subscriptions of addresses.
const (
	eventComplete   = "workflow.complete"
	eventOverridden = "status.overridden"
	eventAlert      = "monitoring.alert"
)

// Events are the names of every message of this surface.
func Events() []string { return []string{eventComplete, eventOverridden, eventAlert} }

// message is the body of a notification (api.md 5.11). It holds no personal
// data: whoever is told reads the rest with a key.
type message struct {
	ExecutionID     string `json:"workflowExecutionId"`
	EntityID        kyc.ID `json:"entityId"`
	EntityType      string `json:"entityType"`
	WorkflowName    string `json:"workflowName"`
	ServiceName     string `json:"serviceName"`
	Function        string `json:"function"`
	FunctionResult  string `json:"functionResult"`
	Type            string `json:"notificationType"`
	Message         string `json:"message"`
	RequestID       string `json:"requestId"`
	Version         string `json:"version"`
	ProcessResultID kyc.ID `json:"processResultId,omitempty"` // of an alert
}

// News is this surface's way of telling customers what happened to an
// execution: the event's name and the body of the message. Objects of other
// kinds, and what this surface does not tell of, give an empty name.
func News(o kyc.Object, what string, extra map[string]any) (string, json.RawMessage) {
	e, ok := o.(*kyc.Execution)
	if !ok {
		return "", nil
	}
	m := message{ExecutionID: kyc.ULID(e.ID), EntityID: e.SubjectID, EntityType: "INDIVIDUAL", WorkflowName: e.WorkflowName, ServiceName: e.ServiceName,
		FunctionResult: "SUCCESS", Type: "EVENT", RequestID: e.RequestID, Version: notificationVersion}
	var name string
	switch what {
	case execution.NewsCompleted:
		name, m.Function, m.Message = eventComplete, "WorkflowComplete", "The workflow ended with the result "+e.Result+"."
		if e.State != procedure.StateCompleted {
			m.FunctionResult, m.Message = e.State, "The workflow did not end regularly: its state is "+e.State+", and its result is no decision."
		}
	case execution.NewsOverridden:
		name, m.Function, m.Message = eventOverridden, "StatusOverridden", "The status is now "+e.Status+"."
		if n := len(e.Overrides); n > 0 {
			m.RequestID = e.Overrides[n-1].RequestID
		}
	case execution.NewsAlert:
		name, m.Function, m.Type, m.Message = eventAlert, "MonitoringAlert", "ALERT", "Monitoring found a new hit; read the process result."
		m.ProcessResultID, _ = extra["process_result_id"].(kyc.ID)
	default:
		return "", nil
	}
	b, err := json.Marshal(m)
	if err != nil { // a struct of texts always has a JSON form
		return name, json.RawMessage("{}")
	}
	return name, b
}
