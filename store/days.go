package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"bonafide/audit"
	"bonafide/kyc"
)

var (
	sqlDayPut   = NewSQL(`INSERT INTO audit_day (org_id, day, first_seq, last_seq, doc) VALUES (?, ?, ?, ?, ?)`)
	sqlDays     = NewSQL(`SELECT day, first_seq, last_seq, doc FROM audit_day WHERE org_id = ? AND day >= ? AND day <= ? ORDER BY day DESC LIMIT ?`)
	sqlAllDays  = NewSQL(`SELECT day, first_seq, last_seq, doc FROM audit_day WHERE org_id = ? ORDER BY first_seq`)
	sqlDayOf    = NewSQL(`SELECT day, first_seq, last_seq, doc FROM audit_day WHERE org_id = ? AND first_seq <= ? AND last_seq >= ?`)
	sqlDayChain = NewSQL(`SELECT seq, hash FROM sealed_event WHERE org_id = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?`)

	errDayClosed = kyc.Stale("the day")
)

// endOfDates is behind every date.
const endOfDates = "9999-12-31"

// CloseAuditDays stores the Merkle roots of the days of an organisation's chain
// that are over by now (the machine's time), and gives the new ones, oldest
// first. A chain that is broken is not closed: 409 chain_broken. Of two processes
// that close at once, one does and the other gives nothing.
func (db *DB) CloseAuditDays(ctx context.Context, org kyc.ID, now time.Time) ([]audit.Day, error) {
	if err := db.driver.Seal(ctx); err != nil {
		return nil, err
	}
	o, err := db.Org(ctx, org)
	if err != nil {
		return nil, err
	}
	newest, err := db.days(ctx, sqlDays, string(org), "", endOfDates, int64(1))
	if err != nil {
		return nil, err
	}
	var last *audit.Day
	at := int64(0)
	if len(newest) > 0 {
		last, at = &newest[0], newest[0].LastSeq
	}
	c := audit.NewCloser(org, last, o.SandboxOffset, now)
	for more := true; more; {
		n := int64(0)
		err := db.driver.Query(ctx, sqlChain, []any{string(org), at, chainPart}, func(row Row) error {
			e, agree, err := ScanEvent(row)
			n++
			switch {
			case err != nil || !more:
				return err
			case !agree:
				return c.Break(e.Seq, fmt.Sprintf("event %d has a column that disagrees with its record", e.Seq))
			}
			at = e.Seq
			more, err = c.Add(e)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("closing the days of the audit chain: %w", err)
		}
		more = more && n == chainPart
	}
	days := c.Days()
	if len(days) == 0 {
		return nil, nil
	}
	b := Batch{Ordered: true}
	for _, d := range days {
		b.add(sqlDayPut, nil, errDayClosed, string(org), d.Day, d.FirstSeq, d.LastSeq, string(d.Bytes()))
	}
	switch err := db.driver.Apply(ctx, &b); {
	case kyc.IsCode(err, "concurrent_change"):
		return nil, nil // another process closed them
	case err != nil:
		return nil, fmt.Errorf("storing the roots of the audit chain: %w", err)
	}
	return days, nil
}

// days reads roots; one whose columns do not say what its record says, or that is
// not what was written, is an error.
func (db *DB) days(ctx context.Context, q *SQL, args ...any) ([]audit.Day, error) {
	var out []audit.Day
	err := db.driver.Query(ctx, q, args, func(row Row) error {
		var date, doc string
		var first, last int64
		if err := row.Scan(&date, &first, &last, &doc); err != nil {
			return err
		}
		d, err := audit.ReadDay([]byte(doc))
		if err == nil && (d.Day != date || d.FirstSeq != first || d.LastSeq != last) {
			err = errors.New("a column disagrees with the record")
		}
		if err != nil {
			return kyc.Errorf(kyc.Internal, "root_damaged", "the stored root of %s: %v", date, err)
		}
		out = append(out, d)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the roots of the audit chain: %w", err)
	}
	return out, nil
}

func (db *DB) allAuditDays(ctx context.Context, org kyc.ID) ([]audit.Day, error) {
	return db.days(ctx, sqlAllDays, string(org))
}

// AuditDays are the roots of an organisation that are stored, newest first.
func (db *DB) AuditDays(ctx context.Context, org kyc.ID, f kyc.DayFilter, limit int) ([]audit.Day, error) {
	to := f.To
	if to == "" {
		to = endOfDates
	}
	return db.days(ctx, sqlDays, string(org), f.From, to, int64(limit))
}

// AuditProof shows that an event of a tenant is part of its day. Errors: Missing,
// 409 day_not_over while its day has no root, 409 root_differs.
func (db *DB) AuditProof(ctx context.Context, t kyc.Tenant, id kyc.ID) (audit.Proof, error) {
	e, err := db.EventByID(ctx, t, id)
	if err != nil {
		return audit.Proof{}, err
	}
	days, err := db.days(ctx, sqlDayOf, string(t.Org), e.Seq, e.Seq)
	if err != nil {
		return audit.Proof{}, err
	}
	if e.Seq == 0 || len(days) == 0 {
		return audit.Proof{}, kyc.Errorf(kyc.Conflict, "day_not_over", "the day of this event has no root yet; days are closed some minutes after midnight UTC")
	}
	d := days[0]
	p, err := audit.NewProver(d, e)
	if err != nil {
		return audit.Proof{}, err
	}
	for at := d.FirstSeq - 1; at < d.LastSeq; {
		before := at
		err := db.driver.Query(ctx, sqlDayChain, []any{string(t.Org), at, d.LastSeq, chainPart}, func(row Row) error {
			var hash string
			if err := row.Scan(&at, &hash); err != nil {
				return err
			}
			return p.Add(hash)
		})
		if err != nil {
			return audit.Proof{}, fmt.Errorf("reading the audit chain: %w", err)
		}
		if at == before {
			break // some are gone; the proof says so
		}
	}
	return p.Proof()
}
