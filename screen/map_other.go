//go:build !unix

package screen

import "os"

// mapFile reads the file here.
func mapFile(f *os.File, size int) (*image, error) { return readImage(f, size) }
