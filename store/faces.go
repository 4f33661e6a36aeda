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
	sqlFaceErase   = NewSQL(`DELETE FROM face_template WHERE org_id = ? AND env = ? AND subject_id = ?`)
	sqlFaceChanges = NewSQL(`SELECT seq, mark, template_id, gone FROM face_change WHERE org_id = ? AND env = ? AND seq >= ? ORDER BY seq LIMIT ?`)
	sqlFaceLast    = NewSQL(`SELECT seq, mark, template_id, gone FROM face_change WHERE org_id = ? AND env = ? ORDER BY seq DESC LIMIT 1`)
	sqlFaceCount   = NewSQL(`SELECT COUNT(*) FROM (SELECT 1 FROM face_template WHERE org_id = ? AND env = ? AND model = ? LIMIT ?) AS few`)
	sqlFaceOthers  = NewSQL(`SELECT COUNT(*) FROM (SELECT 1 FROM face_template WHERE org_id = ? AND env = ? AND model < ? LIMIT 1) AS a` +
		` UNION ALL SELECT COUNT(*) FROM (SELECT 1 FROM face_template WHERE org_id = ? AND env = ? AND model > ? LIMIT 1) AS b`)
	sqlFacesDue = readFace.query("WHERE expires_at <= ? ORDER BY expires_at, id LIMIT ?")
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
		// Nearly always there are none, and "another" is nothing an index
		// finds: it would walk along all faces of the tenant.
		others := false
		err := db.driver.Query(ctx, sqlFaceOthers, []any{string(t.Org), string(t.Env), f.Except, string(t.Org), string(t.Env), f.Except}, func(row Row) error {
			var n int64
			err := row.Scan(&n)
			others = others || n > 0
			return err
		})
		if err != nil || !others {
			return nil, err
		}
		q.and("model <> ?", f.Except)
	}
	q.is("session_id", string(f.SessionID))
	q.is("subject_id", string(f.SubjectID))
	if !f.Now.IsZero() {
		q.and("expires_at > ?", micros(f.Now))
	}
	q.between("created_at", micros(f.Since), 0)
	id := "id"
	if f.SessionID != "" || f.SubjectID != "" {
		id = "id || ''" // few rows, found by their own index and then sorted
	}
	q.and(id+" > ?", string(after))
	return readFace.all(ctx, db, onceSQL("SELECT "+readFace.columns+" FROM face_template "+q.where()+" ORDER BY "+id+" LIMIT ?"), append(q.args, int64(limit))...)
}

// FaceTemplatesDue are up to limit templates of all tenants whose time is over,
// the longest overdue first.
func (db *DB) FaceTemplatesDue(ctx context.Context, now time.Time, limit int) ([]kyc.FaceTemplate, error) {
	return readFace.all(ctx, db, sqlFacesDue, micros(now), int64(limit))
}

// FaceTemplatesOf are the templates of a tenant among some, in any order; those
// that are gone are missing.
func (db *DB) FaceTemplatesOf(ctx context.Context, t kyc.Tenant, ids []kyc.ID) ([]kyc.FaceTemplate, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	q := among(t, ids)
	return readFace.all(ctx, db, onceSQL("SELECT "+readFace.columns+" FROM face_template "+q.where()), q.args...)
}

// CountFaces counts the templates of a tenant that a model made, up to limit.
// Those whose time is over count until they are removed.
func (db *DB) CountFaces(ctx context.Context, t kyc.Tenant, model string, limit int) (int, error) {
	var n int64
	err := db.driver.Query(ctx, sqlFaceCount, []any{string(t.Org), string(t.Env), model, int64(limit)}, func(row Row) error { return row.Scan(&n) })
	return int(n), err
}

// FaceChanges are up to limit lines of what happened to a tenant's templates,
// from that one on. Lines are written in the transaction of what they tell, and
// the next one only becomes visible after it.
func (db *DB) FaceChanges(ctx context.Context, t kyc.Tenant, from int64, limit int) ([]kyc.FaceChange, error) {
	return db.faceChanges(ctx, sqlFaceChanges, string(t.Org), string(t.Env), from, int64(limit))
}

// LastFaceChange is the newest of them; zero where there is none.
func (db *DB) LastFaceChange(ctx context.Context, t kyc.Tenant) (kyc.FaceChange, error) {
	found, err := db.faceChanges(ctx, sqlFaceLast, string(t.Org), string(t.Env))
	if err != nil || len(found) == 0 {
		return kyc.FaceChange{}, err
	}
	return found[0], nil
}

func (db *DB) faceChanges(ctx context.Context, q *SQL, args ...any) ([]kyc.FaceChange, error) {
	var out []kyc.FaceChange
	err := db.driver.Query(ctx, q, args, func(row Row) error {
		var c kyc.FaceChange
		var id string
		var gone int64
		err := row.Scan(&c.Seq, &c.Mark, &id, &gone)
		c.TemplateID, c.Gone = kyc.ID(id), gone == 1
		out = append(out, c)
		return err
	})
	return out, err
}
