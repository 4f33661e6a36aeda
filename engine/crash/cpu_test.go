package crash

import (
	"context"
	"flag"
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

var cpuRound = flag.Duration("cpu.round", 0, "how long TestCPU measures; 0 leaves it out")

func spent() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// TestCPU prints the processor time of one session, which a busy machine
// disturbs less than its speed.
func TestCPU(t *testing.T) {
	if *cpuRound == 0 {
		t.Skip("a benchmark: give -cpu.round 1s")
	}
	quiet := slog.New(slog.DiscardHandler)
	for _, kind := range []string{"sqlite", "postgres"} {
		t.Run(kind, func(t *testing.T) {
			var db *store.DB
			var err error
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
			defer raw.Close()
			for _, n := range []int{8, 64} {
				for range 3 {
					at, begin, sessions := spent(), time.Now(), 0
					done := make(chan int, n)
					ctx, cancel := context.WithTimeout(t.Context(), *cpuRound)
					for range n {
						go func() {
							k := 0
							for ctx.Err() == nil {
								if raw.Execute(context.Background(), k) == nil {
									k++
								}
							}
							done <- k
						}()
					}
					for range n {
						sessions += <-done
					}
					cancel()
					t.Logf("raw %d: %.0f/s, %.0f us", n, float64(sessions)/time.Since(begin).Seconds(), float64((spent()-at).Microseconds())/float64(sessions))
					at = spent()
					_ = engine.Bench(t.Context(), engine.BenchOptions{Store: db, Submitters: []int{n}, Rounds: 1, Round: *cpuRound}, func(r engine.BenchResult) {
						all := r.Engine * cpuRound.Seconds() * 1.25
						t.Logf("engine %d: %.0f/s, %.0f us", n, r.Engine, float64((spent()-at).Microseconds())/all)
					})
				}
			}
		})
	}
}
