package postgres_test

import (
	"context"
	"log/slog"
	"testing"

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
