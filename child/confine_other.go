//go:build !unix

package child

import "runtime/debug"

// Confine asks Go itself to stay small where the system has no limits; the
// deadline of the parent is what bounds the time.
func Confine(int) error {
	debug.SetMemoryLimit(Memory)
	return nil
}

// ConfineWriter does the same with another bound.
func ConfineWriter(_ int, memory, _ uint64) error {
	debug.SetMemoryLimit(int64(memory)) //nolint:gosec // a bound of ours
	return nil
}

// ConfineFrom does the same; how much more it may be is not to be told here.
func ConfineFrom(seconds int, _ uint64) error { return Confine(seconds) }
