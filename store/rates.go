package store

import (
	"context"
	"time"

	"bonafide/kyc"
)

// RateBuckets are token buckets that all processes on a database take from.
// Only the PostgreSQL driver keeps them.
type RateBuckets interface {
	// TakeToken takes one token from the named bucket, atomically. A zero time
	// means the time of the database server. A bucket nobody asked is full; at
	// may stand still but a bucket's time never runs backwards.
	TakeToken(ctx context.Context, name string, r kyc.Rate, at time.Time) (kyc.Token, error)
	// SweepBuckets forgets buckets that were idle for two days before now, by
	// the server's clock and the caller's.
	SweepBuckets(ctx context.Context, now time.Time) error
}

// RateDays remember what a bucket granted in a UTC day (a number of days since
// 1970). Only the SQLite driver keeps them: its buckets live in the one process
// there is.
type RateDays interface {
	// RateDay is 0 for a day nobody noted.
	RateDay(ctx context.Context, name string, day int64) (int, error)
	// SetRateDay raises what is noted; a lower count or an earlier day changes
	// nothing.
	SetRateDay(ctx context.Context, name string, day int64, count int) error
	// SweepRateDays forgets the days before that of now.
	SweepRateDays(ctx context.Context, now time.Time) error
}

// RateBuckets gives the buckets that the processes on this database share; nil
// where there is only one process.
func (db *DB) RateBuckets() RateBuckets {
	b, _ := db.driver.(RateBuckets)
	return b
}

// RateDays gives the notes on days where there is only one process; nil where
// there are more.
func (db *DB) RateDays() RateDays {
	d, _ := db.driver.(RateDays)
	return d
}

// sweepRates forgets what no bucket needs any more.
func (db *DB) sweepRates(ctx context.Context, now time.Time) error {
	if b := db.RateBuckets(); b != nil {
		if err := b.SweepBuckets(ctx, now); err != nil {
			return err
		}
	}
	if d := db.RateDays(); d != nil {
		return d.SweepRateDays(ctx, now)
	}
	return nil
}
