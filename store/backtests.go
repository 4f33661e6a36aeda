package store

import (
	"context"
	"time"

	"bonafide/kyc"
)

// A backtest's items speak of many sessions; they are sealed under the key of
// the organisation. Two that are running have two slots: a unique index refuses
// the second commit with slot_taken, whichever process it comes from.
var kindBacktest = newKind("backtest", "backtest", "slot_taken", true, "=workflow_id", "status", "due_at", "slot")

type backtestDoc struct {
	bare
	*kyc.Backtest
}

var readBacktest = newReader(kindBacktest, nil, nil, func(ctx context.Context, db *DB, x *raw, v *kyc.Backtest) error {
	v.Meta = x.meta
	_, err := opened(ctx, db, kindBacktest, x, "", &v.Items)
	return err
})

// readBacktestHead leaves the items where they lie: a list does not show them.
var readBacktestHead = newReader(unsealed(kindBacktest), nil, nil, metaOnly(func(v *kyc.Backtest) *kyc.Meta { return &v.Meta }))

// unsealed is a kind for reading without the personal part.
func unsealed(k *kind) *kind {
	open := *k
	open.sealed = false
	return &open
}

var (
	sqlBacktest     = readBacktest.query(byID)
	sqlBacktestsDue = readBacktestHead.query("WHERE due_at > 0 AND due_at <= ? ORDER BY due_at, id LIMIT ?")
)

// backtestRecord takes a backtest apart.
func backtestRecord(v *kyc.Backtest) record {
	r := record{kind: kindBacktest, doc: backtestDoc{Backtest: v}, cols: []any{string(v.WorkflowID), string(v.Status), micros(v.DueAt), int64(v.Slot)}}
	if len(v.Items) > 0 {
		r.secret = &v.Items
	}
	return r
}

// Backtest finds a backtest.
func (db *DB) Backtest(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Backtest, error) {
	return readBacktest.one(ctx, db, sqlBacktest, string(id), string(t.Org), string(t.Env), string(id))
}

// Backtests lists backtests, newest first, without their items; one that is read
// so must not be put back.
func (db *DB) Backtests(ctx context.Context, t kyc.Tenant, f kyc.BacktestFilter, p kyc.Page) ([]kyc.Backtest, int, error) {
	return readBacktestHead.page(ctx, db, backtestsOf(t, f), p)
}

func backtestsOf(t kyc.Tenant, f kyc.BacktestFilter) *filter {
	q := of(t)
	q.is("workflow_id", string(f.WorkflowID))
	q.is("status", string(f.Status))
	q.few = f.WorkflowID != ""
	return q
}

// BacktestsDue are up to limit backtests of all tenants that nobody goes on
// with, the longest left first, without their items.
func (db *DB) BacktestsDue(ctx context.Context, now time.Time, limit int) ([]kyc.Backtest, error) {
	return readBacktestHead.all(ctx, db, sqlBacktestsDue, micros(now), int64(limit))
}
