package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"sync"

	"bonafide/job"
	"bonafide/store"
)

// Driver is store.Driver on SQLite.
type Driver struct {
	log     *slog.Logger
	lock    *os.File
	path    string
	write   *sql.DB
	read    *sql.DB
	version int64
	full    bool // commits wait for the disk; see writer.wait
	bell    *bell
	queue   *job.Queue[*sql.Tx]

	requests chan *request
	done     chan struct{} // closed when the writer has ended
	closing  sync.RWMutex
	closed   bool

	wrote      chan struct{} // there are commits in the log; see checkpoint.go
	moved      chan struct{} // closed when the checkpointer has ended
	stopMoving context.CancelFunc

	prepared sync.Map // *store.SQL → *sql.Stmt, for reading
}

var _ store.Driver = (*Driver)(nil)

// SoleOwner is true: the lock file keeps others out.
func (d *Driver) SoleOwner() bool { return true }

// Seal has nothing to do: Apply seals.
func (d *Driver) Seal(context.Context) error { return nil }

// Query reads on a connection that cannot write. It sees every commit that
// was answered before it began.
func (d *Driver) Query(ctx context.Context, q *store.SQL, args []any, each func(store.Row) error) error {
	var rows *sql.Rows
	var err error
	if q.Once {
		rows, err = d.read.QueryContext(ctx, q.Text, args...)
	} else {
		var stmt *sql.Stmt
		if stmt, err = d.stmt(ctx, q); err != nil { //nolint:sqlclosecheck // kept prepared until Close
			return err
		}
		rows, err = stmt.QueryContext(ctx, args...)
	}
	if err != nil {
		return err
	}
	return drain(rows, each)
}

func drain(rows *sql.Rows, each func(store.Row) error) error {
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// stmt keeps one prepared statement for each lasting text.
func (d *Driver) stmt(ctx context.Context, q *store.SQL) (*sql.Stmt, error) {
	if s, ok := d.prepared.Load(q); ok {
		return s.(*sql.Stmt), nil
	}
	s, err := d.read.PrepareContext(ctx, q.Text)
	if err != nil {
		return nil, fmt.Errorf("preparing a query: %w", err)
	}
	if before, loaded := d.prepared.LoadOrStore(q, s); loaded {
		_ = s.Close() //nolint:sqlclosecheck // the other one is kept
		return before.(*sql.Stmt), nil
	}
	return s, nil
}

// Work runs the queue until the context ends.
func (d *Driver) Work(ctx context.Context, handlers map[string]job.Handler, o job.Options) error {
	return d.queue.Run(ctx, handlers, o)
}

// Ping reads and writes nothing, on both sides.
func (d *Driver) Ping(ctx context.Context) error {
	if err := d.read.PingContext(ctx); err != nil {
		return fmt.Errorf("the database does not answer: %w", err)
	}
	return d.Apply(ctx, &store.Batch{})
}

// SchemaVersion is the migration the database is at.
func (d *Driver) SchemaVersion(context.Context) (int64, error) { return d.version, nil }

// Backup writes a consistent copy to a new file, while work goes on.
func (d *Driver) Backup(ctx context.Context, path string) error {
	if _, err := os.Stat(path); err == nil {
		return fmt.Errorf("the file %s exists already; a backup replaces nothing", path)
	}
	// A connection of its own: it reads one snapshot, and writers go on.
	from, err := sql.Open("sqlite", dsn(d.path, url.Values{"_pragma": {"busy_timeout(10000)"}}))
	if err != nil {
		return fmt.Errorf("opening the database to copy it: %w", err)
	}
	_, err = from.ExecContext(ctx, "VACUUM INTO ?", path)
	if err = errors.Join(err, from.Close()); err != nil {
		return fmt.Errorf("copying the database: %w", err)
	}
	return nil
}

// Close answers what waits, then closes the file and gives the lock back.
func (d *Driver) Close() error {
	d.closing.Lock()
	if d.closed {
		d.closing.Unlock()
		return nil
	}
	d.closed = true
	if d.requests != nil {
		close(d.requests)
	}
	d.closing.Unlock()
	if d.done != nil {
		<-d.done
	}
	d.closeCheckpoints()
	d.prepared.Range(func(_, s any) bool { _ = s.(*sql.Stmt).Close(); return true })
	var errs []error
	if d.read != nil {
		errs = append(errs, d.read.Close())
	}
	if d.write != nil {
		errs = append(errs, d.write.Close())
	}
	if d.lock != nil {
		errs = append(errs, d.lock.Close())
	}
	return errors.Join(errs...)
}
