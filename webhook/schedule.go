package webhook

import (
	"net/http"
	"time"

	"bonafide/kyc"
)

// schedule are the waits after the first attempt and each one after it
// (api.md 7.1): nine attempts over about two days.
func schedule() []time.Duration {
	return []time.Duration{30 * time.Second, 2 * time.Minute, 8 * time.Minute, 30 * time.Minute,
		2 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour}
}

// MaxAttempts of one delivery.
const MaxAttempts = 9

// wait is the time until the next attempt after the given number of attempts,
// spread by ±20 % (jitter 0-1); false when there is none left. In the sandbox
// waits are divided by 1000 (running.md).
func wait(attempts int, jitter float64, sandbox bool) (time.Duration, bool) {
	s := schedule()
	if attempts < 1 || attempts > len(s) {
		return 0, false
	}
	d := time.Duration(float64(s[attempts-1]) * (0.8 + 0.4*jitter))
	if sandbox {
		d /= 1000
	}
	return d, true
}

// verdict says what an answer means for the delivery.
type verdict int

const (
	delivered verdict = iota
	again             // try later
	hopeless          // 400: the receiver says the message itself is wrong
	gone              // 410: the receiver wants no more; the endpoint is disabled
)

// judge reads a status; 0 is a network error or time-out. Redirects are not
// followed and count as failures.
func judge(status int) verdict {
	switch {
	case status >= 200 && status < 300:
		return delivered
	case status == http.StatusBadRequest:
		return hopeless
	case status == http.StatusGone:
		return gone
	}
	return again
}

// result names what came of an attempt, for counting.
func result(state kyc.DeliveryState, what verdict) string {
	switch {
	case state == kyc.DeliveryDelivered:
		return "delivered"
	case what == gone:
		return "gone"
	case state == kyc.DeliveryDead:
		return "given_up"
	}
	return "retry"
}
