package upkeep

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// unmapProgram lets go of the pages of the program file (code and constants)
// that this process has looked at, and says how many bytes they were. They stay
// in the kernel's cache and come back when they are used again, for microseconds
// each; most were used by start-up alone.
func unmapProgram() (held uint64) {
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return 0
	}
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		return 0
	}
	defer f.Close()
	for _, m := range untouched(f, program) {
		held += m.resident
		// Advice that is refused changes nothing.
		_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, m.from, m.to-m.from, syscall.MADV_DONTNEED)
	}
	return held
}

// forgetProgram asks the kernel to drop the program file from its cache, right
// after unmapProgram has let go of it. What is used is then read anew. A file
// that was written since the machine started lies in the cache in pieces of up to
// 2 MB, and newer kernels map a whole piece as soon as one page of it is used
// (Linux 6.18, filemap_map_pages), so most of the program would count as used for
// ever. What was read lies there in small pieces. Pages that other processes use
// stay, and so do those that are not on the disk yet.
func forgetProgram() {
	f, err := os.Open("/proc/self/exe")
	if err != nil {
		return
	}
	defer f.Close()
	_ = unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED) // advice, as above
}

// mapping is a part of this process's memory.
type mapping struct {
	from, to uintptr
	resident uint64 // bytes of it that are in memory
}

// untouched lists the mappings of a file that nobody can write and nobody has
// written (proc_pid_smaps(5)). Read-only is not enough: the dynamic linker
// writes addresses into pages and then protects them (RELRO, a mapping of its
// own). Such pages would come back as they are in the file, and the next call of
// a function of the C library that was not called before would jump to nowhere.
func untouched(smaps io.Reader, file string) []mapping {
	var out []mapping
	var at mapping
	ours, clean := false, 0
	for lines := bufio.NewScanner(smaps); lines.Scan(); {
		line := lines.Text()
		var from, to uintptr
		var rights string
		if n, _ := fmt.Sscanf(line, "%x-%x %s", &from, &to, &rights); n == 3 {
			at, clean = mapping{from: from, to: to}, 0
			ours = strings.HasPrefix(rights, "r-") && strings.HasSuffix(line, " "+file)
			continue
		}
		name, size, _ := strings.Cut(line, ":")
		if !ours {
			continue
		}
		switch name {
		case "Rss":
			var kb uint64
			_, _ = fmt.Sscanf(size, "%d kB", &kb) // unknown counts as nothing
			at.resident = kb << 10
		case "Anonymous", "Swap":
			if strings.TrimSpace(size) != "0 kB" {
				ours = false
			} else if clean++; clean == 2 { // neither in memory nor paged out
				out = append(out, at)
			}
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
