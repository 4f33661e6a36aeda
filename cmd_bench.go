package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"bonafide/engine"
	"bonafide/kyc"
	"bonafide/store"
	"bonafide/store/postgres"
	"bonafide/store/sqlite"
	"bonafide/upkeep"
)

type benchCmd struct {
	Engine benchEngineCmd `cmd:"" help:"Sessions a second, beside a raw loop of the same writes on the same store."`
}

type benchEngineCmd struct {
	JSON       bool          `help:"One JSON object a line."`
	Submitters []int         `help:"Closed loops to run." default:"1,8,64"`
	Rounds     int           `help:"Rounds of raw and engine in turn; the median counts." default:"3"`
	Round      time.Duration `help:"Length of a round." default:"2s"`
	Prefill    int           `help:"Finished sessions to store first."`
}

// Run measures SQLite in a folder of its own, and PostgreSQL when --database
// names one. It writes into that database: give it one of its own.
func (b benchEngineCmd) Run(ctx context.Context, c *console, g *Globals) (err error) {
	dir, err := os.MkdirTemp("", "bonafide-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if !b.JSON {
		c.printf("%-10s %-7s %10s %12s %12s %7s %9s %9s %10s\n", "store", "sync", "submitters", "raw/s", "engine/s", "ratio", "p50 ms", "p99 ms", "stored")
	}
	upkeep.TuneCollector() // as serve does
	quiet := slog.New(slog.DiscardHandler)
	db, err := sqlite.Open(ctx, sqlite.Options{Dir: dir + "/sqlite", Sync: g.Sync, Log: quiet})
	if err != nil {
		return err
	}
	if err := b.measure(ctx, c, "sqlite", g.Sync, db); err != nil {
		return err
	}
	if g.Database == "" {
		return nil
	}
	if db, err = postgres.Open(ctx, g.Database, postgres.Options{Dir: dir + "/postgres", Log: quiet}); err != nil {
		return err
	}
	return b.measure(ctx, c, "postgres", "on", db)
}

func (b benchEngineCmd) measure(ctx context.Context, c *console, name, sync string, db *store.DB) (err error) {
	defer func() { err = errors.Join(err, db.Close()) }()
	raw, err := db.Raw(ctx, kyc.Tenant{Org: kyc.NewID(time.Now()), Env: kyc.Live}, store.RawSizes{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(raw.Close(), err) }()
	var failed error
	err = engine.Bench(ctx, engine.BenchOptions{Name: name, Sync: sync, Store: db, Raw: raw, Submitters: b.Submitters, Rounds: b.Rounds, Round: b.Round, Prefill: b.Prefill},
		func(r engine.BenchResult) {
			if b.JSON {
				failed = errors.Join(failed, json.NewEncoder(c.out).Encode(r))
				return
			}
			c.printf("%-10s %-7s %10d %12.0f %12.0f %7.2f %9.2f %9.2f %10d\n", r.Store, r.Sync, r.Submitters, r.Raw, r.Engine, r.Ratio, r.P50, r.P99, r.Stored)
		})
	if err != nil {
		return fmt.Errorf("measuring %s: %w", name, err)
	}
	return failed
}
