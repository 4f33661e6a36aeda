package console

import (
	"encoding/json"
	"time"

	"bonafide/kyc"
)

// A page says before the sign-in ends that it will, and goes on at one press
// (WCAG 2.2.1). It asks here how long there is: another window may have been used
// since it was drawn.

// left is how long a sign-in lasts yet, in whole seconds.
type left struct {
	Idle int `json:"idle"` // until nobody did anything for too long
	All  int `json:"all"`  // however busy the person is
}

func leftOf(s *kyc.ConsoleSession, now time.Time) left {
	seconds := func(until time.Time) int { return max(0, int(until.Sub(now)/time.Second)) }
	return left{Idle: seconds(s.SeenAt.Add(idleEnd)), All: seconds(s.EndsAt)}
}

// stay answers how long the sign-in lasts yet, as JSON. Who asks by POST is there
// and goes on; GET is the open page itself.
func (k *desk) stay(v *Visit) error {
	v.W.Header().Set("Content-Type", "application/json")
	v.W.Header().Set("Cache-Control", "no-store")
	return json.NewEncoder(v.W).Encode(leftOf(&v.session, k.Clock.Now()))
}
