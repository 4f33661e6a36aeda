package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlitelib "modernc.org/sqlite/lib"

	"bonafide/kyc"
	"bonafide/store"
)

// groupLimit is how many commits share one transaction at most.
const groupLimit = 256

// request is one commit that waits for the writer.
type request struct {
	batch *store.Batch
	// query, when set, is one writing statement that returns rows.
	query *store.SQL
	args  []any
	each  func(store.Row) error
	// checkpoint moves the log into the database and writes nothing.
	checkpoint bool

	answer chan error
}

// alone says that a request shares its transaction with no other: a group may run
// twice and its caller must see its rows once, and a checkpoint has none.
func (r *request) alone() bool { return r.query != nil || r.checkpoint }

// errClosed is the answer after Close.
var errClosed = errors.New("the store is closed")

func (d *Driver) start() {
	d.requests = make(chan *request, 2*groupLimit)
	d.done = make(chan struct{})
	w := &writer{d: d, heads: map[kyc.ID]head{}}
	go w.run()
}

// Apply hands a batch to the writer and waits for its answer. Once handed
// over it is not taken back, so that the answer is always the truth.
func (d *Driver) Apply(ctx context.Context, b *store.Batch) error {
	return d.submit(ctx, &request{batch: b, answer: make(chan error, 1)})
}

// Change runs one writing statement that returns rows.
func (d *Driver) Change(ctx context.Context, q *store.SQL, args []any, each func(store.Row) error) error {
	return d.submit(ctx, &request{query: q, args: args, each: each, answer: make(chan error, 1)})
}

func (d *Driver) submit(ctx context.Context, r *request) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	d.closing.RLock()
	if d.closed {
		d.closing.RUnlock()
		return errClosed
	}
	d.requests <- r
	d.closing.RUnlock()
	return <-r.answer
}

// writer is the one goroutine that writes.
type writer struct {
	d     *Driver
	conn  driver.Conn // whose statements these are
	stmts map[*store.SQL]driver.StmtExecContext
	// heads are the ends of the audit chains as committed; pending as they
	// will be when the transaction commits.
	heads, pending map[kyc.ID]head
	args           []driver.NamedValue
	rang           bool
	hasty          bool // commits of the connection do not wait for the disk
}

type head struct {
	seq  int64
	hash string
}

func (w *writer) run() {
	defer close(w.d.done)
	groups, commits := 0, 0
	defer func() { w.d.log.Debug("the writer has ended", "transactions", groups, "commits", commits) }()
	group := make([]*request, 0, groupLimit)
	for first := range w.d.requests {
		next := first
		for next != nil {
			group, next = w.gather(append(group[:0], next))
			w.commit(group)
			groups, commits = groups+1, commits+len(group)
		}
	}
}

// gather adds what waits to a group. A request that does not fit is given back as
// the beginning of the next group.
func (w *writer) gather(group []*request) (_ []*request, next *request) {
	if group[0].alone() {
		return group, nil
	}
	for len(group) < groupLimit {
		select {
		case r, ok := <-w.d.requests:
			if !ok {
				return group, nil
			}
			if r.alone() {
				return group, r
			}
			group = append(group, r)
		default:
			return group, nil
		}
	}
	return group, nil
}

// commit runs a group in one transaction. If one of several fails, all run
// again with a savepoint around each, so that only that one fails.
func (w *writer) commit(group []*request) {
	if group[0].checkpoint {
		_, err := w.d.write.ExecContext(context.Background(), moveLog)
		group[0].answer <- err
		return
	}
	errs := make([]error, len(group))
	err := w.transaction(group, errs, false)
	if err != nil && len(group) > 1 {
		clear(errs)
		err = w.transaction(group, errs, true)
	}
	if err == nil && w.rang {
		w.d.bell.ring()
	}
	w.d.grew()
	for i, r := range group {
		if errs[i] == nil {
			errs[i] = err
		}
		r.answer <- errs[i]
	}
}

