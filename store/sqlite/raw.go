package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"bonafide/kyc"
	"bonafide/store"
)

// raw is the hand-written loop: one goroutine that takes what waits, up to
// the same limit as the store's writer, and commits it together.
type raw struct {
	d        *Driver
	tenant   kyc.Tenant
	endpoint string
	rows     store.RawRows
	queue    chan rawCommit
	done     chan struct{}
	conn     driver.Conn
	stmts    [rawStatements]driver.StmtExecContext
	args     []driver.NamedValue
	seq      int64
}

type rawCommit struct {
	part         int // 1 to 4
	session, run string
	now          int64
	answer       chan error
}

// The statements of the loop.
const (
	rawSession = iota
	rawRun
	rawInput
	rawEvent
	rawRunUpdate
	rawSessionUpdate
	rawDelivery
	rawHead
	rawStatements
)

var rawTexts = [rawStatements]string{
	rawSession: `INSERT INTO session (id, org_id, env, rev, created_at, updated_at, status, surface, workflow_id, external_ref, subject_id, token_hash, expires_at, tags, doc, secret)
		VALUES (?, ?, ?, 1, ?, ?, 'running', 'graph', ?, '', ?, '', 0, '', ?, ?)`,
	rawRun: `INSERT INTO run (id, org_id, env, rev, created_at, updated_at, session_id, status, due_at, lease_owner, doc)
		VALUES (?, ?, ?, 1, ?, ?, ?, 'running', ?, 'raw', ?)`,
	rawInput: `INSERT INTO run_input (run_id, seq, org_id, env, subject_id, kind, node, attempt, at, state_hash, secret)
		VALUES (?, ?, ?, ?, ?, 'answer', 'check', 1, ?, ?, ?)`,
	rawEvent: `INSERT INTO event (id, org_id, env, at, object, object_id, actor_id, action, webhook, subject_id, doc, seq, prev_hash, hash)
		VALUES (?, ?, ?, ?, 'session', ?, 'engine', 'session.created', 'session.created', ?, ?, ?, ?, ?)`,
	rawRunUpdate: `UPDATE run SET rev = ?, updated_at = ?, status = ?, due_at = ?, lease_owner = ?, doc = ?
		WHERE id = ? AND org_id || '' = ? AND env || '' = ? AND rev = ?`,
	rawSessionUpdate: `UPDATE session SET rev = 2, updated_at = ?, status = 'approved', doc = ?, secret = ? WHERE id = ? AND org_id || '' = ? AND env || '' = ? AND rev = 1`,
	rawDelivery: `INSERT INTO delivery (id, org_id, env, rev, created_at, updated_at, event_id, endpoint_id, event_name, state, attempt, due_at, lease_owner, doc)
		VALUES (?, ?, ?, 1, ?, ?, ?, ?, 'session.approved', 'pending', 0, ?, '', '{}')`,
	rawHead: `INSERT INTO audit_head (org_id, seq, hash) VALUES (?, ?, ?) ON CONFLICT (org_id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash`,
}

// Raw makes the yardstick. Its events stand in a chain of their own (an
// organisation nobody verifies), because they are not hashed.
func (d *Driver) Raw(ctx context.Context, t kyc.Tenant, s store.RawSizes) (store.RawBench, error) {
	r := &raw{d: d, tenant: t, rows: s.Rows(), queue: make(chan rawCommit, 2*groupLimit), done: make(chan struct{})}
	err := d.read.QueryRowContext(ctx, `SELECT id FROM endpoint WHERE org_id = ? AND env = ? AND status = 'enabled' LIMIT 1`, string(t.Org), string(t.Env)).Scan(&r.endpoint)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("reading the endpoint: %w", err)
	}
	r.tenant.Org = kyc.NewID(time.Now())
	go r.run()
	return r, nil
}

// Close ends the loop.
func (r *raw) Close() error {
	close(r.queue)
	<-r.done
	return nil
}

