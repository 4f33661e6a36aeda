//go:build !unix

package sqlite

import (
	"fmt"
	"os"
)

// lockFolder opens the lock file so that it cannot be deleted meanwhile; this
// system has no lock that the standard library offers.
func lockFolder(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("making the lock of the data folder: %w", err)
	}
	return f, nil
}
