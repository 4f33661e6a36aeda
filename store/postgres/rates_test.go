package postgres_test

import (
	"context"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"bonafide/access"
	"bonafide/kyc"
	"bonafide/store"
	"bonafide/store/storetest"
)

// told is a database whose buckets go by a clock that the test moves.
type told struct {
	store.RateBuckets
	clock kyc.Clock
}

func (s told) TakeToken(ctx context.Context, name string, r kyc.Rate, _ time.Time) (kyc.Token, error) {
	return s.RateBuckets.TakeToken(ctx, name, r, s.clock.Now())
}

// TestNodesShareRates lets two nodes serve one key, each with all its might:
// together they grant what one would.
func TestNodesShareRates(t *testing.T) {
	t.Parallel()
	url, dir := storetest.Postgres(t), t.TempDir()
	day := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	// The nodes' own clocks are years apart, and nobody looks at them.
	nodes := []*store.DB{openAt(t, url, dir, storetest.NewClock(day)), openAt(t, url, dir, storetest.NewClock(day.AddDate(-5, 0, 0)))}
	clock := storetest.NewClock(day)
	rate := kyc.Rate{PerSecond: 25, Burst: 35, PerDay: 120}
	who := access.Principal{Actor: kyc.Actor{ID: "k"}}
	var limiters []*access.Limiter
	for i, db := range nodes {
		if db.RateBuckets() == nil || db.RateDays() != nil {
			t.Fatal("PostgreSQL shares the buckets and notes no days")
		}
		limiters = append(limiters, access.NewLimiter(storetest.NewClock(day.AddDate(i, 0, 0)), access.LimitOptions{KeyB: rate, Shared: told{db.RateBuckets(), clock}}))
	}
	// burst asks so often on both nodes at once that the bucket is empty after it.
	burst := func(who access.Principal) (granted int64, refused access.Allowance) {
		t.Helper()
		var n atomic.Int64
		var mu sync.Mutex
		var wg sync.WaitGroup
		for _, l := range limiters {
			for range 4 {
				wg.Go(func() {
					for range 10 {
						a, err := l.Key(t.Context(), who, kyc.SurfaceChecks)
						if err != nil {
							t.Error(err)
							return
						}
						if a.OK {
							n.Add(1)
							continue
						}
						mu.Lock()
						refused = a
						mu.Unlock()
					}
				})
			}
		}
		wg.Wait()
		return n.Load(), refused
	}
	if n, a := burst(who); n != 35 || a.Limit != 35 || a.Left != 0 || a.Wait != 40*time.Millisecond || !a.Reset.Equal(day.Add(a.Wait)) {
		t.Errorf("both nodes granted %d of a burst of 35: %+v", n, a)
	}
	clock.Advance(time.Second)
	if n, _ := burst(who); n != 25 {
		t.Errorf("both nodes granted %d in a second of 25", n)
	}
	clock.Advance(100 * time.Millisecond) // 2.5 tokens
	if n, a := burst(who); n != 2 || a.Wait != 20*time.Millisecond {
		t.Errorf("%d in a tenth of a second: %+v", n, a)
	}
	clock.Advance(-time.Minute) // a question that comes late fills nothing
	if n, _ := burst(who); n != 0 {
		t.Errorf("%d were granted in the past", n)
	}
	clock.Advance(time.Hour)
	if n, _ := burst(who); n != 35 {
		t.Errorf("%d after an hour, want a full bucket", n)
	}
	clock.Advance(time.Hour)
	midnight := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	if n, a := burst(who); n != 120-35-25-2-35 || a.Limit != 120 || !a.Reset.Equal(midnight) || a.Wait != midnight.Sub(clock.Now()) {
		t.Errorf("%d up to the end of the day's 120: %+v", n, a)
	}
	if n, _ := burst(access.Principal{Actor: kyc.Actor{ID: "other"}, Rate: 3}); n != 6 {
		t.Errorf("another key with a rate of its own was granted %d", n)
	}
	clock.Advance(12 * time.Hour)
	if n, _ := burst(who); n != 35 {
		t.Errorf("%d on the next day", n)
	}
}

// TestRatesByTheServersTime asks two nodes as fast as they can for a while, by
// the server's own clock.
func TestRatesByTheServersTime(t *testing.T) {
	t.Parallel()
	url, dir := storetest.Postgres(t), t.TempDir()
	nodes := []*store.DB{openAt(t, url, dir, nil), openAt(t, url, dir, nil)}
	rate := kyc.Rate{PerSecond: 200, Burst: 5}
	var granted atomic.Int64
	var mu sync.Mutex
	var first, last time.Time
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 100 {
				token, err := nodes[i%2].RateBuckets().TakeToken(t.Context(), "k", rate, time.Time{})
				if err != nil {
					t.Error(err)
					return
				}
				if token.OK {
					granted.Add(1)
				}
				mu.Lock()
				if first.IsZero() || token.At.Before(first) {
					first = token.At
				}
				if token.At.After(last) {
					last = token.At
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	most := float64(rate.Burst) + math.Ceil(rate.PerSecond*last.Sub(first).Seconds())
	if n := granted.Load(); float64(n) > most || n < int64(rate.Burst) {
		t.Errorf("%d were granted in %v, at most %.0f may be", n, last.Sub(first), most)
	}
	if skew := time.Since(last).Abs(); skew > time.Hour {
		t.Errorf("the server's time is %v away", skew)
	}
}

func TestRatesAreSwept(t *testing.T) {
	t.Parallel()
	url := storetest.Postgres(t)
	db := openAt(t, url, t.TempDir(), nil)
	now, rate := time.Now(), kyc.Rate{PerSecond: 1, Burst: 1}
	for name, at := range map[string]time.Time{"old": now.Add(-49 * time.Hour), "idle": now.Add(-47 * time.Hour), "ahead": now.Add(time.Hour)} {
		if token, err := db.RateBuckets().TakeToken(t.Context(), name, rate, at); err != nil || !token.OK {
			t.Fatalf("%+v (%v)", token, err)
		}
	}
	count := func() (n int) {
		t.Helper()
		c, err := pgx.Connect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close(context.Background()) }()
		if err := c.QueryRow(t.Context(), "SELECT count(*) FROM rate_bucket").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for _, c := range []struct {
		now  time.Time
		want int
	}{{now.Add(-3 * time.Hour), 3}, {now, 2}, {now.AddDate(1, 0, 0), 2}} { // a clock that runs ahead sweeps nothing more
		if _, err := db.Sweep(t.Context(), c.now); err != nil {
			t.Fatal(err)
		}
		if n := count(); n != c.want {
			t.Errorf("%d buckets after a sweep at %v, want %d", n, c.now.Sub(now), c.want)
		}
	}
}

// TestRatesFailClosed says that without the database nothing is granted.
func TestRatesFailClosed(t *testing.T) {
	t.Parallel()
	db := openAt(t, storetest.Postgres(t), t.TempDir(), nil)
	l := access.NewLimiter(kyc.SystemClock(), access.LimitOptions{Shared: db.RateBuckets()})
	who := access.Principal{Actor: kyc.Actor{ID: "k"}}
	if a, err := l.Key(t.Context(), who, kyc.SurfaceChecks); err != nil || !a.OK || a.Left != 34 {
		t.Fatalf("%+v (%v)", a, err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if a, err := l.Key(t.Context(), who, kyc.SurfaceChecks); a.OK || !kyc.IsCode(err, "rate_limit_unavailable") {
		t.Errorf("%+v (%v)", a, err)
	}
}