// Execute does the four commits of one session.
func (r *raw) Execute(ctx context.Context, _ int) error {
	now := time.Now()
	c := rawCommit{session: string(kyc.NewID(now)), run: string(kyc.NewID(now)), answer: make(chan error, 1)}
	for c.part = 1; c.part <= 4; c.part++ {
		c.now = time.Now().UnixMicro()
		r.queue <- c
		if err := <-c.answer; err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (r *raw) run() {
	defer close(r.done)
	group := make([]rawCommit, 0, groupLimit)
	for first := range r.queue {
		group = append(group[:0], first)
	fill:
		for len(group) < groupLimit {
			select {
			case c, ok := <-r.queue:
				if !ok {
					break fill
				}
				group = append(group, c)
			default:
				break fill
			}
		}
		err := r.commit(group)
		for _, c := range group {
			c.answer <- err
		}
	}
}

func (r *raw) commit(group []rawCommit) error {
	ctx := context.Background()
	conn, err := r.d.write.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	err = conn.Raw(func(dc any) error {
		if err := r.prepare(ctx, dc); err != nil {
			return err
		}
		for i := range group {
			if err := r.one(ctx, &group[i]); err != nil {
				return err
			}
		}
		return r.exec(ctx, rawHead, false, string(r.tenant.Org), r.seq, r.rows.Hash)
	})
	if err != nil {
		return err
	}
	return tx.Commit()
}

func (r *raw) prepare(ctx context.Context, dc any) error {
	c, ok := dc.(driver.ConnPrepareContext)
	if !ok {
		return errors.New("the SQLite driver is not the one we know")
	}
	if r.conn == dc.(driver.Conn) {
		return nil
	}
	for i, text := range rawTexts {
		s, err := c.PrepareContext(ctx, text)
		if err != nil {
			return err
		}
		r.stmts[i] = s.(driver.StmtExecContext)
	}
	r.conn = dc.(driver.Conn)
	return nil
}

func (r *raw) exec(ctx context.Context, statement int, guard bool, args ...any) error {
	r.args = r.args[:0]
	for i, a := range args {
		r.args = append(r.args, driver.NamedValue{Ordinal: i + 1, Value: a})
	}
	result, err := r.stmts[statement].ExecContext(ctx, r.args)
	if err != nil || !guard {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		return fmt.Errorf("the raw loop changed %d rows: %w", n, err)
	}
	return nil
}

// one does the writes of one commit inside the group's transaction.
func (r *raw) one(ctx context.Context, c *rawCommit) error {
	org, env, x := string(r.tenant.Org), string(r.tenant.Env), &r.rows
	if c.part == 1 {
		if err := r.exec(ctx, rawSession, false, c.session, org, env, c.now, c.now, org, org, x.Session, x.Private); err != nil {
			return err
		}
		if err := r.exec(ctx, rawRun, false, c.run, org, env, c.now, c.now, c.session, c.now, x.Run); err != nil {
			return err
		}
	}
	if err := r.exec(ctx, rawInput, false, c.run, int64(c.part-1), org, env, org, c.now, x.Hash, x.Input); err != nil {
		return err
	}
	if c.part == 1 {
		_, err := r.event(ctx, c)
		return err
	}
	status, due, owner := "running", c.now, "raw"
	if c.part == 4 {
		status, due, owner = "completed", 0, ""
	}
	if err := r.exec(ctx, rawRunUpdate, true, int64(c.part), c.now, status, due, owner, x.Run, c.run, org, env, int64(c.part-1)); err != nil {
		return err
	}
	if c.part < 4 {
		return nil
	}
	if err := r.exec(ctx, rawSessionUpdate, true, c.now, x.Session, x.Private, c.session, org, env); err != nil {
		return err
	}
	id, err := r.event(ctx, c)
	if err != nil || r.endpoint == "" {
		return err
	}
	return r.exec(ctx, rawDelivery, false, string(kyc.NewID(time.UnixMicro(c.now))), org, env, c.now, c.now, id, r.endpoint, c.now)
}

func (r *raw) event(ctx context.Context, c *rawCommit) (string, error) {
	r.seq++
	id := string(kyc.NewID(time.UnixMicro(c.now)))
	return id, r.exec(ctx, rawEvent, false, id, string(r.tenant.Org), string(r.tenant.Env), c.now, c.session, c.session, r.rows.Event, r.seq, r.rows.Hash, r.rows.Hash)
}
