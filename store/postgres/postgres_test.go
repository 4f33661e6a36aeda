package postgres_test

import (
	"context"
	"log/slog"
	"testing"

	"github.com/jackc/pgx/v5"

	"bonafide/kyc"
	"bonafide/store"
	"bonafide/store/postgres"
	"bonafide/store/storetest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Postgres(t) // skips here, not in every promise
	storetest.Exercise(t, storetest.Harness{Chain: "audit_chain", EventID: "event_id", Open: func(t *testing.T, clock kyc.Clock) (*store.DB, func(string)) {
		url := storetest.Postgres(t)
		db := openAt(t, url, t.TempDir(), clock)
		return db, func(text string) {
			t.Helper()
			c, err := pgx.Connect(context.Background(), url)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = c.Close(context.Background()) }()
			if _, err := c.Exec(context.Background(), text); err != nil {
				t.Fatal(err)
			}
		}
	}})
}

func openAt(t testing.TB, url, dir string, clock kyc.Clock) *store.DB {
	t.Helper()
	db, err := postgres.Open(context.Background(), url, postgres.Options{Dir: dir, Clock: clock, MaxConns: 12, Log: slog.New(slog.DiscardHandler)})
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
