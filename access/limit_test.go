package access

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bonafide/kyc"
)

func TestLimiter(t *testing.T) {
	t.Parallel()
	b := setup(t)
	l := NewLimiter(b, LimitOptions{})
	who := Principal{Actor: kyc.Actor{ID: "k"}}
	grant := func(a Allowance, err error) Allowance {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	run := func(n int, take func() Allowance) (granted int, last Allowance) {
		for range n {
			if last = take(); last.OK {
				granted++
			}
		}
		return granted, last
	}
	if n, last := run(200, func() Allowance { return grant(l.Key(t.Context(), who, kyc.SurfaceGraph)) }); n != 100 || last.Wait <= 0 || last.Wait > 20*time.Millisecond || last.Limit != 100 {
		t.Errorf("D: %d %+v", n, last)
	}
	if n, _ := run(200, func() Allowance { return grant(l.Key(t.Context(), who, kyc.SurfaceChecks)) }); n != 35 {
		t.Errorf("B: %d", n)
	}
	b.advance(time.Second)
	if n, _ := run(200, func() Allowance { return grant(l.Key(t.Context(), who, kyc.SurfaceEntities)) }); n != 50 {
		t.Errorf("C after a second: %d", n)
	}
	if n, _ := run(200, func() Allowance { return grant(l.Key(t.Context(), who, kyc.SurfaceChecks)) }); n != 25 {
		t.Errorf("B after a second: %d", n)
	}
	if n, last := run(1100, func() Allowance { return l.Address("192.0.2.1") }); n != 1000 || last.Limit != 1000 {
		t.Errorf("A: %d", n)
	}
	b.advance(5 * time.Minute)
	if n, _ := run(1100, func() Allowance { return l.Address("192.0.2.1") }); n != 1000 {
		t.Errorf("A after five minutes: %d", n)
	}
	slow := Principal{Actor: kyc.Actor{ID: "slow"}, Rate: 2}
	if n, last := run(20, func() Allowance { return grant(l.Key(t.Context(), slow, kyc.SurfaceGraph)) }); n != 4 || last.Wait > time.Second {
		t.Errorf("own rate: %d %+v", n, last)
	}
	// The day of surface B.
	day := Principal{Actor: kyc.Actor{ID: "day"}}
	granted := 0
	for range 500 {
		b.advance(2 * time.Second)
		n, _ := run(35, func() Allowance { return grant(l.Key(t.Context(), day, kyc.SurfaceChecks)) })
		granted += n
	}
	if granted != 10_000 {
		t.Errorf("B in a day: %d", granted)
	}
	if last := grant(l.Key(t.Context(), day, kyc.SurfaceChecks)); last.OK || last.Reset.Hour() != 0 || last.Limit != 10_000 {
		t.Errorf("%+v", last)
	}
	b.advance(24 * time.Hour)
	if last := grant(l.Key(t.Context(), day, kyc.SurfaceChecks)); !last.OK {
		t.Errorf("the next day: %+v", last)
	}
	b.advance(48 * time.Hour)
	l.Address("192.0.2.2")
	if n := len(l.buckets); n != 1 {
		t.Errorf("%d buckets are kept", n)
	}
	if a := NewLimiter(b, LimitOptions{NoAddressLimits: true}).Address("x"); !a.OK || !a.Off {
		t.Errorf("%+v", a)
	}
}

// ledger is a double of what keeps buckets and days outside of the process.
type ledger struct {
	mu    sync.Mutex
	fail  error
	asked []string
	token kyc.Token
	days  map[string]int
	notes int
}

func (d *ledger) TakeToken(ctx context.Context, name string, r Rate, at time.Time) (kyc.Token, error) {
	if _, ok := ctx.Deadline(); !ok || !at.IsZero() {
		return kyc.Token{}, errors.New("no end, or a node's own time")
	}
	d.asked = append(d.asked, fmt.Sprint(name, " ", r))
	return d.token, d.fail
}

func (d *ledger) RateDay(_ context.Context, name string, day int64) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.days[fmt.Sprint(name, day)], d.fail
}

