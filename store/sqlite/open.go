package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"bonafide/job"
	"bonafide/kyc"
	"bonafide/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Options of Open.
type Options struct {
	// Dir is the data folder: the database, the lock, the keys, the files. It
	// is made when it is missing.
	Dir string
	// Sync is "full" (default: a commit survives a power cut) or "normal" (it
	// survives the death of the process only).
	Sync string
	// ReadOnly opens the database of a running server for reading: no lock, no
	// migration, no taking up, and every write is refused.
	ReadOnly bool
	// BlobURL, KeyURL, Clock and Log are as in store.Options.
	BlobURL string
	KeyURL  string
	Clock   kyc.Clock
	Log     *slog.Logger
}

// Open opens the store in a data folder, brings its schema up to date and
// takes up what a process that died left behind: running runs and claimed
// deliveries are due at once, running jobs wait again, and reservations of
// requests that never answered are dropped.
func Open(ctx context.Context, o Options) (*store.DB, error) {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Clock == nil {
		o.Clock = kyc.SystemClock()
	}
	var d store.Driver
	var err error
	if o.ReadOnly {
		d, err = openReadOnly(ctx, o)
	} else {
		d, err = open(ctx, o)
	}
	if err != nil {
		return nil, err
	}
	db, err := store.New(ctx, d, store.Options{Dir: o.Dir, BlobURL: o.BlobURL, KeyURL: o.KeyURL, Clock: o.Clock, Log: o.Log})
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return db, nil
}

func open(ctx context.Context, o Options) (_ *Driver, err error) {
	var synchronous string
	switch o.Sync {
	case "", "full":
		synchronous = "FULL"
	case "normal":
		synchronous = "NORMAL"
	default:
		return nil, fmt.Errorf("the durability %q is neither full nor normal", o.Sync)
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the data folder: %w", err)
	}
	d := &Driver{log: o.Log, full: synchronous == "FULL"}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.Close())
		}
	}()
	if d.lock, err = lockFolder(filepath.Join(o.Dir, "bonafide.lock")); err != nil {
		return nil, err
	}
	path := filepath.Join(o.Dir, "bonafide.db")
	d.path = path
	if err := private(path); err != nil {
		return nil, err
	}
	if d.write, err = sql.Open("sqlite", dsn(path, url.Values{
		"_txlock": {"immediate"},
		"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(" + synchronous + ")", "secure_delete(FAST)",
			"temp_store(MEMORY)", "cache_size(-16384)", fmt.Sprintf("wal_autocheckpoint(%d)", logLimit)},
	})); err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	// One connection for ever: prepared statements stay, and nobody waits for
	// SQLite's own lock.
	d.write.SetMaxOpenConns(1)
	d.write.SetMaxIdleConns(1)
	if err := d.migrate(ctx); err != nil {
		return nil, err
	}
	if d.read, err = sql.Open("sqlite", dsn(path, url.Values{
		"mode":    {"ro"},
		"_pragma": {"busy_timeout(10000)", "query_only(1)", "temp_store(MEMORY)", "cache_size(-4096)"},
	})); err != nil {
		return nil, fmt.Errorf("opening the database for reading: %w", err)
	}
	readers := max(4, 2*runtime.NumCPU())
	d.read.SetMaxOpenConns(readers)
	d.read.SetMaxIdleConns(readers)
	d.read.SetConnMaxIdleTime(time.Minute) // gives an idle process its memory back
	d.bell = newBell()
	if d.queue, err = job.New(d.river(), o.Log); err != nil {
		return nil, err
	}
	if err := d.takeUp(ctx, o.Clock); err != nil {
		return nil, err
	}
	if err := d.openCheckpoints(path, synchronous); err != nil {
		return nil, err
	}
	d.start()
	return d, nil
}

func dsn(path string, q url.Values) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

func (d *Driver) migrate(ctx context.Context) error {
	folder, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, d.write, folder)
	if err != nil {
		return fmt.Errorf("reading the migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("bringing the database up to date: %w", err)
	}
	if d.version, err = p.GetDBVersion(ctx); err != nil {
		return fmt.Errorf("reading the version of the schema: %w", err)
	}
	m, err := rivermigrate.New(riversqlite.New(d.write), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("reading the queue's migrations: %w", err)
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("bringing the queue up to date: %w", err)
	}
	return nil
}

// takeUp makes everything ours again: no other process can be working on it.
func (d *Driver) takeUp(ctx context.Context, c kyc.Clock) error {
	now := c.Now().UnixMicro()
	tx, err := d.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("taking up open work: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	for _, s := range []struct {
		text string
		args []any
	}{
		{`UPDATE run SET due_at = ?, lease_owner = '' WHERE due_at > 0 AND (status IN ('pending', 'running') OR lease_owner <> '')`, []any{now}},
		{`UPDATE delivery SET due_at = ?, lease_owner = '' WHERE due_at > 0 AND state = 'pending' AND lease_owner <> ''`, []any{now}},
		{`DELETE FROM idempotency WHERE done = 0`, nil},
		{`UPDATE river_job SET state = 'available' WHERE state = 'running'`, nil},
		{`DELETE FROM river_leader`, nil},
	} {
		if _, err := tx.ExecContext(ctx, s.text, s.args...); err != nil {
			return fmt.Errorf("taking up open work: %w", err)
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("taking up open work: %w", err)
	}
	return nil
}

// private makes the database readable by its owner alone, and with it the
// files SQLite puts beside it, which take over its mode. Personal data in it is
// encrypted; who was seen when is not.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("making the database: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("making the database: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return fmt.Errorf("closing the database to others: %w", err)
	}
	return nil
}
