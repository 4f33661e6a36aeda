package store

import (
	"context"
	"time"

	"bonafide/kyc"
)

var (
	sqlInquiry        = readInquiry.query(byID)
	sqlInquiriesDue   = readInquiry.query("WHERE next_at > 0 AND next_at <= ? ORDER BY next_at, id LIMIT ?")
	sqlInquiriesAwait = readInquiry.query("WHERE monitor = 'on_update' AND id > ? ORDER BY id LIMIT ?")
)

// Inquiry finds what was asked about a party. After its subject was erased,
// Private.Unreadable is true and everything else of Private empty.
func (db *DB) Inquiry(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Inquiry, error) {
	return readInquiry.one(ctx, db, sqlInquiry, string(id), string(t.Org), string(t.Env), string(id))
}

// Inquiries lists what was asked, newest first.
func (db *DB) Inquiries(ctx context.Context, t kyc.Tenant, f kyc.InquiryFilter, p kyc.Page) ([]kyc.Inquiry, int, error) {
	return readInquiry.page(ctx, db, inquiriesOf(t, f), p)
}

func inquiriesOf(t kyc.Tenant, f kyc.InquiryFilter) *filter {
	q := of(t)
	q.few = f.SubjectID != "" || f.ExternalRef != ""
	q.is("subject_id", string(f.SubjectID))
	if f.ExternalRef != "" {
		q.and("external_ref = ? AND external_ref <> ''", f.ExternalRef)
	}
	q.is("result", string(f.Result))
	if f.Monitored {
		q.and("monitor <> ''")
	}
	q.between("created_at", micros(f.From), micros(f.To))
	return q
}

// InquiriesDue are up to limit inquiries of all tenants whose time to be asked
// again has come, the longest overdue first.
func (db *DB) InquiriesDue(ctx context.Context, now time.Time, limit int) ([]kyc.Inquiry, error) {
	return readInquiry.all(ctx, db, sqlInquiriesDue, micros(now), int64(limit))
}

// InquiriesOnUpdate are up to limit inquiries of all tenants that are asked
// again when a list changes, by ascending ID after that one (empty: from the
// beginning).
func (db *DB) InquiriesOnUpdate(ctx context.Context, after kyc.ID, limit int) ([]kyc.Inquiry, error) {
	return readInquiry.all(ctx, db, sqlInquiriesAwait, string(after), int64(limit))
}
