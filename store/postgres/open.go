package postgres

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"runtime"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"bonafide/job"
	"bonafide/kyc"
	"bonafide/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Options of Open.
type Options struct {
	// Dir holds the master key and, unless BlobURL is set, the encrypted
	// files. All nodes need the same key and see the same files.
	Dir string
	// MaxConns of this node (default 20, or 4 per processor if that is more;
	// a pool_max_conns in the URL wins).
	MaxConns int
	// BlobURL, KeyURL, Clock and Log are as in store.Options.
	BlobURL string
	KeyURL  string
	Clock   kyc.Clock
	Log     *slog.Logger
}

// Open connects to a database (postgres://…) and brings its schema up to
// date; nodes that start together wait for each other.
func Open(ctx context.Context, url string, o Options) (*store.DB, error) {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	d, err := open(ctx, url, o)
	if err != nil {
		return nil, err
	}
	db, err := store.New(ctx, d, store.Options{Dir: o.Dir, BlobURL: o.BlobURL, KeyURL: o.KeyURL, Clock: o.Clock, Log: o.Log})
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return db, nil
}

func open(ctx context.Context, url string, o Options) (*Driver, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		// The text of that error may hold the password.
		return nil, errors.New("the database URL is not one PostgreSQL understands (postgres://user:password@host:port/name)")
	}
	if config.MaxConns == max(4, int32(runtime.NumCPU())) { // pgx's own default
		config.MaxConns = int32(max(20, 4*runtime.NumCPU()))
		if o.MaxConns > 0 {
			config.MaxConns = int32(o.MaxConns)
		}
	}
	config.ConnConfig.RuntimeParams["application_name"] = "bonafide"
	config.ConnConfig.StatementCacheCapacity = 512
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connecting to PostgreSQL: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("PostgreSQL does not answer: %w", err)
	}
	d := &Driver{pool: pool, log: o.Log, kick: make(chan struct{}, 1), done: make(chan struct{})}
	d.groups.few = fewLanes()
	d.groups.most = max(d.groups.few, int(config.MaxConns)/2)
	if err := d.migrate(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	if d.queue, err = job.New(riverpgxv5.New(pool), o.Log); err != nil {
		pool.Close()
		return nil, err
	}
	d.life, d.stop = context.WithCancel(context.WithoutCancel(ctx))
	go d.sealer()
	return d, nil
}

// migrations of several nodes run under one advisory lock each.
func (d *Driver) migrate(ctx context.Context) (err error) {
	folder, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return fmt.Errorf("preparing the migration lock: %w", err)
	}
	db := stdlib.OpenDBFromPool(d.pool)
	defer func(db *sql.DB) { err = errors.Join(err, db.Close()) }(db)
	p, err := goose.NewProvider(goose.DialectPostgres, db, folder, goose.WithSessionLocker(locker))
	if err != nil {
		return fmt.Errorf("reading the migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("bringing the database up to date: %w", err)
	}
	if d.version, err = p.GetDBVersion(ctx); err != nil {
		return fmt.Errorf("reading the version of the schema: %w", err)
	}
	return d.migrateQueue(ctx)
}

// queueLock is the advisory lock of River's migrations ("bonafide" in ASCII).
const queueLock = 0x626f6e6166696465

func (d *Driver) migrateQueue(ctx context.Context) error {
	m, err := rivermigrate.New(riverpgxv5.New(d.pool), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("reading the queue's migrations: %w", err)
	}
	return pgx.BeginFunc(ctx, d.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(queueLock)); err != nil {
			return fmt.Errorf("waiting for the queue's migrations: %w", err)
		}
		if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
			return fmt.Errorf("bringing the queue up to date: %w", err)
		}
		return nil
	})
}
