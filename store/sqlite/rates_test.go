package sqlite_test

import (
	"testing"
	"time"

	"bonafide/access"
	"bonafide/kyc"
)

// TestRateDaysOutliveTheProcess says that a restart gives nobody their day back.
func TestRateDaysOutliveTheProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db := openIn(t, dir, nil)
	if db.RateDays() == nil || db.RateBuckets() != nil {
		t.Fatal("SQLite notes days and shares nothing")
	}
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	clock := kyc.ClockFunc(func() time.Time { return now })
	who := access.Principal{Actor: kyc.Actor{ID: "k"}}
	ask := func(l *access.Limiter, times int) (granted int) {
		t.Helper()
		for range times {
			a, err := l.Key(t.Context(), who, kyc.SurfaceChecks)
			if err != nil {
				t.Fatal(err)
			}
			if a.OK {
				granted++
			}
		}
		return granted
	}
	options := access.LimitOptions{KeyB: access.Rate{PerSecond: 1000, Burst: 1000, PerDay: 400}, Days: db.RateDays()}
	granted := ask(access.NewLimiter(clock, options), 250)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db = openIn(t, dir, nil)
	options.Days = db.RateDays()
	l := access.NewLimiter(clock, options)
	if granted += ask(l, 400); granted > 400 || granted < 395 {
		t.Errorf("%d were granted in a day of 400", granted)
	}
	// Neither a lower count nor an earlier day takes a note back.
	day := now.Unix() / 86_400
	for _, note := range []struct {
		day   int64
		count int
	}{{day, 3}, {day - 1, 900}} {
		if err := db.RateDays().SetRateDay(t.Context(), "keyB k", note.day, note.count); err != nil {
			t.Fatal(err)
		}
		if n, err := db.RateDays().RateDay(t.Context(), "keyB k", day); n != 400 || err != nil {
			t.Errorf("after %+v the note says %d (%v)", note, n, err)
		}
	}
	if _, err := db.Sweep(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	if n, err := db.RateDays().RateDay(t.Context(), "keyB k", day); n != 400 || err != nil {
		t.Errorf("today's note is swept: %d (%v)", n, err)
	}
	now = now.Add(24 * time.Hour)
	if n := ask(l, 500); n != 400 {
		t.Errorf("%d on the next day", n)
	}
	if _, err := db.Sweep(t.Context(), now.Add(24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if n, err := db.RateDays().RateDay(t.Context(), "keyB k", day+1); n != 0 || err != nil {
		t.Errorf("yesterday's note stays: %d (%v)", n, err)
	}
}
