package sqlite

import (
	"context"
	"fmt"
	"time"

	"bonafide/store"
)

var _ store.RateDays = (*Driver)(nil)

// rateStatements are made once per program; they hold nothing.
var (
	sqlRateDay    = store.NewSQL(`SELECT count FROM rate_day WHERE name = ? AND day = ?`)
	sqlRateDaySet = store.NewSQL(`INSERT INTO rate_day (name, day, count) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET day = excluded.day, count = excluded.count` +
		` WHERE (rate_day.day, rate_day.count) < (excluded.day, excluded.count)`)
	sqlRateDaySweep = store.NewSQL(`DELETE FROM rate_day WHERE day < ?`)
)

// RateDay is how much of a day a bucket spent, as far as it was noted.
func (d *Driver) RateDay(ctx context.Context, name string, day int64) (count int, err error) {
	err = d.Query(ctx, sqlRateDay, []any{name, day}, func(row store.Row) error { return row.Scan(&count) })
	if err != nil {
		return 0, fmt.Errorf("reading a rate's day: %w", err)
	}
	return count, nil
}

// SetRateDay notes how much of a day a bucket spent.
func (d *Driver) SetRateDay(ctx context.Context, name string, day int64, count int) error {
	b := store.Batch{Statements: []store.Statement{{SQL: sqlRateDaySet, Args: []any{name, day, int64(count)}}}}
	if err := d.Apply(ctx, &b); err != nil {
		return fmt.Errorf("noting a rate's day: %w", err)
	}
	return nil
}

// SweepRateDays forgets the days before that of now.
func (d *Driver) SweepRateDays(ctx context.Context, now time.Time) error {
	b := store.Batch{Statements: []store.Statement{{SQL: sqlRateDaySweep, Args: []any{now.Unix() / 86_400}}}}
	if err := d.Apply(ctx, &b); err != nil {
		return fmt.Errorf("sweeping the days of rates: %w", err)
	}
	return nil
}
