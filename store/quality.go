package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"bonafide/kyc"
)

// drawn is the condition of the index review_case_quality, word for word.
const drawn = "quality <> ''"

// sqlQualityFacts names the states, so that the period is found in the index.
var sqlQualityFacts = NewSQL(`SELECT queue, doc FROM review_case WHERE org_id = ? AND env = ? AND ` + drawn +
	` AND quality IN ('waiting', 'done', 'void') AND drawn_at >= ? AND drawn_at < ?`)

// QualityCases are the cases that were drawn for a second look and stand in the
// filter's state, the longest waiting first, otherwise the newest first, with the
// total.
func (db *DB) QualityCases(ctx context.Context, t kyc.Tenant, f kyc.QualityFilter, p kyc.Page) ([]kyc.Case, int, error) {
	return readCase.page(ctx, db, qualityOf(t, f), p)
}

func qualityOf(t kyc.Tenant, f kyc.QualityFilter) *filter {
	q := of(t)
	q.and(drawn)
	q.and("quality = ?", string(f.State))
	q.is("queue", f.Queue)
	q.between("drawn_at", micros(f.From), micros(f.To))
	q.by, q.oldest, q.covered = "drawn_at", f.State == kyc.QualityWaiting, true
	return q
}

// QualityCount is how many cases wait for their second look, up to a number.
func (db *DB) QualityCount(ctx context.Context, t kyc.Tenant, upto int) (int, error) {
	q := qualityOf(t, kyc.QualityFilter{State: kyc.QualityWaiting})
	var n int64
	err := db.driver.Query(ctx, onceSQL("SELECT COUNT(*) FROM (SELECT 1 FROM review_case "+q.where()+" LIMIT ?) AS page"), append(q.args, int64(upto)),
		func(row Row) error { return row.Scan(&n) })
	if err != nil {
		return 0, fmt.Errorf("counting cases to look at again: %w", err)
	}
	return int(n), nil
}

// EachQualityFact goes through the drawn cases that were decided from one time to
// another (exclusive), without what people wrote.
func (db *DB) EachQualityFact(ctx context.Context, t kyc.Tenant, from, to time.Time, each func(kyc.QualityFact) error) error {
	err := db.driver.Query(ctx, sqlQualityFacts, []any{string(t.Org), string(t.Env), micros(from), micros(to)}, func(row Row) error {
		var f kyc.QualityFact
		var doc []byte
		if err := row.Scan(&f.Queue, &doc); err != nil {
			return err
		}
		d := struct {
			Quality  *kyc.QualityCheck `json:"quality"`
			First    *kyc.CaseDecision `json:"first"`
			Decision *kyc.CaseDecision `json:"decision"`
		}{Quality: &f.Check}
		if err := json.Unmarshal(doc, &d); err != nil {
			return err
		}
		f.First, f.Last = d.First, d.Decision
		return each(f)
	})
	if err != nil {
		return fmt.Errorf("going through second looks: %w", err)
	}
	return nil
}
