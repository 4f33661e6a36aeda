//go:build unix

package screen

import (
	"os"
	"runtime"
	"syscall"
)

// mapFile lets the system bring in the parts of a file as they are read. The
// mapping ends when the image is garbage: then no query can be asking it, and
// nothing that a query answered shares its memory.
func mapFile(f *os.File, size int) (*image, error) {
	data, err := syscall.Mmap(int(f.Fd()), 0, size, syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return readImage(f, size) // some file systems know no mapping
	}
	m := &image{data: data, mapped: true}
	runtime.AddCleanup(m, func(data []byte) { _ = syscall.Munmap(data) }, data)
	return m, nil
}
