package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"gocloud.dev/blob"

	"bonafide/job"
	"bonafide/kyc"
)

// Options of a store, whichever database it uses.
type Options struct {
	// Dir holds the key file and, unless BlobURL is set, the encrypted files.
	// Nodes that share a database share these keys.
	Dir string
	// BlobURL is a gocloud.dev/blob URL (s3://bucket?…); empty: DIR/blobs.
	BlobURL string
	// KeyURL is a gocloud.dev/secrets URL that wraps the master key; empty:
	// a plain key file of mode 0600.
	KeyURL string
	// Clock defaults to the machine's clock.
	Clock kyc.Clock
	// Log defaults to slog.Default().
	Log *slog.Logger
}

// DB is the store. It is safe for concurrent use.
type DB struct {
	driver Driver
	master *master
	keys   *keyring
	bucket *blob.Bucket
	clock  kyc.Clock
	log    *slog.Logger

	outbox outbox

	mu    sync.RWMutex
	hooks []func(*kyc.Change)

	closing  sync.Once
	closeErr error
}

var _ Store = (*DB)(nil)

// New puts a store on a migrated database. The rooms sqlite and postgres call
// it; everybody else calls their Open.
func New(ctx context.Context, d Driver, o Options) (*DB, error) {
	if o.Clock == nil {
		o.Clock = kyc.SystemClock()
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	m, err := openMaster(ctx, o.Dir, o.KeyURL)
	if err != nil {
		return nil, err
	}
	keys, err := newKeyring(m, d)
	if err != nil {
		return nil, err
	}
	db := &DB{driver: d, master: m, keys: keys, clock: o.Clock, log: o.Log}
	if err := db.proveMaster(ctx); err != nil {
		return nil, err
	}
	if db.bucket, err = openBucket(ctx, o.Dir, o.BlobURL); err != nil {
		return nil, err
	}
	return db, nil
}

var (
	sqlSettingGet = NewSQL(`SELECT value FROM setting WHERE name = ?`)
	sqlSettingPut = NewSQL(`INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING`)
)

// proveMaster refuses a database whose data another master key has sealed,
// before anything is written that nobody could read together.
func (db *DB) proveMaster(ctx context.Context) error {
	const name, proof = "master_key_proof", "bonafide"
	read := func() (value []byte, err error) {
		err = db.driver.Query(ctx, sqlSettingGet, []any{name}, func(row Row) error { return row.Scan(&value) })
		return value, err
	}
	value, err := read()
	if err != nil {
		return fmt.Errorf("reading the proof of the master key: %w", err)
	}
	if value == nil {
		sealed, err := db.master.wrap([]byte(proof), []byte(name))
		if err != nil {
			return fmt.Errorf("proving the master key: %w", err)
		}
		var b Batch
		b.add(sqlSettingPut, nil, nil, name, sealed)
		if err := db.driver.Apply(ctx, &b); err != nil {
			return fmt.Errorf("storing the proof of the master key: %w", err)
		}
		if value, err = read(); err != nil {
			return fmt.Errorf("reading the proof of the master key: %w", err)
		}
	}
	if plain, err := db.master.unwrap(value, []byte(name)); err != nil || string(plain) != proof {
		return fmt.Errorf("the master key %s does not fit this database; bring the key file of the data folder that the database was made with", db.master.path)
	}
	return nil
}

// OnCommit adds a hook that runs after each commit of this process, in the
// goroutine that committed; it must return quickly.
func (db *DB) OnCommit(hook func(*kyc.Change)) {
	db.mu.Lock()
	defer db.mu.Unlock()
	db.hooks = append(slices.Clone(db.hooks), hook)
}

func (db *DB) committed(c *kyc.Change) {
	db.mu.RLock()
	hooks := db.hooks
	db.mu.RUnlock()
	for _, hook := range hooks {
		hook(c)
	}
}

// Work runs the queue until the context ends.
func (db *DB) Work(ctx context.Context, handlers map[string]job.Handler, o job.Options) error {
	return db.driver.Work(ctx, handlers, o)
}

var sqlIdempotencySweep = NewSQL(`DELETE FROM idempotency WHERE expires_at <= ?`)

// Sweep deletes idempotency records whose time is over, and answers how many;
// it also forgets buckets of rates that are full again and the counts of rollouts
// of long ago. (Claims and leases need no sweep: they are judged by their time when
// somebody asks.)
func (db *DB) Sweep(ctx context.Context, now time.Time) (int, error) {
	n := 0
	q := NewSQL(sqlIdempotencySweep.Text + " RETURNING status")
	err := db.driver.Change(ctx, q, []any{micros(now)}, func(Row) error { n++; return nil })
	if err != nil {
		return 0, fmt.Errorf("sweeping idempotency records: %w", err)
	}
	if err := db.sweepConsole(ctx, now); err != nil {
		return n, err
	}
	if err := db.sweepTrials(ctx, now); err != nil {
		return n, err
	}
	return n, db.sweepRates(ctx, now)
}

// Ping asks the database for a sign of life.
func (db *DB) Ping(ctx context.Context) error { return db.driver.Ping(ctx) }

// SchemaVersion is the migration the database is at.
func (db *DB) SchemaVersion(ctx context.Context) (int64, error) { return db.driver.SchemaVersion(ctx) }

// Backup writes a consistent copy of the database to a new file.
func (db *DB) Backup(ctx context.Context, path string) error { return db.driver.Backup(ctx, path) }

// Close waits for running commits and closes everything.
func (db *DB) Close() error {
	db.closing.Do(func() {
		db.closeErr = errors.Join(db.driver.Close(), db.bucket.Close(), db.master.close())
	})
	return db.closeErr
}

func lower(s string) string { return strings.ToLower(s) }
