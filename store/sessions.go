package store

import (
	"context"

	"bonafide/kyc"
)

var (
	sqlSession        = readSession.query(byID)
	sqlSessionByToken = readSession.query("WHERE token_hash = ? AND token_hash <> ''")
	sqlSubject        = readSubject.query(byID)
	sqlSubjectByRef   = readSubject.query("WHERE org_id = ? AND env = ? AND external_ref = ? AND external_ref <> ''")
	sqlUpload         = readUpload.query(byID)
	sqlUploads        = readUpload.query("WHERE org_id = ? AND env = ? AND session_id = ? ORDER BY id")
)

// Session finds a session. After its subject was erased, Private.Unreadable
// is true and everything else of Private empty.
func (db *DB) Session(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Session, error) {
	return readSession.one(ctx, db, sqlSession, string(id), string(t.Org), string(t.Env), string(id))
}

// SessionByToken finds the session of a capture token's hash; the token names
// the tenant, so it is asked without one.
func (db *DB) SessionByToken(ctx context.Context, tokenHash string) (kyc.Session, error) {
	if tokenHash == "" {
		return kyc.Session{}, kyc.Missing("session", "with this token")
	}
	return readSession.one(ctx, db, sqlSessionByToken, "with this token", tokenHash)
}

// Sessions lists sessions, newest first.
func (db *DB) Sessions(ctx context.Context, t kyc.Tenant, f kyc.SessionFilter, p kyc.Page) ([]kyc.Session, int, error) {
	return readSession.page(ctx, db, sessionsOf(t, f), p)
}

func sessionsOf(t kyc.Tenant, f kyc.SessionFilter) *filter {
	q := of(t)
	status := make([]any, len(f.Status))
	for i, s := range f.Status {
		status[i] = string(s)
	}
	q.in("status", status)
	q.is("surface", string(f.Surface))
	q.is("workflow_id", string(f.WorkflowID))
	q.is("external_ref", f.ExternalRef)
	if f.ExternalRef != "" {
		q.and("external_ref <> ''")
	}
	q.is("subject_id", string(f.SubjectID))
	q.few = f.ExternalRef != "" || f.SubjectID != ""
	if f.Tag != "" {
		// The tag table finds the rows; session.tags says whether the tag is
		// still on (LIKE takes its wildcards literally here).
		q.and("id IN (SELECT session_id FROM session_tag WHERE org_id = ? AND env = ? AND tag = ?)", string(t.Org), string(t.Env), f.Tag)
		q.and(`tags LIKE ? ESCAPE '\'`, "%"+separator+likeEscaper.Replace(f.Tag)+separator+"%")
	}
	// The sum keeps both databases from reading a whole period by session_made
	// and sorting it, where the order of the list ends after one page.
	q.between("created_at + 0", micros(f.From), micros(f.To))
	if f.Left {
		q.and("kept < 2")
	}
	if !f.ExpiresBefore.IsZero() {
		q.and("expires_at > 0 AND expires_at < ?", micros(f.ExpiresBefore))
	}
	q.member("result", string(f.Result))
	q.member("reason_code", f.ReasonCode)
	// Only sessions of surfaces A and B have a journey; nobody else pays for it.
	if f.ParentID != "" {
		q.and("id IN (SELECT id FROM journey WHERE org_id = ? AND env = ? AND parent_id = ? AND parent_id <> '')", string(t.Org), string(t.Env), string(f.ParentID))
	}
	if !f.Archived && (f.Surface == kyc.SurfaceSteps || f.Surface == kyc.SurfaceChecks || f.ParentID != "") {
		q.and("id NOT IN (SELECT id FROM journey WHERE org_id = ? AND env = ? AND archived = 1)", string(t.Org), string(t.Env))
	}
	return q
}

// Subject finds a person or company.
func (db *DB) Subject(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Subject, error) {
	return readSubject.one(ctx, db, sqlSubject, string(id), string(t.Org), string(t.Env), string(id))
}

// SubjectByRef finds a person or company by the customer's own reference.
func (db *DB) SubjectByRef(ctx context.Context, t kyc.Tenant, ref string) (kyc.Subject, error) {
	if ref == "" {
		return kyc.Subject{}, kyc.Missing("subject", ref)
	}
	return readSubject.one(ctx, db, sqlSubjectByRef, ref, string(t.Org), string(t.Env), ref)
}

// Subjects lists people and companies, newest first.
func (db *DB) Subjects(ctx context.Context, t kyc.Tenant, f kyc.SubjectFilter, p kyc.Page) ([]kyc.Subject, int, error) {
	return readSubject.page(ctx, db, subjectsOf(t, f), p)
}

func subjectsOf(t kyc.Tenant, f kyc.SubjectFilter) *filter {
	q := of(t)
	q.is("status", string(f.Status))
	q.is("external_ref", f.ExternalRef)
	if f.Named || f.ExternalRef != "" {
		q.and("external_ref <> ''")
	}
	q.member("kind", f.Kind)
	if f.MergedInto != "" {
		q.and("merged_into = ? AND merged_into <> ''", string(f.MergedInto))
	}
	if f.Tag != "" {
		var m members
		m.quote(f.Tag)
		q.and(`doc LIKE ? ESCAPE '\'`, `%"tags":[%`+likeEscaper.Replace(string(m.buf))+`%`)
	}
	if !f.Deactivated {
		q.and(`doc NOT LIKE '%"deactivated_at":%'`)
	}
	q.between("created_at", micros(f.From), micros(f.To))
	return q
}

// Upload finds one file of a session.
func (db *DB) Upload(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Upload, error) {
	return readUpload.one(ctx, db, sqlUpload, string(id), string(t.Org), string(t.Env), string(id))
}

// Uploads lists the files of a session, oldest first.
func (db *DB) Uploads(ctx context.Context, t kyc.Tenant, session kyc.ID) ([]kyc.Upload, error) {
	return readUpload.all(ctx, db, sqlUploads, string(t.Org), string(t.Env), string(session))
}
