package checks

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"bonafide/intake"
	"bonafide/kyc"
)

// Events are the names of every webhook of this surface (api.md 4.6).
func Events() []string {
	return []string{"session.created", "session.status.submitted", "session.status.verified", "session.status.rejected", "session.status.voided",
		"session.fraud_signal", "session.step.completed"}
}

// told are what happened to a session, by the machines' word for it, with the
// event's name.
func told() map[string]string {
	return map[string]string{
		intake.NewsCreated: "session.created", intake.NewsSubmitted: "session.status.submitted", intake.NewsVerified: "session.status.verified",
		intake.NewsRejected: "session.status.rejected", intake.NewsVoided: "session.status.voided", intake.NewsFraudSignal: "session.fraud_signal",
		intake.NewsStepCompleted: "session.step.completed",
	}
}

// News is this surface's way of telling customers what happened: the event's
// name and the data of the message, a session as GET shows it without anything
// personal, which Enrich adds when the message is sent. What belongs to an
// event alone (the step that is over, a risk score) stands beside
// session_record. Objects of other surfaces, and what this surface does not
// tell of, give an empty name.
func News(o kyc.Object, what string, extra map[string]any) (string, json.RawMessage) {
	s, ok := o.(*kyc.Session)
	if !ok || s.Surface != kyc.SurfaceChecks {
		return "", nil
	}
	name := told()[what]
	if name == "" {
		return "", nil
	}
	extra = maps.Clone(extra)
	take := func(key string, otherwise any) any {
		v, there := extra[key]
		delete(extra, key)
		if !there {
			return otherwise
		}
		return v
	}
	progress, _ := take("session_progress", "COMPLETED").(string) // whoever else decides, decides what was submitted
	record, err := asMap(head(s, hosted(s), intake.Word(s.Status), progress))
	if err != nil {
		return name, json.RawMessage("{}") // plain texts and times, which can be written
	}
	record["workflow_steps"] = []any{}
	if rows, ok := take("steps", nil).([]map[string]any); ok {
		record["workflow_steps"] = shown(rows, func(row map[string]any) map[string]any { return orNull(maps.Clone(row), "failure_reason") })
	}
	record["reason_code"], record["case_id"] = text(s.ReasonCode), text(string(s.CaseID))
	record["sequence"] = s.Sequence
	// What the customer calls the session is erased with it, and events are not.
	delete(record, "external_id")
	if then, ok := extra["occurred_at"].(time.Time); ok { // the session is stored with this change
		record["updated_at"] = at(then)
		if s.CreatedAt.IsZero() {
			record["created_at"] = at(then)
		}
	}
	data := map[string]any{"session_record": record}
	extra = orNull(extra, "failure_reason")
	for key, value := range extra {
		if t, ok := value.(time.Time); ok {
			value = at(t) // milliseconds, as everywhere
		}
		data[key] = value
	}
	b, err := json.Marshal(data)
	if err != nil {
		return name, json.RawMessage("{}")
	}
	return name, b
}

// hosted reports whether the applicant has a link; what an erasure left of a
// session has none.
func hosted(s *kyc.Session) bool { return s.TokenHash != "" || slices.Contains(s.Tags, "hosted") }

// orNull writes an empty text as null, as answers do.
func orNull(m map[string]any, key string) map[string]any {
	if m[key] == "" {
		m[key] = nil
	}
	return m
}

func asMap(v any) (map[string]any, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	out := map[string]any{}
	return out, json.Unmarshal(raw, &out)
}

// Enrich gives the function that completes the data of a message when it is
// sent with what no event may hold: the applicant, the analysis, what is yours.
// The state in the message stays that of the event. After the applicant's data
// was erased a replayed message goes without. Events of other surfaces are
// left alone.
func Enrich(m *intake.Machine) func(ctx context.Context, e kyc.Event, data map[string]any) error {
	return func(ctx context.Context, e kyc.Event, data map[string]any) error {
		if e.Surface != kyc.SurfaceChecks || e.Object != "session" || e.ObjectID == "" {
			return nil
		}
		r, err := m.Session(ctx, e.Tenant, e.ObjectID)
		if err != nil {
			if kyc.KindOf(err) == kyc.NotFound {
				return nil //nolint:nilerr // the message goes as it is
			}
			return err
		}
		whole, err := asMap(showRecord(&r))
		if err != nil {
			return err
		}
		told, _ := data["session_record"].(map[string]any)
		if told == nil {
			told = map[string]any{}
		}
		now, _ := whole["session_record"].(map[string]any)
		told["workflow_steps"] = mergeSteps(now["workflow_steps"], told["workflow_steps"])
		maps.Copy(now, told)
		data["session_record"] = now
		for _, key := range []string{"resource_links", "user", "sender_user"} {
			data[key] = whole[key]
		}
		return nil
	}
}

// mergeSteps lays the steps of an event over those of today, which say more.
func mergeSteps(now, told any) []any {
	today, _ := now.([]any)
	then, _ := told.([]any)
	for i, one := range today {
		row, _ := one.(map[string]any)
		for _, t := range then {
			if old, ok := t.(map[string]any); ok && old["step_id"] == row["step_id"] {
				maps.Copy(row, old)
			}
		}
		today[i] = row
	}
	if today == nil {
		today = []any{}
	}
	return today
}
