package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"bonafide/kyc"
	"bonafide/store"
)

// raw is the hand-written loop: each commit is one statement, so that one
// round trip is one transaction.
type raw struct {
	d        *Driver
	org, env string
	endpoint string
	rows     store.RawRows
}

const (
	rawBegin = `WITH s AS (INSERT INTO session (id, org_id, env, rev, created_at, updated_at, status, surface, workflow_id, external_ref, subject_id, token_hash, expires_at, tags, doc, secret)
			VALUES ($1, $2, $3, 1, $4, $4, 'running', 'graph', $2, '', $2, '', 0, '', $5, $6)),
		r AS (INSERT INTO run (id, org_id, env, rev, created_at, updated_at, session_id, status, due_at, lease_owner, doc)
			VALUES ($7, $2, $3, 1, $4, $4, $1, 'running', $4, 'raw', $8)),
		i AS (INSERT INTO run_input (run_id, seq, org_id, env, subject_id, kind, node, attempt, at, state_hash, secret)
			VALUES ($7, 0, $2, $3, $2, 'begin', 'start', 1, $4, $9, $10))
		INSERT INTO event (id, org_id, env, at, object, object_id, actor_id, action, webhook, subject_id, doc)
			VALUES ($11, $2, $3, $4, 'session', $1, 'engine', 'session.created', 'session.created', $1, $12)`
	rawStep = `WITH u AS (UPDATE run SET rev = $1, updated_at = $2, status = 'running', due_at = due_at, lease_owner = 'raw', doc = $4
			WHERE id = $5 AND org_id || '' = $6 AND env || '' = $7 AND rev = $8 AND session_id = $3 RETURNING id)
		INSERT INTO run_input (run_id, seq, org_id, env, subject_id, kind, node, attempt, at, state_hash, secret)
			SELECT id, $8, $6, $7, $6, 'answer', 'check', 1, $2, $9, $10 FROM u`
	rawEnd = `WITH u AS (UPDATE run SET rev = $1, updated_at = $2, status = 'completed', due_at = 0, lease_owner = '', doc = $4
			WHERE id = $5 AND org_id || '' = $6 AND env || '' = $7 AND rev = $8 RETURNING id),
		i AS (INSERT INTO run_input (run_id, seq, org_id, env, subject_id, kind, node, attempt, at, state_hash, secret)
			SELECT id, $8, $6, $7, $6, 'answer', 'check', 1, $2, $9, $10 FROM u),
		s AS (UPDATE session SET rev = 2, updated_at = $2, status = 'approved', doc = $11, secret = $12 WHERE id = $3 AND org_id || '' = $6 AND env || '' = $7 AND rev = 1 RETURNING id),
		d AS (INSERT INTO delivery (id, org_id, env, rev, created_at, updated_at, event_id, endpoint_id, event_name, state, attempt, due_at, lease_owner, doc)
			SELECT $13, $6, $7, 1, $2, $2, $14, $15, 'session.approved', 'pending', 0, $2, '', '{}' FROM s WHERE $15 <> '')
		INSERT INTO event (id, org_id, env, at, object, object_id, actor_id, action, webhook, subject_id, doc)
			SELECT $14, $6, $7, $2, 'session', s.id, 'engine', 'session.approve', 'session.approved', s.id, $16 FROM s, u`
)

// Raw makes the yardstick. Its rows belong to an organisation of their own and
// its events are never sealed.
func (d *Driver) Raw(ctx context.Context, t kyc.Tenant, s store.RawSizes) (store.RawBench, error) {
	r := &raw{d: d, org: string(kyc.NewID(time.Now())), env: string(t.Env), rows: s.Rows()}
	err := d.pool.QueryRow(ctx, `SELECT id FROM endpoint WHERE org_id = $1 AND env = $2 AND status = 'enabled' LIMIT 1`, string(t.Org), string(t.Env)).Scan(&r.endpoint)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return nil, fmt.Errorf("reading the endpoint: %w", err)
	}
	return r, nil
}

// Close has nothing to close.
func (r *raw) Close() error { return nil }

// Execute does the four commits of one session.
func (r *raw) Execute(ctx context.Context, _ int) error {
	now := time.Now()
	session, run, x := string(kyc.NewID(now)), string(kyc.NewID(now)), &r.rows
	us := now.UnixMicro()
	if err := r.exec(ctx, rawBegin, session, r.org, r.env, us, x.Session, x.Private, run, x.Run, x.Hash, x.Input, string(kyc.NewID(now)), x.Event); err != nil {
		return err
	}
	for rev := int64(1); rev < 3; rev++ {
		if err := r.exec(ctx, rawStep, rev+1, time.Now().UnixMicro(), session, x.Run, run, r.org, r.env, rev, x.Hash, x.Input); err != nil {
			return err
		}
	}
	return r.exec(ctx, rawEnd, int64(4), time.Now().UnixMicro(), session, x.Run, run, r.org, r.env, int64(3), x.Hash, x.Input, x.Session, x.Private,
		string(kyc.NewID(now)), string(kyc.NewID(now)), r.endpoint, x.Event)
}

func (r *raw) exec(ctx context.Context, text string, args ...any) error {
	tag, err := r.d.pool.Exec(ctx, text, args...)
	if err == nil && tag.RowsAffected() != 1 {
		err = fmt.Errorf("the raw loop wrote %d rows", tag.RowsAffected())
	}
	return err
}
