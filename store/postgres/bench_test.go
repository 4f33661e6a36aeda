package postgres_test

import (
	"context"
	"log/slog"
	"testing"

	"github.com/jackc/pgx/v5"

	"bonafide/store/postgres"
	"bonafide/store/storetest"
)

// BenchmarkSession: go test ./store/postgres -bench Session -benchtime 10000x
func BenchmarkSession(b *testing.B) {
	db, err := postgres.Open(context.Background(), storetest.Postgres(b), postgres.Options{Dir: b.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	storetest.Benchmark(b, db)
}

// BenchmarkProcessResultsPage: go test ./store/postgres -run - -bench ProcessResultsPage -benchtime 300x
func BenchmarkProcessResultsPage(b *testing.B) {
	url := storetest.Postgres(b)
	db, err := postgres.Open(context.Background(), url, postgres.Options{Dir: b.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	storetest.BenchmarkProcessResults(b, db, func() { vacuum(b, url, "process_result") })
}

// BenchmarkMerged: go test ./store/postgres -run - -bench Merged -benchtime 300x
func BenchmarkMerged(b *testing.B) {
	url := storetest.Postgres(b)
	db, err := postgres.Open(context.Background(), url, postgres.Options{Dir: b.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	storetest.BenchmarkMerged(b, db, func() { vacuum(b, url, "subject") })
}

// vacuum does what the database does by itself a minute later.
func vacuum(b *testing.B, url, table string) {
	c, err := pgx.Connect(context.Background(), url)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = c.Close(context.Background()) }()
	if _, err := c.Exec(context.Background(), "VACUUM (ANALYZE) "+table); err != nil {
		b.Fatal(err)
	}
}
