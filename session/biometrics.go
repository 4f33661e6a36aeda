package session

import (
	"context"
	"time"

	"bonafide/kyc"
)

// Forgotten tells what was deleted of a session's biometric data.
type Forgotten struct {
	SessionID kyc.ID
	Templates int // faces as numbers
	Frames    int // of liveness tries
}

// facePage is how many templates one look takes.
const facePage = 100

// ForgetFaces deletes the biometric data of one session and nothing else of it:
// the templates of its faces and the frames of its liveness tries. What the
// checks said stays. Repeated, it finds nothing more. Errors: 409 legal_hold,
// session_active while it is being processed.
func (m *Sessions) ForgetFaces(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID) (Forgotten, error) {
	out := Forgotten{SessionID: id}
	s, err := m.d.Store.Session(ctx, t, id)
	if err != nil {
		return out, err
	}
	now, _, err := m.now(ctx, t)
	switch {
	case err != nil:
		return out, err
	case s.LegalHold:
		return out, kyc.Errorf(kyc.Conflict, "legal_hold", "session %s is under a legal hold", kyc.Dress("session", id))
	case s.Status == kyc.SessionRunning:
		return out, kyc.Errorf(kyc.Conflict, "session_active", "session %s is %s; let it end first", kyc.Dress("session", id), s.Status)
	}
	var c kyc.Change
	for after := kyc.ID(""); ; {
		page, err := m.d.Store.FaceTemplates(ctx, t, kyc.FaceFilter{SessionID: id}, after, facePage)
		if err != nil {
			return out, err
		}
		for i := range page {
			c.Remove = append(c.Remove, &page[i])
		}
		out.Templates += len(page)
		if len(page) < facePage {
			break
		}
		after = page[len(page)-1].ID
	}
	uploads, err := m.d.Store.Uploads(ctx, t, id)
	if err != nil {
		return out, err
	}
	var keys []string
	for i := range uploads {
		if u := &uploads[i]; u.Kind == "liveness" && u.RedactedAt.IsZero() {
			u.RedactedAt = now
			u.Touch(now)
			c.Put = append(c.Put, u)
			keys = append(keys, u.BlobKey)
		}
	}
	if out.Frames = len(keys); out.Frames > 0 {
		c.Jobs = append(c.Jobs, DropBlobsJob(t, id, keys))
	}
	if c.Empty() {
		return out, nil
	}
	c.Events = append(c.Events, event(ctx, t, by, now, "session.biometrics_delete", "session", id, s.SubjectID))
	return out, m.d.Store.Commit(ctx, &c)
}

// SweepFaces deletes the templates whose time is over (FaceSettings), of all
// tenants. It answers how many.
func (m *Sessions) SweepFaces(ctx context.Context) (int, error) {
	n := 0
	for {
		now := m.d.Clock.Now()
		due, err := m.d.Store.FaceTemplatesDue(ctx, now, facePage)
		if err != nil || len(due) == 0 {
			return n, err
		}
		for i := range due {
			if err := m.expireFace(ctx, &due[i], now); err != nil {
				return n, err
			}
			n++
		}
		if len(due) < facePage {
			return n, nil
		}
	}
}

func (m *Sessions) expireFace(ctx context.Context, v *kyc.FaceTemplate, now time.Time) error {
	e := event(ctx, v.Tenant, kyc.SystemActor("session"), now, "session.biometrics_expire", "session", v.SessionID, v.SubjectID)
	return m.d.Store.Commit(ctx, &kyc.Change{Remove: []kyc.Object{v}, Events: []kyc.Event{e}})
}
