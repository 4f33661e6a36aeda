package session

import (
	"context"

	"bonafide/kyc"
)

// File gives the bytes of an upload and records the look. The caller has
// checked that whoever asks may see it (a signed link). Errors: 404 for an
// unknown, redacted or withheld file.
func (m *Sessions) File(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID) (kyc.Upload, []byte, error) {
	u, err := m.d.Store.Upload(ctx, t, id)
	if err != nil {
		return u, nil, err
	}
	if !u.Readable() {
		return u, nil, kyc.Missing("file", string(id))
	}
	b, err := m.d.Store.Blob(ctx, t, u.SubjectID, u.BlobKey)
	if err != nil {
		return u, nil, err
	}
	e := event(ctx, t, by, m.d.Clock.Now(), "upload.read", "upload", u.ID, u.SubjectID)
	return u, b, m.d.Store.Commit(ctx, &kyc.Change{Events: []kyc.Event{e}})
}
