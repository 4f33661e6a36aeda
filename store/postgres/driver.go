package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"bonafide/job"
	"bonafide/kyc"
	"bonafide/store"
)

// Driver is store.Driver on PostgreSQL.
type Driver struct {
	pool    *pgxpool.Pool
	log     *slog.Logger
	version int64
	queue   *job.Queue[pgx.Tx]
	merged  merger
	groups  gathering

	kick chan struct{} // wakes the sealer
	life context.Context
	stop context.CancelFunc
	done chan struct{} // closed when the sealer has ended

	closing sync.Once
}

var _ store.Driver = (*Driver)(nil)

// SoleOwner is false: other nodes write too.
func (d *Driver) SoleOwner() bool { return false }

// SQLSTATE codes we act on.
const (
	divisionByZero       = "22012"
	uniqueViolation      = "23505"
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
)

// tries is how often a transaction that fell to a deadlock runs again.
const tries = 4

// Apply runs a batch in one transaction. A text that PostgreSQL cannot keep is
// refused before it is sent, so that it costs nobody else their transaction.
func (d *Driver) Apply(ctx context.Context, b *store.Batch) error {
	for i := range b.Statements {
		if !keeps(b.Statements[i].Args) {
			return kyc.Errorf(kyc.Malformed, "text_invalid", "a text holds a NUL character or is not UTF-8")
		}
	}
	var err error
	for range tries {
		if err = d.apply(ctx, b); !again(err) {
			break
		}
	}
	if err != nil {
		return err
	}
	if len(b.Entries) > 0 {
		d.wakeSealer()
	}
	return nil
}

// keeps reports whether PostgreSQL takes all texts among these values: it knows
// neither NUL nor what is not UTF-8.
func keeps(args []any) bool {
	for _, a := range args {
		if s, ok := a.(string); ok && (strings.IndexByte(s, 0) >= 0 || !utf8.ValidString(s)) {
			return false
		}
	}
	return true
}

func again(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == serializationFailure || e.Code == deadlockDetected)
}

func (d *Driver) apply(ctx context.Context, b *store.Batch) error {
	if len(b.Jobs) == 0 {
		if text := d.merged.text(b); text != "" {
			return d.gather(ctx, b, text)
		}
		return send(ctx, d.pool, b)
	}
	return pgx.BeginFunc(ctx, d.pool, func(tx pgx.Tx) error {
		if err := send(ctx, tx, b); err != nil {
			return err
		}
		return d.insertJobs(ctx, tx, b.Jobs)
	})
}

func (d *Driver) insertJobs(ctx context.Context, tx pgx.Tx, jobs []kyc.Job) error {
	return d.queue.InsertTx(ctx, tx, jobs)
}

// sender is a pool (the pipeline is a transaction) or a transaction.
type sender interface {
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// send runs all statements in one pipeline. The first that fails ends it, and
// its answer says which one that was.
func send(ctx context.Context, to sender, b *store.Batch) error {
	if len(b.Statements) == 0 {
		return nil
	}
	var pipeline pgx.Batch
	for i := range b.Statements {
		s := &b.Statements[i]
		text := s.SQL.Numbered
		if s.Zero != nil {
			text = s.SQL.Guarded
		}
		pipeline.Queue(text, s.Args...)
	}
	results := to.SendBatch(ctx, &pipeline)
	for i := range b.Statements {
		if _, err := results.Exec(); err != nil {
			_ = results.Close() // says the same once more
			return translate(err, &b.Statements[i])
		}
	}
	// The transaction is committed when the end of the pipeline is answered.
	if err := results.Close(); err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	return nil
}

func translate(err error, s *store.Statement) error {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		switch {
		case e.Code == divisionByZero && s.Zero != nil:
			return s.Zero
		case e.Code == uniqueViolation && s.Taken != nil:
			return s.Taken
		}
	}
	return fmt.Errorf("writing: %w", err)
}

// Query reads committed rows. Asked for a text that PostgreSQL cannot keep it
// finds none, as nothing of the kind was ever stored.
func (d *Driver) Query(ctx context.Context, q *store.SQL, args []any, each func(store.Row) error) error {
	if !keeps(args) {
		return nil
	}
	return d.query(ctx, q, args, each)
}

func (d *Driver) query(ctx context.Context, q *store.SQL, args []any, each func(store.Row) error) error {
	rows, err := d.pool.Query(ctx, q.Numbered, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Change runs one writing statement that returns rows.
func (d *Driver) Change(ctx context.Context, q *store.SQL, args []any, each func(store.Row) error) error {
	return d.query(ctx, q, args, each)
}

// Work runs the queue until the context ends.
func (d *Driver) Work(ctx context.Context, handlers map[string]job.Handler, o job.Options) error {
	return d.queue.Run(ctx, handlers, o)
}

// Ping asks the server for a sign of life.
func (d *Driver) Ping(ctx context.Context) error {
	if err := d.pool.Ping(ctx); err != nil {
		return fmt.Errorf("PostgreSQL does not answer: %w", err)
	}
	return nil
}

// SchemaVersion is the migration the database is at.
func (d *Driver) SchemaVersion(context.Context) (int64, error) { return d.version, nil }

// Backup is the business of PostgreSQL's own tools.
func (d *Driver) Backup(context.Context, string) error {
	return errors.New("back up PostgreSQL with its own tools (pg_dump, base backups); keep the folder keys beside it")
}

// Close ends the sealer and gives the connections back.
func (d *Driver) Close() error {
	d.closing.Do(func() {
		d.stop()
		<-d.done
		d.pool.Close()
	})
	return nil
}
