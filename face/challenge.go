package face

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"bonafide/kyc"
)

// The kinds of challenge (seed 004).
const (
	MovementChallenge      = "FaceMovementChallenge"
	MovementLightChallenge = "FaceMovementAndLightChallenge"
)

// The actions of a challenge; left and right are the applicant's own.
const (
	MoveCloser = "move_closer"
	TurnLeft   = "turn_left"
	TurnRight  = "turn_right"
)

const (
	// challengeActions and challengeColors are how many are asked: 12 orders of
	// actions and 24 of colours.
	challengeActions = 4
	challengeColors  = 4
	minNonce         = 16
)

// Challenge is what an applicant is asked to do before the camera.
type Challenge struct {
	Kind string `json:"kind"`
	// Actions in their order. One of them is move_closer; a turn is never
	// followed by the same turn.
	Actions []string `json:"actions"`
	// Colors light the screen one after the other, each for the same share of
	// the film; only with MovementLightChallenge. No colour follows itself.
	Colors []string `json:"colors,omitempty"`
}

// ColorHold is how long, in milliseconds, a page may hold a colour so that
// there are fewer than three changes a second (WCAG 2.3.1); ColorFade is the
// length of the change for applicants who ask for reduced motion, in place of
// a sudden one.
const (
	ColorHold = 1000
	ColorFade = 500
)

// NewChallenge draws a challenge from a nonce of the server, of 16 bytes or
// more: the same nonce gives the same challenge. Errors: Invalid
// challenge_unknown, nonce_too_short.
func NewChallenge(kind string, nonce []byte) (Challenge, *kyc.Error) {
	if kind != MovementChallenge && kind != MovementLightChallenge {
		return Challenge{}, kyc.Errorf(kyc.Invalid, "challenge_unknown", "a challenge is %s or %s", MovementChallenge, MovementLightChallenge)
	}
	if len(nonce) < minNonce {
		return Challenge{}, kyc.Errorf(kyc.Invalid, "nonce_too_short", "a challenge needs a nonce of %d bytes or more", minNonce)
	}
	d := dice{seed: sha256.Sum256(append([]byte("bonafide liveness "+kind+" "), nonce...))}
	// Every allowed order of actions is equally likely.
	orders := orders(nil)
	c := Challenge{Kind: kind, Actions: orders[d.roll(len(orders))]}
	for kind == MovementLightChallenge && len(c.Colors) < challengeColors {
		left := slices.DeleteFunc([]string{"red", "green", "blue"}, func(s string) bool {
			return len(c.Colors) > 0 && s == c.Colors[len(c.Colors)-1]
		})
		c.Colors = append(c.Colors, left[d.roll(len(left))])
	}
	return c, nil
}

// orders lists every allowed order of actions that begins with done.
func orders(done []string) [][]string {
	if len(done) == challengeActions {
		if !slices.Contains(done, MoveCloser) {
			return nil
		}
		return [][]string{slices.Clone(done)}
	}
	var out [][]string
	for _, a := range []string{MoveCloser, TurnLeft, TurnRight} {
		if a == MoveCloser && slices.Contains(done, a) || len(done) > 0 && done[len(done)-1] == a {
			continue
		}
		out = append(out, orders(append(slices.Clone(done), a))...)
	}
	return out
}

// dice gives numbers that only the seed decides.
type dice struct {
	seed  [32]byte
	count uint64
}

// roll gives 0 to n-1; n is small beside 2^64, so that none is likelier.
func (d *dice) roll(n int) int {
	d.count++
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(d.seed[:], d.count))
	return int(binary.BigEndian.Uint64(sum[:8]) % uint64(n))
}
