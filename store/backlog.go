package store

import (
	"context"
	"fmt"
	"time"
)

// Backlog is what is due and nobody has taken up yet, over all tenants.
type Backlog struct {
	// Runs and Deliveries that are overdue, counted up to backlogLimit.
	Runs, Deliveries int
	// OldestRun and OldestDelivery say since when; zero: none.
	OldestRun, OldestDelivery time.Time
}

// backlogLimit keeps the counting cheap however long the queue is.
const backlogLimit = "10000"

var sqlBacklog = NewSQL(`SELECT count(*), coalesce(min(due_at), 0) FROM (SELECT due_at FROM run WHERE due_at > 0 AND due_at <= ? ORDER BY due_at LIMIT ` + backlogLimit + `) r
	UNION ALL SELECT count(*), coalesce(min(due_at), 0) FROM (SELECT due_at FROM delivery WHERE due_at > 0 AND due_at <= ? ORDER BY due_at LIMIT ` + backlogLimit + `) d`)

// Backlog looks at the queues of runs and of webhook messages.
func (db *DB) Backlog(ctx context.Context, now time.Time) (Backlog, error) {
	var n, oldest [2]int64
	i := 0
	err := db.driver.Query(ctx, sqlBacklog, []any{micros(now), micros(now)}, func(row Row) error {
		if i == len(n) {
			return fmt.Errorf("the backlog has more than %d queues", len(n))
		}
		i++
		return row.Scan(&n[i-1], &oldest[i-1])
	})
	if err != nil {
		return Backlog{}, fmt.Errorf("reading the backlog: %w", err)
	}
	return Backlog{Runs: int(n[0]), OldestRun: moment(oldest[0]), Deliveries: int(n[1]), OldestDelivery: moment(oldest[1])}, nil
}
