//go:build !unix

package child

import "runtime/debug"

// Confine asks Go itself to stay small where the system has no limits; the
// deadline of the parent is what bounds the time.
func Confine() error {
	debug.SetMemoryLimit(Memory)
	return nil
}
