//go:build !unix

package document

import "runtime/debug"

// confine asks Go itself to stay small where the system has no limits; the
// deadline of the parent is what bounds the time.
func confine() error {
	debug.SetMemoryLimit(childMemory)
	return nil
}
