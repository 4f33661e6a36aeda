package journey

import (
	"context"
	"slices"

	"bonafide/kyc"
)

// What the applicant's own pages need besides what the public API gives them:
// nothing here changes a session or lets one be changed.

// CheckAnswers judges the answers of a form step without keeping them. Errors
// are those of CompleteStep.
func (m *Machine) CheckAnswers(ctx context.Context, token, id string, form map[string]any) error {
	v, _, err := m.enter(ctx, token)
	if err != nil {
		return err
	}
	def, _, err := v.working(id)
	if err != nil {
		return err
	}
	if err := v.inOrder(id); err != nil {
		return err
	}
	return m.answer(ctx, v, def, form)
}

// Replaced are the files of a step that an open correction asks for again and
// that came before it, oldest first.
func (m *Machine) Replaced(ctx context.Context, token, step string) ([]Paper, error) {
	v, err := m.visit(ctx, token)
	if err != nil {
		return nil, err
	}
	all, err := m.d.Store.Uploads(ctx, v.session.Tenant, v.session.ID)
	if err != nil {
		return nil, err
	}
	var out []Paper
	for i := range all {
		u := &all[i]
		since := v.correctedSince(u)
		if u.StepID != step || !u.RedactedAt.IsZero() || since.IsZero() || u.CreatedAt.After(since) || !v.listed(step, u.Asked, u.FieldID) {
			continue
		}
		// Of several rounds only what the reviewer looked at last.
		if u.Superseded && slices.ContainsFunc(all, func(x kyc.Upload) bool {
			return x.StepID == u.StepID && x.Asked == u.Asked && x.FieldID == u.FieldID && x.Side == u.Side && x.CreatedAt.After(u.CreatedAt) && !x.CreatedAt.After(since)
		}) {
			continue
		}
		out = append(out, Paper{Upload: *u, FileName: v.journey.Private.Files[u.ID], Warnings: v.journey.Private.Warnings[paperKey(u.ID)]})
	}
	return out, nil
}

// Picture gives applicants a file that they sent for a step they still work
// on: to check it, or to see what a reviewer could not use. Until everything is
// sent it gives the files in force of the steps that were ended as well, for the
// page that shows all of it once more. The look is recorded. Errors: besides
// those of a write, 404 document_not_found; 409 step_already_completed.
func (m *Machine) Picture(ctx context.Context, token, step string, document kyc.ID) (kyc.Upload, []byte, error) {
	v, by, err := m.enter(ctx, token)
	if err != nil {
		return kyc.Upload{}, nil, err
	}
	_, state, err := v.working(step)
	if err != nil && (state == nil || v.session.Status != kyc.SessionCapturing) {
		return kyc.Upload{}, nil, err
	}
	ended := err != nil
	u, err := m.d.Store.Upload(ctx, v.session.Tenant, document)
	if err == nil && (u.SessionID != v.session.ID || u.StepID != step || !u.RedactedAt.IsZero() || ended && u.Superseded) || err != nil && kyc.KindOf(err) == kyc.NotFound {
		return kyc.Upload{}, nil, kyc.Errorf(kyc.NotFound, "document_not_found", "there is no such document in this step")
	}
	if err != nil {
		return u, nil, err
	}
	b, err := m.d.Store.Blob(ctx, v.session.Tenant, v.session.SubjectID, u.BlobKey)
	if err != nil {
		return u, nil, err
	}
	e := event(ctx, v.session.Tenant, by, v.now, "upload.read", "upload", u.ID, v.session.SubjectID)
	return u, b, m.d.Store.Commit(ctx, &kyc.Change{Events: []kyc.Event{e}})
}