// transaction runs all requests. With savepoints, a request that fails is
// undone alone and its error is noted; without, the first error ends it all.
func (w *writer) transaction(group []*request, errs []error, savepoints bool) error {
	ctx := context.Background()
	w.pending, w.rang = nil, false
	conn, err := w.d.write.Conn(ctx)
	if err != nil {
		return fmt.Errorf("taking the writing connection: %w", err)
	}
	defer func() { _ = conn.Close() }()
	if err := w.wait(ctx, conn, group); err != nil {
		return err
	}
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	for i, r := range group {
		if !savepoints {
			if err := w.request(ctx, conn, tx, r); err != nil {
				return err
			}
			continue
		}
		if _, err := tx.ExecContext(ctx, "SAVEPOINT one"); err != nil {
			return fmt.Errorf("setting a savepoint: %w", err)
		}
		before := clone(w.pending)
		if errs[i] = w.request(ctx, conn, tx, r); errs[i] != nil {
			w.pending = before
			if _, err := tx.ExecContext(ctx, "ROLLBACK TO one"); err != nil {
				return fmt.Errorf("going back to a savepoint: %w", err)
			}
		}
		if _, err := tx.ExecContext(ctx, "RELEASE one"); err != nil {
			return fmt.Errorf("releasing a savepoint: %w", err)
		}
	}
	for org, h := range w.pending {
		if err := w.exec(ctx, conn, sqlHeadPut, []any{string(org), h.seq, h.hash}, nil); err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	for org, h := range w.pending {
		w.heads[org] = h
	}
	return nil
}

// wait makes the coming commit wait for the disk, unless it says only who read
// something. Such a commit is in the log when it is answered, so that a crash of
// the program loses nothing; the disk has it with the next commit that waits, and
// with the next round of the checkpointer at the latest (decision 0033).
func (w *writer) wait(ctx context.Context, conn *sql.Conn, group []*request) error {
	hasty := true
	for _, r := range group {
		hasty = hasty && r.batch != nil && r.batch.Looks
	}
	if !w.d.full || hasty == w.hasty {
		return nil
	}
	level := "FULL"
	if hasty {
		level = "NORMAL"
	}
	if _, err := conn.ExecContext(ctx, "PRAGMA synchronous = "+level); err != nil {
		return fmt.Errorf("saying whether a commit waits for the disk: %w", err)
	}
	w.hasty = hasty
	return nil
}

func clone(m map[kyc.ID]head) map[kyc.ID]head {
	out := make(map[kyc.ID]head, len(m))
	for k, v := range m {
		out[k] = v
	}
	return out
}

// request runs one request inside the transaction.
func (w *writer) request(ctx context.Context, conn *sql.Conn, tx *sql.Tx, r *request) error {
	if r.query != nil {
		rows, err := tx.QueryContext(ctx, r.query.Text, r.args...)
		if err != nil {
			return err
		}
		return drain(rows, r.each)
	}
	if err := w.seal(ctx, tx, r.batch); err != nil {
		return err
	}
	err := conn.Raw(func(dc any) error {
		if err := w.use(dc); err != nil {
			return err
		}
		for i := range r.batch.Statements {
			s := &r.batch.Statements[i]
			if err := w.step(ctx, s.SQL, s.Args, s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || len(r.batch.Jobs) == 0 {
		return err
	}
	w.rang = true
	return w.d.queue.InsertTx(ctx, tx, r.batch.Jobs)
}

// use makes the statements those of this connection.
func (w *writer) use(dc any) error {
	c, ok := dc.(driver.Conn)
	if !ok {
		return errors.New("the SQLite driver is not the one we know")
	}
	if w.conn != c {
		w.conn, w.stmts = c, map[*store.SQL]driver.StmtExecContext{}
	}
	return nil
}

func (w *writer) exec(ctx context.Context, conn *sql.Conn, q *store.SQL, args []any, s *store.Statement) error {
	return conn.Raw(func(dc any) error {
		if err := w.use(dc); err != nil {
			return err
		}
		return w.step(ctx, q, args, s)
	})
}

// step runs one statement on the prepared form of its text, below
// database/sql, whose work per call would cost as much as SQLite's own.
func (w *writer) step(ctx context.Context, q *store.SQL, args []any, s *store.Statement) error {
	stmt := w.stmts[q]
	if stmt == nil {
		prepared, err := w.conn.Prepare(q.Text)
		if err != nil {
			return fmt.Errorf("preparing a statement: %w", err)
		}
		var ok bool
		if stmt, ok = prepared.(driver.StmtExecContext); !ok {
			return errors.New("the SQLite driver is not the one we know")
		}
		if !q.Once {
			w.stmts[q] = stmt
		} else {
			defer func() { _ = prepared.Close() }()
		}
	}
	w.args = w.args[:0]
	for i, a := range args {
		w.args = append(w.args, driver.NamedValue{Ordinal: i + 1, Value: a})
	}
	result, err := stmt.ExecContext(ctx, w.args)
	if err != nil {
		var e *sqlite.Error
		if s != nil && s.Taken != nil && errors.As(err, &e) &&
			(e.Code() == sqlitelib.SQLITE_CONSTRAINT_PRIMARYKEY || e.Code() == sqlitelib.SQLITE_CONSTRAINT_UNIQUE) {
			return s.Taken
		}
		return fmt.Errorf("writing: %w", err)
	}
	if s == nil || s.Zero == nil {
		return nil
	}
	n, err := result.RowsAffected()
	if err != nil {
		return fmt.Errorf("writing: %w", err)
	}
	if n == 0 {
		return s.Zero
	}
	return nil
}
