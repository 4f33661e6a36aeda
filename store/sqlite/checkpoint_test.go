package sqlite

import (
	"database/sql"
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"bonafide/kyc"
	"bonafide/store"
)

// The log is moved beside the writer, never past what somebody still reads, and
// begins anew although commits go on.
func TestTheLogIsMovedAndBeginsAnew(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	d, err := open(ctx, Options{Dir: t.TempDir(), Clock: kyc.SystemClock(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	d.stopMoving() // the rounds are made here
	d.grew()
	<-d.moved
	conn, err := sql.Open("sqlite", dsn(d.path, url.Values{"_pragma": {"busy_timeout(10000)"}}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	put := store.NewSQL(`INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`)
	commit := func(bytes int) {
		t.Helper()
		b := &store.Batch{Statements: []store.Statement{{SQL: put, Args: []any{"a test", []byte(strings.Repeat("x", bytes))}}}}
		if err := d.Apply(ctx, b); err != nil {
			t.Fatal(err)
		}
	}
	log := func() (pages, moved int) {
		t.Helper()
		var busy int
		if err := conn.QueryRowContext(ctx, moveLog).Scan(&busy, &pages, &moved); err != nil {
			t.Fatal(err)
		}
		return pages, moved
	}
	round := func() {
		t.Helper()
		if err := d.checkpoint(ctx, conn); err != nil {
			t.Fatal(err)
		}
	}
	commit(100)
	round()
	if pages, moved := log(); pages == 0 || moved != pages {
		t.Fatalf("%d of %d pages were moved", moved, pages)
	}
	reading, err := d.read.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	var size int
	read := func() int {
		t.Helper()
		if err := reading.QueryRowContext(ctx, `SELECT length(value) FROM setting WHERE name = 'a test'`).Scan(&size); err != nil {
			t.Fatal(err)
		}
		return size
	}
	if n := read(); n != 100 {
		t.Fatal(n)
	}
	commit(4096 * (logPages + 100))
	round() // the writer is asked, too, and does not wait for the reader
	if pages, moved := log(); pages < logPages || moved == pages {
		t.Fatalf("%d of %d pages were moved under somebody who reads", moved, pages)
	}
	if n := read(); n != 100 {
		t.Errorf("the reader sees %d bytes", n)
	}
	if err := reading.Rollback(); err != nil {
		t.Fatal(err)
	}
	round()
	commit(200)
	if pages, _ := log(); pages > 100 {
		t.Errorf("the log did not begin anew: %d pages", pages)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := d.checkpoint(ctx, conn); err != nil {
		t.Errorf("after Close: %v", err)
	}
}
