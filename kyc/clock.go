package kyc

import "time"

// Clock is where time comes in. Everything that needs the time takes a Clock;
// only main and tests know which one it is.
type Clock interface {
	Now() time.Time
}

// ClockFunc lets a function be a Clock.
type ClockFunc func() time.Time

// Now calls the function.
func (f ClockFunc) Now() time.Time { return f() }

// SystemClock is the machine's clock in UTC, cut to microseconds, the
// precision that both databases keep.
func SystemClock() Clock {
	return ClockFunc(func() time.Time { return time.Now().UTC().Truncate(time.Microsecond) })
}
