//go:build unix

package child

import (
	"fmt"
	"syscall"
)

// Confine bounds what this process may still take. RLIMIT_DATA counts what is
// really writable, unlike RLIMIT_AS, under which Go's reserved address space
// would leave nothing.
func Confine() error {
	for _, limit := range []struct {
		name string
		what int
		most uint64
	}{
		{"data", syscall.RLIMIT_DATA, Memory},
		{"processor time", syscall.RLIMIT_CPU, Seconds},
		{"file size", syscall.RLIMIT_FSIZE, 0},
		{"core dump", syscall.RLIMIT_CORE, 0},
	} {
		if err := syscall.Setrlimit(limit.what, &syscall.Rlimit{Cur: limit.most, Max: limit.most}); err != nil {
			return fmt.Errorf("limiting %s: %w", limit.name, err)
		}
	}
	return nil
}
