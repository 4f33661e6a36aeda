package store

import (
	"context"

	"bonafide/kyc"
)

// The words on hits lie by whom they are about: the subject, or the session
// where that has none.
var kindHitReview = written(newKind("review of a hit", "hit_review", "", true, "=about_id", "=case_id").
	of("(SELECT c.session_id FROM review_case c WHERE c.id = hit_review.case_id)"))

type hitReviewDoc struct {
	bare
	*kyc.HitReview
}

var readHitReview = newReader(kindHitReview, nil, nil, func(ctx context.Context, db *DB, x *raw, v *kyc.HitReview) error {
	v.Meta = x.meta
	unreadable, err := opened(ctx, db, kindHitReview, x, v.SubjectID, &v.Private)
	if unreadable {
		v.Private = kyc.HitReviewData{Unreadable: true}
	}
	return err
})

var (
	sqlHitReviews     = readHitReview.query("WHERE org_id = ? AND env = ? AND about_id = ? ORDER BY id")
	sqlHitReviewErase = NewSQL(`DELETE FROM hit_review WHERE org_id = ? AND env = ? AND about_id = ?`)
)

// hitReviewRecord takes a word on a hit apart.
func hitReviewRecord(v *kyc.HitReview) record {
	return record{kind: kindHitReview, doc: hitReviewDoc{HitReview: v}, secret: &v.Private, owner: v.SubjectID, gone: v.Private.Unreadable,
		cols: []any{string(v.About()), string(v.CaseID)}}
}

// HitReviews are the words on hits that are kept for a subject, or for a session
// without one (kyc.HitsOf), oldest first. Those of an erased subject are gone.
func (db *DB) HitReviews(ctx context.Context, t kyc.Tenant, about kyc.ID) ([]kyc.HitReview, error) {
	return readHitReview.all(ctx, db, sqlHitReviews, string(t.Org), string(t.Env), string(about))
}
