package kyc

import "time"

// Rate is a token bucket: it refills by PerSecond and holds Burst. PerDay, if
// set, also caps a UTC day.
type Rate struct {
	PerSecond float64
	Burst     int
	PerDay    int
}

// Token is the answer of a bucket to one request.
type Token struct {
	OK bool
	// Left is how many tokens remain, with their fraction: below 1 when the
	// request was refused for want of one.
	Left float64
	// Spent is how many requests were granted in this UTC day.
	Spent int
	// At is the time of the answer, by the clock of whoever keeps the bucket.
	At time.Time
}
