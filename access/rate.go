package access

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"bonafide/kyc"
)

// slowestFill is how many seconds an empty bucket may take to fill: what is
// idle for longer than two days is forgotten.
const slowestFill = 86_400

// ParseRate reads a rate such as 25/s,35,10000/day: tokens per second (a
// decimal number above 0, at most 1,000,000), the size of the bucket (1 to
// 1,000,000,000) and, if the day is capped, requests per UTC day (at least 1).
// The size may be left out where a day is not given either; it is twice the
// rate then. The error is Invalid `rate_invalid` and names everything that is
// wrong.
func ParseRate(text string) (Rate, error) {
	var r Rate
	var wrong []string
	parts := strings.Split(text, ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	perSecond, ok := strings.CutSuffix(parts[0], "/s")
	v, err := strconv.ParseFloat(perSecond, 64)
	if !ok || err != nil || !(v > 0) || v > 1e6 {
		wrong = append(wrong, fmt.Sprintf("%q is not a number of requests per second above 0 and up to 1,000,000, such as 25/s", parts[0]))
	}
	r.PerSecond, r.Burst = v, max(1, int(math.Ceil(2*min(v, 1e6))))
	if len(parts) > 1 {
		if r.Burst, err = strconv.Atoi(parts[1]); err != nil || r.Burst < 1 || r.Burst > 1e9 {
			wrong = append(wrong, fmt.Sprintf("%q is not a burst of 1 to 1,000,000,000 requests, such as 35", parts[1]))
		}
	}
	if len(parts) > 2 {
		perDay, ok := strings.CutSuffix(parts[2], "/day")
		if r.PerDay, err = strconv.Atoi(perDay); !ok || err != nil || r.PerDay < 1 {
			wrong = append(wrong, fmt.Sprintf("%q is not a number of requests per day from 1, such as 10000/day", parts[2]))
		}
	}
	if len(parts) > 3 {
		wrong = append(wrong, "a rate has three parts at most")
	}
	if len(wrong) == 0 && float64(r.Burst)/r.PerSecond > slowestFill {
		wrong = append(wrong, "an empty bucket would take longer than a day to fill")
	}
	if len(wrong) > 0 {
		return Rate{}, kyc.Errorf(kyc.Invalid, "rate_invalid", "the rate %q is not like 25/s,35,10000/day: %s", text, strings.Join(wrong, "; "))
	}
	return r, nil
}
