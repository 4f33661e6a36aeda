package execution

import (
	"fmt"
	"time"

	"bonafide/kyc"
)

// perMillisecond is how many ids of one moment can be told apart by a counter.
const perMillisecond = 1 << 12

// inOrder makes ids of one moment that sort as they are made, so that lists
// show results as the steps gave them: the twelve bits behind the version of a
// UUIDv7 count (RFC 9562, 6.2, method 1). After 4,096 of them the next
// millisecond begins.
func inOrder(at time.Time) func() kyc.ID {
	n := 0
	return func() kyc.ID {
		id := kyc.NewID(at.Add(time.Duration(n/perMillisecond) * time.Millisecond))
		id = id[:15] + kyc.ID(fmt.Sprintf("%03x", n%perMillisecond)) + id[18:]
		n++
		return id
	}
}
