package journey

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"time"

	"bonafide/kyc"
)

// What happened to a session, as kyc.News is told it. The surface puts
// "kyc.session." in front ("kyc." where the word has a dot).
const (
	NewsCreated              = "created"
	NewsStepCompleted        = "step_completed"
	NewsCompleted            = "completed"
	NewsProcessed            = "processed"
	NewsApproved             = "approved"
	NewsRejected             = "rejected"
	NewsManualReview         = "manual_review"
	NewsCorrectionsRequested = "corrections_requested"
	NewsCorrectionsResolved  = "corrections_resolved"
	NewsExpired              = "expired"
	NewsSubsession           = "subsession.completed"
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
	all := v.common()
	maps.Copy(all, extra)
	return m.d.News.Tell(v.note(ctx, by, action), &v.session, all, what)
}

// common is the part that every message of a session has besides the session
// itself.
func (v *view) common() map[string]any {
	all := map[string]any{
		"workflow_name": v.version.Name, "workflow_version": v.version.Number, "custom_tags": v.def.CustomTags,
		"final_decision": Final(&v.session), "occurred_at": v.now,
	}
	if v.was != v.session.Status {
		all["previous_status"] = Word(v.was)
	}
	if v.journey.ParentID != "" {
		all["parent_session_id"] = v.journey.ParentID
	}
	return all
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
