package sqlite_test

import (
	"database/sql"
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/pressly/goose/v3"

	"bonafide/store"
	"bonafide/store/sqlite"
	"bonafide/store/storetest"
)

func TestUpgrade(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	raw, err := sql.Open("sqlite", filepath.Join(dir, "bonafide.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = raw.Close() }()
	storetest.Upgrade(t, goose.DialectSQLite3, raw, func() *store.DB {
		db, err := sqlite.Open(t.Context(), sqlite.Options{Dir: dir, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		return db
	})
}