func (d *ledger) SetRateDay(_ context.Context, name string, day int64, count int) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.notes++
	d.days[fmt.Sprint(name, day)] = max(count, d.days[fmt.Sprint(name, day)])
	return d.fail
}

func TestSharedBuckets(t *testing.T) {
	t.Parallel()
	b := setup(t)
	at := time.Date(2026, 3, 1, 23, 0, 0, 0, time.UTC)
	shared := &ledger{}
	l := NewLimiter(b, LimitOptions{Shared: shared})
	who := Principal{Actor: kyc.Actor{ID: "k"}}
	midnight := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		token kyc.Token
		want  Allowance
	}{
		"granted":       {kyc.Token{OK: true, Left: 10, Spent: 1, At: at}, Allowance{OK: true, Limit: 35, Left: 10, Reset: at.Add(time.Second)}},
		"end of day":    {kyc.Token{OK: true, Left: 10, Spent: 9_997, At: at}, Allowance{OK: true, Limit: 35, Left: 3, Reset: at.Add(time.Second)}},
		"half a token":  {kyc.Token{Left: 0.5, Spent: 7, At: at}, Allowance{Limit: 35, Reset: at.Add(20 * time.Millisecond), Wait: 20 * time.Millisecond}},
		"day is over":   {kyc.Token{Left: 20, Spent: 10_000, At: at}, Allowance{Limit: 10_000, Reset: midnight, Wait: time.Hour}},
		"day and empty": {kyc.Token{Left: 0, Spent: 10_000, At: at}, Allowance{Limit: 10_000, Reset: midnight, Wait: time.Hour}},
	} {
		shared.token = c.token
		got, err := l.Key(t.Context(), who, kyc.SurfaceChecks)
		if err != nil || got != c.want {
			t.Errorf("%s: %+v, want %+v (%v)", name, got, c.want, err)
		}
	}
	asked := len(shared.asked)
	if _, err := l.Key(t.Context(), who, kyc.SurfaceEntities); err != nil || len(shared.asked) != asked || l.Address("192.0.2.1").Left != 999 {
		t.Errorf("only surface B shares its buckets (%v)", err)
	}
	if _, err := l.Key(t.Context(), Principal{Actor: kyc.Actor{ID: "own"}, Rate: 2}, kyc.SurfaceChecks); err != nil || shared.asked[asked] != "keyB own {2 4 10000}" || shared.asked[0] != "keyB k {25 35 10000}" {
		t.Errorf("asked %q (%v)", shared.asked, err)
	}
	shared.fail = errors.New("no such host secret.example")
	a, err := l.Key(t.Context(), who, kyc.SurfaceChecks)
	if kyc.KindOf(err) != kyc.Unavailable || !kyc.IsCode(err, "rate_limit_unavailable") || a.OK {
		t.Errorf("%+v %v", a, err)
	}
	var e *kyc.Error
	if !errors.As(err, &e) || strings.Contains(e.Message, "secret") || !errors.Is(err, shared.fail) || e.RetryAfter != time.Second {
		t.Errorf("%#v", e)
	}
}

