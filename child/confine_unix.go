//go:build unix

package child

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
)

// Confine bounds what this process may still take, and its processor time from its
// start on, in seconds. RLIMIT_DATA counts what is really writable, unlike
// RLIMIT_AS, under which Go's reserved address space would leave nothing.
func Confine(seconds int) error { return confine(seconds, Memory, 0) }

// ConfineWriter does the same for a process that has read nothing of a stranger, with
// another bound on its memory, and that has files to write; all in bytes.
func ConfineWriter(seconds int, memory, file uint64) error { return confine(seconds, memory, file) }

// ConfineFrom does the same for a process that has taken already what it needs: from
// now on it may take so many seconds and bytes more, and never more than it was
// allowed before. Where the system does not say how many bytes it has, their limit is
// that of Confine.
func ConfineFrom(seconds int, more uint64) error {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return fmt.Errorf("asking for the processor time: %w", err)
	}
	seconds += int((used.Utime.Nano() + used.Stime.Nano()) / int64(time.Second))
	if mapped := Mapped(); mapped > 0 {
		return confine(seconds, mapped+more, 0)
	}
	return confine(seconds, Memory, 0)
}

// Mapped is how much writable memory this process has mapped, in bytes, as its
// limit counts it; 0 where the system does not say. Go gives memory back, but
// keeps the addresses, so that this is the most it ever was.
func Mapped() uint64 {
	status, _ := os.ReadFile("/proc/self/status") // is not there on every system
	_, rest, _ := strings.Cut(string(status), "VmData:")
	var kib uint64
	_, _ = fmt.Sscan(rest, &kib) // 0 where it was not found
	return kib << 10
}

func confine(seconds int, memory, file uint64) error {
	for _, limit := range []struct {
		name string
		what int
		most uint64
	}{
		{"data", syscall.RLIMIT_DATA, memory},
		{"processor time", syscall.RLIMIT_CPU, uint64(seconds)},
		{"file size", syscall.RLIMIT_FSIZE, file},
		{"core dump", syscall.RLIMIT_CORE, 0},
	} {
		var now syscall.Rlimit
		if err := syscall.Getrlimit(limit.what, &now); err != nil {
			return fmt.Errorf("asking for the limit of %s: %w", limit.name, err)
		}
		most := min(limit.most, now.Max) // what is above it is not to be had
		if err := syscall.Setrlimit(limit.what, &syscall.Rlimit{Cur: most, Max: most}); err != nil {
			return fmt.Errorf("limiting %s: %w", limit.name, err)
		}
	}
	return nil
}
