package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"time"

	"bonafide/kyc"
)

// event begins an audit entry.
func event(ctx context.Context, t kyc.Tenant, by kyc.Actor, at time.Time, action, object string, id, subject kyc.ID) kyc.Event {
	return kyc.Event{ID: kyc.NewID(at), Tenant: t, At: at, Actor: by, Action: action, Object: object,
		ObjectID: id, SubjectID: subject, RequestID: kyc.RequestFrom(ctx).ID}
}

// note is an audit entry of the session that customers are not told.
func (v *view) note(ctx context.Context, by kyc.Actor, action string) kyc.Event {
	e := event(ctx, v.session.Tenant, by, v.now, action, "session", v.session.ID, v.session.SubjectID)
	e.Before = v.before
	return e
}

// tell is an audit entry that customers are told; it is called after the
// session's move, because the message shows the state. extra holds no personal
// data.
func (m *Machine) tell(ctx context.Context, v *view, by kyc.Actor, action, what string, extra map[string]any) kyc.Event {
	v.session.Sequence++
	all := map[string]any{"workflow_name": v.version.Name, "workflow_version": v.version.Number, "session_progress": v.progress(),
		"steps": v.story(), "occurred_at": v.now}
	if was := Word(v.was); was != Word(v.session.Status) {
		all["previous_status"] = was
	}
	maps.Copy(all, extra)
	return m.d.News.Tell(v.note(ctx, by, action), &v.session, all, what)
}

// story is how the steps stand, as messages show it.
func (v *view) story() []map[string]any {
	out := make([]map[string]any, len(v.journey.Steps))
	for i, s := range v.journey.Steps {
		out[i] = map[string]any{"step_id": s.StepID, "status": StepWord(s.Status), "attempts": s.Attempts, "failure_reason": s.Reason}
	}
	return out
}

// digest is the SHA-256 of an object's JSON in hex. Personal fields are not
// part of an object's JSON, so an audit entry never depends on them.
func digest(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
