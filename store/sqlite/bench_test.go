package sqlite_test

import (
	"context"
	"log/slog"
	"testing"

	"bonafide/store/sqlite"
	"bonafide/store/storetest"
)

// BenchmarkSession: go test ./store/sqlite -bench Session -benchtime 20000x
func BenchmarkSession(b *testing.B) {
	db, err := sqlite.Open(context.Background(), sqlite.Options{Dir: b.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	storetest.Benchmark(b, db)
}

// BenchmarkProcessResultsPage: go test ./store/sqlite -run - -bench ProcessResultsPage -benchtime 300x
func BenchmarkProcessResultsPage(b *testing.B) {
	db, err := sqlite.Open(context.Background(), sqlite.Options{Dir: b.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	storetest.BenchmarkProcessResults(b, db, func() {})
}

// BenchmarkMerged: go test ./store/sqlite -run - -bench Merged -benchtime 300x
func BenchmarkMerged(b *testing.B) {
	db, err := sqlite.Open(context.Background(), sqlite.Options{Dir: b.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	storetest.BenchmarkMerged(b, db, func() {})
}
