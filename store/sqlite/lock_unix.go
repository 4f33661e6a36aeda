//go:build unix

package sqlite

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// lockFolder takes the data folder for this process. The operating system
// gives the lock back when the process dies, however it dies.
func lockFolder(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("making the lock of the data folder: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("another bonafide process works in this data folder (%s); stop it first, or use PostgreSQL to share the work", path)
		}
		return nil, fmt.Errorf("locking the data folder: %w", err)
	}
	return f, nil
}
