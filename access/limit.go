package access

import (
	"context"
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"bonafide/kyc"
)

// Rate is a token bucket: it refills by PerSecond and holds Burst. PerDay, if
// set, also caps a UTC day.
type Rate = kyc.Rate

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
	// Shared keeps the buckets of surface B where several nodes serve; nil
	// keeps them here. One that fails refuses the request: a node that went on
	// alone would grant the whole rate once more, and it could serve nothing
	// without the database anyway.
	Shared SharedBuckets
	// Days remembers over a restart what a key spent of its day, where this
	// process is the only one; nil forgets it.
	Days DayCounts
}

// SharedBuckets are token buckets that all nodes take from.
type SharedBuckets interface {
	// TakeToken takes one token from the named bucket, in one atomic step. A
	// zero time means the time of whoever keeps the buckets, so that it does
	// not matter how well the nodes' clocks agree.
	TakeToken(ctx context.Context, name string, r Rate, at time.Time) (kyc.Token, error)
}

// DayCounts remember how often a bucket granted in a UTC day, a number of days
// since 1970.
type DayCounts interface {
	// RateDay is 0 for a day nobody noted.
	RateDay(ctx context.Context, name string, day int64) (int, error)
	// SetRateDay raises what is noted; a lower count changes nothing.
	SetRateDay(ctx context.Context, name string, day int64, count int) error
}

// Limiter counts requests per key and per address. The buckets of surface B
// are shared by the nodes where LimitOptions.Shared says how; all others live
// in this process, so that several nodes each grant the whole rate.
type Limiter struct {
	clock     kyc.Clock
	addressOn bool
	address   Rate
	key, keyB Rate
	shared    SharedBuckets
	days      DayCounts

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
	// known is set when what was noted of the day is part of count; noted is
	// how far the notes go.
	known bool
	noted int
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
		shared: o.Shared, days: o.Days, buckets: map[string]*bucket{},
	}
}

// sharedWait is how long a request waits for a shared bucket.
const sharedWait = 2 * time.Second

// Key counts a request of a credential on a surface. A key with a rate of its
// own has that rate everywhere, with a burst of twice as much. The error is
// Unavailable `rate_limit_unavailable` when nobody can say how much of the
// rate is left.
func (l *Limiter) Key(ctx context.Context, p Principal, s kyc.Surface) (Allowance, error) {
	limit, class := l.key, "key "
	if s == kyc.SurfaceChecks {
		limit, class = l.keyB, "keyB "
	}
	if p.Rate > 0 {
		limit = Rate{PerSecond: p.Rate, Burst: max(1, int(math.Ceil(2*p.Rate))), PerDay: limit.PerDay}
	}
	name := class + p.Actor.ID
	switch {
	case s == kyc.SurfaceChecks && l.shared != nil:
		return l.takeShared(ctx, name, limit)
	case limit.PerDay > 0 && l.days != nil:
		return l.takeNoted(ctx, name, limit)
	}
	return l.take(name, limit), nil
}

// takeShared asks the bucket that all nodes share.
func (l *Limiter) takeShared(ctx context.Context, name string, limit Rate) (Allowance, error) {
	ctx, cancel := context.WithTimeout(ctx, sharedWait)
	defer cancel()
	t, err := l.shared.TakeToken(ctx, name, limit, time.Time{})
	if err != nil {
		return Allowance{}, unavailable(err)
	}
	return allowance(t, limit), nil
}

func unavailable(err error) error {
	e := kyc.Errorf(kyc.Unavailable, "rate_limit_unavailable", "how much of the rate is left cannot be said now: %w", err)
	e.Message = "how much of the rate is left cannot be said now; try again" // the cause is for the log
	e.RetryAfter = time.Second
	return e
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
	_, a := l.takeAt(name, limit, now)
	return a
}

// takeAt takes a token; the lock is held.
func (l *Limiter) takeAt(name string, limit Rate, now time.Time) (*bucket, Allowance) {
	l.sweep(now)
	b := l.bucket(name, limit, now)
	t := kyc.Token{At: now}
	if limit.PerDay == 0 || b.count < limit.PerDay {
		if t.OK = b.rate.AllowN(now, 1); t.OK {
			b.count++
		}
	}
	t.Spent, t.Left = b.count, b.rate.TokensAt(now)
	return b, allowance(t, limit)
}

// bucket finds or makes a bucket, on the day of now; the lock is held.
func (l *Limiter) bucket(name string, limit Rate, now time.Time) *bucket {
	b := l.buckets[name]
	if b == nil || b.limit != limit {
		old := b
		b = &bucket{rate: rate.NewLimiter(rate.Limit(limit.PerSecond), limit.Burst), limit: limit}
		if old != nil { // another rate is no other day
			b.day, b.count, b.known, b.noted = old.day, old.count, old.known, old.noted
		}
		l.buckets[name] = b
	}
	b.seen = now
	if day := dayOf(now); b.day != day {
		b.day, b.count, b.known, b.noted = day, 0, false, 0
	}
	return b
}

// takeNoted takes a token from a bucket whose day outlives the process. The
// notes run ahead of the count by a part of the day, so that a restart costs a
// key that part at most, and gives it back no more than what was granted while
// a note was being written.
func (l *Limiter) takeNoted(ctx context.Context, name string, limit Rate) (Allowance, error) {
	now := l.clock.Now()
	day := dayOf(now)
	l.mu.Lock()
	known := l.bucket(name, limit, now).known
	l.mu.Unlock()
	if !known {
		noted, err := l.days.RateDay(ctx, name, day)
		if err != nil {
			return Allowance{}, unavailable(err)
		}
		l.mu.Lock()
		if b := l.bucket(name, limit, now); !b.known {
			b.known, b.count, b.noted = true, b.count+noted, noted
		}
		l.mu.Unlock()
	}
	l.mu.Lock()
	b, a := l.takeAt(name, limit, now)
	note := 0
	if a.OK && b.count > b.noted {
		note = min(b.count+limit.PerDay/dayParts, limit.PerDay)
		b.noted = note
	}
	l.mu.Unlock()
	if note == 0 {
		return a, nil
	}
	if err := l.days.SetRateDay(ctx, name, day, note); err != nil {
		l.mu.Lock()
		if b.day == day && b.noted == note {
			b.noted = b.count - 1 // the next request tries again
		}
		l.mu.Unlock()
		return Allowance{}, unavailable(err)
	}
	return a, nil
}

// dayParts is how many notes a whole day takes.
const dayParts = 200

func dayOf(t time.Time) int64 { return t.Unix() / 86_400 }

// allowance says in numbers for the caller what a bucket answered.
func allowance(t kyc.Token, limit Rate) Allowance {
	tokens := max(0, t.Left)
	switch {
	case t.OK:
		left := int(tokens)
		if limit.PerDay > 0 {
			left = min(left, max(0, limit.PerDay-t.Spent))
		}
		return Allowance{OK: true, Limit: limit.Burst, Left: left, Reset: t.At.Add(fill(float64(limit.Burst)-tokens, limit))}
	case limit.PerDay > 0 && t.Spent >= limit.PerDay:
		midnight := time.Unix((dayOf(t.At)+1)*86_400, 0).UTC()
		return Allowance{Limit: limit.PerDay, Reset: midnight, Wait: midnight.Sub(t.At)}
	}
	wait := fill(1-t.Left, limit)
	return Allowance{Limit: limit.Burst, Reset: t.At.Add(wait), Wait: wait}
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
