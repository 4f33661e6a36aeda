package upkeep

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

const someMaps = `00400000-00402000 r--p 00000000 fe:00 1 /srv/bonafide
Rss:                   4 kB
Private_Dirty:         0 kB
Anonymous:             0 kB
Swap:                  0 kB
00402000-02f9a000 r-xp 00002000 fe:00 1 /srv/bonafide
Rss:               25080 kB
Anonymous:             0 kB
Swap:                  0 kB
058bc000-058bd000 r--p 054bb000 fe:00 1 /srv/bonafide
Rss:                   4 kB
Anonymous:             4 kB
Swap:                  0 kB
058bd000-058be000 r--p 054bc000 fe:00 1 /srv/bonafide
Anonymous:             0 kB
Swap:                  4 kB
058be000-06128000 rw-p 054bd000 fe:00 1 /srv/bonafide
Anonymous:             0 kB
Swap:                  0 kB
7fbfd8000000-7fbfd8021000 r--p 00000000 fe:00 2 /lib/libc.so.6
Anonymous:             0 kB
Swap:                  0 kB
`

func TestOnlyUntouchedPagesAreLetGo(t *testing.T) {
	t.Parallel()
	got := untouched(strings.NewReader(someMaps), "/srv/bonafide")
	if want := []mapping{{0x400000, 0x402000, 4 << 10}, {0x402000, 0x2f9a000, 25080 << 10}}; !slices.Equal(got, want) {
		t.Errorf("%x, want %x", got, want)
	}
	if got := untouched(strings.NewReader(strings.ReplaceAll(someMaps, "Swap:", "Other:")), "/srv/bonafide"); len(got) > 0 {
		t.Errorf("let go without knowing whether they were written: %x", got)
	}
}

// What the dynamic linker wrote into read-only pages of the program is still
// there after the process came to rest.
func TestComingToRestChangesNoMemory(t *testing.T) {
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		t.Skip("this system has no /proc")
	}
	before := readOnly(t, program)
	if len(before) == 0 {
		t.Skip("no mapping of the program can be read")
	}
	if held := unmapProgram(); held < 1<<20 { // a Go program uses more than that
		t.Errorf("let go of %d bytes of the program", held)
	}
	forgetProgram()
	after := readOnly(t, program)
	for at, was := range before {
		if !bytes.Equal(was, after[at]) {
			t.Errorf("the mapping at %s changed", at)
		}
	}
}

// readOnly copies the read-only mappings of a file that hold no code.
func readOnly(t *testing.T, file string) map[string][]byte {
	t.Helper()
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Skip("this system tells no mappings")
	}
	mem, err := os.Open("/proc/self/mem")
	if err != nil {
		t.Skip("this process may not read itself")
	}
	defer mem.Close()
	out := map[string][]byte{}
	for line := range strings.Lines(string(maps)) {
		var from, to uintptr
		var rights string
		if n, _ := fmt.Sscanf(line, "%x-%x %s", &from, &to, &rights); n != 3 || !strings.HasPrefix(rights, "r--") || !strings.HasSuffix(strings.TrimSpace(line), " "+file) {
			continue
		}
		b := make([]byte, min(to-from, 1<<20)) // the beginning tells
		if _, err := mem.ReadAt(b, int64(from)); err == nil {
			out[line] = b
		}
	}
	return out
}
