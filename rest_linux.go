package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"time"
)

// unmapProgram lets go of the pages of the program file (code and constants)
// that this process has looked at. They stay in the kernel's cache and come
// back one by one when they are used again, for microseconds each; most were
// used by start-up alone.
func unmapProgram() {
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		return
	}
	defer f.Close()
	for _, m := range untouched(f, program) {
		// Advice that is refused changes nothing.
		_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, m.from, m.to-m.from, syscall.MADV_DONTNEED)
	}
}

// mapping is a part of this process's memory.
type mapping struct{ from, to uintptr }

// untouched lists the mappings of a file that nobody can write and nobody has
// written (proc_pid_smaps(5)). Read-only is not enough: the dynamic linker
// writes addresses into pages and then protects them (RELRO). Such pages would
// come back as they are in the file, and the next call of a function of the C
// library that was not called before would jump to nowhere.
func untouched(smaps io.Reader, file string) []mapping {
	var out []mapping
	var at mapping
	ours, clean := false, 0
	for lines := bufio.NewScanner(smaps); lines.Scan(); {
		line := lines.Text()
		var from, to uintptr
		var rights string
		if n, _ := fmt.Sscanf(line, "%x-%x %s", &from, &to, &rights); n == 3 {
			at, clean = mapping{from, to}, 0
			ours = strings.HasPrefix(rights, "r-") && strings.HasSuffix(line, " "+file)
			continue
		}
		name, size, _ := strings.Cut(line, ":")
		if !ours || name != "Anonymous" && name != "Swap" {
			continue
		}
		if strings.TrimSpace(size) != "0 kB" {
			ours = false
			continue
		}
		if clean++; clean == 2 { // neither in memory nor paged out
			out = append(out, at)
		}
	}
	return out
}

// processorTime is what this process has used so far.
func processorTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
