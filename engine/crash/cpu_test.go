package crash

import (
	"log/slog"
	"syscall"
	"testing"
	"time"

	"bonafide/engine"
	"bonafide/kyc"
	"bonafide/store"
	"bonafide/store/postgres"
	"bonafide/store/sqlite"
	"bonafide/store/storetest"
)

func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func TestCPU(t *testing.T) {
	for _, kind := range []string{"sqlite"} {
		var db *store.DB
		var err error
		quiet := slog.New(slog.DiscardHandler)
		if kind == "sqlite" {
			db, err = sqlite.Open(t.Context(), sqlite.Options{Dir: t.TempDir(), Log: quiet})
		} else {
			db, err = postgres.Open(t.Context(), storetest.Postgres(t), postgres.Options{Dir: t.TempDir(), Log: quiet})
		}
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		raw, err := db.Raw(t.Context(), kyc.Tenant{Org: kyc.NewID(time.Now()), Env: kyc.Live}, store.RawSizes{})
		if err != nil {
			t.Fatal(err)
		}
		engine.CPUProbe(t.Context(), db, raw, func(name string, f func() (float64, float64)) {
			at := cpu()
			n, rate := f()
			t.Logf("%s %s: %.0f/s, %.1f us CPU a session", kind, name, rate, float64((cpu()-at).Microseconds())/n)
		})
	}
}
