package crash

import (
	"encoding/json"
	"flag"
	"log/slog"
	"testing"
	"time"

	"bonafide/engine"
	"bonafide/kyc"
	"bonafide/store"
	"bonafide/store/postgres"
	"bonafide/store/sqlite"
	"bonafide/store/storetest"
)

var (
	benchRound   = flag.Duration("bench.round", 0, "how long a round of TestBench lasts; 0 leaves it out")
	benchOnly    = flag.Int("bench.only", 0, "measure with that many submitters only")
	benchRaw     = flag.Bool("bench.raw", true, "measure the raw loop too")
	benchPrefill = flag.Int("bench.prefill", 0, "sessions stored before TestBench measures")
)

// TestBench prints what `bonafide bench engine` prints:
// go test ./engine/crash -run TestBench -bench.round 2s -v
func TestBench(t *testing.T) {
	if *benchRound == 0 {
		t.Skip("a benchmark: give -bench.round 2s")
	}
	quiet := slog.New(slog.DiscardHandler)
	measure := func(t *testing.T, name, sync string, db *store.DB, err error) {
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		raw, err := db.Raw(t.Context(), kyc.Tenant{Org: kyc.NewID(time.Now()), Env: kyc.Live}, store.RawSizes{})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = raw.Close() }()
		o := engine.BenchOptions{Name: name, Sync: sync, Store: db, Raw: raw, Round: *benchRound, Prefill: *benchPrefill}
		if *benchOnly > 0 {
			o.Submitters = []int{*benchOnly}
		}
		if !*benchRaw {
			o.Raw = nil
		}
		if err := engine.Bench(t.Context(), o, func(r engine.BenchResult) {
			b, _ := json.Marshal(r)
			t.Logf("%s", b)
		}); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("sqlite", func(t *testing.T) {
		db, err := sqlite.Open(t.Context(), sqlite.Options{Dir: t.TempDir(), Log: quiet})
		measure(t, "sqlite", "full", db, err)
	})
	t.Run("postgres", func(t *testing.T) {
		db, err := postgres.Open(t.Context(), storetest.Postgres(t), postgres.Options{Dir: t.TempDir(), Log: quiet})
		measure(t, "postgres", "on", db, err)
	})
}
