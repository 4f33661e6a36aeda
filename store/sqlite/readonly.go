package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"bonafide/job"
	"bonafide/store"
)

// errReadOnly is the answer to every write on a store opened for reading.
var errReadOnly = errors.New("the store is open for reading only")

// errWorkElsewhere is the answer to Work.
var errWorkElsewhere = errors.New("a store that is open for reading only works on nothing")

// readOnly is a Driver without its writing half: it takes no lock, so that
// commands can look at the data of a server that is running.
type readOnly struct{ *Driver }

var _ store.Driver = readOnly{}

// SoleOwner is false: the server writes meanwhile.
func (readOnly) SoleOwner() bool { return false }

// Apply refuses.
func (readOnly) Apply(context.Context, *store.Batch) error { return errReadOnly }

// Change refuses.
func (readOnly) Change(context.Context, *store.SQL, []any, func(store.Row) error) error {
	return errReadOnly
}

// Work refuses.
func (readOnly) Work(context.Context, map[string]job.Handler, job.Options) error {
	return errWorkElsewhere
}

// Ping reads nothing.
func (r readOnly) Ping(ctx context.Context) error {
	if err := r.read.PingContext(ctx); err != nil {
		return fmt.Errorf("the database does not answer: %w", err)
	}
	return nil
}

// openReadOnly opens the database of a data folder as it stands. It makes
// nothing and migrates nothing: a database of another version is refused.
func openReadOnly(ctx context.Context, o Options) (_ readOnly, err error) {
	d := readOnly{&Driver{log: o.Log, path: filepath.Join(o.Dir, "bonafide.db")}}
	if _, err := os.Stat(d.path); errors.Is(err, fs.ErrNotExist) {
		return d, fmt.Errorf("there is no database in %s; start the server once, or name another folder with --data", o.Dir)
	} else if err != nil {
		return d, fmt.Errorf("opening the database for reading: %w", err)
	}
	if d.read, err = sql.Open("sqlite", dsn(d.path, url.Values{
		"mode":    {"ro"},
		"_pragma": {"busy_timeout(10000)", "query_only(1)", "temp_store(MEMORY)", "cache_size(-4096)"},
	})); err != nil {
		return d, fmt.Errorf("opening the database for reading: %w", err)
	}
	want, err := newestMigration()
	if err == nil {
		err = d.read.QueryRowContext(ctx, `SELECT max(version_id) FROM goose_db_version WHERE is_applied = 1`).Scan(&d.version)
	}
	if err == nil && d.version != want {
		err = fmt.Errorf("its schema is version %d and this program knows version %d; start the server of this version once", d.version, want)
	}
	if err != nil {
		return d, errors.Join(fmt.Errorf("reading the database %s: %w", d.path, err), d.Close())
	}
	return d, nil
}

// newestMigration is the version that migrations lead to.
func newestMigration() (int64, error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil || len(names) == 0 {
		return 0, fmt.Errorf("reading the migrations: %w", err)
	}
	slices.Sort(names)
	number, _, _ := strings.Cut(filepath.Base(names[len(names)-1]), "_")
	return strconv.ParseInt(number, 10, 64)
}
