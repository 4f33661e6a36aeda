package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"time"
)

const (
	// checkpointPause lets commits gather before they are moved.
	checkpointPause = 2 * time.Second
	// logPages is how many pages the log may have before commits wait for its
	// end; 4 KiB each.
	logPages = 8000
	// logLimit is where SQLite moves them in a commit itself, should nobody else.
	logLimit = 4 * logPages
)

// moveLog moves what no reader still needs and waits for nobody.
const moveLog = "PRAGMA wal_checkpoint(PASSIVE)"

// checkpointer moves commits from the write-ahead log into the database file, on
// a connection of its own. SQLite alone does this within the commit that makes the
// log long, and whoever asked for that commit waits for some thousand pages: it was
// the slowest hundredth of the console's pages, which write down who looked.
//
// A log begins anew with a commit that finds all of it moved
// (https://sqlite.org/wal.html#avoiding_excessively_large_wal_files), and where
// somebody always adds to it none does. Once it has logPages, the writer moves the
// rest between two of its transactions: what was written during this goroutine's work.
func (d *Driver) checkpointer(ctx context.Context, conn *sql.DB) {
	defer close(d.moved)
	defer func() { _ = conn.Close() }()
	for range d.wrote {
		select {
		case <-ctx.Done():
			return
		case <-time.After(checkpointPause):
		}
		if err := d.checkpoint(ctx, conn); err != nil && ctx.Err() == nil {
			d.log.Error("moving the write-ahead log into the database failed; the next round tries again", "error", err)
		}
	}
}

// checkpoint makes one round.
func (d *Driver) checkpoint(ctx context.Context, conn *sql.DB) error {
	var busy, pages, moved int64 // what came in meanwhile is in neither count
	if err := conn.QueryRowContext(ctx, moveLog).Scan(&busy, &pages, &moved); err != nil {
		return fmt.Errorf("moving the log: %w", err)
	}
	if pages < logPages {
		return nil
	}
	return d.submit(ctx, &request{checkpoint: true, answer: make(chan error, 1)})
}

// openCheckpoints opens the connection of the checkpointer and starts it.
func (d *Driver) openCheckpoints(path, synchronous string) error {
	conn, err := sql.Open("sqlite", dsn(path, url.Values{"_pragma": {"busy_timeout(10000)", "synchronous(" + synchronous + ")"}}))
	if err != nil {
		return fmt.Errorf("opening the database to move its log: %w", err)
	}
	conn.SetMaxOpenConns(1)
	ctx, stop := context.WithCancel(context.Background())
	d.wrote, d.moved, d.stopMoving = make(chan struct{}, 1), make(chan struct{}), stop
	go d.checkpointer(ctx, conn)
	return nil
}

// closeCheckpoints ends the checkpointer, once nobody writes any more.
func (d *Driver) closeCheckpoints() {
	if d.stopMoving == nil {
		return
	}
	d.stopMoving()
	close(d.wrote)
	<-d.moved
}

// grew tells the checkpointer that there is something to move.
func (d *Driver) grew() {
	select {
	case d.wrote <- struct{}{}:
	default: // it knows
	}
}
