package intake

import (
	"context"
	"slices"

	"bonafide/kyc"
)

// Waiting are the files of a session that came and that no submission has named
// yet, for the applicant's pages.
func (m *Machine) Waiting(ctx context.Context, t kyc.Tenant, id kyc.ID) ([]kyc.Transfer, error) {
	v, err := m.load(ctx, t, id)
	if err != nil {
		return nil, err
	}
	list, err := m.d.Store.Transfers(ctx, t, id)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(list, func(x kyc.Transfer) bool {
		return x.ReceivedAt.IsZero() || x.UploadID != "" || x.StepID != "" || !v.now.Before(x.ExpiresAt)
	}), nil
}

// Taken are a session's documents in force, for the applicant's pages.
func (m *Machine) Taken(ctx context.Context, t kyc.Tenant, id kyc.ID) ([]kyc.Upload, error) {
	v, err := m.load(ctx, t, id)
	if err != nil {
		return nil, err
	}
	return m.uploads(ctx, v, nil)
}

// Shown gives applicants a file that they sent, as long as their session takes
// any: one that waits for its step to be handed in, or a document in force. The
// look is recorded. Errors: 404 document_not_found; 409 session_closed; 410
// session_expired.
func (m *Machine) Shown(ctx context.Context, t kyc.Tenant, by kyc.Actor, id, file kyc.ID) (contentType string, b []byte, err error) {
	v, err := m.load(ctx, t, id)
	if err != nil {
		return "", nil, err
	}
	if err := v.takes(); err != nil {
		return "", nil, err
	}
	waiting, err := m.Waiting(ctx, t, id)
	if err != nil {
		return "", nil, err
	}
	taken, err := m.uploads(ctx, v, nil)
	if err != nil {
		return "", nil, err
	}
	key := ""
	for i := range waiting {
		if x := &waiting[i]; x.ID == file {
			key, contentType = x.BlobKey, x.ContentType
		}
	}
	for i := range taken {
		if x := &taken[i]; x.ID == file {
			key, contentType = x.BlobKey, x.ContentType
		}
	}
	if key == "" {
		return "", nil, kyc.Errorf(kyc.NotFound, "document_not_found", "there is no such document in this session")
	}
	if b, err = m.d.Store.Blob(ctx, t, v.session.SubjectID, key); err != nil {
		return "", nil, err
	}
	e := event(ctx, t, by, v.now, "upload.read", "upload", file, v.session.SubjectID)
	return contentType, b, m.d.Store.Commit(ctx, &kyc.Change{Events: []kyc.Event{e}})
}