func TestDayOutlivesTheProcess(t *testing.T) {
	t.Parallel()
	b := setup(t)
	days := &ledger{days: map[string]int{}}
	who := Principal{Actor: kyc.Actor{ID: "k"}}
	one := func(l *Limiter) Allowance {
		t.Helper()
		a, err := l.Key(t.Context(), who, kyc.SurfaceChecks)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	rate := Rate{PerSecond: 1000, Burst: 1000, PerDay: 1000}
	open := func() *Limiter { return NewLimiter(b, LimitOptions{KeyB: rate, Days: days}) }
	l, granted := open(), 0
	for range 500 {
		if one(l).OK {
			granted++
		}
	}
	if days.notes > 500/5+1 {
		t.Errorf("%d notes for 500 requests", days.notes)
	}
	l = open() // and again, as after a crash
	for range 1000 {
		if one(l).OK {
			granted++
		}
	}
	if granted > 1000 || granted < 1000-1000/dayParts {
		t.Errorf("%d requests were granted in a day of 1000", granted)
	}
	if a := one(l); a.OK || a.Limit != 1000 || a.Wait <= 0 {
		t.Errorf("the day goes on: %+v", a)
	}
	if a := one(open()); a.OK {
		t.Errorf("a restart fills the day: %+v", a)
	}
	// Keys of other surfaces have no day to note.
	if _, err := l.Key(t.Context(), who, kyc.SurfaceGraph); err != nil || len(days.days) != 1 {
		t.Errorf("%v (%v)", days.days, err)
	}
	b.advance(24 * time.Hour)
	if a := one(l); !a.OK {
		t.Errorf("the next day: %+v", a)
	}
	days.fail = errors.New("gone")
	refused := 0
	for range 10 { // some of them have to note
		if _, err := l.Key(t.Context(), who, kyc.SurfaceChecks); kyc.IsCode(err, "rate_limit_unavailable") {
			refused++
		}
	}
	if _, err := open().Key(t.Context(), who, kyc.SurfaceChecks); refused == 0 || kyc.KindOf(err) != kyc.Unavailable {
		t.Errorf("%d refused; %v", refused, err)
	}
	days.fail = nil
	if a := one(l); !a.OK {
		t.Errorf("after the fault: %+v", a)
	}
}

func TestDayIsCountedOnceByMany(t *testing.T) {
	t.Parallel()
	b := setup(t)
	days := &ledger{days: map[string]int{}}
	l := NewLimiter(b, LimitOptions{KeyB: Rate{PerSecond: 1e6, Burst: 1e6, PerDay: 400}, Days: days})
	var granted atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				a, err := l.Key(t.Context(), Principal{Actor: kyc.Actor{ID: "k"}}, kyc.SurfaceChecks)
				if err != nil {
					t.Error(err)
				}
				if a.OK {
					granted.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if granted.Load() != 400 {
		t.Errorf("%d requests were granted", granted.Load())
	}
}

func TestParseRate(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Rate{
		"25/s,35,10000/day":        {PerSecond: 25, Burst: 35, PerDay: 10_000},
		" 0.5/s , 1 , 1/day ":      {PerSecond: 0.5, Burst: 1, PerDay: 1},
		"50/s,100":                 {PerSecond: 50, Burst: 100},
		"2.3/s":                    {PerSecond: 2.3, Burst: 5},
		"1000000/s,1000000000":     {PerSecond: 1e6, Burst: 1e9},
		"3.3333333333333335/s,288": {PerSecond: 1000.0 / 300, Burst: 288},
	} {
		if got, err := ParseRate(text); err != nil || got != want {
			t.Errorf("%q is %+v, want %+v (%v)", text, got, want, err)
		}
	}
	for text, words := range map[string][]string{
		"":                    {"requests per second"},
		"25":                  {"requests per second"},
		"0/s,5":               {"requests per second"},
		"-1/s,5":              {"requests per second"},
		"NaN/s,5":             {"requests per second"},
		"Inf/s":               {"requests per second"},
		"1e7/s,5":             {"requests per second"},
		"x/s,0,0/day":         {"requests per second", "burst", "requests per day"},
		"25/s,35,10000":       {"requests per day"},
		"25/s,-3":             {"burst"},
		"25/s,35,10000/day,5": {"three parts"},
		"0.001/s,1000":        {"longer than a day"},
	} {
		got, err := ParseRate(text)
		if !kyc.IsCode(err, "rate_invalid") || kyc.KindOf(err) != kyc.Invalid || got != (Rate{}) {
			t.Errorf("%q is %+v (%v)", text, got, err)
			continue
		}
		for _, w := range words {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%q: %v does not speak of %q", text, err, w)
			}
		}
	}
}
