package sqlite_test

import (
	"context"
	"database/sql"
	"log/slog"
	"path/filepath"
	"testing"

	"bonafide/kyc"
	"bonafide/store"
	"bonafide/store/sqlite"
	"bonafide/store/storetest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Exercise(t, storetest.Harness{Chain: "event", EventID: "id", Open: func(t *testing.T, clock kyc.Clock) (*store.DB, func(string)) {
		dir := t.TempDir()
		db := openIn(t, dir, clock)
		return db, func(text string) {
			t.Helper()
			raw, err := sql.Open("sqlite", filepath.Join(dir, "bonafide.db"))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = raw.Close() }()
			if _, err := raw.Exec(text); err != nil {
				t.Fatal(err)
			}
		}
	}})
}

func openIn(t *testing.T, dir string, clock kyc.Clock) *store.DB {
	t.Helper()
	db, err := sqlite.Open(context.Background(), sqlite.Options{Dir: dir, Clock: clock, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	return db
}
