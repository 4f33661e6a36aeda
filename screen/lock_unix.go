//go:build unix

package screen

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// lockDir keeps two processes (a server that updates, an import from the
// command line) from writing the same folder at once. The lock dies with its
// process.
func lockDir(dir string) (unlock func(), err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("making the lists folder: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, ".lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("locking the lists folder: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("locking the lists folder: %w", err)
	}
	return func() { _ = f.Close() }, nil
}
