package graph

import (
	"encoding/json"
	"maps"
	"strings"
	"time"

	"bonafide/kyc"
	"bonafide/webhook"
)

// Events are the names of every webhook of this surface (api.md 6.13).
func Events() []string {
	return []string{
		"session.created", "session.started", "session.expired", "session.requires-review", "session.approved", "session.declined",
		"session.redacted", "session.retention-expired", "session.awaiting_external",
		"screening.completed", "screening.monitoring.new_hits", "check.completed", "check.monitoring.new_hits",
		"identity.created", "identity.updated",
		"case.created", "case.approved", "case.rejected", "case.escalated",
		"document.verified", "document.extracted",
		"workflow.published", "workflow.rolled_back", "list.matched",
		"webhook.test", webhook.EventDisabled,
	}
}

// News is this surface's way of telling customers what happened: the event
// name and the data of the message. Objects of other surfaces are left alone.
func News(o kyc.Object, what string, extra map[string]any) (string, json.RawMessage) {
	var name string
	var data map[string]any
	switch o := o.(type) {
	case *kyc.Session:
		if o.Surface != kyc.SurfaceGraph {
			return "", nil
		}
		if name = "session." + what; strings.Contains(what, ".") {
			name = what // about a part of the session: document.extracted
		}
		data = map[string]any{
			"session_id": kyc.Dress("session", o.ID), "external_ref": o.ExternalRef, "status": sessionStatus(o.Status),
			"is_sandbox": o.Tenant.Env == kyc.Sandbox, "identity_id": kyc.Dress("identity", o.SubjectID),
			"workflow_id": kyc.Dress("workflow", o.WorkflowID), "created_at": at(o.CreatedAt), "sequence": o.Sequence,
		}
		if o.Result != "" {
			data["result"], data["reason_code"] = o.Result, o.ReasonCode
		}
		if o.Version > 0 {
			data["version"] = o.Version
		}
	case *kyc.Case:
		name = "case." + what
		data = map[string]any{
			"case_id": kyc.Dress("case", o.ID), "session_id": kyc.Dress("session", o.SessionID), "identity_id": kyc.Dress("identity", o.SubjectID),
			"status": o.Status, "queue": o.Queue, "priority": o.Priority, "reason_code": o.ReasonCode,
			"is_sandbox": o.Tenant.Env == kyc.Sandbox, "created_at": at(o.CreatedAt), "sequence": o.Sequence,
		}
		if o.Decision != nil {
			data["decision"], data["decided_at"] = o.Decision.Outcome, at(o.Decision.At)
		}
	case *kyc.Workflow:
		if o.Surface != kyc.SurfaceGraph {
			return "", nil
		}
		name = "workflow." + what
		data = map[string]any{"workflow_id": kyc.Dress("workflow", o.ID), "name": o.Name, "status": o.Status,
			"is_sandbox": o.Tenant.Env == kyc.Sandbox, "created_at": at(o.CreatedAt), "sequence": o.Rev}
	case *kyc.Inquiry:
		if name = "check." + what; o.Full {
			name = "screening." + what
		}
		data = map[string]any{"check_id": kyc.Dress("check", o.ID), "check_types": o.Types, "identity_id": kyc.Dress("identity", o.SubjectID), "external_ref": o.ExternalRef,
			"result": o.Result, "open_hits": o.Open, "confirmed_hits": o.Confirmed, "is_sandbox": o.Tenant.Env == kyc.Sandbox, "created_at": at(o.CreatedAt),
			"asked_at": at(o.AskedAt), "sequence": o.Rev}
	case *kyc.Subject:
		name = "identity." + what
		data = map[string]any{"identity_id": kyc.Dress("identity", o.ID), "external_ref": o.ExternalRef, "status": o.Status,
			"is_sandbox": o.Tenant.Env == kyc.Sandbox, "created_at": at(o.CreatedAt), "sequence": o.Rev}
	default:
		return "", nil
	}
	maps.Copy(data, extra)
	for key, value := range data {
		if t, ok := value.(time.Time); ok {
			data[key] = at(t) // milliseconds, as everywhere
		}
	}
	b, err := json.Marshal(data)
	if err != nil { // the customer's own facts, which came from JSON
		return name, json.RawMessage("{}")
	}
	return name, b
}

// sessionStatus is the engine's state in this surface's words (api.md 2.3).
func sessionStatus(s kyc.SessionStatus) string {
	switch s {
	case kyc.SessionCreated:
		return "pending"
	case kyc.SessionCapturing, kyc.SessionCorrection:
		return "capturing"
	case kyc.SessionRunning:
		return "processing"
	case kyc.SessionPaused:
		return "awaiting_external"
	case kyc.SessionReview:
		return "under_review"
	case kyc.SessionApproved, kyc.SessionRejected:
		return "completed"
	case kyc.SessionExpired, kyc.SessionCancelled:
		return "expired"
	}
	return "failed"
}

// sessionStates are the engine's states behind a word of this surface; nil
// for a word that no session has (sandbox_pending).
func sessionStates(word string) []kyc.SessionStatus {
	var out []kyc.SessionStatus
	for _, s := range []kyc.SessionStatus{kyc.SessionCreated, kyc.SessionCapturing, kyc.SessionRunning, kyc.SessionPaused, kyc.SessionReview,
		kyc.SessionCorrection, kyc.SessionApproved, kyc.SessionRejected, kyc.SessionExpired, kyc.SessionCancelled, kyc.SessionFailed} {
		if sessionStatus(s) == word {
			out = append(out, s)
		}
	}
	return out
}

// statusWords are the statuses a session of this surface can have.
const statusWords = "pending,capturing,processing,completed,expired,failed,awaiting_external,under_review,sandbox_pending"
