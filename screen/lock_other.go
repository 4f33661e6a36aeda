//go:build !unix

package screen

import (
	"fmt"
	"os"
)

// lockDir only makes the folder here: without flock two processes that import
// the same list at once are the operator's to avoid.
func lockDir(dir string) (unlock func(), err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("making the lists folder: %w", err)
	}
	return func() {}, nil
}
