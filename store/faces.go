package store

import (
	"context"
	"time"

	"bonafide/kyc"
)

// Templates of faces lie by tenant and model, the order in which they are
// searched.
var kindFace = newKind("face template", "face_template", "", true, "=session_id", "=subject_id", "=model", "expires_at")

type faceDoc struct {
	bare
	*kyc.FaceTemplate
}

var readFace = newReader(kindFace, nil, nil, func(ctx context.Context, db *DB, x *raw, v *kyc.FaceTemplate) error {
	v.Meta = x.meta
	var numbers []byte
	unreadable, err := opened(ctx, db, kindFace, x, v.SubjectID, &numbers)
	if err != nil || unreadable {
		v.Unreadable = unreadable
		return err
	}
	return v.Vector.UnmarshalBinary(numbers)
})

var (
	sqlFaceErase = NewSQL(`DELETE FROM face_template WHERE org_id = ? AND env = ? AND subject_id = ?`)
	sqlFacesDue  = readFace.query("WHERE expires_at <= ? ORDER BY expires_at, id LIMIT ?")
)

// faceRecord takes a template apart.
func faceRecord(v *kyc.FaceTemplate) (record, error) {
	numbers, err := v.Vector.MarshalBinary()
	return record{kind: kindFace, doc: faceDoc{FaceTemplate: v}, secret: &numbers, owner: v.SubjectID, gone: v.Unreadable,
		cols: []any{string(v.SessionID), string(v.SubjectID), v.Model, micros(v.ExpiresAt)}}, err
}

// FaceTemplates are up to limit templates of a tenant, oldest first, by
// ascending ID after that one (empty: from the beginning). Those of an erased
// subject are gone.
func (db *DB) FaceTemplates(ctx context.Context, t kyc.Tenant, f kyc.FaceFilter, after kyc.ID, limit int) ([]kyc.FaceTemplate, error) {
	q := of(t)
	q.is("model", f.Model)
	if f.Except != "" {
		q.and("model <> ?", f.Except)
	}
	q.is("session_id", string(f.SessionID))
	q.is("subject_id", string(f.SubjectID))
	if !f.Now.IsZero() {
		q.and("expires_at > ?", micros(f.Now))
	}
	q.between("created_at", micros(f.Since), 0)
	q.and("id > ?", string(after))
	return readFace.all(ctx, db, onceSQL("SELECT "+readFace.columns+" FROM face_template "+q.where()+" ORDER BY id LIMIT ?"), append(q.args, int64(limit))...)
}

// FaceTemplatesDue are up to limit templates of all tenants whose time is over,
// the longest overdue first.
func (db *DB) FaceTemplatesDue(ctx context.Context, now time.Time, limit int) ([]kyc.FaceTemplate, error) {
	return readFace.all(ctx, db, sqlFacesDue, micros(now), int64(limit))
}
