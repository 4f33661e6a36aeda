package postgres

import (
	"context"
	"fmt"
	"time"

	"bonafide/kyc"
	"bonafide/store"
)

var _ store.RateBuckets = (*Driver)(nil)

// takeToken fills the bucket up to now, takes a token if there is a whole one
// and the day has room, and says what it did, in one statement: the row's lock
// puts those who ask at once in a row. b is the bucket as it stands, new the
// time of the question (excluded.at, excluded.day); a question that waited for
// the lock may be older than the bucket, which then keeps its own time. A
// bucket of an earlier day has spent nothing.
//
// $1 name, $2 tokens per second, $3 size, $4 per day (0: no cap), $5 time in
// microseconds (0: the server's).
const takeToken = `
WITH asked AS (
  SELECT $1::text AS name, $2::double precision AS per_second, $3::double precision AS size, $4::bigint AS per_day,
         CASE WHEN $5::bigint > 0 THEN $5::bigint ELSE (extract(epoch FROM clock_timestamp()) * 1000000)::bigint END AS at
)
INSERT INTO rate_bucket AS b (name, tokens, at, day, count, granted)
SELECT name, size - 1, at, at / 86400000000, 1, TRUE FROM asked
ON CONFLICT (name) DO UPDATE SET (tokens, at, day, count, granted) = (
  SELECT CASE WHEN ok THEN had - 1 ELSE had END, now, now / 86400000000, CASE WHEN ok THEN spent + 1 ELSE spent END, ok
  FROM (
    SELECT had, spent, now, had >= 1 AND (per_day = 0 OR spent < per_day) AS ok
    FROM (
      SELECT least(size, b.tokens + greatest(0, asked.at - b.at) / 1e6 * per_second) AS had,
             CASE WHEN b.day >= asked.at / 86400000000 THEN b.count ELSE 0 END AS spent,
             greatest(b.at, asked.at) AS now, per_day
      FROM asked
    ) filled
  ) judged
)
RETURNING granted, tokens, count, at`

// TakeToken takes one token from a bucket that all nodes share.
func (d *Driver) TakeToken(ctx context.Context, name string, r kyc.Rate, at time.Time) (kyc.Token, error) {
	var micros int64
	if !at.IsZero() {
		micros = at.UnixMicro()
	}
	var t kyc.Token
	var spent, now int64
	err := d.pool.QueryRow(ctx, takeToken, name, r.PerSecond, float64(r.Burst), int64(r.PerDay), micros).Scan(&t.OK, &t.Left, &spent, &now)
	if err != nil {
		return kyc.Token{}, fmt.Errorf("taking a token: %w", err)
	}
	t.Spent, t.At = int(spent), time.UnixMicro(now).UTC()
	return t, nil
}

// sweepBuckets looks at the server's clock as well as at the caller's, so that
// a node whose clock runs ahead fills nobody's bucket.
const sweepBuckets = `DELETE FROM rate_bucket WHERE at < least($1::bigint, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint) - 172800000000`

// SweepBuckets forgets buckets that were idle for two days: they are full, and
// their day is over.
func (d *Driver) SweepBuckets(ctx context.Context, now time.Time) error {
	if _, err := d.pool.Exec(ctx, sweepBuckets, now.UnixMicro()); err != nil {
		return fmt.Errorf("sweeping the buckets of rates: %w", err)
	}
	return nil
}
