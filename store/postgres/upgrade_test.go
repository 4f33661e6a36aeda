package postgres_test

import (
	"database/sql"
	"log/slog"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	"github.com/pressly/goose/v3"

	"bonafide/store"
	"bonafide/store/postgres"
	"bonafide/store/storetest"
)

func TestUpgrade(t *testing.T) {
	t.Parallel()
	url := storetest.Postgres(t)
	raw, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = raw.Close() }()
	storetest.Upgrade(t, goose.DialectPostgres, raw, func() *store.DB {
		db, err := postgres.Open(t.Context(), url, postgres.Options{Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		return db
	})
}
