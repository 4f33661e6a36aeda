package steps

import (
	"encoding/json"
	"maps"
	"time"

	"bonafide/journey"
	"bonafide/kyc"
)

// Events are the names of every webhook of this surface (api.md 3.11).
func Events() []string {
	return []string{
		"kyc.session.created", "kyc.session.step_completed", "kyc.session.completed", "kyc.session.processed", "kyc.session.approved", "kyc.session.rejected",
		"kyc.session.manual_review", "kyc.session.corrections_requested", "kyc.session.corrections_resolved", "kyc.session.expired", "kyc.session.redacted",
		"kyc.subsession.completed",
	}
}

// told are what happened to a session, by the machines' word for it, with the
// event's name. The words of the session and review rooms stand beside those
// of the journey, because they work on sessions of this surface, too: they
// close reviews, and erase.
func told() map[string]string {
	return map[string]string{
		journey.NewsCreated: "kyc.session.created", journey.NewsStepCompleted: "kyc.session.step_completed", journey.NewsCompleted: "kyc.session.completed",
		journey.NewsProcessed: "kyc.session.processed", journey.NewsApproved: "kyc.session.approved", journey.NewsRejected: "kyc.session.rejected",
		journey.NewsManualReview: "kyc.session.manual_review", journey.NewsCorrectionsRequested: "kyc.session.corrections_requested",
		journey.NewsCorrectionsResolved: "kyc.session.corrections_resolved", journey.NewsExpired: "kyc.session.expired", "redacted": "kyc.session.redacted",
		journey.NewsSubsession: "kyc.subsession.completed",
		"declined":             "kyc.session.rejected",
	}
}

// News is this surface's way of telling customers what happened: the event's
// name and the data of the message, without the answers and the metadata,
// which journey.Machine.Enrich adds when the message is sent. Objects of other
// surfaces, and what this surface does not tell of, give an empty name.
func News(o kyc.Object, what string, extra map[string]any) (string, json.RawMessage) {
	s, ok := o.(*kyc.Session)
	if !ok || s.Surface != kyc.SurfaceSteps {
		return "", nil
	}
	name := told()[what]
	if name == "" {
		return "", nil
	}
	data := map[string]any{
		"session_id": s.ID, "workflow_id": s.WorkflowID, "workflow_version": s.Version, "customer_id": s.SubjectID, "client_id": text(s.ExternalRef),
		"status": journey.Word(s.Status), "previous_status": nil, "final_decision": text(journey.Final(s)), "reason_code": text(s.ReasonCode),
		"automation_flags": []any{}, "summary": map[string]any{},
		"is_sandbox": s.Tenant.Env == kyc.Sandbox, "created_at": at(s.CreatedAt), "sequence": s.Sequence,
	}
	if extra["custom_tags"] != nil { // from the journey room; Enrich completes what others tell
		data["parent_session_id"] = nil
	}
	maps.Copy(data, extra)
	if final, ok := data["final_decision"].(string); ok {
		data["final_decision"] = text(final)
	}
	for key, value := range data {
		if t, ok := value.(time.Time); ok {
			data[key] = at(t) // milliseconds, as everywhere
		}
	}
	b, err := json.Marshal(data)
	if err != nil { // the author's own words and flags, which came from JSON
		return name, json.RawMessage("{}")
	}
	return name, b
}
