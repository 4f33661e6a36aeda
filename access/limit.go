package access

import (
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"bonafide/kyc"
)

// Rate is a token bucket: it refills by PerSecond and holds Burst. PerDay, if
// set, also caps a UTC day.
type Rate struct {
	PerSecond float64
	Burst     int
	PerDay    int
}

// DefaultAddressRate is for surface A and for callers without a credential:
// 1,000 requests per 5 minutes (api.md section 1.9).
func DefaultAddressRate() Rate { return Rate{PerSecond: 1000.0 / 300, Burst: 1000} }

// DefaultKeyRate is for keys on surfaces C and D.
func DefaultKeyRate() Rate { return Rate{PerSecond: 50, Burst: 100} }

// DefaultChecksRate is for keys on surface B.
func DefaultChecksRate() Rate { return Rate{PerSecond: 25, Burst: 35, PerDay: 10_000} }

// LimitOptions changes the defaults.
type LimitOptions struct {
	// NoAddressLimits turns the limits per address off (serve --dev); those
	// per key stay.
	NoAddressLimits bool
	// Address, Key and KeyB replace the shipped rates when not zero.
	Address, Key, KeyB Rate
}

// Limiter counts requests per key and per address. Its buckets live in this
// process: several nodes each grant the whole rate.
type Limiter struct {
	clock     kyc.Clock
	addressOn bool
	address   Rate
	key, keyB Rate

	mu      sync.Mutex
	buckets map[string]*bucket
	swept   time.Time
}

type bucket struct {
	rate  *rate.Limiter
	limit Rate
	seen  time.Time
	day   int64 // UTC day number of count
	count int
}

// Allowance is the answer to one request.
type Allowance struct {
	OK    bool
	Limit int // size of the bucket
	Left  int // whole tokens that remain
	// Reset is when the bucket is full again (or, when refused, when the
	// next request will be granted).
	Reset time.Time
	Wait  time.Duration // when refused: how long to wait
	// Off is set where no limit applies, so that no headers are shown.
	Off bool
}

// NewLimiter makes a limiter.
func NewLimiter(clock kyc.Clock, o LimitOptions) *Limiter {
	pick := func(r, or Rate) Rate {
		if r == (Rate{}) {
			return or
		}
		return r
	}
	return &Limiter{
		clock: clock, addressOn: !o.NoAddressLimits,
		address: pick(o.Address, DefaultAddressRate()), key: pick(o.Key, DefaultKeyRate()), keyB: pick(o.KeyB, DefaultChecksRate()),
		buckets: map[string]*bucket{},
	}
}

// Key counts a request of a credential on a surface. A key with a rate of its
// own has that rate everywhere, with a burst of twice as much.
func (l *Limiter) Key(p Principal, s kyc.Surface) Allowance {
	limit := l.key
	if s == kyc.SurfaceChecks {
		limit = l.keyB
	}
	if p.Rate > 0 {
		limit = Rate{PerSecond: p.Rate, Burst: max(1, int(math.Ceil(2*p.Rate))), PerDay: limit.PerDay}
	}
	class := "key"
	if s == kyc.SurfaceChecks {
		class = "keyB"
	}
	return l.take(class+" "+p.Actor.ID, limit)
}

// Address counts a request of an address: one without a credential, or one to
// a surface that limits addresses.
func (l *Limiter) Address(address string) Allowance {
	if !l.addressOn {
		return Allowance{OK: true, Off: true}
	}
	return l.take("address "+address, l.address)
}

func (l *Limiter) take(name string, limit Rate) Allowance {
	now := l.clock.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweep(now)
	b := l.buckets[name]
	if b == nil || b.limit != limit {
		b = &bucket{rate: rate.NewLimiter(rate.Limit(limit.PerSecond), limit.Burst), limit: limit}
		l.buckets[name] = b
	}
	b.seen = now
	if day := now.Unix() / 86_400; b.day != day {
		b.day, b.count = day, 0
	}
	if limit.PerDay > 0 && b.count >= limit.PerDay {
		midnight := time.Unix((b.day+1)*86_400, 0).UTC()
		return Allowance{Limit: limit.PerDay, Reset: midnight, Wait: midnight.Sub(now)}
	}
	if b.rate.AllowN(now, 1) {
		b.count++
		tokens := max(0, b.rate.TokensAt(now))
		return Allowance{OK: true, Limit: limit.Burst, Left: int(tokens), Reset: now.Add(fill(float64(limit.Burst)-tokens, limit))}
	}
	wait := fill(1-b.rate.TokensAt(now), limit)
	return Allowance{Limit: limit.Burst, Reset: now.Add(wait), Wait: wait}
}

// sweep forgets buckets that are full again anyway, so that addresses seen
// once do not stay for ever.
func (l *Limiter) sweep(now time.Time) {
	if now.Sub(l.swept) < time.Minute {
		return
	}
	l.swept = now
	for name, b := range l.buckets {
		idle := now.Sub(b.seen)
		full := idle > fill(float64(b.limit.Burst), b.limit)
		if full && (b.limit.PerDay == 0 || idle > 24*time.Hour) {
			delete(l.buckets, name)
		}
	}
}

func fill(tokens float64, limit Rate) time.Duration {
	if limit.PerSecond <= 0 {
		return 24 * time.Hour
	}
	return time.Duration(tokens / limit.PerSecond * float64(time.Second))
}
